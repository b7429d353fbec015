package reports

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"makegood/billing/figures"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// ErrBadPeriod is returned for a period of no days, or of more than ten years.
var ErrBadPeriod = errs.New(errs.Invalid, "reports.bad_period")

const (
	daysShown  = 90
	daysAtMost = 3660
)

// DSO is days sales outstanding in all its forms as of a day, one section a currency. From is the first day of the
// period.
type DSO struct {
	On       time.Time
	From     time.Time
	Basis    Basis
	Sections []DSOSection
}

// DSOSection is one currency's. Standing holds the sums of the period, from which its ratios are taken.
type DSOSection struct {
	Currency  money.Currency
	Standing  figures.Standing
	Windows   []DSOWindow
	CountBack figures.CountBack
	True      figures.Figure
	Months    []figures.MonthSales // the newest first
}

// DSOWindow is the DSO over the sales of so many days.
type DSOWindow struct {
	Days     int
	Standing figures.Standing
}

// DSO reads days sales outstanding as of a day over a period of so many days that ends with it (0 means 90), for
// somebody who may read reports.
func (r *Receivables) DSO(ctx context.Context, s Scope, days int) (DSO, error) {
	p, days, err := r.period(ctx, s, days)
	if err != nil {
		return DSO{}, err
	}
	stood, err := r.standings(ctx, p, p.On, p.On.AddDate(0, 0, -days))
	if err != nil {
		return DSO{}, fmt.Errorf("read dso: %w", err)
	}
	return r.dsoOver(ctx, p, days, stood[0], stood[1])
}

// standings reads what was open on several days at once.
func (r *Receivables) standings(ctx context.Context, p place, days ...time.Time) ([][]standing, error) {
	stood := make([][]standing, len(days))
	group, inner := errgroup.WithContext(ctx)
	for i, on := range days {
		at := p
		at.On = on
		group.Go(func() (err error) { stood[i], err = r.standing(inner, at, figures.StandardBuckets()); return err })
	}
	return stood, group.Wait()
}

// dsoOver works DSO out from what was open at the end of the period and the evening before it.
func (r *Receivables) dsoOver(ctx context.Context, p place, days int, now, then []standing) (DSO, error) {
	out := DSO{On: p.On, From: p.On.AddDate(0, 0, 1-days), Basis: p.Basis}
	before := p
	before.On = p.On.AddDate(0, 0, -days)
	sales, err := r.sales(ctx, p, salesFrom(p.On, days, now))
	if err != nil {
		return DSO{}, err
	}
	stood := agingOf(p, figures.StandardBuckets(), now)
	opening := agingOf(before, figures.StandardBuckets(), then)
	for _, cur := range currenciesOf(stood, opening, sales) {
		section, err := dsoOf(cur, p.On, days, dsoInputs{stood: stood, opening: opening, parts: now, sales: sales[cur]})
		if err != nil {
			return DSO{}, err
		}
		out.Sections = append(out.Sections, section)
	}
	return out, nil
}

// period settles a scope and the length of its period.
func (r *Receivables) period(ctx context.Context, s Scope, days int) (place, int, error) {
	if days == 0 {
		days = daysShown
	}
	if days < 1 || days > daysAtMost {
		return place{}, 0, errs.InvalidField("days", ErrBadPeriod.Key)
	}
	p, err := r.settle(ctx, s)
	return p, days, err
}

// dsoInputs is what one currency's DSO is made of; the agings and parts are of all currencies.
type dsoInputs struct {
	stood, opening Aging
	parts          []standing
	sales          []figures.Sale
}

func dsoOf(cur money.Currency, on time.Time, days int, in dsoInputs) (DSOSection, error) {
	section := DSOSection{Currency: cur}
	window := func(days int) (figures.Standing, error) {
		sales, err := figures.SalesBetween(cur, on.AddDate(0, 0, 1-days), on, in.sales)
		stood := in.stood.section(cur)
		return figures.Standing{
			Receivable: stood.Receivable.Open, Current: stood.Current(), Sales: sales, Days: days, Months: (days + 15) / 30,
		}, err
	}
	var err error
	if section.Standing, err = window(days); err != nil {
		return section, err
	}
	section.Standing.Opening = in.opening.section(cur).Receivable.Open
	for _, length := range []int{30, 90, 365} {
		standing, err := window(length)
		if err != nil {
			return section, err
		}
		section.Windows = append(section.Windows, DSOWindow{length, standing})
	}
	if section.Months, err = figures.SalesByMonth(cur, on, in.sales); err != nil {
		return section, err
	}
	section.CountBack = figures.CountBackDSO(section.Standing.Receivable, section.Months)
	section.True = figures.TrueDSOByMonth(openMonths(cur, in.parts, section.Months))
	return section, nil
}

// openMonths puts what is open of each month of issue beside the sales of that month.
func openMonths(cur money.Currency, parts []standing, months []figures.MonthSales) []figures.OpenMonth {
	open := map[time.Time]figures.OpenMonth{}
	for _, part := range parts {
		if part.Currency == cur && part.Side == figures.OwedItem {
			month := open[part.Month]
			month.AmountDays = month.AmountDays.Add(part.AmountDays)
			open[part.Month] = month
		}
	}
	list := make([]figures.OpenMonth, 0, len(open))
	for _, m := range months {
		if month, there := open[m.Month]; there {
			list = append(list, figures.OpenMonth{AmountDays: month.AmountDays, Sales: m.Sales})
			delete(open, m.Month)
		}
	}
	for _, month := range open { // without sales: no figure
		list = append(list, month)
	}
	return list
}

func (a Aging) section(cur money.Currency) figures.Ageing {
	for _, s := range a.Sections {
		if s.Currency == cur {
			return s
		}
	}
	return figures.NewAgeing(cur, a.On, a.Buckets)
}

// salesFrom is the first day whose sales are needed: those of a year and of the period, and those of every month of
// which something is open.
func salesFrom(on time.Time, days int, parts []standing) time.Time {
	from := on.AddDate(0, 0, -max(days, 365))
	for _, part := range parts {
		if part.Side == figures.OwedItem && part.Month.Before(from) {
			from = part.Month
		}
	}
	return time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// sales reads what was invoiced on each day up to the day asked for, by currency. Invoices and debit memos count with
// tax, as the receivable does; one that was taken back by the day does not.
func (r *Receivables) sales(ctx context.Context, p place, from time.Time) (map[money.Currency][]figures.Sale, error) {
	list, err := db.List[figures.Sale](ctx, r.db, `select case when $3 then e.base_currency else i.currency end as currency, i.issued_on as on,
			sum(case when $3 then round(i.total * i.fx_rate, p.digits) else i.total end) as amount
		from invoices i join unnest($5::bigint[], $6::int[]) as p(entity_id, digits) on p.entity_id = i.entity_id
		join legal_entities e on e.id = i.entity_id
		where i.issued_on between $7 and $1 and`+standingBill+`and`+inScope+`
		group by 1, 2 order by 1, 2`, p.args(from)...)
	if err != nil {
		return nil, fmt.Errorf("read sales: %w", err)
	}
	byCurrency := map[money.Currency][]figures.Sale{}
	for _, s := range list {
		byCurrency[s.Currency] = append(byCurrency[s.Currency], s)
	}
	return byCurrency, nil
}

// soldUntil is a bill that was taken back on a day: it is a sale of the days before.
type soldUntil struct {
	figures.Sale

	Until time.Time
}

// takenBack reads the bills of one section that were taken back by the day asked for.
func (r *Receivables) takenBack(ctx context.Context, p place, from time.Time, section money.Currency) ([]soldUntil, error) {
	list, err := db.List[soldUntil](ctx, r.db, `select c.currency, i.issued_on as on, round(i.total * c.rate, c.digits) as amount, z.allocated_on as until
		from allocations z join invoices i on i.id = z.invoice_id`+ofInvoice+`
		where z.source_kind = 'reversal' and z.allocated_on between $7 and $1 and c.currency = $8 and`+inScope, p.args(from, string(section))...)
	if err != nil {
		return nil, fmt.Errorf("read what was taken back: %w", err)
	}
	return list, nil
}

// asOf adds to sales those that still were on a day.
func asOf(on time.Time, sales []figures.Sale, gone []soldUntil) []figures.Sale {
	for _, s := range gone {
		if s.Until.After(on) {
			sales = append(slices.Clip(sales), s.Sale)
		}
	}
	return sales
}

// currenciesOf lists every currency with a receivable or sales, in the order of their codes.
func currenciesOf(stood, opening Aging, sales map[money.Currency][]figures.Sale) []money.Currency {
	found := map[money.Currency]bool{}
	for _, aging := range []Aging{stood, opening} {
		for _, s := range aging.Sections {
			found[s.Currency] = true
		}
	}
	for cur := range sales {
		found[cur] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// DSOPoint is DSO at the end of one month, over the 90 days before it.
type DSOPoint struct {
	On           time.Time
	DSO          figures.Figure
	BestPossible figures.Figure
	CountBack    figures.CountBack
}

// DSOTrend reads one currency's DSO at the ends of the months before a day and on the day itself, the earliest first.
func (r *Receivables) DSOTrend(ctx context.Context, s Scope, section money.Currency, months int) ([]DSOPoint, error) {
	p, err := r.settle(ctx, s)
	if err != nil {
		return nil, err
	}
	months = max(1, min(months, 24))
	days := make([]time.Time, months+1)
	for i := range days {
		days[i] = time.Date(p.On.Year(), p.On.Month()-time.Month(months-i)+1, 0, 0, 0, 0, 0, time.UTC)
	}
	days[months] = p.On
	sales, err := r.sales(ctx, p, days[0].AddDate(-1, 0, 0))
	if err != nil {
		return nil, err
	}
	gone, err := r.takenBack(ctx, p, days[0], section)
	if err != nil {
		return nil, err
	}
	points := make([]DSOPoint, len(days))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for i, on := range days {
		group.Go(func() error {
			at := p
			at.On = on
			parts, err := r.standing(inner, at, figures.StandardBuckets())
			if err != nil {
				return err
			}
			sold := asOf(on, sales[section], gone)
			if p.Basis == KnownThen { // of each point only what was posted by then
				known, err := r.sales(inner, at, on.AddDate(-1, 0, 0))
				if err != nil {
					return err
				}
				sold = known[section]
			}
			section, err := dsoOf(section, on, daysShown, dsoInputs{stood: agingOf(at, figures.StandardBuckets(), parts), parts: parts, sales: sold})
			points[i] = DSOPoint{On: on, DSO: section.Standing.DSO(), BestPossible: section.Standing.BestPossible(), CountBack: section.CountBack}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("read trend of dso: %w", err)
	}
	return points, nil
}
