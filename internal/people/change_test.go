package people_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
	"makegood/internal/people"
	"makegood/internal/throttle"
)

// staffed is a door with an admin, a second one, a director and the agent.
type staffed struct {
	desk
	admin, second, director access.Actor
}

func newStaff(t *testing.T) staffed {
	t.Helper()
	s := staffed{desk: newDoor(t)}
	add := func(name string, role access.Role) access.Actor {
		user, err := s.AddUser(t.Context(), people.NewUser{Email: name + "@desk.example", Name: name, Password: password, Roles: []access.Role{role}, By: access.SystemActor("test")})
		s.must(err)
		return user.Actor()
	}
	s.admin, s.second, s.director = add("noor", access.Admin), add("otto", access.Admin), add("dana", access.Director)
	return s
}

// raised proposes that the agent becomes a controller.
func (s staffed) raised() people.ChangeInput {
	s.t.Helper()
	now, err := s.User(s.t.Context(), s.agent.ID)
	s.must(err)
	return people.ChangeInput{By: s.admin, Kind: people.ChangePerson, UserID: now.ID, Reason: "Takes over the books", Person: people.Standing{
		Email: now.Email, Name: now.Name, Roles: []string{"controller"}, EntityIDs: now.EntityIDs, Language: now.Language, TimeZone: now.TimeZone, Active: true, Version: now.Version,
	}}
}

func (s staffed) roles() string {
	s.t.Helper()
	now, err := s.User(s.t.Context(), s.agent.ID)
	s.must(err)
	return strings.Join(now.Roles, " ")
}

func (s staffed) propose(in people.ChangeInput) people.Change {
	s.t.Helper()
	c, err := s.Propose(s.t.Context(), in)
	s.must(err)
	return c
}

func TestRolesChangeByTwoPeople(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	ctx := t.Context()
	in := s.raised()
	in.By = s.director
	_, err := s.Propose(ctx, in)
	s.want(err, access.ErrForbidden)
	in.By = s.admin
	in.By.StepUpDue = true
	_, err = s.Propose(ctx, in)
	s.want(err, access.ErrStepUp)

	c := s.propose(s.raised())
	if s.roles() != "agent" {
		t.Fatal("one admin alone changed roles")
	}
	s.want(s.Decide(ctx, s.admin, c.ID, "confirm", ""), people.ErrOwnChange)
	concerned := s.agent.Actor()
	concerned.Roles = []access.Role{access.Admin}
	s.want(s.Decide(ctx, concerned, c.ID, "confirm", ""), people.ErrOwnChange)
	s.want(s.Decide(ctx, access.Actor{Kind: access.Person, UserID: s.agent.ID, Roles: []access.Role{access.Controller}}, c.ID, "confirm", ""), access.ErrForbidden)
	if again := s.propose(s.raised()); again.ID != c.ID || !again.Waited {
		t.Errorf("the same was proposed as %d and as %d", c.ID, again.ID)
	}
	other := s.raised()
	other.Person.Roles = []string{"senior"}
	stale := s.propose(other)
	s.must(s.Decide(ctx, s.second, c.ID, "confirm", "Right"))
	if s.roles() != "controller" {
		t.Error("confirmed and not done")
	}
	s.want(s.Decide(ctx, s.second, c.ID, "refuse", ""), people.ErrChangeDecided)
	s.want(s.Decide(ctx, s.director, stale.ID, "confirm", ""), people.ErrUserChanged) // what it was about has changed meanwhile
	s.must(s.Decide(ctx, s.admin, stale.ID, "withdraw", ""))
	if err := s.db.Do(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update person_changes set state = 'refused' where id = $1`, c.ID)
		return err
	}); err == nil {
		t.Error("a decided change was changed")
	}
	if err := s.db.Do(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into person_changes (kind, content, reason, state, proposed_by, proposed_at, decided_by, decided_at) values ('rules', '{}', 'x', 'confirmed', 1, now(), 1, now())`)
		return err
	}); err == nil {
		t.Error("the database takes a change by one person")
	}
}

func TestBreakingTheGlass(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	in := s.raised()
	in.BreakGlass, in.Reason = true, "because"
	_, err := s.Propose(t.Context(), in)
	if err == nil || s.roles() != "agent" {
		t.Fatalf("without a reason to speak of: %v", err)
	}
	in.Reason = "The controller has left and the period closes tonight"
	c := s.propose(in)
	if s.roles() != "controller" {
		t.Error("nothing broken")
	}
	job, err := db.Value[[]byte](t.Context(), s.db, `select args from river_job where kind = 'people.glass_broken'`)
	s.must(err)
	var told people.GlassBroken
	s.must(json.Unmarshal(job, &told))
	if told.ID != c.ID {
		t.Errorf("told of %d, not %d", told.ID, c.ID)
	}
	if n, err := db.Value[int](t.Context(), s.db, `select count(*) from audit_log where what = 'user.change_confirmed' and (data->>'break_glass')::bool and data->'after'->'roles' = '["controller"]'`); err != nil || n != 1 {
		t.Errorf("%d rows of evidence, %v", n, err)
	}
	in = s.raised()
	in.Person.Roles, in.BreakGlass, in.Reason = []string{"agent"}, true, "There is an admin left, and another"
	s.propose(in)
	s.must(s.Deactivate(t.Context(), s.admin, s.second.UserID))
	s.want(s.Deactivate(t.Context(), s.admin, s.admin.UserID), people.ErrLastAdmin)
}

func TestRulesOfTheDoorChangeByTwoPeople(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	in := people.ChangeInput{By: s.admin, Kind: people.ChangeRules, Reason: "Auditors ask for it", Rules: people.Rules{SecondFactorRoles: []string{"admin"}, StepUpMinutes: 5, Version: 1}}
	c := s.propose(in)
	s.must(s.Decide(t.Context(), s.director, c.ID, "confirm", ""))
	rules, err := s.Rules(t.Context())
	s.must(err)
	if rules.StepUpMinutes != 5 || rules.TokensDecide || len(rules.SecondFactorRoles) != 1 || rules.Version != 2 {
		t.Errorf("%+v", rules)
	}
	in.Rules.StepUpMinutes = 721
	if _, err := s.Propose(t.Context(), in); err == nil {
		t.Error("721 minutes")
	}
}

func TestShuttingOutIsAtOnce(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	ctx := t.Context()
	session := s.enter().Token
	token, err := s.CreateToken(ctx, people.NewToken{UserID: s.agent.ID, Name: "t", By: access.SystemActor("test")})
	s.must(err)
	link, err := s.LinkFor(ctx, access.SystemActor("test"), "mira@desk.example")
	s.must(err)
	s.want(s.Deactivate(ctx, s.director, s.agent.ID), access.ErrForbidden)
	s.must(s.Deactivate(ctx, s.admin, s.agent.ID))
	s.expectSigned(session, access.ErrSignIn)
	_, err = s.Bearer(ctx, token)
	s.want(err, access.ErrSignIn)
	s.want(s.ChoosePassword(ctx, after(link), "three other words"), people.ErrLinkOver)
	if made, err := db.Values[string](ctx, s.db, `select actor_name from audit_log where what = 'user.link_made' and (data::jsonb->>'user')::bigint = $1`, s.agent.ID); err != nil || !slices.Equal(made, []string{"test"}) {
		t.Errorf("that a link was made is recorded by %v: %v", made, err)
	}
	_, err = s.LinkFor(ctx, access.SystemActor("test"), "mira@desk.example") // it would open nothing
	if errs.KeyOf(err) != people.ErrShutOut.Key {
		t.Errorf("a link of somebody shut out: %v", err)
	}
	s.exec(`update users set active = true where id = $1`, s.agent.ID) // back in, nothing of it holds again
	s.expectSigned(session, access.ErrSignIn)
	_, err = s.Bearer(ctx, token)
	s.want(err, access.ErrSignIn)
}

func after(link string) string { _, token, _ := strings.Cut(link, "?t="); return token }

// mailed works the job that writes a letter and gives the link in it; "" when nobody is written to.
func (d desk) mailed() string {
	d.t.Helper()
	args, err := db.Value[[]byte](d.t.Context(), d.db, `select args from river_job where kind = 'people.send_link' order by id desc limit 1`)
	d.must(err)
	var job people.SendLink
	d.must(json.Unmarshal(args, &job))
	letter, ok, err := d.LetterOf(d.t.Context(), job.ID)
	d.must(err)
	if !ok {
		return ""
	}
	return after(letter.URL)
}

func TestInvitationsAndResets(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	ctx := t.Context()
	c := s.propose(people.ChangeInput{By: s.admin, Kind: people.AddPerson, Reason: "New colleague", Person: people.Standing{
		Email: "lena@desk.example", Name: "Lena Brink", Roles: []string{"agent"}, TimeZone: "Europe/Berlin", Active: true,
	}})
	s.must(s.Decide(ctx, s.second, c.ID, "confirm", ""))
	s.signIn("lena@desk.example", "", people.ErrWrongSignIn)
	first := s.mailed()
	s.must(s.SendReset(ctx, s.admin, s.agent.ID+4))
	link := s.mailed()
	s.want(s.ChoosePassword(ctx, first, "three other words"), people.ErrLinkOver) // a newer one was sent
	for _, wrong := range []string{"", "1", link + "x", strings.Replace(link, ".", "..", 1), "9" + link, strings.ToUpper(link[:3]) + link[3:len(link)-1]} {
		s.want(s.ChoosePassword(ctx, wrong, "three other words"), people.ErrLinkOver)
	}
	if user, err := s.LinkHolds(ctx, link); err != nil || user.Name != "Lena Brink" {
		t.Errorf("%v %v", user, err)
	}
	if err := s.ChoosePassword(ctx, link, "short"); err == nil {
		t.Error("a short one")
	}
	s.must(s.ChoosePassword(ctx, link, "three other words"))
	s.signIn("lena@desk.example", "three other words", nil)
	s.want(s.ChoosePassword(ctx, link, "three more words"), people.ErrLinkOver) // once
	for _, table := range []string{"person_links", "river_job", "audit_log"} {
		if n, err := db.Value[int](ctx, s.db, `select count(*) from `+table+` x where position($1 in x::text) > 0`, strings.SplitN(link, ".", 2)[1]); err != nil || n != 0 {
			t.Errorf("%s knows the link: %d %v", table, n, err)
		}
	}

	session := s.enter().Token
	s.must(s.AskReset(ctx, " Mira@Desk.example ", people.Browser{Origin: "192.0.2.1"}))
	link = s.mailed()
	s.clock.Add(61 * time.Minute)
	s.want(s.ChoosePassword(ctx, link, "three other words"), people.ErrLinkOver)
	s.must(s.AskReset(ctx, "mira@desk.example", people.Browser{Origin: "192.0.2.1"}))
	s.must(s.ChoosePassword(ctx, s.mailed(), "three other words"))
	s.expectSigned(session, access.ErrSignIn)
	s.must(s.AskReset(ctx, "nobody@desk.example", people.Browser{Origin: "192.0.2.1"})) // the answer does not tell
	if s.mailed() != "" {
		t.Error("a letter to nobody")
	}
	for range 4 {
		s.must(s.AskReset(ctx, "nobody@desk.example", people.Browser{Origin: "192.0.2.1"}))
	}
	s.want(s.AskReset(ctx, "nobody@desk.example", people.Browser{Origin: "192.0.2.9"}), throttle.ErrTooMany)
}

func TestAResetDoesNotPassTheSecondFactor(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	secret, _ := d.enrolled()
	d.must(d.AskReset(t.Context(), "mira@desk.example", people.Browser{}))
	d.must(d.ChoosePassword(t.Context(), d.mailed(), "three other words"))
	entry, err := d.Enter(t.Context(), "mira@desk.example", "three other words", people.Browser{})
	d.must(err)
	if entry.Token != "" {
		t.Fatal("a mailbox alone opens the door")
	}
	d.finish(entry.Ticket, d.code(secret), nil)
}

func TestSweepForgetsWhatIsOver(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	registry := jobs.NewRegistry()
	d.Register(registry)
	d.enrolled()
	ticket := d.enter().Ticket
	d.clock.Add(31 * 24 * time.Hour)
	d.must(registry.Work(t.Context(), people.Sweep{}.Kind(), []byte(`{}`)))
	d.finish(ticket, "1", access.ErrSignIn)
	left, err := db.Value[int](t.Context(), d.db, `select (select count(*) from sessions) + (select count(*) from sign_in_tickets) + (select count(*) from sign_in_attempts)`)
	d.must(err)
	if left != 0 {
		t.Errorf("%d rows of what is over", left)
	}
}
