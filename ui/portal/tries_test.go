package portal_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Tries are for the code, which could be guessed: neither links nor codes that others send keep anybody from what they were mailed.
func TestTriesAreForTheCode(t *testing.T) {
	t.Parallel()
	ask := func(t *testing.T) (*lobby, *browser) {
		t.Helper()
		l := open(t)
		b := l.browser()
		b.post("/portal/sign-in", url.Values{"email": {"ada@lumen.example"}})
		return l, b
	}
	is := func(t *testing.T, a *httptest.ResponseRecorder, status int) {
		t.Helper()
		if a.Code != status {
			t.Errorf("%d, want %d: %s", a.Code, status, a.Body)
		}
	}
	t.Run("made-up links leave the code", func(t *testing.T) {
		t.Parallel()
		l, b := ask(t)
		name, _, _ := strings.Cut(l.link(), ".")
		for range 6 {
			is(t, l.browser().post("/portal/link", url.Values{"t": {name + ".x"}}), http.StatusUnprocessableEntity)
		}
		is(t, b.post("/portal/code", url.Values{"code": {l.code()}}), http.StatusSeeOther)
		is(t, l.browser().post("/portal/link", url.Values{"t": {l.link()}}), http.StatusUnprocessableEntity) // used by its code
	})
	t.Run("wrong codes leave the link", func(t *testing.T) {
		t.Parallel()
		l, b := ask(t)
		for range 6 {
			is(t, b.post("/portal/code", url.Values{"code": {"00000000x"}}), http.StatusUnprocessableEntity)
		}
		is(t, l.browser().post("/portal/link", url.Values{"t": {l.link()}}), http.StatusSeeOther)
		is(t, l.browser().post("/portal/link", url.Values{"t": {l.link()}}), http.StatusUnprocessableEntity) // once
	})
}
