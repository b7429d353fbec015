package billing

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
)

// Claimed names an invoice, or one of its lines, that somebody wants to dispute.
type Claimed struct {
	InvoiceID InvoiceID
	Line      *InvoiceLineID
}

// Contestable is an invoice with what may still be disputed of it, or of the line that was named.
type Contestable struct {
	Invoice Invoice
	Open    decimal.Decimal
}

// Contestable is what may still be disputed, including tax, on an invoice or on one of its lines: what was charged
// less what was credited and less what open disputes hold. Of a line it is never more than of its invoice.
// ErrNoInvoice when there is no such invoice, or the line is not on it.
func (s *Service) Contestable(ctx context.Context, r db.Reader, id InvoiceID, line *InvoiceLineID) (decimal.Decimal, error) {
	list, err := s.Contestables(ctx, r, []Claimed{{id, line}})
	if err != nil {
		return decimal.Zero, err
	}
	return list[0].Open, nil
}

type contestableInvoice struct {
	Invoice
	Credited, Held decimal.Decimal
}

type contestableLine struct {
	InvoiceLine
	Credited, Held decimal.Decimal
}

// Contestables is Contestable for several, in their order.
func (s *Service) Contestables(ctx context.Context, r db.Reader, asked []Claimed) ([]Contestable, error) {
	if len(asked) == 0 {
		return nil, nil
	}
	var ids []InvoiceID
	var lineIDs []InvoiceLineID
	for _, a := range asked {
		ids = append(ids, a.InvoiceID)
		if a.Line != nil {
			lineIDs = append(lineIDs, *a.Line)
		}
	}
	invoices, err := contestableInvoices(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	lines, err := contestableLines(ctx, r, lineIDs)
	if err != nil {
		return nil, err
	}
	list := make([]Contestable, len(asked))
	for n, a := range asked {
		i, ok := invoices[a.InvoiceID]
		if !ok {
			return nil, ErrNoInvoice
		}
		list[n] = Contestable{i.Invoice, decimal.Max(decimal.Zero, i.Total.Sub(i.Credited).Sub(i.Held))}
		if a.Line == nil {
			continue
		}
		l, ok := lines[*a.Line]
		if !ok || l.InvoiceID != a.InvoiceID {
			return nil, ErrNoInvoice
		}
		list[n].Open = decimal.Min(list[n].Open, decimal.Max(decimal.Zero, l.remainingGross(l.Credited, i.Invoice).Sub(l.Held)))
	}
	return list, nil
}

func contestableInvoices(ctx context.Context, r db.Reader, ids []InvoiceID) (map[InvoiceID]contestableInvoice, error) {
	list, err := db.List[contestableInvoice](ctx, r, `select i.*,
			(select coalesce(sum(credited), 0) from invoice_line_balances where invoice_id = i.id)
				+ case when i.prices_include_tax then 0 else (select coalesce(sum(credited_tax), 0) from invoice_tax_balances where invoice_id = i.id) end as credited,
			(select coalesce(sum(amount), 0) from holds where invoice_id = i.id and released_at is null) as held
		from invoices i where i.id = any ($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read what may be contested: %w", err)
	}
	byID := make(map[InvoiceID]contestableInvoice, len(list))
	for _, i := range list {
		byID[i.ID] = i
	}
	return byID, nil
}

func contestableLines(ctx context.Context, r db.Reader, ids []InvoiceLineID) (map[InvoiceLineID]contestableLine, error) {
	if len(ids) == 0 {
		return nil, nil //nolint:nilnil // whole invoices are contested
	}
	list, err := db.List[contestableLine](ctx, r, `select l.*, b.credited,
			(select coalesce(sum(amount), 0) from holds where invoice_line_id = l.id and released_at is null) as held
		from invoice_lines l join invoice_line_balances b on b.invoice_line_id = l.id where l.id = any ($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read what may be contested of lines: %w", err)
	}
	byID := make(map[InvoiceLineID]contestableLine, len(list))
	for _, l := range list {
		byID[l.ID] = l
	}
	return byID, nil
}

// remainingGross is what is not credited of a line, with its share of the tax.
func (l InvoiceLine) remainingGross(credited decimal.Decimal, i Invoice) decimal.Decimal {
	rest := l.Amount().Sub(credited)
	if i.PricesIncludeTax || l.Amount().IsZero() {
		return rest
	}
	return rest.Add(l.TaxShare.Mul(rest).DivRound(l.Amount(), i.Currency.Digits()))
}
