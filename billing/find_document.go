package billing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"makegood/internal/db"
)

// Listing narrows a list of documents, newest first; the zero value of a field does not narrow. After is the Next of the
// page before.
type Listing struct {
	CustomerID CustomerID
	EntityIDs  []EntityID
	Query      string // part of the number or of the customer's name
	After      string
	Limit      int
}

// FoundDocument is a posted adjustment that goes by a number, with the legal entity it belongs to.
type FoundDocument struct {
	DocumentRef
	EntityID EntityID
}

// DocumentByNumber finds a posted adjustment by its number, whatever its kind; ErrNoAdjustment when there is none.
func (s *Service) DocumentByNumber(ctx context.Context, r db.Reader, number string) (FoundDocument, error) {
	d, err := db.One[FoundDocument](ctx, r, `select 'credit_memo' as kind, id, number, entity_id from credit_memos where number = $1 and origin = 'issued'
		union all select 'debit_memo', id, number, entity_id from invoices where number = $1 and kind = 'debit_memo'
		union all select 'refund', id, number, entity_id from refunds where number = $1
		union all select 'write_off', id, number, entity_id from write_offs where number = $1
		union all select 'transfer', id, number, entity_id from transfers where number = $1
		union all select 'reversal', id, number, entity_id from reversals where number = $1`, strings.TrimSpace(number))
	return found(d, err, ErrNoAdjustment, "find document")
}

// PaperedByNumber finds a document by its number that may have a paper: a posted adjustment, or an invoice that is no debit
// memo; ErrNoAdjustment when there is none.
func (s *Service) PaperedByNumber(ctx context.Context, r db.Reader, number string) (FoundDocument, error) {
	d, err := s.DocumentByNumber(ctx, r, number)
	if !errors.Is(err, ErrNoAdjustment) {
		return d, err
	}
	d, err = db.One[FoundDocument](ctx, r, `select 'invoice' as kind, id, number, entity_id from invoices where number = $1 and kind = 'invoice'`, strings.TrimSpace(number))
	return found(d, err, ErrNoAdjustment, "find document")
}

// ItemByNumber finds the open item of a document by its number, also when nothing is open on it any more; false when no
// document of ours that can be open goes by it.
func (s *Service) ItemByNumber(ctx context.Context, r db.Reader, number string) (OpenItem, bool, error) {
	item, err := db.One[OpenItem](ctx, r, `select o.* from open_items o where (o.kind, o.document_id) in (
		select 'invoice', id from invoices where number = $1 union all select 'payment', id from payments where number = $1
		union all select 'credit_memo', id from credit_memos where number = $1 union all select 'transfer', id from transfers where number = $1)
		order by o.kind limit 1`, strings.TrimSpace(number))
	if errors.Is(err, db.ErrNoRow) {
		return OpenItem{}, false, nil
	}
	if err != nil {
		return OpenItem{}, false, fmt.Errorf("find open item: %w", err)
	}
	return item, true, nil
}

// UnappliedItems lists what of a customer's money and credits is not used, the oldest first: what can be refunded or
// transferred. Reserved is what pending requests keep of it.
func (s *Service) UnappliedItems(ctx context.Context, r db.Reader, customer CustomerID) ([]OpenItem, error) {
	list, err := db.List[OpenItem](ctx, r, `select * from open_items where customer_id = $1 and kind <> 'invoice' and open > 0
		order by opened_on, kind, document_id limit 200`, customer)
	if err != nil {
		return nil, fmt.Errorf("list unapplied items: %w", err)
	}
	return list, nil
}

// takenBack is the number of the reversal of a document d of a kind, "" when it stands.
func takenBack(kind DocumentKind) string {
	return `coalesce((select v.number from reversals v where v.document_kind = '` + string(kind) + `' and v.document_id = d.id), '') as taken_back_by`
}

// listDocuments is a page of documents d of one customer each, or none, by the day they carry.
func listDocuments[T any](ctx context.Context, r db.Reader, query listQuery, place func(T) cursor) (Page[T], error) {
	limit := limitOf(query.limit)
	rows, err := db.List[T](ctx, r, fmt.Sprintf(`%s %s order by d.%s desc, d.id desc limit %d`, query.sql, query.c.where(), query.day, limit+1), query.c.args...)
	if err != nil {
		return Page[T]{}, fmt.Errorf("list documents: %w", err)
	}
	return pageOf(rows, limit, func(row T) string { return place(row).String() }), nil
}

type listQuery struct {
	sql   string
	day   string // the column of the day
	c     conditions
	limit int
}

// query starts a list of documents d, with customer c joined.
func (l Listing) query(sql, day string) listQuery {
	q := listQuery{sql: sql, day: day, limit: l.Limit}
	if len(l.EntityIDs) > 0 {
		q.c.add("d.entity_id = any (?)", l.EntityIDs)
	}
	if l.Query != "" {
		q.c.add("(d.number ilike ? or c.name ilike ?)", contains(l.Query))
	}
	q.c.addAfter(l.After, "d."+day, "d.id")
	return q
}
