// Package tokens is the screen of API tokens: one's own, and for who administers people everybody's.
package tokens

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/people"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

const path = "/settings/tokens"

// Screen is the tokens.
type Screen struct {
	desk   *desk.Desk
	people *people.Service
}

// New makes the screen.
func New(d *desk.Desk, p *people.Service) *Screen { return &Screen{desk: d, people: p} }

type pageView struct {
	Rows     []people.TokenRow
	All      bool // everybody's are shown
	MayAll   bool
	Fresh    string // a token just made, shown this once
	Name     string
	Kind     string
	Days     string
	Scopes   []kit.Option
	Errors   map[string]string
	Refused  string
	Now      time.Time
	MoreHref string
}

// Page lists tokens: GET /settings/tokens?all=1&after=….
func (s *Screen) Page(c echo.Context) error {
	return s.show(c, http.StatusOK, pageView{Kind: "person", Days: "90"})
}

// Create makes one: POST /settings/tokens. Fields: name, kind, days, scopes.
func (s *Screen) Create(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	v := pageView{Name: strings.TrimSpace(form.Get("name")), Kind: form.Get("kind"), Days: strings.TrimSpace(form.Get("days"))}
	days, _ := strconv.Atoi(v.Days)
	expires := s.desk.Clock().AddDate(0, 0, days)
	by := web.Actor(c)
	v.Fresh, err = s.people.IssueToken(c.Request().Context(), people.NewToken{UserID: by.UserID, Name: v.Name, Kind: v.Kind, Scopes: form["scopes"], ExpiresAt: &expires, By: by})
	if err == nil {
		return s.show(c, http.StatusOK, pageView{Fresh: v.Fresh, Kind: "person", Days: "90"})
	}
	if errs.KindOf(err) != errs.Invalid {
		return err
	}
	if v.Errors = s.desk.FieldErrors(c, err); len(v.Errors) == 0 {
		v.Refused = s.desk.Sentence(c, err)
	}
	v.Scopes = scopes(by, form["scopes"])
	return s.show(c, web.Status(err), v)
}

// Revoke ends one: POST /settings/tokens/:id/revoke.
func (s *Screen) Revoke(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return people.ErrNoToken
	}
	if err := s.people.RevokeToken(c.Request().Context(), web.Actor(c), id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, path)
}

func scopes(by access.Actor, chosen []string) []kit.Option {
	var list []kit.Option
	for _, action := range access.Actions() {
		if access.May(by, action) {
			list = append(list, kit.Option{Value: string(action), Text: string(action), Selected: slices.Contains(chosen, string(action))})
		}
	}
	return list
}

func (s *Screen) show(c echo.Context, status int, v pageView) error {
	by := web.Actor(c)
	v.MayAll, v.Now = access.May(by, access.Administer), s.desk.Clock()
	v.All = v.MayAll && c.QueryParam("all") != ""
	after, _ := strconv.ParseInt(c.QueryParam("after"), 10, 64)
	rows, err := s.people.Tokens(c.Request().Context(), by, v.All, after)
	if err != nil {
		return err
	}
	if len(rows) > people.RosterPage {
		rows = rows[:people.RosterPage]
		v.MoreHref = path + "?after=" + strconv.FormatInt(rows[len(rows)-1].ID, 10)
		if v.All {
			v.MoreHref += "&all=1"
		}
	}
	v.Rows = rows
	if v.Scopes == nil {
		v.Scopes = scopes(by, nil)
	}
	return s.desk.Page(c, status, desk.View{Title: i18n.T("API tokens"), Heading: i18n.T("API tokens"), BodyClass: "page-periods"}, page(v))
}

func state(row people.TokenRow, now time.Time) string {
	switch {
	case row.RevokedAt != nil:
		return i18n.T("revoked")
	case row.ExpiresAt != nil && !row.ExpiresAt.After(now):
		return i18n.T("expired")
	}
	return ""
}

func reach(row people.TokenRow) string {
	if len(row.Scopes) == 0 {
		return i18n.T("all of the person's")
	}
	return strings.Join(row.Scopes, ", ")
}
