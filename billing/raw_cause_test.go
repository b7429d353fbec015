package billing_test

import (
	"slices"
	"testing"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// Every document and entry names what caused it, and nothing else.
func TestRawSessionNamesNoOtherCause(t *testing.T) {
	t.Parallel()
	const memo = `insert into credit_memos (entity_id, number, series, fiscal_year, sequence_no, customer_id, invoice_id, currency, kind, reason_code,
				issued_on, tax_point, net, tax, total, to_invoice, to_balance, fx_rate, credit_request_id, approval_id, case_id, posted_at)
			select entity_id, 'CM-X', series, fiscal_year, 2, customer_id, invoice_id, 'EUR', kind, reason_code, issued_on, tax_point, net, tax, total, to_invoice, to_balance, 1, `
	for name, c := range map[string]struct{ constraint, statement string }{
		"a memo of no request":      {"memo_names_its_request", memo + `null, a.id, null, now() from credit_memos, (select max(id) as id from adjustment_approvals) a`},
		"a memo of another case":    {"document_names_its_cause", memo + `(select max(credit_request_id) from adjustment_approvals), a.id, 5, now() from credit_memos, (select max(id) as id from adjustment_approvals) a`},
		"a memo of another request": {"adjustment_needs_approval", memo + `900, a.id, null, now() from credit_memos, (select max(id) as id from adjustment_approvals) a`},
		"a correction of no request": {"correction_names_its_request", `insert into invoices (entity_id, number, reference_key, series, fiscal_year, sequence_no, kind, customer_id, sold_to_id, currency, issued_on, due_on, service_from, service_to, net, tax, total, fx_rate, posted_at, approval_id)
				select entity_id, 'DM-X', 'DMX', 'DM-DE', 2026, 1, 'debit_memo', customer_id, sold_to_id, 'EUR', '2026-05-12', '2026-05-12', '2026-05-12', '2026-05-12', 0, 0, 0, 1, now(), (select min(id) from adjustment_approvals) from invoices`},
		"a refund of another request": {"document_names_its_cause", `with r as (insert into refunds (entity_id, number, series, fiscal_year, sequence_no, customer_id, currency, amount, refunded_on, fx_rate, reason_code, credit_request_id, approval_id, posted_at)
				select p.entity_id, 'RF-X', 'RF-DE', 2026, 1, p.customer_id, 'EUR', 5, '2026-05-12', 1, 'overcharge', 900, (select max(id) from adjustment_approvals), now() from payments p where id = 2 returning id)
			insert into refund_sources (refund_id, item_kind, item_id, amount) select id, 'payment', 2, 5 from r`},
		"an entry by no person": {"entry_names_who", `insert into journal_entries (entity_id, booked_on, dated_on, document_kind, document_id, document_number, customer_id, currency, actor_kind, posted_at)
				select entity_id, '2026-05-12', '2026-05-12', 'payment', 900, 'X', customer_id, 'EUR', 'person', now() from invoices`},
		"an entry by nobody": {"entry_names_who", `insert into journal_entries (entity_id, booked_on, dated_on, document_kind, document_id, document_number, customer_id, currency, actor_kind, posted_at)
				select entity_id, '2026-05-12', '2026-05-12', 'payment', 900, 'X', customer_id, 'EUR', '', now() from invoices`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _, _ := oneOfEach(t)
			p := s.paid("20")
			request, a := s.reserve(billing.AdjustmentInput{Kind: billing.RefundOut, ReasonCode: "overcharge", Items: []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(p.ID), Amount: d("5")}}})
			s.approve(request, a)
			if err := s.refused(c.statement); !db.Violates(err, c.constraint) {
				t.Errorf("refused by %v", err)
			}
			s.sound()
		})
	}
}

// A posted adjustment whose cause somebody changed is found.
func TestVerifyFindsAnotherCause(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"another request": `update refunds set credit_request_id = 900`,
		"another case":    `update refunds set case_id = 5`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			p := s.paid("20")
			s.carried(billing.AdjustmentInput{Kind: billing.RefundOut, ReasonCode: "overcharge", Items: []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(p.ID), Amount: d("5")}}})
			s.sound()
			dbtest.AsOwner(t, s.db, statement)
			faults, err := s.billing.Verify(t.Context())
			s.must(err)
			for _, want := range []string{"document_names_its_cause", "entry_has_its_document"} {
				if !slices.ContainsFunc(faults, func(f billing.Fault) bool { return f.Check == want }) {
					t.Errorf("%s is not among %v", want, faults)
				}
			}
		})
	}
}
