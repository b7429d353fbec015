package casefile

import (
	"cmp"

	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/ui/desk"
)

// participant tells of who takes part. An address that was erased is not named.
func (e data) participant(what string) (icon, text string) {
	address := e.text("address")
	switch what {
	case "participant.accepted":
		if address != "" {
			return "user-check", i18n.F("{who} let {address} take part", "who", e.who(), "address", address)
		}
		return "user-check", i18n.F("{who} let a further person take part", "who", e.who())
	case "participant.retired":
		return "user-off", i18n.F("{text} no longer speaks for the customer and takes part no more", "text", e.text("name"))
	case "participant.ended":
		return "user-off", i18n.F("{who} ended that {address} takes part", "who", e.who(), "address", cmp.Or(address, i18n.T("somebody")))
	case "participant.moved":
		return "user-check", i18n.F("{text} takes part under another address", "text", e.text("name"))
	}
	switch {
	case address == "":
		return "user-plus", i18n.T("Somebody new was put in copy")
	case e.row.ActorKind == string(access.Person):
		return "user-plus", i18n.F("{who} let {address} take part", "who", e.who(), "address", address)
	}
	return "user-plus", i18n.F("{address} was put in copy", "address", address)
}

// amended tells of what was put right about the case.
func (e data) amended(what string) (icon, text string) {
	switch what {
	case "case.retitled":
		if to := e.text("to"); to != "" {
			return "pencil", i18n.F("{who} changed the subject from “{from}” to “{to}”", "who", e.who(), "from", e.text("from"), "to", to)
		}
		return "pencil", i18n.F("{who} put the subject right", "who", e.who())
	case "case.language_set":
		return "language", i18n.F("{who} had it answered in {language}", "who", e.who(), "language", desk.LanguageName(e.text("to")))
	case "tag.removed":
		return "tag", i18n.F("{who} took the tag “{text}” off", "who", e.who(), "text", e.text("tag"))
	}
	return "tag", i18n.F("{who} tagged it as “{text}”", "who", e.who(), "text", e.text("tag"))
}

// assigned tells whom a case was given to, and whose it is from then on where that changed.
func (e data) assigned() (icon, text string) {
	to := e.id("to")
	switch moved := e.row.Data["moved"] == true; {
	case moved && e.id("team") == 0:
		return "users", i18n.F("{who} took the case from its team", "who", e.who())
	case moved:
		return "users", i18n.F("{who} handed the case over to {team}", "who", e.who(), "team", e.team())
	case to != 0 && to == e.row.ActorID:
		return "user-check", i18n.F("{who} claimed the case", "who", e.who())
	case to != 0:
		return "user-check", i18n.F("{who} assigned the case to {colleague}", "who", e.who(), "colleague", e.colleague("to"))
	}
	return "user-check", i18n.F("{who} took the case back to the team", "who", e.who())
}

func (e data) team() string {
	for _, t := range e.file.Teams {
		if t.ID == e.id("team") {
			return t.Name
		}
	}
	return i18n.T("another team")
}
