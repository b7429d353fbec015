package cases

import (
	"time"

	"makegood/cases/clock"
	"makegood/internal/jobs"
)

// ClockID names a stored clock.
type ClockID int64

// Clock is a clock of a case as stored: a cache of what the case's events give, with the escalation's progress.
// Instance counts how often the clock was started, Revision how often its terms changed under way. DueAt is nil while
// it is paused for an unknown time.
type Clock struct {
	ID            ClockID
	CaseID        ID
	Kind          clock.Kind
	Instance      int
	Revision      int
	SubjectID     int64 // approval step or credit request; 0 for the others
	PolicyID      int64
	CalendarID    int64
	Priority      Priority
	StartedAt     time.Time
	TargetSeconds int64
	DueAt         *time.Time
	PausedSince   *time.Time
	UsedSeconds   int64 // as far as a pause or the end; between, time passes without a write
	Outcome       clock.Outcome
	EndedAt       *time.Time
	BreachedAt    *time.Time
	Warned        string // the gravest threshold people were told of
	Rung          int    // rungs of the ladder climbed
	Version       int
}

// ClockView is a clock with what it was derived from, as of now: used and remaining time, pauses, and Explain.
type ClockView struct {
	Clock
	Derived clock.Instance
}

// Fault is a stored row that differs from what the events give.
type Fault struct {
	Number string // of the case
	Row    string
	Detail string
}

// CheckClock looks after one threshold of a clock; one of an older version does nothing.
type CheckClock struct {
	ClockID   ClockID `json:"clock_id"`
	Version   int     `json:"version"`
	Threshold string  `json:"threshold"`
}

// Kind names the job.
func (CheckClock) Kind() string { return "cases.check_clock" }

// Unique says that a threshold of a clock has one timer.
func (CheckClock) Unique() bool { return true }

// Queue is that of the timers.
func (CheckClock) Queue() string { return jobs.Timers }

// SweepClocks finds the clocks that have no timer, and closes cases long resolved.
type SweepClocks struct{}

// Kind names the job.
func (SweepClocks) Kind() string { return "cases.sweep_clocks" }
