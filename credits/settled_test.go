package credits_test

import (
	"testing"

	"makegood/billing"
	"makegood/credits"
)

// TestABatchGoesOnWithoutWhatWasPaidMeanwhile: what nobody owes any more is left out and named; the others are given up. An invoice
// alone, or a batch that is settled as a whole, is refused as before.
func TestABatchGoesOnWithoutWhatWasPaidMeanwhile(t *testing.T) {
	t.Parallel()
	k := setup(t)
	paid, owed := k.invoice(k.customer, "10"), k.invoice(k.client, "20")
	in := k.ask(billing.WriteOff)
	in.Items = []billing.ItemPart{{Kind: billing.InvoiceItem, ID: int64(paid.ID), Amount: d("11.90")}, {Kind: billing.InvoiceItem, ID: int64(owed.ID), Amount: d("23.80")}}
	k.silent(in, credits.SettledMeanwhile, "both are owed")
	k.pay(k.customer, "11.90", billing.Allocate{InvoiceID: paid.ID, Amount: d("11.90")})
	if w := k.speaks(in, credits.SettledMeanwhile); w.Params["numbers"] != paid.Number || w.Params["count"] != "1" {
		t.Errorf("%v", w.Params)
	}
	got := k.through(in)
	equal(t, "given up", "23.80", got.Total)
	equal(t, "the other's account", "0", k.account(k.client))
	if _, err := k.credits.Submit(t.Context(), in); problem(err) != "items.0 billing.over_open" {
		t.Errorf("nothing of it is owed any more: %v", err)
	}
	single := k.ask(billing.WriteOff)
	single.Items = in.Items[:1]
	if _, err := k.credits.Submit(t.Context(), single); problem(err) != "items.0 billing.over_open" {
		t.Errorf("one that is paid: %v", err)
	}
}
