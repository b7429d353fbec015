package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/cases/escalation"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/jobs"
	"makegood/internal/scenario"
)

// What timers must keep: lateness in milliseconds.
const (
	mustLateP50 = 150
	mustLateP99 = 500
	mustLateMax = 3000
)

// TimerFigures is how late timers were, in milliseconds: taken by a worker, and done, which for a clock is when people were told.
type TimerFigures struct {
	What    string `json:"what"`
	Timers  int    `json:"timers"`
	Seconds int    `json:"within_s"` // all of them were due within
	Taken   Late   `json:"taken"`
	Done    Late   `json:"done"`
	Met     *bool  `json:"met,omitempty"` // by what is done, in the median of the rounds; nil where nothing is asked
}

// Late is the lateness of many timers.
type Late struct {
	P50 Spread `json:"p50_ms"`
	P99 Spread `json:"p99_ms"`
	Max Spread `json:"max_ms"`
}

const (
	riverFloor   = "River, nothing to do"
	clockTimers  = "clocks of cases"
	timersWithin = 10 * time.Second
	openAtOnce   = 50
	promised     = time.Hour
	timerPolicy  = "Timers"
)

// noWork is the job of the floor: it goes through the same queue as the timers of clocks and does nothing.
type noWork struct {
	N int `json:"n"`
}

// Kind names the job.
func (noWork) Kind() string { return "bench.nothing" }

// Queue is that of the timers.
func (noWork) Queue() string { return jobs.Timers }

// Unique says that they are inserted as timers are.
func (noWork) Unique() bool { return true }

type timerBench struct {
	o     Options
	h     *house
	ready string
	slow  time.Duration // how many times the usual lead this machine turned out to need
}

// errLate says that the span began before everything was ready for it.
var errLate = errors.New("this machine needs fewer timers")

// slowest is the longest lead that is tried, in usual ones.
const slowest = 8

// Timers measures how late the program's timers are when many are due at once: each is a threshold of a clock of a case of its own,
// at which the program derives the case's clocks anew, tells people, climbs the ladder and writes the case's history; a quarter
// are breaches, at which the priority goes up and the clocks are re-timed. Beside it stand as many jobs of River's through the same
// runner that do nothing. Afterwards it proves that each threshold was told of once, and everything sound.
func Timers(ctx context.Context, o Options) (report Report, err error) {
	o = o.filled()
	report.Machine = NewMachine()
	b := timerBench{o: o, slow: 1}
	if b.h, err = openHouse(ctx, o); err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, b.h.close(ctx)) }()
	b.ready, err = b.h.make(ctx, "timers", 1, func(ctx context.Context, database string) error {
		s, err := o.Open(ctx, b.h.url(database), true)
		if err != nil {
			return err
		}
		defer s.DB.Close()
		return prepareTimers(ctx, s)
	})
	if err != nil {
		return report, err
	}
	floor, told := &lateSeries{}, &lateSeries{}
	for round := range o.Rounds {
		if err := b.turn(ctx, round, floor, told); err != nil {
			return report, err
		}
	}
	report.Timers = []TimerFigures{floor.figures(riverFloor, o), told.figures(clockTimers, o)}
	report.Timers[1].judge()
	report.Machine, err = b.h.machine(ctx, report.Machine)
	return report, err
}

// prepareTimers adds a company and a policy that promises a first answer within an hour and nothing else, so that each case has one clock.
func prepareTimers(ctx context.Context, s Services) error {
	if _, err := scenario.Build(ctx, scenario.Services{DB: s.DB, People: s.People, Billing: s.Billing, Cases: s.Cases, Credits: s.Credits}, scenario.Options{}); err != nil {
		return err
	}
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		calendar, err := db.Value[int64](ctx, tx, `select max(calendar_id) from sla_policies`)
		if err != nil {
			return err
		}
		targets := map[clock.Priority]clock.Target{}
		for _, p := range clock.Priorities() {
			targets[p] = clock.WithinCalendar(promised)
		}
		_, err = s.Cases.SavePolicyTx(ctx, tx, cases.Policy{
			Name: timerPolicy, Position: -1, CalendarID: calendar, Ladder: escalation.Default(),
			Definition: clock.Policy{Name: timerPolicy, Targets: map[clock.Kind]map[clock.Priority]clock.Target{clock.FirstResponse: targets}},
		})
		return err
	})
}

// turn measures the floor and the clocks once, each on a database of its own.
func (b *timerBench) turn(ctx context.Context, round int, floor, told *lateSeries) error {
	for _, one := range []struct {
		name   string
		series *lateSeries
		run    func(context.Context, string) (lateness, error)
	}{{riverFloor, floor, b.floor}, {clockTimers, told, b.clocks}} {
		late, err := b.inTime(ctx, one.run)
		if err != nil {
			return fmt.Errorf("timers, %s: %w", one.name, err)
		}
		one.series.add(late)
		b.o.Say(fmt.Sprintf("round %d, %-21s taken p50 %5.0f  p99 %5.0f  max %5.0f ms; done p50 %5.0f  p99 %5.0f  max %5.0f ms", round+1, one.name+":",
			late.taken[0], late.taken[1], late.taken[2], late.done[0], late.done[1], late.done[2]))
	}
	return nil
}

// inTime measures once, on a copy of its own; where the span began too early for this machine, again with a longer lead.
func (b *timerBench) inTime(ctx context.Context, run func(context.Context, string) (lateness, error)) (lateness, error) {
	for {
		database, err := b.h.copy(ctx, b.ready)
		if err != nil {
			return lateness{}, err
		}
		late, err := run(ctx, database)
		if !errors.Is(err, errLate) || b.slow >= slowest {
			return late, err
		}
		b.slow *= 2
		b.o.Say(fmt.Sprintf("%v: once more, with %v to prepare", err, b.lead()))
	}
}

// floor has River work jobs that do nothing.
func (b *timerBench) floor(ctx context.Context, database string) (lateness, error) {
	s, err := b.o.Open(ctx, b.h.url(database), false)
	if err != nil {
		return lateness{}, err
	}
	defer s.DB.Close()
	registry := jobs.NewRegistry()
	jobs.Handle(registry, func(context.Context, noWork) error { return nil })
	runner, err := jobs.NewRunner(s.DB, registry, jobs.RunnerOptions{Logger: b.o.Logger})
	if err != nil {
		return lateness{}, err
	}
	from := s.DB.Now().Add(b.lead() / 2)
	err = inPieces(b.o.Timers, 1000, func(first, after int) error {
		return s.DB.Do(ctx, func(tx *db.Tx) error {
			for n := first; n < after; n++ {
				if err := tx.EnqueueAt(ctx, noWork{n}, b.due(from, n)); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return lateness{}, err
	}
	if err := b.h.quiet(ctx); err != nil {
		return lateness{}, err
	}
	if err := runner.Start(ctx); err != nil {
		return lateness{}, err
	}
	var late lateness
	if err = b.ahead(s.DB, from); err == nil {
		late, err = b.await(ctx, s.DB, noWork{}.Kind(), from)
	}
	return late, errors.Join(err, runner.Stop(context.WithoutCancel(ctx)))
}

// due is when the n-th timer is due; they come evenly within the span.
func (b *timerBench) due(from time.Time, n int) time.Time {
	return from.Add(time.Duration(n) * timersWithin / time.Duration(b.o.Timers)).Truncate(time.Microsecond)
}

// clocks has the program work the timers of as many cases.
func (b *timerBench) clocks(ctx context.Context, database string) (lateness, error) {
	w, err := b.o.Work(ctx, b.h.url(database), "", nil)
	if err != nil {
		return lateness{}, err
	}
	from := w.DB.Now().Add(b.lead())
	err = b.openCases(ctx, w.Services, from)
	if err == nil {
		err = b.h.admin(ctx, database, `analyze`, `checkpoint`)
	}
	if err == nil {
		err = w.Start(ctx)
	}
	if err == nil {
		err = b.ahead(w.DB, from)
	}
	var late lateness
	if err == nil {
		err = b.settled(ctx, w.DB, from)
	}
	if err == nil {
		late, err = b.await(ctx, w.DB, cases.CheckClock{}.Kind(), from)
	}
	if err == nil {
		err = b.prove(ctx, w.Services)
	}
	if err == nil {
		err = w.Verify(ctx)
	}
	return late, errors.Join(err, w.Stop(context.WithoutCancel(ctx)))
}

// lead is time enough to open the cases and to work the thresholds that lie before the span.
func (b *timerBench) lead() time.Duration {
	return b.slow * (15*time.Second + time.Duration(b.o.Timers)*6*time.Millisecond)
}

// thresholds that are due within the span, in turn.
func thresholds() []struct {
	name string
	used time.Duration
} {
	return []struct {
		name string
		used time.Duration
	}{{"warn50", promised / 2}, {"warn75", promised * 3 / 4}, {"warn90", promised * 9 / 10}, {"breach", promised}}
}

// openCases opens a case for each timer, so long ago that its threshold falls due at the timer's moment.
func (b *timerBench) openCases(ctx context.Context, s Services, from time.Time) error {
	agent, err := db.Value[int64](ctx, s.DB, `select min(id) from users where 'agent' = any(roles)`)
	if err != nil {
		return err
	}
	return inPieces(b.o.Timers, openAtOnce, func(first, after int) error {
		var list []cases.OpenInput
		for n := first; n < after; n++ {
			at := b.due(from, n).Add(-thresholds()[n%4].used)
			list = append(list, cases.OpenInput{
				Type: cases.Inquiry, Subject: fmt.Sprintf("Question %d", n), Source: "mail", ReceivedAt: at, By: access.SystemActor("bench"), AssigneeID: &agent,
				Message: &cases.InboundMessage{AuthorName: "Ann", AuthorAddress: fmt.Sprintf("ann%d@visitors.example", n), Subject: "Question", Body: "When is it due?", At: at},
			})
		}
		return s.DB.Do(ctx, func(tx *db.Tx) error {
			_, err := s.Cases.OpenAllTx(ctx, tx, list)
			return err
		})
	})
}

// inPieces does work on numbers from 0 to n in pieces of a size, a few at once.
func inPieces(n, size int, do func(first, after int) error) error {
	var all sync.WaitGroup
	failed := make([]error, prepareAtOnce)
	for at := range prepareAtOnce {
		all.Go(func() {
			for first := at * size; first < n && failed[at] == nil; first += prepareAtOnce * size {
				failed[at] = do(first, min(first+size, n))
			}
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

// ahead fails a measurement that began too late to mean anything.
func (b *timerBench) ahead(d *db.DB, from time.Time) error {
	if d.Now().Add(6 * time.Second).After(from) {
		return fmt.Errorf("preparing took so long that timers were due before anybody could work them: %w", errLate)
	}
	return nil
}

// settled waits until the thresholds before the span are worked.
func (b *timerBench) settled(ctx context.Context, d *db.DB, from time.Time) error {
	return b.look(ctx, "thresholds before the span", func() (bool, error) {
		left, err := db.Value[int](ctx, d, `select count(*) from river_job where kind = $1 and state in ('available', 'running', 'retryable') and scheduled_at < $2`,
			cases.CheckClock{}.Kind(), from.Add(-time.Millisecond))
		if err == nil && left > 0 && d.Now().After(from) {
			err = fmt.Errorf("%d thresholds before the span were not worked when it began: %w", left, errLate)
		}
		return left == 0, err
	})
}

// await waits until all timers of the span are done, and tells how late they were.
func (b *timerBench) await(ctx context.Context, d *db.DB, kind string, from time.Time) (lateness, error) {
	until := from.Add(timersWithin)
	err := b.look(ctx, "timers", func() (bool, error) {
		if d.Now().Before(until) {
			return false, nil
		}
		done, err := db.Value[int](ctx, d, `select count(*) from river_job where kind = $1 and state = 'completed' and scheduled_at >= $2 and scheduled_at < $3`, kind, from, until)
		return done >= b.o.Timers, err
	})
	if err != nil {
		return lateness{}, err
	}
	rows, err := db.List[struct{ Taken, Done float64 }](ctx, d, `select extract(epoch from attempted_at - scheduled_at) * 1000 as taken,
		extract(epoch from finalized_at - scheduled_at) * 1000 as done from river_job where kind = $1 and scheduled_at >= $2 and scheduled_at < $3`, kind, from, until)
	if err != nil {
		return lateness{}, err
	}
	if len(rows) != b.o.Timers {
		return lateness{}, fmt.Errorf("%d timers instead of %d", len(rows), b.o.Timers)
	}
	var taken, done []float64
	for _, r := range rows {
		taken, done = append(taken, r.Taken), append(done, r.Done)
	}
	return lateness{ranks(taken), ranks(done)}, nil
}

// look asks now and then whether something is done; it gives up after a while.
func (b *timerBench) look(ctx context.Context, what string, done func() (bool, error)) error {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	began := b.o.Now()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		if b.o.Now().Sub(began) > longestIntake {
			return fmt.Errorf("%s are not done after %s", what, longestIntake)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// prove fails a measurement in which a threshold was not told of, or twice.
func (b *timerBench) prove(ctx context.Context, s Services) error {
	each := b.o.Timers / 4
	for what, want := range map[string]int{"breach": each, "warn90": 2 * each, "warn75": 3 * each} {
		got, err := db.Value[int](ctx, s.DB, `select count(*) from case_clocks where outcome <> 'superseded' and warned >= '' and
			case when $1 = 'breach' then warned = 'breach' when $1 = 'warn90' then warned in ('breach', 'warn90') else warned in ('breach', 'warn90', 'warn75') end`, what)
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%d clocks at or past %s instead of %d", got, what, want)
		}
	}
	twice, err := db.Value[int](ctx, s.DB, `select count(*) from (select from audit_log where what in ('clock.warned', 'clock.breached')
		group by stream, what, data->>'threshold' having count(*) > 1) x`)
	if err == nil && twice > 0 {
		err = fmt.Errorf("%d thresholds were told of twice", twice)
	}
	return err
}

// ranks are p50, p99 and the largest.
func ranks(list []float64) [3]float64 {
	slices.Sort(list)
	at := func(share float64) float64 {
		return list[min(max(int(share*float64(len(list))+0.999999)-1, 0), len(list)-1)]
	}
	return [3]float64{at(0.5), at(0.99), list[len(list)-1]}
}
