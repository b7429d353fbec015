package billing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/money"
	"makegood/internal/raced"
)

const (
	historySteps   = 200 // is how much happens in one history
	historiesInOne = 40  // histories share a database, each with a company of its own
	verifiedAfter  = 20  // histories, and after the last
)

// Whatever happens to a company over half a year, the ledger equals the documents equals the allocations, today and as of
// each past day, by the documents' dates and by what was known then.
func TestHistoriesOfEveryKind(t *testing.T) {
	t.Parallel()
	asked, runs, failed := raced.Runs(*histories), 0, false
	world, begin := &chronicle{t: t}, time.Now()
	rapid.Check(t, func(rt *rapid.T) {
		if runs++; runs > asked && !failed {
			return // rapid counts in hundreds; a history takes its time, but one that failed is tried again to make it small
		}
		failed = true
		h := world.begin(rt)
		for range historySteps {
			h.step()
		}
		h.asOf("dated_on", "%s")
		h.asOf("posted_on", "(posted_at at time zone 'UTC')::date")
		h.closedToAll()
		world.ended(h)
		failed = rt.Failed()
		if runs == asked || runs%100 == 0 {
			t.Logf("%d histories, %d ms each: %d invoices, %d adjustments, %d moves of months, %d repeated, %d refused", world.done, time.Since(begin).Milliseconds()/int64(runs),
				world.invoices, world.documents, world.moved, world.repeated, world.refused)
		}
	})
	world.verify()
}

// chronicle is the database that histories happen in. What they write one after another costs less than a database for
// each: the server plans each statement once.
type chronicle struct {
	t                            *testing.T
	shop                         *shop
	now                          time.Time
	here, done                   int
	invoices, documents, refused int
	moved, repeated              int
}

// begin opens a company with its customers, on the first working day of a year.
func (c *chronicle) begin(rt *rapid.T) *history {
	c.now = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	if c.shop == nil || c.here == historiesInOne {
		c.open()
	}
	c.here++
	mine := *c.shop
	mine.do(func(tx *db.Tx) error {
		mine.entity = mine.addEntity(tx, fmt.Sprint("H", c.here))
		mine.customer = mine.addCustomer(tx, fmt.Sprint("HC-", c.here), "direct", nil)
		mine.partner = mine.addCustomer(tx, fmt.Sprint("HP-", c.here), "partner", nil)
		mine.client = mine.addCustomer(tx, fmt.Sprint("HE-", c.here), "end_customer", &mine.partner)
		_, err := tx.Exec(c.t.Context(), `update legal_entities set fiscal_month = $2 where id = $1`, mine.entity, rapid.IntRange(1, 7).Draw(rt, "fiscal year begins in"))
		return err
	})
	mine.requests = int64(c.here) * 10 * historySteps
	return &history{shop: &mine, rt: rt, time: &c.now}
}

// open makes a new database. Two connections do, each of which plans a statement once, as for tables that have grown.
func (c *chronicle) open() {
	c.verify()
	d, err := db.Open(c.t.Context(), db.Options{
		URL: dbtest.URL(c.t) + "&plan_cache_mode=force_generic_plan&enable_seqscan=off", MaxConns: 2, Clock: func() time.Time { return c.now },
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(d.Close)
	c.shop, c.here = setupOn(c.t, d), 0
}

// ended counts a history. Now and then the books of all of them are verified; every row names its company, the history.
func (c *chronicle) ended(h *history) {
	c.done++
	c.invoices, c.documents, c.refused = c.invoices+len(h.invoices), c.documents+len(h.documents), c.refused+h.refused
	c.moved, c.repeated = c.moved+h.moved, c.repeated+h.repeated
	if c.done%verifiedAfter == 0 {
		c.verify()
	}
	if c.here == 1 || c.here == 8 { // plans made while tables were empty are no good for what follows
		dbtest.AsOwner(c.t, c.shop.db, `analyze`)
	}
}

func (c *chronicle) verify() {
	if c.shop != nil {
		c.shop.sound()
	}
}

type history struct {
	*shop
	rt        *rapid.T
	time      *time.Time
	invoices  []billing.InvoiceID
	documents []billing.DocumentRef
	lost      []billing.ChargebackID
	refused   int

	disputes        []int64 // not decided
	contested       int64   // disputes that there have been
	payment         billing.PaymentID
	paidBy          billing.NewPayment // the last one
	lastDocument    billing.DocumentRef
	moved, repeated int
}

func (h *history) now() time.Time { return *h.time }

func (h *history) customers() []billing.CustomerID {
	return []billing.CustomerID{h.customer, h.partner, h.client}
}

func (h *history) step() {
	*h.time = h.now().Add(time.Duration(rapid.IntRange(1, 40).Draw(h.rt, "hours")) * time.Hour)
	what := rapid.SampledFrom([]string{
		"issue", "issue", "pay", "pay", "apply", "unapply", "credit", "credit", "credit", "account", "debit", "refund", "write off", "transfer", "rebill", "reverse", "reverse", "charge back", "won",
		"month", "again", "hold", "decide",
	}).Draw(h.rt, "what")
	if err := h.do1(what); err != nil {
		if kind := errs.KindOf(err); kind != errs.Invalid && kind != errs.Conflict {
			h.rt.Fatalf("%s: %v", what, err)
		}
		h.refused++
	}
}

func (h *history) do1(what string) error {
	switch what {
	case "issue":
		return h.issueAny()
	case "pay":
		return h.payAny()
	case "apply":
		return h.applyAny()
	case "unapply":
		return h.unapplyAny()
	case "reverse":
		if len(h.documents) == 0 {
			return nil
		}
		doc := rapid.SampledFrom(h.documents).Draw(h.rt, "document")
		posted, err := h.carry(billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "overcharge", Reverses: doc})
		if err == nil {
			h.lastDocument = posted.Document
		}
		return err
	case "charge back":
		return h.chargeBackAny()
	case "month":
		return h.moveMonth()
	case "again", "hold", "decide":
		map[string]func(){"again": h.again, "hold": h.contest, "decide": h.decide}[what]()
		return nil
	case "won":
		if len(h.lost) == 0 {
			return nil
		}
		_, err := h.billing.RecordChargebackWon(h.t.Context(), billing.WonChargeback{By: controller(), ID: rapid.SampledFrom(h.lost).Draw(h.rt, "chargeback")})
		return err
	}
	in, ok := h.propose(what)
	if !ok {
		return nil
	}
	posted, err := h.carry(in)
	if err != nil {
		return err
	}
	h.documents, h.lastDocument = append(h.documents, posted.Document), posted.Document
	if posted.Invoice != nil {
		h.invoices = append(h.invoices, posted.Invoice.ID)
	}
	if posted.Refund != nil && posted.Memo != nil {
		h.documents = append(h.documents, billing.DocumentRef{Kind: billing.RefundDoc, ID: int64(posted.Refund.ID)})
	}
	return nil
}

func (h *history) issueAny() error {
	in := drawInvoice(h.rt)
	in.EntityID, in.CustomerID, in.By, in.IssuedOn = h.entity, h.anyone(), controller(), h.now()
	in.Currency = rapid.SampledFrom([]money.Currency{"EUR", "EUR", "USD"}).Draw(h.rt, "currency of the books")
	cent := decimal.New(1, -2)
	for i := range in.Lines {
		in.Lines[i].UnitPrice = in.Lines[i].UnitPrice.RoundUp(2).Add(cent)
	}
	for i := range in.Discounts {
		in.Discounts[i].Amount = in.Discounts[i].Amount.RoundFloor(2)
	}
	if len(in.Discounts) > 0 && !in.Discounts[0].Amount.IsPositive() {
		in.Discounts = nil
	}
	in.Rounding = in.Rounding.RoundFloor(2)
	issued, err := h.billing.IssueInvoice(h.t.Context(), in)
	if err == nil {
		h.invoices = append(h.invoices, issued.ID)
	}
	return err
}

func (h *history) anyone() billing.CustomerID {
	return rapid.SampledFrom(h.customers()).Draw(h.rt, "customer")
}

// part is a share of an amount in whole cents, at least one.
func (h *history) part(of decimal.Decimal) decimal.Decimal {
	share := decimal.New(rapid.Int64Range(1, 100).Draw(h.rt, "per cent"), -2)
	return decimal.Max(of.Mul(share).RoundFloor(2), decimal.New(1, -2))
}

func (h *history) payAny() error {
	in := h.pay("EUR", "1", h.now().Format(time.DateOnly))
	in.ReceivedOn = h.now().AddDate(0, 0, -rapid.IntRange(0, 9).Draw(h.rt, "days late")) // perhaps before its invoice
	in.CustomerID = h.anyone()
	in.Amount = decimal.New(rapid.Int64Range(1, 300_000).Draw(h.rt, "cents"), -2)
	if len(h.invoices) > 0 {
		i := h.detail(rapid.SampledFrom(h.invoices).Draw(h.rt, "invoice"))
		in.CustomerID, in.Currency = i.CustomerID, i.Currency
		if part := decimal.Min(in.Amount, i.Open.Open); part.IsPositive() {
			in.Allocate = []billing.Allocate{{InvoiceID: i.ID, Amount: part}}
		}
	}
	in.IdempotencyKey = h.key()
	p, err := h.billing.RecordPayment(h.t.Context(), in)
	if err == nil {
		h.payment, h.paidBy = p.ID, in
	}
	return err
}

func (h *history) applyAny() error {
	list, err := h.billing.ProposeApplications(h.t.Context(), h.anyone(), "EUR", billing.ByOldest, controller())
	if err != nil || len(list) == 0 {
		return err
	}
	one := list[rapid.IntRange(0, len(list)-1).Draw(h.rt, "proposal")].ApplyPart
	one.Amount = h.part(one.Amount)
	_, err = h.billing.Apply(h.t.Context(), billing.ApplyInput{By: controller(), Parts: []billing.ApplyPart{one}})
	return err
}

func (h *history) unapplyAny() error {
	ids, err := db.Values[int64](h.t.Context(), h.db, `select id from allocations where customer_id = any ($1)
		and source_kind in ('payment', 'credit_memo', 'transfer') order by id`, h.customers())
	if err != nil || len(ids) == 0 {
		return err
	}
	return h.billing.Unapply(h.t.Context(), billing.UnapplyInput{By: controller(), IDs: []int64{rapid.SampledFrom(ids).Draw(h.rt, "allocation")}, Reason: "wrong"})
}

func (h *history) chargeBackAny() error {
	ids, err := db.Values[billing.PaymentID](h.t.Context(), h.db, `select id from payments where customer_id = any ($1) order by id`, h.customers())
	if err != nil || len(ids) == 0 {
		return err
	}
	id := rapid.SampledFrom(ids).Draw(h.rt, "payment")
	in := billing.NewChargeback{By: controller(), PaymentID: id, ChargedOn: h.now(), Reason: "fraud"}
	if rapid.Bool().Draw(h.rt, "a part") {
		in.Amount = h.part(value[decimal.Decimal](h.t, h.db, `select amount from payments where id = $1`, id))
	}
	c, err := h.billing.RecordChargeback(h.t.Context(), in)
	if err == nil {
		h.lost = append(h.lost, c.ID)
	}
	return err
}

// propose draws an adjustment of a kind on what there is; false when there is nothing for it.
func (h *history) propose(what string) (billing.AdjustmentInput, bool) {
	in := billing.AdjustmentInput{ReasonCode: "overcharge"}
	switch what {
	case "account":
		in.Kind, in.CustomerID = billing.Concession, h.anyone()
		in.Lines = []billing.AdjustLine{{Description: "Goodwill", Amount: h.part(d("100")), Tax: billing.LineTax{Category: "S", Rate: d("19")}}}
		return in, true
	case "refund", "transfer":
		return h.proposeItem(what, in)
	}
	if len(h.invoices) == 0 {
		return in, false
	}
	i := h.detail(rapid.SampledFrom(h.invoices).Draw(h.rt, "invoice"))
	in.InvoiceID = i.ID
	bill := &billing.Bill{Lines: []billing.NewLine{line(h.part(d("200")).String(), "19")}}
	switch what {
	case "debit":
		in.Kind, in.Bill = billing.Debit, bill
	case "rebill":
		in.Kind, in.Bill = billing.Rebill, bill
	case "write off":
		in.Kind, in.InvoiceID = billing.WriteOff, 0
		in.Items = []billing.ItemPart{{Kind: billing.InvoiceItem, ID: int64(i.ID), Amount: h.part(i.Open.Open)}}
	default:
		in.Kind = rapid.SampledFrom([]billing.Kind{billing.BillingError, billing.Concession, billing.SLACredit}).Draw(h.rt, "kind")
		for _, l := range i.Lines {
			if l.Remaining.IsPositive() && rapid.Bool().Draw(h.rt, "this line") {
				in.Lines = append(in.Lines, billing.AdjustLine{InvoiceLineID: l.ID, Amount: decimal.Min(h.part(l.Remaining), l.Remaining)})
			}
		}
		in.Whole = len(in.Lines) == 0
		if rapid.IntRange(0, 2).Draw(h.rt, "settled otherwise") == 0 {
			in.Refund, in.SettledOutside = decimal.New(rapid.Int64Range(0, 500).Draw(h.rt, "refund"), -2), decimal.New(rapid.Int64Range(0, 500).Draw(h.rt, "outside"), -2)
		}
	}
	return in, true
}

func (h *history) proposeItem(what string, in billing.AdjustmentInput) (billing.AdjustmentInput, bool) {
	type item struct {
		Kind       billing.ItemKind
		ID         int64
		Open       decimal.Decimal
		CustomerID billing.CustomerID
	}
	list, err := db.List[item](h.t.Context(), h.db, `select kind, document_id as id, open, customer_id from open_items
		where customer_id = any ($1) and kind <> 'invoice' and open > 0 order by 1, 2`, h.customers())
	h.must(err)
	if len(list) == 0 {
		return in, false
	}
	one := rapid.SampledFrom(list).Draw(h.rt, "item")
	in.Items = []billing.ItemPart{{Kind: one.Kind, ID: one.ID, Amount: decimal.Min(h.part(one.Open), one.Open)}}
	if in.Kind = billing.RefundOut; what == "transfer" {
		in.Kind, in.ToCustomerID = billing.TransferOver, h.client
		if one.CustomerID == h.client {
			in.ToCustomerID = h.partner
		}
	}
	return in, true
}

// asOf compares the ledger with what the documents and allocations say, by one of the two dates, as of each day on which
// either moved: between those days neither does.
func (h *history) asOf(ledgerDay, documentDay string) {
	on := func(column string) string {
		if documentDay == "%s" {
			return column
		}
		return documentDay
	}
	query := fmt.Sprintf(`with moves as (
			select customer_id, currency, %s as day, total as receivable, 0 as unapplied from invoices
			union all select i.customer_id, a.currency, %s, -a.amount, 0 from (select *, posted_at as p from allocations) a join (select id as i_id, customer_id from invoices) i on i.i_id = a.invoice_id
			union all select customer_id, currency, %s, 0, -amount from allocations where source_kind in ('payment', 'credit_memo', 'transfer')
			union all select customer_id, currency, %s, 0, amount from payments
			union all select customer_id, currency, %s, 0, total - settled_outside from credit_memos
			union all select customer_id, currency, %s, 0, -amount from refunds
			union all select customer_id, currency, %s, 0, -amount from transfers
			union all select to_customer_id, currency, %[7]s, 0, amount from transfers
			union all select customer_id, currency, %[8]s, 0, case when reverses_id is null then -amount else amount end from chargebacks
			union all select v.customer_id, v.currency, %[9]s, 0, case v.document_kind when 'credit_memo' then
					-(select total - settled_outside from credit_memos where id = v.document_id) when 'refund' then v.amount else 0 end from reversals v
			union all select v.customer_id, v.currency, %[9]s, 0, v.amount from reversals v where document_kind = 'transfer'
			union all select t.to_customer_id, v.currency, %[9]s, 0, -v.amount from reversals v join (select id as t_id, to_customer_id from transfers) t on v.document_kind = 'transfer' and t.t_id = v.document_id
		), booked as (
			select customer_id, currency, %[10]s as day, case account when 'receivable' then amount else 0 end as receivable,
				case account when 'unapplied' then -amount else 0 end as unapplied from postings where customer_id = any ($1) and account in ('receivable', 'unapplied')
		), days as (select m.day, m.customer_id, m.currency, sum(sum(lr)) over past as lr, sum(sum(lu)) over past as lu, sum(sum(dr)) over past as dr, sum(sum(du)) over past as du
			from (select customer_id, currency, day, receivable as dr, unapplied as du, 0 as lr, 0 as lu from moves where customer_id = any ($1)
				union all select customer_id, currency, day, 0, 0, receivable, unapplied from booked) m
			group by m.day, m.customer_id, m.currency window past as (partition by m.customer_id, m.currency order by m.day))
		select day::text || ' customer ' || customer_id || ' ' || currency || ': ledger ' || lr || ' / ' || lu || ', documents ' || dr || ' / ' || du
		from days where lr <> dr or lu <> du order by 1 limit 5`,
		on("issued_on"), on("a.allocated_on"), on("allocated_on"), on("received_on"), on("issued_on"), on("refunded_on"), on("moved_on"), on("charged_on"), on("reversed_on"), ledgerDay)
	wrong, err := db.Values[string](h.t.Context(), h.db, query, h.customers())
	h.must(err)
	for _, w := range wrong {
		h.rt.Errorf("as of %s %s", ledgerDay, w)
	}
}
