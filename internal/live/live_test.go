package live_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/live"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var errStop = errors.New("stop")

// listening starts a hub and comes back once it hears.
func listening(t *testing.T) (*db.DB, *live.Hub) {
	t.Helper()
	url := dbtest.URL(t)
	d := dbtest.Open(t, url, nil)
	hub := live.NewHub(url, slog.New(slog.DiscardHandler))
	hub.Start(t.Context())
	hub.Start(t.Context()) // harmless
	t.Cleanup(hub.Stop)
	sub := hub.Subscribe("warm-up")
	defer sub.Close()
	for deadline := time.After(time.Minute); ; {
		publish(t, d, "warm-up")
		select {
		case <-sub.C:
			return d, hub
		case <-deadline:
			t.Fatal("the hub hears nothing")
		case <-time.After(20 * time.Millisecond): // it had not begun to listen; say it again
		}
	}
}

func publish(t *testing.T, d *db.DB, topics ...string) {
	t.Helper()
	if err := d.Do(t.Context(), func(tx *db.Tx) error {
		tx.Publish(topics...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// expect wants exactly these topics next, in this order.
func expect(t *testing.T, sub *live.Subscription, topics ...string) {
	t.Helper()
	for _, want := range topics {
		select {
		case got, open := <-sub.C:
			if got != want || !open {
				t.Fatalf("heard %q (open: %v), want %q", got, open, want)
			}
		case <-time.After(time.Minute):
			t.Fatalf("heard nothing, want %q", want)
		}
	}
}

func TestNewsComesWithTheCommit(t *testing.T) {
	t.Parallel()
	d, hub := listening(t)
	sub := hub.Subscribe("case:1", "case:2", "case:3")
	defer sub.Close()

	if err := d.Do(t.Context(), func(tx *db.Tx) error {
		tx.Publish("case:1")
		publish(t, d, "case:2") // another transaction, committed while this one is open
		expect(t, sub, "case:2")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	expect(t, sub, "case:1")

	if err := d.Do(t.Context(), func(tx *db.Tx) error {
		tx.Publish("case:1")
		return errStop
	}); !errors.Is(err, errStop) {
		t.Fatal(err)
	}
	publish(t, d, "case:3", "case:3", "case:4")
	publish(t, d, "case:2")
	expect(t, sub, "case:3", "case:2") // not case:1, which was rolled back; case:3 once; not case:4, for others
}

func TestAfterALostConnectionEverybodyIsBehind(t *testing.T) {
	t.Parallel()
	d, hub := listening(t)
	one, other := hub.Subscribe("case:1"), hub.Subscribe("case:2")
	dbtest.AsOwner(t, d, `select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %' and datname = current_database()`)
	expect(t, one, live.Behind)
	expect(t, other, live.Behind)
	publish(t, d, "case:1", "case:2")
	expect(t, one, "case:1")
	expect(t, other, "case:2")

	one.Close()
	one.Close() // harmless
	hub.Stop()
	hub.Stop()
	for name, sub := range map[string]*live.Subscription{"closed": one, "stopped": other} {
		if topic, open := <-sub.C; open {
			t.Errorf("%s: still hears %q", name, topic)
		}
	}
}
