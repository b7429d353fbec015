package desk

import (
	"strconv"

	"makegood/internal/i18n"
	"makegood/ui/layout"
)

// SettingsView frames a page of a room of settings: its list, where title is the room's name or empty, or a thing in it.
func SettingsView(room, home, title string) View {
	crumbs := []layout.Crumb{{Text: i18n.T("Settings")}, {Text: room, Href: home}}
	if title == "" {
		title = room
	}
	if title != room {
		crumbs = append(crumbs, layout.Crumb{Text: title})
	}
	return View{Title: title, Heading: room, Active: "queue", BodyClass: "page-books page-sorting", Crumbs: crumbs}
}

// Numbers are the ids that a form sends; what is none is left out.
func Numbers(sent []string) []int64 {
	ids := []int64{}
	for _, text := range sent {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 {
			ids = append(ids, n)
		}
	}
	return ids
}
