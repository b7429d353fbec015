package app_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/scenario"
)

// caller is another program that uses the API.
type caller struct {
	t           *testing.T
	base, token string
	key         string // sent as Idempotency-Key
}

// answer is what the server said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// once is the caller sending its next request under an Idempotency-Key.
func (c caller) once(key string) caller {
	c.key = key
	return c
}

// on is the caller at another copy of the program.
func (c caller) on(address string) caller {
	c.base = "http://" + address + "/api/v1"
	return c
}

// ask sends a request and fails the test unless it is answered with the status. The answer is read into out.
func (c caller) ask(status int, method, path string, in, out any) answer {
	c.t.Helper()
	a := c.try(method, path, in)
	if a.status != status {
		c.t.Fatalf("%s %s: %d instead of %d: %s", method, path, a.status, status, a.body)
	}
	if out != nil {
		must(c.t, json.Unmarshal(a.body, out))
	}
	return a
}

// try sends a request and may be called from any goroutine.
func (c caller) try(method, path string, in any) answer {
	a, err := c.send(http.DefaultClient, method, path, in)
	if err != nil {
		c.t.Error(err)
	}
	return a
}

// send is try for those who expect that there may be no answer.
func (c caller) send(client *http.Client, method, path string, in any) (answer, error) {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return answer{}, err
		}
		body = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, body)
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "application/json")
	if c.key != "" {
		request.Header.Set("Idempotency-Key", c.key)
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	a := answer{status: response.StatusCode, header: response.Header}
	a.body, err = io.ReadAll(response.Body)
	return a, err
}

// browser is somebody of the company, signed in by the form.
type browser struct {
	t    *testing.T
	base string
	http *http.Client
}

func (h *house) browse(role access.Role) browser {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	must(h.t, err)
	b := browser{t: h.t, base: "http://" + h.app.Addr(), http: &http.Client{Jar: jar}}
	form := url.Values{"email": {h.Users[role].Email}, "password": {scenario.Password}, "next": {"/customers"}}
	request, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, b.base+"/login", strings.NewReader(form.Encode()))
	must(h.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := b.http.Do(request)
	must(h.t, err)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Request.URL.Path != "/customers" {
		h.t.Fatalf("signing in led to %s with %d", response.Request.URL, response.StatusCode)
	}
	return b
}

// open begins to read a page; the caller closes the body.
func (b browser) open(path string) *http.Response {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, nil)
	must(b.t, err)
	response, err := b.http.Do(request)
	must(b.t, err)
	b.t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %d", path, response.StatusCode)
	}
	return response
}

// page reads a page.
func (b browser) page(path string) string {
	b.t.Helper()
	text, err := io.ReadAll(b.open(path).Body)
	must(b.t, err)
	return string(text)
}
