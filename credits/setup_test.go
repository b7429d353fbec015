package credits_test

import (
	"context"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/document"
	"makegood/cases"
	"makegood/credits"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/people"
	"makegood/internal/scenario"
	"makegood/internal/secrets"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func d(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// desk is a company with three customers and people at every level, on the morning of 12 May 2026.
type desk struct {
	t         testing.TB
	db        *db.DB
	clock     *jobstest.Clock
	registry  *jobs.Registry
	billing   *billing.Service
	cases     *cases.Service
	inbox     *inbox.Service
	staff     *people.Service
	credits   *credits.Service
	entity    billing.EntityID
	customer  billing.CustomerID // direct
	partner   billing.CustomerID
	client    billing.CustomerID // an end customer of partner
	agent     access.Actor
	second    access.Actor // another agent
	senior    access.Actor
	lead      access.Actor // a supervisor
	control   access.Actor
	director  access.Actor
	finance   access.Actor // with the director the two signatures of the top
	customers int
}

func setup(t testing.TB) *desk {
	t.Helper()
	clock := jobstest.NewClock(time.Date(2026, 5, 12, 7, 30, 0, 0, time.UTC))
	k := &desk{t: t, db: dbtest.NewAt(t, clock.Now), clock: clock, registry: jobs.NewRegistry()}
	renderer := document.New()
	quiet := slog.New(slog.DiscardHandler)
	keys, err := secrets.New("a key that only these tests use, long enough")
	k.must(err)
	k.billing = billing.New(k.db, renderer, quiet)
	k.inbox = inbox.New(k.db, keys, quiet, inbox.Options{})
	k.cases = cases.New(k.db, k.billing, k.inbox, quiet)
	k.staff, err = people.NewWithCost(k.db, quiet, scenario.QuickPasswords())
	k.must(err)
	k.credits = credits.New(k.db, k.billing, k.cases, k.inbox, k.staff, quiet)
	k.cases.Register(k.registry)
	k.credits.Register(k.registry)
	// Mail is fetched, understood and sent by others; here it only comes and goes.
	jobs.Handle(k.registry, func(context.Context, inbox.MessageArrived) error { return nil })
	jobs.Handle(k.registry, func(context.Context, inbox.SendMessage) error { return nil })
	k.do(func(tx *db.Tx) error {
		k.books(tx)
		k.people(tx)
		return k.credits.SeedLevelsTx(t.Context(), tx, credits.DemoSeeds(map[int][]int64{
			1: {k.agent.UserID, k.second.UserID}, 2: {k.senior.UserID}, 3: {k.lead.UserID}, 4: {k.control.UserID},
			5: {k.director.UserID}, 6: {k.director.UserID, k.finance.UserID},
		}))
	})
	return k
}

func (k *desk) books(tx *db.Tx) {
	k.entity = value[billing.EntityID](k.t, tx, `insert into legal_entities (code, name, base_currency, country, tax_id, address,
		support_address, support_name, time_zone, language, bank_details) values ('DE', 'Nordlicht Cloud GmbH', 'EUR', 'DE', 'DE318842071',
		E'Hafenstraße 12\n20457 Hamburg', 'billing@nordlicht.example', 'Billing', 'Europe/Berlin', 'de', 'Musterbank, IBAN DE00 0000') returning id`)
	k.exec(tx, `insert into ledger_accounts (entity_id, role, code, name)
		select $1, r, (1000 + n * 10)::text, r from unnest(array['receivable','revenue','tax','cash','unapplied','concessions',
			'service_credits','bad_debt','fx_difference','rounding','cash_clearing','withholding']) with ordinality as a(r, n)`, k.entity)
	k.exec(tx, `insert into fx_rates (base, quote, on_date, rate, source) values ('EUR', 'USD', '2026-05-01', 1.25, 'ECB')`)
	k.exec(tx, `insert into reason_codes (code, name, position) values ('wrong_price', 'Wrong price', 1)`)
	k.exec(tx, `insert into root_causes (code, name, upstream_owner) values ('price_list', 'Price list not updated', 'Sales')`)
	k.customer = k.addCustomer(tx, "C-1", "direct", nil)
	k.partner = k.addCustomer(tx, "C-2", "partner", nil)
	k.client = k.addCustomer(tx, "C-3", "end_customer", &k.partner)
}

func (k *desk) addCustomer(tx *db.Tx, account, kind string, parent *billing.CustomerID) billing.CustomerID {
	return value[billing.CustomerID](k.t, tx, `with new as (select nextval(pg_get_serial_sequence('customers', 'id')) as id)
		insert into customers (id, account, name, kind, parent_id, family_id, tier, country, language, entity_id, currency, created_at, email_domains, address)
		select id, $1, 'Customer ' || $1, $2, $3, coalesce($3, id), 'gold', 'DE', 'de', $4, 'EUR', $5, array[lower($1) || '.example'], 'Weg 1'
		from new returning id`, account, kind, parent, k.entity, tx.Now())
}

func (k *desk) people(tx *db.Tx) {
	k.agent = k.person(tx, "Mara Lindqvist", access.Agent)
	k.second = k.person(tx, "Chen Wei", access.Agent)
	k.senior = k.person(tx, "Jonas Brandt", access.Senior)
	k.lead = k.person(tx, "Katrin Vogel", access.Supervisor)
	k.control = k.person(tx, "Ines Kroll", access.Controller)
	k.director = k.person(tx, "Ada Obi", access.Director)
	k.finance = k.person(tx, "Paul Serrano", access.Director)
}

func (k *desk) person(tx *db.Tx, name string, role access.Role) access.Actor {
	id := value[int64](k.t, tx, `insert into users (email, name, roles, created_at)
		values (lower(replace($1, ' ', '.')) || '@nordlicht.example', $1, array[$2], $3) returning id`, name, string(role), tx.Now())
	return access.Actor{Kind: access.Person, UserID: id, Name: name, Roles: []access.Role{role}}
}

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

func (k *desk) exec(tx *db.Tx, query string, args ...any) {
	k.t.Helper()
	_, err := tx.Exec(k.t.Context(), query, args...)
	k.must(err)
}

func (k *desk) run(query string, args ...any) {
	k.t.Helper()
	k.do(func(tx *db.Tx) error {
		k.exec(tx, query, args...)
		return nil
	})
}

func value[T any](t testing.TB, r db.Reader, query string, args ...any) T {
	t.Helper()
	v, err := db.Value[T](t.Context(), r, query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// invoice issues an invoice over lines of these nets at 19 % tax.
func (k *desk) invoice(customer billing.CustomerID, nets ...string) billing.InvoiceDetail {
	k.t.Helper()
	in := billing.NewInvoice{
		EntityID: k.entity, CustomerID: customer, Currency: "EUR", IssuedOn: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), By: k.control,
	}
	for i, net := range nets {
		in.Lines = append(in.Lines, billing.NewLine{
			Product: "compute", Description: "Compute, part " + strconv.Itoa(i+1), Quantity: d("1"), UnitPrice: d(net), TaxCategory: "S", TaxRate: d("19"),
		})
	}
	issued, err := k.billing.IssueInvoice(k.t.Context(), in)
	k.must(err)
	return k.detail(issued.ID)
}

func (k *desk) detail(id billing.InvoiceID) billing.InvoiceDetail {
	k.t.Helper()
	detail, err := k.billing.InvoiceDetail(k.t.Context(), k.db, id)
	k.must(err)
	return detail
}

// proposal proposes nets on the first lines of an invoice, with what a billing error needs as evidence.
func (k *desk) proposal(invoice billing.InvoiceDetail, nets ...string) credits.ProposeInput {
	in := credits.ProposeInput{
		By: k.agent, Kind: billing.BillingError, InvoiceID: invoice.ID, ReasonCode: "wrong_price",
		Explanation: "The price list of April was not loaded.", CustomerNote: "We charged last year's price.",
		Evidence: []credits.NewEvidence{{Kind: credits.Document, Label: "Price list, page 3"}},
	}
	for i, net := range nets {
		in.Lines = append(in.Lines, credits.ProposeLine{InvoiceLineID: invoice.Lines[i].ID, Net: d(net)})
	}
	return in
}

func (k *desk) submit(in credits.ProposeInput) credits.Request {
	k.t.Helper()
	req, err := k.credits.Submit(k.t.Context(), in)
	k.must(err)
	return req
}

func (k *desk) approve(id credits.ID, by ...access.Actor) credits.Request {
	k.t.Helper()
	var req credits.Request
	for _, actor := range by {
		var err error
		req, err = k.credits.Approve(k.t.Context(), credits.DecideInput{By: actor, ID: id})
		if err != nil {
			k.t.Fatalf("%s approves: %v", actor.Name, err)
		}
	}
	return req
}

func (k *desk) read(id credits.ID) credits.Detail {
	k.t.Helper()
	detail, err := k.credits.Request(k.t.Context(), k.db, id, k.control)
	k.must(err)
	return detail
}

// work works every job that is due.
func (k *desk) work() {
	k.t.Helper()
	jobstest.DrainNow(k.t, k.db, k.registry, k.clock)
}

// sound checks the books.
func (k *desk) sound() {
	k.t.Helper()
	faults, err := k.billing.Verify(k.t.Context())
	k.must(err)
	for _, f := range faults {
		k.t.Errorf("%s: %s: %s", f.Check, f.Row, f.Detail)
	}
}

func levelsOf(detail credits.Detail) []string {
	var names []string
	for _, step := range detail.Steps {
		if step.State != credits.StepVoid {
			names = append(names, step.LevelName)
		}
	}
	return names
}

func equal(t testing.TB, what, want string, got decimal.Decimal) {
	t.Helper()
	if !got.Equal(d(want)) {
		t.Errorf("%s: want %s, got %s", what, want, got)
	}
}
