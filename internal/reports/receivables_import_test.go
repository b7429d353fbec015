package reports_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/figures"
	"makegood/billing/importer"
	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/raced"
	"makegood/internal/reports"
	"makegood/internal/secrets"
)

// history is a payment history as a receivables department keeps it: invoices, whether they were disputed, and when they
// were settled.
type history struct {
	rows [][]string // without the heading
	head []string
	want historyFigures
}

// historyFigures were made apart from this program.
type historyFigures struct {
	Invoices     int                  `json:"invoices"`
	Total        decimal.Decimal      `json:"amount_total"`
	DaysToSettle json.Number          `json:"mean_days_to_settle"`
	Weighted     json.Number          `json:"amount_weighted_days_to_settle"`
	DaysLate     json.Number          `json:"mean_days_late_all"`
	Late         int                  `json:"late_invoices"`
	LateShare    json.Number          `json:"late_share"`
	Disputed     historyDisputes      `json:"disputed"`
	AsOf         map[string]dayOfBook `json:"as_of"`
}

type historyDisputes struct {
	Count  int             `json:"count"`
	Share  json.Number     `json:"share"`
	Amount decimal.Decimal `json:"amount"`
}

type dayOfBook struct {
	Count          int                 `json:"open_count"`
	Open           decimal.Decimal     `json:"open_amount"`
	DisputedCount  int                 `json:"open_disputed_count"`
	DisputedAmount decimal.Decimal     `json:"open_disputed_amount"`
	Ageing         map[string]agedPart `json:"ageing_by_due_date"`
	Sales30        decimal.Decimal     `json:"sales_last_30_days"`
	Sales90        decimal.Decimal     `json:"sales_last_90_days"`
	Sales365       decimal.Decimal     `json:"sales_last_365_days"`
	DSO30          json.Number         `json:"dso_30"`
	DSO90          json.Number         `json:"dso_90"`
	DSO365         json.Number         `json:"dso_365"`
	CountBack      json.Number         `json:"dso_countback_months"`
}

type agedPart struct {
	Count  int             `json:"count"`
	Amount decimal.Decimal `json:"amount"`
}

// TestReportsOfAnImportedHistory brings a history in as it grew, by the door that every file takes: on each day of
// account the list of that day is imported, what is disputed on it becomes a case, and what was settled since comes with
// the next list. The reports must say what was worked out apart from the program, and what the file says on a recount.
func TestReportsOfAnImportedHistory(t *testing.T) {
	t.Parallel()
	dirs := []string{filepath.Join("..", "..", "billing", "figures", "testdata")}
	shared := os.Getenv("MAKEGOOD_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	if large := filepath.Join(shared, "corpus", "ar-ibm"); isThere(large) && !raced.Detector {
		dirs = append(dirs, large)
	} else {
		t.Logf("no large history at %s: the excerpt alone is brought in", large)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			newDepartment(t, dir).check()
		})
	}
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// department is a company into whose books a history is brought.
type department struct {
	*house
	history history
	cases   *cases.Service
	seen    map[string]bool // invoices whose disputes are cases already
	before  time.Time       // the day of the list before
}

func newDepartment(t *testing.T, dir string) *department {
	t.Helper()
	p := &department{house: &house{t: t}, seen: map[string]bool{}}
	p.read(dir)
	first := p.days(t)[0]
	p.clock = jobstest.NewClock(first.AddDate(-1, 0, 0))
	p.db = dbtest.NewAt(t, p.clock.Now)
	renderer := renderers()
	quiet := slog.New(slog.DiscardHandler)
	keys, err := secrets.New("a key that only these tests use, long enough")
	p.must(err)
	p.billing = billing.New(p.db, renderer, quiet)
	p.cases = cases.New(p.db, p.billing, inbox.New(p.db, keys, quiet, inbox.Options{Domain: "ostwind.example"}), quiet)
	p.reports = reports.New(p.db).Receivables()
	p.must(p.db.Do(t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), `insert into reason_codes (code, name, position) values ('overcharge', 'Overcharge', 1) on conflict do nothing`); err != nil {
			return err
		}
		e, err := p.billing.SeedEntityTx(t.Context(), tx, billing.Entity{
			Code: "US", Name: "Ostwind Inc.", BaseCurrency: "USD", Country: "US", SupportAddress: "billing@us.example", SupportName: "Billing",
			TimeZone: "UTC", Language: "en",
		})
		p.entities = []billing.Entity{e}
		return err
	}))
	return p
}

// read reads a history and its figures.
func (p *department) read(dir string) {
	p.t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	p.must(err)
	content, err := os.ReadFile(files[0])
	p.must(err)
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	p.must(err)
	p.history = history{head: rows[0], rows: rows[1:]}
	content, err = os.ReadFile(filepath.Join(dir, "expected.json"))
	p.must(err)
	p.must(json.Unmarshal(content, &p.history.want))
}

func (h history) cell(row []string, name string) string { return row[slices.Index(h.head, name)] }

// on is a day of the file, written the American way.
func (h history) on(row []string, name string) time.Time {
	at, err := time.Parse("1/2/2006", h.cell(row, name))
	if err != nil {
		panic(err)
	}
	return at
}

// days are the days of account: those that figures are known of, and the last on which anything happened.
func (p *department) days(t *testing.T) []time.Time {
	t.Helper()
	var list []time.Time
	for on := range p.history.want.AsOf {
		list = append(list, day(on))
	}
	var last time.Time
	for _, row := range p.history.rows {
		if on := p.history.on(row, "SettledDate"); on.After(last) {
			last = on
		}
	}
	list = append(list, last)
	slices.SortFunc(list, time.Time.Compare)
	return list
}

func (p *department) bring(kind importer.Kind, content string) {
	p.t.Helper()
	ctx := p.t.Context()
	in := billing.NewImport{
		EntityID: p.entities[0].ID, System: "receivables", Kind: kind, Filename: string(kind) + ".csv", AllOrNothing: true, By: controller(),
		Options: importer.Options{Mapping: importer.Mapping{
			DateOrder: importer.MonthFirst, Defaults: map[importer.Field]string{importer.FieldCurrency: "USD"},
		}},
	}
	batch, err := p.billing.StageImport(ctx, in, strings.NewReader(content))
	p.must(err)
	p.must(p.billing.StartImport(ctx, batch.ID, in.By))
	p.must(p.billing.RunImport(ctx, batch.ID))
	batch, err = p.billing.Import(ctx, in.By, batch.ID)
	p.must(err)
	if batch.State != billing.ImportDone {
		p.t.Fatalf("%s is %s: %+v", kind, batch.State, batch.Failure)
	}
}

// list is the file as it stood on a day: what was issued by then, and settled by another day.
func (p *department) list(issued, settled time.Time) string {
	p.t.Helper()
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	p.must(w.Write(p.history.head))
	for _, row := range p.history.rows {
		if p.history.on(row, "InvoiceDate").After(issued) {
			continue
		}
		row = slices.Clone(row)
		if p.history.on(row, "SettledDate").After(settled) {
			row[slices.Index(p.history.head, "SettledDate")] = ""
		}
		p.must(w.Write(row))
	}
	w.Flush()
	p.must(w.Error())
	return out.String()
}

// customers is the file of customers that comes before.
func (p *department) customerFile() string {
	lines, seen := []string{"account,name,country,currency"}, map[string]bool{}
	for _, row := range p.history.rows {
		if account := p.history.cell(row, "customerID"); !seen[account] {
			seen[account] = true
			lines = append(lines, account+",Customer "+account+",US,USD")
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// grow brings everything in, day of account by day of account.
func (p *department) grow(t *testing.T) {
	t.Helper()
	p.bring(importer.Customers, p.customerFile())
	for _, on := range p.days(t) {
		p.at(on.Format(time.DateOnly))
		p.bring(importer.Invoices, p.list(on, p.before))
		p.dispute(on)
		p.bring(importer.Invoices, p.list(on, on))
		p.before = on
	}
}

// dispute opens a case for each invoice of the list that is disputed and was not on an earlier one.
func (p *department) dispute(on time.Time) {
	p.t.Helper()
	for _, row := range p.history.rows {
		number := p.history.cell(row, "invoiceNumber")
		if p.history.cell(row, "Disputed") != "Yes" || p.seen[number] || p.history.on(row, "InvoiceDate").After(on) {
			continue
		}
		p.seen[number] = true
		p.must(p.db.Do(p.t.Context(), func(tx *db.Tx) error {
			invoice, err := db.One[billing.Invoice](p.t.Context(), tx, `select * from invoices where number = $1`, number)
			if err != nil {
				return err
			}
			_, err = p.cases.OpenTx(p.t.Context(), tx, cases.OpenInput{
				Type: cases.Dispute, Subject: "Disputed: " + number, CustomerID: &invoice.CustomerID, EntityID: &invoice.EntityID, Source: "api",
				By:       access.SystemActor("test"),
				Disputes: []cases.NewDispute{{InvoiceID: invoice.ID, Contested: invoice.Total, ReasonCode: "overcharge", Claim: "Disputed"}},
			})
			return err
		}))
	}
}

func (p *department) check() {
	t, ok := p.t.(*testing.T)
	if !ok {
		return
	}
	p.grow(t)
	p.recount()
	p.recountDays()
	want := p.history.want
	for on, figures := range want.AsOf {
		p.checkAging(day(on), figures)
		p.checkDSO(day(on), figures)
	}
	p.checkIndicators(p.before)
}

// recount adds the raw file up anew and holds the expected figures against it, so that neither can be wrong alone.
func (p *department) recount() {
	p.t.Helper()
	total, late, took := decimal.Zero, 0, 0
	open := map[string]agedPart{}
	for _, row := range p.history.rows {
		amount := d(p.history.cell(row, "InvoiceAmount"))
		total = total.Add(amount)
		issued, due, settled := p.history.on(row, "InvoiceDate"), p.history.on(row, "DueDate"), p.history.on(row, "SettledDate")
		took += int(settled.Sub(issued).Hours()) / 24
		if settled.After(due) {
			late++
		}
		for on := range p.history.want.AsOf {
			if !issued.After(day(on)) && settled.After(day(on)) {
				part := open[on]
				open[on] = agedPart{part.Count + 1, part.Amount.Add(amount)}
			}
		}
	}
	want := p.history.want
	p.same("sum of the file", want.Total, total)
	if len(p.history.rows) != want.Invoices || late != want.Late {
		p.t.Errorf("the file has %d invoices, %d late", len(p.history.rows), late)
	}
	p.ratio("days to settle on a recount", want.DaysToSettle, figures.Ratio(decimal.NewFromInt(int64(took)), decimal.NewFromInt(int64(len(p.history.rows)))))
	for on, figures := range want.AsOf {
		if open[on].Count != figures.Count || !open[on].Amount.Equal(figures.Open) {
			p.t.Errorf("the file has %v open on %s", open[on], on)
		}
	}
}

func (p *department) scope(on time.Time) reports.Scope {
	return reports.Scope{By: controller(), On: on, Entity: "US", Currency: "USD"}
}

func (p *department) same(what string, want, got decimal.Decimal) {
	p.t.Helper()
	if !got.Equal(want) {
		p.t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func (p *department) ratio(what string, want json.Number, got figures.Figure) {
	p.t.Helper()
	if !got.Valid || !got.Decimal.Equal(d(want.String())) {
		p.t.Errorf("%s: %v, want %s", what, got, want)
	}
}
