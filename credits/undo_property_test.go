package credits_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
	"makegood/internal/raced"
	"makegood/internal/reports"
)

// undos is how often an adjustment is given and taken back in the ordinary run.
var undos = flag.Int("undos", 100, "adjustments given and taken back")

const undosInOne = 50 // companies share a database

// Whatever is adjusted, by whatever kind, and taken back some days later: the invoice, what is open, headroom, ledger,
// dispute, hold, aging, indicators and the customers' positions are as they would be had nothing been given.
func TestTakingBackLeavesEverythingAsBefore(t *testing.T) {
	t.Parallel()
	asked, runs, failed, refused := raced.Runs(*undos), 0, false, 0
	done, why := map[billing.Kind]int{}, map[string]int{}
	var k *desk
	begin := time.Now()
	property := func(rt *rapid.T) {
		if until, ends := t.Deadline(); runs >= asked && !failed || ends && time.Until(until) < time.Minute {
			return // as far as the time for tests reaches
		}
		runs++
		failed = true
		if k == nil || k.customers >= undosInOne {
			if k != nil {
				k.sound()
			}
			k = setup(t)
			k.run(`update fx_policy set max_age_days = 366`)
			k.run(`insert into fx_rates (base, quote, on_date, rate, source) values ('EUR', 'USD', '2026-01-01', 1.1, 'ECB')`)
		}
		k.customers++
		kind, err := newUndo(k, rt).giveAndTakeBack()
		switch {
		case err == nil:
			done[kind]++
		case errs.KindOf(err) == errs.Invalid || errs.KindOf(err) == errs.Conflict:
			refused++
			why[problem(err)]++
		default:
			rt.Fatalf("%s: %v", kind, err)
		}
		failed = rt.Failed()
	}
	for range max(1, (asked+99)/100) {
		rapid.Check(t, property)
	}
	k.sound()
	t.Logf("%d taken back %v, %d refused %v, %d ms each", runs-refused, done, refused, why, time.Since(begin).Milliseconds()/int64(max(1, runs)))
	if asked >= 100 && (len(done) < len(undoKinds()) || refused > asked/3) {
		t.Errorf("too little was taken back to prove anything: %v, %d refused", done, refused)
	}
}

// undoKinds are all but service credits, which ask for a contract's computation sheet; they are posted and taken back as concessions are, and
// the random histories of the books have them.
func undoKinds() []billing.Kind {
	return []billing.Kind{
		billing.BillingError, billing.Concession, billing.Rebill, billing.Debit, billing.RefundOut, billing.WriteOff, billing.TransferOver,
	}
}

// undo is a company with an invoice that was paid in part and is disputed in part.
type undo struct {
	*desk
	rt      *rapid.T
	reports *reports.Receivables
	code    string
	bill    billing.InvoiceDetail
	dispute *cases.Case
	lines   []cases.DisputeLine
	base    bool // the reports are read in the entity's currency
}

func newUndo(shared *desk, rt *rapid.T) *undo {
	mine := *shared
	u := &undo{desk: &mine, rt: rt, reports: reports.New(shared.db).Receivables(), code: fmt.Sprint("U", shared.customers)}
	u.do(func(tx *db.Tx) error {
		u.entity = value[billing.EntityID](u.t, tx, `insert into legal_entities (code, name, base_currency, country, tax_id, address, support_address, support_name,
			time_zone, language, bank_details, write_off_tax_relief) select $1, name, base_currency, country, tax_id, address, support_address, support_name,
			time_zone, language, bank_details, $3 from legal_entities where id = $2 returning id`, u.code, shared.entity, rapid.Bool().Draw(rt, "tax relief"))
		u.exec(tx, `insert into ledger_accounts (entity_id, role, code, name) select $1, role, code, name from ledger_accounts where entity_id = $2`, u.entity, shared.entity)
		u.customer = u.addCustomer(tx, u.code+"-1", "direct", nil)
		u.partner = u.addCustomer(tx, u.code+"-2", "partner", nil)
		u.client = u.addCustomer(tx, u.code+"-3", "end_customer", &u.partner)
		return nil
	})
	u.issue()
	u.settleSome()
	u.contest()
	u.base = rapid.Bool().Draw(rt, "in base currency")
	return u
}

// cents is an amount of at least a cent and at most so much.
func (u *undo) cents(name string, most decimal.Decimal) decimal.Decimal {
	return decimal.New(rapid.Int64Range(1, max(1, most.Shift(2).IntPart())).Draw(u.rt, name), -2)
}

func (u *undo) today() time.Time { return u.clock.Now().Truncate(24 * time.Hour) }

func (u *undo) issue() {
	in := billing.NewInvoice{
		EntityID: u.entity, CustomerID: rapid.SampledFrom([]billing.CustomerID{u.customer, u.partner}).Draw(u.rt, "whose"), By: u.control,
		Currency: rapid.SampledFrom([]money.Currency{"EUR", "EUR", "USD"}).Draw(u.rt, "currency"), PricesIncludeTax: rapid.Bool().Draw(u.rt, "inclusive"),
		IssuedOn: u.today().AddDate(0, 0, -rapid.IntRange(0, 100).Draw(u.rt, "days ago")),
	}
	for n := range rapid.IntRange(1, 3).Draw(u.rt, "lines") {
		in.Lines = append(in.Lines, billing.NewLine{
			Product: "compute", Description: fmt.Sprint("Compute ", n), Quantity: decimal.NewFromInt(rapid.Int64Range(1, 3).Draw(u.rt, "quantity")),
			UnitPrice: u.cents("price", d("2000")).Add(d("0.50")), TaxCategory: "S", TaxRate: d(rapid.SampledFrom([]string{"0", "7", "19"}).Draw(u.rt, "rate")),
		})
	}
	if rapid.IntRange(0, 2).Draw(u.rt, "coupon") == 0 {
		in.Discounts = []billing.NewDiscount{{Label: "Coupon", Amount: d("0.37"), Lines: []int{0}}}
	}
	issued, err := u.billing.IssueInvoice(u.t.Context(), in)
	u.must(err)
	u.bill = u.detail(issued.ID)
}

// settleSome records payments, of which a part stays unapplied.
func (u *undo) settleSome() {
	for range rapid.IntRange(0, 2).Draw(u.rt, "payments") {
		open := u.detail(u.bill.ID).Open.Open
		in := billing.NewPayment{
			EntityID: u.entity, CustomerID: u.bill.CustomerID, Currency: u.bill.Currency, Amount: u.cents("paid", u.bill.Total), Method: "bank_transfer", By: u.control,
			ReceivedOn: u.today().AddDate(0, 0, -rapid.IntRange(0, 9).Draw(u.rt, "paid days ago")),
		}
		if part := decimal.Min(open, u.cents("applied", in.Amount)); part.IsPositive() {
			in.Allocate = []billing.Allocate{{InvoiceID: u.bill.ID, Amount: part}}
		}
		_, err := u.billing.RecordPayment(u.t.Context(), in)
		u.must(err)
	}
}

// contest opens a case about one or two lines, or the whole invoice, as far as there is something to dispute.
func (u *undo) contest() {
	if rapid.IntRange(0, 3).Draw(u.rt, "no dispute") == 0 {
		return
	}
	in := cases.OpenInput{Type: cases.Dispute, Subject: "Too much", CustomerID: &u.bill.CustomerID, Source: "mail", By: u.agent}
	taken := decimal.Zero
	for n, l := range u.bill.Lines {
		if n > 0 && !rapid.Bool().Draw(u.rt, "this one too") {
			continue
		}
		one := cases.NewDispute{InvoiceID: u.bill.ID, InvoiceLineID: &l.ID, ReasonCode: "wrong_price"}
		if n == 0 && rapid.Bool().Draw(u.rt, "all of it") {
			one.InvoiceLineID = nil
		}
		open, err := u.billing.Contestable(u.t.Context(), u.db, u.bill.ID, one.InvoiceLineID)
		u.must(err)
		if open = open.Sub(taken); open.IsPositive() {
			one.Contested = u.cents("contested", open)
			taken = taken.Add(one.Contested)
			in.Disputes = append(in.Disputes, one)
		}
	}
	c, err := u.cases.Open(u.t.Context(), in)
	u.must(err)
	u.lines, err = u.cases.Disputes(u.t.Context(), u.db, c.ID)
	u.must(err)
	u.dispute = &c
}

// giveAndTakeBack gives an adjustment today, takes it and what it brought with it back some days later, and compares what
// is to be seen that day with what would be. The error is why there was nothing to take back.
func (u *undo) giveAndTakeBack() (billing.Kind, error) {
	kind := rapid.SampledFrom(undoKinds()).Draw(u.rt, "kind")
	in := u.propose(kind)
	later := rapid.IntRange(0, 3).Draw(u.rt, "days until taken back")
	on := u.today().AddDate(0, 0, later)
	before := u.shape(on)
	given, err := u.carry(in)
	if err != nil {
		return kind, err
	}
	u.clock.Add(time.Duration(later) * 24 * time.Hour)
	refunds, err := db.Values[int64](u.t.Context(), u.db, `select f.id from refunds f join refund_sources s on s.refund_id = f.id
		where $1 = 'credit_memo' and s.item_kind = 'credit_memo' and s.item_id = $2`, given.DocumentKind, given.DocumentID)
	u.must(err)
	for _, id := range refunds {
		u.undone(billing.DocumentRef{Kind: billing.RefundDoc, ID: id})
	}
	u.undone(billing.DocumentRef{Kind: given.DocumentKind, ID: *given.DocumentID})
	after := u.shape(on)
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if before[name] != after[name] {
			u.rt.Errorf("%s of %s: %s before, %s after", name, kind, before[name], after[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if _, known := before[name]; !known {
			u.rt.Errorf("%s of %s: %s after", name, kind, after[name])
		}
	}
	return kind, nil
}

func (u *undo) undone(doc billing.DocumentRef) {
	in := u.ask(billing.Reverse)
	in.Evidence, in.Reverses = nil, doc
	if _, err := u.carry(in); err != nil {
		u.rt.Fatalf("take back %s %d: %v", doc.Kind, doc.ID, err)
	}
}

// carry proposes, has every step signed and posts. A refusal of the books comes back as an error.
func (u *undo) carry(in credits.ProposeInput) (credits.Detail, error) {
	req, err := u.credits.Submit(u.t.Context(), in)
	if err != nil {
		return credits.Detail{}, err
	}
	for range 7 {
		step, open := u.read(req.ID).Open()
		if !open {
			break
		}
		u.approve(req.ID, u.decider(step))
	}
	if err := u.credits.Post(u.t.Context(), credits.PostRequest{ID: req.ID}); err != nil {
		return credits.Detail{}, err
	}
	got := u.read(req.ID)
	if got.State != credits.Posted {
		return got, fmt.Errorf("%s is %s: %s %v", got.Kind, got.State, got.Failure, got.FailureParams)
	}
	return got, nil
}

// propose draws an adjustment of a kind; the books may refuse it.
func (u *undo) propose(kind billing.Kind) credits.ProposeInput {
	in := u.ask(kind)
	if u.dispute != nil && rapid.IntRange(0, 3).Draw(u.rt, "outside the case") > 0 {
		in.CaseID = &u.dispute.ID
		cause := value[int64](u.t, u.db, `select id from root_causes limit 1`)
		in.RootCauseID = &cause
	}
	switch kind {
	case billing.Debit, billing.Rebill:
		in.InvoiceID, in.Bill = u.bill.ID, bill(u.cents("net", d("900")).String())
	case billing.WriteOff:
		in.Items = []billing.ItemPart{{Kind: billing.InvoiceItem, ID: int64(u.bill.ID), Amount: u.cents("written off", u.detail(u.bill.ID).Open.Open)}}
	case billing.RefundOut, billing.TransferOver:
		in.CaseID = nil
		u.proposeItem(&in)
	case billing.BillingError, billing.Concession, billing.SLACredit, billing.Reverse:
		u.proposeCredit(&in)
	}
	return in
}

func (u *undo) proposeItem(in *credits.ProposeInput) {
	type item struct {
		ID   int64
		Open decimal.Decimal
	}
	list, err := db.List[item](u.t.Context(), u.db, `select document_id as id, open from open_items
		where kind = 'payment' and open > 0 and customer_id = any ($1) order by 1`, []billing.CustomerID{u.partner, map[bool]billing.CustomerID{true: u.customer}[in.Kind == billing.RefundOut]})
	u.must(err)
	if len(list) == 0 { // then of money that came for nothing
		p := u.pay(u.partner, u.cents("unapplied", d("900")).String())
		list = []item{{int64(p.ID), p.Amount}}
	}
	one := rapid.SampledFrom(list).Draw(u.rt, "item")
	in.Items = []billing.ItemPart{{Kind: billing.PaymentItem, ID: one.ID, Amount: u.cents("part", one.Open)}}
	if in.Kind == billing.TransferOver {
		in.ToCustomerID = u.client
	}
}

// proposeCredit credits lines, tied to what is disputed of them, or all that remains, or an amount on account.
func (u *undo) proposeCredit(in *credits.ProposeInput) {
	in.InvoiceID = u.bill.ID
	net := decimal.Zero
	switch rapid.IntRange(0, 5).Draw(u.rt, "how") {
	case 0:
		in.Whole, net = true, u.bill.Net
	case 1:
		if in.Kind == billing.Concession {
			in.InvoiceID, in.CustomerID, in.Currency = 0, u.bill.CustomerID, u.bill.Currency
			in.Lines = []credits.ProposeLine{{Description: "Goodwill", Net: u.cents("goodwill", d("100")), Tax: billing.LineTax{Category: "S", Rate: d("19")}}}
			return
		}
		fallthrough
	default:
		for n, l := range u.bill.Lines {
			if n > 0 && !rapid.Bool().Draw(u.rt, "this line") {
				continue
			}
			line := credits.ProposeLine{InvoiceLineID: l.ID, Net: u.cents("credit", l.Remaining)}
			at := slices.IndexFunc(u.lines, func(d cases.DisputeLine) bool { return d.InvoiceLineID == nil || *d.InvoiceLineID == l.ID })
			if at >= 0 && in.CaseID != nil && rapid.IntRange(0, 3).Draw(u.rt, "untied") > 0 {
				line.DisputeLineID = &u.lines[at].ID
			}
			net = net.Add(line.Net)
			in.Lines = append(in.Lines, line)
		}
	}
	half := net.Div(decimal.NewFromInt(2)).RoundFloor(2)
	if half.IsPositive() && rapid.Bool().Draw(u.rt, "settled otherwise") {
		in.SettledOutside = u.cents("outside", half)
		cash := value[decimal.Decimal](u.t, u.db, `select coalesce(sum(amount), 0) from allocations where invoice_id = $1`, u.bill.ID)
		if most := decimal.Min(cash, half); most.IsPositive() {
			in.Refund = u.cents("refund", most)
		}
	}
}

// shape is everything that must be as it was, as of a day: text by name.
func (u *undo) shape(on time.Time) map[string]string {
	u.t.Helper()
	shape := map[string]string{}
	u.rows(shape, `select 'open item ' || kind || ' ' || number, concat_ws(' ', open, held, reserved, base_open, rounding_given, closed_on is null) from open_items
		where entity_id = $1 and (open, held, reserved, base_open, rounding_given) <> (0, 0, 0, 0, 0)`, u.entity)
	u.rows(shape, `select 'line ' || b.invoice_line_id, b::text from invoice_line_balances b where b.invoice_id = $1
		union all select 'tax ' || b.invoice_tax_id, b::text from invoice_tax_balances b where b.invoice_id = $1`, u.bill.ID)
	u.rows(shape, `select concat_ws(' ', 'account', account, currency, customer_id), sum(amount) || ' / ' || sum(base_amount) from postings where entity_id = $1
		group by account, currency, customer_id having (sum(amount), sum(base_amount)) <> (0, 0)`, u.entity)
	u.rows(shape, `select 'hold of dispute ' || dispute_line_id, concat_ws(' ', amount, invoice_line_id, case_id) from holds where invoice_id = $1 and released_at is null`, u.bill.ID)
	u.rows(shape, `select 'dispute ' || id, concat_ws(' ', status, contested, accepted, credited, credit_request_id, decided_at, explanation) from dispute_lines where invoice_id = $1`, u.bill.ID)
	if u.dispute != nil {
		c := u.caseOf(u.dispute.ID)
		shape["case"] = fmt.Sprint(c.InDispute(), c.RiskBase, c.CreditState, c.Status.Active())
	}
	for _, l := range u.bill.Lines {
		open, err := u.billing.Contestable(u.t.Context(), u.db, u.bill.ID, &l.ID)
		u.must(err)
		shape[fmt.Sprint("contestable line ", l.ID)] = open.String()
	}
	list, err := u.billing.Collectible(u.t.Context(), u.db, billing.CollectQuery{CustomerID: u.bill.CustomerID})
	u.must(err)
	for _, c := range list {
		shape["collectible "+c.Number] = fmt.Sprint(c.Collectible(), c.Held)
	}
	u.figures(shape, on)
	return shape
}

func (u *undo) rows(shape map[string]string, query string, args ...any) {
	u.t.Helper()
	type row struct{ Name, Text string }
	list, err := db.List[row](u.t.Context(), u.db, `select n as name, t as text from (`+query+`) q(n, t)`, args...)
	u.must(err)
	for _, r := range list {
		shape[r.Name] = r.Text
	}
}

// figures are what the reports say of a day. How many memos there were is what happened, not how things stand.
func (u *undo) figures(shape map[string]string, on time.Time) {
	u.t.Helper()
	by := access.Actor{Kind: access.Person, UserID: u.control.UserID, Name: u.control.Name, Roles: []access.Role{access.Controller}}
	scope := reports.Scope{By: by, On: on, Entity: u.code, Base: u.base}
	aging, err := u.reports.Aging(u.t.Context(), scope, nil)
	u.must(err)
	for _, section := range aging.Sections {
		shape[fmt.Sprint("aging ", section.Currency)] = fmt.Sprintf("%+v", section)
	}
	kpis, err := u.reports.KPIs(u.t.Context(), scope, 90)
	u.must(err)
	for _, section := range kpis.Sections {
		for _, v := range section.Now.Values() {
			if v.Value.Valid && !v.Value.Decimal.IsZero() {
				shape[fmt.Sprint(v.Name, " ", section.Currency)] = v.Value.Decimal.String()
			}
		}
	}
	for _, id := range []billing.CustomerID{u.customer, u.partner, u.client} {
		p, err := u.billing.PositionAsOf(u.t.Context(), u.db, id, on, billing.KnownNow)
		u.must(err)
		shape[fmt.Sprint("position ", id)] = fmt.Sprintf("%+v", p)
	}
}
