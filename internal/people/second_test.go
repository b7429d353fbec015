package people_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/people"
	"makegood/internal/secrets"
)

// newDoor is newDesk with keys, so that there are second factors.
func newDoor(t *testing.T) desk {
	t.Helper()
	return newDoorWith(t, people.Provider{})
}

func newDoorWith(t *testing.T, provider people.Provider) desk {
	t.Helper()
	clock := jobstest.NewClock(time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC))
	d := dbtest.NewAt(t, clock.Now)
	keys, err := secrets.New("a key that only these tests use, long enough")
	if err != nil {
		t.Fatal(err)
	}
	service, err := people.Open(d, slog.New(slog.DiscardHandler), people.Options{
		Cost: people.Cost{MemoryKiB: 64, Passes: 1}, Keys: keys, PublicURL: "https://desk.ostwind.example", Provider: provider,
	})
	if err != nil {
		t.Fatal(err)
	}
	agent, err := service.AddUser(t.Context(), people.NewUser{
		Email: "mira@desk.example", Name: "Mira Okafor", Password: password, Roles: []access.Role{access.Agent}, By: access.SystemActor("test"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return desk{service, t, d, clock, agent}
}

func (d desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d desk) want(err, want error) {
	d.t.Helper()
	if !errors.Is(err, want) {
		d.t.Fatalf("%v, want %v", err, want)
	}
}

func (d desk) code(secret string) string {
	d.t.Helper()
	code, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), d.clock.Now())
	d.must(err)
	return code
}

// enrolled sets the agent's authenticator app up.
func (d desk) enrolled() (secret string, recovery []string) {
	d.t.Helper()
	app, err := d.BeginTOTP(d.t.Context(), d.agent.Actor())
	d.must(err)
	recovery, err = d.ConfirmTOTP(d.t.Context(), d.agent.Actor(), d.code(app.Secret))
	d.must(err)
	d.clock.Add(time.Minute) // the next code
	return app.Secret, recovery
}

func (d desk) enter() people.Entry {
	d.t.Helper()
	entry, err := d.Enter(d.t.Context(), "mira@desk.example", password, people.Browser{UserAgent: "a browser", Origin: "192.0.2.7"})
	d.must(err)
	return entry
}

func (d desk) finish(ticket, code string, want error) people.Entry {
	d.t.Helper()
	entry, _, err := d.Finish(d.t.Context(), ticket, code)
	d.want(err, want)
	return entry
}

func TestASecondFactorIsASecondStep(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	app, err := d.BeginTOTP(t.Context(), d.agent.Actor())
	d.must(err)
	if again, err := d.PendingTOTP(t.Context(), d.agent.Actor()); err != nil || again.Secret != app.Secret || !strings.HasPrefix(again.Picture, "data:image/png;base64,") {
		t.Errorf("shown again, it is another: %+v %v", again, err)
	}
	if entry := d.enter(); entry.Token == "" {
		t.Error("an app that was never confirmed is asked for")
	}
	_, err = d.ConfirmTOTP(t.Context(), d.agent.Actor(), "000000")
	d.want(err, people.ErrWrongCode)
	secret, recovery := d.enrolled()
	if sealed, err := db.Value[[]byte](t.Context(), d.db, `select secret from totp_factors`); err != nil || strings.Contains(string(sealed), strings.ReplaceAll(secret, " ", "")) {
		t.Errorf("the secret lies open: %v", err)
	}

	entry := d.enter()
	if entry.Token != "" || entry.Ticket == "" || entry.Enrol {
		t.Fatalf("the password alone opens: %+v", entry)
	}
	d.signIn("mira@desk.example", password, people.ErrSecondStep)
	d.expectSigned(entry.Ticket, access.ErrSignIn)
	d.finish(entry.Ticket, "123456", people.ErrWrongCode)
	code := d.code(secret)
	done := d.finish(entry.Ticket, " "+code[:3]+" "+code[3:], nil)
	d.expectSigned(done.Token, nil)
	if done.Session.Proof != people.ByTOTP || done.Session.Origin != "192.0.2.7" {
		t.Errorf("%+v", done.Session)
	}
	d.finish(entry.Ticket, d.code(secret), access.ErrSignIn) // a ticket opens one session
	d.finish(d.enter().Ticket, code, people.ErrWrongCode)    // a code is taken once

	d.expectSigned(d.finish(d.enter().Ticket, strings.ToUpper(recovery[0]), nil).Token, nil)
	d.finish(d.enter().Ticket, recovery[0], people.ErrWrongCode) // a recovery code too
	if n, err := db.Value[int](t.Context(), d.db, `select count(*) from recovery_codes where used_at is null and length(code_hash) = 32`); err != nil || n != 9 {
		t.Errorf("%d codes left, %v", n, err)
	}
}

func TestGuessingEnds(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	secret, _ := d.enrolled()
	ticket := d.enter().Ticket
	for range 5 {
		d.finish(ticket, "000000", people.ErrWrongCode)
	}
	d.finish(ticket, d.code(secret), access.ErrSignIn)
	ticket = d.enter().Ticket
	for range 4 { // with the confirmation, ten tries in a quarter of an hour, over however many tickets
		d.finish(ticket, "000000", people.ErrWrongCode)
	}
	d.finish(ticket, d.code(secret), people.ErrTooManyTry)
	d.clock.Add(16 * time.Minute)
	d.finish(ticket, d.code(secret), access.ErrSignIn) // ten minutes are over
	d.finish(d.enter().Ticket, d.code(secret), nil)
}

func TestARoleThatNeedsASecondFactor(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.exec(`update sign_in_rules set second_factor_roles = '{agent}'`)
	entry := d.enter()
	if entry.Token != "" || !entry.Enrol {
		t.Fatalf("let in without: %+v", entry)
	}
	step, err := d.Second(t.Context(), entry.Ticket)
	d.must(err)
	if again, err := d.Second(t.Context(), entry.Ticket); err != nil || again.App.Secret != step.App.Secret {
		t.Errorf("each look shows another secret: %v", err)
	}
	done, recovery, err := d.Finish(t.Context(), entry.Ticket, d.code(step.App.Secret))
	d.must(err)
	d.expectSigned(done.Token, nil)
	if len(recovery) != 10 {
		t.Errorf("%d recovery codes", len(recovery))
	}
	d.want(d.RemoveTOTP(t.Context(), d.agent.Actor(), d.agent.ID), people.ErrNeedFactor)
	other := access.Actor{Kind: access.Person, UserID: 4711, Roles: []access.Role{access.Controller}}
	d.want(d.RemoveTOTP(t.Context(), other, d.agent.ID), access.ErrForbidden)
	admin := access.Actor{Kind: access.Person, UserID: 4711, Roles: []access.Role{access.Admin}}
	d.must(d.RemoveTOTP(t.Context(), admin, d.agent.ID)) // the telephone is lost
	d.expectSigned(done.Token, access.ErrSignIn)
	if !d.enter().Enrol {
		t.Error("no new app is asked for")
	}
}

func TestProofsGrowOld(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	token := d.enter().Token
	due := func() bool {
		t.Helper()
		visit, err := d.Signed(t.Context(), token)
		d.must(err)
		if errors.Is(access.Proven(visit.Actor()), access.ErrStepUp) != visit.StepUpDue {
			t.Fatalf("%+v", visit)
		}
		return visit.StepUpDue
	}
	visit, err := d.Signed(t.Context(), token)
	d.must(err)
	d.clock.Add(15 * time.Minute)
	if due() {
		t.Error("too early")
	}
	d.clock.Add(time.Second)
	if !due() {
		t.Error("never due")
	}
	d.want(d.Prove(t.Context(), visit, "a wrong one"), people.ErrWrongCode)
	if !due() {
		t.Error("a wrong password proves")
	}
	d.must(d.Prove(t.Context(), visit, password))
	if due() {
		t.Error("still due")
	}
	secret, _ := d.enrolled()
	d.want(d.Prove(t.Context(), visit, password), people.ErrWrongCode) // the password does no more
	d.must(d.Prove(t.Context(), visit, d.code(secret)))
	d.clock.Add(time.Hour)
	if !due() {
		t.Error("not due after an hour")
	}
	d.exec(`update sign_in_rules set step_up_minutes = 0`)
	if due() {
		t.Error("due although nobody asks")
	}
	api, err := d.CreateToken(t.Context(), people.NewToken{UserID: d.agent.ID, Name: "t", By: access.SystemActor("test")})
	d.must(err)
	if a, err := d.Bearer(t.Context(), api); err != nil || access.Proven(a) != nil {
		t.Errorf("%v %v", a, err)
	}
	d.exec(`update sign_in_rules set tokens_decide = false`)
	if a, err := d.Bearer(t.Context(), api); err != nil || !errors.Is(access.Proven(a), access.ErrStepUp) {
		t.Errorf("a token decides: %v %v", a, err)
	}
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	first, second, third := d.enter(), d.enter(), d.enter()
	me := d.agent.Actor()
	list, err := d.Sessions(t.Context(), me, d.agent.ID)
	d.must(err)
	if len(list) != 3 || list[0].ID != third.Session.ID {
		t.Fatalf("%+v", list)
	}
	other := access.Actor{Kind: access.Person, UserID: 4711, Roles: []access.Role{access.Supervisor}}
	_, err = d.Sessions(t.Context(), other, d.agent.ID)
	d.want(err, access.ErrForbidden)
	d.want(d.EndSession(t.Context(), other, d.agent.ID, first.Session.ID), access.ErrForbidden)
	other.UserID = d.agent.ID + 1
	d.must(d.EndSession(t.Context(), other, other.UserID, first.Session.ID)) // another's number under one's own name ends nothing
	d.expectSigned(first.Token, nil)
	d.must(d.EndSession(t.Context(), me, d.agent.ID, first.Session.ID))
	d.expectSigned(first.Token, access.ErrSignIn)
	d.must(d.EndOtherSessions(t.Context(), me, d.agent.ID, second.Session.ID))
	d.expectSigned(second.Token, nil)
	d.expectSigned(third.Token, access.ErrSignIn)
}

func TestManyGuessesAtOnceDoNotPassTogether(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	looked := make(chan error, 40)
	for range cap(looked) {
		go func() {
			_, err := d.Enter(t.Context(), "mira@desk.example", "guess", people.Browser{})
			looked <- err
		}()
	}
	wrong := 0
	for range cap(looked) {
		if err := <-looked; errors.Is(err, people.ErrWrongSignIn) {
			wrong++
		} else {
			d.want(err, people.ErrTooManyTry)
		}
	}
	if wrong != 10 {
		t.Errorf("%d guesses were looked at", wrong)
	}
}
