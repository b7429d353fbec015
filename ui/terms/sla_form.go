package terms

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

func checks[T ~string](name string, all, chosen []T, say func(T) string) []kit.CheckView {
	list := make([]kit.CheckView, len(all))
	for n, one := range all {
		list[n] = kit.CheckView{Name: name, Value: string(one), Label: i18n.Lower(say(one)), Checked: slices.Contains(chosen, one)}
	}
	return list
}

func priorityChecks(chosen []cases.Priority) []kit.CheckView {
	list := checks("priority", clock.Priorities(), chosen, func(p cases.Priority) string { return string(p) })
	for n := range list {
		list[n].Label = list[n].Value
	}
	return list
}

// policyForm is the form of a policy as it stands, or is meant.
func (s *Screen) policyForm(c echo.Context, in cases.PolicyDraftInput, isNew bool) (policyForm, error) {
	f := policyForm{
		IsNew: isNew, Name: in.Name, BasedOn: strconv.Itoa(in.BasedOn), Position: strconv.Itoa(in.Position), Regions: strings.Join(in.Match.Regions, ", "),
		Types: checks("type", cases.Types(), in.Match.Types, desk.TypeWord), Priorities: priorityChecks(in.Match.Priorities),
		Tiers: checks("tier", []billing.Tier{billing.Platinum, billing.Gold, billing.Silver}, in.Match.Tiers, desk.TierName),
	}
	if in.Match.AmountFrom != nil {
		f.AmountFrom = in.Match.AmountFrom.String()
	}
	entities, err := s.billing.Entities(c.Request().Context())
	if err != nil {
		return f, err
	}
	for _, e := range entities {
		f.Where = append(f.Where, kit.CheckView{Name: "entity", Value: strconv.FormatInt(int64(e.ID), 10), Label: e.Code + " " + e.Name, Checked: slices.Contains(in.Match.Entities, e.ID)})
	}
	calendars, err := s.cases.Calendars(c.Request().Context(), web.Actor(c))
	if err != nil {
		return f, err
	}
	for _, one := range calendars {
		f.Calendars = append(f.Calendars, kit.Option{Value: one.Name, Text: one.Name + " (" + one.Definition.Zone + ")", Selected: one.Name == in.Calendar})
	}
	f.promise(in.Definition)
	return f, nil
}

// targetRows are fields for targets, a row each clock.
func targetRows(targets map[clock.Kind]map[clock.Priority]clock.Target, prefix string) []targetRow {
	var rows []targetRow
	for _, kind := range clock.Kinds() {
		row := targetRow{Name: desk.ClockName(kind)}
		for _, priority := range clock.Priorities() {
			cell := kit.FieldView{Name: targetField(prefix, kind, priority), Autocomplete: "off", Attrs: map[string]any{"aria-label": row.Name + ", " + string(priority)}}
			if prefix == monthEndTargets {
				cell.Attrs["aria-label"] = i18n.F("{clock}, {priority}, at the end of the month", "clock", row.Name, "priority", string(priority))
			}
			if target, found := targets[kind][priority]; found {
				cell.Value = target.String()
			}
			row.Cells = append(row.Cells, cell)
		}
		rows = append(rows, row)
	}
	return rows
}

// monthEndText says when the targets of the end of the month hold.
func monthEndText(m *clock.MonthEnd) string {
	if m == nil {
		return ""
	}
	return i18n.F("Month end: clocks that start on the last {last_days} working days of a month or the first {first_days} of the next are held to:", "last_days", m.LastDays, "first_days", m.FirstDays)
}

func (f *policyForm) promise(p clock.Policy) {
	f.Rows = targetRows(p.Targets, usualTargets)
	end := p.MonthEnd
	if end == nil {
		end = &clock.MonthEnd{}
	} else {
		f.LastDays, f.FirstDays = strconv.Itoa(end.LastDays), strconv.Itoa(end.FirstDays)
	}
	f.MonthEnd = targetRows(end.Targets, monthEndTargets)
	for _, kind := range pausing() {
		rule := p.Pause(kind)
		row := pauseRow{Name: desk.ClockName(kind), Kind: string(kind), On: checks("pause."+string(kind), clock.WaitingOns(), rule.On, desk.WaitingWord)}
		row.Cap = kit.FieldView{Name: "cap." + string(kind), Label: i18n.T("For at most"), Autocomplete: "off", Placeholder: i18n.T("no limit")}
		if text, err := rule.Cap.MarshalText(); err == nil && rule.Cap > 0 {
			row.Cap.Value = string(text)
		}
		f.Pauses = append(f.Pauses, row)
	}
	warnings := make([]string, len(p.Warnings()))
	for n, percent := range p.Warnings() {
		warnings[n] = strconv.Itoa(percent)
	}
	f.WarnAt = strings.Join(warnings, ", ")
	if p.ReopenWithin != (clock.Target{}) {
		f.ReopenWithin = p.ReopenWithin.String()
	}
}

type draftView struct {
	typed
	Name, Href, For, By, At string
	Open                    bool
	State                   string
	Percent                 int
	Tried                   string
	Moving                  bool
	Text                    string
	Clocks                  []keptRow
	Rows                    []triedRow
	More                    string
	Comment                 string
}

type keptRow struct{ Name, Now, Then, NowOf, ThenOf string }

type triedRow struct{ Number, Clock, Now, Then, DueNow, Due string }

// Draft shows what a draft would have done: GET /settings/sla/drafts/:id.
func (s *Screen) Draft(c echo.Context) error { return s.draft(c, http.StatusOK, typed{}) }

func (s *Screen) draft(c echo.Context, status int, t typed) error {
	id, err := number(c)
	if err != nil {
		return err
	}
	d, err := s.cases.PolicyDraft(c.Request().Context(), web.Actor(c), cases.PolicyDraftID(id))
	if err != nil {
		return err
	}
	v := draftView{
		typed: t, Name: d.Name, Href: draftHref(d.ID), For: s.matchText(c, d.Match), By: d.MadeBy, At: s.moment(c, &d.MadeAt), Open: d.State == cases.DraftOpen,
		Moving: d.FinishedAt == nil && d.State == cases.DraftOpen, Tried: triedText(d), Percent: 100, Comment: c.FormValue("comment"),
		State: map[cases.DraftState]string{cases.DraftInForce: i18n.T("It is in force."), cases.DraftDropped: i18n.T("Another draft took its place.")}[d.State],
	}
	if d.Total > 0 {
		v.Percent = min(100, d.Done*100/d.Total)
	}
	r := d.Result
	v.Text = i18n.F("{plural} would have been under it; {plural_2} would have ended otherwise.", "plural", casesText(r.Matched), "plural_2", clocksText(r.Changed))
	if r.Stuck > 0 {
		v.Text += " " + i18n.F("{plural} cannot be counted by it.", "plural", casesText(r.Stuck))
	}
	for _, kind := range clock.Kinds() {
		for _, one := range r.Clocks {
			if one.Kind == kind {
				v.Clocks = append(v.Clocks, keptRow{desk.ClockName(kind), share(one.Now), share(one.Then), ofText(one.Now), ofText(one.Then)})
			}
		}
	}
	for _, one := range r.First {
		v.Rows = append(v.Rows, triedRow{one.Number, desk.ClockName(one.Kind), outcomeText(one.Now), outcomeText(one.Then), s.moment(c, one.DueNow), s.moment(c, one.Due)})
	}
	if r.Changed > len(r.First) {
		v.More = i18n.F("{first} of them are shown.", "first", strconv.Itoa(len(r.First)))
	}
	return s.desk.Page(c, status, slaFrame(d.Name), draftPage(v))
}

// share is how much of what ended or is late was kept, in whole percent rounded down.
func share(k cases.Kept) string {
	if k.InTime+k.Late == 0 {
		return "–"
	}
	return strconv.Itoa(k.InTime*100/(k.InTime+k.Late)) + " %"
}

func ofText(k cases.Kept) string {
	return i18n.F("{in_time} in time, {late} late, {open} running", "in_time", strconv.Itoa(k.InTime), "late", strconv.Itoa(k.Late), "open", strconv.Itoa(k.Open))
}

func outcomeText(o clock.Outcome) string {
	return map[clock.Outcome]string{
		"": i18n.T("not promised"), clock.Running: i18n.T("running"), clock.Met: i18n.T("in time"), clock.BreachedOpen: i18n.T("late"), clock.BreachedMetLate: i18n.T("late"),
		clock.Cancelled: i18n.T("ended"), clock.Superseded: i18n.T("replaced"),
	}[o]
}

// PutInForce makes a draft the policy: POST /settings/sla/drafts/:id. Field: comment.
func (s *Screen) PutInForce(c echo.Context) error {
	id, err := number(c)
	if err != nil {
		return err
	}
	_, err = s.cases.PutInForce(c.Request().Context(), web.Actor(c), cases.PolicyDraftID(id), c.FormValue("comment"))
	if err == nil {
		return c.Redirect(http.StatusSeeOther, slaPath)
	}
	t, other := s.refusal(c, err)
	if other != nil {
		return other
	}
	if errs.KindOf(err) == errs.NotFound {
		return err
	}
	return s.draft(c, web.Status(err), t)
}
