package queue

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
)

// Claim takes one case from the list.
func (s *Screen) Claim(c echo.Context) error {
	by := web.Actor(c)
	head, err := s.files.Find(c.Request().Context(), c.Param("number"), by)
	if err != nil {
		return err
	}
	if _, err := s.cases.Claim(c.Request().Context(), cases.On{By: by, ID: head.ID}); err != nil {
		return err
	}
	return s.done(c, i18n.F("{number} is yours.", "number", head.Number))
}

// ClaimChosen takes the ticked cases that are still free.
func (s *Screen) ClaimChosen(c echo.Context) error {
	return s.each(c, i18n.T("claimed"), func(on cases.On, _ cases.Case) error {
		on.Version = 0
		_, err := s.cases.Claim(c.Request().Context(), on)
		return err
	})
}

// AssignChosen gives the ticked cases to one person.
func (s *Screen) AssignChosen(c echo.Context) error {
	to, err := strconv.ParseInt(c.FormValue("assignee"), 10, 64)
	if err != nil {
		return errs.New(errs.Invalid, "case.no_such_person")
	}
	return s.each(c, i18n.T("assigned"), func(on cases.On, now cases.Case) error {
		_, err := s.cases.Assign(c.Request().Context(), cases.AssignInput{On: on, AssigneeID: &to, TeamID: now.TeamID})
		return err
	})
}

// each does the same to every ticked case, and says of how many it was true and what the first refusal was.
func (s *Screen) each(c echo.Context, verb string, do func(on cases.On, now cases.Case) error) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	by, ctx := web.Actor(c), c.Request().Context()
	done, refused := 0, ""
	for _, number := range form["case"][:min(len(form["case"]), 200)] {
		head, err := s.files.Find(ctx, number, by)
		if err == nil {
			err = do(cases.On{By: by, ID: head.ID, Version: head.Version}, head.Case)
		}
		switch {
		case err == nil:
			done++
		case errs.KindOf(err) == errs.Internal:
			return err
		case refused == "":
			refused = " " + s.desk.Sentence(c, err)
		}
	}
	return s.done(c, i18n.F("{done} of {form} {verb}.{refused}", "done", strconv.Itoa(done), "form", strconv.Itoa(len(form["case"])), "verb", verb, "refused", refused))
}

// done lets the list fetch itself again; without script it goes back to it.
func (s *Screen) done(c echo.Context, said string) error {
	if !web.IsHTMX(c) {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	if err := s.desk.Toast(c, desk.Toast{Text: said}, "mg:worked"); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
