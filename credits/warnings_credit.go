package credits

import (
	"context"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/money"
)

// charges is by how much a proposal raises what the customer owes; zero for what gives or moves.
func (n noticing) charges() decimal.Decimal {
	a := n.adjustment
	switch a.Kind {
	case billing.Debit:
		return a.Total
	case billing.Rebill:
		return decimal.Max(decimal.Zero, a.BilledTotal().Sub(a.Total))
	default:
		return decimal.Zero
	}
}

// overCredit warns where more is charged to a customer that is on hold, or that would owe more than its limit. A limit is in
// the customer's currency and says nothing of others.
func (n noticing) overCredit(ctx context.Context, r db.Reader) ([]Warning, error) {
	more, c := n.charges(), n.customer(n.adjustment.CustomerID)
	if !more.IsPositive() {
		return nil, nil
	}
	row := Behind{Kind: BehindCustomer, ID: int64(c.ID), Number: c.Account, Text: c.Name, At: c.CreatedAt, EntityID: c.EntityID}
	var list []Warning
	if c.CreditHold != "" {
		list = append(list, warning(OnCreditHold, []Behind{row}, "customer", c.Name, "reason", c.CreditHold))
	}
	if c.CreditLimit == nil || n.adjustment.Currency != c.Currency {
		return list, nil
	}
	owed, err := billing.Owed(ctx, r, c.ID, c.Currency)
	if err != nil {
		return nil, err
	}
	if then := owed.Add(more); then.GreaterThan(*c.CreditLimit) {
		show := func(d decimal.Decimal) string { return money.Of(d, c.Currency).String() }
		row.Amount, row.Currency = owed, c.Currency
		list = append(list, warning(OverCreditLimit, []Behind{row}, "customer", c.Name, "then", show(then), "limit", show(*c.CreditLimit)))
	}
	return list, nil
}

// settledMeanwhile says what was left out of a batch because it was settled since somebody put it there.
func (n noticing) settledMeanwhile() []Warning {
	left := n.adjustment.LeftOut
	if len(left) == 0 {
		return nil
	}
	return []Warning{warning(SettledMeanwhile, nil, "count", strconv.Itoa(len(left)), "numbers", strings.Join(left, ", "))}
}
