package clock

import (
	"strconv"
	"time"
)

// Outcome is how a clock instance stands or ended; it has exactly one.
type Outcome string

// The outcomes. BreachedOpen and Running are still open.
const (
	Running         Outcome = "running"
	Met             Outcome = "met"
	BreachedOpen    Outcome = "breached_open"
	BreachedMetLate Outcome = "breached_met_late"
	Cancelled       Outcome = "cancelled"
	Superseded      Outcome = "superseded"
)

// Open tells whether the clock has not ended.
func (o Outcome) Open() bool { return o == Running || o == BreachedOpen }

// Pause is a stretch in which a clock stood still: waiting on somebody, or the case was resolved (or merged away)
// until it was reopened.
type Pause struct {
	Interval
	On WaitingOn `json:"on,omitempty"` // empty while resolved or merged away
}

// Instance is one clock of a case. Kind, Number and Revision name it: Number counts the times the clock was
// started, Revision the times its terms changed under way.
type Instance struct {
	Kind            Kind
	Number          int
	Revision        int
	Ref             string // approval step or credit request
	Priority        Priority
	PolicyVersion   int64
	CalendarVersion int64

	// StartedAt is when this revision began to count, Since when the clock began at all; CarriedOver is the time
	// used by earlier revisions.
	StartedAt   time.Time
	Since       time.Time
	CarriedOver time.Duration
	Target      time.Duration
	Basis       Basis

	// DueAt is when the target is used up. While PausedSince is set and ResumesAt is not, there is no due moment:
	// DueAt then says when it would be if the pause ended now, and moves on as long as the pause lasts.
	DueAt       time.Time
	Outcome     Outcome
	MetAt       *time.Time
	EndedAt     *time.Time // met, cancelled or superseded
	BreachedAt  *time.Time // stays on record when cancelled or superseded later
	Used        time.Duration
	Remaining   time.Duration // negative when more was used than promised
	Pauses      []Pause
	PausedSince *time.Time
	ResumesAt   *time.Time // the pause cap ends the pause here

	// MonthEnd is the window around the end of a month that the clock began in, where its target is that of the window.
	MonthEnd *Interval

	terms *terms
}

// Calendar is the calendar the instance is counted in: the pinned one, or all hours in its zone.
func (i Instance) Calendar() *Compiled { return i.terms.calendar }

// Threshold is a moment at which people are told about a clock: "warn50", "warn75", "warn90", "breach".
type Threshold struct {
	Name    string
	Percent int
	At      time.Time
}

// Thresholds lists when each warning and the breach of an open instance are reached, those already past included.
// There are none once it has ended, and none while it is paused for an unknown time.
func Thresholds(i Instance) []Threshold {
	if !i.Outcome.Open() || i.floating() {
		return nil
	}
	var list []Threshold
	for _, percent := range i.terms.warnings {
		share := i.Target / 100 * time.Duration(percent)
		at := i.StartedAt
		if left := share - i.CarriedOver; left > 0 {
			reached, _, err := i.terms.calendar.Due(i.StartedAt, left, intervals(i.Pauses))
			if err != nil {
				continue // cannot be: less than the target, whose due moment was found
			}
			at = reached
		}
		list = append(list, Threshold{Name: "warn" + strconv.Itoa(percent), Percent: percent, At: at})
	}
	return append(list, Threshold{Name: "breach", Percent: 100, At: i.DueAt})
}

// floating tells that there is no due moment until the pause ends; a clock that was due before keeps its moment.
func (i Instance) floating() bool {
	return i.PausedSince != nil && i.ResumesAt == nil && i.DueAt.After(*i.PausedSince)
}

// Explain tells how the due moment of this instance came about, from StartedAt on.
func (i Instance) Explain() (Explanation, error) {
	e, err := i.terms.calendar.explain(i.StartedAt, max(0, i.Target-i.CarriedOver), i.Pauses)
	if i.MonthEnd != nil {
		e.MonthEnd = new(i.MonthEnd.in(i.terms.calendar.loc))
	}
	return e, err
}

func intervals(pauses []Pause) []Interval {
	list := make([]Interval, len(pauses))
	for i, p := range pauses {
		list[i] = p.Interval
	}
	return list
}
