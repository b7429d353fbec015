package dunning

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Promise is a promise to pay. Without an invoice it is over all the customer owes in the currency. Until is when it was
// decided or taken back; zero while it is open.
type Promise struct {
	ID        int64
	InvoiceID int64
	Amount    decimal.Decimal
	MadeAt    time.Time
	On        time.Time // the last day on which money counts as paid in time
	Until     time.Time
}

// Payment is what a payment settled on an invoice: when it was applied, and on which day the money had come in.
type Payment struct {
	InvoiceID  int64
	Amount     decimal.Decimal
	AppliedAt  time.Time
	ReceivedOn time.Time
}

// Paid tells how much of each promise payments have kept, in the order of the promises. A payment counts for promises
// made before it was applied and not ended by then, when the money came in by the promised day: first for those of its own
// invoice, then for those over all, the earliest day first; each cent counts once.
func Paid(promises []Promise, payments []Payment) []decimal.Decimal {
	paid := make([]decimal.Decimal, len(promises))
	order := make([]int, len(promises))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if c := promises[a].On.Compare(promises[b].On); c != 0 {
			return c
		}
		return int(promises[a].ID - promises[b].ID)
	})
	payments = slices.SortedStableFunc(slices.Values(payments), func(a, b Payment) int { return a.AppliedAt.Compare(b.AppliedAt) })
	for _, p := range payments {
		left := p.Amount
		for _, invoice := range []int64{p.InvoiceID, 0} {
			for _, i := range order {
				if promises[i].InvoiceID == invoice && promises[i].counts(p) {
					part := within(left, promises[i].Amount.Sub(paid[i]))
					paid[i], left = paid[i].Add(part), left.Sub(part)
				}
			}
		}
	}
	return paid
}

func (p Promise) counts(m Payment) bool {
	ended := !p.Until.IsZero() && m.AppliedAt.After(p.Until)
	return m.AppliedAt.After(p.MadeAt) && !ended && !m.ReceivedOn.After(p.On)
}
