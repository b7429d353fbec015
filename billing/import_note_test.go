package billing_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/internal/access"
	"makegood/internal/db"
)

const noteFile = "credit note number,original invoice,customer,date,currency,product,qty,unit price,tax rate,reason,total\n" +
	"NC-1,NB-77,C-1,2026-03-10,EUR,SEAT,1,22.50,19,wrong price,26.78\n" +
	"NC-2,,C-1,2026-03-11,EUR,THANKS,1,5,0,,5\n"

func TestImportedCreditsNeedSomebodyElsesApproval(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.bring(s.file(importer.Invoices), invoiceFile)
	b := s.bring(s.file(importer.CreditNotes), noteFile)
	if b.State != billing.ImportWaiting {
		t.Errorf("state %s", b.State)
	}
	s.counted(b.ID, billing.ImportCounts{billing.RowWaiting: 2})
	if n := value[int](t, s.db, `select count(*) from credit_memos`); n != 0 {
		t.Errorf("%d memos without approval", n)
	}

	for who, by := range map[string]access.Actor{
		"the importer":   controller(),
		"an agent":       {Kind: access.Person, UserID: 9, Roles: []access.Role{access.Agent}},
		"a supervisor":   {Kind: access.Person, UserID: 9, Roles: []access.Role{access.Supervisor}},
		"the system":     access.SystemActor("test"),
		"an assistant":   {Kind: access.Person, UserID: 9, Roles: []access.Role{access.Controller}, Assistant: true},
		"one not proven": {Kind: access.Person, UserID: 8, Roles: []access.Role{access.Controller}, StepUpDue: true},
	} {
		if err := s.billing.ApproveImport(t.Context(), b.ID, by); err == nil {
			t.Errorf("%s approved it", who)
		}
	}
	s.must(s.billing.ApproveImport(t.Context(), b.ID, otherController()))
	b = s.run(b.ID)
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 2})
	if b.State != billing.ImportDone || *b.ApprovedBy != 8 {
		t.Errorf("batch %+v", b)
	}

	memo := value[billing.MemoID](t, s.db, `select id from credit_memos where number = 'NC-1'`)
	m, err := db.One[billing.CreditMemo](t.Context(), s.db, `select * from credit_memos where id = $1`, memo)
	s.must(err)
	if m.Origin != billing.Imported || m.SequenceNo != nil || m.CreditRequestID != nil || m.ExternalID != "NC-1" || m.ReasonCode != "wrong price" || !m.IssuedOn.Equal(day("2026-03-10")) {
		t.Errorf("memo %+v", m)
	}
	equal(t, "tax as it was issued", "4.28", m.Tax)
	equal(t, "off the invoice", "26.78", m.ToInvoice)
	in := s.importedInvoice("NB-77")
	equal(t, "open", "139.82", in.Open.Open)
	equal(t, "left on the line", "67.50", in.Lines[0].Remaining)
	requester := value[int64](t, s.db, `select requester_id from adjustment_approvals where id = $1`, m.ApprovalID)
	if requester != 7 {
		t.Errorf("asked for by %d", requester)
	}
	s.sound()

	rest := s.give(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: in.ID, ReasonCode: "wrong_price", Whole: true})
	equal(t, "the rest and no cent more", "139.82", rest.Total)
	s.sound()
}

// TestDatabaseHoldsTheAuthority: a credit that somebody changed after it was approved is not posted, nor is one whose
// approval is another's.
func TestDatabaseHoldsTheAuthority(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.bring(s.file(importer.Invoices), invoiceFile)
	b := s.bring(s.file(importer.CreditNotes), noteFile)
	s.must(s.billing.ApproveImport(t.Context(), b.ID, otherController()))
	s.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update import_rows set adjustment = jsonb_set(jsonb_set(jsonb_set(adjustment, '{Net}', '"90"'), '{Total}', '"94.28"'),
			'{Lines,0,Amount}', '"90"') where external_id = 'NC-1'`)
		s.must(err)
		_, err = tx.Exec(t.Context(), `update import_rows set digest = sha256('x') where external_id = 'NC-2'`)
		return err
	})
	s.run(b.ID)
	s.counted(b.ID, billing.ImportCounts{billing.RowFailed: 2})
	for _, r := range s.rows(b.ID) {
		if r.Reasons[0].Key != "billing.adjustment_needs_approval" {
			t.Errorf("%s: %+v", r.ExternalID, r.Reasons)
		}
	}
	if n := value[int](t, s.db, `select count(*) from credit_memos`); n != 0 {
		t.Errorf("%d memos", n)
	}
	s.sound()
}

func TestCreditsThatDoNotFit(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.bring(s.file(importer.Invoices), invoiceFile)
	b := s.bring(s.file(importer.CreditNotes), "credit note number,original invoice,customer,date,currency,product,qty,unit price,tax rate\n"+
		"NC-1,NB-77,C-1,2026-03-10,EUR,SEAT,1,90,19\n"+
		"NC-2,NB-77,C-1,2026-03-10,EUR,SEAT,1,50,19\n"+ // fits now, not when the first is posted
		"NC-3,NB-77,C-1,2026-03-10,EUR,ZZZ,1,20,7\n"+ // no line has this tax
		"NC-4,NB-99,C-1,2026-03-10,EUR,SEAT,1,1,19\n"+
		"NC-5,NB-77,C-1,2026-03-10,USD,SEAT,1,1,19\n"+
		"NC-6,NB-77,C-1,2026-03-10,EUR,OTHER,1,30,19\n") // spread over the lines of its tax
	s.counted(b.ID, billing.ImportCounts{billing.RowWaiting: 3, billing.RowFailed: 3})
	s.must(s.billing.ApproveImport(t.Context(), b.ID, otherController()))
	s.run(b.ID)
	keys := map[string]string{}
	for _, r := range s.rows(b.ID) {
		if r.State == billing.RowFailed {
			keys[r.ExternalID] = r.Reasons[0].Key
		}
	}
	if keys["NC-2"] != "billing.over_headroom" || keys["NC-3"] != "billing.import.fits_no_line" || keys["NC-4"] != "billing.import.unknown_invoice" || keys["NC-5"] != "money.mixed_currencies" {
		t.Errorf("reasons %v", keys)
	}
	s.sound()
}

func TestRefusedCreditsStayOut(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.bring(s.file(importer.Invoices), invoiceFile)
	b := s.bring(s.file(importer.CreditNotes), noteFile)
	s.must(s.billing.RefuseImport(t.Context(), b.ID, "booked twice", otherController()))
	s.counted(b.ID, billing.ImportCounts{billing.RowLeft: 2})
	if r := s.rows(b.ID)[0]; r.Reasons[0].Key != "billing.import.refused" || r.Reasons[0].Params["reason"] != "booked twice" {
		t.Errorf("row %+v", r)
	}
	if err := s.billing.ApproveImport(t.Context(), b.ID, otherController()); !errors.Is(err, billing.ErrImportState) {
		t.Errorf("approved after all: %v", err)
	}
	// The same file may come in again then.
	again := s.bring(s.file(importer.CreditNotes), noteFile)
	s.counted(again.ID, billing.ImportCounts{billing.RowWaiting: 2})
}

func TestOpenBalances(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.file(importer.OpenBalances)
	b := s.bring(in, "customer,number,type,currency,date,due date,original amount,open amount\n"+
		"C-1,OLD-1,Invoice,EUR,2025-11-05,2025-12-05,100,40\nC-1,OLD-2,Payment,EUR,2025-11-06,,-30,-20\n")
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 1, billing.RowWaiting: 1})
	equal(t, "open", "40", s.importedInvoice("OLD-1").Open.Open)
	s.must(s.billing.ApproveImport(t.Context(), b.ID, otherController()))
	s.run(b.ID)
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 2})
	equal(t, "against the opening balances", "-20", value[decimal.Decimal](t, s.db, `select sum(amount) from postings where account = 'opening_balance'`))
	if n := value[int](t, s.db, `select count(*) from postings where account in ('revenue', 'cash')`); n != 0 {
		t.Errorf("%d postings on revenue or cash", n)
	}
	s.sound()

	pay := s.pay("EUR", "5", "2026-05-01")
	pay.Method = billing.MethodOpening
	if _, err := s.billing.RecordPayment(t.Context(), pay); err == nil {
		t.Error("an opening balance was recorded by hand")
	}
}

// TestStripe brings a customer, its invoice, the charge and the credit note in with one file.
func TestStripe(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.file(billing.StripeFile)
	in.System = "stripe"
	const line = `{"id":"il_1","amount":10000,"description":"Seats","quantity":4,"taxes":[{"amount":1900,"tax_behavior":"exclusive","taxability_reason":"standard_rated","tax_rate_details":{"tax_rate":"txr"}}]},` +
		`{"id":"il_0","amount":-1000,"description":"Unused time","quantity":1,"taxes":[{"amount":-190,"tax_behavior":"exclusive","taxability_reason":"standard_rated","tax_rate_details":{"tax_rate":"txr"}}]}`
	content := `{"object":"credit_note","id":"cn_1","number":"ST-1-CN-01","invoice":"in_1","customer":"cus_1","currency":"eur","created":1773000000,"status":"issued","type":"post_payment","total":2380,"post_payment_amount":2380,"refunds":[{"refund":"re_1","amount_refunded":2000}],
		"lines":{"data":[{"id":"cnli_1","amount":2000,"description":"Seats","quantity":1,"invoice_line_item":"il_1","tax_amounts":[{"amount":380,"inclusive":false,"tax_rate":"txr"}]}]}}
		{"object":"charge","id":"ch_1","amount":10710,"captured":true,"paid":true,"status":"succeeded","currency":"eur","created":1772000000,"customer":"cus_1","invoice":"in_1"}
		{"object":"invoice","id":"in_1","number":"ST-1","customer":"cus_1","currency":"eur","created":1771000000,"status":"paid","total":10710,"amount_paid":10710,"amount_remaining":0,"lines":{"data":[` + line + `]}}
		{"object":"customer","id":"cus_1","name":"Sierra","email":"ap@sierra.example","address":{"country":"PT"}}
		{"object":"refund","id":"re_1","amount":2000,"currency":"eur","charge":"ch_1","created":1773000000,"status":"succeeded"}
		{"object":"price","id":"price_1"}`
	b := s.bring(in, content)
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 3, billing.RowWaiting: 1, billing.RowLeft: 2})
	invoice := s.importedInvoice("ST-1")
	equal(t, "paid", "0", invoice.Open.Open)
	equal(t, "a line below zero became a discount", "10", invoice.Discount)
	s.must(s.billing.ApproveImport(t.Context(), b.ID, otherController()))
	s.run(b.ID)
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 4, billing.RowLeft: 2})
	m, err := db.One[billing.CreditMemo](t.Context(), s.db, `select * from credit_memos where number = 'ST-1-CN-01'`)
	s.must(err)
	equal(t, "refunded there", "20", m.SettledOutside)
	equal(t, "to the balance", "3.80", m.ToBalance)
	s.sound()
	if again := s.bring(in, content); true {
		s.counted(again.ID, billing.ImportCounts{billing.RowUnchanged: 4, billing.RowLeft: 2})
	}
}

// TestRefundsWithoutACreditAreRefused: money that went back is never dropped in silence, and no file has the authority to
// book it. A refund that a credit note counts is left out, also when the note came with an earlier file.
func TestRefundsWithoutACreditAreRefused(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.file(billing.StripeFile)
	in.System = "stripe"
	const charge = `{"object":"customer","id":"cus_1","name":"Sierra","address":{"country":"PT"}}
		{"object":"invoice","id":"in_1","number":"ST-1","customer":"cus_1","currency":"eur","created":1771000000,"status":"paid","total":9000,"amount_paid":9000,"amount_remaining":0,
			"lines":{"data":[{"id":"il_1","amount":9000,"description":"Seats","quantity":4}]}}
		{"object":"charge","id":"ch_1","amount":9000,"captured":true,"paid":true,"status":"succeeded","currency":"eur","created":1772000000,"customer":"cus_1","invoice":"in_1"}
		{"object":"refund","id":"re_9","amount":2000,"currency":"eur","charge":"ch_1","created":1773000000,"status":"succeeded"}`
	b := s.bring(in, charge)
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 3, billing.RowFailed: 1})
	for _, r := range s.rows(b.ID) {
		if r.State == billing.RowFailed && (r.Reasons[0].Key != "billing.import.refund_unexplained" || r.Reasons[0].Params["amount"] != "20" || r.Reasons[0].Params["payment"] != "ch_1") {
			t.Errorf("refund %+v", r)
		}
	}
	const note = `{"object":"credit_note","id":"cn_1","number":"ST-1-CN-01","invoice":"in_1","customer":"cus_1","currency":"eur","created":1773000000,"status":"issued","type":"post_payment","total":2000,
		"post_payment_amount":2000,"refunds":[{"refund":"re_9","amount_refunded":2000}],"lines":{"data":[{"id":"cnli_1","amount":2000,"description":"Seats","quantity":1,"invoice_line_item":"il_1"}]}}`
	b = s.bring(in, note)
	s.must(s.billing.ApproveImport(t.Context(), b.ID, otherController()))
	s.run(b.ID)
	b = s.bring(in, charge)
	s.counted(b.ID, billing.ImportCounts{billing.RowUnchanged: 3, billing.RowLeft: 1})
	s.sound()
}

// TestImportedRetail brings the excerpt of a shop's lines in: invoices, cancellations, and lines of nothing.
func TestImportedRetail(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.file(importer.Invoices)
	in.Options.Mapping = importer.Mapping{CreditPrefix: "C", Defaults: map[importer.Field]string{importer.FieldCurrency: "EUR", importer.FieldCustomer: "C-1"}}
	b := s.bring(in, strings.Join([]string{
		"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID",
		"700101,40211,JUG,6,2025-03-03 09:10:00,4.25,", "700101,POST,POSTAGE,1,2025-03-03 09:10:00,18.0,",
		"700102,40300,,-9,2025-03-03 10:00:00,0.0,", "C700105,40211,JUG,-6,2025-03-03 15:00:00,4.25,", "",
	}, "\n"))
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 2, billing.RowWaiting: 1})
	s.must(s.billing.ApproveImport(t.Context(), b.ID, otherController()))
	s.run(b.ID)
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 3})
	s.sound()
}
