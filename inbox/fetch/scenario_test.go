package fetch_test

import (
	"strings"
	"testing"
	"time"

	"makegood/inbox"
	"makegood/inbox/fetch"
	"makegood/internal/db"
)

// scenarios are what every IMAP server must be survived with. They run against the server in memory and against Dovecot.
func scenarios(t *testing.T, newServer func(t *testing.T) server) {
	t.Helper()
	for name, scenario := range map[string]func(t *testing.T, s server){
		"mail is told of at once by IDLE":                     told,
		"a connection that broke is made again":               reconnected,
		"a literal that was cut is read again":                cutInLiteral,
		"another UIDVALIDITY in mid-run":                      renumbered,
		"another client expunges between listing and reading": expunged,
		"a server that can do nothing special":                bare,
		"a thousand mails, one of them no mail at all":        thousand,
		"mail that is too large":                              oversize,
		"the test of the settings":                            probed,
		"what is missing is found and mended":                 mended,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scenario(t, newServer(t))
		})
	}
}

func told(t *testing.T, s server) {
	t.Helper()
	d := setup(t, nil)
	d.mailbox(inbox.NewMailbox{IMAPAddress: s.addr})
	s.deliver(letters(1, 3)...)
	d.start(fetch.Options{Poll: time.Hour})
	d.await(3)
	s.deliver(letter(4, 100)) // without IDLE this would take an hour
	d.await(4)
	d.wantStored(letters(1, 4)...)
	if flags := s.flags(); len(flags) > 0 {
		t.Errorf("reading left flags %v in the mailbox", flags)
	}
	if box := d.box(); box.LastUID != 4 || box.LastSuccessAt == nil || box.Failing() || box.Backlog != 0 {
		t.Errorf("%+v", box)
	}
}

func reconnected(t *testing.T, s server) {
	t.Helper()
	d := setup(t, nil)
	w := newWire(t, s.addr)
	d.mailbox(inbox.NewMailbox{IMAPAddress: w.addr})
	d.start(fetch.Options{})
	for round := range 5 {
		s.deliver(letters(10*round+1, 10*round+10)...)
		d.await(10*round + 10)
		w.cut()
	}
	s.deliver(letter(51, 100))
	d.await(51)
	d.wantStored(letters(1, 51)...)
}

func cutInLiteral(t *testing.T, s server) {
	t.Helper()
	d := setup(t, nil)
	w := newWire(t, s.addr)
	mails := [][]byte{letter(1, 100), letter(2, 300_000), letter(3, 300_000), letter(4, 100)}
	s.deliver(mails...)
	w.cutAt = 200_000
	d.mailbox(inbox.NewMailbox{IMAPAddress: w.addr})
	d.start(fetch.Options{})
	d.await(4)
	d.wantStored(mails...)
	if n := strings.Count(w.commands(), "BODY.PEEK[]"); n < 2 || w.cutAt != 0 {
		t.Errorf("read %d times; %d bytes were left to the cut", n, w.cutAt)
	}
}

func renumbered(t *testing.T, s server) {
	t.Helper()
	d := setup(t, nil)
	w := newWire(t, s.addr)
	d.mailbox(inbox.NewMailbox{IMAPAddress: w.addr})
	s.deliver(letters(1, 40)...)
	d.start(fetch.Options{})
	d.await(40)
	before := d.box()
	s.renumber()
	s.deliver(letters(21, 45)...) // UIDs 1 to 25, all at or below the old cursor
	w.cut()
	d.await(65)
	after := d.box()
	if after.UIDValidity == before.UIDValidity || after.LastUID != 25 {
		t.Errorf("cursor %d of %d, before %d of %d", after.LastUID, after.UIDValidity, before.LastUID, before.UIDValidity)
	}
	if n := d.count(`(select distinct sha256 from inbound_messages) m`); n != 45 {
		t.Errorf("%d different messages, want 45", n)
	}
}

func expunged(t *testing.T, s server) {
	t.Helper()
	d := setup(t, nil)
	w := newWire(t, s.addr)
	d.mailbox(inbox.NewMailbox{IMAPAddress: w.addr})
	s.deliver(letters(1, 10)...)
	w.before["BODY.PEEK[]"] = func() { s.expunge(3, 7, 10) }
	f := d.start(fetch.Options{})
	d.until("the first ten to be read", func() bool { return d.box().LastUID >= 9 })
	s.deliver(letter(11, 100))
	d.until("the mail after", func() bool { return d.box().LastUID == 11 })
	// A server may give what was expunged while another client still looks at it, or leave it out.
	if n := d.count(`inbound_messages where uid not in (3, 7, 10)`); n != 8 {
		t.Errorf("%d of the 8 that stayed are stored", n)
	}
	result, err := f.Reconcile(t.Context(), d.box())
	must(t, err)
	if result.Gap() || result.OnServer != 8 {
		t.Errorf("%+v", result)
	}
}

func bare(t *testing.T, s server) {
	t.Helper()
	d := setup(t, nil)
	w := newWire(t, s.addr)
	w.hidden = []string{"IDLE", "MOVE", "UIDPLUS", "ESEARCH", "SEARCHRES", "CONDSTORE", "QRESYNC", "LITERAL+", "LITERAL-", "ENABLE", "UNSELECT", "IMAP4rev2"}
	d.mailbox(inbox.NewMailbox{IMAPAddress: w.addr})
	s.deliver(letters(1, 30)...)
	f := d.start(fetch.Options{Poll: 20 * time.Millisecond})
	d.await(30)
	s.deliver(letter(31, 100))
	d.await(31)
	d.wantStored(letters(1, 31)...)
	result, err := f.Reconcile(t.Context(), d.box())
	must(t, err)
	if result.Gap() || result.OnServer != 31 || result.Stored != 31 {
		t.Errorf("%+v", result)
	}
	for _, command := range []string{" IDLE", " MOVE ", " ENABLE ", "RETURN (", " UNSELECT", "STORE ", "ENVELOPE", "BODYSTRUCTURE"} {
		if strings.Contains(w.commands(), command) {
			t.Errorf("the client said %q", command)
		}
	}
}

func thousand(t *testing.T, s server) {
	t.Helper()
	d := setup(t, nil)
	d.mailbox(inbox.NewMailbox{IMAPAddress: s.addr})
	mails := letters(1, 1000)
	mails[499] = []byte("From: <<@\"\r\nTo: ,,;:\r\nContent-Type: multipart/; boundary\r\nSubject: =?utf-8?b?////?= \xff\xfe\xfd\r\n\r\n--\xc3(\r\n")
	s.deliver(mails...)
	d.start(fetch.Options{})
	d.await(1000)
	d.wantStored(mails...)
}

func oversize(t *testing.T, s server) {
	t.Helper()
	d := setup(t, nil)
	d.mailbox(inbox.NewMailbox{IMAPAddress: s.addr})
	endless := append([]byte(strings.Repeat("X-More: "+strings.Repeat("x", 70)+"\r\n", 10_000)), letter(4, 100)...)
	s.deliver(letter(1, 100), letter(2, 50_000), letter(3, 100), endless)
	d.inbox = d.inboxWith(inbox.Options{LargestMail: 20_000})
	d.start(fetch.Options{})
	d.await(4)
	if n := d.count(`inbound_raw where octet_length(content) > 262144`); n != 0 {
		t.Errorf("headers without end were kept whole")
	}
	large, err := db.One[inbox.Inbound](t.Context(), d.db, `select * from inbound_messages where uid = 2`)
	must(t, err)
	raw, err := d.inbox.Raw(t.Context(), d.db, large.ID)
	must(t, err)
	if !large.Oversize || large.Size < 50_000 || !strings.Contains(string(raw), "Subject: Mail 2") || len(raw) > 1000 {
		t.Errorf("%+v with %d bytes", large, len(raw))
	}
	if d.count(`inbound_messages where oversize`) != 2 {
		t.Error("small mail was taken for large")
	}
}

func probed(t *testing.T, s server) {
	t.Helper()
	d := setup(t, nil)
	s.deliver(letters(1, 3)...)
	box := d.mailbox(inbox.NewMailbox{IMAPAddress: s.addr})
	f := d.fetcher(fetch.Options{})
	p := f.Probe(t.Context(), box)
	if p.Step != fetch.StepDone || p.Error != "" || p.Messages != 3 || !p.Idle || !p.UIDPlus || len(p.Caps) < 5 || len(p.Folders) < 1 {
		t.Errorf("%+v", p)
	}
	nowhere := box
	nowhere.Folder = "Nowhere"
	if p := f.Probe(t.Context(), nowhere); p.Step != fetch.StepOpen || p.Error == "" || !p.Idle {
		t.Errorf("a folder that is not there: %+v", p)
	}
	stranger := box
	stranger.Username = "stranger"
	if p := f.Probe(t.Context(), stranger); p.Step != fetch.StepSignIn || p.Error == "" {
		t.Errorf("a stranger: %+v", p)
	}
	closed := box
	closed.IMAPAddress = "127.0.0.1:1"
	if p := f.Probe(t.Context(), closed); p.Step != fetch.StepReach || p.Error == "" {
		t.Errorf("nobody there: %+v", p)
	}
}

func mended(t *testing.T, s server) {
	t.Helper()
	d := setup(t, nil)
	box := d.mailbox(inbox.NewMailbox{IMAPAddress: s.addr})
	s.deliver(letters(1, 30)...)
	running := d.start(fetch.Options{})
	d.await(30)
	running.Stop()
	s.deliver(letters(31, 60)...)
	// A fault that must not happen: the cursor went on, the messages did not come along.
	must(t, d.db.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update mailboxes set last_uid = 55 where id = $1`, box.ID)
		return err
	}))
	f := d.fetcher(fetch.Options{})
	result, err := f.Reconcile(t.Context(), d.box())
	must(t, err)
	if len(result.Missing) != 25 || len(result.Waiting) != 5 || d.box().Missing != 25 {
		t.Errorf("%+v; %+v", result, d.box())
	}
	result, found, err := f.Mend(t.Context(), d.box())
	must(t, err)
	if result.Gap() || found != 25 || d.box().Missing != 0 || d.box().ReconciledAt == nil || d.box().LastUID != 55 {
		t.Errorf("found %d, %+v; %+v", found, result, d.box())
	}
	d.wantStored(letters(1, 55)...)
}
