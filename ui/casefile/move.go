package casefile

import (
	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/i18n"
)

// Wait says whom the case waits for.
func (s *Screen) Wait(c echo.Context) error {
	on := cases.WaitingOn(c.FormValue("waiting_on"))
	in := cases.StatusInput{To: cases.StatusWaiting, WaitingOn: on, Comment: c.FormValue("comment")}
	return s.move(c, in, i18n.F("Waiting on {on_word}.", "on_word", onWord(on)))
}

// Resolve ends the work on a case; what stands in the way is said in the form.
func (s *Screen) Resolve(c echo.Context) error {
	cause, err := number(c, "root_cause")
	if err != nil {
		return s.refuse(c, err)
	}
	in := cases.StatusInput{To: cases.StatusResolved, Resolution: c.FormValue("resolution"), RootCause: cause}
	return s.move(c, in, i18n.F("{param} is resolved.", "param", c.Param("number")))
}

// Reopen puts a resolved or closed case back to work, and ends waiting.
func (s *Screen) Reopen(c echo.Context) error {
	return s.move(c, cases.StatusInput{To: cases.StatusOpen}, i18n.F("{param} is open again.", "param", c.Param("number")))
}

func (s *Screen) move(c echo.Context, in cases.StatusInput, said string) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	in.On = on
	if _, err := s.cases.SetStatus(c.Request().Context(), in); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: said}, nil)
}

// Priority overrides the computed priority, or takes the override back.
func (s *Screen) Priority(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	changed, err := s.cases.SetPriority(c.Request().Context(), cases.PriorityInput{
		On: on, Priority: cases.Priority(c.FormValue("priority")), Reason: c.FormValue("reason"), Computed: c.FormValue("computed") == "on",
	})
	if err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.F("The priority is {priority}.", "priority", string(changed.Priority))}, nil)
}
