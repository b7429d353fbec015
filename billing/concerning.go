package billing

import (
	"context"
	"errors"
	"fmt"

	"makegood/internal/db"
)

// family are the customers whose documents one may be told about, as an array: itself, and who it is at the top of. $1 is the customer who
// asks, $2 whether it sees its family. They are found first, so that documents are looked up by them instead of all being looked through.
const family = "array(select id from customers where id = $1 union all select id from customers where $2 and family_id = $1)"

// concerning is MayConcern as a condition on an invoice i.
const concerning = "i.id = any (array(select id from invoices where customer_id = any (" + family + ") union select id from invoices where sold_to_id = $1))"

// seesFamily: a partner or a parent sees what is billed to its family; an end customer only itself.
func (c Customer) seesFamily() bool { return c.Kind != EndCustomer }

// InvoicesConcerning lists the invoices a customer may be told about (MayConcern), newest first; openOnly leaves out
// those with nothing left to pay. After is the Next of the page before.
func (s *Service) InvoicesConcerning(ctx context.Context, who Customer, openOnly bool, after string, limit int) (Page[InvoiceRow], error) {
	var c conditions
	c.args = []any{who.ID, who.seesFamily()}
	c.parts = []string{concerning}
	if openOnly {
		c.also("o.open > 0")
	}
	c.addAfter(after, "i.issued_on", "i.id")
	limit = limitOf(limit)
	now := c.value(s.db.Now())
	rows, err := db.List[InvoiceRow](ctx, s.db, fmt.Sprintf(`select i.*, c.name as customer_name, c.account, o.open, least(o.held + said_disputed(i.id, %s), o.open) as held
		from invoices i join customers c on c.id = i.customer_id
		join open_items o on o.kind = 'invoice' and o.document_id = i.id
		%s order by i.issued_on desc, i.id desc limit %d`, now, c.where(), limit+1), c.args...)
	if err != nil {
		return Page[InvoiceRow]{}, fmt.Errorf("list invoices of customer: %w", err)
	}
	return pageOf(rows, limit, func(i InvoiceRow) string { return cursor{i.IssuedOn, int64(i.ID)}.String() }), nil
}

// InvoiceConcerning reads an invoice with what happened to it, for a customer. One that does not concern the customer is
// not there for it: ErrNoInvoice.
func (s *Service) InvoiceConcerning(ctx context.Context, r db.Reader, who Customer, number string) (InvoiceDetail, error) {
	i, err := s.InvoiceByNumber(ctx, r, number)
	if err != nil {
		return InvoiceDetail{}, err
	}
	d, err := s.InvoiceDetail(ctx, r, i.ID)
	if err != nil {
		return InvoiceDetail{}, err
	}
	if !MayConcern(who, i, d.Customer) {
		return InvoiceDetail{}, ErrNoInvoice
	}
	return d, nil
}

// MemosConcerning lists the credit memos of a customer and, for a partner or a parent, of its family, newest first.
func (s *Service) MemosConcerning(ctx context.Context, who Customer, after string, limit int) (Page[MemoRow], error) {
	var c conditions
	c.args = []any{who.ID, who.seesFamily()}
	c.parts = []string{"m.customer_id = any (" + family + ")"}
	c.addAfter(after, "m.issued_on", "m.id")
	limit = limitOf(limit)
	rows, err := db.List[MemoRow](ctx, s.db, fmt.Sprintf(`select m.*, c.name as customer_name, c.account,
			coalesce(i.number, '') as invoice_number, o.open
		from credit_memos m join customers c on c.id = m.customer_id left join invoices i on i.id = m.invoice_id
		join open_items o on o.kind = 'credit_memo' and o.document_id = m.id
		%s order by m.issued_on desc, m.id desc limit %d`, c.where(), limit+1), c.args...)
	if err != nil {
		return Page[MemoRow]{}, fmt.Errorf("list memos of customer: %w", err)
	}
	return pageOf(rows, limit, func(m MemoRow) string { return cursor{m.IssuedOn, int64(m.ID)}.String() }), nil
}

// MemoConcerning finds a credit memo by number, for a customer: its own, or one of its family. ErrNoMemo otherwise.
func (s *Service) MemoConcerning(ctx context.Context, r db.Reader, who Customer, number string) (CreditMemo, error) {
	m, err := db.One[CreditMemo](ctx, r, `select m.* from credit_memos m
		where m.number = $3 and m.customer_id = any (`+family+`)`, who.ID, who.seesFamily(), number)
	if errors.Is(err, db.ErrNoRow) {
		return CreditMemo{}, ErrNoMemo
	}
	if err != nil {
		return CreditMemo{}, fmt.Errorf("read memo of customer: %w", err)
	}
	return m, nil
}

// InvoicesConcerningByID reads of several invoices those that concern a customer, by number.
func (s *Service) InvoicesConcerningByID(ctx context.Context, r db.Reader, who Customer, ids []InvoiceID) ([]Invoice, error) {
	list, err := db.List[Invoice](ctx, r, `select i.* from invoices i
		where i.id = any ($3) and (i.sold_to_id = $1 or i.customer_id = any (`+family+`)) order by i.number`, who.ID, who.seesFamily(), ids)
	if err != nil {
		return nil, fmt.Errorf("read invoices of customer: %w", err)
	}
	return list, nil
}

// MemosOfCase lists the credit memos that settled a case and are a customer's own or its family's, the oldest first.
func (s *Service) MemosOfCase(ctx context.Context, r db.Reader, who Customer, caseID int64) ([]MemoRow, error) {
	list, err := db.List[MemoRow](ctx, r, `select m.*, c.name as customer_name, c.account, coalesce(i.number, '') as invoice_number, o.open
		from credit_memos m join customers c on c.id = m.customer_id left join invoices i on i.id = m.invoice_id
		join open_items o on o.kind = 'credit_memo' and o.document_id = m.id
		where m.case_id = $3 and m.customer_id = any (`+family+`) order by m.id`, who.ID, who.seesFamily(), caseID)
	if err != nil {
		return nil, fmt.Errorf("read memos of case: %w", err)
	}
	return list, nil
}
