package figures

import (
	"time"

	"github.com/shopspring/decimal"
)

// Outcome is how a dispute line ended.
type Outcome string

// The outcomes. A withdrawn dispute was not decided.
const (
	StillOpen Outcome = "open"
	Decided   Outcome = "decided"
	Withdrawn Outcome = "withdrawn"
)

// Dispute is one dispute line: the amount contested, how much of it was rejected when it was decided, and how long that
// took by the calendar it is measured by, pauses out.
type Dispute struct {
	Contested decimal.Decimal
	Outcome   Outcome
	Rejected  decimal.Decimal
	Took      time.Duration
}

// Disputes are the figures of the disputes of a period.
type Disputes struct {
	Count     int
	Contested decimal.Decimal
	Open      decimal.Decimal
	Decided   decimal.Decimal
	Rejected  decimal.Decimal
	ToResolve Spread // hours of those decided
}

// DisputesOf adds dispute lines up.
func DisputesOf(list []Dispute) Disputes {
	var out Disputes
	var took []Measure
	for _, d := range list {
		out.Count++
		out.Contested = out.Contested.Add(d.Contested)
		switch d.Outcome {
		case StillOpen:
			out.Open = out.Open.Add(d.Contested)
		case Decided:
			out.Decided = out.Decided.Add(d.Contested)
			out.Rejected = out.Rejected.Add(d.Rejected)
			took = append(took, Hours(d.Took, d.Contested))
		case Withdrawn:
		}
	}
	out.ToResolve = SpreadOf(took)
	return out
}

// Rate is disputed ÷ billed, by amount.
func (d Disputes) Rate(billed decimal.Decimal) Figure { return Ratio(d.Contested, billed) }

// WinRate is rejected ÷ decided, by amount: how much of what customers claimed was not right.
func (d Disputes) WinRate() Figure { return Ratio(d.Rejected, d.Decided) }

// Outstanding is days disputes outstanding: the open disputed amount ÷ what is newly disputed on an average day of the
// period.
func (d Disputes) Outstanding(days int) Figure { return Ratio(d.Open.Mul(count(days)), d.Contested) }
