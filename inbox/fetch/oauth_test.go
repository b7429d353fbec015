package fetch_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"makegood/inbox"
	"makegood/inbox/fetch"
	"makegood/internal/jobs/jobstest"
)

// authority is an authorisation server: each token it gives is another, good for an hour, and so is each refresh token.
type authority struct {
	url string

	mu      sync.Mutex
	given   int
	refresh string
	down    bool
	asked   []string // the kinds of grant
}

func newAuthority(t *testing.T, mail *memory) *authority {
	t.Helper()
	a := &authority{refresh: "refresh-0"}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		kind := r.FormValue("grant_type")
		a.asked = append(a.asked, kind)
		if a.down || kind == "refresh_token" && r.FormValue("refresh_token") != a.refresh {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"error":"invalid_grant","error_description":"The consent was withdrawn."}`))
			return
		}
		a.given++
		token := fmt.Sprintf("token-%d", a.given)
		answer := map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 3600}
		if kind == "refresh_token" {
			a.refresh = fmt.Sprintf("refresh-%d", a.given)
			answer["refresh_token"] = a.refresh
		}
		mail.accept(token)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(srv.Close)
	a.url = srv.URL
	return a
}

// inside is where it stands, as an operator would name it.
func (a *authority) inside() []netip.AddrPort {
	return []netip.AddrPort{netip.MustParseAddrPort(strings.TrimPrefix(a.url, "http://"))}
}

// A token address inside is asked only where the operator has named it: whoever sets a mailbox up reaches nothing else in there.
func TestTokensAreNotFetchedInside(t *testing.T) {
	t.Parallel()
	d := setup(t, nil)
	s := inMemory(t)
	a := newAuthority(t, s)
	box := d.mailbox(inbox.NewMailbox{
		IMAPAddress: s.tlsAddr, Security: "tls", Auth: inbox.XOAuth2, Grant: inbox.NewGrant{TokenURL: a.url, ClientID: "desk", RefreshToken: "refresh-0"},
	})
	if p := d.fetcher(fetch.Options{Roots: s.roots}).Probe(t.Context(), box); p.Step != fetch.StepSignIn || a.kinds() != "" {
		t.Errorf("%+v, asked for %q", p, a.kinds())
	}
	if p := d.fetcher(fetch.Options{Roots: s.roots, Inside: a.inside()}).Probe(t.Context(), box); p.Step != fetch.StepDone {
		t.Errorf("%+v", p)
	}
}

func (a *authority) fail(down bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.down = down
}

func (a *authority) kinds() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return strings.Join(a.asked, " ")
}

func TestSignInByToken(t *testing.T) {
	t.Parallel()
	for _, auth := range []inbox.Auth{inbox.XOAuth2, inbox.OAuthBearer} {
		t.Run(string(auth), func(t *testing.T) {
			t.Parallel()
			d := setup(t, nil)
			s := inMemory(t)
			a := newAuthority(t, s)
			d.mailbox(inbox.NewMailbox{
				IMAPAddress: s.tlsAddr, Security: "tls", Auth: auth, Grant: inbox.NewGrant{TokenURL: a.url, ClientID: "desk", ClientSecret: "s", RefreshToken: "refresh-0"},
			})
			s.deliver(letter(1, 100))
			d.start(fetch.Options{Roots: s.roots, Inside: a.inside()})
			d.await(1)
			if a.kinds() != "refresh_token" {
				t.Errorf("asked for %s", a.kinds())
			}
			g, err := d.inbox.GrantOf(t.Context(), d.box().ID)
			must(t, err)
			if g.AccessToken != "token-1" || g.RefreshToken != "refresh-1" || !g.Usable(d.db.Now()) {
				t.Errorf("kept %+v", g)
			}
			if d.count(`mailbox_grants where encode(refresh_token_sealed, 'escape') like '%refresh%' or encode(access_token_sealed, 'escape') like '%token%'`) != 0 {
				t.Error("a token lies open in the database")
			}
		})
	}
}

func TestAServiceSignsInForItself(t *testing.T) {
	t.Parallel()
	d := setup(t, nil)
	s := inMemory(t)
	a := newAuthority(t, s)
	d.mailbox(inbox.NewMailbox{
		IMAPAddress: s.addr, Security: "starttls", Auth: inbox.XOAuth2, Grant: inbox.NewGrant{TokenURL: a.url, ClientID: "desk", ClientSecret: "s", Scope: "https://mail.example/.default"},
	})
	s.deliver(letter(1, 100))
	d.start(fetch.Options{Roots: s.roots, Inside: a.inside()})
	d.await(1)
	if a.kinds() != "client_credentials" {
		t.Errorf("asked for %s", a.kinds())
	}
}

func TestTokensAreRenewedAheadOfTheirEnd(t *testing.T) {
	t.Parallel()
	clock := jobstest.NewClock(time.Now())
	d := setup(t, clock.Now)
	s := inMemory(t)
	a := newAuthority(t, s)
	d.mailbox(inbox.NewMailbox{
		IMAPAddress: s.tlsAddr, Security: "tls", Auth: inbox.XOAuth2, Grant: inbox.NewGrant{TokenURL: a.url, ClientID: "desk", RefreshToken: "refresh-0"},
	})
	f := d.fetcher(fetch.Options{Roots: s.roots, Inside: a.inside()})
	probe := func(step fetch.Step) {
		t.Helper()
		if p := f.Probe(t.Context(), d.box()); p.Step != step {
			t.Errorf("%+v", p)
		}
	}
	probe(fetch.StepDone)
	clock.Add(49 * time.Minute)
	probe(fetch.StepDone)
	if a.kinds() != "refresh_token" {
		t.Errorf("11 minutes before the end: asked for %s", a.kinds())
	}
	clock.Add(2 * time.Minute)
	probe(fetch.StepDone)
	if a.kinds() != "refresh_token refresh_token" {
		t.Errorf("9 minutes before the end: asked for %s", a.kinds())
	}

	t.Run("one that cannot be renewed raises the alarm while the old one still works", func(t *testing.T) {
		clock.Add(52 * time.Minute)
		a.fail(true)
		probe(fetch.StepDone)
		if alarm := d.box().Alarm; !strings.Contains(alarm, "ends at") || !strings.Contains(alarm, "withdrawn") {
			t.Errorf("alarm %q", alarm)
		}
		clock.Add(9 * time.Minute)
		probe(fetch.StepSignIn)
		a.fail(false)
		probe(fetch.StepDone)
		if alarm := d.box().Alarm; alarm != "" {
			t.Errorf("alarm %q", alarm)
		}
	})
	t.Run("one the mail server does not take any more is asked for anew", func(t *testing.T) {
		s.accept()
		probe(fetch.StepSignIn)
		probe(fetch.StepDone)
	})
}

func TestTheEndOfAGrantIsToldAhead(t *testing.T) {
	t.Parallel()
	d := setup(t, nil)
	s := inMemory(t)
	a := newAuthority(t, s)
	ends := d.db.Now().Add(10 * 24 * time.Hour)
	box := d.mailbox(inbox.NewMailbox{
		IMAPAddress: s.tlsAddr, Security: "tls", Auth: inbox.OAuthBearer,
		Grant: inbox.NewGrant{TokenURL: a.url, ClientID: "desk", RefreshToken: "refresh-0", EndsAt: &ends},
	})
	if p := d.fetcher(fetch.Options{Roots: s.roots, Inside: a.inside()}).Probe(t.Context(), box); p.Step != fetch.StepDone {
		t.Errorf("%+v", p)
	}
	if alarm := d.box().Alarm; !strings.Contains(alarm, ends.Format(time.DateOnly)) {
		t.Errorf("alarm %q", alarm)
	}
}
