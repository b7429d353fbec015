package figures_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/figures"
	"makegood/internal/money"
)

const usd money.Currency = "USD"

// paid is one row of a payment history: an invoice with the day its last open amount went.
type paid struct {
	customer           string
	issued, due, ended time.Time
	amount             string
	disputed           bool
}

// histories are the folders with a payment history and its expected figures: our own excerpt, and a large one where a
// folder of shared samples is there.
func histories(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{"excerpt": filepath.Join("testdata", "invoices.csv")}
	shared := os.Getenv("MAKEGOOD_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	large := filepath.Join(shared, "corpus", "ar-ibm", "accounts-receivable.csv")
	if _, err := os.Stat(large); err != nil {
		t.Logf("no large history at %s: the excerpt alone is checked", large)
		return found
	}
	found["large"] = large
	return found
}

func readHistory(t *testing.T, path string) []paid {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	list := make([]paid, 0, len(rows)-1)
	for _, row := range rows[1:] {
		list = append(list, paid{
			customer: row[column["customerID"]], amount: row[column["InvoiceAmount"]], disputed: row[column["Disputed"]] == "Yes",
			issued: american(t, row[column["InvoiceDate"]]), due: american(t, row[column["DueDate"]]), ended: american(t, row[column["SettledDate"]]),
		})
	}
	return list
}

func american(t *testing.T, text string) time.Time {
	t.Helper()
	day, err := time.Parse("1/2/2006", text)
	if err != nil {
		t.Fatal(err)
	}
	return day
}

type tally struct {
	Count  int             `json:"count"`
	Amount decimal.Decimal `json:"amount"`
}

// expected are the figures of a history, made apart from this program.
type expected struct {
	Invoices     int             `json:"invoices"`
	AmountTotal  decimal.Decimal `json:"amount_total"`
	DaysToSettle json.Number     `json:"mean_days_to_settle"`
	Weighted     json.Number     `json:"amount_weighted_days_to_settle"`
	DaysLate     json.Number     `json:"mean_days_late_all"`
	Late         int             `json:"late_invoices"`
	LateShare    json.Number     `json:"late_share"`
	Disputed     struct {
		Count        int             `json:"count"`
		Share        json.Number     `json:"share"`
		Amount       decimal.Decimal `json:"amount"`
		DaysToSettle json.Number     `json:"mean_days_to_settle"`
		Undisputed   json.Number     `json:"undisputed_mean_days_to_settle"`
	} `json:"disputed"`
	AsOf map[string]expectedDay `json:"as_of"`
}

type expectedDay struct {
	OpenCount      int              `json:"open_count"`
	Open           decimal.Decimal  `json:"open_amount"`
	DisputedAmount decimal.Decimal  `json:"open_disputed_amount"`
	Ageing         map[string]tally `json:"ageing_by_due_date"`
	Sales30        decimal.Decimal  `json:"sales_last_30_days"`
	Sales90        decimal.Decimal  `json:"sales_last_90_days"`
	Sales365       decimal.Decimal  `json:"sales_last_365_days"`
	DSO30          json.Number      `json:"dso_30"`
	DSO90          json.Number      `json:"dso_90"`
	DSO365         json.Number      `json:"dso_365"`
	CountBack      json.Number      `json:"dso_countback_months"`
}

func readExpected(t *testing.T, path string) expected {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(filepath.Dir(path), "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want expected
	if err := json.Unmarshal(content, &want); err != nil {
		t.Fatal(err)
	}
	return want
}

func d(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func day(text string) time.Time {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return at
}

func same(t *testing.T, what string, want json.Number, got figures.Figure) {
	t.Helper()
	if !got.Valid || !got.Decimal.Equal(d(want.String())) {
		t.Errorf("%s: %v, want %s", what, got, want)
	}
}

func equal(t *testing.T, what string, want, got decimal.Decimal) {
	t.Helper()
	if !got.Equal(want) {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

// The views of a history that the figures take.

func sales(list []paid) []figures.Sale {
	out := make([]figures.Sale, len(list))
	for i, p := range list {
		out[i] = figures.Sale{Currency: usd, On: p.issued, Amount: d(p.amount)}
	}
	return out
}

func settled(list []paid) []figures.Settled {
	out := make([]figures.Settled, len(list))
	for i, p := range list {
		out[i] = figures.Settled{Amount: d(p.amount), IssuedOn: p.issued, DueOn: p.due, SettledOn: p.ended}
	}
	return out
}

// openOn gives what is open on a day: issued by then, and settled after it.
func openOn(list []paid, on time.Time) (items []figures.OpenItem, open []paid) {
	for _, p := range list {
		if p.issued.After(on) || !p.ended.After(on) {
			continue
		}
		item := figures.OpenItem{Kind: figures.OwedItem, Currency: usd, Open: d(p.amount), From: p.due}
		if p.disputed {
			item.Disputed = item.Open
		}
		items, open = append(items, item), append(open, p)
	}
	return items, open
}
