package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"makegood/internal/access"
)

func (c caller) post(path, key, body string) *httptest.ResponseRecorder {
	c.t.Helper()
	request := httptest.NewRequest(http.MethodPost, "/api/v1"+path, strings.NewReader(body)).WithContext(c.t.Context())
	request.Header.Set(echo.HeaderAuthorization, "Bearer "+c.token)
	request.Header.Set("Idempotency-Key", key)
	recorder := httptest.NewRecorder()
	c.room.Echo.ServeHTTP(recorder, request)
	return recorder
}

// A request sent again gets the first answer, whether it was carried out or refused for what is wrong with it.
func TestAnswersAreGivenAgain(t *testing.T) {
	t.Parallel()
	c := open(t, access.Admin)
	for _, sent := range []struct {
		key, body string
		status    int
	}{
		{"made", `{"name":"Night shift"}`, http.StatusCreated},
		{"refused", `{"title":"Night shift"}`, http.StatusUnprocessableEntity},
		{"broken", `{"name":`, http.StatusBadRequest},
		{"empty", ``, http.StatusBadRequest},
		{"large", `{"name":"` + strings.Repeat("a", 1<<20) + `"}`, http.StatusRequestEntityTooLarge},
	} {
		first, again := c.post("/teams", sent.key, sent.body), c.post("/teams", sent.key, sent.body)
		if first.Code != sent.status || again.Code != sent.status || first.Body.String() != again.Body.String() {
			t.Errorf("%s: first %d %s, then %d %s", sent.key, first.Code, first.Body, again.Code, again.Body)
		}
		if first.Header().Get("Idempotency-Replayed") != "" || again.Header().Get("Idempotency-Replayed") != "true" ||
			first.Header().Get(echo.HeaderContentType) != again.Header().Get(echo.HeaderContentType) {
			t.Errorf("%s: first %v, then %v", sent.key, first.Header(), again.Header())
		}
	}
	if teams := c.get("/teams", "").Body.String(); strings.Count(teams, "Night shift") != 1 {
		t.Errorf("not one team: %s", teams)
	}
	if other := c.post("/teams", "made", `{"name":"Day shift"}`); other.Code != http.StatusConflict {
		t.Errorf("another request under the same key: %d %s", other.Code, other.Body)
	}
}
