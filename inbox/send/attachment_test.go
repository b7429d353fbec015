package send_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"makegood/inbox"
	"makegood/internal/blob"
	"makegood/internal/db"
)

// paper is large enough to leave the database.
func paper() []byte { return bytes.Repeat([]byte("%PDF"), 20<<10) }

// queuePaper puts a mail with one large attachment into the outbox, has that moved outside, and tells where it lies.
func (o *office) queuePaper(to string) (inbox.OutgoingID, string) {
	o.t.Helper()
	var id inbox.OutgoingID
	o.do(func(tx *db.Tx) error {
		var err error
		id, err = o.inbox.QueueTx(o.t.Context(), tx, inbox.Outgoing{
			Key: "memo:" + to, Kind: "reply", FromAddress: "billing@us.example", ToAddress: to, Subject: "Your credit memo", Text: "Attached.",
			Attachments: []inbox.Attachment{{Filename: "memo.pdf", MediaType: "application/pdf", Content: paper()}},
		})
		return err
	})
	_, err := o.files.MoveOut(o.t.Context(), 10)
	o.must(err)
	sum, err := db.Value[[]byte](o.t.Context(), o.db, `select sha256 from blobs where content is null`)
	o.must(err)
	key := hex.EncodeToString(sum)
	return id, filepath.Join(o.dir, key[:2], key)
}

// ended checks how a mail ended, and how many the relay has.
func (o *office) ended(r *relay, id inbox.OutgoingID, state inbox.OutgoingState, why string, mails int) {
	o.t.Helper()
	m, steps := o.mail(id)
	if m.State != state || len(steps) != 1 || steps[0].Answer != why || len(r.mails()) != mails {
		o.t.Errorf("%+v %+v, %d mails; want %s, %q and %d", m, steps, len(r.mails()), state, why, mails)
	}
}

// TestAnAttachmentThatIsGone: what will not come back ends the mail, and says so.
func TestAnAttachmentThatIsGone(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	o := setup(t, r)
	id, path := o.queuePaper("ada@lumen.example")
	o.must(os.Remove(path))
	o.work()
	o.ended(r, id, inbox.Failed, "the attachment memo.pdf is lost", 0)
	o.must(os.WriteFile(path, bytes.Repeat([]byte("%PDG"), 20<<10), 0o600))
	altered, _ := o.queuePaper("carl@lumen.example")
	o.must(os.WriteFile(path, bytes.Repeat([]byte("%PDG"), 20<<10), 0o600))
	o.work()
	o.ended(r, altered, inbox.Failed, "the attachment memo.pdf is no longer what was attached", 0)
}

// TestAPlaceThatIsAway: what will come back leaves the mail in the queue.
func TestAPlaceThatIsAway(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	o := setup(t, r)
	id, path := o.queuePaper("ada@lumen.example")
	o.must(os.Rename(path, path+".away"))
	o.must(os.Mkdir(path, 0o700)) // there is something, and it cannot be read
	c, taken, err := o.inbox.Claim(t.Context(), id)
	if err != nil || !taken {
		t.Fatalf("%v %v", taken, err)
	}
	if whole, err := o.inbox.Bring(t.Context(), &c); whole || !errors.Is(err, blob.ErrAway) {
		t.Errorf("%v %v", whole, err)
	}
	o.ended(r, id, inbox.Queued, "the attachment could not be read", 0)
	o.must(os.Remove(path))
	o.must(os.Rename(path+".away", path))
	o.work()
	if m, _ := o.mail(id); m.State != inbox.Sent || len(r.mails()) != 1 || !strings.Contains(r.mails()[0], "memo.pdf") {
		t.Errorf("%+v, %d mails", m, len(r.mails()))
	}
}

// TestCutOffWithoutItsAttachment: a mail that was cut off is in doubt whether or not its attachment can be read.
func TestCutOffWithoutItsAttachment(t *testing.T) {
	t.Parallel()
	for parameters, why := range map[string]string{
		"":                      "cut off while the server was taking it",
		"?repeat_header=X-Once": "cut off while the server was taking it, and the attachment memo.pdf is lost",
	} {
		r := startRelay(t)
		o := setupWith(t, r, parameters)
		id, path := o.queuePaper("ada@lumen.example")
		if _, taken, err := o.inbox.Claim(t.Context(), id); err != nil || !taken { // and here the program dies
			t.Fatalf("%v %v", taken, err)
		}
		o.must(os.Remove(path))
		o.work()
		o.ended(r, id, inbox.Unknown, why, 0)
	}
}
