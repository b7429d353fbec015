package reports

import (
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing/figures"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// rowsPath is the page with the rows of a figure.
func rowsPath(name figures.Name) string { return "/reports/kpis/" + url.PathEscape(string(name)) }

func orDash(tag string) string {
	if tag == "" {
		return reports.NothingNamed
	}
	return tag
}

// rowsView is a page of what a figure counts.
type rowsView struct {
	frame
	Title, Definition string
	Sets              []kit.Segment
	Chips             []kit.ChipView
	Heads             rowHeads
	Rows              []figureRow
	NextURL, Back     string
}

// rowHeads name the columns of a set; "" where it has none.
type rowHeads struct{ On, Amount, Part, Days, Late, Hours, Tag string }

type figureRow struct {
	Number, Href, What, Customer, CustomerHref, Entity, On, Due string
	Amount, Part, Days, Late, Hours, Tag                        string
}

// headsOf says what the numbers of a set are; its name is the message reports.set.<set>.
func headsOf(set reports.RowSet, by reports.Tagged) rowHeads {
	switch set {
	case reports.OpenRows, reports.OpeningRows:
		return rowHeads{On: i18n.T("Dated"), Amount: i18n.T("Open"), Part: i18n.T("Not due"), Days: i18n.T("Days past due")}
	case reports.DisputedRows:
		return rowHeads{On: i18n.T("Dated"), Amount: i18n.T("Open"), Part: i18n.T("In dispute"), Days: i18n.T("Days past due")}
	case reports.CashRows, reports.CreditRows:
		return rowHeads{On: i18n.T("Came"), Amount: i18n.T("Unapplied"), Days: i18n.T("Days since")}
	case reports.IssuedRows, reports.WrongRows:
		return rowHeads{On: i18n.T("Issued"), Amount: i18n.T("Total"), Part: i18n.T("Credited for errors")}
	case reports.TermsRows:
		return rowHeads{On: i18n.T("Due"), Amount: i18n.T("Was due"), Part: i18n.T("Paid in time"), Tag: i18n.T("Dispute")}
	case reports.SettledRows:
		return rowHeads{On: i18n.T("Settled"), Amount: i18n.T("Total"), Days: i18n.T("Days to settle"), Late: i18n.T("Days late")}
	case reports.CycleRows:
		return rowHeads{On: i18n.T("Issued"), Amount: i18n.T("Total"), Days: i18n.T("Days after the period")}
	case reports.WrittenOffRows:
		return rowHeads{On: i18n.T("On"), Amount: i18n.T("Written off"), Part: i18n.T("Recovered"), Tag: i18n.T("Invoice")}
	case reports.DisputesRows, reports.DisputesOpenRows:
		return rowHeads{On: i18n.T("Opened"), Amount: i18n.T("Contested"), Tag: i18n.T("State")}
	case reports.DecidedRows:
		return rowHeads{On: i18n.In("dispute", "Decided"), Amount: i18n.T("Contested"), Part: i18n.T("Rejected"), Hours: i18n.T("Hours"), Tag: i18n.T("State")}
	case reports.MemoRows:
		return rowHeads{On: i18n.T("Posted"), Amount: i18n.T("Total"), Tag: map[reports.Tagged]string{reports.ByReason: i18n.T("Reason"), reports.ByApprover: i18n.T("Decided last by"), reports.ByRootCause: i18n.T("Root cause")}[by]}
	case reports.BudgetRows:
		return rowHeads{On: i18n.T("Posted"), Amount: i18n.T("Given"), Tag: i18n.T("Team")}
	case reports.SalesRows, reports.CorrectionRows:
	}
	return rowHeads{On: i18n.T("Issued"), Amount: i18n.T("Total")}
}

// Rows lists what a figure counts: GET /reports/kpis/:figure.
func (s *Screen) Rows(c echo.Context) error {
	a, err := s.asked(c)
	if err != nil {
		return err
	}
	name := figures.Name(c.Param("figure"))
	def, known := figures.DefinitionOf(name)
	if !known {
		return errs.New(reports.ErrNoFigure.Kind, reports.ErrNoFigure.Key, "figure", string(name))
	}
	if done, err := s.download(c); done {
		return err
	}
	wanted := question(c).FigureRows(a.Days)
	page, err := s.read.FigureRows(c.Request().Context(), a.Scope, wanted)
	if err != nil {
		return err
	}
	f, err := s.frame(c, a, nil)
	if err != nil {
		return err
	}
	f.WithPeriod = true
	v := rowsView{frame: f, Title: f.say(def.TitleKey()), Definition: f.say(def.Key()), Heads: headsOf(wanted.Set, wanted.By), Back: f.to("/reports/kpis") + "#figure-" + string(name)}
	v.narrowed(wanted, reports.SetsOf(name))
	for _, row := range page.Rows {
		v.Rows = append(v.Rows, v.row(row))
	}
	if page.Next != "" {
		v.NextURL = v.here(wanted, "after", page.Next)
	}
	return s.show(c, v.Title, f, rowsPage(v))
}

// here is this list with the same narrowing and a change.
func (v *rowsView) here(w reports.FigureRows, changes ...string) string {
	tag := ""
	if w.Tag != nil {
		tag = orDash(*w.Tag)
	}
	kept := []string{"set", string(w.Set), "by", string(w.By), "tag", tag}
	return v.to(rowsPath(w.Figure), append(kept, changes...)...)
}

// narrowed shows which of the figure's lists it is, and what it is narrowed to.
func (v *rowsView) narrowed(w reports.FigureRows, sets []reports.RowSet) {
	if len(sets) > 1 {
		for _, set := range sets {
			v.Sets = append(v.Sets, kit.Segment{Text: v.say("reports.set." + string(set)), Href: v.here(w, "set", string(set), "by", "", "tag", ""), Current: set == w.Set})
		}
	}
	if w.Section != "" {
		v.Chips = append(v.Chips, kit.ChipView{Name: i18n.T("currency"), Value: string(w.Section), RemoveURL: v.here(w, "section", "")})
	}
	if w.Tag != nil {
		value := desk.Coded(*w.Tag)
		if value == "" {
			value = i18n.T("none named")
		}
		name := i18n.Lower(desk.Coded(string(w.By)))
		if name == "" {
			name = i18n.T("only")
		}
		v.Chips = append(v.Chips, kit.ChipView{Name: name, Value: value, RemoveURL: v.here(w, "tag", "", "by", "")})
	}
}

func (v *rowsView) row(r reports.FigureRow) figureRow {
	amount := func(d decimal.Decimal) string { return kit.FormatNumber(money.Of(d, r.Currency), v.Lang) }
	row := figureRow{
		Number: r.Number, What: desk.Coded(r.Kind), Customer: r.CustomerName, CustomerHref: "/customers/" + url.PathEscape(r.Account), Entity: r.EntityCode,
		On: v.day(r.On), Amount: kit.FormatMoney(money.Of(r.Amount, r.Currency), v.Lang), Part: amount(r.Part), Tag: desk.Coded(r.Tag),
	}
	if r.DueOn != nil {
		row.Due = v.day(*r.DueOn)
	}
	if r.Days != nil {
		row.Days = v.count(*r.Days)
	}
	if r.Late != nil {
		row.Late = v.count(*r.Late)
	}
	if r.Seconds != nil {
		row.Hours = kit.ClockText(time.Duration(*r.Seconds) * time.Second)
	}
	switch number := url.PathEscape(r.Number); r.Kind {
	case "invoice", "debit_memo":
		row.Href = "/invoices/" + number
	case "dispute":
		row.Href = "/cases/" + number
	case "request":
		row.Href = "/approvals/" + strings.TrimLeft(strings.TrimPrefix(number, "CR-"), "0")
	default:
		row.Href = "/documents/" + number
	}
	if r.Kind == "write_off" {
		row.Tag = r.Tag
	}
	return row
}
