package casefile

import (
	"slices"
	"strings"

	"makegood/internal/audit"
	"makegood/internal/i18n"
	"makegood/internal/reports"
)

// missedShown is how many changes a refusal names; further ones stand in the timeline.
const missedShown = 5

// missed says the last changes of a case, as many as versions were not seen, the latest first. Changes made in one go are one.
func (r reader) missed(f reports.CaseFile, versions int) []string {
	var list []string
	var last audit.Row
	for _, row := range slices.Backward(f.Events) {
		if noun, _, _ := strings.Cut(row.What, "."); noun == "clock" || noun == "warning" {
			continue // what only a clock did is no version
		}
		if last.ID == 0 || !row.At.Equal(last.At) {
			versions--
		}
		if versions < 0 || len(list) == missedShown {
			break
		}
		last = row
		if text := r.happened(f, row); text != "" {
			list = append(list, text)
		}
	}
	return list
}

// happened says one event, also those that the timeline shows as the message itself.
func (r reader) happened(f reports.CaseFile, row audit.Row) string {
	e := data{reader: r, file: f, row: row}
	at := ", " + r.short(row.At)
	switch row.What {
	case "message.received":
		return i18n.F("The customer wrote{at}", "at", at)
	case "reply.sent":
		return i18n.F("{who} replied{at}", "who", e.who(), "at", at)
	case "note.added":
		return i18n.F("{who} added a note{at}", "who", e.who(), "at", at)
	}
	v, _, said := r.event(f, row)
	if !said {
		return ""
	}
	return strings.TrimSpace(v.Text+" "+v.Figure) + at
}
