package clock_test

import (
	"fmt"
	"time"

	"makegood/cases/clock"
)

// compare tells the first difference between what was derived and what stands on paper; nothing when there is none.
func (d *desk) compare(got []clock.Instance, explained bool) string {
	n := 0
	for _, p := range d.sheets {
		if p.promise == nil {
			continue
		}
		if n == len(got) {
			return fmt.Sprintf("%d clocks, one more on paper: %+v", n, *p)
		}
		fault := d.differs(got[n], p)
		if fault == "" && explained {
			fault = d.misexplained(got[n], p)
		}
		if fault != "" {
			return fmt.Sprintf("clock %d: %s\nderived %+v\non paper %+v\npromised %d of limit %d", n, fault, got[n], *p, p.promise.target, p.promise.limit)
		}
		n++
	}
	if n != len(got) {
		return fmt.Sprintf("%d clocks, on paper %d", len(got), n)
	}
	return ""
}

func (d *desk) differs(i clock.Instance, p *sheet) string {
	switch minutes := func(m int) time.Duration { return time.Duration(m) * time.Minute }; {
	case i.Kind != p.kind || i.Number != p.number || i.Revision != p.revision || i.Ref != p.ref:
		return "its name"
	case i.Priority != p.promise.priority || i.PolicyVersion != int64(p.promise.policy+1) || i.CalendarVersion != int64(p.promise.calendar+1):
		return "its pin"
	case !i.Since.Equal(d.world.at(p.since)) || !i.StartedAt.Equal(d.world.at(p.start)):
		return "its start"
	case i.Target != minutes(p.promise.target):
		return "its target"
	case d.closing(i) != p.promise.closing:
		return "the end of the month, derived " + d.closing(i)
	case i.CarriedOver != minutes(p.carried) || i.Used != minutes(p.used) || i.Remaining != i.Target-i.Used:
		return "the time used"
	}
	for _, fault := range []string{d.outcome(i, p), d.pause(i, p), d.due(i, p)} {
		if fault != "" {
			return fault
		}
	}
	return ""
}

// closing are the days of the window that an instance says it began in.
func (d *desk) closing(i clock.Instance) string {
	if i.MonthEnd == nil {
		return ""
	}
	loc := i.Calendar().Location()
	return i.MonthEnd.From.In(loc).Format(time.DateOnly) + " " + i.MonthEnd.To.In(loc).Format(time.DateOnly)
}

func (d *desk) outcome(i clock.Instance, p *sheet) string {
	want, late := clock.Cancelled, p.due >= 0 && p.due < p.end
	switch p.rest {
	case inUse:
		want, late = clock.Running, p.due >= 0
		if late {
			want = clock.BreachedOpen
		}
	case finished, finishedWithCase:
		want = clock.Met
		if late {
			want = clock.BreachedMetLate
		}
	case replaced:
		want = clock.Superseded
	case dropped, droppedWithCase, droppedInMerge:
	}
	switch {
	case i.Outcome != want:
		return "its outcome, on paper " + string(want)
	case (i.BreachedAt != nil) != late || late && !i.BreachedAt.Equal(d.world.at(p.due)):
		return "its breach"
	case (i.EndedAt != nil) != (p.rest != inUse) || i.EndedAt != nil && !i.EndedAt.Equal(d.world.at(p.end)):
		return "its end"
	case (i.MetAt != nil) != (want == clock.Met || want == clock.BreachedMetLate) || i.MetAt != nil && !i.MetAt.Equal(d.world.at(p.end)):
		return "when it was met"
	}
	return ""
}

// pause compares whether it stands still now, since when, and when its cap lets it run again.
func (d *desk) pause(i clock.Instance, p *sheet) string {
	since := max(d.waitingSince, p.start)
	if p.rest != inUse || !p.stands(d.waiting) || d.waitingSince >= d.now {
		since = -1
	}
	if (i.PausedSince != nil) != (since >= 0) || since >= 0 && !i.PausedSince.Equal(d.world.at(since)) {
		return "its pause"
	}
	if (i.ResumesAt != nil) != (since >= 0 && p.promise.limit > 0) {
		return "the end of its pause"
	}
	if i.ResumesAt == nil {
		return ""
	}
	later, m := *p, d.now
	for ; m < worldMinutes && later.stands(d.waiting); m++ {
		later.minute(m, d.waiting)
	}
	return d.moment("the end of its pause", *i.ResumesAt, m)
}

// due goes on counting as though nothing more happened, until the target is used up.
func (d *desk) due(i clock.Instance, p *sheet) string {
	later, waiting, m := *p, d.waiting, d.now
	if p.rest != inUse {
		m = p.end
	}
	if p.rest != inUse || p.promise.limit == 0 || d.waitingSince >= d.now {
		waiting = ""
	}
	for ; m < worldMinutes && later.due < 0; m++ {
		later.minute(m, waiting)
	}
	if later.due < 0 {
		return d.moment("its due moment", i.DueAt, worldMinutes)
	}
	return d.moment("its due moment", i.DueAt, later.due)
}

// moment compares with a minute; at the end of the world all that is known is that it is no earlier.
func (d *desk) moment(what string, got time.Time, want int) string {
	if want >= worldMinutes && !got.Before(d.world.at(worldMinutes)) || got.Equal(d.world.at(want)) {
		return ""
	}
	return what + ", on paper " + d.world.at(want).Format(time.RFC3339)
}

// misexplained checks that "why this deadline" tells every minute once, counts exactly those that were worked and not
// paused, and comes to the same due moment; and that the thresholds fall where their share is used up.
func (d *desk) misexplained(i clock.Instance, p *sheet) string {
	e, err := i.Explain()
	if err != nil || !e.Due.Equal(i.DueAt) {
		return fmt.Sprintf("explained as due %s (%v)", e.Due, err)
	}
	at, counted := i.StartedAt, time.Duration(0)
	for _, step := range e.Steps {
		if !step.From.Equal(at) {
			return fmt.Sprintf("explanation leaves out %s to %s", at, step.From)
		}
		at = step.To
		if step.Reason == clock.Worked {
			counted += step.Length()
		}
		if fault := d.unworked(step, p); fault != "" {
			return fault
		}
	}
	if !at.Equal(i.DueAt) || counted != max(0, i.Target-i.CarriedOver) {
		return fmt.Sprintf("explanation ends %s having counted %s", at, counted)
	}
	return misplaced(i)
}

// unworked finds a minute of a step that the calendar says otherwise about.
func (d *desk) unworked(step clock.Step, p *sheet) string {
	from, to := int(step.From.Sub(d.world.start)/time.Minute), int(step.To.Sub(d.world.start)/time.Minute)
	for m := from; m < min(to, worldMinutes); m++ {
		works := p.promise.worked == nil || p.promise.worked[m]
		if works != (step.Reason == clock.Worked || step.Reason == clock.WhilePaused) {
			return fmt.Sprintf("explained %s as %s", d.world.at(m), step.Reason)
		}
	}
	return ""
}

// misplaced finds a threshold before the start, after the due moment or out of order.
func misplaced(i clock.Instance) string {
	last := i.StartedAt
	for _, th := range clock.Thresholds(i) {
		if th.At.Before(last) || th.At.After(i.DueAt) {
			return fmt.Sprintf("threshold %+v out of order", th)
		}
		last = th.At
	}
	return ""
}
