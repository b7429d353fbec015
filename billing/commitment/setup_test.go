package commitment_test

import (
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/commitment"
)

func d(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func p(text string) *decimal.Decimal {
	v := d(text)
	return &v
}

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

// at is a moment in Berlin: "2026-04-10 14:00".
func at(text string) time.Time { return in("Europe/Berlin", text) }

func tokyo(text string) time.Time { return in("Asia/Tokyo", text) }

func in(zone, text string) time.Time {
	z, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", text, z)
	if err != nil {
		panic(err)
	}
	return t
}

// given is a service of 1,000.00 EUR a month in Berlin, all of April 2026 looked at in May.
func given(promises ...commitment.Commitment) commitment.Input {
	return commitment.Input{
		Contract: "K-1", Customer: "100001", Month: day("2026-04-01"), AsOf: at("2026-05-04 09:00"),
		Terms: commitment.Terms{
			Currency: "EUR", Zone: "Europe/Berlin", From: day("2026-01-01"), Combination: commitment.Cumulative, FeeBase: commitment.FeeProRata,
			Excludes: []commitment.ExclusionKind{commitment.Maintenance, commitment.CustomerCaused, commitment.ForceMajeure, commitment.Dates},
		},
		Service: commitment.Service{Name: "Rack 4", Product: "COLO-R", Fees: fee("1000"), Commitments: promises},
	}
}

func fee(amount string) []commitment.Fee {
	return []commitment.Fee{{From: day("2026-01-01"), Amount: d(amount)}}
}

func outage(id int64, from, until string) commitment.Incident {
	return commitment.Incident{ID: id, Title: "Power lost", Kind: commitment.Outage, From: at(from), Until: at(until)}
}

func ofKind(kind commitment.IncidentKind, i commitment.Incident) commitment.Incident {
	i.Kind = kind
	return i
}

func window(kind commitment.ExclusionKind, from, until string) commitment.Exclusion {
	return commitment.Exclusion{ID: 1, Kind: kind, From: at(from), Until: at(until), Reason: "announced"}
}

// tiers: 99.9 % promised; below 99.9 5 %, below 99.5 10 %, below 99.0 25 %.
func tiers() commitment.Commitment {
	return commitment.Commitment{
		Metric: commitment.Availability, Target: d("99.9"), Digits: 3, Formula: commitment.TierPercent,
		Tiers: []commitment.Tier{{Below: d("99.9"), Percent: d("5")}, {Below: d("99.5"), Percent: d("10")}, {Below: d("99"), Percent: d("25")}},
	}
}

// hourly: per cent of the fee for each late hour of restoring.
func hourly(target, percent string, counting commitment.Counting) commitment.Commitment {
	return commitment.Commitment{
		Metric: commitment.Restore, Target: d(target), Formula: commitment.PercentPerHour, Percent: d(percent), Counting: counting,
	}
}

func fixed(metric commitment.Metric, target, amount string) commitment.Commitment {
	return commitment.Commitment{Metric: metric, Target: d(target), Formula: commitment.FixedAmount, Amount: d(amount)}
}

func waiver(target string) commitment.Commitment {
	return commitment.Commitment{Metric: commitment.Restore, Target: d(target), Formula: commitment.Waiver}
}

func compute(t interface {
	Helper()
	Fatal(args ...any)
}, in commitment.Input,
) commitment.Sheet {
	t.Helper()
	s, err := commitment.Compute(in)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func same(t interface {
	Helper()
	Errorf(format string, args ...any)
}, what, want, got string,
) {
	t.Helper()
	if want != got {
		t.Errorf("%s: want %s, got %s", what, want, got)
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
