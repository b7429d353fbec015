package billing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/dunning"
	"makegood/internal/access"
	"makegood/internal/db"
)

// LateFee is what a late fee on an invoice would come to, day by day: computed, never booked.
type LateFee struct {
	Invoice Invoice
	Through time.Time // the last day reckoned
	Percent decimal.Decimal
	Spans   []dunning.Span
	Fee     decimal.Decimal
}

// LateFee reckons the late fee on an invoice up to and including a day, by the entity's policy: see dunning.LateFee for the
// formula. A payment counts from the day the money came in, a credit
// memo from its date, what was taken back from the day it was, a hold from the day it was placed
// to the day before it ended, and so what an imported file said is in dispute. Zero through means today.
func (s *Service) LateFee(ctx context.Context, id InvoiceID, through time.Time, by Actor) (LateFee, error) {
	i, err := db.One[Invoice](ctx, s.db, `select * from invoices where id = $1`, id)
	if i, err = found(i, err, ErrNoInvoice, "read invoice"); err != nil {
		return LateFee{}, err
	}
	if err := access.Can(by, access.ReadBooks, access.Object{EntityID: int64(i.EntityID)}); err != nil {
		return LateFee{}, err
	}
	entity, err := s.EntityByID(ctx, s.db, i.EntityID)
	if err != nil {
		return LateFee{}, err
	}
	policy, err := s.CollectionPolicy(ctx, s.db, i.EntityID)
	if err != nil {
		return LateFee{}, err
	}
	if through.IsZero() {
		through = entity.Day(s.db.Now())
	}
	changes, err := changesOf(ctx, s.db, i, entity)
	if err != nil {
		return LateFee{}, err
	}
	fee := LateFee{Invoice: i, Through: Date(through), Percent: policy.LateFeePercent}
	fee.Spans, fee.Fee = dunning.LateFee(changes, i.DueOn, fee.Through, fee.Percent, i.Currency.Digits())
	return fee, nil
}

// changesOf lists what was open and held of an invoice, day by day where it changed.
func changesOf(ctx context.Context, r db.Reader, i Invoice, entity Entity) ([]dunning.Change, error) {
	type move struct {
		Day        time.Time
		Open, Held decimal.Decimal
	}
	moves, err := db.List[move](ctx, r, `select coalesce(case when a.reverses_id is null then coalesce(p.received_on, m.issued_on) end, a.allocated_on) as day, -a.amount as open, 0::numeric as held
		from allocations a left join payments p on a.source_kind = 'payment' and p.id = a.source_id
			left join credit_memos m on a.source_kind = 'credit_memo' and m.id = a.source_id
		where a.invoice_id = $1`, i.ID)
	if err != nil {
		return nil, fmt.Errorf("read allocations: %w", err)
	}
	type held struct {
		At                   time.Time
		AmountBefore, Amount decimal.Decimal
	}
	type saying struct {
		FromOn, OverOn time.Time
		Amount         decimal.Decimal
	}
	holds, err := db.List[held](ctx, r, `select at, amount_before, amount from hold_changes where invoice_id = $1`, i.ID)
	if err != nil {
		return nil, fmt.Errorf("read holds: %w", err)
	}
	for _, h := range holds {
		moves = append(moves, move{Day: entity.Day(h.At), Held: h.Amount.Sub(h.AmountBefore)})
	}
	said, err := db.List[saying](ctx, r, `select b.from_on, b.disputed as amount, least(b.until_on + 1, b.lifted_on, (select min((c.at at time zone $2)::date) from hold_changes c
			where c.invoice_id = b.invoice_id and c.at >= b.made_at)) as over_on
		from dunning_blocks b where b.customer_id = $3 and b.invoice_id = $1 and b.disputed > 0`, i.ID, entity.TimeZone, i.CustomerID)
	if err != nil {
		return nil, fmt.Errorf("read what files said: %w", err)
	}
	for _, d := range said {
		moves = append(moves, move{Day: d.FromOn, Held: d.Amount}, move{Day: d.OverOn, Held: d.Amount.Neg()})
	}
	slices.SortStableFunc(moves, func(a, b move) int { return a.Day.Compare(b.Day) })
	changes := []dunning.Change{{Day: i.IssuedOn, Open: i.Total}}
	for _, m := range moves {
		last := changes[len(changes)-1]
		if m.Day.After(last.Day) {
			changes = append(changes, dunning.Change{Day: m.Day, Open: last.Open, Held: last.Held})
		}
		last = changes[len(changes)-1]
		last.Open, last.Held = last.Open.Add(m.Open), last.Held.Add(m.Held)
		changes[len(changes)-1] = last
	}
	return changes, nil
}
