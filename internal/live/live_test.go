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
	start(t, hub)
	return d, hub
}

// start starts a hub and comes back once it hears: whoever came before is told so.
func start(t *testing.T, hub *live.Hub) {
	t.Helper()
	sub := hub.Subscribe()
	defer sub.Close()
	hub.Start(t.Context())
	hub.Start(t.Context()) // harmless
	t.Cleanup(hub.Stop)
	expect(t, sub, live.Interrupted, live.Behind)
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
	expect(t, one, live.Interrupted, live.Behind)
	expect(t, other, live.Interrupted, live.Behind)
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

// Whoever opens a page while the database is not heard is told so.
func TestWhoComesWhileNothingIsHeardIsTold(t *testing.T) {
	t.Parallel()
	hub := live.NewHub("postgres://nobody@127.0.0.1:1/none", slog.New(slog.DiscardHandler))
	hub.Start(t.Context())
	t.Cleanup(hub.Stop)
	sub := hub.Subscribe("case:1")
	defer sub.Close()
	expect(t, sub, live.Interrupted)
}

// A browser that reads slowly hears of each thing once, however often it moved, and that it is behind when there is too much.
func TestASlowSubscriberMissesNothing(t *testing.T) {
	t.Parallel()
	d, hub := listening(t)
	moves := func(n int, topic func(int) string) {
		t.Helper()
		told := hub.Subscribe("end")
		defer told.Close()
		for i := range n {
			publish(t, d, topic(i))
		}
		publish(t, d, "queue")
		publish(t, d, "end")
		expect(t, told, "end")
	}
	t.Run("the same again and again", func(t *testing.T) {
		sub := hub.Subscribe(live.Here, "queue")
		defer sub.Close()
		moves(150, func(i int) string { return live.HereAt(int64(i % 2)) })
		for topic := range heardBefore(t, sub, "queue") {
			if topic != live.HereAt(0) && topic != live.HereAt(1) {
				t.Errorf("heard %q", topic)
			}
		}
	})
	t.Run("more than can wait", func(t *testing.T) {
		sub := hub.Subscribe(live.Here, "queue")
		defer sub.Close()
		moves(150, func(i int) string { return live.HereAt(int64(i)) })
		if !heardBefore(t, sub, "queue")[live.Behind] {
			t.Error("nobody says that it is behind")
		}
	})
}

// heardBefore are the topics that wait before one.
func heardBefore(t *testing.T, sub *live.Subscription, last string) map[string]bool {
	t.Helper()
	heard := map[string]bool{}
	for range 65 {
		select {
		case topic := <-sub.C:
			if topic == last {
				return heard
			}
			heard[topic] = true
		case <-time.After(time.Minute):
			t.Fatalf("%q was lost", last)
		}
	}
	t.Fatalf("%q is not among what waits", last)
	return nil
}
