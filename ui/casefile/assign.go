package casefile

import (
	"github.com/labstack/echo/v4"

	"makegood/cases"
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
	return s.done(c, toast{Text: head.Number + " is yours."}, nil)
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
	changed, err := s.cases.Assign(c.Request().Context(), cases.AssignInput{On: on, AssigneeID: to, TeamID: head.TeamID})
	if err != nil {
		return s.refuse(c, err)
	}
	t := toast{Text: head.Number + " is assigned."}
	switch {
	case changed.AssigneeID == nil:
		t.Text = head.Number + " is back with the team."
	case *changed.AssigneeID == on.By.UserID:
		t.Text = head.Number + " is yours."
	}
	return s.done(c, t, nil)
}
