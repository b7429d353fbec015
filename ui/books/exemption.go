package books

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/layout"
)

// exemptionsView is why a customer is charged no tax, with the form for another certificate.
type exemptionsView struct {
	particularsView
	Rows []exemptionRow
	Keep bool
}

type exemptionRow struct {
	billing.Exemption
	Period, File, End string
	Ended, Holds      bool
}

func exemptionsAddress(account string) string {
	return "/customers/" + url.PathEscape(account) + "/exemptions"
}

// Exemptions shows why a customer is charged no tax: GET /customers/:account/exemptions.
func (s *Screen) Exemptions(c echo.Context) error {
	return s.showExemptions(c, http.StatusOK, exemptionsView{})
}

// AddExemption enters another: POST /customers/:account/exemptions. Fields: certificate, reason, reason_code, valid_from, valid_to, file.
func (s *Screen) AddExemption(c echo.Context) error {
	v := exemptionsView{particularsView: particularsView{Fields: map[string]string{}}}
	for _, name := range []string{"certificate", "reason", "reason_code", "valid_from", "valid_to"} {
		v.Fields[name] = c.FormValue(name)
	}
	in := billing.NewExemption{By: web.Actor(c), Account: c.Param("account"), Certificate: v.Fields["certificate"], Reason: v.Fields["reason"], ReasonCode: v.Fields["reason_code"]}
	var wrong []errs.Field
	in.ValidFrom, in.ValidTo = formDay(v.Fields, "valid_from", &wrong), formDay(v.Fields, "valid_to", &wrong)
	var err error
	if len(wrong) > 0 {
		err = errs.InvalidFields(wrong...)
	} else if in.Filename, in.Content, err = certificate(c); err == nil {
		_, err = s.billing.AddExemption(c.Request().Context(), in)
	}
	switch kind := errs.KindOf(err); {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, exemptionsAddress(c.Param("account")))
	case kind != errs.Invalid && kind != errs.Conflict:
		return err
	}
	if v.Errors = s.desk.FieldErrors(c, err); len(v.Errors) == 0 {
		v.Refused = s.desk.Sentence(c, err)
	}
	return s.showExemptions(c, web.Status(err), v)
}

func formDay(fields map[string]string, name string, wrong *[]errs.Field) time.Time {
	if fields[name] == "" {
		return time.Time{}
	}
	on, err := time.Parse(time.DateOnly, fields[name])
	if err != nil {
		*wrong = append(*wrong, errs.Field{Name: name, Key: "error.not_a_date", Params: errs.Params{"text": fields[name]}})
	}
	return on
}

// certificate reads the file that was given; none is refused where it is entered.
func certificate(c echo.Context) (name string, content []byte, err error) {
	header, err := c.FormFile("file")
	if err != nil {
		return "", nil, nil // no file is told with what else is wrong
	}
	file, err := header.Open()
	if err != nil {
		return "", nil, errs.InvalidField("file", "error.required")
	}
	defer file.Close() //nolint:errcheck // only read
	if content, err = io.ReadAll(file); err != nil {
		return "", nil, errs.InvalidField("file", "error.required")
	}
	return header.Filename, content, nil
}

// EndExemption ends one: POST /customers/:account/exemptions/:id/end.
func (s *Screen) EndExemption(c echo.Context) error {
	if err := s.billing.EndExemption(c.Request().Context(), web.Actor(c), c.Param("account"), exemptionID(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, exemptionsAddress(c.Param("account")))
}

// Certificate sends the file of one: GET /customers/:account/exemptions/:id/certificate.
func (s *Screen) Certificate(c echo.Context) error {
	e, content, err := s.books.Certificate(c.Request().Context(), c.Param("account"), exemptionID(c), web.Actor(c))
	if err != nil {
		return err
	}
	return web.Download(c, e.Filename, e.MediaType, content)
}

func exemptionID(c echo.Context) billing.ExemptionID {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return -1
	}
	return billing.ExemptionID(id)
}

func (s *Screen) showExemptions(c echo.Context, status int, v exemptionsView) error {
	by := web.Actor(c)
	customer, list, err := s.books.Exemptions(c.Request().Context(), c.Param("account"), by)
	if err != nil {
		return err
	}
	today, err := s.books.Today(c.Request().Context(), customer.Account, by)
	if err != nil {
		return err
	}
	r := s.reader(c)
	v.Account, v.Title, v.Keep = customer.Account, customer.Name, access.May(by, access.KeepCustomers)
	if v.Fields == nil {
		v.Fields = map[string]string{"valid_from": today.Format(time.DateOnly)}
	}
	for _, e := range list {
		base := exemptionsAddress(customer.Account) + "/" + strconv.FormatInt(int64(e.ID), 10)
		row := exemptionRow{Exemption: e, Period: i18n.F("from {day}", "day", r.day(e.ValidFrom)), File: base + "/certificate", End: base + "/end", Ended: e.EndedAt != nil, Holds: e.ValidOn(today)}
		if e.ValidTo != nil {
			row.Period = r.day(e.ValidFrom) + " – " + r.day(*e.ValidTo)
		}
		v.Rows = append(v.Rows, row)
	}
	return s.desk.Page(c, status, desk.View{
		Title: i18n.F("Tax exemptions of {name}", "name", customer.Name), Heading: i18n.T("Tax exemptions"), Active: "books", BodyClass: "page-books",
		Crumbs: []layout.Crumb{{Text: i18n.T("Customers"), Href: "/customers"}, {Text: customer.Name, Href: "/customers/" + url.PathEscape(customer.Account)}, {Text: i18n.T("Tax exemptions")}},
	}, exemptionsPage(v))
}
