package reports_test

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/figures"
	"makegood/internal/reports"
)

func (p *department) checkAging(on time.Time, want dayOfBook) {
	p.t.Helper()
	aging, err := p.reports.Aging(p.t.Context(), p.scope(on), figures.Buckets{0, 30, 60, 90})
	p.must(err)
	if len(aging.Sections) != 1 {
		p.t.Fatalf("%d sections on %s", len(aging.Sections), on)
	}
	got := aging.Sections[0]
	name := on.Format(time.DateOnly) + " "
	p.same(name+"open", want.Open, got.Receivable.Open)
	p.same(name+"disputed", want.DisputedAmount, got.Receivable.Disputed)
	if got.Receivable.Count != want.Count {
		p.t.Errorf("%s%d open, want %d", name, got.Receivable.Count, want.Count)
	}
	for i, bucket := range []string{"current", "1-30", "31-60", "61-90", "over-90"} {
		p.same(name+bucket, want.Ageing[bucket].Amount, got.Owed[i].Open)
		if got.Owed[i].Count != want.Ageing[bucket].Count {
			p.t.Errorf("%s%s: %d, want %d", name, bucket, got.Owed[i].Count, want.Ageing[bucket].Count)
		}
	}
	disputed, err := p.reports.AgingItems(p.t.Context(), p.scope(on), nil, reports.ItemRows{Disputed: true, Limit: 200})
	p.must(err)
	if len(disputed.Rows) != want.DisputedCount {
		p.t.Errorf("%s%d disputed documents, want %d", name, len(disputed.Rows), want.DisputedCount)
	}
}

func (p *department) checkDSO(on time.Time, want dayOfBook) {
	p.t.Helper()
	dso, err := p.reports.DSO(p.t.Context(), p.scope(on), 90)
	p.must(err)
	got := dso.Sections[0]
	name := on.Format(time.DateOnly) + " "
	for i, window := range []struct {
		sales decimal.Decimal
		dso   json.Number
	}{{want.Sales30, want.DSO30}, {want.Sales90, want.DSO90}, {want.Sales365, want.DSO365}} {
		p.same(name+"sales", window.sales, got.Windows[i].Standing.Sales)
		p.ratio(name+"DSO", window.dso, got.Windows[i].Standing.DSO())
	}
	p.ratio(name+"count-back DSO", want.CountBack, got.CountBack.Days)
	p.ratio(name+"best possible DSO", json.Number(want.Ageing["current"].Amount.Mul(d("90")).DivRound(want.Sales90, figures.Places).String()), got.Standing.BestPossible())
}

// checkIndicators looks at the whole history from its last day.
func (p *department) checkIndicators(on time.Time) {
	p.t.Helper()
	kpis, err := p.reports.KPIs(p.t.Context(), p.scope(on), 1200)
	p.must(err)
	got, want := kpis.Sections[0].Now, p.history.want
	p.same("credit sales", want.Total, got.Standing.Sales)
	p.same("nothing is open in the end", decimal.Zero, got.Standing.Receivable)
	p.ratio("days to settle", want.DaysToSettle, got.Settled.ToSettle.Mean)
	p.ratio("days to settle by amount", want.Weighted, got.Settled.ToSettle.Weighted)
	p.ratio("days late", want.DaysLate, got.Settled.Late.Mean)
	p.ratio("paid late", want.LateShare, got.Settled.LateShare())
	if got.Settled.LateCount != want.Late || got.Disputes.Count != want.Disputed.Count || got.Issued != want.Invoices {
		p.t.Errorf("%d late, %d disputed of %d", got.Settled.LateCount, got.Disputes.Count, got.Issued)
	}
	p.same("disputed", want.Disputed.Amount, got.Disputes.Contested)
	share := figures.Ratio(decimal.NewFromInt(int64(got.Disputes.Count)), decimal.NewFromInt(int64(got.Issued)))
	p.ratio("dispute share", want.Disputed.Share, share)
}
