package policy_test

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/credits/authority"
	"makegood/credits/authority/policy"
)

// situation is a row of docs/authority.md: what an auditor asks, and who must decide.
type situation struct {
	name    string
	levels  string // the chain: levels by their short names, roles in brackets; "own limit", or "nobody" for an orphan
	because string // the rule that explains it, of some step or level left out
	set     func(s *stage)
}

// stage is the demo company with one request; a situation changes what is special about it.
type stage struct {
	policy  policy.Policy
	who     policy.Organisation
	facts   policy.Facts
	request authority.Request
}

func newStage() *stage {
	return &stage{
		policy: policy.Demo(), who: demo(),
		facts:   policy.Facts{Kind: authority.BillingError, Entity: "DE", Region: "DE", Tier: "gold", Currency: "EUR", Roles: []string{"agent"}},
		request: authority.Request{RequesterID: mara, EntityID: 1},
	}
}

func (s *stage) ask(kind authority.Kind, amount string) {
	s.facts.Kind, s.facts.Gross = kind, dec(amount)
	s.facts.Net = s.facts.Gross
}

func (s *stage) holder(user int64, change func(h *authority.Holder)) {
	for i := range s.who.Holders {
		if s.who.Holders[i].UserID == user {
			change(&s.who.Holders[i])
		}
	}
}

func (s *stage) away(users ...int64) {
	for _, user := range users {
		s.holder(user, func(h *authority.Holder) { h.Absent = true })
	}
}

func (s *stage) left(user int64) { s.holder(user, func(h *authority.Holder) { h.Active = false }) }

// delegate lets to decide for from over three days around the moment.
func (s *stage) delegate(from, to int64) *authority.Delegation {
	s.who.Delegations = append(s.who.Delegations, authority.Delegation{
		From: from, To: to, Starts: s.who.Now.Add(-24 * time.Hour), Ends: s.who.Now.Add(48 * time.Hour),
	})
	return &s.who.Delegations[len(s.who.Delegations)-1]
}

func (s *stage) limit(rank int, kind authority.Kind, change func(l *authority.Limit)) {
	limits := s.who.Levels[rank-1].Limits
	for i := range limits {
		if limits[i].Kind == kind {
			change(&limits[i])
		}
	}
}

func (s *stage) further(window, total string, times int64) {
	s.request.Further = append(s.request.Further, authority.Together{Window: window, Total: dec(total), Times: times})
}

func (s *stage) first(rule policy.Rule) {
	s.policy.Rules = append([]policy.Rule{rule}, s.policy.Rules...)
}

func situations() []situation {
	const (
		mistake  = authority.BillingError
		goodwill = authority.Concession
	)
	list := []situation{
		{"A mistake of 80.00, within the agent's own limit", "own limit", "authority.skip.own_limit", func(s *stage) { s.ask(mistake, "80") }},
		{"The same from an assistant's token", "L2", "authority.step.not_own", func(s *stage) {
			s.ask(mistake, "80")
			s.request.BarredIDs = []int64{mara}
		}},
		{"A mistake of 844.00", "L2", "authority.step.amount_over", func(s *stage) { s.ask(mistake, "844") }},
		{"Exactly the limit of a level", "L2", "authority.step.amount_over", func(s *stage) { s.ask(mistake, "1000") }},
		{"One cent above it", "L2 L3", "authority.step.amount_over", func(s *stage) { s.ask(mistake, "1000.01") }},
		{"An SLA credit of 12,400.00", "L2 L3 L4", "authority.step.each_level", func(s *stage) { s.ask(authority.SLACredit, "12400") }},
		{"Goodwill of 600.00: limits are half", "L2 L3", "authority.step.amount_over", func(s *stage) { s.ask(goodwill, "600") }},
		{"A refund of 20.00: nobody below L3", "L3", "authority.skip.no_limit", func(s *stage) { s.ask(authority.Refund, "20") }},
		{"A write-off of 20,000.00", "L3 L4", "authority.step.amount_over", func(s *stage) { s.ask(authority.WriteOff, "20000") }},
		{
			"300,000.00: two sign at the top, and the director, who is one of them, not below as well", "L2 L3 L4 L6", "authority.skip.decides_higher",
			func(s *stage) { s.ask(mistake, "300000") },
		},
		{"844.00 after 312.00 for the same family this month", "L2 L3", "authority.step.window_over", func(s *stage) {
			s.ask(mistake, "844")
			s.request.WindowTotal = dec("312")
		}},
		{"844.00 on an invoice that got 200.00 a year ago", "L2 L3", "authority.step.invoice_over", func(s *stage) {
			s.ask(mistake, "844")
			s.request.InvoiceTotal = dec("200")
		}},
		{"900.00 on a contract that got 2,500.00 this quarter", "L2 L3", "authority.step.further_over", func(s *stage) {
			s.ask(mistake, "900")
			s.further("one contract in a quarter", "2500", 3)
		}},
		{"80.00 by an agent who already posted 950.00 of their own today", "L2", "authority.step.further_over", func(s *stage) {
			s.ask(mistake, "80")
			s.further("one requester in a day", "950", 10)
		}},
	}
	return append(append(append(list, peopleSituations()...), policySituations()...), changeSituations()...)
}

// peopleSituations are about who is there.
func peopleSituations() []situation {
	const mistake = authority.BillingError
	return []situation{
		{"Holiday: one of two supervisors is away", "L2 L3", "authority.step.amount_over", func(s *stage) { s.ask(mistake, "5000"); s.away(katrin) }},
		{"Holiday of both, nobody named in their place", "L2 L4", "authority.step.climbed", func(s *stage) { s.ask(mistake, "5000"); s.away(katrin, priya) }},
		{"Holiday of both, Jonas Brandt stands in for Katrin Vogel: he signs there and not at his own level", "L2 L3", "authority.step.amount_over", func(s *stage) {
			s.ask(mistake, "5000")
			s.away(katrin, priya)
			s.delegate(katrin, jonas)
		}},
		{"Leaver: the controller's account is closed", "L2 L3 L5", "authority.step.climbed", func(s *stage) { s.ask(mistake, "12400"); s.left(daniel) }},
		{"Circular delegation: two supervisors, both away, name each other", "L2 L4", "authority.step.climbed", func(s *stage) {
			s.ask(mistake, "5000")
			s.away(katrin, priya)
			s.delegate(katrin, priya)
			s.delegate(priya, katrin)
		}},
		{"A delegation is not passed on: Katrin Vogel to Ines Duarte, who is away and has named Jonas Brandt", "L2 L4", "authority.step.climbed", func(s *stage) {
			s.ask(mistake, "5000")
			s.away(katrin, priya, ines)
			s.delegate(katrin, ines)
			s.delegate(ines, jonas)
		}},
		{"A delegation that ended this minute", "L2 L4", "authority.step.climbed", func(s *stage) {
			s.ask(mistake, "5000")
			s.away(katrin, priya)
			s.delegate(katrin, jonas).Ends = s.who.Now
		}},
		{"A delegation up to 5,000.00, asked for 8,000.00", "L2 L4", "authority.step.climbed", func(s *stage) {
			s.ask(mistake, "8000")
			s.away(katrin, priya)
			most := dec("5000")
			s.delegate(katrin, jonas).MaxAmount = &most
		}},
		{"The stand-in is who asks", "L2 L4", "authority.step.climbed", func(s *stage) {
			s.ask(mistake, "5000")
			s.away(katrin, priya)
			s.delegate(katrin, mara)
		}},
		{"Who delegates is who asks: the stand-in may not sign as a supervisor either", "L5 L4", "authority.step.extra_climbed", func(s *stage) {
			s.ask(mistake, "800")
			s.request.RequesterID = katrin
			s.away(priya)
			s.delegate(katrin, jonas)
			s.first(policy.Rule{Name: "a supervisor looks", Then: policy.Then{Step: &policy.Step{Role: "supervisor"}}})
			s.first(policy.Rule{Name: "straight up", Then: policy.Then{Mode: authority.Direct}})
		}},
		{"The approver is the customer's former agent", "L2", "authority.step.amount_over", func(s *stage) { s.ask(mistake, "844"); s.request.BarredIDs = []int64{jonas} }},
		{"Both seniors worked on the lines", "L3", "authority.step.climbed", func(s *stage) { s.ask(mistake, "844"); s.request.EditorIDs = []int64{jonas, ines} }},
		{"A senior asks for 500.00: the other senior is not enough", "L3", "authority.step.not_own", func(s *stage) { s.ask(mistake, "500"); s.request.RequesterID = jonas }},
		{"A supervisor asks for a refund", "L4", "authority.step.not_own", func(s *stage) { s.ask(authority.Refund, "500"); s.request.RequesterID = priya }},
		{"A director asks for 200,000.00: one of the two at the top is left", "nobody", "authority.step.nobody", func(s *stage) { s.ask(mistake, "200000"); s.request.RequesterID = helene }},
		{"300,000.00 while one of the two at the top is away", "nobody", "authority.step.nobody", func(s *stage) { s.ask(mistake, "300000"); s.away(yusuf) }},
		{"The controller holds the level in another legal entity only", "L2 L3 L5", "authority.step.climbed", func(s *stage) {
			s.ask(mistake, "12400")
			s.holder(daniel, func(h *authority.Holder) { h.EntityIDs = []int64{2} })
		}},
		{"The supervisors signed 200,000.00 each today", "L2 L4", "authority.skip.signed_enough", func(s *stage) {
			s.ask(mistake, "5000")
			s.request.Signed = []authority.Signed{{Window: "one approver in a day", Times: 20, By: map[int64]decimal.Decimal{katrin: dec("200000"), priya: dec("200000")}}}
		}},
	}
}

// policySituations are about what the policy asks for.
func policySituations() []situation {
	const mistake = authority.BillingError
	over := dec("5000")
	return []situation{
		{"Closed period", "[controller] L2", "authority.step.extra", func(s *stage) { s.ask(mistake, "844"); s.facts.ClosedPeriod = true }},
		{"Closed period, and the controller is in the chain anyway: one signature serves both", "L2 L3 L4", "authority.step.extra", func(s *stage) {
			s.ask(mistake, "12400")
			s.facts.ClosedPeriod = true
		}},
		{"Closed period and change of tax: one controller for both", "[controller] L2", "authority.step.extra", func(s *stage) {
			s.ask(mistake, "844")
			s.facts.ClosedPeriod, s.facts.TaxChange = true, true
		}},
		{"Closed period while the controller is away: the step goes up from where controllers are", "L5 L2", "authority.step.extra_climbed", func(s *stage) {
			s.ask(mistake, "844")
			s.facts.ClosedPeriod = true
			s.away(daniel)
		}},
		{"80.00 in a closed period: no own limit", "[controller] L2", "authority.step.not_own", func(s *stage) { s.ask(mistake, "80"); s.facts.ClosedPeriod = true }},
		{"Partner account, 6,000.00", "L2 L3 L4", "authority.step.extra", func(s *stage) { s.ask(mistake, "6000"); s.facts.Partner = true }},
		{"Partner account, 5,000.00: the rule begins above", "L2 L3", "authority.step.amount_over", func(s *stage) { s.ask(mistake, "5000"); s.facts.Partner = true }},
		{"Partner account, 3,000.00 after 2,500.00 this month: the rule counts both", "L2 L3 L4", "authority.step.extra.by_sum", func(s *stage) {
			s.ask(mistake, "3000")
			s.facts.Partner, s.request.WindowTotal = true, dec("2500")
		}},
		{"A credit of 900.00 that is paid out: a refund's limits too", "L2 L3", "authority.step.pays_out", func(s *stage) {
			s.ask(mistake, "900")
			s.facts.Refund, s.request.PaysOut = true, true
		}},
		{"Budget used up: one level more", "L2 L3", "authority.step.over_budget", func(s *stage) { s.ask(authority.Concession, "300"); s.facts.OverBudget = true }},
		{"An invoice of 400 days ago, 1,500.00: the supervisor is there already", "L2 L3", "authority.step.extra", func(s *stage) { s.ask(mistake, "1500"); s.facts.InvoiceAge = 400 }},
		{"Net is compared: 1,100.00 with 1,000.00 net", "L2", "authority.step.amount_over", func(s *stage) {
			s.ask(mistake, "1100")
			s.policy.Basis, s.facts.Net = policy.Net, dec("1000")
		}},
		{"Straight to the level that suffices", "L4", "authority.step.amount_over", func(s *stage) {
			s.ask(mistake, "12400")
			s.first(policy.Rule{Name: "straight up", When: policy.When{Over: &over}, Then: policy.Then{Mode: authority.Direct}})
		}},
		{"Two of the level that suffices", "L3×2", "authority.step.amount_over", func(s *stage) {
			s.ask(mistake, "6000")
			s.first(policy.Rule{Name: "four eyes", When: policy.When{Over: &over}, Then: policy.Then{Mode: authority.Parallel, Need: policy.NeedOf(2)}})
		}},
		{"All of the level that suffices, one of them through her stand-in", "L3×2", "authority.step.amount_over", func(s *stage) {
			s.ask(mistake, "6000")
			s.away(katrin)
			s.delegate(katrin, ines)
			s.first(policy.Rule{Name: "all of them", Then: policy.Then{Mode: authority.Parallel, Need: policy.NeedAll()}})
		}},
		{"The policy names a level that is not there any more: the step goes up", "L3 L2", "authority.step.extra_climbed", func(s *stage) {
			s.ask(mistake, "844")
			s.first(policy.Rule{Name: "the old board", Then: policy.Then{Step: &policy.Step{Level: 9}}})
		}},
		{"A rule asks for two directors, and there is one: two of a higher level sign instead", "L6 L2", "authority.step.extra_climbed", func(s *stage) {
			s.ask(mistake, "844")
			s.holder(yusuf, func(h *authority.Holder) { h.Roles = nil })
			s.first(policy.Rule{Name: "two directors", Then: policy.Then{Step: &policy.Step{Role: "director", Need: policy.NeedOf(2)}}})
		}},
		{"Platinum customers: supervisors end at 3,000.00", "L2 L3 L4", "authority.step.amount_over", func(s *stage) {
			s.ask(mistake, "5000")
			s.facts.Tier, s.request.Tier = "platinum", "platinum"
			most := dec("3000")
			s.who.Levels[2].Limits = append(s.who.Levels[2].Limits, authority.Limit{Kind: mistake, Max: &most, Tier: "platinum"})
		}},
	}
}

// changeSituations are about what changes between one day and the next.
func changeSituations() []situation {
	const mistake = authority.BillingError
	return []situation{
		{"1,090.00 USD at 1.10 to the euro", "L2", "authority.step.amount_over", func(s *stage) { s.ask(mistake, "990.91"); s.facts.Currency = "USD" }},
		{"The same next morning at 1.08: currency change over night", "L2 L3", "authority.step.amount_over", func(s *stage) { s.ask(mistake, "1009.26"); s.facts.Currency = "USD" }},
		{"L2 is lowered to 500.00 while 844.00 waits", "L2 L3", "authority.step.amount_over", func(s *stage) {
			s.ask(mistake, "844")
			less := dec("500")
			s.limit(2, mistake, func(l *authority.Limit) { l.Max = &less })
		}},
		{"L2 is raised to 20,000.00", "L2", "authority.step.amount_over", func(s *stage) {
			s.ask(mistake, "12400")
			more := dec("20000")
			s.limit(2, mistake, func(l *authority.Limit) { l.Max = &more })
		}},
		{"L2 loses its say over mistakes", "L3", "authority.skip.no_limit", func(s *stage) {
			s.ask(mistake, "844")
			s.limit(2, mistake, func(l *authority.Limit) { l.Kind = authority.Transfer })
		}},
	}
}
