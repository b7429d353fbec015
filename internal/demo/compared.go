package demo

import (
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/importer"
	"makegood/billing/reconciling"
	"makegood/internal/db"
	"makegood/internal/money"
)

// billed is an invoice as another system lists it.
type billed struct {
	Number   string
	Account  string
	IssuedOn time.Time
	Currency money.Currency
	Total    decimal.Decimal
}

// compare compares last month's invoices with what the general ledger's export says of them. As exports do, it lacks one
// that was issued late, has one with the price of before a correction, and one that nobody here knows.
func (f *filler) compare(ctx context.Context) error {
	first := time.Date(f.now.Year(), f.now.Month()-1, 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1)
	entity := f.entities[codeDE]
	list, err := db.List[billed](ctx, f.DB, `select i.number, c.account, i.issued_on, i.currency, i.total from invoices i join customers c on c.id = i.customer_id
		where i.entity_id = $1 and i.issued_on between $2 and $3 order by i.number`, entity.ID, first, last)
	if err != nil {
		return fmt.Errorf("read last month's invoices: %w", err)
	}
	if len(list) < 5 {
		return nil
	}
	late, corrected := len(list)-2, len(list)/2
	list[corrected].Total = list[corrected].Total.Add(decimal.NewFromInt(50))
	unknown := list[late]
	unknown.Number, unknown.Total = "LEGACY-7741", decimal.RequireFromString("312.97")
	list[late] = unknown
	file, err := export(list)
	if err != nil {
		return err
	}
	compare := reconciling.New(f.DB, f.Billing)
	run, _, err := compare.Start(ctx, reconciling.NewRun{
		By: f.controllerOf(codeDE), EntityID: entity.ID, Source: "general-ledger", Kind: importer.Invoices,
		Filename: "general-ledger-" + first.Format("2006-01") + ".csv",
		Settings: reconciling.Settings{
			From: first, To: last, DaysApart: reconciling.DefaultDaysApart, TimingDays: reconciling.DefaultTimingDays,
			Mapping: importer.Mapping{Columns: map[importer.Field]string{
				importer.FieldNumber: "Document", importer.FieldCustomer: "Account", importer.FieldIssuedOn: "Dated", importer.FieldCurrency: "Currency", importer.FieldTotal: "Gross",
			}},
		},
	}, strings.NewReader(file))
	if err != nil {
		return fmt.Errorf("compare with the general ledger: %w", err)
	}
	return compare.Work(ctx, run.ID)
}

func export(list []billed) (string, error) {
	var text strings.Builder
	w := csv.NewWriter(&text)
	rows := [][]string{{"Document", "Account", "Dated", "Currency", "Gross"}}
	for _, b := range list {
		rows = append(rows, []string{b.Number, b.Account, b.IssuedOn.Format(time.DateOnly), string(b.Currency), b.Total.String()})
	}
	if err := w.WriteAll(rows); err != nil {
		return "", fmt.Errorf("write export: %w", err)
	}
	return text.String(), nil
}
