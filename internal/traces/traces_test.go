package traces_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/traces"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// received is what a collector was sent, by the names of the spans.
type received struct {
	mu    sync.Mutex
	spans map[string]*trace.Span
}

// collect runs a collector that takes spans by OTLP over HTTP.
func collect(t *testing.T) (url string, got *received) {
	t.Helper()
	got = &received{spans: map[string]*trace.Span{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in collector.ExportTraceServiceRequest
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = proto.Unmarshal(body, &in)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL, err)
		}
		got.mu.Lock()
		defer got.mu.Unlock()
		for _, resource := range in.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				for _, span := range scope.GetSpans() {
					got.spans[span.GetName()] = span
				}
			}
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	return server.URL + "/v1/traces", got
}

func open(t *testing.T, url string) *traces.Traces {
	t.Helper()
	tr, err := traces.Open(t.Context(), url, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// Requests, jobs and the statements in them become spans that belong together; a statement of nobody becomes none.
func TestSpans(t *testing.T) {
	t.Parallel()
	url, got := collect(t)
	tr := open(t, url)
	d, err := db.Open(t.Context(), db.Options{URL: dbtest.URL(t), MaxConns: 2, Tracer: tr.Statements()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	read := func(ctx context.Context, sql string) error {
		_, err := db.Value[int](ctx, d, sql, 7)
		return err
	}
	if err := read(t.Context(), `values ($1::int)`); err != nil {
		t.Fatal(err)
	}
	header := http.Header{"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}
	ctx, end := tr.Request(t.Context(), header, "GET", "/cases/:number")
	if err := read(ctx, `select $1::int`); err != nil {
		t.Fatal(err)
	}
	end(http.StatusOK)
	broken := errors.New("broken")
	if err := tr.AroundJobs()(t.Context(), "test.errand", 2, func(ctx context.Context) error {
		return errors.Join(broken, read(ctx, `with x as (select $1::int as n) select n from x`))
	}); !errors.Is(err, broken) {
		t.Errorf("the job's error became %v", err)
	}
	if err := tr.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	got.mu.Lock()
	defer got.mu.Unlock()
	request, job, inRequest, inJob := got.spans["GET /cases/:number"], got.spans["job test.errand"], got.spans["select"], got.spans["with"]
	if len(got.spans) != 4 || request == nil || job == nil || inRequest == nil || inJob == nil {
		t.Fatalf("%v", got.spans)
	}
	if string(inRequest.GetParentSpanId()) != string(request.GetSpanId()) || string(inJob.GetParentSpanId()) != string(job.GetSpanId()) {
		t.Error("a statement is not part of what asked it")
	}
	if request.GetTraceId()[0] != 0x0a || request.GetParentSpanId()[0] != 0xb7 || string(request.GetTraceId()) != string(inRequest.GetTraceId()) {
		t.Error("the request is not part of its sender's trace")
	}
	if job.GetStatus().GetCode() != trace.Status_STATUS_CODE_ERROR || request.GetStatus().GetCode() == trace.Status_STATUS_CODE_ERROR {
		t.Errorf("%v %v", job.GetStatus(), request.GetStatus())
	}
	for _, about := range inRequest.GetAttributes() {
		if about.GetKey() == "db.query.text" && about.GetValue().GetStringValue() != "select $1::int" {
			t.Errorf("the statement is %v", about.GetValue())
		}
	}
}

// Without a collector nobody is called and nothing is sent.
func TestOff(t *testing.T) {
	t.Parallel()
	tr := open(t, "")
	ctx, end := tr.Request(t.Context(), http.Header{}, "GET", "/")
	end(http.StatusOK)
	if tr.On() || tr.Statements() != nil || tr.AroundJobs() != nil || ctx != t.Context() || tr.Close(t.Context()) != nil {
		t.Error("something is on")
	}
}
