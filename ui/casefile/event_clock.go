package casefile

import (
	"strings"

	"makegood/cases/clock"
	"makegood/internal/i18n"
	"makegood/ui/desk"
)

func (e data) clock(verb string) told {
	t := told{icon: "clock", tone: "clock", kind: showClocks}
	name := i18n.Lower(desk.ClockName(clock.Kind(e.text("clock"))))
	switch verb {
	case "warned":
		t.icon, t.text = "alarm", i18n.F("Warning: the {name} clock has used {text} % of its time", "name", name, "text", strings.TrimPrefix(e.text("threshold"), "warn"))
	case "breached":
		t.icon, t.text = "flame", i18n.F("The {name} clock is over its deadline", "name", name)
	case "escalated":
		t.icon, t.text = "stairs-up", i18n.F("The {name} clock went up the escalation ladder", "name", name)
	case "acknowledged":
		t.icon, t.text = "bell", i18n.F("{who} took notice of the {name} clock's escalation", "who", e.who(), "name", name)
	case "met":
		t.icon, t.text = "check", i18n.F("The {name} clock was met", "name", name)
	case "met_late":
		t.icon, t.text = "clock-exclamation", i18n.F("The {name} clock ended late", "name", name)
	case "resumed":
		t.icon, t.text = "clock-play", i18n.F("The {name} clock goes on", "name", name)
	case "cancelled":
		t.icon, t.text = "clock-pause", i18n.F("The {name} clock ended without a promise to keep", "name", name)
	}
	return t
}

// unanswered is that nothing was done by itself about a customer who does not answer.
func (e data) unanswered() told {
	why := i18n.T("there is work left in the case")
	switch e.text("why") {
	case "address", "nobody":
		why = i18n.T("mail does not reach them")
	case "dispute":
		why = i18n.T("a dispute line is undecided")
	case "cause":
		why = i18n.T("its root cause is missing")
	case "points":
		why = i18n.T("its checklist is not done")
	}
	return told{icon: "mail-question", text: i18n.F("The customer has not answered what they were asked {asked}. Nothing happens by itself: {why}", "asked", e.moment("asked_at"), "why", why), kind: showSystem}
}
