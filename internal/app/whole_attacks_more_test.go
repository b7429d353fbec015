package app_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/scenario"
)

func requestAttacks() []attack {
	return []attack{
		{"another host's name", func(t *testing.T, s *siege) {
			t.Helper()
			for _, path := range []string{"/login", "/cases/" + s.number, "/portal", "/contact", "/nowhere", "/api/docs"} {
				got := s.ask(t, pass{}, http.MethodGet, path, "", "Host", "evil.example", "X-Forwarded-Host", "evil.example", "Forwarded", "host=evil.example")
				if strings.Contains(got.Body.String(), "evil.example") || strings.Contains(fmt.Sprint(got.Header()), "evil.example") {
					t.Errorf("%s repeats it: %v", path, got.Header())
				}
			}
		}},
		{"a form of another site", func(t *testing.T, s *siege) {
			t.Helper()
			form := "reason=x"
			path := "/approvals/" + s.objects["/approvals/:id"] + "/reject"
			bare := s.agent
			bare.form = ""
			refuses(t, s.ask(t, bare, http.MethodPost, path, form), "without the session's secret", http.StatusForbidden)
			bare.form = "guess"
			refuses(t, s.ask(t, bare, http.MethodPost, path, form), "with a guessed one", http.StatusForbidden)
			for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
				refuses(t, s.ask(t, s.agent, http.MethodPost, path, form, header...), strings.Join(header, ": "), http.StatusForbidden)
				refuses(t, s.ask(t, pass{}, http.MethodPost, "/login", "email=a&password=b", header...), "sign-in, "+strings.Join(header, ": "), http.StatusForbidden)
			}
			refuses(t, s.ask(t, s.agent, http.MethodPost, "/account/passkeys", `{"token":"x"}`, "Sec-Fetch-Site", "cross-site", "Content-Type", "text/plain"), "JSON as text", http.StatusForbidden)
		}},
		{"a redirect to elsewhere", func(t *testing.T, s *siege) {
			t.Helper()
			for _, next := range []string{"//evil.example", "https://evil.example", `/\evil.example`, "/\t/evil.example", "/\r\nLocation: https://evil.example", "javascript:alert(1)", `\/evil.example`, "/%0d%0aSet-Cookie:x=y", "///evil.example"} {
				form := url.Values{"email": {s.Users[access.Agent].Email}, "password": {scenario.Password}, "next": {next}}.Encode()
				to := s.ask(t, pass{}, http.MethodPost, "/login", form).Header()
				u, err := url.Parse(to.Get("Location"))
				if err != nil || u.Host != "" || u.Scheme != "" || strings.HasPrefix(to.Get("Location"), "//") || len(to.Values("Set-Cookie")) != 1 {
					t.Errorf("%q leads to %v", next, to)
				}
				if got := s.ask(t, s.agent, http.MethodGet, "/prove?next="+url.QueryEscape(next), ""); strings.Contains(got.Body.String(), `href="//`) || strings.Contains(got.Body.String(), `href="https://evil`) {
					t.Errorf("%q: the page leads there", next)
				}
			}
		}},
		{"a method in disguise", func(t *testing.T, s *siege) {
			t.Helper()
			path := "/approvals/" + s.objects["/approvals/:id"] + "/approve"
			for _, header := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
				refuses(t, s.ask(t, s.agent, http.MethodGet, path+"?_method=POST", "", header, "POST"), header, http.StatusNotFound, http.StatusMethodNotAllowed)
			}
			refuses(t, s.ask(t, s.agent, "TRACE", "/account", ""), "TRACE", http.StatusNotFound, http.StatusMethodNotAllowed)
		}},
		{"a body too large", func(t *testing.T, s *siege) {
			t.Helper()
			large := "text=" + strings.Repeat("a", 37<<20)
			refuses(t, s.ask(t, pass{}, http.MethodPost, "/contact", large), "the contact form", http.StatusRequestEntityTooLarge, http.StatusBadRequest)
			refuses(t, s.ask(t, s.agent, http.MethodPost, "/api/v1/cases", `{"subject":"`+large+`"}`), "the API", http.StatusRequestEntityTooLarge)
			refuses(t, s.ask(t, pass{}, http.MethodPost, "/login/passkey", `{"token":"`+strings.Repeat("a", 100<<10)+`"}`), "a passkey", http.StatusUnprocessableEntity)
		}},
		{"a line break in a header", func(t *testing.T, s *siege) {
			t.Helper()
			got := s.ask(t, s.agent, http.MethodGet, "/account", "", "X-Request-Id", "mine")
			if got.Header().Get("X-Request-Id") == "mine" {
				t.Error("the request's name is the caller's choice")
			}
			for _, name := range []string{"a\r\nBcc: eve@evil.example", "a\nX-Evil: 1"} {
				form := url.Values{"version": {"1"}, "name": {name}, "email": {s.Users[access.Agent].Email + "\r\nBcc: eve@evil.example"}, "roles": {"agent"}, "time_zone": {"UTC"}, "reason": {"x"}}.Encode()
				refuses(t, s.ask(t, s.admin, http.MethodPost, "/settings/users", form), "an address with a line break", http.StatusUnprocessableEntity)
			}
		}},
		{"a way out of the folder", func(t *testing.T, s *siege) {
			t.Helper()
			for _, path := range []string{"/static/../go.mod", "/static/%2e%2e/%2e%2e/etc/passwd", "/static//etc/passwd", `/static/..\..\etc\passwd`} {
				refuses(t, s.ask(t, pass{}, http.MethodGet, path, ""), path, http.StatusNotFound, http.StatusMovedPermanently, http.StatusBadRequest)
			}
		}},
		{"a sign of the pages' own", func(t *testing.T, s *siege) {
			t.Helper()
			for _, sign := range []string{"\x00(Sign out\x00)", "\x00\x01Sign out\x00\x07", "\x00"} {
				form := url.Values{"email": {"eve@evil.example" + sign}, "password": {sign}, "name": {sign}, "message": {sign}, "subject": {sign}}.Encode()
				for _, path := range []string{"/login", "/login/forgot", "/contact", "/contact/proof", "/portal/sign-in", "/queue/views"} {
					got := s.ask(t, s.agent, http.MethodPost, path, form)
					if refuses(t, got, path, http.StatusBadRequest); !strings.Contains(got.Body.String(), "a character that no text has") || strings.Contains(got.Body.String(), "Sign out") {
						t.Errorf("%s says %s", path, got.Body)
					}
				}
				for _, path := range []string{"/?q=", "/login?next=", "/contact?entity=", "/cases/", "/api/v1/cases?q="} {
					refuses(t, s.ask(t, s.agent, http.MethodGet, path+url.QueryEscape(sign), ""), path, http.StatusBadRequest)
				}
			}
			refuses(t, s.ask(t, s.agent, http.MethodPost, "/api/v1/cases", `{"type":"inquiry","subject":"a\u0000b","text":"\u0000","customer":"\u0000"}`), "the API", http.StatusUnprocessableEntity)
		}},
		{"a filter that is none", func(t *testing.T, s *siege) {
			t.Helper()
			for _, text := range []string{`' or 1=1 --`, `"; drop table cases; --`, `customer:' or ''='`, `disputed:>1);select pg_sleep(9)`, strings.Repeat("(", 2000), `\`, "%", "is:breached' union select password_hash from users--"} {
				for _, place := range []string{"/?view=all_open&q=", "/?sort=", "/queue/more?view=all_open&after=", "/palette?q=", "/search?q=", "/settings/users?q="} {
					who := s.stranger
					if strings.HasPrefix(place, "/settings") {
						who = s.admin
					}
					if got := s.ask(t, who, http.MethodGet, place+url.QueryEscape(text), ""); strings.Contains(got.Body.String(), "Lumen") || strings.Contains(got.Body.String(), "$argon2id$") {
						t.Errorf("%s%s shows what is not theirs", place, text)
					}
				}
				form := url.Values{"id": {"0"}, "version": {"0"}, "name": {"x"}, "view": {"all_open"}, "q": {text}, "sort": {text}}.Encode()
				if got := s.ask(t, s.stranger, http.MethodPost, "/queue/views", form); got.Code == http.StatusSeeOther && strings.Contains(text, "drop table") {
					if n := count(t, s.app.DB, `select count(*) from cases`); n == 0 {
						t.Error("the table is gone")
					}
				}
			}
		}},
	}
}

func contentAttacks() []attack {
	return []attack{
		{"a picture from inside", func(t *testing.T, s *siege) {
			t.Helper()
			frame := s.ask(t, s.agent, http.MethodGet, "/cases/"+s.foreignCase+"/messages/"+s.foreignMessage+"/mail?pictures=1", "")
			links := regexp.MustCompile(`/mail-pictures/[^"]+`).FindAllString(frame.Body.String(), -1)
			if len(links) < 5 {
				t.Fatalf("only %d pictures come through us: %s", len(links), frame.Body)
			}
			for _, link := range links {
				refuses(t, s.ask(t, s.agent, http.MethodGet, link, ""), "a picture from inside", http.StatusForbidden, http.StatusNotFound)
			}
			for _, token := range []string{"x", strings.TrimPrefix(links[0], "/mail-pictures/") + "x", url.PathEscape(s.inner.URL)} {
				refuses(t, s.ask(t, pass{}, http.MethodGet, "/mail-pictures/"+token, ""), "an unsigned address", http.StatusNotFound, http.StatusForbidden)
			}
			if s.asked != 0 {
				t.Errorf("the server inside was asked %d times", s.asked)
			}
		}},
		{"markup in a mail", func(t *testing.T, s *siege) {
			t.Helper()
			page := s.ask(t, s.agent, http.MethodGet, "/cases/"+s.foreignCase, "").Body.String()
			if strings.Contains(page, "<script>alert(1)") || !strings.Contains(page, "&lt;script&gt;alert(1)") {
				t.Error("a subject is markup")
			}
			frame := s.ask(t, s.agent, http.MethodGet, "/cases/"+s.foreignCase+"/messages/"+s.foreignMessage+"/mail", "")
			if policy := frame.Header().Get("Content-Security-Policy"); strings.Contains(frame.Body.String(), "<iframe") || !strings.Contains(policy, "sandbox") || strings.Contains(policy, "allow-scripts") {
				t.Errorf("%s", policy)
			}
			for _, path := range []string{"/cases/" + s.number, "/login", "/portal/sign-in", "/account"} {
				policy := s.ask(t, s.agent, http.MethodGet, path, "").Header().Get("Content-Security-Policy")
				if strings.Contains(policy, "unsafe-inline") || !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "default-src 'none'") {
					t.Errorf("%s: %s", path, policy)
				}
			}
		}},
		{"a document that reads files", func(t *testing.T, s *siege) {
			t.Helper()
			controller := s.sign(t, "controller", nil)
			edit := s.ask(t, controller, http.MethodGet, "/customers/"+s.Lumen.Account+"/edit", "").Body.String()
			version := regexp.MustCompile(`name="version" value="(-?\d+)"`).FindStringSubmatch(edit)
			if version == nil {
				t.Fatal("no form")
			}
			form := url.Values{
				"version": {version[1]}, "name": {`<iframe src="file:///etc/passwd"></iframe><script src="` + s.inner.URL + `"></script>`}, "address": {`<img src="` + s.inner.URL + `/x.png">`},
				"country": {"DE"}, "language": {"en"}, "terms_days": {"30"},
			}.Encode()
			if got := s.ask(t, controller, http.MethodPost, "/customers/"+s.Lumen.Account+"/edit", form); got.Code != http.StatusSeeOther {
				t.Fatalf("not saved: %d", got.Code)
			}
			paper := s.ask(t, controller, http.MethodGet, "/customers/"+s.Lumen.Account+"/statement.pdf", "")
			if paper.Code != http.StatusOK || !bytes.HasPrefix(paper.Body.Bytes(), []byte("%PDF-")) {
				t.Fatalf("no document: %d", paper.Code)
			}
			inside := inflated(paper.Body.Bytes())
			for _, word := range []string{"root:", "teapot", "/JavaScript", "/Launch", "/Type /EmbeddedFile", "/Filespec", "/FileAttachment", "/GoToR", "/SubmitForm"} {
				if strings.Contains(inside, word) {
					t.Errorf("the document has %s in it", word)
				}
			}
			if s.asked != 0 {
				t.Errorf("the server inside was asked %d times", s.asked)
			}
		}},
	}
}

// inflated is a PDF with its streams unpacked.
func inflated(pdf []byte) string {
	var all strings.Builder
	for rest := pdf; ; {
		all.Write(rest[:max(bytes.Index(rest, []byte("stream\n")), 0)])
		at := bytes.Index(rest, []byte("stream\n"))
		if at < 0 {
			all.Write(rest)
			return all.String()
		}
		rest = rest[at+len("stream\n"):]
		if r, err := zlib.NewReader(bytes.NewReader(rest)); err == nil {
			text, _ := io.ReadAll(r)
			all.Write(text)
		}
	}
}
