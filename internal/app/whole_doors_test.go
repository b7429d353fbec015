package app_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
)

// toLogin: who is nobody is sent to sign in.
func toLogin(got *httptest.ResponseRecorder) bool {
	return got.Code == http.StatusSeeOther && strings.HasPrefix(got.Header().Get("Location"), "/login?") || toPortal(got)
}

// toPortal: customers sign in at a door of their own, where people of the desk are nobody.
func toPortal(got *httptest.ResponseRecorder) bool {
	return got.Code == http.StatusSeeOther && got.Header().Get("Location") == "/portal/sign-in"
}

// shows: here it is, or there it is, for a part of a page that was asked for by itself.
func shows(got *httptest.ResponseRecorder) bool {
	return got.Code == http.StatusOK || got.Code == http.StatusSeeOther && !toLogin(got)
}
