package billing

import (
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// ErrWrittenOff is returned where a credit would give back what a write-off gave up and nobody took back: it was not paid, and its tax
// may have come back already.
var ErrWrittenOff = errs.New(errs.Conflict, "billing.written_off")

// claims are what was given back and given up of an invoice, and what pending requests keep of it, all with tax and rounding. Whoever reads them
// to rely on them has the invoice under lock.
type claims struct {
	InvoiceID   InvoiceID
	WrittenOff  decimal.Decimal // and not taken back
	Relief      decimal.Decimal // the tax that came back with it
	WriteOffs   string          // their numbers
	Credited    decimal.Decimal
	CreditedTax decimal.Decimal
	Kept        decimal.Decimal
	KeptTax     decimal.Decimal
	Keepers     string // numbers of the requests
}

const claimsQuery = `select i.id as invoice_id, coalesce(w.amount, 0) as written_off, coalesce(w.relief, 0) as relief, coalesce(w.numbers, '') as write_offs,
		l.credited + case when i.prices_include_tax then 0 else t.credited end + o.rounding_given - k.rounding as credited, t.credited as credited_tax,
		l.kept + case when i.prices_include_tax then 0 else t.kept end + k.rounding as kept, t.kept as kept_tax, k.numbers as keepers
	from invoices i join open_items o on o.kind = 'invoice' and o.document_id = i.id
	cross join lateral (select sum(x.amount) as amount, sum(x.tax_relief) as relief, string_agg(d.number, ', ' order by d.id) as numbers
		from write_off_lines x join write_offs d on d.id = x.write_off_id
		where x.invoice_id = i.id and not exists (select from reversals v where v.document_kind = 'write_off' and v.document_id = d.id)) w
	cross join lateral (select coalesce(sum(b.credited), 0) as credited, coalesce(sum(b.reserved), 0) as kept
		from invoice_line_balances b where b.invoice_id = i.id) l
	cross join lateral (select coalesce(sum(b.credited_tax), 0) as credited, coalesce(sum(b.reserved_tax), 0) as kept
		from invoice_tax_balances b where b.invoice_id = i.id) t
	cross join lateral (select coalesce(sum(g.rounding), 0) as rounding, coalesce(string_agg('CR-' || lpad(q.id::text, greatest(6, length(q.id::text)), '0'), ', ' order by q.id), '') as numbers
		from (select distinct r.credit_request_id as id from invoice_line_balances b join line_reservations r on r.invoice_line_id = b.invoice_line_id and r.state = 'held'
			where b.invoice_id = i.id and b.reserved > 0) q
		left join rounding_reservations g on g.credit_request_id = q.id and g.invoice_id = i.id and g.state = 'held') k
	where i.id = any ($1)`

func readClaims(ctx context.Context, r db.Reader, ids []InvoiceID) (map[InvoiceID]claims, error) {
	list, err := db.List[claims](ctx, r, claimsQuery, ids)
	if err != nil {
		return nil, fmt.Errorf("read what was given up of invoices: %w", err)
	}
	known := make(map[InvoiceID]claims, len(list))
	for _, c := range list {
		known[c.InvoiceID] = c
	}
	return known, nil
}

// taxLeft is what of an invoice's tax may still come back.
func (c claims) taxLeft(of Invoice) decimal.Decimal {
	return decimal.Max(decimal.Zero, of.Tax.Sub(c.CreditedTax).Sub(c.KeptTax).Sub(c.Relief))
}

// givesUpAgain is the refusal of a credit of so much, with so much tax, that would give back what was written off; nil where it would not. What
// was paid may be credited beside a write-off of the rest.
func (c claims) givesUpAgain(of Invoice, total, tax decimal.Decimal) *errs.Error {
	if !c.WrittenOff.IsPositive() {
		return nil
	}
	left := decimal.Max(decimal.Zero, of.Total.Sub(c.Credited).Sub(c.Kept).Sub(c.WrittenOff))
	if total.GreaterThan(left) {
		return errs.New(ErrWrittenOff.Kind, ErrWrittenOff.Key, "remaining", of.Amount(left).String(), "write_off", c.WriteOffs)
	}
	if left = c.taxLeft(of); c.Relief.IsPositive() && tax.GreaterThan(left) {
		return errs.New(errs.Conflict, "billing.tax_written_off", "remaining", of.Amount(left).String(), "write_off", c.WriteOffs)
	}
	return nil
}

// leavesKept refuses to give up what a pending request keeps of an invoice; nil where it does not.
func (c claims) leavesKept(of lockedInvoice, amount decimal.Decimal) *errs.Error {
	if free := decimal.Max(decimal.Zero, of.Open.Sub(c.Kept)); amount.GreaterThan(free) && c.Kept.IsPositive() {
		return errs.New(errs.Conflict, "billing.open_kept", "free", of.Amount(free).String(), "number", of.Number, "holder", c.Keepers)
	}
	return nil
}

// less is why a part of an invoice that was approved to be given up cannot be any more; nil where it can.
func (c claims) less(of lockedInvoice, part ItemPart) *errs.Error {
	if part.Amount.GreaterThan(of.Open) {
		return errs.New(ErrOverOpen.Kind, ErrOverOpen.Key, "open", of.Amount(of.Open).String(), "number", of.Number)
	}
	if refusal := c.leavesKept(of, part.Amount); refusal != nil {
		return refusal
	}
	if left := c.taxLeft(of.Invoice); part.Tax.GreaterThan(left) {
		return errs.New(errs.Conflict, "billing.less_tax", "remaining", of.Amount(left).String(), "number", of.Number)
	}
	return nil
}

// notGivenUp looks once more, under the lock and with what the postings keep counted as credited, that a credit gives back nothing that was
// written off since it was reserved.
func (g *ground) notGivenUp(ctx context.Context, a Adjustment) error {
	if !slices.ContainsFunc(g.laws, func(l lawGround) bool { return l.InvoiceID == a.InvoiceID && l.GivenUp }) {
		return nil
	}
	known, err := readClaims(ctx, g.tx, []InvoiceID{a.InvoiceID})
	if err != nil {
		return err
	}
	c := known[a.InvoiceID]
	// Its own part is among what was credited by now; what others keep is looked at when they are posted.
	c.Credited, c.CreditedTax, c.Kept, c.KeptTax = c.Credited.Sub(a.Total), c.CreditedTax.Sub(a.Tax), decimal.Zero, decimal.Zero
	if refusal := c.givesUpAgain(g.invoice(a.InvoiceID).Invoice, a.Total, a.Tax); refusal != nil {
		return refusal
	}
	return nil
}
