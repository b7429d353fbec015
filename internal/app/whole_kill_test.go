package app_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"makegood/internal/dbtest"
	"makegood/internal/scenario"
)

// A long run: go test ./internal/app -run KilledIntake -mails 10000 -kills 200 -timeout 30m
var (
	killedMails = flag.Int("mails", 100, "mails that come while the program is killed")
	kills       = flag.Int("kills", 4, "how often it is killed; the database crashes once besides")
)

// twice tells which mails the mail server gets a second time, as happens when a sender's server saw no answer to the first.
func twice(i int) bool { return i%5 == 4 }

// TestKilledIntakeLosesNothing kills the process that reads, understands and acknowledges mail at moments nobody chose, and
// starts it anew each time; once, the database crashes instead and the process goes on by itself. A dead process' mailbox is
// free when its lease has run out; the clock of each process is therefore half a minute ahead of the one before.
func TestKilledIntakeLosesNothing(t *testing.T) {
	t.Parallel()
	const pause = 30 * time.Second
	mails, server := *killedMails, dbtest.NewCrashing(t)
	h := prepareOn(t, server.URL, scenario.Options{}, time.Duration(*kills)*pause)
	moments := make([]int, *kills+1)
	for i := range moments {
		moments[i] = 1 + rand.IntN(2*mails-10)
	}
	slices.Sort(moments)
	crash := rand.IntN(len(moments))
	t.Logf("killed after %v steps of %d, number %d is the crash of the database", moments, 2*mails, crash+1)
	copies, running := 0, h.spawn(0)
	posted := h.postMany(mails)
	for i, moment := range moments {
		h.awaitSteps(moment)
		if i == crash {
			server.Crash()
			h.app.DB.Pool().Reset()
			h.news = listen(t, h.url)
			continue
		}
		running.kill()
		copies++
		running = h.spawn(time.Duration(copies) * pause)
	}
	posted.Wait()
	h.awaitSteps(2 * mails)
	until(t, "every mail to have its fate", h.news, func() bool {
		return count(t, h.app.DB, `select count(*) from inbound_messages where fate <> 'pending'`) == mails+mails/5
	})
	running.kill()

	for what, query := range map[string]string{
		"cases":                           `select count(*) from cases`,
		"cases with a message and clocks": `select count(*) from cases c where exists (select 1 from case_messages m where m.case_id = c.id and m.kind = 'inbound') and exists (select 1 from case_clocks k where k.case_id = c.id)`,
		"cases that mails opened":         `select count(distinct case_id) from inbound_messages where fate = 'new_case'`,
		"mails that opened a case":        `select count(*) from inbound_messages where fate = 'new_case'`,
	} {
		if n := count(t, h.app.DB, query); n != mails {
			t.Errorf("%d %s for %d mails", n, what, mails)
		}
	}
	if n := count(t, h.app.DB, `select count(*) from inbound_messages where fate = 'duplicate'`); n != mails/5 {
		t.Errorf("%d second deliveries", n)
	}
	h.acknowledgedOnce(mails)
	h.reconciled(mails + mails/5)
	h.sound()
}

// steps counts what was done: a case opened, an acknowledgement out.
func (h *house) steps() int {
	h.t.Helper()
	return count(h.t, h.app.DB, `select (select count(*) from cases) + (select count(*) from outgoing_messages where state = 'sent')`)
}

// awaitSteps waits until so much was done, as long as more is done.
func (h *house) awaitSteps(n int) {
	h.t.Helper()
	for done := h.steps(); done < n; {
		before := done
		until(h.t, fmt.Sprintf("work after step %d", before), h.news, func() bool {
			done = h.steps()
			return done > before
		})
	}
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
				deliveries := 1
				if twice(i) {
					deliveries = 2
				}
				for range deliveries {
					if err := h.post(writer(i), raw); err != nil {
						h.t.Error(err)
					}
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
