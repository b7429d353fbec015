package escalation

import (
	"slices"
	"strconv"

	"makegood/internal/errs"
)

// MostRungs is how many rungs a ladder has at most, and amounts from which it starts higher.
const MostRungs = 12

// Check refuses a ladder that could not be climbed: no rungs or too many, unknown names, rungs out of order, a rung that
// does nothing, a high-impact amount without an owner.
func (l Ladder) Check() error {
	var fields []errs.Field
	refuse := func(name, key string) { fields = append(fields, errs.Field{Name: name, Key: key}) }
	if len(l.Rungs) == 0 {
		refuse("rungs", "escalation.no_rungs")
	}
	if len(l.Rungs) > MostRungs || len(l.Amounts) > MostRungs {
		refuse("rungs", "escalation.too_many")
	}
	for i, r := range l.Rungs {
		name := "rungs." + strconv.Itoa(i)
		if key := r.fault(); key != "" {
			refuse(name, key)
		}
		if i > 0 && !l.Rungs[i-1].before(r) {
			refuse(name, "escalation.out_of_order")
		}
	}
	if l.VIPHigher < 0 || slices.ContainsFunc(l.Amounts, func(a AmountStart) bool { return a.Higher < 0 || a.Over.IsNegative() }) {
		refuse("higher", "escalation.negative_start")
	}
	if l.HighImpactOver != nil && l.OwnerID == 0 {
		refuse("owner_id", "escalation.no_owner")
	}
	if len(fields) > 0 {
		return errs.InvalidFields(fields...)
	}
	return nil
}

func (r Rung) fault() string {
	known := func(a Audience) bool { return slices.Contains(climbing(), a) }
	switch {
	case r.At.percent() == 0:
		return "escalation.unknown_threshold"
	case r.After < 0 || r.After > 0 && r.At != Breach:
		return "escalation.after_needs_breach"
	case slices.ContainsFunc(r.Notify, func(a Audience) bool { return !known(a) }):
		return "escalation.unknown_audience"
	case len(r.Notify) == 0 && !r.RaisePriority:
		return "escalation.empty_rung"
	}
	return ""
}

func (r Rung) before(next Rung) bool {
	if r.At.percent() != next.At.percent() {
		return r.At.percent() < next.At.percent()
	}
	return r.After < next.After
}
