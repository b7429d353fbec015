package cases_test

import (
	"strconv"
	"testing"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/cases/escalation"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
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

// A policy for the urgent is for a case too that its own ladder has made urgent.
func TestARaisedCaseIsPutUnderThePolicyForItsPriority(t *testing.T) {
	t.Parallel()
	k := setup(t)
	urgent := k.policy("Urgent", cases.Match{Priorities: []cases.Priority{cases.P2}, Tiers: []billing.Tier{billing.Gold}}, 1, nil)
	c, other := k.open(k.mail()), k.mail()
	other.CustomerID = nil
	stranger := k.open(other)
	k.drain("2026-05-12 13:31")
	now := k.reload(c.ID)
	if now.Priority != cases.P2 || now.PolicyID == nil || *now.PolicyID != urgent || k.events(c.ID, "policy.changed") != 1 {
		t.Fatalf("%s under %v, want %d", now.Priority, now.PolicyID, urgent)
	}
	first := k.theClock(c.ID, clock.FirstResponse)
	if first.PolicyID != urgent || first.Warned != "breach" || first.Outcome != clock.BreachedOpen || k.events(c.ID, "clock.breached") != 1 {
		t.Errorf("%+v, %d breaches", first, k.events(c.ID, "clock.breached"))
	}
	if now := k.reload(stranger.ID); now.Priority != cases.P2 || now.PolicyID == nil || *now.PolicyID == urgent || k.events(stranger.ID, "policy.changed") != 0 {
		t.Errorf("the stranger's is %s under %v", now.Priority, now.PolicyID)
	}
	k.sound()
}

// What makes a case a dispute, or one about more money, may bring another policy though its priority stays.
func TestContestingPutsACaseUnderThePolicyForIt(t *testing.T) {
	t.Parallel()
	k := setup(t)
	large := k.policy("Large", cases.Match{AmountFrom: new(d("300"))}, 1, nil)
	disputes := k.policy("Disputes", cases.Match{Types: []cases.Type{cases.Dispute}}, 2, nil)
	c := k.asked()
	contest := func(amount string) cases.DisputeLine {
		invoice := k.invoice()
		line, err := k.cases.AddDispute(t.Context(), cases.AddDisputeInput{On: k.on(k.reload(c.ID)), NewDispute: cases.NewDispute{
			InvoiceID: invoice.ID, InvoiceLineID: &invoice.Lines[0].ID, Contested: d(amount), ReasonCode: "wrong_price", Claim: "too much",
		}})
		k.must(err)
		return line
	}
	under := func(want int64) {
		t.Helper()
		now := k.reload(c.ID)
		if now.Priority != c.Priority || now.PolicyID == nil || *now.PolicyID != want || k.theClock(c.ID, clock.Resolution).PolicyID != want {
			t.Fatalf("%s, under %v, want %d", now.Priority, now.PolicyID, want)
		}
	}
	contest("50")
	under(disputes)
	contest("20")
	if k.events(c.ID, "policy.changed") != 1 {
		t.Error("it was put under its own policy")
	}
	line := contest("320")
	under(large)
	_, err := k.cases.DecideDispute(t.Context(), cases.DecideDisputeInput{On: k.on(k.reload(c.ID)), DisputeID: line.ID, Explanation: "As agreed in the contract"})
	k.must(err)
	under(disputes)
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

// The ladder tells whom it names, and gives a case only to who may work it.
func TestTheLadderGivesCasesToWhoMayWorkThem(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var director, owner access.Actor
	k.do(func(tx *db.Tx) error {
		director = k.addUser(tx, "Dora Lund", k.agent.TeamID, access.Director)
		owner = k.addUser(tx, "Otto Rehm", k.agent.TeamID, access.Director)
		return nil
	})
	rung := func(who ...escalation.Audience) escalation.Ladder {
		return escalation.Ladder{Rungs: []escalation.Rung{{At: escalation.Breach, Notify: who, Reassign: true}}, HighImpactOver: new(d("10")), OwnerID: owner.UserID}
	}
	claimed := func(name string, priority int, ladder escalation.Ladder, match cases.Match) cases.Case {
		k.policy(name, match, priority, &ladder)
		in := k.mail()
		in.Type = match.Types[0]
		if in.Type == cases.Dispute {
			c, _ := k.disputed("50")
			c, err := k.cases.Claim(t.Context(), k.on(c))
			k.must(err)
			return c
		}
		c, err := k.cases.Claim(t.Context(), k.on(k.open(in)))
		k.must(err)
		return c
	}
	onlyManager := claimed("Managers", 1, rung(escalation.Manager), cases.Match{Types: []cases.Type{cases.Inquiry}})
	managerFirst := claimed("Both", 2, rung(escalation.Manager, escalation.Lead), cases.Match{Types: []cases.Type{cases.Refund}})
	highImpact := claimed("High impact", 3, rung(escalation.Lead), cases.Match{Types: []cases.Type{cases.Dispute}})
	with := func(c cases.Case, want access.Actor) {
		t.Helper()
		if now := k.reload(c.ID); now.AssigneeID == nil || *now.AssigneeID != want.UserID {
			t.Errorf("%s is with %v, want %s", now.Type, now.AssigneeID, want.Name)
		}
	}
	k.drain("2026-05-12 18:00")
	with(onlyManager, k.agent)
	with(managerFirst, k.lead)
	with(highImpact, k.lead)
	if k.told(director.UserID) != 2 || k.told(owner.UserID) != 3 {
		t.Errorf("the director was told %d times, the owner %d times", k.told(director.UserID), k.told(owner.UserID))
	}
	k.sound()

	// Who is away, does not see the legal entity, or has left, is not told as the owner of what is high impact.
	for n, gone := range []string{`away = true`, `away = false, entity_ids = array[` + strconv.FormatInt(int64(k.other), 10) + `]`, `entity_ids = '{}', active = false`} {
		dbtest.AsOwner(t, k.db, `update users set `+gone+` where id = `+strconv.FormatInt(owner.UserID, 10))
		k.clock.Set(berlin("2026-05-13 09:00").AddDate(0, 0, n))
		c, _ := k.disputed("50")
		k.drain(k.clock.Now().Add(8 * time.Hour).In(time.FixedZone("", 7200)).Format("2006-01-02 15:04"))
		with(c, k.supervisor) // nobody's team has a lead
		if k.told(owner.UserID) != 3 {
			t.Errorf("told although %s", gone)
		}
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
	timers := func() int {
		return value[int](t, k.db, `select count(*)::int from river_job where kind = 'cases.check_clock' and state in ('available', 'scheduled')
			and (args->>'clock_id')::bigint = $1`, k.theClock(c.ID, clock.FirstResponse).ID)
	}
	t.Run("a late clock whose next step has no timer gets it back", func(t *testing.T) {
		before := k.told(k.supervisor.UserID)
		lose()
		k.clock.Set(berlin("2026-05-12 14:00"))
		for range 2 {
			sweep()
		}
		if n := timers(); n != 1 || k.told(k.supervisor.UserID) != before {
			t.Fatalf("%d timers, the supervisor told %d times", n, k.told(k.supervisor.UserID)-before)
		}
		k.drain("2026-05-12 15:31")
		if now := k.reload(c.ID); now.AssigneeID == nil || *now.AssigneeID != k.supervisor.UserID || k.told(k.supervisor.UserID) != before+1 {
			t.Fatalf("it climbed to %v, the supervisor told %d times", now.AssigneeID, k.told(k.supervisor.UserID)-before)
		}
		lose()
		if sweep(); timers() != 0 {
			t.Fatal("at the end of its ladder it is looked at all the same")
		}
	})
	t.Run("a late clock whose next step was missed climbs at once", func(t *testing.T) {
		other := k.open(k.mail())
		k.drain("2026-05-13 10:32")
		if late := k.theClock(other.ID, clock.FirstResponse); late.Warned != "breach" {
			t.Fatalf("%+v", late)
		}
		lose()
		k.clock.Set(berlin("2026-05-13 13:00"))
		if sweep(); k.reload(other.ID).AssigneeID == nil {
			t.Fatal("it does not climb")
		}
		k.set(k.reload(other.ID), cases.StatusResolved, "")
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
