package reconciling_test

import (
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/bookstest"
	"makegood/billing/document"
	"makegood/billing/importer"
	"makegood/billing/reconcile"
	"makegood/billing/reconciling"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var renderers = sync.OnceValue(document.New)

func d(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func day(text string) time.Time {
	on, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return on
}

// office is a company with books and two customers, on 10 June 2026, and whoever reconciles them.
type office struct {
	t           testing.TB
	db          *db.DB
	clock       *jobstest.Clock
	jobs        *jobs.Registry
	billing     *billing.Service
	reconciling *reconciling.Service
	entity      billing.EntityID
	one, two    billing.CustomerID
	requests    int64
}

func setup(t testing.TB) *office {
	t.Helper()
	return setupOn(t, "2026-06-10")
}

func setupOn(t testing.TB, today string) *office {
	t.Helper()
	clock := jobstest.NewClock(day(today).Add(8 * time.Hour))
	o := &office{t: t, db: dbtest.NewAt(t, clock.Now), clock: clock, jobs: jobs.NewRegistry()}
	renderer := renderers()
	o.billing = billing.New(o.db, renderer, slog.New(slog.DiscardHandler))
	o.reconciling = reconciling.New(o.db, o.billing)
	o.reconciling.Register(o.jobs)
	o.must(o.db.Do(t.Context(), func(tx *db.Tx) error {
		o.entity = bookstest.Company(t, tx)
		_, err := tx.Exec(t.Context(), `insert into fx_rates (base, quote, on_date, rate, source) values ('EUR', 'USD', '2026-05-01', 1.25, 'ECB')`)
		o.must(err)
		_, err = tx.Exec(t.Context(), `update fx_policy set max_age_days = 366`)
		o.must(err)
		o.one, o.two = bookstest.Customer(t, tx, o.entity, "C-1", "Kilo GmbH"), bookstest.Customer(t, tx, o.entity, "C-2", "Lima Ltd")
		return nil
	}))
	return o
}

func (o *office) must(err error) { o.t.Helper(); bookstest.Must(o.t, err) }

// issue bills the first customer a net amount with 19 % tax.
func (o *office) issue(on, net string) billing.Invoice {
	o.t.Helper()
	issued, err := o.billing.IssueInvoice(o.t.Context(), billing.NewInvoice{
		EntityID: o.entity, CustomerID: o.one, Currency: "EUR", IssuedOn: day(on), ServiceFrom: day(on), ServiceTo: day(on), By: bookstest.Controller(),
		Lines: []billing.NewLine{{Product: "compute", Description: "Compute", Quantity: d("1"), UnitPrice: d(net), TaxCategory: "S", TaxRate: d("19")}},
	})
	o.must(err)
	return issued
}

func (o *office) pay(on, amount, reference string, invoice ...billing.InvoiceID) billing.Payment {
	o.t.Helper()
	in := billing.NewPayment{EntityID: o.entity, CustomerID: o.one, Currency: "EUR", Amount: d(amount), ReceivedOn: day(on), BankReference: reference, By: bookstest.Controller()}
	for _, id := range invoice {
		in.Allocate = append(in.Allocate, billing.Allocate{InvoiceID: id, Amount: d(amount)})
	}
	p, err := o.billing.RecordPayment(o.t.Context(), in)
	o.must(err)
	return p
}

// post has an adjustment approved and posts it on the clock's day.
func (o *office) post(in billing.AdjustmentInput) billing.Posted {
	o.t.Helper()
	o.requests++
	posted, err := bookstest.Post(o.t.Context(), o.db, o.billing, o.requests, in)
	o.must(err)
	return posted
}

// may is a comparison of invoices with a CSV file over May 2026.
func (o *office) may(kind importer.Kind) reconciling.NewRun {
	return reconciling.NewRun{
		By: bookstest.Controller(), EntityID: o.entity, Source: "netsuite", Kind: kind, Filename: "may.csv",
		Settings: reconciling.Settings{From: day("2026-05-01"), To: day("2026-05-31"), DaysApart: 5, TimingDays: 3},
	}
}

// compare starts a run and works its job.
func (o *office) compare(in reconciling.NewRun, file string) reconciling.Run {
	o.t.Helper()
	run, _, err := o.reconciling.Start(o.t.Context(), in, strings.NewReader(file))
	o.must(err)
	jobstest.DrainNow(o.t, o.db, o.jobs, o.clock)
	run, err = o.reconciling.Run(o.t.Context(), bookstest.Controller(), run.ID)
	o.must(err)
	return run
}

func (o *office) findings(id reconciling.ID) []reconciling.Finding {
	o.t.Helper()
	page, err := o.reconciling.Findings(o.t.Context(), bookstest.Controller(), id, reconciling.FindingFilter{})
	o.must(err)
	return page.Rows
}

// told is what a run found, one line for each finding.
func told(list []reconciling.Finding) []string {
	var lines []string
	for _, f := range list {
		line := string(f.Class)
		if f.Class == reconcile.KnownTiming {
			line += "/" + string(f.Would)
		}
		line += " " + f.Number
		for _, g := range f.Gap {
			line += " " + g.Money().String()
		}
		lines = append(lines, line)
	}
	return lines
}

// part is a credit of a net amount on the only line of an invoice.
func (o *office) part(invoice billing.InvoiceID, net string) []billing.AdjustLine {
	o.t.Helper()
	detail, err := o.billing.InvoiceDetail(o.t.Context(), o.db, invoice)
	o.must(err)
	return []billing.AdjustLine{{InvoiceLineID: detail.Lines[0].ID, Amount: d(net)}}
}
