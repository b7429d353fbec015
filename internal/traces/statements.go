package traces

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// textAtMost is how much of a statement is told.
const textAtMost = 2000

type statements struct{ tracer trace.Tracer }

var _ pgx.BatchTracer = statements{}

func (s statements) begin(ctx context.Context, name string, about ...attribute.KeyValue) context.Context {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx
	}
	ctx, _ = s.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(append(about, attribute.String("db.system.name", "postgresql"))...))
	return ctx
}

func end(ctx context.Context, err error) {
	span := trace.SpanFromContext(ctx)
	failed(span, err)
	span.End()
}

func text(sql string) attribute.KeyValue {
	sql = strings.Join(strings.Fields(sql), " ")
	return attribute.String("db.query.text", strings.ToValidUTF8(sql[:min(len(sql), textAtMost)], ""))
}

// TraceQueryStart begins the span of a statement.
func (s statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	verb, _, _ := strings.Cut(strings.TrimSpace(data.SQL), " ")
	return s.begin(ctx, strings.ToLower(verb), text(data.SQL))
}

// TraceQueryEnd ends it.
func (s statements) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	end(ctx, data.Err)
}

// TraceBatchStart begins the span of several statements that go together.
func (s statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	return s.begin(ctx, "batch", attribute.Int("db.operation.batch.size", data.Batch.Len()))
}

// TraceBatchQuery notes one of them.
func (s statements) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	trace.SpanFromContext(ctx).AddEvent("statement", trace.WithAttributes(text(data.SQL)))
}

// TraceBatchEnd ends it.
func (s statements) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchEndData) {
	end(ctx, data.Err)
}
