package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/jackc/pgx/v5"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// PostedCredit is what a credit request that is being posted means for its case: which dispute lines it settles, the mark
// of its state, the letter that tells the customer, and who is told. The letter's text and what the document's number
// stands in are needed only by QueuePosted.
type PostedCredit struct {
	CaseID   ID
	Settles  []SettleInput
	Mark     CreditMark
	Letter   *LetterInput
	Warnings []Warning
	Notices  []Notice
	By       access.Actor
}

// PlanPostedTx brings the cases of credits up to date as far as it can be done before the documents have their numbers:
// dispute lines decided and their holds released, clocks, notices, and the case resolved where nothing is left to do.
// The cases are changed with the same few statements, however many they are. QueuePosted has to follow.
func (s *Service) PlanPostedTx(ctx context.Context, tx *db.Tx, files *Files, list []PostedCredit) error {
	for _, p := range list {
		f := files.of(p.CaseID)
		if f == nil {
			return ErrNoCase
		}
		if err := s.planPosted(ctx, f, p); err != nil {
			return err
		}
	}
	if err := files.takeMessageIDs(ctx, tx); err != nil {
		return err
	}
	if err := s.retimeFiles(ctx, tx, files); err != nil {
		return err
	}
	return s.writeFiles(ctx, tx, files)
}

// QueuePosted adds to a batch the events of the cases and the letters in their conversations. told is what the event of a
// request says beside what was planned, by request.
func (s *Service) QueuePosted(batch *pgx.Batch, tx *db.Tx, files *Files, told map[int64]map[string]any) error {
	var events []audit.Event
	var said []Message
	for _, f := range files.list {
		for _, e := range f.events {
			if request, ok := e.Data["request"].(int64); ok && e.What == evCreditPosted {
				maps.Copy(e.Data, told[request])
			}
		}
		for _, l := range f.letters {
			m := l.message(tx.Now())
			m.ID = l.id
			said = append(said, m)
		}
		events = append(events, f.events...)
	}
	queueLetters(batch, said)
	return audit.QueueTx(batch, tx, events...)
}

func (s *Service) planPosted(ctx context.Context, f *file, p PostedCredit) error {
	f.by = p.By
	for _, in := range p.Settles {
		line := f.line(in.DisputeLineID)
		if line == nil {
			return ErrNoDispute
		}
		if !f.settle(line, in) {
			continue
		}
		f.decided = append(f.decided, line.ID)
		// What is in dispute only gets less by it, so the case does not get more urgent.
		if _, err := s.weigh(ctx, f.tx, &f.c, f.lines); err != nil {
			return err
		}
	}
	if err := f.mark(f.credits, p.Mark); err != nil {
		return err
	}
	f.notices, f.warnings = append(f.notices, p.Notices...), append(f.warnings, p.Warnings...)
	if p.Letter != nil {
		f.letter(p.Letter)
	}
	if !settled(f.c, f.lines) {
		return nil
	}
	return f.resolve("credited", map[string]any{"automatic": true})
}

// plannedLetter is a letter with the id its place in the conversation will have.
type plannedLetter struct {
	*LetterInput
	id    MessageID
	event audit.Event
}

// letter notes a letter; the event gets the message's id when that is known.
func (f *file) letter(in *LetterInput) {
	event := audit.Event{
		Stream: audit.Case(int64(f.c.ID)), By: access.SystemActor("letters"), What: "letter.queued", At: f.tx.Now(),
		Data: map[string]any{"kind": in.Kind, "outgoing": in.OutgoingID},
	}
	f.letters, f.events = append(f.letters, plannedLetter{LetterInput: in, event: event}), append(f.events, event)
}

func (f *Files) takeMessageIDs(ctx context.Context, tx *db.Tx) error {
	n := 0
	for _, one := range f.list {
		n += len(one.letters)
	}
	if n == 0 {
		return nil
	}
	ids, err := db.Values[MessageID](ctx, tx, `select nextval((select pg_get_serial_sequence('case_messages', 'id')::regclass)) from generate_series(1, $1)`, n)
	if err != nil {
		return fmt.Errorf("take message ids: %w", err)
	}
	for _, one := range f.list {
		for i := range one.letters {
			l := &one.letters[i]
			l.id, ids = ids[0], ids[1:]
			l.event.Data["message"] = l.id
		}
	}
	return nil
}

// writeFiles writes what changed about the cases.
func (s *Service) writeFiles(ctx context.Context, tx *db.Tx, files *Files) error {
	var batch pgx.Batch
	var releases []billing.ReleaseInput
	var changed []Case
	var decided []DisputeLine
	var notices []Notice
	var tell []news
	var watching []int64
	for _, f := range files.list {
		if len(f.events) == 0 {
			continue
		}
		f.c.Version++
		changed, notices = append(changed, f.c), append(notices, f.notices...)
		if n, ok := newsOf(f.c, f.by, f.events); ok {
			tell = append(tell, n)
		}
		for _, id := range f.decided {
			decided = append(decided, *f.line(id))
		}
		queueWarnings(&batch, f.c, tx.Now(), f.warnings)
		releases = append(releases, f.releasing()...)
		for _, n := range f.notices {
			tx.Publish(fmt.Sprintf("user:%d", n.UserID))
		}
		tx.Publish(append(f.topics, "queue", "board", f.c.ID.Topic())...)
	}
	queueUpdateCases(&batch, changed)
	queueUpdateDisputes(&batch, decided)
	queueNotices(&batch, tx.Now(), notices)
	queueNews(&batch, tx.Now(), tell, &watching)
	if batch.Len() == 0 {
		return nil
	}
	if err := tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("change cases: %w", err)
	}
	publishNews(tx, watching)
	if err := s.billing.ReleaseHoldsTx(ctx, tx, releases); err != nil {
		return fmt.Errorf("release holds: %w", err)
	}
	return nil
}

// retimeFiles derives the clocks of the cases anew, stores what changed and starts timers.
func (s *Service) retimeFiles(ctx context.Context, tx *db.Tx, files *Files) error {
	var all []Clock
	changes := make([]clockChanges, len(files.list))
	for i, f := range files.list {
		if !f.timed {
			continue
		}
		rows, err := f.withNew()
		if err != nil {
			return err
		}
		t, err := s.timingOf(ctx, tx, f.c, rows, f.stored)
		if err != nil {
			return err
		}
		changes[i] = t.changes(&f.work)
		if err := dropClocks(ctx, tx, t.orphans()); err != nil {
			return err
		}
		f.c.cacheClocks(t.derived)
		all = append(all, changes[i].clocks...)
	}
	if err := saveClocks(ctx, tx, all); err != nil {
		return err
	}
	for i, f := range files.list {
		c := changes[i]
		n := copy(c.clocks, all) // with their ids
		all = all[n:]
		f.events = append(f.events, c.events...)
		if err := c.start(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// withNew are the rows that clocks are derived from, with what is about to be recorded.
func (f *file) withNew() ([]clockRow, error) {
	rows := f.rows
	for _, e := range f.events {
		data, err := json.Marshal(e.Data)
		if err != nil {
			return nil, fmt.Errorf("read event: %w", err)
		}
		row := clockRow{Stream: string(e.Stream), At: e.At, What: e.What}
		if row.movesClocks() {
			if err := json.Unmarshal(data, &row.Data); err != nil {
				return nil, fmt.Errorf("read event: %w", err)
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}
