package statements_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"makegood/billing"
	"makegood/billing/dunning"
	service "makegood/cases/statements"
	"makegood/inbox"
	"makegood/inbox/send"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/web"
	"makegood/ui/screentest"
	"makegood/ui/statements"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// counter is the room with the page of statements by mail, the jobs that send them, and a mail server that takes everything.
type counter struct {
	*screentest.Room
	t          *testing.T
	statements *service.Service
}

func open(t *testing.T) *counter {
	t.Helper()
	c := &counter{Room: screentest.Open(t), t: t}
	quiet := slog.New(slog.DiscardHandler)
	c.statements = service.New(service.Services{DB: c.DB, Billing: c.Billing, Inbox: c.Inbox}, 0, quiet)
	c.statements.Register(c.Registry)
	send.New(c.Inbox, relay{}, quiet).Register(c.Registry)
	s := statements.New(c.Desk, c.statements, c.Reports)
	mail := web.Need(access.SendStatements)
	c.Echo.GET("/customers/:account/statement/mail", s.Letter, mail)
	c.Echo.POST("/customers/:account/statement/mail", s.Send, mail)
	c.Echo.POST("/customers/:account/statement/mails/:mail/take-back", s.TakeBack, mail)
	c.Echo.POST("/customers/:account/statement/reader", s.SetReader, mail)
	c.Echo.GET("/collections/statements", s.Month, web.Need(access.ReadBooks))
	c.Echo.POST("/collections/statements/:entity", s.SetRule, web.Need(access.ManageEntities))
	return c
}

// relay is a mail server that takes everything.
type relay struct{}

func (relay) Send(context.Context, *mail.Msg) (send.Outcome, error) { return send.Accepted, nil }
func (relay) RepeatHeader() string                                  { return "" }

func (c *counter) home(customer billing.Customer) string {
	return "/customers/" + customer.Account + "/statement/mail"
}

func (c *counter) mails() []inbox.OutgoingMessage {
	c.t.Helper()
	list, err := db.List[inbox.OutgoingMessage](c.t.Context(), c.DB, `select * from outgoing_messages where kind = 'statement' order by id`)
	c.Must(err)
	return list
}

func (c *counter) exec(statement string, args ...any) {
	c.t.Helper()
	c.Must(c.DB.Do(c.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(c.t.Context(), statement, args...)
		return err
	}))
}

func (c *counter) number(query string, args ...any) int {
	c.t.Helper()
	n, err := db.Value[int](c.t.Context(), c.DB, query, args...)
	c.Must(err)
	return n
}

// wants has customers get statements each month, from the given day on.
func (c *counter) wants(onDay int, customers ...billing.Customer) {
	c.t.Helper()
	_, err := c.statements.SetRule(c.t.Context(), service.RuleInput{By: c.Actor(access.Controller), Entity: "DE", Active: true, OnDay: onDay})
	c.Must(err)
	for _, customer := range customers {
		_, err := c.statements.SetReader(c.t.Context(), service.ReaderInput{By: c.Actor(access.Agent), Account: customer.Account, Wanted: true})
		c.Must(err)
	}
}

// on is a day on which what is due is looked for and worked, twice.
func (c *counter) on(day string) {
	c.t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	c.Must(err)
	c.Clock.Set(at.Add(8 * time.Hour))
	for range 2 {
		c.Must(c.DB.Do(c.t.Context(), func(tx *db.Tx) error { return tx.Enqueue(c.t.Context(), service.Look{}) }))
		jobstest.DrainNow(c.t, c.DB, c.Registry, c.Clock)
	}
}

// payable has customers of the company pay at a link.
func (c *counter) payable() {
	c.t.Helper()
	by := c.Actor(access.Controller)
	policies, err := c.Billing.CollectionPolicies(c.t.Context(), by)
	c.Must(err)
	policy := policies[0].CollectionPolicy
	policy.PaymentLink = dunning.PayLink("https://pay.example/?for={reference}&amount={amount}&currency={currency}")
	c.Must(c.Billing.SetCollectionPolicy(c.t.Context(), policy, by))
}

func TestAStatementIsSeenAndSent(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.payable()
	c.Dispute("59.50")
	c.Clock.Add(60 * 24 * time.Hour)
	lumen := c.Company.Lumen
	agent := c.As(access.Agent)
	page := agent.Get(c.home(lumen))
	key := regexp.MustCompile(`name="key" value="([^"]+)"`).FindStringSubmatch(page.HTML)
	if page.Status != http.StatusOK || key == nil || !strings.Contains(page.Text, "ada@lumen.example") || !strings.Contains(page.Text, lumen.Account) || !strings.Contains(page.Text, "https://pay.example/") {
		t.Fatalf("%d %s", page.Status, page.Text)
	}
	if n := c.number(`select count(*) from statements`) + len(c.mails()); n != 0 {
		t.Errorf("looking kept %d things", n)
	}
	form := url.Values{"key": {key[1]}}
	for range 2 { // a button pressed twice
		if got := agent.Post(c.home(lumen), form); got.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", got.Status, got.Text)
		}
	}
	list := c.mails()
	if len(list) != 1 {
		t.Fatalf("%d mails", len(list))
	}
	m := list[0]
	if m.CaseID != nil || !m.Automatic || !m.Unasked || m.ToAddress != "ada@lumen.example" || m.FromAddress != "billing@ostwind.example" || m.FromName != "Ostwind Billing" ||
		m.CreatedBy == nil || !m.NotBefore.Equal(c.Clock.Now().Add(10*time.Second)) || !strings.Contains(m.TextBody, "Ostwind Netz GmbH") {
		t.Errorf("%+v", m)
	}
	st, err := c.Billing.Statement(t.Context(), c.DB, lumen.ID, lumen.Currency, c.Clock.Now().AddDate(0, -3, 0), c.Clock.Now())
	c.Must(err)
	asked := st.Asked()
	if !asked.Disputed.IsPositive() || !asked.Now().IsPositive() {
		t.Fatalf("nothing to tell: %+v", asked)
	}
	figures := strings.NewReplacer(",", "", ".", "", "\u00a0", " ").Replace(m.TextBody)
	for _, want := range []string{st.Amount(asked.Disputed).Plain(), st.Amount(asked.Now()).Plain(), st.Amount(st.Closing).Plain()} {
		if !strings.Contains(figures, strings.ReplaceAll(want, ".", "")+" EUR") {
			t.Errorf("the letter lacks %s:\n%s", want, m.TextBody)
		}
	}
	if !strings.Contains(m.TextBody, st.PayLink) || !strings.Contains(m.HTMLBody, `href="https://pay.example/`) {
		t.Errorf("no link %s:\n%s", st.PayLink, m.TextBody)
	}
	t.Run("what is attached is what is kept", func(t *testing.T) {
		files, err := db.List[struct{ Content, Kept, Hash []byte }](t.Context(), c.DB, `select b.content, d.content as kept, s.sha256 as hash
			from outgoing_attachments a join blobs b on b.sha256 = a.blob join statement_copies p on p.outgoing_message_id = a.outgoing_message_id and p.way = 'mail'
			join statements s on s.id = p.statement_id and s.sha256 = b.sha256 join stored_documents d on d.document_kind = 'statement' and d.document_id = s.id
			where a.outgoing_message_id = $1`, m.ID)
		c.Must(err)
		if len(files) != 1 || !bytes.HasPrefix(files[0].Content, []byte("%PDF")) || !bytes.Equal(files[0].Content, files[0].Kept) {
			t.Errorf("%d files", len(files))
		}
		faults, err := c.Billing.Verify(t.Context())
		c.Must(err)
		if len(faults) > 0 {
			t.Errorf("%+v", faults)
		}
	})
	t.Run("it is taken back while it waits, and not afterwards", func(t *testing.T) {
		back := regexp.MustCompile(`action="([^"]+/take-back)"`).FindStringSubmatch(agent.Get(c.home(lumen)).HTML)
		if back == nil {
			t.Fatal("it cannot be taken back")
		}
		if got := agent.Post(back[1], nil); got.Status != http.StatusSeeOther {
			t.Errorf("%d %s", got.Status, got.Text)
		}
		c.Clock.Add(time.Minute)
		jobstest.DrainNow(t, c.DB, c.Registry, c.Clock)
		if m := c.mails()[0]; m.State != inbox.Cancelled {
			t.Errorf("it is %s", m.State)
		}
		c.Must(p2(c.statements.Send(t.Context(), service.Input{By: c.Actor(access.Agent), Account: lumen.Account})))
		c.Clock.Add(time.Minute)
		jobstest.DrainNow(t, c.DB, c.Registry, c.Clock)
		sent := c.mails()[1]
		if sent.State != inbox.Sent {
			t.Fatalf("it is %s", sent.State)
		}
		if err := c.statements.TakeBack(t.Context(), c.Actor(access.Agent), lumen.Account, sent.ID); errs.KeyOf(err) != errs.KeyOf(service.ErrLeft) {
			t.Errorf("taken back after it left: %v", err)
		}
		if err := c.statements.TakeBack(t.Context(), c.Actor(access.Agent), c.Company.Ferro.Account, sent.ID); errs.KeyOf(err) != errs.KeyOf(service.ErrNoSending) {
			t.Errorf("another customer's: %v", err)
		}
	})
	for what, want := range map[string]int{"statement.mailed": 2, "statement.taken_back": 1} {
		if n := c.number(`select count(*) from audit_log where what = $1`, what); n != want {
			t.Errorf("%d events %s", n, what)
		}
	}
}

func p2[T any](_ T, err error) error { return err }

func TestWhoGetsNoStatement(t *testing.T) {
	t.Parallel()
	c := open(t)
	lumen, ferro := c.Company.Lumen, c.Company.Ferro
	agent := c.Actor(access.Agent)
	send := func(in service.Input) error {
		in.By, in.Account = agent, lumen.Account
		_, err := c.statements.Send(t.Context(), in)
		return err
	}
	field := func(err error) string {
		if e, ok := errors.AsType[*errs.Error](err); ok && len(e.Fields) == 1 {
			return e.Fields[0].Name + " " + e.Fields[0].Key
		}
		return errs.KeyOf(err)
	}
	if got := field(send(service.Input{Contact: c.Company.Finn.ID})); got != "contact statements.not_theirs" {
		t.Errorf("another customer's person: %s", got)
	}
	if got := field(send(service.Input{From: c.Clock.Now(), To: c.Clock.Now().AddDate(0, 0, -1)})); got != "to error.period_ends_before_it_begins" {
		t.Errorf("days the wrong way round: %s", got)
	}
	if _, err := c.statements.Send(t.Context(), service.Input{By: c.Actor(access.Auditor), Account: lumen.Account}); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an auditor: %v", err)
	}
	c.Must(send(service.Input{}))
	c.exec(`insert into dead_addresses (address, cause, outgoing_message_id, found_at) select 'ada@lumen.example', '5.1.1', id, $1 from outgoing_messages where kind = 'statement'`, c.Clock.Now())
	c.Clock.Add(time.Minute)
	jobstest.DrainNow(t, c.DB, c.Registry, c.Clock)
	if m := c.mails()[0]; m.State != inbox.Stopped {
		t.Errorf("what waited when the address was found dead is %s", m.State)
	}
	if got := field(send(service.Input{})); got != "contact statements.dead_address" {
		t.Errorf("a dead address: %s", got)
	}
	page := c.As(access.Agent).Get(c.home(lumen))
	if page.Status != http.StatusOK || !strings.Contains(page.Text, "Mail to this person came back") || strings.Contains(page.HTML, `name="key"`) {
		t.Errorf("%d %s", page.Status, page.Text)
	}
	c.exec(`update contacts set retired_at = $2 where customer_id = $1`, ferro.ID, c.Clock.Now())
	page = c.As(access.Agent).Get(c.home(ferro))
	if page.Status != http.StatusOK || !strings.Contains(page.Text, "Nobody of this customer") {
		t.Errorf("%d %s", page.Status, page.Text)
	}
	if got := c.As(access.Agent).Post(c.home(ferro), url.Values{"key": {"k"}}); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Text, "Add a person first") {
		t.Errorf("%d %s", got.Status, got.Text)
	}
	if n := len(c.mails()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

// A month's statements go once to each customer who wants them and owes something, however often the jobs run.
func TestTheRoundOfAMonth(t *testing.T) {
	t.Parallel()
	c := open(t)
	lumen, ferro := c.Company.Lumen, c.Company.Ferro
	c.wants(15, lumen, ferro)
	c.on("2026-05-14")
	if n := len(c.mails()); n != 0 {
		t.Fatalf("%d mails before the day", n)
	}
	c.exec(`update contacts set retired_at = $2 where customer_id = $1`, ferro.ID, c.Clock.Now())
	c.on("2026-05-15")
	c.on("2026-05-16")
	list := c.mails()
	if len(list) != 1 || list[0].ToAddress != "ada@lumen.example" || list[0].State != inbox.Sent || list[0].CreatedBy != nil {
		t.Fatalf("%+v", list)
	}
	month, err := c.statements.Of(t.Context(), c.DB, service.Query{By: c.Actor(access.Auditor), Entity: "DE"})
	c.Must(err)
	if month.Sent != 1 || month.LeftOut[service.NoContact] != 1 || month.EndedAt == nil || len(month.Rows) != 2 {
		t.Errorf("%+v", month)
	}
	page := c.As(access.Auditor).Get("/collections/statements?entity=DE&show=left_out")
	if page.Status != http.StatusOK || !strings.Contains(page.Text, ferro.Name) || !strings.Contains(page.Text, "Nobody is known") || strings.Contains(page.Text, lumen.Name) || strings.Contains(page.HTML, "on_day") {
		t.Errorf("%d %s", page.Status, page.Text)
	}
	t.Run("the database has one a month", func(t *testing.T) {
		err := c.DB.Do(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `insert into statement_sendings (entity_id, customer_id, month, made_at, left_out) select entity_id, customer_id, month, made_at, 'no_contact' from statement_sendings where left_out = ''`)
			return err
		})
		if !db.Violates(err, "statement_once_a_month") {
			t.Errorf("%v", err)
		}
	})
	t.Run("by pages", func(t *testing.T) {
		first, err := c.statements.Of(t.Context(), c.DB, service.Query{By: c.Actor(access.Auditor), Entity: "DE", Limit: 1})
		c.Must(err)
		second, err := c.statements.Of(t.Context(), c.DB, service.Query{By: c.Actor(access.Auditor), Entity: "DE", Limit: 1, After: first.Next})
		c.Must(err)
		if len(first.Rows) != 1 || len(second.Rows) != 1 || first.Rows[0].ID == second.Rows[0].ID || second.Next != 0 {
			t.Errorf("%+v %+v", first, second)
		}
	})
	t.Run("the next month again, but for who owes nothing, and whose mail comes back", func(t *testing.T) {
		c.exec(`update contacts set retired_at = null, bounced_at = $2 where customer_id = $1`, ferro.ID, c.Clock.Now())
		c.on("2026-06-15")
		if n := len(c.mails()); n != 2 {
			t.Errorf("%d mails", n)
		}
		if n := c.number(`select count(*) from statement_sendings where left_out = 'dead_address' and month = '2026-06-01'`); n != 1 {
			t.Errorf("%d left out", n)
		}
		_, err := c.Billing.RecordPayment(t.Context(), billing.NewPayment{
			EntityID: lumen.EntityID, CustomerID: lumen.ID, Currency: lumen.Currency, Amount: c.Company.LumenBill.Total, ReceivedOn: c.Clock.Now(),
			Allocate: []billing.Allocate{{InvoiceID: c.Company.LumenBill.ID, Amount: c.Company.LumenBill.Total}}, By: c.Actor(access.Controller),
		})
		c.Must(err)
		c.on("2026-07-15")
		if n := len(c.mails()); n != 2 {
			t.Errorf("%d mails, one to who owes nothing", n)
		}
	})
}

func TestARoundGoesOnWhereItDied(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.wants(15, c.Company.Lumen, c.Company.Ferro)
	c.Clock.Set(time.Date(2026, 5, 15, 8, 0, 0, 0, time.UTC))
	c.Must(c.Registry.Work(t.Context(), service.Look{}.Kind(), []byte(`{}`)))
	c.exec(`delete from river_job where kind = 'statements.round'`) // its process died, and the job with it
	c.Must(c.Registry.Work(t.Context(), service.Look{}.Kind(), []byte(`{}`)))
	jobstest.DrainNow(t, c.DB, c.Registry, c.Clock)
	if n := len(c.mails()); n != 0 {
		t.Fatalf("%d mails of a round that only just began", n)
	}
	c.Clock.Add(time.Hour)
	c.Must(c.Registry.Work(t.Context(), service.Look{}.Kind(), []byte(`{}`)))
	jobstest.DrainNow(t, c.DB, c.Registry, c.Clock)
	if n := len(c.mails()); n != 2 {
		t.Errorf("%d mails", n)
	}
	// A second run of the same part, as of a job that was cut off after its work, finds the round further on.
	args, err := db.Value[[]byte](t.Context(), c.DB, `select args from river_job where kind = 'statements.round' order by id limit 1`)
	c.Must(err)
	c.exec(`update statement_rounds set after_customer = 0, ended_at = null`)
	c.Must(c.Registry.Work(t.Context(), service.Round{}.Kind(), args))
	if n := len(c.mails()); n != 2 {
		t.Errorf("%d mails after the second run", n)
	}
}
