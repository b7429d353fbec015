package db

import (
	"errors"
	"reflect"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The schema may be newer than the program: a migration of the next version runs while copies of this one still serve. It only
// adds; what it adds must not disturb this version. Two things would: a column that no field waits for, and a plan that
// PostgreSQL made before the column was there.

// toStruct reads rows into structs by column name. A column of a table that T has no field for is left out: it belongs to the
// next version. An expression that T has no field for is a mistake and an error.
func toStruct[T any]() pgx.RowToFunc[T] {
	var kept []int
	looked := false
	return func(row pgx.CollectableRow) (T, error) {
		if !looked {
			kept, looked = keptColumns(reflect.TypeFor[T](), row.FieldDescriptions()), true
		}
		if kept != nil {
			row = narrowed{row, kept}
		}
		return pgx.RowToStructByNameLax[T](row)
	}
}

// narrowed is a row with some of its columns only.
type narrowed struct {
	pgx.CollectableRow
	kept []int
}

// FieldDescriptions are those of the columns kept.
func (n narrowed) FieldDescriptions() []pgconn.FieldDescription {
	all := n.CollectableRow.FieldDescriptions()
	some := make([]pgconn.FieldDescription, len(n.kept))
	for i, at := range n.kept {
		some[i] = all[at]
	}
	return some
}

// Scan reads the columns kept.
func (n narrowed) Scan(into ...any) error {
	all := make([]any, len(n.CollectableRow.FieldDescriptions()))
	for i, at := range n.kept {
		if i < len(into) {
			all[at] = into[i]
		}
	}
	return n.CollectableRow.Scan(all...)
}

// keptColumns are the places of the columns that a struct has fields for, or nil when it has them for all.
func keptColumns(of reflect.Type, columns []pgconn.FieldDescription) []int {
	if of.Kind() != reflect.Struct {
		return nil
	}
	names := namesOf(of)
	kept := make([]int, 0, len(columns))
	for i, column := range columns {
		if column.TableOID == 0 || names[plainName(column.Name)] {
			kept = append(kept, i)
		}
	}
	if len(kept) == len(columns) {
		return nil
	}
	return kept
}

var structNames sync.Map //nolint:gochecknoglobals // what a type looks like never changes

// namesOf are the columns that a struct waits for, as pgx compares them.
func namesOf(of reflect.Type) map[string]bool {
	if known, ok := structNames.Load(of); ok {
		return known.(map[string]bool) //nolint:forcetypeassert // nothing else is stored
	}
	names := map[string]bool{}
	addNames(of, names)
	structNames.Store(of, names)
	return names
}

func addNames(of reflect.Type, names map[string]bool) {
	for field := range of.Fields() {
		if field.Anonymous && field.Type.Kind() == reflect.Struct {
			addNames(field.Type, names)
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("db"), ",")
		if name == "" {
			name = field.Name
		}
		names[plainName(name)] = true
	}
}

func plainName(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// outdated tells the error of a statement whose plan is older than a table it reads, or of one that is not prepared under a name
// and for which another number of columns is expected.
func outdated(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "0A000" && pg.Routine == "RevalidateCachedQuery" ||
		pg.Code == protocolViolation && pg.Routine == "PortalSetResultFormat")
}

// renews tells whether something should be asked again because plans were outdated, or because the server no longer leads. It lets
// go of the connections of before. Inside a transaction it is the transaction that has to be run again.
func renews(r Reader, err error) bool {
	d, ok := r.(*DB)
	if !ok || !outdated(err) && !demoted(err) {
		return false
	}
	d.pool.Reset()
	return true
}

// renewing asks until the answer comes neither from an outdated plan nor from a server that does not lead.
func renewing[T any](r Reader, ask func() (T, error)) (T, error) {
	for range attempts {
		answer, err := ask()
		if !renews(r, err) {
			return answer, err
		}
	}
	return ask()
}
