package terms

import (
	"errors"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/errs"
	"makegood/internal/web"
	"makegood/ui/creditview"
)

// readDraft reads the form. What it has read by then stands beside an error.
func readDraft(c echo.Context) (cases.PolicyDraftInput, error) {
	values, err := c.FormParams()
	if err != nil {
		return cases.PolicyDraftInput{}, errs.Wrap(err, errs.Invalid, "error.invalid_fields")
	}
	in := cases.PolicyDraftInput{By: web.Actor(c), Name: strings.TrimSpace(c.FormValue("name")), Calendar: c.FormValue("calendar")}
	var wrong []errs.Field
	whole := func(name string) int {
		n, err := strconv.Atoi(strings.TrimSpace(c.FormValue(name)))
		if err != nil {
			wrong = append(wrong, errs.Field{Name: name, Key: "error.not_a_number"})
		}
		return n
	}
	in.BasedOn, in.Position = whole("based_on"), whole("position")
	in.Match = cases.Match{Types: as[cases.Type](values["type"]), Priorities: as[cases.Priority](values["priority"]), Tiers: as[billing.Tier](values["tier"])}
	for part := range strings.SplitSeq(c.FormValue("regions"), ",") {
		if part = strings.TrimSpace(part); part != "" {
			in.Match.Regions = append(in.Match.Regions, part)
		}
	}
	for _, text := range values["entity"] {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil {
			in.Match.Entities = append(in.Match.Entities, billing.EntityID(id))
		}
	}
	if text := strings.TrimSpace(c.FormValue("amount_from")); text != "" {
		amount, ok := creditview.AmountOf(text, web.User(c).Language)
		if !ok {
			wrong = append(wrong, errs.Field{Name: "match.amount_from", Key: "error.not_a_number"})
		}
		in.Match.AmountFrom = &amount
	}
	var faults []errs.Field
	in.Definition, faults = readPromise(c, values)
	if wrong = append(wrong, faults...); len(wrong) > 0 {
		return in, errs.InvalidFields(wrong...)
	}
	return in, nil
}

func as[T ~string](list []string) []T {
	var out []T
	for _, one := range list {
		out = append(out, T(one))
	}
	return out
}

// promiseReader reads what a form promises, and gathers what could not be read.
type promiseReader struct {
	c     echo.Context
	wrong []errs.Field
}

func (r *promiseReader) target(name, field string) (clock.Target, bool) {
	text := strings.TrimSpace(r.c.FormValue(name))
	if text == "" {
		return clock.Target{}, false
	}
	read, err := clock.ParseTarget(text)
	if e := (*errs.Error)(nil); errors.As(err, &e) && len(e.Fields) > 0 {
		r.wrong = append(r.wrong, errs.Field{Name: field, Key: e.Fields[0].Key, Params: e.Fields[0].Params})
	}
	return read, err == nil
}

// targets reads a table of targets: the usual ones, or those of the end of the month.
func (r *promiseReader) targets(prefix, field string) map[clock.Kind]map[clock.Priority]clock.Target {
	all := map[clock.Kind]map[clock.Priority]clock.Target{}
	for _, kind := range clock.Kinds() {
		for _, priority := range clock.Priorities() {
			read, found := r.target(targetField(prefix, kind, priority), field+"."+string(kind)+"."+string(priority))
			if !found {
				continue
			}
			if all[kind] == nil {
				all[kind] = map[clock.Priority]clock.Target{}
			}
			all[kind][priority] = read
		}
	}
	return all
}

func (r *promiseReader) pauses(values map[string][]string) map[clock.Kind]clock.PauseRule {
	all := map[clock.Kind]clock.PauseRule{}
	for _, kind := range pausing() {
		rule := clock.PauseRule{On: as[clock.WaitingOn](values["pause."+string(kind)])}
		if text := strings.TrimSpace(r.c.FormValue("cap." + string(kind))); text != "" {
			if err := rule.Cap.UnmarshalText([]byte(text)); err != nil {
				r.wrong = append(r.wrong, errs.Field{Name: "pauses." + string(kind) + ".cap", Key: "clock.bad_target", Params: errs.Params{"text": text}})
			}
		}
		all[kind] = rule
	}
	return all
}

func (r *promiseReader) warnings() []int {
	var list []int
	for part := range strings.SplitSeq(r.c.FormValue("warn_at"), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		percent, err := strconv.Atoi(strings.TrimSuffix(part, "%"))
		if err != nil {
			r.wrong = append(r.wrong, errs.Field{Name: "warn_at", Key: "error.not_a_number"})
		}
		list = append(list, percent)
	}
	return list
}

// readPromise reads targets, pauses, warnings and the time in which a reopened case goes on.
func readPromise(c echo.Context, values map[string][]string) (clock.Policy, []errs.Field) {
	r := &promiseReader{c: c}
	p := clock.Policy{Targets: r.targets(usualTargets, "targets"), MonthEnd: r.monthEnd(), Pauses: r.pauses(values), WarnAt: r.warnings()}
	p.ReopenWithin, _ = r.target("reopen_within", "reopen_within")
	return p, r.wrong
}

// monthEnd reads what holds around the end of a month; nil when the fields are empty.
func (r *promiseReader) monthEnd() *clock.MonthEnd {
	m := clock.MonthEnd{Targets: r.targets(monthEndTargets, "month_end.targets")}
	empty := len(m.Targets) == 0
	for name, into := range map[string]*int{"last_days": &m.LastDays, "first_days": &m.FirstDays} {
		text := strings.TrimSpace(r.c.FormValue(name))
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			r.wrong = append(r.wrong, errs.Field{Name: "month_end." + name, Key: "error.not_a_number"})
		}
		*into, empty = n, empty && n == 0
	}
	if empty {
		return nil
	}
	return &m
}

// How the fields of targets begin.
const (
	usualTargets    = "target."
	monthEndTargets = "month_end."
)

func targetField(prefix string, kind clock.Kind, p clock.Priority) string {
	return prefix + string(kind) + "." + string(p)
}

// pausing are the clocks that may stand still.
func pausing() []clock.Kind {
	return []clock.Kind{clock.FirstResponse, clock.NextResponse, clock.Resolution}
}
