package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"makegood/internal/db"
)

// OutgoingFilter narrows a list of mails of ours; the zero value of a field does not narrow. After is the id of the
// last row of the page before.
type OutgoingFilter struct {
	CaseID *int64
	States []OutgoingState
	Scope  []int64 // legal entities; empty means all
	After  OutgoingID
	Limit  int // 0 means 50, at most 500
}

// Outgoing lists the mails of the outbox, newest first. A page shorter than the limit is the last.
func (s *Service) Outgoing(ctx context.Context, f OutgoingFilter) ([]OutgoingMessage, error) {
	query, args := f.query()
	list, err := db.List[OutgoingMessage](ctx, s.db, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list outgoing mail: %w", err)
	}
	return list, nil
}

// query asks for the mails of each state apart where all of them are ones that few mails are in: the newest of a few cannot be found from the
// end of the outbox without reading all of it.
func (f OutgoingFilter) query() (string, []any) {
	var c conditions
	if f.CaseID != nil {
		c.add("m.case_id = ?", *f.CaseID)
	}
	if f.After != 0 {
		c.add("m.id < ?", f.After)
	}
	c.within(outgoingScope, f.Scope)
	limit := limitOf(f.Limit)
	if len(f.States) == 0 || f.CaseID != nil || slices.ContainsFunc(f.States, func(s OutgoingState) bool { return !s.few() }) {
		if len(f.States) > 0 {
			c.add("m.state = any (?)", f.States)
		}
		return fmt.Sprintf(`select m.* from outgoing_messages m%s order by m.id desc limit %d`, c.where(), limit), c.args
	}
	parts := make([]string, len(f.States))
	for n, state := range f.States {
		one := conditions{parts: append([]string{"m.state = '" + string(state) + "'"}, c.parts...)}
		parts[n] = fmt.Sprintf(`(select m.* from outgoing_messages m%s order by m.id desc limit %d)`, one.where(), limit)
	}
	return fmt.Sprintf(`select m.* from (%s) m order by m.id desc limit %d`, strings.Join(parts, " union all "), limit), c.args
}

// few tells whether this is a state that few mails are in; the index outgoing_messages_few has those.
func (s OutgoingState) few() bool {
	switch s {
	case Queued, Sending, Bounced, Failed, Unknown, Cancelled, Stopped:
		return true
	case Sent:
	}
	return false
}

// OutgoingHealth is how the outbox stands. Queued counts what could leave now: neither held back until later nor
// waiting for its attachment.
type OutgoingHealth struct {
	Queued       int
	Delayed      int // wait for their turn, since as many as may leave at once have left
	Failed       int
	Unknown      int
	OldestQueued *time.Time // since when it could have left
}

// OutgoingHealth counts what has not left, what failed, and what may or may not have been sent, of the legal entities in scope (empty
// means all).
func (s *Service) OutgoingHealth(ctx context.Context, scope []int64) (OutgoingHealth, error) {
	c := conditions{args: []any{s.db.Now()}, parts: []string{`m.state in ('queued', 'sending', 'failed', 'unknown')`}}
	c.within(outgoingScope, scope)
	h, err := db.One[OutgoingHealth](ctx, s.db, `select
			count(*) filter (where state in ('queued', 'sending') and not_before <= $1 and not awaits_attachment) as queued,
			count(*) filter (where state = 'queued' and paced and not_before > $1) as delayed,
			count(*) filter (where state = 'failed') as failed,
			count(*) filter (where state = 'unknown') as unknown,
			min(not_before) filter (where state in ('queued', 'sending') and not_before <= $1 and not awaits_attachment) as oldest_queued
		from outgoing_messages m`+c.where(), c.args...)
	if err != nil {
		return OutgoingHealth{}, fmt.Errorf("count outgoing mail: %w", err)
	}
	return h, nil
}

// OutgoingDay is what became of the mails of the last day.
type OutgoingDay struct {
	Sent    int
	Bounced int
}

// lookedBackOver bounds how many mails of ours are looked at for the last day.
const lookedBackOver = 5000

// OutgoingDay counts what left within the last day and what of it came back, of the legal entities in scope (empty means all).
func (s *Service) OutgoingDay(ctx context.Context, scope []int64) (OutgoingDay, error) {
	c := conditions{args: []any{s.db.Now().Add(-24 * time.Hour)}, parts: []string{`m.created_at >= $1`}}
	c.within(outgoingScope, scope)
	day, err := db.One[OutgoingDay](ctx, s.db, fmt.Sprintf(`select count(*) filter (where state = 'sent') as sent, count(*) filter (where state = 'bounced') as bounced
		from (select state, created_at, case_id, from_address from outgoing_messages order by id desc limit %d) m`, lookedBackOver)+c.where(), c.args...)
	if err != nil {
		return OutgoingDay{}, fmt.Errorf("count sent mail: %w", err)
	}
	return day, nil
}

// MarkBouncedTx records that a mail of ours did not reach its reader, and why. Marking it twice does nothing. It
// answers the mail as it was, and false when there is no such mail or it cannot have bounced: it never left.
func (s *Service) MarkBouncedTx(ctx context.Context, tx *db.Tx, id OutgoingID, diagnostic string) (OutgoingMessage, bool, error) {
	m, err := db.One[OutgoingMessage](ctx, tx, `select * from outgoing_messages where id = $1 for update`, id)
	if errors.Is(err, db.ErrNoRow) {
		return OutgoingMessage{}, false, nil
	}
	if err != nil {
		return OutgoingMessage{}, false, fmt.Errorf("read bounced mail: %w", err)
	}
	switch m.State {
	case Bounced:
		return m, true, nil
	case Queued, Cancelled, Stopped:
		return m, false, nil
	case Sending, Sent, Failed, Unknown: // a report may overtake the record that it was sent
	}
	if _, err := tx.Exec(ctx, `update outgoing_messages set state = 'bounced', error = $2, version = version + 1 where id = $1`, id, diagnostic); err != nil {
		return m, false, fmt.Errorf("mark bounced mail: %w", err)
	}
	if err := noteStep(ctx, tx, id, OutgoingStep{State: Bounced, Answer: diagnostic}); err != nil {
		return m, false, err
	}
	tx.Publish("board", "intake")
	return m, true, nil
}
