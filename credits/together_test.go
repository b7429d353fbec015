package credits_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/db"
)

// counter counts what goes to the database: statements, and the round trips they take.
type counter struct {
	statements, trips int
	texts             []string
}

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	c.statements, c.trips, c.texts = c.statements+1, c.trips+1, append(c.texts, d.SQL)
	return ctx
}

func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *counter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	c.trips++
	return ctx
}

func (c *counter) TraceBatchQuery(_ context.Context, _ *pgx.Conn, d pgx.TraceBatchQueryData) {
	c.statements, c.texts = c.statements+1, append(c.texts, d.SQL)
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

// What posting may cost at most: round trips are what a far database makes one wait for.
const (
	mostTrips      = 12
	mostStatements = 33
)

func TestPostingTakesFewStatements(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var ids []credits.ID
	for range 18 {
		ids = append(ids, k.approved(k.proposal(k.invoice(k.customer, "1000", "500"), "10", "5")))
	}
	service, c := k.counted()
	for n, group := range map[string][]credits.ID{"alone": ids[1:2], "sixteen together": ids[2:]} {
		k.must(credits.PostAll(service, t.Context(), ids[:1])[ids[0]]) // the first statement of a connection prepares it
		*c = counter{}
		for id, err := range credits.PostAll(service, t.Context(), group) {
			t.Errorf("%s: request %d: %v", n, id, err)
		}
		if c.trips > mostTrips || c.statements > mostStatements {
			t.Errorf("%s: %d statements in %d round trips:\n%s", n, c.statements, c.trips, strings.Join(c.texts, "\n"))
		}
	}
	if n := value[int](t, k.db, `select count(distinct sequence_no) from credit_memos having max(sequence_no) = count(*)`); n != 18 {
		t.Errorf("%d memos with numbers of their own", n)
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
