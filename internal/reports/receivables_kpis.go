package reports

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"

	"makegood/billing/figures"
	"makegood/internal/money"
)

// KPIs are the indicators of receivables over a period that ends with a day, beside those of the period before it, one
// section a currency.
type KPIs struct {
	On         time.Time
	From       time.Time
	BeforeOn   time.Time
	BeforeFrom time.Time
	Basis      Basis
	Sections   []KPISection
}

// KPISection is one currency's.
type KPISection struct {
	Currency money.Currency
	Now      KPISet
	Before   KPISet
}

// KPISet is what one period came to in one currency.
type KPISet struct {
	Days      int
	Standing  figures.Standing
	CountBack figures.CountBack
	True      figures.Figure
	Aging     figures.Ageing

	TermsClear    figures.Terms
	TermsDisputed figures.Terms
	Settled       figures.Settlement
	Cycle         figures.Spread
	Errors        []figures.ErrorRate
	ErrorCauses   []figures.CreditGroup // what was credited for errors, by root cause; Count is invoices
	Disputes      figures.Disputes
	Credits       CreditGroups
	Issued        int // invoices of the period
	Corrections   int // credit and debit memos of the period
	WrittenOff    decimal.Decimal
	Recovered     decimal.Decimal
	Budget        decimal.Decimal // concession budgets of the months that began in the period, in the authority's currency
	BudgetGiven   decimal.Decimal // what of them is posted
}

// CreditGroups are the period's credits by each of the ways they are told apart.
type CreditGroups struct {
	Kind     []figures.CreditGroup
	Reason   []figures.CreditGroup
	Approver []figures.CreditGroup
	Cause    []figures.CreditGroup // the root cause named
}

// Value is one figure of a set.
type Value struct {
	figures.Definition
	Value figures.Figure
}

// SeverityBands are the highest amounts of the bands that wrong invoices are counted in, in the section's currency.
func SeverityBands() figures.Bands {
	return figures.Bands{decimal.NewFromInt(100), decimal.NewFromInt(1000), decimal.NewFromInt(10_000)}
}

// Values lists the figures of a set in the order of their definitions. The concession budget is known in the authority's
// currency alone.
func (k KPISet) Values() []Value {
	terms := k.TermsClear.Add(k.TermsDisputed)
	errors := k.errorRate()
	of := map[figures.Name]figures.Figure{
		figures.Receivable: known(k.Standing.Receivable), figures.DisputedOpen: known(k.Aging.Receivable.Disputed),
		figures.UnappliedCash: known(sumOf(k.Aging.Unapplied.Cash)), figures.UnappliedCredits: known(sumOf(k.Aging.Unapplied.Credits)),
		figures.CreditSales: known(k.Standing.Sales), figures.DaysSales: k.Standing.DSO(), figures.CountBackDays: k.CountBack.Days,
		figures.TrueDays: k.True, figures.BestPossibleDays: k.Standing.BestPossible(), figures.AverageDelinquent: k.Standing.DelinquentDays(),
		figures.Effectiveness: k.Standing.Effectiveness(), figures.PaidInTermsCount: terms.ByCount(), figures.PaidInTermsValue: terms.ByValue(),
		figures.CurrentShare: k.Standing.CurrentShare(), figures.TurnoverRate: k.Standing.Turnover(),
		figures.BadDebt:      figures.BadDebtRatio(k.WrittenOff, k.Recovered, k.Standing.Sales),
		figures.DaysToSettle: k.Settled.ToSettle.Mean, figures.DaysLate: k.Settled.Late.Mean, figures.LateShare: k.Settled.LateShare(),
		figures.BillingCycle: k.Cycle.Median, figures.InvoiceErrors: errors.Rate(),
		figures.DisputeCount: known(decimal.NewFromInt(int64(k.Disputes.Count))), figures.DisputeAmount: known(k.Disputes.Contested),
		figures.DisputeRate: k.Disputes.Rate(k.Standing.Sales), figures.DisputeTime: k.Disputes.ToResolve.Median, figures.WinRate: k.Disputes.WinRate(),
		figures.DisputeDays: k.Disputes.Outstanding(k.Days), figures.Credits: known(creditSum(k.Credits.Kind)),
		figures.Corrections: figures.PerThousand(k.Corrections, k.Issued), figures.ConcessionBudget: figures.BudgetUsed(k.BudgetGiven, k.Budget),
	}
	var list []Value
	for _, def := range figures.Definitions() {
		if value, there := of[def.Name]; there {
			list = append(list, Value{def, value})
		}
	}
	return list
}

// errorRate is the months' together.
func (k KPISet) errorRate() figures.ErrorRate {
	var all figures.ErrorRate
	for _, month := range k.Errors {
		all.Issued += month.Issued
		all.Wrong += month.Wrong
		all.Credited = all.Credited.Add(month.Credited)
	}
	return all
}

func known(value decimal.Decimal) figures.Figure { return decimal.NewNullDecimal(value) }

func sumOf(list []figures.Aged) decimal.Decimal {
	sum := decimal.Zero
	for _, a := range list {
		sum = sum.Add(a.Open)
	}
	return sum
}

func creditSum(list []figures.CreditGroup) decimal.Decimal {
	sum := decimal.Zero
	for _, g := range list {
		sum = sum.Add(g.Amount)
	}
	return sum
}

// KPIs reads the indicators of a period of so many days that ends with the day (0 means 90), for somebody who may read
// reports.
func (r *Receivables) KPIs(ctx context.Context, s Scope, days int) (KPIs, error) {
	p, days, err := r.period(ctx, s, days)
	if err != nil {
		return KPIs{}, err
	}
	before := p
	before.On = p.On.AddDate(0, 0, -days)
	out := KPIs{
		On: p.On, From: p.On.AddDate(0, 0, 1-days), BeforeOn: before.On, BeforeFrom: before.On.AddDate(0, 0, 1-days), Basis: p.Basis,
	}
	stood, err := r.standings(ctx, p, p.On, before.On, before.On.AddDate(0, 0, -days))
	if err != nil {
		return KPIs{}, fmt.Errorf("read indicators: %w", err)
	}
	var now, then *kpiSets
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() (err error) { now, err = r.kpiSets(inner, p, days, stood[0], stood[1]); return err })
	group.Go(func() (err error) { then, err = r.kpiSets(inner, before, days, stood[1], stood[2]); return err })
	if err := group.Wait(); err != nil {
		return KPIs{}, fmt.Errorf("read indicators: %w", err)
	}
	for _, cur := range now.currencies(then) {
		out.Sections = append(out.Sections, KPISection{Currency: cur, Now: now.set(cur), Before: then.set(cur)})
	}
	return out, nil
}

// kpiSets reads a period's figures, a set a currency, beside what was open at its end and the evening before it. The
// statements are independent of one another.
func (r *Receivables) kpiSets(ctx context.Context, p place, days int, now, then []standing) (*kpiSets, error) {
	sets := &kpiSets{p: p, days: days, from: p.On.AddDate(0, 0, 1-days), sets: map[money.Currency]*KPISet{}}
	dso, err := r.dsoOver(ctx, p, days, now, then)
	if err != nil {
		return nil, err
	}
	for _, section := range dso.Sections {
		k := sets.at(section.Currency)
		k.Standing, k.CountBack, k.True = section.Standing, section.CountBack, section.True
	}
	for _, section := range agingOf(p, figures.StandardBuckets(), now).Sections {
		sets.at(section.Currency).Aging = section
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(3)
	for _, read := range []func(context.Context, *kpiSets) error{
		r.readTerms, r.readSettled, r.readCycle, r.readErrors, r.readDisputes, r.readCredits, r.readCorrections, r.readWriteOffs,
		r.readErrorCauses, r.readBudget,
	} {
		group.Go(func() error { return read(inner, sets) })
	}
	return sets, group.Wait()
}
