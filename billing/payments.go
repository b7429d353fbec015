package billing

import (
	"context"
	"fmt"
	"strings"

	"makegood/billing/ledger"
	"makegood/internal/db"
)

// Payments lists payments, newest first.
func (s *Service) Payments(ctx context.Context, filter PaymentFilter) (Page[PaymentRow], error) {
	var c conditions
	if filter.CustomerID != 0 {
		c.add("p.customer_id = ?", filter.CustomerID)
	}
	if len(filter.EntityIDs) > 0 {
		c.add("p.entity_id = any (?)", filter.EntityIDs)
	}
	if filter.Query != "" {
		c.add("(p.number ilike ? or p.bank_reference ilike ? or c.name ilike ?)", contains(filter.Query))
	}
	if filter.Unapplied {
		c.also("o.open > 0")
	}
	c.addAfter(filter.After, "p.received_on", "p.id")
	limit := limitOf(filter.Limit)
	rows, err := db.List[PaymentRow](ctx, s.db, fmt.Sprintf(`select p.*, c.name as customer_name, c.account, o.open
		from payments p join customers c on c.id = p.customer_id
		join open_items o on o.kind = 'payment' and o.document_id = p.id
		%s order by p.received_on desc, p.id desc limit %d`, c.where(), limit+1), c.args...)
	if err != nil {
		return Page[PaymentRow]{}, fmt.Errorf("list payments: %w", err)
	}
	return pageOf(rows, limit, func(p PaymentRow) string { return cursor{p.ReceivedOn, int64(p.ID)}.String() }), nil
}

// PaymentByNumber reads a payment with what it settled; ErrNoPayment when there is none.
func (s *Service) PaymentByNumber(ctx context.Context, r db.Reader, number string) (PaymentDetail, error) {
	row, err := db.One[PaymentRow](ctx, r, `select p.*, c.name as customer_name, c.account, o.open
		from payments p join customers c on c.id = p.customer_id
		join open_items o on o.kind = 'payment' and o.document_id = p.id where p.number = $1`, strings.TrimSpace(number))
	if row, err = found(row, err, ErrNoPayment, "read payment"); err != nil {
		return PaymentDetail{}, err
	}
	d := PaymentDetail{Payment: row.Payment, Open: row.Open}
	if d.Customer, err = s.CustomerByID(ctx, r, d.CustomerID); err != nil {
		return d, err
	}
	if d.Entity, err = s.EntityByID(ctx, r, d.EntityID); err != nil {
		return d, err
	}
	if d.Allocations, err = allocations(ctx, r, "a.source_kind = 'payment' and a.source_id = $1", d.ID); err != nil {
		return d, err
	}
	d.Entries, err = entriesOf(ctx, r, ledger.Payment, int64(d.ID), d.Allocations)
	return d, err
}

// entriesOf reads a document's own entries and those of its allocations.
func entriesOf(ctx context.Context, r db.Reader, kind ledger.DocumentKind, id int64, applied []AllocationDetail) ([]ledger.Entry, error) {
	entries, err := ledger.Entries(ctx, r, kind, id)
	if err != nil || len(applied) == 0 {
		return entries, err
	}
	ids := make([]int64, len(applied))
	for i, a := range applied {
		ids[i] = a.ID
	}
	more, err := ledger.Entries(ctx, r, ledger.Allocation, ids...)
	return append(entries, more...), err
}
