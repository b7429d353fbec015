package credits_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/db"
)

func (k *desk) level(rank int) credits.Level {
	k.t.Helper()
	list, err := k.credits.Levels(k.t.Context())
	k.must(err)
	return list[rank-1]
}

// changeLevel puts other terms of a level in force.
func (k *desk) changeLevel(rank int, terms credits.LevelTerms, by, second access.Actor) {
	k.t.Helper()
	k.clock.Add(time.Minute) // a level has one version at one moment
	change, err := k.credits.ProposeLevel(k.t.Context(), credits.LevelInput{By: by, LevelID: k.level(rank).ID, Terms: terms, Comment: "As decided"})
	k.must(err)
	k.confirm(change.ID, second)
}

func (k *desk) give(rank int, to, by, second access.Actor) {
	k.t.Helper()
	change, err := k.credits.ProposeHolder(k.t.Context(), credits.HolderInput{
		By: by, LevelID: k.level(rank).ID, Who: credits.Who{UserID: to.UserID}, Terms: credits.HolderTerms{Holds: true}, Comment: "As decided",
	})
	k.must(err)
	k.confirm(change.ID, second)
}

// addHolder adds somebody who has held a level ever since.
func (k *desk) addHolder(name string, role access.Role, rank int) access.Actor {
	k.t.Helper()
	var one access.Actor
	k.do(func(tx *db.Tx) error {
		one = k.person(tx, name, role)
		k.exec(tx, `insert into authority_holders (level_id, user_id, valid_from) select id, $1, $2 from authority_levels where rank = $3`, one.UserID, tx.Now(), rank)
		return nil
	})
	return one
}

func (k *desk) standsIn(away, to access.Actor) {
	k.t.Helper()
	_, err := k.credits.Delegate(k.t.Context(), credits.DelegateInput{By: away, To: to.UserID, From: k.clock.Now(), Until: k.clock.Now().AddDate(0, 1, 0)})
	k.must(err)
}

// upTo are limits of a level for errors.
func upTo(most string, narrowed ...credits.Limit) credits.LevelTerms {
	value := d(most)
	return credits.LevelTerms{Signatures: 1, Limits: append([]credits.Limit{{Kind: billing.BillingError, MaxAmount: &value}}, narrowed...)}
}

func TestWhoChangedTheirLevelKeepsTheirRank(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.changeLevel(4, upTo("60000"), k.control, k.finance)
	k.clock.Add(time.Hour)
	in := k.proposal(k.invoice(k.customer, "5000"), "500")
	in.By = k.control
	if got := levelsOf(k.read(k.submit(in).ID)); !slices.Equal(got, []string{"L5 director"}) {
		t.Errorf("who changed L4 and holds it is decided by %v", got)
	}
}

func TestWhoGaveThemselvesALevelKeepsTheirRankAndGetsNoOwnLimit(t *testing.T) {
	t.Parallel()
	k := setup(t)
	limit := d("10000")
	k.changeLevel(3, credits.LevelTerms{Signatures: 1, Limits: []credits.Limit{{Kind: billing.BillingError, MaxAmount: &limit, OwnLimit: d("900")}}}, k.director, k.finance)
	k.clock.Add(20 * 24 * time.Hour)
	boss := k.addHolder("Omar Haddad", access.Controller, 1)
	k.give(3, boss, boss, k.finance)
	k.clock.Add(time.Hour)
	for _, c := range []struct {
		net  string
		want []string
	}{{"500", []string{"L4 controller"}}, {"30", nil}} { // 30.00 is within what L1 may post of its own
		in := k.proposal(k.invoice(k.addNow("C-"+c.net), "5000"), c.net)
		in.By = boss
		if got := levelsOf(k.read(k.submit(in).ID)); !slices.Equal(got, c.want) {
			t.Errorf("%s by who gave themselves L3 is decided by %v, want %v", c.net, got, c.want)
		}
	}
}

func TestWhoChangedTheirLevelStillStandsInElsewhere(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.changeLevel(4, upTo("60000"), k.control, k.finance)
	k.standsIn(k.lead, k.control)
	k.run(`update users set away = true where id = $1`, k.lead.UserID)
	detail := k.read(k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000")).ID)
	if got := levelsOf(detail); !slices.Equal(got, []string{"L2 senior", "L3 supervisor"}) || detail.Steps[1].Candidates[0].UserID != k.control.UserID {
		t.Errorf("decided by %v", got)
	}
}

func TestNobodySignsByAChangeOfTheirsThroughSomebodyElse(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(k *desk){
		"who raised the level":         func(k *desk) { k.changeLevel(3, upTo("20000"), k.control, k.finance) },
		"who gave the other the level": func(k *desk) { k.give(3, k.second, k.control, k.finance) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			change(k)
			for _, holder := range []access.Actor{k.lead, k.second} {
				k.standsIn(holder, k.control)
				k.run(`update users set away = true where id = $1`, holder.UserID)
			}
			signs := func() bool {
				preview, err := k.credits.Preview(t.Context(), k.proposal(k.invoice(k.customer, "5000"), "2000"))
				k.must(err)
				for _, step := range preview.Chain.Steps {
					for _, c := range step.Candidates {
						if step.LevelName == "L3 supervisor" && c.UserID == k.control.UserID && (name == "who raised the level" || c.OnBehalfOf == k.second.UserID) {
							return true
						}
					}
				}
				return false
			}
			if signs() {
				t.Error("it binds at once who made the change, through whom they stand in for")
			}
			k.clock.Add(15 * 24 * time.Hour)
			if !signs() {
				t.Error("it does not bind after the days")
			}
		})
	}
}

// Who raised their level names somebody in their place: what does not bind them yet they pass on to nobody.
func TestNobodyPassesOnWhatDoesNotBindThemYet(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.changeLevel(4, upTo("60000"), k.control, k.finance)
	k.standsIn(k.control, k.second)
	req := k.submit(k.proposal(k.invoice(k.customer, "50000"), "44000")) // 52,360.00
	if got := levelsOf(k.read(req.ID)); !slices.Equal(got, []string{"L2 senior", "L3 supervisor", "L5 director"}) {
		t.Errorf("what L4 was raised to goes to %v", got)
	}
	k.clock.Add(15 * 24 * time.Hour)
	detail := k.read(k.submit(k.proposal(k.invoice(k.addNow("C-9"), "50000"), "44000")).ID)
	if got := levelsOf(detail); !slices.Equal(got, []string{"L2 senior", "L3 supervisor", "L4 controller"}) {
		t.Errorf("after the days it goes to %v", got)
	}
}

func TestAPolicyDoesNotShortenItsOwnCooling(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(policy.Policy{CoolingDays: 30, Rules: []policy.Rule{stepRule("a director looks", policy.Step{Role: "director"})}})
	k.clock.Add(40 * 24 * time.Hour)
	k.policyOf(policy.Policy{})
	k.clock.Add(24 * time.Hour)
	k.policyOf(policy.Policy{Basis: policy.Gross}) // the one before it has no days either
	n := 10
	binds := func() int {
		n++
		in := k.proposal(k.invoice(k.addNow("C-"+strconv.Itoa(n)), "2000"), "500")
		in.By = k.control
		return k.read(k.submit(in).ID).Steps[0].PolicyVersion
	}
	if got := binds(); got != 1 {
		t.Errorf("at once policy %d binds who made it", got)
	}
	k.clock.Add(28 * 24 * time.Hour)
	if got := binds(); got != 1 {
		t.Errorf("a day before the first one's days are over, policy %d binds who made it", got)
	}
	k.clock.Add(25 * time.Hour)
	if got := binds(); got != 3 {
		t.Errorf("after the days of the first, policy %d binds who made it", got)
	}
}

func TestAShorterCoolingBeginsAfterTheLongerOne(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(policy.Policy{CoolingDays: 30})
	k.clock.Add(40 * 24 * time.Hour)
	k.policyOf(policy.Policy{})
	k.clock.Add(time.Hour)
	k.give(4, k.director, k.director, k.finance) // the director had no part in the policy
	names := func() []string {
		preview, err := k.credits.Preview(t.Context(), k.proposal(k.invoice(k.customer, "40000"), "20000"))
		k.must(err)
		var list []string
		for _, c := range preview.Chain.Steps[len(preview.Chain.Steps)-1].Candidates {
			list = append(list, c.Name)
		}
		return list
	}
	if got := names(); !slices.Equal(got, []string{k.control.Name}) {
		t.Errorf("at once %v decide", got)
	}
	k.clock.Add(31 * 24 * time.Hour)
	if got := names(); !slices.Equal(got, []string{k.control.Name, k.director.Name}) {
		t.Errorf("later %v decide", got)
	}
}
