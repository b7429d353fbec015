package money

import (
	"sort"

	"github.com/shopspring/decimal"
)

// Split shares total over weights in whole minor units by the largest-remainder method, so that the parts
// add up to total exactly. Equal remainders go to the earlier weight. With no positive weight everything
// goes to the first part; without weights there are no parts.
func (a Amount) Split(weights []decimal.Decimal) []Amount {
	if len(weights) == 0 {
		return nil
	}
	sum := decimal.Zero
	for _, w := range weights {
		sum = sum.Add(w)
	}
	parts := make([]Amount, len(weights))
	if sum.IsZero() {
		for i := range parts {
			parts[i] = Zero(a.currency)
		}
		parts[0] = a
		return parts
	}
	type remainder struct {
		index int
		rest  decimal.Decimal
	}
	digits := a.currency.Digits()
	unit := decimal.New(1, -digits)
	left := a.value
	rests := make([]remainder, len(weights))
	for i, w := range weights {
		// One product, one division kept far finer than any minor unit.
		exact := a.value.Mul(w).DivRound(sum, digits+16)
		floor := exact.RoundFloor(digits)
		parts[i] = Amount{value: floor, currency: a.currency}
		left = left.Sub(floor)
		rests[i] = remainder{i, exact.Sub(floor)}
	}
	sort.SliceStable(rests, func(i, j int) bool { return rests[i].rest.GreaterThan(rests[j].rest) })
	for i := 0; left.IsPositive(); i = (i + 1) % len(rests) {
		part := &parts[rests[i].index]
		part.value = part.value.Add(unit)
		left = left.Sub(unit)
	}
	return parts
}
