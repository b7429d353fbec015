package queue

import (
	"net/url"
	"strconv"

	"makegood/cases"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/ui/kit"
)

type view struct {
	Groups []viewGroup
	List   listView
}

// viewGroup is a heading with its views.
type viewGroup struct {
	Title string
	Links []viewLink
}

type viewLink struct {
	Text, Icon, Href, Count, Tone string
	Current                       bool
}

type listView struct {
	View    cases.View
	Title   string
	Query   string
	Sort    cases.Sort
	Groups  []rowGroup
	Bounded bool   // see cases.Page
	More    string // where the next page is
	Empty   kit.EmptyView
	Chosen  string // number of the case in the preview
	MayWork bool
	People  []kit.Option
	Saved   savedRef
	Chips   []kit.ChipView
}

// savedRef names the kept view that is shown.
type savedRef struct{ ID, Name string }

// rowGroup is a stretch of the list under one heading.
type rowGroup struct {
	Title, Count, Tone string
	Rows               []rowView
}

type rowView struct {
	ID, Number, Tick, Href, Customer, Tier, TierText string
	Priority                                         int
	Subject, Snippet                                 string
	Clock                                            *kit.ClockView
	ClockName                                        string
	Amount                                           *money.Amount
	Waiting, FollowUp                                kit.TagView
	Assignee                                         string
	Chosen, Claimable                                bool
}

// address is the page with some of its choices changed; an empty value drops one.
func (l listView) address(path string, changes ...string) string {
	values := url.Values{}
	set := func(name, value string) {
		values.Del(name)
		if value != "" {
			values.Set(name, value)
		}
	}
	set("view", string(l.View))
	set("q", l.Query)
	set("sort", string(l.Sort))
	set("saved", l.Saved.ID)
	for i := 0; i+1 < len(changes); i += 2 {
		set(changes[i], changes[i+1])
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

func (r rowView) path(rest string) string { return "/queue/" + r.Number + rest }

func count(n int, lang string) string {
	if n >= cases.CountCap {
		return kit.FormatCount(cases.CountCap, lang) + "+"
	}
	return kit.FormatCount(n, lang)
}

func id[T ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

// first is the case the preview starts with.
func (l listView) first() string {
	for _, g := range l.Groups {
		if len(g.Rows) > 0 {
			return g.Rows[0].Number
		}
	}
	return ""
}

// ids are the cases of the list.
func (l listView) ids() []string {
	var list []string
	for _, g := range l.Groups {
		for _, r := range g.Rows {
			list = append(list, r.ID)
		}
	}
	return list
}

// chooseFirst marks the case that the preview starts with.
func (l listView) chooseFirst() {
	if l.Chosen != "" {
		return
	}
	for _, g := range l.Groups {
		if len(g.Rows) > 0 {
			g.Rows[0].Chosen = true
			return
		}
	}
}

func (l listView) sortWord() string { return sortWord(l.Sort) }

func sortWord(sort cases.Sort) string {
	switch sort {
	case cases.SortAge:
		return i18n.T("age, oldest first")
	case cases.SortRisk:
		return i18n.T("amount in dispute")
	case cases.SortNewest:
		return i18n.T("newest first")
	case cases.SortDue, cases.SortResolved:
	}
	return i18n.T("time to breach")
}

// everyCase is the name of all cases in an address, where an empty one means one's own.
const everyCase = "every"
