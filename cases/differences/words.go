package differences

import (
	"fmt"
	"strings"
	"time"

	"makegood/billing/reconciling"
)

// subject says in one line what is wrong with which document.
func subject(run reconciling.Run, f reconciling.Finding) string {
	return strings.Join(strings.Fields(fmt.Sprintf("%s %s: %s (%s)", f.Kind.Words(), f.Number, f.Class.Words(), run.Source)), " ")
}

// note is what the agent has to know: what each side says, what it does to the receivable, and where it was found.
func note(run reconciling.Run, f reconciling.Finding) string {
	lines := []string{f.Class.Words() + "."}
	if f.Would != "" {
		lines[0] = fmt.Sprintf("%s (%s).", f.Class.Words(), f.Would.Words())
	}
	for _, side := range []struct {
		name  string
		paper *reconciling.Paper
	}{{"Here", f.Here}, {run.Source, f.There}, {"Repeats", f.Twin}} {
		if side.paper != nil {
			lines = append(lines, side.name+": "+written(*side.paper)+".")
		}
	}
	for _, g := range f.Gap {
		lines = append(lines, "Receivable here less there: "+g.Money().String()+".")
	}
	if f.Reason != nil {
		lines = append(lines, "The row could not be read: "+f.Reason.Column+" "+f.Reason.Got+".")
	}
	place := run.Filename
	if len(f.Rows) > 0 {
		place += fmt.Sprintf(", row %d", f.Rows[0])
	}
	return strings.Join(append(lines, fmt.Sprintf("Found in %s: /reconciliations/%d", place, run.ID)), "\n")
}

func written(p reconciling.Paper) string {
	parts := []string{p.Kind.Words(), p.Number, "of " + p.Date.Format(time.DateOnly) + ",", p.Total().String()}
	if p.Tax != nil {
		parts = append(parts, "with "+p.Tax.StringFixed(p.Currency.Digits())+" tax")
	}
	if p.Status != "" {
		parts = append(parts, "("+string(p.Status)+")")
	}
	if p.Customer != "" {
		parts = append(parts, "for "+p.Customer)
	}
	return strings.Join(parts, " ")
}
