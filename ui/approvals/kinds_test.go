package approvals_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
)

func TestEachKindSaysWhatIsAsked(t *testing.T) {
	t.Parallel()
	f := open(t, "500.00")
	number := func(text string) decimal.Decimal { return decimal.RequireFromString(text) }
	paid, err := f.Billing.RecordPayment(t.Context(), billing.NewPayment{
		EntityID: f.Company.Entity.ID, CustomerID: f.Company.Ferro.ID, Currency: "EUR", Amount: number("300"), ReceivedOn: billing.Date(f.DB.Now()),
		Method: "bank_transfer", By: f.Actor(access.Controller),
	})
	f.Must(err)
	bill := &billing.Bill{Lines: []billing.NewLine{{Description: "Port 4", Quantity: number("2"), UnitPrice: number("100"), TaxCategory: "S", TaxRate: number("19")}}}
	for name, c := range map[string]struct {
		in    credits.ProposeInput
		wants []string
	}{
		"debit": {
			credits.ProposeInput{Kind: billing.Debit, InvoiceID: f.Company.FerroBill.ID, Bill: bill},
			[]string{"Charge 238.00 EUR to Ferro Werke AG", "Port 4 , 2 × 100", "Tax 19 % 38.00", "Debit memo, due", "Customer open"},
		},
		"rebill": {
			credits.ProposeInput{Kind: billing.Rebill, InvoiceID: f.Company.FerroBill.ID, Bill: bill},
			[]string{"Credit 107.00 EUR and bill anew to Ferro Werke AG", "Give back", "New invoice, due", "238.00", "It bills more than it gives back.", "Limits look at the new invoice, 238.00"},
		},
		"refund": {
			credits.ProposeInput{Kind: billing.RefundOut, Items: []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(paid.ID), Amount: number("200")}}},
			[]string{"Pay out 200.00 EUR to Ferro Werke AG", "Taken from", paid.Number, "Credit not used yet 300.00 → 100.00"},
		},
		"a batch of small balances": {
			credits.ProposeInput{Kind: billing.WriteOff, Items: []billing.ItemPart{
				{Kind: billing.InvoiceItem, ID: int64(f.Company.LumenBill.ID), Amount: number("1")}, {Kind: billing.InvoiceItem, ID: int64(f.Company.FerroBill.ID), Amount: number("2")},
			}},
			[]string{"Write off 3.00 EUR of Several customers", f.Company.LumenBill.Number, f.Company.FerroBill.Number, "Given up on 2 invoices"},
		},
		"goodwill on account": {
			credits.ProposeInput{Kind: billing.Concession, CustomerID: f.Company.Ferro.ID, Lines: []credits.ProposeLine{
				{Description: "Goodwill", Net: number("150"), Tax: billing.LineTax{Category: "S", Rate: number("19")}},
			}},
			[]string{"Give back 178.50 EUR to Ferro Werke AG", "On account", "Goodwill", "Tax 19 % 28.50"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := c.in
			in.By, in.ReasonCode, in.Explanation = f.Actor(access.Agent), "not_delivered", "As agreed"
			in.Evidence = []credits.NewEvidence{{Kind: credits.Document, Label: "Order form"}}
			draft, err := f.Credits.CreateDraft(t.Context(), in)
			f.Must(err)
			has(t, f.As(access.Agent).Get(fmt.Sprintf("/approvals/%d", draft.ID)), c.wants...)
		})
	}
	has(t, f.As(access.Agent).Get("/approvals?tab=mine"), "Several customers", "Write-off", "Refund")
}
