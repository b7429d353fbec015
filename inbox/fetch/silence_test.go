package fetch_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"makegood/inbox"
	"makegood/inbox/fetch"
	"makegood/internal/db"
	"makegood/internal/jobs"
)

// A connection that stays open and says no more, as when what stands between has forgotten it, must not hold the mailbox for ever.
func TestAServerThatGoesSilent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at, security string
		hidden       []string
	}{
		"when it is asked to encrypt":    {at: "STARTTLS", security: "starttls"},
		"when it is signed in to":        {at: " LOGIN "},
		"when a folder is opened":        {at: " EXAMINE "},
		"when the list is asked for":     {at: "RFC822.SIZE"},
		"when a mail is asked for":       {at: "BODY.PEEK[]"},
		"when it is asked to tell":       {at: " IDLE"},
		"when it has nothing to tell":    {at: "DONE"},
		"when it is only asked for news": {at: " NOOP", hidden: []string{"IDLE"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := setup(t, nil)
			s := inMemory(t)
			w := newWire(t, s.addr)
			w.hidden = c.hidden
			w.before[c.at] = func() {
				s.deliver(letter(2, 100)) // which nobody tells of
				w.silence()
			}
			d.mailbox(inbox.NewMailbox{IMAPAddress: w.addr, Security: c.security})
			s.deliver(letter(1, 100))
			d.start(fetch.Options{Poll: 20 * time.Millisecond, Silence: 300 * time.Millisecond, DialTimeout: time.Second, Roots: s.roots})
			d.await(2)
			d.wantStored(letters(1, 2)...)
			if d.count(`mailboxes where last_error_at is not null`) != 1 {
				t.Error("nobody is told that the server did not answer")
			}
		})
	}
}

func TestAComparisonWithAServerThatGoesSilent(t *testing.T) {
	t.Parallel()
	d := setup(t, nil)
	s := inMemory(t)
	w := newWire(t, s.addr)
	w.before[" SEARCH "] = w.silence
	box := d.mailbox(inbox.NewMailbox{IMAPAddress: w.addr})
	_, err := d.fetcher(fetch.Options{Silence: 300 * time.Millisecond}).Reconcile(t.Context(), box)
	if err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("compared: %v", err)
	}
}

// The hourly comparison of one mailbox that cannot be reached, or hangs, keeps no other from being compared.
func TestAComparisonThatHangsKeepsBackNoOther(t *testing.T) {
	t.Parallel()
	d := setup(t, nil)
	s := inMemory(t)
	w := newWire(t, s.addr)
	w.before[" LOGIN "] = w.silence // the other asks nothing of it
	d.mailbox(inbox.NewMailbox{Address: "a@nordlicht.example", IMAPAddress: w.addr})
	d.mailbox(inbox.NewMailbox{Address: "b@nordlicht.example", IMAPAddress: s.addr})
	registry := jobs.NewRegistry()
	d.fetcher(fetch.Options{}).Register(registry)
	must(t, registry.Work(t.Context(), fetch.ReconcileMailboxes{}.Kind(), []byte(`{}`)))
	asked, err := db.Values[[]byte](t.Context(), d.db, `select args from river_job where kind = 'fetch.reconcile_mailbox' order by id`)
	must(t, err)
	if len(asked) != 2 {
		t.Fatalf("%d mailboxes are compared", len(asked))
	}
	hanging, end := context.WithCancel(t.Context())
	var first error
	var working sync.WaitGroup
	working.Go(func() { first = registry.Work(hanging, fetch.ReconcileMailbox{}.Kind(), asked[0]) })
	must(t, registry.Work(t.Context(), fetch.ReconcileMailbox{}.Kind(), asked[1]))
	end()
	working.Wait()
	if first == nil || d.count(`mailboxes where reconciled_at is not null and address like 'b@%'`) != 1 || d.count(`mailboxes where reconciled_at is not null`) != 1 {
		t.Errorf("not the other alone was compared: %v", first)
	}
	if n := d.count(`river_job where kind = 'fetch.reconcile_mailbox' and queue = 'outside'`); n != 2 {
		t.Errorf("%d of them hold up nothing of ours", n)
	}
}
