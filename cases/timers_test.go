package cases_test

import (
	"encoding/json"
	"errors"
	"sync"
	"testing"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/db"
	"makegood/internal/jobs"
)

// timers are those still to come of a case's clocks.
func (k *desk) timers(id cases.ID) []cases.CheckClock {
	k.t.Helper()
	list, err := db.List[cases.CheckClock](k.t.Context(), k.db, `select (args->>'clock_id')::bigint as clock_id, (args->>'version')::int as version, args->>'threshold' as threshold
		from river_job where kind = 'cases.check_clock' and state in ('scheduled', 'available')
			and (args->>'clock_id')::bigint in (select id from case_clocks where case_id = $1) order by scheduled_at, id`, id)
	k.must(err)
	return list
}

func (k *desk) ring(in cases.CheckClock) error {
	k.t.Helper()
	args, err := json.Marshal(in)
	k.must(err)
	return k.jobs.Work(k.t.Context(), in.Kind(), args)
}

// TestTimersThatAreDueTogether: each case gets what it would get alone, also when one case has several clocks and when timers are stale.
func TestTimersThatAreDueTogether(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policy("Gentle", cases.Match{}, 1, gentle())
	const number = 30
	var list []cases.Case
	var due []cases.CheckClock
	for range number {
		c, err := k.cases.Claim(t.Context(), k.on(k.open(k.mail())))
		k.must(err)
		list, due = append(list, c), append(due, k.timers(c.ID)...)
	}
	answered := k.reply(list[0]).Case
	k.clock.Set(berlin("2026-05-15 12:00")) // first response and resolution are late, every threshold of theirs has passed
	var all sync.WaitGroup
	failed := make([]error, len(due))
	for n, one := range due {
		all.Go(func() { failed[n] = k.ring(one) })
	}
	all.Wait()
	early := 0
	for _, err := range failed {
		if errors.As(err, &jobs.EarlyError{}) {
			early++
			continue
		}
		k.must(err)
	}
	if early != 5*number { // the statutory clocks are far from their thresholds
		t.Errorf("%d timers came too early, want %d", early, 5*number)
	}
	k.drain("2026-05-15 12:00") // a case's second clock was found late with the first, and got a timer of its new version
	for _, c := range list[1:] {
		if n := k.events(c.ID, "clock.breached"); n != 2 || k.events(c.ID, "clock.warned") != 0 {
			t.Fatalf("%s: %d breaches, %d warnings", c.Number, n, k.events(c.ID, "clock.warned"))
		}
		if first := k.theClock(c.ID, clock.FirstResponse); first.Outcome != clock.BreachedOpen || first.Warned != "breach+2h0m0s" {
			t.Fatalf("%s: %+v", c.Number, first)
		}
	}
	if n := k.events(answered.ID, "clock.breached"); n != 1 || k.theClock(answered.ID, clock.FirstResponse).Outcome != clock.Met {
		t.Errorf("%d breaches of the case that was answered", n)
	}
	if n := k.told(k.supervisor.UserID); n != min(100, 2*number-1) {
		t.Errorf("the supervisor was told %d times", n)
	}
	k.sound()
}

// TestAClockSetBack: a timer that fires before its moment comes again, and what was told stays told.
func TestAClockSetBack(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policy("Gentle", cases.Match{}, 1, gentle())
	c, err := k.cases.Claim(t.Context(), k.on(k.open(k.mail())))
	k.must(err)
	first := k.theClock(c.ID, clock.FirstResponse)
	timer := cases.CheckClock{ClockID: first.ID, Version: first.Version, Threshold: "warn75"} // at 12:30
	t.Run("before its moment it does nothing and says when to come again", func(t *testing.T) {
		k.clock.Set(berlin("2026-05-12 12:28"))
		var early jobs.EarlyError
		if err := k.ring(timer); !errors.As(err, &early) || !early.At.Equal(berlin("2026-05-12 12:30")) {
			t.Fatalf("%v", err)
		}
		if k.told(k.agent.UserID) != 0 {
			t.Error("told early")
		}
	})
	t.Run("then it tells", func(t *testing.T) {
		k.clock.Set(berlin("2026-05-12 12:30"))
		k.must(k.ring(timer))
		if k.told(k.agent.UserID) != 1 {
			t.Error("not told")
		}
	})
	t.Run("another copy whose clock is behind even the case's beginning changes nothing", func(t *testing.T) {
		k.must(k.ring(cases.CheckClock{ClockID: first.ID, Version: first.Version, Threshold: "warn75"}))
		behind := k.copyAt(berlin("2026-05-12 09:00"))
		for range 2 {
			if err := behind.ring(timer); err != nil && !errors.As(err, &jobs.EarlyError{}) {
				t.Fatal(err)
			}
		}
		if now := k.theClock(c.ID, clock.FirstResponse); now.ID != first.ID || now.Warned != "warn75" || k.told(k.agent.UserID) != 1 {
			t.Fatalf("%+v, told %d times", now, k.told(k.agent.UserID))
		}
	})
	t.Run("a clock set forward tells each once", func(t *testing.T) {
		k.drain("2026-05-13 09:00")
		if k.told(k.agent.UserID) != 1 || k.told(k.supervisor.UserID) != 1 || k.events(c.ID, "clock.breached") != 1 {
			t.Errorf("told %d and %d times", k.told(k.agent.UserID), k.told(k.supervisor.UserID))
		}
	})
	k.sound()
}
