package commitment_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing/commitment"
)

func cents(n int64) decimal.Decimal { return decimal.New(n, -2) }

// drawTerms draws a contract of one service in Berlin, from before March or from within April 2026.
func drawTerms(t *rapid.T) commitment.Input {
	in := given()
	in.AsOf = at("2026-07-01 12:00")
	in.Terms.Excludes = []commitment.ExclusionKind{commitment.Maintenance, commitment.CustomerCaused}
	in.Terms.MinMinutes = rapid.SampledFrom([]int64{0, 0, 15, 60}).Draw(t, "least minutes")
	in.Service.From = day(rapid.SampledFrom([]string{"2026-01-01", "2026-03-30", "2026-04-12"}).Draw(t, "in force"))
	change := day("2026-04-01").AddDate(0, 0, rapid.IntRange(-5, 40).Draw(t, "fee changes"))
	in.Service.Fees = []commitment.Fee{
		{From: day("2026-01-01"), Until: change.AddDate(0, 0, -1), Amount: cents(rapid.Int64Range(20_000, 500_000).Draw(t, "fee"))},
		{From: change, Amount: cents(rapid.Int64Range(20_000, 500_000).Draw(t, "later fee"))},
	}
	in.Terms.AboveFee = rapid.Bool().Draw(t, "above the fee")
	if rapid.IntRange(0, 3).Draw(t, "month's limit") == 0 {
		in.Terms.MonthCap.Percent = p(number(rapid.Int64Range(1, 120).Draw(t, "limit")))
	}
	in.Service.Commitments = rapid.SliceOfN(rapid.Custom(drawCommitment), 1, 3).Draw(t, "commitments")
	return in
}

func drawCommitment(t *rapid.T) commitment.Commitment {
	c := commitment.Commitment{
		Metric: commitment.Restore, Target: decimal.NewFromInt(rapid.Int64Range(0, 6).Draw(t, "target")), UnitMinutes: 60,
		Formula: rapid.SampledFrom([]commitment.Formula{
			commitment.TierPercent, commitment.PercentPerHour, commitment.DayFraction, commitment.FixedAmount, commitment.Waiver,
		}).Draw(t, "formula"),
	}
	switch c.Formula {
	case commitment.TierPercent:
		return tiers()
	case commitment.PercentPerHour:
		c.Percent = cents(rapid.Int64Range(20, 1000).Draw(t, "per cent"))
	case commitment.FixedAmount:
		c.Amount = cents(rapid.Int64Range(1000, 50_000).Draw(t, "amount"))
	case commitment.DayFraction:
		c.UnitMinutes = rapid.SampledFrom([]int64{60, 1440}).Draw(t, "unit")
	}
	c.Counting = rapid.SampledFrom([]commitment.Counting{
		commitment.FullUnits, commitment.BegunUnits, commitment.ExactUnits, commitment.CalendarDays,
	}).Draw(t, "counting")
	if rapid.Bool().Draw(t, "event's limit") {
		c.EventCap.Percent = p(number(rapid.Int64Range(10, 400).Draw(t, "limit")))
	}
	return c
}

// drawTime is a moment near the turn of a month or of the clock, now and then any, and now and then not on the minute.
func drawTime(t *rapid.T, name string) time.Time {
	anchor := at(rapid.SampledFrom([]string{"2026-03-29 00:00", "2026-03-31 20:00", "2026-04-14 08:00", "2026-04-30 20:00"}).Draw(t, "near"))
	start := anchor.Add(time.Duration(rapid.IntRange(0, 12*12).Draw(t, name)) * 5 * time.Minute)
	return start.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 1, 59, 97}).Draw(t, "seconds")) * time.Second)
}

func drawIncidents(t *rapid.T) []commitment.Incident {
	n := rapid.IntRange(1, 6).Draw(t, "incidents")
	list := make([]commitment.Incident, n)
	for i := range list {
		from := drawTime(t, "from")
		length := rapid.SampledFrom([]int{1, 10, 14, 55, 130, 700, 3000, 47_000}).Draw(t, "minutes") + rapid.IntRange(0, 9).Draw(t, "more")
		list[i] = commitment.Incident{
			ID: int64(i + 1), Kind: commitment.Outage, From: from, Until: from.Add(time.Duration(length) * time.Minute),
			Cause: rapid.SampledFrom([]commitment.ExclusionKind{"", "", "", commitment.CustomerCaused}).Draw(t, "cause"),
		}
	}
	return list
}

func drawExclusions(t *rapid.T) []commitment.Exclusion {
	n := rapid.IntRange(0, 3).Draw(t, "exclusions")
	list := make([]commitment.Exclusion, n)
	for i := range list {
		from := drawTime(t, "window")
		list[i] = commitment.Exclusion{
			ID: int64(i + 1), From: from, Until: from.Add(time.Duration(rapid.IntRange(1, 2000).Draw(t, "minutes")) * time.Minute),
			Kind: rapid.SampledFrom([]commitment.ExclusionKind{commitment.Maintenance, commitment.ForceMajeure}).Draw(t, "kind"),
		}
	}
	return list
}

var months = []string{"2026-03", "2026-04", "2026-05"}

func TestAgainstCountingEveryMinute(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawTerms(t)
		in.Incidents, in.Exclusions = drawIncidents(t), drawExclusions(t)
		slow := refer(in)
		for _, month := range months {
			if in.Month = day(month + "-01"); in.Month.Format("2006-01") < in.Service.From.Format("2006-01") {
				continue
			}
			s := compute(t, in)
			same(t, month+" owed", slow.owed(month), s.Owed)
			countedOnce(t, slow, month, s)
		}
	})
}

// countedOnce: the intervals that count are the counted minutes of the month, each once.
func countedOnce(t *rapid.T, slow *reference, month string, s commitment.Sheet) {
	seen := map[int]bool{}
	for _, i := range s.Intervals {
		if !i.Counted {
			continue
		}
		for at := i.From; at.Before(i.Until); at = at.Add(time.Minute) {
			m := int(at.Sub(slow.from) / time.Minute)
			if seen[m] {
				t.Fatalf("%s is counted twice", at)
			}
			if seen[m] = true; !slow.counted[m] || slow.month(m) != month {
				t.Fatalf("%s is counted, and should not", at)
			}
		}
	}
	n, excluded := 0, int64(0)
	for m, counted := range slow.counted {
		if slow.month(m) != month {
			continue
		}
		if counted {
			n++
		}
		if slow.inForce(slow.day(m)) && (slow.excluded[m] || slow.theirs[m] && !slow.covered[m]) {
			excluded++
		}
	}
	if excluded != s.Period.Excluded {
		t.Fatalf("%d minutes excluded, want %d", s.Period.Excluded, excluded)
	}
	if len(seen) != n || s.Period.Down != int64(n) {
		t.Fatalf("%d minutes in intervals, %d on the sheet, %d counted", len(seen), s.Period.Down, n)
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawTerms(t)
		in.Terms.Combination = rapid.SampledFrom([]commitment.Combination{
			commitment.Cumulative, commitment.HighestOnly, commitment.OnePerIncident,
		}).Draw(t, "rule")
		in.Service.From, in.Month = day("2026-01-01"), day("2026-04-01")
		in.Incidents, in.Exclusions = drawIncidents(t), drawExclusions(t)
		in.Given = []commitment.Given{
			{Kind: commitment.Goodwill, Request: "CR-1", State: "posted", Amount: d("1")}, {Kind: commitment.Goodwill, Request: "CR-2", State: "posted", Amount: d("2")},
		}
		one, err := compute(t, in).Canonical()
		if err != nil {
			t.Fatal(err)
		}
		in.Incidents = rapid.Permutation(in.Incidents).Draw(t, "order of incidents")
		in.Exclusions = rapid.Permutation(in.Exclusions).Draw(t, "order of exclusions")
		in.Given = rapid.Permutation(in.Given).Draw(t, "order of what was given")
		slices.Reverse(in.Service.Fees)
		other, err := compute(t, in).Canonical()
		if err != nil || string(one) != string(other) {
			t.Fatalf("%v\n%s\n%s", err, one, other)
		}
	})
}

func TestSplittingAnIncidentChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawTerms(t)
		in.Service.From, in.Month = day("2026-01-01"), day(rapid.SampledFrom(months).Draw(t, "month")+"-01")
		in.Incidents, in.Exclusions = drawIncidents(t), drawExclusions(t)
		k := rapid.IntRange(0, len(in.Incidents)-1).Draw(t, "which")
		first, second := in.Incidents[k], in.Incidents[k]
		unit := rapid.SampledFrom([]time.Duration{time.Second, time.Minute}).Draw(t, "unit")
		first.Until = first.From.Add(max(first.Until.Sub(first.From), 3*time.Minute))
		in.Incidents[k].Until, second.Until = first.Until, first.Until
		before := compute(t, in)
		cut := first.From.Add(time.Duration(rapid.Int64Range(1, int64(first.Until.Sub(first.From)/unit)-1).Draw(t, "cut")) * unit)
		first.Until, second.From, second.ID = cut, cut, 100
		in.Incidents[k] = first
		in.Incidents = append(in.Incidents, second)
		after := compute(t, in)
		same(t, "owed", before.Owed, after.Owed)
		if before.Period != after.Period {
			t.Fatalf("%+v became %+v", before.Period, after.Period)
		}
	})
}

// Incidents become known one after another, in any order, and each time everything that is owed is given: no limit is ever
// passed, whichever rule combines them.
func TestNoLimitIsEverPassed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawTerms(t)
		in.Service.From = day("2026-01-01")
		in.Terms.Combination = rapid.SampledFrom([]commitment.Combination{
			commitment.Cumulative, commitment.HighestOnly, commitment.OnePerIncident,
		}).Draw(t, "rule")
		in.Terms.YearCap.Amount = p(cents(rapid.Int64Range(1, 400_000).Draw(t, "year's limit")).String())
		known := rapid.Permutation(drawIncidents(t)).Draw(t, "order")
		in.Exclusions = drawExclusions(t)
		given := map[string]decimal.Decimal{}
		for n := range known {
			in.Incidents = known[:n+1]
			for _, month := range rapid.Permutation(slices.Clone(months)).Draw(t, "order of months") {
				in.Month, in.Given, in.Year.Given = day(month+"-01"), nil, decimal.Zero
				for other, amount := range given {
					if other != month {
						in.Year.Given = in.Year.Given.Add(amount)
					}
				}
				if given[month].IsPositive() {
					in.Given = []commitment.Given{{Kind: commitment.ServiceCredit, Request: "CR-1", State: "posted", Amount: given[month]}}
				}
				s := compute(t, in)
				given[month] = given[month].Add(d(s.Proposed))
				within(t, in, s, given)
			}
		}
	})
}

func within(t *rapid.T, in commitment.Input, s commitment.Sheet, given map[string]decimal.Decimal) {
	base := d(s.FeeBase)
	this := given[s.Month]
	if !in.Terms.AboveFee && this.GreaterThan(base.Round(2)) {
		t.Fatalf("%s: %s given of a fee of %s", s.Month, this, base)
	}
	if c := in.Terms.MonthCap.Percent; c != nil && this.GreaterThan(base.Mul(*c).Shift(-2)) {
		t.Fatalf("%s: %s given, %s %% of %s is the limit", s.Month, this, c, base)
	}
	sum := decimal.Zero
	for _, amount := range given {
		sum = sum.Add(amount)
	}
	if sum.GreaterThan(*in.Terms.YearCap.Amount) {
		t.Fatalf("%s given in the year, the limit is %s", sum, in.Terms.YearCap.Amount)
	}
	for _, l := range s.Lines {
		if l.EventCap != nil && d(l.EventCap.Used).Add(d(l.EventCap.After)).GreaterThan(d(l.EventCap.Limit)) {
			t.Fatalf("event over its limit: %s", fmt.Sprintf("%+v", *l.EventCap))
		}
	}
}
