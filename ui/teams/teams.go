// Package teams is the screen of which teams there are, who leads each, and who is in it.
package teams

import (
	"net/http"
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

const home = "/settings/teams"

// Screen is the settings of teams.
type Screen struct {
	desk   *desk.Desk
	people *people.Service
}

// New makes the screen.
func New(d *desk.Desk, p *people.Service) *Screen { return &Screen{desk: d, people: p} }

type formView struct {
	ID          int64
	Version     int
	Title, Name string
	Lead        int64
	Retired     bool
	People      []string
	Leads       []kit.Option
	Errors      map[string]string
	Refused     string
	MayPeople   bool
}

// List shows them: GET /settings/teams.
func (s *Screen) List(c echo.Context) error {
	rows, err := s.people.TeamRows(c.Request().Context(), web.Actor(c))
	if err != nil {
		return err
	}
	return s.desk.Page(c, http.StatusOK, desk.SettingsView(i18n.T("Teams"), home, i18n.T("Teams")), listPage(rows, access.May(web.Actor(c), access.ReadPeople)))
}

// Add is the page for a new one: GET /settings/teams/new.
func (s *Screen) Add(c echo.Context) error { return s.form(c, http.StatusOK, formView{}) }

// Edit is the page of one: GET /settings/teams/:id.
func (s *Screen) Edit(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return people.ErrNoTeam
	}
	t, err := s.people.TeamByID(c.Request().Context(), web.Actor(c), id)
	if err != nil {
		return err
	}
	v := formView{ID: t.ID, Version: t.Version, Name: t.Name, Retired: t.RetiredAt != nil}
	if t.LeadID != nil {
		v.Lead = *t.LeadID
	}
	return s.form(c, http.StatusOK, v)
}

// Save adds or changes one: POST /settings/teams. Fields: id (0 for a new one), version, name, lead, retired.
func (s *Screen) Save(c echo.Context) error {
	in, err := input(c)
	if err != nil {
		return err
	}
	_, err = s.people.SaveTeam(c.Request().Context(), in)
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict:
		v := formView{ID: in.ID, Version: in.Version, Name: in.Name, Retired: in.Retired}
		if in.LeadID != nil {
			v.Lead = *in.LeadID
		}
		if v.Errors = s.desk.FieldErrors(c, err); len(v.Errors) == 0 {
			v.Refused = s.desk.Sentence(c, err)
		}
		return s.form(c, web.Status(err), v)
	default:
		if err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, home)
}

func input(c echo.Context) (people.TeamInput, error) {
	in := people.TeamInput{By: web.Actor(c), Name: c.FormValue("name"), Retired: c.FormValue("retired") != ""}
	var err error
	if in.ID, err = strconv.ParseInt(c.FormValue("id"), 10, 64); err != nil {
		return in, people.ErrNoTeam
	}
	if in.Version, err = strconv.Atoi(c.FormValue("version")); err != nil {
		return in, people.ErrTeamChanged
	}
	if typed := c.FormValue("lead"); typed != "" {
		lead, err := strconv.ParseInt(typed, 10, 64)
		if err != nil {
			return in, errs.InvalidField("lead", "people.lead_not_here")
		}
		in.LeadID = &lead
	}
	return in, nil
}

// form shows one as it is kept, or as it was typed, with who is in it now.
func (s *Screen) form(c echo.Context, status int, v formView) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	all, err := s.people.Users(ctx)
	if err != nil {
		return err
	}
	v.Leads, v.Title, v.MayPeople = []kit.Option{{Value: "", Text: i18n.T("Nobody")}}, i18n.T("New team"), access.May(by, access.ReadPeople)
	there := v.Lead == 0
	for _, u := range all {
		v.Leads = append(v.Leads, kit.Option{Value: strconv.FormatInt(u.ID, 10), Text: u.Name, Selected: u.ID == v.Lead})
		there = there || u.ID == v.Lead
	}
	if v.ID != 0 {
		kept, err := s.people.TeamByID(ctx, by, v.ID)
		if err != nil {
			return err
		}
		v.Title, v.People = kept.Name, kept.People
		if !there && kept.LeadID != nil && *kept.LeadID == v.Lead { // a lead who has left is not dropped in silence
			v.Leads = append(v.Leads, kit.Option{Value: strconv.FormatInt(v.Lead, 10), Text: i18n.F("{lead_name} (not active)", "lead_name", kept.LeadName), Selected: true})
		}
	}
	return s.desk.Page(c, status, desk.SettingsView(i18n.T("Teams"), home, v.Title), formPage(v))
}

func href(id int64) string { return home + "/" + strconv.FormatInt(id, 10) }

// several names people as far as a line has room for them.
func several(names []string) string {
	const most = 8
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return i18n.F("{names} and {names_2} more", "names", strings.Join(names[:most], ", "), "names_2", strconv.Itoa(len(names)-most))
}
