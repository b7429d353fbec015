package credits_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// counter counts what goes to the database: statements, and the round trips they take.
type counter struct {
	statements, trips int
	numbered          int // the round trip that took the number
	texts             []string
}

func (c *counter) saw(statement string) {
	c.statements, c.texts = c.statements+1, append(c.texts, statement)
	if strings.HasPrefix(statement, "insert into document_sequences") {
		c.numbered = c.trips
	}
}

// afterNumber is how many round trips followed the one that took the number.
func (c *counter) afterNumber() int { return c.trips - c.numbered }

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	c.trips++
	c.saw(d.SQL)
	return ctx
}

func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *counter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	c.trips++
	return ctx
}

func (c *counter) TraceBatchQuery(_ context.Context, _ *pgx.Conn, d pgx.TraceBatchQueryData) {
	c.saw(d.SQL)
}

func (c *counter) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// counted is the service on a connection pool of its own that counts.
func (k *desk) counted() (*credits.Service, *counter) {
	k.t.Helper()
	c := &counter{}
	d, err := db.Open(k.t.Context(), db.Options{URL: k.db.Pool().Config().ConnString(), MaxConns: 2, Clock: k.clock.Now, Tracer: c})
	k.must(err)
	k.t.Cleanup(d.Close)
	return credits.New(d, k.billing, k.cases, k.inbox, k.staff, slog.New(slog.DiscardHandler)), c
}

// approved is a request that waits to be posted.
func (k *desk) approved(in credits.ProposeInput) credits.ID {
	k.t.Helper()
	req := k.submit(in)
	if req.State != credits.Approved {
		k.approve(req.ID, k.senior)
	}
	return req.ID
}

// disputed is an approved request of a case that disputes what it gives back.
func (k *desk) disputed() credits.ID {
	k.t.Helper()
	invoice := k.invoice(k.customer, "1000", "500")
	c, err := k.cases.Open(k.t.Context(), cases.OpenInput{
		Type: cases.Dispute, Subject: "Too much", CustomerID: &invoice.CustomerID, Source: "mail", By: k.agent,
		Participants: []cases.Participant{{Address: "ap@c-1.example", Name: "Accounts", Accepted: true}},
		Disputes:     []cases.NewDispute{{InvoiceID: invoice.ID, InvoiceLineID: &invoice.Lines[0].ID, Contested: d("11.90"), ReasonCode: "wrong_price"}},
		Message:      &cases.InboundMessage{AuthorName: "Accounts", AuthorAddress: "ap@c-1.example", Subject: "Too much", Body: "Please look.", Trust: cases.Verified},
	})
	k.must(err)
	lines, err := k.cases.Disputes(k.t.Context(), k.db, c.ID)
	k.must(err)
	return k.approved(k.caseProposal(c, lines, invoice, "10"))
}

// What posting may cost at most, with the word to the workers that River adds now and then: round trips are what a far database makes one wait for. Of those, few may come after
// the number, on which all others wait.
const (
	mostTrips         = 9
	mostStatements    = 35
	mostTripsWithCase = 17
	mostAfterNumber   = 2 // the last statements, and the commit
)

func TestPostingTakesFewStatements(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var ids []credits.ID
	for range 18 {
		ids = append(ids, k.approved(k.proposal(k.invoice(k.customer, "1000", "500"), "10", "5")))
	}
	service, c := k.counted()
	k.must(credits.PostAll(service, t.Context(), ids[:1])[ids[0]]) // the first statement of a connection prepares it
	for n, group := range map[string][]credits.ID{"alone": ids[1:2], "sixteen together": ids[2:]} {
		*c = counter{}
		for id, err := range credits.PostAll(service, t.Context(), group) {
			t.Errorf("%s: request %d: %v", n, id, err)
		}
		if c.trips > mostTrips || c.statements > mostStatements || c.afterNumber() > mostAfterNumber {
			t.Errorf("%s: %d statements in %d round trips, %d after the number:\n%s", n, c.statements, c.trips, c.afterNumber(), strings.Join(c.texts, "\n"))
		}
	}
	if n := value[int](t, k.db, `select count(distinct sequence_no) from credit_memos having max(sequence_no) = count(*)`); n != 18 {
		t.Errorf("%d memos with numbers of their own", n)
	}
	k.sound()
}

func TestPostingOfCasesTakesFewRoundTrips(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.do(func(tx *db.Tx) error { k.policy(tx); return nil })
	var ids []credits.ID
	for range 6 {
		ids = append(ids, k.disputed())
	}
	service, c := k.counted()
	k.must(credits.PostAll(service, t.Context(), ids[:1])[ids[0]])
	for n, group := range map[string][]credits.ID{"alone": ids[1:2], "four together": ids[2:]} {
		*c = counter{}
		for id, err := range credits.PostAll(service, t.Context(), group) {
			t.Errorf("%s: request %d: %v", n, id, err)
		}
		if c.trips > mostTripsWithCase || c.afterNumber() > mostAfterNumber {
			t.Errorf("%s: %d round trips, %d after the number:\n%s", n, c.trips, c.afterNumber(), strings.Join(c.texts, "\n"))
		}
	}
	for _, id := range ids {
		req := k.read(id)
		if got := k.caseOf(*req.CaseID); got.Status != cases.StatusResolved || got.CreditState != cases.CreditPosted || !got.Disputed.IsZero() {
			t.Errorf("case of %s: %s, credit %s, %s in dispute", req.Number, got.Status, got.CreditState, got.Disputed)
		}
		said := value[string](t, k.db, `select body from case_messages where case_id = $1 and kind = 'letter'`, *req.CaseID)
		mailed := value[string](t, k.db, `select text_body from outgoing_messages where key = 'credit_posted:' || $1::bigint`, id)
		if !strings.Contains(said, req.DocumentNumber) || said != mailed {
			t.Errorf("the letter about %s says %q, the mail %q", req.DocumentNumber, said, mailed)
		}
		rows, err := audit.Timeline(t.Context(), k.db, audit.Case(int64(*req.CaseID)), 0, 100)
		k.must(err)
		var events []string
		for _, row := range rows {
			if row.What == "credit.posted" && row.Data["memo"] != req.DocumentNumber {
				t.Errorf("the event of %s says %v", req.DocumentNumber, row.Data)
			}
			events = append(events, row.What)
		}
		if !strings.Contains(strings.Join(events, " "), "dispute.decided credit.posted letter.queued status.changed") {
			t.Errorf("events %v", events)
		}
	}
	faults, err := k.cases.Verify(t.Context())
	k.must(err)
	if len(faults) > 0 {
		t.Errorf("clocks: %v", faults)
	}
	k.sound()
}

func TestOneRefusedAmongSeveralIsAlone(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000")
	var ids []credits.ID
	for range 4 {
		ids = append(ids, k.approved(k.proposal(invoice, "50")))
	}
	k.run(`update line_reservations set state = 'released' where credit_request_id = $1`, ids[2])
	for id, err := range credits.PostAll(k.credits, t.Context(), ids) {
		t.Errorf("request %d: %v", id, err)
	}
	for i, id := range ids {
		want := credits.Posted
		if i == 2 {
			want = credits.Failed
		}
		if got := k.read(id); got.State != want {
			t.Errorf("request %d of 4 is %s: %s", i+1, got.State, got.Failure)
		}
	}
	equal(t, "credited", "150", k.detail(invoice.ID).Lines[0].Credited)
}

func TestSeveralOnOneInvoiceSettleOneAfterTheOther(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "100", "100")
	_, err := k.billing.RecordPayment(t.Context(), billing.NewPayment{
		EntityID: k.entity, CustomerID: k.customer, Currency: "EUR", Amount: d("138"), ReceivedOn: invoice.IssuedOn, By: k.control,
		Allocate: []billing.Allocate{{InvoiceID: invoice.ID, Amount: d("138")}},
	})
	k.must(err)
	first, second := k.approved(k.proposal(invoice, "60")), k.approved(k.proposal(invoice, "40"))
	third := k.proposal(invoice, "1", "70")
	third.Lines = third.Lines[1:]
	ids := []credits.ID{first, second, k.approved(third)}
	for id, err := range credits.PostAll(k.credits, t.Context(), ids) {
		t.Errorf("request %d: %v", id, err)
	}
	// 238 less 138 paid: 71.40 and 28.60 of 47.60 settle the invoice, the rest is the customer's.
	var toInvoice, toBalance []string
	for _, id := range ids {
		memo, err := k.billing.MemoByNumber(t.Context(), k.db, k.read(id).DocumentNumber)
		k.must(err)
		toInvoice, toBalance = append(toInvoice, memo.ToInvoice.String()), append(toBalance, memo.ToBalance.String())
	}
	if got := strings.Join(toInvoice, " ") + " / " + strings.Join(toBalance, " "); got != "71.4 28.6 0 / 0 19 83.3" {
		t.Errorf("to invoice and to balance: %s", got)
	}
	equal(t, "open", "0", k.detail(invoice.ID).Open.Open)
	k.sound()
}

func TestTwoProgramsPostACrowd(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var ids []credits.ID
	for range 3 {
		invoice := k.invoice(k.customer, "1000", "1000")
		for range 8 {
			ids = append(ids, k.approved(k.proposal(invoice, "10", "5")))
		}
	}
	other := k.copy()
	var all sync.WaitGroup
	for i, id := range ids {
		for _, service := range []*credits.Service{k.credits, other} {
			all.Go(func() {
				if err := service.Post(t.Context(), credits.PostRequest{ID: id}); err != nil {
					t.Errorf("request %d: %v", i, err)
				}
			})
		}
	}
	all.Wait()
	if n := value[int](t, k.db, `select count(*) from credit_memos`); n != len(ids) {
		t.Errorf("%d memos for %d requests", n, len(ids))
	}
	k.sound()
}
