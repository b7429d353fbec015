package billing

import (
	"context"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
)

// DebitMemoRow is a debit memo in a list: a bill that charges more, on an invoice or on account. Open is what is still
// to pay on it; TakenBackBy is the reversal there is.
type DebitMemoRow struct {
	Invoice
	CustomerName string
	Account      string
	Corrects     string // number of the invoice it charges more on
	Open         decimal.Decimal
	TakenBackBy  string
}

// DebitMemoDetail is a debit memo with its lines.
type DebitMemoDetail struct {
	DebitMemoRow
	Lines []InvoiceLine
}

func debitMemoRows() string {
	return `select d.*, c.name as customer_name, c.account, coalesce(i.number, '') as corrects, o.open, ` + takenBack(DebitDoc) + `
		from invoices d join customers c on c.id = d.customer_id left join invoices i on i.id = d.corrects_id
		join open_items o on o.kind = 'invoice' and o.document_id = d.id`
}

// DebitMemos lists debit memos, newest first.
func (s *Service) DebitMemos(ctx context.Context, l Listing) (Page[DebitMemoRow], error) {
	q := l.query(debitMemoRows(), "issued_on")
	q.c.add("d.kind = ?", DebitMemo)
	if l.CustomerID != 0 {
		q.c.add("d.customer_id = ?", l.CustomerID)
	}
	return listDocuments(ctx, s.db, q, func(row DebitMemoRow) cursor { return cursor{row.IssuedOn, int64(row.ID)} })
}

// DebitMemoByNumber reads a debit memo with its lines; ErrNoAdjustment when there is none.
func (s *Service) DebitMemoByNumber(ctx context.Context, r db.Reader, number string) (DebitMemoDetail, error) {
	row, err := db.One[DebitMemoRow](ctx, r, debitMemoRows()+` where d.number = $1 and d.kind = $2`, strings.TrimSpace(number), DebitMemo)
	if row, err = found(row, err, ErrNoAdjustment, "read debit memo"); err != nil {
		return DebitMemoDetail{}, err
	}
	d := DebitMemoDetail{DebitMemoRow: row}
	if d.Lines, err = db.List[InvoiceLine](ctx, r, `select * from invoice_lines where invoice_id = $1 order by line_no`, row.ID); err != nil {
		return d, fmt.Errorf("read lines: %w", err)
	}
	return d, nil
}
