package reports

import (
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// workFrame is what every report of cases has around its figures.
type workFrame struct {
	frame

	Work    reports.WorkScope
	Choices reports.WorkChoices
	By      reports.Way
	kept    url.Values // what an address keeps beside the filters
}

// values is the address as it is, without what is usual.
func (f workFrame) values() url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" && value != "0" {
			v.Set(name, value)
		}
	}
	w := f.Work
	if !w.On.Equal(f.today) {
		set("as_of", w.On.Format(time.DateOnly))
	}
	if w.Days != workDays {
		set("days", strconv.Itoa(w.Days))
	}
	set("entity", w.Entity)
	set("team", strconv.FormatInt(w.Team, 10))
	set("agent", strconv.FormatInt(w.Agent, 10))
	for name, value := range map[string]string{
		"tier": w.Tier, "topic": w.Topic, "type": w.Type, "priority": w.Priority, "policy": w.Policy, "reason": w.Reason, "cause": w.Cause, "customer": w.Account, "part": w.Part,
	} {
		set(name, value)
	}
	return v
}

// to is another page with the same period and filters and these changes; "" takes one away.
func (f workFrame) to(path string, changes ...string) string {
	v := f.values()
	for i := 0; i+1 < len(changes); i += 2 {
		if changes[i+1] == "" {
			v.Del(changes[i])
		} else {
			v.Set(changes[i], changes[i+1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// here is this page with changes, and with what it is told apart by.
func (f workFrame) here(changes ...string) string {
	var kept []string
	for name := range f.kept {
		kept = append(kept, name, f.kept.Get(name))
	}
	return f.to(f.path, append(kept, changes...)...)
}

func (s *WorkScreen) workFrame(c echo.Context, w reports.WorkScope, kept ...string) (workFrame, error) {
	choices, err := s.work.Choices(c.Request().Context(), w.By)
	if err != nil {
		return workFrame{}, err
	}
	a := asked{Scope: reports.Scope{By: w.By, On: w.On}, Days: w.Days, Section: "", path: c.Request().URL.Path}
	f := workFrame{
		frame: frame{linker: linker{a, s.work.Today()}, Lang: s.desk.Lang(c), ByMail: byMail(question(c)), say: s.desk.Say(c)}, Work: w, Choices: choices, kept: url.Values{},
	}
	for _, name := range kept {
		if value := c.QueryParam(name); value != "" {
			f.kept.Set(name, value)
		}
	}
	return f, nil
}

// show answers with the whole page, or with its body when htmx asks for a part.
func (s *WorkScreen) show(c echo.Context, title string, f workFrame, body pageBody) error {
	view := desk.View{
		Title: title, Heading: i18n.T("Reports"), Sub: f.period(), Active: "reports", BodyClass: "page-reports", Scripts: []string{"js/charts.js"},
	}
	return s.desk.Show(c, view, workPage(f, body), workBody(f, body))
}

// period says which days are counted.
func (f workFrame) period() string {
	return i18n.F("{day} to {day_2}", "day", f.day(f.Work.On.AddDate(0, 0, 1-f.Work.Days)), "day_2", f.day(f.Work.On))
}

// Options of the filters that are not data of the company.
func workTypes() []reports.Choice {
	var list []reports.Choice
	for _, t := range cases.Types() {
		list = append(list, reports.Choice{Key: string(t), Name: desk.Coded(string(t))})
	}
	return list
}

func workPriorities() []reports.Choice {
	return []reports.Choice{{Key: "P1", Name: "P1"}, {Key: "P2", Name: "P2"}, {Key: "P3", Name: "P3"}, {Key: "P4", Name: "P4"}}
}

func workTiers() []reports.Choice {
	return []reports.Choice{{Key: "platinum", Name: i18n.T("Platinum")}, {Key: "gold", Name: i18n.T("Gold")}, {Key: "silver", Name: i18n.T("Silver")}}
}

// moreFilters tells that a filter of the second row is set, so that it is shown open.
func (f workFrame) moreFilters() bool {
	w := f.Work
	return w.Tier != "" || w.Topic != "" || w.Type != "" || w.Priority != "" || w.Policy != "" || w.Reason != "" || w.Cause != "" || w.Account != ""
}

// chips are the filters that no field shows.
func (f workFrame) chips() []kit.ChipView {
	var list []kit.ChipView
	if f.Work.Part != "" {
		list = append(list, kit.ChipView{Name: i18n.T("only"), Value: desk.Coded(f.Work.Part), RemoveURL: f.here("part", "")})
	}
	return list
}
