package bind

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// param is a field of an input that comes from the path, the query or a header.
type param struct {
	index    []int
	place    string // path, query or header
	name     string
	standard string // what it is without one
	required bool
	layout   string // of a time
	schema   *huma.Schema
}

const bodyField = "Body"

// describeParams finds the parameters and adds them to the description.
func (b *binding) describeParams() error {
	return eachField(b.call.In, nil, func(f reflect.StructField, index []int) error {
		if f.Name == bodyField {
			return nil
		}
		p, err := paramOf(f, index)
		if err != nil {
			return err
		}
		p.schema = huma.SchemaFromField(b.registry(), f, "")
		b.params = append(b.params, p)
		b.describeParam(p)
		return nil
	})
}

// eachField visits the exported fields of a struct and of the structs embedded in it.
func eachField(t reflect.Type, index []int, visit func(reflect.StructField, []int) error) error {
	for i := range t.NumField() {
		f := t.Field(i)
		here := append(slices.Clip(index), i)
		if !f.IsExported() {
			continue
		}
		var err error
		switch {
		case !f.Anonymous:
			err = visit(f, here)
		case f.Type.Kind() == reflect.Struct:
			err = eachField(f.Type, here, visit)
		default:
			err = fmt.Errorf("%v: what is embedded must be a struct", f.Type)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func paramOf(f reflect.StructField, index []int) (param, error) {
	p := param{index: index, standard: f.Tag.Get("default")}
	for _, place := range []string{"path", "query", "header"} {
		if name := f.Tag.Get(place); name != "" {
			p.place, p.name = place, name
			break
		}
	}
	p.required = p.place == "path" || f.Tag.Get("required") == "true"
	if f.Type == reflect.TypeFor[time.Time]() {
		p.layout = time.RFC3339Nano
		if p.place == "header" {
			p.layout = http.TimeFormat
		}
	}
	switch {
	case p.place == "":
		return p, fmt.Errorf("%s is neither a parameter nor the body", f.Name)
	case strings.Contains(p.name, ","):
		return p, fmt.Errorf("%s: options of a parameter are not supported", f.Name)
	case f.Tag.Get("timeFormat") != "" || f.Tag.Get("hidden") != "":
		return p, fmt.Errorf("%s: timeFormat and hidden are not supported of a parameter", f.Name)
	case !isText(f.Type) && !isNumber(f.Type) && f.Type.Kind() != reflect.Bool && p.layout == "":
		return p, fmt.Errorf("%s: a parameter cannot be %v", f.Name, f.Type)
	}
	return p, nil
}

func isText(t reflect.Type) bool { return t.Kind() == reflect.String }

func isNumber(t reflect.Type) bool { return t.Kind() == reflect.Int || t.Kind() == reflect.Int64 }

// describeParam adds a parameter to the description, unless it stands there already. Its description stands at the parameter too, for the viewers
// that do not read schemas.
func (b *binding) describeParam(p param) {
	for _, known := range b.op.Parameters {
		if known.Name == p.name && known.In == p.place {
			return
		}
	}
	described := &huma.Param{Name: p.name, In: p.place, Description: p.schema.Description, Required: p.required, Schema: p.schema}
	if p.place == "query" {
		described.Explode = new(bool) // it is given once
	}
	b.op.Parameters = append(b.op.Parameters, described)
}

// read takes the parameter from the request into its field.
func (p *param) read(ctx huma.Context, schemas huma.Registry, in reflect.Value, path *huma.PathBuffer, wrong *problems) {
	path.Reset()
	path.Push(p.place)
	path.Push(p.name)
	text := p.text(ctx)
	if text == "" {
		if p.required {
			wrong.Add(path, "", "required "+p.place+" parameter is missing")
		}
		return
	}
	value, err := p.set(in.FieldByIndex(p.index), text)
	if err != nil {
		wrong.Add(path, text, err.Error())
		return
	}
	huma.Validate(schemas, p.schema, path, huma.ModeWriteToServer, value, &wrong.ValidateResult)
}

// text is the parameter as it came. An empty one was left out.
func (p *param) text(ctx huma.Context) string {
	var text string
	switch p.place {
	case "path":
		text = ctx.Param(p.name)
	case "query":
		text = ctx.Query(p.name)
	default:
		text = ctx.Header(p.name)
	}
	if text == "" {
		return p.standard
	}
	return text
}

// set gives the field its value, and returns it as its schema checks it.
func (p *param) set(field reflect.Value, text string) (any, error) {
	switch field.Kind() {
	case reflect.String:
		field.SetString(text)
		return text, nil
	case reflect.Bool:
		yes, err := strconv.ParseBool(text)
		if err != nil {
			return nil, errors.New("invalid boolean")
		}
		field.SetBool(yes)
		return yes, nil
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, errors.New("invalid integer")
		}
		field.SetInt(n)
		return n, nil
	default:
		at, err := time.Parse(p.layout, text)
		if err != nil {
			return nil, errors.New("invalid date/time for format " + p.layout)
		}
		field.Set(reflect.ValueOf(at))
		return text, nil
	}
}
