package billing

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/db"
)

// ground is what postings stand on, read and locked in one round trip: the invoices under lock, what was posted before,
// approvals, entities with their closed months, and the reservations, which are used up with it.
type ground struct {
	s         *Service
	tx        *db.Tx
	invoices  []lockedInvoice
	before    []postedEarlier
	approvals []storedApproval
	entities  []Entity
	shut      []shutMonth
	lines     []usedLine
	taxes     []usedTax
	roundings []usedRounding
	laws      []lawGround

	memos       []MemoID // ids taken for the memos
	allocations []int64  // and for what they settle
}

func (g *ground) nextAllocation() int64 {
	id := g.allocations[0]
	g.allocations = g.allocations[1:]
	return id
}

type postedEarlier struct {
	DocumentRef
	CreditRequestID int64
	Digest          []byte
}

type shutMonth struct {
	EntityID EntityID
	period
}

// usedLine, usedTax and usedRounding are reservations turned into credits.
type usedLine struct {
	CreditRequestID int64
	InvoiceLineID   InvoiceLineID
	Amount          decimal.Decimal
}

type usedTax struct {
	CreditRequestID int64
	InvoiceTaxID    InvoiceTaxID
	Net, Tax        decimal.Decimal
}

type usedRounding struct {
	CreditRequestID int64
	Rounding        decimal.Decimal
}

// plansOfAGrownTable has each statement of a posting, and of the triggers behind it, planned once per connection, and by way
// of an index: what was planned while a table was small would read all of it when it has grown.
const plansOfAGrownTable = `select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`

// readGround locks the invoices that postings are on in the order of their ids, and reads the rest.
func (s *Service) readGround(ctx context.Context, tx *db.Tx, list []PostAdjustment) (*ground, error) {
	g := &ground{s: s, tx: tx}
	var requests, approvals, credited, creditedOn []int64
	memos := 0
	var entities []EntityID
	var invoices, about []InvoiceID
	var customers []CustomerID
	for _, in := range list {
		a := in.Adjustment
		requests, approvals, entities = append(requests, in.CreditRequestID), append(approvals, in.ApprovalID), append(entities, a.EntityID)
		about, customers = append(about, a.InvoiceID), append(customers, a.CustomerID)
		invoices = append(invoices, a.invoices()...)
		if a.Kind.Credits() {
			memos++
		}
		if a.Kind.Credits() && a.InvoiceID != 0 {
			credited, creditedOn = append(credited, in.CreditRequestID), append(creditedOn, int64(a.InvoiceID))
		}
	}
	var batch pgx.Batch
	batch.Queue(plansOfAGrownTable)
	if len(invoices) > 0 {
		db.QueueList(&batch, &g.invoices, lockInvoicesQuery, invoices)
	}
	db.QueueList(&batch, &g.before, postedBeforeQuery, requests)
	db.QueueList(&batch, &g.approvals, `select id, credit_request_id, digest from adjustment_approvals where id = any ($1)`, approvals)
	db.QueueList(&batch, &g.entities, `select * from legal_entities where id = any ($1)`, entities)
	db.QueueList(&batch, &g.shut, `select entity_id, month, state from periods where entity_id = any ($1) and state <> 'open'
		and month >= date_trunc('month', least($3::date, (select min(i.issued_on) from (select issued_on from invoices where id = any ($2) offset 0) i))) order by entity_id, month`,
		entities, invoices, tx.Now().AddDate(0, 0, -1))
	db.QueueList(&batch, &g.laws, lawGroundQuery, entities, customers, about)
	if memos > 0 {
		db.QueueValues(&batch, &g.memos, nextIDsQuery, "credit_memos", memos)
		db.QueueValues(&batch, &g.allocations, nextIDsQuery, "allocations", memos)
	}
	if len(credited) > 0 {
		g.queueUse(&batch, credited, creditedOn)
	}
	if err := tx.Batch(ctx, &batch); err != nil {
		return nil, fmt.Errorf("read what is posted on: %w", err)
	}
	return g, nil
}

// queueUse turns what requests keep on their invoices into credited amounts. The invoices are locked by then.
func (g *ground) queueUse(batch *pgx.Batch, requests, invoices []int64) {
	const kept = `from unnest($1::bigint[], $2::bigint[]) as q(request, invoice)
		where r.credit_request_id = q.request and r.invoice_id = q.invoice and r.state = 'held'`
	db.QueueList(batch, &g.lines, `with used as (
			update line_reservations r set state = 'used' `+kept+` returning r.credit_request_id, r.invoice_line_id, r.amount
		), moved as (
			update invoice_line_balances b set reserved = b.reserved - u.amount, credited = b.credited + u.amount
			from (select invoice_line_id, sum(amount) as amount from used group by 1) u where b.invoice_line_id = u.invoice_line_id
		) select * from used`, requests, invoices)
	db.QueueList(batch, &g.taxes, `with used as (
			update tax_reservations r set state = 'used' `+kept+` returning r.credit_request_id, r.invoice_tax_id, r.net, r.tax
		), moved as (
			update invoice_tax_balances b set reserved_net = b.reserved_net - u.net, credited_net = b.credited_net + u.net,
				reserved_tax = b.reserved_tax - u.tax, credited_tax = b.credited_tax + u.tax
			from (select invoice_tax_id, sum(net) as net, sum(tax) as tax from used group by 1) u where b.invoice_tax_id = u.invoice_tax_id
		) select * from used`, requests, invoices)
	db.QueueList(batch, &g.roundings, `update rounding_reservations r set state = 'used' `+kept+` returning r.credit_request_id, r.rounding`, requests, invoices)
}

// invoices are those an adjustment is on, which are locked before anything else.
func (a Adjustment) invoices() []InvoiceID {
	var ids []InvoiceID
	if a.InvoiceID != 0 {
		ids = append(ids, a.InvoiceID)
	}
	if a.Kind == WriteOff {
		for _, i := range a.Items {
			ids = append(ids, InvoiceID(i.ID))
		}
	}
	return ids
}

// otherItems are the open items an adjustment takes from that are no invoices; they are locked next.
func (a Adjustment) otherItems() []ItemPart {
	if a.Kind == WriteOff {
		return nil
	}
	return a.Items
}

// begin checks one posting against the ground. It gives the document there is when it was posted before.
func (g *ground) begin(ctx context.Context, in PostAdjustment) (*posting, Posted, error) {
	posted, there, err := g.postedBefore(ctx, in)
	if err != nil || there {
		return nil, posted, err
	}
	if err := g.checkApproval(in); err != nil {
		return nil, Posted{}, err
	}
	p := &posting{s: g.s, tx: g.tx, in: in, a: in.Adjustment, ground: g}
	if p.entity, err = g.entity(p.a.EntityID); err != nil {
		return nil, Posted{}, err
	}
	p.today = p.entity.Day(g.tx.Now())
	if p.held, err = g.lock(ctx, p.a); err != nil {
		return nil, Posted{}, err
	}
	if p.a.Kind.Credits() && p.a.InvoiceID != 0 && !g.kept(in) {
		return nil, Posted{}, ErrNotReserved
	}
	if p.a.Kind.Credits() {
		if err := g.notGivenUp(ctx, p.a); err != nil {
			return nil, Posted{}, err
		}
	}
	if err := g.checkLaw(in); err != nil {
		return nil, Posted{}, err
	}
	return p, Posted{}, nil
}

// checkLaw asks the law once more, with the reason that the document will give.
func (g *ground) checkLaw(in PostAdjustment) error {
	a := in.Adjustment
	if !a.Kind.lawful() {
		return nil
	}
	at := slices.IndexFunc(g.laws, func(l lawGround) bool {
		return l.EntityID == a.EntityID && l.CustomerID == a.CustomerID && l.InvoiceID == a.InvoiceID
	})
	if at < 0 {
		return ErrNoCustomer
	}
	reason := in.Explanation
	if a.Kind == Debit { // prints the name of its reason code
		reason = a.ReasonCode
	}
	return g.s.asLawAsks(g.laws[at], a, reason, g.tx.Now())
}

// lock gives the adjustment's invoices and locks what else it takes from.
func (g *ground) lock(ctx context.Context, a Adjustment) (locked, error) {
	l := locked{invoices: map[InvoiceID]lockedInvoice{}}
	for _, id := range a.invoices() {
		invoice := g.invoice(id)
		if invoice == nil {
			return l, ErrNoInvoice
		}
		l.invoices[id] = *invoice
	}
	var err error
	if others := a.otherItems(); len(others) > 0 {
		l.items, err = readItems(ctx, g.tx, others, true)
	}
	return l, err
}

// invoice is the one state of an invoice that all postings on it work on, one after the other; nil when there is none.
func (g *ground) invoice(id InvoiceID) *lockedInvoice {
	at := slices.IndexFunc(g.invoices, func(i lockedInvoice) bool { return i.ID == id })
	if at < 0 {
		return nil
	}
	return &g.invoices[at]
}

func (g *ground) entity(id EntityID) (Entity, error) {
	for _, e := range g.entities {
		if e.ID == id {
			return e, nil
		}
	}
	return Entity{}, ErrNoEntity
}

// bookingDay is the wanted day while its period takes entries from this actor, else the first day that does.
func (g *ground) bookingDay(entity EntityID, want time.Time, by Actor) booking {
	var shut []period
	for _, m := range g.shut {
		if m.EntityID == entity && !m.Month.Before(firstOfMonth(want)) {
			shut = append(shut, m.period)
		}
	}
	return firstOpen(shut, want, by.Has(access.Controller))
}

const postedBeforeQuery = `select d.kind, d.id, d.number, d.credit_request_id, a.digest from (
		select 'credit_memo' as kind, id, number, approval_id, credit_request_id from credit_memos where credit_request_id = any ($1)
		union all select 'debit_memo', id, number, approval_id, credit_request_id from invoices where credit_request_id = any ($1) and kind = 'debit_memo'
		union all select 'write_off', id, number, approval_id, credit_request_id from write_offs where credit_request_id = any ($1)
		union all select 'transfer', id, number, approval_id, credit_request_id from transfers where credit_request_id = any ($1)
		union all select 'reversal', id, number, approval_id, credit_request_id from reversals where credit_request_id = any ($1)
		union all select 'refund', id, number, approval_id, credit_request_id from refunds where credit_request_id = any ($1)) d
	join adjustment_approvals a on a.id = d.approval_id order by d.kind`

// postedBefore finds what the same credit request was posted as, and refuses other content. One approval belongs to one
// request, and no document stands without it.
func (g *ground) postedBefore(ctx context.Context, in PostAdjustment) (Posted, bool, error) {
	for _, b := range g.before {
		if b.CreditRequestID != in.CreditRequestID {
			continue
		}
		if !bytes.Equal(b.Digest, in.Adjustment.Digest(in.CreditRequestID)) {
			return Posted{}, false, ErrPostedDifferently
		}
		posted, err := g.s.posted(ctx, g.tx, b.DocumentRef)
		posted.Currency, posted.Total = in.Adjustment.Currency, in.Adjustment.Total
		return posted, true, err
	}
	return Posted{}, false, nil
}

// checkApproval looks for the sign-off of exactly this content; the database looks again at commit.
func (g *ground) checkApproval(in PostAdjustment) error {
	for _, a := range g.approvals {
		if a.ID == in.ApprovalID && a.CreditRequestID == in.CreditRequestID && bytes.Equal(a.Digest, in.Adjustment.Digest(in.CreditRequestID)) {
			return nil
		}
	}
	return ErrNeedsApproval
}

// kept tells whether what the request kept was exactly its adjustment.
func (g *ground) kept(in PostAdjustment) bool {
	var lines []usedLine
	for _, l := range g.lines {
		if l.CreditRequestID == in.CreditRequestID {
			lines = append(lines, l)
		}
	}
	var taxes []usedTax
	for _, t := range g.taxes {
		if t.CreditRequestID == in.CreditRequestID {
			taxes = append(taxes, t)
		}
	}
	rounding := decimal.Zero
	for _, r := range g.roundings {
		if r.CreditRequestID == in.CreditRequestID {
			rounding = r.Rounding
		}
	}
	return in.Adjustment.isKept(lines, taxes) && rounding.Equal(in.Adjustment.Rounding)
}
