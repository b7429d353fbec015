package billing

import (
	"context"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
)

// WriteOffRow is a write-off in a list. A batch over several customers names none. TakenBackBy is the reversal there is.
type WriteOffRow struct {
	WriteOffDocument
	CustomerName string
	Account      string
	Invoices     int
	TakenBackBy  string
}

// WriteOffDetail is a write-off with what was given up on each invoice.
type WriteOffDetail struct {
	WriteOffRow
	Lines []WriteOffLine
}

// WriteOffLine is what was given up on one invoice; TaxRelief is the part of it that is tax and comes back.
type WriteOffLine struct {
	InvoiceID     InvoiceID
	InvoiceNumber string
	CustomerName  string
	Account       string
	Amount        decimal.Decimal
	TaxRelief     decimal.Decimal
}

func writeOffRows() string {
	return `select d.*, coalesce(c.name, '') as customer_name, coalesce(c.account, '') as account,
		(select count(*) from write_off_lines l where l.write_off_id = d.id) as invoices, ` + takenBack(WriteOffDoc) + `
		from write_offs d left join customers c on c.id = d.customer_id`
}

// WriteOffs lists write-offs, newest first; by customer also the batches that gave up something of theirs.
func (s *Service) WriteOffs(ctx context.Context, l Listing) (Page[WriteOffRow], error) {
	q := l.query(writeOffRows(), "written_off_on")
	if l.CustomerID != 0 {
		q.c.add(`d.id in (select id from write_offs where customer_id = ? union all select x.write_off_id from write_off_lines x
			join write_offs w on w.id = x.write_off_id and w.customer_id is null join invoices i on i.id = x.invoice_id where i.customer_id = ?)`, l.CustomerID)
	}
	return listDocuments(ctx, s.db, q, func(row WriteOffRow) cursor { return cursor{row.WrittenOffOn, int64(row.ID)} })
}

// WriteOffByNumber reads a write-off with its lines; ErrNoAdjustment when there is none.
func (s *Service) WriteOffByNumber(ctx context.Context, r db.Reader, number string) (WriteOffDetail, error) {
	row, err := db.One[WriteOffRow](ctx, r, writeOffRows()+` where d.number = $1`, strings.TrimSpace(number))
	if row, err = found(row, err, ErrNoAdjustment, "read write-off"); err != nil {
		return WriteOffDetail{}, err
	}
	d := WriteOffDetail{WriteOffRow: row}
	d.Lines, err = db.List[WriteOffLine](ctx, r, `select l.invoice_id, i.number as invoice_number, c.name as customer_name, c.account, l.amount, l.tax_relief
		from write_off_lines l join invoices i on i.id = l.invoice_id join customers c on c.id = i.customer_id
		where l.write_off_id = $1 order by i.number`, row.ID)
	if err != nil {
		return d, fmt.Errorf("read write-off lines: %w", err)
	}
	return d, nil
}
