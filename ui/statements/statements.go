// Package statements is where statements of account go out by mail: to one customer, with the letter to be seen before, and, by legal
// entity, what a month's round sent and whom it left out.
package statements

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases/statements"
	"makegood/inbox"
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

// Screen is the room of statements by mail.
type Screen struct {
	desk       *desk.Desk
	statements *statements.Service
	reports    *reports.Service
}

// New makes the screen.
func New(d *desk.Desk, s *statements.Service, r *reports.Service) *Screen {
	return &Screen{desk: d, statements: s, reports: r}
}

// mailedShown is how many statements a customer's page lists.
const mailedShown = 20

// letterView is a statement before it leaves.
type letterView struct {
	Account, Name      string
	Here               string // the page's own address
	ReaderURL          string
	Statement          string // address of the statement itself
	From, To, Currency string
	Key                string
	People             []kit.Option
	Reader             []kit.Option
	Wanted             bool
	Version            string
	Blocked            string // why it cannot be sent; "" when it can
	Refused            string
	Errors             map[string]string
	Sender, Recipient  string
	Subject, Text      string
	Lang               string
	Papers             []string
	Mailed             []mailedView
	Rule               string // where the rounds of its legal entity stand
}

type mailedView struct {
	When, What, To string
	Tag            kit.TagView
	Problem        string
	TakeBack       string // address; "" when it has left
}

// Letter shows a statement's letter with who gets it, and what was sent before: GET /customers/:account/statement/mail?from=&to=&currency=&contact=.
func (s *Screen) Letter(c echo.Context) error { return s.letter(c, http.StatusOK, letterView{}) }

// Send mails a statement: POST /customers/:account/statement/mail. Fields: from, to, currency, contact, key.
func (s *Screen) Send(c echo.Context) error {
	in, err := s.asked(c)
	if err == nil {
		_, err = s.statements.Send(c.Request().Context(), in)
	}
	return s.done(c, err)
}

// TakeBack keeps a statement from leaving: POST /customers/:account/statement/mails/:mail/take-back.
func (s *Screen) TakeBack(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("mail"), 10, 64)
	if err != nil {
		return statements.ErrNoSending
	}
	return s.done(c, s.statements.TakeBack(c.Request().Context(), web.Actor(c), c.Param("account"), inbox.OutgoingID(id)))
}

// SetReader says whether the customer wants statements each month: POST /customers/:account/statement/reader. Fields: wanted, reader, version.
func (s *Screen) SetReader(c echo.Context) error {
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil {
		return statements.ErrStale
	}
	contact, _ := strconv.ParseInt(c.FormValue("reader"), 10, 64)
	_, err = s.statements.SetReader(c.Request().Context(), statements.ReaderInput{
		By: web.Actor(c), Account: c.Param("account"), Wanted: c.FormValue("wanted") != "", Contact: billing.ContactID(contact), Version: version,
	})
	return s.done(c, err)
}

// done goes back to the page, or shows it with what was refused.
func (s *Screen) done(c echo.Context, err error) error {
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict:
		v := letterView{Errors: s.desk.FieldErrors(c, err)}
		if len(v.Errors) == 0 {
			v.Refused = s.desk.Sentence(c, err)
		}
		return s.letter(c, web.Status(err), v)
	default:
		if err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, home(c.Param("account"))+"#mailed")
}

func home(account string) string {
	return "/customers/" + url.PathEscape(account) + "/statement/mail"
}

// asked is the statement that a form or an address asks for.
func (s *Screen) asked(c echo.Context) (statements.Input, error) {
	in := statements.Input{By: web.Actor(c), Account: c.Param("account"), Key: c.FormValue("key")}
	var err error
	day := func(name string) (on time.Time) {
		if text := c.FormValue(name); text != "" && err == nil {
			if on, err = time.Parse(time.DateOnly, text); err != nil {
				err = errs.InvalidField(name, "error.not_a_date", "text", text)
			}
		}
		return on
	}
	in.From, in.To = day("from"), day("to")
	if err != nil {
		return in, err
	}
	if text := c.FormValue("currency"); text != "" {
		if in.Currency, err = money.ParseCurrency(text); err != nil {
			return in, errs.InvalidField("currency", errs.KeyOf(err), "currency", text)
		}
	}
	contact, _ := strconv.ParseInt(c.FormValue("contact"), 10, 64)
	in.Contact = billing.ContactID(contact)
	return in, nil
}

// letter draws the page over what was refused, if anything was.
func (s *Screen) letter(c echo.Context, status int, v letterView) error {
	ctx := c.Request().Context()
	in, err := s.asked(c)
	if err != nil { // a day that is none: the page as it stands without
		if v.Errors == nil {
			v.Errors, status = s.desk.FieldErrors(c, err), web.Status(err)
		}
		in.From, in.To, in.Currency = time.Time{}, time.Time{}, ""
	}
	p, err := s.statements.Preview(ctx, in)
	if errs.KindOf(err) == errs.Invalid { // days the wrong way round
		v.Errors, status = s.desk.FieldErrors(c, err), web.Status(err)
		in.From, in.To = time.Time{}, time.Time{}
		p, err = s.statements.Preview(ctx, in)
	}
	if err != nil {
		return err
	}
	mailed, err := s.statements.Mailed(ctx, s.reports.Reader(), p.Customer.ID, mailedShown)
	if err != nil {
		return err
	}
	v.Key = rand.Text()
	r := reader{lang: s.desk.Lang(c), now: s.desk.Clock(), zone: s.desk.Zone(c)}
	r.fill(&v, p, mailed, in)
	return s.desk.Page(c, status, desk.View{
		Title: i18n.F("Statement to {name} by mail", "name", p.Customer.Name), Active: "books", BodyClass: "page-statement-mail",
		Crumbs: []layout.Crumb{
			{Text: i18n.T("Customers"), Href: "/customers"},
			{Text: p.Customer.Name, Href: "/customers/" + url.PathEscape(p.Customer.Account)},
			{Text: i18n.T("Statement"), Href: v.Statement},
			{Text: i18n.T("By mail")},
		},
	}, letterPage(v))
}

// monthView is a month's round of a legal entity.
type monthView struct {
	Entities    []kit.Segment
	Code, Title string
	Month       string // 2026-11
	Prev, Next  string // addresses of the months beside
	Said        string // how the round stands
	Reasons     []string
	Shows       []kit.Segment
	Rows        []rowView
	NextURL     string
	May         bool
	Active      bool
	OnDay       string
	Version     string
	Wanted      string
	Refused     string
	Errors      map[string]string
}

type rowView struct {
	Account, Name, Href, To, When string
	Tag                           kit.TagView
	Problem                       string
}

// Month shows a round: GET /collections/statements?entity=DE&month=2026-11&show=left_out&after=.
func (s *Screen) Month(c echo.Context) error { return s.month(c, http.StatusOK, nil) }

// SetRule says whether a legal entity sends statements each month: POST /collections/statements/:entity. Fields: active, on_day, version.
func (s *Screen) SetRule(c echo.Context) error {
	typed := &monthView{Code: c.Param("entity"), Active: c.FormValue("active") != "", OnDay: c.FormValue("on_day")}
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil {
		return statements.ErrStale
	}
	day, err := strconv.Atoi(typed.OnDay)
	if err != nil {
		day = 0 // which is refused beside its field
	}
	_, err = s.statements.SetRule(c.Request().Context(), statements.RuleInput{By: web.Actor(c), Entity: typed.Code, Active: typed.Active, OnDay: day, Version: version})
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict:
		if typed.Errors = s.desk.FieldErrors(c, err); len(typed.Errors) == 0 {
			typed.Refused = s.desk.Sentence(c, err)
		}
		return s.month(c, web.Status(err), typed)
	default:
		if err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, roundURL(typed.Code, "", "", 0))
}

// month draws the page; what was refused stands as it was typed.
func (s *Screen) month(c echo.Context, status int, typed *monthView) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	rules, err := s.statements.Rules(ctx, by)
	if err != nil {
		return err
	}
	code := c.QueryParam("entity")
	if typed != nil {
		code = typed.Code
	}
	if code == "" && len(rules) > 0 {
		code = rules[0].Entity
	}
	q := statements.Query{By: by, Entity: code, LeftOut: c.QueryParam("show") == leftOut}
	q.After, _ = strconv.ParseInt(c.QueryParam("after"), 10, 64)
	if text := c.QueryParam("month"); text != "" {
		if q.Month, err = time.Parse("2006-01", text); err != nil {
			return errs.InvalidField("month", "error.not_a_month", "text", text)
		}
	}
	round, err := s.statements.Of(ctx, s.reports.Reader(), q)
	if err != nil {
		return err
	}
	r := reader{lang: s.desk.Lang(c), now: s.desk.Clock(), zone: s.desk.Zone(c)}
	v := r.month(rules, code, q, round)
	v.May = access.May(by, access.ManageEntities)
	if typed != nil {
		v.Active, v.OnDay, v.Errors, v.Refused = typed.Active, typed.OnDay, typed.Errors, typed.Refused
	}
	return s.desk.Page(c, status, desk.View{
		Title: i18n.T("Statements by mail"), Heading: i18n.T("Statements by mail"), Active: "collections", BodyClass: "page-statements",
		Crumbs: []layout.Crumb{{Text: i18n.T("Collections"), Href: "/collections"}, {Text: i18n.T("Statements by mail")}},
	}, monthPage(v))
}
