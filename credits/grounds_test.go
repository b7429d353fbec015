package credits_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/billing/importer"
	"makegood/credits"
	"makegood/credits/authority/policy"
)

// What an approval rests on beside what was asked for: moved before it is posted, nothing is posted; put back, it is.
func TestWhatAnApprovalRestsOnHasNotMoved(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.about(k.invoice(k.customer, "10"))
	in := k.proposal(k.invoice(k.customer, "1000"), "200")
	in.CaseID = &c.ID
	req := k.signedOff(in)
	for _, m := range []struct{ what, set, undo, key string }{
		{"the customer's name", `update customers set name = 'Somebody Else' where id = 1`, `update customers set name = 'Customer C-1' where id = 1`, "credits.customer_moved"},
		{"their country", `update customers set country = 'FR' where id = 1`, `update customers set country = 'DE' where id = 1`, "credits.customer_moved"},
		{"their family", `update customers set family_id = 2 where id = 1`, `update customers set family_id = 1 where id = 1`, "credits.customer_moved"},
		{"whose case it is", `update cases set customer_id = 2`, `update cases set customer_id = 1`, "credits.case_moved"},
	} {
		k.run(m.set)
		k.must(k.credits.Post(t.Context(), credits.PostRequest{ID: req.ID}))
		if got := k.read(req.ID); got.State != credits.Failed || got.Failure != m.key || got.FailureParams["was"] == got.FailureParams["now"] {
			t.Fatalf("%s: %s %s %v", m.what, got.State, got.Failure, got.FailureParams)
		}
		k.run(m.undo)
		if got, err := k.credits.Retry(t.Context(), k.agent, req.ID); err != nil || got.State != credits.Approved {
			t.Fatalf("%s put back: %s %v", m.what, got.State, err)
		}
	}
	// What was missing and is filled in, such as a number that a document needs, or the customer of a case, is no other.
	k.run(`update customers set tax_id = 'DE811234567' where id = 1`)
	k.postedAtLast(req)
	if n := k.failures(); n != 4 {
		t.Errorf("%d refusals in the record", n)
	}
}

// Where nobody puts it back the approval has fallen: it is proposed and decided anew.
func TestAnApprovalThatFellIsDecidedAnew(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000")
	req := k.signedOff(k.proposal(invoice, "800"))
	k.run(`update customers set name = 'Somebody Else' where id = $1`, k.customer)
	k.work()
	got, err := k.credits.Retry(t.Context(), k.agent, req.ID)
	k.must(err)
	if got.State != credits.Expired || got.Failure != "credits.customer_moved" {
		t.Fatalf("%s %s", got.State, got.Failure)
	}
	if n := value[int](t, k.db, `select count(*) from audit_log where what = 'credit.expired'`); n != 1 {
		t.Errorf("%d events say that it fell", n)
	}
	again := k.finish(k.submit(k.proposal(invoice, "800")))
	equal(t, "given once", "952", value[decimal.Decimal](t, k.db, `select sum(total) from credit_memos`))
	if len(again.Steps) == 0 {
		t.Error("nobody decided it anew")
	}
}

// A rate that was misread is corrected after an approval: it was compared with limits at another. A new day's rate changes nothing.
func TestACorrectedRateFellsTheApproval(t *testing.T) {
	t.Parallel()
	k := setup(t)
	req := k.signedOff(k.inDollars(k.customer, "500"))
	day := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	fixing := billing.Fixing{Base: "EUR", Quote: "USD", OnDate: day.AddDate(0, 0, 11), Rate: d("1.11"), Source: "ECB"}
	_, err := k.billing.RecordRate(t.Context(), fixing, k.control)
	k.must(err)
	other := k.signedOff(k.inDollars(k.partner, "500")) // at the rate of the 12th
	fixing.OnDate, fixing.Rate = day, d("1.05")
	_, err = k.billing.CorrectRate(t.Context(), billing.RateCorrection{Fixing: fixing, Reason: "Misread", By: k.control})
	k.must(err)
	k.work()
	if got := k.read(req.ID); got.State != credits.Failed || got.Failure != "credits.rate_moved" || got.FailureParams["was"] != "1.25" || got.FailureParams["now"] != "1.05" {
		t.Errorf("compared at a rate that was corrected: %s %s %v", got.State, got.Failure, got.FailureParams)
	}
	if got := k.read(other.ID); got.State != credits.Posted {
		t.Errorf("at another day's: %s %s", got.State, got.Failure)
	}
	k.sound()
}

func (k *desk) inDollars(customer billing.CustomerID, net string) credits.ProposeInput {
	k.t.Helper()
	issued, err := k.billing.IssueInvoice(k.t.Context(), billing.NewInvoice{
		EntityID: k.entity, CustomerID: customer, Currency: "USD", IssuedOn: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), By: k.control,
		Lines: []billing.NewLine{{Product: "compute", Description: "Compute", Quantity: d("1"), UnitPrice: d("3000"), TaxCategory: "S", TaxRate: d("19")}},
	})
	k.must(err)
	return k.proposal(k.detail(issued.ID), net)
}

// A service credit is approved; then it turns out that part of the outage was announced maintenance. What the contract owes is less than
// what was approved, so it is not given. Goodwill that was given besides is no such fact.
func TestAServiceCreditIsNotPostedWhenItsFactsChanged(t *testing.T) {
	t.Parallel()
	k := setup(t)
	service, incident := k.outage()
	contract, err := k.billing.ContractByNumber(t.Context(), k.db, "K-7")
	k.must(err)
	first := k.submit(k.goodwill(incident, "100"))
	req := k.signedOff(k.serviceCredit(k.sheet()))
	k.approve(first.ID, k.senior)
	k.must(k.credits.Post(t.Context(), credits.PostRequest{ID: first.ID})) // what was pending when the sheet was worked out is posted by now
	_, err = k.billing.RecordExclusion(t.Context(), billing.NewExclusion{
		By: k.agent, Contract: contract.ID, ServiceID: service, Kind: commitment.Maintenance, Reason: "announced",
		From: time.Date(2026, 4, 10, 7, 0, 0, 0, time.UTC), Until: time.Date(2026, 4, 10, 11, 0, 0, 0, time.UTC),
	})
	k.must(err)
	k.work()
	if got := k.read(req.ID); got.State != credits.Failed || got.Failure != billing.ErrSheetStale.Key {
		t.Fatalf("%s %s", got.State, got.Failure)
	}
	got, err := k.credits.Retry(t.Context(), k.agent, req.ID)
	k.must(err)
	if got.State != credits.Expired || got.Failure != billing.ErrSheetStale.Key {
		t.Errorf("tried again: %s %s", got.State, got.Failure)
	}
	equal(t, "given: the goodwill alone", "119", value[decimal.Decimal](t, k.db, `select sum(total) from credit_memos`))
	k.sound()
}

// Nobody changes, with the rights of the program, what a request stands on: the database refuses it.
func TestWhatARequestStandsOnIsNotWritten(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(policy.Policy{})
	k.outage()
	req := k.signedOff(k.serviceCredit(k.sheet()))
	k.pay(k.customer, "10")
	for _, table := range []string{
		"invoices", "invoice_lines", "invoice_taxes", "payments", "service_credit_sheets", "credit_request_evidence", "credit_request_seals", "credit_request_grounds",
		"credit_request_facts", "credit_decisions", "adjustment_approvals", "credit_request_lines", "credit_request_taxes", "fx_rates", "authority_level_versions", "authority_policies",
	} {
		if n := value[int](t, k.db, `select count(*) from `+table); n == 0 {
			t.Errorf("no row in %s", table)
		}
		for _, column := range k.columns(table) {
			if column.Name == "valid_until" { // a version ends when another begins
				continue
			}
			if err := k.try(fmt.Sprintf(`update %s set %s = %s`, table, column.Name, column.other())); err == nil {
				t.Errorf("the program may change %s.%s", table, column.Name)
			}
		}
		if err := k.try(`delete from ` + table); err == nil {
			t.Errorf("the program may delete from %s", table)
		}
	}
	k.postedAtLast(req)
}

// What comes in by a file while a request waits to be posted changes nothing of what is there: a record that says otherwise is refused, and
// what is posted is what was approved.
func TestNoImportChangesWhatWasApproved(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.billing.RegisterImports(k.registry)
	invoice := k.invoice(k.customer, "1000", "500")
	req := k.signedOff(k.proposal(invoice, "200"))
	before := k.standing(req)
	for _, file := range []struct {
		kind    importer.Kind
		content string
		state   billing.ImportRowState
	}{
		{importer.Customers, "account,name,country,address\nC-1,Somebody Else,FR,Elsewhere 1\n", billing.RowConflict},
		{importer.Customers, "account,name,parent,country,tier\nC-1,Customer C-1,C-2,FR,Platinum\n", billing.RowUnchanged},
		{importer.Invoices, "number,customer,date,currency,product,description,qty,unit price,tax rate\n" + invoice.Number + ",C-2,2026-05-01,EUR,SEAT,Seats,1,1.00,19\n", billing.RowConflict},
		{importer.OpenBalances, "customer,number,type,currency,date,due date,original amount,open amount\nC-1," + invoice.Number + ",Invoice,EUR,2026-05-01,2026-06-01,10,10\n", billing.RowConflict},
		{importer.Rates, "from,to,date,rate,source\nEUR,USD,2026-05-01,1.01,ECB\n", billing.RowConflict},
		{importer.CreditNotes, noteOn("CM-DE-2026-00001", invoice.Number, "10"), billing.RowConflict}, // the number it is to have
		{importer.CreditNotes, noteOn("N-1", invoice.Number, "1400"), billing.RowFailed},              // 200.00 of 1,500.00 are kept for it
		{importer.CreditNotes, noteOn("N-2", invoice.Number, "300"), billing.RowDone},
		{importer.Payments, "payment number,customer,currency,amount,payment date\nZ-1,C-1,EUR,1.00,2026-05-10\n", billing.RowDone},
	} {
		if rows := k.bring(file.kind, file.content); len(rows) != 1 || rows[0].State != file.state {
			t.Errorf("%s: %+v, want %s\n%s", file.kind, rows, file.state, file.content)
		}
		if now := k.standing(req); now != before {
			t.Errorf("%s changed what was approved:\n%s\n%s", file.kind, before, now)
		}
	}
	k.postedAtLast(req)
	got := k.read(req.ID)
	memo, err := k.billing.MemoByNumber(t.Context(), k.db, got.DocumentNumber)
	k.must(err)
	equal(t, "what was approved", "238", memo.Total)
	if memo.CustomerID != k.customer || memo.Number != "CM-DE-2026-00001" {
		t.Errorf("%+v", memo)
	}
}

func noteOn(number, invoice, net string) string {
	return "credit note number,original invoice,customer,date,currency,product,qty,unit price,tax rate\n" + number + "," + invoice + ",C-1,2026-05-10,EUR,compute,1," + net + ",19\n"
}

// standing is everything that stands of a request and of what it is about, but for what it is reserved beside.
func (k *desk) standing(req credits.Request) string {
	k.t.Helper()
	return value[string](k.t, k.db, `select jsonb_build_array(to_jsonb(r), (select to_jsonb(c) from customers c where c.id = r.customer_id), (select to_jsonb(i) from invoices i where i.id = r.invoice_id),
		(select jsonb_agg(to_jsonb(l) order by l.id) from invoice_lines l where l.invoice_id = r.invoice_id), (select jsonb_agg(to_jsonb(x) order by x.base, x.quote, x.on_date) from fx_rates x))::text
		from credit_requests r where r.id = $1`, req.ID)
}

// bring has a file brought in, approved by somebody else where it needs that.
func (k *desk) bring(kind importer.Kind, content string) []billing.ImportRow {
	k.t.Helper()
	ctx := k.t.Context()
	batch, err := k.billing.StageImport(ctx, billing.NewImport{EntityID: k.entity, System: "northbooks", Kind: kind, Filename: string(kind) + ".csv", By: k.control}, strings.NewReader(content))
	k.must(err)
	if err := k.billing.StartImport(ctx, batch.ID, k.control); err != nil && !errors.Is(err, billing.ErrImportState) {
		k.t.Fatal(err)
	}
	k.must(k.billing.RunImport(ctx, batch.ID))
	if batch, err = k.billing.Import(ctx, k.control, batch.ID); err == nil && batch.State == billing.ImportWaiting {
		k.must(k.billing.ApproveImport(ctx, batch.ID, k.director))
		k.must(k.billing.RunImport(ctx, batch.ID))
	}
	page, err := k.billing.ImportRows(ctx, k.control, batch.ID, billing.ImportRowFilter{Limit: 10})
	k.must(err)
	return page.Rows
}
