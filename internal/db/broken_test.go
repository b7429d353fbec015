package db_test

import (
	"errors"
	"testing"

	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

const endOthers = `select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`

// TestConnectionThatEnded: what finds its connection ended asks on another one; what loses it on the way says that the database
// was away, which is no fault of the program.
func TestConnectionThatEnded(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	add := func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into teams (name) values ('one')`)
		return err
	}
	read := func() (int, error) { return db.Value[int](t.Context(), d, `select count(*) from teams`) }
	if _, err := read(); err != nil {
		t.Fatal(err)
	}
	err := d.Do(t.Context(), func(tx *db.Tx) error {
		if err := add(tx); err != nil {
			return err
		}
		// The other connection ends this one.
		if _, err := db.Value[int](t.Context(), d, endOthers); err != nil {
			return err
		}
		_, err := db.Value[int](t.Context(), tx, `select count(*) from teams`)
		return err
	})
	if errs.KindOf(err) != errs.Unavailable {
		t.Errorf("a transaction that lost its connection: %v", err)
	}
	// Every connection that is still kept is found ended before anything is asked on it.
	dbtest.AsOwner(t, d, endOthers)
	if err := d.Do(t.Context(), add); err != nil {
		t.Errorf("a transaction after all connections ended: %v", err)
	}
	n, err := read()
	for errs.KindOf(err) == errs.Unavailable { // each kept connection is found ended once
		n, err = read()
	}
	if err != nil || n != 1 {
		t.Errorf("%d teams, want the one of the transaction that was begun anew: %v", n, err)
	}
	if errs.KindOf(db.Explain(errors.New("something else"))) != errs.Internal {
		t.Error("an error that nobody knows is the program's fault")
	}
}
