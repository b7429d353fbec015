package terms

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/cases"
	"makegood/cases/escalation"
	"makegood/internal/errs"
	"makegood/internal/web"
	"makegood/ui/creditview"
)

// How much a form offers at least.
const (
	stepsOffered   = 6
	amountsOffered = 3
	stepsMost      = 20
)

// ladderTyped is a ladder as it stands in the form.
type ladderTyped struct {
	steps            []stepTyped
	amounts          [][2]string // over, and how much higher
	vip, over, owner string
}

type stepTyped struct {
	at, after string
	notify    []escalation.Audience
	does      []string
}

// typedLadder writes a ladder into the form.
func typedLadder(l escalation.Ladder) *ladderTyped {
	var t ladderTyped
	for _, r := range l.Rungs {
		step := stepTyped{at: string(r.At), after: spanText(r.After), notify: r.Notify}
		for _, one := range []struct {
			is   bool
			name string
		}{{r.Reassign, "reassign"}, {r.RaisePriority, "raise"}, {r.Urgent, "urgent"}} {
			if one.is {
				step.does = append(step.does, one.name)
			}
		}
		t.steps = append(t.steps, step)
	}
	for more := true; more; more = len(t.steps) < stepsOffered {
		t.steps = append(t.steps, stepTyped{}) // at least one that is free
	}
	for _, a := range l.Amounts {
		t.amounts = append(t.amounts, [2]string{a.Over.String(), strconv.Itoa(a.Higher)})
	}
	for more := true; more; more = len(t.amounts) < amountsOffered {
		t.amounts = append(t.amounts, [2]string{})
	}
	if l.VIPHigher > 0 {
		t.vip = strconv.Itoa(l.VIPHigher)
	}
	if l.HighImpactOver != nil {
		t.over = l.HighImpactOver.String()
	}
	if l.OwnerID > 0 {
		t.owner = strconv.FormatInt(l.OwnerID, 10)
	}
	return &t
}

// ladderReader reads the form, and gathers what could not be read.
type ladderReader struct {
	c     echo.Context
	wrong []errs.Field
}

func (r *ladderReader) text(name string) string { return strings.TrimSpace(r.c.FormValue(name)) }

func (r *ladderReader) amount(name string) *decimal.Decimal {
	text := r.text(name)
	if text == "" {
		return nil
	}
	d, ok := creditview.AmountOf(text, web.User(r.c).Language)
	if !ok {
		r.wrong = append(r.wrong, errs.Field{Name: name, Key: "error.not_a_number"})
	}
	return &d
}

// whole is a whole number; nothing typed is 0.
func (r *ladderReader) whole(name string) int {
	text := r.text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		r.wrong = append(r.wrong, errs.Field{Name: name, Key: "error.not_a_number"})
	}
	return n
}

// readLadder reads the form, beside what was typed; a step without a moment is none.
func readLadder(c echo.Context) (ladderTyped, cases.LadderInput, error) {
	var t ladderTyped
	values, err := c.FormParams()
	if err != nil {
		return t, cases.LadderInput{}, errs.Wrap(err, errs.Invalid, "error.invalid_fields")
	}
	r := &ladderReader{c: c}
	in := cases.LadderInput{Comment: c.FormValue("comment"), Ladder: escalation.Ladder{VIPHigher: r.whole("vip_higher"), HighImpactOver: r.amount("high_impact_over")}}
	t.vip, t.over, t.owner = r.text("vip_higher"), r.text("high_impact_over"), r.text("owner_id")
	in.Ladder.OwnerID = int64(r.whole("owner_id"))
	for n := 0; n < stepsMost && values.Has("at."+strconv.Itoa(n)); n++ {
		name := "." + strconv.Itoa(n)
		step := stepTyped{at: r.text("at" + name), after: r.text("after" + name), notify: as[escalation.Audience](values["notify"+name]), does: values["does"+name]}
		t.steps = append(t.steps, step)
		if step.at != "" {
			in.Ladder.Rungs = append(in.Ladder.Rungs, r.rung(step, "after"+name))
		}
	}
	for n := 0; n < stepsMost && values.Has("over."+strconv.Itoa(n)); n++ {
		name := "." + strconv.Itoa(n)
		t.amounts = append(t.amounts, [2]string{r.text("over" + name), r.text("higher" + name)})
		if over := r.amount("over" + name); over != nil {
			in.Ladder.Amounts = append(in.Ladder.Amounts, escalation.AmountStart{Over: *over, Higher: r.whole("higher" + name)})
		}
	}
	if len(r.wrong) > 0 {
		return t, in, errs.InvalidFields(r.wrong...)
	}
	return t, in, nil
}

func (r *ladderReader) rung(step stepTyped, field string) escalation.Rung {
	rung := escalation.Rung{
		At: escalation.Threshold(step.at), Notify: step.notify, Reassign: slices.Contains(step.does, "reassign"),
		RaisePriority: slices.Contains(step.does, "raise"), Urgent: slices.Contains(step.does, "urgent"),
	}
	if step.after == "" {
		return rung
	}
	span, err := time.ParseDuration(step.after)
	if err != nil {
		r.wrong = append(r.wrong, errs.Field{Name: field, Key: "escalation.bad_duration", Params: errs.Params{"text": step.after}})
	}
	rung.After = escalation.Duration(span)
	return rung
}
