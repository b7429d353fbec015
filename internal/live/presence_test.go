package live_test

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/live"
)

// program is one copy of it on a database.
type program struct {
	db       *db.DB
	hub      *live.Hub
	presence *live.Presence
}

func copyOn(t *testing.T, url string, o live.PresenceOptions) program {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	p := program{db: dbtest.Open(t, url, nil), hub: live.NewHub(url, quiet)}
	p.presence = live.NewPresence(p.hub, p.db, quiet, o)
	start(t, p.hub)
	p.presence.Start(t.Context())
	p.presence.Start(t.Context()) // harmless
	t.Cleanup(p.presence.Stop)
	return p
}

// quick is a presence in tests; a copy counts as dead only where a test says so.
func quick() live.PresenceOptions {
	return live.PresenceOptions{Linger: 10 * time.Millisecond, Typing: time.Hour, Beat: 50 * time.Millisecond, Lost: time.Hour}
}

// becomes waits until a copy knows these people at a case.
func (p program) becomes(t *testing.T, of int64, want ...live.Seat) {
	t.Helper()
	sub := p.hub.Subscribe(live.Here)
	defer sub.Close()
	deadline := time.After(time.Minute)
	for {
		got := p.presence.At(of, 99)[of]
		if slices.Equal(got, want) {
			return
		}
		select {
		case <-sub.C:
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			t.Fatalf("case %d has %+v, want %+v", of, got, want)
		}
	}
}

// Who opens a case at one copy is known at all, once for all their pages, until the last is closed; browsers are told which case it is about.
func TestPresenceIsKnownAtEveryCopy(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	one, two := copyOn(t, url, quick()), copyOn(t, url, quick())
	news := two.hub.Subscribe(live.HereAt(7), live.HereAt(8), "case:7")
	defer news.Close()

	leave := one.presence.Enter(1, 7)
	one.becomes(t, 7, live.Seat{User: 1, Case: 7}) // without the database
	expect(t, news, live.HereAt(7))
	two.becomes(t, 7, live.Seat{User: 1, Case: 7})
	again := two.presence.Enter(1, 7)
	leaveThird := two.presence.Enter(3, 7)
	one.becomes(t, 7, live.Seat{User: 1, Case: 7}, live.Seat{User: 3, Case: 7})
	two.presence.Types(1, 7)
	one.becomes(t, 7, live.Seat{User: 1, Case: 7, Typing: true}, live.Seat{User: 3, Case: 7})
	leave()
	leaveThird()
	two.becomes(t, 7, live.Seat{User: 1, Case: 7, Typing: true})
	one.becomes(t, 7, live.Seat{User: 1, Case: 7, Typing: true})
	again()
	two.presence.Enter(4, 8)
	one.becomes(t, 8, live.Seat{User: 4, Case: 8})
	one.becomes(t, 7, live.Seat{User: 1, Case: 7, Typing: true}) // a page closes sooner than typing is forgotten
	two.presence.Stop()
	two.presence.Stop() // harmless
	one.becomes(t, 7)
	one.becomes(t, 8)
}

// What is typed is forgotten by itself.
func TestTypingIsForgotten(t *testing.T) {
	t.Parallel()
	o := quick()
	o.Typing = 50 * time.Millisecond
	p := copyOn(t, dbtest.URL(t), o)
	p.presence.Enter(1, 7)
	p.presence.Types(1, 7)
	p.becomes(t, 7, live.Seat{User: 1, Case: 7, Typing: true})
	p.becomes(t, 7, live.Seat{User: 1, Case: 7})
}

// A copy that dies without a word is forgotten with its people, and one that starts learns who is there.
func TestDeadCopyIsForgotten(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	o := quick()
	o.Lost = 300 * time.Millisecond
	dies, stays := copyOn(t, url, quick()), copyOn(t, url, o)
	dies.presence.Enter(1, 7)
	stays.becomes(t, 7, live.Seat{User: 1, Case: 7})
	late := copyOn(t, url, quick())
	late.becomes(t, 7, live.Seat{User: 1, Case: 7})
	dies.db.Close()
	dies.presence.Enter(2, 7) // which does not wait for what is gone
	stays.becomes(t, 7)
}

// As many people as a notification does not hold are told in parts.
func TestPresenceOfMany(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	one, two := copyOn(t, url, quick()), copyOn(t, url, quick())
	var want []live.Seat
	for user := range int64(400) {
		seat := live.Seat{User: 9_000_000_000_000_000_000 + user, Case: 9_000_000_000_000_000_000}
		one.presence.Enter(seat.User, seat.Case)
		want = append(want, seat)
	}
	two.becomes(t, want[0].Case, want...)
}

// What is no telling of a copy is left alone.
func TestPresenceHearsNonsense(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	p := copyOn(t, url, quick())
	if err := p.db.Do(t.Context(), func(tx *db.Tx) error {
		for _, text := range []string{"", "x", `{"copy":"a","part":2,"parts":2,"seats":[[1,7,0]]}`, `{"copy":"a","part":1,"parts":2,"seats":[[1,7,0]]}`} {
			if _, err := tx.Exec(t.Context(), `select pg_notify('makegood_live_here', $1)`, text); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	other := copyOn(t, url, quick())
	other.presence.Enter(5, 7)
	p.becomes(t, 7, live.Seat{User: 5, Case: 7})
}
