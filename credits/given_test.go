package credits_test

import (
	"errors"
	"flag"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/raced"
)

var (
	givings   = flag.Int("givings", 5, "random companies in which people give away, with a database each")
	givingsOf = flag.Int("givings-of", 45, "what happens in each")
	givingsBy = flag.Uint64("givings-by", 6, "the seed of them")
)

// Whatever people ask for, sign, lower, ask back, withdraw and reject, whoever stands in for whom and is away, however much time goes by:
// what is given to a family, by a requester or by an approver within a window never exceeds what one of its deciders may; nobody decides
// twice or on their own; and whatever was submitted has somebody who can act, or is on the list of orphans.
func TestNothingIsGivenThatItsDecidersMayNot(t *testing.T) {
	t.Parallel()
	for n := range raced.Runs(*givings) {
		g := newGiving(t, rand.New(rand.NewPCG(uint64(n), *givingsBy)))
		for range *givingsOf {
			g.happens()
			g.everybodyCanAct()
		}
		g.comeBack()
		g.justGiven()
		g.justSigned()
		g.nobodyTwice()
		g.sound()
		if t.Failed() {
			t.Fatalf("company %d by %d: %v", n, *givingsBy, g.done)
		}
		t.Logf("company %d by %d: %v", n, *givingsBy, g.done)
	}
}

// giving is a company in which things happen at random.
type giving struct {
	*desk
	r         *rand.Rand
	staff     []access.Actor
	customers []billing.CustomerID
	invoices  []billing.InvoiceDetail
	given     []credits.Delegation
	policy    policy.Policy
	orphans   map[credits.ID]bool // as of what happened last
	done      map[string]int
}

func newGiving(t *testing.T, r *rand.Rand) *giving {
	t.Helper()
	k := setup(t)
	g := &giving{desk: k, r: r, done: map[string]int{}, customers: []billing.CustomerID{k.customer, k.partner, k.client}}
	k.run(`update fx_policy set max_age_days = 366`)
	k.run(`insert into teams (name) values ('EMEA')`)
	team := k.team()
	if r.IntN(2) == 0 {
		k.setBudget(team, "300", 0)
	}
	g.policy = policy.Policy{Windows: []policy.Window{
		{Name: "asked in a day", Per: policy.ByRequester, Over: policy.Hours24, Times: int64(1 + r.IntN(3))},
		{Name: "signed in a day", Per: policy.ByApprover, Over: policy.Hours24, Times: int64(1 + r.IntN(3))},
	}}
	mode := []authority.Mode{authority.Hierarchical, authority.Direct, authority.Parallel}[r.IntN(3)]
	g.policy.Rules = []policy.Rule{{Name: "the way", Then: policy.Then{Mode: mode}}}
	if r.IntN(2) == 0 {
		over := num(r, 200, 3000)
		g.policy.Rules = append(g.policy.Rules, policy.Rule{Name: "a controller", When: policy.When{Over: &over}, Then: policy.Then{Step: &policy.Step{Role: "controller"}}})
	}
	k.policyOf(g.policy)
	g.staff = []access.Actor{k.agent, k.second, k.senior, k.lead, k.control, k.director, k.finance}
	for i, role := range []access.Role{access.Senior, access.Senior, access.Supervisor, access.Controller}[:1+r.IntN(4)] {
		g.staff = append(g.staff, k.addHolder("Further "+string(rune('A'+i)), role, map[access.Role]int{access.Senior: 2, access.Supervisor: 3, access.Controller: 4}[role]))
	}
	for i := range 6 {
		g.invoices = append(g.invoices, k.invoice(g.customers[i%3], "9000"))
	}
	return g
}

func num(r *rand.Rand, least, most int) decimal.Decimal {
	return decimal.NewFromInt(int64(least + r.IntN(most-least)))
}

func (g *giving) anybody() access.Actor { return g.staff[g.r.IntN(len(g.staff))] }

func (g *giving) who(id int64) access.Actor {
	return g.staff[slices.IndexFunc(g.staff, func(a access.Actor) bool { return a.UserID == id })]
}

// happens lets one thing happen, and then what the program does by itself.
func (g *giving) happens() {
	g.t.Helper()
	switch g.r.IntN(20) {
	case 0, 1, 2, 3, 16, 17:
		g.ask()
	case 4, 5, 6, 7, 18, 19:
		g.decides("approve", func(in credits.DecideInput, _ credits.Detail) error {
			_, err := g.credits.Approve(g.t.Context(), in)
			return err
		})
	case 8:
		g.decides("less", g.less)
	case 9:
		g.decides("ask back", func(in credits.DecideInput, _ credits.Detail) error {
			in.Comment = "Why so much?"
			_, err := g.credits.AskBack(g.t.Context(), in)
			return err
		})
	case 10:
		g.answerOrChange()
	case 11:
		g.end()
	case 12:
		g.delegate()
	case 13:
		g.revoke()
	case 14:
		g.run(`update users set away = not away where id = $1`, g.anybody().UserID)
		g.done["come or go"]++
	case 15:
		g.clock.Add([]time.Duration{time.Hour, time.Hour, 7 * time.Hour, 7 * time.Hour, 26 * time.Hour, 100 * time.Hour, 31 * 24 * time.Hour}[g.r.IntN(7)])
		g.done["time"]++
	}
	g.work()
	g.must(g.credits.SweepNow(g.t.Context()))
	g.work()
}

// did counts what came of something; what is refused for a reason of the trade is no fault.
func (g *giving) did(what string, err error) {
	g.t.Helper()
	switch {
	case err == nil:
		g.done[what]++
	case errs.KindOf(err) == errs.Invalid || errs.KindOf(err) == errs.Conflict || errs.KindOf(err) == errs.Forbidden:
		g.done[what+" refused"]++
	default:
		g.t.Fatalf("%s: %v", what, err)
	}
}

func (g *giving) ask() {
	invoice := g.invoices[g.r.IntN(len(g.invoices))]
	// Mostly just below what an agent, or a senior, may alone: where splitting would gain.
	edge := []int{84, 84, 840, 840, 840, 4000}[g.r.IntN(6)]
	in := g.proposal(invoice, num(g.r, edge/2, edge).String())
	if in.By = g.staff[g.r.IntN(2)]; g.r.IntN(4) == 0 { // an agent
		in.By = g.anybody()
	}
	if g.r.IntN(3) == 0 {
		in.Kind = billing.Concession
	}
	if !access.May(in.By, access.Propose) {
		return
	}
	_, err := g.credits.Submit(g.t.Context(), in)
	g.did("submit", err)
}

func (g *giving) one(state credits.State) (credits.Detail, bool) {
	ids := g.ids(state)
	if len(ids) == 0 {
		return credits.Detail{}, false
	}
	return g.read(ids[g.r.IntN(len(ids))]), true
}

func (g *giving) ids(states ...credits.State) []credits.ID {
	g.t.Helper()
	ids, err := db.Values[credits.ID](g.t.Context(), g.db, `select id from credit_requests where state = any ($1) order by id`, states)
	g.must(err)
	return ids
}

// decides lets one of those who are named at an open step decide it. They may: who is named is somebody who can act.
func (g *giving) decides(what string, decide func(credits.DecideInput, credits.Detail) error) {
	g.t.Helper()
	detail, ok := g.one(credits.Pending)
	if !ok || g.orphans[detail.ID] {
		return
	}
	steps := openOf(detail)
	if len(steps) == 0 {
		return
	}
	step := steps[g.r.IntN(len(steps))]
	if len(step.Candidates) == 0 {
		return
	}
	by := g.who(step.Candidates[g.r.IntN(len(step.Candidates))].UserID)
	err := decide(credits.DecideInput{By: by, ID: detail.ID, StepID: step.ID}, detail)
	if err != nil && errs.KindOf(err) == errs.Forbidden {
		g.t.Errorf("%s is named at %s of %s and is refused to %s: %v", by.Name, step.LevelName, detail.Number, what, err)
	}
	g.did(what, err)
}

func openOf(detail credits.Detail) []credits.Step {
	return slices.DeleteFunc(slices.Clone(detail.Steps), func(s credits.Step) bool {
		return s.State != credits.StepOpen || s.ContentVersion != detail.ContentVersion
	})
}

func (g *giving) less(in credits.DecideInput, detail credits.Detail) error {
	in.Comment = "Not all of it."
	line := detail.Proposal.Lines[0]
	line.Net = line.Net.Div(decimal.NewFromInt(2)).Ceil()
	_, err := g.credits.ApproveLess(g.t.Context(), credits.LessInput{DecideInput: in, Lines: []credits.ProposeLine{line}})
	return err
}

func (g *giving) answerOrChange() {
	g.t.Helper()
	detail, ok := g.one(credits.Returned)
	if !ok {
		if detail, ok = g.one(credits.Pending); !ok {
			return
		}
	}
	by := g.who(detail.RequesterID)
	if detail.State == credits.Returned && g.r.IntN(2) == 0 {
		_, err := g.credits.Answer(g.t.Context(), credits.AnswerInput{By: by, ID: detail.ID, Answer: "So much was wrong."})
		g.did("answer", err)
		return
	}
	in := *detail.Proposal
	in.By = by
	in.Lines = slices.Clone(in.Lines)
	in.Lines[0].Net = num(g.r, 1, 2500)
	_, err := g.credits.Change(g.t.Context(), credits.ChangeInput{ID: detail.ID, Proposal: in, Comment: "Counted again."})
	g.did("change", err)
}

func (g *giving) end() {
	g.t.Helper()
	if g.r.IntN(2) == 0 {
		g.decides("reject", func(in credits.DecideInput, _ credits.Detail) error {
			in.Comment = "No."
			_, err := g.credits.Reject(g.t.Context(), in)
			return err
		})
		return
	}
	if detail, ok := g.one(credits.Pending); ok {
		_, err := g.credits.Withdraw(g.t.Context(), credits.WithdrawInput{By: g.who(detail.RequesterID), ID: detail.ID})
		g.did("withdraw", err)
	}
}

func (g *giving) delegate() {
	g.t.Helper()
	in := g.standIn(g.anybody(), g.anybody())
	in.From = in.From.Add(time.Duration(g.r.IntN(3)) * 20 * time.Hour)
	in.Until = in.From.Add(time.Duration(1+g.r.IntN(20)) * 12 * time.Hour)
	if g.r.IntN(2) == 0 {
		most := num(g.r, 100, 4000)
		in.MaxAmount = &most
	}
	if g.r.IntN(3) == 0 {
		in.Kinds = []billing.Kind{[]billing.Kind{billing.BillingError, billing.Concession}[g.r.IntN(2)]}
	}
	given, err := g.credits.Delegate(g.t.Context(), in)
	g.did("delegate", err)
	if err == nil {
		g.given = append(g.given, given)
	}
}

func (g *giving) revoke() {
	g.t.Helper()
	if len(g.given) == 0 {
		return
	}
	err := g.credits.Revoke(g.t.Context(), g.control, g.given[g.r.IntN(len(g.given))].ID)
	if !errors.Is(err, credits.ErrNoDelegation) { // it has ended
		g.did("revoke", err)
	}
}
