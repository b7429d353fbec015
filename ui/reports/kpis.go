package reports

import (
	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing/figures"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// kpisView is the indicators of one currency.
type kpisView struct {
	frame
	Period, Before string
	Tiles          []tile
	Charts         []chart
	Rows           []kpiRow
	Credits        []creditTable
	Empty          bool
}

type kpiRow struct{ ID, Title, Definition, Value, Before, Change, Tone, Href string }

type creditTable struct {
	Title, Heading, Counted string
	Rows                    []creditRow
}

type creditRow struct {
	By, Count, Amount, Share, Billed, Href string
	Percent                                int
}

// KPIs are the indicators of a period: GET /reports/kpis.
func (s *Screen) KPIs(c echo.Context) error {
	if done, err := s.download(c); done {
		return err
	}
	a, err := s.asked(c)
	if err != nil {
		return err
	}
	kpis, err := s.read.KPIs(c.Request().Context(), a.Scope, a.Days)
	if err != nil {
		return err
	}
	var currencies []money.Currency
	for _, section := range kpis.Sections {
		currencies = append(currencies, section.Currency)
	}
	f, err := s.frame(c, a, currencies)
	if err != nil {
		return err
	}
	f.WithPeriod = true
	v := kpisView{
		frame: f, Period: i18n.F("{day} to {day_2}", "day", f.day(kpis.From), "day_2", f.day(kpis.On)), Before: i18n.F("{day} to {day_2}", "day", f.day(kpis.BeforeFrom), "day_2", f.day(kpis.BeforeOn)), Empty: len(kpis.Sections) == 0,
	}
	for _, section := range kpis.Sections {
		if section.Currency == f.Section {
			v.fill(section)
		}
	}
	return s.show(c, i18n.T("Indicators"), f, kpisPage(v))
}

// headline are the figures that stand at the head of the page.
func headline() []figures.Name {
	return []figures.Name{figures.PaidInTermsValue, figures.DaysLate, figures.InvoiceErrors, figures.DisputeTime, figures.Credits}
}

func (v *kpisView) fill(s reports.KPISection) {
	before := s.Before.Values()
	tiles := map[figures.Name]tile{}
	for i, now := range s.Now.Values() {
		then := before[i]
		change, tone := v.change(now.Definition, now.Value, then.Value)
		v.Rows = append(v.Rows, kpiRow{
			ID: string(now.Name), Title: v.say(now.TitleKey()), Definition: v.say(now.Key()), Value: v.both(now.Unit, now.Value), Before: v.both(then.Unit, then.Value),
			Change: change, Tone: tone, Href: v.to(rowsPath(now.Name)),
		})
		one := v.tile(now.Name, now.Value, i18n.F("{both} before", "both", v.both(then.Unit, then.Value)), v.to(rowsPath(now.Name)))
		one.Change, one.Tone = change, tone
		tiles[now.Name] = one
	}
	for _, name := range headline() {
		v.Tiles = append(v.Tiles, tiles[name])
	}
	v.Credits = []creditTable{
		v.credits(i18n.T("Kind"), reports.ByKind, s.Now.Credits.Kind), v.credits(i18n.T("Reason"), reports.ByReason, s.Now.Credits.Reason),
		v.credits(i18n.T("Decided last by"), reports.ByApprover, s.Now.Credits.Approver), v.credits(i18n.T("Root cause"), reports.ByRootCause, s.Now.Credits.Cause),
		v.causes(s.Now.ErrorCauses),
	}
	v.draw(s.Now)
}

// causes are the period's wrong invoices by root cause.
func (v *kpisView) causes(groups []figures.CreditGroup) creditTable {
	t := v.credits(i18n.T("Root cause"), "", groups)
	t.Heading, t.Counted = i18n.T("Wrong invoices by root cause"), i18n.T("Invoices")
	for i := range t.Rows {
		t.Rows[i].Href = v.to(rowsPath(figures.InvoiceErrors))
	}
	return t
}

func (v *kpisView) credits(title string, way reports.Tagged, groups []figures.CreditGroup) creditTable {
	t := creditTable{Title: title, Heading: i18n.F("Credits by {title}", "title", i18n.Lower(title)), Counted: i18n.T("Credits")}
	if way == reports.ByApprover {
		t.Heading = i18n.T("Credits by who decided last")
	}
	for _, g := range groups {
		by := g.By
		if by == "" {
			by = i18n.T("None named")
			if way == reports.ByApprover {
				by = i18n.T("Nobody: imported")
			}
		}
		t.Rows = append(t.Rows, creditRow{
			By: desk.Coded(by), Count: v.count(g.Count), Amount: v.amount(g.Amount), Share: v.both(figures.Share, g.Share), Billed: v.both(figures.Share, g.Ratio),
			Percent: percent(g.Amount, groups[0].Amount), Href: v.to(rowsPath(figures.Credits), "by", string(way), "tag", orDash(g.By)),
		})
	}
	return t
}

func (v *kpisView) draw(k reports.KPISet) {
	var months []string
	var rates []figures.Figure
	bands := make([][]decimal.Decimal, len(reports.SeverityBands())+1)
	for _, e := range k.Errors {
		months = append(months, kit.FormatShortMonth(e.Month, v.Lang))
		rate := e.Rate()
		if rate.Valid {
			rate.Decimal = rate.Decimal.Shift(2)
		}
		rates = append(rates, rate)
		for i, n := range e.BySeverity {
			bands[i] = append(bands[i], decimal.NewFromInt(int64(n)))
		}
	}
	names := []string{i18n.T("To 100"), i18n.T("To 1,000"), i18n.T("To 10,000"), i18n.T("Above")}
	var severity []series
	for i, list := range bands {
		severity = append(severity, bars(names[i], "wrong", list))
	}
	v.Charts = []chart{
		newChart(i18n.T("Invoice error rate"), i18n.T("% by month of issue"), i18n.T("Invoice error rate by month of issue"), months, line(i18n.T("Wrong"), rates)),
		newChart(i18n.T("Wrong invoices"), i18n.F("by the amount credited, {section}", "section", string(v.Section)), i18n.T("Wrong invoices by month and severity"), months, severity...),
	}
}
