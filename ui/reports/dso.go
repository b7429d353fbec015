package reports

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing/figures"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/ui/kit"
)

// dsoView is days sales outstanding of one currency.
type dsoView struct {
	frame
	From     string
	Tiles    []tile
	Sales    chart
	TrendURL string
	Sums     []sumRow
	Windows  []windowRow
	Months   []monthRow
	Empty    bool
}

type sumRow struct{ Title, Value, Definition, Href string }

type windowRow struct{ Days, Sales, DSO, BestPossible, Delinquent string }

// monthRow is a step of count-back: what is left of the receivable after the month's sales.
type monthRow struct {
	Month, Days, Sales, Left string
	Counted                  string
}

// DSO is days sales outstanding in all its forms: GET /reports/dso.
func (s *Screen) DSO(c echo.Context) error {
	if done, err := s.download(c); done {
		return err
	}
	a, err := s.asked(c)
	if err != nil {
		return err
	}
	dso, err := s.read.DSO(c.Request().Context(), a.Scope, a.Days)
	if err != nil {
		return err
	}
	var currencies []money.Currency
	for _, section := range dso.Sections {
		currencies = append(currencies, section.Currency)
	}
	f, err := s.frame(c, a, currencies)
	if err != nil {
		return err
	}
	f.WithPeriod = true
	v := dsoView{frame: f, From: f.day(dso.From), Empty: len(dso.Sections) == 0, TrendURL: f.to("/reports/dso/trend")}
	for _, section := range dso.Sections {
		if section.Currency == f.Section {
			v.fill(section)
		}
	}
	return s.show(c, i18n.T("DSO"), f, dsoPage(v))
}

func (v *dsoView) fill(s reports.DSOSection) {
	st := s.Standing
	back := v.day(v.On)
	if s.CountBack.AtLeast {
		back = i18n.T("at least: the receivable is more than all sales")
	}
	v.Tiles = []tile{
		v.tile(figures.DaysSales, st.DSO(), i18n.F("since {from}", "from", v.From), v.to(rowsPath(figures.DaysSales))),
		v.tile(figures.CountBackDays, s.CountBack.Days, back, "#count-back"),
		v.tile(figures.TrueDays, s.True, i18n.T("every invoice by its age"), v.to(rowsPath(figures.TrueDays))),
		v.tile(figures.BestPossibleDays, st.BestPossible(), i18n.T("if all paid when due"), v.to(rowsPath(figures.BestPossibleDays))),
		v.tile(figures.AverageDelinquent, st.DelinquentDays(), i18n.T("DSO less best possible"), v.to(rowsPath(figures.AverageDelinquent))),
	}
	sum := func(name figures.Name, value figures.Figure) {
		d, _ := figures.DefinitionOf(name)
		v.Sums = append(v.Sums, sumRow{v.say(d.TitleKey()), v.both(d.Unit, value), v.say(d.Key()), v.to(rowsPath(name))})
	}
	sum(figures.Receivable, fig(st.Receivable))
	sum(figures.CreditSales, fig(st.Sales))
	sum(figures.CurrentShare, st.CurrentShare())
	sum(figures.Effectiveness, st.Effectiveness())
	sum(figures.TurnoverRate, st.Turnover())
	for _, w := range s.Windows {
		v.Windows = append(v.Windows, windowRow{
			Days: v.count(w.Days), Sales: v.amount(w.Standing.Sales), DSO: v.both(figures.InDays, w.Standing.DSO()),
			BestPossible: v.both(figures.InDays, w.Standing.BestPossible()), Delinquent: v.both(figures.InDays, w.Standing.DelinquentDays()),
		})
	}
	v.countBack(s)
	v.draw(s)
}

// countBack lists the months that the count went through, as it took them from the receivable.
func (v *dsoView) countBack(s reports.DSOSection) {
	left := s.Standing.Receivable
	for _, m := range s.Months {
		if !left.IsPositive() {
			return
		}
		row := monthRow{Month: kit.FormatMonthInTable(m.Month, v.Lang), Days: v.count(m.Days), Sales: v.amount(m.Sales), Counted: v.count(m.Days)}
		if m.Sales.GreaterThan(left) {
			row.Counted = v.decimal(left.Mul(decimal.NewFromInt(int64(m.Days))).Div(m.Sales))
			left = decimal.Zero
		} else {
			left = left.Sub(decimal.Max(m.Sales, decimal.Zero))
		}
		row.Left = v.amount(left)
		v.Months = append(v.Months, row)
	}
}

const monthsShown = 12

func (v *dsoView) draw(s reports.DSOSection) {
	months := slices.Clone(s.Months[:min(monthsShown, len(s.Months))])
	slices.Reverse(months)
	var names []string
	var sums []decimal.Decimal
	for _, m := range months {
		names, sums = append(names, kit.FormatShortMonth(m.Month, v.Lang)), append(sums, m.Sales)
	}
	v.Sales = newChart(i18n.T("Credit sales"), i18n.F("{section} a month", "section", string(v.Section)), i18n.T("Credit sales by month"), names, bars(i18n.T("Sales"), "", sums))
}

// Trend is how DSO moved over the months, a part of the page that comes after it: GET /reports/dso/trend.
func (s *Screen) Trend(c echo.Context) error {
	a, err := s.asked(c)
	if err != nil {
		return err
	}
	points, err := s.read.DSOTrend(c.Request().Context(), a.Scope, a.Section, monthsShown)
	if err != nil {
		return err
	}
	var names []string
	var dso, best, back []figures.Figure
	for _, p := range points {
		names = append(names, kit.FormatDate(p.On, time.UTC, s.desk.Lang(c)))
		dso, best, back = append(dso, p.DSO), append(best, p.BestPossible), append(back, p.CountBack.Days)
	}
	return s.desk.Fragment(c, http.StatusOK, chartCard(newChart(i18n.T("DSO at the end of each month"), i18n.T("days, over 90 days of sales"),
		i18n.T("DSO, best possible DSO and count-back DSO at the end of each month"), names, line(i18n.T("DSO"), dso), line(i18n.T("Best possible"), best), line(i18n.T("Count-back"), back))))
}
