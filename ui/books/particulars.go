package books

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// particularsView is the form of a customer's particulars, as it stands or as it was typed.
type particularsView struct {
	Account, Title string
	Fields         map[string]string
	Errors         map[string]string
	Refused        string
	Currency       string
	Terms          creditTermsView
}

// creditTermsView is the form of a customer's limit and hold, as it stands or as it was typed.
type creditTermsView struct {
	Limit, Hold string
	Errors      map[string]string
	Refused     string
}

// EditCustomer shows the form: GET /customers/:account/edit.
func (s *Screen) EditCustomer(c echo.Context) error {
	customer, err := s.billing.CustomerToChange(c.Request().Context(), c.Param("account"), web.Actor(c))
	if err != nil {
		return err
	}
	return s.showParticulars(c, http.StatusOK, particularsOf(customer))
}

// SaveCustomer changes the particulars: POST /customers/:account/edit. Fields: those of the form.
func (s *Screen) SaveCustomer(c echo.Context) error {
	customer, err := s.billing.CustomerToChange(c.Request().Context(), c.Param("account"), web.Actor(c))
	if err != nil {
		return err
	}
	v := particularsOf(customer)
	for name := range v.Fields {
		v.Fields[name] = c.FormValue(name)
	}
	in := billing.Particulars{
		By: web.Actor(c), Account: customer.Account, Name: v.Fields["name"], Address: v.Fields["address"], Country: v.Fields["country"],
		Language: v.Fields["language"], TaxID: v.Fields["tax_id"], EndpointScheme: v.Fields["endpoint_scheme"], EndpointID: v.Fields["endpoint_id"],
		SalesOwner: new(v.Fields["sales_owner"]),
	}
	if in.Version, err = strconv.Atoi(v.Fields["version"]); err != nil {
		return errs.InvalidField("version", "error.not_a_number")
	}
	if in.TermsDays, err = strconv.Atoi(v.Fields["terms_days"]); err != nil {
		err = errs.InvalidField("terms_days", "error.not_a_number")
	} else {
		_, err = s.billing.SetParticulars(c.Request().Context(), in)
	}
	switch kind := errs.KindOf(err); {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, "/customers/"+url.PathEscape(customer.Account))
	case kind != errs.Invalid && kind != errs.Conflict:
		return err
	}
	if v.Errors = s.desk.FieldErrors(c, err); len(v.Errors) == 0 {
		v.Refused = s.desk.Sentence(c, err)
		v.Fields["version"] = strconv.Itoa(customer.Version)
	}
	return s.showParticulars(c, web.Status(err), v)
}

// SaveCreditTerms changes limit and hold: POST /customers/:account/credit-terms. Fields: version, limit, hold.
func (s *Screen) SaveCreditTerms(c echo.Context) error {
	customer, err := s.billing.CustomerToChange(c.Request().Context(), c.Param("account"), web.Actor(c))
	if err != nil {
		return err
	}
	v := particularsOf(customer)
	v.Terms = creditTermsView{Limit: strings.TrimSpace(c.FormValue("limit")), Hold: c.FormValue("hold")}
	in := billing.CreditTerms{By: web.Actor(c), Account: customer.Account, Hold: v.Terms.Hold}
	if in.Version, err = strconv.Atoi(c.FormValue("version")); err != nil {
		return errs.InvalidField("version", "error.not_a_number")
	}
	if v.Terms.Limit != "" {
		limit, unread := money.Parse(v.Terms.Limit, customer.Currency)
		if err = unread; err != nil {
			err = errs.InvalidField("limit", errs.KeyOf(unread), "text", v.Terms.Limit, "amount", v.Terms.Limit, "currency", string(customer.Currency))
		}
		in.Limit = new(limit.Decimal())
	}
	if err == nil {
		_, err = s.billing.SetCreditTerms(c.Request().Context(), in)
	}
	switch kind := errs.KindOf(err); {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, "/customers/"+url.PathEscape(customer.Account))
	case kind != errs.Invalid && kind != errs.Conflict:
		return err
	}
	if v.Terms.Errors = s.desk.FieldErrors(c, err); len(v.Terms.Errors) == 0 {
		v.Terms.Refused = s.desk.Sentence(c, err)
	}
	return s.showParticulars(c, web.Status(err), v)
}

func particularsOf(c billing.Customer) particularsView {
	terms := creditTermsView{Hold: c.CreditHold}
	if c.CreditLimit != nil {
		terms.Limit = money.Of(*c.CreditLimit, c.Currency).Plain()
	}
	return particularsView{Account: c.Account, Title: c.Name, Currency: string(c.Currency), Terms: terms, Fields: map[string]string{
		"version": strconv.Itoa(c.Version), "name": c.Name, "address": c.Address, "country": c.Country, "language": c.Language,
		"tax_id": c.TaxID, "endpoint_scheme": c.EndpointScheme, "endpoint_id": c.EndpointID, "terms_days": strconv.Itoa(c.TermsDays), "sales_owner": c.SalesOwner,
	}}
}

func (v particularsView) field(name, label, hint string, required bool) kit.FieldView {
	return kit.FieldView{Name: name, Label: label, Value: v.Fields[name], Hint: hint, Error: v.Errors[name], Required: required, Autocomplete: "off"}
}

func (s *Screen) showParticulars(c echo.Context, status int, v particularsView) error {
	return s.desk.Page(c, status, desk.View{
		Title: v.Title, Active: "books", BodyClass: "page-books",
		Crumbs: []layout.Crumb{{Text: i18n.T("Customers"), Href: "/customers"}, {Text: v.Title, Href: "/customers/" + url.PathEscape(v.Account)}, {Text: i18n.T("Particulars")}},
	}, particularsPage(v))
}
