package clock_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"makegood/cases/clock"
)

// worldMinutes is how far a world reaches: what falls due later is only checked to fall due later.
const worldMinutes = 45 * 24 * 60

// world is what a run of random histories shares: three calendars in zones of their own, each written down minute by
// minute by looking at its wall clock, around a night on which one of the zones changes its clock, or any other.
type world struct {
	start     time.Time
	calendars []hours
	policies  []clock.Policy
}

// hours is a calendar and, for each minute of the world, whether it counts.
type hours struct {
	compiled *clock.Compiled
	loc      *time.Location
	worked   []bool
}

func everyZone() []string {
	return append(zones(), "Africa/Cairo", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "Pacific/Kiritimati")
}

func makeWorld(t *testing.T, r *rand.Rand) *world {
	t.Helper()
	w := &world{}
	locations := make([]*time.Location, 3)
	for n := range locations {
		loc, err := time.LoadLocation(pick(r, everyZone()...))
		if err != nil {
			t.Fatal(err)
		}
		locations[n] = loc
	}
	w.start = startNear(r, locations[0])
	for n, loc := range locations {
		cal := randomCalendar(r, loc, w.start, n)
		compiled, err := clock.Compile(cal)
		if err != nil {
			t.Fatal(err)
		}
		h := hours{compiled: compiled, loc: loc, worked: make([]bool, worldMinutes)}
		h.write(w, cal)
		w.calendars = append(w.calendars, h)
	}
	for n := range 4 {
		policy := randomPolicy(r, n)
		if err := policy.Validate(); err != nil {
			t.Fatal(err)
		}
		w.policies = append(w.policies, policy)
	}
	return w
}

// write looks at the wall clock at every minute: does a shift of its date, or of the evening before, hold it?
func (h *hours) write(w *world, cal clock.Calendar) {
	slow := reference{calendar: cal, loc: h.loc}
	var date time.Time
	var today, yesterday []clock.Span
	for m := range h.worked {
		wall := w.at(m).In(h.loc)
		if y, month, d := wall.Date(); m == 0 || d != date.Day() || month != date.Month() {
			date = time.Date(y, month, d, 0, 0, 0, 0, time.UTC)
			today, yesterday = slow.hours(date), slow.hours(date.AddDate(0, 0, -1))
		}
		hour, minute, _ := wall.Clock()
		shown := hour*60 + minute
		h.worked[m] = within(today, shown) || within(yesterday, shown+24*60)
	}
}

func (w *world) at(minute int) time.Time { return w.start.Add(time.Duration(minute) * time.Minute) }

// startNear is mostly a few days before the zone's clock changes, in either direction, and any moment otherwise.
func startNear(r *rand.Rand, loc *time.Location) time.Time {
	day := time.Date(2025, 1, 1, 0, r.IntN(7*365*24*60), 0, 0, time.UTC)
	if _, change := day.In(loc).ZoneBounds(); !change.IsZero() && change.Year() < 2036 && r.IntN(4) > 0 {
		day = change.Add(-time.Duration(r.IntN(5*24*60)) * time.Minute).UTC()
	}
	return day
}

func randomSpan(r *rand.Rand) clock.Span {
	from := r.IntN(24 * 60)
	return clock.Span{From: from, To: from + 1 + r.IntN(24*60-1)}
}

// randomCalendar has up to three shifts a day, overnight ones among them, and holidays, some with hours of their own.
func randomCalendar(r *rand.Rand, loc *time.Location, near time.Time, n int) clock.Calendar {
	cal := clock.Calendar{Name: fmt.Sprint("drawn ", n), Zone: loc.String(), Weekly: map[time.Weekday][]clock.Span{}}
	for day := range 7 {
		for range r.IntN(4) {
			cal.Weekly[time.Weekday(day)] = append(cal.Weekly[time.Weekday(day)], randomSpan(r))
		}
	}
	first := clock.Day(near.Unix() / (24 * 60 * 60))
	for day := range clock.Day(40) {
		if r.IntN(6) > 0 {
			continue
		}
		h := clock.Holiday{Date: first - 1 + day, Name: "feast"}
		if r.IntN(2) == 0 {
			h.Hours = []clock.Span{randomSpan(r)}
		}
		cal.Holidays = append(cal.Holidays, h)
	}
	cal = withoutOverlaps(cal)
	if hardlyOpen(cal) {
		cal.Weekly = map[time.Weekday][]clock.Span{time.Tuesday: {{From: 22 * 60, To: 30 * 60}}}
	}
	return cal
}

// hardlyOpen tells that a target might not be reached within the ten years a search goes.
func hardlyOpen(cal clock.Calendar) bool {
	minutes := 0
	for _, spans := range cal.Weekly {
		for _, s := range spans {
			minutes += s.To - s.From
		}
	}
	return minutes < 4*60
}

// randomPolicy promises most clocks at most priorities, and has pause rules with and without caps.
func randomPolicy(r *rand.Rand, n int) clock.Policy {
	p := clock.Policy{
		Name: fmt.Sprint("policy ", n), Targets: map[clock.Kind]map[clock.Priority]clock.Target{}, Pauses: map[clock.Kind]clock.PauseRule{},
	}
	for _, kind := range clock.Kinds() {
		p.Targets[kind] = map[clock.Priority]clock.Target{}
		for _, priority := range priorities() {
			if r.IntN(8) > 0 {
				p.Targets[kind][priority] = randomTarget(r, kind)
			}
		}
	}
	for _, kind := range []clock.Kind{clock.FirstResponse, clock.NextResponse, clock.Resolution} {
		if r.IntN(2) == 0 {
			continue
		}
		rule := clock.PauseRule{}
		for _, on := range clock.WaitingOns() {
			if r.IntN(2) == 0 {
				rule.On = append(rule.On, on)
			}
		}
		if r.IntN(2) == 0 {
			rule.Cap = clock.Length(time.Duration(1+r.IntN(900)) * time.Minute)
		}
		p.Pauses[kind] = rule
	}
	p.MonthEnd = randomMonthEnd(r, p.Targets)
	switch r.IntN(4) {
	case 0:
		p.ReopenWithin = clock.Within(time.Duration(r.IntN(1500)) * time.Minute)
	case 1:
		p.ReopenWithin = clock.WithinCalendar(time.Duration(r.IntN(3000)) * time.Minute)
	case 2:
		p.ReopenWithin = clock.WithinDays(1 + r.IntN(3))
	}
	return p
}

// randomMonthEnd has most policies tighten some of what they promise around the end of the month, or promise something there alone.
func randomMonthEnd(r *rand.Rand, usual map[clock.Kind]map[clock.Priority]clock.Target) *clock.MonthEnd {
	if r.IntN(3) == 0 {
		return nil
	}
	m := clock.MonthEnd{LastDays: r.IntN(8), FirstDays: 1 + r.IntN(6), Targets: map[clock.Kind]map[clock.Priority]clock.Target{}}
	for _, kind := range clock.Kinds() {
		m.Targets[kind] = map[clock.Priority]clock.Target{}
		for _, priority := range priorities() {
			stands, found := usual[kind][priority]
			switch {
			case r.IntN(3) == 0:
			case !found:
				m.Targets[kind][priority] = randomTarget(r, kind)
			default:
				stands.Length -= time.Duration(r.Int64N(int64(stands.Length/time.Minute)+1)) * time.Minute
				if stands.Days > 1 {
					stands.Days -= r.IntN(stands.Days)
				}
				m.Targets[kind][priority] = stands
			}
		}
	}
	return &m
}

func randomTarget(r *rand.Rand, kind clock.Kind) clock.Target {
	length := time.Duration(r.IntN(pick(r, 60, 600, 4000))) * time.Minute
	switch {
	case r.IntN(5) == 0:
		return clock.WithinDays(1 + r.IntN(6))
	case kind == clock.Statutory || r.IntN(5) == 0:
		return clock.WithinCalendar(length)
	}
	return clock.Within(length)
}

func priorities() []clock.Priority { return []clock.Priority{clock.P1, clock.P2, clock.P3} }

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }
