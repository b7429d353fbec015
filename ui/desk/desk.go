// Package desk is what every screen of the desk shares: the page shell around its content, whole page or fragment, the
// reader's language and zone, and what an error looks like.
package desk

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// Badges are the figures on the navigation: what waits there for this person. Zero shows none.
type Badges struct {
	Queue, Approvals, Board, Intake, Reviews, Notices int
}

// Desk renders screens for whoever is signed in.
type Desk struct {
	Catalogue *i18n.Catalogue
	Logger    *slog.Logger
	Clock     func() time.Time
	// Badges answers the navigation's figures; a failure costs the figures, never the page.
	Badges func(ctx context.Context, by access.Actor) (Badges, error)
	Demo   bool
	Secure bool // cookies go over https alone
}

// View is what a screen says about its page.
type View struct {
	Title     string
	Heading   string
	Sub       string
	Crumbs    []layout.Crumb
	TopExtra  templ.Component
	Active    string // queue, approvals, board, books, reports, intake, settings
	Topics    []string
	Scripts   []string
	BodyClass string
	Wall      bool
}

// Show answers with the whole page, or with the fragment alone when htmx asks for a part. A nil fragment means the body.
func (d *Desk) Show(c echo.Context, view View, body, fragment templ.Component) error {
	if web.IsFragment(c) {
		if fragment == nil {
			fragment = body
		}
		return d.Fragment(c, http.StatusOK, fragment)
	}
	return d.Page(c, http.StatusOK, view, body)
}

// Page answers with the whole page.
func (d *Desk) Page(c echo.Context, status int, view View, body templ.Component) error {
	ctx := templ.WithChildren(d.Context(c), body)
	return d.write(c, status, layout.Page(d.shell(c, view)), ctx)
}

// Fragment answers with a part of a page.
func (d *Desk) Fragment(c echo.Context, status int, part templ.Component) error {
	return d.write(c, status, part, d.Context(c))
}

// Plain answers with a page outside the desk: sign-in, the customers' side.
func (d *Desk) Plain(c echo.Context, status int, view layout.PlainView, body templ.Component) error {
	view.Lang, view.Theme, view.CSRF = d.Lang(c), cookie(c, "mg_theme"), web.CSRF(c)
	view.Zone, view.Now, view.Say = d.Zone(c), d.Clock(), d.Say(c)
	if c.Request().Method == http.MethodGet {
		view.Path = c.Request().URL.RequestURI()
	}
	return d.write(c, status, layout.Plain(view), templ.WithChildren(d.Context(c), body))
}

func (d *Desk) write(c echo.Context, status int, component templ.Component, ctx context.Context) error {
	buffer := templ.GetBuffer()
	defer templ.ReleaseBuffer(buffer)
	if err := component.Render(ctx, buffer); err != nil {
		return err
	}
	c.Response().Header().Add(echo.HeaderVary, "HX-Request")
	return c.HTMLBlob(status, d.Catalogue.Page(d.Lang(c), buffer.Bytes()))
}

// Context carries the reader's language, zone and form secret to components.
func (d *Desk) Context(c echo.Context) context.Context {
	ctx := kit.WithLocale(c.Request().Context(), kit.Locale{Lang: d.Lang(c), Zone: d.Zone(c), Now: d.Clock(), Say: d.Say(c), Said: func(text string) string { return d.Said(c, text) }})
	return kit.WithCSRF(ctx, web.CSRF(c))
}

// Lang is the reader's language.
func (d *Desk) Lang(c echo.Context) string {
	if lang := web.User(c).Language; lang != "" {
		return lang
	}
	return i18n.Fallback
}

// Zone is the reader's time zone; UTC when theirs is unknown.
func (d *Desk) Zone(c echo.Context) *time.Location {
	zone, err := time.LoadLocation(web.User(c).TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Say gives sentences in the reader's language; parameters are names and values in turn.
func (d *Desk) Say(c echo.Context) func(key string, params ...string) string {
	lang := d.Lang(c)
	return func(key string, params ...string) string { return d.Catalogue.Say(lang, key, params...) }
}

// Said is what a screen says, in the reader's language, for answers that are no page.
func (d *Desk) Said(c echo.Context, text string) string { return d.Catalogue.Said(d.Lang(c), text) }

// Sentence is an error as a sentence for the reader; an internal error never shows its text.
func (d *Desk) Sentence(c echo.Context, err error) string {
	key, params := "error.internal", errs.Params(nil)
	if e := asError(err); e != nil && e.Kind != errs.Internal {
		key, params = e.Key, e.Params
	}
	return d.Catalogue.Fill(d.Lang(c), key, params)
}

// FieldErrors are the sentences of an Invalid error by field name; nil when err names no fields.
func (d *Desk) FieldErrors(c echo.Context, err error) map[string]string {
	e := asError(err)
	if e == nil || len(e.Fields) == 0 {
		return nil
	}
	sentences := make(map[string]string, len(e.Fields))
	for _, f := range e.Fields {
		sentences[f.Name] = d.Catalogue.Fill(d.Lang(c), f.Key, f.Params)
	}
	return sentences
}

func (d *Desk) shell(c echo.Context, view View) layout.Shell {
	user, say := web.User(c), d.Say(c)
	role := ""
	if len(user.Roles) > 0 {
		role = RoleName(user.Roles[0])
	}
	badges := d.badges(c)
	return layout.Shell{
		Title: view.Title, Heading: view.Heading, Sub: view.Sub, Crumbs: view.Crumbs, TopExtra: view.TopExtra,
		Lang: d.Lang(c), Theme: cookie(c, "mg_theme"), Density: cookie(c, "mg_density"), CSRF: web.CSRF(c),
		Zone: d.Zone(c), Now: d.Clock(), Say: say,
		User:   layout.User{Name: user.Name, Role: role, Email: user.Email, Settings: Settings(web.Actor(c))},
		Active: view.Active, Nav: d.nav(c, badges), Bell: d.BellOf(c, badges.Notices), Topics: view.Topics, Scripts: view.Scripts, BodyClass: view.BodyClass, Wall: view.Wall,
		Toasts: d.saidBefore(c), NewCase: newCase(web.Actor(c)),
	}
}

func newCase(by access.Actor) string {
	if access.May(by, access.WorkCases) {
		return "/cases/new"
	}
	return ""
}

func cookie(c echo.Context, name string) string {
	found, err := c.Cookie(name)
	if err != nil {
		return ""
	}
	switch found.Value {
	case "light", "dark", "comfortable", "compact":
		return found.Value
	}
	return ""
}
