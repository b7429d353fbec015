package casefields

import (
	"slices"
	"strings"

	"makegood/cases"
	"makegood/internal/i18n"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

type listView struct {
	Fields []rowView
	May    bool
}

type rowView struct {
	Code, Name, Kind, Choices, Types string
	Retired, Needed                  bool
}

type formView struct {
	New, Retired, Needed, May     bool
	Code, Name, Choices, Position string
	Kind                          cases.FieldKind
	Types                         []cases.Type
	Version                       int
	Errors                        map[string]string
	Refused                       string
}

func (v formView) title() string {
	if v.New {
		return i18n.T("New field")
	}
	return v.Code
}

func (v formView) kinds() []kit.Option {
	var list []kit.Option
	for _, k := range cases.FieldKinds() {
		if v.New || k == v.Kind {
			list = append(list, kit.Option{Value: string(k), Text: kindWord(k), Selected: k == v.Kind})
		}
	}
	return list
}

func (v formView) ticks() []kit.CheckView {
	var list []kit.CheckView
	for _, t := range cases.Types() {
		list = append(list, kit.CheckView{Name: "types", Value: string(t), Label: desk.TypeWord(t), Checked: slices.Contains(v.Types, t)})
	}
	return list
}

// kindWord is what a field holds, in the reader's language.
func kindWord(k cases.FieldKind) string {
	switch k {
	case cases.FieldNumber:
		return i18n.T("a number")
	case cases.FieldDate:
		return i18n.T("a day")
	case cases.FieldChoice:
		return i18n.T("a choice")
	case cases.FieldYesNo:
		return i18n.T("yes or no")
	case cases.FieldText:
	}
	return i18n.T("a text")
}

// typesWord names the types of cases that are asked for a field.
func typesWord(types []cases.Type) string {
	if len(types) == 0 {
		return i18n.T("all cases")
	}
	words := make([]string, len(types))
	for n, t := range types {
		words[n] = desk.TypeWord(t)
	}
	return strings.Join(words, ", ")
}
