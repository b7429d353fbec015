// Package policy is authority as data: ordered rules that say of a request which way its chain goes, who is asked beside
// the levels, and what counts together. A policy is written and read as YAML or JSON, checked and typed when it is saved,
// and evaluated without reading anything. Every step of the chain names the rule that put it there.
package policy

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/credits/authority"
)

// Policy is one version of the rules. The zero Policy asks every level up to the sufficient one and nobody else.
type Policy struct {
	// Basis is which amount is compared with limits; empty is Gross.
	Basis Basis `yaml:"basis,omitempty" json:"basis,omitempty"`
	// CoolingDays is how long a change of policy, levels or holders does not bind those who made it.
	CoolingDays int `yaml:"cooling_days" json:"cooling_days"`
	// FormerAgentDays is for how long who had a case of the customer's family does not sign for it, as it stands when the request is
	// submitted; 0 is not at all.
	FormerAgentDays int `yaml:"former_agent_days,omitempty" json:"former_agent_days,omitempty"`
	// Windows count together beside the customer family's 30 days and the invoice, which always do.
	Windows []Window `yaml:"windows,omitempty" json:"windows,omitempty"`
	// Deadlines is how long requests and their steps may wait.
	Deadlines Deadlines `yaml:"deadlines,omitempty" json:"deadlines,omitzero"`
	// Sampling is how much of what passes within an own limit is looked at afterwards.
	Sampling Sampling `yaml:"sampling,omitempty" json:"sampling,omitzero"`
	// Evidence is what requests have to bring; nothing is the usual.
	Evidence []Gate `yaml:"evidence,omitempty" json:"evidence,omitempty"`
	// Warnings is when the rules that notice odd requests speak.
	Warnings Warnings `yaml:"warnings,omitempty" json:"warnings,omitzero"`
	// SeveralUpTo is up to which amount, with tax and in the authority's currency, requests may be approved several at once;
	// nothing is never.
	SeveralUpTo *decimal.Decimal `yaml:"several_up_to,omitempty" json:"several_up_to,omitempty"`
	// Rules are asked in order. The first that applies and has a mode decides the mode; each that applies and has a step
	// adds it.
	Rules []Rule `yaml:"rules" json:"rules"`
}

// Basis is with or without tax.
type Basis string

// The bases.
const (
	Gross Basis = "gross"
	Net   Basis = "net"
)

// Rule is one sentence of a policy: when, and what then. When and If must both hold.
type Rule struct {
	// Name is what a step says put it there; unique in the policy.
	Name string `yaml:"name" json:"name"`
	When When   `yaml:"when,omitempty" json:"when,omitzero"`
	// If is a condition in the expression language, over the names of Facts; empty holds.
	If   string `yaml:"if,omitempty" json:"if,omitempty"`
	Then Then   `yaml:"then" json:"then"`
}

// When lists what a request must be. Nothing listed is anything; of a list one must match.
type When struct {
	Kinds []authority.Kind `yaml:"kinds,omitempty" json:"kinds,omitempty"`
	// Over (excluded) and UpTo (included) are the amount as it is compared with limits, together with what was given before, in the
	// authority's currency.
	Over       *decimal.Decimal `yaml:"over,omitempty" json:"over,omitempty"`
	UpTo       *decimal.Decimal `yaml:"up_to,omitempty" json:"up_to,omitempty"`
	Reasons    []string         `yaml:"reasons,omitempty" json:"reasons,omitempty"`
	RootCauses []string         `yaml:"root_causes,omitempty" json:"root_causes,omitempty"`
	Entities   []string         `yaml:"entities,omitempty" json:"entities,omitempty"`
	Regions    []string         `yaml:"regions,omitempty" json:"regions,omitempty"`
	Tiers      []string         `yaml:"tiers,omitempty" json:"tiers,omitempty"`
	// Roles is what the requester is; one role of theirs suffices. Teams are by name.
	Roles []string `yaml:"roles,omitempty" json:"roles,omitempty"`
	Teams []string `yaml:"teams,omitempty" json:"teams,omitempty"`
	// OlderThan is the age of the oldest invoice in days, excluded.
	OlderThan    int   `yaml:"older_than_days,omitempty" json:"older_than_days,omitempty"`
	Partner      *bool `yaml:"partner,omitempty" json:"partner,omitempty"`
	Refund       *bool `yaml:"refund,omitempty" json:"refund,omitempty"`
	ClosedPeriod *bool `yaml:"closed_period,omitempty" json:"closed_period,omitempty"`
	TaxChange    *bool `yaml:"tax_change,omitempty" json:"tax_change,omitempty"`
}

// Then is what a rule does: choose the way of the chain, or add a step, or both.
type Then struct {
	// Mode is the way through the levels; empty leaves it to the next rule that applies.
	Mode authority.Mode `yaml:"mode,omitempty" json:"mode,omitempty"`
	// Need is for Parallel: how many of the sufficient level's holders; nothing is one step per level, all at once.
	Need Need `yaml:"need,omitempty" json:"need,omitzero"`
	// Step adds somebody.
	Step *Step `yaml:"step,omitempty" json:"step,omitempty"`
}

// Step asks the holders of a level, named by its rank, or of a role.
type Step struct {
	Level int    `yaml:"level,omitempty" json:"level,omitempty"`
	Role  string `yaml:"role,omitempty" json:"role,omitempty"`
	Need  Need   `yaml:"need,omitempty" json:"need,omitzero"`
}

// Window is what counts together with a request: everything given or pending per one thing over one span. The sum with
// the request is compared with Times the limit that decides.
type Window struct {
	Name  string `yaml:"name" json:"name"`
	Per   Per    `yaml:"per" json:"per"`
	Over  Span   `yaml:"over" json:"over"`
	Times int64  `yaml:"times,omitempty" json:"times,omitempty"`
}

// Per is what a window counts by.
type Per string

// What a window can count by. ByApprover counts what a person signed, and passes over who has signed enough.
const (
	ByFamily    Per = "family"
	ByInvoice   Per = "invoice"
	ByContract  Per = "contract"
	ByReason    Per = "reason" // of the same reason for the same family
	ByRequester Per = "requester"
	ByApprover  Per = "approver"
)

// Pers are all of them.
func Pers() []Per {
	return []Per{ByFamily, ByInvoice, ByContract, ByReason, ByRequester, ByApprover}
}

// Span is how far back a window reaches.
type Span string

// The spans. ThisQuarter is the calendar quarter in UTC.
const (
	Hours24     Span = "24h"
	Days30      Span = "30d"
	ThisQuarter Span = "quarter"
)

// Spans are all of them.
func Spans() []Span { return []Span{Hours24, Days30, ThisQuarter} }

// Since is the moment after which a window of the span counts.
func (s Span) Since(now time.Time) time.Time {
	switch s {
	case Hours24:
		return now.Add(-24 * time.Hour)
	case ThisQuarter:
		now = now.UTC()
		return time.Date(now.Year(), (now.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Nanosecond)
	case Days30:
	}
	return now.AddDate(0, 0, -30)
}

// Facts is what rules ask of a request. Amounts are in the authority's currency. The tags are the names in expressions.
type Facts struct {
	Kind         authority.Kind  `expr:"-"             json:"kind"`
	Amount       decimal.Decimal `expr:"amount"        json:"-"` // Single and GivenBefore: what counts together, as limits see it
	Single       decimal.Decimal `expr:"single"        json:"-"` // Gross or Net, as the policy says: the request alone
	Gross        decimal.Decimal `expr:"gross"         json:"gross"`
	Net          decimal.Decimal `expr:"net"           json:"net"`
	Tax          decimal.Decimal `expr:"tax"           json:"tax"`
	Currency     string          `expr:"currency"      json:"currency"` // of the document
	Reason       string          `expr:"reason"        json:"reason"`
	RootCause    string          `expr:"root_cause"    json:"root_cause,omitempty"`
	Entity       string          `expr:"entity"        json:"entity"` // code of the legal entity
	Region       string          `expr:"region"        json:"region"` // of the customer, or else its country
	Tier         string          `expr:"tier"          json:"tier,omitempty"`
	Roles        []string        `expr:"roles"         json:"roles,omitempty"` // of the requester
	Team         string          `expr:"team"          json:"team,omitempty"`  // of the requester
	TeamID       int64           `expr:"-"             json:"team_id,omitempty"`
	InvoiceAge   int             `expr:"invoice_age"   json:"invoice_age,omitempty"`
	Partner      bool            `expr:"partner"       json:"partner,omitempty"`
	Refund       bool            `expr:"refund"        json:"refund,omitempty"` // money leaves with it
	ClosedPeriod bool            `expr:"closed_period" json:"closed_period,omitempty"`
	TaxChange    bool            `expr:"tax_change"    json:"tax_change,omitempty"`
	OverBudget   bool            `expr:"over_budget"   json:"over_budget,omitempty"`
	// OwnCustomer says that the requester entered the customer.
	OwnCustomer bool `expr:"own_customer" json:"own_customer,omitempty"`
	// Barred are people who may not sign it beside its requester and editors: who computed what it gives.
	Barred []int64 `expr:"-" json:"barred,omitempty"`
	// Among are the customers where it concerns several, with Tier and Region empty: a condition holds when it does for one of them.
	Among []Place `expr:"-" json:"among,omitempty"`
	// GivenBefore is what was given or is underway for the family within 30 days or on the same invoices, with tax, whichever is more.
	GivenBefore decimal.Decimal `expr:"given_before" json:"given_before,omitzero"`
}

// Place is what of a customer conditions and limits look at.
type Place struct {
	Tier   string `json:"tier"`
	Region string `json:"region"`
}

// Regions are those of all the customers they are about.
func (f *Facts) Regions() []string {
	var list []string
	for _, one := range f.each() {
		if !slices.Contains(list, one.Region) {
			list = append(list, one.Region)
		}
	}
	return list
}

// each are the facts once for every customer they are about.
func (f *Facts) each() []*Facts {
	if len(f.Among) == 0 {
		return []*Facts{f}
	}
	list := make([]*Facts, len(f.Among))
	for i, place := range f.Among {
		one := *f
		one.Tier, one.Region = place.Tier, place.Region
		list[i] = &one
	}
	return list
}

// Demo is the policy the demo company starts with, and a good one to start from.
func Demo() Policy {
	yes, small := true, decimal.NewFromInt(500)
	return Policy{
		CoolingDays: 14,
		SeveralUpTo: &small,
		Windows: []Window{
			{Name: "one contract in a quarter", Per: ByContract, Over: ThisQuarter, Times: 3},
			{Name: "one reason in 30 days", Per: ByReason, Over: Days30, Times: 1},
			{Name: "one requester in a day", Per: ByRequester, Over: Hours24, Times: 10},
			{Name: "one approver in a day", Per: ByApprover, Over: Hours24, Times: 20},
		},
		Evidence: demoEvidence(),
		Rules: []Rule{
			{Name: "closed period", When: When{ClosedPeriod: &yes}, Then: Then{Step: &Step{Role: "controller"}}},
			{Name: "change of tax", When: When{TaxChange: &yes}, Then: Then{Step: &Step{Role: "controller"}}},
			{Name: "partner account", When: When{Partner: &yes}, If: `amount > 5000`, Then: Then{Step: &Step{Level: 4}}},
			{Name: "money out of a large credit", When: When{Refund: &yes}, If: `amount > 25000`, Then: Then{Step: &Step{Role: "director"}}},
			{Name: "old invoice", When: When{OlderThan: 365}, If: `kind in ["billing_error", "rebill"] and amount > 1000`, Then: Then{Step: &Step{Level: 3}}},
			{Name: "each level up", Then: Then{Mode: authority.Hierarchical}},
		},
	}
}
