package cases

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"makegood/billing"
	"makegood/cases/clock"
	"makegood/cases/letterbook"
	"makegood/cases/letters"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
)

// AcknowledgeTx queues the acknowledgement of a new case to its first accepted participant, in the case's language, once
// for each case however often it is asked. It tells by when a person will answer, if that is promised. An address that
// got too many automatic mails gets none, and the agent is warned instead (see acknowledging).
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
	bounds, err := s.acknowledging(ctx, tx, []addressee{{address: to.Address, subject: c.Subject}})
	if err != nil {
		return false, err
	}
	echo, held := bounds.verdict(addressee{address: to.Address, subject: c.Subject})
	if held != nil {
		return false, s.AddWarningTx(ctx, tx, c.ID, *held)
	}
	return true, s.acknowledge(ctx, tx, c, acknowledgement{AcknowledgeInput: in, to: to, echo: echo})
}

// acknowledge completes an acknowledgement by what is known of the case, and queues it.
func (s *Service) acknowledge(ctx context.Context, tx *db.Tx, c Case, a acknowledgement) (err error) {
	if a.entity, err = s.entityOf(ctx, tx, c); err != nil {
		return err
	}
	if a.answerBy, err = answerBy(ctx, tx, c.ID, a.entity); err != nil {
		return err
	}
	linked, err := s.Invoices(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	ids := make([]billing.InvoiceID, len(linked))
	for n, l := range linked {
		ids[n] = l.InvoiceID
	}
	if a.invoices, err = s.billing.InvoiceNumbers(ctx, tx, ids); err != nil {
		return err
	}
	book, err := letterbook.Load(ctx, tx, []letters.Kind{letters.Acknowledgement}, a.entity.ID)
	if err != nil {
		return err
	}
	mail, letter, err := a.write(c, book)
	if err != nil {
		return err
	}
	id, err := s.inbox.QueueTx(ctx, tx, mail)
	if err != nil {
		return fmt.Errorf("queue acknowledgement: %w", err)
	}
	letter.OutgoingID = int64(id)
	_, err = s.RecordLetterTx(ctx, tx, letter)
	return err
}

// acknowledgement is what an acknowledgement tells, and whom.
type acknowledgement struct {
	AcknowledgeInput

	echo     bool // of mail that answers automatic mail of ours
	to       Participant
	entity   billing.Entity
	answerBy time.Time
	invoices []string // their numbers
}

// write writes the letter: the mail, and its place in the conversation.
func (a acknowledgement) write(c Case, book letterbook.Book) (inbox.Outgoing, LetterInput, error) {
	letter, err := book.Write(a.entity.ID, letters.Acknowledgement, c.Language, letters.AcknowledgementVars{
		Frame: frame(c, a.entity), Name: a.to.Name, ReceivedAt: inZone(c.OpenedAt, a.entity), AnswerBy: a.answerBy, Invoices: a.invoices,
	})
	if err != nil {
		return inbox.Outgoing{}, LetterInput{}, fmt.Errorf("write acknowledgement: %w", err)
	}
	mail := inbox.Outgoing{
		Key: a.key(c.ID), CaseID: new(int64(c.ID)), Kind: string(letters.Acknowledgement), Automatic: true,
		FromAddress: a.entity.SupportAddress, FromName: a.entity.SupportName, ToAddress: a.to.Address, ToName: a.to.Name, Subject: letter.Subject,
		Text: letter.Text, HTML: letter.HTML, InReplyTo: a.InReplyTo, References: a.References, Language: letter.Lang, LetterVersionID: letter.Version,
	}
	return mail, LetterInput{
		CaseID: c.ID, Kind: string(letters.Acknowledgement), To: a.to.Address, Subject: letter.Subject, Body: letter.Text, Language: letter.Lang,
	}, nil
}

// key says why the mail exists.
func (a acknowledgement) key(id ID) string {
	if a.echo {
		return fmt.Sprintf("%s%d", echoPrefix, id)
	}
	return fmt.Sprintf("%s%d", ackPrefix, id)
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

// The warnings of a case that was not acknowledged.
const (
	warnAckHeld  = "case.acknowledgement_held"
	warnEchoHeld = "case.echo_held"
)

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
func inZone(at time.Time, entity billing.Entity) time.Time { return at.In(entity.Zone()) }
