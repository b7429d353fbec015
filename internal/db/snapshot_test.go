package db_test

import (
	"testing"

	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// What is written while a snapshot is read is not in it, and it writes nothing.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	add := func(r db.Reader) error {
		rows, err := r.Query(t.Context(), `insert into teams (name) values ('new') returning id`)
		if err != nil {
			return err
		}
		rows.Close()
		return rows.Err()
	}
	count := func(r db.Reader) int {
		t.Helper()
		n, err := db.Value[int](t.Context(), r, `select count(*) from teams`)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	err := d.Snapshot(t.Context(), func(r db.Reader) error {
		before := count(r)
		if err := d.Do(t.Context(), func(tx *db.Tx) error { return add(tx) }); err != nil {
			return err
		}
		if after := count(r); after != before || count(d) != before+1 {
			t.Errorf("%d rows became %d, of %d outside", before, after, count(d))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Snapshot(t.Context(), add); err == nil || count(d) != 1 {
		t.Errorf("a snapshot wrote: %v", err)
	}
}
