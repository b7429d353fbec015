package bind_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Caller is a part that looks at the request.
type Caller struct{ who string }

// Resolve takes who asks.
func (c *Caller) Resolve(ctx huma.Context) []error {
	switch c.who = ctx.Header("X-Who"); c.who {
	case "nobody":
		return []error{huma.Error403Forbidden("nobody may")}
	case "several":
		return []error{huma.Error401Unauthorized("one"), &huma.ErrorDetail{Message: "two", Location: "header.X-Who", Value: "several"}}
	case "both":
		return []error{huma.Error403Forbidden("one"), huma.Error401Unauthorized("two")}
	case "plain":
		return []error{errors.New("not so")}
	}
	return nil
}

// Paging is a part with parameters.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Cursor string `query:"cursor" doc:"of the page before" maxLength:"3"`
}

type side string

type paramsIn struct {
	Caller
	Paging
	ID      int64     `path:"id"`
	Name    string    `path:"name" pattern:"^[a-z]+$" example:"ada"`
	Side    side      `query:"side" enum:"left,right" default:"left"`
	Open    bool      `query:"open"`
	Before  time.Time `query:"before"`
	On      string    `query:"on" format:"date"`
	Must    string    `query:"must" required:"true"`
	Version string    `header:"If-Match"`
	Since   time.Time `header:"If-Modified-Since"`
	Count   int       `header:"X-Count" required:"true" maximum:"9"`
	before  string
}

func get(path string) huma.Operation {
	return huma.Operation{Method: http.MethodGet, Path: path, Summary: "Tell", Tags: []string{"test"}}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	p := paired(t, get("/things/{id}/{name}"), func(_ context.Context, in *paramsIn) (*told, error) {
		in.before = "not from outside"
		return tell(*in), nil
	})
	counted := http.Header{"X-Count": {"7"}}
	ask := func(path string) asked { return asked{method: http.MethodGet, path: path, header: counted} }
	p.expect(ask("/things/17/ada?must=x"), 200, "Limit:50", "ID:17", "Name:ada", "Side:left", "Open:false", "Must:x", "Count:7")
	p.expect(ask("/things/-3/ada?must=x&limit=&open=1&side=right&cursor=abc&on=2026-05-12&before=2026-05-12T09:30:00.5Z"), 200,
		"Limit:50", "Open:true", "Side:right", "Cursor:abc", "ID:-3", "2026-05-12 09:30:00.5 +0000 UTC")
	p.expect(ask("/things/17/ada?must=x&must=y&unknown=z"), 200, "Must:x")
	p.expect(asked{method: http.MethodGet, path: "/things/17/ada?must=x", header: http.Header{
		"X-Count": {"0"}, "If-Match": {`"3"`}, "If-Modified-Since": {"Tue, 12 May 2026 09:30:00 GMT"}, "X-Who": {"ada"},
	}}, 200, "who:ada", `Version:\"3\"`, "Since:2026-05-12 09:30:00 +0000", "Count:0")
	for path, texts := range map[string][]string{
		"/things/one/ada?must=x":                 {"validation failed", "invalid integer", `"location":"path.id"`, `"value":"one"`},
		"/things/99999999999999999999/ada?must=": {"invalid integer", "required query parameter is missing"},
		"/things/1/Ada?must=x":                   {"expected string to match pattern ^[a-z]+$", "path.name"},
		"/things/1/ada":                          {"required query parameter is missing", "query.must"},
		"/things/1/ada?must=x&open=perhaps":      {"invalid boolean", "query.open"},
		"/things/1/ada?must=x&side=up":           {"expected value to be one of", "query.side"},
		"/things/1/ada?must=x&limit=0":           {"expected number >= 1", `"value":0`},
		"/things/1/ada?must=x&limit=201":         {"expected number <= 200"},
		"/things/1/ada?must=x&limit=many":        {"invalid integer", "query.limit"},
		"/things/1/ada?must=x&cursor=abcd":       {"expected length <= 3"},
		"/things/1/ada?must=x&on=yesterday":      {"expected string to be RFC 3339 date"},
		"/things/1/ada?must=x&before=12.5.2026":  {"invalid date/time for format 2006-01-02T15:04:05.999999999Z07:00"},
		"/things/1/ada?limit=0&open=x&cursor=12": {"expected number", "invalid boolean", "required query"},
	} {
		p.expect(ask(path), 422, texts...)
	}
	p.expect(asked{method: http.MethodGet, path: "/things/1/ada?must=x"}, 422, "required header parameter is missing", "header.X-Count")
	p.expect(asked{method: http.MethodGet, path: "/things/1/ada?must=x", header: http.Header{"X-Count": {"10"}, "If-Modified-Since": {"today"}}}, 422,
		"expected number <= 9", "invalid date/time for format Mon, 02 Jan 2006 15:04:05 GMT")
	if p.readDeadlines[0] != 0 {
		t.Error("reading was limited though nothing is read")
	}
}

// What was described by hand stands, and the same parameter of two parts stands once.
func TestParametersDescribedBefore(t *testing.T) {
	t.Parallel()
	type First struct {
		Limit int `query:"limit" maximum:"9"`
	}
	type Second struct {
		Limit int    `query:"limit"`
		Open  string `query:"open"`
	}
	type in struct {
		First
		Second
	}
	op := get("/things")
	op.Parameters = []*huma.Param{{Name: "open", In: "query", Description: "as it was said"}}
	p := paired(t, op, func(_ context.Context, in *in) (*told, error) { return tell(*in), nil })
	p.expect(asked{method: http.MethodGet, path: "/things?limit=7&open=x"}, 200, "First:{Limit:7}", "Second:{Limit:7 Open:x}")
	p.expect(asked{method: http.MethodGet, path: "/things?limit=10"}, 422, "expected number <= 9")
}

func TestResolvers(t *testing.T) {
	t.Parallel()
	type in struct {
		Caller
		Limit int `query:"limit"`
	}
	type other struct{ Caller }
	type First struct{ Caller }
	type Second struct{ Caller }
	type several struct { // two parts with the same method: the whole has none, and both are asked
		First
		Second
	}
	one := paired(t, get("/things"), func(_ context.Context, in *in) (*told, error) { return tell(*in), nil })
	two := paired(t, get("/things"), func(_ context.Context, in *other) (*told, error) { return tell(*in), nil })
	three := paired(t, get("/things"), func(_ context.Context, in *several) (*told, error) { return tell(in.First.who + in.Second.who), nil })
	ask := func(who, path string) asked {
		return asked{method: http.MethodGet, path: path, header: http.Header{"X-Who": {who}}}
	}
	one.expect(ask("ada", "/things"), 200, "who:ada")
	one.expect(ask("nobody", "/things"), 403, "validation failed", "nobody may")
	one.expect(ask("nobody", "/things?limit=x"), 403, "invalid integer", "nobody may")
	one.expect(ask("several", "/things"), 401, "one", "two", "header.X-Who")
	one.expect(ask("both", "/things"), 401, "one", "two")
	one.expect(ask("plain", "/things"), 422, "not so")
	two.expect(ask("plain", "/things"), 422, "not so")
	three.expect(ask("ada", "/things"), 200, `"adaada"`)
	if got := three.expect(ask("plain", "/things"), 422); strings.Count(got.Body.String(), "not so") != 2 {
		t.Errorf("not both were asked: %s", got.Body)
	}
}

type bodyIn struct {
	Caller
	Key  string `header:"Idempotency-Key"`
	Kind string `query:"kind" default:"plain"`
	Body struct {
		Name  string  `json:"name" minLength:"2"`
		Size  int     `json:"size,omitempty" default:"3" minimum:"1"`
		Terms string  `json:"terms,omitempty" enum:"net,due" default:"net"`
		Sure  bool    `json:"sure,omitempty" default:"true"`
		Side  side    `json:"side,omitempty" default:"right"`
		ID    int64   `json:"id,omitempty" readOnly:"true"`
		Lines []line  `json:"lines,omitempty" maxItems:"2"`
		Next  *line   `json:"next,omitempty"`
		Raw   []byte  `json:"raw,omitempty"`
		At    *string `json:"at,omitempty"`
		Map   map[string]string
	}
}

type line struct {
	Text  string `json:"text"`
	Count int    `json:"count,omitempty" default:"1"`
	Below []line `json:"below,omitempty"`
}

func post() huma.Operation {
	return huma.Operation{Method: http.MethodPost, Path: "/things", DefaultStatus: http.StatusCreated, MaxBodyBytes: 400}
}

func tellJSON(_ context.Context, in *bodyIn) (*told, error) {
	text, err := json.Marshal(in)
	out := &told{}
	out.Body.In = in.who + string(text)
	return out, err
}

func TestBody(t *testing.T) {
	t.Parallel()
	p := paired(t, post(), tellJSON)
	ask := func(body string) asked { return asked{method: http.MethodPost, path: "/things", body: body} }
	p.expect(ask(`{"name":"Ada","Map":{}}`), 201, `\"size\":3`, `\"terms\":\"net\"`, `\"sure\":true`, `\"side\":\"right\"`, `\"Kind\":\"plain\"`)
	p.expect(ask(`{"name":"Ada","Map":{"a":"b"},"size":7,"terms":"due","raw":"aGk=","at":"x",
		"lines":[{"text":"a","count":4},{"text":"b","below":[{"text":"c"}]}],"next":{"text":"d"}}`), 201,
		`\"size\":7`, `\"text\":\"a\",\"count\":4`, `\"text\":\"b\",\"count\":1`, `\"text\":\"d\",\"count\":1`)
	for _, wrong := range [][]string{ // a body, and what is said of it
		{`{"name":"A","Map":{}}`, "expected length >= 2", "body.name"},
		{`{"Map":{}}`, "expected required property name to be present"},
		{`{"name":"Ada","Map":{},"surname":"Ada"}`, "unexpected property", "body.surname"},
		{`{"name":7,"Map":{},"size":"3"}`, "expected string", "expected integer"},
		{`{"name":"Ada","Map":{},"size":0}`, "expected number >= 1"},
		{`{"name":"Ada","Map":{},"terms":"later"}`, "expected value to be one of"},
		{`{"name":"Ada","Map":{},"lines":[{"count":1}]}`, "body.lines[0]", "expected required property text to be present"},
		{`{"name":"Ada","Map":{},"raw":"no base64 "}`, "expected string to be base64 encoded", "body.raw"},
		{`{"name":"Ada","Map":{},"size":99999999999999999999}`, "cannot unmarshal number", `"location":"body"`},
		{`null`, "expected object"},
		{`[]`, "expected object"},
		{`"x"`, "expected object"},
	} {
		p.expect(ask(wrong[0]), 422, wrong[1:]...)
	}
	p.expect(ask(`{"name":"Ada","Map":{},"id":4}`), 201, `\"id\":4`) // what only the server says is not refused, so that what was read can be sent
	p.expect(ask(``), 400, "request body is required")
	p.expect(ask(`{"name":`), 400, "unexpected end of JSON input", "validation failed")
	p.expect(ask(`{"name":"Ada","Map":{}} more`), 400, "invalid character")
	p.expect(asked{method: http.MethodPost, path: "/things", body: `{"Map":{}}`, header: http.Header{"X-Who": {"nobody"}}}, 403, "nobody may", "required property name")
	if p.readDeadlines[0] == 0 {
		t.Error("reading was not limited")
	}
}

func TestBodyLimits(t *testing.T) {
	t.Parallel()
	p := paired(t, post(), tellJSON)
	full := `{"name":"` + strings.Repeat("a", 400-len(`{"name":"","Map":{}}`)) + `","Map":{}}` // the limit is below what a body must stay
	p.expect(asked{method: http.MethodPost, path: "/things", body: full[:10] + full[11:]}, 201)
	p.expect(asked{method: http.MethodPost, path: "/things", body: full}, 413, "request body is too large limit=400 bytes")
	p.expect(asked{method: http.MethodPost, path: "/things", body: full + full, header: http.Header{"X-Who": {"nobody"}}}, 413, "limit=400 bytes")
	p.expect(asked{method: http.MethodPost, path: "/things", reader: iotest.ErrReader(os.ErrDeadlineExceeded)}, 408, "request body read timeout")
	p.expect(asked{method: http.MethodPost, path: "/things", reader: iotest.ErrReader(io.ErrUnexpectedEOF)}, 500, "cannot read request body", "unexpected EOF")
	usual := post()
	usual.MaxBodyBytes = 0
	p = paired(t, usual, tellJSON)
	large := `{"name":"Ada","Map":{"a":"` + strings.Repeat("a", 1<<20) + `"}}`
	p.expect(asked{method: http.MethodPost, path: "/things", body: large}, 413, "request body is too large limit=1048576 bytes")
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	p := paired(t, post(), tellJSON)
	for media, status := range map[string]int{
		"application/json": 201, "application/json; charset=utf-8": 201, "application/vnd.makegood+json": 201, "": 201,
		"text/xml": 415, "application/x-www-form-urlencoded": 415, "a; b+json": 415,
	} {
		texts := []string{`\"name\":\"Ada\"`}
		if status == 415 {
			texts = []string{"unknown content type: " + media}
		}
		p.expect(asked{method: http.MethodPost, path: "/things", body: `{"name":"Ada","Map":{}}`, header: http.Header{"Content-Type": {media}}}, status, texts...)
	}
}

func TestBodiesWithNamesAndParts(t *testing.T) {
	t.Parallel()
	type Change struct {
		Body line
	}
	type named struct {
		Caller
		Change
		ID int64 `path:"id"`
	}
	type listed struct{ Body []line }
	op := huma.Operation{Method: http.MethodPut, Path: "/things/{id}"}
	p := paired(t, op, func(_ context.Context, in *named) (*told, error) { return tell(*in), nil })
	p.expect(asked{method: http.MethodPut, path: "/things/4", body: `{"text":"a"}`}, 200, "Text:a Count:1", "ID:4")
	p.expect(asked{method: http.MethodPut, path: "/things/x", body: `{}`}, 422, "path.id", "required property text")
	l := paired(t, huma.Operation{Method: http.MethodPatch, Path: "/things"}, func(_ context.Context, in *listed) (*told, error) { return tell(*in), nil })
	l.expect(asked{method: http.MethodPatch, path: "/things", body: `[{"text":"a"},{"text":"b","count":2}]`}, 200, "Text:a Count:1", "Text:b Count:2")
	l.expect(asked{method: http.MethodPatch, path: "/things", body: `[{"text":"a"},{}]`}, 422, "body[1]")
}
