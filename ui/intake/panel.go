package intake

import "strings"

// panelView is a button with a small form behind it.
type panelView struct {
	ID                  string // of the message too, so that a panel left open does not stay open over the next one
	Text, Icon, Key     string
	Field               string // is ready to be typed into once the panel is open
	Danger, Right, Open bool
}

func goingTitle(c *caseView) string {
	if c.Done {
		return "Where it went"
	}
	return "Where it would go"
}

// nameOf is how the sender is called in sentences.
func nameOf(m *messageView) string {
	return orElse(orElse(m.Name, m.Address), "the sender")
}

func takesPart(names []string) string {
	shown := names[:min(len(names), 4)]
	words := strings.Join(shown, ", ")
	if len(names) > len(shown) {
		words += " and others"
	}
	if len(names) == 1 {
		return words + " takes part"
	}
	return words + " take part"
}

func otherCaseText(m *messageView) string {
	if m.Going != nil {
		return "Other case…"
	}
	return "Add to a case…"
}

func newCaseKind(m *messageView) string {
	if m.Going == nil {
		return "primary"
	}
	return ""
}

func newCaseLabel(m *messageView) string {
	if m.AcknowledgeNewCase {
		return "New case; " + nameOf(m) + " gets an acknowledgement"
	}
	return "New case; nothing is sent to " + nameOf(m)
}
