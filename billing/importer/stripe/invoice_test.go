package stripe_test

import (
	"testing"

	"makegood/billing/importer"
)

func TestInvoice(t *testing.T) {
	t.Parallel()
	r := one(t, text(t, invoice()))
	in := r.Invoice
	if r.Kind != importer.Invoices || r.External != "in_1" || in.Number != "NW-0001" || in.Customer != "cus_1" || in.Currency != "EUR" ||
		in.PurchaseOrder != "4500017" || in.CustomerName != "Nordwind Handel" || in.TaxInclusive {
		t.Errorf("read %+v", in)
	}
	if !in.IssuedOn.Equal(day("2026-01-06")) || !in.DueOn.Equal(day("2026-02-05")) || !in.ServiceFrom.Equal(day("2025-12-01")) || !in.ServiceTo.Equal(day("2025-12-31")) {
		t.Errorf("days %s %s %s %s", in.IssuedOn, in.DueOn, in.ServiceFrom, in.ServiceTo)
	}
	equal(t, "net", in.Net, "140")
	equal(t, "tax", in.Tax, "25.15")
	equal(t, "total", in.Total, "165.15")
	equal(t, "paid", *in.Standing.Paid, "10")
	equal(t, "open", *in.Standing.Open, "155.15")
	seat := in.Lines[0]
	equal(t, "quantity", seat.Quantity, "4")
	equal(t, "price", seat.UnitPrice, "25")
	equal(t, "discount", seat.Discount, "10")
	equal(t, "line net", seat.Net, "90")
	equal(t, "rate found from the tax", seat.TaxRate, "19")
	if seat.Product != "prod_seat" || seat.TaxCategory != "S" || seat.External != "il_1" {
		t.Errorf("line %+v", seat)
	}
	if len(in.Taxes) != 2 {
		t.Fatalf("taxes %+v", in.Taxes)
	}
	equal(t, "second group", in.Taxes[1].Tax, "8.05")
}

func TestTaxInclusiveInvoice(t *testing.T) {
	t.Parallel()
	o := with(invoice(), object{
		"subtotal": 11900, "total": 11900, "total_discount_amounts": []object{}, "amount_paid": 0, "amount_remaining": 11900,
		"lines": object{"data": []object{{
			"id": "il_1", "amount": 11900, "quantity": 1, "description": "Plan",
			"tax_amounts": []object{{"amount": 1900, "inclusive": true, "tax_rate": object{"id": "txr_1", "percentage": 19}}},
		}}},
	})
	in := one(t, text(t, o)).Invoice
	if !in.TaxInclusive {
		t.Error("prices include tax")
	}
	equal(t, "net", in.Net, "100")
	equal(t, "tax", in.Tax, "19")
	equal(t, "line", in.Lines[0].Net, "100")
	equal(t, "rate", in.Lines[0].TaxRate, "19")
}

func TestDiscountAndTaxOfTheDocumentAlone(t *testing.T) {
	t.Parallel()
	o := with(invoice(), object{
		"total": 10710, "subtotal": 10000, "total_discount_amounts": []object{{"amount": 1000}}, "total_taxes": []object{{"amount": 1710}},
		"amount_paid": 0, "amount_remaining": 10710,
		"lines": object{"data": []object{
			{"id": "il_1", "amount": 6667, "quantity": 1}, {"id": "il_2", "amount": 3333, "quantity": 1},
		}},
	})
	in := one(t, text(t, o)).Invoice
	equal(t, "first line's share", in.Lines[0].Discount, "6.67")
	equal(t, "second line's share", in.Lines[1].Discount, "3.33")
	equal(t, "net", in.Net, "90")
	equal(t, "tax", in.Tax, "17.10")
	equal(t, "rate", in.Lines[1].TaxRate, "19")
}

func TestMinorUnits(t *testing.T) {
	t.Parallel()
	for currency, want := range map[string]string{
		"usd": "15.50", "jpy": "1550", "krw": "1550", "kwd": "1.55", "bhd": "1.55", "huf": "15.5", "twd": "15.5",
	} {
		e := one(t, text(t, object{
			"object": "customer_balance_transaction", "id": "cbtxn_1", "customer": "cus_1", "currency": currency, "amount": -1550,
			"type": "adjustment", "created": 1767600000,
		})).Entry
		equal(t, currency, e.Amount, want)
	}
	for _, currency := range []string{"isk", "ugx"} { // times a hundred, though they have no smaller unit
		entry := object{
			"object": "customer_balance_transaction", "id": "cbtxn_1", "customer": "cus_1", "currency": currency, "amount": -1500,
			"type": "adjustment", "created": 1767600000,
		}
		equal(t, currency, one(t, text(t, entry)).Entry.Amount, "15")
		refused(t, text(t, with(entry, object{"amount": -1550})), "billing.import.too_fine")
	}
}

func TestInvoicesThatAreNone(t *testing.T) {
	t.Parallel()
	for status, key := range map[string]string{"draft": "billing.import.draft", "void": "billing.import.void"} {
		if r := refused(t, text(t, with(invoice(), object{"status": status})), key); !r.Left {
			t.Errorf("%s is no fault of the file", status)
		}
	}
	r := refused(t, text(t, with(invoice(), object{"total": 16516})), "billing.import.sum_differs")
	if r.Params["difference"] != "0.01" || r.Left || r.Ref != "in_1" {
		t.Errorf("rejection %+v", r)
	}
	refused(t, text(t, with(invoice(), object{"currency": "xyz"})), "billing.import.unknown_currency")
	refused(t, text(t, with(invoice(), object{"total": "16515"})), "billing.import.not_a_whole_number")
	refused(t, text(t, with(invoice(), object{"total": 165.15})), "billing.import.not_a_whole_number")
	refused(t, text(t, with(invoice(), object{"customer": nil})), "error.required")
	refused(t, text(t, with(invoice(), object{"lines": object{"has_more": true, "data": []object{{"amount": 1}}}})), "billing.import.lines_missing")
	refused(t, `{"object":"invoice","id":"in_9","deleted":true}`, "billing.import.deleted")
}

func TestUnknownValuesAreKept(t *testing.T) {
	t.Parallel()
	o := with(invoice(), object{"status": "half_open", "brand_new": object{"depth": 12}, "livemode": false})
	r := one(t, text(t, o))
	if r.Invoice.Standing.Status != "half_open" {
		t.Errorf("status %q", r.Invoice.Standing.Status)
	}
	var raw struct {
		New struct{ Depth int } `json:"brand_new"`
	}
	decode(t, string(r.Raw), &raw)
	if raw.New.Depth != 12 {
		t.Errorf("the source is not kept: %s", r.Raw)
	}
	keys := map[string]string{}
	for _, n := range r.Notes {
		keys[n.Key] = n.Got
	}
	if keys["billing.import.unknown_value"] != "half_open" || keys["billing.import.test_data"] != "false" {
		t.Errorf("notes %+v", r.Notes)
	}
}

func creditNote() object {
	return object{
		"object": "credit_note", "id": "cn_1", "number": "NW-0001-CN-01", "invoice": "in_1", "customer": object{"id": "cus_1", "object": "customer"},
		"currency": "eur", "created": 1769000000, "status": "issued", "type": "mixed", "reason": "order_change", "total": 5950,
		"pre_payment_amount": 1000, "post_payment_amount": 4950, "out_of_band_amount": 450,
		"refunds": []object{{"refund": "re_1", "amount_refunded": 3000}},
		"lines": object{"data": []object{{
			"id": "cnli_1", "amount": 5000, "description": "Seats", "quantity": 2, "invoice_line_item": "il_1", "type": "invoice_line_item",
			"tax_rates":   []object{{"id": "txr_19", "percentage": 19}},
			"tax_amounts": []object{{"amount": 950, "inclusive": false, "tax_rate": "txr_19"}},
		}}},
	}
}

func TestCreditNote(t *testing.T) {
	t.Parallel()
	n := one(t, text(t, creditNote())).CreditNote
	if n.Invoice != "in_1" || n.Reason != "order_change" || n.Customer != "cus_1" || n.Lines[0].InvoiceLine != "il_1" || !n.Buckets {
		t.Errorf("read %+v", n)
	}
	equal(t, "net", n.Net, "50")
	equal(t, "tax", n.Tax, "9.50")
	equal(t, "rate as given beside the line", n.Lines[0].TaxRate, "19")
	equal(t, "off the invoice", n.Reduce, "10")
	equal(t, "refunded", n.Refunded, "30")
	equal(t, "outside", n.Outside, "4.50")
	equal(t, "to the balance", n.Balance, "15")

	r := one(t, text(t, with(creditNote(), object{"pre_payment_amount": 999})))
	if r.CreditNote.Buckets || len(r.Notes) != 1 || r.Notes[0].Key != "billing.import.buckets_differ" || r.Notes[0].Got != "0.01" {
		t.Errorf("parts that do not add up: %+v %+v", r.CreditNote, r.Notes)
	}
	refused(t, text(t, with(creditNote(), object{"status": "void"})), "billing.import.void")
	refused(t, text(t, with(creditNote(), object{"invoice": nil})), "error.required")

	old := one(t, text(t, with(creditNote(), object{
		"type": "post_payment", "pre_payment_amount": nil, "post_payment_amount": nil, "refunds": nil, "out_of_band_amount": nil, "refund": "re_9",
	}))).CreditNote
	equal(t, "an older version's refund", old.Refunded, "59.50")
}
