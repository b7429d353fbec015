package cases_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/assignment"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

func (k *desk) rule(r cases.AssignmentRule) cases.AssignmentRule {
	k.t.Helper()
	r.Active = true
	if r.Position == 0 {
		r.Position = 10
	}
	kept, err := k.cases.SaveAssignmentRule(k.t.Context(), r, k.supervisor)
	k.must(err)
	return kept
}

func (k *desk) terms(who access.Actor, set cases.AgentTerms) {
	k.t.Helper()
	set.UserID = who.UserID
	_, err := k.cases.SetAgentTerms(k.t.Context(), set, k.supervisor)
	k.must(err)
}

func (k *desk) handOut() {
	k.t.Helper()
	k.must(k.jobs.Work(k.t.Context(), cases.HandOut{}.Kind(), []byte(`{}`)))
}

func (k *desk) away(who access.Actor, away bool) {
	k.t.Helper()
	_, err := k.db.Pool().Exec(k.t.Context(), `update users set away = $2 where id = $1`, who.UserID, away)
	k.must(err)
}

// has is how many open cases somebody has.
func (k *desk) has(who access.Actor) int {
	k.t.Helper()
	return value[int](k.t, k.db, `select count(*) from cases where assignee_id = $1 and status in ('new', 'open', 'waiting')`, who.UserID)
}

func (k *desk) isWith(c cases.Case, who access.Actor) {
	k.t.Helper()
	now := k.reload(c.ID)
	switch {
	case who.UserID == 0 && now.AssigneeID != nil:
		k.t.Errorf("%s is with %d, want nobody", c.Number, *now.AssigneeID)
	case who.UserID != 0 && (now.AssigneeID == nil || *now.AssigneeID != who.UserID):
		k.t.Errorf("%s is with %v, want %s", c.Number, now.AssigneeID, who.Name)
	}
}

func TestRulesAreAskedInTheirOrder(t *testing.T) {
	t.Parallel()
	k := setup(t)
	before := k.asked()
	k.handOut()
	k.isWith(before, access.Actor{}) // there is no rule
	k.rule(cases.AssignmentRule{Position: 1, Name: "French", Match: assignment.Match{Languages: []string{"FR"}}, UserIDs: []int64{k.second.UserID}, How: assignment.InTurn})
	gold := k.rule(cases.AssignmentRule{Position: 2, Name: "Gold", Match: assignment.Match{Tiers: []string{"gold"}}, UserIDs: []int64{k.lead.UserID}, How: assignment.ByLoad})
	k.rule(cases.AssignmentRule{Position: 3, Name: "The rest", UserIDs: []int64{k.agent.UserID}, How: assignment.InTurn})
	french := k.mail()
	french.Language = "fr"
	unknown := k.mail()
	unknown.CustomerID, unknown.EntityID = nil, &k.entity
	taken := k.mail()
	taken.AssigneeID = &k.second.UserID
	one, two, three, four := k.open(french), k.asked(), k.open(unknown), k.open(taken)
	k.isWith(one, access.Actor{}) // dealt by the job, not while the mail is taken in
	k.handOut()
	k.isWith(one, k.second)
	k.isWith(two, k.lead)
	k.isWith(three, k.agent)
	k.isWith(four, k.second)
	k.isWith(before, access.Actor{})
	if told, err := k.cases.Notices(t.Context(), k.lead.UserID, true, 5); err != nil || len(told) != 1 || told[0].Key != "notice.dealt" || told[0].Params["rule"] != "Gold" {
		t.Errorf("%+v %v", told, err)
	}
	// Who gives a case back to the team has not asked for it to be dealt again.
	given, err := k.cases.Assign(t.Context(), cases.AssignInput{On: cases.On{By: k.lead, ID: two.ID, Version: k.reload(two.ID).Version}})
	k.must(err)
	k.handOut()
	k.isWith(given, access.Actor{})
	// A rule that is out of use decides nothing, and a claim is faster than a rule.
	gold.Active = false
	_, err = k.cases.SaveAssignmentRule(t.Context(), gold, k.supervisor)
	k.must(err)
	five, six := k.asked(), k.asked()
	_, err = k.cases.Claim(t.Context(), cases.On{By: k.second, ID: six.ID})
	k.must(err)
	k.handOut()
	k.isWith(five, k.agent)
	k.isWith(six, k.second)
	if n := value[int](t, k.db, `select count(*) from cases_to_deal`); n != 0 {
		t.Errorf("%d cases still wait", n)
	}
	k.sound()
}

func TestNobodyGetsMoreThanTheyCanHave(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.rule(cases.AssignmentRule{Name: "All", How: assignment.InTurn, UserIDs: []int64{k.agent.UserID, k.second.UserID}})
	k.terms(k.agent, cases.AgentTerms{Capacity: 3})
	k.terms(k.second, cases.AgentTerms{Capacity: 5})
	// Ten come in at once, and two copies of the program deal them out meanwhile and after.
	other := k.copyAt(k.clock.Now())
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if err := k.db.Do(t.Context(), func(tx *db.Tx) error {
				_, err := k.cases.OpenTx(t.Context(), tx, k.mail())
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
	deal := func(ctx context.Context, d *desk) {
		if err := d.jobs.Work(ctx, cases.HandOut{}.Kind(), []byte(`{}`)); err != nil {
			t.Error(err)
		}
	}
	for range 3 {
		all.Go(func() { deal(t.Context(), k) })
		all.Go(func() { deal(t.Context(), other) })
	}
	all.Wait()
	k.handOut()
	if a, b := k.has(k.agent), k.has(k.second); a != 3 || b != 5 {
		t.Errorf("%d and %d of ten, want 3 and 5", a, b)
	}
	// Room that is made is used, once it is time to try again.
	done := value[cases.ID](t, k.db, `select min(id) from cases where assignee_id = $1`, k.agent.UserID)
	k.set(k.reload(done), cases.StatusResolved, "")
	k.handOut()
	if n := k.has(k.agent); n != 2 {
		t.Errorf("%d, tried too early", n)
	}
	k.clock.Set(k.clock.Now().Add(6 * time.Minute))
	k.handOut()
	if n := k.has(k.agent); n != 3 {
		t.Errorf("%d", n)
	}
	k.sound()
}

func TestCasesOfWhoGoesAwayAreHandedOver(t *testing.T) {
	t.Parallel()
	k := setup(t)
	mine := k.asked()
	_, err := k.cases.Claim(t.Context(), k.on(mine))
	k.must(err)
	k.away(k.agent, true)
	k.handOut()
	k.isWith(mine, k.agent) // without rules nothing moves by itself
	k.rule(cases.AssignmentRule{Name: "All", How: assignment.ByLoad, UserIDs: []int64{k.agent.UserID, k.second.UserID}})
	k.away(k.second, true)
	k.handOut()
	k.isWith(mine, k.agent) // nobody is there: it stays
	k.away(k.second, false)
	k.clock.Set(k.clock.Now().Add(6 * time.Minute))
	k.handOut()
	k.isWith(mine, k.second)
	told, err := k.cases.Notices(t.Context(), k.second.UserID, true, 5)
	k.must(err)
	if len(told) != 1 || told[0].Key != "notice.handed_over" || told[0].Params["from"] != k.agent.Name {
		t.Errorf("%+v", told)
	}
	k.away(k.agent, false)
	k.handOut()
	k.isWith(mine, k.second) // who comes back takes what is new
	_, err = k.db.Pool().Exec(t.Context(), `update users set active = false where id = $1`, k.second.UserID)
	k.must(err)
	k.handOut()
	k.isWith(mine, k.agent) // who works here no more keeps nothing
	k.sound()
}

// TestACaseThatCannotBeDealtHoldsUpNoOther has the database refuse any change of the case whose turn is first.
func TestACaseThatCannotBeDealtHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.rule(cases.AssignmentRule{Name: "All", How: assignment.ByLoad, UserIDs: []int64{k.agent.UserID}})
	stuck := k.asked()
	dbtest.AsOwner(t, k.db, `create function stuck() returns trigger language plpgsql as $$ begin raise exception 'stuck'; end $$`,
		fmt.Sprintf(`create trigger stuck before update on cases for each row when (new.id = %d) execute function stuck()`, stuck.ID),
		`alter table cases enable always trigger stuck`)
	k.clock.Set(k.clock.Now().Add(time.Minute))
	other := k.asked()
	k.handOut()
	k.isWith(other, k.agent)
	k.isWith(stuck, access.Actor{})
	dbtest.AsOwner(t, k.db, `drop trigger stuck on cases`)
	k.clock.Set(k.clock.Now().Add(6 * time.Minute))
	k.handOut()
	k.isWith(stuck, k.agent)
}

func TestSkillAndScopeDecideWhoIsAsked(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.rule(cases.AssignmentRule{Name: "By skill", How: assignment.BySkill, TeamID: &k.agent.TeamID})
	k.terms(k.second, cases.AgentTerms{Languages: []string{"fr"}})
	k.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update users set entity_ids = array[$2::bigint] where id = $1`, k.lead.UserID, k.other)
		return err
	})
	french, english := k.mail(), k.mail()
	french.Language, english.Language = "fr", "en"
	one, two := k.open(french), k.open(english)
	k.handOut()
	k.isWith(one, k.second)
	k.isWith(two, k.agent) // Lena may not see the legal entity; supervisor and controller are no agents of the team
}

func TestWhatRulesAndTermsMayHold(t *testing.T) {
	t.Parallel()
	k := setup(t)
	for name, wrong := range map[string]cases.AssignmentRule{
		"name":      {Position: 1, How: assignment.ByLoad},
		"position":  {Name: "x", How: assignment.ByLoad},
		"how":       {Name: "x", Position: 1, How: "by_height"},
		"types":     {Name: "x", Position: 1, How: assignment.ByLoad, Match: assignment.Match{Types: []string{"complaint"}}},
		"countries": {Name: "x", Position: 1, How: assignment.ByLoad, Match: assignment.Match{Countries: []string{"Germany"}}},
		"tiers":     {Name: "x", Position: 1, How: assignment.ByLoad, Match: assignment.Match{Tiers: []string{"tin"}}},
		"users":     {Name: "x", Position: 1, How: assignment.ByLoad, UserIDs: []int64{987654}},
		"entities":  {Name: "x", Position: 1, How: assignment.ByLoad, Match: assignment.Match{Entities: []int64{987654}}},
		"team":      {Name: "x", Position: 1, How: assignment.ByLoad, TeamID: new(int64(987654))},
	} {
		_, err := k.cases.SaveAssignmentRule(t.Context(), wrong, k.supervisor)
		var e *errs.Error
		if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Name != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	kept := k.rule(cases.AssignmentRule{Name: " North ", How: assignment.ByLoad, Match: assignment.Match{Countries: []string{"de, at", "DE"}}})
	if fmt.Sprint(kept.Match.Countries) != "[DE AT]" || kept.Name != "North" {
		t.Errorf("%+v", kept)
	}
	kept.Name = "South"
	_, err := k.cases.SaveAssignmentRule(t.Context(), kept, k.supervisor)
	k.must(err)
	_, err = k.cases.SaveAssignmentRule(t.Context(), kept, k.supervisor)
	k.refused(err, cases.ErrAssignmentStale)
	k.refused(k.cases.RemoveAssignmentRule(t.Context(), kept.ID, 1, k.supervisor), cases.ErrAssignmentStale)
	k.must(k.cases.RemoveAssignmentRule(t.Context(), kept.ID, 2, k.supervisor))
	_, err = k.cases.AssignmentRuleByID(t.Context(), kept.ID, k.supervisor)
	k.refused(err, cases.ErrNoAssignmentRule)
	if _, err = k.cases.SaveAssignmentRule(t.Context(), kept, k.agent); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("%v", err)
	}

	_, err = k.cases.SetAgentTerms(t.Context(), cases.AgentTerms{UserID: k.agent.UserID, Capacity: -1}, k.supervisor)
	k.field(err, "capacity", "assignment.capacity")
	k.terms(k.agent, cases.AgentTerms{Capacity: 20, Languages: []string{"DE,fr"}})
	_, err = k.cases.SetAgentTerms(t.Context(), cases.AgentTerms{UserID: k.agent.UserID, Capacity: 5}, k.supervisor)
	k.refused(err, cases.ErrAssignmentStale)
	a, err := k.cases.AgentByID(t.Context(), k.agent.UserID, k.supervisor)
	k.must(err)
	if a.Capacity != 20 || fmt.Sprint(a.Languages) != "[de fr]" || a.Version != 1 {
		t.Errorf("%+v", a)
	}
}
