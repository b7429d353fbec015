package commitment

import (
	"cmp"
	"slices"
	"time"
)

// Compute works out what a service's customer is owed for a month. It changes nothing and asks nobody: the same input, in
// any order of its lists, gives the same sheet. Errors: fields of terms or commitments that make no sense, ErrNotInForce,
// ErrMonthNotOver.
//
// The way: incidents are clipped to the month (in the contract's zone), those that overlap or adjoin joined, exclusions taken
// off; each commitment is judged and priced (see Formula); the lines are combined, the sum rounded half up to the minor
// unit once, then held to the month's fee, the month's limit and the contract year's; what was given is taken off.
func Compute(in Input) (Sheet, error) {
	if err := check(in); err != nil {
		return Sheet{}, err
	}
	in.Service.Fees = slices.SortedFunc(slices.Values(in.Service.Fees), func(a, b Fee) int { return a.From.Compare(b.From) })
	in.Given = slices.SortedFunc(slices.Values(in.Given), func(a, b Given) int {
		return cmp.Or(cmp.Compare(a.Request, b.Request), cmp.Compare(a.Kind, b.Kind), a.Amount.Cmp(b.Amount))
	})
	c, err := newCalendar(in)
	if err != nil {
		return Sheet{}, err
	}
	m := c.month(in.Month)
	if err := c.open(m); err != nil {
		return Sheet{}, err
	}
	c.in.Incidents = concerning(c, m)
	x := measure(c, m)
	lines := x.judge()
	combine(lines, in.Terms.Combination)
	t := x.settle(lines)
	s := x.sheet()
	s.Claim = x.claim(lines)
	for _, l := range lines {
		l.sheet.Amount = shown(l.amount)
		s.Lines = append(s.Lines, l.sheet)
	}
	digits := in.Terms.Currency.Digits()
	s.Steps, s.Owed, s.Proposed = t.steps, t.owed.StringFixed(digits), t.proposed.StringFixed(digits)
	return s, nil
}

// concerning leaves out incidents that belong to no event of the month.
func concerning(c calendar, m month) []Incident {
	all := measure(c, m)
	return slices.DeleteFunc(slices.Clone(all.incidents), func(i Incident) bool {
		if all.span(i).cut(m.whole).minutes() > 0 {
			return false
		}
		return !slices.ContainsFunc(all.events, func(e event) bool {
			return e.run.cut(m.whole).minutes() > 0 && slices.ContainsFunc(e.incidents, func(o Incident) bool { return o.ID == i.ID })
		})
	})
}

// sheet writes down what went in and how the time was counted.
func (x measured) sheet() Sheet {
	f := x.fees(x.month)
	s := Sheet{
		Version: Version, Contract: x.in.Contract, Customer: x.in.Customer, Service: x.in.Service.Name, Product: x.in.Service.Product,
		Month: x.month.first.Format("2006-01"), InForce: Days{From: dayText(x.in.Terms.From), Until: dayText(x.in.Terms.Until)},
		Terms: x.in.Terms, Commitments: []SheetPromise{}, Fees: f.parts, MonthlyFee: shown(f.monthly), FeeBase: shown(f.base),
		Incidents: []SheetIncident{}, Exclusions: []SheetExclusion{}, Intervals: x.intervals(), Lines: []Line{}, Given: x.in.Given,
		Rounding: "half up to the minor unit of " + string(x.in.Terms.Currency) + ", once, on the combined sum; limits are cut to whole minor units",
		Period: Period{
			From: minute(x.month.period.from), Until: minute(x.month.period.until), Minutes: x.month.period.minutes(),
			Excluded: x.month.period.minutes() - x.left().minutes(), Down: x.down().minutes(),
		},
	}
	if s.Given == nil {
		s.Given = []Given{}
	}
	if s.Intervals == nil {
		s.Intervals = []Interval{}
	}
	for _, c := range x.in.Service.Commitments {
		s.Commitments = append(s.Commitments, SheetPromise{Commitment: c, DeliverBy: dayText(c.DeliverBy)})
	}
	for _, i := range x.incidents {
		one := SheetIncident{ID: i.ID, Title: i.Title, Source: i.Source, Kind: i.Kind, From: i.From.UTC(), Cause: i.Cause}
		if !i.Until.IsZero() {
			until := i.Until.UTC()
			one.Until = &until
		}
		s.Incidents = append(s.Incidents, one)
	}
	for _, e := range x.exclusions {
		if e.span().cut(x.month.whole).minutes() == 0 && !x.touches(e) {
			continue
		}
		s.Exclusions = append(s.Exclusions, SheetExclusion{
			ID: e.ID, Kind: e.Kind, From: e.From.UTC(), Until: e.Until.UTC(), Reason: e.Reason, Applies: x.excluded(e.Kind),
		})
	}
	if x.in.Terms.YearCap.Set() {
		s.Year = &YearUse{
			From: dayText(x.in.Year.From), Until: dayText(x.in.Year.Until), Fees: x.in.Year.Fees.String(), Given: x.in.Year.Given.String(),
		}
	}
	return s
}

// touches tells that an exclusion lies in an event of the month, though it may lie in another month.
func (x measured) touches(e Exclusion) bool {
	return slices.ContainsFunc(x.events, func(ev event) bool { return e.span().cut(ev.run).minutes() > 0 })
}

func dayText(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.Format(time.DateOnly)
}
