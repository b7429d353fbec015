package cases

import (
	"context"
	"fmt"
	"time"

	"makegood/cases/clock"
	"makegood/cases/escalation"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// lineage names the revisions of one clock.
type lineage struct {
	kind     clock.Kind
	instance int
	subject  int64
}

func (c Clock) lineage() lineage { return lineage{c.Kind, c.Instance, c.SubjectID} }

// timing is a case's clocks as derived and as stored.
type timing struct {
	derived []clock.Instance
	stored  []Clock
	ladder  escalation.Ladder // of the policy that holds now
	// checking is the clock whose timer is being worked.
	checking ClockID
}

// retimeTx derives the clocks of a case anew, stores what changed, starts their timers and notes what ended. The
// caller holds the case.
func (s *Service) retimeTx(ctx context.Context, w *work) error {
	t, err := s.timing(ctx, w.tx, w.c)
	if err != nil {
		return err
	}
	if err := s.storeClocks(ctx, w, t); err != nil {
		return err
	}
	w.c.cacheClocks(t.derived)
	return nil
}

func (s *Service) timing(ctx context.Context, r db.Reader, c Case) (timing, error) {
	rows, err := clockRows(ctx, r, c.ID)
	if err != nil {
		return timing{}, err
	}
	stored, err := storedClocks(ctx, r, c.ID)
	if err != nil {
		return timing{}, err
	}
	return s.timingOf(ctx, r, c, rows, stored)
}

// timingOf is timing with what is stored read already.
func (s *Service) timingOf(ctx context.Context, r db.Reader, c Case, rows []clockRow, stored []Clock) (timing, error) {
	h, err := s.history(ctx, r, rows, r.Now())
	if err != nil {
		return timing{}, err
	}
	derived, err := clock.Derive(h)
	if err != nil {
		return timing{}, fmt.Errorf("derive clocks of %s: %w", c.Number, err)
	}
	t := timing{derived: derived, stored: stored}
	if c.PolicyID != nil {
		p, err := s.rules(ctx, r, *c.PolicyID)
		if err != nil {
			return timing{}, err
		}
		t.ladder = p.ladder
	}
	return t, nil
}

// storeClocks writes the clocks that are new or changed. A changed clock gets a new version, which makes its old
// timers stale, and new timers.
func (s *Service) storeClocks(ctx context.Context, w *work, t timing) error {
	c := t.changes(w)
	if err := dropClocks(ctx, w.tx, t.orphans()); err != nil {
		return err
	}
	if err := saveClocks(ctx, w.tx, c.clocks); err != nil {
		return err
	}
	if err := c.start(ctx, w.tx); err != nil {
		return err
	}
	return audit.RecordTx(ctx, w.tx, c.events...)
}

// clockChanges are the clocks of a case that are new or differ from what is stored, with what that adds to the timeline.
type clockChanges struct {
	timing
	clocks    []Clock
	instances []clock.Instance
	events    []audit.Event
}

func (t timing) changes(w *work) clockChanges {
	changes := clockChanges{timing: t}
	for _, i := range t.derived {
		c, isNew, differs := t.rowFor(w.c.ID, i, w.escalated)
		if !isNew && !differs {
			continue
		}
		if what := w.clockEvent(t, c, isNew); what != "" {
			changes.events = append(changes.events, audit.Event{Stream: audit.Case(int64(w.c.ID)), By: w.by, What: what, Data: c.eventData()})
		}
		changes.clocks, changes.instances = append(changes.clocks, c), append(changes.instances, i)
	}
	return changes
}

// start starts the timers of the clocks, which have been stored.
func (c clockChanges) start(ctx context.Context, tx *db.Tx) error {
	for n, i := range c.instances {
		if err := startTimers(ctx, tx, c.clocks[n], i, c.timing); err != nil {
			return err
		}
	}
	return nil
}

// rowFor is the row an instance is stored as, and whether it is a new one or differs from the one that is stored.
func (t timing) rowFor(id ID, i clock.Instance, escalated bool) (row Clock, isNew, differs bool) {
	row = clockOf(id, i)
	var before *Clock
	for n := range t.stored {
		old := &t.stored[n]
		if old.lineage() != row.lineage() {
			continue
		}
		if old.Revision == row.Revision {
			row.ID, row.Warned, row.Rung, row.Version = old.ID, old.Warned, old.Rung, old.Version
			if row.same(*old) {
				return row, false, false
			}
			row.Version++
			return row, false, true
		}
		if old.Revision < row.Revision && (before == nil || old.Revision > before.Revision) {
			before = old
		}
	}
	row.Version = 1
	row.inherit(before, escalated, t.ladder)
	return row, true, true
}

// orphans are the stored clocks that the events no longer give: what started them was taken back.
func (t timing) orphans() []ClockID {
	type name struct {
		lineage
		revision int
	}
	given := map[name]bool{}
	for _, i := range t.derived {
		given[name{lineage{i.Kind, i.Number, subjectOf(i.Ref)}, i.Revision}] = true
	}
	var list []ClockID
	for _, c := range t.stored {
		if !given[name{c.lineage(), c.Revision}] {
			list = append(list, c.ID)
		}
	}
	return list
}

// inherit takes over how far people were told of the revision before. A clock that is no longer late starts over;
// one that an escalation itself made late counts as told.
func (c *Clock) inherit(before *Clock, escalated bool, ladder escalation.Ladder) {
	late := c.Outcome == clock.BreachedOpen
	if before != nil && (before.BreachedAt == nil || late) {
		c.Warned, c.Rung = before.Warned, before.Rung
	}
	if late && escalated && level(c.Warned) < level(breach) {
		c.Warned = breach
		c.Rung = escalation.Reached(ladder, escalation.State{Threshold: escalation.Breach, RungReached: c.Rung})
	}
}

// clockOf is an instance as a row.
func clockOf(id ID, i clock.Instance) Clock {
	c := Clock{
		CaseID: id, Kind: i.Kind, Instance: i.Number, Revision: i.Revision, SubjectID: subjectOf(i.Ref),
		PolicyID: i.PolicyVersion, CalendarID: i.CalendarVersion, Priority: i.Priority, StartedAt: i.StartedAt,
		TargetSeconds: max(1, seconds(i.Target)), PausedSince: i.PausedSince, Outcome: i.Outcome, EndedAt: i.EndedAt, BreachedAt: i.BreachedAt,
		UsedSeconds: seconds(i.CarriedOver),
	}
	if i.EndedAt != nil || i.PausedSince != nil {
		c.UsedSeconds = seconds(i.Used)
	}
	if !floating(i) {
		due := i.DueAt
		c.DueAt = &due
	}
	return c
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// floating tells that an open clock is paused for an unknown time, so that it has no due moment.
func floating(i clock.Instance) bool {
	return i.Outcome.Open() && i.PausedSince != nil && i.ResumesAt == nil && i.DueAt.After(*i.PausedSince)
}

// same compares what is derived; how far people were told is not.
func (c Clock) same(o Clock) bool {
	return c.PolicyID == o.PolicyID && c.CalendarID == o.CalendarID && c.Priority == o.Priority && c.StartedAt.Equal(o.StartedAt) &&
		c.TargetSeconds == o.TargetSeconds && c.UsedSeconds == o.UsedSeconds && c.Outcome == o.Outcome &&
		sameTime(c.DueAt, o.DueAt) && sameTime(c.PausedSince, o.PausedSince) && sameTime(c.EndedAt, o.EndedAt) && sameTime(c.BreachedAt, o.BreachedAt)
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// clockEvent is what a changed clock adds to the timeline: that it ended, or goes on after it had ended.
func (w *work) clockEvent(t timing, c Clock, isNew bool) string {
	was := clock.Running
	for _, old := range t.stored {
		if !isNew && old.ID == c.ID {
			was = old.Outcome
		}
	}
	switch {
	case was == c.Outcome, was.Open() && c.Outcome.Open():
		return ""
	case c.Outcome.Open():
		return "clock.resumed"
	case c.Outcome == clock.BreachedMetLate:
		return "clock.met_late"
	}
	return "clock." + string(c.Outcome)
}

func (c Clock) eventData() map[string]any {
	data := map[string]any{"clock": c.Kind, "instance": c.Instance, "revision": c.Revision, "outcome": c.Outcome, "priority": c.Priority}
	if c.DueAt != nil {
		data["due_at"] = *c.DueAt
	}
	if c.EndedAt != nil {
		data["ended_at"] = *c.EndedAt
	}
	if c.SubjectID != 0 {
		data["subject"] = c.SubjectID
	}
	return data
}

// cacheClocks repeats on the case what lists show: the tightest open clock, and whether one is late.
func (c *Case) cacheClocks(instances []clock.Instance) {
	c.NextClock, c.NextDueAt, c.ClockPaused, c.Breached = "", nil, false, false
	for _, i := range instances {
		if !i.Outcome.Open() {
			continue
		}
		c.Breached = c.Breached || i.Outcome == clock.BreachedOpen
		switch due := i.DueAt; {
		case floating(i):
			if c.NextClock == "" {
				c.NextClock, c.ClockPaused = i.Kind, true
			}
		case c.NextDueAt == nil || due.Before(*c.NextDueAt):
			c.NextClock, c.NextDueAt, c.ClockPaused = i.Kind, &due, i.PausedSince != nil
		}
	}
}
