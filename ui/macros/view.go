package macros

import (
	"strconv"
	"strings"

	"makegood/cases"
	"makegood/cases/letters"
	"makegood/internal/i18n"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

type listView struct{ Folders []folderView }

type folderView struct {
	Name string
	Rows []rowView
}

func (f folderView) title() string {
	if f.Name == "" {
		return i18n.T("No folder")
	}
	return f.Name
}

type rowView struct {
	Name, Href, Begins, Owner string
	Note                      bool
	Does                      string
}

type formView struct {
	ID                                       int64
	Version                                  int
	Title, Folder, Name, Kind, Body          string
	Status, Assign, Tags, Later, Case, Tried string
	Shared, MayShare, MayEdit                bool
	Statuses, People                         []kit.Option
	Variables                                []letters.Variable
	Errors                                   map[string]string
	Refused                                  string
}

func href(id cases.MacroID) string { return "/settings/macros/" + strconv.FormatInt(int64(id), 10) }

// Does says what becomes of a case with a macro: "waiting on customer, to Mara Lindt, tagged meter". People are named by id.
func Does(d cases.MacroDoes, people []kit.Option) string {
	var list []string
	if d.Status != "" {
		list = append(list, desk.MoveWord(d.Status))
	}
	switch d.Assign {
	case "":
	case cases.AssignMe:
		list = append(list, i18n.T("to whoever uses it"))
	case cases.AssignNobody:
		list = append(list, i18n.T("back to the team"))
	default:
		list = append(list, i18n.F("to {people}", "people", desk.NamedIn(people, d.Assign)))
	}
	if d.FollowUp > 0 {
		list = append(list, i18n.N(d.FollowUp, "put off for {n} day", "put off for {n} days", "n", d.FollowUp))
	}
	if len(d.Tags) > 0 {
		list = append(list, i18n.F("tagged {tags}", "tags", strings.Join(d.Tags, ", ")))
	}
	return strings.Join(list, ", ")
}

// beginning is the start of a text on one line.
func beginning(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > 110 {
		return string(line[:109]) + "…"
	}
	return string(line)
}
