package billing_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/internal/db"
)

const counterSales = "COUNTER"

// TestImportedRetailEqualsItsFiles brings a shop's days into the books: invoices, and cancellations by their prefix. What
// the books come to must be what the file says on a recount, and each cancellation must stand on the invoice it takes back.
func TestImportedRetailEqualsItsFiles(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("MAKEGOOD_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "shared")
	}
	here, err := filepath.Glob(filepath.Join("importer", "testdata", "retail", "*.csv"))
	if err != nil || len(here) == 0 {
		t.Fatalf("no excerpt: %v", err)
	}
	sets := map[string][]string{"excerpt": here}
	published, _ := filepath.Glob(filepath.Join(shared, "corpus", "retail-uci", "*.csv"))
	if len(published) > 0 {
		sets["published"] = published // seven days, 11,028 lines: some ten seconds
	} else {
		t.Log("the published days are not here; the excerpt alone is brought in")
	}
	for name, files := range sets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := retailShop{shop: setup(t), raw: map[string]*rawDocument{}}
			for _, file := range files {
				r.day(file)
			}
			r.totals(filepath.Join(filepath.Dir(files[0]), "expected.json"))
			r.matches()
			r.sound()
		})
	}
}

// rawDocument is a document of the file, added up without the program.
type rawDocument struct {
	customer string
	total    decimal.Decimal
	lines    []rawLine
}

type rawLine struct{ product, quantity string }

type retailShop struct {
	*shop
	raw map[string]*rawDocument
}

// day brings a day in: the customers that are new, the sales, and, once somebody else approved them, the cancellations.
func (r retailShop) day(path string) {
	r.t.Helper()
	content, err := os.ReadFile(path)
	r.must(err)
	rows, err := csv.NewReader(strings.NewReader(string(content))).ReadAll()
	r.must(err)
	customers := []string{"account,name,country,currency"}
	seen := map[string]bool{}
	for _, row := range rows[1:] {
		account := strings.TrimSuffix(row[6], ".0")
		if account == "" {
			account = counterSales
		}
		if !seen[account] {
			seen[account] = true
			customers = append(customers, account+",Customer "+account+",GB,EUR")
		}
		d := r.raw[row[0]]
		if d == nil {
			d = &rawDocument{customer: account}
			r.raw[row[0]] = d
		}
		d.total = d.total.Add(d2(row[3]).Mul(d2(row[5])))
		d.lines = append(d.lines, rawLine{row[1], d2(row[3]).Abs().String()})
	}
	r.bring(r.file(importer.Customers), strings.Join(customers, "\n")+"\n")
	in := r.file(importer.Invoices)
	in.Filename = filepath.Base(path)
	in.Options.Mapping = importer.Mapping{CreditPrefix: "C", Defaults: map[importer.Field]string{
		importer.FieldCurrency: "EUR", importer.FieldCustomer: counterSales,
	}}
	b := r.bring(in, string(content))
	if b.State == billing.ImportWaiting {
		r.must(r.billing.ApproveImport(r.t.Context(), b.ID, otherController()))
		b = r.run(b.ID)
	}
	counts, err := r.billing.ImportCounts(r.t.Context(), controller(), b.ID)
	r.must(err)
	if b.State != billing.ImportDone || len(counts) != 1 || counts[billing.RowDone] == 0 {
		r.t.Errorf("%s is %s: %v", path, b.State, counts)
		for _, row := range r.rows(b.ID) {
			if row.State != billing.RowDone {
				r.t.Logf("row %v %s: %s %+v", row.Rows, row.ExternalID, row.State, row.Reasons)
			}
		}
	}
}

// d2 is a number of the file; a sale without a price is one of nothing.
func d2(text string) decimal.Decimal { return decimal.RequireFromString(strings.TrimSpace(text)) }

// kept is a document as the books have it.
type kept struct {
	Number string
	Total  decimal.Decimal
	Takes  *string // the invoice that a memo credits
}

// totals holds the books against the file, document by document, and in all against the figures beside it.
func (r retailShop) totals(expected string) {
	r.t.Helper()
	var want map[string]struct {
		Documents int             `json:"documents"`
		Invoiced  decimal.Decimal `json:"invoice_amount"`
		Credited  decimal.Decimal `json:"credit_amount"`
	}
	content, err := os.ReadFile(expected)
	r.must(err)
	r.must(json.Unmarshal(content, &want))
	list, err := db.List[kept](r.t.Context(), r.db, `select number, total, null::text as takes from invoices
		union all select m.number, -m.total, i.number from credit_memos m left join invoices i on i.id = m.invoice_id`)
	r.must(err)
	if len(list) != len(r.raw) {
		r.t.Errorf("%d documents in the books, %d in the file", len(list), len(r.raw))
	}
	invoiced, credited := decimal.Zero, decimal.Zero
	for _, b := range list {
		raw := r.raw[b.Number]
		if raw == nil || !raw.total.Equal(b.Total) {
			r.t.Errorf("%s is %s in the books, %v in the file", b.Number, b.Total, raw)
			continue
		}
		if b.Total.IsNegative() {
			credited = credited.Add(b.Total)
		} else {
			invoiced = invoiced.Add(b.Total)
		}
	}
	all := want["all_files"]
	if len(list) != all.Documents || !invoiced.Equal(all.Invoiced) || !credited.Equal(all.Credited) {
		r.t.Errorf("%d documents, %s invoiced, %s credited; expected %+v", len(list), invoiced, credited, all)
	}
	equal(r.t, "receivable and what is to the customers' credit", invoiced.Add(credited).String(),
		value[decimal.Decimal](r.t, r.db, `select coalesce(sum(case kind when 'invoice' then open else -open end), 0) from open_items`))
}

// matches holds each memo's invoice against a search through the file.
func (r retailShop) matches() {
	r.t.Helper()
	list, err := db.List[kept](r.t.Context(), r.db, `select m.number, m.total, i.number as takes from credit_memos m
		left join invoices i on i.id = m.invoice_id order by m.id`)
	r.must(err)
	onInvoice := 0
	for _, memo := range list {
		note := r.raw[memo.Number]
		if memo.Takes == nil {
			if number, sold := r.soldTo(note); sold {
				r.t.Errorf("%s takes %s back, and nobody saw", memo.Number, number)
			}
			continue
		}
		onInvoice++
		if invoice := r.raw[*memo.Takes]; invoice == nil || invoice.customer != note.customer || !holds(invoice.lines, note.lines) {
			r.t.Errorf("%s stands on %s, which it does not take back", memo.Number, *memo.Takes)
		}
	}
	if onInvoice == 0 {
		r.t.Error("no cancellation found its invoice")
	}
	r.t.Logf("%d of %d cancellations stand on the one invoice they take back; the others have no such sale here", onInvoice, len(list))
}

// soldTo looks for an invoice that a note takes back and no other note has taken already.
func (r retailShop) soldTo(note *rawDocument) (string, bool) {
	if note.customer == counterSales {
		return "", false
	}
	taken := map[string]bool{}
	list, err := db.Values[string](r.t.Context(), r.db, `select i.number from credit_memos m join invoices i on i.id = m.invoice_id`)
	r.must(err)
	for _, number := range list {
		taken[number] = true
	}
	for number, d := range r.raw {
		if !taken[number] && d.total.IsPositive() && d.customer == note.customer && holds(d.lines, note.lines) && d.total.GreaterThanOrEqual(note.total.Neg()) {
			return number, true
		}
	}
	return "", false
}

// holds tells whether an invoice has a line of its own for each line of a note.
func holds(invoice, note []rawLine) bool {
	left := map[rawLine]int{}
	for _, l := range invoice {
		left[l]++
	}
	for _, l := range note {
		if left[l]--; left[l] < 0 {
			return false
		}
	}
	return true
}
