package books

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/dunning"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// statementView is a statement of account.
type statementView struct {
	reports.StatementFile
	Reader           reader
	Href             string
	FromText, ToText string // for the fields
	KnownText        string
	PDF              string // address of the same as PDF
	Mail             string // where it is sent by mail; "" for whom may not, and as it was known then
	Errors           map[string]string
	Currencies       []kit.Segment
	Rows             []statementRow
	Items            []itemRow
	Asked            dunning.Asked
	Pay              money.Amount // of Asked: now
}

type statementRow struct {
	Day, What, Number, Href, Refers, RefersHref string
	Charge, Credit                              string
	Balance                                     string
}

type itemRow struct {
	What, Number, Href, Due string
	Overdue                 bool
	Open, Held, Pay         string
	Disputed                bool
}

// Statement shows a statement of account: GET /customers/:account/statement?from=2026-01-01&to=2026-03-31&currency=EUR;
// the last three months and the customer's own currency without them. With known_on it is as it was known that evening.
func (s *Screen) Statement(c echo.Context) error {
	q, wrong, err := s.statementQuery(c)
	if err != nil {
		return err
	}
	f, err := s.books.Statement(c.Request().Context(), q, web.Actor(c))
	if err != nil {
		return err
	}
	v := s.reader(c).statement(f)
	v.Errors = s.desk.FieldErrors(c, errs.InvalidFields(wrong...))
	v.FromText, v.ToText = f.From.Format(time.DateOnly), f.To.Format(time.DateOnly)
	if !q.KnownOn.IsZero() {
		v.KnownText = q.KnownOn.Format(time.DateOnly)
	}
	v.PDF = v.Href + ".pdf?" + url.Values{"from": {v.FromText}, "to": {v.ToText}, "known_on": {v.KnownText}, "currency": {string(f.Currency)}}.Encode()
	if q.KnownOn.IsZero() && access.Can(web.Actor(c), access.SendStatements, access.Object{EntityID: int64(f.Entity.ID)}) == nil {
		v.Mail = v.Href + "/mail?" + url.Values{"from": {v.FromText}, "to": {v.ToText}, "currency": {string(f.Currency)}}.Encode()
	}
	status := http.StatusOK
	if len(wrong) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.desk.Page(c, status, desk.View{
		Title: i18n.F("Statement of {name}", "name", f.Customer.Name), Active: "books", BodyClass: "page-statement",
		Crumbs: []layout.Crumb{{Text: i18n.T("Customers"), Href: "/customers"}, {Text: f.Customer.Name, Href: "/customers/" + url.PathEscape(f.Customer.Account)}, {Text: i18n.T("Statement")}},
	}, statementPage(v))
}

// StatementPDF sends the same as PDF: GET /customers/:account/statement.pdf, in the customer's language or that of
// ?language=. What is sent is kept; its ETag is its hash.
func (s *Screen) StatementPDF(c echo.Context) error {
	q, wrong, err := s.statementQuery(c)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	kept, content, err := s.books.StatementPDF(c.Request().Context(), q, c.QueryParam("language"), web.Actor(c))
	if err != nil {
		return err
	}
	c.Response().Header().Set("ETag", `"`+hex.EncodeToString(kept.SHA256)+`"`)
	return web.Download(c, kept.Filename(q.Account), billing.PDF, content)
}

// KeptStatement sends a statement as it was handed out: GET /customers/:account/statements/:id/pdf.
func (s *Screen) KeptStatement(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return billing.ErrNoStatement
	}
	doc, err := s.books.KeptStatement(c.Request().Context(), c.Param("account"), billing.KeptStatementID(id), web.Actor(c))
	if err != nil {
		return err
	}
	c.Response().Header().Set("ETag", `"`+hex.EncodeToString(doc.SHA256)+`"`)
	return web.Download(c, doc.Filename, billing.PDF, doc.Content)
}

// statementQuery reads what is asked for; what is no day is told by its field.
func (s *Screen) statementQuery(c echo.Context) (reports.StatementQuery, []errs.Field, error) {
	q := reports.StatementQuery{Account: c.Param("account")}
	var wrong []errs.Field
	currency, err := currencyOf(c.QueryParam("currency"))
	if err != nil {
		return q, wrong, err
	}
	q.Currency = currency
	today, err := s.books.Today(c.Request().Context(), q.Account, web.Actor(c))
	if err != nil {
		return q, wrong, err
	}
	q.To = dayField(c, "to", today, &wrong)
	q.From = dayField(c, "from", q.To.AddDate(0, -3, 0), &wrong)
	q.KnownOn = dayField(c, "known_on", time.Time{}, &wrong)
	if q.To.Before(q.From) {
		wrong = append(wrong, errs.Field{Name: "to", Key: "error.period_ends_before_it_begins"})
		q.From = q.To.AddDate(0, -3, 0)
	}
	return q, wrong, nil
}

// dayField reads a day of the query; what is none is told at its field and replaced.
func dayField(c echo.Context, name string, otherwise time.Time, wrong *[]errs.Field) time.Time {
	text := c.QueryParam(name)
	if text == "" {
		return otherwise
	}
	on, err := time.Parse(time.DateOnly, text)
	if err != nil {
		*wrong = append(*wrong, errs.Field{Name: name, Key: "error.not_a_date", Params: errs.Params{"text": text}})
		return otherwise
	}
	return on
}

func (r reader) statement(f reports.StatementFile) statementView {
	v := statementView{StatementFile: f, Reader: r, Href: "/customers/" + url.PathEscape(f.Customer.Account) + "/statement", Asked: f.Asked()}
	v.Pay = f.Amount(v.Asked.Now())
	v.Currencies = currencySegments(f.Currencies, f.Currency, func(code string) string {
		return v.Href + "?" + url.Values{"currency": {code}, "from": {f.From.Format(time.DateOnly)}, "to": {f.To.Format(time.DateOnly)}}.Encode()
	})
	side := func(d decimal.Decimal) string {
		if d.IsZero() {
			return ""
		}
		return r.number(f.Amount(d))
	}
	for _, l := range f.Lines {
		row := statementRow{
			Day: r.day(l.On), What: desk.Coded(l.Kind), Number: l.Number, Href: documentHref(l.Kind, l.Number), Refers: l.Refers,
			Charge: side(l.Charge), Credit: side(l.Credit), Balance: r.number(f.Amount(l.Balance)),
		}
		if l.Reversal {
			row.What += i18n.T(", taken back")
		}
		if l.Refers != "" {
			row.RefersHref = documentHref("", l.Refers)
		}
		v.Rows = append(v.Rows, row)
	}
	for _, i := range f.Items {
		row := itemRow{
			What: desk.Coded(string(i.Kind)), Number: i.Number, Href: documentHref(string(i.Kind), i.Number), Open: r.number(f.Amount(i.Open)),
		}
		if i.InvoiceKind == billing.DebitMemo {
			row.What = desk.Coded(string(i.InvoiceKind))
		}
		if i.Kind == billing.InvoiceItem {
			row.Due, row.Overdue, row.Disputed = r.day(i.DueOn), i.DueOn.Before(f.To), i.Held.IsPositive()
			row.Held, row.Pay = side(i.Held), i18n.T("not due yet")
			if !i.DueOn.After(f.To) {
				row.Pay = r.number(f.Amount(i.Collectible()))
			}
		} else {
			row.Open = r.number(f.Amount(i.Open.Neg()))
		}
		v.Items = append(v.Items, row)
	}
	return v
}

func keptURL(account string, k billing.KeptStatement) string {
	return "/customers/" + url.PathEscape(account) + "/statements/" + strconv.FormatInt(int64(k.ID), 10) + "/pdf"
}

// handed says who got a statement last, and how often it was handed out.
func handed(row billing.KeptRow) string {
	who := row.HandedTo
	if who == "" {
		who = i18n.T("A program")
	}
	switch row.Way {
	case billing.ByAPI:
		who += " " + i18n.T("by API")
	case billing.ByMail:
		who += " " + i18n.T("by mail")
	case billing.OnScreen:
	}
	if row.Copies > 1 {
		who += i18n.F(", {copies} times", "copies", strconv.Itoa(row.Copies))
	}
	return who
}
