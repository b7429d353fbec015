package casefile

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/layout"
)

// Show is the screen of one case; htmx gets what follows the case live.
func (s *Screen) Show(c echo.Context) error {
	v, err := s.view(c)
	if err != nil {
		return err
	}
	if web.IsFragment(c) {
		return s.desk.Fragment(c, http.StatusOK, content(v))
	}
	return s.whole(c, http.StatusOK, v)
}

// view reads the case the address names.
func (s *Screen) view(c echo.Context) (view, error) {
	f, err := s.files.CaseFile(c.Request().Context(), c.Param("number"), web.Actor(c))
	if err != nil {
		return view{}, err
	}
	return s.build(c, f), nil
}

func (s *Screen) whole(c echo.Context, status int, v view) error {
	return s.desk.Page(c, status, desk.View{
		Title: v.Number + " · " + v.Head.Subject, Active: "queue", BodyClass: "page-case",
		Crumbs: []layout.Crumb{{Text: i18n.T("Queue"), Href: "/"}, {Text: v.Number}},
	}, page(v))
}
