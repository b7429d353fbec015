package send_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/jobs"
)

// copied queues a reply to case 7 with copies.
func (o *office) copied(cc ...string) inbox.OutgoingID {
	o.t.Helper()
	var id inbox.OutgoingID
	o.do(func(tx *db.Tx) error {
		var err error
		id, err = o.inbox.QueueTx(o.t.Context(), tx, inbox.Outgoing{
			Key: "copied", CaseID: new(int64(7)), Kind: "reply", FromAddress: "billing@us.example", ToAddress: "ada@lumen.example", Cc: cc, Subject: "Your invoice", Text: "It is right.",
		})
		return err
	})
	return id
}

// TestRefusedReader: a copy that the server refuses keeps the mail from nobody else, and both the mail and those who know its case are
// told; a reader who is refused, or one who is to be tried later, is waited for or fails as before.
func TestRefusedReader(t *testing.T) {
	t.Parallel()
	const gone, never, later = "550 5.1.1 no such user", "550 mail from you is not wanted", "450 4.2.0 greylisted"
	for name, c := range map[string]struct {
		refuses map[string]string
		state   inbox.OutgoingState
		told    []string // whom the case is told of, with the status
		readers []string // of the copy that left
	}{
		"a copy":               {map[string]string{"carl@lumen.example": gone}, inbox.Sent, []string{"carl@lumen.example 5.1.1"}, []string{"ada@", "eve@"}},
		"a copy for no reason": {map[string]string{"carl@lumen.example": never}, inbox.Sent, []string{"carl@lumen.example 5.0.0"}, []string{"ada@", "eve@"}},
		"both copies":          {map[string]string{"carl@lumen.example": gone, "eve@lumen.example": never}, inbox.Sent, []string{"carl@lumen.example 5.1.1", "eve@lumen.example 5.0.0"}, []string{"ada@"}},
		"the reader":           {map[string]string{"ada@lumen.example": gone}, inbox.Failed, []string{"ada@lumen.example 5.1.1"}, nil},
		"a copy, for now":      {map[string]string{"carl@lumen.example": later}, inbox.Queued, nil, nil},
		"one copy, another for now": {
			map[string]string{"carl@lumen.example": gone, "eve@lumen.example": later}, inbox.Queued, []string{"carl@lumen.example 5.1.1"}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startRelay(t)
			r.refuses = c.refuses
			o := setup(t, r)
			var told []string
			jobs.Handle(o.jobs, func(_ context.Context, refused inbox.ReaderRefused) error {
				told = append(told, refused.Address+" "+refused.Status)
				return nil
			})
			id := o.copied("Carl@lumen.example", "eve@lumen.example")
			args, err := json.Marshal(inbox.SendMessage{ID: id})
			o.must(err)
			if err := o.jobs.Work(t.Context(), inbox.SendMessage{}.Kind(), args); (err != nil) != (c.state == inbox.Queued) {
				t.Errorf("worked with %v", err)
			}
			m, steps := o.mail(id)
			if m.State != c.state || len(steps) != 1 {
				t.Fatalf("%s %+v", m.State, steps)
			}
			for address := range c.refuses {
				if c.state == inbox.Sent && !strings.Contains(strings.ToLower(steps[0].Answer), address) {
					t.Errorf("%s is not said to be left out: %q", address, steps[0].Answer)
				}
			}
			if c.state != inbox.Queued {
				o.work()
				slices.Sort(told)
				if !slices.Equal(told, c.told) {
					t.Errorf("told of %q, want %q", told, c.told)
				}
			}
			mails := r.mails()
			if len(mails) != min(1, len(c.readers)) {
				t.Fatalf("%d mails left", len(mails))
			}
			for _, raw := range mails {
				for _, reader := range []string{"ada@", "carl@", "eve@"} {
					if want := slices.Contains(c.readers, reader); strings.Contains(strings.ToLower(raw), reader) != want {
						t.Errorf("%s in it: %t\n%s", reader, !want, raw)
					}
				}
			}
		})
	}
}
