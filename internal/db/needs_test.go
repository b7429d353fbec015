package db_test

import (
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"

	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/migrations"
)

// A step that needs an extension is taken where the server has it, and passed over where it has not, with the same hash on both.
func TestAStepThatNeedsAnExtension(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	files := fstest.MapFS{}
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	for n, extension := range []string{"plpgsql", "not_on_any_server"} {
		files[fmt.Sprintf("900%d_needs.sql", n)] = &fstest.MapFile{Data: fmt.Appendf(nil, "-- needs extension %s\n-- +goose Up\ncreate table made_with_%s (id bigint);\n", extension, extension)}
	}
	for range 2 { // and again, as each start does
		if err := db.MigrateWith(t.Context(), dbtest.OwnerURL(t, d), files); err != nil {
			t.Fatal(err)
		}
	}
	for table, want := range map[string]bool{"made_with_plpgsql": true, "made_with_not_on_any_server": false} {
		if made, err := db.Value[bool](t.Context(), d, `select to_regclass($1) is not null`, table); err != nil || made != want {
			t.Errorf("%s is there: %v, want %v, %v", table, made, want, err)
		}
	}
}
