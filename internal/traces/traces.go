// Package traces tells a collector how long requests, jobs and statements took, and which caused which, when one is configured by
// the standard variables of OpenTelemetry. Without one it does nothing.
package traces

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"makegood/internal/errs"
	"makegood/internal/traces/otlp"
)

// Traces sends spans to a collector, or does nothing at all when it is off.
type Traces struct {
	provider *sdktrace.TracerProvider // nil while off
	tracer   trace.Tracer
}

// Open makes what sends spans to the collector at a URL, in batches, by OTLP over HTTP; with no URL it is off. Headers, certificate,
// time limits, sampling and the name of the service are read from the standard variables (OTEL_EXPORTER_OTLP_HEADERS,
// OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME and so on). A collector that is away disturbs nobody: what it does not take is dropped and logged.
func Open(ctx context.Context, url, version string, logger *slog.Logger) (*Traces, error) {
	if url == "" {
		return &Traces{}, nil
	}
	exporter := otlp.New(url, "makegood/"+version, os.Getenv, func(name string, err error) { // as the other standard variables are read
		logger.WarnContext(ctx, "a setting of traces cannot be read and is left out", "name", name, "error", err.Error())
	})
	about, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "makegood"), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("open traces: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		logger.WarnContext(context.WithoutCancel(ctx), "traces were not taken", "error", err.Error())
	}))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	return &Traces{provider: provider, tracer: provider.Tracer("makegood")}, nil
}

// On tells whether anybody is told.
func (t *Traces) On() bool { return t.provider != nil }

// Close sends what was not sent yet.
func (t *Traces) Close(ctx context.Context) error {
	if !t.On() {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// Request begins the span of a request, which may belong to a trace of its sender (W3C Trace Context). It has the route, never the path: a
// path may hold a secret of a link. end says how the request was answered.
func (t *Traces) Request(ctx context.Context, header http.Header, method, route string) (inside context.Context, end func(status int)) {
	if !t.On() {
		return ctx, func(int) {}
	}
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(header))
	ctx, span := t.tracer.Start(ctx, method+" "+route, trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route)))
	return ctx, func(status int) {
		span.SetAttributes(attribute.Int("http.response.status_code", status))
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// AroundJobs is what is called with each job and the work on it; nil while off.
func (t *Traces) AroundJobs() func(ctx context.Context, kind string, attempt int, work func(ctx context.Context) error) error {
	if !t.On() {
		return nil
	}
	return t.job
}

func (t *Traces) job(ctx context.Context, kind string, attempt int, work func(ctx context.Context) error) error {
	ctx, span := t.tracer.Start(ctx, "job "+kind, trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(attribute.String("makegood.job.kind", kind), attribute.Int("makegood.job.attempt", attempt)))
	defer span.End()
	err := work(ctx)
	failed(span, err)
	return err
}

// Statements is what sees the statements to the database; nil while off. Only statements of a request or a job become spans, with
// their text, which holds no values.
func (t *Traces) Statements() pgx.QueryTracer {
	if !t.On() {
		return nil
	}
	return statements{t.tracer}
}

func failed(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, named(err))
	}
}

// named says what kind of error it is. What errors say in words stays here: mail servers answer with addresses, and the database
// with values.
func named(err error) string {
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.TrimSpace(refused.Code + " " + refused.ConstraintName)
	}
	if known, ok := errors.AsType[*errs.Error](err); ok {
		return known.Key
	}
	return "error"
}
