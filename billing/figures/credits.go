package figures

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

// Credit is a posted credit by one of the ways it is told apart: its kind, reason, root cause or approver.
type Credit struct {
	By     string
	Amount decimal.Decimal
}

// CreditGroup is what the credits of one kind (or reason, or approver) add up to.
type CreditGroup struct {
	By     string
	Count  int
	Amount decimal.Decimal
	Share  Figure // of all credits, by amount
	Ratio  Figure // of what was billed
}

// CreditsBy groups posted credits, the largest sum first; billed is what was invoiced in the period.
func CreditsBy(list []Credit, billed decimal.Decimal) []CreditGroup {
	groups := map[string]*CreditGroup{}
	total := decimal.Zero
	for _, c := range list {
		group := groups[c.By]
		if group == nil {
			group = &CreditGroup{By: c.By}
			groups[c.By] = group
		}
		group.Count++
		group.Amount = group.Amount.Add(c.Amount)
		total = total.Add(c.Amount)
	}
	out := make([]CreditGroup, 0, len(groups))
	for _, group := range groups {
		group.Share, group.Ratio = Ratio(group.Amount, total), Ratio(group.Amount, billed)
		out = append(out, *group)
	}
	slices.SortFunc(out, func(a, b CreditGroup) int {
		return cmp.Or(b.Amount.Cmp(a.Amount), cmp.Compare(a.By, b.By))
	})
	return out
}

// BudgetUsed is the share of the concession budget that was given; more than 1 is over it.
func BudgetUsed(given, budget decimal.Decimal) Figure { return Ratio(given, budget) }
