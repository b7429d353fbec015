package statements

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/billing"
	"makegood/cases/letters"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// Input is a statement that a person sends, or wants to see before. Without days it is of the last three months; without a currency of each
// in which something is open.
type Input struct {
	By       access.Actor
	Account  string
	From, To time.Time
	Currency money.Currency
	Contact  billing.ContactID // 0: whom the customer's settings say
	Key      string            // of the form: the same form sends once; "" for none
}

// Preview is a statement as it would be sent, or why it cannot be.
type Preview struct {
	Customer billing.Customer
	Entity   billing.Entity
	People   []Person // whom it may go to
	To       Person   // nobody with NoContact
	LeftOut  LeftOut
	From     time.Time
	Until    time.Time
	Open     []billing.Statement
	Letter   letters.Letter
	Reader   Reader
}

// shownMonths is how far a statement goes back when nobody says.
const shownMonths = -3

// Preview writes a statement's letter and says who would get it. Nothing is kept.
func (s *Service) Preview(ctx context.Context, in Input) (Preview, error) {
	var v Preview
	customer, err := s.customer(ctx, s.DB, in.By, in.Account)
	if err != nil {
		return v, err
	}
	v.Customer = customer
	if v.Reader, err = s.ReaderOf(ctx, s.DB, customer.ID); err != nil {
		return v, err
	}
	if v.People, err = s.people(ctx, s.DB, customer.ID); err != nil {
		return v, err
	}
	v.To, v.LeftOut = choose(v.People, wished(in, v.Reader))
	p, err := s.periodOf(ctx, in, customer)
	if err != nil {
		return v, err
	}
	d, err := s.draft(ctx, customer, p, v.To)
	v.Entity, v.From, v.Until, v.Open, v.Letter = d.entity, p.from, p.to, d.open, d.letter
	return v, err
}

func wished(in Input, r Reader) billing.ContactID {
	if in.Contact == 0 && r.ContactID != nil {
		return *r.ContactID
	}
	return in.Contact
}

// periodOf is what is asked for, with what nobody said filled in by the legal entity's day.
func (s *Service) periodOf(ctx context.Context, in Input, customer billing.Customer) (period, error) {
	entity, err := s.Billing.EntityByID(ctx, s.DB, customer.EntityID)
	if err != nil {
		return period{}, fmt.Errorf("read entity: %w", err)
	}
	p := period{from: in.From, to: in.To, currency: in.Currency}
	if p.to.IsZero() {
		p.to = entity.Day(s.DB.Now())
	}
	if p.from.IsZero() {
		p.from = p.to.AddDate(0, shownMonths, 0)
	}
	if p.to.Before(p.from) {
		return p, errs.InvalidField("to", "error.period_ends_before_it_begins")
	}
	return p, nil
}

// Sending is a statement that was mailed, or a customer who was left out of a month's round.
type Sending struct {
	ID                int64
	EntityID          billing.EntityID
	CustomerID        billing.CustomerID
	Month             *time.Time // whose round it belongs to; nil for what a person sent
	FormKey           *string
	MadeAt            time.Time
	UserID            *int64
	OutgoingMessageID *inbox.OutgoingID
	LeftOut           LeftOut
}

// Send mails a statement to one of its customer's people: the papers are kept, and attached as they are kept. It leaves after a moment in
// which TakeBack takes it back. Somebody who is not among them, or whose mail comes back, is refused.
func (s *Service) Send(ctx context.Context, in Input) (Sending, error) {
	customer, err := s.customer(ctx, s.DB, in.By, in.Account)
	if err != nil {
		return Sending{}, err
	}
	to, err := s.addressee(ctx, s.DB, customer.ID, in)
	if err != nil {
		return Sending{}, err
	}
	p, err := s.periodOf(ctx, in, customer)
	if err != nil {
		return Sending{}, err
	}
	d, err := s.draft(ctx, customer, p, to)
	if err != nil {
		return Sending{}, err
	}
	return s.post(ctx, d, order{by: in.By, key: in.Key, wait: s.undo})
}

// addressee is who gets what a person sends.
func (s *Service) addressee(ctx context.Context, r db.Reader, customer billing.CustomerID, in Input) (Person, error) {
	reader, err := s.ReaderOf(ctx, r, customer)
	if err != nil {
		return Person{}, err
	}
	people, err := s.people(ctx, r, customer)
	if err != nil {
		return Person{}, err
	}
	to, why := choose(people, wished(in, reader))
	switch {
	case why == NoContact:
		return to, errs.InvalidField("contact", "statements.no_contact")
	case in.Contact != 0 && to.ID != in.Contact:
		return to, errs.InvalidField("contact", "statements.not_theirs")
	case why == DeadAddress:
		return to, errs.InvalidField("contact", "statements.dead_address", "address", to.Email)
	}
	return to, nil
}

// order is who sends a draft, and when: by hand, once per form, or in a month's round.
type order struct {
	by    access.Actor
	key   string
	wait  time.Duration
	month *time.Time
}

// lockSpace keeps the advisory locks on customers apart from other locks of the program.
const lockSpace = 0x7374_6d74

// post puts a draft into the outbox, with its papers. Two at once for one customer come one after the other, so that the same form, or the
// same month, finds the first.
func (s *Service) post(ctx context.Context, d draft, o order) (Sending, error) {
	papers, err := s.draw(d)
	if err != nil {
		return Sending{}, err
	}
	var sent Sending
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		before, err := earlierTx(ctx, tx, d.customer.ID, o)
		if err != nil || before != nil {
			if before != nil {
				sent = *before
				tx.Did("statement.mailed " + d.customer.Account)
			}
			return err
		}
		people, err := s.people(ctx, tx, d.customer.ID)
		if err != nil {
			return err
		}
		if now, why := choose(people, d.to.ID); why != "" || now.ID != d.to.ID || now.Email != d.to.Email {
			return ErrMoved
		}
		sent, err = s.postTx(ctx, tx, d, papers, o)
		return err
	})
	return sent, err
}

// earlierTx locks a customer's statements, and finds what was sent by the same form or in the same month.
func earlierTx(ctx context.Context, tx *db.Tx, customer billing.CustomerID, o order) (*Sending, error) {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1, hashint8($2))`, int32(lockSpace), customer); err != nil {
		return nil, fmt.Errorf("lock statements of customer: %w", err)
	}
	before, err := db.One[Sending](ctx, tx, `select * from statement_sendings where customer_id = $1 and (form_key = nullif($2, '') or month = $3::date)`, customer, o.key, o.month)
	if errors.Is(err, db.ErrNoRow) {
		return nil, nil //nolint:nilnil // most are sent once
	}
	if err != nil {
		return nil, fmt.Errorf("find earlier statement: %w", err)
	}
	return &before, nil
}

// postTx keeps the papers and queues the mail.
func (s *Service) postTx(ctx context.Context, tx *db.Tx, d draft, papers []billing.DrawnStatement, o order) (Sending, error) {
	id, err := db.Value[int64](ctx, tx, `select nextval(pg_get_serial_sequence('statement_sendings', 'id'))`)
	if err != nil {
		return Sending{}, fmt.Errorf("take id of sending: %w", err)
	}
	mail := inbox.Outgoing{
		Key: fmt.Sprintf("statement:%d", id), Kind: string(letters.Statement), Automatic: true, Unasked: true, FromAddress: d.entity.SupportAddress, FromName: d.entity.SupportName,
		ToAddress: d.to.Email, ToName: d.to.Name, Subject: d.letter.Subject, Text: d.letter.Text, HTML: d.letter.HTML, Language: d.letter.Lang, LetterVersionID: d.letter.Version,
	}
	if o.wait > 0 {
		mail.NotBefore = tx.Now().Add(o.wait)
	}
	if o.by.UserID != 0 {
		mail.CreatedBy = &o.by.UserID
	}
	kept := make([]billing.KeptStatement, len(papers))
	for i, paper := range papers {
		if kept[i], err = s.Billing.KeepStatementTx(ctx, tx, paper); err != nil {
			return Sending{}, fmt.Errorf("keep statement: %w", err)
		}
		mail.Attachments = append(mail.Attachments, d.attachment(kept[i], paper.Content))
	}
	outgoing, err := s.Inbox.QueueTx(ctx, tx, mail)
	if err != nil {
		return Sending{}, fmt.Errorf("queue statement: %w", err)
	}
	for i, paper := range papers {
		if err := s.Billing.MailStatementTx(ctx, tx, kept[i], paper, int64(outgoing), o.by); err != nil {
			return Sending{}, fmt.Errorf("record mailed statement: %w", err)
		}
	}
	tx.Did("statement.mailed " + d.customer.Account)
	return keepTx(ctx, tx, d.customer, Sending{ID: id, OutgoingMessageID: &outgoing}, o)
}

// keepTx writes a sending down, or that somebody was left out.
func keepTx(ctx context.Context, tx *db.Tx, customer billing.Customer, one Sending, o order) (Sending, error) {
	one, err := db.One[Sending](ctx, tx, `insert into statement_sendings (id, entity_id, customer_id, month, form_key, made_at, user_id, outgoing_message_id, left_out)
		values (coalesce(nullif($1::bigint, 0), nextval(pg_get_serial_sequence('statement_sendings', 'id'))), $2, $3, $4, nullif($5, ''), $6, nullif($7::bigint, 0), $8, $9) returning *`,
		one.ID, customer.EntityID, customer.ID, o.month, o.key, tx.Now(), o.by.UserID, one.OutgoingMessageID, one.LeftOut)
	if err != nil {
		return one, fmt.Errorf("keep sending: %w", err)
	}
	data := map[string]any{"account": customer.Account, "sending": one.ID, "outgoing": one.OutgoingMessageID}
	what := "statement.mailed"
	if one.LeftOut != "" {
		what, data["left_out"] = "statement.left_out", one.LeftOut
	}
	if o.month != nil {
		data["month"] = o.month.Format("2006-01")
	}
	return one, audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(customer.EntityID)), By: o.by, What: what, Data: data})
}

// TakeBack keeps a statement from leaving that has not left yet; ErrLeft when it has.
func (s *Service) TakeBack(ctx context.Context, by access.Actor, account string, mail inbox.OutgoingID) error {
	customer, err := s.customer(ctx, s.DB, by, account)
	if err != nil {
		return err
	}
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		_, err := db.Value[int64](ctx, tx, `select id from statement_sendings where customer_id = $1 and outgoing_message_id = $2`, customer.ID, mail)
		if errors.Is(err, db.ErrNoRow) {
			return ErrNoSending
		}
		if err != nil {
			return fmt.Errorf("find sending: %w", err)
		}
		err = s.Inbox.CancelTx(ctx, tx, mail, by)
		if errors.Is(err, inbox.ErrSent) {
			return errs.Wrap(err, ErrLeft.Kind, ErrLeft.Key)
		}
		if err != nil {
			return fmt.Errorf("take back mail: %w", err)
		}
		tx.Did("statement.taken_back " + customer.Account)
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(customer.EntityID)), By: by, What: "statement.taken_back", Data: map[string]any{
			"account": customer.Account, "outgoing": mail,
		}})
	})
}
