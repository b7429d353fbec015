package inbox_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"makegood/inbox"
	"makegood/internal/blob"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/secrets"
)

// outsider is a box whose large files leave the database.
type outsider struct {
	box

	dir   string
	files *blob.Store
}

func outside(t *testing.T) outsider {
	t.Helper()
	o := outsider{box: setupBox(t), dir: t.TempDir()}
	place, err := blob.Open("file://" + o.dir)
	o.must(err)
	o.files = blob.New(o.db, place)
	keys, err := secrets.New("a secret of this test, 0123456789 long enough")
	o.must(err)
	o.inbox = inbox.New(o.db, keys, slog.New(slog.DiscardHandler), inbox.Options{Domain: "mail.us.example", Files: o.files})
	return o
}

// moved has everything leave that may, and tells how many mails were put among the files and how many files left.
func (o outsider) moved() (stowed, out int) {
	o.t.Helper()
	stowed, err := o.inbox.StowLarge(o.t.Context(), 100)
	o.must(err)
	out, err = o.files.MoveOut(o.t.Context(), 100)
	o.must(err)
	return stowed, out
}

func (o outsider) path(sum []byte) string {
	key := hex.EncodeToString(sum)
	return filepath.Join(o.dir, key[:2], key)
}

func (o outsider) faults() []inbox.Fault {
	o.t.Helper()
	list, err := o.inbox.Verify(o.t.Context())
	o.must(err)
	return list
}

func TestLargeMailLeavesTheDatabase(t *testing.T) {
	t.Parallel()
	o := outside(t)
	large := "Subject: large\r\n\r\n" + strings.Repeat("0123456789abcdef", 8<<10)
	fated := inbox.Fate{Kind: inbox.Held, Reason: "intake.no_sender"}
	first, twice, small := o.settle(large, fated), o.settle(large, fated), o.settle("Subject: small\r\n\r\n", fated)
	waiting := o.settle(large+"!", inbox.Fate{})
	if stowed, out := o.moved(); stowed != 2 || out != 1 {
		t.Errorf("%d mails put among the files, %d files moved; want 2 and, as they are the same, 1", stowed, out)
	}
	for id, want := range map[inbox.InboundID]string{first: large, twice: large, small: "Subject: small\r\n\r\n", waiting: large + "!"} {
		raw, err := o.inbox.Raw(t.Context(), o.db, id)
		if err != nil || string(raw) != want {
			t.Errorf("message %d reads %d bytes, %v", id, len(raw), err)
		}
		loaded, err := o.inbox.Load(t.Context(), o.db, id)
		if err != nil || string(loaded.Content) != want {
			t.Errorf("message %d loads %d bytes, %v", id, len(loaded.Content), err)
		}
	}
	past, _, err := o.inbox.Past(t.Context(), nil, 0, 10)
	o.must(err)
	for _, m := range past {
		if m.ID == first && string(m.Content) != large {
			t.Errorf("reads %d bytes of the past", len(m.Content))
		}
	}
	if got := o.faults(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if stowed, out := o.moved(); stowed != 0 || out != 0 {
		t.Errorf("again %d and %d", stowed, out)
	}
	m, err := o.inbox.Message(t.Context(), o.db, first)
	o.must(err)
	bad := []byte(large)
	bad[len(bad)-1] ^= 1
	o.must(os.WriteFile(o.path(m.SHA256), bad, 0o600))
	if _, err := o.inbox.Load(t.Context(), o.db, first); !errors.Is(err, blob.ErrAltered) {
		t.Errorf("altered bytes are handed out: %v", err)
	}
	past, next, err := o.inbox.Past(t.Context(), nil, waiting, 3) // the small one, and both that are altered
	if err != nil || len(past) != 1 || past[0].ID != small || next != first {
		t.Errorf("%d of the past, next %d, %v", len(past), next, err)
	}
	if past, next, err := o.inbox.Past(t.Context(), nil, first, 3); err != nil || len(past) != 0 || next != 0 {
		t.Errorf("before the first %d, next %d, %v", len(past), next, err)
	}
}

func TestRawMailOnlyMoves(t *testing.T) {
	t.Parallel()
	o := outside(t)
	id := o.settle("Subject: x\r\n\r\n", inbox.Fate{Kind: inbox.Held, Reason: "intake.no_sender"})
	other := o.settle(strings.Repeat("other", 20<<10), inbox.Fate{Kind: inbox.Held, Reason: "intake.no_sender"})
	o.moved()
	for _, statement := range []string{
		`update inbound_raw set content = 'y' where inbound_message_id = $1`,
		`update inbound_raw set content = null, blob = (select blob from inbound_raw where blob is not null) where inbound_message_id = $1`,
		`update inbound_raw set inbound_message_id = inbound_message_id + 1000 where inbound_message_id = $1`,
		`delete from inbound_raw where inbound_message_id = $1`,
	} {
		if err := o.db.Do(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), statement, id); return err }); err == nil {
			t.Errorf("%s is allowed", statement)
		}
	}
	if err := o.db.Do(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), `truncate inbound_raw`); return err }); err == nil {
		t.Error("truncate is allowed")
	}
	dbtest.AsOwner(t, o.db, `update inbound_raw set content = 'forged' where content is not null`)
	if got := o.faults(); len(got) != 1 || got[0].Check != "raw_bytes_kept" {
		t.Errorf("verify sees %+v", got)
	}
	if _, err := o.inbox.Raw(t.Context(), o.db, id); !errors.Is(err, blob.ErrAltered) {
		t.Errorf("forged bytes are handed out: %v", err)
	}
	if _, err := o.inbox.Raw(t.Context(), o.db, other); err != nil {
		t.Error(err)
	}
}

func TestAttachmentsAreKeptOnceAndBroughtBack(t *testing.T) {
	t.Parallel()
	o := outside(t)
	paper := inbox.Attachment{Filename: "memo.pdf", MediaType: "application/pdf", Content: bytes.Repeat([]byte("%PDF"), 20<<10)}
	var ids []inbox.OutgoingID
	for _, key := range []string{"a", "b", "c"} {
		o.do(func(tx *db.Tx) error {
			id, err := o.inbox.QueueTx(t.Context(), tx, inbox.Outgoing{
				Key: key, Kind: "reply", FromAddress: "us@us.example", ToAddress: key + "@you.example", Subject: "s", Text: "t", Attachments: []inbox.Attachment{paper},
			})
			ids = append(ids, id)
			return err
		})
	}
	if n, err := db.Value[int](t.Context(), o.db, `select count(*) from blobs`); err != nil || n != 1 {
		t.Errorf("kept %d times, %v", n, err)
	}
	claim := func(id inbox.OutgoingID) (inbox.Claimed, bool, error) {
		t.Helper()
		c, taken, err := o.inbox.Claim(t.Context(), id)
		if o.must(err); !taken {
			t.Errorf("mail %d is not to be had", id)
		}
		whole, err := o.inbox.Bring(t.Context(), &c)
		return c, whole, err
	}
	if c, whole, err := claim(ids[0]); err != nil || !whole || !bytes.Equal(c.Attachments[0].Content, paper.Content) {
		t.Errorf("from the database: %+v %v", c.OutgoingMessage, err)
	}
	if _, out := o.moved(); out != 1 {
		t.Errorf("%d moved", out)
	}
	if c, whole, err := claim(ids[1]); err != nil || !whole || !bytes.Equal(c.Attachments[0].Content, paper.Content) {
		t.Errorf("from outside: %+v %v", c.OutgoingMessage, err)
	}
	sum, err := db.Value[[]byte](t.Context(), o.db, `select sha256 from blobs`)
	o.must(err)
	o.must(os.Remove(o.path(sum)))
	if _, whole, err := claim(ids[2]); err != nil || whole {
		t.Errorf("without its file: %v", err)
	}
	list, err := o.inbox.Outgoing(t.Context(), inbox.OutgoingFilter{})
	o.must(err)
	for _, m := range list {
		if m.ID == ids[2] && (m.State != inbox.Failed || m.Error != "the attachment memo.pdf is lost") {
			t.Errorf("it cannot be sent, and is %s: %s", m.State, m.Error)
		}
	}
}
