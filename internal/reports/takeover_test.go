package reports_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/reports"
	"makegood/ui/screentest"
)

type extracting func(*reports.Takeovers) (reports.Extract, error)

// extracted writes an extract and gives its rows by the labels.
func extracted(t *testing.T, r *screentest.Room, make extracting) (string, []map[string]string) {
	t.Helper()
	x, err := make(r.Reports.Takeovers(r.Billing))
	r.Must(err)
	var file bytes.Buffer
	r.Must(x.Write(t.Context(), &file))
	rows, err := csv.NewReader(strings.NewReader(file.String())).ReadAll()
	r.Must(err)
	var list []map[string]string
	for _, row := range rows[1:] {
		cells := map[string]string{}
		for i, label := range rows[0] {
			cells[label] = row[i]
		}
		list = append(list, cells)
	}
	return file.String(), list
}

func amount(t *testing.T, row map[string]string, label string) decimal.Decimal {
	t.Helper()
	a, err := decimal.NewFromString(row[label])
	if err != nil {
		t.Fatalf("%s: %v", label, err)
	}
	return a
}

func howMany(t *testing.T, r *screentest.Room, query string) int {
	t.Helper()
	n, err := db.Value[int](t.Context(), r.DB, query)
	r.Must(err)
	return n
}

func ofMay(r *screentest.Room, role access.Role) reports.Takeover {
	return reports.Takeover{By: r.Actor(role), Entity: "DE", Month: may()}
}

// The journal of a month has every posting of it and no other, and balances entry by entry in both currencies.
func TestTheJournalIsTakenOver(t *testing.T) {
	t.Parallel()
	r := screentest.Open(t)
	lines, err := r.Billing.InvoiceDetail(t.Context(), r.DB, r.Company.LumenBill.ID)
	r.Must(err)
	memo := adjusted(t, r, credits.ProposeInput{Kind: billing.BillingError, InvoiceID: lines.ID, Lines: []credits.ProposeLine{{InvoiceLineID: lines.Lines[0].ID, Net: decimal.NewFromInt(100)}}})
	dbtest.AsOwner(t, r.DB, `update customers set name = '=cmd()' where account = '`+r.Company.Ferro.Account+`'`)
	text, rows := extracted(t, r, func(x *reports.Takeovers) (reports.Extract, error) {
		return x.Journal(t.Context(), ofMay(r, access.Controller))
	})
	if want := howMany(t, r, `select count(*) from postings`); len(rows) != want {
		t.Errorf("%d rows, %d postings", len(rows), want)
	}
	sums, documents := map[string]decimal.Decimal{}, map[string]bool{}
	for _, row := range rows {
		documents[row["Document number"]] = true
		sums[row["Entry"]+row["Currency"]] = sums[row["Entry"]+row["Currency"]].Add(amount(t, row, "Debit")).Sub(amount(t, row, "Credit"))
		sums[row["Entry"]+"base"] = sums[row["Entry"]+"base"].Add(amount(t, row, "Base debit")).Sub(amount(t, row, "Base credit"))
		if row["Account"] == "" || row["Account name"] == "" || row["Base currency"] != "EUR" || !strings.HasPrefix(row["Booked on"], "2026-05-") {
			t.Errorf("%v", row)
		}
	}
	for entry, sum := range sums {
		if !sum.IsZero() {
			t.Errorf("entry %s is off by %s", entry, sum)
		}
	}
	if !documents[memo.Number] || !documents[lines.Number] || !strings.Contains(text, "'=cmd()") {
		t.Errorf("%v\n%s", documents, text)
	}
	_, none := extracted(t, r, func(x *reports.Takeovers) (reports.Extract, error) {
		in := ofMay(r, access.Controller)
		in.Month = in.Month.AddDate(0, 1, 0)
		return x.Journal(t.Context(), in)
	})
	if len(none) != 0 {
		t.Errorf("of the month after: %v", none)
	}
	if n := howMany(t, r, `select count(*) from audit_log where what = 'books.exported' and data ->> 'what' = 'journal'`); n != 2 {
		t.Errorf("%d extracts are recorded", n)
	}
}

// The credit memos of a month come back through our import as they were posted.
func TestCreditMemosGoToNetSuiteAndBack(t *testing.T) {
	t.Parallel()
	r := screentest.Open(t)
	bill, err := r.Billing.InvoiceDetail(t.Context(), r.DB, r.Company.LumenBill.ID)
	r.Must(err)
	var posted []billing.CreditMemo
	for _, in := range []credits.ProposeInput{
		{Kind: billing.BillingError, InvoiceID: bill.ID, Lines: []credits.ProposeLine{{InvoiceLineID: bill.Lines[0].ID, Net: decimal.RequireFromString("33.33")}, {InvoiceLineID: bill.Lines[1].ID, Net: decimal.RequireFromString("0.07")}}},
		{Kind: billing.Concession, CustomerID: r.Company.Ferro.ID, Lines: []credits.ProposeLine{{Description: "Goodwill, \"as agreed\"", Net: decimal.NewFromInt(20), Tax: billing.LineTax{Category: "S", Rate: decimal.NewFromInt(19)}}}},
	} {
		doc := adjusted(t, r, in)
		memo, err := r.Billing.MemoByNumber(t.Context(), r.DB, doc.Number)
		r.Must(err)
		posted = append(posted, memo.CreditMemo)
	}
	text, rows := extracted(t, r, func(x *reports.Takeovers) (reports.Extract, error) {
		return x.Memos(t.Context(), ofMay(r, access.Agent))
	})
	if len(rows) != 3 {
		t.Fatalf("%d rows: %s", len(rows), text)
	}
	var notes []importer.CreditNote
	_, err = importer.Read(t.Context(), strings.NewReader(text), importer.Options{Kind: importer.CreditNotes, Mapping: importer.Mapping{Preset: "netsuite"}}, importer.Sink{
		Record: func(rec importer.Record) error { notes = append(notes, *rec.CreditNote); return nil },
		Reject: func(no importer.Rejection) error { t.Errorf("row %d is refused: %+v", no.Row, no); return nil },
	})
	r.Must(err)
	if len(notes) != len(posted) {
		t.Fatalf("%d of %d came back", len(notes), len(posted))
	}
	for i, n := range notes {
		m := posted[i]
		if n.Number != m.Number || !n.Total.Equal(m.Total) || !n.Tax.Equal(m.Tax) || n.Currency != m.Currency || !n.IssuedOn.Equal(m.IssuedOn) {
			t.Errorf("sent %s %s %s %s, came back %+v", m.Number, m.Total, m.Tax, m.Currency, n)
		}
	}
	first, second := notes[0], notes[1]
	if first.Invoice != bill.Number || first.Customer != r.Company.Lumen.Account || len(first.Lines) != 2 || !first.Lines[0].Net.Equal(decimal.RequireFromString("33.33")) {
		t.Errorf("%+v", first)
	}
	if second.Invoice != "" || second.Lines[0].Description != `Goodwill, "as agreed"` || !second.Lines[0].TaxRate.Equal(decimal.NewFromInt(19)) {
		t.Errorf("%+v", second)
	}
}

func TestBooksOfAnotherCompanyAreNotTakenOver(t *testing.T) {
	t.Parallel()
	r := screentest.Open(t)
	in := ofMay(r, access.Controller)
	in.By.EntityIDs = []int64{999}
	if _, err := r.Reports.Takeovers(r.Billing).Journal(t.Context(), in); errs.KindOf(err) != errs.NotFound {
		t.Errorf("out of scope: %v", err)
	}
	none := reports.Takeover{By: r.Actor(access.Controller), Entity: "XX", Month: time.Now()}
	if _, err := r.Reports.Takeovers(r.Billing).Memos(t.Context(), none); errs.KindOf(err) != errs.NotFound {
		t.Errorf("no such entity: %v", err)
	}
}
