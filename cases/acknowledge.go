package cases

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"makegood/billing"
	"makegood/cases/clock"
	"makegood/cases/letters"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
)

// ackLimit is how many automatic mails one address gets within an hour before acknowledgements stop: two machines that
// answer one another come to rest.
const ackLimit = 20

// AcknowledgeTx queues the acknowledgement of a new case to its first accepted participant, in the case's language, once
// for each case however often it is asked. It tells by when a person will answer, if that is promised. An address that
// got too many automatic mails within the hour gets none, and the agent is warned instead.
func (s *Service) AcknowledgeTx(ctx context.Context, tx *db.Tx, in AcknowledgeInput) (queued bool, err error) {
	c, err := lockCase(ctx, tx, in.CaseID)
	if err != nil {
		return false, err
	}
	to, err := firstAccepted(ctx, tx, c.ID)
	if errors.Is(err, db.ErrNoRow) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	done, err := db.Value[bool](ctx, tx, `select exists (select 1 from case_messages where case_id = $1 and kind = 'letter')`, c.ID)
	if err != nil || done {
		return false, err
	}
	held, err := tooMany(ctx, tx, to.Address)
	if err != nil {
		return false, err
	}
	if held {
		return false, s.AddWarningTx(ctx, tx, c.ID, Warning{Key: warnAckHeld, Params: map[string]string{"address": to.Address}})
	}
	return true, s.acknowledge(ctx, tx, c, to, in)
}

// tooMany tells whether an address has got as many automatic mails as it may within the hour. The outbox is the inbox's
// table; this one count needs its index by address.
func tooMany(ctx context.Context, tx *db.Tx, address string) (bool, error) {
	count, err := db.Value[int](ctx, tx, `select count(*) from (select 1 from outgoing_messages
		where to_address = $1 and automatic and created_at > $2 limit $3) m`, address, tx.Now().Add(-time.Hour), ackLimit)
	if err != nil {
		return false, fmt.Errorf("count automatic mails: %w", err)
	}
	return count >= ackLimit, nil
}

func (s *Service) acknowledge(ctx context.Context, tx *db.Tx, c Case, to Participant, in AcknowledgeInput) error {
	entity, err := s.entityOf(ctx, tx, c)
	if err != nil {
		return err
	}
	due, err := answerBy(ctx, tx, c.ID, entity)
	if err != nil {
		return err
	}
	linked, err := s.Invoices(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	letter, err := s.queueAcknowledgement(ctx, tx, c, acknowledgement{AcknowledgeInput: in, to: to, entity: entity, answerBy: due, invoices: linked})
	if err != nil {
		return err
	}
	_, err = s.RecordLetterTx(ctx, tx, letter)
	return err
}

// acknowledgement is what an acknowledgement tells, and whom.
type acknowledgement struct {
	AcknowledgeInput

	to       Participant
	entity   billing.Entity
	answerBy time.Time
	invoices []LinkedInvoice
}

// queueAcknowledgement writes the letter and puts it into the outbox.
func (s *Service) queueAcknowledgement(ctx context.Context, tx *db.Tx, c Case, a acknowledgement) (LetterInput, error) {
	vars := letters.AcknowledgementVars{Frame: frame(c, a.entity), Name: a.to.Name, ReceivedAt: inZone(c.OpenedAt, a.entity), AnswerBy: a.answerBy}
	var err error
	ids := make([]billing.InvoiceID, len(a.invoices))
	for n, l := range a.invoices {
		ids[n] = l.InvoiceID
	}
	if vars.Invoices, err = s.billing.InvoiceNumbers(ctx, tx, ids); err != nil {
		return LetterInput{}, err
	}
	letter, err := letters.Write(letters.Acknowledgement, c.Language, vars)
	if err != nil {
		return LetterInput{}, fmt.Errorf("write acknowledgement: %w", err)
	}
	id, err := s.inbox.QueueTx(ctx, tx, inbox.Outgoing{
		Key: fmt.Sprintf("ack:case:%d", c.ID), CaseID: new(int64(c.ID)), Kind: string(letters.Acknowledgement), Automatic: true,
		FromAddress: a.entity.SupportAddress, FromName: a.entity.SupportName, ToAddress: a.to.Address, ToName: a.to.Name, Subject: letter.Subject,
		Text: letter.Text, HTML: letter.HTML, InReplyTo: a.InReplyTo, References: a.References, Language: letter.Lang,
	})
	if err != nil {
		return LetterInput{}, fmt.Errorf("queue acknowledgement: %w", err)
	}
	return LetterInput{
		CaseID: c.ID, Kind: string(letters.Acknowledgement), OutgoingID: int64(id), To: a.to.Address, Subject: letter.Subject, Body: letter.Text, Language: letter.Lang,
	}, nil
}

// acknowledgeOpened acknowledges a case in the change that opens it, where whom to write to, by when they are answered and
// about what is known already.
func (s *Service) acknowledgeOpened(ctx context.Context, w *work, in OpenInput, clocks []Clock) error {
	to, ok := in.firstAccepted()
	if in.Acknowledge == nil || !ok {
		return nil
	}
	held, err := tooMany(ctx, w.tx, to.Address)
	if err != nil {
		return err
	}
	if held {
		w.note("warning.added", map[string]any{"key": warnAckHeld})
		return runBatch(ctx, w.tx, func(b *batch) {
			queueWarnings(b, w.c, w.tx.Now(), []Warning{{Key: warnAckHeld, Params: map[string]string{"address": to.Address}}})
		})
	}
	entity, err := s.entityOf(ctx, w.tx, w.c)
	if err != nil {
		return err
	}
	a := acknowledgement{AcknowledgeInput: *in.Acknowledge, to: to, entity: entity, invoices: in.Invoices}
	for _, c := range clocks {
		if c.Kind == clock.FirstResponse && c.Outcome == clock.Running && c.DueAt != nil {
			a.answerBy = inZone(*c.DueAt, entity)
		}
	}
	letter, err := s.queueAcknowledgement(ctx, w.tx, w.c, a)
	if err != nil {
		return err
	}
	id, err := insertMessage(ctx, w.tx, letter.message(w.tx.Now()))
	if err != nil {
		return err
	}
	w.note("letter.queued", map[string]any{"message": id, "kind": letter.Kind, "outgoing": letter.OutgoingID})
	return nil
}

// firstAccepted is whoever wrote, or else the first who takes part.
func (in OpenInput) firstAccepted() (Participant, bool) {
	var first *Participant
	for n := range in.Participants {
		p := &in.Participants[n]
		if !p.Accepted {
			continue
		}
		p.Address = strings.ToLower(p.Address)
		if in.Message != nil && strings.EqualFold(p.Address, in.Message.AuthorAddress) {
			return *p, true
		}
		if first == nil {
			first = p
		}
	}
	if first == nil {
		return Participant{}, false
	}
	return *first, true
}

const warnAckHeld = "case.acknowledgement_held"

// RecordLetterTx shows in the conversation a letter that was queued for the customer.
func (s *Service) RecordLetterTx(ctx context.Context, tx *db.Tx, in LetterInput) (MessageID, error) {
	var id MessageID
	_, err := s.changeTx(ctx, tx, in.CaseID, access.SystemActor("letters"), func(w *work) error {
		w.quiet = true
		var err error
		if id, err = insertMessage(ctx, tx, in.message(tx.Now())); err != nil {
			return err
		}
		w.note("letter.queued", map[string]any{"message": id, "kind": in.Kind, "outgoing": in.OutgoingID})
		return nil
	})
	return id, err
}

// message is a letter's place in the conversation.
func (in LetterInput) message(now time.Time) Message {
	return Message{
		CaseID: in.CaseID, Kind: Letter, AuthorKind: BySystem, Recipients: []string{in.To}, Subject: in.Subject, Body: in.Body,
		Language: in.Language, OutgoingMessageID: &in.OutgoingID, At: now,
	}
}

// answerBy is when the first response is due, the zero time when none is promised.
func answerBy(ctx context.Context, r db.Reader, id ID, entity billing.Entity) (time.Time, error) {
	due, err := db.Value[time.Time](ctx, r, `select due_at from case_clocks where case_id = $1 and kind = $2 and outcome = $3 and due_at is not null
		order by revision desc limit 1`, id, clock.FirstResponse, clock.Running)
	if errors.Is(err, db.ErrNoRow) {
		return time.Time{}, nil
	}
	return inZone(due, entity), err
}

// inZone shows a moment on the wall clock of the entity, as its customers read it.
func inZone(at time.Time, entity billing.Entity) time.Time {
	zone, err := time.LoadLocation(entity.TimeZone)
	if err != nil {
		return at.UTC()
	}
	return at.In(zone)
}
