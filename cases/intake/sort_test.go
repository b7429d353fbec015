package intake_test

import (
	"testing"

	"makegood/cases"
	"makegood/cases/intake"
	"makegood/inbox/parse"
)

func TestSort(t *testing.T) {
	t.Parallel()
	sorter := intake.NewSorter()
	for _, c := range []struct {
		text    string
		invoice bool
		typ     cases.Type
		topic   string
	}{
		{"We were charged twice for March", false, cases.Dispute, "duplicate_charge"},
		{"Sie haben uns die Position doppelt berechnet", true, cases.Dispute, "duplicate_charge"},
		{"Nous avons été facturés deux fois", true, cases.Dispute, "duplicate_charge"},
		{"Nos cobraron dos veces la misma factura", true, cases.Dispute, "duplicate_charge"},
		{"Fomos cobrados em duplicidade", true, cases.Dispute, "duplicate_charge"},
		{"三月分が二重に請求されています", true, cases.Dispute, "duplicate_charge"},
		{"三月份的费用被重复收费了", true, cases.Dispute, "duplicate_charge"},
		{"You billed us after our cancellation in May", true, cases.Dispute, "charged_after_cancellation"},
		{"Trotz Kündigung wurde uns der Mai berechnet", true, cases.Dispute, "charged_after_cancellation"},
		{"解約後も請求が届いています", true, cases.Dispute, "charged_after_cancellation"},
		{"Please cancel our subscription at the end of June", false, cases.Cancellation, "cancellation"},
		{"Hiermit kündigen wir den Vertrag zum 30.06.", false, cases.Cancellation, "cancellation"},
		{"解約したいのですが", false, cases.Cancellation, "cancellation"},
		{"The VAT on the invoice is wrong, we are tax exempt", true, cases.Dispute, "tax_wrong"},
		{"Die Umsatzsteuer ist falsch ausgewiesen", true, cases.Dispute, "tax_wrong"},
		{"The invoice is in the wrong currency", true, cases.Dispute, "wrong_currency"},
		{"Der Rabatt von 10 % fehlt", true, cases.Dispute, "discount_missing"},
		{"Our payment of 3 May has not been applied", true, cases.Dispute, "payment_not_applied"},
		{"Diese Rechnung ist bereits bezahlt", true, cases.Dispute, "payment_not_applied"},
		{"We have still not received the refund", false, cases.Dispute, "refund_not_received"},
		{"Please refund the credit balance", false, cases.Refund, "refund"},
		{"退款到原账户，谢谢", false, cases.Refund, "refund"},
		{"Remittance advice for 12 invoices", true, cases.Remittance, "remittance"},
		{"Zahlungsavis Nr. 4711", false, cases.Remittance, "remittance"},
		{"Could you give us a goodwill credit?", false, cases.Concession, "goodwill"},
		{"Wir bitten um Kulanz", false, cases.Concession, "goodwill"},
		{"The price is wrong, should be 12 EUR", true, cases.Dispute, "overcharge"},
		{"Something is wrong with this", true, cases.Dispute, "overcharge"},
		{"Something is wrong with my login", false, cases.Inquiry, "general"},
		{"Please send a copy of the invoice", true, cases.Inquiry, "invoice_missing"},
		{"What are your bank details?", false, cases.Inquiry, "payment"},
		{"Good morning, a question about my account", false, cases.Inquiry, "general"},
		{"", false, cases.Inquiry, "general"},
	} {
		got := sorter.Sort(parse.Message{ReplyText: c.text}, c.invoice)
		if got.Type != c.typ || got.Topic != c.topic {
			t.Errorf("%q: got %s/%s, want %s/%s", c.text, got.Type, got.Topic, c.typ, c.topic)
		}
	}
}
