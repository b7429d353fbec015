package reconciling_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"makegood/billing"
	"makegood/billing/bookstest"
	"makegood/billing/importer"
	"makegood/billing/reconcile"
	"makegood/billing/reconciling"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

const header = "Invoice Number,Customer,Customer Name,Date,Currency,Net,Tax,Total,Status\n"

// Every way in which the other system can differ, in one file against real books.
func TestEveryKindOfDifference(t *testing.T) {
	t.Parallel()
	o := setup(t)
	var n []string // numbers of ours
	for range 9 {
		n = append(n, o.issue("2026-05-08", "100.00").Number)
	}
	late := o.issue("2026-05-30", "100.00").Number
	gone := o.issue("2026-05-12", "100.00").Number
	settled := o.issue("2026-05-12", "100.00")
	o.pay("2026-05-20", "119.00", "", settled.ID)
	row := func(number, customer, on, currency, net, tax, total, status string) string {
		return strings.Join([]string{number, customer, "", on, currency, net, tax, total, status}, ",") + "\n"
	}
	file := header +
		row(n[0], "C-1", "2026-05-08", "EUR", "100.00", "19.00", "119.00", "Open") +
		row(n[1], "C-1", "2026-05-08", "EUR", "120.00", "22.80", "142.80", "Open") +
		row(n[2], "C-1", "2026-05-08", "EUR", "101.00", "18.00", "119.00", "Open") +
		row(n[3], "C-1", "2026-05-09", "EUR", "100.00", "19.00", "119.00", "Open") +
		row(n[4], "C-1", "2026-05-08", "USD", "100.00", "19.00", "119.00", "Open") +
		row(n[5], "C-1", "2026-05-08", "EUR", "100.00", "19.00", "119.00", "Paid In Full") +
		row(n[6], "C-2", "2026-05-08", "EUR", "100.00", "19.00", "119.00", "Open") +
		row(n[7], "C-1", "2026-05-08", "EUR", "100.00", "19.00", "119.00", "Open") +
		row(n[7], "C-1", "2026-05-08", "EUR", "100.00", "19.00", "119.00", "Open") +
		row(n[8], "C-1", "2026-05-08", "EUR", "100.00", "19.00", "119.00", "Voided") +
		row(strings.ToLower(strings.ReplaceAll(settled.Number, "-", " ")), "C-1", "2026-05-12", "EUR", "100.00", "19.00", "119.00", "Paid In Full") +
		row("NS-1", "C-1", "2026-05-15", "EUR", "50.00", "9.50", "59.50", "Open") +
		row("NS-2", "C-1", "2026-05-99", "EUR", "50.00", "9.50", "59.50", "Open") +
		row("NS-3", "C-1", "2026-05-15", "EUR", "50.00", "9.50", "59.50", "Draft")
	run := o.compare(o.may(importer.Invoices), file)
	if run.State != reconciling.Done || run.Matched != 3 || run.Unreadable != 1 || run.RowsLeft != 1 || run.RowsRead != 14 || run.Ours != 12 || run.Theirs != 12 {
		t.Errorf("%+v", run)
	}
	if run.MatchedBy["normal_number"] != 1 || run.MatchedBy["number"] != 2 {
		t.Errorf("matched by %v", run.MatchedBy)
	}
	got := told(o.findings(run.ID))
	want := []string{
		"amount " + n[1] + " -23.80 EUR", "tax " + n[1], "tax " + n[2], "date " + n[3], "currency " + n[4] + " 119.00 EUR -119.00 USD", "status " + n[5], "customer " + n[6],
		"duplicate_there " + n[7] + " -119.00 EUR", "status " + n[8] + " 119.00 EUR", "missing_there " + gone + " 119.00 EUR",
		"known_timing/missing_there " + late + " 119.00 EUR", "missing_here NS-1 -59.50 EUR", "unreadable NS-2",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	counts, err := o.reconciling.Counts(t.Context(), bookstest.Controller(), run.ID)
	o.must(err)
	if u := reconciling.Unexplained(counts); u != 12 {
		t.Errorf("%d unexplained of %+v", u, counts)
	}
	for _, f := range o.findings(run.ID) {
		switch f.Class {
		case reconciling.Unreadable:
			if f.Reason == nil || f.Reason.Column != "Date" || f.Rows[0] != 14 {
				t.Errorf("unreadable %+v", f)
			}
		default:
			if (f.DocumentID != nil) != (f.Here != nil) || f.Account != "C-1" && f.Here != nil {
				t.Errorf("%s %s: %+v", f.Class, f.Number, f)
			}
		}
	}
}

// A memo that its system applies only when the invoice is paid is a matter of time, not a fault.
func TestAMemoThatWaitsForItsInvoice(t *testing.T) {
	t.Parallel()
	o := setupOn(t, "2026-05-12")
	bill := o.issue("2026-05-01", "100.00")
	memo := o.post(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: bill.ID, ReasonCode: "wrong_price", Lines: o.part(bill.ID, "10.00")}).Document.Number
	in := o.may(importer.CreditNotes)
	in.MemosWait = "there"
	in.Covers = []reconcile.Kind{"invoice", "credit_memo"}
	file := "Number,Type,Applies To,Customer,Date,Currency,Net,Tax,Total,Status\n" +
		memo + ",Credit Memo," + bill.Number + ",C-1,2026-05-12,EUR,10.00,1.90,11.90,Open\n" +
		bill.Number + ",Invoice,,C-1,2026-05-01,EUR,100.00,19.00,119.00,Open\n"
	if got := told(o.findings(o.compare(in, file).ID)); !slices.Equal(got, []string{"known_timing/status " + memo}) {
		t.Errorf("%v", got)
	}
	in.MemosWait = ""
	if got := told(o.findings(o.compare(in, file).ID)); !slices.Equal(got, []string{"status " + memo}) {
		t.Errorf("without waiting: %v", got)
	}
}

func TestTheSameFileIsTheSameRun(t *testing.T) {
	t.Parallel()
	o := setup(t)
	o.issue("2026-05-08", "100.00")
	file := header + "NS-1,C-1,,2026-05-08,EUR,50.00,9.50,59.50,Open\n"
	first := o.compare(o.may(importer.Invoices), file)
	again, fresh, err := o.reconciling.Start(t.Context(), o.may(importer.Invoices), strings.NewReader(file))
	o.must(err)
	if fresh || again.ID != first.ID || again.State != reconciling.Done {
		t.Errorf("%v %+v", fresh, again)
	}
	other := o.may(importer.Invoices)
	other.TimingDays = 9
	if wider := o.compare(other, file); wider.ID == first.ID || wider.Attempt != 1 {
		t.Errorf("other settings: %+v", wider)
	}
	second, err := o.reconciling.Again(t.Context(), first.ID, bookstest.Controller())
	o.must(err)
	twice, err := o.reconciling.Again(t.Context(), first.ID, bookstest.Controller())
	o.must(err)
	if second.ID == first.ID || twice.ID != second.ID || second.Attempt != 2 {
		t.Errorf("again %+v, twice %+v", second, twice)
	}
	if _, err := o.reconciling.Again(t.Context(), second.ID, bookstest.Controller()); err == nil {
		t.Error("a run that is not finished was begun again")
	}
	latest, fresh, err := o.reconciling.Start(t.Context(), o.may(importer.Invoices), strings.NewReader(file))
	o.must(err)
	if fresh || latest.ID != second.ID {
		t.Errorf("the latest: %+v", latest)
	}
}

// What our documents, our ledger and the file say rolls forward to the cent, whatever moved the receivable.
func TestRollForward(t *testing.T) {
	t.Parallel()
	o := setupOn(t, "2026-05-20")
	before := o.issue("2026-04-20", "1000.00")
	bill, other := o.issue("2026-05-02", "100.00"), o.issue("2026-05-03", "200.00")
	paid := o.pay("2026-05-10", "119.00", "SEPA 1", bill.ID)
	free := o.pay("2026-05-11", "50.00", "SEPA 2")
	o.post(billing.AdjustmentInput{
		Kind: billing.BillingError, InvoiceID: before.ID, ReasonCode: "wrong_price", Lines: o.part(before.ID, "100.00"), SettledOutside: d("19.00"),
	})
	undone := o.post(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: other.ID, ReasonCode: "wrong_price", Lines: o.part(other.ID, "10.00")})
	o.post(billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "wrong_price", Reverses: undone.Document})
	o.post(billing.AdjustmentInput{Kind: billing.RefundOut, ReasonCode: "overpaid", Items: []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(free.ID), Number: free.Number, Amount: d("20.00")}}})
	o.post(billing.AdjustmentInput{Kind: billing.WriteOff, ReasonCode: "small_balance", Items: []billing.ItemPart{{Kind: billing.InvoiceItem, ID: int64(other.ID), Number: other.Number, Amount: d("38.00")}}})
	if _, err := o.billing.RecordChargeback(t.Context(), billing.NewChargeback{By: bookstest.Controller(), PaymentID: paid.ID, Amount: d("19.00"), ChargedOn: day("2026-05-15")}); err != nil {
		t.Fatal(err)
	}
	file := header +
		bill.Number + ",C-1,,2026-05-02,EUR,100.00,19.00,119.00,\n" +
		other.Number + ",C-1,,2026-05-03,EUR,210.00,39.90,249.90,\n"
	run := o.compare(o.may(importer.Invoices), file)
	proofs, err := o.reconciling.Proofs(t.Context(), bookstest.Controller(), run.ID)
	o.must(err)
	if len(proofs) != 1 || !proofs[0].Proven || !run.Proven {
		t.Fatalf("%+v", proofs)
	}
	p := proofs[0]
	got := fmt.Sprintf("opening %s invoices %s credits %s payments %s refunds %s written off %s other %s closing %s stated %s; there %s to %s; gap %s, explained %s",
		p.Here.Opening, p.Here.Invoices, p.Here.Credits, p.Here.Payments, p.Here.Refunds, p.Here.WriteOffs, p.Here.Other, p.Here.Closing, p.Here.Stated,
		p.There.Invoices, p.There.Closing, p.Gap, p.Explained["amount"])
	// other: 19.00 settled outside, 19.00 charged back; the memo and its reversal cancel
	want := "opening 1190 invoices 357 credits 119 payments 169 refunds 20 written off 38 other 38 closing 1279 stated 1279; there 368.9 to 1558.9; gap -279.9, explained -11.9"
	if got != want {
		t.Errorf("\n got  %s\n want %s", got, want)
	}
	if p.Explained["not_compared"].String() != "-268" || !p.Unexplained.IsZero() || p.Stated {
		t.Errorf("%+v", p)
	}
	stated := o.may(importer.Invoices)
	stated.TheirOpening, stated.TheirClosing = []reconciling.Sum{{Amount: d("1190.00"), Currency: "EUR"}}, []reconciling.Sum{{Amount: d("1500.00"), Currency: "EUR"}}
	run = o.compare(stated, file)
	proofs, err = o.reconciling.Proofs(t.Context(), bookstest.Controller(), run.ID)
	o.must(err)
	if run.Proven || proofs[0].Proven || proofs[0].There.Unproven().String() != "-58.9" {
		t.Errorf("stated %+v", proofs)
	}
}

func TestPaymentsByTheBanksReference(t *testing.T) {
	t.Parallel()
	o := setup(t)
	o.pay("2026-05-10", "119.00", "SEPA 1")
	o.pay("2026-05-11", "30.00", "SEPA 2")
	o.pay("2026-05-12", "40.00", "twice")
	o.pay("2026-05-12", "41.00", "twice")
	file := "Payment Number,Customer,Date,Currency,Amount,Bank Reference\n" +
		"P-1,C-1,2026-05-10,EUR,119.00,SEPA 1\nP-2,C-1,2026-05-20,EUR,31.00,SEPA 2\nP-3,C-1,2026-05-12,EUR,40.00,twice\nP-4,C-1,2026-05-13,EUR,41.00,twice\n"
	run := o.compare(o.may(importer.Payments), file)
	got := told(o.findings(run.ID))
	slices.Sort(got)
	if len(got) != 3 || !strings.HasPrefix(got[0], "amount PAY-") || !strings.HasPrefix(got[1], "date PAY-") || !strings.HasPrefix(got[2], "date PAY-") || run.Matched != 2 {
		t.Errorf("%v, %+v", got, run)
	}
}

func TestStripesObjects(t *testing.T) {
	t.Parallel()
	o := setup(t)
	bill := o.issue("2026-05-08", "100.00")
	at := day("2026-05-08").Unix() + 43200
	object := func(id, number, status, total string) string {
		return fmt.Sprintf(`{"object":"invoice","id":%q,"number":%q,"customer":"C-1","currency":"eur","created":%d,"status":%q,"amount_remaining":%s,"total":%s,
			"lines":{"data":[{"id":"il_%s","amount":%s,"description":"Seats"}]}}`, id, number, at, status, total, total, id, total)
	}
	in := o.may(billing.StripeFile)
	run := o.compare(in, "["+object("in_1", bill.Number, "open", "11900")+","+object("in_2", "ST-2", "open", "500")+","+object("in_3", "ST-3", "void", "700")+"]")
	got := told(o.findings(run.ID))
	slices.Sort(got)
	want := []string{"missing_here ST-2 -5.00 EUR", "missing_here ST-3", "tax " + bill.Number}
	if run.Source != "stripe" || !slices.Equal(got, want) {
		t.Errorf("%+v: %v", run, got)
	}
}

func TestAFileThatCannotBeCompared(t *testing.T) {
	t.Parallel()
	o := setup(t)
	for file, key := range map[string]string{
		"Invoice Number,Customer,Date,Total\nNS-1,C-1,2026-05-01,5.00\n": "billing.import.column_missing",
		header + "NS-1,,,x,EUR,1,1,2,\n":                                 "reconciling.no_documents",
		"PK\x03\x04 no workbook":                                         "billing.import.unreadable",
		"\x00\x01\x02\x03":                                               "billing.import.no_header",
		"{broken":                                                        "billing.import.not_json",
	} {
		in := o.may(importer.Invoices)
		if key == "billing.import.not_json" {
			in.Kind = billing.StripeFile
		}
		in.From, in.To = time.Time{}, time.Time{}
		run := o.compare(in, file)
		if run.State != reconciling.Failed || run.Failure == nil || run.Failure.Key != key {
			t.Errorf("%q: %s %+v", file, run.State, run.Failure)
		}
	}
}

// A big file is read in the background; how far it is can be seen while it goes on, and what it holds is all there at the end.
func TestProgressOfABigFile(t *testing.T) {
	t.Parallel()
	o := setup(t)
	dbtest.AsOwner(t, o.db,
		`create table seen (n serial, state text, rows_read bigint)`,
		`create function see() returns trigger language plpgsql security definer as $$ begin insert into seen (state, rows_read) values (new.state, new.rows_read); return null; end $$`,
		`create trigger see after update on reconciliations for each row execute function see()`)
	var file strings.Builder
	file.WriteString(header)
	for i := range 5000 {
		fmt.Fprintf(&file, "NS-%d,C-1,,2026-05-%02d,EUR,%d.00,0.00,%d.00,Open\n", i, i%31+1, i+1, i+1)
	}
	run := o.compare(o.may(importer.Invoices), file.String())
	if run.State != reconciling.Done || run.RowsRead != 5000 || run.Theirs != 5000 {
		t.Errorf("%+v", run)
	}
	url := dbtest.OwnerURL(t, o.db)
	owner := dbtest.Open(t, url, o.clock.Now)
	got := bookstest.Value[string](t, owner, `select string_agg(state || ' ' || rows_read, ', ' order by n) from seen`)
	if got != "reading 0, reading 2000, reading 4000, comparing 5000, done 5000" {
		t.Errorf("seen: %s", got)
	}
	if n := bookstest.Value[int](t, o.db, `select count(*) from reconciliation_findings`); n != 5000 {
		t.Errorf("%d findings", n)
	}
}

// The columns are read as they were when the system's files were last brought in.
func TestTheRememberedColumns(t *testing.T) {
	t.Parallel()
	o := setup(t)
	bill := o.issue("2026-05-08", "100.00")
	dbtest.AsOwner(t, o.db, `insert into import_mappings (system, kind, mapping, updated_at) values ('old-erp', 'invoices', '{"columns": {"number": "Nr X", "total": "Zz"}}', now())`)
	in := o.may(importer.Invoices)
	in.Source = "old-erp"
	in.Mapping.Defaults = map[importer.Field]string{importer.FieldCurrency: "EUR"}
	run := o.compare(in, "Nr X,Customer,Date,Zz\n"+bill.Number+",C-1,2026-05-08,119.00\n")
	if run.State != reconciling.Done || run.Matched != 1 || run.Settings.Mapping.Columns["number"] != "Nr X" {
		t.Errorf("%+v", run)
	}
}

// A file that says exactly what our own books say is level with them, whatever has happened in them.
func TestOurOwnBooksAreLevelWithThemselves(t *testing.T) {
	t.Parallel()
	o := setupOn(t, "2026-05-20")
	first, second, third := o.issue("2026-05-02", "100.00"), o.issue("2026-05-03", "200.00"), o.issue("2026-05-04", "300.00")
	o.pay("2026-05-10", "119.00", "SEPA 1", first.ID)
	o.post(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: second.ID, ReasonCode: "wrong_price", Lines: o.part(second.ID, "50.00")})
	undone := o.post(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: third.ID, ReasonCode: "wrong_price", Lines: o.part(third.ID, "10.00")})
	o.post(billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "wrong_price", Reverses: undone.Document})
	in := o.may(importer.Invoices)
	in.Covers = []reconcile.Kind{reconcile.Invoice, reconcile.CreditMemo}
	rows, err := db.Values[string](t.Context(), o.db, `select concat_ws(',', number, kind, 'C-1', day, 'EUR', net, tax, total, status) from (
			select i.number, 'Invoice' as kind, i.issued_on as day, i.net, i.tax, i.total, case when o.open = 0 then 'Paid In Full' else 'Open' end as status
			from invoices i join open_items o on o.kind = 'invoice' and o.document_id = i.id
			union all select m.number, 'Credit Memo', m.issued_on, m.net, m.tax, m.total, case when v.id is not null then 'Voided' when o.open = 0 then 'Fully Applied' else 'Open' end
			from credit_memos m join open_items o on o.kind = 'credit_memo' and o.document_id = m.id
			left join reversals v on v.document_kind = 'credit_memo' and v.document_id = m.id) d order by random()`)
	o.must(err)
	run := o.compare(in, "Number,Type,Customer,Date,Currency,Net,Tax,Total,Status\n"+strings.Join(rows, "\n")+"\n")
	if list := o.findings(run.ID); len(list) != 0 || run.Matched != 5 || !run.Proven {
		t.Errorf("%+v %v", run, told(list))
	}
}
