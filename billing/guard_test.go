package billing_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"makegood/billing"
	"makegood/billing/ledger"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

// refused runs a statement in a transaction of its own, as the application's role, and tells why it failed.
func (s *shop) refused(query string, args ...any) error {
	return s.db.Do(s.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(s.t.Context(), query, args...)
		return err
	})
}

func code(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code + " " + pg.ConstraintName
	}
	return ""
}

func immutable() []string {
	return []string{
		"invoices", "invoice_lines", "invoice_taxes", "payments", "adjustment_approvals", "credit_memos", "credit_memo_lines",
		"credit_memo_taxes", "allocations", "journal_entries", "postings", "stored_documents",
	}
}

// oneOfEach posts every kind of document.
func oneOfEach(t *testing.T) (*shop, billing.InvoiceDetail, billing.CreditMemo) {
	t.Helper()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100", "19"), line("50", "19")))
	_, err := s.billing.RecordPayment(t.Context(), s.pay("EUR", "50", "2026-05-08", billing.Allocate{InvoiceID: i.ID, Amount: d("50")}))
	s.must(err)
	memo := s.give(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("10")}))
	_, err = s.billing.RenderMemo(t.Context(), memo.ID)
	s.must(err)
	return s, i, memo
}

func TestPostedRowsAreNeverChanged(t *testing.T) {
	t.Parallel()
	s, _, _ := oneOfEach(t)
	owner, err := pgx.Connect(t.Context(), dbtest.OwnerURL(t, s.db))
	s.must(err)
	defer func() { _ = owner.Close(context.WithoutCancel(t.Context())) }()
	for _, table := range immutable() {
		column := value[string](t, s.db, `select column_name::text from information_schema.columns where table_name = $1 and ordinal_position = 1`, table)
		for _, statement := range []string{
			fmt.Sprintf("update %s set %s = %s", table, column, column), "delete from " + table, "truncate " + table + " cascade",
		} {
			if err := s.refused(statement); !strings.HasPrefix(code(err), "42501") { // insufficient_privilege
				t.Errorf("%s by the application: %v", statement, err)
			}
			// Not even by the owner, as long as the triggers stand.
			if _, err := owner.Exec(t.Context(), statement); !db.Violates(err, "posted_rows_are_immutable") {
				t.Errorf("%s by the owner: %v", statement, err)
			}
		}
	}
}

// Every table of what is posted is closed to the application's role, those too that hold nothing in this test.
func TestNothingPostedIsOpenToTheApplication(t *testing.T) {
	t.Parallel()
	s := setup(t)
	const closed = `select exists (select from pg_trigger where tgrelid = $1::regclass and tgname = 'immutable_rows')
		and not has_table_privilege('makegood_app', $1::regclass, 'update') and not has_table_privilege('makegood_app', $1::regclass, 'delete')
		and not has_table_privilege('makegood_app', $1::regclass, 'truncate')`
	for _, table := range append(immutable(), "invoice_discounts", "invoice_line_taxes", "refunds", "refund_sources", "write_offs", "write_off_lines",
		"transfers", "reversals", "chargebacks", "fx_rates", "service_credit_sheets", "payouts", "audit_log") {
		if !value[bool](t, s.db, closed, table) {
			t.Errorf("%s can be changed", table)
		}
	}
	for table, privileges := range map[string]string{"document_sequences": "delete, truncate", "period_history": "update, delete, truncate", "hold_changes": "update, delete, truncate"} {
		if value[bool](t, s.db, `select has_table_privilege('makegood_app', $1::regclass, $2)`, table, privileges) {
			t.Errorf("%s: one of %s is granted", table, privileges)
		}
	}
}

func TestUnbalancedEntryIsRefused(t *testing.T) {
	t.Parallel()
	s, i, _ := oneOfEach(t)
	entry := `with e as (insert into journal_entries (entity_id, booked_on, document_kind, document_id, document_number, customer_id, currency, actor_kind, posted_at, dated_on)
		values ($1, '2026-05-12', 'invoice', $2, 'X', $3, 'EUR', 'system', now(), '2026-05-12') returning id)
		insert into postings (entry_id, entity_id, account, currency, amount, base_amount, booked_on, dated_on, posted_on)
		select e.id, $1, l.account, l.currency, l.amount, l.base, '2026-05-12', '2026-05-12', (now() at time zone 'UTC')::date
		from e, (values %s) as l(account, currency, amount, base)`
	for name, lines := range map[string]string{
		"off by a cent":          `('revenue', 'EUR', 10, 10), ('tax', 'EUR', -9.99, -9.99)`,
		"off in base currency":   `('revenue', 'USD', 10, 9), ('tax', 'USD', -10, -8.99)`,
		"balanced across two":    `('revenue', 'EUR', 10, 10), ('tax', 'USD', -10, -10)`,
		"one posting of nothing": `('revenue', 'EUR', 0, 0.01)`,
	} {
		if err := s.refused(fmt.Sprintf(entry, lines), s.entity, i.ID+90, s.customer); !errors.Is(err, ledger.ErrUnbalanced) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.refused(`insert into postings (entry_id, entity_id, account, currency, amount, base_amount, booked_on, dated_on, posted_on)
		select id, entity_id, 'cash', 'EUR', 5, 5, booked_on, dated_on, (posted_at at time zone 'UTC')::date from journal_entries limit 1`); !errors.Is(err, ledger.ErrUnbalanced) {
		t.Errorf("posting added to a posted entry: %v", err)
	}
	err := s.db.Do(t.Context(), func(tx *db.Tx) error {
		return ledger.PostTx(t.Context(), tx, ledger.Draft{
			EntityID: int64(s.entity), BookedOn: day("2026-05-12"), DocumentKind: ledger.Invoice, Currency: "EUR", BaseCurrency: "EUR", Rate: d("1"),
			Lines: []ledger.Line{{Account: ledger.Revenue, Amount: d("1")}, {Account: ledger.Tax, Amount: d("-2")}},
		})
	})
	if !errors.Is(err, ledger.ErrUnbalanced) {
		t.Errorf("through the ledger: %v", err)
	}
}

func TestNoEntryIntoAClosedPeriod(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.closeMonth("2026-02")
	err := s.db.Do(t.Context(), func(tx *db.Tx) error {
		return ledger.PostTx(t.Context(), tx, ledger.Draft{
			EntityID: int64(s.entity), BookedOn: day("2026-02-28"), DatedOn: day("2026-05-12"), DocumentKind: ledger.Payment, DocumentNumber: "X",
			CustomerID: int64(s.customer), Currency: "EUR", BaseCurrency: "EUR", Rate: d("1"), By: controller(),
			Lines: []ledger.Line{{Account: ledger.Cash, Amount: d("1")}, {Account: ledger.Revenue, Amount: d("-1")}},
		})
	})
	if !db.Violates(err, "period_is_closed") {
		t.Errorf("entry in February: %v", err)
	}
}

func TestNothingIsGivenWithoutItsApproval(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100", "19")))
	request, a := s.reserve(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("10")}))
	in := billing.PostAdjustment{CreditRequestID: request, ApprovalID: 1, Adjustment: a, Explanation: "Because.", By: controller()}
	if _, err := s.post(in); !errors.Is(err, billing.ErrNeedsApproval) {
		t.Errorf("no approval: %v", err)
	}
	in.ApprovalID = s.approve(request, a)
	in.Adjustment.Lines[0].Amount, in.Adjustment.Net = d("10.01"), d("10.01")
	if _, err := s.post(in); !errors.Is(err, billing.ErrNeedsApproval) {
		t.Errorf("altered amount: %v", err)
	}
	if n := value[int](t, s.db, `select count(*) from credit_memos`); n != 0 {
		t.Errorf("%d memos", n)
	}
	for name, approval := range map[string]billing.Approval{
		"by oneself":  {CreditRequestID: 90, Digest: a.Digest(90), RequesterID: 11, DeciderIDs: []int64{12, 11}},
		"by nobody":   {CreditRequestID: 91, Digest: a.Digest(91), RequesterID: 11},
		"other again": {CreditRequestID: request, Digest: a.Digest(99), RequesterID: 11, DeciderIDs: []int64{12}},
	} {
		err := s.db.Do(t.Context(), func(tx *db.Tx) error {
			_, err := s.billing.RecordApprovalTx(t.Context(), tx, approval)
			return err
		})
		if kind := errs.KindOf(err); kind != errs.Forbidden && !errors.Is(err, billing.ErrOtherApproval) {
			t.Errorf("approval %s: %v", name, err)
		}
	}
}

// Whoever writes past the program still needs the approval of exactly what is written.
func TestTheDatabaseItselfAsksForTheApproval(t *testing.T) {
	t.Parallel()
	s, i, memo := oneOfEach(t)
	request, a := s.reserve(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("10")}))
	approval := s.approve(request, a)
	write := func(net, tax, lineNet, taxNet string) error {
		return s.refused(`with n as (update document_sequences set last_no = 2 where series = 'CM-DE'), m as (
			insert into credit_memos (entity_id, number, series, fiscal_year, sequence_no, customer_id, invoice_id, currency, kind, reason_code,
				issued_on, tax_point, net, tax, total, to_invoice, to_balance, fx_rate, credit_request_id, approval_id, posted_at)
			select entity_id, 'CM-DE-2026-00002', series, fiscal_year, 2, customer_id, invoice_id, currency, kind, reason_code,
				issued_on, tax_point, $1::numeric, $2::numeric, $1::numeric + $2::numeric, $1::numeric + $2::numeric, 0, 1, $3, $4, now()
			from credit_memos where id = $5 returning id
		), l as (insert into credit_memo_lines (credit_memo_id, line_no, invoice_line_id, description, amount, net, tax_category, tax_rate, tax_share)
			select id, 1, $6, 'x', $7::numeric, $7::numeric, 'S', 19, 0 from m)
		insert into credit_memo_taxes (credit_memo_id, position, invoice_tax_id, category, rate, net, tax)
		select id, 1, $8, 'S', 19, $9::numeric, $2::numeric from m`,
			net, tax, request, approval, memo.ID, i.Lines[0].ID, lineNet, i.Taxes[0].ID, taxNet)
	}
	for name, err := range map[string]error{
		"another amount": write("11", "1.9", "11", "11"),
		"another tax":    write("10", "1.89", "10", "10"),
		"another line":   write("10", "1.9", "9", "10"),
	} {
		if !errors.Is(err, billing.ErrNeedsApproval) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.refused(`insert into credit_memo_lines (credit_memo_id, line_no, invoice_line_id, description, amount, net, tax_category, tax_rate, tax_share)
		values ($1, 2, $2, 'x', 5, 5, 'S', 19, 0)`, memo.ID, i.Lines[1].ID); !errors.Is(err, billing.ErrNeedsApproval) {
		t.Errorf("line added to a posted memo: %v", err)
	}
	if err := write("10", "1.9", "10", "10"); err != nil {
		t.Errorf("exactly what was approved: %v", err)
	}
}

func TestFailedPostingUsesNoNumber(t *testing.T) {
	t.Parallel()
	s, i, _ := oneOfEach(t)
	failed := errors.New("the letter could not be queued")
	request, a := s.reserve(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("10")}))
	in := billing.PostAdjustment{CreditRequestID: request, ApprovalID: s.approve(request, a), Adjustment: a, Explanation: "Because.", By: controller()}
	err := s.db.Do(t.Context(), func(tx *db.Tx) error {
		if _, err := s.billing.PostAdjustmentTx(t.Context(), tx, in); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	memo, err := s.post(in)
	s.must(err)
	if memo.Number != "CM-DE-2026-00002" {
		t.Errorf("number %s", memo.Number)
	}
	s.sound()
}

func TestWhoMayNotIsRefused(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.invoice("EUR", line("100", "19"))
	in.By.Roles = nil
	if _, err := s.billing.IssueInvoice(t.Context(), in); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("invoice: %v", err)
	}
	pay := s.pay("EUR", "1", "2026-05-08")
	pay.By.EntityIDs = []int64{int64(s.entity) + 1}
	if _, err := s.billing.RecordPayment(t.Context(), pay); errs.KindOf(err) != errs.NotFound {
		t.Errorf("payment: %v", err)
	}
}
