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

// TestABatchThatWasPaidAfterItsApprovalIsFreeAgain: it is approved as a whole, so none of it is posted; it ends with what was settled by
// number, and the same proposal goes on without that.
func TestABatchThatWasPaidAfterItsApprovalIsFreeAgain(t *testing.T) {
	t.Parallel()
	k := setup(t)
	paid, owed := k.invoice(k.customer, "10"), k.invoice(k.client, "20")
	in := k.ask(billing.WriteOff)
	in.Items = []billing.ItemPart{{Kind: billing.InvoiceItem, ID: int64(paid.ID), Amount: d("11.90")}, {Kind: billing.InvoiceItem, ID: int64(owed.ID), Amount: d("23.80")}}
	req := k.submit(in)
	for step, open := k.read(req.ID).Open(); open; step, open = k.read(req.ID).Open() {
		k.approve(req.ID, k.decider(step))
	}
	k.pay(k.customer, "11.90", billing.Allocate{InvoiceID: paid.ID, Amount: d("11.90")})
	k.work()
	got := k.read(req.ID)
	if got.State != credits.Expired || got.Failure != billing.ErrLessOpen.Key || got.FailureParams["numbers"] != paid.Number {
		t.Errorf("%s: %s %v", got.State, got.Failure, got.FailureParams)
	}
	equal(t, "nothing of it was posted", "23.80", k.account(k.client))
	equal(t, "the rest", "23.80", k.through(in).Total)
	equal(t, "given up", "0", k.account(k.client))
	k.sound()
}

// TestErrorsOfABatchKeepTheirRow: what is wrong is told of the row it was sent in, whatever was left out before it.
func TestErrorsOfABatchKeepTheirRow(t *testing.T) {
	t.Parallel()
	k := setup(t)
	paid, owed := k.invoice(k.customer, "10"), k.invoice(k.client, "20")
	k.pay(k.customer, "11.90", billing.Allocate{InvoiceID: paid.ID, Amount: d("11.90")})
	in := k.ask(billing.WriteOff)
	in.Items = []billing.ItemPart{{Kind: billing.InvoiceItem, ID: int64(paid.ID), Amount: d("11.90")}, {Kind: billing.InvoiceItem, ID: int64(owed.ID), Amount: d("23.81")}}
	if _, err := k.credits.Submit(t.Context(), in); problem(err) != "items.1 billing.over_open" {
		t.Errorf("%v", err)
	}
}
