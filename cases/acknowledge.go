package cases

import (
	"context"
	"errors"
	"fmt"
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
	// The outbox is the inbox's table; this one count needs its index by address.
	count, err := db.Value[int](ctx, tx, `select count(*) from (select 1 from outgoing_messages
		where to_address = $1 and automatic and created_at > $2 limit $3) m`, to.Address, tx.Now().Add(-time.Hour), ackLimit)
	if err != nil {
		return false, fmt.Errorf("count automatic mails: %w", err)
	}
	if count >= ackLimit {
		return false, s.AddWarningTx(ctx, tx, c.ID, Warning{Key: "case.acknowledgement_held", Params: map[string]string{"address": to.Address}})
	}
	return true, s.acknowledge(ctx, tx, c, to, in)
}

func (s *Service) acknowledge(ctx context.Context, tx *db.Tx, c Case, to Participant, in AcknowledgeInput) error {
	entity, err := s.entityOf(ctx, tx, c)
	if err != nil {
		return err
	}
	vars := letters.AcknowledgementVars{Frame: frame(c, entity), Name: to.Name, ReceivedAt: inZone(c.OpenedAt, entity)}
	if vars.AnswerBy, err = answerBy(ctx, tx, c.ID, entity); err != nil {
		return err
	}
	if vars.Invoices, err = s.invoiceNumbers(ctx, tx, c); err != nil {
		return err
	}
	letter, err := letters.Write(letters.Acknowledgement, c.Language, vars)
	if err != nil {
		return fmt.Errorf("write acknowledgement: %w", err)
	}
	id, err := s.inbox.QueueTx(ctx, tx, inbox.Outgoing{
		Key: fmt.Sprintf("ack:case:%d", c.ID), CaseID: new(int64(c.ID)), Kind: string(letters.Acknowledgement), Automatic: true,
		FromAddress: entity.SupportAddress, FromName: entity.SupportName, ToAddress: to.Address, ToName: to.Name, Subject: letter.Subject,
		Text: letter.Text, HTML: letter.HTML, InReplyTo: in.InReplyTo, References: in.References, Language: letter.Lang,
	})
	if err != nil {
		return fmt.Errorf("queue acknowledgement: %w", err)
	}
	_, err = s.RecordLetterTx(ctx, tx, LetterInput{
		CaseID: c.ID, Kind: string(letters.Acknowledgement), OutgoingID: int64(id), To: to.Address, Subject: letter.Subject,
		Body: letter.Text, Language: letter.Lang,
	})
	return err
}

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

func (s *Service) invoiceNumbers(ctx context.Context, r db.Reader, c Case) ([]string, error) {
	linked, err := s.Invoices(ctx, r, c.ID)
	if err != nil {
		return nil, err
	}
	var numbers []string
	for _, l := range linked {
		invoice, err := s.billing.InvoiceByID(ctx, r, l.InvoiceID)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, invoice.Number)
	}
	return numbers, nil
}

// inZone shows a moment on the wall clock of the entity, as its customers read it.
func inZone(at time.Time, entity billing.Entity) time.Time {
	zone, err := time.LoadLocation(entity.TimeZone)
	if err != nil {
		return at.UTC()
	}
	return at.In(zone)
}
