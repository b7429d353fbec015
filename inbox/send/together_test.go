package send_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/inbox"
	"makegood/inbox/send"
	"makegood/internal/db"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/secrets"
)

// queueTogether puts acknowledgements to cases opened together into the outbox.
func (o *office) queueTogether(n int) []inbox.OutgoingID {
	o.t.Helper()
	var ids []inbox.OutgoingID
	o.do(func(tx *db.Tx) error {
		var err error
		if ids, err = o.inbox.NextIDsTx(o.t.Context(), tx, n); err != nil {
			return err
		}
		mails := map[inbox.OutgoingID]inbox.Outgoing{}
		for i, id := range ids {
			mails[id] = inbox.Outgoing{
				Key: fmt.Sprintf("ack:case:%d", id), Kind: "acknowledgement", Automatic: true, FromAddress: "billing@us.example",
				ToAddress: fmt.Sprintf("ada%d@lumen.example", i), Subject: "Your message", Text: fmt.Sprintf("We have it, number %d.", i),
			}
		}
		var batch pgx.Batch
		if err := o.inbox.QueueNewTx(o.t.Context(), tx, &batch, mails); err != nil {
			return err
		}
		return tx.Batch(o.t.Context(), &batch)
	})
	return ids
}

// transactions counts what goes to the database outside of an open transaction: each is one.
type transactions struct{ n atomic.Int64 }

func (c *transactions) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.n.Add(1)
	return ctx
}

func (c *transactions) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *transactions) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	c.n.Add(1)
	return ctx
}

func (c *transactions) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (c *transactions) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// counted sends through the relay on a connection pool that counts.
func (o *office) counted(r *relay) (*jobs.Registry, *transactions) {
	o.t.Helper()
	c := &transactions{}
	counted, err := db.Open(o.t.Context(), db.Options{URL: o.db.Pool().Config().ConnString(), MaxConns: 1, Clock: o.clock.Now, Tracer: c})
	o.must(err)
	o.t.Cleanup(counted.Close)
	keys, err := secrets.New("a secret of this test, 0123456789 long enough")
	o.must(err)
	sender, err := send.NewSMTP("smtp://" + r.address)
	o.must(err)
	quiet, registry := slog.New(slog.DiscardHandler), jobs.NewRegistry()
	send.New(inbox.New(counted, keys, quiet, inbox.Options{Domain: "mail.us.example", Files: o.files}), sender, quiet).Register(registry)
	return registry, c
}

func (o *office) jobsOf(kind string) int {
	o.t.Helper()
	n, err := db.Value[int](o.t.Context(), o.db, `select count(*) from river_job where kind = $1`, kind)
	o.must(err)
	return n
}

// TestMailsQueuedTogetherAreSentOneAfterTheOther: each once, with its own steps, and in hardly more transactions than there are mails.
func TestMailsQueuedTogetherAreSentOneAfterTheOther(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	o := setup(t, r)
	ids := o.queueTogether(20)
	if n := o.jobsOf("inbox.send_messages"); n != 2 {
		t.Fatalf("%d jobs", n)
	}
	work, asked := o.counted(r)
	for _, part := range [][]inbox.OutgoingID{ids[:10], ids[10:]} {
		asked.n.Store(0) // the first of all takes turns to send for those that follow
		raw, err := json.Marshal(inbox.SendMessages{IDs: part})
		o.must(err)
		o.must(work.Work(t.Context(), inbox.SendMessages{}.Kind(), raw))
	}
	if n := asked.n.Load(); n != 10+1 {
		t.Errorf("%d transactions for 10 mails", n)
	}
	o.work() // the jobs themselves find nothing left to do
	for _, id := range ids {
		if m, steps := o.mail(id); m.State != inbox.Sent || m.Attempts != 1 || len(steps) != 1 || steps[0].State != inbox.Sent {
			t.Errorf("%+v %+v", m, steps)
		}
	}
	if n := len(r.mails()); n != len(ids) {
		t.Errorf("%d mails left", n)
	}
	o.queueTogether(1)
	if n := o.jobsOf("inbox.send_message"); n != 1 {
		t.Errorf("one alone has %d jobs of its own", n)
	}
}

// TestOneThatFailsHoldsUpNoOther: what is refused or in doubt is settled on the way; what is to be tried again goes alone, and so do
// those behind it.
func TestOneThatFailsHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	ok := "250 2.0.0 queued"
	r := startRelay(t, ok, "550 5.1.1 nobody here", "", "451 4.7.1 come back later", ok)
	o := setup(t, r)
	ids := o.queueTogether(6)
	o.work()
	var states []inbox.OutgoingState
	for _, id := range ids {
		m, _ := o.mail(id)
		states = append(states, m.State)
	}
	want := []inbox.OutgoingState{inbox.Sent, inbox.Failed, inbox.Unknown, inbox.Sent, inbox.Sent, inbox.Sent}
	if !slices.Equal(states, want) || o.jobsOf("inbox.send_message") != 3 {
		t.Errorf("%v, and %d went alone", states, o.jobsOf("inbox.send_message"))
	}
	m, steps := o.mail(ids[3])
	if m.Attempts != 2 || len(steps) != 2 || steps[0].State != inbox.Queued || !strings.Contains(steps[0].Answer, "451") {
		t.Errorf("%+v %+v", m, steps)
	}
	if n := len(r.mails()); n != 7 {
		t.Errorf("%d mails were handed over", n)
	}
}

// TestAGroupWorkedTwiceSendsNothingTwice: a process died when the second mail was with the server.
func TestAGroupWorkedTwiceSendsNothingTwice(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	o := setup(t, r)
	ids := o.queueTogether(4)
	if _, take, err := o.inbox.Claim(t.Context(), ids[0]); err != nil || !take {
		t.Fatal(err)
	}
	// As in the program, the outcome of the first is in the transaction that claims the second.
	before := &inbox.Settlement{ID: ids[0], State: inbox.Sent, Answer: "250 queued"}
	if _, take, err := o.inbox.ClaimNext(t.Context(), before, ids[1]); err != nil || !take {
		t.Fatal(err)
	}
	o.work()
	o.work()
	for n, want := range []inbox.OutgoingState{inbox.Sent, inbox.Unknown, inbox.Sent, inbox.Sent} {
		if m, steps := o.mail(ids[n]); m.State != want || len(steps) != 1 {
			t.Errorf("mail %d: %+v %+v", n, m, steps)
		}
	}
	if n := len(r.mails()); n != 2 {
		t.Errorf("%d mails left", n)
	}
}

// TestOutcomeIsKeptWhenTheNextCannotBeClaimed: what the server took is written down even though the next mail is not there.
func TestOutcomeIsKeptWhenTheNextCannotBeClaimed(t *testing.T) {
	t.Parallel()
	o := setup(t, startRelay(t))
	id := o.queueTogether(1)[0]
	if _, _, err := o.inbox.Claim(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, take, err := o.inbox.ClaimNext(t.Context(), &inbox.Settlement{ID: id, State: inbox.Sent, Answer: "250 queued"}, id+1000); err == nil || take {
		t.Errorf("claimed what is not there: %v", err)
	}
	if m, steps := o.mail(id); m.State != inbox.Sent || len(steps) != 1 {
		t.Errorf("%+v %+v", m, steps)
	}
	jobstest.Drain(t, o.db, o.jobs, o.clock, o.clock.Now().Add(time.Hour))
}
