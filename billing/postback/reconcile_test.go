package postback_test

import (
	"strings"
	"testing"
	"time"

	"makegood/billing"
	"makegood/billing/bookstest"
	"makegood/billing/postback"
	"makegood/billing/reconciling"
)

// TestIssuedNotesAreMatchedByTheirID: a comparison with Stripe's objects knows the note that was issued from here, though it
// has another number there, and tells what differs.
func TestIssuedNotesAreMatchedByTheirID(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.credit("10.00")
	s.drain()
	compare := reconciling.New(s.db, s.billing)
	compare.Register(s.jobs)
	found := func(id, total, line, tax string) string {
		run, _, err := compare.Start(t.Context(), reconciling.NewRun{
			By: bookstest.Controller(), EntityID: s.entity, Source: "stripe", Kind: billing.StripeFile, Filename: "notes.json",
			Settings: reconciling.Settings{From: time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC)},
		}, strings.NewReader(`[{"object":"credit_note","id":"`+id+`","number":"ST-`+id+`","invoice":"in_1","customer":"cus_1","currency":"eur","created":1778572800,"status":"issued","total":`+total+
			`,"pre_payment_amount":`+total+`,"lines":{"data":[{"id":"cnli_1","amount":`+line+`,"description":"Disks","quantity":1,"invoice_line_item":"il_2","tax_amounts":[{"amount":`+tax+`,"inclusive":false,"tax_rate":"txr"}]}]}}]`))
		s.must(err)
		s.drain()
		page, err := compare.Findings(t.Context(), bookstest.Controller(), run.ID, reconciling.FindingFilter{})
		s.must(err)
		var classes []string
		for _, f := range page.Rows {
			classes = append(classes, string(f.Class))
		}
		return strings.Join(classes, " ")
	}
	if got := found("cn_1", "1190", "1000", "190"); strings.Contains(got, "missing") || strings.Contains(got, "amount") {
		t.Errorf("the same note: %s", got)
	}
	if got := found("cn_1", "1071", "900", "171"); !strings.Contains(got, "amount") || strings.Contains(got, "missing") {
		t.Errorf("another total: %s", got)
	}
	byHand := s.credit("20.00")
	s.stripe.fail = []int{400}
	s.drain()
	s.must(s.postback.SettleByHand(t.Context(), postback.ByHand{By: bookstest.Controller(), Memo: byHand.Number, Action: billing.IssueThere, How: "In the dashboard", ID: "cn_hand"}))
	if got := found("cn_hand", "2261", "1900", "361"); !strings.Contains(got, "amount") || strings.Contains(got, "missing_here") {
		t.Errorf("a note issued by hand, with another total: %s", got)
	}
}
