package db_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// Rows are read by the names of their columns, whatever the order; what cannot be read says which column it is.
func TestRowsAreReadByName(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	type Part struct{ Kind, Note *string }
	type line struct {
		Part

		LineNo   int64
		Amount   string    `db:"total"`
		Made     time.Time `db:"-"`
		internal int
		Tags     []string
	}
	const two = `select n::text as kind, null::text as note, array['a', n::text] as tags, n * 10 as line_no, n || '.50' as total
		from generate_series(1, 2) n order by n`
	list, err := db.List[line](t.Context(), d, two)
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v: %v", list, err)
	}
	if l := list[1]; l.LineNo != 20 || l.Amount != "2.50" || *l.Kind != "2" || l.Note != nil || !slices.Equal(l.Tags, []string{"a", "2"}) || l.internal != 0 {
		t.Fatalf("%+v", l)
	}
	if list[0].Tags[1] != "1" || *list[0].Kind != "1" {
		t.Fatalf("a later row was read over an earlier one: %+v", list[0])
	}
	none, err := db.List[line](t.Context(), d, two+` limit 0`)
	if err != nil || none == nil || len(none) != 0 {
		t.Fatalf("no row: %#v, %v", none, err)
	}
	if _, err := db.One[line](t.Context(), d, two+` limit 0`); !errors.Is(err, db.ErrNoRow) {
		t.Fatalf("no row: %v", err)
	}
	if one, err := db.One[line](t.Context(), d, two); err != nil || one.LineNo != 10 {
		t.Fatalf("the first: %+v, %v", one, err)
	}
	if v, err := db.Value[*time.Time](t.Context(), d, `select null::timestamptz`); err != nil || v != nil {
		t.Fatalf("%v, %v", v, err)
	}
	if v, err := db.Values[[]int64](t.Context(), d, `select array[n, n + 1] from generate_series(1, 2) n`); err != nil || len(v) != 2 || v[1][1] != 3 {
		t.Fatalf("%v, %v", v, err)
	}
	for query, column := range map[string]string{
		`select 1 as line_no, 2 as other`:                         "other",
		`select 1 as line_no, 2 as lineno`:                        "lineno",
		`select 'x' as line_no`:                                   "line_no",
		`select null::bigint as line_no`:                          "line_no",
		`select (select 1 from generate_series(1, 2)) as line_no`: "more than one row",
	} {
		if list, err := db.List[line](t.Context(), d, query); err == nil || list != nil || !strings.Contains(err.Error(), column) {
			t.Errorf("%s: %v, %v", query, list, err)
		}
	}
}
