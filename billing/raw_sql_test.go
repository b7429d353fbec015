package billing_test

import (
	"testing"

	"makegood/billing"
	"makegood/internal/db"
)

// What somebody with the application's own password could try in a raw session. Each attempt is one statement, or one
// transaction, that PostgreSQL refuses by the named rule.
func TestRawSessionCannot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ constraint, statement string }{
		"unbalance an entry": {"journal_entry_balances", `with e as (insert into journal_entries (entity_id, booked_on, dated_on, document_kind, document_id,
				document_number, customer_id, currency, actor_kind, posted_at)
				select id, '2026-05-12', '2026-05-12', 'payment', 90, 'X', (select min(id) from customers), 'EUR', 'system', '2026-05-12 08:00Z' from legal_entities returning id, entity_id)
			insert into postings (entry_id, entity_id, account, currency, amount, base_amount, booked_on, dated_on, posted_on)
			select e.id, e.entity_id, a, 'EUR', n, n, '2026-05-12', '2026-05-12', '2026-05-12' from e, (values ('cash', 10.00), ('revenue', -9.99)) v(a, n)`},
		"backdate into a closed period": {"period_is_closed", `insert into journal_entries (entity_id, booked_on, dated_on, document_kind, document_id,
				document_number, customer_id, currency, actor_kind, posted_at)
				select id, '2026-01-31', '2026-01-31', 'payment', 90, 'X', (select min(id) from customers), 'EUR', 'system', now() from legal_entities`},
		"date a posting unlike its entry": {"posting_has_its_entrys_days", `with e as (insert into journal_entries (entity_id, booked_on, dated_on, document_kind, document_id,
				document_number, customer_id, currency, actor_kind, posted_at)
				select id, '2026-05-12', '2026-05-12', 'payment', 90, 'X', (select min(id) from customers), 'EUR', 'system', '2026-05-12 08:00Z' from legal_entities returning id, entity_id)
			insert into postings (entry_id, entity_id, account, currency, amount, base_amount, booked_on, dated_on, posted_on)
			select e.id, e.entity_id, a, 'EUR', n, n, '2026-01-31', '2026-05-12', '2026-05-12' from e, (values ('cash', 10.00), ('revenue', -10.00)) v(a, n)`},
		"make an invoice cheaper than the ledger says": {"open_item_is_the_ledger", `update open_items set open = open - 1 where kind = 'invoice'`},
		"make it cheaper in base currency":             {"open_item_is_the_ledger", `update open_items set base_open = base_open - 1 where kind = 'invoice'`},
		"credit without an approval": {"adjustment_needs_approval", `with r as (insert into refunds (entity_id, number, series, fiscal_year, sequence_no, customer_id, currency, amount,
				refunded_on, fx_rate, reason_code, credit_request_id, approval_id, posted_at)
				select m.entity_id, 'RF-X', 'RF-DE', 2026, 1, m.customer_id, 'EUR', 0.01, '2026-05-12', 1, 'x', 900, m.approval_id, now() from credit_memos m returning id)
				insert into refund_sources (refund_id, item_kind, item_id, amount) select r.id, 'credit_memo', (select min(id) from credit_memos), 0.01 from r`},
		"write off without an approval": {"adjustment_needs_approval", `with w as (insert into write_offs (entity_id, number, series, fiscal_year, sequence_no, currency, amount,
				written_off_on, reason_code, credit_request_id, approval_id, posted_at)
				select m.entity_id, 'WO-X', 'WO-DE', 2026, 1, 'EUR', 5, '2026-05-12', 'x', 900, m.approval_id, now() from credit_memos m returning id)
				insert into write_off_lines (write_off_id, invoice_id, amount) select w.id, (select min(id) from invoices), 5 from w`},
		"transfer without an approval": {"adjustment_needs_approval", `insert into transfers (entity_id, number, series, fiscal_year, sequence_no, item_kind, item_id, customer_id,
				to_customer_id, currency, amount, fx_rate, moved_on, reason_code, credit_request_id, approval_id, posted_at)
				select m.entity_id, 'TR-X', 'TR-DE', 2026, 1, 'credit_memo', m.id, m.customer_id, (select max(id) from customers), 'EUR', 1, 1, '2026-05-12', 'x', 900, m.approval_id, now()
				from credit_memos m`},
		"reverse without an approval": {"adjustment_needs_approval", `insert into reversals (entity_id, number, series, fiscal_year, sequence_no, document_kind, document_id, customer_id,
				currency, amount, reversed_on, reason_code, credit_request_id, approval_id, posted_at)
				select m.entity_id, 'RV-X', 'RV-DE', 2026, 1, 'credit_memo', m.id, m.customer_id, 'EUR', m.total, '2026-05-12', 'x', 900, m.approval_id, now() from credit_memos m`},
		"charge more without an approval": {"adjustment_needs_approval", `insert into invoices (entity_id, number, reference_key, series, fiscal_year, sequence_no, kind, customer_id, sold_to_id,
				currency, issued_on, due_on, service_from, service_to, net, tax, total, fx_rate, posted_at, credit_request_id, approval_id)
				select i.entity_id, 'DM-X', 'DMX', 'DM-DE', 2026, 1, 'debit_memo', i.customer_id, i.sold_to_id, 'EUR', '2026-05-12', '2026-05-12', '2026-05-12', '2026-05-12', 0, 0, 0, 1, now(), 900,
				(select min(id) from adjustment_approvals) from invoices i limit 1`},
		"use an approval for a memo of other content": {"adjustment_needs_approval", `insert into credit_memos (entity_id, number, series, fiscal_year, sequence_no, customer_id, currency, kind, reason_code,
				issued_on, tax_point, net, tax, total, to_invoice, to_balance, fx_rate, credit_request_id, approval_id, posted_at)
				select m.entity_id, 'CM-X', series, fiscal_year, 2, customer_id, 'EUR', kind, reason_code, issued_on, tax_point, 10, 0, 10, 0, 10, 1, a.credit_request_id, a.id, now()
				from credit_memos m, (select id, credit_request_id from adjustment_approvals order by id desc limit 1) a`},
		"take a number and use it for nothing":   {"numbers_have_no_gaps", `update document_sequences set last_no = last_no + 1`},
		"give a number back":                     {"numbers_have_no_gaps", `update document_sequences set last_no = last_no - 1`},
		"begin a series with numbers nobody has": {"numbers_have_no_gaps", `insert into document_sequences (entity_id, series, fiscal_year, last_no, document_kind) select id, 'CM-DE', 2031, 7, 'credit_memo' from legal_entities`},
		"use a number that was never given": {"numbers_have_no_gaps", `insert into payments (entity_id, number, series, fiscal_year, sequence_no, customer_id, currency, amount, received_on, fx_rate, posted_at)
				select entity_id, 'PAY-X', series, fiscal_year, 77, customer_id, currency, amount, received_on, 1, now() from payments limit 1`},
		"use a number twice": {"payments_entity_id_series_fiscal_year_sequence_no_key", `insert into payments (entity_id, number, series, fiscal_year, sequence_no, customer_id, currency, amount, received_on, fx_rate, posted_at)
				select entity_id, 'PAY-X', series, fiscal_year, sequence_no, customer_id, currency, amount, received_on, 1, now() from payments limit 1`},
		"add a tax to an issued invoice":         {"invoice_adds_up", `insert into invoice_taxes (invoice_id, category, rate, net, tax) select id, 'S', 3, 10, 0.30 from invoices limit 1`},
		"approve one's own request":              {"approved_by_others", `insert into adjustment_approvals (credit_request_id, digest, requester_id, decider_ids, approved_at) select 901, digest, 5, '{5}', now() from adjustment_approvals limit 1`},
		"reserve more of a line than it has":     {"credit_within_line", `update invoice_line_balances set reserved = amount + 1`},
		"give back a rounding that is not there": {"rounding_within_invoice", `update open_items set rounding_given = 0.01 where kind = 'invoice'`},
		"reserve more of a payment than it has":  {"reserved_within_open", `update open_items set reserved = open + 1 where kind = 'payment'`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, i, _ := oneOfEach(t)
			s.closeMonth("2026-01")
			s.carried(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[1].ID, Amount: d("1")}))
			if c.constraint == "adjustment_needs_approval" { // the lone memo whose approval is tried on everything
				s, i, _ = oneOfEach(t)
				request, a := s.reserve(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[1].ID, Amount: d("1")}))
				s.approve(request, a)
			}
			if err := s.refused(c.statement); !db.Violates(err, c.constraint) {
				t.Errorf("refused by %v", err)
			}
			s.sound()
		})
	}
}

// Even the balances that guard credits may be tampered with, and still no line is credited beyond what was billed.
func TestTamperedHeadroomGivesNothingMore(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100", "19")))
	s.carried(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("60")}))
	s.do(func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), `update invoice_line_balances set credited = 0`); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `update invoice_tax_balances set credited_net = 0, credited_tax = 0`)
		return err
	})
	_, err := s.carry(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("60")}))
	if !db.Violates(err, "credit_within_line") {
		t.Errorf("credited 120 of 100: %v", err)
	}
}
