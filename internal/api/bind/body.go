package bind

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

const (
	// bodyTakes is how long a body may take to arrive, as the server has it for every request. A shorter time would also end a request with an
	// Idempotency-Key that takes longer to be carried out, and every later one on the same connection: its body is read before, and the limit
	// meets the server's watch for a caller who hangs up.
	bodyTakes = 2 * time.Minute
	// bodyBytes is below how much a body stays.
	bodyBytes = 1 << 20
	jsonMedia = "application/json"
)

// body is the field of an input that is the JSON of the request.
type body struct {
	index     []int
	schema    *huma.Schema
	standards []standard
}

// standard is what a field is that was left out.
type standard struct {
	index []int // lists on the way stand for each of their elements
	value reflect.Value
}

// describeBody adds the body to the description. It is always required.
func (b *binding) describeBody() error {
	f, has := b.call.In.FieldByName(bodyField)
	if !has {
		return nil
	}
	if kind := f.Type.Kind(); kind == reflect.Pointer || kind == reflect.Interface || f.Tag.Get("contentType") != "" || f.Tag.Get("nameHint") != "" {
		return fmt.Errorf("a body that is %v, or has a type or name of its own, is not supported", f.Type)
	}
	if b.op.BodyReadTimeout == 0 {
		b.op.BodyReadTimeout = bodyTakes
	}
	if b.op.MaxBodyBytes == 0 {
		b.op.MaxBodyBytes = bodyBytes
	}
	schema := huma.SchemaFromField(b.registry(), f, hint(b.call.In, bodyField, b.op.OperationID+"Request"))
	schema.PrecomputeMessages()
	b.op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{jsonMedia: {Schema: schema}}}
	b.body = &body{index: f.Index, schema: schema}
	return b.findStandards(b.call.In, nil, nil)
}

// hint names the schema of a field that has no name of its own.
func hint(of reflect.Type, field, otherwise string) string {
	if of.Name() != "" {
		return of.Name() + field
	}
	return otherwise
}

// findStandards finds all fields with a default, however deep. Within are the types on the way, which may hold themselves.
func (b *binding) findStandards(t reflect.Type, index []int, within []reflect.Type) error {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return b.findStandards(t.Elem(), index, within)
	case reflect.Map:
		before := len(b.body.standards)
		if err := b.findStandards(t.Elem(), index, within); err != nil || len(b.body.standards) > before {
			return errors.Join(err, fmt.Errorf("%v: defaults are not supported in a map", t))
		}
		return nil
	case reflect.Struct:
		return b.findStandardsOf(t, index, within)
	default:
		return nil
	}
}

func (b *binding) findStandardsOf(t reflect.Type, index []int, within []reflect.Type) error {
	if slices.Contains(within, t) {
		return nil
	}
	within = append(slices.Clip(within), t)
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		here := append(slices.Clip(index), i)
		if f.Tag.Get("default") != "" {
			if !isText(f.Type) && !isNumber(f.Type) && f.Type.Kind() != reflect.Bool {
				return fmt.Errorf("%s: a default of %v is not supported", f.Name, f.Type)
			}
			value := huma.SchemaFromField(b.registry(), f, "").Default
			b.body.standards = append(b.body.standards, standard{here, reflect.ValueOf(value)})
		}
		if err := b.findStandards(f.Type, here, within); err != nil {
			return err
		}
	}
	return nil
}

// set gives the field its value wherever it was left out.
func (s standard) set(v reflect.Value, index []int) {
	switch {
	case v.Kind() == reflect.Pointer:
		if !v.IsNil() {
			s.set(v.Elem(), index)
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			s.set(v.Index(i), index)
		}
	case len(index) > 0:
		s.set(v.Field(index[0]), index[1:])
	case v.IsZero():
		v.Set(s.value)
	}
}

// readBody reads the body into its field. What is wrong in it is a problem; a body that cannot be had at all is refused at once.
func (b *binding) readBody(ctx huma.Context, in reflect.Value, path *huma.PathBuffer, wrong *problems) *refusal {
	data, refused := b.take(ctx, wrong)
	if refused != nil {
		return refused
	}
	media := ctx.Header("Content-Type")
	if media == "" {
		media = jsonMedia
	}
	var plain any
	if err := b.api.Unmarshal(media, data, &plain); err != nil {
		wrong.status = http.StatusBadRequest
		if errors.Is(err, huma.ErrUnknownContentType) {
			wrong.status = http.StatusUnsupportedMediaType
		}
		wrong.unreadable(err, data)
		return nil
	}
	before := len(wrong.Errors)
	path.Reset()
	path.Push("body")
	huma.Validate(b.registry(), b.body.schema, path, huma.ModeWriteToServer, plain, &wrong.ValidateResult)
	if len(wrong.Errors) > before {
		return nil
	}
	if err := b.api.Unmarshal(media, data, in.FieldByIndex(b.body.index).Addr().Interface()); err != nil {
		wrong.unreadable(err, data) // a schema does not say everything, such as how large a number may be
		return nil
	}
	for _, s := range b.body.standards {
		s.set(in, s.index)
	}
	return nil
}

func (p *problems) unreadable(err error, data []byte) {
	p.Errors = append(p.Errors, &huma.ErrorDetail{Location: "body", Message: err.Error(), Value: string(data)})
}

// take reads the bytes of the body within their limits.
func (b *binding) take(ctx huma.Context, wrong *problems) ([]byte, *refusal) {
	_ = ctx.SetReadDeadline(time.Now().Add(b.op.BodyReadTimeout)) //nolint:forbidigo // a connection's limits are in the machine's time
	reader := ctx.BodyReader()
	if closer, ok := reader.(io.Closer); ok {
		defer func() { _ = closer.Close() }()
	}
	data, err := io.ReadAll(io.LimitReader(reader, b.op.MaxBodyBytes))
	var connection net.Error
	switch {
	case int64(len(data)) == b.op.MaxBodyBytes:
		return nil, &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("request body is too large limit=%d bytes", b.op.MaxBodyBytes), wrong.Errors}
	case errors.As(err, &connection) && connection.Timeout():
		return nil, &refusal{http.StatusRequestTimeout, "request body read timeout", wrong.Errors}
	case err != nil:
		return nil, &refusal{http.StatusInternalServerError, "cannot read request body", []error{err}}
	case len(data) == 0:
		return nil, &refusal{http.StatusBadRequest, "request body is required", wrong.Errors}
	}
	return data, nil
}
