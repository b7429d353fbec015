package people_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/people"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const password = "a long enough secret"

// desk is the service under a clock, with one agent.
type desk struct {
	*people.Service
	t     *testing.T
	db    *db.DB
	clock *jobstest.Clock
	agent people.User
}

func newDesk(t *testing.T) desk {
	t.Helper()
	clock := jobstest.NewClock(time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC))
	d := dbtest.NewAt(t, clock.Now)
	service, err := people.New(d, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	agent, err := service.AddUser(t.Context(), people.NewUser{
		Email: "Mira@Desk.example", Name: "Mira Okafor", Password: password,
		Roles: []access.Role{access.Agent}, By: access.SystemActor("test"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return desk{service, t, d, clock, agent}
}

func (d desk) exec(statement string, args ...any) {
	d.t.Helper()
	if err := d.db.Do(d.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(d.t.Context(), statement, args...)
		return err
	}); err != nil {
		d.t.Fatal(err)
	}
}

func (d desk) signIn(email, secret string, want error) (token string) {
	d.t.Helper()
	token, _, err := d.SignIn(d.t.Context(), email, secret, "a browser")
	if !errors.Is(err, want) {
		d.t.Fatalf("sign in as %s: %v, want %v", email, err, want)
	}
	return token
}

func (d desk) expectSigned(token string, want error) {
	d.t.Helper()
	visit, err := d.Signed(d.t.Context(), token)
	if !errors.Is(err, want) || want == nil && (visit.ID != d.agent.ID || visit.CSRF == "") {
		d.t.Fatalf("session of %+v: %v, want %v", visit.User, err, want)
	}
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	token := d.signIn(" MIRA@desk.example ", password, nil)
	d.expectSigned(token, nil)
	d.expectSigned(token+"x", access.ErrSignIn)
	if n, err := db.Value[int](t.Context(), d.db, `select count(*) from sessions where position($1::bytea in token_hash) > 0`, []byte(token)); n != 0 || err != nil {
		t.Errorf("the token itself is stored: %d, %v", n, err)
	}
	if n, err := db.Value[int](t.Context(), d.db, `select count(*) from audit_log where stream = $1 and what = 'user.signed_in'`, string(audit.Admin)); n != 1 || err != nil {
		t.Errorf("the audit log tells of %d sign-ins: %v", n, err)
	}
	if err := errors.Join(d.SignOut(t.Context(), token), d.SignOut(t.Context(), token)); err != nil {
		t.Fatal(err)
	}
	d.expectSigned(token, access.ErrSignIn)
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	idle := d.signIn("mira@desk.example", password, nil)
	busy := d.signIn("mira@desk.example", password, nil)
	for range 3 { // 11 h 30 min at work
		d.clock.Add(3*time.Hour + 50*time.Minute)
		d.expectSigned(busy, nil)
	}
	d.expectSigned(idle, access.ErrSignIn)
	d.clock.Add(31 * time.Minute)
	d.expectSigned(busy, access.ErrSignIn) // a working day is over, however busy

	gone := d.signIn("mira@desk.example", password, nil)
	d.exec(`update users set active = false where id = $1`, d.agent.ID)
	d.expectSigned(gone, access.ErrSignIn)
}

func TestEveryRefusalLooksAlike(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var said []string
	refused := func(email, secret string) {
		t.Helper()
		token, session, err := d.SignIn(t.Context(), email, secret, "a browser")
		if !errors.Is(err, people.ErrWrongSignIn) || session.UserID != 0 {
			t.Fatalf("%s: %+v, %v", email, session, err)
		}
		d.expectSigned(token, access.ErrSignIn)
		said = append(said, err.Error())
	}
	refused("nobody@desk.example", password)
	refused("mira@desk.example", "a wrong enough secret")
	refused("mira@desk.example", "")
	d.exec(`update users set active = false where id = $1`, d.agent.ID)
	refused("mira@desk.example", password)
	d.exec(`update users set active = true, password_hash = '' where id = $1`, d.agent.ID)
	refused("mira@desk.example", "")
	refused("mira@desk.example", "nobody")
	for _, text := range said {
		if text != said[0] {
			t.Errorf("%q is not %q", text, said[0])
		}
	}
}

func TestTenFailuresCloseTheDoor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, email := range []string{"mira@desk.example", "nobody@desk.example"} { // the refusal must not tell who exists
		for range 10 {
			d.signIn(email, "guess", people.ErrWrongSignIn)
		}
		d.signIn(email, password, people.ErrTooManyTry)
	}
	d.clock.Add(14 * time.Minute)
	d.signIn("mira@desk.example", password, people.ErrTooManyTry)
	d.clock.Add(2 * time.Minute)
	d.signIn("mira@desk.example", password, nil)
	d.signIn("mira@desk.example", "guess", people.ErrWrongSignIn)
}

func TestTokens(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	tomorrow := d.clock.Now().Add(24 * time.Hour)
	create := func(in people.NewToken) string {
		t.Helper()
		in.UserID, in.By = d.agent.ID, d.agent.Actor()
		token, err := d.CreateToken(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	expect := func(token string, want error) access.Actor {
		t.Helper()
		actor, err := d.Bearer(t.Context(), token)
		if !errors.Is(err, want) || want == nil && actor.UserID != d.agent.ID {
			t.Fatalf("%+v, %v, want %v", actor, err, want)
		}
		return actor
	}
	short := create(people.NewToken{Name: "short", ExpiresAt: &tomorrow})
	leaked := create(people.NewToken{Name: "leaked"})
	helper := create(people.NewToken{Name: "helper", Kind: "assistant", Scopes: []string{string(access.ReadCases)}})

	if a := expect(short, nil); a.Assistant || access.Can(a, access.WorkCases, access.Object{}) != nil {
		t.Errorf("a person's token gives %+v", a)
	}
	if a := expect(helper, nil); !a.Assistant || !access.May(a, access.ReadCases) || access.May(a, access.WorkCases) {
		t.Errorf("a scoped token of an assistant gives %+v", a)
	}
	expect("mgd_unknown", access.ErrSignIn)
	d.exec(`update api_tokens set revoked_at = $1 where name = 'leaked'`, d.clock.Now())
	expect(leaked, access.ErrSignIn)
	d.clock.Set(tomorrow)
	expect(short, access.ErrSignIn)
	expect(helper, nil)
	d.exec(`update users set active = false where id = $1`, d.agent.ID)
	expect(helper, access.ErrSignIn)

	d.exec(`update users set active = true where id = $1`, d.agent.ID)
	if _, err := d.CreateToken(t.Context(), people.NewToken{UserID: d.agent.ID, Name: "of no kind", Kind: "system", By: d.agent.Actor()}); errs.KindOf(err) != errs.Invalid {
		t.Errorf("a token of a kind that nothing tells apart: %v", err)
	}
	if one, two := expect(create(people.NewToken{Name: "one"}), nil), expect(create(people.NewToken{Name: "two"}), nil); one.TokenID == 0 || one.TokenID == two.TokenID {
		t.Errorf("tokens %d and %d are not told apart", one.TokenID, two.TokenID)
	}

	other := d.agent.Actor()
	other.UserID++
	if _, err := d.CreateToken(t.Context(), people.NewToken{UserID: d.agent.ID, Name: "theirs", By: other}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a token for somebody else: %v", err)
	}
}

func TestAddUserRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	complete := people.NewUser{
		Email: "mira@DESK.example", Name: "Another", Password: password,
		Roles: []access.Role{access.Agent}, By: access.SystemActor("test"),
	}
	if _, err := d.AddUser(t.Context(), complete); !errors.Is(err, people.ErrEmailTaken) {
		t.Errorf("an address in use: %v", err)
	}
	complete.By = d.agent.Actor()
	if _, err := d.AddUser(t.Context(), complete); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("an agent adds people: %v", err)
	}
	_, err := d.AddUser(t.Context(), people.NewUser{Email: "no address", Password: "short", By: access.SystemActor("test")})
	if refusal, ok := errors.AsType[*errs.Error](err); !ok || refusal.Kind != errs.Invalid || len(refusal.Fields) != 4 {
		t.Errorf("nothing filled in: %v", err)
	}
}
