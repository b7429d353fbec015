// Package bind puts functions behind the operations of the API: it describes them in OpenAPI, reads and checks what comes in, and writes what goes
// out. All of it works on types that are looked at once, when the operation is added, so that it is compiled once whatever the number of operations.
//
// It knows what the API uses, and refuses the rest when an operation is added: nothing of an input or an answer is silently passed over.
package bind

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// Function is what an operation does. In and Out are structs.
//
// Fields of In with a tag `path`, `query` or `header` are parameters: strings, whole numbers, booleans, times. A field Body is the JSON that is sent.
// A part with a method Resolve is asked before the function.
//
// Fields of Out with a tag `header` are headers. A field Body is written as JSON; as []byte, or as a function that writes by itself, it goes out
// as it is.
type Function struct {
	In, Out reflect.Type
	Do      func(ctx context.Context, in any) (out any, failed huma.StatusError) // from a *In to an *Out
}

// binding is an operation with all that is known of its types.
type binding struct {
	api       huma.API
	op        *huma.Operation
	call      Function
	params    []param
	body      *body // nil where none is read
	resolvers [][]int
	answer    answer
}

// Add describes an operation and has the router call its function. An error is a mistake in the program: a type with something in it that is not
// supported.
func Add(api huma.API, op *huma.Operation, f Function) error {
	b := &binding{api: api, op: op, call: f}
	if err := b.prepare(); err != nil {
		return fmt.Errorf("operation %s: %w", op.OperationID, err)
	}
	api.OpenAPI().AddOperation(op)
	api.Adapter().Handle(op, api.Middlewares().Handler(b.serve))
	return nil
}

// prepare looks at the types. The order in which schemas are asked for is the order in which the description names them.
func (b *binding) prepare() error {
	if err := b.supported(); err != nil {
		return err
	}
	if b.op.Responses == nil {
		b.op.Responses = map[string]*huma.Response{}
	}
	for _, step := range []func() error{b.describeParams, b.describeBody, b.describeAnswer, b.findResolvers} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// supported refuses what the description of an operation can say and this package does not do.
func (b *binding) supported() error {
	op := b.op
	switch methods := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}; {
	case !slices.Contains(methods, op.Method):
		return fmt.Errorf("method %q is not supported", op.Method)
	case op.Path == "":
		return fmt.Errorf("there is no path")
	case b.call.In.Kind() != reflect.Struct || b.call.Out.Kind() != reflect.Struct:
		return fmt.Errorf("%v and %v must be structs", b.call.In, b.call.Out)
	case op.Hidden, op.SkipValidateParams, op.SkipValidateBody, op.RejectUnknownQueryParameters:
		return fmt.Errorf("hidden, unchecked and strict operations are not supported")
	case op.RequestBody != nil, len(op.Errors) > 0, len(op.Middlewares) > 0:
		return fmt.Errorf("a request body, errors and middlewares of its own are not supported")
	case op.BodyReadTimeout < 0, op.MaxBodyBytes < 0:
		return fmt.Errorf("a body without limits is not supported")
	}
	return nil
}

func (b *binding) registry() huma.Registry { return b.api.OpenAPI().Components.Schemas }

// serve answers a request. All that is wrong with it is told at once.
func (b *binding) serve(ctx huma.Context) {
	in := reflect.New(b.call.In)
	wrong := &problems{status: http.StatusUnprocessableEntity}
	path := huma.NewPathBuffer(nil, 0)
	for i := range b.params {
		b.params[i].read(ctx, b.registry(), in.Elem(), path, wrong)
	}
	if b.body != nil {
		if refused := b.readBody(ctx, in.Elem(), path, wrong); refused != nil {
			b.refuse(ctx, refused)
			return
		}
	}
	b.resolve(ctx, in.Elem(), wrong)
	if len(wrong.Errors) > 0 {
		b.refuse(ctx, wrong.refusal("validation failed"))
		return
	}
	out, failed := b.call.Do(ctx.Context(), in.Interface())
	if failed != nil {
		b.write(ctx, failed.GetStatus(), failed)
		return
	}
	b.reply(ctx, reflect.ValueOf(out))
}

// problems are what is wrong with a request.
type problems struct {
	huma.ValidateResult
	status int
}

// refusal is an answer to a request that is not carried out.
type refusal struct {
	status  int
	message string
	because []error
}

// refusal tells of all problems under the status of the last one that has its own.
func (p *problems) refusal(message string) *refusal {
	r := &refusal{status: p.status, message: message, because: p.Errors}
	for _, problem := range slices.Backward(p.Errors) {
		if s, ok := problem.(huma.StatusError); ok { //nolint:errorlint // the problem itself has the status, not what it wraps
			r.status = s.GetStatus()
			break
		}
	}
	return r
}

func (b *binding) refuse(ctx huma.Context, r *refusal) {
	_ = huma.WriteErr(b.api, ctx, r.status, r.message, r.because...) // says itself when it cannot
}
