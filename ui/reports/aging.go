package reports

import (
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing/figures"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
)

// agingView is the aging of one currency.
type agingView struct {
	frame
	Tiles     []tile
	Charts    []chart
	Ranges    []string
	Totals    []agingCell
	Whole     agingCell
	Rows      []agingRow
	Disputed  string
	Unapplied string
	NextURL   string
	Empty     bool
}

// agingCell is an amount of the table that opens its documents.
type agingCell struct {
	Text, Href string
	Zero       bool
}

// agingRow is one customer's line.
type agingRow struct {
	reports.AgingCustomer
	Href                string
	Open                agingCell
	Cells               []agingCell
	Disputed, Unapplied agingCell
}

// Aging is the receivable by age: GET /reports/aging.
func (s *Screen) Aging(c echo.Context) error {
	if done, err := s.download(c); done {
		return err
	}
	a, err := s.asked(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	aging, err := s.read.Aging(ctx, a.Scope, nil)
	if err != nil {
		return err
	}
	f, err := s.frame(c, a, currenciesOf(aging))
	if err != nil {
		return err
	}
	v := agingView{frame: f, Empty: len(aging.Sections) == 0}
	if !v.Empty {
		page, err := s.read.AgingCustomers(ctx, a.Scope, nil, reports.CustomerRows{Section: f.Section, After: c.QueryParam("after")})
		if err != nil {
			return err
		}
		v.fill(aging, page)
	}
	return s.show(c, i18n.T("Aging"), f, agingPage(v))
}

func currenciesOf(a reports.Aging) []money.Currency {
	var list []money.Currency
	for _, s := range a.Sections {
		list = append(list, s.Currency)
	}
	return list
}

func (v *agingView) fill(aging reports.Aging, page reports.AgingPage[reports.AgingCustomer]) {
	for _, section := range aging.Sections {
		if section.Currency == v.Section {
			v.figures(section)
			v.draw(section)
		}
	}
	for i := range aging.Buckets.Len() {
		v.Ranges = append(v.Ranges, aging.Buckets.Name(i))
	}
	for _, r := range page.Rows {
		row := agingRow{
			AgingCustomer: r, Href: "/customers/" + r.Account, Open: v.cell(r.Open, "customer", r.Account, "side", string(figures.OwedItem)),
			Disputed: v.cell(r.Disputed, "customer", r.Account, "disputed", "1"), Unapplied: v.cell(r.Unapplied, "customer", r.Account),
		}
		for i, part := range r.ByAge {
			row.Cells = append(row.Cells, v.cell(part, "customer", r.Account, "side", string(figures.OwedItem), "range", v.Ranges[i]))
		}
		v.Rows = append(v.Rows, row)
	}
	if page.Next != "" {
		v.NextURL = v.to("/reports/aging", "after", page.Next)
	}
}

// cell is an amount with the address of the documents behind it.
func (v *agingView) cell(amount decimal.Decimal, narrowed ...string) agingCell {
	if amount.IsZero() {
		return agingCell{Text: noFigure, Zero: true}
	}
	return agingCell{Text: v.amount(amount), Href: v.to("/reports/aging/items", narrowed...)}
}

func (v *agingView) figures(a figures.Ageing) {
	cash, credits := total(a.Unapplied.Cash), total(a.Unapplied.Credits)
	overdue := a.Receivable.Open.Sub(a.Current())
	owed := []string{"side", string(figures.OwedItem)}
	late := v.both(figures.Share, figures.Ratio(overdue, a.Receivable.Open))
	v.Tiles = []tile{
		v.tile(figures.Receivable, fig(a.Receivable.Open), i18n.F("{count} documents", "count", v.count(a.Receivable.Count)), v.to("/reports/aging/items", owed...)),
		v.tile(figures.CurrentShare, figures.Ratio(a.Current(), a.Receivable.Open), i18n.F("{amount} past due, {late}", "amount", v.amount(overdue), "late", late), v.to("/reports/aging/items", append(owed, "range", "not-due")...)),
		v.tile(figures.DisputedOpen, fig(a.Receivable.Disputed), i18n.F("{both} of it", "both", v.both(figures.Share, figures.Ratio(a.Receivable.Disputed, a.Receivable.Open))), v.to("/reports/aging/items", "disputed", "1")),
		v.tile(figures.UnappliedCash, fig(cash.Open), i18n.F("{count} payments", "count", v.count(cash.Count)), v.to("/reports/aging/items", "side", string(figures.CashItem))),
		v.tile(figures.UnappliedCredits, fig(credits.Open), i18n.F("{count} credits", "count", v.count(credits.Count)), v.to("/reports/aging/items", "side", string(figures.CreditItem))),
	}
	for _, part := range a.Owed {
		v.Totals = append(v.Totals, v.cell(part.Open, "side", string(figures.OwedItem), "range", part.Bucket))
	}
	v.Whole = v.cell(a.Receivable.Open, owed...)
	v.Disputed, v.Unapplied = v.amount(a.Receivable.Disputed), v.amount(cash.Open.Add(credits.Open))
}

func (v *agingView) draw(a figures.Ageing) {
	var names []string
	var clear, disputed, cash, credits []decimal.Decimal
	var words []string
	for i, part := range a.Owed {
		names = append(names, rangeWords(part.Bucket))
		clear, disputed = append(clear, part.Clear()), append(disputed, part.Disputed)
		cash, credits = append(cash, a.Unapplied.Cash[i].Open), append(credits, a.Unapplied.Credits[i].Open)
		words = append(words, rangeWords(part.Bucket)+" "+v.amount(part.Open))
	}
	ages := append([]string{"Today"}, names[1:]...)
	v.Charts = []chart{
		newChart(i18n.T("By age"), i18n.F("{section}, days past due", "section", string(v.Section)), i18n.F("Open by days past due: {words}", "words", strings.Join(words, "; ")), names, bars(i18n.T("Undisputed"), "open", clear), bars(i18n.T("In dispute"), "open", disputed)),
		newChart(i18n.T("Unapplied by age"), i18n.F("{section}, days since it came", "section", string(v.Section)), i18n.T("Unapplied cash and credits by age"), ages, bars(i18n.T("Cash"), "open", cash), bars(i18n.T("Credits"), "open", credits)),
	}
}

func total(list []figures.Aged) figures.Aged {
	var sum figures.Aged
	for _, a := range list {
		sum.Count += a.Count
		sum.Open = sum.Open.Add(a.Open)
	}
	return sum
}

func fig(v decimal.Decimal) figures.Figure { return decimal.NewNullDecimal(v) }
