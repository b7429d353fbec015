package intake_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/cases/escalation"
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

// add leaves out the word that River sends its workers: it says it once for many, by the clock, and not for each mail.
func (c *counter) add(statement string) {
	if strings.Contains(statement, "PGNotifyMany") {
		return
	}
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

// What a mail may cost at most from stored to opened and acknowledged, with begin and commit. Alone, and as one of twenty that came
// together; those twenty share one commit.
const (
	mostForQuestion = 27
	mostForDispute  = 40
	mostTogether    = 3
)

// counted is the intake on a connection pool of its own that counts.
func (d *desk) counted() (*intake.Intake, *counter) {
	d.t.Helper()
	c := &counter{}
	counted, err := db.Open(d.t.Context(), db.Options{URL: d.db.Pool().Config().ConnString(), MaxConns: 2, Clock: d.clock.Now, Tracer: c})
	d.must(err)
	d.t.Cleanup(counted.Close)
	keys, err := secrets.New("a secret of this test, 0123456789 long enough x")
	d.must(err)
	logger := slog.New(slog.DiscardHandler)
	renderer := renderers()
	b := billing.New(counted, renderer, logger)
	i := inbox.New(counted, keys, logger, inbox.Options{})
	return intake.New(counted, i, cases.New(counted, b, i, logger), b, logger, intake.Options{}), c
}

// promise has every case run clocks.
func (d *desk) promise() {
	d.do(func(tx *db.Tx) error {
		always, err := clock.ParseCalendar([]byte("name: Always\nzone: Europe/Berlin\nweekly: {mon: [\"00:00-24:00\"], tue: [\"00:00-24:00\"], wed: [\"00:00-24:00\"], thu: [\"00:00-24:00\"], " +
			"fri: [\"00:00-24:00\"], sat: [\"00:00-24:00\"], sun: [\"00:00-24:00\"]}\n"))
		if err != nil {
			return err
		}
		calendar, err := d.cases.SaveCalendarTx(d.t.Context(), tx, always)
		if err != nil {
			return err
		}
		targets := map[clock.Kind]map[clock.Priority]clock.Target{clock.FirstResponse: {}, clock.Resolution: {}}
		for _, p := range clock.Priorities() {
			targets[clock.FirstResponse][p], targets[clock.Resolution][p] = clock.WithinCalendar(8*time.Hour), clock.WithinCalendar(72*time.Hour)
		}
		_, err = d.cases.SavePolicyTx(d.t.Context(), tx, cases.Policy{
			Name: "Everybody", Position: 1, CalendarID: calendar, Active: true, Ladder: escalation.Default(),
			Definition: clock.Policy{Name: "Everybody", Calendar: always.Name, Targets: targets, ReopenWithin: clock.WithinDays(14)},
		})
		return err
	})
}

func TestWhatAMailCosts(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.promise()
	in, c := d.counted()
	handle := func(p post) counter {
		t.Helper()
		id := d.store(d.box, p.raw())
		*c = counter{}
		d.must(in.Handle(t.Context(), inbox.MessageArrived{ID: id}))
		if d.message(id).Fate != inbox.NewCase || c.commits != 1 {
			t.Errorf("%s with %d commits", d.message(id).Fate, c.commits)
		}
		return *c
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
		t.Logf("%s: %d statements", name, got.statements)
		if got.statements > at.most {
			t.Errorf("%s costs %d statements in %d round trips, at most %d:\n%s", name, got.statements, got.trips, at.most, strings.Join(got.texts, "\n"))
		}
	}
}

func TestWhatTwentyMailsCostTogether(t *testing.T) {
	t.Parallel()
	const mails = 20
	d := setup(t)
	d.promise()
	in, c := d.counted()
	var raws [][]byte
	d.do(func(tx *db.Tx) error {
		for n := range 2 * mails {
			contact := fmt.Sprintf("ap@k%d.example", n)
			id := d.addCustomer(tx, d.entity(tx), fmt.Sprintf("K-%d", n), "direct", nil, contact)
			p := post{from: contact, subject: "Question", id: fmt.Sprintf("%d@k%d.example", n, n), text: "What is your bank account?"}
			if n%2 == 0 {
				p.subject, p.text = "Invoice "+d.issue(tx, d.entity(tx), id).Number, "The position is charged twice, 119,00 EUR too much."
			}
			raws = append(raws, p.raw())
		}
		return nil
	})
	d.must(in.HandleAll(t.Context(), inbox.MessagesArrived{IDs: d.storeAll(raws[:mails]...)})) // so that nothing is done for the first time
	ids := d.storeAll(raws[mails:]...)
	*c = counter{}
	d.must(in.HandleAll(t.Context(), inbox.MessagesArrived{IDs: ids}))
	if c.commits != 1 || c.statements > mails*mostTogether {
		t.Errorf("%d mails cost %d commits and %d statements in %d round trips:\n%s", mails, c.commits, c.statements, c.trips, strings.Join(c.texts, "\n"))
	}
	for what, query := range map[string]string{
		"opened": `inbound_messages where fate = 'new_case'`, "disputed": `holds`, "acknowledged": `outgoing_messages where kind = 'acknowledgement'`,
		"clocked": `(select from case_clocks group by case_id having count(*) = 2) k`,
	} {
		want := 2 * mails
		if what == "disputed" {
			want = mails
		}
		if n := d.count(query); n != want {
			t.Errorf("%d %s", n, what)
		}
	}
}

func (d *desk) entity(tx *db.Tx) billing.EntityID {
	return value[billing.EntityID](d.t, tx, `select id from legal_entities`)
}
