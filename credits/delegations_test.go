package credits_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority"
	"makegood/internal/access"
	"makegood/internal/db"
)

// standIn is a delegation from one to another for two days from now on.
func (k *desk) standIn(from, to access.Actor) credits.DelegateInput {
	return credits.DelegateInput{By: from, To: to.UserID, From: k.clock.Now(), Until: k.clock.Now().Add(48 * time.Hour)}
}

func TestDelegationsHaveAScopeAndStandAlone(t *testing.T) {
	t.Parallel()
	k := setup(t)
	in := k.standIn(k.lead, k.second)
	in.Kinds = []billing.Kind{billing.Concession}
	_, err := k.credits.Delegate(t.Context(), in)
	k.must(err)
	everything := k.standIn(k.lead, k.senior)
	if _, err := k.credits.Delegate(t.Context(), everything); !hasField(err, "from") {
		t.Errorf("two stand in for the same: %v", err)
	}
	errors := k.standIn(k.lead, k.director)
	errors.Kinds = []billing.Kind{billing.BillingError}
	given, err := k.credits.Delegate(t.Context(), errors)
	k.must(err)
	later := k.standIn(k.lead, k.senior)
	later.From, later.Until = in.Until, in.Until.Add(time.Hour)
	_, err = k.credits.Delegate(t.Context(), later)
	k.must(err)

	req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
	k.approve(req.ID, k.senior)
	expectWaiting(t, k, k.second, 0) // for concessions only
	if items := expectWaiting(t, k, k.director, 1); items[0].StandsInFor != "Katrin Vogel" {
		t.Errorf("%+v", items[0])
	}
	if err := k.credits.Revoke(t.Context(), k.senior, given.ID); err == nil {
		t.Error("somebody else's delegation was revoked")
	}
	k.must(k.credits.Revoke(t.Context(), k.control, given.ID)) // who manages authority may
	k.work()
	expectWaiting(t, k, k.director, 0)
	if err := k.try(`update delegations set max_amount = 1000000 where id = 1`); !db.Violates(err, "delegation_only_ends") {
		t.Errorf("a delegation was changed: %v", err)
	}
}

// A delegation for some kinds carries no refunds: what is credited and paid out needs somebody who stands in for both.
func TestADelegationForOneKindSignsNoMoneyOut(t *testing.T) {
	t.Parallel()
	k := setup(t)
	narrow := k.standIn(k.lead, k.second)
	narrow.Kinds = []billing.Kind{billing.BillingError}
	given, err := k.credits.Delegate(t.Context(), narrow)
	k.must(err)
	k.run(`update users set away = true where id = $1`, k.lead.UserID)
	invoice := k.invoice(k.customer, "5000")
	k.pay(k.customer, "5950", billing.Allocate{InvoiceID: invoice.ID, Amount: d("5950")})
	asks := func(refund string) []string {
		in := k.proposal(invoice, "2000")
		in.Refund = d(refund)
		preview, err := k.credits.Preview(t.Context(), in)
		k.must(err)
		var levels []string
		for _, step := range preview.Chain.Steps {
			levels = append(levels, step.LevelName)
		}
		return levels
	}
	if got := asks("0"); !slices.Equal(got, []string{"L2 senior", "L3 supervisor"}) {
		t.Errorf("a mistake of 2,380.00 is asked of %v", got)
	}
	if got := asks("500"); !slices.Equal(got, []string{"L2 senior", "L4 controller"}) {
		t.Errorf("one that pays 500.00 out is asked of %v", got)
	}
	k.must(k.credits.Revoke(t.Context(), k.lead, given.ID))
	narrow.From = k.clock.Now()
	narrow.Kinds = append(narrow.Kinds, billing.RefundOut)
	_, err = k.credits.Delegate(t.Context(), narrow)
	k.must(err)
	if got := asks("500"); !slices.Equal(got, []string{"L2 senior", "L3 supervisor"}) {
		t.Errorf("with a stand-in for both it is asked of %v", got)
	}
}

func TestTwoOverlappingDelegationsAtOnce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var wg sync.WaitGroup
	given := make([]error, 8)
	for i := range given {
		wg.Go(func() { _, given[i] = k.credits.Delegate(t.Context(), k.standIn(k.lead, k.senior)) })
	}
	wg.Wait()
	if n := value[int](t, k.db, `select count(*) from delegations`); n != 1 {
		t.Errorf("%d delegations at once: %v", n, given)
	}
}

func TestBadDelegations(t *testing.T) {
	t.Parallel()
	k := setup(t)
	past := k.standIn(k.lead, k.senior)
	past.From, past.Until = k.clock.Now().Add(-48*time.Hour), k.clock.Now().Add(-time.Hour)
	unknown, self := k.standIn(k.lead, k.senior), k.standIn(k.lead, k.lead)
	unknown.Kinds = []billing.Kind{"gift"}
	negative := k.standIn(k.lead, k.senior)
	minus := d("-1")
	negative.MaxAmount = &minus
	var auditor access.Actor
	k.do(func(tx *db.Tx) error { auditor = k.person(tx, "Nils Auditor", access.Auditor); return nil })
	nowhere := k.standIn(k.lead, k.senior)
	nowhere.EntityIDs = []int64{int64(k.entity), 999}
	for field, in := range map[string]credits.DelegateInput{"until": past, "kinds": unknown, "max_amount": negative, "entity_ids": nowhere} {
		if _, err := k.credits.Delegate(t.Context(), in); !hasField(err, field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, in := range []credits.DelegateInput{self, k.standIn(k.lead, auditor)} {
		if _, err := k.credits.Delegate(t.Context(), in); !hasField(err, "to") {
			t.Errorf("to: %v", err)
		}
	}
}

// Nobody stands in for somebody from a day before they were named: what they sign, they sign after it.
func TestADelegationBeginsNowAtTheEarliest(t *testing.T) {
	t.Parallel()
	k := setup(t)
	in := k.standIn(k.lead, k.senior)
	in.From = in.From.AddDate(0, -2, 0)
	given, err := k.credits.Delegate(t.Context(), in)
	k.must(err)
	if !given.FromAt.Equal(k.clock.Now()) {
		t.Errorf("it begins at %s, given at %s", given.FromAt, k.clock.Now())
	}
}

// A stand-in who asked, or signed already, is passed over: the decision falls to the next holder, never to nobody.
func TestAConflictFallsToTheNextHolder(t *testing.T) {
	t.Parallel()
	k := setup(t)
	_, err := k.credits.Delegate(t.Context(), k.standIn(k.lead, k.agent))
	k.must(err)
	k.run(`update users set away = true where id = $1`, k.lead.UserID)
	req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
	if levels := levelsOf(k.read(req.ID)); !slices.Equal(levels, []string{"L2 senior", "L4 controller"}) {
		t.Errorf("%v", levels)
	}
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.agent, ID: req.ID}); !errors.Is(err, authority.ErrOwnRequest) {
		t.Errorf("%v", err)
	}
	if req := k.approve(req.ID, k.senior, k.control); req.State != credits.Approved {
		t.Errorf("%s", req.State)
	}
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	k := setup(t)
	gaps := func() credits.Coverage {
		t.Helper()
		found, err := k.credits.Coverage(t.Context(), k.control)
		k.must(err)
		return found
	}
	told := func() int {
		t.Helper()
		k.work()
		k.must(k.credits.CheckCoverageNow(t.Context()))
		return value[int](t, k.db, `select count(*) from notices where key = 'notice.authority_gaps' and user_id = $1`, k.control.UserID)
	}
	if found := gaps(); len(found.Orphans) != 0 || len(found.Uncovered) != 0 || told() != 0 {
		t.Errorf("%+v", found)
	}
	var alone []string
	for _, a := range gaps().Alone {
		alone = append(alone, a.Level)
	}
	if want := []string{"L2 senior", "L3 supervisor", "L4 controller", "L5 director", "L6 director and CFO"}; !slices.Equal(alone, want) {
		t.Errorf("without a backup: %v", alone)
	}
	most := d("100")
	for what, c := range map[string]struct {
		narrow func(*credits.DelegateInput)
		to     string
		backed bool
	}{
		"in everything":       {func(*credits.DelegateInput) {}, `away = false`, true},
		"of one kind":         {func(in *credits.DelegateInput) { in.Kinds = []billing.Kind{billing.Concession} }, `away = false`, false},
		"up to less":          {func(in *credits.DelegateInput) { in.MaxAmount = &most }, `away = false`, false},
		"by somebody away":    {func(*credits.DelegateInput) {}, `away = true`, false},
		"who does not see it": {func(*credits.DelegateInput) {}, `entity_ids = '{999}'`, false},
		"from next week on": {func(in *credits.DelegateInput) {
			in.From, in.Until = in.From.AddDate(0, 0, 7), in.Until.AddDate(0, 0, 7)
		}, `away = false`, false},
		"in this legal entity": {func(in *credits.DelegateInput) { in.EntityIDs = []int64{int64(k.entity)} }, `away = false`, true},
	} {
		in := k.standIn(k.senior, k.second)
		c.narrow(&in)
		given, err := k.credits.Delegate(t.Context(), in)
		k.must(err)
		k.run(`update users set `+c.to+` where id = $1`, k.second.UserID)
		if backed := !slices.ContainsFunc(gaps().Alone, func(a credits.Alone) bool { return a.Level == "L2 senior" }); backed != c.backed {
			t.Errorf("somebody stands in %s: a backup %t", what, backed)
		}
		k.run(`update users set away = false, entity_ids = '{}' where id = $1`, k.second.UserID)
		k.must(k.credits.Revoke(t.Context(), k.senior, given.ID))
	}
	req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
	k.run(`update users set away = true where id = any ($1)`, []int64{k.lead.UserID, k.control.UserID, k.director.UserID, k.finance.UserID})
	found := gaps()
	if len(found.Orphans) != 1 || found.Orphans[0].ID != req.ID {
		t.Errorf("orphans: %+v", found.Orphans)
	}
	for _, u := range found.Uncovered {
		want := map[billing.Kind]string{billing.BillingError: "1000", billing.Concession: "500", billing.RefundOut: "0"}[u.Kind]
		if want != "" && u.Rule+u.Requester == "" && !u.Over.Equal(d(want)) {
			t.Errorf("%s over %s, want over %s", u.Kind, u.Over, want)
		}
	}
	if len(found.Uncovered) < 3 {
		t.Errorf("uncovered: %+v", found.Uncovered)
	}
	if n := told(); n != 1 {
		t.Errorf("told %d times", n)
	}
	if n := told(); n != 1 {
		t.Errorf("told again of the same: %d", n)
	}
	// Somebody named in their place, at once: nothing is stuck any more.
	_, err := k.credits.Delegate(t.Context(), k.standIn(k.lead, k.second))
	k.must(err)
	k.work()
	if found := gaps(); len(found.Orphans) != 0 {
		t.Errorf("still stuck: %+v", found.Orphans)
	}
	k.approve(req.ID, k.senior, k.second)
}
