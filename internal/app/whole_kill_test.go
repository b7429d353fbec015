package app_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/api"
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
	h := killIntake(t, false)
	h.acknowledgedOnce(*killedMails)
}

// TestKilledIntakeDoublesNothingAnywhere is the same with a mail server like any other, which tells no second copy from a first. It is
// judged by what customers have in their mailboxes, by the list of mail nobody is sure of, and by what verify and reconcile say.
func TestKilledIntakeDoublesNothingAnywhere(t *testing.T) {
	t.Parallel()
	h := killIntake(t, true)
	h.acknowledgedOrDoubted(*killedMails)
}

// killIntake kills it and checks everything but the acknowledgements.
func killIntake(t *testing.T, ordinary bool) *house {
	t.Helper()
	const pause = 30 * time.Second
	mails, server := *killedMails, dbtest.NewCrashing(t)
	h := prepareOn(t, server.URL, scenario.Options{}, time.Duration(*kills)*pause)
	h.ordinary = ordinary
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
	h.reconciled(mails + mails/5)
	h.sound()
	return h
}

// steps counts what was done: a case opened, an acknowledgement out, or given up because nobody knows whether it is.
func (h *house) steps() int {
	h.t.Helper()
	return count(h.t, h.app.DB, `select (select count(*) from cases) + (select count(*) from outgoing_messages where state in ('sent', 'unknown'))`)
}

// awaitSteps waits until so much was done, as long as more is done.
func (h *house) awaitSteps(n int) {
	h.t.Helper()
	for done := h.steps(); done < n; {
		before := done
		// A job that four kills cut off is tried again after four minutes.
		untilWithin(h.t, 2*patience, fmt.Sprintf("work after step %d", before), h.news, func() bool {
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

// acknowledgedOrDoubted: nobody got two, and whoever got none, or may have got none as far as the desk can know, is on the list of
// mail in doubt, where an agent finds it.
func (h *house) acknowledgedOrDoubted(n int) {
	h.t.Helper()
	handler, err := h.app.Handler()
	must(h.t, err)
	got, doubted := map[string]int{}, map[string]bool{}
	for _, m := range h.mails() {
		for _, to := range m.To {
			got[to.Address]++
		}
	}
	for _, m := range h.inDoubt(handler) {
		doubted[m.To] = true
	}
	for i := range n {
		switch who := writer(i); {
		case got[who] > 1:
			h.t.Errorf("%s got %d acknowledgements", who, got[who])
		case got[who] == 0 && !doubted[who]:
			h.t.Errorf("%s got no acknowledgement, and nobody is told", who)
		}
	}
	h.t.Logf("%d of %d acknowledgements are in doubt", len(doubted), n)
}

// inDoubt is what agents are shown of mail that may or may not have arrived.
func (h *house) inDoubt(handler http.Handler) []api.OutMail {
	h.t.Helper()
	token := h.as(access.Agent).token
	var all []api.OutMail
	for cursor := ""; ; {
		request := httptest.NewRequestWithContext(h.t.Context(), http.MethodGet, "/api/v1/intake/out?state=unknown&limit=200&cursor="+url.QueryEscape(cursor), http.NoBody)
		request.Header.Set("Authorization", "Bearer "+token)
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		var page struct {
			Items      []api.OutMail `json:"items"`
			NextCursor string        `json:"next_cursor"`
		}
		if err := json.Unmarshal(recorder.Body.Bytes(), &page); err != nil || recorder.Code != http.StatusOK {
			h.t.Fatalf("%d %s: %v", recorder.Code, recorder.Body, err)
		}
		all = append(all, page.Items...)
		if cursor = page.NextCursor; cursor == "" {
			return all
		}
	}
}

// TestMailServerGoneBeforeItsAnswer has the mail server take an acknowledgement and be gone before it says so; once the program goes on,
// once it is killed at that moment too. The customer has one copy, the desk says that it does not know, and nothing is sent again before
// somebody says so.
func TestMailServerGoneBeforeItsAnswer(t *testing.T) {
	t.Parallel()
	for name, killed := range map[string]bool{"the program goes on": false, "the program dies with it": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := prepare(t, scenario.Options{}, 0)
			h.ordinary = true
			line := openGate(t, h.office.SMTPAddr())
			taken := line.swallowAnswer()
			running := h.spawnWith(0, "web,worker", line.address())
			agent := h.as(access.Agent).on(running.address)
			must(t, h.post(ada, mail(ada, "first@lumen.example", "Invoice "+h.LumenBill.Number, "The price is wrong.")))
			select {
			case <-taken:
			case <-time.After(patience):
				t.Fatal("waited in vain for an acknowledgement")
			}
			if killed {
				running.kill()
				running = h.spawnWith(time.Minute, "web,worker", line.address())
				agent = agent.on(running.address)
			}
			var doubted struct{ Items []api.OutMail }
			until(t, "the mail to be in doubt", h.news, func() bool {
				agent.ask(http.StatusOK, http.MethodGet, "/intake/out?state=unknown", nil, &doubted)
				return len(doubted.Items) == 1
			})
			h.oneCopy(1)
			h.reconciled(1)
			h.sound()
			if m := doubted.Items[0]; m.To != ada || m.Case == nil {
				t.Errorf("in doubt is %+v", m)
			}
			agent.ask(http.StatusOK, http.MethodPost, fmt.Sprintf("/cases/%s/mails/%d/resend", onlyCase(agent, ""), doubted.Items[0].ID),
				map[string]string{"reason": "She says that nothing came."}, nil)
			h.awaitMails(2)
			h.oneCopy(2)
		})
	}
}

// oneCopy: the customer has so many mails, all under one Message-ID, so that a mail program shows one.
func (h *house) oneCopy(n int) {
	h.t.Helper()
	list := h.mails()
	for _, m := range list {
		if m.MessageID != list[0].MessageID || m.To[0].Address != ada {
			h.t.Errorf("%s to %v beside %s", m.MessageID, m.To, list[0].MessageID)
		}
	}
	if len(list) != n {
		h.t.Errorf("%d copies, want %d", len(list), n)
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
