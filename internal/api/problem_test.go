package api_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/dbtest"
)

// What is our fault is told to the log with its cause, by the id of the request, and to the caller by that id alone.
func TestWhatFailsInsideIsLoggedAndNotShown(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	c := openWith(t, access.Admin, slog.New(slog.NewJSONHandler(&log, nil)))
	if answer := c.get("/cases/MG-999999", ""); answer.Code != http.StatusNotFound || log.Len() > 0 {
		t.Errorf("what is not there: %d, and the log says %s", answer.Code, &log)
	}
	dbtest.AsOwner(t, c.room.DB, `alter table teams rename to teams_of_before`)
	answer := c.get("/teams", "")
	if answer.Code != http.StatusInternalServerError || strings.Contains(answer.Body.String(), "teams") || strings.Contains(answer.Body.String(), "42P01") {
		t.Errorf("the caller is told %d %s", answer.Code, answer.Body)
	}
	var shown struct {
		Request string `json:"request_id"`
	}
	c.room.Must(json.Unmarshal(answer.Body.Bytes(), &shown))
	var said struct{ Level, Error, Path, Method, Operation, Request string }
	c.room.Must(json.Unmarshal(bytes.ReplaceAll(log.Bytes(), []byte(`"request_id"`), []byte(`"request"`)), &said))
	if said.Level != "ERROR" || !strings.Contains(said.Error, "42P01") || said.Path != "/api/v1/teams" || said.Method != http.MethodGet || said.Operation != "list-teams" ||
		said.Request == "" || said.Request != shown.Request {
		t.Errorf("the log says %+v of request %q", said, shown.Request)
	}
}
