package queue

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

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

// AssignChosen gives the ticked cases to one person, each as it stood on the screen: of one that changed since it is said who has it now.
func (s *Screen) AssignChosen(c echo.Context) error {
	to, err := strconv.ParseInt(c.FormValue("assignee"), 10, 64)
	if err != nil {
		return errs.New(errs.Invalid, "case.no_such_person")
	}
	return s.each(c, i18n.T("assigned"), func(on cases.On, now cases.Case) error {
		_, err := s.cases.Assign(c.Request().Context(), cases.AssignInput{On: on, AssigneeID: &to})
		if errors.Is(err, cases.ErrStaleVersion) {
			return s.whoHasIt(c, now.Number, err)
		}
		return err
	})
}

// whoHasIt is the refusal of a case that changed since it was looked at, with whose it is now.
func (s *Screen) whoHasIt(c echo.Context, number string, stale error) error {
	head, err := s.files.Find(c.Request().Context(), number, web.Actor(c))
	if err != nil {
		return err
	}
	var e *errs.Error
	if !errors.As(stale, &e) {
		return stale
	}
	if head.AssigneeName == "" {
		return errs.New(errs.Conflict, "case.stale_and_free", "number", number, "by", e.Params["by"])
	}
	return errs.New(errs.Conflict, "case.stale_and_taken", "number", number, "by", e.Params["by"], "assignee", head.AssigneeName)
}

// The most ticked cases that one answer deals with, and of how many it says why they stay as they were.
const (
	chosenAtMost  = 200
	refusalsShown = 3
)

// each does the same to every ticked case, in the version that was ticked, and says of how many it was true and what the first refusals were.
func (s *Screen) each(c echo.Context, verb string, do func(on cases.On, now cases.Case) error) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	by, ctx := web.Actor(c), c.Request().Context()
	done, refused := 0, []string{}
	for _, ticked := range form["case"][:min(len(form["case"]), chosenAtMost)] {
		number, version := seen(ticked)
		head, err := s.files.Find(ctx, number, by)
		if err == nil {
			err = do(cases.On{By: by, ID: head.ID, Version: version}, head.Case)
		}
		switch {
		case err == nil:
			done++
		case errs.KindOf(err) == errs.Internal:
			return err
		default:
			refused = append(refused, s.why(c, number, err))
		}
	}
	refused = slices.Compact(refused)
	said := strings.Join(refused[:min(len(refused), refusalsShown)], " ")
	if said != "" {
		said = " " + said
	}
	return s.done(c, i18n.F("{done} of {form} {verb}.{refused}", "done", strconv.Itoa(done), "form", strconv.Itoa(len(form["case"])), "verb", verb, "refused", said))
}

// why is what is wrong about one case of several; what is said of a field says not of which case it is.
func (s *Screen) why(c echo.Context, number string, err error) string {
	fields := s.desk.FieldErrors(c, err)
	if len(fields) == 0 {
		return s.desk.Sentence(c, err)
	}
	return number + ": " + strings.Join(slices.Sorted(maps.Values(fields)), " ")
}

// tick is what a tick sends: the case's number and the version that was on the screen.
func tick(number string, version int) string { return number + ":" + strconv.Itoa(version) }

// seen reads what tick wrote. A number alone names no version.
func seen(ticked string) (number string, version int) {
	number, after, _ := strings.Cut(ticked, ":")
	version, err := strconv.Atoi(after)
	if err != nil {
		return number, 0
	}
	return number, version
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
