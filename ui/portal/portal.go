// Package portal is the customers' side: sign-in by mailed code, their invoices and balance, their requests, and what was
// decided. The pages need no script; a phone is enough.
package portal

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases/portal"
	"makegood/internal/errs"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/layout"
)

const (
	prefix        = "/portal"
	sessionCookie = "mg_portal"
	ticketCookie  = "mg_portal_ticket"
	companyCookie = "mg_portal_company"
	visitorKey    = "portal_visitor"
)

// Screen is every page of the portal.
type Screen struct {
	desk   *desk.Desk
	portal *portal.Service
	secure bool
}

// New makes the screen; secure marks its cookies for https only.
func New(d *desk.Desk, p *portal.Service, secure bool) *Screen {
	return &Screen{desk: d, portal: p, secure: secure}
}

// Session reads the customer's cookie into requests below /portal. There, whoever is signed in at the desk is nobody.
func (s *Screen) Session(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		path := c.Request().URL.Path
		if path != prefix && !strings.HasPrefix(path, prefix+"/") {
			return next(c)
		}
		v, form, err := s.portal.Signed(c.Request().Context(), cookie(c, sessionCookie))
		if errs.KindOf(err) == errs.Unauthenticated {
			v, err = portal.Visitor{}, nil
		}
		if err != nil {
			return err
		}
		actor := v.Actor()
		actor.RequestID = web.RequestID(c)
		web.AsCustomer(c, actor, form, v.Entity.TimeZone)
		c.Set(visitorKey, v)
		return next(c)
	}
}

// visitor is who is signed in; routes of the portal ask for the right to use it before they come here.
func visitor(c echo.Context) portal.Visitor {
	v, _ := c.Get(visitorKey).(portal.Visitor)
	return v
}

func cookie(c echo.Context, name string) string {
	found, err := c.Cookie(name)
	if err != nil {
		return ""
	}
	return found.Value
}

func (s *Screen) setCookie(c echo.Context, name, value string) {
	age := 0
	if value == "" {
		age = -1
	}
	c.SetCookie(&http.Cookie{Name: name, Value: value, Path: prefix, MaxAge: age, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode}) //nolint:gosec // Secure follows the public URL's scheme
}

// show answers with a page inside; tab is the path of the navigation it belongs to.
func (s *Screen) show(c echo.Context, status int, title, tab string, body templ.Component) error {
	v := visitor(c)
	view := frame(title, v.Entity)
	view.Who = v.Name
	for _, item := range []layout.Crumb{
		{Text: s.word(c, "portal.nav_invoices"), Href: prefix},
		{Text: s.word(c, "portal.nav_requests"), Href: prefix + "/requests"},
		{Text: s.word(c, "portal.nav_balance"), Href: prefix + "/balance"},
	} {
		if item.Href == tab {
			item.Href = ""
		}
		view.Nav = append(view.Nav, item)
	}
	return s.desk.Plain(c, status, view, body)
}

// outside answers with a page for somebody who has not signed in.
func (s *Screen) outside(c echo.Context, status int, title string, body templ.Component) error {
	house, err := s.house(c)
	if err != nil {
		return err
	}
	view := frame(title, house)
	view.Nav = []layout.Crumb{{Text: s.word(c, "portal.nav_write"), Href: contactOf(house)}, {Text: s.word(c, "portal.nav_sign_in")}}
	return s.desk.Plain(c, status, view, body)
}

// house is the company whose customer somebody is who has not signed in: the one that the link they followed names, kept until the browser is closed.
func (s *Screen) house(c echo.Context) (billing.Entity, error) {
	named := c.QueryParam("company")
	code := named
	if named == "" {
		code = cookie(c, companyCookie)
	}
	house, err := s.portal.House(c.Request().Context(), code)
	if err == nil && named == house.Code {
		s.setCookie(c, companyCookie, house.Code)
	}
	return house, err
}

// contactOf is where a company's customers write to it.
func contactOf(e billing.Entity) string { return "/contact?company=" + url.QueryEscape(e.Code) }

// word is a sentence in the language of the customer.
func (s *Screen) word(c echo.Context, key string, params ...string) string {
	return s.desk.Say(c)(key, params...)
}

func frame(title string, e billing.Entity) layout.PlainView {
	return layout.PlainView{Title: title, Class: "po", Brand: e.Name, BrandHref: prefix, Style: "/brand/" + e.Code}
}

// again tells whether an error belongs on the form it came from.
func again(err error) bool {
	switch errs.KindOf(err) {
	case errs.Invalid, errs.TooMany, errs.TooLarge, errs.Conflict:
		return true
	case errs.Internal, errs.Unauthenticated, errs.Forbidden, errs.NotFound, errs.Unavailable:
	}
	return false
}
