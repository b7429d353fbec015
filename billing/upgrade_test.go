package billing_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/migrations"
)

// booksBefore is a company as its books were kept before adjustments of every kind: an invoice of two lines, a payment
// that settles a part, and a credit memo on the rest.
const booksBefore = `
insert into legal_entities (id, code, name, base_currency, country, support_address, support_name, tax_id, address) values (1, 'DE', 'Nordlicht', 'EUR', 'DE', 'b@nordlicht.example', 'Billing', 'DE318842071', 'Hafenstraße 12');
insert into ledger_accounts select 1, r, r, r from unnest(array['receivable','revenue','tax','cash','unapplied','concessions','service_credits','bad_debt','fx_difference','rounding']) r;
insert into customers (id, account, name, kind, family_id, tier, country, entity_id, currency, created_at, address) values (1, 'C-1', 'Old customer', 'direct', 1, 'gold', 'DE', 1, 'USD', '2026-01-01', 'Weg 1');
insert into fx_rates values ('USD', 'EUR', '2026-01-01', 0.9, 'ECB');
insert into document_sequences values (1, 'DE', 2026, 1), (1, 'PAY-DE', 2026, 1), (1, 'CM-DE', 2026, 1);
insert into invoices (id, entity_id, number, reference_key, series, fiscal_year, sequence_no, customer_id, sold_to_id, currency, issued_on, due_on, service_from, service_to, net, tax, total, fx_rate, posted_at)
	values (1, 1, 'DE-2026-00001', 'DE20261', 'DE', 2026, 1, 1, 1, 'USD', '2026-02-01', '2026-03-01', '2026-01-01', '2026-01-31', 150, 19, 169, 0.9, '2026-02-01 10:00Z');
insert into invoice_lines (id, invoice_id, line_no, product, description, quantity, unit_price, net, tax_category, tax_rate, tax_share) values
	(1, 1, 1, 'a', 'A', 1, 100, 100, 'S', 19, 19), (2, 1, 2, 'b', 'B', 1, 50, 50, 'Z', 0, 0);
insert into invoice_taxes (id, invoice_id, category, rate, net, tax) values (1, 1, 'S', 19, 100, 19), (2, 1, 'Z', 0, 50, 0);
insert into invoice_line_balances (invoice_line_id, invoice_id, net, credited_net) values (1, 1, 100, 10), (2, 1, 50, 0);
insert into invoice_tax_balances (invoice_tax_id, invoice_id, net, tax, credited_net, credited_tax) values (1, 1, 100, 19, 10, 1.90), (2, 1, 50, 0, 0, 0);
insert into payments (id, entity_id, number, series, fiscal_year, sequence_no, customer_id, currency, amount, received_on, fx_rate, posted_at)
	values (1, 1, 'PAY-DE-2026-00001', 'PAY-DE', 2026, 1, 1, 'USD', 157.10, '2026-02-20', 0.8, '2026-02-20 10:00Z');
insert into users (id, email, name, created_at) values (1, 'ada@nordlicht.example', 'Ada', '2026-01-01'), (2, 'ben@nordlicht.example', 'Ben', '2026-01-01');
insert into reason_codes (code, name, position) values ('overcharge', 'Overcharge', 1);
insert into authority_levels (id, rank, name) values (1, 1, 'Controller');
insert into credit_requests (id, kind, customer_id, family_id, entity_id, invoice_id, currency, reason_code, net, tax, total, authority_amount, authority_rate, state, digest, requester_id, created_at, submitted_at, approved_at)
	values (7, 'billing_error', 1, 1, 1, 1, 'USD', 'overcharge', 10, 1.90, 11.90, 11.90, 1, 'posted', sha256('adjustment/1|7|billing_error|1|1|1|USD|overcharge|10|1.9|l1:10|t1:10:1.9'), 1, '2026-03-04', '2026-03-04', '2026-03-05');
insert into credit_steps (id, credit_request_id, content_version, position, level_id, level_name, rule_key, state) values (1, 7, 1, 1, 1, 'Controller', 'authority.step.sufficient', 'approved');
insert into credit_decisions (credit_request_id, content_version, step_id, user_id, decision, digest, decided_at) select 7, 1, 1, 2, 'approve', digest, '2026-03-05' from credit_requests;
insert into adjustment_approvals (id, credit_request_id, digest, requester_id, decider_ids, approved_at)
	values (1, 7, sha256('adjustment/1|7|billing_error|1|1|1|USD|overcharge|10|1.9|l1:10|t1:10:1.9'), 1, '{2}', '2026-03-05');
insert into credit_memos (id, entity_id, number, series, fiscal_year, sequence_no, customer_id, invoice_id, currency, kind, reason_code, issued_on, tax_point, net, tax, total, to_invoice, to_balance, fx_rate, credit_request_id, approval_id, posted_at)
	values (1, 1, 'CM-DE-2026-00001', 'CM-DE', 2026, 1, 1, 1, 'USD', 'billing_error', 'overcharge', '2026-03-05', '2026-02-01', 10, 1.90, 11.90, 11.90, 0, 0.9, 7, 1, '2026-03-05 10:00Z');
insert into credit_memo_lines (credit_memo_id, line_no, invoice_line_id, description, net, tax_category, tax_rate, tax_share) values (1, 1, 1, 'A', 10, 'S', 19, 1.90);
insert into credit_memo_taxes values (1, 1, 'S', 19, 10, 1.90);
insert into line_reservations values (7, 1, 1, 10, 'used', '2026-03-04');
insert into tax_reservations values (7, 1, 1, 10, 1.90, 'used');
insert into allocations (id, entity_id, customer_id, source_kind, source_id, invoice_id, currency, amount, allocated_on, posted_at) values
	(1, 1, 1, 'payment', 1, 1, 'USD', 157.10, '2026-02-20', '2026-02-20 10:00Z'), (2, 1, 1, 'credit_memo', 1, 1, 'USD', 11.90, '2026-03-05', '2026-03-05 10:00Z');
insert into open_items (kind, document_id, number, customer_id, entity_id, currency, original, open, due_on) values
	('invoice', 1, 'DE-2026-00001', 1, 1, 'USD', 169, 0, '2026-03-01'), ('payment', 1, 'PAY-DE-2026-00001', 1, 1, 'USD', 157.10, 0, '2026-02-20'),
	('credit_memo', 1, 'CM-DE-2026-00001', 1, 1, 'USD', 11.90, 0, '2026-03-05');
insert into journal_entries (id, entity_id, booked_on, document_kind, document_id, document_number, customer_id, currency, credit_request_id, actor_kind, posted_at) values
	(1, 1, '2026-02-01', 'invoice', 1, 'DE-2026-00001', 1, 'USD', null, 'system', '2026-02-01 10:00Z'), (2, 1, '2026-02-20', 'payment', 1, 'PAY-DE-2026-00001', 1, 'USD', null, 'system', '2026-02-20 10:00Z'),
	(3, 1, '2026-02-20', 'allocation', 1, 'PAY-DE-2026-00001', 1, 'USD', null, 'system', '2026-02-20 10:00Z'), (4, 1, '2026-02-28', 'credit_memo', 1, 'CM-DE-2026-00001', 1, 'USD', 7, 'system', '2026-03-05 10:00Z'),
	(5, 1, '2026-02-28', 'allocation', 2, 'CM-DE-2026-00001', 1, 'USD', 7, 'system', '2026-03-05 10:00Z');
insert into postings (entry_id, entity_id, account, customer_id, invoice_id, currency, amount, base_amount) values
	(1, 1, 'receivable', 1, 1, 'USD', 169, 152.10), (1, 1, 'revenue', null, 1, 'USD', -150, -135), (1, 1, 'tax', null, 1, 'USD', -19, -17.10),
	(2, 1, 'cash', null, null, 'USD', 157.10, 125.68), (2, 1, 'unapplied', 1, null, 'USD', -157.10, -125.68),
	(3, 1, 'unapplied', 1, null, 'USD', 157.10, 125.68), (3, 1, 'receivable', 1, 1, 'USD', -157.10, -141.39), (3, 1, 'fx_difference', null, null, 'USD', 0, 15.71),
	(4, 1, 'revenue', null, 1, 'USD', 10, 9), (4, 1, 'tax', null, 1, 'USD', 1.90, 1.71), (4, 1, 'unapplied', 1, null, 'USD', -11.90, -10.71),
	(5, 1, 'unapplied', 1, null, 'USD', 11.90, 10.71), (5, 1, 'receivable', 1, 1, 'USD', -11.90, -10.71);
select setval(pg_get_serial_sequence(t, 'id'), 100) from unnest(array['legal_entities','customers','invoices','invoice_lines','invoice_taxes','payments','adjustment_approvals','credit_memos','allocations','journal_entries','credit_steps']) t;
`

// Books kept by the schema before hold under the new one: the same figures, the same approvals, and they go on.
func TestBooksSurviveTheUpgrade(t *testing.T) {
	t.Parallel()
	home := dbtest.New(t)
	admin, err := pgx.Connect(t.Context(), dbtest.OwnerURL(t, home))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close(context.WithoutCancel(t.Context())) }()
	name := home.Pool().Config().ConnConfig.Database
	if _, err := admin.Exec(t.Context(), `create database before_the_upgrade`); err != nil {
		t.Fatal(err)
	}
	url := strings.Replace(dbtest.OwnerURL(t, home), name, "before_the_upgrade", 1)
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	sqlDB := stdlib.OpenDBFromPool(pool)
	defer func() { _ = sqlDB.Close() }()
	provider, err := goose.NewProvider(goose.DialectPostgres, sqlDB, migrations.FS, goose.WithTableName("schema_versions"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 6); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), "begin;"+booksBefore+"commit"); err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), db.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s := &shop{t: t, db: d, entity: 1, customer: 1, requests: 100}
	renderer := renderers()
	s.billing = billing.New(d, renderer, discard())
	s.sound()
	for _, item := range []string{"invoice", "payment", "credit_memo"} {
		if days := value[string](t, d, `select opened_on || ' ' || closed_on from open_items where kind = $1`, item); days != map[string]string{
			"invoice": "2026-02-01 2026-03-05", "payment": "2026-02-20 2026-02-20", "credit_memo": "2026-03-05 2026-03-05",
		}[item] {
			t.Errorf("%s was open %s", item, days)
		}
	}
	i := s.detail(1)
	equal(t, "left of the first line", "90", i.Lines[0].Remaining)
	memo := s.carried(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: 1, ReasonCode: "overcharge", Whole: true}).Memo
	equal(t, "the rest", "157.10", memo.Total)
	s.takeBack(billing.DocumentRef{Kind: billing.MemoDoc, ID: int64(memo.ID)})
	s.takeBack(billing.DocumentRef{Kind: billing.MemoDoc, ID: 1})
	equal(t, "the old memo taken back", "11.90", s.open(billing.InvoiceItem, 1))
	s.sound()
}
