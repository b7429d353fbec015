package reportmail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
	"makegood/internal/people"
	"makegood/internal/reports"
	"makegood/internal/sheet"
)

// Look asks for what is due to be sent.
type Look struct{}

// Kind names the job.
func (Look) Kind() string { return "reportmail.look" }

// Send asks for the report that fell due at a moment; where another is due by now, or none, it does nothing.
type Send struct {
	ID    int64     `json:"id"`
	DueAt time.Time `json:"due_at"`
}

// Kind names the job.
func (Send) Kind() string { return "reportmail.send" }

// Unique says that a due moment needs one job.
func (Send) Unique() bool { return true }

// Takes is how long the largest report may take to read.
func (Send) Takes() time.Duration { return 5 * time.Minute }

// lookedAt is how many are handed out at once; the others come with the next look. Among dueAtMost they are looked for, so that those whose
// last day is not over yet keep no other waiting.
const (
	lookedAt  = 200
	dueAtMost = 10 * lookedAt
)

// errRightsChanged has a report read anew whose reader got other rights while it was read.
var errRightsChanged = errs.New(errs.Unavailable, "reportmail.rights_changed")

// look hands out what is due, each as a job of its own, so that a report that takes long holds up no other. Whose clock was moved to
// another zone has theirs reckoned anew.
func (s *Service) look(ctx context.Context, _ Look) error {
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		moved, err := db.Values[int64](ctx, tx, `select s.id from report_schedules s join users r on r.id = s.reader_id
			where s.next_at > $1 and s.zone <> r.time_zone order by s.id limit $2`, tx.Now(), lookedAt)
		if err != nil {
			return fmt.Errorf("find reports of other zones: %w", err)
		}
		for _, id := range moved {
			if err := s.rezoneTx(ctx, tx, id); err != nil {
				return err
			}
		}
		return handOut(ctx, tx)
	})
}

// handOut has those sent that are due and whose last day is over.
func handOut(ctx context.Context, tx *db.Tx) error {
	due, err := db.List[struct {
		ID     int64
		DueAt  time.Time
		Covers Covers
		Zone   string
	}](ctx, tx, `select s.id, s.next_at as due_at, s.covers, r.time_zone as zone from report_schedules s join users r on r.id = s.reader_id
		where s.next_at <= $1 order by s.next_at, s.id limit $2`, tx.Now(), dueAtMost)
	if err != nil {
		return fmt.Errorf("find reports that are due: %w", err)
	}
	handed := 0
	for _, one := range due {
		if one.Covers.leavesAt(one.DueAt.In(zoneNamed(one.Zone))).After(tx.Now()) {
			continue
		}
		if err := tx.Enqueue(ctx, Send{ID: one.ID, DueAt: one.DueAt}); err != nil {
			return err
		}
		if handed++; handed == lookedAt {
			break
		}
	}
	return nil
}

// rezoneTx reckons the next due moment on the reader's clock as it is now.
func (s *Service) rezoneTx(ctx context.Context, tx *db.Tx, id int64) error {
	sch, reader, err := s.lockTx(ctx, tx, id)
	if err != nil || sch.NextAt == nil || !sch.NextAt.After(tx.Now()) {
		return err
	}
	// The name as the person has it, even where the program does not know the zone: what is compared is that.
	if _, err := tx.Exec(ctx, `update report_schedules set next_at = $2, zone = $3 where id = $1`, id, sch.Next(tx.Now(), zoneOf(reader)), reader.TimeZone); err != nil {
		return fmt.Errorf("reckon a report's due moment anew: %w", err)
	}
	return nil
}

// made is a report ready to leave, or why there is none.
type made struct {
	due      time.Time // on the reader's clock
	passed   int
	from, to time.Time
	question reports.Question
	name     string // of the file; "" without one
	media    string
	content  []byte
	tooLarge bool
	why      string // a message key
	params   errs.Params
}

// send reads the report outside any transaction and puts it into the outbox in one that finds everything as it was: the schedule, its due
// moment, and what the reader may do and see.
func (s *Service) send(ctx context.Context, job Send) error {
	sch, err := scheduleByID(ctx, s.DB, job.ID)
	if err != nil || sch.NextAt == nil || !sch.NextAt.Equal(job.DueAt) {
		return err
	}
	reader, err := s.People.User(ctx, sch.ReaderID)
	if err != nil || sch.Covers.leavesAt(job.DueAt.In(zoneOf(reader))).After(s.DB.Now()) {
		return err
	}
	m, err := s.make(ctx, sch, reader)
	if err != nil {
		return err
	}
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		now, as, err := s.lockTx(ctx, tx, job.ID)
		if err != nil || now.NextAt == nil || !now.NextAt.Equal(job.DueAt) {
			return err
		}
		if now.Version != sch.Version || !sameRights(reader, as) {
			return errRightsChanged
		}
		if m.why != "" {
			return s.giveUpTx(ctx, tx, sch, as, m)
		}
		return s.leaveTx(ctx, tx, sch, as, m)
	})
}

// sameRights tells whether somebody may do and see what they could when they were read, at the same address and clock.
func sameRights(was, is people.User) bool {
	return was.Active == is.Active && was.Email == is.Email && was.TimeZone == is.TimeZone && slices.Equal(was.Roles, is.Roles) && slices.Equal(was.EntityIDs, is.EntityIDs)
}

// make reads the report. What would fail again in the same way is no error but a reason.
func (s *Service) make(ctx context.Context, sch Schedule, reader people.User) (made, error) {
	zone := zoneOf(reader)
	m := made{why: sch.unfit(reader)}
	m.due, m.passed = sch.latest(*sch.NextAt, s.DB.Now(), zone)
	m.due = m.due.In(zone)
	m.question, m.from, m.to = sch.Question(sch.actor(reader), m.due)
	if m.why != "" || sch.Form == Link {
		return m, nil
	}
	file, err := s.Reports.Workbook(ctx, m.question)
	if err == nil {
		err = m.write(sch.Form, file)
	}
	e := (*errs.Error)(nil)
	switch {
	case err == nil:
		return m, nil
	case !jobs.Final(err) || !errors.As(err, &e):
		return m, err
	}
	m.why, m.params = e.Key, e.Params
	if len(e.Fields) > 0 {
		m.why, m.params = e.Fields[0].Key, e.Fields[0].Params
	}
	return m, nil
}

// fileAtMost is the largest file that is attached: a mail is a third larger, and many servers take no more than twenty megabytes.
const fileAtMost = 10_000_000

// write makes the file that is attached. One that is too large is left out; the mail leads to the report instead.
func (m *made) write(form Form, file reports.Workbook) error {
	var out bytes.Buffer
	m.name, m.media = file.Name+"."+string(form), sheet.MediaCSV
	write := func() error { return file.Tables[0].CSV(&out) }
	if form == XLSX {
		m.media = sheet.MediaXLSX
		write = func() error { return sheet.XLSX(&out, file.Tables...) }
	}
	if err := write(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if out.Len() > fileAtMost {
		m.tooLarge = true
		return nil
	}
	m.content = out.Bytes()
	return nil
}

// leaveTx puts the mail into the outbox, keeps what was sent, and sets the next due moment.
func (s *Service) leaveTx(ctx context.Context, tx *db.Tx, sch Schedule, reader people.User, m made) error {
	mail, err := s.mail(ctx, sch, reader, m)
	if err != nil {
		return err
	}
	id, err := s.Inbox.QueueTx(ctx, tx, mail)
	if err != nil {
		return fmt.Errorf("queue report: %w", err)
	}
	var sum []byte
	if len(m.content) > 0 {
		sum = hashOf(m.content)
	}
	form := sch.Form
	if m.tooLarge {
		form = Link
	}
	if _, err := tx.Exec(ctx, `insert into report_sendings
			(schedule_id, due_at, sent_at, reader_id, outgoing_message_id, covers_from, covers_to, form, file_sha256, file_size, entity_ids, passed_over)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, sch.ID, m.due, tx.Now(), reader.ID, id, m.from, m.to, form, sum, len(m.content),
		m.question.By.SeenEntities(), m.passed); err != nil {
		return fmt.Errorf("keep what was sent: %w", err)
	}
	if _, err := tx.Exec(ctx, `update report_schedules set next_at = $2, zone = $3 where id = $1`, sch.ID, sch.Next(m.due, zoneOf(reader)), reader.TimeZone); err != nil {
		return fmt.Errorf("set when a report is due: %w", err)
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: access.SystemActor(Send{}.Kind()), What: "report.sent", Data: map[string]any{
		"schedule": sch.ID, "reader": reader.ID, "report": sch.Report, "due_at": m.due.UTC(), "from": m.from.Format(time.DateOnly), "to": m.to.Format(time.DateOnly),
		"form": form, "sha256": fmt.Sprintf("%x", sum), "entities": m.question.By.SeenEntities(), "passed_over": m.passed,
	}})
}

func hashOf(content []byte) []byte {
	sum := sha256.Sum256(content)
	return sum[:]
}

// giveUpTx stops a schedule whose report cannot be read by its reader any more, and tells them and who set it up.
func (s *Service) giveUpTx(ctx context.Context, tx *db.Tx, sch Schedule, reader people.User, m made) error {
	if err := sch.stopTx(ctx, tx, access.SystemActor(Send{}.Kind()), m.why, m.params); err != nil {
		return err
	}
	told := []int64{sch.MadeBy}
	if reader.Active && reader.ID != sch.MadeBy {
		told = append(told, reader.ID)
	}
	for _, id := range told {
		if err := s.Cases.NotifyTx(ctx, tx, cases.Notice{UserID: id, Key: "notice.report_stopped", Params: map[string]string{
			"title": sch.Title, "reader": sch.ReaderName, "path": fmt.Sprintf("/reports/mail/%d", sch.ID),
		}}); err != nil {
			return err
		}
	}
	return nil
}

// mail words the report's mail in the reader's language.
func (s *Service) mail(ctx context.Context, sch Schedule, reader people.User, m made) (inbox.Outgoing, error) {
	entities, err := s.Billing.Entities(ctx)
	if err != nil {
		return inbox.Outgoing{}, err
	}
	out := inbox.Outgoing{
		Key: fmt.Sprintf("report:%d:%d", sch.ID, m.due.Unix()), Kind: "report", Automatic: true, ToAddress: reader.Email, ToName: reader.Name, Language: reader.Language,
		Subject: s.words.Say(reader.Language, "reportmail.subject", "title", sch.Title, "to", m.to.Format(time.DateOnly)), Text: s.text(sch, reader, m),
	}
	for _, e := range entities { // of the legal entity it is narrowed to, else of the first
		if out.FromAddress == "" || e.Code == sch.Filters["entity"] {
			out.FromAddress, out.FromName = e.SupportAddress, e.SupportName
		}
	}
	if len(m.content) > 0 {
		out.Attachments = []inbox.Attachment{{Filename: m.name, MediaType: m.media, Content: m.content}}
	}
	return out, nil
}
