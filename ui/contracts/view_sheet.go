package contracts

import (
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/ui/kit"
)

// sheetView is a computation sheet as it is read: from the time that counted to the amount proposed.
type sheetView struct {
	Contract, Service, Product, Month, MonthCode string
	Customer, CustomerHref                       string
	Proposed, ClaimText, ClaimTone               string
	Intervals                                    []intervalView
	Lines                                        []lineView
	Steps                                        []stepView
	Given                                        []kit.SumRow
	Time, Fees                                   []kit.SumRow
	Exclusions                                   []windowView
	Terms                                        []kit.KV
	Zone, Rounding                               string
	Keep                                         bool
	Kept                                         *keptView
}

type keptView struct {
	ID       int64
	Hash, At string
}

type intervalView struct {
	Incident, Source, When, Minutes, Why string
	Counted                              bool
}

type lineView struct {
	Promised, Owed, Ref, When string
	Figures                   []string // how the amount comes about, step by step
	Amount, Note              string
	Chosen, Breached, Late    bool
	ClaimBy                   string
}

type stepView struct {
	Label, Detail, Amount string
	Total                 bool
}

func (r reader) sheet(s commitment.Sheet, customer billing.Customer) sheetView {
	cur, zone := s.Terms.Currency, zoneOf(s.Terms.Zone)
	month, err := time.Parse(monthForm, s.Month)
	v := sheetView{
		Contract: s.Contract, Service: s.Service, Product: s.Product, Month: s.Month, MonthCode: s.Month, Customer: customer.Name,
		CustomerHref: "/customers/" + customer.Account, Proposed: r.money(s.Proposed, cur), Zone: s.Terms.Zone, Rounding: s.Rounding, Terms: r.terms(s.Terms),
	}
	if err == nil {
		v.Month = r.month(month)
	}
	v.ClaimText, v.ClaimTone = r.claim(s.Claim)
	titles := map[int64]commitment.SheetIncident{}
	for _, i := range s.Incidents {
		titles[i.ID] = i
	}
	for _, i := range s.Intervals {
		one := intervalView{
			Incident: titles[i.Incident].Title, Source: titles[i.Incident].Source, When: r.span(i.From, &i.Until, zone), Minutes: minutes(i.Minutes), Counted: i.Counted,
			Why: i18n.T("counts"),
		}
		if !i.Counted {
			one.Why = reason(i.Reason)
		}
		if i.Detail != "" {
			one.Why += ": " + i.Detail
		}
		v.Intervals = append(v.Intervals, one)
	}
	for _, l := range s.Lines {
		v.Lines = append(v.Lines, r.line(s, l, zone))
	}
	for _, step := range s.Steps {
		v.Steps = append(v.Steps, r.step(step, cur))
	}
	for _, e := range s.Exclusions {
		v.Exclusions = append(v.Exclusions, windowView{When: r.span(e.From, &e.Until, zone), Kind: applies(e), Reason: e.Reason})
	}
	r.totals(&v, s)
	return v
}

// totals lists what the time and the fee add up from.
func (r reader) totals(v *sheetView, s commitment.Sheet) {
	p, cur := s.Period, s.Terms.Currency
	excluded := r.count(p.Excluded)
	if p.Excluded > 0 {
		excluded = "−" + excluded
	}
	v.Time = []kit.SumRow{
		{Label: i18n.T("In force in the month"), Value: r.count(p.Minutes)},
		{Label: i18n.T("Excluded"), Value: excluded},
		{Label: i18n.T("Counts"), Value: r.count(p.Minutes - p.Excluded), Total: true},
		{Label: i18n.T("Down by our fault"), Value: r.count(p.Down), Bold: true},
	}
	for _, f := range s.Fees {
		v.Fees = append(v.Fees, kit.SumRow{Label: i18n.F("{date} – {date_2}, {days} days", "date", r.date(f.From), "date_2", r.date(f.Until), "days", strconv.Itoa(f.Days)), Value: r.exact(f.MonthlyFee, cur)})
	}
	v.Fees = append(v.Fees, kit.SumRow{Label: i18n.T("Fee base"), Value: r.exact(s.FeeBase, cur), Total: true})
	for _, g := range s.Given {
		label := map[commitment.GivenKind]string{commitment.ServiceCredit: i18n.T("Service credit"), commitment.Goodwill: i18n.T("Goodwill")}[g.Kind]
		v.Given = append(v.Given, kit.SumRow{Label: label + ", " + g.Request + ", " + g.State, Value: r.money(g.Amount.String(), cur), Tone: "out"})
	}
}

func (r reader) count(n int64) string {
	return i18n.F("{int} min", "int", kit.FormatCount(int(n), r.lang))
}

func (r reader) claim(c commitment.Claim) (text, tone string) {
	switch {
	case c.State == commitment.ClaimNoWindow:
		return i18n.T("No claim window"), "line"
	case late(c):
		text, tone = i18n.T("Late"), "bad"
		if c.State == commitment.ClaimPartlyLate {
			text, tone = i18n.T("Partly late"), "due"
		}
	default:
		text, tone = i18n.T("In time"), "ok"
	}
	if on, err := time.Parse(time.DateOnly, c.By); err == nil {
		text += i18n.F(", by {day}", "day", r.day(on))
	}
	return text, tone
}

// line says how a promise was judged and how its amount comes about.
func (r reader) line(s commitment.Sheet, l commitment.Line, zone *time.Location) lineView {
	c := s.Commitments[l.Commitment-1]
	if on, err := time.Parse(time.DateOnly, c.DeliverBy); err == nil {
		c.Commitment.DeliverBy = on
	}
	cur := s.Terms.Currency
	v := lineView{Ref: l.Ref, Amount: r.money(l.Amount, cur), Chosen: l.Chosen, Breached: l.Breached, Note: note(l.Note), Late: l.ClaimLate}
	v.Promised, v.Owed = r.promise(c.Commitment, cur)
	if l.Metric != commitment.Availability {
		v.When = r.span(l.From, &l.Until, zone)
	}
	if on, err := time.Parse(time.DateOnly, l.ClaimBy); err == nil {
		v.ClaimBy = r.day(on)
	}
	v.Figures = r.figures(s, c.Commitment, l)
	return v
}

func (r reader) figures(s commitment.Sheet, c commitment.Commitment, l commitment.Line) []string {
	var list []string
	switch l.Metric {
	case commitment.Availability:
		list = append(list, "("+r.count(l.Minutes)+" − "+r.count(l.Down)+") ÷ "+r.count(l.Minutes)+" = "+l.Measured+" %")
	case commitment.Delivery:
		list = append(list, i18n.F("delivered {date}", "date", r.date(l.Measured)))
	default:
		list = append(list, i18n.F("took {minutes}", "minutes", minutes(l.Minutes)))
	}
	if !l.Breached {
		return append(list, i18n.T("promise kept"))
	}
	if l.Free > 0 && c.Formula != commitment.TierPercent {
		list = append(list, i18n.F("{minutes} are within the promise", "minutes", minutes(l.Free)))
	}
	if l.LateBefore > 0 {
		list = append(list, i18n.F("{minutes} late in earlier months", "minutes", minutes(l.LateBefore)))
	}
	return append(list, r.priced(s, c, l)...)
}

// priced writes the formula with its figures.
func (r reader) priced(s commitment.Sheet, c commitment.Commitment, l commitment.Line) []string {
	cur := s.Terms.Currency
	base, raw := r.exact(s.FeeBase, cur), r.exact(l.Raw, cur)
	var list []string
	switch {
	case l.Formula == commitment.TierPercent && l.Tier != nil:
		list = append(list, i18n.F("below {percent}: {percent_2} × {base} = {raw}", "percent", r.percent(l.Tier.Below), "percent_2", r.percent(l.Tier.Percent), "base", base, "raw", raw))
	case l.Formula == commitment.PercentPerHour:
		list = append(list, i18n.F("{minutes} late = {units} × {percent} × {base} = {raw}", "minutes", minutes(l.Late), "units", l.Units, "percent", r.percent(c.Percent), "base", base, "raw", raw))
	case l.Formula == commitment.DayFraction:
		list = append(list, i18n.F("{minutes} late = {units} × {exact} ÷ {days_in} days = {raw}", "minutes", minutes(l.Late), "units", l.Units, "exact", r.exact(s.MonthlyFee, cur), "days_in", strconv.Itoa(daysIn(s.Month)), "raw", raw))
	case l.Formula == commitment.FixedAmount && l.LateBefore > 0:
		list = append(list, i18n.T("given in the month in which the promise was broken"))
	default:
		list = append(list, i18n.F("{minutes} late: {raw}", "minutes", minutes(l.Late), "raw", raw))
	}
	if l.EventCap != nil {
		list = append(list, r.capped(i18n.T("limit of the event"), *l.EventCap, cur))
	}
	return list
}

// date writes a day of a sheet.
func (r reader) date(text string) string {
	on, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	return r.day(on)
}

func daysIn(month string) int {
	first, err := time.Parse(monthForm, month)
	if err != nil {
		return 0
	}
	return first.AddDate(0, 1, -1).Day()
}

func (r reader) capped(name string, c commitment.CapUse, cur money.Currency) string {
	text := name + " " + r.exact(c.Limit, cur)
	if used, err := decimal.NewFromString(c.Used); err == nil && used.IsPositive() {
		text += i18n.F(", used {exact}, left {exact_2}", "exact", r.exact(c.Used, cur), "exact_2", r.exact(c.Left, cur))
	}
	return text
}

func (r reader) step(s commitment.Step, cur money.Currency) stepView {
	v := stepView{Amount: r.exact(s.Amount, cur)}
	switch s.What {
	case commitment.StepCombined:
		v.Label = i18n.T("What counts together")
	case commitment.StepRounded:
		v.Label = i18n.T("Rounded once")
	case commitment.StepFee:
		v.Label = i18n.T("Not above the fee")
	case commitment.StepMonthCap:
		v.Label = i18n.T("Month's limit")
	case commitment.StepYearCap:
		v.Label = i18n.T("Contract year's limit")
	case commitment.StepGiven:
		v.Label = i18n.T("Given before")
		if given, err := decimal.NewFromString(s.Amount); err == nil && given.IsPositive() {
			v.Amount = "−" + v.Amount
		}
	case commitment.StepProposed:
		v.Label, v.Amount, v.Total = i18n.T("Proposed"), r.money(s.Amount, cur), true
	}
	if s.Cap != nil {
		v.Detail = r.capped(i18n.T("limit"), *s.Cap, cur)
		if s.Cap.Before != s.Cap.After {
			v.Detail += i18n.F(", holds {exact}", "exact", r.exact(s.Cap.Before, cur))
		}
	}
	return v
}
