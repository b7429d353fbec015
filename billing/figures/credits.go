package figures

import (
	"cmp"
	"maps"
	"slices"

	"github.com/shopspring/decimal"
)

// Credit is a posted credit by one of the ways it is told apart: its kind, reason, root cause or approver.
type Credit struct {
	By     string
	Amount decimal.Decimal
}

// CreditGroup is what the credits of one kind (or reason, or approver) come to.
type CreditGroup struct {
	By     string
	Count  int
	Amount decimal.Decimal
	Share  Figure // of all credits, by amount
	Ratio  Figure // of what was billed
}

// CreditsBy groups posted credits, the largest sum first; billed is what was invoiced in the period.
func CreditsBy(list []Credit, billed decimal.Decimal) []CreditGroup {
	totals := map[string]CreditTotal{}
	for _, c := range list {
		total := totals[c.By]
		totals[c.By] = CreditTotal{By: c.By, Count: total.Count + 1, Amount: total.Amount.Add(c.Amount)}
	}
	return CreditGroupsOf(slices.Collect(maps.Values(totals)), billed)
}

// CreditTotal is what the credits of one kind (or reason, or approver) add up to.
type CreditTotal struct {
	By     string
	Count  int
	Amount decimal.Decimal
}

// CreditGroupsOf is CreditsBy for credits that were added up already.
func CreditGroupsOf(totals []CreditTotal, billed decimal.Decimal) []CreditGroup {
	sum := decimal.Zero
	for _, t := range totals {
		sum = sum.Add(t.Amount)
	}
	out := make([]CreditGroup, len(totals))
	for i, t := range totals {
		out[i] = CreditGroup{By: t.By, Count: t.Count, Amount: t.Amount, Share: Ratio(t.Amount, sum), Ratio: Ratio(t.Amount, billed)}
	}
	slices.SortFunc(out, func(a, b CreditGroup) int {
		return cmp.Or(b.Amount.Cmp(a.Amount), cmp.Compare(a.By, b.By))
	})
	return out
}

// BudgetUsed is the share of the concession budget that was given; more than 1 is over it.
func BudgetUsed(given, budget decimal.Decimal) Figure { return Ratio(given, budget) }
