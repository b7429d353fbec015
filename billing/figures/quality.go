package figures

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Issued is an invoice with what was credited on it for billing errors, whenever that was: an error counts in the month
// its invoice was issued in.
type Issued struct {
	On            time.Time
	ErrorCredited decimal.Decimal
}

// ErrorRate is how many of a month's invoices were wrong. BySeverity counts the wrong ones by the band the credited
// amount falls into.
type ErrorRate struct {
	Month      time.Time
	Issued     int
	Wrong      int
	Credited   decimal.Decimal
	BySeverity []int
}

// Rate is invoices credited for billing error ÷ invoices issued (the complement of the share of invoices right the
// first time).
func (e ErrorRate) Rate() Figure { return Ratio(count(e.Wrong), count(e.Issued)) }

// Bands cut amounts into ranges: each limit is the highest amount of its band, and one open band follows.
type Bands []decimal.Decimal

// Of is the band of an amount, from 0.
func (b Bands) Of(amount decimal.Decimal) int {
	for i, limit := range b {
		if amount.LessThanOrEqual(limit) {
			return i
		}
	}
	return len(b)
}

// ErrorRates counts invoices by month of issue, the earliest first.
func ErrorRates(list []Issued, severity Bands) []ErrorRate {
	months := map[time.Time]*ErrorRate{}
	for _, inv := range list {
		month := monthOf(inv.On)
		rate := months[month]
		if rate == nil {
			rate = &ErrorRate{Month: month, BySeverity: make([]int, len(severity)+1)}
			months[month] = rate
		}
		rate.Issued++
		if inv.ErrorCredited.IsPositive() {
			rate.Wrong++
			rate.Credited = rate.Credited.Add(inv.ErrorCredited)
			rate.BySeverity[severity.Of(inv.ErrorCredited)]++
		}
	}
	rates := make([]ErrorRate, 0, len(months))
	for _, rate := range months {
		rates = append(rates, *rate)
	}
	slices.SortFunc(rates, func(a, b ErrorRate) int { return a.Month.Compare(b.Month) })
	return rates
}

// PerThousand is how many manual corrections were made for each 1,000 invoices issued.
func PerThousand(corrections, issued int) Figure {
	return Ratio(count(corrections).Mul(count(1000)), count(issued))
}

// Billed is an invoice with the end of the period it bills and the day it was sent.
type Billed struct {
	PeriodEnd time.Time
	SentOn    time.Time
	Amount    decimal.Decimal
}

// CycleTime is the days from the end of the billed period until the invoice is sent. One sent before its period ends
// (billed in advance) waits for nothing and is left out.
func CycleTime(list []Billed) Spread {
	var days []Measure
	for _, b := range list {
		if m := Days(b.PeriodEnd, b.SentOn, b.Amount); !m.Value.IsNegative() {
			days = append(days, m)
		}
	}
	return SpreadOf(days)
}
