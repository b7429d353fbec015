package billing_test

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/internal/dbtest"
	"makegood/migrations"
)

const wholeFile = "number,customer,date,currency,item,description,qty,unit price,tax rate,more taxes,invoice discount,discount label,freight charge,charge tax rate,cash rounding,withheld amount,total\n" +
	"NB-90,C-1,2026-03-05,EUR,A,Platform,1,100,10,,10.00,Spring,12,10,0.02,17,230.16\n" +
	"NB-90,C-1,2026-03-05,EUR,B,Seats,2,33.33,10,city S 7.5; county 2.5 = 0.80,10.00,Spring,12,10,0.02,17,230.16\n" +
	"NB-90,C-1,2026-03-05,EUR,C,Disks,1,33.35,10,city 7.5%,10.00,Spring,12,10,0.02,17,230.16\n"

// TestWholeDocumentsComeIn: what a file says of the document as a whole stands on the invoice, and goes back to the cent, by line,
// by amount and whole.
func TestWholeDocumentsComeIn(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := s.bring(s.file(importer.Invoices), wholeFile)
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 1})
	in := s.importedInvoice("NB-90")
	for what, sum := range map[string]struct{ want, got string }{
		"net": {"202.01", in.Net.String()}, "tax": {"28.13", in.Tax.String()}, "rounding": {"0.02", in.Rounding.String()}, "total": {"230.16", in.Total.String()},
		"discount": {"10", in.Discount.String()}, "withholding": {"17", in.Withholding.String()}, "open": {"230.16", in.Open.Open.String()},
	} {
		equal(t, what, sum.want, d(sum.got))
	}
	if len(in.Discounts) != 1 || in.Discounts[0].Label != "Spring" || len(in.Taxes) != 3 || in.Taxes[1].Code != "city" || len(in.Lines) != 4 || !in.Lines[3].Charge {
		t.Errorf("discounts %+v, taxes %+v, lines %+v", in.Discounts, in.Taxes, in.Lines)
	}
	s.sound()

	one := d("1")
	by := func(lines ...billing.AdjustLine) billing.AdjustmentInput {
		return billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: in.ID, ReasonCode: "wrong_price", Lines: lines}
	}
	first := s.give(by(billing.AdjustLine{InvoiceLineID: in.Lines[1].ID, Quantity: &one}))
	second := s.give(by(billing.AdjustLine{InvoiceLineID: in.Lines[3].ID, Amount: d("11.99")}, billing.AdjustLine{InvoiceLineID: in.Lines[0].ID, Amount: d("0.01")}))
	third := s.give(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: in.ID, ReasonCode: "wrong_price", Whole: true})
	equal(t, "all of it", "230.16", first.Total.Add(second.Total).Add(third.Total))
	equal(t, "the rounding last", "0.02", third.Rounding)
	equal(t, "nothing open", "0", s.detail(in.ID).Open.Open)
	s.sound()
}

// TestImportedCreditsOfWholeDocuments: a credit note in the same words gives the invoice back as it was, its rounding too; one
// whose rounding is another is refused.
func TestImportedCreditsOfWholeDocuments(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.bring(s.file(importer.Invoices), wholeFile)
	const head = "credit note number,original invoice,customer,date,currency,item,qty,unit price,tax rate,more taxes,invoice discount,freight charge,charge tax rate,cash rounding,total\n"
	b := s.bring(s.file(importer.CreditNotes), head+"NC-8,NB-90,C-1,2026-03-10,EUR,A,1,1.00,10,,,,,0.01,1.11\n")
	s.counted(b.ID, billing.ImportCounts{billing.RowFailed: 1})
	if r := s.rows(b.ID)[0].Reasons[0]; r.Key != "billing.import.rounding_not_mirrored" || r.Params["left"] != "0.02" {
		t.Errorf("%+v", r)
	}
	b = s.bring(s.file(importer.CreditNotes), head+
		"NC-9,NB-90,C-1,2026-03-10,EUR,A,1,100,10,,10.00,12,10,0.02,230.16\n"+
		"NC-9,NB-90,C-1,2026-03-10,EUR,B,2,33.33,10,city 7.5; county 2.5 = 0.80,10.00,12,10,0.02,230.16\n"+
		"NC-9,NB-90,C-1,2026-03-10,EUR,C,1,33.35,10,city 7.5,10.00,12,10,0.02,230.16\n")
	s.counted(b.ID, billing.ImportCounts{billing.RowWaiting: 1})
	s.must(s.billing.ApproveImport(t.Context(), b.ID, otherController()))
	s.run(b.ID)
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 1})
	equal(t, "nothing open", "0", s.importedInvoice("NB-90").Open.Open)
	s.sound()
}

// TestTheRoundingOfAnImportedCreditGoesBackOnce: what an imported credit gave back of the cash rounding no other gives back; what was
// brought in before that was counted is counted by the step that brings the books up to date.
func TestTheRoundingOfAnImportedCreditGoesBackOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.bring(s.file(importer.Invoices), wholeFile)
	b := s.bring(s.file(importer.CreditNotes), "credit note number,original invoice,customer,date,currency,item,qty,unit price,tax rate,cash rounding,total\n"+
		"NC-7,NB-90,C-1,2026-03-10,EUR,A,1,1.00,10,0.02,1.12\nNC-8,NB-90,C-1,2026-03-10,EUR,A,1,2.00,10,0.02,2.22\n")
	s.counted(b.ID, billing.ImportCounts{billing.RowWaiting: 2})
	s.must(s.billing.ApproveImport(t.Context(), b.ID, otherController()))
	s.run(b.ID)
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 1, billing.RowFailed: 1})
	if r := s.rows(b.ID)[1]; len(r.Reasons) != 1 || r.Reasons[0].Key != "billing.over_headroom" {
		t.Errorf("the rounding a second time: %+v", r.Reasons)
	}
	s.sound()

	dbtest.AsOwner(t, s.db, `update open_items set rounding_given = 0 where kind = 'invoice'`)
	step, err := migrations.FS.ReadFile("0298_rounding_of_imported_credits.sql")
	s.must(err)
	dbtest.AsOwner(t, s.db, string(step))
	equal(t, "counted afterwards", "0.02", value[decimal.Decimal](t, s.db, `select rounding_given from open_items where kind = 'invoice'`))

	in := s.importedInvoice("NB-90")
	rest := s.give(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: in.ID, ReasonCode: "wrong_price", Whole: true})
	equal(t, "the rest and no cent more", "229.04", rest.Total)
	equal(t, "nothing open", "0", s.detail(in.ID).Open.Open)
	s.sound()
}

// TestImportedCreditsOfTaxesThatWereOne: an invoice that came in before several taxes on a line were told apart has one of the rate of
// them all; credit notes that tell them apart find its line, and what fits none is spread over it.
func TestImportedCreditsOfTaxesThatWereOne(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.bring(s.file(importer.Invoices), "number,customer,date,currency,item,qty,unit price,tax rate\nNB-91,C-1,2026-03-05,EUR,A,1,100,17.5\nNB-91,C-1,2026-03-05,EUR,B,1,10,19\n")
	b := s.bring(s.file(importer.CreditNotes), "credit note number,original invoice,customer,date,currency,item,qty,unit price,tax rate,more taxes\n"+
		"NC-91,NB-91,C-1,2026-03-10,EUR,A,1,40,10,city 7.5\nNC-92,NB-91,C-1,2026-03-10,EUR,,1,60,10,city 7.5\n")
	s.must(s.billing.ApproveImport(t.Context(), b.ID, otherController()))
	s.run(b.ID)
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 2})
	equal(t, "the other line is open", "11.90", s.importedInvoice("NB-91").Open.Open)
	s.sound()
}

// TestImportedCreditsFindTheLineOfTheirTaxes: of lines that look alike, that is given back which bears the very taxes, though another has
// the rate of them all, or the first of them; a line of other taxes is none.
func TestImportedCreditsFindTheLineOfTheirTaxes(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.bring(s.file(importer.Invoices), "number,customer,date,currency,item,qty,unit price,tax rate,more taxes\n"+
		"NB-92,C-1,2026-03-05,EUR,A,1,100,19,\nNB-92,C-1,2026-03-05,EUR,A,1,100,10,county 9\nNB-92,C-1,2026-03-05,EUR,A,1,100,10,city 9\nNB-92,C-1,2026-03-05,EUR,A,1,100,10,\n")
	b := s.bring(s.file(importer.CreditNotes), "credit note number,original invoice,customer,date,currency,item,qty,unit price,tax rate,more taxes\n"+
		"NC-1,NB-92,C-1,2026-03-10,EUR,A,1,40,10,city 9\nNC-2,NB-92,C-1,2026-03-10,EUR,A,1,30,10,\nNC-3,NB-92,C-1,2026-03-10,EUR,A,1,20,19,\n"+
		"NC-4,NB-92,C-1,2026-03-10,EUR,,1,10,10,county 9\nNC-5,NB-92,C-1,2026-03-10,EUR,A,1,10,10,city 5\n")
	s.counted(b.ID, billing.ImportCounts{billing.RowWaiting: 4, billing.RowFailed: 1})
	s.must(s.billing.ApproveImport(t.Context(), b.ID, otherController()))
	s.run(b.ID)
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 4, billing.RowFailed: 1})
	in := s.importedInvoice("NB-92")
	for k, want := range []string{"80", "90", "60", "70"} {
		equal(t, "left on the line", want, in.Lines[k].Remaining)
	}
	for _, x := range in.Taxes {
		equal(t, "given back of "+x.Code+" "+x.Rate.String(), map[string]string{"19": "3.80", "10": "8", "city 9": "3.60", "county 9": "0.90"}[strings.TrimSpace(x.Code+" "+x.Rate.String())], x.CreditedTax)
	}
	s.sound()
}

// TestStripesSeveralTaxesAreToldApart: a state's and a city's tax on one line are two taxes of the invoice.
func TestStripesSeveralTaxesAreToldApart(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.file(billing.StripeFile)
	in.System = "stripe"
	b := s.bring(in, `{"object":"customer","id":"cus_1","name":"Sierra","address":{"country":"US"}}
		{"object":"invoice","id":"in_1","number":"ST-1","customer":"cus_1","currency":"eur","created":1771000000,"status":"open","total":12388,"amount_paid":0,"amount_remaining":12388,
		"amount_shipping":1000,"shipping_cost":{"taxes":[]},"total_discount_amounts":[{"amount":500}],
		"lines":{"data":[{"id":"il_1","amount":10000,"description":"Seats","quantity":4,"tax_amounts":[
			{"amount":594,"inclusive":false,"tax_rate":{"id":"txr_1","display_name":"State","percentage":6.25}},
			{"amount":294,"inclusive":false,"tax_rate":{"id":"txr_2","display_name":"City","percentage":3.1}}]},
		{"id":"il_2","amount":1000,"description":"Handbook","quantity":1}]}}`)
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 2})
	i := s.importedInvoice("ST-1")
	var city int
	for k, x := range i.Taxes {
		if x.Code == "City" {
			city = k
		}
	}
	equal(t, "the city's", "2.94", i.Taxes[city].Tax)
	equal(t, "all tax", "8.88", i.Tax)
	s.give(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: i.ID, ReasonCode: "wrong_price", Whole: true})
	equal(t, "nothing open", "0", s.detail(i.ID).Open.Open)
	s.sound()
}
