package reconcile

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/billing/reconciling"
	"makegood/internal/errs"
	"makegood/internal/web"
)

// Case asks for a case about a finding: POST /reconciliations/:id/findings/:finding/case.
func (s *Screen) Case(c echo.Context) error {
	return s.decide(c, func(ctx context.Context, id reconciling.ID, finding reconciling.FindingID) error {
		_, err := s.reconciling.AskCase(ctx, web.Actor(c), id, finding)
		return err
	})
}

// Explain says why a finding is no fault: POST /reconciliations/:id/findings/:finding/explain. Field: reason.
func (s *Screen) Explain(c echo.Context) error {
	return s.decide(c, func(ctx context.Context, id reconciling.ID, finding reconciling.FindingID) error {
		_, err := s.reconciling.Explain(ctx, reconciling.ExplainInput{By: web.Actor(c), Run: id, Finding: finding, Reason: c.FormValue("reason")})
		return err
	})
}

// Again compares the file once more: POST /reconciliations/:id/again.
func (s *Screen) Again(c echo.Context) error {
	a, err := read(c)
	if err != nil {
		return err
	}
	run, err := s.reconciling.Again(c.Request().Context(), a.id, web.Actor(c))
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, asked{id: run.ID}.to(""))
}

func (s *Screen) decide(c echo.Context, do func(context.Context, reconciling.ID, reconciling.FindingID) error) error {
	a, err := read(c)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(c.Param("finding"), 10, 64)
	if err != nil {
		return reconciling.ErrNoFinding
	}
	finding := reconciling.FindingID(id)
	err = do(c.Request().Context(), a.id, finding)
	if kind := errs.KindOf(err); kind == errs.Invalid || kind == errs.Conflict {
		no := refusal{finding: finding, reason: c.FormValue("reason"), field: s.desk.FieldErrors(c, err)["reason"]}
		if no.field == "" {
			no.text = s.desk.Sentence(c, err)
		}
		return s.show(c, web.Status(err), a, no)
	}
	if err != nil {
		return err
	}
	if web.IsFragment(c) {
		return s.show(c, http.StatusOK, a, refusal{})
	}
	return c.Redirect(http.StatusSeeOther, a.to(""))
}
