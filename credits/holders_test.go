package credits_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/people"
)

// staffed is a company whose supervisors' level is held by whoever has the role, and whose people change by two.
type staffed struct {
	*desk
	admin access.Actor
	team  int64
}

func heldByRole(t *testing.T, terms credits.HolderTerms) staffed {
	t.Helper()
	k := staffed{desk: setup(t)}
	k.staff.Register(k.registry)
	k.do(func(tx *db.Tx) error {
		k.admin = k.person(tx, "Nora Field", access.Admin)
		k.team = value[int64](t, tx, `insert into teams (name) values ('APAC') returning id`)
		return nil
	})
	k.clock.Add(time.Minute)
	terms.Holds = true
	k.hold(3, credits.Who{Role: "supervisor"}, terms)
	k.hold(3, credits.Who{UserID: k.lead.UserID}, credits.HolderTerms{})
	k.clock.Add(time.Minute)
	return k
}

// hold has two people give a level to somebody, or take it away.
func (k staffed) hold(rank int, who credits.Who, terms credits.HolderTerms) {
	k.t.Helper()
	change, err := k.credits.ProposeHolder(k.t.Context(), credits.HolderInput{By: k.control, LevelID: k.level(rank).ID, Who: who, Terms: terms, Comment: "As decided"})
	k.must(err)
	k.confirm(change.ID, k.finance)
}

// becomes has two people, or one who breaks the glass, change the role and the team of somebody.
func (k staffed) becomes(who access.Actor, role access.Role, team *int64, alone bool) {
	k.t.Helper()
	k.clock.Add(time.Minute)
	user, err := k.staff.User(k.t.Context(), who.UserID)
	k.must(err)
	change, err := k.staff.Propose(k.t.Context(), people.ChangeInput{
		By: k.admin, Kind: people.ChangePerson, UserID: who.UserID, Reason: "The desk needs it, as the director said.", BreakGlass: alone, Person: people.Standing{
			Email: user.Email, Name: user.Name, Roles: []string{string(role)}, TeamID: team, EntityIDs: user.EntityIDs, Language: user.Language, TimeZone: user.TimeZone,
			Active: true, Version: user.Version,
		},
	})
	k.must(err)
	if !alone {
		k.must(k.staff.Decide(k.t.Context(), k.director, change.ID, "confirm", ""))
	}
}

// holdsNow lists by name who holds a level, from the roster and, as it must be the same, from the database's own view.
func (k staffed) holdsNow(rank int) []string {
	k.t.Helper()
	return k.heldAt(rank, k.clock.Now())
}

func (k staffed) heldAt(rank int, at time.Time) []string {
	k.t.Helper()
	held, err := k.credits.HeldOn(k.t.Context(), at, k.control)
	k.must(err)
	var names []string
	for _, h := range held.Holders {
		if h.LevelID == k.level(rank).ID {
			names = append(names, h.UserName)
		}
	}
	slices.Sort(names)
	viewed := value[[]string](k.t, k.db, `select coalesce(array_agg(u.name::text order by u.name::text collate "C"), '{}') from authority_held h join users u on u.id = h.user_id
		where h.level_id = $1 and h.valid_from <= $2 and h.valid_until > $2`, k.level(rank).ID, at)
	if !slices.Equal(names, viewed) {
		k.t.Errorf("the roster says %v, the database %v", names, viewed)
	}
	return names
}

func (k staffed) holds(rank int, want ...string) {
	k.t.Helper()
	if got := k.holdsNow(rank); !slices.Equal(got, want) {
		k.t.Errorf("level %d is held by %v, want %v", rank, got, want)
	}
}

// Joining and leaving a role re-routes what waits at once, and who signed as one of it still had it when they did.
func TestALevelHeldByRole(t *testing.T) {
	t.Parallel()
	k := heldByRole(t, credits.HolderTerms{})
	began := k.clock.Now()
	k.holds(3, "Katrin Vogel")
	req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
	k.approve(req.ID, k.senior)
	k.becomes(k.second, access.Supervisor, nil, false)
	k.work()
	k.holds(3, "Chen Wei", "Katrin Vogel")
	expectWaiting(t, k.desk, k.second, 1)
	k.becomes(k.lead, access.Auditor, nil, false)
	k.work()
	expectWaiting(t, k.desk, k.lead, 0)
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.lead, ID: req.ID}); err == nil {
		t.Error("who left the role signed")
	}
	signer := k.second
	signer.Roles = []access.Role{access.Supervisor}
	if got := k.approve(req.ID, signer); got.State != credits.Approved {
		t.Fatalf("%s", got.State)
	}
	k.becomes(k.second, access.Agent, nil, false) // what they signed they signed as a supervisor
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted {
		t.Errorf("%s: %s", got.State, got.Failure)
	}
	k.holds(3)
	for at, want := range map[time.Time][]string{
		began: {"Katrin Vogel"}, k.clock.Now().Add(-30 * time.Second): {"Chen Wei"}, began.Add(-90 * time.Second): {"Katrin Vogel"}, k.clock.Now().AddDate(1, 0, 0): nil,
	} {
		if got := k.heldAt(3, at); !slices.Equal(got, want) {
			t.Errorf("at %s: %v, want %v", at.Format(time.TimeOnly), got, want)
		}
	}
	k.sound()
}

// What was signed by somebody whose role, team, region or legal entity was not what the level is given for is not posted.
func TestWhoWasNoneOfTheRoleDidNotSign(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]string{
		"never in the role":     `update person_memberships set valid_until = valid_from where role = 'supervisor'`,
		"for another region":    `update authority_holders set regions = '{SG}' where role = 'supervisor'`,
		"for another team":      `update authority_holders set team_ids = '{77}' where role = 'supervisor'`,
		"for other books":       `update authority_holders set entity_ids = '{77}' where role = 'supervisor'`,
		"within a team only":    `update authority_holders set team_id = (select id from teams where name = 'APAC') where role = 'supervisor'`,
		"the role of yesterday": `update authority_holders set role = 'auditor' where role = 'supervisor'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := heldByRole(t, credits.HolderTerms{})
			req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
			k.approve(req.ID, k.senior, k.lead)
			dbtest.AsOwner(t, k.db, broken)
			k.work()
			if got := k.read(req.ID); got.State != credits.Failed {
				t.Errorf("%s", got.State)
			}
		})
	}
}

// A membership that one person gave alone gives no level until two have affirmed it, unless two gave the level while it was there; a team
// and a role within a team hold as a role does, and somebody who holds a level in several ways counts once.
func TestWhoMakesSomebodyAHolder(t *testing.T) {
	t.Parallel()
	k := heldByRole(t, credits.HolderTerms{})
	k.becomes(k.second, access.Supervisor, nil, true)
	k.holds(3, "Katrin Vogel")
	k.becomes(k.second, access.Supervisor, &k.team, false) // two looked at who they are
	k.holds(3, "Chen Wei", "Katrin Vogel")
	alone := k.clock.Now().Add(-time.Second)
	if got := k.heldAt(3, alone); !slices.Equal(got, []string{"Katrin Vogel"}) {
		t.Errorf("before it was affirmed: %v", got)
	}
	k.run(`update users set roles = '{supervisor}' where id = $1`, k.agent.UserID) // by nobody's change
	if got := k.heldAt(3, time.Now().Add(time.Hour)); slices.Contains(got, "Mara Lindqvist") {
		t.Errorf("by nobody's change: %v", got)
	}

	k.clock.Add(time.Minute)
	k.hold(4, credits.Who{TeamID: k.team}, credits.HolderTerms{Holds: true})
	k.hold(5, credits.Who{Role: "director", TeamID: k.team}, credits.HolderTerms{Holds: true})
	k.holds(4, "Chen Wei", "Ines Kroll")
	k.holds(5, "Ada Obi")
	k.becomes(k.finance, access.Director, &k.team, false)
	k.holds(5, "Ada Obi", "Paul Serrano")
	k.holds(4, "Chen Wei", "Ines Kroll", "Paul Serrano")
	k.becomes(k.finance, access.Director, nil, false)
	k.holds(5, "Ada Obi")

	k.hold(3, credits.Who{UserID: k.lead.UserID}, credits.HolderTerms{Holds: true})
	k.holds(3, "Chen Wei", "Katrin Vogel", "Katrin Vogel")
	terms := upTo("10000")
	terms.Signatures = 2
	k.changeLevel(3, terms, k.control, k.finance)
	k.becomes(k.second, access.Agent, nil, false)
	req := k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000"))
	if got := levelsOf(k.read(req.ID)); slices.Contains(got, "L3 supervisor") {
		t.Errorf("one person in two ways signs for two: %v", got)
	}
}

// A level may be held for customers of some regions, and for what some teams ask: others are decided by the next level, and what nobody
// decides there is among the gaps.
func TestAHolderOfSomeRegionsAndTeams(t *testing.T) {
	t.Parallel()
	k := heldByRole(t, credits.HolderTerms{Regions: []string{"SG"}})
	asks := func() []string {
		t.Helper()
		return levelsOf(k.read(k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000")).ID))
	}
	if got := asks(); !slices.Equal(got, []string{"L2 senior", "L4 controller"}) {
		t.Errorf("of Germany: %v", got)
	}
	k.run(`update customers set region = 'SG' where id = $1`, k.customer)
	if got := asks(); !slices.Equal(got, []string{"L2 senior", "L3 supervisor"}) {
		t.Errorf("of Singapore: %v", got)
	}
	k.clock.Add(time.Minute)
	k.hold(3, credits.Who{Role: "supervisor"}, credits.HolderTerms{Holds: true, TeamIDs: []int64{k.team}})
	if got := asks(); !slices.Equal(got, []string{"L2 senior", "L4 controller"}) {
		t.Errorf("asked by no team: %v", got)
	}
	k.becomes(k.agent, access.Agent, &k.team, false)
	if got := asks(); !slices.Equal(got, []string{"L2 senior", "L3 supervisor"}) {
		t.Errorf("asked by the team: %v", got)
	}

	k.clock.Add(time.Minute)
	for _, rank := range []int{4, 5} {
		k.hold(rank, credits.Who{UserID: map[int]int64{4: k.control.UserID, 5: k.director.UserID}[rank]}, credits.HolderTerms{Holds: true, Regions: []string{"DE"}})
	}
	k.run(`update users set active = false where id = $1`, k.finance.UserID)
	found, err := k.credits.Coverage(t.Context(), k.control)
	k.must(err)
	var gaps []string
	for _, u := range found.Uncovered {
		if u.Kind == billing.BillingError && u.Requester == "" {
			gaps = append(gaps, fmt.Sprintf("%s %s", u.Over, u.Rule))
		}
	}
	if want := []string{"1000 "}; !slices.Equal(gaps, want) { // the plainest request is of Singapore, by nobody's team
		t.Errorf("gaps: %v, want %v", gaps, want)
	}
	var places []string
	for _, a := range found.Alone {
		if a.Level == "L3 supervisor" || a.Level == "L4 controller" {
			places = append(places, a.Level+" "+a.Place)
		}
	}
	if want := []string{"L3 supervisor team APAC", "L4 controller region DE"}; !slices.Equal(places, want) {
		t.Errorf("alone: %v, want %v", places, want)
	}
}

// Two people decide who holds a level, whoever it is; who gave it so that they have it themselves does not sign by it yet, nor who made
// somebody one of those.
func TestHoldersByRoleChangeByTwoAndCool(t *testing.T) {
	t.Parallel()
	k := heldByRole(t, credits.HolderTerms{})
	propose := func(who credits.Who, terms credits.HolderTerms) error {
		_, err := k.credits.ProposeHolder(t.Context(), credits.HolderInput{By: k.control, LevelID: k.level(4).ID, Who: who, Terms: terms, Comment: "x"})
		return err
	}
	holds := credits.HolderTerms{Holds: true}
	for name, err := range map[string]error{
		"nobody":            propose(credits.Who{}, holds),
		"two":               propose(credits.Who{UserID: k.lead.UserID, Role: "senior"}, holds),
		"no role":           propose(credits.Who{Role: "king"}, holds),
		"no team":           propose(credits.Who{TeamID: 77}, holds),
		"no region":         propose(credits.Who{Role: "senior"}, credits.HolderTerms{Holds: true, Regions: []string{"Atlantis"}}),
		"no legal entity":   propose(credits.Who{Role: "senior"}, credits.HolderTerms{Holds: true, EntityIDs: []int64{77}}),
		"no team that asks": propose(credits.Who{Role: "senior"}, credits.HolderTerms{Holds: true, TeamIDs: []int64{77}}),
	} {
		if errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	change, err := k.credits.ProposeHolder(t.Context(), credits.HolderInput{By: k.control, LevelID: k.level(4).ID, Who: credits.Who{TeamID: k.team}, Terms: holds, Comment: "x"})
	k.must(err)
	if _, err := k.credits.DecideChange(t.Context(), credits.DecideChange{By: k.control, ID: change.ID, Confirm: true}); !errors.Is(err, credits.ErrSecondPerson) {
		t.Errorf("alone: %v", err)
	}
	k.clock.Add(time.Minute)
	k.hold(4, credits.Who{TeamID: k.team}, credits.HolderTerms{Holds: true, EntityIDs: []int64{int64(k.entity)}})
	if _, err := k.credits.DecideChange(t.Context(), credits.DecideChange{By: k.finance, ID: change.ID, Confirm: true}); !errors.Is(err, credits.ErrStaleChange) {
		t.Errorf("after another of the same: %v", err)
	}

	if n := value[int](t, k.db, `select count(*)::int from audit_log where what = 'authority_change.confirmed' and data->>'team' = 'APAC'`); n != 1 {
		t.Errorf("%d rows of the change in the audit log", n)
	}

	// The director confirmed that he is a supervisor, and stands in for him.
	k.becomes(k.second, access.Supervisor, nil, false)
	signer := k.second
	signer.Roles = []access.Role{access.Supervisor}
	_, err = k.credits.Delegate(t.Context(), credits.DelegateInput{By: signer, To: k.director.UserID, From: k.clock.Now(), Until: k.clock.Now().AddDate(0, 2, 0)})
	k.must(err)
	candidates := func() (list []string) {
		for _, step := range k.read(k.submit(k.proposal(k.invoice(k.customer, "5000"), "2000")).ID).Steps {
			for _, c := range step.Candidates {
				if step.LevelName == "L3 supervisor" {
					list = append(list, c.Name)
				}
			}
		}
		slices.Sort(list)
		return list
	}
	if got := candidates(); !slices.Equal(got, []string{"Chen Wei", "Katrin Vogel"}) {
		t.Errorf("who made him a supervisor signs in his place: %v", got)
	}
	k.clock.Add(15 * 24 * time.Hour)
	if got := candidates(); !slices.Equal(got, []string{"Ada Obi", "Chen Wei", "Katrin Vogel"}) {
		t.Errorf("after the days: %v", got)
	}

	team, err := k.staff.TeamByID(t.Context(), k.admin, k.team)
	k.must(err)
	_, err = k.staff.SaveTeam(t.Context(), people.TeamInput{By: k.admin, ID: k.team, Version: team.Version, Name: team.Name, Retired: true})
	if errs.KindOf(err) != errs.Invalid {
		t.Errorf("a team that holds a level is retired: %v", err)
	}
}
