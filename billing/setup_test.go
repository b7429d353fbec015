package billing_test

import (
	"context"
	"flag"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/document"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/money"
)

func d(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func day(text string) time.Time {
	on, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return on
}

// renderers parses the fonts once for all tests.
var renderers = sync.OnceValue(document.New)

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// shop is a company with books and a few customers, on the morning of 12 May 2026 in Hamburg.
type shop struct {
	t        testing.TB
	db       *db.DB
	billing  *billing.Service
	entity   billing.EntityID
	customer billing.CustomerID // direct, EUR
	partner  billing.CustomerID
	client   billing.CustomerID // an end customer of partner
	requests int64
	last     billing.PostAdjustment // that was carried into the books
}

func setup(t testing.TB) *shop {
	t.Helper()
	at := time.Date(2026, 5, 12, 7, 30, 0, 0, time.UTC)
	return setupAt(t, func() time.Time { return at })
}

// histories is how many random histories a run goes through.
var histories = flag.Int("histories", 3, "random histories of 200 steps each")

// setupAt is setup with a clock of its own.
func setupAt(t testing.TB, clock func() time.Time) *shop {
	t.Helper()
	return setupOn(t, dbtest.NewAt(t, clock))
}

// setupOn is setup on a database that others work on too.
func setupOn(t testing.TB, d *db.DB) *shop {
	t.Helper()
	s := &shop{t: t, db: d}
	renderer := renderers()
	s.billing = billing.New(s.db, renderer, discard())
	s.billing.SignImportsBy(func(context.Context, *db.Tx, billing.Actor, billing.ImportBatch, []billing.GivenElsewhere) (int, error) {
		return 1, nil
	})
	s.do(func(tx *db.Tx) error {
		s.entity = s.addEntity(tx, "DE")
		_, err := tx.Exec(t.Context(), `insert into fx_rates (base, quote, on_date, rate, source) values
			('EUR', 'USD', '2026-01-01', 1.1, 'ECB'), ('EUR', 'USD', '2026-05-01', 1.25, 'ECB'), ('EUR', 'JPY', '2026-01-01', 160, 'ECB')`)
		s.must(err)
		_, err = tx.Exec(t.Context(), `update fx_policy set max_age_days = 366`)
		s.must(err)
		s.customer = s.addCustomer(tx, "C-1", "direct", nil)
		s.partner = s.addCustomer(tx, "C-2", "partner", nil)
		s.client = s.addCustomer(tx, "C-3", "end_customer", &s.partner)
		return nil
	})
	return s
}

func (s *shop) addEntity(tx *db.Tx, code string) billing.EntityID {
	id := value[billing.EntityID](s.t, tx, `insert into legal_entities (code, name, base_currency, country, tax_id, address,
		support_address, support_name, time_zone, language, bank_details) values ($1, 'Nordlicht Cloud GmbH', 'EUR', 'DE', 'DE318842071',
		E'Hafenstraße 12\n20457 Hamburg', 'billing@nordlicht.example', 'Billing', 'Europe/Berlin', 'de', 'Hafenbank, DE00 0000') returning id`, code)
	_, err := tx.Exec(s.t.Context(), `insert into ledger_accounts (entity_id, role, code, name)
		select $1, r, (1000 + n * 10)::text, r from unnest(array['receivable','revenue','tax','cash','unapplied','concessions',
			'service_credits','bad_debt','fx_difference','rounding','cash_clearing','withholding','opening_balance']) with ordinality as a(r, n)`, id)
	s.must(err)
	return id
}

func (s *shop) addCustomer(tx *db.Tx, account, kind string, parent *billing.CustomerID) billing.CustomerID {
	return value[billing.CustomerID](s.t, tx, `with new as (select nextval(pg_get_serial_sequence('customers', 'id')) as id)
		insert into customers (id, account, name, kind, parent_id, family_id, tier, country, language, entity_id, currency, created_at, email_domains, address)
		select id, $1, 'Customer ' || $1, $2, $3, coalesce($3, id), 'gold', 'DE', 'de', $4, 'EUR', $5, array[lower($1) || '.example'], 'Weg 1'
		from new returning id`, account, kind, parent, s.entity, tx.Now())
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) do(work func(tx *db.Tx) error) {
	s.t.Helper()
	s.must(s.db.Do(s.t.Context(), work))
}

func value[T any](t testing.TB, r db.Reader, query string, args ...any) T {
	t.Helper()
	v, err := db.Value[T](t.Context(), r, query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func controller() access.Actor {
	return access.Actor{Kind: access.Person, UserID: 7, Name: "Ines Kroll", Roles: []access.Role{access.Controller}}
}

func line(net, rate string) billing.NewLine {
	return billing.NewLine{
		Product: "compute", Description: "Compute, April", Quantity: d("1"), UnitPrice: d(net), TaxCategory: "S", TaxRate: d(rate),
	}
}

// invoice is an invoice to issue to the direct customer on 1 May 2026.
func (s *shop) invoice(currency money.Currency, lines ...billing.NewLine) billing.NewInvoice {
	return billing.NewInvoice{
		EntityID: s.entity, CustomerID: s.customer, Currency: currency, IssuedOn: day("2026-05-01"),
		ServiceFrom: day("2026-04-01"), ServiceTo: day("2026-04-30"), PurchaseOrder: "PO 4711", Lines: lines, By: controller(),
	}
}

// issue issues an invoice and reads it back with its lines.
func (s *shop) issue(in billing.NewInvoice) billing.InvoiceDetail {
	s.t.Helper()
	issued, err := s.billing.IssueInvoice(s.t.Context(), in)
	s.must(err)
	return s.detail(issued.ID)
}

func (s *shop) detail(id billing.InvoiceID) billing.InvoiceDetail {
	s.t.Helper()
	detail, err := s.billing.InvoiceDetail(s.t.Context(), s.db, id)
	s.must(err)
	return detail
}

func (s *shop) pay(currency money.Currency, amount string, on string, allocate ...billing.Allocate) billing.NewPayment {
	return billing.NewPayment{
		EntityID: s.entity, CustomerID: s.customer, Currency: currency, Amount: d(amount), ReceivedOn: day(on), Allocate: allocate, By: controller(),
	}
}

func credit(kind billing.Kind, invoice billing.InvoiceID, lines ...billing.AdjustLine) billing.AdjustmentInput {
	return billing.AdjustmentInput{Kind: kind, InvoiceID: invoice, ReasonCode: "wrong_price", Lines: lines}
}

// reserve prepares and reserves an adjustment for a request of its own.
func (s *shop) reserve(in billing.AdjustmentInput) (int64, billing.Adjustment) {
	s.t.Helper()
	s.requests++
	var a billing.Adjustment
	s.do(func(tx *db.Tx) error {
		var err error
		if a, err = s.billing.PrepareAdjustment(s.t.Context(), tx, in); err != nil {
			return err
		}
		return s.billing.ReserveTx(s.t.Context(), tx, s.requests, a)
	})
	return s.requests, a
}

func (s *shop) approve(request int64, a billing.Adjustment) int64 {
	s.t.Helper()
	var approval int64
	s.do(func(tx *db.Tx) error {
		if err := dbtest.Decided(s.t.Context(), tx, request, a.Digest(request)); err != nil {
			return err
		}
		var err error
		approval, err = s.billing.RecordApprovalTx(s.t.Context(), tx, billing.Approval{
			CreditRequestID: request, Digest: a.Digest(request), RequesterID: dbtest.Requester, DeciderIDs: []int64{dbtest.Decider},
		})
		return err
	})
	return approval
}

func (s *shop) post(in billing.PostAdjustment) (billing.CreditMemo, error) {
	var memo billing.CreditMemo
	err := s.db.Do(s.t.Context(), func(tx *db.Tx) error {
		posted, err := s.billing.PostAdjustmentTx(s.t.Context(), tx, in)
		if err == nil {
			memo = *posted.Memo
		}
		return err
	})
	return memo, err
}

// give takes an adjustment all the way to a posted memo.
func (s *shop) give(in billing.AdjustmentInput) billing.CreditMemo {
	s.t.Helper()
	request, a := s.reserve(in)
	memo, err := s.post(billing.PostAdjustment{
		CreditRequestID: request, ApprovalID: s.approve(request, a), Adjustment: a, Explanation: "Falscher Preis.", By: controller(),
	})
	s.must(err)
	return memo
}

func (s *shop) sound() {
	s.t.Helper()
	faults, err := s.billing.Verify(s.t.Context())
	s.must(err)
	for _, f := range faults {
		s.t.Errorf("%s: %s: %s", f.Check, f.Row, f.Detail)
	}
}

func equal(t testing.TB, what, want string, got decimal.Decimal) {
	t.Helper()
	if !got.Equal(d(want)) {
		t.Errorf("%s: want %s, got %s", what, want, got)
	}
}
