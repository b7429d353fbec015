package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Diff says, line by line, what makes the second policy out of the first: "+" what comes, "-" what goes, "~" what changes.
// Equal policies give nothing.
func Diff(from, to Policy) []string {
	var out []string
	if from.Basis != to.Basis {
		out = append(out, fmt.Sprintf("~ basis: %s → %s", basisOf(from), basisOf(to)))
	}
	if from.FormerAgentDays != to.FormerAgentDays {
		out = append(out, fmt.Sprintf("~ former_agent_days: %d → %d", from.FormerAgentDays, to.FormerAgentDays))
	}
	if from.CoolingDays != to.CoolingDays {
		out = append(out, fmt.Sprintf("~ cooling_days: %d → %d", from.CoolingDays, to.CoolingDays))
	}
	if from.Deadlines != to.Deadlines {
		out = append(out, fmt.Sprintf("~ deadlines: %s → %s", from.Deadlines, to.Deadlines))
	}
	if from.Sampling.Percent() != to.Sampling.Percent() {
		out = append(out, fmt.Sprintf("~ sampling: %d %% → %d %% within own limits", from.Sampling.Percent(), to.Sampling.Percent()))
	}
	if was, will := severalOf(from), severalOf(to); was != will {
		out = append(out, fmt.Sprintf("~ several_up_to: %s → %s", was, will))
	}
	out = append(out, diffNamed("evidence", from.Evidence, to.Evidence, func(g Gate) string { return g.Name })...)
	if !sameText(from.Warnings.Usual(), to.Warnings.Usual()) {
		out = append(out, "~ warnings: other thresholds")
	}
	out = append(out, diffNamed("window", from.Windows, to.Windows, func(w Window) string { return w.Name })...)
	return append(out, diffNamed("rule", from.Rules, to.Rules, func(r Rule) string { return r.Name })...)
}

func severalOf(p Policy) string {
	if p.SeveralUpTo == nil {
		return "never"
	}
	return p.SeveralUpTo.String()
}

func basisOf(p Policy) Basis {
	if p.Basis == "" {
		return Gross
	}
	return p.Basis
}

// diffNamed compares two ordered lists whose members have names. One that stands elsewhere among those both have is moved.
func diffNamed[T any](what string, from, to []T, name func(T) string) []string {
	find := func(list []T, wanted string) int {
		return slices.IndexFunc(list, func(one T) bool { return name(one) == wanted })
	}
	var out, before, after []string
	for _, one := range from {
		if find(to, name(one)) < 0 {
			out = append(out, fmt.Sprintf("- %s “%s”", what, name(one)))
			continue
		}
		before = append(before, name(one))
	}
	for _, one := range to {
		at := find(from, name(one))
		if at < 0 {
			out = append(out, fmt.Sprintf("+ %s “%s”", what, name(one)))
			continue
		}
		after = append(after, name(one))
		if !reflect.DeepEqual(from[at], one) && !sameText(from[at], one) {
			out = append(out, fmt.Sprintf("~ %s “%s”", what, name(one)))
		}
	}
	if !slices.Equal(before, after) {
		out = append(out, fmt.Sprintf("~ order of %ss: %s", what, strings.Join(after, ", ")))
	}
	return out
}

// sameText compares by what is written: 5 and 5.00 are one amount, whatever they look like inside.
func sameText(a, b any) bool {
	x, errX := plainText(a)
	y, errY := plainText(b)
	return errX == nil && errY == nil && x == y
}
