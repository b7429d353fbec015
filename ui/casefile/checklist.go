package casefile

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
)

// checkView is the checklist of the case.
type checkView struct {
	Points []pointView
	Left   string // what is still to be done, in words
	Open   bool   // there is still something to tick, so it is not folded away
}

type pointView struct {
	Path, Text, Hint, Told, Version, Label string
	Done, Required, Listed                 bool
}

// next is what ticking sends: whether the point is done then.
func (p pointView) next() string {
	if p.Done {
		return ""
	}
	return "on"
}

func (p pointView) icon() string {
	if p.Done {
		return "circle-check-filled"
	}
	return "circle"
}

func (r reader) checklist(f reports.CaseFile) checkView {
	var v checkView
	left, required := 0, 0
	for _, p := range f.Points {
		one := pointView{
			Path: "/checklist/" + url.PathEscape(p.Code), Text: p.Text, Hint: p.Hint, Version: strconv.Itoa(p.Version),
			Done: p.Done(), Required: p.Required && p.Listed, Listed: p.Listed, Label: i18n.F("Done: {text}", "text", p.Text),
		}
		if p.Done() {
			one.Told = p.DoneName + ", " + r.short(*p.DoneAt)
			if !p.Listed {
				one.Told += i18n.T(", before the case got another type")
			}
		} else if left++; p.Required {
			required++
		}
		v.Points = append(v.Points, one)
	}
	v.Open = f.Status.Active() && left > 0
	switch {
	case len(f.Points) == 0:
	case left == 0:
		v.Left = i18n.T("all done")
	case required == 0:
		v.Left = i18n.F("{left} left", "left", strconv.Itoa(left))
	default:
		v.Left = i18n.F("{left} left, {required} before it is resolved", "left", strconv.Itoa(left), "required", strconv.Itoa(required))
	}
	return v
}

// undone names what the checklist still asks for before the case is resolved.
func undone(f reports.CaseFile) string {
	var left []string
	for _, p := range f.Points {
		if p.Required && p.Listed && !p.Done() {
			left = append(left, p.Text)
		}
	}
	if len(left) == 0 {
		return ""
	}
	return i18n.F("Still to be done: {left}.", "left", strings.Join(left, "; "))
}

// checked says what was ticked; of the checklist of a new type, that it holds now.
func (e data) checked(verb string) told {
	t := told{icon: "checklist", kind: showSystem}
	switch verb {
	case "ticked":
		t.icon, t.text = "check", i18n.F("{who} ticked “{text}”", "who", e.who(), "text", e.text("point"))
	case "unticked":
		t.icon, t.text = "arrow-back-up", i18n.F("{who} took the tick off “{text}”", "who", e.who(), "text", e.text("point"))
	case "changed":
		t.text = i18n.T("Another checklist holds from here on, that of the case’s new type")
	}
	return t
}

// Tick says that a point of the checklist is done, or is not: POST /cases/:number/checklist/:code. Fields: done; point, its version.
func (s *Screen) Tick(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	on.Version = 0 // the point has a version of its own
	version, err := strconv.Atoi(c.FormValue("point"))
	if err != nil {
		return errs.InvalidField("point", "error.not_a_number")
	}
	if _, err := s.cases.TickPoint(c.Request().Context(), cases.TickInput{On: on, Code: c.Param("code"), Point: version, Done: c.FormValue("done") != ""}); err != nil {
		return err
	}
	text := i18n.T("Ticked.")
	if c.FormValue("done") == "" {
		text = i18n.T("The tick is off again.")
	}
	return s.done(c, toast{Text: text}, nil)
}
