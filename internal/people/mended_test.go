package people_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/people"
	"makegood/internal/throttle"
)

func TestAnotherPasswordDoesNotFoilAChange(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	c := s.propose(s.raised())
	s.must(s.ChangePassword(t.Context(), people.Visit{User: s.agent}, password, "three other words"))
	s.must(s.Decide(t.Context(), s.second, c.ID, "confirm", ""))
	if s.roles() != "controller" {
		t.Errorf("confirmed and not done: %s", s.roles())
	}
}

func TestALinkIsOverWithItsAddress(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	s.must(s.SendReset(t.Context(), s.admin, s.agent.ID))
	link := s.mailed()
	s.exec(`update users set email = 'okafor@desk.example' where id = $1`, s.agent.ID) // the address was somebody else's
	_, err := s.LinkHolds(t.Context(), link)
	s.want(err, people.ErrLinkOver)
	s.want(s.ChoosePassword(t.Context(), link, "three other words"), people.ErrLinkOver)
}

func TestTheLatestSignInAloneSetsAnAppUp(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.exec(`update sign_in_rules set second_factor_roles = '{agent}'`)
	thief := d.enter().Ticket
	noted, err := d.Second(t.Context(), thief)
	d.must(err)
	owner := d.enter().Ticket
	shown, err := d.Second(t.Context(), owner)
	d.must(err)
	if shown.App.Secret == noted.App.Secret {
		t.Fatal("the owner takes over a secret that somebody else has noted")
	}
	_, err = d.Second(t.Context(), thief)
	d.want(err, access.ErrSignIn)
	d.finish(thief, d.code(noted.App.Secret), access.ErrSignIn)
	d.finish(owner, d.code(noted.App.Secret), people.ErrWrongCode)
	d.finish(owner, d.code(shown.App.Secret), nil)
	if d.enter().Enrol {
		t.Error("the app that was set up was forgotten")
	}
}

func TestASecretWaitsTenMinutesForItsCode(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	me := d.agent.Actor()
	app, err := d.BeginTOTP(t.Context(), me)
	d.must(err)
	due := me
	due.StepUpDue = true
	_, err = d.PendingTOTP(t.Context(), due)
	d.want(err, access.ErrStepUp)
	d.clock.Add(10 * time.Minute)
	_, err = d.PendingTOTP(t.Context(), me)
	d.want(err, people.ErrNoFactor)
	_, err = d.ConfirmTOTP(t.Context(), me, d.code(app.Secret))
	d.want(err, people.ErrWrongCode)
	d.enrolled()
}

// TestTwoAdminsDoNotShutEachOtherOutAtOnce holds both before their commit: the evidence that each writes waits for that of the test.
func TestTwoAdminsDoNotShutEachOtherOutAtOnce(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	done := make(chan error, 2)
	out := func(by access.Actor, userID int64) { done <- s.Deactivate(t.Context(), by, userID) }
	s.must(s.db.Do(t.Context(), func(tx *db.Tx) error {
		if err := audit.RecordTx(t.Context(), tx, audit.Event{Stream: audit.Admin, By: s.admin, What: "test.waited_for"}); err != nil {
			return err
		}
		go out(s.admin, s.second.UserID)
		go out(s.second, s.admin.UserID)
		for waiting := 0; waiting < 2; {
			var err error
			waiting, err = db.Value[int](t.Context(), s.db, `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	first, second := <-done, <-done
	if (first == nil) == (second == nil) || !errors.Is(errors.Join(first, second), people.ErrLastAdmin) {
		t.Errorf("%v, %v", first, second)
	}
}

func TestAnyAddressIsTyped(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, email := range []string{"a" + strings.Repeat("ü", 400), "\xff\xfe@desk.example", "mira\x00@desk.example"} {
		d.signIn(email, "guess", people.ErrWrongSignIn)
	}
	for range 9 {
		d.signIn("a"+strings.Repeat("ü", 400), "guess", people.ErrWrongSignIn)
	}
	d.signIn("a"+strings.Repeat("ü", 400), "guess", people.ErrTooManyTry) // a long one is counted too
}

func TestSignInsWithoutAPasswordAreBounded(t *testing.T) {
	t.Parallel()
	d, _ := joined(t)
	ctx, from := t.Context(), people.Browser{Origin: "192.0.2.7"}
	for _, door := range []string{"sso", "passkey", "sign-in"} {
		d.exec(`insert into attempts (subject, at) select $1, $2 from generate_series(1, 299)`, door+":ip:192.0.2.7", d.clock.Now())
	}
	passkey := func() error { _, err := d.BeginPasskeySignIn(ctx, from); return err }
	sso := func() error { _, _, err := d.BeginSSO(ctx, nil, "/", from); return err }
	d.must(errors.Join(passkey(), sso()))
	d.want(passkey(), throttle.ErrTooMany)
	d.want(sso(), throttle.ErrTooMany)
	_, _, err := d.BeginSSO(ctx, nil, "/", people.Browser{Origin: "192.0.2.8"})
	d.must(err)
	me := d.agent.Actor()
	_, _, err = d.BeginSSO(ctx, &me, "/account", from) // who is signed in is no stranger
	d.must(err)
	if n, err := db.Value[int](ctx, d.db, `select (select count(*) from passkey_ceremonies) + (select count(*) from oidc_flows)`); err != nil || n != 4 {
		t.Errorf("%d questions are kept, %v", n, err)
	}
	_, err = d.Enter(ctx, "mira@desk.example", password, from)
	d.must(err)
	_, err = d.Enter(ctx, "mira@desk.example", password, from)
	d.want(err, people.ErrTooManyTry)
	d.exec(`delete from attempts`)
	d.must(d.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `lock table attempts in access exclusive mode`); err != nil {
			return err
		}
		hurried, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		if _, err := d.Enter(hurried, "mira@desk.example", password, from); err == nil || errs.KindOf(err) == errs.TooMany {
			t.Errorf("a database that does not answer is told as too many tries: %v", err)
		}
		return nil
	}))
}

// TestAProviderThatDoesNotAnswer: who waits for it and goes is not waited for.
func TestAProviderThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	asked, release := make(chan struct{}, 9), make(chan struct{})
	away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		<-release
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(away.Close)
	answer := sync.OnceFunc(func() { close(release) })
	t.Cleanup(answer)
	d := newDoorWith(t, people.Provider{Issuer: away.URL, ClientID: "desk", Secret: "s3cret", Client: away.Client()})
	ended := make(chan error, 1)
	go func() {
		_, _, err := d.BeginSSO(t.Context(), nil, "/", people.Browser{})
		ended <- err
	}()
	<-asked
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := d.BeginSSO(gone, nil, "/", people.Browser{})
	d.want(err, people.ErrSSOAway)
	answer()
	d.want(<-ended, people.ErrSSOAway)
	_, _, err = d.BeginSSO(t.Context(), nil, "/", people.Browser{})
	d.want(err, people.ErrSSOAway)
	if len(asked) != 0 {
		t.Error("asked again at once")
	}
	d.clock.Add(5 * time.Second)
	_, _, err = d.BeginSSO(t.Context(), nil, "/", people.Browser{})
	d.want(err, people.ErrSSOAway)
	if len(asked) != 1 {
		t.Errorf("asked %d times", len(asked))
	}
}
