package cases_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/document"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/cases/escalation"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/secrets"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// renderers parses the fonts once for all tests.
var renderers = sync.OnceValue(document.New)

func d(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// desk is a billing desk on Tuesday 12 May 2026, 09:30 in Berlin, which works Monday to Friday from 09:00 to 18:00.
type desk struct {
	t        testing.TB
	db       *db.DB
	clock    *jobstest.Clock
	jobs     *jobs.Registry
	billing  *billing.Service
	cases    *cases.Service
	inbox    *inbox.Service
	entity   billing.EntityID
	other    billing.EntityID // a second legal entity
	customer billing.CustomerID
	root     int64 // a root cause

	agent, second, lead, supervisor, controller access.Actor
}

func berlin(text string) time.Time {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

func setup(t testing.TB) *desk {
	t.Helper()
	k := &desk{t: t, clock: jobstest.NewClock(berlin("2026-05-12 09:30")), jobs: jobs.NewRegistry()}
	k.db = dbtest.NewAt(t, k.clock.Now)
	k.services()
	k.do(func(tx *db.Tx) error {
		k.company(tx)
		return nil
	})
	k.policy("Standard", cases.Match{}, 10, nil)
	return k
}

// copyAt is another copy of the program on the same database, by a clock of its own.
func (k *desk) copyAt(at time.Time) *desk {
	k.t.Helper()
	other := *k
	other.clock, other.jobs = jobstest.NewClock(at), jobs.NewRegistry()
	other.db = dbtest.Open(k.t, k.db.Pool().Config().ConnString(), other.clock.Now)
	other.services()
	return &other
}

func (k *desk) services() {
	k.t.Helper()
	logger := slog.New(slog.DiscardHandler)
	renderer := renderers()
	keys, err := secrets.New("only for the tests of this package, 0123456789 abcdef")
	k.must(err)
	k.billing = billing.New(k.db, renderer, logger)
	k.inbox = inbox.New(k.db, keys, logger, inbox.Options{})
	k.cases = cases.New(k.db, k.billing, k.inbox, logger)
	k.cases.Register(k.jobs)
	jobs.Handle(k.jobs, k.send)
}

func (k *desk) company(tx *db.Tx) {
	k.t.Helper()
	k.entity, k.other = k.addEntity(tx, "DE"), k.addEntity(tx, "SG")
	_, err := tx.Exec(k.t.Context(), `insert into fx_rates (base, quote, on_date, rate, source) values ('EUR', 'USD', '2026-05-01', 1.25, 'ECB')`)
	k.must(err)
	k.customer = k.addCustomer(tx, "C-1", "gold", k.entity)
	team := value[int64](k.t, tx, `insert into teams (name) values ('Billing') returning id`)
	k.agent = k.addUser(tx, "Mara Lindt", team, access.Agent)
	k.second = k.addUser(tx, "Tom Adler", team, access.Agent)
	k.lead = k.addUser(tx, "Lena Voss", team, access.Senior)
	k.supervisor = k.addUser(tx, "Sven Brandt", team, access.Supervisor)
	k.controller = k.addUser(tx, "Ines Kroll", team, access.Controller)
	_, err = tx.Exec(k.t.Context(), `update teams set lead_id = $1`, k.lead.UserID)
	k.must(err)
	_, err = tx.Exec(k.t.Context(), `insert into reason_codes (code, name, position) values ('wrong_price', 'Overcharge', 1)`)
	k.must(err)
	k.root = value[int64](k.t, tx, `insert into root_causes (code, name, upstream_owner) values ('price_list', 'Old price list', 'Sales') returning id`)
}

func (k *desk) addEntity(tx *db.Tx, code string) billing.EntityID {
	id := value[billing.EntityID](k.t, tx, `insert into legal_entities (code, name, base_currency, country, address, support_address, support_name,
		signature, time_zone) values ($1, 'Nordlicht Cloud ' || $1, 'EUR', 'DE', 'Hafenstraße 12', lower($1) || '@nordlicht.example', 'Nordlicht Billing',
		'Your Nordlicht team', 'Europe/Berlin') returning id`, code)
	_, err := tx.Exec(k.t.Context(), `insert into ledger_accounts (entity_id, role, code, name)
		select $1, r, (1000 + n * 10)::text, r from unnest(array['receivable','revenue','tax','cash','unapplied','concessions',
			'service_credits','bad_debt','fx_difference','rounding','cash_clearing','withholding']) with ordinality as a(r, n)`, id)
	k.must(err)
	return id
}

func (k *desk) addCustomer(tx *db.Tx, account, tier string, entity billing.EntityID) billing.CustomerID {
	return value[billing.CustomerID](k.t, tx, `with new as (select nextval(pg_get_serial_sequence('customers', 'id')) as id)
		insert into customers (id, account, name, kind, family_id, tier, country, language, entity_id, currency, created_at, address)
		select id, $1, 'Brandung Medien ' || $1, 'direct', id, $2, 'DE', 'en', $3, 'EUR', $4, 'Weg 1' from new returning id`, account, tier, entity, tx.Now())
}

func (k *desk) addUser(tx *db.Tx, name string, team int64, role access.Role) access.Actor {
	id := value[int64](k.t, tx, `insert into users (email, name, roles, team_id, created_at)
		values (lower(replace($1, ' ', '.')) || '@nordlicht.example', $1, array[$2], $3, $4) returning id`, name, string(role), team, tx.Now())
	return access.Actor{Kind: access.Person, UserID: id, Name: name, Roles: []access.Role{role}, TeamID: team}
}

// policy saves a policy: P3 is answered within 4 and resolved within 24 business hours.
func (k *desk) policy(name string, match cases.Match, position int, ladder *escalation.Ladder) int64 {
	k.t.Helper()
	hours := func(p1, p2, p3, p4 int) map[clock.Priority]clock.Target {
		h := func(n int) clock.Target { return clock.Within(time.Duration(n) * time.Hour) }
		return map[clock.Priority]clock.Target{clock.P1: h(p1), clock.P2: h(p2), clock.P3: h(p3), clock.P4: h(p4)}
	}
	thirty := clock.WithinDays(30)
	policy := cases.Policy{Name: name, Position: position, Match: match, Definition: clock.Policy{
		Name: name, Calendar: "Berlin", ReopenWithin: clock.WithinDays(7), Targets: map[clock.Kind]map[clock.Priority]clock.Target{
			clock.FirstResponse: hours(1, 2, 4, 8), clock.NextResponse: hours(1, 2, 4, 8), clock.Resolution: hours(8, 16, 24, 40),
			clock.ApprovalStep: hours(2, 4, 8, 8), clock.Posting: hours(1, 1, 1, 1),
			clock.Statutory: {clock.P1: thirty, clock.P2: thirty, clock.P3: thirty, clock.P4: thirty},
		},
	}}
	if ladder != nil {
		policy.Ladder = *ladder
	}
	calendar := clock.Calendar{Name: "Berlin", Zone: "Europe/Berlin", Weekly: map[time.Weekday][]clock.Span{}}
	for day := time.Monday; day <= time.Friday; day++ {
		calendar.Weekly[day] = []clock.Span{{From: 9 * 60, To: 18 * 60}}
	}
	var id int64
	k.do(func(tx *db.Tx) error {
		var err error
		if policy.CalendarID, err = k.cases.SaveCalendarTx(k.t.Context(), tx, calendar); err != nil {
			return err
		}
		id, err = k.cases.SavePolicyTx(k.t.Context(), tx, policy)
		return err
	})
	return id
}

// send stands where the mail sender is: these tests look at the outbox, not at mail servers.
func (k *desk) send(_ context.Context, _ inbox.SendMessage) error { return nil }

func (k *desk) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *desk) do(work func(tx *db.Tx) error) {
	k.t.Helper()
	k.must(k.db.Do(k.t.Context(), work))
}

func value[T any](t testing.TB, r db.Reader, query string, args ...any) T {
	t.Helper()
	v, err := db.Value[T](t.Context(), r, query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func (k *desk) refused(err error, want error) {
	k.t.Helper()
	if err == nil || errs.KeyOf(err) != errs.KeyOf(want) {
		k.t.Fatalf("got %v, want %v", err, want)
	}
}

func (k *desk) field(err error, name, key string) {
	k.t.Helper()
	var e *errs.Error
	if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Name != name || e.Fields[0].Key != key {
		k.t.Fatalf("got %v, want field %s: %s", err, name, key)
	}
}

// invoice issues an invoice of one line, 1,000 EUR and tax.
func (k *desk) invoice() billing.InvoiceDetail {
	k.t.Helper()
	on := billing.Date(k.clock.Now())
	issued, err := k.billing.IssueInvoice(k.t.Context(), billing.NewInvoice{
		EntityID: k.entity, CustomerID: k.customer, Currency: "EUR", IssuedOn: on, ServiceFrom: on, ServiceTo: on, By: k.controller,
		Lines: []billing.NewLine{{Product: "compute", Description: "Compute", Quantity: d("1"), UnitPrice: d("1000"), TaxCategory: "S", TaxRate: d("19")}},
	})
	k.must(err)
	detail, err := k.billing.InvoiceDetail(k.t.Context(), k.db, issued.ID)
	k.must(err)
	return detail
}

// mail is an inquiry of the customer as intake would open it.
func (k *desk) mail() cases.OpenInput {
	return cases.OpenInput{
		Type: cases.Dispute, Subject: "Wrong price", Source: "mail", CustomerID: &k.customer, By: access.SystemActor("intake"),
		Participants: []cases.Participant{{Address: "Anna@brandung.example", Name: "Anna Behn", Accepted: true}},
		Message: &cases.InboundMessage{
			AuthorName: "Anna Behn", AuthorAddress: "anna@brandung.example", Subject: "Wrong price", Body: "The price is wrong.", Language: "en", Trust: cases.Known,
		},
	}
}

func (k *desk) open(in cases.OpenInput) cases.Case {
	k.t.Helper()
	var c cases.Case
	k.do(func(tx *db.Tx) error {
		var err error
		c, err = k.cases.OpenTx(k.t.Context(), tx, in)
		return err
	})
	return c
}

// disputed opens a case about an invoice, contesting so much of its only line.
func (k *desk) disputed(amount string) (cases.Case, cases.DisputeLine) {
	k.t.Helper()
	invoice := k.invoice()
	in := k.mail()
	in.Invoices = []cases.LinkedInvoice{{InvoiceID: invoice.ID, Evidence: "number in the subject", Confidence: 100}}
	in.Disputes = []cases.NewDispute{{
		InvoiceID: invoice.ID, InvoiceLineID: &invoice.Lines[0].ID, Contested: d(amount), ReasonCode: "wrong_price", Claim: "too much",
	}}
	c := k.open(in)
	lines, err := k.cases.Disputes(k.t.Context(), k.db, c.ID)
	k.must(err)
	return c, lines[0]
}

func (k *desk) receive(id cases.ID, m cases.InboundMessage) cases.Case {
	k.t.Helper()
	var c cases.Case
	k.do(func(tx *db.Tx) error {
		var err error
		c, err = k.cases.ReceiveTx(k.t.Context(), tx, id, m)
		return err
	})
	return c
}

func (k *desk) reload(id cases.ID) cases.Case {
	k.t.Helper()
	c, err := k.cases.CaseByID(k.t.Context(), k.db, id, k.supervisor)
	k.must(err)
	return c
}

func (k *desk) on(c cases.Case) cases.On { return cases.On{By: k.agent, ID: c.ID, Version: c.Version} }

func (k *desk) set(c cases.Case, to cases.Status, on cases.WaitingOn) cases.Case {
	k.t.Helper()
	c, err := k.cases.SetStatus(k.t.Context(), cases.StatusInput{On: k.on(c), To: to, WaitingOn: on, RootCause: &k.root})
	k.must(err)
	return c
}

func (k *desk) reply(c cases.Case) cases.Sent {
	k.t.Helper()
	sent, err := k.cases.Reply(k.t.Context(), cases.ReplyInput{On: k.on(c), Body: "We look into it."})
	k.must(err)
	return sent
}

func (k *desk) stored(id cases.ID) []cases.ClockView {
	k.t.Helper()
	list, err := k.cases.Clocks(k.t.Context(), k.db, id)
	k.must(err)
	return list
}

// theClock is the last revision of a kind of clock.
func (k *desk) theClock(id cases.ID, kind clock.Kind) cases.ClockView {
	k.t.Helper()
	var found *cases.ClockView
	for _, c := range k.stored(id) {
		if c.Kind == kind {
			found = &c
		}
	}
	if found == nil {
		k.t.Fatalf("no %s clock", kind)
	}
	return *found
}

func (k *desk) due(id cases.ID, kind clock.Kind, want string) {
	k.t.Helper()
	c := k.theClock(id, kind)
	if c.DueAt == nil || !c.DueAt.Equal(berlin(want)) {
		k.t.Fatalf("%s is due %v, want %s", kind, c.DueAt, want)
	}
}

func (k *desk) drain(until string) { jobstest.Drain(k.t, k.db, k.jobs, k.clock, berlin(until)) }

func (k *desk) events(id cases.ID, what string) int {
	k.t.Helper()
	rows, err := k.cases.Timeline(k.t.Context(), k.db, id, 0, 1000)
	k.must(err)
	n := 0
	for _, row := range rows {
		if row.What == what {
			n++
		}
	}
	return n
}

// sound checks that what is stored is what the events give.
func (k *desk) sound() {
	k.t.Helper()
	faults, err := k.cases.Verify(k.t.Context())
	k.must(err)
	for _, f := range faults {
		k.t.Errorf("%s %s: %s", f.Number, f.Row, f.Detail)
	}
}
