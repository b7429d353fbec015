package commitment

import (
	"cmp"
	"slices"
	"time"
)

// Reasons why a part of an incident does not count, beside the kinds of exclusion.
const (
	reasonOtherMonth = "other_month"
	reasonNotInForce = "not_in_force"
	CountedAlready   = "counted_already" // another incident covers the same minutes
	reasonTooShort   = "too_short"
	itCounts         = "" // it counts
)

// event is a run of time in which incidents of one kind overlap or adjoin: one event however many incidents tell of it.
type event struct {
	kind      IncidentKind
	run       span
	incidents []Incident
	counted   spans // less exclusions, over all its months
	short     bool
}

// measured is the service's past sorted out for one month.
type measured struct {
	calendar
	month      month
	incidents  []Incident // in order
	events     []event    // our fault, in order, those too short left in
	exclusions []Exclusion
	windows    spans // what the contract excludes
	causes     spans // covered by incidents of an excluded cause alone
}

// measure sorts the incidents out. An incident counts the minutes it begins: its start is taken back and its end forward to
// a full minute; of an exclusion only whole minutes count. Incidents that overlap or adjoin are one event.
func measure(c calendar, m month) measured {
	x := measured{calendar: c, month: m, incidents: slices.Clone(c.in.Incidents), exclusions: slices.Clone(c.in.Exclusions)}
	slices.SortFunc(x.incidents, func(a, b Incident) int {
		return cmp.Or(a.From.Compare(b.From), x.span(a).compareEnd(x.span(b)), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(x.exclusions, func(a, b Exclusion) int {
		return cmp.Or(a.From.Compare(b.From), a.Until.Compare(b.Until), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	for _, e := range x.exclusions {
		if x.excluded(e.Kind) {
			x.windows = union(append(x.windows, e.span())...)
		}
	}
	for _, kind := range []IncidentKind{Outage, LateDelivery, SlowResponse} {
		x.events = append(x.events, x.eventsOf(kind)...)
	}
	var theirs, ours []span
	for _, i := range x.incidents {
		if i.Kind != Outage {
			continue
		}
		if x.excluded(i.Cause) {
			theirs = append(theirs, x.span(i))
			continue
		}
		ours = append(ours, x.span(i))
	}
	x.causes = union(theirs...).without(union(ours...))
	return x
}

func (s span) compareEnd(other span) int { return cmp.Compare(s.until, other.until) }

// excluded tells that the contract excludes a kind of time.
func (x measured) excluded(kind ExclusionKind) bool {
	return kind != "" && slices.Contains(x.in.Terms.Excludes, kind)
}

// span is an incident's time; one that is not over yet reaches to the end of the month.
func (x measured) span(i Incident) span {
	s := span{begun(i.From), x.month.whole.until}
	if !i.Until.IsZero() {
		s.until = over(i.Until)
	}
	return s
}

// span is the whole minutes within an exclusion.
func (e Exclusion) span() span { return span{over(e.From), begun(e.Until)} }

func (x measured) eventsOf(kind IncidentKind) []event {
	var all []span
	for _, i := range x.incidents {
		if i.Kind == kind && !x.excluded(i.Cause) {
			all = append(all, x.span(i))
		}
	}
	var events []event
	for _, run := range union(all...) {
		e := event{kind: kind, run: run, counted: spans{run}.within(x.service).without(x.windows)}
		for _, i := range x.incidents {
			if at := x.span(i); i.Kind == kind && !x.excluded(i.Cause) && at.from < run.until && at.until > run.from {
				e.incidents = append(e.incidents, i)
			}
		}
		e.short = kind == Outage && e.counted.minutes() < x.in.Terms.MinMinutes
		events = append(events, e)
	}
	return events
}

// down is the time in the month in which the service was out by our fault.
func (x measured) down() spans {
	var all spans
	for _, e := range x.events {
		if e.kind == Outage && !e.short {
			all = append(all, e.counted.within(x.month.period)...)
		}
	}
	return all
}

// left is the time in the month that counts towards availability: in force and not excluded.
func (x measured) left() spans {
	return spans{x.month.period}.without(x.windows).without(x.causes)
}

// intervals says of every part of every incident whether it counts, and if not, why.
func (x measured) intervals() []Interval {
	taken := map[IncidentKind]spans{}
	var list []Interval
	for _, i := range x.incidents {
		note := func(parts spans, reason, detail string) {
			for _, s := range parts {
				list = append(list, Interval{
					Incident: i.ID, From: s.start(), Until: s.end(), Minutes: s.minutes(), Counted: reason == itCounts, Reason: reason, Detail: detail,
				})
			}
		}
		all := spans{x.span(i)}
		note(all.without(spans{x.month.whole}), reasonOtherMonth, "")
		note(all.within(x.month.whole).without(spans{x.service}), reasonNotInForce, "")
		rest := all.within(x.month.period)
		if x.excluded(i.Cause) {
			note(rest, string(i.Cause), "")
			continue
		}
		for _, e := range x.exclusions {
			if x.excluded(e.Kind) && e.span().minutes() > 0 {
				w := spans{e.span()}
				note(rest.both(w), string(e.Kind), e.Reason)
				rest = rest.without(w)
			}
		}
		note(rest.both(taken[i.Kind]), CountedAlready, "")
		rest = rest.without(taken[i.Kind])
		taken[i.Kind] = union(append(taken[i.Kind], rest...)...)
		if x.isShort(i) {
			note(rest, reasonTooShort, "")
			continue
		}
		note(rest, itCounts, "")
	}
	slices.SortStableFunc(list, func(a, b Interval) int {
		return cmp.Or(a.From.Compare(b.From), a.Until.Compare(b.Until), cmp.Compare(a.Incident, b.Incident))
	})
	return list
}

func (x measured) isShort(i Incident) bool {
	return slices.ContainsFunc(x.events, func(e event) bool {
		return e.short && slices.ContainsFunc(e.incidents, func(o Incident) bool { return o.ID == i.ID })
	})
}

// endOf is the calendar day on which the last of the incidents ended; the month's last for one that is not over.
func (x measured) endOf(incidents []Incident) time.Time {
	end := time.Time{}
	for _, i := range incidents {
		day := x.month.last()
		if !i.Until.IsZero() {
			local := i.Until.In(x.zone)
			day = time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
		}
		if day.After(end) {
			end = day
		}
	}
	return end
}
