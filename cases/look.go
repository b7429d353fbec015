package cases

import (
	"context"
	"fmt"
	"slices"
	"time"

	"makegood/billing"
	"makegood/cases/clock"
	"makegood/cases/escalation"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// look is a look at one clock whose timer is due: at its case as it is locked, and at what has come of the clock.
type look struct {
	*work

	in     CheckClock
	rows   []clockRow
	t      timing
	clock  Clock         // as stored once the case's clocks are brought up to now; the zero Clock when there is nothing to tell
	record []audit.Event // in the order in which they happened

	early   time.Time  // when its timer's moment really comes; zero when it has come
	reached string     // the gravest threshold that people were not told of
	first   *time.Time // when the clock was first late
	notices []Notice
}

// looks are looks at clocks of different cases, in one transaction. Each step does what one step of looking is for all of them, so
// that a hundred clocks take hardly more statements than one.
type looks struct {
	service *Service
	tx      *db.Tx
	list    []*look
	left    []CheckClock
}

// lookAtClocks works timers of clocks of different cases: it locks the cases, sees whether each clock is still the one its timer was
// set for, derives the case's clocks anew, and tells people what they have come to. Run twice, the second run finds nothing to do.
// Of several clocks of one case it works the first; the others are left over for the next time. A timer that came before its moment,
// because this machine's clock was set back, is named with when that is.
func (s *Service) lookAtClocks(ctx context.Context, in []CheckClock) (left []CheckClock, early map[ClockID]time.Time, err error) {
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		all := looks{service: s, tx: tx}
		defer func() { left, early = all.left, all.early() }()
		for _, step := range []func(context.Context) error{
			func(ctx context.Context) error { return all.lock(ctx, in) },
			all.derive, all.escalate, all.repin, all.retime, all.write,
		} {
			if err := step(ctx); err != nil || len(all.list) == 0 {
				return err
			}
		}
		return nil
	})
	return left, early, err
}

func (all *looks) early() map[ClockID]time.Time {
	list := map[ClockID]time.Time{}
	for _, l := range all.list {
		if !l.early.IsZero() {
			list[l.in.ClockID] = l.early
		}
	}
	return list
}

// lock locks the cases, always in the same order, and drops the timers of another version of their clock.
func (all *looks) lock(ctx context.Context, in []CheckClock) error {
	byID := map[ClockID]CheckClock{}
	var ids []ClockID
	for _, one := range in {
		byID[one.ClockID], ids = one, append(ids, one.ClockID)
	}
	locked, err := db.List[Case](ctx, all.tx, `select `+caseColumns+` from cases where id in (select case_id from case_clocks where id = any($1))
		order by id for update`, ids)
	if err != nil {
		return fmt.Errorf("lock cases: %w", err)
	}
	var cases []ID
	for _, c := range locked {
		cases = append(cases, c.ID)
	}
	if len(cases) == 0 {
		return nil
	}
	var stored []Clock
	var rows []clockRow
	if err := runBatch(ctx, all.tx, func(b *batch) {
		db.QueueList(b, &stored, storedClocksQuery, cases)
		db.QueueList(b, &rows, clockRowsQuery, streams(cases), clockEvents())
	}); err != nil {
		return fmt.Errorf("read clocks: %w", err)
	}
	all.begin(locked, stored, rows, byID)
	return nil
}

// begin pairs each case with its clocks and events.
func (all *looks) begin(locked []Case, stored []Clock, rows []clockRow, asked map[ClockID]CheckClock) {
	clocks, events := map[ID][]Clock{}, map[string][]clockRow{}
	for _, k := range stored {
		clocks[k.CaseID] = append(clocks[k.CaseID], k)
	}
	for _, row := range rows {
		events[row.Stream] = append(events[row.Stream], row)
	}
	for _, c := range locked {
		l := &look{work: &work{tx: all.tx, c: c, was: c, by: access.SystemActor("clock"), quiet: true}}
		l.t.stored, l.rows = clocks[c.ID], events[string(audit.Case(int64(c.ID)))]
		for _, k := range l.t.stored {
			one, ok := asked[k.ID]
			if !ok || one.Version != k.Version || !k.Outcome.Open() {
				continue // moved on while the timer waited
			}
			if l.in.ClockID != 0 {
				all.left = append(all.left, one)
				continue
			}
			l.in = one
		}
		if l.in.ClockID != 0 {
			all.list = append(all.list, l)
		}
	}
}

// derive brings the clocks of each case up to now, stores what changed, and finds the clock that was asked for.
func (all *looks) derive(ctx context.Context) error {
	changes := make([]clockChanges, len(all.list))
	for n, l := range all.list {
		t, err := all.service.timingOf(ctx, all.tx, l.c, l.rows, l.t.stored)
		if err != nil {
			return err
		}
		t.checking = l.in.ClockID
		l.t = t
		changes[n] = t.changes(l.work)
		l.cacheTimes()
	}
	if err := all.store(ctx, changes); err != nil {
		return err
	}
	for _, l := range all.list {
		for _, i := range l.t.derived {
			if c, _, _ := l.t.rowFor(l.c.ID, i, false); c.ID == l.in.ClockID && c.Outcome.Open() {
				l.comesTo(c, i)
			}
		}
	}
	return nil
}

// store writes the clocks that changed, starts their timers, and takes them over into what the looks know as stored.
func (all *looks) store(ctx context.Context, changes []clockChanges) error {
	var rows []Clock
	var gone []ClockID
	for n, c := range changes {
		rows, gone = append(rows, c.clocks...), append(gone, all.list[n].t.orphans()...)
	}
	if err := dropClocks(ctx, all.tx, gone); err != nil {
		return err
	}
	if err := saveClocks(ctx, all.tx, rows); err != nil {
		return err
	}
	for n, l := range all.list {
		c := changes[n]
		copy(c.clocks, rows)
		rows = rows[len(c.clocks):]
		if err := c.start(ctx, all.tx); err != nil {
			return err
		}
		l.record = append(l.record, c.events...)
		for _, k := range c.clocks {
			l.keep(k)
		}
	}
	return nil
}

// keep takes a clock over as stored.
func (l *look) keep(k Clock) {
	at := slices.IndexFunc(l.t.stored, func(old Clock) bool { return old.ID == k.ID })
	if at < 0 {
		l.t.stored = append(l.t.stored, k)
		return
	}
	l.t.stored[at] = k
}

// cacheTimes repeats the clocks on the case. A deadline that stayed is not a change.
func (l *look) cacheTimes() {
	l.c.cacheClocks(l.t.derived)
	if sameTime(l.c.NextDueAt, l.was.NextDueAt) {
		l.c.NextDueAt = l.was.NextDueAt
	}
}

// comesTo finds the gravest threshold that a clock has reached, if people were not told of it.
func (l *look) comesTo(c Clock, i clock.Instance) {
	first, reached := l.t.firstBreach(c.lineage()), ""
	for _, m := range moments(i, l.t.ladder, first) {
		switch {
		case !m.at.After(l.tx.Now()):
			reached = m.name
		case m.name == l.in.Threshold:
			l.early = m.at
		}
	}
	if reached == "" || level(reached) <= level(c.Warned) {
		return
	}
	l.clock, l.reached, l.first = c, reached, first
}

// escalate tells people how far the clocks have come, once for each threshold, and does what the policies' ladders say.
func (all *looks) escalate(ctx context.Context) error {
	var due []*look
	for _, l := range all.list {
		if l.reached != "" {
			due = append(due, l)
		}
	}
	states, err := statesOf(ctx, all.tx, due)
	if err != nil {
		return err
	}
	for n, l := range due {
		actions, rung := escalation.Next(l.t.ladder, states[n]), escalation.Reached(l.t.ladder, states[n])
		l.note(whatOf(l.clock.Warned, l.reached), l.clock.told(l.reached, rung, actions))
		l.clock.Warned, l.clock.Rung = l.reached, rung
		l.keep(l.clock)
		l.carryOut(actions)
	}
	return nil
}

// repin puts the cases whose priority went up under the policies that are for them now.
func (all *looks) repin(ctx context.Context) error {
	var raised []*look
	var list []Case
	for _, l := range all.list {
		if l.escalated {
			raised, list = append(raised, l), append(list, l.c)
		}
	}
	if len(raised) == 0 {
		return nil
	}
	policies, err := activePolicies(ctx, all.tx)
	if err != nil {
		return err
	}
	customers, err := customersOfCases(ctx, all.tx, list)
	if err != nil {
		return err
	}
	for _, l := range raised {
		var customer billing.Customer
		if l.c.CustomerID != nil {
			customer = customers[*l.c.CustomerID]
		}
		if err := all.service.pinTo(ctx, l.work, policies.match(l.c, customer)); err != nil {
			return err
		}
	}
	return nil
}

// retime derives the clocks of those cases anew whose priority went up. What that makes late does not escalate again on its account.
func (all *looks) retime(ctx context.Context) error {
	changes := make([]clockChanges, len(all.list))
	for n, l := range all.list {
		l.record = append(l.record, l.events...)
		if !l.timed {
			continue
		}
		rows, err := l.clockRows()
		if err != nil {
			return err
		}
		t, err := all.service.timingOf(ctx, all.tx, l.c, append(l.rows, rows...), l.t.stored)
		if err != nil {
			return err
		}
		l.t = t
		changes[n] = t.changes(l.work)
		l.cacheTimes()
	}
	return all.store(ctx, changes)
}

// write records what happened, writes the cases and the notices, and announces them.
func (all *looks) write(ctx context.Context) error {
	b := &batch{}
	var told toldRows
	for _, l := range all.list {
		if l.reached != "" {
			told.add(l.clock)
		}
	}
	told.queue(b)
	var events []audit.Event
	var notices []Notice
	var tell []news
	var watching []int64
	for _, l := range all.list {
		events = append(events, l.record...)
		if len(l.record) == 0 && l.c == l.was {
			continue
		}
		if !l.quiet {
			l.c.Version++
		}
		if l.c != l.was {
			queueUpdateCase(b, l.c)
		}
		notices = append(notices, l.notices...)
		if n, ok := newsOf(l.c, l.by, l.record); ok {
			tell = append(tell, n)
		}
		all.tx.Publish(append(l.topics, "queue", "board", l.c.ID.Topic())...)
	}
	queueNotices(b, all.tx.Now(), notices)
	queueNews(b, all.tx.Now(), tell, &watching)
	if err := audit.QueueTx(b, all.tx, events...); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if b.Len() == 0 {
		return nil
	}
	if err := all.tx.Batch(ctx, b); err != nil {
		return fmt.Errorf("write what clocks came to: %w", err)
	}
	publishNews(all.tx, watching)
	return nil
}

// toldRows remember how far people were told of clocks.
type toldRows struct {
	ids    []ClockID
	warned []string
	rungs  []int
}

func (r *toldRows) add(c Clock) {
	r.ids, r.warned, r.rungs = append(r.ids, c.ID), append(r.warned, c.Warned), append(r.rungs, c.Rung)
}

func (r *toldRows) queue(b *batch) {
	if len(r.ids) > 0 {
		b.Queue(`update case_clocks c set warned = t.warned, rung = t.rung
			from unnest($1::bigint[], $2::text[], $3::int[]) t (id, warned, rung) where c.id = t.id`, r.ids, r.warned, r.rungs)
	}
}
