package billing_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs/jobstest"
)

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
	if !slices.Equal(c.news, []billing.PromiseNews{{ID: late.ID, Broken: true}}) {
		t.Errorf("news %v", c.news)
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
