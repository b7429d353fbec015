package casefile

import (
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/intake"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

func (r reader) frame(f reports.CaseFile) frameView {
	v := frameView{Cause: f.RootCause, Owner: f.UpstreamOwner, Others: f.Others, ClosedBefore: f.ClosedBefore, Calendar: f.CalendarName, About: r.about(f), Mails: r.mails(f), Survey: r.survey(f), Check: r.checklist(f), Fields: r.fields(f), Playbooks: r.playbooks(f)}
	if f.Position != nil {
		v.Customer = r.customer(f, *f.Position)
	}
	for _, row := range r.clocks(f) {
		v.Clocks = append(v.Clocks, r.clockLine(f, row))
	}
	for _, p := range f.Participants {
		v.Participants = append(v.Participants, participantView{Name: p.Name, Address: p.Address, Accepted: p.Accepted, Dead: r.dead(f, p.Address)})
	}
	r.ties(f, &v)
	seen := map[string]bool{}
	for _, w := range f.Warnings {
		if text := r.say(w.Key, w.Params); !seen[text] && !answered(f, w) {
			seen[text] = true
			v.Warnings = append(v.Warnings, advice(f, w, text))
		}
	}
	return v
}

// answered tells whether somebody has meanwhile said what a warning asked for: whose mail it is, or that an invoice is theirs after all. It
// stays in the timeline.
func answered(f reports.CaseFile, w cases.Warning) bool {
	switch w.Key {
	case intake.WarnUnknownSender, intake.WarnSharedDomain, intake.WarnNamesCustomer:
		return f.CustomerID != nil
	case intake.WarnForeignInvoice:
		return slices.ContainsFunc(f.Invoices, func(i reports.FileInvoice) bool { return i.Number == w.Params["number"] })
	}
	return false
}

// advice is a warning with what it suggests, as long as that can be done.
func advice(f reports.CaseFile, w cases.Warning, text string) warningView {
	v := warningView{Text: text}
	switch w.Key {
	case intake.WarnSameMatter, intake.WarnSimilarCase:
		if f.Status.Active() && w.Params["number"] != f.Number {
			v.Join = w.Params["number"]
		}
	case intake.WarnNamesCustomer:
		if f.Position == nil {
			v.Account = w.Params["account"]
		}
	}
	return v
}

func (r reader) customer(f reports.CaseFile, p billing.Position) *customerView {
	n := func(d decimal.Decimal) string { return r.number(d, p.Currency) }
	kind := i18n.Lower(desk.Coded(f.CustomerKind))
	if f.ParentName != "" {
		kind += " " + i18n.F("of {parent_name}", "parent_name", f.ParentName)
	}
	v := &customerView{
		Name: f.CustomerName, Href: "/customers/" + f.Account, Tier: f.Tier, TierText: desk.TierName(billing.Tier(f.Tier)),
		Sub: i18n.F("{account} · {kind} · {terms_days} days net", "account", f.Account, "kind", kind, "terms_days", strconv.Itoa(f.TermsDays)),
		Sums: []kit.SumRow{
			{Label: i18n.T("Open"), Value: n(p.Open), Bold: true},
			{Label: i18n.T("Disputed"), Value: n(p.Disputed.Neg()), Tone: "hold"},
			{Label: i18n.T("Collectible"), Value: n(p.Collectible), Total: true},
			{Label: i18n.T("Unapplied cash"), Value: n(p.Unapplied)},
		},
	}
	ages := []struct {
		label string
		sum   decimal.Decimal
	}{
		{i18n.T("Not due"), p.NotDue}, {"1–30", p.Days1to30}, {"31–60", p.Days31to60}, {"61–90", p.Days61to90}, {"91–120", p.Days91to120}, {"> 120", p.Over120},
	}
	for _, age := range ages {
		row := ageRow{Label: age.label, Value: n(age.sum), Zero: age.sum.IsZero()}
		if !row.Zero {
			row.Parts = []kit.BarPart{{Percent: percent(age.sum, p.Open)}}
		}
		v.Ages = append(v.Ages, row)
	}
	if p.PaidInvoices > 0 {
		v.Foot = i18n.F("Pays on day {round} on average.", "round", p.AveragePayDay.Round(0).String()) + " "
	}
	if c := p.CreditsIn12Months; c.Count > 0 {
		v.Credits = i18n.N(c.Count, "{n} credit, {money}", "{n} credits, {money}", "n", c.Count, "money", r.money(c.Sum, p.Currency))
		v.CreditsHref = v.Href
	}
	return v
}
