package reports

import (
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing/figures"
	"makegood/internal/money"
	"makegood/internal/sheet"
)

// Tables of the reports, for spreadsheets. Headings and names are plain words that stay the same, so that a spreadsheet
// made once can be filled again.

func amountCell(value decimal.Decimal, cur money.Currency) sheet.Cell {
	return sheet.Amount(value, cur.Digits())
}

// Table is the aging by range.
func (a Aging) Table() sheet.Table {
	t := sheet.Table{Name: "Aging", Heading: []string{"As of", "Currency", "Side", "Range", "Documents", "Open", "Disputed"}}
	for _, s := range a.Sections {
		for _, side := range []struct {
			kind figures.ItemKind
			list []figures.Aged
		}{{figures.OwedItem, s.Owed}, {figures.CashItem, s.Unapplied.Cash}, {figures.CreditItem, s.Unapplied.Credits}} {
			for _, part := range side.list {
				t.Rows = append(t.Rows, []sheet.Cell{
					sheet.Day(a.On), sheet.Words(string(s.Currency)), sheet.Words(string(side.kind)), sheet.Words(part.Bucket),
					sheet.Count(part.Count), amountCell(part.Open, s.Currency), amountCell(part.Disputed, s.Currency),
				})
			}
		}
	}
	return t
}

// CustomersTable is who owes what, by age.
func CustomersTable(buckets figures.Buckets, rows []AgingCustomer) sheet.Table {
	t := sheet.Table{Name: "Customers", Heading: []string{"Account", "Customer", "Currency", "Open", "Disputed"}}
	for i := range buckets.Len() {
		t.Heading = append(t.Heading, buckets.Name(i))
	}
	t.Heading = append(t.Heading, "Unapplied")
	for _, r := range rows {
		line := []sheet.Cell{
			sheet.Words(r.Account), sheet.Words(r.Name), sheet.Words(string(r.Currency)), amountCell(r.Open, r.Currency), amountCell(r.Disputed, r.Currency),
		}
		for _, part := range r.ByAge {
			line = append(line, amountCell(part, r.Currency))
		}
		t.Rows = append(t.Rows, append(line, amountCell(r.Unapplied, r.Currency)))
	}
	return t
}

// ItemsTable is the documents behind an aging.
func ItemsTable(buckets figures.Buckets, rows []AgingItem) sheet.Table {
	t := sheet.Table{Name: "Documents", Heading: []string{
		"Document", "Kind", "Account", "Customer", "Entity", "Dated", "Due", "Days", "Range", "Currency", "Open", "Disputed",
	}}
	for _, r := range rows {
		t.Rows = append(t.Rows, []sheet.Cell{
			sheet.Words(r.Number), sheet.Words(r.Kind), sheet.Words(r.Account), sheet.Words(r.CustomerName), sheet.Words(r.EntityCode),
			sheet.Day(r.OpenedOn), sheet.Day(r.DueOn), sheet.Count(r.Days), sheet.Words(buckets.Name(r.Bucket)), sheet.Words(string(r.Currency)),
			amountCell(r.Open, r.Currency), amountCell(r.Disputed, r.Currency),
		})
	}
	return t
}

// Table is every form of DSO, one line a currency.
func (d DSO) Table() sheet.Table {
	t := sheet.Table{Name: "DSO", Heading: []string{
		"From", "As of", "Currency", "Opening receivable", "Receivable", "Current", "Credit sales", "DSO", "Best possible DSO", "Average days delinquent",
		"Count-back DSO", "True DSO", "Collection effectiveness", "Turnover", "DSO 30 days", "DSO 90 days", "DSO 365 days",
	}}
	for _, s := range d.Sections {
		st := s.Standing
		line := []sheet.Cell{
			sheet.Day(d.From), sheet.Day(d.On), sheet.Words(string(s.Currency)), amountCell(st.Opening, s.Currency), amountCell(st.Receivable, s.Currency),
			amountCell(st.Current, s.Currency), amountCell(st.Sales, s.Currency),
		}
		for _, f := range []figures.Figure{st.DSO(), st.BestPossible(), st.DelinquentDays(), s.CountBack.Days, s.True, st.Effectiveness(), st.Turnover()} {
			line = append(line, sheet.Perhaps(f, figures.Places))
		}
		for _, w := range s.Windows {
			line = append(line, sheet.Perhaps(w.Standing.DSO(), figures.Places))
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// Table is every indicator beside that of the period before, one line each.
func (k KPIs) Table() sheet.Table {
	t := sheet.Table{Name: "Indicators", Heading: []string{"From", "As of", "Currency", "Figure", "Unit", "Value", "Before"}}
	for _, s := range k.Sections {
		before := s.Before.Values()
		for i, v := range s.Now.Values() {
			places := placesOf(v.Unit, s.Currency)
			t.Rows = append(t.Rows, []sheet.Cell{
				sheet.Day(k.From), sheet.Day(k.On), sheet.Words(string(s.Currency)), sheet.Words(strings.ReplaceAll(string(v.Name), "_", " ")),
				sheet.Words(string(v.Unit)), sheet.Perhaps(v.Value, places), sheet.Perhaps(before[i].Value, places),
			})
		}
	}
	return t
}

// RowsTable is what a figure counts, one line each.
func RowsTable(rows []FigureRow) sheet.Table {
	t := sheet.Table{Name: "Rows", Heading: []string{
		"Document", "Kind", "Account", "Customer", "Entity", "On", "Due", "Currency", "Amount", "Of which", "Days", "Late", "Hours", "Tag",
	}}
	for _, r := range rows {
		due, days, late, hours := sheet.Words(""), sheet.Words(""), sheet.Words(""), sheet.Words("")
		if r.DueOn != nil {
			due = sheet.Day(*r.DueOn)
		}
		if r.Days != nil {
			days = sheet.Count(*r.Days)
		}
		if r.Late != nil {
			late = sheet.Count(*r.Late)
		}
		if r.Seconds != nil {
			hours = sheet.Amount(decimal.NewFromInt(*r.Seconds).DivRound(decimal.NewFromInt(3600), 2), 2)
		}
		t.Rows = append(t.Rows, []sheet.Cell{
			sheet.Words(r.Number), sheet.Words(r.Kind), sheet.Words(r.Account), sheet.Words(r.CustomerName), sheet.Words(r.EntityCode), sheet.Day(r.On), due,
			sheet.Words(string(r.Currency)), amountCell(r.Amount, r.Currency), amountCell(r.Part, r.Currency), days, late, hours, sheet.Words(r.Tag),
		})
	}
	return t
}

// placesOf is how many decimals a figure of a unit is written with.
func placesOf(unit figures.Unit, cur money.Currency) int32 {
	switch unit {
	case figures.Money:
		return cur.Digits()
	case figures.Count:
		return 0
	case figures.InDays, figures.InHours, figures.Share, figures.Times, figures.Thousandth:
	}
	return figures.Places
}
