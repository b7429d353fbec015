package casefile

import (
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/i18n"
)

// withMentions says whom a note told, and which names told nobody. The note is kept either way, so a failure costs only the words.
func (s *Screen) withMentions(c echo.Context, on cases.On, t toast) toast {
	if kindOf(c) != cases.Note {
		return t
	}
	m, err := s.cases.MentionsOf(c.Request().Context(), on.ID, c.FormValue("body"), on.By)
	if err != nil {
		s.desk.Logger.WarnContext(c.Request().Context(), "say whom a note told", "error", err)
		return t
	}
	if len(m.Told) > 0 {
		t.Text += " " + i18n.F("Told: {names}.", "names", strings.Join(m.Told, ", "))
	}
	if len(m.Nobody) > 0 {
		t.Text += " " + i18n.F("Nobody is told by @{names}: name one person who may see the case.", "names", strings.Join(m.Nobody, ", @"))
	}
	return t
}
