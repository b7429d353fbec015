package commitment_test

import (
	"errors"
	"strings"
	"testing"

	"makegood/billing/commitment"
	"makegood/internal/errs"
)

func TestTimeThatCounts(t *testing.T) {
	t.Parallel()

	t.Run("overlapping incidents count each minute once", func(t *testing.T) {
		t.Parallel()
		in := given(tiers())
		in.Incidents = []commitment.Incident{outage(1, "2026-04-10 10:00", "2026-04-10 11:00"), outage(2, "2026-04-10 10:30", "2026-04-10 11:30")}
		s := compute(t, in)
		if s.Period.Down != 90 {
			t.Errorf("down %d minutes, want 90", s.Period.Down)
		}
		expect(t, s, "1 60 counts", "2 30 counted_already", "2 30 counts")
	})

	t.Run("maintenance leaves both down time and the month", func(t *testing.T) {
		t.Parallel()
		in := given(tiers())
		in.Incidents = []commitment.Incident{outage(1, "2026-04-10 01:00", "2026-04-10 04:00")}
		in.Exclusions = []commitment.Exclusion{window(commitment.Maintenance, "2026-04-10 02:00", "2026-04-10 04:30")}
		s := compute(t, in) // 60 of 43,050 minutes down: 99.861 %
		expect(t, s, "1 60 counts", "1 120 maintenance")
		same(t, "availability", "99.861", s.Lines[0].Measured)
		if s.Period.Excluded != 150 || s.Lines[0].Minutes != 43_050 {
			t.Errorf("excluded %d, of %d", s.Period.Excluded, s.Lines[0].Minutes)
		}
	})

	t.Run("maintenance that the contract does not exclude counts", func(t *testing.T) {
		t.Parallel()
		in := given(tiers())
		in.Terms.Excludes = nil
		in.Incidents = []commitment.Incident{outage(1, "2026-04-10 01:00", "2026-04-10 04:00")}
		in.Exclusions = []commitment.Exclusion{window(commitment.Maintenance, "2026-04-10 02:00", "2026-04-10 04:30")}
		s := compute(t, in)
		if s.Period.Down != 180 || len(s.Exclusions) != 1 || s.Exclusions[0].Applies {
			t.Errorf("down %d, exclusions %+v", s.Period.Down, s.Exclusions)
		}
	})

	t.Run("what the customer caused does not count, what we caused meanwhile does", func(t *testing.T) {
		t.Parallel()
		in := given(tiers())
		theirs := outage(1, "2026-04-10 10:00", "2026-04-10 14:00")
		theirs.Cause = commitment.CustomerCaused
		in.Incidents = []commitment.Incident{theirs, outage(2, "2026-04-10 13:00", "2026-04-10 15:00")}
		s := compute(t, in)
		expect(t, s, "1 240 customer", "2 120 counts")
		if s.Period.Down != 120 || s.Period.Excluded != 180 {
			t.Errorf("down %d, excluded %d", s.Period.Down, s.Period.Excluded)
		}
	})

	t.Run("an outage under the least length does not count", func(t *testing.T) {
		t.Parallel()
		in := given(hourly("0", "5", commitment.BegunUnits))
		in.Terms.MinMinutes = 15
		in.Incidents = []commitment.Incident{outage(1, "2026-04-10 10:00", "2026-04-10 10:14"), outage(2, "2026-04-11 10:00", "2026-04-11 10:15")}
		s := compute(t, in)
		expect(t, s, "1 14 too_short", "2 15 counts")
		same(t, "owed", "50.00", s.Owed)
	})

	t.Run("a month is the contract's, and the clock change is in it", func(t *testing.T) {
		t.Parallel()
		in := given(tiers())
		in.Month = day("2026-03-01")
		in.Incidents = []commitment.Incident{outage(1, "2026-03-29 00:00", "2026-03-29 06:00")}
		s := compute(t, in)
		if s.Period.Minutes != 44_580 || s.Period.Down != 300 { // 31 days less an hour; six hours on the wall are five
			t.Errorf("period %d, down %d", s.Period.Minutes, s.Period.Down)
		}
		in.Month, in.Incidents = day("2025-10-01"), []commitment.Incident{outage(1, "2025-10-26 00:00", "2025-10-26 06:00")}
		in.Terms.From, in.Service.Fees[0].From = day("2025-01-01"), day("2025-01-01")
		if s := compute(t, in); s.Period.Minutes != 44_700 || s.Period.Down != 420 {
			t.Errorf("period %d, down %d", s.Period.Minutes, s.Period.Down)
		}
	})

	t.Run("midnight that a clock change leaves out", func(t *testing.T) {
		t.Parallel()
		in := given(tiers())
		in.Terms.Zone, in.Month, in.Terms.From = "America/Sao_Paulo", day("2018-11-01"), day("2018-11-04") // 4 November 2018 began at 01:00
		in.Service.Fees[0].From = day("2018-01-01")
		if s := compute(t, in); s.Period.Minutes != 27*1440-60 || s.Fees[0].Days != 27 {
			t.Errorf("period %d minutes, %d days", s.Period.Minutes, s.Fees[0].Days)
		}
	})

	t.Run("minutes begun count, and of an exclusion only whole ones", func(t *testing.T) {
		t.Parallel()
		in := given(tiers())
		i := outage(1, "2026-04-10 10:00", "2026-04-10 10:10")
		i.From, i.Until = i.From.Add(59e9), i.Until.Add(1e9)
		w := window(commitment.Maintenance, "2026-04-10 10:05", "2026-04-10 10:08")
		w.From, w.Until = w.From.Add(1e9), w.Until.Add(59e9)
		in.Incidents, in.Exclusions = []commitment.Incident{i}, []commitment.Exclusion{w}
		if s := compute(t, in); s.Period.Down != 9 { // eleven begun, two wholly excluded
			t.Errorf("down %d, want 9", s.Period.Down)
		}
	})
}

func TestOverTheEndOfAMonth(t *testing.T) {
	t.Parallel()
	april := func(in commitment.Input) commitment.Input {
		in.Month = day("2026-04-01")
		return in
	}
	in := given(hourly("0", "5", commitment.FullUnits))
	in.Month = day("2026-03-01")
	in.Incidents = []commitment.Incident{outage(1, "2026-03-31 23:30", "2026-04-01 01:00")}

	t.Run("hours are those of the whole event", func(t *testing.T) {
		t.Parallel()
		same(t, "March, 30 minutes", "0.00", compute(t, in).Owed)
		s := compute(t, april(in))
		same(t, "April, the first full hour", "50.00", s.Owed)
		expect(t, s, "1 30 other_month", "1 60 counts")
	})

	t.Run("the event's limit is used up over its months", func(t *testing.T) {
		t.Parallel()
		long := in
		long.Terms.AboveFee = true
		long.Service.Commitments = []commitment.Commitment{hourly("0", "5", commitment.FullUnits)}
		long.Service.Commitments[0].EventCap = commitment.Cap{Percent: p("60")}
		long.Incidents = []commitment.Incident{outage(1, "2026-03-31 20:00", "2026-04-02 00:00")}
		same(t, "March, 4 h", "200.00", compute(t, long).Owed)
		s := compute(t, april(long))
		same(t, "April, 24 h", "400.00", s.Owed)
		if c := s.Lines[0].EventCap; c == nil || c.Limit != "600" || c.Used != "200" || c.Left != "400" || c.Before != "1200" {
			t.Errorf("limit as met: %+v", c)
		}
	})

	t.Run("what is left is the limit less the use as shown", func(t *testing.T) {
		t.Parallel()
		long := april(in)
		long.Service.Commitments = []commitment.Commitment{hourly("0", "0.3997699875", commitment.FullUnits)} // 4 h in March: 15.9907995
		long.Service.Commitments[0].EventCap = commitment.Cap{Amount: p("20")}
		long.Incidents = []commitment.Incident{outage(1, "2026-03-31 20:00", "2026-04-02 00:00")}
		c := compute(t, long).Lines[0].EventCap
		if c == nil || c.Used != "15.9908" || c.Left != "4.0092" || c.After != "4.0092" {
			t.Errorf("figures that do not add up to 20: %+v", c)
		}
	})

	t.Run("over three months", func(t *testing.T) {
		t.Parallel()
		long := in
		long.Month = day("2026-05-01")
		long.AsOf = at("2026-06-02 10:00")
		long.Service.Commitments = []commitment.Commitment{hourly("0", "0.05", commitment.FullUnits)}
		long.Service.Commitments[0].EventCap = commitment.Cap{Amount: p("500")}
		long.Incidents = []commitment.Incident{outage(1, "2026-03-23 15:00", "2026-05-09 08:00")}
		s := compute(t, long) // 200 h in March: 100.00; 720 h in April: 360.00; 200 h in May: 100.00, of which 40.00 is left
		same(t, "May", "40.00", s.Owed)
		if c := s.Lines[0].EventCap; c == nil || c.Used != "460" {
			t.Errorf("limit as met: %+v", c)
		}
	})

	t.Run("a fixed amount falls where the promise was broken", func(t *testing.T) {
		t.Parallel()
		once := in
		once.Service.Commitments = []commitment.Commitment{fixed(commitment.Restore, "1", "150")}
		same(t, "March", "0.00", compute(t, once).Owed)
		same(t, "April", "150.00", compute(t, april(once)).Owed)
	})
}

func TestCombinations(t *testing.T) {
	t.Parallel()
	// Two outages of 5 h: 42,600 ÷ 43,200 = 98.611 % gives 250.00; each 100.00 fixed, and 4 % × 5 h = 200.00.
	base := given(tiers(), fixed(commitment.Restore, "4", "100"), hourly("0", "4", commitment.FullUnits))
	base.Incidents = []commitment.Incident{outage(1, "2026-04-02 10:00", "2026-04-02 15:00"), outage(2, "2026-04-09 10:00", "2026-04-09 15:00")}
	for rule, want := range map[commitment.Combination]string{
		commitment.Cumulative: "850.00", commitment.HighestOnly: "250.00", commitment.OnePerIncident: "400.00",
	} {
		in := base
		in.Terms.Combination = rule
		s := compute(t, in)
		same(t, string(rule), want, s.Owed)
		for _, l := range s.Lines {
			if !l.Chosen && l.Note != string(rule) {
				t.Errorf("%s: a line is left out without a word: %+v", rule, l)
			}
		}
	}
	one := base
	one.Terms.Combination, one.Incidents = commitment.OnePerIncident, base.Incidents[:1] // 99.306 %: 100.00 against 200.00 for the hours
	same(t, "one incident", "200.00", compute(t, one).Owed)
}

func TestLimitsAndWhatWasGiven(t *testing.T) {
	t.Parallel()
	in := given(tiers())
	in.Incidents = []commitment.Incident{outage(1, "2026-04-10 14:00", "2026-04-10 15:40")} // 50.00
	in.Terms.YearCap = commitment.Cap{Percent: p("10"), Amount: p("1000")}
	in.Year = commitment.Year{From: day("2026-01-01"), Until: day("2026-12-31"), Fees: d("12000"), Given: d("970")}
	in.Given = []commitment.Given{
		{Kind: commitment.Goodwill, Request: "CR-000007", State: "posted", Amount: d("12.50")},
		{Kind: commitment.ServiceCredit, Request: "CR-000009", State: "pending", Amount: d("10")},
	}
	s := compute(t, in)
	same(t, "owed within the year's limit", "30.00", s.Owed)
	same(t, "less a goodwill and a pending credit", "7.50", s.Proposed)
	var names []string
	for _, step := range s.Steps {
		names = append(names, step.What+" "+step.Amount)
	}
	same(t, "steps", "combined 50, rounded 50.00, fee_limit 50.00, year_cap 30.00, given 22.50, proposed 7.50", strings.Join(names, ", "))
	in.Given[1].Amount = d("100")
	same(t, "never below nothing", "0.00", compute(t, in).Proposed)
}

func TestClaimWindow(t *testing.T) {
	t.Parallel()
	in := given(fixed(commitment.Restore, "4", "100"))
	in.Incidents = []commitment.Incident{outage(1, "2026-04-02 10:00", "2026-04-02 15:00"), outage(2, "2026-04-20 20:00", "2026-04-21 01:00")}
	in.Terms.ClaimDays, in.Terms.ClaimFrom = 30, commitment.FromIncidentEnd
	for asOf, want := range map[string]string{
		"2026-05-02 23:59": "in_time 2026-05-02", "2026-05-03 00:00": "partly_late 2026-05-21", "2026-05-21 12:00": "partly_late 2026-05-21",
		"2026-05-22 00:00": "late 2026-05-21",
	} {
		in.AsOf = at(asOf)
		s := compute(t, in)
		same(t, asOf, want, string(s.Claim.State)+" "+s.Claim.By)
		same(t, "a late claim is marked, not dropped", "200.00", s.Proposed)
	}
	in.Terms.ClaimFrom, in.AsOf = commitment.FromMonthEnd, at("2026-05-30 12:00")
	s := compute(t, in)
	same(t, "from the month's end", "in_time 2026-05-30", string(s.Claim.State)+" "+s.Claim.By)
	in.Terms.ClaimDays = 0
	same(t, "without a window", "no_window", string(compute(t, in).Claim.State))
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	in := given(tiers())
	in.AsOf = at("2026-04-30 23:59")
	if _, err := commitment.Compute(in); !errors.Is(err, commitment.ErrMonthNotOver) {
		t.Errorf("a month that runs: %v", err)
	}
	in = given(tiers())
	in.Terms.From = day("2026-05-01")
	if _, err := commitment.Compute(in); !errors.Is(err, commitment.ErrNotInForce) {
		t.Errorf("before the contract: %v", err)
	}
	for field, spoil := range map[string]func(*commitment.Input){
		"zone":                     func(i *commitment.Input) { i.Terms.Zone = "Mars/Base" },
		"currency":                 func(i *commitment.Input) { i.Terms.Currency = "XYZ1" },
		"from":                     func(i *commitment.Input) { i.Terms.From = day("0001-01-01") },
		"combination":              func(i *commitment.Input) { i.Terms.Combination = "best" },
		"fee_base":                 func(i *commitment.Input) { i.Terms.FeeBase = "" },
		"month_cap":                func(i *commitment.Input) { i.Terms.MonthCap.Amount = p("1.005") },
		"claim_from":               func(i *commitment.Input) { i.Terms.ClaimDays = 5 },
		"excludes":                 func(i *commitment.Input) { i.Terms.Excludes = []commitment.ExclusionKind{"weather"} },
		"fees":                     func(i *commitment.Input) { i.Service.Fees = nil },
		"fees.1":                   func(i *commitment.Input) { i.Service.Fees = append(i.Service.Fees, fee("5")...) },
		"commitments.0.digits":     func(i *commitment.Input) { i.Service.Commitments[0].Digits = 0 },
		"commitments.0.target":     func(i *commitment.Input) { i.Service.Commitments[0].Target = d("101") },
		"commitments.0.tiers":      func(i *commitment.Input) { i.Service.Commitments[0].Tiers[1].Below = d("99.9") },
		"commitments.0.event_cap":  func(i *commitment.Input) { i.Service.Commitments[0].EventCap.Amount = p("5") },
		"commitments.0.formula":    func(i *commitment.Input) { i.Service.Commitments[0].Metric = commitment.Restore },
		"commitments.0.metric":     func(i *commitment.Input) { i.Service.Commitments[0].Metric = "speed" },
		"commitments.0.percent":    func(i *commitment.Input) { i.Service.Commitments[0] = hourly("1", "0", commitment.FullUnits) },
		"commitments.0.counting":   func(i *commitment.Input) { i.Service.Commitments[0] = hourly("1", "5", "some") },
		"commitments.0.amount":     func(i *commitment.Input) { i.Service.Commitments[0] = fixed(commitment.Restore, "1", "0") },
		"commitments.0.deliver_by": func(i *commitment.Input) { i.Service.Commitments[0] = fixed(commitment.Delivery, "1", "5") },
		"commitments.0.unit_minutes": func(i *commitment.Input) {
			i.Service.Commitments[0] = hourly("1", "5", commitment.FullUnits)
			i.Service.Commitments[0].UnitMinutes = -1
		},
	} {
		in := given(tiers())
		spoil(&in)
		_, err := commitment.Compute(in)
		e, ok := errors.AsType[*errs.Error](err)
		if !ok || e.Kind != errs.Invalid || len(e.Fields) == 0 || e.Fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestSheetIsEvidence(t *testing.T) {
	t.Parallel()
	in := given(tiers(), hourly("1", "5", commitment.FullUnits))
	in.Incidents = []commitment.Incident{outage(7, "2026-04-10 14:00", "2026-04-10 15:40")}
	in.Incidents[0].Title = "Störung <Kern>"
	s := compute(t, in)
	canonical, err := s.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	text := string(canonical)
	for _, want := range []string{
		`{"claim":{"state":"no_window"}`, `"title":"Störung <Kern>"`, `"month":"2026-04"`, `"version":"service-credit/1"`,
		`"rounding":"half up to the minor unit of EUR, once`, `"from":"2026-04-10T12:00:00Z"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %s:\n%s", want, text)
		}
	}
	// Any store may reorder and space it: the hash stays.
	spaced := strings.ReplaceAll(text, `","`, `" , "`)
	again, err := commitment.Canonical([]byte(spaced))
	if err != nil || commitment.Hash(again) != commitment.Hash(canonical) {
		t.Errorf("%v\n%s\n%s", err, again, canonical)
	}
	if len(commitment.Hash(canonical)) != 64 {
		t.Error(commitment.Hash(canonical))
	}
	in.AsOf = at("2026-09-01 10:00")
	later, err := compute(t, in).Canonical()
	if err != nil || string(later) != text {
		t.Error("the same facts on another day give another sheet")
	}
}

// expect compares the intervals of a sheet: incident, minutes, reason.
func expect(t *testing.T, s commitment.Sheet, want ...string) {
	t.Helper()
	var got []string
	for _, i := range s.Intervals {
		reason := i.Reason
		if i.Counted {
			reason = "counts"
		}
		got = append(got, number(i.Incident)+" "+number(i.Minutes)+" "+reason)
	}
	same(t, "intervals", strings.Join(want, ", "), strings.Join(got, ", "))
}
