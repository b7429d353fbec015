package billing

import (
	"context"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
)

// Contestable is what may still be disputed, including tax, on an invoice or on one of its lines: what was charged
// less what was credited and less what open disputes hold. Of a line it is never more than of its invoice.
// ErrNoInvoice when there is no such invoice, or the line is not on it.
func (s *Service) Contestable(ctx context.Context, r db.Reader, id InvoiceID, line *InvoiceLineID) (decimal.Decimal, error) {
	type sums struct {
		Invoice
		Credited, Held decimal.Decimal
	}
	i, err := db.One[sums](ctx, r, `select i.*,
			(select coalesce(sum(credited_net + credited_tax), 0) from invoice_tax_balances where invoice_id = i.id) as credited,
			(select coalesce(sum(amount), 0) from holds where invoice_id = i.id and released_at is null) as held
		from invoices i where i.id = $1`, id)
	if i, err = found(i, err, ErrNoInvoice, "read invoice"); err != nil {
		return decimal.Zero, err
	}
	left := decimal.Max(decimal.Zero, i.Total.Sub(i.Credited).Sub(i.Held))
	if line == nil {
		return left, nil
	}
	type lineSums struct {
		InvoiceLine
		CreditedNet, Held decimal.Decimal
	}
	l, err := db.One[lineSums](ctx, r, `select l.*, b.credited_net,
			(select coalesce(sum(amount), 0) from holds where invoice_line_id = l.id and released_at is null) as held
		from invoice_lines l join invoice_line_balances b on b.invoice_line_id = l.id
		where l.id = $1 and l.invoice_id = $2`, *line, id)
	if l, err = found(l, err, ErrNoInvoice, "read invoice line"); err != nil {
		return decimal.Zero, err
	}
	return decimal.Min(left, decimal.Max(decimal.Zero, l.remainingGross(l.CreditedNet, i.Currency.Digits()).Sub(l.Held))), nil
}

// remainingGross is what is not credited of a line with its share of the tax.
func (l InvoiceLine) remainingGross(creditedNet decimal.Decimal, digits int32) decimal.Decimal {
	if l.Net.IsZero() {
		return decimal.Zero
	}
	net := l.Net.Sub(creditedNet)
	return net.Add(l.TaxShare.Mul(net).DivRound(l.Net, digits))
}
