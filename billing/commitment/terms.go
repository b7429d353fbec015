// Package commitment works out what a customer is owed when a service fell short of what its contract promises: the
// service credit. It is pure: contract terms, incidents and what was given already go in, a computation sheet comes out
// that shows every step and can be hashed, so that it stands as evidence beside the credit it led to.
package commitment

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

// Metric is what a commitment measures.
type Metric string

// The metrics: availability of a calendar month in per cent; hours until a fault is repaired; the day a service is
// delivered; hours until a report is answered. Availability is judged for the month, the others for each event.
const (
	Availability Metric = "availability"
	Restore      Metric = "restore"
	Delivery     Metric = "delivery"
	Response     Metric = "response"
)

// ByMonth tells that the metric is judged once for the month, not for each event.
func (m Metric) ByMonth() bool { return m == Availability }

// Measures is the kind of incident the metric counts.
func (m Metric) Measures() IncidentKind {
	switch m {
	case Delivery:
		return LateDelivery
	case Response:
		return SlowResponse
	default:
		return Outage
	}
}

// Formula is how a breach becomes an amount.
type Formula string

// The formulas. Each takes the minutes beyond what was promised ("late" minutes) where it counts time:
//   - tier: fee base × per cent of the worst tier met;
//   - per cent per hour: fee base × per cent × late hours;
//   - day fraction: monthly fee × late days ÷ days of the month;
//   - fixed: an amount for each breach;
//   - waiver: the whole fee base of the month.
//
// They are the five forms service level schedules use: cloud providers' tiers on the month's charge, and in colocation
// and telecommunication per cent per hour beyond target, one day's fee per hour or day, a fixed sum, the month's charge waived.
const (
	TierPercent    Formula = "tier_percent"
	PercentPerHour Formula = "percent_per_hour"
	DayFraction    Formula = "day_fraction"
	FixedAmount    Formula = "fixed"
	Waiver         Formula = "waiver"
)

// Counting is how late time becomes units.
type Counting string

// The ways of counting: only full units, each unit begun, to the minute, or the calendar days touched in the contract's zone.
const (
	FullUnits    Counting = "full"
	BegunUnits   Counting = "begun"
	ExactUnits   Counting = "exact"
	CalendarDays Counting = "calendar_days"
)

// Tier gives a per cent of the fee base for an availability below a bound, both in per cent.
type Tier struct {
	Below   decimal.Decimal `json:"below"`
	Percent decimal.Decimal `json:"percent"`
}

// Cap is a limit: a per cent of a fee, an amount in the contract's currency, or the lower of both. Nil is no limit. A limit
// is cut to whole minor units, so that no rounding ever passes it.
type Cap struct {
	Percent *decimal.Decimal `json:"percent,omitempty"`
	Amount  *decimal.Decimal `json:"amount,omitempty"`
}

// Set tells that there is a limit.
func (c Cap) Set() bool { return c.Percent != nil || c.Amount != nil }

func (c Cap) limit(fee decimal.Decimal, digits int32) decimal.Decimal {
	var limit decimal.Decimal
	if c.Percent != nil {
		limit = fee.Mul(*c.Percent).Shift(-2)
	}
	if c.Amount != nil && (c.Percent == nil || c.Amount.LessThan(limit)) {
		limit = *c.Amount
	}
	return limit.RoundFloor(digits)
}

// Commitment is one promise about a service and what is owed when it is broken.
type Commitment struct {
	Ref    string `json:"ref,omitempty"` // where the contract says it, such as "Schedule 2, 4.1"
	Metric Metric `json:"metric"`
	// Target is per cent for availability, hours for restore and response.
	Target    decimal.Decimal `json:"target"`
	DeliverBy time.Time       `json:"-"`                // the promised day, for delivery
	Digits    int32           `json:"digits,omitempty"` // decimals of the availability, rounded half up, 1 to 6

	Formula     Formula         `json:"formula"`
	Tiers       []Tier          `json:"tiers,omitempty"`
	Percent     decimal.Decimal `json:"percent,omitzero"`
	Amount      decimal.Decimal `json:"amount,omitzero"`
	UnitMinutes int64           `json:"unit_minutes,omitempty"` // of late time; 0 is an hour, or a day (1440) for the day fraction
	Counting    Counting        `json:"counting,omitempty"`
	EventCap    Cap             `json:"event_cap,omitzero"` // of one event over all its months; for metrics judged by event
}

// Unit is the minutes of one unit of late time.
func (c Commitment) Unit() int64 {
	switch {
	case c.UnitMinutes > 0:
		return c.UnitMinutes
	case c.Formula == DayFraction:
		return 1440
	}
	return 60
}

// countsTime tells that the formula multiplies units of late time.
func (c Commitment) countsTime() bool { return c.Formula == PercentPerHour || c.Formula == DayFraction }

// Combination is what happens when several credits meet in one service and month.
type Combination string

// The combinations: all add up; only the highest counts; each incident is claimed once, by what gives the customer most.
const (
	Cumulative     Combination = "cumulative"
	HighestOnly    Combination = "highest_only"
	OnePerIncident Combination = "one_per_incident"
)

// FeeBase is which fee a credit is a part of.
type FeeBase string

// The fee bases: the fees in force by days of the month, or the last fee in force in the month, whole.
const (
	FeeProRata FeeBase = "pro_rata"
	FeeWhole   FeeBase = "whole"
)

// ClaimStart is the day a claim window begins after.
type ClaimStart string

// The starts of a claim window.
const (
	FromIncidentEnd ClaimStart = "incident_end"
	FromMonthEnd    ClaimStart = "month_end"
)

// ExclusionKind is why time does not count.
type ExclusionKind string

// The kinds of exclusion. Dates is time the parties have left out by agreement, such as a freeze or a migration.
const (
	Maintenance    ExclusionKind = "maintenance"
	CustomerCaused ExclusionKind = "customer"
	ForceMajeure   ExclusionKind = "force_majeure"
	Dates          ExclusionKind = "dates"
)

// Terms are what a contract says for all its services.
type Terms struct {
	Currency money.Currency `json:"currency"`
	Zone     string         `json:"zone"` // IANA; months and days begin at its midnight
	From     time.Time      `json:"-"`    // first day in force
	Until    time.Time      `json:"-"`    // last day in force; zero is open-ended

	Excludes    []ExclusionKind `json:"excludes,omitempty"`    // what the contract excludes; other exclusions are shown and count
	MinMinutes  int64           `json:"min_minutes,omitempty"` // an outage with fewer counted minutes does not count
	Combination Combination     `json:"combination"`
	FeeBase     FeeBase         `json:"fee_base"`
	MonthCap    Cap             `json:"month_cap,omitzero"` // of one service and month; per cent of the fee base
	YearCap     Cap             `json:"year_cap,omitzero"`  // of the contract and its year; per cent of a year's fees
	AboveFee    bool            `json:"above_fee,omitempty"`
	ClaimDays   int             `json:"claim_days,omitempty"` // 0 is no window
	ClaimFrom   ClaimStart      `json:"claim_from,omitempty"`
}

// Fee is a service's monthly fee on the days from–until, both in force; a zero until is open-ended.
type Fee struct {
	From   time.Time
	Until  time.Time
	Amount decimal.Decimal
}

// Service is what the contract sells, with its promises.
type Service struct {
	Name        string
	Product     string
	From        time.Time // zero: with the contract
	Until       time.Time
	Fees        []Fee
	Commitments []Commitment
}

// IncidentKind is what went wrong, and so which metrics count it.
type IncidentKind string

// The kinds: from fault to repair; from the order to its delivery; from a report to the first answer.
const (
	Outage       IncidentKind = "outage"
	LateDelivery IncidentKind = "delivery"
	SlowResponse IncidentKind = "response"
)

// Incident is something that went wrong with the service. A zero Until is not over yet: it counts to the end of the month.
// Cause names an exclusion when it was not our fault.
type Incident struct {
	ID     int64
	Title  string
	Source string
	Kind   IncidentKind
	From   time.Time
	Until  time.Time
	Cause  ExclusionKind
}

// Exclusion is a window in which time does not count.
type Exclusion struct {
	ID     int64
	Kind   ExclusionKind
	From   time.Time
	Until  time.Time
	Reason string
}

// GivenKind is how something was given before.
type GivenKind string

// What may have been given: a service credit, or a goodwill credit for the same incident.
const (
	ServiceCredit GivenKind = "service_credit"
	Goodwill      GivenKind = "goodwill"
)

// Given is a credit for this service and month that is posted or pending.
type Given struct {
	Kind    GivenKind       `json:"kind"`
	Request string          `json:"request"`
	State   string          `json:"state"` // posted or pending
	Amount  decimal.Decimal `json:"amount"`
}

// Year is how far the contract year's limit is used: Fees are the contract's fees of twelve months, Given what other
// services and months of the same contract year were credited for shortfalls.
type Year struct {
	From  time.Time
	Until time.Time
	Fees  decimal.Decimal
	Given decimal.Decimal
}

// Input is everything a service's credit for a month follows from.
type Input struct {
	Contract   string
	Customer   string
	Terms      Terms
	Service    Service
	Month      time.Time // any day of it
	Incidents  []Incident
	Exclusions []Exclusion
	Given      []Given
	Year       Year
	AsOf       time.Time // the moment of the claim: decides only what is late
}
