package policy

import (
	"cmp"
	"fmt"
	"time"
)

// Deadlines is how long things may wait. Nothing is ever approved because time has passed: a step is reminded of, then goes
// up; a request ends. Zero is the usual.
type Deadlines struct {
	// ReturnDays is how long a request that was asked back keeps what it reserved; then it expires.
	ReturnDays int `yaml:"return_days,omitempty" json:"return_days,omitempty"`
	// ExpiryDays is how long a whole request may wait from its submission.
	ExpiryDays int `yaml:"expiry_days,omitempty" json:"expiry_days,omitempty"`
	// StepHours is the time for a step of a request without a case; a case has a clock of its own for it.
	StepHours int `yaml:"step_hours,omitempty" json:"step_hours,omitempty"`
	// RemindPercent and ClimbPercent are how much of a step's time has passed when its people are reminded, and when it is
	// taken from them and goes up.
	RemindPercent int `yaml:"remind_percent,omitempty" json:"remind_percent,omitempty"`
	ClimbPercent  int `yaml:"climb_percent,omitempty" json:"climb_percent,omitempty"`
}

// The usual deadlines, where a policy names none.
const (
	usualReturnDays    = 5
	usualExpiryDays    = 60
	usualStepHours     = 48
	usualRemindPercent = 75
	usualClimbPercent  = 200
)

const (
	mostDays    = 365
	mostPercent = 1000
)

// ReturnFor is how long a request that was asked back waits for its requester.
func (d Deadlines) ReturnFor() time.Duration { return days(cmp.Or(d.ReturnDays, usualReturnDays)) }

// ExpireAfter is how long a submitted request may wait.
func (d Deadlines) ExpireAfter() time.Duration { return days(cmp.Or(d.ExpiryDays, usualExpiryDays)) }

// StepFor is the time for a step where no clock says it.
func (d Deadlines) StepFor() time.Duration {
	return time.Duration(cmp.Or(d.StepHours, usualStepHours)) * time.Hour
}

// RemindAt is when the people of a step that was opened and is due at these moments are reminded.
func (d Deadlines) RemindAt(opened, due time.Time) time.Time {
	return part(opened, due, cmp.Or(d.RemindPercent, usualRemindPercent))
}

// ClimbAt is when such a step goes up.
func (d Deadlines) ClimbAt(opened, due time.Time) time.Time {
	return part(opened, due, cmp.Or(d.ClimbPercent, usualClimbPercent))
}

// String writes them as they hold, the usual ones included.
func (d Deadlines) String() string {
	return fmt.Sprintf("%s after asking back, %s in all, %s a step, reminder at %d %%, up at %d %%", wholeDays(d.ReturnFor()), wholeDays(d.ExpireAfter()), d.StepFor(),
		cmp.Or(d.RemindPercent, usualRemindPercent), cmp.Or(d.ClimbPercent, usualClimbPercent))
}

func wholeDays(d time.Duration) string { return fmt.Sprintf("%d days", int(d.Hours()/24)) }

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

func part(opened, due time.Time, percent int) time.Time {
	return opened.Add(due.Sub(opened) * time.Duration(percent) / 100)
}

func (d Deadlines) check(add func(field, key string, pairs ...string)) {
	for field, n := range map[string]int{"return_days": d.ReturnDays, "expiry_days": d.ExpiryDays} {
		if n < 0 || n > mostDays {
			add("deadlines."+field, "policy.bad_deadline")
		}
	}
	if d.StepHours < 0 || d.StepHours > mostDays*24 {
		add("deadlines.step_hours", "policy.bad_deadline")
	}
	if d.RemindPercent < 0 || d.RemindPercent > mostPercent {
		add("deadlines.remind_percent", "policy.bad_deadline")
	}
	if c := cmp.Or(d.ClimbPercent, usualClimbPercent); c < cmp.Or(d.RemindPercent, usualRemindPercent) || c > mostPercent {
		add("deadlines.climb_percent", "policy.climbs_first")
	}
}
