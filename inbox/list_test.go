package inbox_test

import (
	"errors"
	"log/slog"
	"testing"

	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/secrets"
)

type box struct {
	t     testing.TB
	db    *db.DB
	inbox *inbox.Service
}

func setupBox(t testing.TB) box {
	t.Helper()
	keys, err := secrets.New("a secret of this test, 0123456789 long enough")
	b := box{t: t, db: dbtest.New(t)}
	b.must(err)
	b.inbox = inbox.New(b.db, keys, slog.New(slog.DiscardHandler), inbox.Options{Domain: "mail.us.example"})
	return b
}

func (b box) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b box) do(work func(tx *db.Tx) error) {
	b.t.Helper()
	b.must(b.db.Do(b.t.Context(), work))
}

func (b box) settle(raw string, f inbox.Fate) inbox.InboundID {
	b.t.Helper()
	id, err := b.inbox.Ingest(b.t.Context(), []byte(raw), inbox.SourceFile)
	b.must(err)
	if f.Kind != "" {
		b.do(func(tx *db.Tx) error { return b.inbox.SettleTx(b.t.Context(), tx, id, f) })
	}
	return id
}

func TestMessagesAndCounts(t *testing.T) {
	t.Parallel()
	b := setupBox(t)
	first := b.settle("1", inbox.Fate{Kind: inbox.Held, Reason: "intake.no_sender", Summary: inbox.Summary{Subject: "100 % off_", Sender: "a@b.example"}})
	second := b.settle("2", inbox.Fate{Kind: inbox.NewCase, CaseID: new(int64(5)), Summary: inbox.Summary{Subject: "Invoice"}})
	third := b.settle("3", inbox.Fate{})
	for name, c := range map[string]struct {
		filter inbox.Filter
		want   []inbox.InboundID
	}{
		"all":       {inbox.Filter{}, []inbox.InboundID{third, second, first}},
		"page one":  {inbox.Filter{Limit: 1}, []inbox.InboundID{third}},
		"page two":  {inbox.Filter{Limit: 1, After: third}, []inbox.InboundID{second}},
		"by fate":   {inbox.Filter{Fates: []inbox.FateKind{inbox.Held, inbox.Quarantined}}, []inbox.InboundID{first}},
		"by case":   {inbox.Filter{CaseID: new(int64(5))}, []inbox.InboundID{second}},
		"by text":   {inbox.Filter{Query: "% OFF_"}, []inbox.InboundID{first}},
		"by sender": {inbox.Filter{Query: "b.example"}, []inbox.InboundID{first}},
		"no match":  {inbox.Filter{Query: "%"}, []inbox.InboundID{first}},
	} {
		list, err := b.inbox.Messages(t.Context(), c.filter)
		b.must(err)
		got := []inbox.InboundID{}
		for _, m := range list {
			got = append(got, m.ID)
		}
		if len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] || len(got) > 1 && got[len(got)-1] != c.want[len(c.want)-1] {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	counts, err := b.inbox.FateCounts(t.Context(), nil)
	b.must(err)
	if counts[inbox.Held] != 1 || counts[inbox.NewCase] != 1 || counts[inbox.Pending] != 1 || counts[inbox.Bounce] != 0 {
		t.Errorf("counts %v", counts)
	}
}

func TestMailboxes(t *testing.T) {
	t.Parallel()
	b := setupBox(t)
	in := inbox.NewMailbox{Address: " Billing@Us.example ", IMAPAddress: "imap.us.example:993", Security: "tls", Username: "billing", Password: "open sesame"}
	var m inbox.Mailbox
	b.do(func(tx *db.Tx) error {
		var err error
		m, err = b.inbox.AddMailboxTx(t.Context(), tx, in)
		return err
	})
	password, err := b.inbox.Password(m)
	if m.Address != "billing@us.example" || m.Folder != "INBOX" || err != nil || password != in.Password {
		t.Errorf("added %+v, password %q, %v", m, password, err)
	}
	for name, change := range map[string]func(*inbox.NewMailbox){
		"twice":            func(*inbox.NewMailbox) {},
		"without port":     func(n *inbox.NewMailbox) { n.Address, n.IMAPAddress = "x@us.example", "imap.us.example" },
		"without address":  func(n *inbox.NewMailbox) { n.Address = "x" },
		"without user":     func(n *inbox.NewMailbox) { n.Address, n.Username = "x@us.example", "" },
		"unknown security": func(n *inbox.NewMailbox) { n.Address, n.Security = "x@us.example", "magic" },
	} {
		wrong := in
		change(&wrong)
		err := b.db.Do(t.Context(), func(tx *db.Tx) error {
			_, err := b.inbox.AddMailboxTx(t.Context(), tx, wrong)
			return err
		})
		if errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.do(func(tx *db.Tx) error {
		return b.inbox.SetMailboxServerTx(t.Context(), tx, m.ID, "127.0.0.1:1143", "none")
	})
	list, err := b.inbox.Mailboxes(t.Context())
	b.must(err)
	if len(list) != 1 || list[0].IMAPAddress != "127.0.0.1:1143" || list[0].Security != "none" {
		t.Errorf("mailboxes %+v", list)
	}
	err = b.db.Do(t.Context(), func(tx *db.Tx) error { return b.inbox.SetMailboxServerTx(t.Context(), tx, 999, "a:1", "tls") })
	if !errors.Is(err, inbox.ErrNoMailbox) {
		t.Errorf("a mailbox that is not there was moved: %v", err)
	}
}

func TestBouncedAndHealth(t *testing.T) {
	t.Parallel()
	b := setupBox(t)
	var id inbox.OutgoingID
	b.do(func(tx *db.Tx) error {
		var err error
		for _, key := range []string{"later", "now"} {
			o := inbox.Outgoing{Key: key, Kind: "reply", FromAddress: "us@us.example", ToAddress: "you@you.example", Subject: "s", Text: "t", AwaitsAttachment: key == "later"}
			if id, err = b.inbox.QueueTx(t.Context(), tx, o); err != nil {
				return err
			}
		}
		return nil
	})
	health, err := b.inbox.OutgoingHealth(t.Context(), nil)
	b.must(err)
	if health.Queued != 1 || health.OldestQueued == nil || health.Failed+health.Unknown != 0 {
		t.Errorf("health %+v", health)
	}
	mark := func() (marked bool) {
		b.do(func(tx *db.Tx) error {
			var err error
			_, marked, err = b.inbox.MarkBouncedTx(t.Context(), tx, id, "5.1.1 no such user")
			return err
		})
		return marked
	}
	if mark() {
		t.Error("a mail that never left bounced")
	}
	b.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update outgoing_messages set state = 'sent' where id = $1`, id)
		return err
	})
	for range 2 {
		if !mark() {
			t.Error("a mail that was sent did not bounce")
		}
	}
	list, err := b.inbox.Outgoing(t.Context(), inbox.OutgoingFilter{States: []inbox.OutgoingState{inbox.Bounced}})
	b.must(err)
	if len(list) != 1 || list[0].ID != id || list[0].Error == "" || !b.inbox.Ours(list[0].MessageID) || b.inbox.Ours("<c1.x.y@you.example>") {
		t.Errorf("bounced %+v", list)
	}
}
