package cases

import (
	"context"
	"strconv"
	"strings"
	"time"

	"makegood/cases/clock"
	"makegood/cases/escalation"
	"makegood/internal/db"
)

const breach = "breach"

// moment is when something has to be looked at: a warning, the breach, or a while after it ("breach+2h0m0s").
type moment struct {
	name string
	at   time.Time
}

// moments lists when a clock has to be looked at, in order, those already past included.
func moments(i clock.Instance, ladder escalation.Ladder, breachedAt *time.Time) []moment {
	var list []moment
	for _, t := range clock.Thresholds(i) {
		list = append(list, moment{t.Name, t.At})
	}
	if len(list) == 0 {
		return nil
	}
	base := i.DueAt
	if breachedAt != nil {
		base = *breachedAt
	}
	for _, after := range ladder.AfterBreach() {
		list = append(list, moment{breach + "+" + after.String(), base.Add(after)})
	}
	return list
}

// level puts thresholds in order: warnings below zero, the breach at zero, then the seconds past it.
func level(threshold string) int64 {
	if threshold == breach {
		return 0
	}
	if after, ok := strings.CutPrefix(threshold, breach+"+"); ok {
		d, err := time.ParseDuration(after)
		if err == nil {
			return seconds(d)
		}
	}
	if percent, ok := strings.CutPrefix(threshold, "warn"); ok {
		n, err := strconv.ParseInt(percent, 10, 64)
		if err == nil {
			return n - 100
		}
	}
	return -1000
}

// firstBreach is when a clock, in any of its revisions, was first late; nil when it never was.
func (t timing) firstBreach(of lineage) *time.Time {
	var first *time.Time
	for _, i := range t.derived {
		if (lineage{i.Kind, i.Number, subjectOf(i.Ref)}) == of && i.BreachedAt != nil && (first == nil || i.BreachedAt.Before(*first)) {
			first = i.BreachedAt
		}
	}
	return first
}

// startTimers inserts the timers of a clock: one for each moment ahead, and one at once for the gravest that has
// passed without anybody being told, unless that is being done.
func startTimers(ctx context.Context, tx *db.Tx, c Clock, i clock.Instance, t timing) error {
	missed := ""
	for _, m := range moments(i, t.ladder, t.firstBreach(c.lineage())) {
		if !m.at.After(tx.Now()) {
			if level(m.name) > level(c.Warned) {
				missed = m.name
			}
			continue
		}
		if err := tx.EnqueueAt(ctx, CheckClock{ClockID: c.ID, Version: c.Version, Threshold: m.name}, m.at); err != nil {
			return err
		}
	}
	if missed == "" || c.ID == t.checking {
		return nil
	}
	return tx.Enqueue(ctx, CheckClock{ClockID: c.ID, Version: c.Version, Threshold: missed})
}
