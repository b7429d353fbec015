package differences_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"makegood/billing/importer"
	"makegood/billing/reconciling"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/jobs/jobstest"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func day(text string) time.Time {
	on, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return on
}

// One click makes one case, tied to the customer and the invoice and in the name of who clicked; a second click, and the same
// job worked twice, make no other.
func TestADifferenceBecomesOneCase(t *testing.T) {
	t.Parallel()
	r := screentest.Open(t)
	controller, bill := r.Actor(access.Controller), r.Company.LumenBill
	run, _, err := r.Reconciling.Start(t.Context(), reconciling.NewRun{
		By: controller, EntityID: r.Company.Entity.ID, Source: "netsuite", Kind: importer.Invoices, Filename: "may.csv",
		Settings: reconciling.Settings{From: day("2026-01-01"), To: day("2026-12-31")},
	}, strings.NewReader("Invoice Number,Customer,Date,Currency,Total\n"+bill.Number+",100001,"+bill.IssuedOn.Format(time.DateOnly)+",EUR,1700.00\nNS-9,nobody,2026-05-05,EUR,5.00\n"))
	r.Must(err)
	jobstest.DrainNow(t, r.DB, r.Registry, r.Clock)
	page, err := r.Reconciling.Findings(t.Context(), controller, run.ID, reconciling.FindingFilter{Class: "amount"})
	r.Must(err)
	if len(page.Rows) != 1 {
		t.Fatalf("%+v", page)
	}
	for range 2 {
		_, err := r.Reconciling.AskCase(t.Context(), controller, run.ID, page.Rows[0].ID)
		r.Must(err)
		jobstest.DrainNow(t, r.DB, r.Registry, r.Clock)
		r.Must(r.Registry.Work(t.Context(), reconciling.DifferenceFound{}.Kind(), fmt.Appendf(nil, `{"finding":%d}`, page.Rows[0].ID)))
	}
	f, err := r.Reconciling.FindingTx(t.Context(), r.DB, page.Rows[0].ID)
	r.Must(err)
	list, err := r.Cases.Queue(t.Context(), cases.Filter{View: cases.ViewAllOpen}, controller)
	r.Must(err)
	if len(list.Rows) != 1 || f.Resolution != reconciling.InCase || f.CaseNumber != list.Rows[0].Number || f.ByName != "Carl Controller" {
		t.Fatalf("%+v, %+v", f, list.Rows)
	}
	c := list.Rows[0]
	if c.Subject != "Invoice "+bill.Number+": Different amount (netsuite)" {
		t.Errorf("subject %q", c.Subject)
	}
	opened, err := r.Cases.CaseByNumber(t.Context(), r.DB, f.CaseNumber, controller)
	r.Must(err)
	if opened.CustomerID == nil || *opened.CustomerID != r.Company.Lumen.ID || opened.EntityID == nil {
		t.Errorf("%+v", opened)
	}
	messages, err := r.Cases.Messages(t.Context(), r.DB, opened.ID)
	r.Must(err)
	if len(messages) != 1 || messages[0].Kind != cases.Note || !strings.Contains(messages[0].Body, "netsuite: Invoice "+bill.Number+" of") ||
		!strings.Contains(messages[0].Body, "Receivable here less there: 85.00 EUR.") || !strings.Contains(messages[0].Body, "may.csv, row 2: /reconciliations/1") {
		t.Errorf("%+v", messages)
	}
}
