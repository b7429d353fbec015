package fetch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"makegood/inbox"
	"makegood/inbox/fetch"
	"makegood/internal/db"
	"makegood/internal/jobs/jobstest"
)

func TestAFailingMailboxBlocksNoOther(t *testing.T) {
	t.Parallel()
	d := setup(t, nil)
	s := inMemory(t)
	wrong := d.mailbox(inbox.NewMailbox{Address: "a@nordlicht.example", IMAPAddress: s.addr, Password: "wrong"})
	d.mailbox(inbox.NewMailbox{Address: "b@nordlicht.example", IMAPAddress: "127.0.0.1:1"})
	d.mailbox(inbox.NewMailbox{Address: "c@nordlicht.example", IMAPAddress: s.addr})
	s.deliver(letters(1, 3)...)
	d.start(fetch.Options{MaxPause: time.Hour, Look: 20 * time.Millisecond})
	d.await(3)
	d.until("both failures to be known", func() bool { return d.count(`mailboxes where last_error <> ''`) == 2 })

	t.Run("each failure in a row is waited for longer", func(t *testing.T) {
		d.until("five failures", func() bool { return d.count(`mailboxes where id = $1 and failures >= 5`, wrong.ID) == 1 })
		m, err := d.inbox.MailboxByID(t.Context(), d.db, wrong.ID)
		must(t, err)
		if m.RetryAt == nil || m.RetryAt.Sub(*m.LastErrorAt) < 16*20*time.Millisecond*4/5 || !m.Failing() || m.LastSuccessAt != nil {
			t.Errorf("%+v", m)
		}
	})
	t.Run("new settings are tried at once", func(t *testing.T) {
		d.until("a longer rest", func() bool { return d.count(`mailboxes where id = $1 and failures >= 6`, wrong.ID) == 1 })
		m, err := d.inbox.MailboxByID(t.Context(), d.db, wrong.ID)
		must(t, err)
		must(t, d.db.Do(t.Context(), func(tx *db.Tx) error {
			_, err := d.inbox.ChangeMailboxTx(t.Context(), tx, m.ID, m.Version, inbox.NewMailbox{
				IMAPAddress: s.addr, Security: "none", Username: login, Password: password, Folder: folder,
			})
			return err
		}))
		d.await(6) // the two good ones read the same folder
		m, err = d.inbox.MailboxByID(t.Context(), d.db, wrong.ID)
		must(t, err)
		if m.Failures != 0 || m.Failing() || m.LastUID != 3 {
			t.Errorf("%+v", m)
		}
	})
}

func TestAMessageTheServerRefuses(t *testing.T) {
	t.Parallel()
	d := setup(t, nil)
	s := inMemory(t)
	s.broken = []imap.UID{7}
	d.mailbox(inbox.NewMailbox{IMAPAddress: s.addr})
	s.deliver(letters(1, 25)...)
	f := d.start(fetch.Options{})
	d.await(25)
	kept, err := db.One[inbox.Inbound](t.Context(), d.db, `select * from inbound_messages where refusal <> ''`)
	must(t, err)
	if *kept.UID != 7 || !strings.Contains(kept.Refusal, "Internal error occurred") || d.count(`inbound_raw`) != 24 {
		t.Errorf("%+v", kept)
	}
	result, err := f.Reconcile(t.Context(), d.box())
	must(t, err)
	if len(result.Missing) != 1 || result.Missing[0] != 7 {
		t.Errorf("a message without bytes is no message: %+v", result)
	}
	s.mu.Lock()
	s.broken = nil
	s.mu.Unlock()
	result, found, err := f.Mend(t.Context(), d.box())
	must(t, err)
	if result.Gap() || found != 1 || d.count(`inbound_messages where refusal <> ''`) != 0 {
		t.Errorf("found %d; %+v", found, result)
	}
	faults, err := d.inbox.Verify(t.Context())
	must(t, err)
	if raw, err := d.inbox.Raw(t.Context(), d.db, kept.ID); err != nil || string(raw) != string(letter(7, 100)) || len(faults) > 0 {
		t.Errorf("%q %v %v", raw, err, faults)
	}
}

// Another server, account or folder may give the same UIDVALIDITY, and has other mail under the same UIDs.
func TestAMailboxPointedElsewhereIsReadFromItsBeginning(t *testing.T) {
	t.Parallel()
	first, second := inMemory(t), inMemory(t)
	d := setup(t, nil)
	settings := inbox.NewMailbox{Address: "billing@nordlicht.example", IMAPAddress: first.addr, Security: "none", Username: login, Password: password, Folder: folder}
	d.mailbox(settings)
	first.deliver(letters(1, 10)...)
	second.deliver(letters(8, 20)...) // three of them lie on both
	running := d.start(fetch.Options{})
	d.await(10)
	running.Stop()
	before := d.box()
	settings.IMAPAddress = second.addr
	must(t, d.db.Do(t.Context(), func(tx *db.Tx) error {
		_, err := d.inbox.ChangeMailboxTx(t.Context(), tx, before.ID, before.Version, settings)
		return err
	}))
	result, err := d.fetcher(fetch.Options{}).Reconcile(t.Context(), d.box())
	must(t, err)
	if result.Stored != 0 || result.UIDValidity != before.UIDValidity || len(result.Waiting) != 13 || result.Gap() {
		t.Errorf("compared %+v", result)
	}
	d.start(fetch.Options{Owner: "another"})
	d.await(23)
	if n := d.count(`(select distinct sha256 from inbound_messages) m`); n != 20 {
		t.Errorf("%d different messages, want 20", n)
	}
	now := d.box()
	settings.TaggedReplies = true
	must(t, d.db.Do(t.Context(), func(tx *db.Tx) error {
		_, err := d.inbox.ChangeMailboxTx(t.Context(), tx, now.ID, now.Version, settings)
		return err
	}))
	if same := d.box(); same.Epoch != 1 || same.UIDValidity != now.UIDValidity || same.LastUID != 13 {
		t.Errorf("other settings begin an epoch: %+v", same)
	}
}

func TestLease(t *testing.T) {
	t.Parallel()
	if longest := inbox.LeaseTime + 5*time.Second; longest > 30*time.Second {
		t.Errorf("a dead process's mailbox is taken over within %s", longest)
	}
	clock := jobstest.NewClock(time.Now())
	d := setup(t, clock.Now)
	s := inMemory(t)
	box := d.mailbox(inbox.NewMailbox{IMAPAddress: s.addr})
	s.deliver(letters(1, 3)...)
	_, held, err := d.inbox.Lease(t.Context(), box.ID, "a process that was killed")
	must(t, err)
	if !held {
		t.Fatal("no lease")
	}
	f := d.start(fetch.Options{Owner: "the other"})
	if err := d.inbox.StoreFetched(t.Context(), inbox.Fetched{Mailbox: box.ID, Owner: "the other", LastUID: 3}); err == nil {
		t.Error("stored without the lease")
	}
	if d.count(`inbound_messages`) != 0 {
		t.Error("read while another held the lease")
	}
	clock.Add(inbox.LeaseTime + time.Second)
	d.await(3)
	f.Stop()
	d.wantStored(letters(1, 3)...)
	t.Run("one that stops gives it back at once", func(t *testing.T) {
		if _, held, err := d.inbox.Lease(t.Context(), box.ID, "a third"); err != nil || !held {
			t.Errorf("held %v %v", held, err)
		}
	})
}

func TestTwoProcessesReadAMailboxOnce(t *testing.T) {
	t.Parallel()
	d := setup(t, nil)
	s := inMemory(t)
	d.mailbox(inbox.NewMailbox{IMAPAddress: s.addr})
	s.deliver(letters(1, 200)...)
	first := d.start(fetch.Options{Owner: "first"})
	d.start(fetch.Options{Owner: "second"})
	d.await(60)
	first.Stop() // whoever has it: the other goes on
	s.deliver(letters(201, 210)...)
	d.await(210)
	d.wantStored(letters(1, 210)...)
}

func TestConnections(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ security, addr string }{{"tls", "tls"}, {"starttls", "plain"}, {"none", "plain"}} {
		t.Run(c.security, func(t *testing.T) {
			t.Parallel()
			d := setup(t, nil)
			s := inMemory(t)
			addr := s.addr
			if c.addr == "tls" {
				addr = s.tlsAddr
			}
			box := d.mailbox(inbox.NewMailbox{IMAPAddress: addr, Security: c.security})
			s.deliver(letter(1, 100))
			if p := d.fetcher(fetch.Options{}).Probe(t.Context(), box); c.security != "none" && (p.Step != fetch.StepReach || !strings.Contains(p.Error, "certificate")) {
				t.Errorf("a certificate nobody vouches for: %+v", p)
			}
			d.start(fetch.Options{Roots: s.roots})
			d.await(1)
		})
	}
}

func TestSwitchedOff(t *testing.T) {
	t.Parallel()
	d := setup(t, nil)
	s := inMemory(t)
	box := d.mailbox(inbox.NewMailbox{IMAPAddress: s.addr})
	turn := func(active bool, version int) {
		t.Helper()
		must(t, d.db.Do(t.Context(), func(tx *db.Tx) error { return d.inbox.SwitchMailboxTx(t.Context(), tx, box.ID, version, active) }))
	}
	turn(false, box.Version)
	s.deliver(letter(1, 100))
	f := d.fetcher(fetch.Options{})
	boxes, err := d.inbox.ActiveMailboxes(t.Context())
	must(t, err)
	if len(boxes) != 0 {
		t.Errorf("%+v", boxes)
	}
	turn(true, box.Version+1)
	f.Start(t.Context())
	t.Cleanup(f.Stop)
	d.await(1)
}
