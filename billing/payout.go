package billing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// What paying a refund out is refused with.
var (
	ErrNotDue       = errs.New(errs.Conflict, "billing.payout_not_due")
	ErrPaidByItself = errs.New(errs.Forbidden, "billing.paid_out_by_another")
	ErrPaidThere    = errs.New(errs.Conflict, "billing.paid_out_there")
	ErrRefundPaid   = errs.New(errs.Conflict, "billing.refund_paid_out")
	errTakenBack    = errs.New(errs.Conflict, "billing.payout_taken_back")
)

// longestReference bounds the bank's reference, in characters.
const longestReference = 100

// Payout is how a refund was paid: the day, in the calendar of its legal entity, the bank's reference, and by whom.
type Payout struct {
	RefundID      RefundID
	PaidOn        time.Time
	BankReference string
	PaidBy        int64
	RecordedAt    time.Time
}

// PayoutInput says that a refund was paid out. PaidOn is not before the refund, nor in the future.
type PayoutInput struct {
	By            access.Actor
	Number        string // of the refund
	PaidOn        time.Time
	BankReference string
}

// PayoutsDue lists refunds that are posted and not paid out, the oldest first, after the one with the id after; at most PayoutPage, and one
// more when there are more. Entity 0 is every one that the actor sees. What another system pays, or what is being taken back, is not among them.
func (s *Service) PayoutsDue(ctx context.Context, by access.Actor, entity EntityID, after RefundID) ([]RefundRow, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{EntityID: int64(entity)}); err != nil {
		return nil, err
	}
	var c conditions
	c.add("w.refund_id > ?", after)
	c.also(notPaidThere)
	c.also("not " + takenBackSoon)
	if entity != 0 {
		c.add("w.entity_id = ?", entity)
	} else if len(by.EntityIDs) > 0 {
		c.add("w.entity_id = any (?)", by.EntityIDs)
	}
	return db.List[RefundRow](ctx, s.db, fmt.Sprintf(`select d.*, c.name as customer_name, c.account, '' as taken_back_by from payouts_due w
		join refunds d on d.id = w.refund_id join customers c on c.id = d.customer_id %s order by w.refund_id limit %d`, c.where(), PayoutPage+1), c.args...)
}

const (
	// notPaidThere leaves out what another system pays with the credit note that is issued there.
	notPaidThere = `not exists (select from refund_sources s join gateway_postings g on g.credit_memo_id = s.item_id and g.action = 'issue'
		where s.refund_id = d.id and s.item_kind = 'credit_memo' and g.state in ('waiting', 'unknown', 'issued'))`
	// takenBackSoon is true of a refund that somebody has asked to take back.
	takenBackSoon = `exists (select from credit_requests r where r.kind = 'reversal' and r.content -> 'Reverses' ->> 'kind' = 'refund'
		and r.content -> 'Reverses' ->> 'id' = d.id::text and r.state in ('pending', 'returned', 'approved', 'failed'))`
)

// PayoutPage is how many refunds PayoutsDue lists at once.
const PayoutPage = 50

// PayoutOf reads how a refund was paid; nil while it is not.
func (s *Service) PayoutOf(ctx context.Context, r db.Reader, id RefundID) (*Payout, error) {
	p, err := db.One[Payout](ctx, r, `select * from payouts where refund_id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return nil, nil //nolint:nilnil // not paid yet
	}
	return &p, err
}

// RecordPayout says that a refund was paid out. It books nothing: posting the refund has credited cash clearing, and the bank statement
// clears that. Whoever asked for the refund or signed it is refused with ErrPaidByItself, by the database too; what is paid already or taken back
// with ErrNotDue, and what the system of its credit note pays with ErrPaidThere.
func (s *Service) RecordPayout(ctx context.Context, in PayoutInput) (Payout, error) {
	if err := access.Proven(in.By); err != nil {
		return Payout{}, err
	}
	refund, err := s.RefundByNumber(ctx, s.db, in.Number)
	if err != nil {
		return Payout{}, err
	}
	if err := access.Can(in.By, access.RecordPayment, access.Object{EntityID: int64(refund.EntityID)}); err != nil {
		return Payout{}, err
	}
	entity, err := s.EntityByID(ctx, s.db, refund.EntityID)
	if err != nil {
		return Payout{}, err
	}
	p := Payout{RefundID: refund.ID, PaidOn: in.PaidOn, BankReference: strings.TrimSpace(in.BankReference), PaidBy: in.By.UserID}
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		p.RecordedAt = tx.Now()
		if err := p.check(refund, entity.Day(tx.Now())); err != nil {
			return err
		}
		soon, err := db.Value[bool](ctx, tx, `select `+takenBackSoon+` from refunds d where d.id = $1`, refund.ID)
		if err != nil {
			return err
		}
		if soon {
			return errs.New(errTakenBack.Kind, errTakenBack.Key, "number", refund.Number)
		}
		_, err = tx.Exec(ctx, `insert into payouts (refund_id, paid_on, bank_reference, paid_by, recorded_at) values ($1, $2, $3, $4, $5)`,
			p.RefundID, p.PaidOn, p.BankReference, p.PaidBy, p.RecordedAt)
		switch {
		case db.Violates(err, "paid_out_by_another"):
			return ErrPaidByItself
		case db.Violates(err, "paid_out_once"):
			return errs.New(ErrPaidThere.Kind, ErrPaidThere.Key, "number", refund.Number)
		case db.Violates(err, "payout_is_due"), db.Violates(err, "payouts_pkey"):
			return errs.New(ErrNotDue.Kind, ErrNotDue.Key, "number", refund.Number)
		case err != nil:
			return err
		}
		tx.Publish("collections")
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(refund.EntityID)), By: in.By, What: "refund.paid_out", Data: map[string]any{
			"refund": refund.Number, "paid_on": p.PaidOn.Format(time.DateOnly), "reference": p.BankReference,
		}})
	})
	return p, err
}

func (p Payout) check(refund RefundDetail, today time.Time) error {
	switch n := utf8.RuneCountInString(p.BankReference); {
	case n == 0:
		return errs.InvalidField("bank_reference", "billing.payout_reference")
	case n > longestReference:
		return errs.InvalidField("bank_reference", "billing.payout_reference_long")
	case p.PaidOn.Before(refund.RefundedOn):
		return errs.InvalidField("paid_on", "billing.payout_before_refund", "day", refund.RefundedOn.Format(time.DateOnly))
	case p.PaidOn.After(today):
		return errs.InvalidField("paid_on", "billing.payout_in_future")
	}
	return nil
}
