package billing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing/tax"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// PrepareAdjustment works out what giving back the proposed nets means: the tax by the cumulative rule over all that
// was credited or is reserved, the sums, and where the credit would go as the invoice stands now. It refuses, field
// by field, what is not on the invoice or exceeds what remains, and says what remains and who holds the rest. It
// takes no lock.
func (s *Service) PrepareAdjustment(ctx context.Context, r db.Reader, in AdjustmentInput) (Adjustment, error) {
	if in.Kind != BillingError && in.Kind != Concession && in.Kind != SLACredit {
		return Adjustment{}, errs.InvalidField("kind", "billing.unknown_kind", "kind", string(in.Kind))
	}
	if in.ReasonCode == "" {
		return Adjustment{}, errs.InvalidField("reason_code", "error.required")
	}
	if len(in.Lines) == 0 {
		return Adjustment{}, errs.InvalidField("lines", "error.required")
	}
	invoice, err := db.One[lockedInvoice](ctx, r, `select i.*, o.open, o.held from invoices i
		join open_items o on o.kind = 'invoice' and o.document_id = i.id where i.id = $1`, in.InvoiceID)
	if invoice, err = found(invoice, err, ErrNoInvoice, "read invoice"); err != nil {
		return Adjustment{}, err
	}
	lines, taxes, err := invoiceParts(ctx, r, in.InvoiceID)
	if err != nil {
		return Adjustment{}, err
	}
	if fields, err := checkLines(ctx, r, in, invoice.Invoice, lines); err != nil || len(fields) > 0 {
		if err == nil {
			err = errs.InvalidFields(fields...)
		}
		return Adjustment{}, err
	}
	return workOut(in, invoice, lines, taxes), nil
}

// checkLines finds what is wrong with the proposed lines.
func checkLines(ctx context.Context, r db.Reader, in AdjustmentInput, invoice Invoice, lines []LineDetail) ([]errs.Field, error) {
	var fields []errs.Field
	seen := map[InvoiceLineID]bool{}
	for i, proposed := range in.Lines {
		field := errs.Field{Name: fmt.Sprintf("lines.%d.net", i)}
		at := slices.IndexFunc(lines, func(l LineDetail) bool { return l.ID == proposed.InvoiceLineID })
		switch {
		case at < 0:
			field.Key = "billing.line_not_on_invoice"
		case seen[proposed.InvoiceLineID]:
			field.Key = "billing.line_twice"
		case !proposed.Net.IsPositive() || finer(proposed.Net, invoice.Currency.Digits()):
			field.Key = "billing.bad_amount"
		case proposed.Net.GreaterThan(lines[at].Remaining):
			holder, err := holders(ctx, r, proposed.InvoiceLineID)
			if err != nil {
				return nil, err
			}
			field.Key = ErrOverHeadroom.Key
			field.Params = errs.Params{"remaining": invoice.Amount(lines[at].Remaining).String(), "holder": holder}
		default:
			seen[proposed.InvoiceLineID] = true
			continue
		}
		fields = append(fields, field)
	}
	return fields, nil
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

// workOut computes the adjustment; the lines were checked.
func workOut(in AdjustmentInput, invoice lockedInvoice, lines []LineDetail, taxes []TaxDetail) Adjustment {
	a := Adjustment{
		Kind: in.Kind, EntityID: invoice.EntityID, CustomerID: invoice.CustomerID, InvoiceID: invoice.ID,
		InvoiceNumber: invoice.Number, Currency: invoice.Currency, ReasonCode: in.ReasonCode, InvoiceOpen: invoice.Open,
	}
	for _, line := range lines { // in the order of the invoice, whatever the order of the proposal
		at := slices.IndexFunc(in.Lines, func(p AdjustLine) bool { return p.InvoiceLineID == line.ID })
		if at < 0 {
			continue
		}
		a.Lines = append(a.Lines, AdjustmentLine{
			InvoiceLineID: line.ID, Description: line.Description, Quantity: in.Lines[at].Quantity,
			Net: in.Lines[at].Net, TaxCategory: line.TaxCategory, TaxRate: line.TaxRate,
		})
		a.Net = a.Net.Add(in.Lines[at].Net)
	}
	digits := invoice.Currency.Digits()
	for _, group := range taxes {
		if t, ok := a.creditGroup(group, digits); ok {
			a.Taxes = append(a.Taxes, t)
			a.Tax = a.Tax.Add(t.Tax)
		}
	}
	a.Total = a.Net.Add(a.Tax)
	a.ToInvoice = decimal.Min(a.Total, invoice.Open)
	a.ToBalance = a.Total.Sub(a.ToInvoice)
	return a
}

// creditGroup computes the tax on one group and spreads it over the lines that belong to it.
func (a *Adjustment) creditGroup(group TaxDetail, digits int32) (AdjustmentTax, bool) {
	var members []int
	var nets []decimal.Decimal
	net := decimal.Zero
	for i, l := range a.Lines {
		if l.TaxCategory == group.Category && l.TaxRate.Equal(group.Rate) {
			members, nets, net = append(members, i), append(nets, l.Net), net.Add(l.Net)
		}
	}
	if len(members) == 0 {
		return AdjustmentTax{}, false
	}
	amount := tax.CreditTax(tax.CreditInput{
		InvoiceNet: group.Net, InvoiceTax: group.Tax, Rate: group.Rate, ThisNet: net, Digits: digits,
		CreditedNet: group.CreditedNet.Add(group.ReservedNet), CreditedTax: group.CreditedTax.Add(group.ReservedTax),
	})
	for i, share := range tax.Spread(amount, nets, digits) {
		a.Lines[members[i]].TaxShare = share
	}
	return AdjustmentTax{InvoiceTaxID: group.ID, Category: group.Category, Rate: group.Rate, Net: net, Tax: amount}, true
}
