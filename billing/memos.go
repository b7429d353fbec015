package billing

import (
	"context"
	"fmt"
	"strings"

	"makegood/billing/ledger"
	"makegood/internal/db"
)

// Memos lists credit memos, newest first.
func (s *Service) Memos(ctx context.Context, filter MemoFilter) (Page[MemoRow], error) {
	var c conditions
	if filter.CustomerID != 0 {
		c.add("m.customer_id = ?", filter.CustomerID)
	}
	if len(filter.EntityIDs) > 0 {
		c.add("m.entity_id = any (?)", filter.EntityIDs)
	}
	if filter.InvoiceID != 0 {
		c.add("m.invoice_id = ?", filter.InvoiceID)
	}
	if filter.Kind != "" {
		c.add("m.kind = ?", filter.Kind)
	}
	if filter.Query != "" {
		c.add("(m.number ilike ? or i.number ilike ? or c.name ilike ?)", contains(filter.Query))
	}
	c.addAfter(filter.After, "m.issued_on", "m.id")
	limit := limitOf(filter.Limit)
	rows, err := db.List[MemoRow](ctx, s.db, fmt.Sprintf(`select m.*, c.name as customer_name, c.account,
			coalesce(i.number, '') as invoice_number, o.open
		from credit_memos m join customers c on c.id = m.customer_id left join invoices i on i.id = m.invoice_id
		join open_items o on o.kind = 'credit_memo' and o.document_id = m.id
		%s order by m.issued_on desc, m.id desc limit %d`, c.where(), limit+1), c.args...)
	if err != nil {
		return Page[MemoRow]{}, fmt.Errorf("list memos: %w", err)
	}
	return pageOf(rows, limit, func(m MemoRow) string { return cursor{m.IssuedOn, int64(m.ID)}.String() }), nil
}

// MemoByRequest reads the memo posted for a credit request; ErrNoMemo while there is none.
func (s *Service) MemoByRequest(ctx context.Context, r db.Reader, requestID int64) (CreditMemo, error) {
	m, err := db.One[CreditMemo](ctx, r, `select * from credit_memos where credit_request_id = $1`, requestID)
	return found(m, err, ErrNoMemo, "read memo")
}

// MemoByNumber reads a memo with its parts and what was booked; ErrNoMemo when there is none.
func (s *Service) MemoByNumber(ctx context.Context, r db.Reader, number string) (MemoDetail, error) {
	m, err := db.One[CreditMemo](ctx, r, `select * from credit_memos where number = $1`, strings.TrimSpace(number))
	if m, err = found(m, err, ErrNoMemo, "read memo"); err != nil {
		return MemoDetail{}, err
	}
	return s.memoDetail(ctx, r, m)
}

func (s *Service) memoDetail(ctx context.Context, r db.Reader, m CreditMemo) (MemoDetail, error) {
	d := MemoDetail{CreditMemo: m}
	var err error
	if d.Lines, err = db.List[CreditMemoLine](ctx, r, `select * from credit_memo_lines where credit_memo_id = $1 order by line_no`, m.ID); err != nil {
		return d, fmt.Errorf("read memo lines: %w", err)
	}
	if d.Taxes, err = db.List[CreditMemoTax](ctx, r, `select * from credit_memo_taxes where credit_memo_id = $1 order by position`, m.ID); err != nil {
		return d, fmt.Errorf("read memo taxes: %w", err)
	}
	if m.InvoiceID != nil {
		if d.Invoice, err = s.InvoiceByID(ctx, r, *m.InvoiceID); err != nil {
			return d, err
		}
	}
	if d.Customer, err = s.CustomerByID(ctx, r, m.CustomerID); err != nil {
		return d, err
	}
	if d.Entity, err = s.EntityByID(ctx, r, m.EntityID); err != nil {
		return d, err
	}
	if d.Allocations, err = allocations(ctx, r, "a.source_kind = 'credit_memo' and a.source_id = $1", m.ID); err != nil {
		return d, err
	}
	if d.Entries, err = entriesOf(ctx, r, ledger.CreditMemo, int64(m.ID), d.Allocations); err != nil {
		return d, err
	}
	open, err := db.One[OpenItem](ctx, r, `select * from open_items where kind = 'credit_memo' and document_id = $1`, m.ID)
	if err != nil {
		return d, fmt.Errorf("read open item: %w", err)
	}
	d.Open = open.Open
	if m.Kind == Rebill && m.Origin == Issued {
		if d.RebilledAs, err = db.Value[string](ctx, r, `select number from invoices where credit_request_id = $1`, m.CreditRequestID); err != nil {
			return d, fmt.Errorf("read rebill: %w", err)
		}
	}
	if m.Origin == Issued && d.Invoice.ExternalID != "" {
		d.Elsewhere, err = gatewayPostings(ctx, r, m.ID)
	}
	return d, err
}
