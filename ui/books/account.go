package books

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing/ledger"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

const monthFormat = "2006-01"

// accountView is an account of the ledger in one month.
type accountView struct {
	reports.LedgerFile
	Reader                 reader
	Title, MonthText       string
	MonthField             string
	Before, After, NextURL string
	FirstURL               string // "" on the first page
	Carried                string
	Extracts               []extractLink
	Chart                  []chartRow
	Rows                   []lineRow
	Sums                   []sumRow
}

// extractLink brings the month's journal or credit memos as a file.
type extractLink struct{ Text, Title, Href string }

func extractLinks(entity string, month time.Time) []extractLink {
	href := func(what string) string {
		return "/books/extracts/" + url.PathEscape(entity) + "/" + what + "?month=" + month.Format(monthFormat)
	}
	return []extractLink{
		{i18n.T("Journal"), i18n.T("The whole journal of the month as CSV, for another ledger"), href(reports.JournalExtract)},
		{i18n.T("Credit memos"), i18n.T("The credit memos issued in the month as CSV, for NetSuite"), href(reports.MemosExtract)},
	}
}

type chartRow struct {
	Code, Name, Href string
	Current          bool
}

type lineRow struct {
	Day, What, Number, Href string
	Dated                   string
	Customer, CustomerHref  string
	Debit, Credit, Currency string
	BaseDebit, BaseCredit   string
	Balance                 string
}

type sumRow struct{ Currency, Opening, Debit, Credit, Closing string }

// Account shows an account of the ledger: GET /books/ledger/:entity/:account?month=2026-05, the month we are in without.
func (s *Screen) Account(c echo.Context) error {
	month := s.desk.Clock()
	if text := c.QueryParam("month"); text != "" {
		var err error
		if month, err = time.Parse(monthFormat, text); err != nil {
			return errs.InvalidField("month", "error.not_a_month", "text", text)
		}
	}
	q := reports.LedgerQuery{Entity: c.Param("entity"), Account: ledger.Account(c.Param("account")), Month: month, After: c.QueryParam("after")}
	f, err := s.books.Ledger(c.Request().Context(), q, web.Actor(c))
	if err != nil {
		return err
	}
	v := s.reader(c).account(f, q.After)
	return s.desk.Page(c, http.StatusOK, desk.View{
		Title: v.Title, Active: "books", BodyClass: "page-account",
		Crumbs: []layout.Crumb{{Text: f.Entity.Name}, {Text: v.Title}},
	}, accountPage(v))
}

// accountHref is where an account's month is told.
func accountHref(entity string, account ledger.Account, month time.Time) string {
	return "/books/ledger/" + url.PathEscape(entity) + "/" + url.PathEscape(string(account)) + "?month=" + month.Format(monthFormat)
}

func (r reader) account(f reports.LedgerFile, after string) accountView {
	here := accountHref(f.Entity.Code, f.Role, f.Month)
	v := accountView{
		LedgerFile: f, Reader: r, Title: f.Code + " " + f.Name, MonthText: kit.FormatMonth(f.Month, r.Lang), MonthField: f.Month.Format(monthFormat),
		Before: accountHref(f.Entity.Code, f.Role, f.Month.AddDate(0, -1, 0)), After: accountHref(f.Entity.Code, f.Role, f.Month.AddDate(0, 1, 0)),
	}
	v.Extracts = extractLinks(f.Entity.Code, f.Month)
	if f.Next != "" {
		v.NextURL = here + "&after=" + url.QueryEscape(f.Next)
	}
	if after != "" {
		v.FirstURL, v.Carried = here, r.number(f.Base(f.Total.BaseOpening.Add(f.Total.Carried)))
	}
	for _, a := range f.Chart {
		v.Chart = append(v.Chart, chartRow{Code: a.Code, Name: a.Name, Href: accountHref(f.Entity.Code, a.Role, f.Month), Current: a.Role == f.Role})
	}
	for _, l := range f.Lines {
		v.Rows = append(v.Rows, r.line(f, l))
	}
	for _, s := range f.Sums {
		amount := func(a money.Amount) string { return r.number(a) }
		v.Sums = append(v.Sums, sumRow{
			string(s.Currency), amount(money.Of(s.Opening, s.Currency)), amount(money.Of(s.Debit, s.Currency)), amount(money.Of(s.Credit, s.Currency)),
			amount(money.Of(s.Closing, s.Currency)),
		})
	}
	return v
}

func (r reader) line(f reports.LedgerFile, l reports.AccountLine) lineRow {
	row := lineRow{
		Day: r.day(l.BookedOn), What: desk.Coded(string(l.DocumentKind)), Number: l.DocumentNumber, Href: documentHref(string(l.DocumentKind), l.DocumentNumber),
		Customer: l.CustomerName, CustomerHref: "/customers/" + url.PathEscape(l.Account), Balance: r.number(f.Base(l.Balance)), Currency: string(l.Currency),
	}
	switch {
	case l.DocumentKind == ledger.Allocation && l.Reversal:
		row.What = i18n.T("Application taken back")
	case l.DocumentKind == ledger.Allocation:
		row.What = i18n.T("Applied")
	case l.Reversal:
		row.What += i18n.T(", taken back")
	}
	if !l.DatedOn.Equal(l.BookedOn) {
		row.Dated = r.day(l.DatedOn)
	}
	if l.Amount.IsNegative() {
		row.Credit = r.number(money.Of(l.Amount.Neg(), l.Currency))
	} else if l.Amount.IsPositive() {
		row.Debit = r.number(l.AmountOf())
	}
	if l.BaseAmount.IsNegative() {
		row.BaseCredit = r.number(f.Base(l.BaseAmount.Neg()))
	} else if l.BaseAmount.IsPositive() {
		row.BaseDebit = r.number(f.Base(l.BaseAmount))
	}
	return row
}

// Document goes to where a document is told: GET /documents/:number.
func (s *Screen) Document(c echo.Context) error {
	p, err := s.books.Place(c.Request().Context(), c.Param("number"), web.Actor(c))
	if err != nil {
		return err
	}
	href := documentHref(p.Kind, p.Number)
	if p.Kind == "request" {
		href = requestHref(p.RequestID)
	}
	return c.Redirect(http.StatusSeeOther, href)
}
