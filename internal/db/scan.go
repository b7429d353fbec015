package db

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Rows are read by reflection, by code that is compiled once: compiled anew for each of some six hundred types it was a twentieth of
// the program.

// reading is how a row becomes an element: as a value of its one column, or as a struct by the names of its columns.
type reading int

const (
	asValues reading = iota
	asStructs
)

// appendRows reads rows into the list that is pointed to, and closes them. On an error the list is as far as it was read.
func appendRows(rows pgx.Rows, list any, as reading) error {
	defer rows.Close()
	into := reflect.ValueOf(list).Elem()
	into.Set(reflect.MakeSlice(into.Type(), 0, 0))
	var targets targeting
	for rows.Next() {
		if n := into.Len(); n == into.Cap() {
			into.Grow(1)
		}
		into.SetLen(into.Len() + 1)
		element := into.Index(into.Len() - 1)
		element.SetZero()
		if err := targets.scan(rows, element, as); err != nil {
			return err
		}
	}
	return rows.Err()
}

// firstRow reads the first row into what is pointed to, and closes them; pgx.ErrNoRows when there is none.
func firstRow(rows pgx.Rows, one any, as reading) error {
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	into := reflect.ValueOf(one).Elem()
	into.SetZero()
	var targets targeting
	if err := targets.scan(rows, into, as); err != nil {
		return err
	}
	rows.Close()
	return rows.Err()
}

// targeting are the places in an element that the columns of a row are read into. It is of one answer.
type targeting struct {
	fields [][]int // of each column; nil where the program has no field for it
	places []any
}

func (t *targeting) scan(rows pgx.Rows, element reflect.Value, as reading) error {
	if as == asValues {
		return rows.Scan(element.Addr().Interface())
	}
	if t.places == nil {
		var err error
		if t.fields, err = fieldsOf(element.Type(), rows.FieldDescriptions()); err != nil {
			return err
		}
		t.places = make([]any, len(t.fields))
	}
	for i, field := range t.fields {
		if field != nil {
			t.places[i] = element.FieldByIndex(field).Addr().Interface()
		}
	}
	return rows.Scan(t.places...)
}

// fieldsOf are the fields that columns are read into, by name. A column of a table that no field is there for is left out: it
// belongs to the next version. An expression, or a name that comes twice, without a field of its own is a mistake and an error.
func fieldsOf(of reflect.Type, columns []pgconn.FieldDescription) ([][]int, error) {
	if of.Kind() != reflect.Struct {
		return nil, fmt.Errorf("rows are read into structs, not into %s", of)
	}
	known, taken := namesOf(of), make(map[string]bool, len(columns))
	fields := make([][]int, len(columns))
	for i, column := range columns {
		name := plainName(column.Name)
		field, ok := known[name]
		switch {
		case ok && !taken[name]:
			fields[i], taken[name] = field, true
		case ok || column.TableOID == 0:
			return nil, fmt.Errorf("%s has no field for column %s", of, column.Name)
		}
	}
	return fields, nil
}

var structNames sync.Map //nolint:gochecknoglobals // what a type looks like never changes

// namesOf are the fields of a struct by the plain name of the column that they wait for.
func namesOf(of reflect.Type) map[string][]int {
	if known, ok := structNames.Load(of); ok {
		return known.(map[string][]int) //nolint:forcetypeassert // nothing else is stored
	}
	names := map[string][]int{}
	addNames(of, nil, names)
	structNames.Store(of, names)
	return names
}

func addNames(of reflect.Type, path []int, names map[string][]int) {
	for i := range of.NumField() {
		field := of.Field(i)
		at := append(slices.Clip(path), i)
		if field.Anonymous && field.Type.Kind() == reflect.Struct {
			addNames(field.Type, at, names)
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("db"), ",")
		if name == "-" || !field.IsExported() {
			continue
		}
		if name == "" {
			name = field.Name
		}
		names[plainName(name)] = at
	}
}

func plainName(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }
