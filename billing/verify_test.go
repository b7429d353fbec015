package billing_test

import (
	"slices"
	"testing"

	"makegood/internal/dbtest"
)

func TestVerifyFindsWhatSomebodyTamperedWith(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		statement string
		finds     []string
	}{
		"posting":     {`update postings set amount = amount + 1 where account = 'receivable'`, []string{"entry_balances", "receivable_is_open_invoices", "document_is_booked", "allocation_is_booked"}},
		"memo line":   {`update credit_memo_lines set net = net + 1, amount = amount + 1`, []string{"memo_is_approved", "memo_adds_up", "credit_on_line_adds_up"}},
		"memo reason": {`update credit_memos set reason_code = 'goodwill'`, []string{"memo_is_approved"}},
		"memo gone":   {`delete from credit_memos`, []string{"numbers_have_no_gaps"}},
		"invoice":     {`update invoice_lines set net = net - 1, list = list - 1 where line_no = 1`, []string{"invoice_adds_up", "credit_on_line_adds_up"}},
		"open item":   {`update open_items set open = open - 1 where kind = 'invoice'`, []string{"receivable_is_open_invoices", "open_item_adds_up"}},
		"held":        {`update open_items set held = 1 where kind = 'invoice'`, []string{"held_is_sum_of_holds"}},
		"headroom":    {`update invoice_tax_balances set credited_tax = 0`, []string{"credit_on_tax_adds_up"}},
		"rounding": {`alter table open_items disable trigger rounding_within_invoice; update open_items set rounding_given = 0.01 where kind = 'invoice';
			alter table open_items enable trigger rounding_within_invoice`, []string{"rounding_given_adds_up"}},
		"credit": {`update open_items set open = open + 1 where kind = 'payment'`, []string{"unapplied_is_open_credit", "open_item_adds_up"}},
		"file":   {`update stored_documents set content = 'x'`, []string{"stored_file_is_unchanged"}},
		"entry":  {`delete from postings`, []string{"entry_balances", "receivable_is_open_invoices"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _, _ := oneOfEach(t)
			s.sound()
			dbtest.AsOwner(t, s.db, c.statement)
			faults, err := s.billing.Verify(t.Context())
			s.must(err)
			var found []string
			for _, f := range faults {
				found = append(found, f.Check)
			}
			for _, want := range c.finds {
				if !slices.Contains(found, want) {
					t.Errorf("%s is not among %v", want, found)
				}
			}
		})
	}
}
