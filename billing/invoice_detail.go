package billing

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
)

// InvoiceDetail reads an invoice with everything that has happened to it; ErrNoInvoice when there is none.
func (s *Service) InvoiceDetail(ctx context.Context, r db.Reader, id InvoiceID) (InvoiceDetail, error) {
	invoice, err := s.InvoiceByID(ctx, r, id)
	if err != nil {
		return InvoiceDetail{}, err
	}
	d := InvoiceDetail{Invoice: invoice}
	customers, err := customersByID(ctx, r, []CustomerID{invoice.CustomerID, invoice.SoldToID})
	if err != nil {
		return d, err
	}
	d.Customer, d.SoldTo = customers[invoice.CustomerID], customers[invoice.SoldToID]
	if d.Entity, err = s.EntityByID(ctx, r, invoice.EntityID); err != nil {
		return d, err
	}
	if d.Open, err = db.One[OpenItem](ctx, r, `select * from open_items where kind = 'invoice' and document_id = $1`, id); err != nil {
		return d, fmt.Errorf("read open item: %w", err)
	}
	if d.Open.SaidDisputed, err = db.Value[decimal.Decimal](ctx, r, `select said_disputed($1, $2)`, id, r.Now()); err != nil {
		return d, fmt.Errorf("read what files said: %w", err)
	}
	if d.Lines, d.Taxes, err = invoiceParts(ctx, r, id); err != nil {
		return d, err
	}
	if d.Discount.IsPositive() {
		if d.Discounts, err = db.List[InvoiceDiscount](ctx, r, `select * from invoice_discounts where invoice_id = $1 order by position`, id); err != nil {
			return d, fmt.Errorf("read discounts: %w", err)
		}
	}
	if d.Allocations, err = allocations(ctx, r, "a.invoice_id = $1", id); err != nil {
		return d, err
	}
	return d, invoiceClaims(ctx, r, &d)
}

func invoiceParts(ctx context.Context, r db.Reader, id InvoiceID) ([]LineDetail, []TaxDetail, error) {
	lines, err := db.List[LineDetail](ctx, r, `select l.*, b.credited, b.reserved, b.amount - b.credited - b.reserved as remaining,
			b.discount_given, b.quantity_given,
			coalesce((select sum(h.amount) from holds h where h.invoice_line_id = l.id and h.released_at is null), 0) as held_amount
		from invoice_lines l join invoice_line_balances b on b.invoice_line_id = l.id
		where l.invoice_id = $1 order by l.line_no`, id)
	if err != nil {
		return nil, nil, fmt.Errorf("read invoice lines: %w", err)
	}
	taxes, err := db.List[TaxDetail](ctx, r, `select t.*, b.credited_net, b.reserved_net, b.credited_tax, b.reserved_tax
		from invoice_taxes t join invoice_tax_balances b on b.invoice_tax_id = t.id
		where t.invoice_id = $1 order by t.id`, id)
	if err != nil {
		return nil, nil, fmt.Errorf("read invoice taxes: %w", err)
	}
	return lines, taxes, nil
}

// invoiceClaims reads what lays claim to an invoice: holds, memos and pending requests.
func invoiceClaims(ctx context.Context, r db.Reader, d *InvoiceDetail) error {
	var err error
	if d.Holds, err = db.List[Hold](ctx, r, `select * from holds where invoice_id = $1 and released_at is null and amount > 0 order by id`, d.ID); err != nil {
		return fmt.Errorf("read holds: %w", err)
	}
	if d.Memos, err = db.List[CreditMemo](ctx, r, `select * from credit_memos where invoice_id = $1 order by id`, d.ID); err != nil {
		return fmt.Errorf("read memos: %w", err)
	}
	d.Reservations, err = db.List[Reservation](ctx, r, `select credit_request_id, invoice_line_id, amount, reserved_at
		from line_reservations where invoice_id = $1 and state = 'held' order by credit_request_id, invoice_line_id`, d.ID)
	if err != nil {
		return fmt.Errorf("read reservations: %w", err)
	}
	return nil
}

// allocationColumns reads allocations with the documents on both sides.
const allocationColumns = `select a.*, i.number as invoice_number, b.id is not null as taken_back,
			coalesce(p.number, m.number, t.number, w.number, v.number, '') as source_number,
			coalesce(p.received_on, m.issued_on, t.moved_on, w.written_off_on, v.reversed_on) as source_on
		from allocations a join invoices i on i.id = a.invoice_id left join allocations b on b.reverses_id = a.id
		left join payments p on a.source_kind = 'payment' and p.id = a.source_id
		left join credit_memos m on a.source_kind = 'credit_memo' and m.id = a.source_id
		left join transfers t on a.source_kind = 'transfer' and t.id = a.source_id
		left join write_offs w on a.source_kind = 'write_off' and w.id = a.source_id
		left join reversals v on a.source_kind = 'reversal' and v.id = a.source_id`

// allocations reads what was applied where, by a condition of ours with one argument.
func allocations(ctx context.Context, r db.Reader, condition string, arg any) ([]AllocationDetail, error) {
	list, err := db.List[AllocationDetail](ctx, r, allocationColumns+` where `+condition+` order by a.id`, arg)
	if err != nil {
		return nil, fmt.Errorf("read allocations: %w", err)
	}
	return list, nil
}
