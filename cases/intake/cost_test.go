package intake_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/db"
	"makegood/internal/secrets"
)

// counter counts what goes to the database: statements, and the round trips they take.
type counter struct {
	statements, trips, commits int
	texts                      []string
}

func (c *counter) add(statement string) {
	c.statements++
	c.texts = append(c.texts, strings.Join(strings.Fields(statement), " "))
	if strings.HasPrefix(statement, "commit") {
		c.commits++
	}
}

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	c.add(q.SQL)
	c.trips++
	return ctx
}

func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *counter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	c.trips++
	return ctx
}

func (c *counter) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	c.add(q.SQL)
}

func (c *counter) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// What a mail may cost at most from stored to opened and acknowledged, with begin and commit, and with the word to the workers that
// River adds now and then.
const (
	mostForQuestion = 23
	mostForDispute  = 38
)

func TestWhatAMailCosts(t *testing.T) {
	t.Parallel()
	d := setup(t)
	var c counter
	counted, err := db.Open(t.Context(), db.Options{URL: d.db.Pool().Config().ConnString(), MaxConns: 2, Clock: d.clock.Now, Tracer: &c})
	d.must(err)
	defer counted.Close()
	keys, err := secrets.New("a secret of this test, 0123456789 long enough x")
	d.must(err)
	logger := slog.New(slog.DiscardHandler)
	renderer, err := renderers()
	d.must(err)
	b := billing.New(counted, renderer, logger)
	i := inbox.New(counted, keys, logger, inbox.Options{})
	in := intake.New(counted, i, cases.New(counted, b, i, logger), b, logger, intake.Options{})
	handle := func(p post) counter {
		t.Helper()
		id := d.store(d.box, p.raw())
		c = counter{}
		d.must(in.Handle(t.Context(), inbox.MessageArrived{ID: id}))
		if d.message(id).Fate != inbox.NewCase || c.commits != 1 {
			t.Errorf("%s with %d commits", d.message(id).Fate, c.commits)
		}
		return c
	}
	handle(post{from: anna, subject: "Before", id: "1@aster.example", text: "So that nothing is done for the first time."})
	for name, at := range map[string]struct {
		mail post
		most int
	}{
		"a question":            {post{from: anna, subject: "Question", id: "2@aster.example", text: "What is your bank account?"}, mostForQuestion},
		"a dispute on one line": {post{from: anna, subject: "Invoice " + d.astersInvoice.Number, id: "3@aster.example", text: "The position is charged twice, 119,00 EUR too much."}, mostForDispute},
	} {
		got := handle(at.mail)
		if got.statements > at.most {
			t.Errorf("%s costs %d statements in %d round trips, at most %d:\n%s", name, got.statements, got.trips, at.most, strings.Join(got.texts, "\n"))
		}
	}
}
