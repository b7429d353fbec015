package intake

import (
	"strings"

	"makegood/internal/i18n"
)

// panelView is a button with a small form behind it.
type panelView struct {
	ID                  string // of the message too, so that a panel left open does not stay open over the next one
	Text, Icon, Key     string
	Field               string // is ready to be typed into once the panel is open
	Danger, Right, Open bool
}

func goingTitle(c *caseView) string {
	if c.Done {
		return i18n.T("Where it went")
	}
	return i18n.T("Where it would go")
}

// nameOf is how the sender is called in sentences.
func nameOf(m *messageView) string {
	return orElse(orElse(m.Name, m.Address), i18n.T("the sender"))
}

func takesPart(names []string) string {
	shown := names[:min(len(names), 4)]
	words := strings.Join(shown, ", ")
	if len(names) > len(shown) {
		words += " " + i18n.T("and others")
	}
	if len(names) == 1 {
		return i18n.F("{words} takes part", "words", words)
	}
	return i18n.F("{words} take part", "words", words)
}

func otherCaseText(m *messageView) string {
	if m.Going != nil {
		return i18n.T("Other case…")
	}
	return i18n.T("Add to a case…")
}

func newCaseKind(m *messageView) string {
	if m.Going == nil {
		return "primary"
	}
	return ""
}

func newCaseLabel(m *messageView) string {
	if m.AcknowledgeNewCase {
		return i18n.F("New case; {name_of} gets an acknowledgement", "name_of", nameOf(m))
	}
	return i18n.F("New case; nothing is sent to {name_of}", "name_of", nameOf(m))
}
