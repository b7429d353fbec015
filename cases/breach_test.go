package cases_test

import (
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/cases/escalation"
	"makegood/internal/db"
)

// gentle tells people and leaves the priority alone.
func gentle() *escalation.Ladder {
	return &escalation.Ladder{Rungs: []escalation.Rung{
		{At: escalation.Warn75, Notify: []escalation.Audience{escalation.Assignee}},
		{At: escalation.Breach, Notify: []escalation.Audience{escalation.Supervisor}},
		{At: escalation.Breach, After: escalation.Duration(2 * time.Hour), Notify: []escalation.Audience{escalation.Lead}, Reassign: true},
	}}
}

func (k *desk) told(user int64) int {
	k.t.Helper()
	list, err := k.cases.Notices(k.t.Context(), user, false, 100)
	k.must(err)
	return len(list)
}

// again works a timer of a clock once more, as River would after a crash.
func (k *desk) again(c cases.ClockView, version int, threshold string) {
	k.t.Helper()
	k.do(func(tx *db.Tx) error {
		_, err := tx.Exec(k.t.Context(), `delete from river_job where kind = 'cases.check_clock' and state = 'completed'`)
		k.must(err)
		return tx.Enqueue(k.t.Context(), cases.CheckClock{ClockID: c.ID, Version: version, Threshold: threshold})
	})
	k.drain(k.clock.Now().In(time.FixedZone("", 7200)).Format("2006-01-02 15:04"))
}

func TestBreachEscalatesOnce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policy("Gentle", cases.Match{}, 1, gentle())
	c := k.open(k.mail())
	c, err := k.cases.Claim(t.Context(), k.on(c))
	k.must(err)
	t.Run("the assignee is warned at 75 percent", func(t *testing.T) {
		k.drain("2026-05-12 12:29")
		if k.told(k.agent.UserID) != 0 {
			t.Fatal("warned early")
		}
		k.drain("2026-05-12 12:31")
		if k.told(k.agent.UserID) != 1 || k.theClock(c.ID, clock.FirstResponse).Warned != "warn75" {
			t.Fatal("not warned")
		}
	})
	t.Run("the breach is recorded at its moment and the supervisor told", func(t *testing.T) {
		k.drain("2026-05-12 13:30")
		first := k.theClock(c.ID, clock.FirstResponse)
		if first.Outcome != clock.BreachedOpen || !first.BreachedAt.Equal(berlin("2026-05-12 13:30")) {
			t.Fatalf("%s %v", first.Outcome, first.BreachedAt)
		}
		if now := k.reload(c.ID); !now.Breached || now.Version != c.Version {
			t.Fatalf("breached %v, version %d", now.Breached, now.Version)
		}
		if k.told(k.supervisor.UserID) != 1 || k.events(c.ID, "clock.breached") != 1 {
			t.Fatal("not told once")
		}
	})
	t.Run("a timer that runs twice tells nobody twice", func(t *testing.T) {
		first := k.theClock(c.ID, clock.FirstResponse)
		for range 2 {
			k.again(first, first.Version, "breach")
		}
		if k.told(k.supervisor.UserID) != 1 || k.events(c.ID, "clock.breached") != 1 {
			t.Fatal("told again")
		}
	})
	t.Run("a stale timer does nothing", func(t *testing.T) {
		first := k.theClock(c.ID, clock.FirstResponse)
		before := value[int64](t, k.db, `select count(*) from audit_log`)
		k.again(first, first.Version-1, "breach")
		if after := value[int64](t, k.db, `select count(*) from audit_log`); after != before {
			t.Fatalf("%d events, were %d", after, before)
		}
	})
	t.Run("still late, the case goes one up", func(t *testing.T) {
		k.drain("2026-05-12 15:31")
		now := k.reload(c.ID)
		if now.AssigneeID == nil || *now.AssigneeID != k.lead.UserID || k.told(k.lead.UserID) != 1 || k.events(c.ID, "clock.escalated") != 1 {
			t.Fatalf("assignee %v", now.AssigneeID)
		}
		c = now
	})
	t.Run("the late answer is on record as late", func(t *testing.T) {
		c = k.reply(c).Case
		if first := k.theClock(c.ID, clock.FirstResponse); first.Outcome != clock.BreachedMetLate {
			t.Fatal(first.Outcome)
		}
		if c.Breached {
			t.Fatal("still breached")
		}
	})
	k.sound()
}

func TestBreachRaisesPriorityOneStep(t *testing.T) {
	t.Parallel()
	k := setup(t) // the default ladder: at the breach the priority goes one step up
	c := k.open(k.mail())
	k.drain("2026-05-12 13:31")
	now := k.reload(c.ID)
	if now.Priority != cases.P2 || now.PriorityReason != "escalation.breach" || now.Version == c.Version {
		t.Fatalf("%s %q version %d", now.Priority, now.PriorityReason, now.Version)
	}
	k.drain("2026-05-12 17:00")
	if now = k.reload(c.ID); now.Priority != cases.P2 {
		t.Fatalf("raised again to %s", now.Priority)
	}
	if first := k.theClock(c.ID, clock.FirstResponse); first.Revision != 2 || first.Outcome != clock.BreachedOpen || k.events(c.ID, "clock.breached") != 1 {
		t.Fatalf("revision %d %s, %d breaches", first.Revision, first.Outcome, k.events(c.ID, "clock.breached"))
	}
	k.sound()
}

func TestAcknowledgedNoticeHoldsClimbing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policy("Gentle", cases.Match{}, 1, gentle())
	c := k.open(k.mail())
	k.drain("2026-05-12 13:31")
	list, err := k.cases.Notices(t.Context(), k.supervisor.UserID, true, 10)
	k.must(err)
	k.refused(k.cases.AcknowledgeNotice(t.Context(), cases.NoticeInput{By: k.agent, ID: list[0].ID}), cases.ErrNoNotice)
	k.must(k.cases.AcknowledgeNotice(t.Context(), cases.NoticeInput{By: k.supervisor, ID: list[0].ID}))
	k.drain("2026-05-12 15:31")
	if now := k.reload(c.ID); now.AssigneeID != nil {
		t.Fatal("it climbed all the same")
	}
}

// A breach that raises the priority begins another revision of its clock: who took notice of it has done so for that one too.
func TestAcknowledgedNoticeHoldsClimbingPastARaisedPriority(t *testing.T) {
	t.Parallel()
	k := setup(t)
	ladder := gentle()
	ladder.Rungs[1].RaisePriority = true
	k.policy("Raising", cases.Match{}, 1, ladder)
	c, silent := k.open(k.mail()), k.open(k.mail())
	k.drain("2026-05-12 13:31")
	if now := k.reload(c.ID); now.Priority != cases.P2 || k.theClock(c.ID, clock.FirstResponse).Revision != 2 {
		t.Fatalf("%+v", now)
	}
	list, err := k.cases.Notices(t.Context(), k.supervisor.UserID, true, 10)
	k.must(err)
	for _, n := range list {
		if *n.CaseID == c.ID {
			k.must(k.cases.AcknowledgeNotice(t.Context(), cases.NoticeInput{By: k.supervisor, ID: n.ID}))
		}
	}
	k.drain("2026-05-12 15:31")
	if now := k.reload(c.ID); now.AssigneeID != nil {
		t.Error("it climbed all the same")
	}
	if now := k.reload(silent.ID); now.AssigneeID == nil || *now.AssigneeID != k.supervisor.UserID {
		t.Errorf("the one nobody took notice of did not climb: %v", now.AssigneeID)
	}
	k.sound()
}

func TestSweeper(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policy("Gentle", cases.Match{}, 1, gentle())
	c := k.open(k.mail())
	lose := func() {
		k.do(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `delete from river_job`)
			return err
		})
	}
	sweep := func() {
		k.do(func(tx *db.Tx) error { return tx.Enqueue(t.Context(), cases.SweepClocks{}) })
		k.drain(k.clock.Now().In(time.FixedZone("", 7200)).Format("2006-01-02 15:04"))
	}
	t.Run("clocks without timers get them back", func(t *testing.T) {
		lose()
		k.clock.Set(berlin("2026-05-12 12:40"))
		sweep()
		if k.theClock(c.ID, clock.FirstResponse).Warned != "warn75" {
			t.Fatal("the missed warning was not given")
		}
		k.drain("2026-05-12 13:30")
		if k.theClock(c.ID, clock.FirstResponse).Outcome != clock.BreachedOpen {
			t.Fatal("no breach")
		}
	})
	t.Run("a clock past due is worked at once", func(t *testing.T) {
		before := k.told(k.supervisor.UserID)
		lose()
		k.clock.Set(berlin("2026-05-15 09:00"))
		sweep()
		if k.theClock(c.ID, clock.Resolution).Outcome != clock.BreachedOpen || k.told(k.supervisor.UserID) != before+1 {
			t.Fatalf("told %d times", k.told(k.supervisor.UserID))
		}
	})
	t.Run("a case long resolved is closed", func(t *testing.T) {
		c := k.set(k.reload(c.ID), cases.StatusResolved, "")
		k.clock.Add(15 * 24 * time.Hour)
		sweep()
		if now := k.reload(c.ID); now.Status != cases.StatusClosed {
			t.Fatal(now.Status)
		}
	})
	k.sound()
}
