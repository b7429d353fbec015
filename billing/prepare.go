package billing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// PrepareAdjustment works out what a proposal means: every amount, tax by the cumulative rule over all that was credited
// or is reserved, the sums, and how it would settle as the books stand now. It refuses, field by field, what cannot be,
// and says what remains and who holds the rest; and with ErrLawAsks a document without what the law asks. Screens, API,
// import and posting all ask here; it takes no lock.
func (s *Service) PrepareAdjustment(ctx context.Context, r db.Reader, in AdjustmentInput) (Adjustment, error) {
	a, err := s.prepareKind(ctx, r, in)
	if err != nil {
		return a, err
	}
	return a, s.checkLaw(ctx, r, a)
}

func (s *Service) prepareKind(ctx context.Context, r db.Reader, in AdjustmentInput) (Adjustment, error) {
	if !slices.Contains(Kinds(), in.Kind) {
		return Adjustment{}, errs.InvalidField("kind", "billing.unknown_kind", "kind", string(in.Kind))
	}
	if in.ReasonCode == "" {
		return Adjustment{}, errs.InvalidField("reason_code", "error.required")
	}
	switch in.Kind {
	case BillingError, Concession, SLACredit:
		if in.InvoiceID == 0 {
			return s.prepareOnAccount(ctx, r, in)
		}
		return s.prepareCredit(ctx, r, in)
	case Rebill:
		return s.prepareRebill(ctx, r, in)
	case Debit:
		return s.prepareDebit(ctx, r, in)
	case RefundOut, TransferOver:
		return s.prepareFromItems(ctx, r, in)
	case WriteOff:
		return s.prepareWriteOff(ctx, r, in)
	case Reverse:
	}
	return s.prepareReversal(ctx, r, in)
}

// creditedInvoice is an invoice with all that a credit on it is measured against.
type creditedInvoice struct {
	lockedInvoice
	lines     []LineDetail
	taxes     []TaxDetail
	members   []lineTaxShareRow
	discounts []InvoiceDiscount
	claims    claims
}

type lineTaxShareRow struct {
	InvoiceLineID InvoiceLineID
	InvoiceTaxID  InvoiceTaxID
}

func readCredited(ctx context.Context, r db.Reader, id InvoiceID) (creditedInvoice, error) {
	var c creditedInvoice
	invoice, err := db.One[lockedInvoice](ctx, r, `select i.*, o.open, o.held, o.base_open, o.rounding_given from invoices i
		join open_items o on o.kind = 'invoice' and o.document_id = i.id where i.id = $1`, id)
	if c.lockedInvoice, err = found(invoice, err, ErrNoInvoice, "read invoice"); err != nil {
		return c, err
	}
	if reversed, err := db.Value[bool](ctx, r, `select exists (select from allocations where invoice_id = $1 and source_kind = 'reversal')`, id); err != nil || reversed {
		if err == nil {
			err = errs.New(errs.Conflict, ErrReversedBefore.Key, "number", invoice.Number, "reversal", "")
		}
		return c, err
	}
	known, err := readClaims(ctx, r, []InvoiceID{id})
	if err != nil {
		return c, err
	}
	c.claims = known[id]
	if c.lines, c.taxes, err = invoiceParts(ctx, r, id); err != nil {
		return c, err
	}
	if c.members, err = db.List[lineTaxShareRow](ctx, r, `select m.invoice_line_id, m.invoice_tax_id from invoice_line_taxes m
		join invoice_lines l on l.id = m.invoice_line_id where l.invoice_id = $1`, id); err != nil {
		return c, fmt.Errorf("read line taxes: %w", err)
	}
	if c.Discount.IsPositive() {
		c.discounts, err = db.List[InvoiceDiscount](ctx, r, `select * from invoice_discounts where invoice_id = $1 order by position`, id)
	}
	return c, err
}

// prepareCredit works out a credit on an invoice.
func (s *Service) prepareCredit(ctx context.Context, r db.Reader, in AdjustmentInput) (Adjustment, error) {
	invoice, err := readCredited(ctx, r, in.InvoiceID)
	if err != nil {
		return Adjustment{}, err
	}
	if in.Whole {
		in.Lines = invoice.rest()
	}
	if len(in.Lines) == 0 {
		key := "error.required"
		if in.Whole {
			key = "billing.nothing_remains"
		}
		return Adjustment{}, errs.InvalidField("lines", key)
	}
	if fields, err := invoice.check(ctx, r, in); err != nil || len(fields) > 0 {
		if err == nil {
			err = errs.InvalidFields(fields...)
		}
		return Adjustment{}, err
	}
	a := invoice.workOut(in)
	if refusal := invoice.claims.givesUpAgain(invoice.Invoice, a.Total, a.Tax); refusal != nil {
		return Adjustment{}, errs.InvalidFields(errs.Field{Name: "lines", Key: refusal.Key, Params: refusal.Params})
	}
	if fields := a.settle(in, invoice.Open); len(fields) > 0 {
		return Adjustment{}, errs.InvalidFields(fields...)
	}
	if fields := a.emptyLines(in); len(fields) > 0 {
		return Adjustment{}, errs.InvalidFields(fields...)
	}
	if !in.Refund.IsPositive() {
		return a, nil
	}
	if err := checkDestination(a); err != nil {
		return a, err
	}
	return a, checkRefundable(ctx, r, a)
}

// emptyLines names the proposed lines of which nothing is left after the document discount.
func (a Adjustment) emptyLines(in AdjustmentInput) []errs.Field {
	var fields []errs.Field
	for i, p := range in.Lines {
		if slices.ContainsFunc(a.Lines, func(l AdjustmentLine) bool { return l.InvoiceLineID == p.InvoiceLineID && !l.Amount.IsPositive() }) {
			fields = append(fields, errs.Field{Name: fmt.Sprintf("lines.%d.net", i), Key: "billing.bad_amount"})
		}
	}
	if len(fields) == 0 && !a.Net.IsPositive() {
		fields = append(fields, errs.Field{Name: "lines", Key: "billing.bad_amount"})
	}
	return fields
}

// rest is all that may still be credited, line by line.
func (c creditedInvoice) rest() []AdjustLine {
	var lines []AdjustLine
	for _, l := range c.lines {
		if l.Remaining.IsPositive() {
			lines = append(lines, AdjustLine{InvoiceLineID: l.ID, Amount: l.Remaining})
		}
	}
	return lines
}

// check finds what is wrong with the proposed lines.
func (c creditedInvoice) check(ctx context.Context, r db.Reader, in AdjustmentInput) ([]errs.Field, error) {
	var fields []errs.Field
	seen := map[InvoiceLineID]bool{}
	digits := c.Currency.Digits()
	for i, proposed := range in.Lines {
		field := errs.Field{Name: fmt.Sprintf("lines.%d.net", i)}
		at := slices.IndexFunc(c.lines, func(l LineDetail) bool { return l.ID == proposed.InvoiceLineID })
		switch {
		case at < 0:
			field.Key = "billing.line_not_on_invoice"
		case seen[proposed.InvoiceLineID]:
			field.Key = "billing.line_twice"
		case !proposed.asks() || finer(proposed.Amount, digits) || finer(proposed.List, digits):
			field.Key = "billing.bad_amount"
		case proposed.byQuantity() && c.lines[at].quantityLeft().LessThan(*proposed.Quantity):
			field.Name = fmt.Sprintf("lines.%d.quantity", i)
			field.Key = "billing.over_quantity"
			field.Params = errs.Params{"remaining": c.lines[at].quantityLeft().String()}
		case c.lines[at].overHeadroom(proposed):
			holder, err := holders(ctx, r, proposed.InvoiceLineID)
			if err != nil {
				return nil, err
			}
			field.Key = overHeadroomKey(holder)
			field.Params = errs.Params{"remaining": c.Invoice.Amount(c.lines[at].Remaining).String(), "holder": holder}
		default:
			seen[proposed.InvoiceLineID] = true
			continue
		}
		fields = append(fields, field)
	}
	return fields, nil
}

// asks tells whether a line proposes anything.
func (l AdjustLine) asks() bool {
	if l.Amount.IsNegative() || l.List.IsNegative() {
		return false
	}
	return l.Amount.IsPositive() || l.List.IsPositive() || l.Quantity != nil && l.Quantity.IsPositive()
}

func (l AdjustLine) byQuantity() bool {
	return !l.Amount.IsPositive() && !l.List.IsPositive() && l.Quantity != nil
}

// overHeadroom tells whether a proposal is more than what remains, before or after the document discount.
func (l LineDetail) overHeadroom(p AdjustLine) bool {
	if p.Amount.IsPositive() {
		return p.Amount.GreaterThan(l.Remaining)
	}
	return p.List.GreaterThan(l.listLeft()) || !l.Remaining.IsPositive()
}

// quantityLeft is the quantity that was not credited by quantity yet.
func (l LineDetail) quantityLeft() decimal.Decimal { return l.Quantity.Sub(l.QuantityGiven) }

// listLeft is what remains before the document discount.
func (l LineDetail) listLeft() decimal.Decimal { return l.Remaining.Add(l.discountLeft()) }

func (l LineDetail) discountLeft() decimal.Decimal { return l.Discount.Sub(l.DiscountGiven) }

const (
	keyRemaining     = "billing.only_remaining"
	keyRemainingHeld = "billing.only_remaining_held"
)

// overHeadroomKey says what remains, and who keeps the rest when somebody does.
func overHeadroomKey(holder string) string {
	if holder == "" {
		return keyRemaining
	}
	return keyRemainingHeld
}

// holders names the requests that keep something of a line reserved, "" when none does.
func holders(ctx context.Context, r db.Reader, line InvoiceLineID) (string, error) {
	requests, err := db.Values[int64](ctx, r, `select credit_request_id from line_reservations
		where invoice_line_id = $1 and state = 'held' order by credit_request_id`, line)
	if err != nil {
		return "", fmt.Errorf("read holders: %w", err)
	}
	names := make([]string, len(requests))
	for i, id := range requests {
		names[i] = requestNumber(id)
	}
	return strings.Join(names, ", "), nil
}

// requestNumber is the number a credit request goes by.
func requestNumber(id int64) string { return fmt.Sprintf("CR-%06d", id) }

// settle decides how the total would settle (invariant of four buckets): what was asked to be refunded or settled
// elsewhere, then the invoice as far as it is open, then the customer's balance.
func (a *Adjustment) settle(in AdjustmentInput, open decimal.Decimal) []errs.Field {
	var fields []errs.Field
	digits := a.Currency.Digits()
	for _, asked := range []struct {
		name   string
		amount decimal.Decimal
	}{{"refund", in.Refund}, {"settled_outside", in.SettledOutside}} {
		if asked.amount.IsNegative() || finer(asked.amount, digits) {
			fields = append(fields, errs.Field{Name: asked.name, Key: "billing.bad_amount"})
		}
	}
	if in.Refund.Add(in.SettledOutside).GreaterThan(a.Total) {
		fields = append(fields, errs.Field{Name: "refund", Key: "billing.settles_more_than_total", Params: errs.Params{"total": a.SumOf(a.Total).String()}})
	}
	a.ToRefund, a.SettledOutside = in.Refund, in.SettledOutside
	a.Method, a.Destination = in.Method, in.Destination
	a.divide(open)
	return fields
}

// divide splits what is neither refunded nor settled outside between the invoice, as far as it is open, and the balance.
func (a *Adjustment) divide(open decimal.Decimal) {
	rest := a.Total.Sub(a.ToRefund).Sub(a.SettledOutside)
	a.InvoiceOpen = open
	a.ToInvoice = decimal.Max(decimal.Zero, decimal.Min(rest, open))
	a.ToBalance = rest.Sub(a.ToInvoice)
}
