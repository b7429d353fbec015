package figures_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/figures"
)

func TestWithinTerms(t *testing.T) {
	t.Parallel()
	clear, disputed := figures.WithinTerms([]figures.Due{
		{Total: d("100"), InTime: d("100")},
		{Total: d("200"), InTime: d("50")},                      // the rest late, or not at all
		{Total: d("300"), Credited: d("100"), InTime: d("200")}, // what was credited was not due
		{Total: d("400"), Credited: d("400")},                   // credited whole: nothing was due
		{Total: d("50"), InTime: d("60")},                       // paid too much: counts no more than was due
		{Total: d("80"), InTime: d("80"), Disputed: true},
		{Total: d("20"), Disputed: true},
	})
	same(t, "by count", "0.75", clear.ByCount())
	same(t, "by value", "0.7273", clear.ByValue()) // 400 of 550
	same(t, "disputed by count", "0.5", disputed.ByCount())
	same(t, "disputed by value", "0.8", disputed.ByValue())
	both := clear.Add(disputed)
	same(t, "all by count", "0.6667", both.ByCount())
	same(t, "all by value", "0.7385", both.ByValue()) // 480 of 650
}

func TestSpread(t *testing.T) {
	t.Parallel()
	var list []figures.Measure
	for _, days := range []int64{10, 1, 2, 3} {
		list = append(list, figures.Measure{Value: decimal.NewFromInt(days), Amount: decimal.NewFromInt(days * 100)})
	}
	s := figures.SpreadOf(list)
	same(t, "mean", "4", s.Mean)
	same(t, "median", "2.5", s.Median)
	same(t, "p90", "7.9", s.P90)             // 3 + 0.7 × 7
	same(t, "weighted", "7.125", s.Weighted) // (1 + 4 + 9 + 100) ÷ 16
	one := figures.SpreadOf(list[:1])
	same(t, "the only one", "10", one.P90)
	none(t, "weighted by nothing", figures.SpreadOf([]figures.Measure{{Value: d("3")}}).Weighted)
	same(t, "an hour and a third", "1.3333", figures.SpreadOf([]figures.Measure{figures.Hours(80*time.Minute, d("1"))}).Mean)
}

func TestErrorRates(t *testing.T) {
	t.Parallel()
	severity := figures.Bands{d("100"), d("1000")}
	got := figures.ErrorRates([]figures.Issued{
		{On: day("2026-02-03"), ErrorCredited: d("100")},
		{On: day("2026-01-31")},
		{On: day("2026-01-01"), ErrorCredited: d("100.01")},
		{On: day("2026-02-28")},
		{On: day("2026-02-11"), ErrorCredited: d("5000")},
	}, severity)
	if len(got) != 2 || !got[0].Month.Equal(day("2026-01-01")) {
		t.Fatalf("months %v", got)
	}
	same(t, "January", "0.5", got[0].Rate())
	same(t, "February", "0.6667", got[1].Rate())
	equal(t, "credited in February", d("5100"), got[1].Credited)
	if want := []int{0, 1, 0}; !slices.Equal(got[0].BySeverity, want) {
		t.Errorf("January's bands %v, want %v", got[0].BySeverity, want)
	}
	if want := []int{1, 0, 1}; !slices.Equal(got[1].BySeverity, want) {
		t.Errorf("February's bands %v, want %v", got[1].BySeverity, want)
	}
}

func TestDisputes(t *testing.T) {
	t.Parallel()
	got := figures.DisputesOf([]figures.Dispute{
		{Contested: d("100"), Outcome: figures.Decided, Rejected: d("100"), Took: 10 * time.Hour},
		{Contested: d("300"), Outcome: figures.Decided, Rejected: d("50"), Took: 30 * time.Hour},
		{Contested: d("250"), Outcome: figures.StillOpen},
		{Contested: d("50"), Outcome: figures.Withdrawn},
	})
	same(t, "rate", "0.07", got.Rate(d("10000")))
	same(t, "won", "0.375", got.WinRate()) // 150 of 400; the withdrawn one was not decided
	same(t, "median", "20", got.ToResolve.Median)
	same(t, "p90", "28", got.ToResolve.P90)
	same(t, "by value", "25", got.ToResolve.Weighted)
	same(t, "outstanding", "32.1429", got.Outstanding(90)) // 250 ÷ (700 ÷ 90)
	if got.Count != 4 || got.ToResolve.Count != 2 {
		t.Errorf("%d disputes, %d resolved", got.Count, got.ToResolve.Count)
	}
}

func TestCreditsBy(t *testing.T) {
	t.Parallel()
	got := figures.CreditsBy([]figures.Credit{
		{"goodwill", d("30")}, {"price", d("50")}, {"price", d("100")}, {"bundle", d("30")},
	}, d("4200"))
	var order []string
	for _, g := range got {
		order = append(order, g.By)
	}
	if want := []string{"price", "bundle", "goodwill"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	equal(t, "price", d("150"), got[0].Amount)
	same(t, "share of credits", "0.7143", got[0].Share)
	same(t, "share of billed", "0.0357", got[0].Ratio)
	none(t, "of nothing billed", figures.CreditsBy([]figures.Credit{{"price", d("1")}}, decimal.Zero)[0].Ratio)
}

func TestTheRest(t *testing.T) {
	t.Parallel()
	cycle := figures.CycleTime([]figures.Billed{
		{PeriodEnd: day("2026-01-31"), SentOn: day("2026-02-03"), Amount: d("1")},
		{PeriodEnd: day("2026-01-31"), SentOn: day("2026-02-08"), Amount: d("1")},
		{PeriodEnd: day("2026-01-31"), SentOn: day("2026-01-31"), Amount: d("1")},
		{PeriodEnd: day("2026-12-31"), SentOn: day("2026-01-01"), Amount: d("1")}, // a year in advance
	})
	if cycle.Count != 3 {
		t.Errorf("%d invoices in the cycle time, want 3", cycle.Count)
	}
	for _, c := range []struct {
		what string
		want json.Number
		got  figures.Figure
	}{
		{"cycle median", "3", cycle.Median},
		{"cycle p90", "7", cycle.P90},
		{"bad debt", "0.0125", figures.BadDebtRatio(d("1500"), d("250"), d("100000"))},
		{"corrections", "13.3333", figures.PerThousand(4, 300)},
		{"budget", "1.04", figures.BudgetUsed(d("5200"), d("5000"))},
	} {
		same(t, c.what, c.want, c.got)
	}
}
