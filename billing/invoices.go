package billing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/money"
)

// InvoiceByNumber reads an invoice by its exact number; ErrNoInvoice when there is none.
func (s *Service) InvoiceByNumber(ctx context.Context, r db.Reader, number string) (Invoice, error) {
	i, err := db.One[Invoice](ctx, r, `select * from invoices where number = $1`, strings.TrimSpace(number))
	return found(i, err, ErrNoInvoice, "read invoice")
}

// InvoiceByID reads an invoice; ErrNoInvoice when there is none.
func (s *Service) InvoiceByID(ctx context.Context, r db.Reader, id InvoiceID) (Invoice, error) {
	i, err := db.One[Invoice](ctx, r, `select * from invoices where id = $1`, id)
	return found(i, err, ErrNoInvoice, "read invoice")
}

// InvoiceNumbers reads the numbers of invoices, in the order of their ids given; those that do not exist are left out.
func (s *Service) InvoiceNumbers(ctx context.Context, r db.Reader, ids []InvoiceID) ([]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	numbers, err := db.Values[string](ctx, r, `select number from invoices where id = any ($1) order by array_position($1::bigint[], id)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read invoice numbers: %w", err)
	}
	return numbers, nil
}

// NumbersOfInvoices reads the numbers of invoices by id; those that do not exist are left out.
func (s *Service) NumbersOfInvoices(ctx context.Context, r db.Reader, ids []InvoiceID) (map[InvoiceID]string, error) {
	numbers := map[InvoiceID]string{}
	if len(ids) == 0 {
		return numbers, nil
	}
	list, err := db.List[struct {
		ID     InvoiceID
		Number string
	}](ctx, r, `select id, number from invoices where id = any ($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read invoice numbers: %w", err)
	}
	for _, i := range list {
		numbers[i.ID] = i.Number
	}
	return numbers, nil
}

// Invoices lists invoices, newest first.
func (s *Service) Invoices(ctx context.Context, filter InvoiceFilter) (Page[InvoiceRow], error) {
	var c conditions
	if filter.CustomerID != 0 {
		c.add("(i.customer_id = ? or i.sold_to_id = ?)", filter.CustomerID)
	}
	if len(filter.EntityIDs) > 0 {
		c.add("i.entity_id = any (?)", filter.EntityIDs)
	}
	if filter.Query != "" {
		c.add("(i.number ilike ? or i.purchase_order ilike ? or c.name ilike ?)", contains(filter.Query))
	}
	if filter.OpenOnly || filter.Overdue {
		c.also("o.open > 0")
	}
	if filter.Overdue {
		c.add("i.due_on < (select (?::timestamptz at time zone e.time_zone)::date from legal_entities e where e.id = i.entity_id)", s.db.Now())
	}
	c.addAfter(filter.After, "i.issued_on", "i.id")
	limit := limitOf(filter.Limit)
	now := c.value(s.db.Now())
	rows, err := db.List[InvoiceRow](ctx, s.db, fmt.Sprintf(`select i.*, c.name as customer_name, c.account, o.open, least(o.held + said_disputed(i.id, %s), o.open) as held
		from invoices i join customers c on c.id = i.customer_id
		join open_items o on o.kind = 'invoice' and o.document_id = i.id
		%s order by i.issued_on desc, i.id desc limit %d`, now, c.where(), limit+1), c.args...)
	if err != nil {
		return Page[InvoiceRow]{}, fmt.Errorf("list invoices: %w", err)
	}
	return pageOf(rows, limit, func(i InvoiceRow) string { return cursor{i.IssuedOn, int64(i.ID)}.String() }), nil
}

// InvoicesByReference finds the invoices that references in a text mean: by number; where none has that number, by
// the number as people garble it; else by purchase order, by the number of a credit memo on it, or by a payment applied to it. An invoice is given once, for its best reference.
func (s *Service) InvoicesByReference(ctx context.Context, r db.Reader, references []string) ([]FoundInvoice, error) {
	found, err := s.InvoicesByReferences(ctx, r, [][]string{references})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// InvoicesByReferences is InvoicesByReference for several texts, in their order.
func (s *Service) InvoicesByReferences(ctx context.Context, r db.Reader, texts [][]string) ([][]FoundInvoice, error) {
	out := make([][]FoundInvoice, len(texts))
	references := slices.Concat(texts...)
	if len(references) == 0 {
		return out, nil
	}
	keys := make([]string, len(references))
	for i, reference := range references {
		keys[i] = ReferenceKey(reference)
	}
	hits, err := db.List[referenceHit](ctx, r, `select i.*, r.reference, r.place, m.rank
		from unnest($1::text[], $2::text[]) with ordinality as r(reference, key, place)
		cross join lateral (
			(select id, 1 as rank from invoices where number = upper(btrim(r.reference)))
			union all (select id, 2 from invoices where reference_key = r.key and r.key ~ '[0-9]' limit 20)
			union all (select id, 3 from invoices where purchase_order = btrim(r.reference) and purchase_order <> '' limit 20)
			union all (select invoice_id, 5 from credit_memos where number = upper(btrim(r.reference)))
			union all (select a.invoice_id, 6 from payments p join allocations a on a.source_kind = 'payment' and a.source_id = p.id
				where p.number = upper(btrim(r.reference)) or p.bank_reference = btrim(r.reference) and p.bank_reference <> '' limit 20)
		) m join invoices i on i.id = m.id
		order by m.rank, r.place, i.id`, references, keys)
	if err != nil {
		return nil, fmt.Errorf("find invoices by reference: %w", err)
	}
	place := 0
	var best []referenceHit
	counts := make([]int, len(texts))
	for n, text := range texts {
		from, to := place, place+len(text)
		place = to
		mine := bestHits(slices.DeleteFunc(slices.Clone(hits), func(h referenceHit) bool { return h.Place <= from || h.Place > to }))
		best, counts[n] = append(best, mine...), len(mine)
	}
	found, err := s.withCustomers(ctx, r, best)
	if err != nil {
		return nil, err
	}
	for n, count := range counts {
		out[n], found = found[:count:count], found[count:]
	}
	return out, nil
}

// AmountSearch says what an invoice is known by when no number leads to it: whose it is, its total, and a day it was issued
// or is due.
type AmountSearch struct {
	Sender Customer
	Totals []money.Amount
	Days   []time.Time
}

// InvoicesByAmount finds the invoices of the sender's family that have one of the totals and were issued, or are due, on one
// of the days; at most ten.
func (s *Service) InvoicesByAmount(ctx context.Context, r db.Reader, in AmountSearch) ([]FoundInvoice, error) {
	if len(in.Totals) == 0 || len(in.Days) == 0 {
		return nil, nil
	}
	totals, currencies := make([]decimal.Decimal, len(in.Totals)), make([]string, len(in.Totals))
	for n, t := range in.Totals {
		totals[n], currencies[n] = t.Decimal(), string(t.Currency())
	}
	hits, err := db.List[referenceHit](ctx, r, `select i.*, '' as reference, 4 as rank from invoices i
		join unnest($3::numeric[], $4::text[]) t (total, currency) on t.total = i.total and t.currency = i.currency
		where i.id in (select id from invoices where customer_id = any (array(select id from customers where family_id = $1))
				union select id from invoices where sold_to_id = $2)
			and (i.issued_on = any ($5::date[]) or i.due_on = any ($5::date[])) order by i.id limit 10`,
		in.Sender.FamilyID, in.Sender.ID, totals, currencies, in.Days)
	if err != nil {
		return nil, fmt.Errorf("find invoices by amount: %w", err)
	}
	return s.withCustomers(ctx, r, hits)
}

type referenceHit struct {
	Invoice
	Reference string
	Place     int // of the reference among all, from 1
	Rank      int
}

// bestHits keeps, of hits ordered by rank, those of the best rank for each reference, and each invoice once.
func bestHits(hits []referenceHit) []referenceHit {
	best := map[string]int{}
	seen := map[InvoiceID]bool{}
	kept := hits[:0]
	for _, h := range hits {
		if rank, known := best[h.Reference]; known && rank < h.Rank {
			continue
		}
		best[h.Reference] = h.Rank
		if !seen[h.ID] {
			seen[h.ID] = true
			kept = append(kept, h)
		}
	}
	return kept
}

func (s *Service) withCustomers(ctx context.Context, r db.Reader, hits []referenceHit) ([]FoundInvoice, error) {
	ids := make([]CustomerID, 0, 2*len(hits))
	for _, h := range hits {
		ids = append(ids, h.CustomerID, h.SoldToID)
	}
	customers, err := customersByID(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	list := make([]FoundInvoice, len(hits))
	for i, h := range hits {
		list[i] = FoundInvoice{
			Invoice: h.Invoice, Customer: customers[h.CustomerID], SoldTo: customers[h.SoldToID],
			Reference: h.Reference, Exact: h.Rank == 1, ByOrder: h.Rank == 3, ByAmount: h.Rank == 4, ByMemo: h.Rank == 5, ByPayment: h.Rank == 6,
		}
	}
	return list, nil
}

func customersByID(ctx context.Context, r db.Reader, ids []CustomerID) (map[CustomerID]Customer, error) {
	list, err := db.List[Customer](ctx, r, `select * from customers where id = any ($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read customers: %w", err)
	}
	customers := make(map[CustomerID]Customer, len(list))
	for _, c := range list {
		customers[c.ID] = c
	}
	return customers, nil
}
