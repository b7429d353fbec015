package stripe_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"makegood/billing/importer"
	"makegood/billing/importer/stripe"
	"makegood/billing/importer/table"
)

func decode(t *testing.T, content string, to any) {
	t.Helper()
	if err := json.Unmarshal([]byte(content), to); err != nil {
		t.Fatal(err)
	}
}

func charge() object {
	return object{
		"object": "charge", "id": "ch_1", "amount": 16515, "amount_captured": 16515, "captured": true, "paid": true, "status": "succeeded",
		"currency": "eur", "created": 1769000000, "customer": "cus_1", "invoice": "in_1", "payment_intent": "pi_1",
		"payment_method_details": object{"type": "sepa_debit"},
		"balance_transaction":    object{"id": "txn_1", "currency": "eur", "fee": 230},
		"refunds":                object{"data": []object{{"object": "refund", "id": "re_1", "amount": 3000, "currency": "eur", "created": 1769100000, "status": "succeeded"}}},
	}
}

func TestChargeWithItsRefund(t *testing.T) {
	t.Parallel()
	got := read(t, text(t, charge()))
	if len(got.records) != 2 {
		t.Fatalf("read %+v, rejected %+v", got.records, got.rejected)
	}
	p, r := got.records[0].Payment, got.records[1].Refund
	equal(t, "amount", p.Amount, "165.15")
	equal(t, "fee", p.Fee, "2.30")
	equal(t, "refund", r.Amount, "30")
	if p.Customer != "cus_1" || p.Method != "sepa_debit" || p.BankReference != "pi_1" || len(p.Applied) != 1 || p.Applied[0].Invoice != "in_1" ||
		r.Payment != "ch_1" || r.Customer != "cus_1" || !p.ReceivedOn.Equal(day("2026-01-21")) {
		t.Errorf("payment %+v, refund %+v", p, r)
	}
	for _, changes := range []object{{"status": "failed"}, {"captured": false, "amount_captured": 0}} {
		refused(t, text(t, with(charge(), changes)), "billing.import.not_paid")
	}
	refused(t, text(t, object{"object": "payment_intent", "id": "pi_1", "status": "succeeded", "latest_charge": "ch_1"}), "billing.import.counted_by_charge")
	within := read(t, text(t, object{"object": "payment_intent", "id": "pi_1", "status": "succeeded", "latest_charge": charge()}))
	if len(within.records) != 2 || within.records[0].External != "ch_1" {
		t.Errorf("a charge within its intent: %+v", within)
	}
}

func TestCustomerAndTheRest(t *testing.T) {
	t.Parallel()
	c := one(t, text(t, object{
		"object": "customer", "id": "cus_1", "name": "Lumen Werke", "email": "ap@lumen.example", "phone": "+49 40 1", "currency": "eur",
		"preferred_locales": []string{"de-DE"}, "tax_exempt": "reverse", "tax_ids": object{"data": []object{{"type": "eu_vat", "value": "DE123456789"}}},
		"address": object{"line1": "Kai 4", "postal_code": "20457", "city": "Hamburg", "country": "DE"},
	})).Customer
	if c.Account != "cus_1" || c.Name != "Lumen Werke" || c.Emails[0] != "ap@lumen.example" || c.Language != "de-DE" || c.TaxID != "DE123456789" ||
		c.TaxExempt != "reverse" || c.Country != "DE" || c.Address != "Kai 4\n20457 Hamburg\nDE" || c.Currency != "EUR" {
		t.Errorf("customer %+v", c)
	}
	a := one(t, text(t, object{
		"object": "invoice_payment", "id": "inpay_1", "invoice": "in_1", "currency": "eur", "amount_paid": 500, "status": "paid", "created": 1769000000,
		"payment": object{"type": "payment_intent", "payment_intent": "pi_1"},
	})).Apply
	equal(t, "applied", a.Amount, "5")
	if a.Invoice != "in_1" || a.Payment != "pi_1" {
		t.Errorf("application %+v", a)
	}
	refused(t, `{"object":"price","id":"price_1"}`, "billing.import.other_object")
	refused(t, `{"id":"x"}`, "error.required")
	refused(t, `[17]`, "billing.import.not_an_object")
}

// TestWays reads the same two objects in every way a file may hold them.
func TestWays(t *testing.T) {
	t.Parallel()
	in, cn := text(t, invoice()), text(t, creditNote())
	for name, content := range map[string]string{
		"lines":            in + "\n" + cn + "\n",
		"array":            "[" + in + "," + cn + "]",
		"list":             `{"object":"list","url":"/v1/x","data":[` + in + "," + cn + `],"has_more":false}`,
		"lists":            `{"object":"list","data":[` + in + `]} {"object":"list","data":[` + cn + `]}`,
		"events":           `{"object":"event","id":"evt_1","type":"invoice.paid","data":{"object":` + in + `,"previous_attributes":{}}}` + "\n" + `{"id":"evt_2","data":{"object":` + cn + `},"object":"event"}`,
		"events in a list": `{"data":[{"object":"event","data":{"object":` + in + `}},{"object":"event","data":{"object":` + cn + `}}],"object":"list"}`,
	} {
		got := read(t, content)
		if len(got.records) != 2 || got.records[0].External != "in_1" || got.records[1].External != "cn_1" || got.records[1].Rows[0] != 2 || got.sum.Rows != 2 {
			t.Errorf("%s: %+v, rejected %+v", name, got.sum, got.rejected)
		}
	}
}

func TestSameObjectTwice(t *testing.T) {
	t.Parallel()
	paid := with(invoice(), object{"status": "paid", "amount_paid": 16515, "amount_remaining": 0})
	got := read(t, text(t, []object{invoice(), paid, with(invoice(), object{"number": "NW-0002"})}))
	if got.sum.Records != 1 || got.sum.Left != 1 || got.sum.Rejected != 1 {
		t.Fatalf("%+v %+v", got.sum, got.rejected)
	}
	if r := got.rejected[1]; r.Key != "billing.import.duplicate" || r.Params["first"] != "1" || r.Row != 3 {
		t.Errorf("rejection %+v", r)
	}
}

func TestBoundsAndBrokenFiles(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]error{
		"":                                     importer.ErrNoRows,
		"[]":                                   importer.ErrNoRows,
		`{"object":"invoice"`:                  stripe.ErrNotJSON,
		`{"object":"list","data":[{}`:          stripe.ErrNotJSON,
		"number;date\n1;2":                     stripe.ErrNotJSON,
		`12`:                                   stripe.ErrNotJSON,
		strings.Repeat("[", 100_000):           stripe.ErrNotJSON,
		`[{"a":"` + strings.Repeat("x", 1<<20): table.ErrFileTooLarge,
	} {
		if _, err := tryRead(t, content, stripe.Options{MaxBytes: 1 << 19}); !errors.Is(err, want) {
			t.Errorf("%.30q gives %v, want %v", content, err, want)
		}
	}
	if _, err := tryRead(t, `[{"a":"`+strings.Repeat("x", 1<<20)+`"}]`, stripe.Options{MaxObject: 1000}); err == nil {
		t.Error("one object without end was read")
	}
}

// TestSamples reads an object of every sort as Stripe's own test server gives it, where those are to be had.
func TestSamples(t *testing.T) {
	t.Parallel()
	dir, here := corpus(t, "stripe-objects")
	if !here {
		return
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d samples: %v", len(files), err)
	}
	read1 := map[string]importer.Record{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		got := read(t, string(content))
		for _, r := range got.rejected {
			if !r.Left && name != "cash_balance" {
				t.Errorf("%s: %+v", name, r)
			}
		}
		if got.sum.Records+got.sum.Left+got.sum.Rejected != 1 {
			t.Errorf("%s: %+v", name, got.sum)
		}
		if len(got.records) == 1 {
			read1[name] = got.records[0]
		}
	}
	equal(t, "credit note", read1["credit_note"].CreditNote.Total, "16.90")
	equal(t, "refund", read1["refund"].Refund.Amount, "1")
	equal(t, "balance", read1["customer_balance_transaction"].Entry.Amount, "5")
	if read1["customer"].Customer.Account != "cus_QXg1o8vcGmoR32" {
		t.Errorf("customer %+v", read1["customer"])
	}
	var open object
	content, _ := os.ReadFile(filepath.Join(dir, "invoice.json"))
	decode(t, string(content), &open)
	in := one(t, text(t, with(open, object{"status": "open"}))).Invoice
	equal(t, "invoice", in.Total, "10")
	if in.Customer != "cus_QXg1o8vcGmoR32" || in.Lines[0].Description != "My First Invoice Item (created for API docs)" || in.Number != "in_1Pgc6tB7WZ01zgkWu9fdqL6I" {
		t.Errorf("invoice %+v", in)
	}
}

func FuzzStripe(f *testing.F) {
	for _, o := range []object{invoice(), creditNote(), charge()} {
		content, _ := json.Marshal(o)
		f.Add(content)
		f.Add([]byte(`{"object":"event","data":{"object":` + string(content) + `}}`))
		f.Add([]byte(`{"object":"list","data":[` + string(content) + `]}`))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		records, places := 0, map[int]bool{}
		sum, err := stripe.Read(t.Context(), strings.NewReader(string(content)), stripe.Options{MaxBytes: 1 << 20}, importer.Sink{
			Record: func(r importer.Record) error {
				records++
				places[r.Rows[0]] = true
				checkSums(t, r)
				_, err := r.ContentHash()
				return err
			},
			Reject: func(r importer.Rejection) error { places[r.Row] = true; return nil },
		})
		if records != sum.Records || err == nil && len(places) != sum.Rows {
			t.Errorf("%d records and %d places of %+v", records, len(places), sum)
		}
	})
}

// checkSums: whatever was read, a document adds up.
func checkSums(t *testing.T, r importer.Record) {
	t.Helper()
	var d importer.Document
	switch {
	case r.Invoice != nil:
		d = r.Invoice.Document
	case r.CreditNote != nil:
		d = r.CreditNote.Document
	default:
		return
	}
	net, tax := dec("0"), dec("0")
	for _, l := range d.Lines {
		net, tax = net.Add(l.Net), tax.Add(l.Tax)
	}
	if !net.Equal(d.Net) || !tax.Equal(d.Tax) || !d.Net.Add(d.Tax).Equal(d.Total) || !d.Total.Equal(d.Total.Truncate(d.Currency.Digits())) {
		t.Errorf("%s does not add up: %+v", d.Number, d)
	}
}
