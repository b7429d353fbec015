package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/billing/dunning"
	"makegood/credits"
	"makegood/internal/errs"
)

// RateAge is how many days a rate may be used after it was fixed.
type RateAge struct {
	Days int `json:"days" minimum:"1" maximum:"3660"`
}

type (
	rateAgeOut struct{ Body RateAge }
	rateAgeIn  struct {
		Signed
		Body RateAge
	}
)

// CollectionPolicy is when a legal entity reminds, and its late fee.
type CollectionPolicy struct {
	Entity              string  `json:"entity,omitempty" doc:"code of the legal entity"`
	LevelDays           []int   `json:"level_days" doc:"days overdue from which each level applies, one to nine, ascending"`
	LateFeePercent      string  `json:"late_fee_percent" doc:"simple interest a year; 0 reckons none"`
	PromiseReminderDays *int    `json:"promise_reminder_days,omitempty" doc:"days before a promised day on which collections hear of it, when the customer asked; 0 to 30, 0 for never; left out, it stays"`
	PaymentLink         *string `json:"payment_link,omitempty" doc:"https, with {amount}, {currency} and {reference} in it, and {account} if need be; empty for none; left out, it stays"`
}

type collectionPolicyIn struct {
	Signed
	Entity string `path:"entity" doc:"code of the legal entity"`
	Body   CollectionPolicy
}

type collectionPolicyOut struct{ Body CollectionPolicy }

// ConcessionBudget is what a team may give away in a month and what of it is used.
type ConcessionBudget struct {
	TeamID  int64  `json:"team_id"`
	Team    string `json:"team"`
	Month   string `json:"month" example:"2026-05"`
	Budget  *Money `json:"budget" doc:"null: the team has none that month"`
	Given   Money  `json:"given" doc:"posted and not taken back"`
	Pending Money  `json:"pending" doc:"waiting to be decided or posted"`
	Version int    `json:"version" doc:"of the month's own figure; 0 while there is none"`
	// EachFrom and what follows are of a budget that repeats.
	EachFrom    string `json:"each_month_from,omitempty" example:"2026-05" doc:"the budget is that of each month from then on; without it the month's own"`
	Each        *Money `json:"each_month,omitempty" doc:"of each month, where that begins with this one"`
	EachVersion int    `json:"each_month_version" doc:"of what begins with this month; 0 where nothing does"`
}

type budgetsIn struct {
	Signed
	Month string `query:"month" example:"2026-05" doc:"this month without it"`
}

type setBudgetIn struct {
	Signed
	Team  int64  `path:"team"`
	Month string `path:"month" example:"2026-05"`
	Body  struct {
		Amount  string `json:"amount,omitempty" doc:"decimal string, in the authority's currency, tax included"`
		Each    bool   `json:"each_month,omitempty" doc:"of each month from this one on, until another begins; a month's own figure goes before it"`
		Ends    bool   `json:"ends,omitempty" doc:"no budget of each month from this one on"`
		Version int    `json:"version" doc:"of the figure it replaces, with each_month or ends each_month_version; 0 for none"`
	}
}

type budgetOut struct{ Body ConcessionBudget }

// Proof is what was proven of the books at a moment.
type Proof struct {
	ID      int64        `json:"id"`
	At      time.Time    `json:"at"`
	Whole   bool         `json:"whole" doc:"everything from the first entry; else what came after the last proof that held"`
	OK      bool         `json:"ok"`
	Points  []ProofPoint `json:"points"`
	AskedBy string       `json:"asked_by,omitempty" doc:"nobody: the daily one"`
}

// ProofPoint is one thing that was proven.
type ProofPoint struct {
	Name   string `json:"name"`
	Faults int    `json:"faults"`
	First  string `json:"first,omitempty" doc:"the first row that breaks it"`
}

type proofOut struct{ Body Proof }

func (h *handlers) bookRules(api huma.API) {
	const rates, collect, budgets, proofs = "exchange rates", "collections", "credits", "books"
	add(h, api, operation[Signed, rateAgeOut]{at(http.MethodGet, "/exchange-rates/age", "get-rate-age", "How old a rate may be to be used", rates), h.rateAge})
	add(h, api, operation[rateAgeIn, rateAgeOut]{at(http.MethodPut, "/exchange-rates/age", "set-rate-age", "Say how old a rate may be", rates), h.setRateAge})
	add(h, api, operation[Signed, listOut[CollectionPolicy]]{at(http.MethodGet, "/collection-policies", "list-collection-policies", "When each entity reminds, and its late fee", collect), h.collectionPolicies})
	add(h, api, operation[collectionPolicyIn, collectionPolicyOut]{at(http.MethodPut, "/collection-policies/{entity}", "set-collection-policy", "Change when an entity reminds", collect), h.setCollectionPolicy})
	add(h, api, operation[budgetsIn, listOut[ConcessionBudget]]{at(http.MethodGet, "/concession-budgets", "list-concession-budgets", "What each team may give away in a month", budgets), h.budgets})
	add(h, api, operation[setBudgetIn, budgetOut]{at(http.MethodPut, "/concession-budgets/{team}/{month}", "set-concession-budget", "Set a team's budget of a month", budgets), h.setBudget})
	add(h, api, operation[Signed, listOut[Proof]]{at(http.MethodGet, "/proofs", "list-proofs", "What was proven of the books, the latest first", proofs), h.proofs})
	add(h, api, operation[Signed, proofOut]{created("/proofs", "prove-books", "Prove the whole of the books now", proofs), h.prove})
}

func (h *handlers) rateAge(ctx context.Context, in *Signed) (*rateAgeOut, error) {
	days, err := h.Billing.RateAge(ctx, in.by)
	return &rateAgeOut{RateAge{days}}, err
}

func (h *handlers) setRateAge(ctx context.Context, in *rateAgeIn) (*rateAgeOut, error) {
	if err := h.Billing.SetRateAge(ctx, in.Body.Days, in.by); err != nil {
		return nil, err
	}
	return &rateAgeOut{in.Body}, nil
}

func policyOf(p billing.EntityPolicy) CollectionPolicy {
	return CollectionPolicy{Entity: p.Code, LevelDays: p.LevelDays, LateFeePercent: p.LateFeePercent.String(), PromiseReminderDays: new(p.PromiseReminderDays), PaymentLink: new(string(p.PaymentLink))}
}

func (h *handlers) collectionPolicies(ctx context.Context, in *Signed) (*listOut[CollectionPolicy], error) {
	list, err := h.Billing.CollectionPolicies(ctx, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[CollectionPolicy]{}
	out.Body.Items = []CollectionPolicy{}
	for _, p := range list {
		out.Body.Items = append(out.Body.Items, policyOf(p))
	}
	return out, nil
}

func (h *handlers) setCollectionPolicy(ctx context.Context, in *collectionPolicyIn) (*collectionPolicyOut, error) {
	known, err := h.Billing.CollectionPolicies(ctx, in.by)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(known, func(p billing.EntityPolicy) bool { return p.Code == in.Entity })
	if at < 0 {
		return nil, billing.ErrNoEntity
	}
	p := known[at]
	p.LevelDays = in.Body.LevelDays
	if in.Body.PromiseReminderDays != nil {
		p.PromiseReminderDays = *in.Body.PromiseReminderDays
	}
	if in.Body.PaymentLink != nil {
		p.PaymentLink = dunning.PayLink(*in.Body.PaymentLink)
	}
	if p.LateFeePercent, err = decimalOf("late_fee_percent", in.Body.LateFeePercent); err != nil {
		return nil, err
	}
	if err := h.Billing.SetCollectionPolicy(ctx, p.CollectionPolicy, in.by); err != nil {
		return nil, err
	}
	return &collectionPolicyOut{policyOf(p)}, nil
}

func budgetOf(b credits.Budget) ConcessionBudget {
	out := ConcessionBudget{
		TeamID: b.TeamID, Team: b.TeamName, Month: b.Month.Format("2006-01"), Given: amountOf(b.Given, billing.AuthorityCurrency),
		Pending: amountOf(b.Pending, billing.AuthorityCurrency), Version: b.Version,
	}
	if b.Set {
		out.Budget = new(amountOf(b.Amount, billing.AuthorityCurrency))
	}
	if b.EachFrom != nil {
		out.EachFrom = b.EachFrom.Format("2006-01")
	}
	if b.Each != nil {
		out.Each = new(amountOf(*b.Each, billing.AuthorityCurrency))
	}
	out.EachVersion = b.EachVersion
	return out
}

// monthFrom reads a month; "" is this one.
func (h *handlers) monthFrom(text string) (time.Time, error) {
	if text == "" {
		return h.Reports.Reader().Now(), nil
	}
	month, err := time.Parse("2006-01", text)
	if err != nil {
		return month, errs.InvalidField("month", "error.not_a_month", "text", text)
	}
	return month, nil
}

func (h *handlers) budgets(ctx context.Context, in *budgetsIn) (*listOut[ConcessionBudget], error) {
	month, err := h.monthFrom(in.Month)
	if err != nil {
		return nil, err
	}
	list, err := h.Credits.Budgets(ctx, month, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[ConcessionBudget]{}
	out.Body.Items = []ConcessionBudget{}
	for _, b := range list {
		out.Body.Items = append(out.Body.Items, budgetOf(b))
	}
	return out, nil
}

func (h *handlers) setBudget(ctx context.Context, in *setBudgetIn) (*budgetOut, error) {
	month, err := h.monthFrom(in.Month)
	if err != nil {
		return nil, err
	}
	asked := credits.SetBudget{TeamID: in.Team, Month: month, Each: in.Body.Each, Ends: in.Body.Ends, Version: in.Body.Version, By: in.by}
	if !asked.Ends {
		if asked.Amount, err = decimalOf("amount", in.Body.Amount); err != nil {
			return nil, err
		}
	}
	b, err := h.Credits.SetBudget(ctx, asked)
	if err != nil {
		return nil, err
	}
	return &budgetOut{budgetOf(b)}, nil
}

func proofOf(p billing.Proof) Proof {
	out := Proof{ID: p.ID, At: p.StartedAt, Whole: p.Whole, OK: p.OK, Points: []ProofPoint{}, AskedBy: p.AskedByName}
	for _, point := range p.Points {
		out.Points = append(out.Points, ProofPoint{point.Name, point.Faults, point.First})
	}
	return out
}

func (h *handlers) proofs(ctx context.Context, in *Signed) (*listOut[Proof], error) {
	list, err := h.Billing.Proofs(ctx, 30, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[Proof]{}
	out.Body.Items = []Proof{}
	for _, p := range list {
		out.Body.Items = append(out.Body.Items, proofOf(p))
	}
	return out, nil
}

func (h *handlers) prove(ctx context.Context, in *Signed) (*proofOut, error) {
	p, err := h.Billing.Prove(ctx, true, in.by)
	if err != nil {
		return nil, err
	}
	return &proofOut{proofOf(p)}, nil
}
