package prose

import (
	"makegood/cases"
	"makegood/internal/i18n"
)

// Part is a piece of a playbook under its heading.
type Part struct{ Title, HTML string }

// Playbook are the parts of a playbook that say something.
func Playbook(t cases.PlaybookText) []Part {
	var list []Part
	for _, p := range []Part{{i18n.T("What to check"), t.Checks}, {i18n.T("What to ask for"), t.Asks}, {i18n.T("Which evidence"), t.Evidence}, {i18n.T("What to offer"), t.Offers}} {
		if p.HTML = HTML(p.HTML); p.HTML != "" {
			list = append(list, p)
		}
	}
	return list
}
