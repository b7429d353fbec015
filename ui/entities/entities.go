// Package entities is the screen of the legal entities: what each is, how it keeps its books, what its accounts are called,
// and a new one.
package entities

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
)

// Screen is the settings of legal entities.
type Screen struct {
	desk    *desk.Desk
	billing *billing.Service
}

// New makes the screen.
func New(d *desk.Desk, b *billing.Service) *Screen { return &Screen{desk: d, billing: b} }

// List is the page: GET /settings/entities.
func (s *Screen) List(c echo.Context) error { return s.show(c, http.StatusOK, openedView{}) }

// Form is the page with an empty form: GET /settings/entities/new.
func (s *Screen) Form(c echo.Context) error {
	return s.show(c, http.StatusOK, openedView{Shown: true, New: true, Fields: map[string]string{"fiscal_month": "1", "memo_period_policy": "tax_point"}})
}

// Show is the page with one entity open: GET /settings/entities/:entity.
func (s *Screen) Show(c echo.Context) error {
	e, err := s.billing.EntityToKeep(c.Request().Context(), c.Param("entity"), web.Actor(c))
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, openedOf(e))
}

// Add adds a legal entity: POST /settings/entities. Fields: code, those of the facts, support_address, support_name, signature.
func (s *Screen) Add(c echo.Context) error {
	v := openedView{Shown: true, New: true, Fields: map[string]string{}}
	for _, name := range append(factFields(), "code", "support_address", "support_name", "signature") {
		v.Fields[name] = c.FormValue(name)
	}
	in := billing.NewEntity{
		By: web.Actor(c), Code: strings.ToUpper(strings.TrimSpace(v.Fields["code"])), SupportAddress: v.Fields["support_address"],
		SupportName: v.Fields["support_name"], Signature: v.Fields["signature"],
	}
	var err error
	var e billing.Entity
	if in.EntityFacts, err = v.facts(); err == nil {
		e, err = s.billing.AddEntity(c.Request().Context(), in)
	}
	return s.done(c, e.Code, v, err)
}

// Save changes an entity: POST /settings/entities/:entity. Fields: version and those of the facts.
func (s *Screen) Save(c echo.Context) error {
	e, err := s.billing.EntityToKeep(c.Request().Context(), c.Param("entity"), web.Actor(c))
	if err != nil {
		return err
	}
	v := openedOf(e)
	for _, name := range factFields() {
		v.Fields[name] = c.FormValue(name)
	}
	in := billing.EntityChange{By: web.Actor(c), Entity: e.Code}
	if in.Version, err = strconv.Atoi(c.FormValue("version")); err != nil {
		return errs.InvalidField("version", "error.not_a_number", "text", c.FormValue("version"))
	}
	if in.EntityFacts, err = v.facts(); err == nil {
		_, err = s.billing.SetEntity(c.Request().Context(), in)
	}
	return s.done(c, e.Code, v, err)
}

// SaveAccounts changes what accounts are called: POST /settings/entities/:entity/accounts. Fields: version, and code.ROLE and
// name.ROLE of each account.
func (s *Screen) SaveAccounts(c echo.Context) error {
	e, err := s.billing.EntityToKeep(c.Request().Context(), c.Param("entity"), web.Actor(c))
	if err != nil {
		return err
	}
	v := openedOf(e)
	in := billing.AccountsChange{By: web.Actor(c), Entity: e.Code}
	if in.Version, err = strconv.Atoi(c.FormValue("version")); err != nil {
		return errs.InvalidField("version", "error.not_a_number", "text", c.FormValue("version"))
	}
	for i := range v.Accounts {
		a := &v.Accounts[i].EntityAccount
		a.Code, a.Name = c.FormValue("code."+a.Role), c.FormValue("name."+a.Role)
		in.Accounts = append(in.Accounts, *a)
	}
	_, err = s.billing.SetAccounts(c.Request().Context(), in)
	return s.done(c, e.Code, v, err)
}

// done goes to the entity, or shows what was typed with what was refused of it.
func (s *Screen) done(c echo.Context, code string, v openedView, err error) error {
	kind := errs.KindOf(err)
	switch {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, pathOf(code))
	case kind != errs.Invalid && kind != errs.Conflict:
		return err
	}
	if v.Errors = s.desk.FieldErrors(c, err); len(v.Errors) == 0 {
		v.Refused = s.desk.Sentence(c, err)
	}
	for i, a := range v.Accounts {
		v.Accounts[i].Error = strings.TrimSpace(v.Errors["accounts."+a.Role+".code"] + " " + v.Errors["accounts."+a.Role+".name"])
	}
	return s.show(c, web.Status(err), v)
}

func (s *Screen) show(c echo.Context, status int, opened openedView) error {
	list, err := s.billing.EntitiesToKeep(c.Request().Context(), web.Actor(c))
	if err != nil {
		return err
	}
	v := pageView{Opened: opened, MayAdd: len(web.Actor(c).EntityIDs) == 0}
	for _, e := range list {
		v.Rows = append(v.Rows, rowView{Code: e.Code, Name: e.Name, Note: e.Code + " · " + e.Country + " · " + string(e.BaseCurrency), Current: e.Code == opened.Code})
	}
	return s.desk.Page(c, status, desk.View{Title: i18n.T("Legal entities"), Heading: i18n.T("Legal entities"), BodyClass: "page-periods"}, page(v))
}

func pathOf(code string) string { return "/settings/entities/" + url.PathEscape(code) }
