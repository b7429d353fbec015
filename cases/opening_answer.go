package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/billing"
	"makegood/cases/clock"
	"makegood/cases/letterbook"
	"makegood/cases/letters"
	"makegood/inbox"
	"makegood/internal/db"
)

// answer is the acknowledgement of a new case on its way.
type answer struct {
	to   Participant
	echo bool
	id   inbox.OutgoingID
	mail inbox.Outgoing
}

// address finds out who is acknowledged. One who got too many automatic mails is not; the agent is warned.
func (all openings) address(ctx context.Context) error {
	var questions []addressee
	for _, o := range all.list {
		if to, ok := o.in.firstAccepted(); ok && o.in.Acknowledge != nil {
			o.answer = &answer{to: to}
			questions = append(questions, o.addressee())
		}
	}
	if len(questions) == 0 {
		return nil
	}
	bounds, err := all.service.acknowledging(ctx, all.tx, questions)
	if err != nil {
		return err
	}
	var list []*answer
	for _, o := range all.list {
		if o.answer == nil {
			continue
		}
		if o.answer.echo, o.held = bounds.verdict(o.addressee()); o.held == nil {
			list = append(list, o.answer)
			continue
		}
		o.in.Warnings = append(o.in.Warnings, *o.held)
		o.answer = nil
	}
	if len(list) == 0 {
		return nil
	}
	ids, err := all.service.inbox.NextIDsTx(ctx, all.tx, len(list))
	if err != nil {
		return err
	}
	for n, a := range list {
		a.id = ids[n]
	}
	return nil
}

func (o *opening) addressee() addressee {
	return addressee{address: o.answer.to.Address, subject: o.in.Subject}
}

// acknowledge writes the acknowledgements, where whom to write to, by when they are answered and about what is known already.
func (all openings) acknowledge(ctx context.Context) error {
	entities, err := all.entities(ctx)
	if err != nil {
		return err
	}
	numbers, err := all.invoiceNumbers(ctx)
	if err != nil {
		return err
	}
	book, err := bookOf(ctx, all.tx, entities)
	if err != nil {
		return err
	}
	for _, o := range all.list {
		if o.held != nil {
			o.note("warning.added", map[string]any{"key": o.held.Key})
		}
		if o.answer == nil {
			continue
		}
		a := acknowledgement{AcknowledgeInput: *o.in.Acknowledge, echo: o.answer.echo, to: o.answer.to, entity: entities[o.c.entity()]}
		a.answerBy = o.answerBy(a.entity)
		for _, l := range o.in.Invoices {
			if number, ok := numbers[l.InvoiceID]; ok {
				a.invoices = append(a.invoices, number)
			}
		}
		mail, letter, err := a.write(o.c, book)
		if err != nil {
			return err
		}
		o.answer.mail, letter.OutgoingID = mail, int64(o.answer.id)
		last := &o.messages[len(o.messages)-1]
		id := last.ID
		*last = letter.message(all.tx.Now())
		last.ID = id
		o.note("letter.queued", map[string]any{"message": id, "kind": letter.Kind, "outgoing": letter.OutgoingID})
	}
	return nil
}

// bookOf are the wordings of acknowledgements; nothing is asked where nobody is answered.
func bookOf(ctx context.Context, r db.Reader, entities map[int64]billing.Entity) (letterbook.Book, error) {
	if len(entities) == 0 {
		return letterbook.Book{}, nil
	}
	var ids []billing.EntityID
	for _, e := range entities {
		ids = append(ids, e.ID)
	}
	return letterbook.Load(ctx, r, []letters.Kind{letters.Acknowledgement}, ids...)
}

// answerBy is when the first response is due, the zero time when none is promised.
func (o *opening) answerBy(entity billing.Entity) time.Time {
	for _, c := range o.clocks.clocks {
		if c.Kind == clock.FirstResponse && c.Outcome == clock.Running && c.DueAt != nil {
			return inZone(*c.DueAt, entity)
		}
	}
	return time.Time{}
}

// entities are those that answer, by id; under 0 the one that answers for cases of none yet.
func (all openings) entities(ctx context.Context) (map[int64]billing.Entity, error) {
	byID := map[int64]billing.Entity{}
	var ids []billing.EntityID
	for _, o := range all.list {
		switch {
		case o.answer == nil:
		case o.c.EntityID != nil:
			ids = append(ids, *o.c.EntityID)
		case byID[0].ID == 0:
			first, err := all.service.entityOf(ctx, all.tx, o.c)
			if err != nil {
				return nil, err
			}
			byID[0] = first
		}
	}
	found, err := all.service.billing.EntitiesByID(ctx, all.tx, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		entity, ok := found[id]
		if !ok {
			return nil, billing.ErrNoEntity
		}
		byID[int64(id)] = entity
	}
	return byID, nil
}

func (all openings) invoiceNumbers(ctx context.Context) (map[billing.InvoiceID]string, error) {
	var ids []billing.InvoiceID
	for _, o := range all.list {
		if o.answer == nil {
			continue
		}
		for _, l := range o.in.Invoices {
			ids = append(ids, l.InvoiceID)
		}
	}
	return all.service.billing.NumbersOfInvoices(ctx, all.tx, ids)
}

// queueAnswers puts the mails into the outbox.
func (all openings) queueAnswers(ctx context.Context, batch *pgx.Batch) error {
	mails := map[inbox.OutgoingID]inbox.Outgoing{}
	for _, o := range all.list {
		if o.answer != nil {
			mails[o.answer.id] = o.answer.mail
		}
	}
	if err := all.service.inbox.QueueNewTx(ctx, all.tx, batch, mails); err != nil {
		return fmt.Errorf("queue acknowledgement: %w", err)
	}
	return nil
}
