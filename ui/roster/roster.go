// Package roster is the screen of who works here: roles, teams and legal entities, each change made by two people, and the rules of
// the door.
package roster

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/people"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

const (
	listPath    = "/settings/users"
	newPath     = listPath + "/new"
	changesPath = listPath + "/changes"
	rulesPath   = listPath + "/rules"
)

// Screen is the roster.
type Screen struct {
	desk    *desk.Desk
	people  *people.Service
	billing *billing.Service
}

// New makes the screen.
func New(d *desk.Desk, p *people.Service, b *billing.Service) *Screen {
	return &Screen{desk: d, people: p, billing: b}
}

type listView struct {
	Rows []rowView
	Q    string
	More string
	May  bool
}

type rowView struct {
	people.Row
	Href, Roles, Entities, Factor string
}

// List is everybody: GET /settings/users?q=…&after=….
func (s *Screen) List(c echo.Context) error {
	after, _ := strconv.ParseInt(c.QueryParam("after"), 10, 64)
	v := listView{Q: strings.TrimSpace(c.QueryParam("q")), May: access.May(web.Actor(c), access.Administer)}
	rows, err := s.people.Roster(c.Request().Context(), web.Actor(c), v.Q, after)
	if err != nil {
		return err
	}
	codes, err := s.codes(c)
	if err != nil {
		return err
	}
	if len(rows) > people.RosterPage {
		rows = rows[:people.RosterPage]
		v.More = listPath + "?" + url.Values{"q": {v.Q}, "after": {strconv.FormatInt(rows[len(rows)-1].ID, 10)}}.Encode()
	}
	for _, row := range rows {
		v.Rows = append(v.Rows, rowView{
			Row: row, Href: listPath + "/" + strconv.FormatInt(row.ID, 10), Roles: desk.RoleNames(row.Roles), Entities: named(row.EntityIDs, codes), Factor: factor(row),
		})
	}
	return s.page(c, http.StatusOK, i18n.T("People"), listPath, list(v))
}

func factor(row people.Row) string {
	var parts []string
	if row.TOTP {
		parts = append(parts, i18n.T("app"))
	}
	if row.Passkeys > 0 {
		parts = append(parts, i18n.T("passkey"))
	}
	return strings.Join(parts, ", ")
}

// codes are the legal entities by number.
func (s *Screen) codes(c echo.Context) (map[int64]string, error) {
	entities, err := s.billing.Entities(c.Request().Context())
	if err != nil {
		return nil, err
	}
	codes := map[int64]string{}
	for _, e := range entities {
		codes[int64(e.ID)] = e.Code
	}
	return codes, nil
}

func named(ids []int64, codes map[int64]string) string {
	if len(ids) == 0 {
		return i18n.T("all")
	}
	var list []string
	for _, id := range ids {
		list = append(list, codes[id])
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func (s *Screen) page(c echo.Context, status int, title, path string, body kitBody) error {
	return s.desk.Page(c, status, desk.View{Title: title, Heading: title, Active: "settings", BodyClass: "page-reports"}, room(path, body))
}

// typed is what was refused of a form.
type typed struct {
	errors  map[string]string
	refused string
}

// refusal takes an error that is for the person at the form; other errors come back.
func (s *Screen) refusal(c echo.Context, err error) (typed, error) {
	if kind := errs.KindOf(err); kind == errs.Invalid || kind == errs.Conflict {
		t := typed{errors: s.desk.FieldErrors(c, err)}
		if len(t.errors) == 0 {
			t.refused = s.desk.Sentence(c, err)
		}
		return t, nil
	}
	return typed{}, err
}

func roleOptions(chosen []string) []kit.Option {
	var list []kit.Option
	for _, role := range access.Roles() {
		list = append(list, kit.Option{Value: string(role), Text: desk.RoleName(string(role)), Selected: slices.Contains(chosen, string(role))})
	}
	return list
}
