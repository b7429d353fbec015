package billing_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing"
	"makegood/billing/dunning"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
)

// counter is a shop under a clock that moves, with an invoice of 119.00 EUR that was due on 1 May 2026.
type counter struct {
	*shop
	clock *jobstest.Clock
	jobs  *jobs.Registry
}

func open(t *testing.T) *counter {
	t.Helper()
	clock := jobstest.NewClock(time.Date(2026, 5, 12, 7, 30, 0, 0, time.UTC))
	c := &counter{shop: setupAt(t, clock.Now), clock: clock, jobs: jobs.NewRegistry()}
	c.billing.Register(c.jobs)
	return c
}

func (c *counter) overdue(net string) billing.InvoiceDetail {
	c.t.Helper()
	in := c.invoice("EUR", line(net, "19"))
	in.IssuedOn, in.DueOn = day("2026-04-01"), day("2026-05-01")
	return c.issue(in)
}

// on moves the clock to the morning of a day in Hamburg.
func (c *counter) on(text string) {
	c.clock.Set(day(text).Add(6 * time.Hour))
}

func (c *counter) collectible(id billing.InvoiceID) billing.Collectible {
	c.t.Helper()
	list, err := c.billing.Collectible(c.t.Context(), c.db, billing.CollectQuery{InvoiceID: id})
	c.must(err)
	if len(list) != 1 {
		c.t.Fatalf("collectible %+v", list)
	}
	return list[0]
}

func (c *counter) list() billing.DunningList {
	c.t.Helper()
	list, err := c.billing.DunningList(c.t.Context(), billing.DunningQuery{EntityID: c.entity, By: controller()})
	c.must(err)
	return list
}

// parts compares the parts of an invoice: held, promised, kept back, dunnable.
func (c *counter) parts(id billing.InvoiceID, held, promised, keptBack, dunnable string) {
	c.t.Helper()
	p := c.collectible(id)
	equal(c.t, "held", held, p.Held)
	equal(c.t, "promised", promised, p.Promised)
	equal(c.t, "kept back", keptBack, p.KeptBack)
	equal(c.t, "dunnable", dunnable, p.Dunnable)
	listed := slices.ContainsFunc(c.list().Rows, func(r billing.Collectible) bool { return r.InvoiceID == id })
	if listed != p.Dunnable.IsPositive() {
		c.t.Errorf("on the list: %v, dunnable %s", listed, p.Dunnable)
	}
}

func (c *counter) promise(invoice billing.InvoiceID, amount, on string) billing.Promise {
	c.t.Helper()
	p, err := c.billing.MakePromise(c.t.Context(), billing.NewPromise{
		InvoiceID: invoice, CustomerID: c.customer, Currency: "EUR", Amount: d(amount), On: day(on), PromisedBy: "Frau Sommer, accounts payable", By: controller(),
	})
	c.must(err)
	return p
}

func (c *counter) payNow(amount, receivedOn string, invoice billing.InvoiceID) {
	c.t.Helper()
	_, err := c.billing.RecordPayment(c.t.Context(), c.pay("EUR", amount, receivedOn, billing.Allocate{InvoiceID: invoice, Amount: d(amount)}))
	c.must(err)
}

func (c *counter) state(id billing.PromiseID) billing.PromiseRow {
	c.t.Helper()
	p, err := c.billing.PromiseByID(c.t.Context(), id, controller())
	c.must(err)
	return p
}

func TestOnlyTheUndisputedPartIsDunned(t *testing.T) {
	t.Parallel()
	c := open(t)
	i := c.overdue("100")
	c.parts(i.ID, "0", "0", "0", "119")
	c.hold(i.ID, nil, 1, "40")
	c.parts(i.ID, "40", "0", "0", "79")
	equal(t, "may be paid", "79", c.collectible(i.ID).Collectible())
	if row := c.list().Rows[0]; row.Overdue != 11 || row.Level != 1 || row.Account != "C-1" {
		t.Errorf("row %+v", row)
	}
	c.hold(i.ID, nil, 2, "79")
	c.parts(i.ID, "119", "0", "0", "0")
	if list := c.list(); len(list.KeptBack) != 1 || len(list.Totals) != 1 || list.Totals[0].OnList != 0 {
		t.Errorf("all disputed: %+v", list)
	}
}

func TestNothingGoesOutOnTheDayAHoldEnds(t *testing.T) {
	t.Parallel()
	c := open(t)
	i := c.overdue("100")
	c.hold(i.ID, nil, 1, "100")
	c.on("2026-05-13")
	c.parts(i.ID, "100", "0", "0", "19")
	c.hold(i.ID, nil, 1, "60") // lowered
	c.parts(i.ID, "60", "0", "59", "0")
	c.on("2026-05-14")
	c.parts(i.ID, "60", "0", "0", "59")
	c.do(func(tx *db.Tx) error { return c.billing.ReleaseHoldTx(t.Context(), tx, 1, "rejected") })
	c.parts(i.ID, "0", "0", "119", "0")
	if why := c.collectible(i.ID).Why; why != billing.HoldEndToday {
		t.Errorf("kept back %q", why)
	}
	c.clock.Set(time.Date(2026, 5, 14, 21, 59, 0, 0, time.UTC)) // a minute to midnight in Hamburg
	c.parts(i.ID, "0", "0", "119", "0")
	c.clock.Set(time.Date(2026, 5, 14, 22, 1, 0, 0, time.UTC))
	c.parts(i.ID, "0", "0", "0", "119")
}

func TestABlockKeepsItsLastDayQuiet(t *testing.T) {
	t.Parallel()
	c := open(t)
	i, other := c.overdue("100"), c.overdue("50")
	block, err := c.billing.BlockDunning(t.Context(), billing.NewBlock{InvoiceID: i.ID, Until: day("2026-05-14"), Reason: "waits for a copy", By: controller()})
	c.must(err)
	c.parts(i.ID, "0", "0", "119", "0")
	c.parts(other.ID, "0", "0", "0", "59.5")
	c.on("2026-05-14")
	c.parts(i.ID, "0", "0", "119", "0")
	c.on("2026-05-15")
	c.parts(i.ID, "0", "0", "0", "119")
	if same, err := c.billing.LiftBlock(t.Context(), block.ID, "paid", controller()); err != nil || same.LiftedAt != nil {
		t.Errorf("lifting one that has run out: %+v, %v", same, err)
	}
	whole, err := c.billing.BlockDunning(t.Context(), billing.NewBlock{CustomerID: c.customer, Until: day("2026-06-30"), Reason: "insolvency talks", By: controller()})
	c.must(err)
	c.parts(other.ID, "0", "0", "59.5", "0")
	if got := c.collectible(i.ID); got.Why != billing.ByBlock || !got.BlockedUntil.Equal(day("2026-06-30")) {
		t.Errorf("blocked %+v", got)
	}
	c.on("2026-05-20")
	if _, err := c.billing.LiftBlock(t.Context(), whole.ID, " ", controller()); errs.KindOf(err) != errs.Invalid {
		t.Errorf("lifted without a reason: %v", err)
	}
	for range 2 {
		lifted, err := c.billing.LiftBlock(t.Context(), whole.ID, "talks are over", controller())
		c.must(err)
		if !lifted.LastDay().Equal(day("2026-05-20")) {
			t.Errorf("lifted %+v", lifted)
		}
	}
	c.parts(i.ID, "0", "0", "119", "0") // the day it is lifted
	c.on("2026-05-21")
	c.parts(i.ID, "0", "0", "0", "119")
	active, err := c.billing.Blocks(t.Context(), billing.BlockQuery{Active: true, By: controller()})
	c.must(err)
	all, err := c.billing.Blocks(t.Context(), billing.BlockQuery{CustomerID: c.customer, By: controller()})
	c.must(err)
	if len(active.Rows) != 0 || len(all.Rows) != 2 || all.Rows[0].Account != "C-1" || all.Rows[1].InvoiceNumber != i.Number {
		t.Errorf("active %+v, all %+v", active, all)
	}
}

func TestAPromiseIsKeptOrBrokenByWhatWasPaid(t *testing.T) {
	t.Parallel()
	c := open(t)
	kept, broken, moot := c.overdue("100"), c.overdue("100"), c.overdue("100")
	inTime, late, credited := c.promise(kept.ID, "119", "2026-05-15"), c.promise(broken.ID, "100", "2026-05-15"), c.promise(moot.ID, "119", "2026-05-15")
	c.parts(kept.ID, "0", "119", "0", "0")
	c.parts(broken.ID, "0", "100", "0", "19")
	c.on("2026-05-14")
	c.payNow("50", "2026-05-14", kept.ID)
	c.parts(kept.ID, "0", "69", "0", "0")
	c.payNow("69", "2026-05-13", kept.ID)
	c.payNow("40", "2026-05-14", broken.ID)
	c.parts(broken.ID, "0", "60", "0", "19")
	c.give(credit(billing.BillingError, moot.ID, billing.AdjustLine{InvoiceLineID: moot.Lines[0].ID, Amount: d("100")}))
	jobstest.Drain(t, c.db, c.jobs, c.clock, time.Date(2026, 5, 15, 21, 59, 0, 0, time.UTC))
	if p := c.state(inTime.ID); p.State != billing.PromiseOpen {
		t.Errorf("decided before its day was over: %+v", p)
	}
	jobstest.Drain(t, c.db, c.jobs, c.clock, time.Date(2026, 5, 15, 22, 1, 0, 0, time.UTC))
	for id, want := range map[billing.PromiseID]string{inTime.ID: "kept 119 ", late.ID: "broken 40 ", credited.ID: "kept 0 nothing_left_to_pay"} {
		p := c.state(id)
		if got := fmt.Sprintf("%s %s %s", p.State, p.Paid, p.Decision); got != want {
			t.Errorf("promise %d: %s, want %s", id, got, want)
		}
	}
	c.parts(broken.ID, "0", "0", "0", "79")
	if _, err := c.billing.WithdrawPromise(t.Context(), late.ID, "agreed anew", controller()); !errors.Is(err, billing.ErrPromiseDecided) {
		t.Errorf("withdrawn after it was broken: %v", err)
	}
	c.must(c.billing.DecidePromise(t.Context(), billing.PromiseDue{ID: late.ID})) // twice, and late
	events, err := db.Values[string](t.Context(), c.db, `select what from audit_log where what like 'promise.%' order by what`)
	c.must(err)
	if !slices.Equal(events, []string{"promise.broken", "promise.kept", "promise.kept", "promise.made", "promise.made", "promise.made"}) {
		t.Errorf("events %v", events)
	}
	c.sound()
}

func TestMoneyThatCameAfterThePromisedDayBreaksIt(t *testing.T) {
	t.Parallel()
	c := open(t)
	i := c.overdue("100")
	p := c.promise(i.ID, "100", "2026-05-13")
	c.clock.Set(time.Date(2026, 5, 14, 3, 0, 0, 0, time.UTC)) // the workers were away over midnight
	c.payNow("100", "2026-05-14", i.ID)
	n, err := c.billing.DecidePromises(t.Context())
	c.must(err)
	if got := c.state(p.ID); n != 1 || got.State != billing.PromiseBroken || !got.Paid.IsZero() {
		t.Errorf("%d decided: %+v", n, got)
	}
}

func TestInstalmentsAndASumOverAll(t *testing.T) {
	t.Parallel()
	c := open(t)
	i, other := c.overdue("100"), c.overdue("100")
	first, second := c.promise(i.ID, "50", "2026-05-15"), c.promise(i.ID, "69", "2026-05-20")
	all := c.promise(0, "30", "2026-05-18")
	c.parts(i.ID, "0", "119", "0", "0")
	c.parts(other.ID, "0", "30", "0", "89")
	c.clock.Add(time.Hour)
	c.payNow("50", "2026-05-12", i.ID)
	c.payNow("10", "2026-05-12", other.ID)
	c.parts(i.ID, "0", "69", "0", "0")
	c.parts(other.ID, "0", "20", "0", "89")
	jobstest.Drain(t, c.db, c.jobs, c.clock, time.Date(2026, 5, 21, 8, 0, 0, 0, time.UTC))
	for id, want := range map[billing.PromiseID]billing.PromiseState{first.ID: billing.PromiseKept, second.ID: billing.PromiseBroken, all.ID: billing.PromiseBroken} {
		if p := c.state(id); p.State != want {
			t.Errorf("%+v, want %s", p.Promise, want)
		}
	}
	page, err := c.billing.Promises(t.Context(), billing.PromiseQuery{State: billing.PromiseBroken, Limit: 1, By: controller()})
	c.must(err)
	rest, err := c.billing.Promises(t.Context(), billing.PromiseQuery{State: billing.PromiseBroken, After: page.Next, By: controller()})
	c.must(err)
	if len(page.Rows) != 1 || page.Rows[0].ID != second.ID || page.Rows[0].InvoiceNumber != i.Number || len(rest.Rows) != 1 || rest.Rows[0].ID != all.ID {
		t.Errorf("broken %+v, then %+v", page, rest)
	}
}

func TestPromisesThatAreRefused(t *testing.T) {
	t.Parallel()
	c := open(t)
	i := c.overdue("100")
	c.hold(i.ID, nil, 1, "19")
	c.promise(i.ID, "60", "2026-05-20")
	in := billing.NewPromise{InvoiceID: i.ID, Amount: d("40.01"), On: day("2026-05-20"), PromisedBy: "Frau Sommer", By: controller()}
	if _, err := c.billing.MakePromise(t.Context(), in); !errors.Is(err, billing.ErrOverCollectible) {
		t.Errorf("more than the undisputed rest: %v", err)
	}
	in.Amount = d("40")
	for name, change := range map[string]func(*billing.NewPromise){
		"a day that has passed": func(n *billing.NewPromise) { n.On = day("2026-05-11") },
		"years ahead":           func(n *billing.NewPromise) { n.On = day("2028-05-11") },
		"by nobody":             func(n *billing.NewPromise) { n.PromisedBy = " " },
		"nothing":               func(n *billing.NewPromise) { n.Amount = decimal.Zero },
		"half a cent":           func(n *billing.NewPromise) { n.Amount = d("1.005") },
	} {
		bad := in
		change(&bad)
		if _, err := c.billing.MakePromise(t.Context(), bad); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := in
	bad.By = person(3, access.Agent)
	if _, err := c.billing.MakePromise(t.Context(), bad); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("by an agent: %v", err)
	}
	bad.By = person(4, access.Collections)
	bad.By.EntityIDs = []int64{int64(c.entity) + 1}
	if _, err := c.billing.MakePromise(t.Context(), bad); errs.KindOf(err) != errs.NotFound {
		t.Errorf("out of scope: %v", err)
	}
	if _, err := c.billing.DunningList(t.Context(), billing.DunningQuery{EntityID: c.entity, Day: day("2026-05-11"), By: controller()}); errs.KindOf(err) != errs.Invalid {
		t.Errorf("yesterday's list: %v", err)
	}
	p, err := c.billing.MakePromise(t.Context(), in)
	c.must(err)
	if _, err := c.billing.WithdrawPromise(t.Context(), p.ID, "", controller()); errs.KindOf(err) != errs.Invalid {
		t.Errorf("withdrawn without a reason: %v", err)
	}
	for range 2 {
		if p, err = c.billing.WithdrawPromise(t.Context(), p.ID, "written down twice", controller()); err != nil || p.State != billing.PromiseWithdrawn {
			t.Errorf("withdrawn: %+v, %v", p, err)
		}
	}
	for statement, want := range map[string]string{
		`update payment_promises set amount = 1`:                                                               "23001 promise_is_decided_once",
		`update payment_promises set state = 'open', decided_at = null where state = 'withdrawn'`:              "23001 promise_is_decided_once",
		`delete from payment_promises`:                                                                         "42501 ",
		`delete from dunning_blocks`:                                                                           "42501 ",
		`insert into hold_changes (hold_id, invoice_id, at, amount_before, amount) values (1, 1, now(), 0, 1)`: "23001 only_written_by_triggers",
	} {
		if got := code(c.refused(statement)); got != want {
			t.Errorf("%s: %q", statement, got)
		}
	}
}

// Twenty people take promises for one invoice at once: never more than it owes.
func TestPromisesTakenAtOnceNeverExceedWhatIsOwed(t *testing.T) {
	t.Parallel()
	c := open(t)
	i := c.overdue("100")
	taken := 0
	for _, r := range together(20, func(int) (billing.Promise, error) {
		return c.billing.MakePromise(t.Context(), billing.NewPromise{InvoiceID: i.ID, Amount: d("17"), On: day("2026-05-20"), PromisedBy: "Frau Sommer", By: controller()})
	}) {
		if r.err == nil {
			taken++
		} else if !errors.Is(r.err, billing.ErrOverCollectible) {
			t.Error(r.err)
		}
	}
	if taken != 7 { // 7 × 17 = 119
		t.Errorf("%d promises", taken)
	}
	c.parts(i.ID, "0", "119", "0", "0")
}

func TestLevelsFollowTheEntitysPolicy(t *testing.T) {
	t.Parallel()
	c := open(t)
	i := c.overdue("100")
	c.must(c.billing.SetCollectionPolicy(t.Context(), billing.CollectionPolicy{EntityID: c.entity, LevelDays: []int{10, 12, 20}, LateFeePercent: d("9.12")}, controller()))
	for on, level := range map[string]int{"2026-05-12": 1} {
		c.on(on)
		if row := c.list().Rows[0]; row.Level != level {
			t.Errorf("%s: %+v", on, row)
		}
	}
	c.on("2026-05-13")
	if got := c.collectible(i.ID); got.Level != 2 || got.Overdue != 12 {
		t.Errorf("the next day: %+v", got)
	}
	for name, levels := range map[string][]int{"none": {}, "day 0": {0, 5}, "falling": {5, 3}, "twice": {5, 5}} {
		if err := c.billing.SetCollectionPolicy(t.Context(), billing.CollectionPolicy{EntityID: c.entity, LevelDays: levels}, controller()); errs.KindOf(err) != errs.Invalid {
			t.Errorf("levels %s: %v", name, err)
		}
	}
}

func TestLateFeeOfAnInvoice(t *testing.T) {
	t.Parallel()
	c := open(t)
	i := c.overdue("1000") // 1190.00
	c.must(c.billing.SetCollectionPolicy(t.Context(), billing.CollectionPolicy{EntityID: c.entity, LevelDays: []int{1}, LateFeePercent: d("9.12")}, controller()))
	c.hold(i.ID, nil, 1, "190")
	c.on("2026-05-14")
	c.payNow("500", "2026-05-13", i.ID)
	c.do(func(tx *db.Tx) error { return c.billing.ReleaseHoldTx(t.Context(), tx, 1, "rejected") })
	c.on("2026-05-20")
	fee, err := c.billing.LateFee(t.Context(), i.ID, time.Time{}, controller())
	c.must(err)
	var told []string
	for _, s := range fee.Spans {
		told = append(told, fmt.Sprintf("%s..%s %d×%s", s.From.Format("0102"), s.To.Format("0102"), s.Days, s.Base))
	}
	if want := []string{"0502..0511 10×1190", "0512..0512 1×1000", "0513..0513 1×500", "0514..0520 7×690"}; !slices.Equal(told, want) {
		t.Errorf("spans %v", told)
	}
	// (11900 + 1000 + 500 + 4830) × 9.12 % / 365
	equal(t, "fee", "4.56", fee.Fee) // 4.555003
	if n := value[int](t, c.db, `select count(*) from journal_entries where document_kind not in ('invoice', 'payment', 'allocation')`); n != 0 {
		t.Errorf("a late fee was booked")
	}
}

// Whatever is disputed, promised, blocked, paid and decided, day after day: the parts are the whole, nothing disputed is
// on the list, and on the day a hold ends nothing of its invoice is.
func TestNothingDisputedIsEverDunned(t *testing.T) {
	t.Parallel()
	c := open(t)
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		c.do(func(tx *db.Tx) error {
			c.entity = c.addEntity(tx, fmt.Sprint("C", runs))
			c.customer = c.addCustomer(tx, fmt.Sprint("K-", runs), "direct", nil)
			return nil
		})
		w := &collecting{counter: c, rt: rt, next: int64(1000 * runs), held: map[int64]billing.InvoiceID{}, quiet: map[billing.InvoiceID]string{}}
		for range rapid.IntRange(1, 3).Draw(rt, "invoices") {
			w.invoices = append(w.invoices, c.overdue(decimal.New(rapid.Int64Range(100, 90000).Draw(rt, "net"), -2).String()).ID)
		}
		for range rapid.IntRange(3, 9).Draw(rt, "steps") {
			w.step(rapid.SampledFrom([]string{"hold", "hold", "release", "promise", "pay", "block", "tomorrow", "decide"}).Draw(rt, "what"))
			w.check()
		}
	})
	c.sound()
}

type collecting struct {
	*counter
	rt       *rapid.T
	invoices []billing.InvoiceID
	next     int64
	held     map[int64]billing.InvoiceID
	quiet    map[billing.InvoiceID]string // the day on which a hold of it was lowered or ended last
}

func (w *collecting) today() string { return w.clock.Now().In(berlin()).Format(time.DateOnly) }

func berlin() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}

func (w *collecting) step(what string) {
	invoice := rapid.SampledFrom(w.invoices).Draw(w.rt, "invoice")
	amount := decimal.New(rapid.Int64Range(1, 60000).Draw(w.rt, "amount"), -2)
	until := day(w.today()).AddDate(0, 0, rapid.IntRange(0, 4).Draw(w.rt, "days"))
	ctx := w.t.Context()
	switch what {
	case "hold":
		w.next++
		w.hold(invoice, nil, w.next, amount.String())
		w.held[w.next] = invoice
	case "release":
		for dispute, of := range w.held {
			if of != invoice {
				continue
			}
			had := value[bool](w.t, w.db, `select exists (select from holds where dispute_line_id = $1 and released_at is null)`, dispute)
			w.do(func(tx *db.Tx) error { return w.billing.ReleaseHoldTx(ctx, tx, dispute, "decided") })
			if had {
				w.quiet[invoice] = w.today()
			}
			delete(w.held, dispute)
			return
		}
	case "promise":
		in := billing.NewPromise{InvoiceID: invoice, Amount: amount, On: until, PromisedBy: "x", By: controller()}
		if rapid.Bool().Draw(w.rt, "over all") {
			in.InvoiceID, in.CustomerID, in.Currency = 0, w.customer, "EUR"
		}
		if _, err := w.billing.MakePromise(ctx, in); err != nil && !errors.Is(err, billing.ErrOverCollectible) {
			w.t.Fatal(err)
		}
	case "pay":
		open := w.detail(invoice).Open
		// What is in dispute is not paid here: a hold on money that is paid is another rule's matter.
		if part := decimal.Min(amount, open.Open.Sub(open.Held)); part.IsPositive() {
			w.payNow(part.String(), w.today(), invoice)
		}
	case "block":
		_, err := w.billing.BlockDunning(ctx, billing.NewBlock{InvoiceID: invoice, Until: until, Reason: "x", By: controller()})
		w.must(err)
	case "tomorrow":
		w.clock.Add(24 * time.Hour)
	case "decide":
		_, err := w.billing.DecidePromises(ctx)
		w.must(err)
	}
}

func (w *collecting) check() {
	list := w.list()
	all, err := w.billing.Collectible(w.t.Context(), w.db, billing.CollectQuery{CustomerID: w.customer})
	w.must(err)
	onList := map[billing.InvoiceID]dunning.Parts{}
	for _, row := range list.Rows {
		onList[row.InvoiceID] = row.Parts
	}
	for _, id := range w.invoices {
		open := w.detail(id).Open
		p, listed := onList[id]
		if listed && (p.Dunnable.Add(open.Held).GreaterThan(open.Open) || w.quiet[id] == w.today()) {
			w.t.Fatalf("%s: %s asked for of %s open, %s held, a hold ended on %q", w.today(), p.Dunnable, open.Open, open.Held, w.quiet[id])
		}
		at := slices.IndexFunc(all, func(c billing.Collectible) bool { return c.InvoiceID == id })
		if open.Open.IsZero() {
			continue
		}
		c := all[at]
		if sum := decimal.Sum(c.Held, c.Promised, c.KeptBack, c.Dunnable); !sum.Equal(open.Open) || !c.Collectible().Equal(open.Open.Sub(open.Held)) {
			w.t.Fatalf("%s: parts %+v of %s open", w.today(), c.Parts, open.Open)
		}
		blocked := value[bool](w.t, w.db, `select exists (select from dunning_blocks where invoice_id = $1 and $2::date between from_on and until_on)`, id, w.today())
		if blocked && listed {
			w.t.Fatalf("%s: a reminder in spite of a block", w.today())
		}
	}
}
