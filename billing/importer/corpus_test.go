package importer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing/importer"
)

func receivables() importer.Options {
	return importer.Options{Kind: importer.Invoices, Mapping: importer.Mapping{
		Defaults: map[importer.Field]string{importer.FieldCurrency: "USD"},
	}}
}

// receivablesFigures are the figures of a file of invoices with dates of settlement, as they are expected beside it.
type receivablesFigures struct {
	Invoices  int             `json:"invoices"`
	Customers int             `json:"customers"`
	Total     decimal.Decimal `json:"amount_total"`
	Settle    int             `json:"check_days_to_settle_matches_file"`
	Late      int             `json:"check_days_late_matches_file"`
	LateCount int             `json:"late_invoices"`
	Disputed  struct {
		Count  int             `json:"count"`
		Amount decimal.Decimal `json:"amount"`
	} `json:"disputed"`
	AsOf map[string]struct {
		Count          int             `json:"open_count"`
		Amount         decimal.Decimal `json:"open_amount"`
		DisputedCount  int             `json:"open_disputed_count"`
		DisputedAmount decimal.Decimal `json:"open_disputed_amount"`
	} `json:"as_of"`
}

// TestReceivables reads invoices and their payments from a file of a receivables department and finds its figures again.
func TestReceivables(t *testing.T) {
	t.Parallel()
	checkReceivables(t, filepath.Join("testdata", "receivables"))
	if dir, here := corpus(t, "ar-ibm"); here {
		checkReceivables(t, dir)
	}
}

func checkReceivables(t *testing.T, dir string) {
	t.Helper()
	content, want := fileIn(t, dir, "accounts-receivable.csv"), receivablesFigures{}
	unmarshal(t, fileIn(t, dir, "expected.json"), &want)
	got := read(t, content, receivables()).clean(t)

	paid := map[string]importer.Payment{}
	for _, r := range got.records {
		if r.Payment != nil {
			paid[r.Payment.Applied[0].Invoice] = *r.Payment
		}
	}
	customers := map[string]bool{}
	var have receivablesFigures
	for _, r := range got.records {
		if r.Invoice == nil {
			continue
		}
		in, settled := r.Invoice, paid[r.Invoice.Number]
		if !settled.Amount.Equal(in.Total) || settled.Customer != in.Customer {
			t.Errorf("%s: paid %s of %s", in.Number, settled.Amount, in.Total)
		}
		customers[in.Customer] = true
		have.Invoices++
		have.Total = have.Total.Add(in.Total)
		var cells struct{ DaysToSettle, DaysLate string }
		unmarshal(t, string(r.Raw), &cells)
		if days := int(settled.ReceivedOn.Sub(in.IssuedOn).Hours() / 24); decimal.NewFromInt(int64(days)).String() == cells.DaysToSettle {
			have.Settle++
		}
		late := max(0, int(settled.ReceivedOn.Sub(in.DueOn).Hours()/24))
		if decimal.NewFromInt(int64(late)).String() == cells.DaysLate {
			have.Late++
		}
		if late > 0 {
			have.LateCount++
		}
		if in.Standing.Disputed {
			have.Disputed.Count++
			have.Disputed.Amount = have.Disputed.Amount.Add(in.Total)
		}
		for on, figures := range want.AsOf {
			if in.IssuedOn.After(day(on)) || !settled.ReceivedOn.After(day(on)) {
				continue
			}
			figures.Count--
			figures.Amount = figures.Amount.Sub(in.Total)
			if in.Standing.Disputed {
				figures.DisputedCount--
				figures.DisputedAmount = figures.DisputedAmount.Sub(in.Total)
			}
			want.AsOf[on] = figures
		}
	}
	have.Customers = len(customers)
	for on, left := range want.AsOf {
		if left.Count != 0 || !left.Amount.IsZero() || left.DisputedCount != 0 || !left.DisputedAmount.IsZero() {
			t.Errorf("%s: open on %s is off by %+v", dir, on, left)
		}
	}
	want.AsOf = nil
	same(t, dir, have, want)
}

// retailFigures are those of a shop's invoice lines, where a number that begins with C is a cancellation.
type retailFigures struct {
	Lines           int             `json:"lines"`
	Documents       int             `json:"documents"`
	CreditNotes     int             `json:"credit_notes"`
	Invoiced        decimal.Decimal `json:"invoice_amount"`
	Credited        decimal.Decimal `json:"credit_amount"`
	WithoutCustomer int             `json:"lines_without_customer"`
	Adjustments     map[string]int  `json:"adjustment_stock_codes"`
}

const noCustomer = "COUNTER SALES"

func retail() importer.Options {
	return importer.Options{Kind: importer.Invoices, Mapping: importer.Mapping{
		CreditPrefix: "C",
		Defaults:     map[importer.Field]string{importer.FieldCurrency: "GBP", importer.FieldCustomer: noCustomer},
	}}
}

// TestRetail reads a shop's invoice lines and finds its figures again, and for each line taken back the sale.
func TestRetail(t *testing.T) {
	t.Parallel()
	checkRetail(t, filepath.Join("testdata", "retail"))
	if dir, here := corpus(t, "retail-uci"); here {
		checkRetail(t, dir)
	}
}

func checkRetail(t *testing.T, dir string) {
	t.Helper()
	var want map[string]retailFigures
	unmarshal(t, fileIn(t, dir, "expected.json"), &want)
	all := retailFigures{Adjustments: map[string]int{}}
	var records []importer.Record
	for name, figures := range want {
		if name == "all_files" {
			continue
		}
		got := read(t, fileIn(t, dir, name), retail()).clean(t)
		have := retailFigures{Adjustments: map[string]int{}}
		for _, r := range got.records {
			have.count(r)
			all.count(r)
		}
		same(t, name, have, figures)
		records = append(records, got.records...)
	}
	same(t, "all files", all, want["all_files"])
	checkCancellations(t, records)
}

func (f *retailFigures) count(r importer.Record) {
	d := importer.Document{}
	if r.CreditNote != nil {
		d = r.CreditNote.Document
		f.CreditNotes++
		f.Credited = f.Credited.Sub(d.Total)
	} else {
		d = r.Invoice.Document
		f.Invoiced = f.Invoiced.Add(d.Total)
	}
	f.Documents++
	f.Lines += len(d.Lines)
	for _, l := range d.Lines {
		if d.Customer == noCustomer {
			f.WithoutCustomer++
		}
		if c := l.Product[0]; c < '0' || c > '9' {
			f.Adjustments[l.Product]++
		}
	}
}

// checkCancellations holds the matches against a search through everything, line by line.
func checkCancellations(t *testing.T, records []importer.Record) {
	t.Helper()
	documents := map[string]importer.Document{}
	for i, r := range records {
		switch {
		case r.Invoice != nil && r.Invoice.Customer == noCustomer:
			records[i].Invoice.Customer = ""
			documents[r.External] = r.Invoice.Document
		case r.Invoice != nil:
			documents[r.External] = r.Invoice.Document
		case r.CreditNote.Customer == noCustomer:
			records[i].CreditNote.Customer = ""
			documents[r.External] = r.CreditNote.Document
		default:
			documents[r.External] = r.CreditNote.Document
		}
	}
	lines, found, used := 0, 0, map[importer.LinePlace]bool{}
	for _, m := range importer.MatchCancellations(records) {
		lines++
		note := documents[m.Note.Document]
		taken := note.Lines[m.Note.Line]
		if !m.Found {
			if at, ok := sold(documents, note, taken, used); ok {
				t.Errorf("%v: %s sold %s, and nobody saw", m.Note, at.Document, taken.Product)
			}
			continue
		}
		found++
		invoice := documents[m.Invoice.Document]
		line := invoice.Lines[m.Invoice.Line]
		if used[m.Invoice] || invoice.Customer != note.Customer || invoice.Customer == "" || line.Product != taken.Product ||
			!line.Quantity.Equal(taken.Quantity) || invoice.IssuedOn.After(note.IssuedOn) {
			t.Errorf("%v is no match for %v", m.Invoice, m.Note)
		}
		used[m.Invoice] = true
	}
	if found == 0 || lines <= found {
		t.Errorf("matched %d of %d lines; some have a sale before them and some have none", found, lines)
	}
	t.Logf("%d of %d lines taken back have their sale here", found, lines)
}

func sold(documents map[string]importer.Document, note importer.Document, taken importer.Line, used map[importer.LinePlace]bool) (importer.LinePlace, bool) {
	for number, d := range documents {
		for i, l := range d.Lines {
			at := importer.LinePlace{Document: number, Line: i}
			if !used[at] && d.Customer == note.Customer && d.Customer != "" && d.IssuedOn.Before(note.IssuedOn) && number[0] != 'C' &&
				l.Product == taken.Product && l.Product != "" && l.Quantity.Equal(taken.Quantity) {
				return at, true
			}
		}
	}
	return importer.LinePlace{}, false
}

func fileIn(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func unmarshal(t *testing.T, content string, to any) {
	t.Helper()
	if err := json.Unmarshal([]byte(content), to); err != nil {
		t.Fatal(err)
	}
}

// same compares figures as JSON, where every decimal has one form.
func same(t *testing.T, what string, have, want any) {
	t.Helper()
	a, _ := json.Marshal(have)
	b, _ := json.Marshal(want)
	if string(a) != string(b) {
		t.Errorf("%s:\nhave %s\nwant %s", what, a, b)
	}
}
