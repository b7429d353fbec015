package credits_test

import (
	"errors"
	"testing"
	"time"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
)

func TestAConfirmedRemovalIsNotUndoneByAnotherChange(t *testing.T) {
	t.Parallel()
	k := setup(t)
	leaves := k.clock.Now().AddDate(0, 0, 10)
	in := credits.HolderInput{By: k.control, LevelID: k.level(3).ID, Who: credits.Who{UserID: k.lead.UserID}, Comment: "Leaves in ten days", EffectiveAt: leaves}
	change, err := k.credits.ProposeHolder(t.Context(), in)
	k.must(err)
	k.confirm(change.ID, k.finance)
	k.clock.Add(time.Hour)
	in.Terms, in.EffectiveAt = credits.HolderTerms{Holds: true, EntityIDs: []int64{int64(k.entity)}}, time.Time{}
	change, err = k.credits.ProposeHolder(t.Context(), in)
	k.must(err)
	if _, err := k.credits.DecideChange(t.Context(), credits.DecideChange{By: k.finance, ID: change.ID, Confirm: true}); !errors.Is(err, credits.ErrLaterChange) {
		t.Errorf("another change before the removal: %v", err)
	}
	held, err := k.credits.HeldOn(t.Context(), leaves.Add(time.Hour), k.control)
	k.must(err)
	for _, h := range held.Holders {
		if h.UserID == k.lead.UserID {
			t.Errorf("after the removal they hold %s", h.LevelName)
		}
	}
}

// What waits is answered when the same is proposed again, by whomever; something else, or another day, is another proposal.
func TestTheSameProposalWaitsOnce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	propose := func(in credits.LevelInput) credits.AuthorityChange {
		t.Helper()
		in.LevelID, in.Comment = k.level(2).ID, "x"
		change, err := k.credits.ProposeLevel(t.Context(), in)
		k.must(err)
		return change
	}
	first := propose(credits.LevelInput{By: k.control, Terms: upTo("500")})
	k.clock.Add(time.Hour)
	if again := propose(credits.LevelInput{By: k.finance, Terms: upTo("500")}); again.ID != first.ID || !again.Waited || again.ProposedBy != k.control.UserID {
		t.Errorf("proposed as %d by %d, then as %d by %d", first.ID, first.ProposedBy, again.ID, again.ProposedBy)
	}
	other := propose(credits.LevelInput{By: k.control, Terms: upTo("600")})
	later := propose(credits.LevelInput{By: k.control, Terms: upTo("500"), EffectiveAt: k.clock.Now().AddDate(0, 1, 0)})
	if first.Waited || other.Waited || later.Waited || other.ID == first.ID || later.ID == first.ID {
		t.Errorf("%d, another content %d, another day %d", first.ID, other.ID, later.ID)
	}
	k.confirm(first.ID, k.finance)
	if again := propose(credits.LevelInput{By: k.control, Terms: upTo("700")}); again.Waited {
		t.Error("what was decided is answered")
	}
}

func TestAStaleChangeIsNotConfirmed(t *testing.T) {
	t.Parallel()
	level := func(k *desk, most string, at time.Time) int64 {
		change, err := k.credits.ProposeLevel(t.Context(), credits.LevelInput{By: k.control, LevelID: k.level(2).ID, Terms: upTo(most), Comment: "x", EffectiveAt: at})
		k.must(err)
		return change.ID
	}
	rules := func(k *desk, days int) int64 {
		change, err := k.credits.ProposePolicy(t.Context(), credits.PolicyInput{By: k.control, Policy: policy.Policy{CoolingDays: days}, Comment: "x"})
		k.must(err)
		return change.ID
	}
	holder := func(k *desk, entities ...int64) int64 {
		change, err := k.credits.ProposeHolder(t.Context(), credits.HolderInput{
			By: k.control, LevelID: k.level(2).ID, Who: credits.Who{UserID: k.senior.UserID}, Terms: credits.HolderTerms{Holds: true, EntityIDs: entities}, Comment: "x",
		})
		k.must(err)
		return change.ID
	}
	added := func(k *desk, name string) int64 {
		terms := upTo("5")
		terms.Rank, terms.Name = 7, name
		change, err := k.credits.ProposeLevel(t.Context(), credits.LevelInput{By: k.control, Terms: terms, Comment: "x"})
		k.must(err)
		return change.ID
	}
	for name, propose := range map[string]func(k *desk) (first, second int64){
		"level": func(k *desk) (int64, int64) { return level(k, "400", time.Time{}), level(k, "2000", time.Time{}) },
		"level, from a day": func(k *desk) (int64, int64) {
			at := k.clock.Now().AddDate(0, 0, 5)
			return level(k, "400", at), level(k, "2000", at.AddDate(0, 0, 1))
		},
		"policy":              func(k *desk) (int64, int64) { return rules(k, 5), rules(k, 6) },
		"holder":              func(k *desk) (int64, int64) { return holder(k, int64(k.entity)), holder(k) },
		"two of one new rank": func(k *desk) (int64, int64) { return added(k, "L7 board"), added(k, "L7 owners") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			k.clock.Add(time.Hour)
			first, second := propose(k)
			k.clock.Add(time.Hour)
			k.confirm(first, k.finance)
			k.clock.Add(time.Hour)
			if _, err := k.credits.DecideChange(t.Context(), credits.DecideChange{By: k.finance, ID: second, Confirm: true}); !errors.Is(err, credits.ErrStaleChange) {
				t.Errorf("what was proposed over something else is confirmed: %v", err)
			}
			if _, err := k.credits.DecideChange(t.Context(), credits.DecideChange{By: k.finance, ID: second, Note: "propose it anew"}); err != nil {
				t.Errorf("it cannot be refused either: %v", err)
			}
		})
	}
}

func TestAChangeRoutesAnewBehindTheConfirmation(t *testing.T) {
	t.Parallel()
	k := setup(t)
	req := k.submit(k.proposal(k.invoice(k.customer, "2000"), "500"))
	k.changeLevel(2, upTo("400"), k.control, k.finance)
	if n := value[int](t, k.db, `select count(*) from river_job where kind = 'credits.sweep'`); n != 1 {
		t.Errorf("%d sweeps asked for", n)
	}
	k.work()
	if got := levelsOf(k.read(req.ID)); len(got) != 2 || got[1] != "L3 supervisor" {
		t.Errorf("it waits for %v", got)
	}
}

func TestNobodyGivesALevelWhereTheyDoNotSee(t *testing.T) {
	t.Parallel()
	k := setup(t)
	other := value[billing.EntityID](t, k.db, `insert into legal_entities (code, name, base_currency, country, tax_id, address, support_address,
		support_name, time_zone, language, bank_details) values ('AT', 'Nordlicht Wien GmbH', 'EUR', 'AT', 'ATU1', 'Weg 1', 'b@nordlicht.example', 'B', 'Europe/Vienna', 'de', 'x') returning id`)
	here := func(a access.Actor) access.Actor { a.EntityIDs = []int64{int64(k.entity)}; return a }
	in := credits.HolderInput{LevelID: k.level(3).ID, Who: credits.Who{UserID: k.second.UserID}, Comment: "x"}
	propose := func(by access.Actor, entities ...int64) (credits.AuthorityChange, error) {
		in.By, in.Terms = by, credits.HolderTerms{Holds: true, EntityIDs: entities}
		return k.credits.ProposeHolder(t.Context(), in)
	}
	for name, entities := range map[string][]int64{"everywhere": nil, "elsewhere": {int64(other)}, "here and elsewhere": {int64(k.entity), int64(other)}} {
		if _, err := propose(here(k.control), entities...); !errors.Is(err, credits.ErrOutsideScope) {
			t.Errorf("%s: %v", name, err)
		}
	}
	change, err := propose(k.control)
	k.must(err)
	if _, err := k.credits.DecideChange(t.Context(), credits.DecideChange{By: here(k.finance), ID: change.ID, Confirm: true}); !errors.Is(err, credits.ErrOutsideScope) {
		t.Errorf("confirmed by who does not see all of it: %v", err)
	}
	change, err = propose(here(k.control), int64(k.entity))
	k.must(err)
	k.confirm(change.ID, here(k.finance))
	in.By, in.UserID, in.Terms = here(k.control), k.lead.UserID, credits.HolderTerms{} // who holds it everywhere
	if _, err := k.credits.ProposeHolder(t.Context(), in); !errors.Is(err, credits.ErrOutsideScope) {
		t.Errorf("taken away elsewhere: %v", err)
	}
}

func TestAReplayShowsOnlyWhatTheActorSees(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.submit(k.proposal(k.invoice(k.customer, "2000"), "500"))
	draft := policy.Policy{Rules: []policy.Rule{stepRule("a director looks", policy.Step{Role: "director"})}}
	by := k.control
	for entity, want := range map[int64]int{int64(k.entity): 1, int64(k.entity) + 1: 0} {
		by.EntityIDs = []int64{entity}
		got, err := k.credits.Replay(t.Context(), by, draft)
		k.must(err)
		if got.Looked != want || len(got.Changed) != want {
			t.Errorf("who sees entity %d is shown %+v", entity, got)
		}
	}
}
