package authority

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/people"
	"makegood/internal/web"
	"makegood/ui/creditview"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

type levelsView struct {
	On, OnShown, Today string
	Past               bool
	PolicyVersion      string
	Waiting            int
	Kinds              []string
	Rows               []levelRow
	Delegations        []string
	May                bool
	Currency           string
}

type levelRow struct {
	Name, Href, Sign string
	Holders          []holderView
	Limits           []string
}

type holderView struct{ Name, Note string }

// Levels is the matrix of levels, their limits and holders, on any day: GET /settings/authority?on=2026-05-01.
func (s *Screen) Levels(c echo.Context) error {
	at := s.desk.Clock()
	v := levelsView{Today: at.Format(time.DateOnly), May: may(c), Currency: string(billing.AuthorityCurrency)}
	if text := c.QueryParam("on"); text != "" {
		on, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return errs.InvalidField("on", "error.not_a_date", "text", text)
		}
		if v.Past = text != v.Today; v.Past {
			at = on.Add(24*time.Hour - time.Second) // as it stood when the day ended
		}
	}
	v.On, v.OnShown = at.Format(time.DateOnly), s.day(c, at)
	ctx, by := c.Request().Context(), web.Actor(c)
	held, err := s.credits.HeldOn(ctx, at, by)
	if err != nil {
		return err
	}
	changes, err := s.credits.Changes(ctx, by)
	if err != nil {
		return err
	}
	for _, change := range changes {
		if change.State == credits.ChangeProposed {
			v.Waiting++
		}
	}
	if held.PolicyVersion > 0 {
		v.PolicyVersion = strconv.Itoa(held.PolicyVersion)
	}
	for _, k := range kinds() {
		v.Kinds = append(v.Kinds, creditview.KindName(k))
	}
	for _, l := range held.Levels {
		v.Rows = append(v.Rows, s.levelRow(c, l, held))
	}
	for _, d := range held.Delegations {
		v.Delegations = append(v.Delegations, i18n.F("{to_name} for {from_name}, until {day}", "to_name", d.ToName, "from_name", d.FromName, "day", s.day(c, d.UntilAt)))
	}
	return s.page(c, http.StatusOK, i18n.T("Levels and holders"), levelsPage(v))
}

func (s *Screen) levelRow(c echo.Context, l credits.Level, held credits.Held) levelRow {
	row := levelRow{Name: l.Name, Href: levelsPath + "/levels/" + strconv.FormatInt(l.ID, 10)}
	if l.Signatures > 1 {
		row.Sign = i18n.F("{signatures} sign", "signatures", strconv.Itoa(l.Signatures))
	}
	for _, h := range held.Holdings {
		if h.LevelID == l.ID {
			row.Holders = append(row.Holders, holderView{Name: nameOf(h), Note: noteOf(h, held.Holders)})
		}
	}
	for _, k := range kinds() {
		row.Limits = append(row.Limits, s.limitOf(c, l, k))
	}
	return row
}

// nameOf is whom a level is given to, in words.
func nameOf(h credits.Holding) string {
	switch {
	case h.UserID != 0:
		return h.UserName
	case h.Role == "":
		return i18n.F("Everybody in team {team_name}", "team_name", h.TeamName)
	case h.TeamID != 0:
		return i18n.F("Everybody with the role {role} in team {team_name}", "role", desk.RoleName(h.Role), "team_name", h.TeamName)
	}
	return i18n.F("Everybody with the role {role}", "role", desk.RoleName(h.Role))
}

// noteOf says of whom a level is given to who that is, and whether they are there.
func noteOf(h credits.Holding, holders []credits.Holder) string {
	var names []string
	for _, one := range holders {
		if one.LevelID != h.LevelID || one.By != h.Who {
			continue
		}
		there := ""
		switch {
		case !one.Active:
			there = i18n.T("left")
		case one.Away:
			there = i18n.T("away")
		}
		switch {
		case h.UserID != 0:
			names = append(names, there)
		case there != "":
			names = append(names, one.UserName+" ("+there+")")
		default:
			names = append(names, one.UserName)
		}
	}
	note := strings.Join(names, ", ")
	if h.UserID == 0 && len(names) == 0 {
		note = i18n.T("nobody")
	}
	if note == "" && len(h.EntityIDs)+len(h.Regions)+len(h.TeamIDs) > 0 {
		note = i18n.T("in part")
	}
	return note
}

// withinOf says for what a level is held.
func (s *Screen) withinOf(c echo.Context, h credits.Holding) (string, error) {
	entities, err := s.billing.Entities(c.Request().Context())
	if err != nil {
		return "", err
	}
	teams, err := s.people.Teams(c.Request().Context())
	if err != nil {
		return "", err
	}
	var parts []string
	var names []string
	for _, e := range entities {
		if slices.Contains(h.EntityIDs, int64(e.ID)) {
			names = append(names, strings.TrimSpace(e.Code))
		}
	}
	if len(names) > 0 {
		parts = append(parts, i18n.F("in {names}", "names", strings.Join(names, ", ")))
	}
	if len(h.Regions) > 0 {
		parts = append(parts, i18n.F("for customers of {regions}", "regions", strings.Join(h.Regions, ", ")))
	}
	names = nil
	for _, t := range teams {
		if slices.Contains(h.TeamIDs, t.ID) {
			names = append(names, t.Name)
		}
	}
	if len(names) > 0 {
		parts = append(parts, i18n.F("for what {names} asks", "names", strings.Join(names, ", ")))
	}
	return strings.Join(parts, ", "), nil
}

// limitOf shows the limit of a kind that is not narrowed to a reason, legal entity or tier, and marks that there are such.
func (s *Screen) limitOf(c echo.Context, l credits.Level, k billing.Kind) string {
	shown, narrowed := "–", ""
	for _, limit := range l.Limits {
		switch {
		case limit.Kind != k:
		case limit.Reason != "" || limit.EntityID != 0 || limit.Tier != "":
			narrowed = " *"
		case limit.MaxAmount == nil:
			shown = i18n.T("no limit")
		default:
			shown = s.amount(c, *limit.MaxAmount)
		}
	}
	return shown + narrowed
}

type levelView struct {
	typed
	ID, Name, Signatures, Comment, EffectiveAt string
	Limits                                     []limitField
	Holders                                    []holdingView
	People, Within, Entities, Teams            []kit.Option
	Regions                                    string
	May                                        bool
	Currency                                   string
}

type limitField struct{ Name, Label, Max, Own, Error, OwnError string }

type holdingView struct{ Value, Name, Since, Note, Within string }

// Level shows one level and the forms to propose a change of it: GET /settings/authority/levels/:level.
func (s *Screen) Level(c echo.Context) error { return s.level(c, http.StatusOK, typed{}) }

func (s *Screen) level(c echo.Context, status int, t typed) error {
	l, err := s.one(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	v := levelView{
		typed: t, ID: strconv.FormatInt(l.ID, 10), Name: l.Name, Signatures: strconv.Itoa(l.Signatures), May: may(c), Currency: string(billing.AuthorityCurrency),
		Comment: c.FormValue("comment"), EffectiveAt: c.FormValue("effective_at"),
	}
	if text := c.FormValue("signatures"); text != "" {
		v.Signatures = text
	}
	for _, k := range kinds() {
		v.Limits = append(v.Limits, field(c, l, k, t))
	}
	if err := s.holding(c, l, &v); err != nil {
		return err
	}
	users, err := s.people.Users(ctx)
	if err != nil {
		return err
	}
	holds := func(value string) bool {
		return slices.ContainsFunc(v.Holders, func(h holdingView) bool { return h.Value == value })
	}
	for _, u := range users {
		if id := strconv.FormatInt(u.ID, 10); u.Active && !holds(id) {
			v.People = append(v.People, kit.Option{Value: id, Text: u.Name})
		}
	}
	for _, role := range access.Roles() {
		if access.May(access.Actor{Kind: access.Person, UserID: 1, Roles: []access.Role{role}}, access.Decide) {
			v.People = append(v.People, kit.Option{Value: "role:" + string(role), Text: i18n.F("Everybody with the role {role}", "role", desk.RoleName(string(role)))})
		}
	}
	teams, err := s.people.Teams(ctx)
	if err != nil {
		return err
	}
	v.Within = []kit.Option{{Text: i18n.T("Of any team")}}
	for _, t := range people.Offered(teams, nil) {
		id := strconv.FormatInt(t.ID, 10)
		v.People = append(v.People, kit.Option{Value: "team:" + id, Text: i18n.F("Everybody in team {name}", "name", t.Name)})
		v.Within = append(v.Within, kit.Option{Value: id, Text: i18n.F("Within team {name}", "name", t.Name)})
		v.Teams = append(v.Teams, kit.Option{Value: id, Text: t.Name})
	}
	return s.page(c, status, l.Name, levelPage(v))
}

// holding fills in whom a level is given to, and for what one may give it.
func (s *Screen) holding(c echo.Context, l credits.Level, v *levelView) error {
	ctx := c.Request().Context()
	now, err := s.credits.HeldOn(ctx, s.desk.Clock(), web.Actor(c))
	if err != nil {
		return err
	}
	for _, h := range now.Holdings {
		if h.LevelID != l.ID {
			continue
		}
		within, err := s.withinOf(c, h)
		if err != nil {
			return err
		}
		v.Holders = append(v.Holders, holdingView{Value: valueOf(h.Who), Name: nameOf(h), Since: s.day(c, h.ValidFrom), Note: noteOf(h, now.Holders), Within: within})
	}
	entities, err := s.billing.Entities(ctx)
	if err != nil {
		return err
	}
	by := web.Actor(c)
	for _, e := range entities {
		if by.SeesEntity(int64(e.ID)) {
			v.Entities = append(v.Entities, kit.Option{Value: strconv.FormatInt(int64(e.ID), 10), Text: strings.TrimSpace(e.Code) + " " + e.Name})
		}
	}
	v.Regions = c.FormValue("regions")
	return nil
}

// valueOf is whom a level is given to as the form names it: a number of a person, role:NAME, team:NUMBER, or role:NAME:NUMBER within a team.
func valueOf(who credits.Who) string {
	team := strconv.FormatInt(who.TeamID, 10)
	switch {
	case who.UserID != 0:
		return strconv.FormatInt(who.UserID, 10)
	case who.Role == "":
		return "team:" + team
	case who.TeamID != 0:
		return "role:" + who.Role + ":" + team
	}
	return "role:" + who.Role
}

// whoOf reads it.
func whoOf(value, within string) (credits.Who, error) {
	missing := errs.InvalidField("user", "error.required")
	what, name, _ := strings.Cut(value, ":")
	var who credits.Who
	var err error
	switch what {
	case "role":
		team := ""
		if who.Role, team, _ = strings.Cut(name, ":"); team == "" {
			team = within
		}
		if who.Role == "" {
			return who, missing
		}
		if team != "" {
			who.TeamID, err = strconv.ParseInt(team, 10, 64)
		}
	case "team":
		who.TeamID, err = strconv.ParseInt(name, 10, 64)
	default:
		who.UserID, err = strconv.ParseInt(what, 10, 64)
	}
	if err != nil {
		return who, missing
	}
	return who, nil
}

func (s *Screen) one(c echo.Context) (credits.Level, error) {
	list, err := s.credits.Levels(c.Request().Context())
	if err != nil {
		return credits.Level{}, err
	}
	at := slices.IndexFunc(list, func(l credits.Level) bool { return strconv.FormatInt(l.ID, 10) == c.Param("level") })
	if at < 0 {
		return credits.Level{}, credits.ErrNoLevel
	}
	return list[at], nil
}

// field is the limit of one kind for the form: empty is no say, "no limit" is without.
func field(c echo.Context, l credits.Level, k billing.Kind, t typed) limitField {
	f := limitField{Name: string(k), Label: creditview.KindName(k), Error: t.errors["max."+string(k)], OwnError: t.errors["own."+string(k)]}
	digits := billing.AuthorityCurrency.Digits()
	for _, limit := range l.Limits {
		if limit.Kind != k || narrowed(limit) {
			continue
		}
		f.Max = i18n.T("no limit")
		if limit.MaxAmount != nil {
			f.Max = limit.MaxAmount.StringFixed(digits)
		}
		if limit.OwnLimit.IsPositive() {
			f.Own = limit.OwnLimit.StringFixed(digits)
		}
	}
	if c.Request().Method == http.MethodPost {
		f.Max, f.Own = c.FormValue("max."+string(k)), c.FormValue("own."+string(k))
	}
	return f
}

func narrowed(l credits.Limit) bool { return l.Reason != "" || l.EntityID != 0 || l.Tier != "" }
