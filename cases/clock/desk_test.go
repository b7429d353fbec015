package clock_test

import (
	"slices"
	"time"

	"makegood/cases/clock"
)

// desk is somebody who watches a case minute by minute and keeps all its clocks on paper, by the rules as they are
// written in the README. It knows no arithmetic of time but to look at the wall clock, and is what Derive must equal.
type desk struct {
	world            *world
	policy, calendar int
	priority         clock.Priority

	sheets       []*sheet
	numbers      map[clock.Kind]int
	waiting      clock.WaitingOn
	waitingSince int
	log          []clock.WaitingOn // for each minute past, whom the case waited for
	replied      bool
	resolved     bool
	merged       bool
	unanswered   int // minute of a message that came while the case was at rest; -1 without one
	now          int
}

// rest says why a sheet is put away.
type rest int

const (
	inUse rest = iota
	finished
	dropped
	replaced
	droppedWithCase // a response still owed when the case was resolved
	droppedInMerge
	finishedWithCase // resolution and statutory when the case was resolved
)

// sheet is one revision of one clock, counted in minutes.
type sheet struct {
	kind             clock.Kind
	number, revision int
	ref              string
	since, start     int
	carried          int
	used, paused     int
	promise          *promise // nil: nothing is promised
	due              int      // the minute at which the target was used up; -1 before
	away             [][2]int // minutes left out: the case was resolved or merged away
	rest             rest
	end              int
}

type promise struct {
	policy, calendar int
	priority         clock.Priority
	target, limit    int
	pauses           []clock.WaitingOn
	worked           []bool // nil: every minute
	closing          string // first day of the window around the end of a month that it was made in, and the day after; "" outside
}

func (p *promise) same(o *promise) bool {
	if p == nil || o == nil {
		return p == o
	}
	return p.policy == o.policy && p.calendar == o.calendar && p.priority == o.priority
}

func (d *desk) live(s story) {
	d.log, d.unanswered, d.now = make([]clock.WaitingOn, s.now), -1, s.now
	left := s.happenings
	for m := left[0].minute; m <= s.now; m++ {
		for len(left) > 0 && left[0].minute == m {
			d.event(m, left[0])
			left = left[1:]
		}
		if m < s.now {
			d.log[m] = d.waiting
			for _, p := range d.sheets {
				if p.rest == inUse && p.promise != nil {
					p.minute(m, d.waiting)
				}
			}
		}
	}
}

// minute counts one minute, beginning at m, if it is a working one.
func (p *sheet) minute(m int, waiting clock.WaitingOn) {
	if p.promise.worked != nil && !p.promise.worked[m] {
		return
	}
	if p.stands(waiting) {
		p.paused++
		return
	}
	p.used++
	p.look(m + 1)
}

func (p *sheet) stands(waiting clock.WaitingOn) bool {
	return waiting != "" && slices.Contains(p.promise.pauses, waiting) && (p.promise.limit == 0 || p.paused < p.promise.limit)
}

func (p *sheet) look(m int) {
	if p.due < 0 && p.used >= p.promise.target {
		p.due = m
	}
}

func (d *desk) event(m int, h happening) {
	switch e := h.event; e.Kind {
	case clock.Received:
		d.replied = d.replied || e.Answered
		for _, kind := range []clock.Kind{clock.FirstResponse, clock.Resolution, clock.Statutory} {
			if d.numbers[kind] == 0 && (kind != clock.FirstResponse || !e.Answered) {
				d.begin(kind, m, m, "")
			}
		}
	case clock.CustomerMessage:
		d.message(m)
	case clock.PublicReply:
		d.reply(m)
	case clock.Waiting:
		if d.waiting = ""; !d.resolved && !d.merged {
			d.waiting, d.waitingSince = e.On, m
		}
	case clock.Resumed:
		d.waiting = ""
	case clock.PriorityChanged:
		d.change(m, d.policy, d.calendar, e.Priority)
	case clock.PolicyChanged:
		d.change(m, h.policy, h.calendar, d.priority)
	default:
		d.turn(m, e)
	}
}

func (d *desk) turn(m int, e clock.Event) {
	switch e.Kind {
	case clock.Resolved:
		d.waiting, d.resolved = "", true
		d.putAway(m, finishedWithCase, clock.Resolution, clock.Statutory)
		d.putAway(m, droppedWithCase, clock.FirstResponse, clock.NextResponse)
	case clock.Reopened:
		d.reopen(m)
	case clock.StepOpened:
		d.begin(clock.ApprovalStep, m, m, e.Ref)
	case clock.Approved:
		d.begin(clock.Posting, m, m, e.Ref)
	case clock.StepDecided:
		d.putAwayOf(m, finished, e.Ref, clock.ApprovalStep)
	case clock.Posted:
		d.putAwayOf(m, finished, e.Ref, clock.Posting)
	case clock.Withdrawn:
		d.putAwayOf(m, dropped, e.Ref, clock.ApprovalStep, clock.Posting)
	case clock.Merged:
		d.waiting, d.merged = "", true
		d.putAway(m, droppedInMerge, clock.Kinds()...)
	case clock.Unmerged:
		d.merged = false
		for _, p := range slices.Clone(d.sheets) {
			if p.rest == droppedInMerge {
				d.takeUp(p, m)
			}
		}
		if !d.resolved {
			d.answerOwed(m)
		}
	}
}

// begin starts a clock as the next number; since lies before m where a message waited on a resolved case.
func (d *desk) begin(kind clock.Kind, since, m int, ref string) {
	d.numbers[kind]++
	p := &sheet{kind: kind, number: d.numbers[kind], revision: 1, ref: ref, since: since, start: since, due: -1}
	p.promise = d.promised(p)
	d.sheets = append(d.sheets, p)
	if p.promise == nil {
		return
	}
	p.look(since)
	for past := since; past < m; past++ {
		p.minute(past, d.log[past])
	}
}

func (d *desk) message(m int) {
	switch {
	case !d.replied || d.inUse(clock.NextResponse):
	case d.resolved || d.merged:
		if d.unanswered < 0 {
			d.unanswered = m
		}
	default:
		d.begin(clock.NextResponse, m, m, "")
	}
}

func (d *desk) inUse(kind clock.Kind) bool {
	return slices.ContainsFunc(d.sheets, func(p *sheet) bool { return p.kind == kind && p.rest == inUse })
}

func (d *desk) reply(m int) {
	d.replied, d.unanswered = true, -1
	d.putAway(m, finished, clock.FirstResponse, clock.NextResponse)
	for _, p := range d.sheets {
		if p.rest == droppedWithCase {
			p.rest = dropped
		}
	}
}

func (d *desk) putAway(m int, why rest, kinds ...clock.Kind) {
	for _, p := range d.sheets {
		if p.rest == inUse && slices.Contains(kinds, p.kind) {
			p.rest, p.end = why, m
		}
	}
}

func (d *desk) putAwayOf(m int, why rest, ref string, kinds ...clock.Kind) {
	for _, p := range d.sheets {
		if p.rest == inUse && p.ref == ref && slices.Contains(kinds, p.kind) {
			p.rest, p.end = why, m
		}
	}
}

func (d *desk) reopen(m int) {
	d.resolved = false
	for _, p := range slices.Clone(d.sheets) {
		switch {
		case p.rest == droppedWithCase, p.rest == finishedWithCase && d.stillOpenable(p.end, m):
			d.takeUp(p, m)
		case p.rest == finishedWithCase:
			p.rest = finished
			d.begin(p.kind, m, m, "")
		}
	}
	d.answerOwed(m)
}

func (d *desk) answerOwed(m int) {
	if d.unanswered >= 0 && !d.inUse(clock.NextResponse) {
		d.begin(clock.NextResponse, d.unanswered, m, "")
	}
	d.unanswered = -1
}

// stillOpenable lives through the window from the resolution on: is it used up before the case is reopened?
func (d *desk) stillOpenable(resolved, m int) bool {
	window, used := d.world.policies[d.policy].ReopenWithin, 0
	length := d.world.minutes(window, resolved, d.world.calendars[d.calendar].loc)
	for past := resolved; past < m; past++ {
		if used >= length {
			return false
		}
		if window.Basis == clock.CalendarTime || d.world.calendars[d.calendar].worked[past] {
			used++
		}
	}
	return true
}

// takeUp goes on with a sheet. The time in between is left out, except by a clock that nothing stops.
func (d *desk) takeUp(p *sheet, m int) {
	switch p.kind {
	case clock.ApprovalStep, clock.Posting, clock.Statutory:
		for past := p.end; past < m && p.promise != nil; past++ {
			p.minute(past, "")
		}
	default:
		p.away = append(p.away, [2]int{p.end, m})
	}
	p.rest, p.end = inUse, 0
	if !p.promise.same(d.promised(p)) {
		d.supersede(p, m)
	}
}

func (d *desk) change(m, policy, calendar int, priority clock.Priority) {
	if d.policy == policy && d.calendar == calendar && d.priority == priority {
		return
	}
	d.policy, d.calendar, d.priority = policy, calendar, priority
	for _, p := range slices.Clone(d.sheets) {
		if p.rest == inUse {
			d.supersede(p, m)
		}
	}
}

func (d *desk) supersede(p *sheet, m int) {
	p.rest, p.end = replaced, m
	next := &sheet{
		kind: p.kind, number: p.number, revision: p.revision + 1, ref: p.ref, since: p.since, start: m, due: -1,
		carried: p.used, used: p.used, paused: p.paused,
	}
	next.promise = d.promised(next)
	if p.promise == nil {
		next.revision = p.revision
		d.countPast(p, next, m)
	}
	if next.promise != nil {
		next.look(m)
	}
	d.sheets = append(d.sheets, next)
}

// countPast counts what passed while nothing was promised by what is promised now.
func (d *desk) countPast(p, next *sheet, m int) {
	if next.promise == nil {
		next.start, next.away = p.start, p.away
		return
	}
	for past := p.start; past < m; past++ {
		if !slices.ContainsFunc(p.away, func(a [2]int) bool { return a[0] <= past && past < a[1] }) {
			next.minute(past, d.log[past])
		}
	}
	next.carried, next.due = next.used, -1
}

func (d *desk) promised(p *sheet) *promise {
	policy, calendar := d.world.policies[d.policy], d.world.calendars[d.calendar]
	target, found := policy.Targets[p.kind][d.priority]
	closing := ""
	if m := policy.MonthEnd; m != nil {
		if tight, has := m.Targets[p.kind][d.priority]; has {
			if closing = d.world.closing(p.since, calendar, *m); closing != "" {
				target, found = tight, true
			}
		}
	}
	if !found {
		return nil
	}
	made := &promise{closing: closing, policy: d.policy, calendar: d.calendar, priority: d.priority, worked: calendar.worked}
	if target.Basis == clock.CalendarTime {
		made.worked = nil
	}
	made.target = d.world.minutes(target, p.since, calendar.loc)
	rule, found := policy.Pauses[p.kind]
	if !found && p.kind == clock.Resolution {
		rule = clock.PauseRule{On: []clock.WaitingOn{clock.OnCustomer}}
	}
	made.pauses, made.limit = rule.On, int(time.Duration(rule.Cap)/time.Minute)
	return made
}

// closing looks at the days around a minute, one by one: the last working days of its month or of the month before, and the first of the next.
func (w *world) closing(minute int, h hours, m clock.MonthEnd) string {
	slow := reference{calendar: h.compiled.Calendar(), loc: h.loc}
	wall := w.at(minute).In(h.loc)
	today := time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
	for ahead := range 2 { // the end of the month before, then that of this one
		first := time.Date(wall.Year(), wall.Month()+time.Month(ahead), 1, 0, 0, 0, 0, time.UTC)
		from, left := first, m.LastDays
		for day := first.AddDate(0, 0, -1); left > 0 && day.Month() == first.AddDate(0, 0, -1).Month(); day = day.AddDate(0, 0, -1) {
			from = day
			if len(slow.hours(day)) > 0 {
				left--
			}
		}
		to, left := first, m.FirstDays
		for day := first; left > 0 && day.Month() == first.Month(); day = day.AddDate(0, 0, 1) {
			to = day.AddDate(0, 0, 1)
			if len(slow.hours(day)) > 0 {
				left--
			}
		}
		if !today.Before(from) && today.Before(to) {
			return from.Format(time.DateOnly) + " " + to.Format(time.DateOnly)
		}
	}
	return ""
}

// minutes is how long a target is. Days end in the first minute of their last date at which the clock shows the time of day
// they began at, or a later one.
func (w *world) minutes(target clock.Target, since int, loc *time.Location) int {
	if target.Days == 0 {
		return int(target.Length / time.Minute)
	}
	shown := func(m int) int64 {
		at := w.at(m)
		_, offset := at.In(loc).Zone()
		return at.Unix() + int64(offset)
	}
	want := shown(since) + int64(target.Days)*24*60*60
	m := since + target.Days*24*60 - 300
	for ; shown(m) < want; m++ {
	}
	return m - since
}
