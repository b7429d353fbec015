package db_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// A column that the next version's migration adds under a running program is left out, in reads that were planned before it was
// there too, outside and inside a transaction. An expression that nobody reads is still a mistake.
func TestColumnsOfTheNextVersionAreLeftOut(t *testing.T) {
	t.Parallel()
	t.Run("with statements prepared under a name", func(t *testing.T) {
		t.Parallel()
		leftOut(t, dbtest.New(t))
	})
	t.Run("through a pooler", func(t *testing.T) {
		t.Parallel()
		leftOut(t, pooled(t, 12))
	})
}

func leftOut(t *testing.T, d *db.DB) {
	t.Helper()
	type Base struct{ ID int64 }
	type team struct {
		Base

		Title string `db:"name"`
	}
	const all = `select * from teams order by id`
	if err := d.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into teams (name) values ('first'), ('second')`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	check := func(list []team, err error) {
		t.Helper()
		if err != nil || len(list) != 2 || list[1].Title != "second" || list[1].ID <= list[0].ID || list[0].ID == 0 {
			t.Fatalf("%+v: %v", list, err)
		}
	}
	readBatch := func() {
		t.Helper()
		var queued []team
		batch := &pgx.Batch{}
		db.QueueList(batch, &queued, all)
		err := d.Batch(t.Context(), batch)
		check(queued, err)
	}
	read := func() {
		t.Helper()
		for range 3 {
			list, err := db.List[team](t.Context(), d, all)
			check(list, err)
		}
		var inside, queued []team
		err := d.Do(t.Context(), func(tx *db.Tx) error {
			var err error
			if inside, err = db.List[team](t.Context(), tx, all); err != nil {
				return err
			}
			batch := &pgx.Batch{}
			db.QueueList(batch, &queued, all)
			return tx.Batch(t.Context(), batch)
		})
		check(inside, err)
		check(queued, err)
		err = d.Snapshot(t.Context(), func(r db.Reader) error {
			var err error
			inside, err = db.List[team](t.Context(), r, all)
			return err
		})
		check(inside, err)
		readBatch()
	}
	read()
	for _, statement := range []string{
		`alter table teams add column next_version text`, `alter table teams add column next_but_one int default 7`,
	} {
		dbtest.AsOwner(t, d, statement)
		read()
	}
	for _, statement := range []string{
		`alter table teams add column another_version text`, `alter table teams add column the_one_after int`,
	} {
		dbtest.AsOwner(t, d, statement)
		readBatch() // first of all: nothing else has prepared the statement again
		read()
	}
	if _, err := db.List[team](t.Context(), d, `select id, name, 1 as number from teams`); err == nil {
		t.Error("a column that is computed and not read is not noticed")
	}
}
