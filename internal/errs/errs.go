// Package errs names the few kinds of error Makegood tells apart. A domain error carries a kind, a message
// key for people and, for invalid input, the fields it concerns; any error without a kind is internal and
// its text is never shown to a person.
package errs

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// Kind says what went wrong in the one word that decides the HTTP status, the screen and whether a job retries.
type Kind string

// The kinds. Internal is what every error without a kind is.
const (
	Internal        Kind = "internal"
	Invalid         Kind = "invalid"
	Unauthenticated Kind = "unauthenticated"
	Forbidden       Kind = "forbidden"
	NotFound        Kind = "not_found"
	Conflict        Kind = "conflict"
	TooLarge        Kind = "too_large"
	TooMany         Kind = "too_many"
	Unavailable     Kind = "unavailable"
)

// Params are the named values a message key is filled with, e.g. {"remaining": "12.30 EUR"}.
type Params map[string]string

// Field is one input that is wrong: its name as the caller sent it, and the message key that says why.
type Field struct {
	Name   string
	Key    string
	Params Params
}

// Error is an error meant for people: Key names a sentence in the message catalogue.
type Error struct {
	Kind   Kind
	Key    string
	Params Params
	Fields []Field
	Err    error
}

// New makes an error of a kind. The key is looked up in the message catalogue, never shown raw.
// The pairs are parameter names and values in turn: New(Invalid, "credit.over_headroom", "remaining", "12.30 EUR").
func New(kind Kind, key string, pairs ...string) *Error {
	return &Error{Kind: kind, Key: key, Params: paramsOf(pairs)}
}

// InvalidFields makes an Invalid error from one or more wrong fields.
func InvalidFields(fields ...Field) *Error {
	return &Error{Kind: Invalid, Key: "error.invalid_fields", Fields: fields}
}

// InvalidField makes an Invalid error for one field.
func InvalidField(name, key string, pairs ...string) *Error {
	return InvalidFields(Field{Name: name, Key: key, Params: paramsOf(pairs)})
}

// Wrap gives err a kind and a message key, and keeps err for the log.
func Wrap(err error, kind Kind, key string, pairs ...string) *Error {
	return &Error{Kind: kind, Key: key, Params: paramsOf(pairs), Err: err}
}

func paramsOf(pairs []string) Params {
	if len(pairs) == 0 {
		return nil
	}
	params := make(Params, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		params[pairs[i]] = pairs[i+1]
	}
	return params
}

// Error is for the log: kind, key, parameters, fields and cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Kind) + ": " + e.Key)
	for _, name := range slices.Sorted(maps.Keys(e.Params)) {
		b.WriteString(" " + name + "=" + e.Params[name])
	}
	for _, f := range e.Fields {
		b.WriteString(" [" + f.Name + ": " + f.Key + "]")
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause, if one was kept.
func (e *Error) Unwrap() error { return e.Err }

// Is lets errors.Is(err, ErrX) hold for any error of the same kind and key, whatever its parameters.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Kind == e.Kind && other.Key == e.Key
}

// KindOf tells the kind of err; Internal when it has none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// KeyOf tells the message key of err, "" when it has none.
func KeyOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Key
	}
	return ""
}
