package otlp

import (
	"math"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/encoding/protowire"
)

// message is one of OTLP's messages in Protobuf's encoding. The numbers of the fields are those of opentelemetry-proto, version 1, where
// they never change. Fields with their zero value are left out.
type message []byte

func (m *message) bytes(field protowire.Number, b []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), b)
}

func (m *message) text(field protowire.Number, s string) {
	if s != "" {
		m.bytes(field, utf8(s))
	}
}

// utf8 has no other bytes: a collector refuses the whole batch for one.
func utf8(s string) []byte { return []byte(strings.ToValidUTF8(s, "\uFFFD")) }

func (m *message) varint(field protowire.Number, n uint64) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), n)
}

func (m *message) count(field protowire.Number, n int) {
	if n > 0 {
		m.varint(field, uint64(min(n, math.MaxUint32)))
	}
}

func (m *message) fixed64(field protowire.Number, n uint64) {
	*m = protowire.AppendFixed64(protowire.AppendTag(*m, field, protowire.Fixed64Type), n)
}

func (m *message) at(field protowire.Number, t time.Time) {
	m.fixed64(field, uint64(max(0, t.UnixNano())))
}

func (m *message) attributes(field protowire.Number, about []attribute.KeyValue) {
	for _, one := range about {
		var pair message
		pair.text(1, string(one.Key))
		pair.bytes(2, value(one.Value))
		m.bytes(field, pair)
	}
}

// flags are those of a span, and whether the other span it hangs on came from elsewhere.
func (m *message) flags(field protowire.Number, own trace.TraceFlags, other trace.SpanContext) {
	const known, remote = 0x100, 0x200
	flags := uint32(own) | known
	if other.IsRemote() {
		flags |= remote
	}
	*m = protowire.AppendFixed32(protowire.AppendTag(*m, field, protowire.Fixed32Type), flags)
}

// value is an AnyValue, in which a zero is written as well: leaving it out would say that there is none.
func value(v attribute.Value) (m message) {
	switch v.Type() {
	case attribute.EMPTY:
	case attribute.BOOL:
		m.varint(2, protowire.EncodeBool(v.AsBool()))
	case attribute.INT64:
		m.varint(3, uint64(v.AsInt64()))
	case attribute.FLOAT64:
		m.fixed64(4, math.Float64bits(v.AsFloat64()))
	case attribute.BYTESLICE:
		m.bytes(7, v.AsByteSlice())
	case attribute.BOOLSLICE:
		m.bytes(5, list(v.AsBoolSlice(), attribute.BoolValue))
	case attribute.INT64SLICE:
		m.bytes(5, list(v.AsInt64Slice(), attribute.Int64Value))
	case attribute.FLOAT64SLICE:
		m.bytes(5, list(v.AsFloat64Slice(), attribute.Float64Value))
	case attribute.STRINGSLICE:
		m.bytes(5, list(v.AsStringSlice(), attribute.StringValue))
	case attribute.SLICE:
		m.bytes(5, list(v.AsSlice(), func(v attribute.Value) attribute.Value { return v }))
	case attribute.MAP:
		var pairs message
		pairs.attributes(1, v.AsMap())
		m.bytes(6, pairs)
	default:
		m.bytes(1, utf8(v.String()))
	}
	return m
}

func list[T any](all []T, as func(T) attribute.Value) (m message) {
	for _, one := range all {
		m.bytes(1, value(as(one)))
	}
	return m
}

// request is an ExportTraceServiceRequest of spans of one provider, so of one resource.
func request(spans []sdktrace.ReadOnlySpan) (m message) {
	var resource, all message
	about := spans[0].Resource()
	resource.attributes(1, about.Attributes())
	all.bytes(1, resource)
	byScope := map[instrumentation.Scope][]sdktrace.ReadOnlySpan{}
	for _, span := range spans {
		byScope[span.InstrumentationScope()] = append(byScope[span.InstrumentationScope()], span)
	}
	for scope, spans := range byScope {
		all.bytes(2, scoped(scope, spans))
	}
	all.text(3, about.SchemaURL())
	m.bytes(1, all)
	return m
}

func scoped(by instrumentation.Scope, spans []sdktrace.ReadOnlySpan) (m message) {
	var scope message
	scope.text(1, by.Name)
	scope.text(2, by.Version)
	scope.attributes(3, by.Attributes.ToSlice())
	m.bytes(1, scope)
	for _, span := range spans {
		m.bytes(2, spanOf(span))
	}
	m.text(3, by.SchemaURL)
	return m
}

func spanOf(s sdktrace.ReadOnlySpan) (m message) {
	own, parent := s.SpanContext(), s.Parent()
	m.ids(1, 2, own)
	m.text(3, own.TraceState().String())
	if id := parent.SpanID(); id.IsValid() {
		m.bytes(4, id[:])
	}
	m.text(5, s.Name())
	m.count(6, int(s.SpanKind())) // numbered alike in both
	m.at(7, s.StartTime())
	m.at(8, s.EndTime())
	m.attributes(9, s.Attributes())
	m.count(10, s.DroppedAttributes())
	for _, event := range s.Events() {
		m.bytes(11, eventOf(event))
	}
	m.count(12, s.DroppedEvents())
	for _, link := range s.Links() {
		m.bytes(13, linkOf(link))
	}
	m.count(14, s.DroppedLinks())
	m.bytes(15, statusOf(s.Status()))
	m.flags(16, own.TraceFlags(), parent)
	return m
}

func (m *message) ids(traceField, spanField protowire.Number, c trace.SpanContext) {
	traceID, spanID := c.TraceID(), c.SpanID()
	m.bytes(traceField, traceID[:])
	m.bytes(spanField, spanID[:])
}

func eventOf(e sdktrace.Event) (m message) {
	m.at(1, e.Time)
	m.text(2, e.Name)
	m.attributes(3, e.Attributes)
	m.count(4, e.DroppedAttributeCount)
	return m
}

func linkOf(l sdktrace.Link) (m message) {
	m.ids(1, 2, l.SpanContext)
	m.text(3, l.SpanContext.TraceState().String())
	m.attributes(4, l.Attributes)
	m.count(5, l.DroppedAttributeCount)
	m.flags(6, l.SpanContext.TraceFlags(), l.SpanContext)
	return m
}

func statusOf(s sdktrace.Status) (m message) {
	m.text(2, s.Description)
	switch s.Code { // numbered otherwise there
	case codes.Ok:
		m.varint(3, 1)
	case codes.Error:
		m.varint(3, 2)
	case codes.Unset:
	}
	return m
}

// refusedSpans reads an ExportTraceServiceResponse, which is empty when all was taken.
func refusedSpans(answer []byte) (refused uint64, why string) {
	part := fields(answer)[1].bytes
	return fields(part)[1].number, string(fields(part)[2].bytes)
}

// messageOf reads a google.rpc.Status.
func messageOf(answer []byte) string { return string(fields(answer)[2].bytes) }

type field struct {
	number uint64
	bytes  []byte
}

// fields reads a message as far as it is one; of a repeated field the last.
func fields(m []byte) map[protowire.Number]field {
	all := map[protowire.Number]field{}
	for len(m) > 0 {
		number, kind, size := protowire.ConsumeTag(m)
		if size < 0 {
			break
		}
		m = m[size:]
		length := protowire.ConsumeFieldValue(number, kind, m)
		if length < 0 {
			break
		}
		f := field{}
		switch kind {
		case protowire.VarintType:
			f.number, _ = protowire.ConsumeVarint(m)
		case protowire.BytesType:
			f.bytes, _ = protowire.ConsumeBytes(m)
		case protowire.Fixed32Type, protowire.Fixed64Type, protowire.StartGroupType, protowire.EndGroupType:
		}
		all[number] = f
		m = m[length:]
	}
	return all
}
