package casefile

import (
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/kit"
)

// linkWord says what a case is to another.
func linkWord(k cases.LinkKind) string {
	switch k {
	case cases.Related:
		return i18n.T("related")
	case cases.DuplicateOf:
		return i18n.T("duplicate of")
	case cases.DuplicatedBy:
		return i18n.T("duplicated by")
	case cases.SameCause:
		return i18n.T("same root cause")
	}
	return string(k)
}

// linked says what was said about another case; of anything else nothing.
func (e data) linked(what string) told {
	t, number := told{icon: "link", kind: showSystem}, e.text("number")
	switch what {
	case "case.unlinked":
		t.text = i18n.F("{who} removed the link to {number}", "who", e.who(), "number", number)
		return t
	case "case.linked":
	default:
		return told{}
	}
	switch cases.LinkKind(e.text("kind")) {
	case cases.DuplicateOf:
		t.text = i18n.F("{who} marked this as a duplicate of {number}", "who", e.who(), "number", number)
	case cases.DuplicatedBy:
		t.text = i18n.F("{who} marked {number} as a duplicate of this", "who", e.who(), "number", number)
	case cases.SameCause:
		t.text = i18n.F("{who} linked {number}, which has the same root cause", "who", e.who(), "number", number)
	case cases.Related:
		t.text = i18n.F("{who} linked {number}", "who", e.who(), "number", number)
	}
	return t
}

// watcher says who began or stopped to watch.
func (e data) watcher(verb string) told {
	t := told{icon: "eye", kind: showSystem}
	own, added := e.id("user") == e.row.ActorID, verb == "added"
	switch {
	case own && added:
		t.text = i18n.F("{who} began to watch the case", "who", e.who())
	case own:
		t.text = i18n.F("{who} stopped watching the case", "who", e.who())
	case added:
		t.text = i18n.F("{who} asked {colleague} to watch the case", "who", e.who(), "colleague", e.colleague("user"))
	default:
		t.text = i18n.F("{who} took {colleague} off those who watch", "who", e.who(), "colleague", e.colleague("user"))
	}
	return t
}

// ties puts what a case is linked to, and who watches it, into the frame.
func (r reader) ties(f reports.CaseFile, v *frameView) {
	for _, l := range f.Links {
		v.Links = append(v.Links, linkView{
			Kind: linkWord(l.Kind), Number: l.Number, Subject: l.Subject, Status: statusWord(l.Status, cases.OnNobody),
			Join: l.Kind == cases.DuplicateOf && f.Status.Active() && l.Status != cases.StatusClosed,
		})
	}
	for _, w := range f.Watchers {
		own := w.UserID == r.by.UserID
		v.Watching = v.Watching || own
		v.Watchers = append(v.Watchers, watcherView{ID: id(w.UserID), Name: w.Name, Own: own})
	}
}

// mayWatch are the colleagues who can be asked to watch.
func (r reader) mayWatch(f reports.CaseFile) []kit.Option {
	var list []kit.Option
	for _, c := range f.Colleagues {
		watches := slices.ContainsFunc(f.Watchers, func(w cases.Watcher) bool { return w.UserID == c.ID })
		if c.ID != r.by.UserID && !watches {
			list = append(list, kit.Option{Value: id(c.ID), Text: c.Name, Hint: c.Team})
		}
	}
	return list
}

// Watch has the reader, or whom they name, told of what happens: POST /cases/:number/watch. Field: user, empty for oneself.
func (s *Screen) Watch(c echo.Context) error {
	in, err := s.watch(c)
	if err != nil {
		return err
	}
	if _, err := s.cases.Watch(c.Request().Context(), in); err != nil {
		return s.refuse(c, err)
	}
	text := i18n.F("You are told what happens to {param}.", "param", c.Param("number"))
	if in.UserID != 0 && in.UserID != in.By.UserID {
		text = i18n.F("They are told what happens to {param}.", "param", c.Param("number"))
	}
	return s.done(c, toast{Text: text}, nil)
}

// Unwatch ends it: POST /cases/:number/watch/end. Field: user, empty for oneself.
func (s *Screen) Unwatch(c echo.Context) error {
	in, err := s.watch(c)
	if err != nil {
		return err
	}
	if _, err := s.cases.Unwatch(c.Request().Context(), in); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.F("Nothing more is told of {param}.", "param", c.Param("number"))}, nil)
}

func (s *Screen) watch(c echo.Context) (cases.WatchInput, error) {
	_, on, err := s.find(c)
	if err != nil {
		return cases.WatchInput{}, err
	}
	user, err := number(c, "user")
	if err != nil {
		return cases.WatchInput{}, err
	}
	in := cases.WatchInput{On: on}
	if user != nil {
		in.UserID = *user
	}
	return in, nil
}

// LinkCase says what the case is to another: POST /cases/:number/links. Fields: to, a case number; kind.
func (s *Screen) LinkCase(c echo.Context) error {
	in, to, err := s.tie(c)
	if err != nil {
		return s.refuse(c, err)
	}
	in.Kind = cases.LinkKind(c.FormValue("kind"))
	if _, err := s.cases.LinkCase(c.Request().Context(), in); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.F("Linked to {to}.", "to", to)}, nil)
}

// UnlinkCase removes a link: POST /cases/:number/links/end. Field: to.
func (s *Screen) UnlinkCase(c echo.Context) error {
	in, to, err := s.tie(c)
	if err != nil {
		return s.refuse(c, err)
	}
	if _, err := s.cases.UnlinkCase(c.Request().Context(), in); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.F("The link to {to} is removed.", "to", to)}, nil)
}

func (s *Screen) tie(c echo.Context) (cases.LinkCaseInput, string, error) {
	_, on, err := s.find(c)
	if err != nil {
		return cases.LinkCaseInput{}, "", err
	}
	on.Version = 0 // a link contradicts nothing that was changed meanwhile
	typed := strings.ToUpper(strings.TrimSpace(c.FormValue("to")))
	if typed == "" {
		return cases.LinkCaseInput{}, "", errs.InvalidField("other", "case.no_case")
	}
	to, err := s.files.Find(c.Request().Context(), typed, web.Actor(c))
	if err != nil {
		return cases.LinkCaseInput{}, "", err
	}
	return cases.LinkCaseInput{On: on, Other: to.ID}, to.Number, nil
}
