package otlp_test

import (
	"compress/gzip"
	"context"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	wire "go.opentelemetry.io/proto/otlp/trace/v1"
	status "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"makegood/internal/traces/otlp"
)

// office is a collector that decodes what it is sent by the generated messages, and answers as it is told, one answer after the other.
type office struct {
	*httptest.Server
	mu       sync.Mutex
	answers  []func(http.ResponseWriter)
	headers  []http.Header
	requests []*collector.ExportTraceServiceRequest
}

func collect(t *testing.T, server func(http.Handler) *httptest.Server, answers ...func(http.ResponseWriter)) *office {
	t.Helper()
	o := &office{answers: answers}
	o.Server = server(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body io.Reader = r.Body
		if r.Header.Get("Content-Encoding") == "gzip" {
			unpacked, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			body = unpacked
		}
		raw, err := io.ReadAll(body)
		in := &collector.ExportTraceServiceRequest{}
		if err == nil {
			err = proto.Unmarshal(raw, in)
		}
		if err != nil || r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
			t.Errorf("%s %s %v: %v", r.Method, r.URL, r.Header, err)
		}
		known(t, in.ProtoReflect())
		o.mu.Lock()
		o.headers, o.requests = append(o.headers, r.Header), append(o.requests, in)
		n := len(o.requests)
		o.mu.Unlock()
		if n <= len(o.answers) {
			o.answers[n-1](w)
		}
	}))
	t.Cleanup(o.Close)
	return o
}

// known fails when a message holds fields that OTLP does not have.
func known(t *testing.T, m protoreflect.Message) {
	t.Helper()
	if len(m.GetUnknown()) > 0 {
		t.Errorf("%s has fields that it should not have: %x", m.Descriptor().FullName(), m.GetUnknown())
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.Message() == nil:
		case f.IsList():
			for i := range v.List().Len() {
				known(t, v.List().Get(i).Message())
			}
		default:
			known(t, v.Message())
		}
		return true
	})
}

func answer(code int, body proto.Message, header ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		raw, _ := proto.Marshal(body)
		w.Header().Set("Content-Type", "application/x-protobuf")
		for pair := range slices.Chunk(header, 2) {
			w.Header().Set(pair[0], pair[1])
		}
		w.WriteHeader(code)
		_, _ = w.Write(raw)
	}
}

func halfAWord(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/x-protobuf")
	_, _ = w.Write([]byte{0x0a, 0x7f})
}

// send makes a span by the public SDK and has it exported within the test's time with the variables given.
func send(t *testing.T, o *office, env map[string]string, work func(context.Context, trace.Tracer)) (failed []error, unread []string) {
	t.Helper()
	return sendWithin(t.Context(), t, o, env, work)
}

func sendWithin(within context.Context, t *testing.T, o *office, env map[string]string, work func(context.Context, trace.Tracer)) (failed []error, unread []string) {
	t.Helper()
	exporter := otlp.New(o.URL+"/v1/traces", "makegood/test", func(name string) string { return env[name] },
		func(name string, err error) { unread = append(unread, name+": "+err.Error()) })
	seen := &errorsOf{SpanExporter: exporter, within: within}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(seen), sdktrace.WithResource(
		resource.NewWithAttributes("https://example.com/resource", attribute.String("service.name", "makegood"))))
	work(t.Context(), provider.Tracer("scope", trace.WithInstrumentationVersion("7"), trace.WithSchemaURL("https://example.com/scope"),
		trace.WithInstrumentationAttributes(attribute.Bool("inner", true))))
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	return seen.failed, unread
}

type errorsOf struct {
	sdktrace.SpanExporter
	within context.Context
	failed []error
}

func (e *errorsOf) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(e.within, spans)
	if err != nil {
		e.failed = append(e.failed, err)
	}
	return err
}

func brief(ctx context.Context, t trace.Tracer) {
	_, span := t.Start(ctx, "brief")
	span.End()
}

func text(s string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: s}}
}

func number(n int64) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: n}}
}

func yes(b bool) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: b}}
}

func real(f float64) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: f}}
}

func several(all ...*common.AnyValue) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: &common.ArrayValue{Values: all}}}
}

func pair(key string, value *common.AnyValue) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: value}
}

// A collector reads of a span all that the program said of it: every kind of attribute, events, links, status, parent, resource and scope.
func TestEverythingOfASpanArrives(t *testing.T) {
	t.Parallel()
	o := collect(t, httptest.NewServer)
	state, err := trace.ParseTraceState("a=b")
	if err != nil {
		t.Fatal(err)
	}
	parent := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1, 15: 2}, SpanID: trace.SpanID{3, 7: 4}, TraceFlags: trace.FlagsSampled, TraceState: state, Remote: true})
	begin := time.Unix(1_800_000_000, 123_456_789)
	failed, unread := send(t, o, nil, func(ctx context.Context, tracer trace.Tracer) {
		_, span := tracer.Start(trace.ContextWithRemoteSpanContext(ctx, parent), "all", trace.WithTimestamp(begin), trace.WithSpanKind(trace.SpanKindConsumer),
			trace.WithLinks(trace.Link{SpanContext: parent, Attributes: []attribute.KeyValue{attribute.Int("of", 1)}}),
			trace.WithAttributes(attribute.Bool("no", false), attribute.Bool("yes", true), attribute.Int64("least", -1<<63), attribute.Int("zero", 0),
				attribute.Float64("real", -0.25), attribute.String("text", "grüße"), attribute.String("none", ""), attribute.String("broken", "a\xffb"),
				attribute.BoolSlice("bools", []bool{true, false}), attribute.Int64Slice("ints", []int64{0, 7}), attribute.Float64Slice("reals", []float64{0, 1.5}),
				attribute.StringSlice("texts", []string{"", "x"}), attribute.ByteSlice("bytes", []byte{0, 255}),
				attribute.Slice("mixed", attribute.StringValue("x"), attribute.IntValue(1)), attribute.Map("map", attribute.Int("k", 0))))
		span.AddEvent("seen", trace.WithTimestamp(begin.Add(time.Second)), trace.WithAttributes(attribute.String("what", "it")))
		span.SetStatus(codes.Error, "refused")
		span.End(trace.WithTimestamp(begin.Add(2 * time.Second)))
	})
	if len(failed) > 0 || len(unread) > 0 || len(o.requests) != 1 || len(o.requests[0].GetResourceSpans()) != 1 {
		t.Fatal(failed, unread, o.requests)
	}
	all := o.requests[0].GetResourceSpans()[0]
	if about := all.GetResource().GetAttributes(); all.GetSchemaUrl() != "https://example.com/resource" || len(about) != 1 || !proto.Equal(about[0], pair("service.name", text("makegood"))) {
		t.Errorf("resource %v %s", about, all.GetSchemaUrl())
	}
	scoped := all.GetScopeSpans()[0]
	if want := (&common.InstrumentationScope{Name: "scope", Version: "7", Attributes: []*common.KeyValue{pair("inner", yes(true))}}); len(all.GetScopeSpans()) != 1 ||
		len(scoped.GetSpans()) != 1 || scoped.GetSchemaUrl() != "https://example.com/scope" || !proto.Equal(scoped.GetScope(), want) {
		t.Fatalf("scope %v", all.GetScopeSpans())
	}
	span := scoped.GetSpans()[0]
	if id := span.GetSpanId(); len(id) != 8 || slices.Equal(id, []byte{3, 7: 4}) {
		t.Errorf("span id %x", id)
	}
	traceID, spanID, at := []byte{1, 15: 2}, []byte{3, 7: 4}, uint64(begin.UnixNano())
	want := &wire.Span{
		TraceId: traceID, SpanId: span.GetSpanId(), TraceState: "a=b", ParentSpanId: spanID, Flags: 0x301, Name: "all", Kind: wire.Span_SPAN_KIND_CONSUMER,
		StartTimeUnixNano: at, EndTimeUnixNano: at + 2e9, Status: &wire.Status{Message: "refused", Code: wire.Status_STATUS_CODE_ERROR},
		Events: []*wire.Span_Event{{TimeUnixNano: at + 1e9, Name: "seen", Attributes: []*common.KeyValue{pair("what", text("it"))}}},
		Links:  []*wire.Span_Link{{TraceId: traceID, SpanId: spanID, TraceState: "a=b", Flags: 0x301, Attributes: []*common.KeyValue{pair("of", number(1))}}},
		Attributes: []*common.KeyValue{
			pair("no", yes(false)), pair("yes", yes(true)), pair("least", number(-1<<63)), pair("zero", number(0)), pair("real", real(-0.25)), pair("text", text("grüße")),
			pair("none", text("")), pair("broken", text("a\uFFFDb")), pair("bools", several(yes(true), yes(false))), pair("ints", several(number(0), number(7))),
			pair("reals", several(real(0), real(1.5))), pair("texts", several(text(""), text("x"))),
			pair("bytes", &common.AnyValue{Value: &common.AnyValue_BytesValue{BytesValue: []byte{0, 255}}}), pair("mixed", several(text("x"), number(1))),
			pair("map", &common.AnyValue{Value: &common.AnyValue_KvlistValue{KvlistValue: &common.KeyValueList{Values: []*common.KeyValue{pair("k", number(0))}}}}),
		},
	}
	if !proto.Equal(span, want) {
		t.Errorf("got  %v\nwant %v", span, want)
	}
}

// What was left out of a span is counted, and a span of nobody has no parent and no state.
func TestWhatIsLeftOutIsCounted(t *testing.T) {
	t.Parallel()
	o := collect(t, httptest.NewServer)
	send(t, o, nil, func(ctx context.Context, tracer trace.Tracer) {
		_, span := tracer.Start(ctx, "long")
		for i := range 200 {
			span.SetAttributes(attribute.Int("n"+strings.Repeat("x", i), i))
			span.AddEvent("e")
			span.AddLink(trace.Link{SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{byte(i + 1)}})})
		}
		span.SetStatus(codes.Ok, "")
		span.End()
	})
	span := o.requests[0].GetResourceSpans()[0].GetScopeSpans()[0].GetSpans()[0]
	if span.GetDroppedAttributesCount() != 72 || span.GetDroppedEventsCount() != 72 || span.GetDroppedLinksCount() != 72 || len(span.GetEvents()) != 128 ||
		span.GetStatus().GetCode() != wire.Status_STATUS_CODE_OK || span.GetParentSpanId() != nil || span.GetTraceState() != "" || span.GetFlags() != 0x101 || span.GetKind() != wire.Span_SPAN_KIND_INTERNAL {
		t.Errorf("%v", span)
	}
}

// The standard variables hold, those of traces before those of everything; what cannot be read is named and left out, secrets untold.
func TestSettings(t *testing.T) {
	t.Parallel()
	o := collect(t, httptest.NewServer)
	failed, unread := send(t, o, map[string]string{
		"OTEL_EXPORTER_OTLP_HEADERS": "api-key=other", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "api-key=a%20b, x-team = ar ,secret,bad name=secret,line=secret%0A",
		"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_EXPORTER_OTLP_TIMEOUT": "soon", "OTEL_EXPORTER_OTLP_CERTIFICATE": "/nowhere.pem",
	}, brief)
	if len(failed) > 0 || len(o.requests) != 1 {
		t.Fatal(failed, o.requests)
	}
	if h := o.headers[0]; h.Get("Api-Key") != "a b" || h.Get("X-Team") != "ar" || h.Get("Content-Encoding") != "gzip" || h.Get("User-Agent") != "makegood/test" || h.Get("Line") != "" {
		t.Errorf("%v", h)
	}
	told := strings.Join(unread, "\n")
	for _, part := range []string{"TRACES_HEADERS: number 3", "TRACES_HEADERS: number 4", "TRACES_HEADERS: number 5", "OTLP_TIMEOUT: no number", "OTLP_CERTIFICATE: open /nowhere.pem"} {
		if !strings.Contains(told, part) {
			t.Errorf("%q is not told: %s", part, told)
		}
	}
	if strings.Contains(told, "secret") || len(unread) != 5 {
		t.Error(told)
	}
}

// A collector with a certificate of its own is believed when the variable names it, and not otherwise.
func TestCertificate(t *testing.T) {
	t.Parallel()
	o := collect(t, httptest.NewTLSServer)
	if failed, _ := send(t, o, nil, brief); len(failed) != 1 || !strings.Contains(failed[0].Error(), "certificate") {
		t.Errorf("%v", failed)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	if failed, unread := send(t, o, map[string]string{"OTEL_EXPORTER_OTLP_CERTIFICATE": file}, brief); len(failed) > 0 || len(unread) > 0 || len(o.requests) != 1 {
		t.Error(failed, unread, o.requests)
	}
}

// What a collector cannot take now is sent again when it says; what it refuses, or puts off for too long, is told and not sent again.
func TestAgainOrNot(t *testing.T) {
	t.Parallel()
	now := []string{"Retry-After", "0"}
	past := []string{"Retry-After", "Mon, 02 Jan 2006 15:04:05 GMT"}
	busy := &status.Status{Code: 14, Message: "too busy"}
	refused := &collector.ExportTraceServiceResponse{PartialSuccess: &collector.ExportTracePartialSuccess{RejectedSpans: 1, ErrorMessage: "too old"}}
	for name, c := range map[string]struct {
		answers []func(http.ResponseWriter)
		sent    int
		failed  string
	}{
		"taken":        {[]func(http.ResponseWriter){answer(200, &collector.ExportTraceServiceResponse{})}, 1, ""},
		"taken later":  {[]func(http.ResponseWriter){answer(503, busy, now...), answer(429, busy, past...), answer(502, busy, now...), answer(504, busy, now...)}, 5, ""},
		"never taken":  {slices.Repeat([]func(http.ResponseWriter){answer(503, busy, now...)}, 9), 5, "503 Service Unavailable: \"too busy\""},
		"in an hour":   {[]func(http.ResponseWriter){answer(503, busy, "Retry-After", "3600")}, 1, "too busy"},
		"on some day":  {[]func(http.ResponseWriter){answer(503, busy, "Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT")}, 1, "too busy"},
		"refused":      {[]func(http.ResponseWriter){answer(400, &status.Status{Message: "what is this"}, now...)}, 1, "400 Bad Request: \"what is this\""},
		"not there":    {[]func(http.ResponseWriter){func(w http.ResponseWriter) { http.Error(w, "nobody here", 404) }}, 1, "nobody here"},
		"partly taken": {[]func(http.ResponseWriter){answer(200, refused)}, 1, "refused 1 of the spans: \"too old\""},
		"elsewhere":    {[]func(http.ResponseWriter){func(w http.ResponseWriter) { w.Header().Set("Location", "/there"); w.WriteHeader(307) }}, 1, "307 Temporary"},
		"half a word":  {[]func(http.ResponseWriter){halfAWord}, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := collect(t, httptest.NewServer, c.answers...)
			failed, _ := send(t, o, nil, brief)
			if len(o.requests) != c.sent || (c.failed == "") != (len(failed) == 0) || len(failed) > 0 && !strings.Contains(failed[0].Error(), c.failed) {
				t.Errorf("sent %d times: %v", len(o.requests), failed)
			}
			for _, again := range o.requests {
				if !proto.Equal(again, o.requests[0]) {
					t.Error("the second time something else was sent")
				}
			}
		})
	}
}

// A collector that does not answer is waited for as long as the variable says, and never longer than whoever asks.
func TestTimeout(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	o := collect(t, httptest.NewServer, slices.Repeat([]func(http.ResponseWriter){func(http.ResponseWriter) { <-gone }}, 9)...)
	defer close(gone)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	failed, _ := sendWithin(ctx, t, o, map[string]string{"OTEL_EXPORTER_OTLP_TIMEOUT": "20"}, brief)
	if len(failed) != 1 || !strings.Contains(failed[0].Error(), "exceeded") {
		t.Errorf("%v", failed)
	}
}
