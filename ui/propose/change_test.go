package propose_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
)

// TestABillThatTheFormShowsInPart: one that was proposed by API with more than the form has is not changed on it, which would lose the
// rest; one that the form could have made is.
func TestABillThatTheFormShowsInPart(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	agent := r.As(access.Agent)
	hundred, nineteen := decimal.NewFromInt(100), decimal.NewFromInt(19)
	plain := billing.NewLine{Description: "Port 4", Quantity: decimal.NewFromInt(2), UnitPrice: hundred, TaxCategory: "S", TaxRate: nineteen}
	more, charge := plain, plain
	more.MoreTaxes = []billing.LineTax{{Code: "city", Category: "S", Rate: nineteen}}
	charge.Charge = true
	form := url.Values{
		"kind": {"debit"}, "reason_code": {"not_delivered"}, "explanation": {"A port was left out"}, "proof": {"Order form"},
		"bill.description": {"Port 4"}, "bill.quantity": {"3"}, "bill.price": {"100"}, "bill.tax": {"S 19"},
	}
	for name, c := range map[string]struct {
		bill billing.Bill
		all  bool
	}{
		"plain":            {billing.Bill{Lines: []billing.NewLine{plain}}, true},
		"a charge":         {billing.Bill{Lines: []billing.NewLine{plain, charge}}, false},
		"more taxes":       {billing.Bill{Lines: []billing.NewLine{more}}, false},
		"a discount":       {billing.Bill{Lines: []billing.NewLine{plain}, Discounts: []billing.NewDiscount{{Label: "Loyal", Amount: decimal.NewFromInt(1)}}}, false},
		"rounding":         {billing.Bill{Lines: []billing.NewLine{plain}, Rounding: decimal.RequireFromString("0.02")}, false},
		"the buyer's word": {billing.Bill{Lines: []billing.NewLine{plain}, PurchaseOrder: "PO 1"}, false},
	} {
		req, err := r.Credits.CreateDraft(t.Context(), credits.ProposeInput{
			By: r.Actor(access.Agent), Kind: billing.Debit, InvoiceID: r.Company.LumenBill.ID, ReasonCode: "not_delivered", Explanation: "A port was left out", Bill: &c.bill,
		})
		r.Must(err)
		path := "/approvals/" + strconv.FormatInt(int64(req.ID), 10)
		shown, changed := agent.Get(path+"/change"), agent.Post(path+"/change", form)
		if c.all {
			if shown.Status != http.StatusOK || changed.Status != http.StatusSeeOther {
				t.Errorf("%s: %d %d %s", name, shown.Status, changed.Status, changed.Text)
			}
			continue
		}
		if shown.Status != http.StatusSeeOther || changed.Status != http.StatusConflict || !strings.Contains(changed.Text, "parts that the form does not show") {
			t.Errorf("%s: %d %d %s", name, shown.Status, changed.Status, changed.Text)
		}
	}
}
