package people_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"makegood/internal/access"
	"makegood/internal/people"
)

// provider is a small OpenID Connect provider: discovery, keys, and a token endpoint that insists on PKCE.
type provider struct {
	*httptest.Server
	t      *testing.T
	signer jose.Signer
	mu     sync.Mutex
	codes  map[string]grant
}

// grant is what the provider has agreed to under a code.
type grant struct {
	challenge string
	claims    map[string]any
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t, codes: map[string]grant{}}
	p.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "k1"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k1", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) { p.token(w, r, answer) })
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) token(w http.ResponseWriter, r *http.Request, answer func(http.ResponseWriter, any)) {
	p.mu.Lock()
	g, ok := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	id, secret, _ := r.BasicAuth()
	if !ok || base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge || id != "desk" || secret != "s3cret" {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]string{"error": "invalid_grant"})
		return
	}
	raw, err := json.Marshal(g.claims)
	if err != nil {
		p.t.Error(err)
	}
	signed, err := p.signer.Sign(raw)
	if err != nil {
		p.t.Error(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		p.t.Error(err)
	}
	answer(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": compact, "expires_in": 60})
}

// agrees is the provider's person agreeing to the sign-in that the address asks for; change falsifies what is said.
func (p *provider) agrees(address, subject string, now time.Time, change func(claims map[string]any)) (state, code string) {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	q := u.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("redirect_uri") != "https://desk.ostwind.example/login/oidc/callback" || q.Get("scope") != "openid" {
		p.t.Fatalf("asked for %s", address)
	}
	claims := map[string]any{
		"iss": p.URL, "aud": "desk", "sub": subject, "nonce": q.Get("nonce"), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		"email": "mira@desk.example", "email_verified": true,
	}
	if change != nil {
		change(claims)
	}
	code = rand.Text()
	p.mu.Lock()
	p.codes[code] = grant{q.Get("code_challenge"), claims}
	p.mu.Unlock()
	return q.Get("state"), code
}

// joined is a door with a provider, whose person s-1 the agent has connected.
func joined(t *testing.T) (desk, *provider) {
	t.Helper()
	p := newProvider(t)
	d := newDoorWith(t, people.Provider{Issuer: p.URL, ClientID: "desk", Secret: "s3cret", Client: p.Client()})
	me := d.agent.Actor()
	token, address, err := d.BeginSSO(t.Context(), &me, "/account", people.Browser{})
	d.must(err)
	state, code := p.agrees(address, "s-1", d.clock.Now(), nil)
	done, err := d.FinishSSO(t.Context(), token, state, code, d.agent.ID, people.Browser{})
	d.must(err)
	if !done.Connected || done.Token != "" {
		t.Fatalf("%+v", done)
	}
	return d, p
}

func TestSingleSignOn(t *testing.T) {
	t.Parallel()
	d, p := joined(t)
	ctx := t.Context()
	token, address, err := d.BeginSSO(ctx, nil, "/approvals", people.Browser{})
	d.must(err)
	state, code := p.agrees(address, "s-1", d.clock.Now(), func(c map[string]any) { c["email"] = "renamed@elsewhere.example" })
	done, err := d.FinishSSO(ctx, token, state, code, 0, people.Browser{})
	d.must(err)
	d.expectSigned(done.Token, nil)
	if done.Next != "/approvals" || done.Session.Proof != people.ByOIDC {
		t.Errorf("%+v", done)
	}
	_, err = d.FinishSSO(ctx, token, state, code, 0, people.Browser{})
	d.want(err, people.ErrSSORefused) // once

	secret, _ := d.enrolled()
	token, address, err = d.BeginSSO(ctx, nil, "/", people.Browser{})
	d.must(err)
	state, code = p.agrees(address, "s-1", d.clock.Now(), nil)
	done, err = d.FinishSSO(ctx, token, state, code, 0, people.Browser{})
	d.must(err)
	if done.Token != "" || done.Ticket == "" {
		t.Fatal("the second factor is passed by")
	}
	d.finish(done.Ticket, d.code(secret), nil)
	d.must(d.Disconnect(ctx, d.agent.Actor()))
	token, address, err = d.BeginSSO(ctx, nil, "/", people.Browser{})
	d.must(err)
	state, code = p.agrees(address, "s-1", d.clock.Now(), nil)
	_, err = d.FinishSSO(ctx, token, state, code, 0, people.Browser{})
	d.want(err, people.ErrSSOUnknown)
}

func TestSingleSignOnRefuses(t *testing.T) {
	t.Parallel()
	d, p := joined(t)
	for name, c := range map[string]struct {
		subject string
		change  func(claims map[string]any)
		want    error
	}{
		"the mail address of a person here, of somebody else": {"s-2", nil, people.ErrSSOUnknown},
		"a nonce of another sign-in":                          {"s-1", func(c map[string]any) { c["nonce"] = "x" }, people.ErrSSORefused},
		"a word for another client":                           {"s-1", func(c map[string]any) { c["aud"] = "shop" }, people.ErrSSORefused},
		"a word of another issuer":                            {"s-1", func(c map[string]any) { c["iss"] = "https://elsewhere.example" }, people.ErrSSORefused},
		"a word of yesterday":                                 {"s-1", func(c map[string]any) { c["exp"] = d.clock.Now().Add(-time.Hour).Unix() }, people.ErrSSORefused},
		"no subject":                                          {"", nil, people.ErrSSORefused},
	} {
		token, address, err := d.BeginSSO(t.Context(), nil, "/", people.Browser{})
		d.must(err)
		state, code := p.agrees(address, c.subject, d.clock.Now(), c.change)
		if _, err := d.FinishSSO(t.Context(), token, state, code, 0, people.Browser{}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	mine, address, err := d.BeginSSO(t.Context(), nil, "/", people.Browser{})
	d.must(err)
	theirs, other, err := d.BeginSSO(t.Context(), nil, "/", people.Browser{})
	d.must(err)
	state, code := p.agrees(other, "s-1", d.clock.Now(), nil)
	_, err = d.FinishSSO(t.Context(), mine, state, code, 0, people.Browser{}) // another browser's answer
	d.want(err, people.ErrSSORefused)
	state, _ = p.agrees(other, "s-1", d.clock.Now(), nil)
	_, code = p.agrees(address, "s-1", d.clock.Now(), nil)
	_, err = d.FinishSSO(t.Context(), theirs, state, code, 0, people.Browser{}) // a stolen code: its verifier is not ours
	d.want(err, people.ErrSSORefused)

	other2 := access.Actor{Kind: access.Person, UserID: d.agent.ID}
	token, address, err := d.BeginSSO(t.Context(), &other2, "/account", people.Browser{})
	d.must(err)
	state, code = p.agrees(address, "s-3", d.clock.Now(), nil)
	_, err = d.FinishSSO(t.Context(), token, state, code, d.agent.ID+1, people.Browser{}) // somebody else is signed in now
	d.want(err, people.ErrSSORefused)
}
