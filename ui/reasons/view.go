package reasons

import (
	"makegood/cases"
	"makegood/internal/i18n"
	"makegood/ui/kit"
)

type listView struct {
	Reasons                       []cases.ReasonEntry
	Causes                        []cases.CauseEntry
	Empty, May                    bool
	StarterReasons, StarterCauses int
}

type formView struct {
	New, Cause, Retired, May    bool
	Code, Name, Owner, Position string
	CaseType                    cases.Type
	Wordings                    map[string]string
	Version                     int
	Types                       []kit.Option
	Errors                      map[string]string
	Refused                     string
}

func (v formView) title() string {
	switch {
	case v.New && v.Cause:
		return i18n.T("New root cause")
	case v.New:
		return i18n.T("New reason")
	}
	return v.Code
}

func (v formView) action() string {
	if v.Cause {
		return "/settings/root-causes"
	}
	return home
}

// worded says in which languages customers read a wording of their own.
func worded(e cases.ReasonEntry) string {
	text := ""
	for _, language := range cases.ReasonLanguages() {
		if e.Wordings[language] == "" {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += language
	}
	return text
}
