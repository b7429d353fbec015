package billing

import (
	"context"
	"fmt"
	"strings"

	"makegood/internal/db"
)

// RefundRow is a refund in a list. TakenBackBy is the reversal there is.
type RefundRow struct {
	Refund
	CustomerName string
	Account      string
	TakenBackBy  string
}

// RefundDetail is a refund with what it was paid out of.
type RefundDetail struct {
	RefundRow
	Sources []ItemPart
}

func refundRows() string {
	return `select d.*, c.name as customer_name, c.account, ` + takenBack(RefundDoc) + ` from refunds d join customers c on c.id = d.customer_id`
}

// Refunds lists refunds, newest first.
func (s *Service) Refunds(ctx context.Context, l Listing) (Page[RefundRow], error) {
	q := l.query(refundRows(), "refunded_on")
	if l.CustomerID != 0 {
		q.c.add("d.customer_id = ?", l.CustomerID)
	}
	return listDocuments(ctx, s.db, q, func(row RefundRow) cursor { return cursor{row.RefundedOn, int64(row.ID)} })
}

// RefundByNumber reads a refund with its sources; ErrNoAdjustment when there is none.
func (s *Service) RefundByNumber(ctx context.Context, r db.Reader, number string) (RefundDetail, error) {
	row, err := db.One[RefundRow](ctx, r, refundRows()+` where d.number = $1`, strings.TrimSpace(number))
	if row, err = found(row, err, ErrNoAdjustment, "read refund"); err != nil {
		return RefundDetail{}, err
	}
	d := RefundDetail{RefundRow: row}
	d.Sources, err = db.List[ItemPart](ctx, r, `select s.item_kind as kind, s.item_id as id, o.number, s.amount from refund_sources s
		join open_items o on o.kind = s.item_kind and o.document_id = s.item_id where s.refund_id = $1 order by s.item_kind, s.item_id`, row.ID)
	if err != nil {
		return d, fmt.Errorf("read refund sources: %w", err)
	}
	return d, nil
}
