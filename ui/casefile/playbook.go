package casefile

import (
	"slices"

	"makegood/cases"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/prose"
)

// playbookView is how a claim of the case is worked.
type playbookView struct {
	Title string
	Parts []prose.Part
	Open  bool // it is unfolded where it matters
}

// playbooks are those beside the case: unfolded for what is claimed and not decided, and for what a new case is about.
func (r reader) playbooks(f reports.CaseFile) []playbookView {
	var list []playbookView
	for _, p := range cases.PlaybooksFor(f.Playbooks) {
		v := playbookView{Title: p.ReasonName, Parts: prose.Playbook(p.PlaybookText), Open: f.Status.Active() && matters(f, p)}
		if p.Reason == "" {
			v.Title = i18n.F("Every {type_word}", "type_word", i18n.Lower(typeWord(p.CaseType)))
		}
		list = append(list, v)
	}
	return list
}

// matters tells whether there is something left to do by a playbook: a line of its reason to decide, or nothing disputed yet.
func matters(f reports.CaseFile, p cases.Playbook) bool {
	if len(f.Disputes) == 0 {
		return true
	}
	return slices.ContainsFunc(f.Disputes, func(d reports.FileDispute) bool { return d.ReasonCode == p.Reason && !d.Status.Decided() })
}
