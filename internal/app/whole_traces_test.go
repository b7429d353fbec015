package app_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"makegood/internal/access"
	"makegood/internal/app"
	"makegood/internal/scenario"
	"makegood/internal/telemetry"
)

// A collector of traces that is configured hears of requests, jobs and their statements, and of no address that holds a secret.
func TestTracesAreSent(t *testing.T) {
	t.Parallel()
	var (
		mu    sync.Mutex
		names = map[string]int{}
		all   strings.Builder
	)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in collector.ExportTraceServiceRequest
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = proto.Unmarshal(body, &in)
		}
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		all.WriteString(in.String())
		for _, resource := range in.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				for _, span := range scope.GetSpans() {
					names[span.GetName()]++
				}
			}
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	h := prepare(t, scenario.Options{}, 0)
	cfg := settings(h.url, h.office.SMTPAddr())
	cfg.TracesURL = server.URL + "/v1/traces"
	traced, err := app.New(t.Context(), cfg, app.Options{Logger: telemetry.NewLogger(h.log, slog.LevelInfo), Office: h.office, Clock: time.Now, Passwords: scenario.QuickPasswords()})
	must(t, err)
	must(t, traced.Start(t.Context()))
	h.app = traced
	agent := h.as(access.Agent)
	agent.ask(http.StatusCreated, http.MethodPost, "/cases", map[string]any{
		"type": "inquiry", "subject": "A question", "customer": h.Lumen.Account, "contact": ada, "message": "How do I read my invoice?",
	}, nil)
	agent.ask(http.StatusOK, http.MethodGet, "/cases/MG-000001", nil, nil)
	h.awaitMails(1)
	must(t, traced.Stop(t.Context()))
	mu.Lock()
	defer mu.Unlock()
	for _, name := range []string{"POST /api/v1/cases", "GET /api/v1/cases/:number", "job inbox.send_message", "select", "batch", "insert"} {
		if names[name] == 0 {
			t.Errorf("no span %q", name)
		}
	}
	for _, secret := range []string{agent.token, "MG-000001", ada, "How do I read"} {
		if strings.Contains(all.String(), secret) {
			t.Errorf("%q was told", secret)
		}
	}
	if !strings.Contains(all.String(), "makegood") {
		t.Error("nobody is named as the sender")
	}
}
