package tax

import (
	"slices"

	"github.com/shopspring/decimal"
)

// guard is how many decimals beyond the minor unit an unrounded share keeps: enough that two different
// remainders never look equal for amounts that fit in numeric(20).
const guard = 24

// exact is rate per cent of net, unrounded. Multiplying by a power of ten loses nothing.
func exact(net, rate decimal.Decimal) decimal.Decimal { return net.Mul(rate).Shift(-2) }

// grossOf is what a net of 100 comes to with tax.
func grossOf(rate decimal.Decimal) decimal.Decimal { return decimal.NewFromInt(100).Add(rate) }

// Spread shares total over the weights in whole minor units by largest remainder, so that the parts add up
// to total exactly: a document discount over the lines' nets, or a memo's tax over its lines. Equal
// remainders go to the earlier weight. Where the weights add up to nothing, the first part is the total.
func Spread(total decimal.Decimal, weights []decimal.Decimal, digits int32) []decimal.Decimal {
	sum := decimal.Zero
	for _, w := range weights {
		sum = sum.Add(w)
	}
	own := make([]decimal.Decimal, len(weights))
	if sum.IsZero() {
		if len(own) > 0 {
			own[0] = total
		}
		return own
	}
	for i, w := range weights {
		own[i] = total.Mul(w).DivRound(sum, digits+guard)
	}
	return settle(total, own, digits)
}

// settle rounds each wish down to the minor unit and hands what is missing up to total to the largest
// remainders, one unit each, going round as long as needed.
func settle(total decimal.Decimal, wishes []decimal.Decimal, digits int32) []decimal.Decimal {
	if len(wishes) == 0 {
		return nil
	}
	parts := make([]decimal.Decimal, len(wishes))
	order := make([]int, len(wishes))
	left := total
	for i, wish := range wishes {
		parts[i] = wish.RoundFloor(digits)
		left = left.Sub(parts[i])
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return wishes[b].Sub(parts[b]).Cmp(wishes[a].Sub(parts[a]))
	})
	unit := decimal.New(1, -digits)
	for i := 0; left.IsPositive(); i = (i + 1) % len(order) {
		parts[order[i]] = parts[order[i]].Add(unit)
		left = left.Sub(unit)
	}
	return parts
}
