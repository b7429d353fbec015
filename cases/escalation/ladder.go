// Package escalation says who is told next when a clock runs out, and what else happens: a ladder of rungs,
// each tied to a threshold of the clock. It is pure; the caller carries the actions out and remembers how far
// the ladder was climbed.
package escalation

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/errs"
)

// Threshold is a moment of a clock, by the name its timer carries: "warn50", "warn75", "warn90" or "breach".
type Threshold string

// The thresholds the clocks of this house announce.
const (
	Warn50 Threshold = "warn50"
	Warn75 Threshold = "warn75"
	Warn90 Threshold = "warn90"
	Breach Threshold = "breach"
)

// percent is how much of the clock is used up at the threshold; zero for a name that is none.
func (t Threshold) percent() int {
	if t == Breach {
		return 100
	}
	digits, ok := strings.CutPrefix(string(t), "warn")
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > 99 {
		return 0
	}
	return n
}

// Audience is whom a rung tells, from the one who does the work upwards.
type Audience string

// The audiences, in climbing order.
const (
	Assignee   Audience = "assignee"
	Lead       Audience = "lead"
	Supervisor Audience = "supervisor"
	Manager    Audience = "manager"
)

func climbing() []Audience { return []Audience{Assignee, Lead, Supervisor, Manager} }

// Priority is a case's priority, P1 the most urgent.
type Priority string

// The priorities.
const (
	P1 Priority = "P1"
	P2 Priority = "P2"
	P3 Priority = "P3"
	P4 Priority = "P4"
)

func (p Priority) raised() Priority {
	switch p {
	case P4:
		return P3
	case P3:
		return P2
	default:
		return P1
	}
}

// Duration is a time span that is stored as text, such as "2h0m0s".
type Duration time.Duration

// MarshalText writes the span the way UnmarshalText reads it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads a span such as "90m".
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "escalation.bad_duration", "text", string(text))
	}
	*d = Duration(parsed)
	return nil
}

// Rung is one step of a ladder: when it is reached and what it does.
type Rung struct {
	At Threshold `json:"at"`
	// After is how long past the breach the rung is reached; only with At "breach".
	After Duration `json:"after,omitempty"`
	// Notify is who is told. Where nobody fills the place, the next one up is told instead.
	Notify []Audience `json:"notify,omitempty"`
	// Reassign gives the case to the first of those told who may work it; where none of them may, it stays where it is.
	Reassign bool `json:"reassign,omitempty"`
	// RaisePriority lifts the case by one step, never above P1.
	RaisePriority bool `json:"raise_priority,omitempty"`
	// Urgent notices do not wait for the end of anybody's quiet hours.
	Urgent bool `json:"urgent,omitempty"`
}

// reached is the rung's place on one line of time: percent of the clock up to the breach, then how long past it.
func (r Rung) reached(s State) bool {
	if p := s.Threshold.percent(); p < 100 || r.At.percent() < 100 {
		return r.At.percent() <= p
	}
	return time.Duration(r.After) <= s.SinceBreach
}

// AmountStart lets cases over an amount (in base currency) begin so many rungs higher.
type AmountStart struct {
	Over   decimal.Decimal `json:"over"`
	Higher int             `json:"higher"`
}

// Ladder is stored with an SLA policy, as JSON.
type Ladder struct {
	Rungs []Rung `json:"rungs"`
	// VIPHigher is how many audiences further up a VIP customer's case starts.
	VIPHigher int           `json:"vip_higher,omitempty"`
	Amounts   []AmountStart `json:"amounts,omitempty"`
	// HighImpactOver and OwnerID: a case over the amount goes straight to the named owner as well.
	HighImpactOver *decimal.Decimal `json:"high_impact_over,omitempty"`
	OwnerID        int64            `json:"owner_id,omitempty"`
}

// Default is the ladder of a policy that names none: the assignee at 75 %, the team lead at 90 %, at the
// breach the supervisor, and the priority goes one step up. A VIP's case starts one audience higher.
func Default() Ladder {
	return Ladder{
		Rungs: []Rung{
			{At: Warn75, Notify: []Audience{Assignee}},
			{At: Warn90, Notify: []Audience{Lead}},
			{At: Breach, Notify: []Audience{Supervisor}, RaisePriority: true},
		},
		VIPHigher: 1,
	}
}

// AfterBreach lists how long past the breach the ladder wants to be asked again, for the timers.
func (l Ladder) AfterBreach() []time.Duration {
	var list []time.Duration
	for _, r := range l.Rungs {
		if r.At == Breach && r.After > 0 {
			list = append(list, time.Duration(r.After))
		}
	}
	return list
}

// Reassigns tells whether a rung gives the case to somebody.
func (l Ladder) Reassigns() bool {
	return slices.ContainsFunc(l.Rungs, func(r Rung) bool { return r.Reassign })
}
