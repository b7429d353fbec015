package commitment

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/errs"
)

// ErrNotInForce is refused for a month in which neither contract nor service is in force; ErrMonthNotOver for a month that
// still runs, as its availability is not known before its end.
var (
	ErrNotInForce   = errs.New(errs.Invalid, "commitment.not_in_force")
	ErrMonthNotOver = errs.New(errs.Invalid, "commitment.month_not_over")
)

// precision of divisions: amounts are kept exact until they are rounded, and no quotient of minutes, days and per cents
// comes nearer to half a minor unit than this without being it.
const precision = 24

// calendar is the contract's time: its zone, and when its service is in force.
type calendar struct {
	zone    *time.Location
	service span
	in      Input
}

func newCalendar(in Input) (calendar, error) {
	zone, err := time.LoadLocation(in.Terms.Zone)
	if err != nil {
		return calendar{}, errs.Wrap(err, errs.Invalid, "commitment.unknown_zone", "zone", in.Terms.Zone)
	}
	c := calendar{zone: zone, in: in}
	c.service = c.inForce(in.Terms.From, in.Terms.Until).cut(c.inForce(in.Service.From, in.Service.Until))
	return c, nil
}

// inForce is the time from the first day to the last; a zero day is without a bound.
func (c calendar) inForce(from, until time.Time) span {
	s := span{-forever, forever}
	if !from.IsZero() {
		s.from = c.startOf(from)
	}
	if !until.IsZero() {
		s.until = c.startOf(until.AddDate(0, 0, 1))
	}
	return s
}

func (c calendar) startOf(day time.Time) int64 {
	return begun(midnight(day.Year(), day.Month(), day.Day(), c.zone))
}

// month is a calendar month of the contract's zone and the part of it in which the service is in force.
type month struct {
	first  time.Time // midnight UTC of the first day, as dates are kept
	whole  span
	period span
}

func (c calendar) month(day time.Time) month {
	first := time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
	m := month{first: first, whole: span{c.startOf(first), c.startOf(first.AddDate(0, 1, 0))}}
	m.period = m.whole.cut(c.service)
	return m
}

// monthOf is the month a minute lies in.
func (c calendar) monthOf(n int64) month { return c.month(minute(n).In(c.zone)) }

func (m month) days() int { return m.first.AddDate(0, 1, -1).Day() }

func (m month) last() time.Time { return m.first.AddDate(0, 1, -1) }

// fees is what a month's credit is a part of: the base, the monthly fee in force, and the parts they come from.
type fees struct {
	base    decimal.Decimal
	monthly decimal.Decimal
	parts   []FeePart
}

// fees takes the service's fees by days: base = Σ fee × days in force ÷ days of the month, and monthly = Σ fee × days in
// force ÷ days the service is in force; or the last fee in force, whole, for both, where the contract says so.
func (c calendar) fees(m month) fees {
	var f fees
	days, weighted := 0, decimal.Zero
	for _, fee := range c.in.Service.Fees {
		part := c.inForce(fee.From, fee.Until).cut(m.period)
		if part.minutes() == 0 {
			continue
		}
		n := c.daysOf(part)
		days, weighted = days+n, weighted.Add(fee.Amount.Mul(decimal.NewFromInt(int64(n))))
		f.parts = append(f.parts, FeePart{
			From: part.start().In(c.zone).Format(time.DateOnly), Until: part.end().In(c.zone).AddDate(0, 0, -1).Format(time.DateOnly),
			Days: n, MonthlyFee: fee.Amount.String(),
		})
		f.monthly = fee.Amount
	}
	f.base = f.monthly
	if c.in.Terms.FeeBase == FeeWhole || days == 0 {
		return f
	}
	f.base = weighted.DivRound(decimal.NewFromInt(int64(m.days())), precision)
	f.monthly = weighted.DivRound(decimal.NewFromInt(int64(days)), precision)
	return f
}

// daysOf counts the calendar days from midnight to midnight.
func (c calendar) daysOf(s span) int {
	from, until := s.start().In(c.zone), s.end().In(c.zone)
	return int(time.Date(until.Year(), until.Month(), until.Day(), 0, 0, 0, 0, time.UTC).
		Sub(time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
}

func (c calendar) open(m month) error {
	if m.period.minutes() == 0 {
		return errs.New(ErrNotInForce.Kind, ErrNotInForce.Key, "month", m.first.Format("2006-01"))
	}
	if c.in.AsOf.Before(minute(m.whole.until)) {
		return fmt.Errorf("work out %s: %w", m.first.Format("2006-01"), ErrMonthNotOver)
	}
	return nil
}
