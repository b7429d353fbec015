package bind_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/internal/api/bind"
)

func newAPI() huma.API {
	_, api := server(nil)
	return api
}

func add[I, O any](api huma.API, op huma.Operation) error {
	if op.OperationID == "" {
		op.OperationID = "tell"
	}
	return bind.Add(api, &op, function(func(context.Context, *I) (*O, error) { return new(O), nil }))
}

func served(t *testing.T, api huma.API, path string) *httptest.ResponseRecorder {
	t.Helper()
	recorder := httptest.NewRecorder()
	api.Adapter().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return recorder
}

type pathy struct{}

// Resolve takes a path.
func (*pathy) Resolve(huma.Context, *huma.PathBuffer) []error { return nil }

// Pathy is one that is embedded.
type Pathy struct{ pathy }

// Part is embedded by a pointer.
type Part struct {
	Limit int `query:"limit"`
}

// Others is a list, which cannot be embedded.
type Others []string

type media struct {
	Text string `json:"text"`
}

// ContentType is its own.
func (media) ContentType(string) string { return "text/plain" }

// What is not supported is refused when it is added, and named.
func TestWhatIsNotSupportedIsRefused(t *testing.T) {
	t.Parallel()
	of := get("/things")
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"a pointer": {add[struct {
			A *string `query:"a"`
		}, told](newAPI(), of), "A: a parameter cannot be *string"},
		"a list": {add[struct {
			A []string `query:"a"`
		}, told](newAPI(), of), "A: a parameter cannot be []string"},
		"a short number": {add[struct {
			A int8 `query:"a"`
		}, told](newAPI(), of), "A: a parameter cannot be int8"},
		"a fraction": {add[struct {
			A float64 `query:"a"`
		}, told](newAPI(), of), "A: a parameter cannot be float64"},
		"a struct": {add[struct {
			A Part `query:"a"`
		}, told](newAPI(), of), "A: a parameter cannot be"},
		"a cookie": {add[struct {
			A string `cookie:"a"`
		}, told](newAPI(), of), "A is neither a parameter nor the body"},
		"a form": {add[struct {
			A string `form:"a"`
		}, told](newAPI(), of), "A is neither a parameter nor the body"},
		"no tag":     {add[struct{ A string }, told](newAPI(), of), "A is neither a parameter nor the body"},
		"a raw body": {add[struct{ RawBody []byte }, told](newAPI(), of), "RawBody is neither a parameter nor the body"},
		"an option": {add[struct {
			A string `query:"a,explode"`
		}, told](newAPI(), of), "options of a parameter"},
		"hidden": {add[struct {
			A string `query:"a" hidden:"true"`
		}, told](newAPI(), of), "hidden are not supported"},
		"a form of times": {add[struct {
			A time.Time `query:"a" timeFormat:"2006"`
		}, told](newAPI(), of), "timeFormat and hidden"},
		"a part by pointer":     {add[struct{ *Part }, told](newAPI(), of), "what is embedded must be a struct"},
		"a part that is a list": {add[struct{ Others }, told](newAPI(), of), "what is embedded must be a struct"},
		"a body by pointer":     {add[struct{ Body *line }, told](newAPI(), of), "a body that is *bind_test.line"},
		"a body of anything":    {add[struct{ Body any }, told](newAPI(), of), "a body that is interface {}"},
		"a type of body": {add[struct {
			Body line `contentType:"text/csv"`
		}, told](newAPI(), of), "is not supported"},
		"a name of body": {add[struct {
			Body struct{} `nameHint:"Other"`
		}, told](newAPI(), of), "is not supported"},
		"default in a map": {add[struct{ Body map[string]line }, told](newAPI(), of), "defaults are not supported in a map"},
		"default of a pointer": {add[struct {
			Body struct {
				A *int `json:"a" default:"1"`
			}
		}, told](newAPI(), of), "a default of *int is not supported"},
		"default of a list": {add[struct {
			Body struct {
				A []int `json:"a" default:"[1]"`
			}
		}, told](newAPI(), of), "a default of []int is not supported"},
		"resolver in a body":     {add[struct{ Body struct{ A []Caller } }, told](newAPI(), of), "a resolver is supported in what is embedded alone"},
		"resolver in a map":      {add[struct{ Body map[string]*Caller }, told](newAPI(), of), "a resolver is supported in what is embedded alone"},
		"resolver with a path":   {add[struct{ Pathy }, told](newAPI(), of), "a resolver that takes a path"},
		"a status":               {add[nothingIn, struct{ Status int }](newAPI(), of), "Status is neither the body nor a header"},
		"a header without a tag": {add[nothingIn, struct{ ETag string }](newAPI(), of), "ETag is neither the body nor a header"},
		"a number as a header": {add[nothingIn, struct {
			A int `header:"A"`
		}](newAPI(), of), "A is neither the body nor a header that is a string"},
		"a hidden header": {add[nothingIn, struct {
			A string `header:"A" hidden:"true"`
		}](newAPI(), of), "hidden is not supported of a header"},
		"JSON as something else": {add[nothingIn, struct {
			A    string `header:"Content-Type"`
			Body line
		}](newAPI(), of), "JSON has the type that was asked for"},
		"another function":     {add[nothingIn, struct{ Body func() }](newAPI(), of), "must be a func(huma.Context), not func()"},
		"its own content type": {add[nothingIn, struct{ Body media }](newAPI(), of), "a content type of its own"},
		"a name of answer": {add[nothingIn, struct {
			Body struct{} `nameHint:"Other"`
		}](newAPI(), of), "supported only where it writes itself"},
		"an embedded pointer":    {add[nothingIn, struct{ *Part }](newAPI(), of), "what is embedded must be a struct"},
		"an input that is text":  {add[string, told](newAPI(), of), "must be structs"},
		"an answer that is text": {add[nothingIn, string](newAPI(), of), "must be structs"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) || !strings.HasPrefix(c.err.Error(), "operation tell: ") {
			t.Errorf("%s: %v, not %q", name, c.err, c.says)
		}
	}
}

func TestOperationsThatAreNotSupportedAreRefused(t *testing.T) {
	t.Parallel()
	for says, change := range map[string]func(*huma.Operation){
		`method "HEAD"`:                func(op *huma.Operation) { op.Method = http.MethodHead },
		`method ""`:                    func(op *huma.Operation) { op.Method = "" },
		"there is no path":             func(op *huma.Operation) { op.Path = "" },
		"hidden, unchecked and strict": func(op *huma.Operation) { op.SkipValidateBody = true },
		"a request body, errors":       func(op *huma.Operation) { op.Errors = []int{404} },
		"a body without limits":        func(op *huma.Operation) { op.MaxBodyBytes = -1 },
		"supported only where it writes itself": func(op *huma.Operation) {
			op.Responses = map[string]*huma.Response{"200": {Content: map[string]*huma.MediaType{"text/csv": {}}}}
		},
	} {
		op := get("/things")
		change(&op)
		api := newAPI()
		if err := add[nothingIn, told](api, op); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, not %q", err, says)
		}
		if len(api.OpenAPI().Paths) > 0 {
			t.Errorf("%s: it is described though it was refused", says)
		}
	}
}

// Every field of an operation's description that this package would have to heed is known to it: one the library adds must be looked at.
func TestFieldsOfAnOperationAreKnown(t *testing.T) {
	t.Parallel()
	var fields []string
	for f := range reflect.TypeFor[huma.Operation]().Fields() {
		fields = append(fields, f.Name)
	}
	const known = "Method Path DefaultStatus MaxBodyBytes BodyReadTimeout Errors SkipValidateParams SkipValidateBody RejectUnknownQueryParameters Hidden " +
		"Metadata Middlewares Tags Summary Description ExternalDocs OperationID Parameters RequestBody Responses Callbacks Deprecated Security Servers Extensions"
	if got := strings.Join(fields, " "); got != known {
		t.Errorf("%s", got)
	}
}
