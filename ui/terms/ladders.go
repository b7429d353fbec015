package terms

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/escalation"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

const laddersPath = "/settings/ladders"

func ladderFrame(sub string) desk.View {
	return desk.View{Title: i18n.T("Escalation"), Heading: i18n.T("Escalation"), Sub: sub, Active: "settings", BodyClass: "page-periods"}
}

type laddersView struct {
	Rows    []ladderRow
	Changes changesView
}

type ladderRow struct {
	Href, Name, Version, For string
	Steps                    []string
	Higher                   []string
}

func ladderHref(policy int64) string { return laddersPath + "/" + strconv.FormatInt(policy, 10) }

// Ladders lists who is told when which promise is not kept: GET /settings/ladders.
func (s *Screen) Ladders(c echo.Context) error {
	list, err := s.cases.Policies(c.Request().Context(), web.Actor(c))
	if err != nil {
		return err
	}
	people, err := s.colleagues(c)
	if err != nil {
		return err
	}
	var v laddersView
	if v.Changes, err = s.changes(c, cases.LadderSetting); err != nil {
		return err
	}
	for _, p := range list {
		v.Rows = append(v.Rows, s.ladderRow(c, p, people))
	}
	return s.desk.Page(c, http.StatusOK, ladderFrame(""), laddersPage(v))
}

func (s *Screen) colleagues(c echo.Context) ([]kit.Option, error) {
	list, err := s.files.Colleagues(c.Request().Context(), web.Actor(c))
	if err != nil {
		return nil, err
	}
	return desk.PeopleOptions(list), nil
}

func (s *Screen) ladderRow(c echo.Context, p cases.PolicyInForce, people []kit.Option) ladderRow {
	row := ladderRow{Href: ladderHref(p.ID), Name: p.Name, Version: strconv.Itoa(p.Version), For: s.matchText(c, p.Match)}
	for _, r := range p.Ladder.Rungs {
		row.Steps = append(row.Steps, stepText(r))
	}
	base := func(l money.Amount) string { return kit.FormatMoney(l, s.desk.Lang(c)) }
	if n := p.Ladder.VIPHigher; n > 0 {
		row.Higher = append(row.Higher, i18n.N(n, "Platinum customers: {n} person further up from the start", "Platinum customers: {n} people further up from the start", "n", n))
	}
	for _, a := range p.Ladder.Amounts {
		row.Higher = append(row.Higher, i18n.N(a.Higher, "Over {base}: {n} person further up from the start", "Over {base}: {n} people further up from the start", "base", base(money.Of(a.Over, billing.AuthorityCurrency)), "n", a.Higher))
	}
	if over := p.Ladder.HighImpactOver; over != nil {
		row.Higher = append(row.Higher, i18n.F("Over {base}: straight to {people} as well", "base", base(money.Of(*over, billing.AuthorityCurrency)), "people", desk.NamedIn(people, strconv.FormatInt(p.Ladder.OwnerID, 10))))
	}
	return row
}

// momentText says when a step is reached.
func momentText(at escalation.Threshold) string {
	if percent, warning := strings.CutPrefix(string(at), "warn"); warning {
		return i18n.F("{percent} % of the time is used", "percent", percent)
	}
	return i18n.T("the deadline has passed")
}

// stepText is a step in words: "75 % of the time is used: the assignee is told".
func stepText(r escalation.Rung) string {
	when := momentText(r.At)
	if r.After > 0 {
		when = i18n.F("{span_text} after the deadline", "span_text", spanText(r.After))
	}
	var does []string
	if len(r.Notify) > 0 {
		names := make([]string, len(r.Notify))
		for n, a := range r.Notify {
			names[n] = i18n.F("the {audience_word}", "audience_word", i18n.Lower(audienceWord(a)))
		}
		who := strings.Join(names, ", ")
		if r.Urgent {
			does = append(does, i18n.N(len(names), "{who} is told, in quiet hours too", "{who} are told, in quiet hours too", "who", who))
		} else {
			does = append(does, i18n.N(len(names), "{who} is told", "{who} are told", "who", who))
		}
	}
	if r.Reassign {
		does = append(does, i18n.T("the first of them gets the case"))
	}
	if r.RaisePriority {
		does = append(does, i18n.T("the priority goes one step up"))
	}
	return when + ": " + strings.Join(does, "; ")
}

func audiences() []escalation.Audience {
	return []escalation.Audience{escalation.Assignee, escalation.Lead, escalation.Supervisor, escalation.Manager}
}

func audienceWord(a escalation.Audience) string {
	switch a {
	case escalation.Assignee:
		return i18n.T("Assignee")
	case escalation.Lead:
		return i18n.T("Team lead")
	case escalation.Supervisor:
		return i18n.T("Supervisor")
	case escalation.Manager:
		return i18n.T("Manager")
	}
	return string(a)
}

// spanText is a span as people write it: 2h, 1h30m.
func spanText(d escalation.Duration) string {
	if d == 0 {
		return ""
	}
	text := time.Duration(d).String()
	for _, none := range []string{"0s", "0m"} {
		if cut := strings.TrimSuffix(text, none); cut != text && strings.ContainsAny(cut[len(cut)-1:], "hm") {
			text = cut
		}
	}
	return text
}

type ladderView struct {
	typed
	Href, Title, For       string
	May, InForce           bool
	Words                  ladderRow
	Steps                  []stepRow
	VIPHigher, Over, Owner kit.FieldView
	Owners                 []kit.Option
	Amounts                []amountRow
	Comment                string
}

// stepRow is a step as typed.
type stepRow struct {
	Label, Error string
	At           kit.FieldView
	Moments      []kit.Option
	After        kit.FieldView
	Notify, Does []kit.CheckView
}

type amountRow struct{ Over, Higher kit.FieldView }

// Ladder shows one, and where it is in force its form: GET /settings/ladders/:id, by the version of the policy.
func (s *Screen) Ladder(c echo.Context) error { return s.ladder(c, http.StatusOK, typed{}, nil) }

// ladder is the page with the ladder as it is, or as it was typed.
func (s *Screen) ladder(c echo.Context, status int, t typed, meant *ladderTyped) error {
	id, err := number(c)
	if err != nil {
		return err
	}
	p, _, err := s.cases.Policy(c.Request().Context(), web.Actor(c), id)
	if err != nil {
		return err
	}
	people, err := s.colleagues(c)
	if err != nil {
		return err
	}
	v := ladderView{
		typed: t, Href: ladderHref(p.ID), Title: i18n.F("{name}, version {version}", "name", p.Name, "version", strconv.Itoa(p.Version)), For: s.matchText(c, p.Match),
		InForce: p.Active, May: may(c) && p.Active, Words: s.ladderRow(c, p, people), Comment: c.FormValue("comment"),
	}
	if meant == nil {
		meant = typedLadder(p.Ladder)
	}
	v.fill(*meant, cases.LadderSteps(p.Definition), people)
	return s.desk.Page(c, status, ladderFrame(p.Name), ladderPage(v))
}

// SaveLadder gives a policy another ladder: POST /settings/ladders/:id. Fields, N from 0: at.N, after.N, notify.N and does.N (several each), over.N
// and higher.N, vip_higher, high_impact_over, owner_id, comment.
func (s *Screen) SaveLadder(c echo.Context) error {
	id, err := number(c)
	if err != nil {
		return err
	}
	meant, in, err := readLadder(c)
	if err == nil {
		in.By, in.Policy = web.Actor(c), id
		if _, _, err = s.cases.SaveLadder(c.Request().Context(), in); err == nil {
			return c.Redirect(http.StatusSeeOther, laddersPath)
		}
	}
	t, other := s.refusal(c, err)
	if other != nil {
		return other
	}
	return s.ladder(c, web.Status(err), t, &meant)
}

func (v *ladderView) fill(meant ladderTyped, moments []escalation.Threshold, people []kit.Option) {
	wrong := func(name string) string { return v.errors[name] }
	rung := 0
	for n, step := range meant.steps {
		name := "." + strconv.Itoa(n)
		row := stepRow{
			Label: i18n.F("Step {n}", "n", strconv.Itoa(n+1)), Moments: []kit.Option{{Value: "", Text: i18n.T("no step")}},
			At:     kit.FieldView{Name: "at" + name, Label: i18n.T("When")},
			After:  kit.FieldView{Name: "after" + name, Label: i18n.T("So long after the deadline"), Value: step.after, Error: wrong("after" + name), Placeholder: "2h", Autocomplete: "off"},
			Notify: checks("notify"+name, audiences(), step.notify, audienceWord),
			Does:   stepDoes("does"+name, step.does),
		}
		for _, at := range moments {
			row.Moments = append(row.Moments, kit.Option{Value: string(at), Text: momentText(at), Selected: string(at) == step.at})
		}
		if step.at != "" {
			row.At.Error = wrong("rungs." + strconv.Itoa(rung))
			rung++
		}
		if n == 0 && row.At.Error == "" {
			row.At.Error = wrong("rungs") // none is left
		}
		v.Steps = append(v.Steps, row)
	}
	for n, a := range meant.amounts {
		name := "." + strconv.Itoa(n)
		v.Amounts = append(v.Amounts, amountRow{
			kit.FieldView{Name: "over" + name, Label: i18n.F("Over, in {authority_currency}", "authority_currency", string(billing.AuthorityCurrency)), Value: a[0], Error: wrong("over" + name), InputMode: "decimal", Autocomplete: "off"},
			kit.FieldView{Name: "higher" + name, Label: i18n.T("Further up"), Value: a[1], Error: wrong("higher" + name), InputMode: "numeric", Autocomplete: "off"},
		})
	}
	v.VIPHigher = kit.FieldView{Name: "vip_higher", Label: i18n.T("Platinum customers, further up"), Value: meant.vip, Error: wrong("vip_higher") + wrong("higher"), InputMode: "numeric", Autocomplete: "off"}
	v.Over = kit.FieldView{Name: "high_impact_over", Label: i18n.F("High impact: over, in {authority_currency}", "authority_currency", string(billing.AuthorityCurrency)), Value: meant.over, Error: wrong("high_impact_over"), InputMode: "decimal", Autocomplete: "off"}
	v.Owner = kit.FieldView{Name: "owner_id", Label: i18n.T("goes straight to"), Error: wrong("owner_id")}
	v.Owners = append([]kit.Option{{Value: "", Text: i18n.T("nobody")}}, slices.Clone(people)...)
	for n := range v.Owners {
		v.Owners[n].Selected = v.Owners[n].Value == meant.owner
	}
}

func stepDoes(name string, chosen []string) []kit.CheckView {
	list := []kit.CheckView{{Value: "reassign", Label: i18n.T("the first of them gets the case")}, {Value: "raise", Label: i18n.T("priority one step up")}, {Value: "urgent", Label: i18n.T("in quiet hours too")}}
	for n := range list {
		list[n].Name, list[n].Checked = name, slices.Contains(chosen, list[n].Value)
	}
	return list
}
