package billing_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"makegood/billing"
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
	news  []billing.PromiseNews
}

func open(t *testing.T) *counter {
	t.Helper()
	clock := jobstest.NewClock(time.Date(2026, 5, 12, 7, 30, 0, 0, time.UTC))
	c := &counter{shop: setupAt(t, clock.Now), clock: clock, jobs: jobs.NewRegistry()}
	c.billing.Register(c.jobs)
	jobs.Handle(c.jobs, func(_ context.Context, news billing.PromiseNews) error { // as those who keep cases would
		c.news = append(c.news, news)
		return nil
	})
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

// What the customer paid is here, although nobody has said for which invoice: the statement asks for nothing of it, and neither does a reminder.
func TestNobodyIsRemindedOfMoneyThatIsHere(t *testing.T) {
	t.Parallel()
	c := open(t)
	first, second := c.overdue("100"), c.overdue("50")
	_, err := c.billing.RecordPayment(t.Context(), c.pay("EUR", "130", "2026-05-11"))
	c.must(err)
	c.parts(first.ID, "0", "0", "0", "0")
	equal(t, "covered of the first", "119", c.collectible(first.ID).Covered)
	c.parts(second.ID, "0", "0", "0", "48.50")
	equal(t, "covered of the second", "11", c.collectible(second.ID).Covered)
	equal(t, "may still be paid", "59.50", c.collectible(second.ID).Collectible())
	if list := c.list(); len(list.KeptBack) != 1 || !list.Totals[0].Covered.Equal(d("130")) || list.Totals[0].OnList != 1 {
		t.Errorf("list %+v", list)
	}
}
