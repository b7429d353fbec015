package authority

import "github.com/shopspring/decimal"

// DemoLevels is the set the demo company starts with, in its base currency: concessions at half the limit,
// refunds and write-offs from the supervisor up, transfers from the senior up, and the top without limit
// but with two signatures. Ids are 1 to 6.
func DemoLevels() []Level {
	const small = 100 // what agents and seniors may post of their own
	levels := []Level{
		{ID: 1, Rank: 1, Name: "L1 agent", Limits: demoLimits(100, small, BillingError, SLACredit, Concession, Rebill, Debit)},
		{ID: 2, Rank: 2, Name: "L2 senior", Limits: demoLimits(1_000, small, BillingError, SLACredit, Concession, Rebill, Debit, Transfer)},
		{ID: 3, Rank: 3, Name: "L3 supervisor", Limits: demoLimits(10_000, 0, Kinds()...)},
		{ID: 4, Rank: 4, Name: "L4 controller", Limits: demoLimits(50_000, 0, Kinds()...)},
		{ID: 5, Rank: 5, Name: "L5 director", Limits: demoLimits(250_000, 0, Kinds()...)},
		{ID: 6, Rank: 6, Name: "L6 director and CFO", Signatures: 2},
	}
	for _, kind := range Kinds() {
		levels[5].Limits = append(levels[5].Limits, Limit{Kind: kind})
	}
	return levels
}

func demoLimits(most, own int64, kinds ...Kind) []Limit {
	limits := make([]Limit, 0, len(kinds))
	for _, kind := range kinds {
		value := decimal.NewFromInt(most)
		if kind == Concession {
			value = value.Div(decimal.NewFromInt(2))
		}
		limits = append(limits, Limit{Kind: kind, Max: &value, OwnLimit: decimal.NewFromInt(own)})
	}
	return limits
}
