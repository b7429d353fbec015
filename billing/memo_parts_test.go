package billing_test

import (
	"testing"

	"makegood/billing"
	"makegood/internal/db"
)

// A memo has exactly the lines and taxes that were approved, however and whenever others are written beside them.
// A tax of nothing changes no sum: only the approval knows it.
func TestNothingIsAddedToAMemo(t *testing.T) {
	t.Parallel()
	const (
		aLine = `insert into credit_memo_lines (credit_memo_id, line_no, invoice_line_id, description, amount, net, tax_category, tax_rate, tax_share)
			select id, 0, (select max(id) from invoice_lines), 'More', 1, 1, 'S', 19, 0.19 from credit_memos order by id desc limit 1`
		anotherLine = `insert into credit_memo_lines (credit_memo_id, line_no, invoice_line_id, description, amount, net, tax_category, tax_rate, tax_share)
			select id, 9, (select max(id) from invoice_lines), 'More', 1, 1, 'S', 19, 0.19 from credit_memos order by id desc limit 1`
		aTax = `insert into credit_memo_taxes (credit_memo_id, position, invoice_tax_id, category, rate, net, tax)
			select id, 0, null, 'S', 19, 0, 0 from credit_memos order by id desc limit 1`
		immediate, deferred = `set constraints all immediate`, `set constraints all deferred`
	)
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100", "19"), line("50", "19")))
	for name, statements := range map[string][]string{
		"a line":                                {aLine},
		"a line with the highest number":        {anotherLine},
		"a tax":                                 {aTax},
		"both, the line last":                   {aTax, aLine},
		"both in one statement":                 {`with l as (` + aLine + `) ` + aTax},
		"a line once all was compared":          {immediate, deferred, aLine},
		"the highest line once all was":         {immediate, deferred, anotherLine},
		"a tax once all was":                    {immediate, deferred, aTax},
		"a line while comparing at once":        {immediate, aLine},
		"a line in a part that is undone":       {`savepoint a`, aTax, `rollback to savepoint a`, anotherLine},
		"a line in a part that is kept":         {`savepoint a`, aLine, `release savepoint a`},
		"a line after a part that was compared": {`savepoint a`, immediate, deferred, `release savepoint a`, aLine},
	} {
		request, a := s.reserve(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("2")}))
		post := billing.PostAdjustment{CreditRequestID: request, ApprovalID: s.approve(request, a), Adjustment: a, Explanation: "Wrong price.", By: controller()}
		err := s.db.Do(t.Context(), func(tx *db.Tx) error {
			if _, err := s.billing.PostAdjustmentTx(t.Context(), tx, post); err != nil {
				return err
			}
			for _, statement := range statements {
				if _, err := tx.Exec(t.Context(), statement); err != nil {
					return err
				}
			}
			return nil
		})
		if !db.Violates(err, "adjustment_needs_approval") {
			t.Errorf("%s: %v", name, err)
		}
		_, err = s.post(post)
		s.must(err)
		for _, statement := range []string{aLine, anotherLine, aTax} {
			if err := s.refused(statement); !db.Violates(err, "adjustment_needs_approval") {
				t.Errorf("%s, in another transaction: %v", statement, err)
			}
		}
	}
	s.sound()
}
