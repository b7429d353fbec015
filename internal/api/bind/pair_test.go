package bind_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"makegood/internal/api/bind"
)

// pair is one operation registered twice: by this package, and by the library's own registration, which is what every answer is measured by.
type pair struct {
	t             *testing.T
	ours, theirs  *echo.Echo
	describes     [2]huma.API
	readDeadlines [2]int
}

func paired[I, O any](t *testing.T, op huma.Operation, do func(context.Context, *I) (*O, error), change ...func(*huma.Config)) *pair {
	t.Helper()
	if op.OperationID == "" {
		op.OperationID = "tell"
	}
	p := &pair{t: t}
	p.ours, p.describes[0] = server(change)
	p.theirs, p.describes[1] = server(change)
	own := op
	own.Responses = maps.Clone(op.Responses)
	if err := bind.Add(p.describes[0], &own, function(do)); err != nil {
		t.Fatal(err)
	}
	huma.Register(p.describes[1], op, do)
	p.described()
	return p
}

func server(change []func(*huma.Config)) (*echo.Echo, huma.API) {
	e := echo.New()
	config := huma.DefaultConfig("Test", "1")
	config.CreateHooks = nil
	for _, f := range change {
		f(&config)
	}
	return e, humaecho.New(e, config)
}

func function[I, O any](do func(context.Context, *I) (*O, error)) bind.Function {
	return bind.Function{In: reflect.TypeFor[I](), Out: reflect.TypeFor[O](), Do: func(ctx context.Context, in any) (any, huma.StatusError) {
		out, err := do(ctx, in.(*I))
		var failed huma.StatusError
		if errors.As(err, &failed) {
			return nil, failed
		}
		return out, nil
	}}
}

// described compares what OpenAPI says of the operation.
func (p *pair) described() {
	p.t.Helper()
	var said [2]string
	for i, api := range p.describes {
		text, err := json.Marshal(api.OpenAPI())
		if err != nil {
			p.t.Fatal(err)
		}
		said[i] = string(text)
	}
	if said[0] != said[1] {
		p.t.Errorf("described as\n%s\nnot as\n%s", said[0], said[1])
	}
}

// asked is a request.
type asked struct {
	method, path string
	header       http.Header
	body         string
	reader       io.Reader       // instead of the body
	ctx          context.Context //nolint:containedctx // a request made later
}

// answer gives the answer, which must be the same from both.
func (p *pair) answer(a asked) *httptest.ResponseRecorder {
	p.t.Helper()
	ours := p.ask(0, p.ours, a)
	theirs := p.ask(1, p.theirs, a)
	if ours.Code != theirs.Code || ours.Body.String() != theirs.Body.String() || !reflect.DeepEqual(ours.Header(), theirs.Header()) {
		p.t.Errorf("%s %s %s: answered\n%d %v %s\nnot\n%d %v %s", a.method, a.path, a.body,
			ours.Code, ours.Header(), ours.Body, theirs.Code, theirs.Header(), theirs.Body)
	}
	if p.readDeadlines[0] != p.readDeadlines[1] {
		p.t.Errorf("%s %s: reading was limited %d times, not %d times", a.method, a.path, p.readDeadlines[0], p.readDeadlines[1])
	}
	return ours
}

func (p *pair) ask(which int, to http.Handler, a asked) *httptest.ResponseRecorder {
	p.t.Helper()
	body := a.reader
	if body == nil {
		body = strings.NewReader(a.body)
	}
	ctx := a.ctx
	if ctx == nil {
		ctx = p.t.Context()
	}
	request := httptest.NewRequestWithContext(ctx, a.method, a.path, body)
	request.Header = a.header.Clone()
	if request.Header == nil {
		request.Header = http.Header{}
	}
	recorder := httptest.NewRecorder()
	to.ServeHTTP(limited{recorder, &p.readDeadlines[which]}, request)
	return recorder
}

// limited counts how often reading is limited.
type limited struct {
	http.ResponseWriter
	times *int
}

func (l limited) SetReadDeadline(at time.Time) error {
	if !at.IsZero() {
		*l.times++
	}
	return nil
}

// expect asks and looks for a status and for texts in the answer.
func (p *pair) expect(a asked, status int, texts ...string) *httptest.ResponseRecorder {
	p.t.Helper()
	answer := p.answer(a)
	if answer.Code != status {
		p.t.Errorf("%s %s %s: %d, not %d: %s", a.method, a.path, a.body, answer.Code, status, answer.Body)
	}
	for _, text := range texts {
		if !strings.Contains(answer.Body.String(), text) {
			p.t.Errorf("%s %s %s: no %q in %s", a.method, a.path, a.body, text, answer.Body)
		}
	}
	return answer
}

// told answers with what came in.
type told struct {
	Body struct {
		In string `json:"in"`
	}
}

// tell writes an input down.
func tell(in any) *told {
	out := &told{}
	out.Body.In = fmt.Sprintf("%+v", in)
	return out
}
