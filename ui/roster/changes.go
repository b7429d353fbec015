package roster

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/people"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

type changesView struct {
	typed
	Open, Done []changeView
}

type changeView struct {
	people.ChangeRow
	Title  string
	Lines  []string // what becomes different
	Mine   bool     // proposed by the reader
	Decide bool
}

// Changes are those that wait and those that were decided: GET /settings/users/changes.
func (s *Screen) Changes(c echo.Context) error { return s.showChanges(c, http.StatusOK, typed{}) }

// Decide confirms, refuses or withdraws one: POST /settings/users/changes/:change/:verdict. Field: note.
func (s *Screen) Decide(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("change"), 10, 64)
	if err != nil {
		return people.ErrNoChange
	}
	err = s.people.Decide(c.Request().Context(), web.Actor(c), id, c.Param("verdict"), c.FormValue("note"))
	if err == nil {
		return c.Redirect(http.StatusSeeOther, changesPath)
	}
	t, other := s.refusal(c, err)
	if other != nil {
		return other
	}
	return s.showChanges(c, web.Status(err), t)
}

func (s *Screen) showChanges(c echo.Context, status int, t typed) error {
	by := web.Actor(c)
	rows, err := s.people.Changes(c.Request().Context(), by)
	if err != nil {
		return err
	}
	codes, err := s.codes(c)
	if err != nil {
		return err
	}
	v := changesView{typed: t}
	for _, row := range rows {
		change := changeView{ChangeRow: row, Mine: row.ProposedBy == by.UserID, Title: title(row), Lines: different(row, codes)}
		change.Decide = access.May(by, access.ConfirmPeople) && !change.Mine && (row.UserID == nil || *row.UserID != by.UserID)
		if row.State == "proposed" {
			v.Open = append(v.Open, change)
		} else {
			v.Done = append(v.Done, change)
		}
	}
	return s.page(c, status, i18n.T("Changes"), changesPath, changes(v))
}

func title(row people.ChangeRow) string {
	switch row.Kind {
	case people.ChangeRules:
		return i18n.T("Rules of the door")
	case people.AddPerson:
		var p people.Standing
		_ = json.Unmarshal(row.Content, &p)
		return i18n.F("New: {name}, {email}", "name", p.Name, "email", p.Email)
	case people.ChangePerson:
	}
	return row.Subject
}

// different says what becomes different, a line each.
func different(row people.ChangeRow, codes map[int64]string) []string {
	if row.Kind == people.ChangeRules {
		var before, after people.Rules
		if json.Unmarshal(row.Before, &before) != nil || json.Unmarshal(row.Content, &after) != nil {
			return nil
		}
		return compared([][3]string{
			{i18n.T("Second factor for"), orNobody(before.SecondFactorRoles), orNobody(after.SecondFactorRoles)},
			{i18n.T("Fresh proof after"), minutes(before.StepUpMinutes), minutes(after.StepUpMinutes)},
			{i18n.T("Tokens may decide"), yes(before.TokensDecide), yes(after.TokensDecide)},
		})
	}
	var before, after people.Standing
	if json.Unmarshal(row.Before, &before) != nil || json.Unmarshal(row.Content, &after) != nil {
		return nil
	}
	entities := "–"
	if row.Kind == people.ChangePerson {
		entities = named(before.EntityIDs, codes)
	}
	return compared([][3]string{
		{i18n.T("Mail address"), before.Email, after.Email},
		{i18n.T("Name"), before.Name, after.Name},
		{i18n.T("Roles"), desk.RoleNames(before.Roles), desk.RoleNames(after.Roles)},
		{i18n.T("Team"), team(before.TeamID), team(after.TeamID)},
		{i18n.T("Legal entities"), entities, named(after.EntityIDs, codes)},
		{i18n.T("Time zone"), before.TimeZone, after.TimeZone},
		{i18n.T("Language"), before.Language, after.Language},
		{i18n.T("Active"), yes(before.Active), yes(after.Active)},
	})
}

func compared(list [][3]string) (lines []string) {
	for _, line := range list {
		if line[1] != line[2] {
			lines = append(lines, fmt.Sprintf("%s: %s → %s", line[0], orDash(line[1]), orDash(line[2])))
		}
	}
	return lines
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

func orNobody(roles []string) string {
	if len(roles) == 0 {
		return i18n.T("nobody")
	}
	return desk.RoleNames(slices.Sorted(slices.Values(roles)))
}

func minutes(n int) string {
	if n == 0 {
		return i18n.T("never")
	}
	return i18n.F("{n} minutes", "n", strconv.Itoa(n))
}

func yes(b bool) string {
	if b {
		return i18n.T("yes")
	}
	return i18n.T("no")
}

func team(id *int64) string {
	if id == nil {
		return i18n.T("none")
	}
	return i18n.F("team {id}", "id", strconv.FormatInt(*id, 10))
}

type rulesView struct {
	typed
	Rules  people.Rules
	Roles  []kit.Option
	Reason string
	Glass  bool
	May    bool
}

// Rules are those of the door: GET /settings/users/rules.
func (s *Screen) Rules(c echo.Context) error {
	rules, err := s.people.Rules(c.Request().Context())
	if err != nil {
		return err
	}
	return s.showRules(c, http.StatusOK, rulesView{Rules: rules})
}

// ChangeRules proposes others: POST /settings/users/rules.
func (s *Screen) ChangeRules(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(form.Get("version"))
	after, err := strconv.Atoi(strings.TrimSpace(form.Get("step_up_minutes")))
	if err != nil {
		after = -1
	}
	in := people.ChangeInput{
		By: web.Actor(c), Kind: people.ChangeRules, Reason: form.Get("reason"), BreakGlass: form.Get("break_glass") == "on",
		Rules: people.Rules{SecondFactorRoles: form["roles"], StepUpMinutes: after, TokensDecide: form.Get("tokens_decide") == "on", Version: version},
	}
	_, err = s.people.Propose(c.Request().Context(), in)
	if err == nil {
		return c.Redirect(http.StatusSeeOther, changesPath)
	}
	t, other := s.refusal(c, err)
	if other != nil {
		return other
	}
	if errs.KindOf(err) == errs.Conflict {
		now, err := s.people.Rules(c.Request().Context())
		if err != nil {
			return err
		}
		in.Rules.Version = now.Version
	}
	return s.showRules(c, web.Status(err), rulesView{typed: t, Rules: in.Rules, Reason: in.Reason, Glass: in.BreakGlass})
}

func (s *Screen) showRules(c echo.Context, status int, v rulesView) error {
	v.May, v.Roles = access.May(web.Actor(c), access.Administer), roleOptions(v.Rules.SecondFactorRoles)
	return s.page(c, status, i18n.T("Rules of the door"), rulesPath, rules(v))
}
