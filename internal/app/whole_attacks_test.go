package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/access"
	"makegood/internal/people"
	"makegood/internal/scenario"
)

// attack is a row of the table: what is tried from outside, and what it must come to. try reports whatever succeeds.
type attack struct {
	name string
	try  func(t *testing.T, s *siege)
}

// siege is a house under attack: an agent of it, one of another legal entity, an admin, and a customer's contact.
type siege struct {
	premises
	handler                 http.Handler
	agent, stranger, admin  pass
	inner                   *httptest.Server // stands inside the network; nobody outside may have it asked
	asked                   int
	message, foreignMessage string
	foreignCase             string
}

// TestAttacks tries what helpdesks have fallen to, against the whole program.
func TestAttacks(t *testing.T) {
	t.Parallel()
	s := &siege{premises: furnish(t)}
	s.inner = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { s.asked++; _, _ = w.Write([]byte("teapot")) }))
	t.Cleanup(s.inner.Close)
	s.handler = p2(s.app.Handler())(t)
	s.agent, s.stranger, s.admin = s.sign(t, "agent", nil), s.sign(t, "agent", []int64{999}), s.sign(t, "admin", nil)
	s.message = s.objects["/messages/:id"]
	s.prepare(t)
	for _, row := range slices.Concat(objectAttacks(), doorAttacks(), requestAttacks(), contentAttacks(), sizeAttacks()) {
		t.Run(row.name, func(t *testing.T) { row.try(t, s) })
	}
}

// prepare puts a mail there with pictures from inside the network and markup in its subject, in a case of its own.
func (s *siege) prepare(t *testing.T) {
	t.Helper()
	var pictures strings.Builder
	for _, address := range s.inside() {
		fmt.Fprintf(&pictures, `<img src="%s">`, address)
	}
	p2(s.app.Intake.Ingest(t.Context(), mail("finn@ferro.example", "evil@ferro.example", "<script>alert(1)</script> Invoice "+s.FerroBill.Number,
		"<p>Too much.</p>"+pictures.String()+`<iframe src="file:///etc/passwd"></iframe>`, "Content-Type: text/html; charset=utf-8"), inbox.SourceFile))(t)
	s.foreignMessage = fmt.Sprint(count(t, s.app.DB, `select max(id) from case_messages where kind = 'inbound'`))
	s.foreignCase = onlyCase(s.as(access.Agent), "?invoice="+s.FerroBill.Number)
}

// inside are names of the server inside, as many ways as there are to write them.
func (s *siege) inside() []string {
	u, _ := url.Parse(s.inner.URL)
	port := u.Port()
	return []string{
		s.inner.URL + "/a.png", "http://localhost:" + port + "/a.png", "http://[::1]:" + port + "/a.png", "http://[::ffff:127.0.0.1]:" + port + "/a.png",
		"http://[64:ff9b::7f00:1]:" + port + "/a.png", "http://[2002:7f00:1::]:" + port + "/a.png", "http://0.0.0.0:" + port + "/a.png", "http://[::]:" + port + "/a.png",
		"http://2130706433:" + port + "/a.png", "http://169.254.169.254/latest/meta-data/a.png",
	}
}

// ask sends one request; header is names and values in turn.
func (s *siege) ask(t *testing.T, who pass, method, path, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if strings.HasPrefix(path, "/api/") && who.token != "" {
		request.Header.Set("Authorization", "Bearer "+who.token)
		request.Header.Set("Content-Type", "application/json")
	} else if who.cookie != "" {
		request.AddCookie(&http.Cookie{Name: "mg_session", Value: who.cookie})
		request.Header.Set("X-CSRF-Token", who.form)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			request.Host = header[i+1]
		}
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, request)
	if recorder.Code >= 500 {
		t.Errorf("%s %s: %d", method, path, recorder.Code)
	}
	return recorder
}

// refuses fails unless the answer is one of the statuses and says nothing of the customer.
func refuses(t *testing.T, got *httptest.ResponseRecorder, what string, statuses ...int) {
	t.Helper()
	if !slices.Contains(statuses, got.Code) {
		t.Errorf("%s: %d", what, got.Code)
	}
	for _, word := range []string{"Lumen", "charged twice"} {
		if strings.Contains(got.Body.String(), word) {
			t.Errorf("%s shows %s", what, word)
		}
	}
}

func objectAttacks() []attack {
	return []attack{
		{"object by its number", func(t *testing.T, s *siege) {
			t.Helper()
			for _, path := range []string{
				"/cases/" + s.number, "/invoices/" + s.LumenBill.Number, "/customers/" + s.Lumen.Account, "/customers/" + s.Lumen.Account + "/statement.pdf",
				"/api/v1/cases/" + s.number, "/api/v1/invoices/" + s.LumenBill.Number, "/api/v1/customers/" + s.Lumen.Account, "/api/v1/cases/" + s.number + "/messages",
				"/credit-memos/" + s.objects["/credit-memos/:number"] + "/pdf", "/payments/" + s.objects["/payments/:number"],
			} {
				refuses(t, s.ask(t, s.stranger, http.MethodGet, path, ""), path, http.StatusNotFound)
			}
		}},
		{"message of one case under another's number", func(t *testing.T, s *siege) {
			t.Helper()
			for _, part := range []string{"", "/raw", "/mail", "/files/0"} {
				path := "/cases/" + s.foreignCase + "/messages/" + s.message + part
				refuses(t, s.ask(t, s.agent, http.MethodGet, path, ""), path, http.StatusNotFound)
			}
		}},
		{"merge into what one may not see", func(t *testing.T, s *siege) {
			t.Helper()
			form := url.Values{"into": {s.number}}.Encode()
			refuses(t, s.ask(t, s.stranger, http.MethodPost, "/cases/"+s.foreignCase+"/join", form), "join", http.StatusNotFound)
		}},
		{"edit of a note", func(t *testing.T, s *siege) {
			t.Helper()
			for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
				refuses(t, s.ask(t, s.agent, method, "/api/v1/cases/"+s.number+"/notes/1", `{"body":"x"}`), method, http.StatusNotFound, http.StatusMethodNotAllowed)
			}
			refuses(t, s.ask(t, s.stranger, http.MethodPost, "/api/v1/cases/"+s.number+"/notes", `{"text":"x"}`), "a stranger's note", http.StatusNotFound)
			refuses(t, s.ask(t, s.stranger, http.MethodPost, "/cases/"+s.number+"/messages", "kind=note&body=x&version=1"), "a stranger's note", http.StatusNotFound)
		}},
		{"news of others", func(t *testing.T, s *siege) {
			t.Helper()
			for name, who := range map[string]pass{"nobody": {}, "a customer's cookie": {cookie: "x"}} {
				if got := s.ask(t, who, http.MethodGet, "/live?topics=case:1", ""); got.Code == http.StatusOK {
					t.Errorf("%s listens", name)
				}
			}
		}},
		{"file of a message by its link", func(t *testing.T, s *siege) {
			t.Helper()
			path := "/cases/" + s.number + "/messages/" + s.message + "/files/0"
			refuses(t, s.ask(t, pass{}, http.MethodGet, path, ""), "nobody", http.StatusSeeOther)
			refuses(t, s.ask(t, s.stranger, http.MethodGet, path, ""), "a stranger", http.StatusNotFound)
			got := s.ask(t, s.agent, http.MethodGet, path, "")
			h := got.Header()
			if got.Code != http.StatusOK || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("served as %v", h)
			}
		}},
		{"files and pages out of a cache", func(t *testing.T, s *siege) {
			t.Helper()
			for _, path := range []string{"/cases/" + s.number + "/messages/" + s.message + "/files/0", "/cases/" + s.number, "/customers/" + s.Lumen.Account + "/statement.pdf", "/account"} {
				if cache := s.ask(t, s.agent, http.MethodGet, path, "").Header().Get("Cache-Control"); cache != "no-store" && !strings.Contains(cache, "private") {
					t.Errorf("%s may be kept: %q", path, cache)
				}
			}
		}},
	}
}

func doorAttacks() []attack {
	return []attack{
		{"invite oneself", func(t *testing.T, s *siege) {
			t.Helper()
			form := url.Values{"name": {"Eve"}, "email": {"eve@evil.example"}, "roles": {"admin"}, "time_zone": {"UTC"}, "reason": {"because"}, "break_glass": {"on"}}.Encode()
			refuses(t, s.ask(t, s.agent, http.MethodPost, "/settings/users", form), "an agent", http.StatusForbidden)
			if got := s.ask(t, s.agent, http.MethodPost, fmt.Sprintf("/settings/users/%d", s.Users[access.Agent].ID), form); got.Code != http.StatusForbidden {
				t.Errorf("an agent gives rights: %d", got.Code)
			}
			for _, token := range []string{"1", "1.", "1.aaaaaaaaaaaaaaaaaaaaaaaaaa", "-1.x", "1' or '1'='1"} {
				got := s.ask(t, pass{}, http.MethodPost, "/login/choose", url.Values{"t": {token}, "password": {"three other words"}}.Encode())
				refuses(t, got, "a guessed invitation", http.StatusNotFound)
			}
		}},
		{"reset with another host's name", func(t *testing.T, s *siege) {
			t.Helper()
			agent := s.Users[access.Agent].Email
			if got := s.ask(t, pass{}, http.MethodPost, "/login/forgot", "email="+url.QueryEscape(agent), "Host", "evil.example", "X-Forwarded-Host", "evil.example"); got.Code != http.StatusOK {
				t.Fatalf("%d", got.Code)
			}
			letter := s.awaitMail(func(m parse.Message) bool { return strings.Contains(m.Text, "/login/choose?t=") })
			if strings.Contains(letter.Text, "evil.example") || !strings.Contains(letter.Text, "http://desk.ostwind.example/login/choose?t=") || letter.To[0].Address != agent {
				t.Errorf("%s", letter.Text)
			}
			if n := count(t, s.app.DB, `select count(*) from outgoing_messages where text_body like '%/login/choose%'`); n != 0 {
				t.Error("whoever reads the desk's mail can use the link")
			}
		}},
		{"who is here", func(t *testing.T, s *siege) {
			t.Helper()
			same := func(path string, known, unknown url.Values) {
				t.Helper()
				a, b := s.ask(t, pass{}, http.MethodPost, path, known.Encode()), s.ask(t, pass{}, http.MethodPost, path, unknown.Encode())
				said := func(r *httptest.ResponseRecorder, in url.Values) string {
					return strings.ReplaceAll(r.Body.String(), in.Get("email"), "")
				}
				if a.Code != b.Code || said(a, known) != said(b, unknown) || a.Header().Get("Location") != b.Header().Get("Location") {
					t.Errorf("%s tells: %d and %d", path, a.Code, b.Code)
				}
			}
			known, unknown := s.Users[access.Controller].Email, "nobody@ostwind.example"
			same("/login", url.Values{"email": {known}, "password": {"guess guess"}}, url.Values{"email": {unknown}, "password": {"guess guess"}})
			same("/login/forgot", url.Values{"email": {known}}, url.Values{"email": {unknown}})
			same("/portal/sign-in", url.Values{"email": {ada}}, url.Values{"email": {"nobody@lumen.example"}})
		}},
		{"sign-in by a header", func(t *testing.T, s *siege) {
			t.Helper()
			email := s.Users[access.Admin].Email
			for _, name := range []string{"X-Forwarded-User", "X-Remote-User", "Remote-User", "X-Auth-Request-Email", "X-WEBAUTH-USER", "X-Forwarded-Email", "X-Authenticated-User"} {
				if got := s.ask(t, pass{}, http.MethodGet, "/account", "", name, email); !toLogin(got) {
					t.Errorf("%s lets in: %d", name, got.Code)
				}
				if got := s.ask(t, pass{}, http.MethodGet, "/api/v1/me", "", name, email); got.Code != http.StatusUnauthorized {
					t.Errorf("%s lets in: %d", name, got.Code)
				}
			}
		}},
		{"a session handed to somebody", func(t *testing.T, s *siege) {
			t.Helper()
			form := url.Values{"email": {s.Users[access.Agent].Email}, "password": {scenario.Password}}.Encode()
			got := s.ask(t, pass{}, http.MethodPost, "/login", form, "Cookie", "mg_session=chosen-by-another")
			if set := got.Header().Get("Set-Cookie"); got.Code != http.StatusSeeOther || strings.Contains(set, "chosen-by-another") || !strings.Contains(set, "HttpOnly") || !strings.Contains(set, "SameSite=Lax") {
				t.Errorf("%d %s", got.Code, set)
			}
			if !toLogin(s.ask(t, pass{cookie: "chosen-by-another"}, http.MethodGet, "/account", "")) {
				t.Error("the session that was handed over holds")
			}
		}},
		{"a session after it ended", func(t *testing.T, s *siege) {
			t.Helper()
			who := s.sign(t, "senior", nil)
			must(t, s.app.People.EndOtherSessions(t.Context(), s.Actor(access.Senior), s.Users[access.Senior].ID, 0))
			if !toLogin(s.ask(t, who, http.MethodGet, "/account", "")) {
				t.Error("it still holds")
			}
		}},
		{"a token for more than its scope", func(t *testing.T, s *siege) {
			t.Helper()
			token := p2(s.app.People.CreateToken(t.Context(), people.NewToken{UserID: s.Users[access.Controller].ID, Name: "narrow", Scopes: []string{string(access.ReadCases)}, By: access.SystemActor("test")}))(t)
			if got := s.ask(t, pass{token: token}, http.MethodGet, "/api/v1/cases", ""); got.Code != http.StatusOK {
				t.Errorf("its scope: %d", got.Code)
			}
			refuses(t, s.ask(t, pass{token: token}, http.MethodPost, "/api/v1/credit-requests/"+s.objects["/approvals/:id"]+"/approve", `{}`), "decides", http.StatusForbidden)
			for _, path := range []string{"/api/v1/me?access_token=" + token, "/api/v1/me?token=" + token} {
				refuses(t, s.ask(t, pass{}, http.MethodGet, path, ""), "a token in an address", http.StatusUnauthorized)
			}
			if got := s.ask(t, pass{}, http.MethodGet, "/api/v1/me", "", "Cookie", "mg_session="+s.agent.cookie); got.Code != http.StatusUnauthorized {
				t.Errorf("the API takes a browser's cookie: %d", got.Code)
			}
		}},
	}
}
