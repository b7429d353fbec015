package policy

import (
	"cmp"
	"time"

	"github.com/shopspring/decimal"
)

// Warnings is when the rules that notice odd requests speak. None of them forbids anything. Zero is the usual.
type Warnings struct {
	// SameAmountDays is how far back the same amount for the same customer is found odd.
	SameAmountDays int `yaml:"same_amount_days,omitempty" json:"same_amount_days,omitempty"`
	// BelowPercent is how near below a limit a request is just below it, BelowCount how many such requests of one requester or
	// one customer family within BelowDays are several.
	BelowPercent int `yaml:"below_percent,omitempty" json:"below_percent,omitempty"`
	BelowCount   int `yaml:"below_count,omitempty"   json:"below_count,omitempty"`
	BelowDays    int `yaml:"below_days,omitempty"    json:"below_days,omitempty"`
	// CustomerCount and CustomerSum (in the authority's currency) are the norm of what one person gives one customer within
	// CustomerDays.
	CustomerCount int             `yaml:"customer_count,omitempty" json:"customer_count,omitempty"`
	CustomerSum   decimal.Decimal `yaml:"customer_sum,omitempty"   json:"customer_sum,omitzero"`
	CustomerDays  int             `yaml:"customer_days,omitempty"  json:"customer_days,omitempty"`
	// RoundStep is of what a round sum is a multiple, in the currency of the document.
	RoundStep int `yaml:"round_step,omitempty" json:"round_step,omitempty"`
	// PairPercent of the requester's signed requests within PairDays, and PairCount at least, make one approver always the same.
	PairPercent int `yaml:"pair_percent,omitempty" json:"pair_percent,omitempty"`
	PairCount   int `yaml:"pair_count,omitempty"   json:"pair_count,omitempty"`
	PairDays    int `yaml:"pair_days,omitempty"    json:"pair_days,omitempty"`
	// WorkFrom and WorkUntil are working hours in the time zone of the legal entity, as 08:00; Weekends counts Saturdays and
	// Sundays among the days of work.
	WorkFrom  string `yaml:"work_from,omitempty"  json:"work_from,omitempty"`
	WorkUntil string `yaml:"work_until,omitempty" json:"work_until,omitempty"`
	Weekends  bool   `yaml:"weekends,omitempty"   json:"weekends,omitempty"`
}

const usualCustomerSum = 5000

// Usual is the thresholds as they hold, the usual ones filled in.
func (w Warnings) Usual() Warnings {
	const quarter, month = 90, 30
	w.SameAmountDays = cmp.Or(w.SameAmountDays, quarter)
	w.BelowPercent, w.BelowCount, w.BelowDays = cmp.Or(w.BelowPercent, 10), cmp.Or(w.BelowCount, 2), cmp.Or(w.BelowDays, month)
	w.CustomerCount, w.CustomerDays = cmp.Or(w.CustomerCount, 5), cmp.Or(w.CustomerDays, quarter)
	if w.CustomerSum.IsZero() {
		w.CustomerSum = decimal.NewFromInt(usualCustomerSum)
	}
	w.RoundStep = cmp.Or(w.RoundStep, 50)
	w.PairPercent, w.PairCount, w.PairDays = cmp.Or(w.PairPercent, 80), cmp.Or(w.PairCount, 5), cmp.Or(w.PairDays, quarter)
	w.WorkFrom, w.WorkUntil = cmp.Or(w.WorkFrom, "07:00"), cmp.Or(w.WorkUntil, "20:00")
	return w
}

// AtWork tells whether a moment, in the zone of the legal entity, is within working hours.
func (w Warnings) AtWork(at time.Time) bool {
	w = w.Usual()
	if day := at.Weekday(); !w.Weekends && (day == time.Saturday || day == time.Sunday) {
		return false
	}
	now := at.Format(hourOfDay)
	return now >= w.WorkFrom && now < w.WorkUntil
}

const (
	hourOfDay = "15:04"
	endOfDay  = "24:00"
)

func (w Warnings) check(add func(field, key string, pairs ...string)) {
	for field, n := range map[string]int{
		"same_amount_days": w.SameAmountDays, "below_days": w.BelowDays, "customer_days": w.CustomerDays, "pair_days": w.PairDays,
		"below_count": w.BelowCount, "customer_count": w.CustomerCount, "pair_count": w.PairCount,
	} {
		if n < 0 || n > mostDays {
			add("warnings."+field, "policy.bad_threshold")
		}
	}
	for field, n := range map[string]int{"below_percent": w.BelowPercent, "pair_percent": w.PairPercent} {
		if n < 0 || n > wholePercent {
			add("warnings."+field, "policy.bad_threshold")
		}
	}
	if w.CustomerSum.IsNegative() {
		add("warnings.customer_sum", "policy.bad_threshold")
	}
	if w.RoundStep < 0 {
		add("warnings.round_step", "policy.bad_threshold")
	}
	usual := w.Usual()
	if !anHour(usual.WorkFrom) || !anHour(usual.WorkUntil) && usual.WorkUntil != endOfDay || usual.WorkFrom >= usual.WorkUntil {
		add("warnings.work_from", "policy.bad_hours")
	}
}

// anHour tells whether a text is an hour of the day as it is compared: with two digits each.
func anHour(text string) bool {
	at, err := time.Parse(hourOfDay, text)
	return err == nil && at.Format(hourOfDay) == text
}
