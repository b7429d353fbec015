package commitment_test

import (
	"testing"

	"makegood/billing/commitment"
)

// Each example is worked out by hand in its note. April 2026 has 30 days: 43,200 minutes.
func TestWorkedExamples(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, note, owed string
		input            func() commitment.Input
	}{
		{"tier", "100 min down: 43,100 ÷ 43,200 = 99.769 %, below 99.9: 5 % of 1,000.00", "50.00", func() commitment.Input {
			in := given(tiers())
			in.Incidents = []commitment.Incident{outage(1, "2026-04-10 14:00", "2026-04-10 15:40")}
			return in
		}},
		{"tier kept", "43 min down: 43,157 ÷ 43,200 = 99.900 %, not below 99.9", "0.00", func() commitment.Input {
			in := given(tiers())
			in.Incidents = []commitment.Incident{outage(1, "2026-04-10 14:00", "2026-04-10 14:43")}
			return in
		}},
		{"tier by a minute", "44 min down: 43,156 ÷ 43,200 = 99.898 %: 5 %", "50.00", func() commitment.Input {
			in := given(tiers())
			in.Incidents = []commitment.Incident{outage(1, "2026-04-10 14:00", "2026-04-10 14:44")}
			return in
		}},
		{"worst tier, odd fee", "433 min down: 42,767 ÷ 43,200 = 98.998 %: 25 % of 1,234.57 = 308.6425", "308.64", func() commitment.Input {
			in := given(tiers())
			in.Service.Fees = fee("1234.57")
			in.Incidents = []commitment.Incident{outage(1, "2026-04-10 10:00", "2026-04-10 17:13")}
			return in
		}},
		{"per cent per full hour", "9 h 50 less 4 h: 5 full hours × 5 % of 800.00", "200.00", hours("9h50", commitment.FullUnits, "")},
		{"per cent per hour begun", "9 h 50 less 4 h: 6 hours begun × 5 % of 800.00", "240.00", hours("9h50", commitment.BegunUnits, "")},
		{"per cent per hour, exact", "350 ÷ 60 × 5 % of 800.00 = 233.333…", "233.33", hours("9h50", commitment.ExactUnits, "")},
		{"per cent per hour, month's cap", "20 h less 4 h: 16 × 5 % = 640.00, held to 50 %", "400.00", hours("20h", commitment.FullUnits, "50")},
		{"day's fee per hour begun", "3 h 10: 4 × 900.00 ÷ 30", "120.00", func() commitment.Input {
			in := given(commitment.Commitment{
				Metric: commitment.Restore, Formula: commitment.DayFraction, UnitMinutes: 60, Counting: commitment.BegunUnits,
			})
			in.Service.Fees = fee("900")
			in.Incidents = []commitment.Incident{outage(1, "2026-04-10 10:00", "2026-04-10 13:10")}
			return in
		}},
		{"days of late delivery", "promised 10 April, delivered 13 April: 11, 12, 13 = 3 × 900.00 ÷ 30", "90.00", func() commitment.Input {
			in := delivery("2026-04-10", "900")
			in.Incidents = []commitment.Incident{ofKind(commitment.LateDelivery, outage(1, "2026-03-02 09:00", "2026-04-13 10:00"))}
			return in
		}},
		{"days of late delivery over the clock change", "promised 28 March, delivered 30 March: 29 (of 23 h), 30 = 2 × 930.00 ÷ 31", "60.00", func() commitment.Input {
			in := delivery("2026-03-28", "930")
			in.Month = day("2026-03-01")
			in.Incidents = []commitment.Incident{ofKind(commitment.LateDelivery, outage(1, "2026-03-02 09:00", "2026-03-30 09:00"))}
			return in
		}},
		{"delivery in time", "promised 10 April, delivered that evening", "0.00", func() commitment.Input {
			in := delivery("2026-04-10", "900")
			in.Incidents = []commitment.Incident{ofKind(commitment.LateDelivery, outage(1, "2026-03-02 09:00", "2026-04-10 23:59"))}
			return in
		}},
		{"not delivered yet", "promised 10 April, open: 11 to 30 April = 20 × 900.00 ÷ 30", "600.00", func() commitment.Input {
			in := delivery("2026-04-10", "900")
			in.Incidents = []commitment.Incident{{ID: 1, Kind: commitment.LateDelivery, From: at("2026-03-02 09:00")}}
			return in
		}},
		{"fixed amount per breach", "two outages over 4 h, one under: 2 × 150.00", "300.00", func() commitment.Input {
			in := given(fixed(commitment.Restore, "4", "150"))
			in.Incidents = []commitment.Incident{
				outage(1, "2026-04-02 10:00", "2026-04-02 15:00"), outage(2, "2026-04-05 10:00", "2026-04-05 14:00"), outage(3, "2026-04-09 10:00", "2026-04-09 14:01"),
			}
			return in
		}},
		{"fixed amount for a slow answer", "answered after 5 h 30, promised within 2 h: 75.00", "75.00", func() commitment.Input {
			in := given(fixed(commitment.Response, "2", "75"))
			in.Incidents = []commitment.Incident{
				ofKind(commitment.SlowResponse, outage(1, "2026-04-02 10:00", "2026-04-02 15:30")), outage(2, "2026-04-05 10:00", "2026-04-05 19:00"),
			}
			return in
		}},
		{"fixed amount for the month's availability", "99.769 %: once 200.00", "200.00", func() commitment.Input {
			in := given(commitment.Commitment{Metric: commitment.Availability, Target: d("99.9"), Digits: 2, Formula: commitment.FixedAmount, Amount: d("200")})
			in.Incidents = []commitment.Incident{outage(1, "2026-04-10 14:00", "2026-04-10 15:40")}
			return in
		}},
		{"waiver", "two outages over 4 h: the fee once", "1000.00", func() commitment.Input {
			in := given(waiver("4"))
			in.Incidents = []commitment.Incident{outage(1, "2026-04-02 10:00", "2026-04-02 15:00"), outage(2, "2026-04-09 10:00", "2026-04-09 15:00")}
			return in
		}},
		{"part of a month", "in force from 16 April: 15 ÷ 30 of 1,000.00; 15 d = 21,600 min, 100 down = 99.537 %: 5 % of 500.00", "25.00", func() commitment.Input {
			in := given(tiers())
			in.Service.From = day("2026-04-16")
			in.Incidents = []commitment.Incident{outage(1, "2026-04-15 23:00", "2026-04-16 01:40")}
			return in
		}},
		{"day fraction in part of a month", "a day's fee is that of the whole month: 2 × 900.00 ÷ 30, though only 450.00 were billed", "60.00", func() commitment.Input {
			in := delivery("2026-04-20", "900")
			in.Service.From = day("2026-04-16")
			in.Incidents = []commitment.Incident{ofKind(commitment.LateDelivery, outage(1, "2026-03-02 09:00", "2026-04-22 10:00"))}
			return in
		}},
		{"fee changed in the month", "10 days at 1,000.00 and 20 at 1,300.00: base 1,200.00, 5 %", "60.00", func() commitment.Input {
			in := given(tiers())
			in.Service.Fees = []commitment.Fee{{From: day("2026-04-11"), Amount: d("1300")}, {From: day("2026-01-01"), Until: day("2026-04-10"), Amount: d("1000")}}
			in.Incidents = []commitment.Incident{outage(1, "2026-04-10 14:00", "2026-04-10 15:40")}
			return in
		}},
		{"the last fee, whole", "5 % of 1,300.00", "65.00", func() commitment.Input {
			in := given(tiers())
			in.Terms.FeeBase = commitment.FeeWhole
			in.Service.Fees = []commitment.Fee{{From: day("2026-04-11"), Amount: d("1300")}, {From: day("2026-01-01"), Until: day("2026-04-10"), Amount: d("1000")}}
			in.Incidents = []commitment.Incident{outage(1, "2026-04-10 14:00", "2026-04-10 15:40")}
			return in
		}},
		{"yen", "10 % of 10,005 = 1,000.5, rounded half up", "1001", func() commitment.Input {
			in := given(hourly("0", "10", commitment.FullUnits))
			in.Terms.Currency, in.Terms.Zone, in.Service.Fees = "JPY", "Asia/Tokyo", fee("10005")
			in.Incidents = []commitment.Incident{{ID: 1, Kind: commitment.Outage, From: tokyo("2026-04-10 10:00"), Until: tokyo("2026-04-10 11:00")}}
			return in
		}},
		{"dinar", "5 % of 33.333 = 1.66665, three decimals", "1.667", func() commitment.Input {
			in := given(tiers())
			in.Terms.Currency, in.Service.Fees = "KWD", fee("33.333")
			in.Incidents = []commitment.Incident{outage(1, "2026-04-10 14:00", "2026-04-10 15:40")}
			return in
		}},
		{"a cap is cut, not rounded", "50 % of 33.33 = 16.665: a limit of 16.66", "16.66", func() commitment.Input {
			in := given(waiver("0"))
			in.Service.Fees, in.Terms.MonthCap = fee("33.33"), commitment.Cap{Percent: p("50")}
			in.Incidents = []commitment.Incident{outage(1, "2026-04-10 14:00", "2026-04-10 15:40")}
			return in
		}},
		{"never above the fee", "30 h × 5 % = 1,500.00, held to the fee", "1000.00", func() commitment.Input {
			in := given(hourly("0", "5", commitment.FullUnits))
			in.Incidents = []commitment.Incident{outage(1, "2026-04-10 00:00", "2026-04-11 06:00")}
			return in
		}},
		{"above the fee where the contract says so", "30 h × 5 %", "1500.00", func() commitment.Input {
			in := given(hourly("0", "5", commitment.FullUnits))
			in.Terms.AboveFee = true
			in.Incidents = []commitment.Incident{outage(1, "2026-04-10 00:00", "2026-04-11 06:00")}
			return in
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			same(t, c.note, c.owed, compute(t, c.input()).Owed)
		})
	}
}

// hours is an outage of some hours on 10 April, 800.00 a month, 5 % per hour beyond 4.
func hours(length string, counting commitment.Counting, capPercent string) func() commitment.Input {
	return func() commitment.Input {
		in := given(hourly("4", "5", counting))
		in.Service.Fees = fee("800")
		until := map[string]string{"9h50": "2026-04-10 19:50", "20h": "2026-04-11 06:00"}[length]
		in.Incidents = []commitment.Incident{outage(1, "2026-04-10 10:00", until)}
		if capPercent != "" {
			in.Terms.MonthCap = commitment.Cap{Percent: p(capPercent)}
		}
		return in
	}
}

func delivery(promised, monthly string) commitment.Input {
	in := given(commitment.Commitment{
		Metric: commitment.Delivery, DeliverBy: day(promised), Formula: commitment.DayFraction, Counting: commitment.CalendarDays,
	})
	in.Service.Fees = fee(monthly)
	return in
}
