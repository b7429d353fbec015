package bind

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// answer is what is known of an output.
type answer struct {
	headers []header
	body    []int // nil where none is written
	kind    answerKind
}

type header struct {
	index []int
	name  string
}

type answerKind int

const (
	asJSON answerKind = iota
	asBytes
	byItself
)

// describeAnswer adds the answer to the description, with the problem details that stand for every other.
func (b *binding) describeAnswer() error {
	f, has := b.call.Out.FieldByName(bodyField)
	if b.op.DefaultStatus == 0 {
		b.op.DefaultStatus = http.StatusNoContent
		if has {
			b.op.DefaultStatus = http.StatusOK
		}
	}
	if has {
		if err := b.describeAnswerBody(f); err != nil {
			return err
		}
	}
	if err := eachField(b.call.Out, nil, b.describeHeader); err != nil {
		return err
	}
	b.response()
	failed := reflect.TypeFor[huma.ErrorModel]()
	schema := b.registry().Schema(failed, true, failed.Name())
	if len(b.op.Responses) <= 1 {
		b.op.Responses["default"] = &huma.Response{Description: "Error", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}}
	}
	return nil
}

// response is the description of the answer when all went well.
func (b *binding) response() *huma.Response {
	status := strconv.Itoa(b.op.DefaultStatus)
	if b.op.Responses[status] == nil {
		b.op.Responses[status] = &huma.Response{Description: http.StatusText(b.op.DefaultStatus)}
	}
	return b.op.Responses[status]
}

func (b *binding) describeAnswerBody(f reflect.StructField) error {
	b.answer.body = f.Index
	response := b.response()
	switch f.Type {
	case reflect.TypeFor[func(huma.Context)]():
		b.answer.kind = byItself
		return nil
	case reflect.TypeFor[[]byte]():
		b.answer.kind = asBytes
	}
	switch {
	case f.Type.Kind() == reflect.Func:
		return fmt.Errorf("an answer that writes itself must be a func(huma.Context), not %v", f.Type)
	case reflect.PointerTo(f.Type).Implements(reflect.TypeFor[huma.ContentTypeFilter]()):
		return fmt.Errorf("%v: an answer with a content type of its own is not supported", f.Type)
	case f.Tag.Get("nameHint") != "", len(response.Content) > 0:
		return fmt.Errorf("an answer with a name or a description of its own is supported only where it writes itself")
	}
	schema := huma.SchemaFromField(b.registry(), f, hint(b.call.Out, bodyField, b.op.OperationID+"Response"))
	response.Content = map[string]*huma.MediaType{jsonMedia: {Schema: schema}}
	return nil
}

func (b *binding) describeHeader(f reflect.StructField, index []int) error {
	if f.Name == bodyField {
		return nil
	}
	name := f.Tag.Get("header")
	switch {
	case name == "" || !isText(f.Type):
		return fmt.Errorf("%s is neither the body nor a header that is a string", f.Name)
	case f.Tag.Get("hidden") != "":
		return fmt.Errorf("%s: hidden is not supported of a header", f.Name)
	case name == "Content-Type" && b.answer.body != nil && b.answer.kind == asJSON:
		return fmt.Errorf("%s: JSON has the type that was asked for", f.Name)
	}
	b.answer.headers = append(b.answer.headers, header{index, name})
	response := b.response()
	if response.Headers == nil {
		response.Headers = map[string]*huma.Header{}
	}
	response.Headers[name] = &huma.Header{Schema: huma.SchemaFromField(b.registry(), f, hint(b.call.Out, f.Name, ""))}
	return nil
}

// reply writes what the function gave.
func (b *binding) reply(ctx huma.Context, out reflect.Value) {
	if !out.IsValid() || out.IsNil() {
		ctx.SetStatus(b.op.DefaultStatus)
		return
	}
	out = out.Elem()
	for _, h := range b.answer.headers {
		if text := out.FieldByIndex(h.index).String(); text != "" {
			ctx.SetHeader(h.name, text)
		}
	}
	if b.answer.body == nil {
		ctx.SetStatus(b.op.DefaultStatus)
		return
	}
	switch content := out.FieldByIndex(b.answer.body).Interface().(type) {
	case func(huma.Context):
		content(ctx)
	case []byte:
		ctx.SetStatus(b.op.DefaultStatus)
		_, _ = ctx.BodyWriter().Write(content) // a caller who hung up needs no answer
	default:
		b.write(ctx, b.op.DefaultStatus, content)
	}
}

// write writes JSON. What cannot be written is a mistake in the program, or a connection that broke: the server logs it, and the answer ends there.
func (b *binding) write(ctx huma.Context, status int, content any) {
	if err := b.tryWrite(ctx, status, content); err != nil {
		panic(fmt.Errorf("answer %d of %s %s: %w", status, b.op.Method, b.op.Path, err)) //nolint:forbidigo // the router's handler returns no error
	}
}

func (b *binding) tryWrite(ctx huma.Context, status int, content any) error {
	media, err := b.api.Negotiate(ctx.Header("Accept"))
	if err != nil {
		return err
	}
	if own, ok := content.(huma.ContentTypeFilter); ok {
		media = own.ContentType(media)
	}
	ctx.SetHeader("Content-Type", media)
	content, err = b.api.Transform(ctx, strconv.Itoa(status), content)
	if err != nil {
		return err
	}
	ctx.SetStatus(status)
	if status == http.StatusNoContent || status == http.StatusNotModified {
		return nil
	}
	err = b.api.Marshal(ctx.BodyWriter(), media, content)
	if err == nil || errors.Is(ctx.Context().Err(), context.Canceled) { // nobody reads on
		return nil
	}
	_, _ = ctx.BodyWriter().Write([]byte("error marshaling response"))
	return err
}
