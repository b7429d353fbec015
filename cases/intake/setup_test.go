package intake_test

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/document"
	"makegood/cases"
	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/secrets"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// renderers parses the fonts once for all tests.
var renderers = sync.OnceValue(document.New)

const (
	receiver = "mx.nordlicht.example"
	ours     = "billing@nordlicht.example"
	anna     = "anna@aster.example"
)

// desk is a company with two mailboxes, two direct customers and a partner with an end customer, each with an invoice.
type desk struct {
	t        testing.TB
	clock    *jobstest.Clock
	db       *db.DB
	inbox    *inbox.Service
	cases    *cases.Service
	billing  *billing.Service
	intake   *intake.Intake
	box      inbox.MailboxID
	otherBox inbox.MailboxID
	uid      atomic.Int64

	aster, borealis, partner, client billing.CustomerID
	astersInvoice, borealisInvoice   billing.Invoice
	clientsInvoice                   billing.Invoice
}

func setup(t testing.TB) *desk {
	t.Helper()
	return setupAs(t, "mail.nordlicht.example")
}

// setupAs is setup of an installation whose Message-IDs end in another domain, with a key of its own.
func setupAs(t testing.TB, domain string) *desk {
	t.Helper()
	d := &desk{t: t, clock: jobstest.NewClock(time.Date(2026, 5, 12, 7, 30, 0, 0, time.UTC))}
	d.db = dbtest.NewAt(t, d.clock.Now)
	renderer := renderers()
	keys, err := secrets.New("a secret of this test, 0123456789 long enough " + domain)
	d.must(err)
	logger := slog.New(slog.DiscardHandler)
	d.billing = billing.New(d.db, renderer, logger)
	d.inbox = inbox.New(d.db, keys, logger, inbox.Options{Domain: domain})
	d.cases = cases.New(d.db, d.billing, d.inbox, logger)
	d.intake = intake.New(d.db, d.inbox, d.cases, d.billing, logger, intake.Options{
		TrustedReceivers: []string{receiver},
	})
	d.do(d.found)
	return d
}

func (d *desk) found(tx *db.Tx) error {
	entity := value[billing.EntityID](d.t, tx, `insert into legal_entities (code, name, base_currency, country, address, support_address, support_name,
			signature, time_zone, language)
		values ('DE', 'Nordlicht Cloud GmbH', 'EUR', 'DE', 'Hafenstraße 12', $1, 'Nordlicht Billing', 'Ihr Team', 'Europe/Berlin', 'de') returning id`, ours)
	_, err := tx.Exec(d.t.Context(), `insert into ledger_accounts (entity_id, role, code, name)
		select $1, r, (1000 + n * 10)::text, r from unnest(array['receivable','revenue','tax','cash','unapplied','concessions',
			'service_credits','bad_debt','fx_difference','rounding','cash_clearing','withholding']) with ordinality as a(r, n)`, entity)
	d.must(err)
	_, err = tx.Exec(d.t.Context(), `insert into reason_codes (code, name, position) select c, c, n
		from unnest(array['overcharge', 'duplicate_charge', 'tax_wrong']) with ordinality as r(c, n)`)
	d.must(err)
	for _, b := range []struct {
		id      *inbox.MailboxID
		address string
	}{{&d.box, ours}, {&d.otherBox, "accounts@nordlicht.example"}} {
		m, err := d.inbox.AddMailboxTx(d.t.Context(), tx, inbox.NewMailbox{
			Address: b.address, EntityID: new(int64(entity)), IMAPAddress: "imap.nordlicht.example:993", Security: "tls", Username: b.address, Password: "p",
		})
		d.must(err)
		*b.id = m.ID
	}
	d.aster = d.addCustomer(tx, entity, "C-1", "direct", nil, anna)
	d.borealis = d.addCustomer(tx, entity, "C-2", "direct", nil, "bo@borealis.example")
	d.partner = d.addCustomer(tx, entity, "C-3", "partner", nil, "pat@partner.example")
	d.client = d.addCustomer(tx, entity, "C-4", "end_customer", &d.partner, "eve@client.example")
	d.astersInvoice = d.issue(tx, entity, d.aster)
	d.borealisInvoice = d.issue(tx, entity, d.borealis)
	d.clientsInvoice = d.issue(tx, entity, d.client)
	return nil
}

func (d *desk) addCustomer(tx *db.Tx, entity billing.EntityID, account, kind string, parent *billing.CustomerID, contact string) billing.CustomerID {
	domain := contact[strings.IndexByte(contact, '@')+1:]
	id := value[billing.CustomerID](d.t, tx, `with new as (select nextval(pg_get_serial_sequence('customers', 'id')) as id)
		insert into customers (id, account, name, kind, parent_id, family_id, tier, country, language, entity_id, currency, created_at, email_domains, address)
		select id, $1, 'Customer ' || $1, $2, $3, coalesce($3, id), 'gold', 'DE', 'de', $4, 'EUR', $5, array[$6], 'Weg 1' from new returning id`,
		account, kind, parent, entity, tx.Now(), domain)
	_, err := tx.Exec(d.t.Context(), `insert into contacts (customer_id, name, email, language, created_at) values ($1, $2, $3, 'de', $4)`,
		id, "Contact of "+account, contact, tx.Now())
	d.must(err)
	return id
}

func (d *desk) issue(tx *db.Tx, entity billing.EntityID, to billing.CustomerID) billing.Invoice {
	d.t.Helper()
	invoice, err := d.billing.IssueInvoiceTx(d.t.Context(), tx, billing.NewInvoice{
		EntityID: entity, CustomerID: to, Currency: "EUR", IssuedOn: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC),
		By: access.SystemActor("test"), Lines: []billing.NewLine{{
			Product: "compute", Description: "Compute, April", Quantity: decimal.NewFromInt(1), UnitPrice: decimal.NewFromInt(1000),
			TaxCategory: "S", TaxRate: decimal.NewFromInt(19),
		}},
	})
	d.must(err)
	return invoice
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) do(work func(tx *db.Tx) error) {
	d.t.Helper()
	d.must(d.db.Do(d.t.Context(), work))
}

func value[T any](t testing.TB, r db.Reader, query string, args ...any) T {
	t.Helper()
	v, err := db.Value[T](t.Context(), r, query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// post is a mail of a test: header lines, a blank line, the text.
type post struct {
	from, to, subject, id, text string
	headers                     []string
}

func (p post) raw() []byte { return p.rawOn("Tue, 12 May 2026 09:00:00 +0200") }

func (p post) rawOn(date string) []byte {
	if p.to == "" {
		p.to = ours
	}
	lines := []string{"From: " + p.from, "To: " + p.to, "Subject: " + p.subject, "Date: " + date, "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"}
	if p.id != "" {
		lines = append(lines, "Message-ID: <"+p.id+">")
	}
	lines = append(append(lines, p.headers...), "", p.text)
	return []byte(strings.Join(lines, "\r\n"))
}

// store keeps a mail as it would be fetched from a mailbox.
func (d *desk) store(box inbox.MailboxID, raw []byte) inbox.InboundID {
	d.t.Helper()
	var id inbox.InboundID
	uid := d.uid.Add(1)
	d.do(func(tx *db.Tx) error {
		var err error
		id, _, err = d.inbox.StoreTx(d.t.Context(), tx, inbox.Arrived{
			Source: inbox.SourceIMAP, MailboxID: &box, UIDValidity: new(int64(1)), UID: &uid, Raw: raw,
		})
		return err
	})
	return id
}

func (d *desk) handle(id inbox.InboundID) inbox.Inbound {
	d.t.Helper()
	d.must(d.intake.Handle(d.t.Context(), inbox.MessageArrived{ID: id}))
	return d.message(id)
}

func (d *desk) message(id inbox.InboundID) inbox.Inbound {
	d.t.Helper()
	m, err := d.inbox.Message(d.t.Context(), d.db, id)
	d.must(err)
	return m
}

func (d *desk) deliver(p post) inbox.Inbound {
	d.t.Helper()
	return d.handle(d.store(d.box, p.raw()))
}

func (d *desk) caseOf(m inbox.Inbound) cases.Case {
	d.t.Helper()
	if m.CaseID == nil {
		d.t.Fatalf("message %d with fate %s %s has no case", m.ID, m.Fate, m.FateReason)
	}
	c, err := d.cases.CaseByID(d.t.Context(), d.db, cases.ID(*m.CaseID), access.SystemActor("test"))
	d.must(err)
	return c
}

func (d *desk) count(query string, args ...any) int {
	d.t.Helper()
	return value[int](d.t, d.db, `select count(*) from `+query, args...)
}

func (d *desk) want(m inbox.Inbound, fate inbox.FateKind, reason string) {
	d.t.Helper()
	if m.Fate != fate || m.FateReason != reason {
		d.t.Errorf("fate %s (%s %v), want %s (%s)", m.Fate, m.FateReason, m.FateParams, fate, reason)
	}
}

func (d *desk) warned(c cases.Case, key string) bool {
	d.t.Helper()
	return d.count(`case_warnings where case_id = $1 and key = $2`, c.ID, key) > 0
}

// acknowledgements lists the Message-IDs of those of a case.
func (d *desk) acknowledgements(c cases.Case) []string {
	d.t.Helper()
	ids, err := db.Values[string](d.t.Context(), d.db, `select message_id from outgoing_messages where case_id = $1 and kind = 'acknowledgement'`, c.ID)
	d.must(err)
	return ids
}

func dmarc(result string) string {
	return fmt.Sprintf("Authentication-Results: %s; spf=pass; dmarc=%s (p=none) header.from=aster.example", receiver, result)
}

func agent() access.Actor {
	return access.Actor{Kind: access.Person, UserID: 5, Name: "Jana Reuter", Roles: []access.Role{access.Agent}}
}
