package contracts

import (
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/commitment"
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
		v.Month = monthName(month)
	}
	v.ClaimText, v.ClaimTone = r.claim(s.Claim)
	titles := map[int64]commitment.SheetIncident{}
	for _, i := range s.Incidents {
		titles[i.ID] = i
	}
	for _, i := range s.Intervals {
		one := intervalView{
			Incident: titles[i.Incident].Title, Source: titles[i.Incident].Source, When: r.span(i.From, &i.Until, zone), Minutes: minutes(i.Minutes), Counted: i.Counted,
			Why: "counts",
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
		{Label: "In force in the month", Value: r.count(p.Minutes)},
		{Label: "Excluded", Value: excluded},
		{Label: "Counts", Value: r.count(p.Minutes - p.Excluded), Total: true},
		{Label: "Down by our fault", Value: r.count(p.Down), Bold: true},
	}
	for _, f := range s.Fees {
		v.Fees = append(v.Fees, kit.SumRow{Label: r.date(f.From) + " – " + r.date(f.Until) + ", " + strconv.Itoa(f.Days) + " days", Value: r.exact(f.MonthlyFee, cur)})
	}
	v.Fees = append(v.Fees, kit.SumRow{Label: "Fee base", Value: r.exact(s.FeeBase, cur), Total: true})
	for _, g := range s.Given {
		label := map[commitment.GivenKind]string{commitment.ServiceCredit: "Service credit", commitment.Goodwill: "Goodwill"}[g.Kind]
		v.Given = append(v.Given, kit.SumRow{Label: label + ", " + g.Request + ", " + g.State, Value: r.money(g.Amount.String(), cur), Tone: "out"})
	}
}

func (r reader) count(n int64) string { return kit.FormatCount(int(n), r.lang) + " min" }

func (r reader) claim(c commitment.Claim) (text, tone string) {
	switch {
	case c.State == commitment.ClaimNoWindow:
		return "No claim window", "line"
	case late(c):
		text, tone = "Late", "bad"
		if c.State == commitment.ClaimPartlyLate {
			text, tone = "Partly late", "due"
		}
	default:
		text, tone = "In time", "ok"
	}
	if on, err := time.Parse(time.DateOnly, c.By); err == nil {
		text += ", by " + r.day(on)
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
		list = append(list, "delivered "+r.date(l.Measured))
	default:
		list = append(list, "took "+minutes(l.Minutes))
	}
	if !l.Breached {
		return append(list, "promise kept")
	}
	if l.Free > 0 && c.Formula != commitment.TierPercent {
		list = append(list, minutes(l.Free)+" are within the promise")
	}
	if l.LateBefore > 0 {
		list = append(list, minutes(l.LateBefore)+" late in earlier months")
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
		list = append(list, "below "+r.percent(l.Tier.Below)+": "+r.percent(l.Tier.Percent)+" × "+base+" = "+raw)
	case l.Formula == commitment.PercentPerHour:
		list = append(list, minutes(l.Late)+" late = "+l.Units+" × "+r.percent(c.Percent)+" × "+base+" = "+raw)
	case l.Formula == commitment.DayFraction:
		list = append(list, minutes(l.Late)+" late = "+l.Units+" × "+r.exact(s.MonthlyFee, cur)+" ÷ "+strconv.Itoa(daysIn(s.Month))+" days = "+raw)
	case l.Formula == commitment.FixedAmount && l.LateBefore > 0:
		list = append(list, "given in the month in which the promise was broken")
	default:
		list = append(list, minutes(l.Late)+" late: "+raw)
	}
	if l.EventCap != nil {
		list = append(list, r.capped("limit of the event", *l.EventCap, cur))
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
		text += ", used " + r.exact(c.Used, cur) + ", left " + r.exact(c.Left, cur)
	}
	return text
}

func (r reader) step(s commitment.Step, cur money.Currency) stepView {
	v := stepView{Amount: r.exact(s.Amount, cur)}
	switch s.What {
	case commitment.StepCombined:
		v.Label = "What counts together"
	case commitment.StepRounded:
		v.Label = "Rounded once"
	case commitment.StepFee:
		v.Label = "Not above the fee"
	case commitment.StepMonthCap:
		v.Label = "Month's limit"
	case commitment.StepYearCap:
		v.Label = "Contract year's limit"
	case commitment.StepGiven:
		v.Label = "Given before"
		if given, err := decimal.NewFromString(s.Amount); err == nil && given.IsPositive() {
			v.Amount = "−" + v.Amount
		}
	case commitment.StepProposed:
		v.Label, v.Amount, v.Total = "Proposed", r.money(s.Amount, cur), true
	}
	if s.Cap != nil {
		v.Detail = r.capped("limit", *s.Cap, cur)
		if s.Cap.Before != s.Cap.After {
			v.Detail += ", holds " + r.exact(s.Cap.Before, cur)
		}
	}
	return v
}
