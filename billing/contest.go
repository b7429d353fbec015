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
			(select coalesce(sum(credited), 0) from invoice_line_balances where invoice_id = i.id)
				+ case when i.prices_include_tax then 0 else (select coalesce(sum(credited_tax), 0) from invoice_tax_balances where invoice_id = i.id) end as credited,
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
		Credited, Held decimal.Decimal
	}
	l, err := db.One[lineSums](ctx, r, `select l.*, b.credited,
			(select coalesce(sum(amount), 0) from holds where invoice_line_id = l.id and released_at is null) as held
		from invoice_lines l join invoice_line_balances b on b.invoice_line_id = l.id
		where l.id = $1 and l.invoice_id = $2`, *line, id)
	if l, err = found(l, err, ErrNoInvoice, "read invoice line"); err != nil {
		return decimal.Zero, err
	}
	return decimal.Min(left, decimal.Max(decimal.Zero, l.remainingGross(l.Credited, i.Invoice).Sub(l.Held))), nil
}

// remainingGross is what is not credited of a line, with its share of the tax.
func (l InvoiceLine) remainingGross(credited decimal.Decimal, i Invoice) decimal.Decimal {
	rest := l.Amount().Sub(credited)
	if i.PricesIncludeTax || l.Amount().IsZero() {
		return rest
	}
	return rest.Add(l.TaxShare.Mul(rest).DivRound(l.Amount(), i.Currency.Digits()))
}
