package figures

import (
	"time"

	"github.com/shopspring/decimal"
)

// Due is an invoice that fell due in the period: its total, what of it was credited, what was paid on or before the due
// date, and whether any of it was disputed.
type Due struct {
	Total    decimal.Decimal
	Credited decimal.Decimal
	InTime   decimal.Decimal
	Disputed bool
}

// Terms is how much was paid within terms, by number of invoices and by value.
type Terms struct {
	Count       int
	InTimeCount int
	Value       decimal.Decimal
	InTimeValue decimal.Decimal
}

// ByCount is the share of invoices paid whole on or before their due date.
func (t Terms) ByCount() Figure { return Ratio(count(t.InTimeCount), count(t.Count)) }

// ByValue is the share of the money due that was paid on or before the due date.
func (t Terms) ByValue() Figure { return Ratio(t.InTimeValue, t.Value) }

// WithinTerms counts what was paid in time. What was credited was not due: it is taken off, and an invoice credited
// whole is left out. Disputed invoices are counted apart.
func WithinTerms(list []Due) (clear, disputed Terms) {
	for _, d := range list {
		due := d.Total.Sub(d.Credited)
		if !due.IsPositive() {
			continue
		}
		if d.Disputed {
			disputed.add(due, d.InTime)
		} else {
			clear.add(due, d.InTime)
		}
	}
	return clear, disputed
}

// Add is both together.
func (t Terms) Add(o Terms) Terms {
	return Terms{
		Count: t.Count + o.Count, InTimeCount: t.InTimeCount + o.InTimeCount,
		Value: t.Value.Add(o.Value), InTimeValue: t.InTimeValue.Add(o.InTimeValue),
	}
}

func (t *Terms) add(due, inTime decimal.Decimal) {
	inTime = decimal.Min(inTime, due)
	t.Count++
	t.Value = t.Value.Add(due)
	t.InTimeValue = t.InTimeValue.Add(inTime)
	if inTime.Equal(due) {
		t.InTimeCount++
	}
}

// Settled is an invoice that was settled in full.
type Settled struct {
	Amount    decimal.Decimal
	IssuedOn  time.Time
	DueOn     time.Time
	SettledOn time.Time
}

// Settlement is how long invoices took to be settled. Late days count from the due date, an invoice settled in time
// with nought.
type Settlement struct {
	ToSettle   Spread
	Late       Spread
	LateCount  int
	LateAmount decimal.Decimal
	Amount     decimal.Decimal
}

// LateShare is the share of invoices settled after their due date.
func (s Settlement) LateShare() Figure { return Ratio(count(s.LateCount), count(s.ToSettle.Count)) }

// LateValueShare is the share of their money.
func (s Settlement) LateValueShare() Figure { return Ratio(s.LateAmount, s.Amount) }

// Settling measures settled invoices.
func Settling(list []Settled) Settlement {
	var out Settlement
	toSettle, late := make([]Measure, len(list)), make([]Measure, len(list))
	for i, s := range list {
		toSettle[i] = Days(s.IssuedOn, s.SettledOn, s.Amount)
		late[i] = Measure{Value: decimal.Zero, Amount: s.Amount}
		out.Amount = out.Amount.Add(s.Amount)
		if days := Days(s.DueOn, s.SettledOn, s.Amount); days.Value.IsPositive() {
			late[i] = days
			out.LateCount++
			out.LateAmount = out.LateAmount.Add(s.Amount)
		}
	}
	out.ToSettle, out.Late = SpreadOf(toSettle), SpreadOf(late)
	return out
}

// BadDebtRatio is what was written off, less what of it came back, ÷ credit sales of the period.
func BadDebtRatio(writtenOff, recovered, sales decimal.Decimal) Figure {
	return Ratio(writtenOff.Sub(recovered), sales)
}
