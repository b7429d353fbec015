package casefile

import (
	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/i18n"
)

// Claim takes an unassigned case.
func (s *Screen) Claim(c echo.Context) error {
	head, on, err := s.find(c)
	if err != nil {
		return err
	}
	on.Version = 0 // whoever is first has it, whatever else changed
	if _, err := s.cases.Claim(c.Request().Context(), on); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.F("{number} is yours.", "number", head.Number)}, nil)
}

// Assign gives the case to somebody, or back to the team.
func (s *Screen) Assign(c echo.Context) error {
	head, on, err := s.find(c)
	if err != nil {
		return err
	}
	to, err := number(c, "assignee")
	if err != nil {
		return s.refuse(c, err)
	}
	team, err := number(c, "team")
	if err != nil {
		return s.refuse(c, err)
	}
	changed, err := s.cases.Assign(c.Request().Context(), cases.AssignInput{On: on, AssigneeID: to, TeamID: team})
	if err != nil {
		return s.refuse(c, err)
	}
	t := toast{Text: i18n.F("{number} is assigned.", "number", head.Number)}
	switch {
	case changed.AssigneeID == nil:
		t.Text = i18n.F("{number} is back with the team.", "number", head.Number)
	case *changed.AssigneeID == on.By.UserID:
		t.Text = i18n.F("{number} is yours.", "number", head.Number)
	}
	return s.done(c, t, nil)
}
