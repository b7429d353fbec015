package bind_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

type nothingIn struct{}

type headed struct {
	ETag  string `header:"ETag" doc:"of the content"`
	Place string `header:"Location"`
	Body  struct {
		Text string `json:"text"`
	}
}

func TestAnswerHeadersAndNegotiation(t *testing.T) {
	t.Parallel()
	p := paired(t, get("/things"), func(context.Context, *nothingIn) (*headed, error) {
		out := &headed{ETag: `"3"`}
		out.Body.Text = "<b> & more"
		return out, nil
	})
	for _, accept := range []string{"", "*/*", "text/html", "application/json;q=0.5, text/csv", "json"} {
		got := p.expect(asked{method: http.MethodGet, path: "/things", header: http.Header{"Accept": {accept}}}, 200, "<b> & more")
		if got.Header().Get("ETag") != `"3"` || len(got.Header().Values("Location")) > 0 {
			t.Errorf("headers %v", got.Header())
		}
	}
}

func TestAnswersWithoutJSON(t *testing.T) {
	t.Parallel()
	type file struct {
		Media string `header:"Content-Type"`
		Body  []byte
	}
	type onlyHead struct {
		ETag string `header:"ETag"`
	}
	ask := asked{method: http.MethodGet, path: "/things"}
	bytes := paired(t, get("/things"), func(context.Context, *nothingIn) (*file, error) { return &file{"application/pdf", []byte("%PDF")}, nil })
	if got := bytes.expect(ask, 200); got.Header().Get("Content-Type") != "application/pdf" || got.Body.String() != "%PDF" {
		t.Errorf("%v %s", got.Header(), got.Body)
	}
	described := get("/things")
	described.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: "string"}}}}}
	stream := paired(t, described, func(context.Context, *nothingIn) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			ctx.SetHeader("Content-Type", "text/csv")
			_, _ = io.WriteString(ctx.BodyWriter(), "a,b\n")
		}}, nil
	})
	if got := stream.expect(ask, 200); got.Header().Get("Content-Type") != "text/csv" || got.Body.String() != "a,b\n" {
		t.Errorf("%v %s", got.Header(), got.Body)
	}
	head := paired(t, get("/things"), func(context.Context, *nothingIn) (*onlyHead, error) { return &onlyHead{`"7"`}, nil })
	if got := head.expect(ask, 204); got.Header().Get("ETag") != `"7"` || got.Body.Len() > 0 {
		t.Errorf("%v %s", got.Header(), got.Body)
	}
	paired(t, get("/things"), func(context.Context, *nothingIn) (*struct{}, error) { return &struct{}{}, nil }).expect(ask, 204)
	paired(t, get("/things"), without[struct{}]).expect(ask, 204)
	paired(t, get("/things"), without[told]).expect(ask, 200)
	noContent := get("/things")
	noContent.DefaultStatus = http.StatusNoContent
	paired(t, noContent, func(context.Context, *nothingIn) (*told, error) { return tell("x"), nil }).expect(ask, 204)
}

func without[O any](context.Context, *nothingIn) (*O, error) {
	return nil, nil //nolint:nilnil // it went well, and there is nothing to say
}

func TestAnswersThatFail(t *testing.T) {
	t.Parallel()
	ask := asked{method: http.MethodGet, path: "/things"}
	p := paired(t, get("/things"), func(context.Context, *nothingIn) (*told, error) {
		return nil, huma.Error409Conflict("it changed meanwhile", &huma.ErrorDetail{Location: "body.version", Message: "stale", Value: 3})
	})
	if got := p.expect(ask, 409, "it changed meanwhile", "body.version"); got.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%v", got.Header())
	}
}

// unwritable is what JSON cannot be made of.
type unwritable struct {
	Text string `json:"text"`
}

// MarshalJSON fails.
func (unwritable) MarshalJSON() ([]byte, error) { return nil, errors.New("cannot be written") }

func TestAnswersThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	type out struct{ Body unwritable }
	do := func(context.Context, *nothingIn) (*out, error) { return &out{}, nil }
	p := paired(t, get("/things"), do)
	if got := panics(func() { p.ask(0, p.ours, asked{method: http.MethodGet, path: "/things"}) }); got == "" || panics(func() { p.ask(1, p.theirs, asked{method: http.MethodGet, path: "/things"}) }) == "" {
		t.Errorf("nobody hears of it: %q", got)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if got := panics(func() { p.answer(asked{method: http.MethodGet, path: "/things", ctx: gone}) }); got != "" {
		t.Errorf("a caller who hung up is an error: %s", got)
	}
	failing := paired(t, get("/things"), do, func(c *huma.Config) {
		c.Transformers = []huma.Transformer{func(huma.Context, string, any) (any, error) { return nil, errors.New("not so") }}
	})
	if got := panics(func() { failing.ask(0, failing.ours, asked{method: http.MethodGet, path: "/things"}) }); got == "" {
		t.Error("nobody hears of a transformer that fails")
	}
	other := paired(t, get("/things"), do, func(c *huma.Config) {
		c.Transformers = []huma.Transformer{func(_ huma.Context, status string, _ any) (any, error) { return "as " + status, nil }}
	})
	other.expect(asked{method: http.MethodGet, path: "/things"}, 200, `"as 200"`)
	strict := paired(t, get("/things"), do, func(c *huma.Config) { c.NoFormatFallback = true })
	if got := panics(func() {
		strict.ask(0, strict.ours, asked{method: http.MethodGet, path: "/things", header: http.Header{"Accept": {"text/csv"}}})
	}); got == "" {
		t.Error("nobody hears of an answer in no format")
	}
}

func panics(do func()) (said string) {
	defer func() {
		if r := recover(); r != nil {
			said = fmt.Sprint(r)
		}
	}()
	do()
	return ""
}

func TestMiddlewaresOfTheAPIRun(t *testing.T) {
	t.Parallel()
	api := newAPI()
	api.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) {
		ctx.SetHeader("X-Seen", ctx.Operation().OperationID)
		next(ctx)
	})
	if err := add[nothingIn, told](api, get("/things")); err != nil {
		t.Fatal(err)
	}
	if got := served(t, api, "/things"); got.Header().Get("X-Seen") != "tell" {
		t.Errorf("%v", got.Header())
	}
}
