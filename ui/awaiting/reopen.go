// Package awaiting is the page on which a customer opens a case again that was closed because they did not answer, and the screen where it is
// set when they are reminded and when that is. The customer's page needs no script and no account; nothing is done by opening it.
package awaiting

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases/awaiting"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// Screen is the page of customers and the settings behind it.
type Screen struct {
	desk     *desk.Desk
	awaiting *awaiting.Service
	billing  *billing.Service
}

// New makes the screen.
func New(d *desk.Desk, a *awaiting.Service, b *billing.Service) *Screen {
	return &Screen{desk: d, awaiting: a, billing: b}
}

// closedView is the case as its customer sees it.
type closedView struct {
	Token, Language, Number, Subject, Until string
	Error                                   string
}

// Page shows what would be opened again and opens nothing, because programs that scan mail open every link: GET /reopen?t=.
func (s *Screen) Page(c echo.Context) error {
	token := c.QueryParam("t")
	if token == "" {
		return s.gone(c, http.StatusOK) // somebody without a link looks at the page
	}
	found, err := s.awaiting.ByLink(c.Request().Context(), token)
	if errors.Is(err, awaiting.ErrGone) {
		return s.gone(c, http.StatusNotFound)
	}
	if err != nil {
		return err
	}
	if found.Open {
		return s.show(c, http.StatusOK, found.Entity, opened(s.view(c, found, token)))
	}
	return s.show(c, http.StatusOK, found.Entity, closed(s.view(c, found, token)))
}

// Reopen opens the case again: POST /reopen. Field: t.
func (s *Screen) Reopen(c echo.Context) error {
	token := c.FormValue("t")
	found, err := s.awaiting.Reopen(c.Request().Context(), awaiting.ReopenInput{Token: token, Origin: c.RealIP()})
	switch status := web.Status(err); {
	case errors.Is(err, awaiting.ErrGone):
		return s.gone(c, http.StatusNotFound)
	case status == http.StatusTooManyRequests:
		if found, other := s.awaiting.ByLink(c.Request().Context(), token); other == nil {
			v := s.view(c, found, token)
			v.Error = s.desk.Sentence(c, err)
			return s.show(c, status, found.Entity, closed(v))
		}
		return err
	case err != nil:
		return err
	}
	return s.show(c, http.StatusOK, found.Entity, opened(s.view(c, found, token)))
}

func (s *Screen) view(c echo.Context, found awaiting.Closed, token string) closedView {
	zone := found.Entity.Zone()
	lang := s.desk.Lang(c)
	return closedView{Token: token, Language: lang, Number: found.Number, Subject: found.Subject, Until: kit.FormatDate(found.Until, zone, lang)}
}

func (s *Screen) show(c echo.Context, status int, entity billing.Entity, body templ.Component) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return s.desk.Plain(c, status, layout.PlainView{
		Title: s.desk.Say(c)("reopen.title"), Class: "po", Brand: entity.Name, BrandHref: "/contact?company=" + entity.Code, Style: "/brand/" + entity.Code,
	}, body)
}

// gone is told for every link that does not hold, in the name of the first legal entity: whose it was is nobody's business.
func (s *Screen) gone(c echo.Context, status int) error {
	list, err := s.billing.Entities(c.Request().Context())
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return awaiting.ErrGone
	}
	return s.show(c, status, list[0], gone())
}
