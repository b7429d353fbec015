package reconciling_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/billing/bookstest"
	"makegood/billing/importer"
	"makegood/billing/reconcile"
	"makegood/billing/reconciling"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// bring has a file of Stripe's objects brought in, its credits signed by somebody else.
func (o *office) bring(file string) {
	o.t.Helper()
	o.billing.RegisterImports(o.jobs)
	o.billing.SignImportsBy(func(context.Context, *db.Tx, billing.Actor, billing.ImportBatch, []billing.GivenElsewhere) (int, error) {
		return 1, nil
	})
	b, err := o.billing.StageImport(o.t.Context(), billing.NewImport{EntityID: o.entity, System: "stripe", Kind: billing.StripeFile, Filename: "stripe.json", By: bookstest.Controller()}, strings.NewReader(file))
	o.must(err)
	o.must(o.billing.StartImport(o.t.Context(), b.ID, bookstest.Controller()))
	o.must(o.billing.RunImport(o.t.Context(), b.ID))
	other := access.Actor{Kind: access.Person, UserID: 99, Name: "Olu Adeyemi", Roles: []access.Role{access.Controller}}
	o.must(o.billing.ApproveImport(o.t.Context(), b.ID, other))
	o.must(o.billing.RunImport(o.t.Context(), b.ID))
}

// A refund that a credit note names came in with it: compared with where it is from it is no difference, and stands for none of our own. One that
// no note names is.
func TestARefundOfACreditNoteIsNoDifference(t *testing.T) {
	t.Parallel()
	o := setupOn(t, "2026-05-25")
	at := func(on string) int64 { return day(on).Unix() + 43200 }
	objects := []string{
		fmt.Sprintf(`{"object":"invoice","id":"in_1","number":"ST-1","customer":"C-1","currency":"eur","created":%d,"status":"paid","total":9000,"amount_paid":9000,"amount_remaining":0,
			"lines":{"data":[{"id":"il_1","amount":9000,"description":"Seats","quantity":4}]}}`, at("2026-05-04")),
		fmt.Sprintf(`{"object":"charge","id":"ch_1","amount":9000,"captured":true,"paid":true,"status":"succeeded","currency":"eur","created":%d,"customer":"C-1","invoice":"in_1"}`, at("2026-05-05")),
		fmt.Sprintf(`{"object":"credit_note","id":"cn_1","number":"ST-1-CN","invoice":"in_1","customer":"C-1","currency":"eur","created":%d,"status":"issued","type":"post_payment","total":2000,"post_payment_amount":2000,
			"refunds":[{"refund":"re_1","amount_refunded":2000}],"lines":{"data":[{"id":"cnli_1","amount":2000,"description":"Seats","quantity":1,"invoice_line_item":"il_1"}]}}`, at("2026-05-11")),
		fmt.Sprintf(`{"object":"refund","id":"re_1","amount":2000,"currency":"eur","charge":"ch_1","created":%d,"status":"succeeded"}`, at("2026-05-11")),
	}
	o.bring("[" + strings.Join(objects, ",") + "]")
	more := append(slices.Clone(objects), fmt.Sprintf(`{"object":"refund","id":"re_2","amount":500,"currency":"eur","charge":"ch_1","created":%d,"status":"succeeded"}`, at("2026-05-12")))
	for _, c := range []struct {
		objects []string
		want    []string
	}{{objects, nil}, {more, []string{"missing_here re_2 -5.00 EUR"}}} {
		run := o.compare(o.may(billing.StripeFile), "["+strings.Join(c.objects, ",")+"]")
		if got := told(o.findings(run.ID)); !slices.Equal(got, c.want) || run.RowsLeft == 0 {
			t.Errorf("%d left out, found %v, want %v", run.RowsLeft, got, c.want)
		}
	}
	// A refund of ours that is not there is found, though the file gives none but those of credit notes.
	paid := o.pay("2026-05-20", "20.00", "SEPA 1")
	refund := o.post(billing.AdjustmentInput{Kind: billing.RefundOut, ReasonCode: "refund_not_received", Items: []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(paid.ID), Amount: d("20")}}})
	in := o.may(billing.StripeFile)
	in.DaysApart = 4 // else it is the run there is
	run := o.compare(in, "["+strings.Join(objects, ",")+"]")
	if !slices.ContainsFunc(o.findings(run.ID), func(f reconciling.Finding) bool {
		return f.Class == reconcile.MissingThere && f.Kind == reconcile.Refund
	}) {
		t.Errorf("%s is not missed there: %v", refund.Document.Number, told(o.findings(run.ID)))
	}
}

// So does a comparison: the receivable at both ends is that of what was open then.
func TestTheReceivableIsOfWhatWasOpen(t *testing.T) {
	t.Parallel()
	o := setupOn(t, "2026-04-20")
	settled := o.issue("2026-04-08", "100.00")
	o.pay("2026-04-10", "119.00", "SEPA 1", settled.ID)
	open := o.issue("2026-04-09", "10.00")
	dbtest.AsOwner(t, o.db, fmt.Sprintf(`update postings set amount = amount + 1000 where item_kind = 'invoice' and item_id = %d`, settled.ID))
	run := o.compare(o.may(importer.Invoices), "Invoice Number,Customer,Date,Currency,Total\n"+open.Number+",C-1,2026-05-02,EUR,11.90\n")
	list, err := o.reconciling.Proofs(t.Context(), bookstest.Controller(), run.ID)
	o.must(err)
	if len(list) != 1 || !list[0].Here.Opening.Equal(d("11.90")) {
		t.Errorf("opens with %+v", list)
	}
}
