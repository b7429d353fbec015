package credits_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/dbtest"
	"makegood/migrations"
)

// What pending requests are to pay out is not asked for twice: not of another item, not beside a credit. It is free again when a request
// ends, and counts for its own change. A step that brings the books up to date finds what is underway.
func TestCashIsPromisedOnce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "100")
	account := k.ask(billing.Concession)
	account.CustomerID, account.Lines = k.customer, []credits.ProposeLine{{Description: "Goodwill", Net: d("100"), Tax: billing.LineTax{Category: "Z"}}}
	memo := k.through(account)
	k.pay(k.customer, "119", billing.Allocate{InvoiceID: invoice.ID, Amount: d("119")})

	whole := k.ask(billing.BillingError)
	whole.InvoiceID, whole.Whole, whole.Refund = invoice.ID, true, d("60")
	first := k.submit(whole)
	refund := k.ask(billing.RefundOut)
	refund.Items = []billing.ItemPart{{Kind: billing.MemoItem, ID: *memo.DocumentID, Amount: d("59.01")}}
	if _, err := k.credits.Submit(t.Context(), refund); problem(err) != "items billing.nothing_to_refund" || remains(err, "refundable") != "59.00 EUR" {
		t.Errorf("beside a credit that pays out: %v", err)
	}
	refund.Items[0].Amount = d("59")
	second := k.submit(refund)

	const kept = `select coalesce(string_agg(concat_ws(' ', credit_request_id, customer_id, currency, invoice_id, trim_scale(amount), state), ', ' order by credit_request_id), '') from refund_reservations where state = 'held'`
	before := value[string](t, k.db, kept)
	dbtest.AsOwner(t, k.db, `delete from refund_reservations`)
	step, err := migrations.FS.ReadFile("0297_refunds_underway.sql")
	k.must(err)
	dbtest.AsOwner(t, k.db, string(step))
	if after := value[string](t, k.db, kept); after != before || before == "" {
		t.Errorf("underway %q, found %q", before, after)
	}

	more := *k.read(second.ID).Proposal
	more.By, more.Items = k.agent, []billing.ItemPart{{Kind: billing.MemoItem, ID: *memo.DocumentID, Amount: d("58")}}
	if _, err := k.credits.Change(t.Context(), credits.ChangeInput{ID: second.ID, Proposal: more, Comment: "a mark less"}); err != nil {
		t.Errorf("its own change: %v", err)
	}
	_, err = k.credits.Withdraw(t.Context(), credits.WithdrawInput{By: k.agent, ID: first.ID, Comment: "not so"})
	k.must(err)
	third := k.ask(billing.BillingError)
	third.InvoiceID, third.Whole, third.Refund = invoice.ID, true, d("61")
	k.finish(k.submit(third))
	k.finish(second)
	equal(t, "all cash is out", "119", value[decimal.Decimal](t, k.db, `select sum(amount) from refunds`))
	k.sound()
}
