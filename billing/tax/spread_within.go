package tax

import (
	"slices"

	"github.com/shopspring/decimal"
)

// Bounds are the least and the most that each part of a spread may be.
type Bounds struct {
	Least []decimal.Decimal
	Most  []decimal.Decimal
}

// SpreadWithin is Spread with bounds on the parts: what a part cannot take or must take more of moves to the others, the
// largest remainders first. A total outside what the bounds allow altogether is brought to the nearest that they do.
func SpreadWithin(total decimal.Decimal, weights []decimal.Decimal, within Bounds, digits int32) []decimal.Decimal {
	parts := Spread(total, weights, digits)
	left := total
	for i := range parts {
		parts[i] = clamp(parts[i], within.Least[i], within.Most[i])
		left = left.Sub(parts[i])
	}
	order := make([]int, len(parts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return weights[b].Cmp(weights[a]) })
	for _, i := range order {
		if left.IsZero() {
			break
		}
		moved := clamp(parts[i].Add(left), within.Least[i], within.Most[i])
		left = left.Sub(moved.Sub(parts[i]))
		parts[i] = moved
	}
	return parts
}
