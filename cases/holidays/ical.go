package holidays

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	ical "github.com/arran4/golang-ical"
	"github.com/teambition/rrule-go"

	"makegood/cases/clock"
	"makegood/internal/errs"
)

// What a file may hold at most.
const (
	MaxICal   = 1 << 20 // bytes
	maxEvents = 2000
	maxRules  = 200
)

// ReadICal reads an iCalendar file (RFC 5545) as the days and hours on which nobody works, in the years given. A whole day is free; an event
// with times leaves of the calendar's own hours what it does not cover, by the wall clock of the calendar's zone. Recurring events, their
// exceptions, and moved or cancelled ones are followed. A fault is an Invalid error of the field "file" that names the line.
func ReadICal(data []byte, into clock.Calendar, years Years) ([]clock.Holiday, error) {
	if err := years.check(); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(into.Zone)
	if err != nil || into.Zone == "" || into.Zone == "Local" {
		return nil, errs.InvalidField("zone", "clock.unknown_zone", "zone", into.Zone)
	}
	if len(data) > MaxICal {
		return nil, errs.InvalidField("file", "holidays.ical_too_large")
	}
	events, err := eventsOf(unfold(data))
	if err != nil {
		return nil, err
	}
	r := reading{zone: zone, years: years, moved: map[string][]time.Time{}, free: absences{week: into.Weekly, years: years, days: map[clock.Day]*absence{}}}
	for _, e := range events {
		if err := r.noteMoved(e); err != nil {
			return nil, err
		}
	}
	for _, e := range events {
		if err := r.event(e); err != nil {
			return nil, err
		}
	}
	return r.free.holidays(), nil
}

// textLine is a content line, with the number of the line it begins on.
type textLine struct {
	n    int
	text string
}

// unfold joins the lines that continue the one before.
func unfold(data []byte) []textLine {
	var lines []textLine
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	for n, text := range strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n") {
		switch {
		case text != "" && (text[0] == ' ' || text[0] == '\t') && len(lines) > 0:
			lines[len(lines)-1].text += text[1:]
		case strings.TrimSpace(text) != "":
			lines = append(lines, textLine{n + 1, text})
		}
	}
	return lines
}

func fault(line int, why string) error {
	return errs.InvalidField("file", "holidays.ical_line", "line", strconv.Itoa(line), "why", why)
}

// property is one of an event.
type property struct {
	*ical.BaseProperty
	n int
}

func (p property) parameter(name string) string {
	if values := p.ICalParameters[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// event is what stands between BEGIN:VEVENT and its END, without what is nested in it.
type event struct {
	n          int
	properties map[string][]property
}

func (e event) first(name string) (property, bool) {
	if list := e.properties[name]; len(list) > 0 {
		return list[0], true
	}
	return property{}, false
}

func (e event) text(name string) string {
	p, found := e.first(name)
	if !found {
		return ""
	}
	return strings.TrimSpace(ical.FromText(p.Value))
}

// eventsOf reads the events of a file, and refuses one that is no calendar or is cut off.
func eventsOf(lines []textLine) ([]event, error) {
	if len(lines) == 0 || !strings.EqualFold(strings.TrimSpace(lines[0].text), "BEGIN:VCALENDAR") {
		return nil, fault(1, "this is no iCalendar file: it does not begin with BEGIN:VCALENDAR")
	}
	var open []string
	var events []event
	for _, line := range lines {
		p, err := ical.ParseProperty(ical.ContentLine(line.text))
		if err != nil || p == nil {
			return nil, fault(line.n, "this is no line of an iCalendar file")
		}
		name, value := strings.ToUpper(p.IANAToken), strings.ToUpper(strings.TrimSpace(p.Value))
		switch {
		case name == "BEGIN":
			if open = append(open, value); value == "VEVENT" {
				events = append(events, event{line.n, map[string][]property{}})
			}
		case name == "END":
			if len(open) == 0 || open[len(open)-1] != value {
				return nil, fault(line.n, "END:"+value+" ends nothing that is open")
			}
			open = open[:len(open)-1]
		case len(open) > 0 && open[len(open)-1] == "VEVENT":
			e := events[len(events)-1]
			e.properties[name] = append(e.properties[name], property{p, line.n})
		}
		if len(events) > maxEvents {
			return nil, fault(line.n, "more than "+strconv.Itoa(maxEvents)+" events")
		}
	}
	if len(open) > 0 {
		return nil, fault(lines[len(lines)-1].n, "the file ends within "+open[len(open)-1])
	}
	return events, nil
}

// reading is a file being read.
type reading struct {
	zone  *time.Location
	years Years
	rules int
	moved map[string][]time.Time // by the event's name: occurrences that another event takes the place of
	free  absences
}

func (r *reading) noteMoved(e event) error {
	p, found := e.first("RECURRENCE-ID")
	if !found {
		return nil
	}
	at, _, err := r.moment(p, p.Value)
	if err != nil {
		return err
	}
	r.moved[e.text("UID")] = append(r.moved[e.text("UID")], at)
	return nil
}

func (r *reading) event(e event) error {
	if strings.EqualFold(e.text("STATUS"), "CANCELLED") {
		return nil
	}
	p, found := e.first("DTSTART")
	if !found {
		return fault(e.n, "the event has no DTSTART")
	}
	start, whole, err := r.moment(p, p.Value)
	if err != nil {
		return err
	}
	length, err := r.length(e, start, whole)
	if err != nil {
		return err
	}
	starts, err := r.occurrences(e, start)
	if err != nil {
		return err
	}
	for _, at := range starts {
		if whole {
			r.free.whole(dayOf(at), int(length/(24*time.Hour)), e.text("SUMMARY"))
		} else {
			r.free.part(at.In(r.zone), at.Add(length).In(r.zone), e.text("SUMMARY"))
		}
	}
	return nil
}

// moment reads a date or a time. A date stands in UTC, so that a day is a day; a time without a zone is by the calendar's wall clock.
func (r *reading) moment(p property, text string) (at time.Time, whole bool, err error) {
	text = strings.TrimSpace(text)
	zone := r.zone
	if name := p.parameter("TZID"); name != "" {
		if zone, err = time.LoadLocation(name); err != nil || name == "Local" {
			return at, false, fault(p.n, "there is no time zone "+name)
		}
	}
	switch layout := "20060102T150405"; {
	case strings.EqualFold(p.parameter("VALUE"), "DATE") || len(text) == len("20060102"):
		whole = true
		at, err = time.ParseInLocation("20060102", text, time.UTC)
	case strings.HasSuffix(text, "Z"):
		at, err = time.ParseInLocation(layout+"Z", text, time.UTC)
	default:
		at, err = time.ParseInLocation(layout, text, zone)
	}
	if err != nil || at.Year() < 1900 || at.Year() > 2200 {
		return at, whole, fault(p.n, text+" is no date or time")
	}
	return at, whole, nil
}

// length is how long an event takes; one without an end takes its day, or no time at all.
func (r *reading) length(e event, start time.Time, whole bool) (time.Duration, error) {
	const day = 24 * time.Hour
	length, n := time.Duration(0), e.n
	if whole {
		length = day
	}
	if p, found := e.first("DTEND"); found {
		end, ends, err := r.moment(p, p.Value)
		if err != nil {
			return 0, err
		}
		if ends != whole {
			return 0, fault(p.n, "the event begins with a date and ends with a time, or the other way round")
		}
		length, n = end.Sub(start), p.n
	} else if p, found := e.first("DURATION"); found {
		var ok bool
		if length, ok = duration(p.Value); !ok {
			return 0, fault(p.n, p.Value+" is no length of time")
		}
		n = p.n
	}
	if length < 0 || whole && length%day != 0 || length > 366*day {
		return 0, fault(n, "the event ends before it begins, within a day, or more than a year later")
	}
	return length, nil
}

// occurrences are when an event begins, in the years asked for and shortly before.
func (r *reading) occurrences(e event, start time.Time) ([]time.Time, error) {
	more, err := r.dates(e, "RDATE")
	if err != nil {
		return nil, err
	}
	left, err := r.dates(e, "EXDATE")
	if err != nil {
		return nil, err
	}
	if _, moved := e.first("RECURRENCE-ID"); !moved {
		left = append(left, r.moved[e.text("UID")]...)
	}
	ruled, err := r.ruled(e, start)
	if err != nil {
		return nil, err
	}
	var starts []time.Time
	for _, at := range append(ruled, more...) {
		if !among(left, at) && !among(starts, at) {
			starts = append(starts, at)
		}
	}
	return starts, nil
}

// dates are the moments that stand in all properties of a name.
func (r *reading) dates(e event, name string) ([]time.Time, error) {
	var all []time.Time
	for _, p := range e.properties[name] {
		if strings.EqualFold(p.parameter("VALUE"), "PERIOD") {
			return nil, fault(p.n, name+" with periods is not read: give the days or times")
		}
		for text := range strings.SplitSeq(p.Value, ",") {
			at, _, err := r.moment(p, text)
			if err != nil {
				return nil, err
			}
			all = append(all, at)
		}
		if len(all) > maxEvents {
			return nil, fault(p.n, "more than "+strconv.Itoa(maxEvents)+" dates")
		}
	}
	return all, nil
}

// ruled are when an event begins by its rule; once when it has none.
func (r *reading) ruled(e event, start time.Time) ([]time.Time, error) {
	p, found := e.first("RRULE")
	if !found {
		return []time.Time{start}, nil
	}
	if r.rules++; r.rules > maxRules {
		return nil, fault(p.n, "more than "+strconv.Itoa(maxRules)+" recurring events")
	}
	option, err := rrule.StrToROptionInLocation(p.Value, start.Location())
	if err != nil || option.Freq > rrule.DAILY {
		return nil, fault(p.n, p.Value+" is no rule of days, weeks, months or years")
	}
	option.Dtstart = start
	rule, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, fault(p.n, p.Value+" is no rule: "+err.Error())
	}
	first, last := time.Date(r.years.From-1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(r.years.To+1, 1, 2, 0, 0, 0, 0, time.UTC)
	return rule.Between(first, last, true), nil
}

func among(list []time.Time, at time.Time) bool {
	for _, one := range list {
		if one.Equal(at) {
			return true
		}
	}
	return false
}
