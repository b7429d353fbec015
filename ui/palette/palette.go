// Package palette answers what is typed into the command palette: pages, cases, customers, invoices and credit memos by
// their numbers and names, a handful at a time.
package palette

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

const (
	shown     = 8 // results at most
	perKind   = 4
	shortest  = 2   // fewer characters find pages only
	maxLength = 100 // of what is looked for
)

// Screen is the palette's other end.
type Screen struct {
	desk    *desk.Desk
	cases   *cases.Service
	billing *billing.Service
	reports *reports.Service
}

// New makes the screen.
func New(d *desk.Desk, c *cases.Service, b *billing.Service, r *reports.Service) *Screen {
	return &Screen{desk: d, cases: c, billing: b, reports: r}
}

// question is what is looked for, by whom, and in which language amounts are written.
type question struct {
	by         access.Actor
	text, lang string
	said       func(text string) string // what a page says, in the reader's language
}

// Find is the list under the palette's field: GET /palette?q=.
func (s *Screen) Find(c echo.Context) error {
	groups, err := s.find(c.Request().Context(), question{by: web.Actor(c), text: wanted(c), lang: s.desk.Lang(c), said: func(text string) string { return s.desk.Said(c, text) }})
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, kit.PaletteResults(groups))
}

// Search is the way without script: to the case whose number it is, else to the queue narrowed by it: GET /search?q=.
func (s *Screen) Search(c echo.Context) error {
	text := wanted(c)
	if text == "" {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	found, err := s.cases.CaseByNumber(c.Request().Context(), s.reports.Reader(), caseNumber(text), web.Actor(c))
	if err == nil {
		return c.Redirect(http.StatusSeeOther, "/cases/"+found.Number)
	}
	if !errors.Is(err, cases.ErrNoCase) {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/?q="+url.QueryEscape(text))
}

func wanted(c echo.Context) string {
	text := []rune(strings.Join(strings.Fields(c.QueryParam("q")), " "))
	return string(text[:min(len(text), maxLength)])
}

// find looks in every room, the surest first, until there is enough to show.
func (s *Screen) find(ctx context.Context, q question) ([]kit.PaletteGroup, error) {
	var groups []kit.PaletteGroup
	left := shown
	add := func(label string, items []kit.PaletteItem) {
		if items = items[:min(len(items), left)]; len(items) > 0 {
			groups = append(groups, kit.PaletteGroup{Label: label, Items: items})
			left -= len(items)
		}
	}
	if len([]rune(q.text)) >= shortest || hasDigit(q.text) {
		for _, look := range []struct {
			label string
			in    func(context.Context, question) ([]kit.PaletteItem, error)
		}{{i18n.T("Cases"), s.findCases}, {i18n.T("Invoices"), s.findInvoices}, {i18n.T("Credit memos"), s.findMemos}, {i18n.T("Customers"), s.findCustomers}} {
			items, err := look.in(ctx, q)
			if err != nil {
				return nil, err
			}
			add(look.label, items)
		}
	}
	add(i18n.T("Go to"), pages(q))
	return groups, nil
}
