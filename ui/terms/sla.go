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
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

const slaPath = "/settings/sla"

func slaFrame(sub string) desk.View {
	return desk.View{Title: i18n.T("Service levels"), Heading: i18n.T("Service levels"), Sub: sub, Active: "settings", BodyClass: "page-periods"}
}

type slaView struct {
	Rows    []policyRow
	Drafts  []draftRow
	May     bool
	Changes changesView
}

type policyRow struct{ Href, Place, Name, Version, For, Calendar, Response, Resolution string }

type draftRow struct{ Href, Name, By, At, State string }

// Policies lists what is promised to whom, in the order it is tried: GET /settings/sla.
func (s *Screen) Policies(c echo.Context) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	list, err := s.cases.Policies(ctx, by)
	if err != nil {
		return err
	}
	v := slaView{May: may(c)}
	if v.Changes, err = s.changes(c, cases.PolicySetting); err != nil {
		return err
	}
	for _, p := range list {
		v.Rows = append(v.Rows, policyRow{
			Href: policyHref(p.ID), Place: strconv.Itoa(p.Position), Name: p.Name, Version: strconv.Itoa(p.Version), For: s.matchText(c, p.Match),
			Calendar: p.Calendar, Response: targetsText(p.Definition, clock.FirstResponse), Resolution: targetsText(p.Definition, clock.Resolution),
		})
	}
	if v.May {
		drafts, err := s.cases.PolicyDrafts(ctx, by)
		if err != nil {
			return err
		}
		for _, d := range drafts {
			v.Drafts = append(v.Drafts, draftRow{draftHref(d.ID), d.Name, d.MadeBy, s.moment(c, &d.MadeAt), triedText(d)})
		}
	}
	return s.desk.Page(c, http.StatusOK, slaFrame(""), slaPage(v))
}

func policyHref(id int64) string { return slaPath + "/policies/" + strconv.FormatInt(id, 10) }

func draftHref(id cases.PolicyDraftID) string {
	return slaPath + "/drafts/" + strconv.FormatInt(int64(id), 10)
}

func triedText(d cases.PolicyDraft) string {
	if d.FinishedAt == nil {
		return i18n.F("{done} of {plural} tried", "done", strconv.Itoa(d.Done), "plural", casesText(d.Total))
	}
	return i18n.F("tried on {plural}", "plural", casesText(d.Total))
}

// targetsText is what is promised from P1 to P4.
func targetsText(p clock.Policy, kind clock.Kind) string {
	texts := make([]string, 0, 4)
	for _, priority := range clock.Priorities() {
		text := "–"
		if target, found := p.Target(kind, priority); found {
			text = target.String()
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " / ")
}

// matchText says which cases a policy is for.
func (s *Screen) matchText(c echo.Context, m cases.Match) string {
	var parts []string
	add := func(list []string) {
		if len(list) > 0 {
			parts = append(parts, desk.Or(list))
		}
	}
	add(words(m.Types, desk.TypeWord))
	add(texts(m.Priorities))
	add(words(m.Tiers, desk.TierName))
	add(m.Regions)
	add(s.entityCodes(c, m.Entities))
	if m.AmountFrom != nil {
		parts = append(parts, i18n.F("from {amount_from}", "amount_from", kit.FormatMoney(money.Of(*m.AmountFrom, billing.AuthorityCurrency), s.desk.Lang(c))))
	}
	if len(parts) == 0 {
		return i18n.T("every case")
	}
	return strings.Join(parts, "; ")
}

// words says each of a list in the middle of a sentence.
func words[T any](list []T, say func(T) string) []string {
	out := make([]string, len(list))
	for n, one := range list {
		out[n] = i18n.Lower(say(one))
	}
	return out
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for n, one := range list {
		out[n] = string(one)
	}
	return out
}

// entityCodes names legal entities; one that cannot be read is named by its number.
func (s *Screen) entityCodes(c echo.Context, ids []billing.EntityID) []string {
	if len(ids) == 0 {
		return nil
	}
	entities, err := s.billing.Entities(c.Request().Context())
	if err != nil {
		entities = nil
	}
	codes := make([]string, len(ids))
	for n, id := range ids {
		codes[n] = strconv.FormatInt(int64(id), 10)
		if at := slices.IndexFunc(entities, func(e billing.Entity) bool { return e.ID == id }); at >= 0 {
			codes[n] = entities[at].Code
		}
	}
	return codes
}

type policyView struct {
	typed
	Title    string
	InForce  bool
	May      bool
	For      string
	Versions []versionRow
	Rows     []targetRow
	MonthEnd string // when its own targets hold, in words; "" without any
	Form     policyForm
}

type targetRow struct {
	Name  string
	Cells []kit.FieldView
}

// policyForm is a policy as typed.
type policyForm struct {
	IsNew                           bool
	Name, BasedOn, Position         string
	Types, Priorities, Tiers, Where []kit.CheckView
	Regions, AmountFrom             string
	Calendars                       []kit.Option
	Rows                            []targetRow
	Pauses                          []pauseRow
	WarnAt, ReopenWithin            string
	LastDays, FirstDays             string
	MonthEnd                        []targetRow
}

type pauseRow struct {
	Name, Kind string
	On         []kit.CheckView
	Cap        kit.FieldView
}

// Policy shows one version, and where it is the newest the form of the next: GET /settings/sla/policies/:id.
func (s *Screen) Policy(c echo.Context) error {
	id, err := number(c)
	if err != nil {
		return err
	}
	p, versions, err := s.cases.Policy(c.Request().Context(), web.Actor(c), id)
	if err != nil {
		return err
	}
	v := policyView{Title: i18n.F("{name}, version {version}", "name", p.Name, "version", strconv.Itoa(p.Version)), InForce: p.Active, May: may(c) && p.Active, For: s.matchText(c, p.Match)}
	for _, other := range versions {
		v.Versions = append(v.Versions, versionRow{policyHref(other.ID), i18n.F("Version {version}, {moment}", "version", strconv.Itoa(other.Version), "moment", s.moment(c, &other.CreatedAt)), other.ID == id})
	}
	in := draftOf(p)
	if v.Form, err = s.policyForm(c, in, false); err != nil {
		return err
	}
	v.Rows, v.MonthEnd = v.Form.Rows, monthEndText(p.Definition.MonthEnd)
	return s.desk.Page(c, http.StatusOK, slaFrame(p.Name), policyPage(v))
}

func draftOf(p cases.PolicyInForce) cases.PolicyDraftInput {
	return cases.PolicyDraftInput{Name: p.Name, BasedOn: p.Version, Position: p.Position, Match: p.Match, Definition: p.Definition, Calendar: p.Calendar}
}

// NewPolicy is the form of one: GET /settings/sla/new.
func (s *Screen) NewPolicy(c echo.Context) error {
	form, err := s.policyForm(c, cases.PolicyDraftInput{Position: 1}, true)
	if err != nil {
		return err
	}
	return s.desk.Page(c, http.StatusOK, slaFrame(i18n.T("A new policy")), policyPage(policyView{Title: i18n.T("A new policy"), May: true, Form: form}))
}

// DraftPolicy keeps a draft and tries it on past cases: POST /settings/sla/drafts. Fields: name, based_on, position, type, priority, tier and
// entity (several each; none is all), regions, amount_from, calendar, target.KIND.P1 to P4, pause.KIND (several), cap.KIND, warn_at, reopen_within,
// last_days, first_days, month_end.KIND.P1 to P4.
func (s *Screen) DraftPolicy(c echo.Context) error {
	in, err := readDraft(c)
	if err == nil {
		var draft cases.PolicyDraft
		if draft, err = s.cases.DraftPolicy(c.Request().Context(), in); err == nil {
			return c.Redirect(http.StatusSeeOther, draftHref(draft.ID))
		}
	}
	t, other := s.refusal(c, err)
	if other != nil {
		return other
	}
	v := policyView{typed: t, Title: in.Name, InForce: true, May: true}
	if v.Form, other = s.policyForm(c, in, in.BasedOn == 0); other != nil {
		return other
	}
	v.Form.keep(c, t.errors)
	return s.desk.Page(c, web.Status(err), slaFrame(in.Name), policyPage(v))
}

// keep leaves in the form what was typed and could not be read, with why.
func (f *policyForm) keep(c echo.Context, wrong map[string]string) {
	f.Position, f.AmountFrom, f.WarnAt, f.ReopenWithin = c.FormValue("position"), c.FormValue("amount_from"), c.FormValue("warn_at"), c.FormValue("reopen_within")
	f.LastDays, f.FirstDays = c.FormValue("last_days"), c.FormValue("first_days")
	mark := func(v *kit.FieldView) {
		v.Value = c.FormValue(v.Name)
		name := strings.Replace(strings.Replace(v.Name, "target.", "targets.", 1), "month_end.", "month_end.targets.", 1)
		if kind, isCap := strings.CutPrefix(v.Name, "cap."); isCap {
			name = "pauses." + kind + ".cap"
		}
		v.Error = wrong[name]
	}
	for n := range f.Rows {
		for m := range f.Rows[n].Cells {
			mark(&f.Rows[n].Cells[m])
		}
	}
	for n := range f.MonthEnd {
		for m := range f.MonthEnd[n].Cells {
			mark(&f.MonthEnd[n].Cells[m])
		}
	}
	for n := range f.Pauses {
		mark(&f.Pauses[n].Cap)
	}
}
