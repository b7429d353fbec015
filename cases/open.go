package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Open opens a case on a person's behalf: from a call, a form or another system. What another system hands over in a
// customer's own words is acknowledged as mail is, if it says where answers go.
func (s *Service) Open(ctx context.Context, in OpenInput) (Case, error) {
	entity := int64(0)
	if in.EntityID != nil {
		entity = int64(*in.EntityID)
	}
	if err := access.Can(in.By, access.WorkCases, access.Object{EntityID: entity}); err != nil {
		return Case{}, err
	}
	if in.Source == "api" && in.Message != nil {
		in.Acknowledge = &AcknowledgeInput{}
	}
	var c Case
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		if c, err = s.OpenTx(ctx, tx, in); err != nil {
			return err
		}
		return access.Can(in.By, access.WorkCases, access.Object{EntityID: c.entity()})
	})
	return c, err
}

// OpenTx opens a case: it computes the priority, finds the policy, keeps the first message, opens the dispute lines with
// their holds, and starts the clocks and their timers. What a person contests beyond what is open is refused; what a
// mail contests is cut down to it, with a warning.
func (s *Service) OpenTx(ctx context.Context, tx *db.Tx, in OpenInput) (Case, error) {
	in.Subject = strings.TrimSpace(in.Subject)
	if err := in.check(); err != nil {
		return Case{}, err
	}
	if in.ReceivedAt.IsZero() || in.ReceivedAt.After(tx.Now()) {
		in.ReceivedAt = tx.Now()
	}
	c, customer, err := s.newCase(ctx, tx, &in)
	if err != nil {
		return Case{}, err
	}
	lines, warnings, err := s.contest(ctx, tx, in.Disputes, in.By.Kind != access.Person)
	if err != nil {
		return Case{}, err
	}
	in.Warnings = append(in.Warnings, warnings...)
	if w, err := s.weigh(ctx, tx, &c, lines); err != nil {
		return Case{}, err
	} else if w != nil {
		in.Warnings = append(in.Warnings, *w)
	}
	var why string
	c.Priority, why = ComputePriority(c.Type, customer.Tier, c.RiskBase)
	if in.Priority != "" {
		c.Priority, c.PriorityReason, why = in.Priority, in.PriorityReason, "case.priority_by_rule"
	}
	if c.PolicyID, err = s.matchPolicy(ctx, tx, c, customer); err != nil {
		return Case{}, err
	}
	if c.PolicyID == nil {
		in.Warnings = append(in.Warnings, Warning{Key: "case.no_policy"})
	}
	if c, err = insertCase(ctx, tx, c); err != nil {
		return Case{}, err
	}
	w := &work{tx: tx, c: c, was: c, by: in.By, quiet: true}
	if err := s.noteOpened(ctx, w, in, why); err != nil {
		return Case{}, err
	}
	if err := fill(ctx, w, in, lines); err != nil {
		return Case{}, err
	}
	if err := s.finishOpenedTx(ctx, w, in); err != nil {
		return Case{}, err
	}
	return w.c, nil
}

// finishOpenedTx is finishTx for a case that did not exist before: what its clocks follow from is all in hand, so nothing is
// read back, and what happened is recorded in one go.
func (s *Service) finishOpenedTx(ctx context.Context, w *work, in OpenInput) error {
	rows, err := w.clockRows()
	if err != nil {
		return err
	}
	t, err := s.timingOf(ctx, w.tx, w.c, rows, nil)
	if err != nil {
		return err
	}
	changes := t.changes(w)
	if err := saveClocks(ctx, w.tx, changes.clocks); err != nil {
		return err
	}
	if err := changes.start(ctx, w.tx); err != nil {
		return err
	}
	w.c.cacheClocks(t.derived)
	w.events = append(w.events, changes.events...)
	if err := s.acknowledgeOpened(ctx, w, in, changes.clocks); err != nil {
		return err
	}
	if err := audit.RecordTx(ctx, w.tx, w.events...); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if w.c != w.was {
		if err := updateCase(ctx, w.tx, w.c); err != nil {
			return err
		}
	}
	w.tx.Publish(append(w.topics, "queue", "board", w.c.ID.Topic())...)
	return s.moveHolds(ctx, w)
}

// clockRows are the events of this change that move clocks, as they will read once they are recorded.
func (w *work) clockRows() ([]clockRow, error) {
	var rows []clockRow
	for _, e := range w.events {
		row := clockRow{Stream: string(e.Stream), At: e.At.UTC().Truncate(time.Microsecond), What: e.What}
		if !row.movesClocks() {
			continue
		}
		raw, err := json.Marshal(e.Data)
		if err == nil {
			err = json.Unmarshal(raw, &row.Data)
		}
		if err != nil {
			return nil, fmt.Errorf("read event %s: %w", e.What, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (in OpenInput) check() error {
	var wrong []errs.Field
	if !among(Types(), in.Type) {
		wrong = append(wrong, errs.Field{Name: "type", Key: "case.unknown_type"})
	}
	if in.Subject == "" && in.Message == nil {
		wrong = append(wrong, errs.Field{Name: "subject", Key: "case.needs_subject"})
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// newCase fills the columns that do not depend on what is in dispute.
func (s *Service) newCase(ctx context.Context, r db.Reader, in *OpenInput) (Case, billing.Customer, error) {
	c := Case{
		Type: in.Type, Subject: in.Subject, Status: StatusNew, Topic: in.Topic, Language: in.Language, CustomerID: in.CustomerID,
		ContactID: in.ContactID, EntityID: in.EntityID, AssigneeID: in.AssigneeID, TeamID: in.TeamID, OpenedAt: in.ReceivedAt, FollowsID: in.Follows,
	}
	customer, err := s.openedFor(ctx, r, in)
	if err != nil {
		return Case{}, customer, err
	}
	if c.EntityID == nil && c.CustomerID != nil {
		c.EntityID = &customer.EntityID
	}
	if m := in.Message; m != nil {
		c.Snippet, c.LastCustomerAt, c.UnansweredSince = snippet(m.Body), &in.ReceivedAt, &in.ReceivedAt
		if c.Subject == "" {
			c.Subject = m.Subject
		}
		if c.Language == "" {
			c.Language = m.Language
		}
	}
	if c.Language == "" {
		c.Language = customer.Language
	}
	return c, customer, nil
}

// openedFor is the customer a case is opened for, read unless the caller has it.
func (s *Service) openedFor(ctx context.Context, r db.Reader, in *OpenInput) (billing.Customer, error) {
	switch {
	case in.CustomerID == nil:
		return billing.Customer{}, nil
	case in.Customer != nil && in.Customer.ID == *in.CustomerID:
		return *in.Customer, nil
	}
	return s.billing.CustomerByID(ctx, r, *in.CustomerID)
}

func (s *Service) noteOpened(ctx context.Context, w *work, in OpenInput, why string) error {
	calendar, err := s.calendarOf(ctx, w.tx, w.c.PolicyID)
	if err != nil {
		return err
	}
	data := map[string]any{
		"number": w.c.Number, "type": w.c.Type, "priority": w.c.Priority, "why": why, "source": in.Source, "calendar": calendar,
		"disputed": w.c.Disputed, "currency": w.c.DisputedCurrency, "risk": w.c.RiskBase,
	}
	if w.c.PolicyID != nil {
		data["policy"] = *w.c.PolicyID
	}
	if w.c.CustomerID != nil {
		data["customer"] = *w.c.CustomerID
	}
	if in.Follows != nil {
		data["follows"] = *in.Follows
	}
	w.noteAt(in.ReceivedAt, evOpened, data)
	return nil
}

// fill writes what belongs to a new case: participants, invoices, warnings, the message, dispute lines and holds.
func fill(ctx context.Context, w *work, in OpenInput, lines []DisputeLine) error {
	batch := &pgx.Batch{}
	queueParticipants(batch, w.c, w.tx.Now(), in.Participants)
	queueInvoices(batch, w.c, w.tx.Now(), in.Invoices)
	queueWarnings(batch, w.c, w.tx.Now(), in.Warnings)
	queueTags(batch, w.c, w.tx.Now(), in.Tags)
	if batch.Len() > 0 {
		if err := w.tx.Batch(ctx, batch); err != nil {
			return fmt.Errorf("fill case: %w", err)
		}
	}
	if in.Message != nil {
		if in.Message.At.IsZero() {
			in.Message.At = in.ReceivedAt
		}
		id, err := insertMessage(ctx, w.tx, in.Message.row(w.c.ID))
		if err != nil {
			return err
		}
		w.noteAt(in.ReceivedAt, evReceived, in.Message.eventData(id))
	}
	if err := noteTx(ctx, w, in.Note); err != nil {
		return err
	}
	return openDisputes(ctx, w, lines)
}

// noteTx writes the internal note that a case is opened with.
func noteTx(ctx context.Context, w *work, body string) error {
	if body = strings.TrimSpace(body); body == "" {
		return nil
	}
	author := ByPerson
	if w.by.Kind != access.Person {
		author = BySystem
	}
	id, err := insertMessage(ctx, w.tx, Message{
		CaseID: w.c.ID, Kind: Note, AuthorKind: author, AuthorID: userID(w.by), AuthorName: w.by.Name, Body: body, At: w.tx.Now(),
	})
	if err != nil {
		return err
	}
	w.note("note.added", map[string]any{"message": id})
	return nil
}

// row is an inbound message as a row of the conversation.
func (m InboundMessage) row(id ID) Message {
	return Message{
		CaseID: id, Kind: Inbound, AuthorKind: ByCustomer, AuthorName: m.AuthorName, AuthorAddress: strings.ToLower(m.AuthorAddress),
		Recipients: m.Recipients, Subject: m.Subject, Body: m.Body, FullBody: m.FullBody, Language: m.Language, Trust: m.Trust,
		Machine: m.Machine, InboundMessageID: m.InboundID, At: m.At, Attachments: m.Attachments,
	}
}

func (m InboundMessage) eventData(id MessageID) map[string]any {
	data := map[string]any{"message": id, "machine": m.Machine, "received_at": m.At, "trust": m.Trust}
	if m.InboundID != nil {
		data["inbound"] = *m.InboundID
	}
	return data
}

// snippet is the beginning of a text on one line, for lists.
func snippet(text string) string {
	const length = 160
	line := strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(line) <= length {
		return line
	}
	return string([]rune(line)[:length-1]) + "…"
}

// lastEventAt is the moment of the latest event of a case; what comes late may not stand before it.
func lastEventAt(ctx context.Context, r db.Reader, id ID) (time.Time, error) {
	at, err := db.Value[time.Time](ctx, r, `select coalesce(max(at), '-infinity'::timestamptz) from audit_log where stream = $1 and what = any($2)`,
		string(audit.Case(int64(id))), clockEvents())
	if err != nil {
		return at, fmt.Errorf("find last event: %w", err)
	}
	return at, nil
}
