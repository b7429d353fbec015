package credits_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/errs"
)

// team puts the agents into a team and gives its id.
func (k *desk) team() int64 {
	k.t.Helper()
	team := value[int64](k.t, k.db, `select max(id) from teams`)
	k.run(`update users set team_id = $1 where id = any ($2)`, team, []int64{k.agent.UserID, k.second.UserID})
	return team
}

func (k *desk) setBudget(team int64, amount string, version int) credits.Budget {
	k.t.Helper()
	b, err := k.credits.SetBudget(k.t.Context(), credits.SetBudget{TeamID: team, Amount: d(amount), Version: version, By: k.control})
	k.must(err)
	return b
}

func (k *desk) concession(customer billing.CustomerID, net string) credits.ProposeInput {
	in := k.proposal(k.invoice(customer, "4000"), net)
	in.Kind = billing.Concession
	return in
}

func rulesOf(steps []credits.Step) []string {
	var names []string
	for _, s := range steps {
		names = append(names, s.LevelName+" "+s.RuleKey)
	}
	return names
}

// A team may give 300 in May. The first concession fits; the second goes over it and needs one level more; what is rejected
// counts no more, what is posted does, and what is taken back does not.
func TestOverTheBudgetOneMoreLevelDecides(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.run(`insert into teams (name) values ('EMEA')`)
	team := k.team()
	k.setBudget(team, "300", 0)
	first := k.submit(k.concession(k.customer, "200")) // 238 with tax: the senior, at half of 1,000
	if got := rulesOf(k.read(first.ID).Steps); !slices.Equal(got, []string{"L2 senior authority.step.amount_over"}) {
		t.Fatalf("within the budget: %v", got)
	}
	other := k.concession(k.client, "100") // 119, and 238 of 300 are asked for
	view, err := k.credits.Preview(t.Context(), other)
	k.must(err)
	equal(t, "used before", "238", view.Budget.Used())
	equal(t, "pending", "238", view.Budget.Pending)
	equal(t, "left", "62", view.Budget.Left())
	if !slices.ContainsFunc(view.Warnings, func(w credits.Warning) bool {
		return w.Key == "credits.warning.budget_used_up" && w.Params["team"] == "EMEA" && w.Params["budget"] == "300.00 EUR"
	}) {
		t.Errorf("warnings %+v", view.Warnings)
	}
	second := k.submit(other)
	steps := k.read(second.ID).Steps
	if got := rulesOf(steps); len(got) != 2 || got[1] != "L3 supervisor authority.step.over_budget" {
		t.Fatalf("over the budget: %v", got)
	}
	if steps[1].RuleParams["below"] != "L2 senior" {
		t.Errorf("the rule names %v", steps[1].RuleParams)
	}
	k.approve(first.ID, k.senior)
	k.work()
	_, err = k.credits.Reject(t.Context(), credits.DecideInput{By: k.senior, ID: second.ID, Comment: "Not this time."})
	k.must(err)
	list, err := k.credits.Budgets(t.Context(), k.clock.Now(), k.agent)
	k.must(err)
	if len(list) != 1 || list[0].Requests != 1 {
		t.Fatalf("budgets %+v", list)
	}
	equal(t, "given", "238", list[0].Given)
	equal(t, "pending after a rejection", "0", list[0].Pending)
	k.setBudget(team, "357", 1) // just enough
	if view, err = k.credits.Preview(t.Context(), k.concession(k.client, "100")); err != nil || len(view.Chain.Steps) != 1 {
		t.Errorf("exactly the budget: %v, %+v", err, view.Chain.Steps)
	}
	if view, err = k.credits.Preview(t.Context(), k.proposal(k.invoice(k.client, "4000"), "400")); err != nil || view.Budget.Set {
		t.Errorf("an error is no goodwill: %v, %+v", err, view.Budget)
	}
	k.sound()
}

// Somebody at the requester's own limit may not pass it once the budget is used up, and of next month's nothing is.
func TestABudgetIsOfItsMonth(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.run(`insert into teams (name) values ('EMEA')`)
	team := k.team()
	k.setBudget(team, "40", 0)
	in := k.concession(k.customer, "40") // 47.60: within the agent's own limit of 50
	view, err := k.credits.Preview(t.Context(), in)
	k.must(err)
	if view.Chain.OwnLimit || len(view.Chain.Steps) == 0 {
		t.Errorf("over the budget on an own limit: %+v", view.Chain)
	}
	k.clock.Set(time.Date(2026, 6, 1, 7, 0, 0, 0, time.UTC))
	k.run(`insert into fx_rates (base, quote, on_date, rate, source) values ('EUR', 'USD', '2026-06-01', 1.25, 'ECB')`)
	if view, err = k.credits.Preview(t.Context(), in); err != nil || !view.Chain.OwnLimit || view.Budget.Set {
		t.Errorf("June has no budget: %v, %+v, %+v", err, view.Chain, view.Budget)
	}
}

// A retired team keeps the budget it has and gets no new one.
func TestARetiredTeamGetsNoBudget(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.run(`insert into teams (name) values ('EMEA')`)
	team := k.team()
	k.setBudget(team, "40", 0)
	k.run(`update teams set retired_at = now() where name = 'EMEA'`)
	k.setBudget(team, "20", 1)
	next := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	if _, err := k.credits.SetBudget(t.Context(), credits.SetBudget{TeamID: team, Month: next, Amount: d("5"), By: k.director}); !errors.Is(err, credits.ErrNoTeam) {
		t.Errorf("a new one: %v", err)
	}
	has := func(month time.Time) bool {
		list, err := k.credits.Budgets(t.Context(), month, k.director)
		k.must(err)
		return slices.ContainsFunc(list, func(b credits.Budget) bool { return b.TeamID == team })
	}
	if !has(next.AddDate(0, -1, 0)) || has(next) {
		t.Error("it is listed in the month of its budget, and in no other")
	}
}

func TestWhoSetsABudget(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.run(`insert into teams (name) values ('EMEA')`)
	team := k.team()
	for _, by := range []access.Actor{k.agent, k.senior, k.lead} {
		if _, err := k.credits.SetBudget(t.Context(), credits.SetBudget{TeamID: team, Amount: d("5"), By: by}); !errors.Is(err, access.ErrForbidden) {
			t.Errorf("%s: %v", by.Name, err)
		}
	}
	for _, amount := range []string{"-1", "1.005"} {
		if _, err := k.credits.SetBudget(t.Context(), credits.SetBudget{TeamID: team, Amount: d(amount), By: k.director}); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", amount, err)
		}
	}
	if _, err := k.credits.SetBudget(t.Context(), credits.SetBudget{TeamID: team + 99, Amount: d("1"), By: k.director}); !errors.Is(err, credits.ErrNoTeam) {
		t.Errorf("no such team: %v", err)
	}
	k.setBudget(team, "100", 0)
	if _, err := k.credits.SetBudget(t.Context(), credits.SetBudget{TeamID: team, Amount: d("1"), By: k.director}); !errors.Is(err, credits.ErrBudgetChanged) {
		t.Errorf("on an old version: %v", err)
	}
	if n := value[int](t, k.db, `select count(*)::int from audit_log where what = 'concession_budget.changed'`); n != 1 {
		t.Errorf("%d audit events", n)
	}
}

// What repeats holds from its month on until another begins or it ends; a month's own figure goes before it, and what is used up is that month's.
func TestABudgetOfEachMonth(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.run(`insert into teams (name) values ('EMEA')`)
	team := k.team()
	month := func(m time.Month) time.Time { return time.Date(2026, m, 1, 0, 0, 0, 0, time.UTC) }
	set := func(in credits.SetBudget) {
		t.Helper()
		in.TeamID, in.By = team, k.control
		_, err := k.credits.SetBudget(t.Context(), in)
		k.must(err)
	}
	of := func(m time.Month) string {
		t.Helper()
		list, err := k.credits.Budgets(t.Context(), month(m), k.agent)
		k.must(err)
		if len(list) != 1 || !list[0].Set {
			return "none"
		}
		return list[0].Amount.String()
	}
	set(credits.SetBudget{Month: month(5), Amount: d("300"), Each: true})
	set(credits.SetBudget{Month: month(6), Amount: d("50")})
	set(credits.SetBudget{Month: month(8), Amount: d("500"), Each: true})
	set(credits.SetBudget{Month: month(10), Ends: true})
	for m, want := range map[time.Month]string{4: "none", 5: "300", 6: "50", 7: "300", 8: "500", 9: "500", 10: "none", 11: "none"} {
		if got := of(m); got != want {
			t.Errorf("%s: %s, want %s", m, got, want)
		}
	}
	if _, err := k.credits.SetBudget(t.Context(), credits.SetBudget{TeamID: team, Month: month(8), Amount: d("1"), Each: true, By: k.control}); !errors.Is(err, credits.ErrBudgetChanged) {
		t.Errorf("on an old version: %v", err)
	}
	set(credits.SetBudget{Month: month(8), Amount: d("600"), Each: true, Version: 1})
	if got := of(9); got != "600" {
		t.Errorf("after another figure: %s", got)
	}

	in := k.concession(k.customer, "300") // 357 with tax
	view, err := k.credits.Preview(t.Context(), in)
	k.must(err)
	if !slices.ContainsFunc(view.Warnings, func(w credits.Warning) bool {
		return w.Key == "credits.warning.budget_used_up_each" && w.Params["budget"] == "300.00 EUR" && w.Params["since"] == "2026-05"
	}) {
		t.Errorf("warnings %+v", view.Warnings)
	}
	k.submit(k.concession(k.customer, "200"))
	list, err := k.credits.EachMonths(t.Context(), k.agent)
	k.must(err)
	if len(list) != 3 || !list[0].FromMonth.Equal(month(5)) || list[2].Amount != nil {
		t.Errorf("what repeats: %+v", list)
	}
	k.run(`update teams set retired_at = now() where name = 'EMEA'`)
	if _, err := k.credits.SetBudget(t.Context(), credits.SetBudget{TeamID: team, Month: month(11), Amount: d("5"), Each: true, By: k.director}); !errors.Is(err, credits.ErrNoTeam) {
		t.Errorf("a new one of a retired team: %v", err)
	}
	set(credits.SetBudget{Month: month(7), Ends: true})
	if got := of(8); got != "600" {
		t.Errorf("August begins anew: %s", got)
	}
	if n := value[int](t, k.db, `select count(*)::int from audit_log where what = 'concession_budget.changed' and (data->>'each_month')::bool`); n != 3 {
		t.Errorf("%d audit events of what repeats", n)
	}
	k.sound()
}
