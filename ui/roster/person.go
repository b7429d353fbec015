package roster

import (
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

type personView struct {
	typed
	ID       int64 // 0 for somebody new
	Person   people.Standing
	Reason   string
	Glass    bool
	Invited  bool
	May      bool
	Self     bool
	Factors  people.Factors
	Sessions int
	Roles    []kit.Option
	Teams    []kit.Option
	Entities []kit.Option
}

// Person is one person: GET /settings/users/:id.
func (s *Screen) Person(c echo.Context) error {
	user, err := s.user(c)
	if err != nil {
		return err
	}
	return s.showPerson(c, http.StatusOK, personView{ID: user.ID, Invited: user.PasswordHash == "", Person: standing(user)})
}

func standing(u people.User) people.Standing {
	return people.Standing{Email: u.Email, Name: u.Name, Roles: u.Roles, TeamID: u.TeamID, EntityIDs: u.EntityIDs, Language: u.Language, TimeZone: u.TimeZone, Active: u.Active, Version: u.Version}
}

func (s *Screen) user(c echo.Context) (people.User, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return people.User{}, people.ErrNoUser
	}
	return s.people.User(c.Request().Context(), id)
}

// New is the form for somebody new: GET /settings/users/new.
func (s *Screen) New(c echo.Context) error {
	return s.showPerson(c, http.StatusOK, personView{Person: people.Standing{Language: "en", TimeZone: "UTC", Active: true}})
}

// Add proposes somebody new: POST /settings/users.
func (s *Screen) Add(c echo.Context) error {
	return s.propose(c, people.ChangeInput{Kind: people.AddPerson}, personView{})
}

// Change proposes a change of somebody: POST /settings/users/:id.
func (s *Screen) Change(c echo.Context) error {
	user, err := s.user(c)
	if err != nil {
		return err
	}
	return s.propose(c, people.ChangeInput{Kind: people.ChangePerson, UserID: user.ID}, personView{ID: user.ID, Invited: user.PasswordHash == ""})
}

func (s *Screen) propose(c echo.Context, in people.ChangeInput, v personView) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	in.By, in.Reason, in.BreakGlass = web.Actor(c), form.Get("reason"), form.Get("break_glass") == "on"
	version, _ := strconv.Atoi(form.Get("version"))
	in.Person = people.Standing{
		Email: strings.ToLower(strings.TrimSpace(form.Get("email"))), Name: strings.TrimSpace(form.Get("name")), Roles: form["roles"],
		EntityIDs: desk.Numbers(form["entities"]), Language: form.Get("language"), TimeZone: strings.TrimSpace(form.Get("time_zone")),
		Active: in.Kind == people.AddPerson || form.Get("active") == "on", Version: version,
	}
	if team := desk.Numbers([]string{form.Get("team")}); len(team) == 1 {
		in.Person.TeamID = &team[0]
	}
	_, err = s.people.Propose(c.Request().Context(), in)
	if err == nil {
		return c.Redirect(http.StatusSeeOther, changesPath)
	}
	t, other := s.refusal(c, err)
	if other != nil {
		return other
	}
	v.typed, v.Person, v.Reason, v.Glass = t, in.Person, in.Reason, in.BreakGlass
	if v.ID != 0 && errs.KindOf(err) == errs.Conflict { // what was typed stands over the version there is now
		now, err := s.people.User(c.Request().Context(), v.ID)
		if err != nil {
			return err
		}
		v.Person.Version = now.Version
	}
	return s.showPerson(c, web.Status(err), v)
}

func (s *Screen) showPerson(c echo.Context, status int, v personView) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	v.May, v.Self = access.May(by, access.Administer), v.ID == by.UserID
	teams, err := s.people.Teams(ctx)
	if err != nil {
		return err
	}
	entities, err := s.billing.Entities(ctx)
	if err != nil {
		return err
	}
	v.Roles, v.Teams = roleOptions(v.Person.Roles), []kit.Option{{Value: "", Text: i18n.T("None")}}
	for _, t := range people.Offered(teams, v.Person.TeamID) {
		v.Teams = append(v.Teams, kit.Option{Value: strconv.FormatInt(t.ID, 10), Text: t.Name, Selected: v.Person.TeamID != nil && *v.Person.TeamID == t.ID})
	}
	for _, e := range entities {
		v.Entities = append(v.Entities, kit.Option{Value: strconv.FormatInt(int64(e.ID), 10), Text: e.Code + " · " + e.Name, Selected: slices.Contains(v.Person.EntityIDs, int64(e.ID))})
	}
	if v.ID != 0 && v.May {
		if v.Factors, err = s.people.Factors(ctx, by, v.ID); err != nil {
			return err
		}
		sessions, err := s.people.Sessions(ctx, by, v.ID)
		if err != nil {
			return err
		}
		v.Sessions = len(sessions)
	}
	title := i18n.T("Somebody new")
	if v.ID != 0 {
		title = v.Person.Name
	}
	return s.page(c, status, title, listPath, person(v))
}

// Act does at once what needs no second person: POST /settings/users/:id/:act, of link, sign-out, forget-factors and deactivate.
func (s *Screen) Act(c echo.Context) error {
	user, err := s.user(c)
	if err != nil {
		return err
	}
	ctx, by := c.Request().Context(), web.Actor(c)
	switch c.Param("act") {
	case "link":
		err = s.people.SendReset(ctx, by, user.ID)
	case "sign-out":
		err = s.people.EndOtherSessions(ctx, by, user.ID, 0)
	case "forget-factors":
		err = s.people.ForgetFactors(ctx, by, user.ID)
	case "deactivate":
		err = s.people.Deactivate(ctx, by, user.ID)
	default:
		err = errs.New(errs.NotFound, "error.not_found")
	}
	if err == nil {
		return c.Redirect(http.StatusSeeOther, listPath+"/"+c.Param("id"))
	}
	t, other := s.refusal(c, err)
	if other != nil {
		return other
	}
	return s.showPerson(c, web.Status(err), personView{typed: t, ID: user.ID, Invited: user.PasswordHash == "", Person: standing(user)})
}
