package roster

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/people"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

const absencesPath = "/settings/absences"

type absencesView struct {
	typed
	Rows        []absenceRow
	People      []kit.Option // whom one enters for; none for oneself alone
	First, Last string
	Note        string
	Zone        string
}

type absenceRow struct {
	people.Absence
	Now, May bool
}

// Absences is who is away and who will be: GET /settings/absences.
func (s *Screen) Absences(c echo.Context) error { return s.absences(c, http.StatusOK, typed{}) }

// EnterAbsence says that somebody is away: POST /settings/absences. Fields: user, first_day, last_day, note.
func (s *Screen) EnterAbsence(c echo.Context) error {
	in := people.AbsenceInput{By: web.Actor(c), FirstDay: c.FormValue("first_day"), LastDay: c.FormValue("last_day"), Note: c.FormValue("note")}
	if who := desk.Numbers([]string{c.FormValue("user")}); len(who) == 1 {
		in.UserID = who[0]
	}
	_, err := s.people.EnterAbsence(c.Request().Context(), in)
	return s.entered(c, err)
}

// EndAbsence takes one back, or brings somebody back: POST /settings/absences/:id/end.
func (s *Screen) EndAbsence(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return people.ErrNoAbsence
	}
	return s.entered(c, s.people.EndAbsence(c.Request().Context(), web.Actor(c), id))
}

func (s *Screen) entered(c echo.Context, err error) error {
	if err == nil {
		return c.Redirect(http.StatusSeeOther, absencesPath)
	}
	t, other := s.refusal(c, err)
	if other != nil {
		return other
	}
	return s.absences(c, web.Status(err), t)
}

func (s *Screen) absences(c echo.Context, status int, t typed) error {
	ctx, by, now := c.Request().Context(), web.Actor(c), s.desk.Clock()
	manages, today := access.May(by, access.ManageAbsences), now.In(s.desk.Zone(c)).Format(time.DateOnly)
	v := absencesView{typed: t, First: orToday(c.FormValue("first_day"), today), Last: orToday(c.FormValue("last_day"), today), Note: c.FormValue("note"), Zone: s.desk.Zone(c).String()}
	found, err := s.people.Absences(ctx, by)
	if err != nil {
		return err
	}
	for _, a := range found {
		v.Rows = append(v.Rows, absenceRow{Absence: a, Now: !a.FromAt.After(now), May: manages || a.UserID == by.UserID})
	}
	if manages {
		users, err := s.people.Users(ctx)
		if err != nil {
			return err
		}
		chosen := c.FormValue("user")
		for _, u := range users {
			id := strconv.FormatInt(u.ID, 10)
			v.People = append(v.People, kit.Option{Value: id, Text: u.Name, Selected: id == chosen || chosen == "" && u.ID == by.UserID})
		}
	}
	return s.desk.Page(c, status, desk.View{Title: i18n.T("Absences"), Heading: i18n.T("Absences"), Active: "settings", BodyClass: "page-periods"}, absences(v))
}

func orToday(day, today string) string {
	if day == "" {
		return today
	}
	return day
}
