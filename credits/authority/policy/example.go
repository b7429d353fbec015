package policy

import "slices"

// Example makes facts such that the conditions hold of them, but for the amount, the kind, and a formula beside: of each list the first, unless
// what stands there is in it.
func (w When) Example(f *Facts) {
	for _, c := range []struct {
		wanted []string
		fact   *string
	}{{w.Reasons, &f.Reason}, {w.RootCauses, &f.RootCause}, {w.Entities, &f.Entity}, {w.Regions, &f.Region}, {w.Tiers, &f.Tier}, {w.Teams, &f.Team}} {
		if len(c.wanted) > 0 && !slices.Contains(c.wanted, *c.fact) {
			*c.fact = c.wanted[0]
		}
	}
	if len(w.Roles) > 0 && !slices.ContainsFunc(f.Roles, func(role string) bool { return slices.Contains(w.Roles, role) }) {
		f.Roles = []string{w.Roles[0]}
	}
	if w.OlderThan > 0 {
		f.InvoiceAge = w.OlderThan + 1
	}
	for _, c := range []struct{ wanted, fact *bool }{
		{w.Partner, &f.Partner}, {w.Refund, &f.Refund}, {w.ClosedPeriod, &f.ClosedPeriod}, {w.TaxChange, &f.TaxChange},
	} {
		if c.wanted != nil {
			*c.fact = *c.wanted
		}
	}
}
