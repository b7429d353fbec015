package commitment

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/errs"
	"makegood/internal/money"
)

const maxDigits = 6

func check(in Input) error {
	if fields := append(CheckTerms(in.Terms), CheckService(in.Terms, in.Service)...); len(fields) > 0 {
		return errs.InvalidFields(fields...)
	}
	return nil
}

// CheckService names the fields of a service and its promises that make no sense under the terms.
func CheckService(t Terms, s Service) []errs.Field {
	return append(checkFees(s), checkCommitments(t, s)...)
}

// CheckTerms names the fields of a contract's terms that make no sense.
func CheckTerms(t Terms) []errs.Field {
	var fields []errs.Field
	wrong := func(bad bool, name, key string) {
		if bad {
			fields = append(fields, errs.Field{Name: name, Key: key})
		}
	}
	_, currency := money.ParseCurrency(string(t.Currency))
	_, zone := time.LoadLocation(t.Zone)
	wrong(currency != nil, "currency", "money.unknown_currency")
	wrong(zone != nil || t.Zone == "" || t.Zone == "Local", "zone", "commitment.unknown_zone")
	wrong(t.From.IsZero(), "from", "error.required")
	wrong(!t.Until.IsZero() && t.Until.Before(t.From), "until", "commitment.ends_before_it_begins")
	wrong(!slices.Contains([]Combination{Cumulative, HighestOnly, OnePerIncident}, t.Combination), "combination", "commitment.unknown_rule")
	wrong(!slices.Contains([]FeeBase{FeeProRata, FeeWhole}, t.FeeBase), "fee_base", "commitment.unknown_rule")
	wrong(t.ClaimDays < 0 || t.MinMinutes < 0, "claim_days", "commitment.below_zero")
	wrong(t.ClaimDays > 0 && t.ClaimFrom != FromIncidentEnd && t.ClaimFrom != FromMonthEnd, "claim_from", "commitment.unknown_rule")
	for _, kind := range t.Excludes {
		wrong(!slices.Contains([]ExclusionKind{Maintenance, CustomerCaused, ForceMajeure, Dates}, kind), "excludes", "commitment.unknown_rule")
	}
	wrong(badCap(t.MonthCap, t.Currency), "month_cap", "commitment.bad_cap")
	wrong(badCap(t.YearCap, t.Currency), "year_cap", "commitment.bad_cap")
	return fields
}

func badCap(c Cap, cur money.Currency) bool {
	return c.Percent != nil && !c.Percent.IsPositive() || c.Amount != nil && badAmount(*c.Amount, cur)
}

func badAmount(d decimal.Decimal, cur money.Currency) bool {
	return !d.IsPositive() || !d.Equal(d.Truncate(cur.Digits()))
}

// checkFees refuses fees below zero, and two in force on one day.
func checkFees(s Service) []errs.Field {
	if len(s.Fees) == 0 {
		return []errs.Field{{Name: "fees", Key: "error.required"}}
	}
	var fields []errs.Field
	sorted := slices.SortedFunc(slices.Values(s.Fees), func(a, b Fee) int { return a.From.Compare(b.From) })
	for i, f := range sorted {
		name := "fees." + strconv.Itoa(i)
		if f.Amount.IsNegative() {
			fields = append(fields, errs.Field{Name: name, Key: "commitment.below_zero"})
		}
		if !f.Until.IsZero() && f.Until.Before(f.From) {
			fields = append(fields, errs.Field{Name: name, Key: "commitment.ends_before_it_begins"})
		}
		if i > 0 && (sorted[i-1].Until.IsZero() || !f.From.After(sorted[i-1].Until)) {
			fields = append(fields, errs.Field{Name: name, Key: "commitment.fees_overlap"})
		}
	}
	return fields
}

func checkCommitments(t Terms, s Service) []errs.Field {
	var fields []errs.Field
	for i, c := range s.Commitments {
		for _, f := range slices.Concat(checkMetric(c), checkFormula(c, t)) {
			f.Name = fmt.Sprintf("commitments.%d.%s", i, f.Name)
			fields = append(fields, f)
		}
	}
	return fields
}

func checkMetric(c Commitment) []errs.Field {
	switch c.Metric {
	case Availability:
		switch {
		case c.Digits < 1 || c.Digits > maxDigits:
			return []errs.Field{{Name: "digits", Key: "commitment.bad_digits"}}
		case !c.Target.IsPositive() || c.Target.GreaterThan(hundred) || !c.Target.Equal(c.Target.Truncate(c.Digits)):
			return []errs.Field{{Name: "target", Key: "commitment.bad_percent"}}
		case c.EventCap.Set():
			return []errs.Field{{Name: "event_cap", Key: "commitment.no_event"}}
		}
	case Restore, Response:
		if c.Target.IsNegative() {
			return []errs.Field{{Name: "target", Key: "commitment.below_zero"}}
		}
	case Delivery:
		if c.DeliverBy.IsZero() {
			return []errs.Field{{Name: "deliver_by", Key: "error.required"}}
		}
	default:
		return []errs.Field{{Name: "metric", Key: "commitment.unknown_rule"}}
	}
	return nil
}

func checkFormula(c Commitment, t Terms) []errs.Field {
	var fields []errs.Field
	wrong := func(bad bool, name, key string) {
		if bad {
			fields = append(fields, errs.Field{Name: name, Key: key})
		}
	}
	wrong(badCap(c.EventCap, t.Currency), "event_cap", "commitment.bad_cap")
	switch c.Formula {
	case TierPercent:
		wrong(c.Metric != Availability, "formula", "commitment.tiers_need_availability")
		wrong(badTiers(c), "tiers", "commitment.bad_tiers")
	case PercentPerHour, DayFraction:
		wrong(c.Formula == PercentPerHour && !c.Percent.IsPositive(), "percent", "commitment.bad_percent")
		wrong(c.UnitMinutes < 0, "unit_minutes", "commitment.below_zero")
		wrong(!slices.Contains([]Counting{FullUnits, BegunUnits, ExactUnits, CalendarDays}, c.Counting), "counting", "commitment.unknown_rule")
	case FixedAmount:
		wrong(badAmount(c.Amount, t.Currency), "amount", "billing.bad_amount")
	case Waiver:
	default:
		wrong(true, "formula", "commitment.unknown_rule")
	}
	return fields
}

// badTiers: a worse availability never gives less, and no tier reaches above the target.
func badTiers(c Commitment) bool {
	if len(c.Tiers) == 0 {
		return true
	}
	for i, t := range c.Tiers {
		if !t.Percent.IsPositive() || !t.Below.IsPositive() || t.Below.GreaterThan(c.Target) || !t.Below.Equal(t.Below.Truncate(c.Digits)) {
			return true
		}
		if i > 0 && (!t.Below.LessThan(c.Tiers[i-1].Below) || t.Percent.LessThan(c.Tiers[i-1].Percent)) {
			return true
		}
	}
	return false
}
