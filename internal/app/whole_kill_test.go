package app_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"makegood/internal/scenario"
)

// TestKilledProcessLosesNothing kills the process that reads, understands and acknowledges mail at three moments nobody
// chose, and starts it anew each time. A dead process' mailbox is free when its lease has run out; the clock of each
// process is therefore half a minute ahead of the one before.
func TestKilledProcessLosesNothing(t *testing.T) {
	t.Parallel()
	const mails, kills, pause = 120, 3, 30 * time.Second
	h := prepare(t, scenario.Options{}, kills*pause)
	moments := make([]int, kills)
	for i := range moments {
		moments[i] = 1 + rand.IntN(2*mails-10)
	}
	slices.Sort(moments)
	t.Logf("killed after %v steps of %d", moments, 2*mails)
	running := h.spawn(0)
	posted := h.postMany(mails)
	for i, moment := range moments {
		until(t, "work to kill", h.news, func() bool { return h.steps() >= moment })
		running.kill()
		running = h.spawn(time.Duration(i+1) * pause)
	}
	posted.Wait()
	until(t, "everything to be done", h.news, func() bool { return h.steps() == 2*mails })
	running.kill()

	if n := count(t, h.app.DB, `select count(*) from cases`); n != mails {
		t.Errorf("%d cases for %d mails", n, mails)
	}
	if n := count(t, h.app.DB, `select count(*) from inbound_messages where fate <> 'new_case'`); n != 0 {
		t.Errorf("%d mails opened no case", n)
	}
	h.acknowledgedOnce(mails)
	h.reconciled(mails)
	h.sound()
}

// steps counts what was done: a case opened, an acknowledgement out.
func (h *house) steps() int {
	h.t.Helper()
	return count(h.t, h.app.DB, `select (select count(*) from cases) + (select count(*) from outgoing_messages where state = 'sent')`)
}

func writer(i int) string { return fmt.Sprintf("reader%d@visitors.example", i) }

// postMany has many people write at about the same time.
func (h *house) postMany(n int) *sync.WaitGroup {
	var writing sync.WaitGroup
	const connections = 4
	for c := range connections {
		writing.Go(func() {
			for i := c; i < n; i += connections {
				raw := mail(writer(i), fmt.Sprintf("%d@visitors.example", i), fmt.Sprintf("Question %d", i), "How do I read my invoice?")
				if err := h.post(writer(i), raw); err != nil {
					h.t.Error(err)
				}
			}
		})
	}
	return &writing
}

func (h *house) acknowledgedOnce(n int) {
	h.t.Helper()
	got := map[string]int{}
	for _, m := range h.mails() {
		for _, to := range m.To {
			got[to.Address]++
		}
	}
	for i := range n {
		if got[writer(i)] != 1 {
			h.t.Errorf("%s got %d acknowledgements", writer(i), got[writer(i)])
		}
	}
	if len(got) != n {
		h.t.Errorf("%d people got mail", len(got))
	}
}

func (h *house) reconciled(n int) {
	h.t.Helper()
	boxes, err := h.app.Inbox.ActiveMailboxes(h.t.Context())
	must(h.t, err)
	for _, box := range boxes {
		r, err := h.app.Mail.Reconcile(h.t.Context(), box)
		must(h.t, err)
		if r.Gap() || r.OnServer != n || r.Stored != n || len(r.Waiting) != 0 {
			h.t.Errorf("%+v", r)
		}
	}
}
