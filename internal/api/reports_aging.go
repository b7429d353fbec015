package api

import (
	"context"

	"makegood/billing/figures"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/internal/sheet"
)

// Aging is the receivable of a day by age.
type Aging struct {
	AsOf     string         `json:"as_of"`
	Basis    string         `json:"basis"`
	Sections []AgingSection `json:"sections" doc:"one a currency"`
	aging    reports.Aging
}

func (a Aging) table() sheet.Table { return a.aging.Table() }

// AgingSection is one currency's aging. The ranges add up to the receivable; what is unapplied is never taken off.
type AgingSection struct {
	Currency   string       `json:"currency"`
	Receivable AgingRange   `json:"receivable"`
	Owed       []AgingRange `json:"owed"`
	Cash       []AgingRange `json:"unapplied_cash"`
	Credits    []AgingRange `json:"unapplied_credits"`
}

// AgingRange is a range of ages.
type AgingRange struct {
	Range     string `json:"range" example:"31-60"`
	Documents int    `json:"documents"`
	Open      Money  `json:"open"`
	Disputed  Money  `json:"disputed" doc:"the part of open that is contested"`
}

type agingIn struct {
	Receivables
	Ranges
}

func (h *handlers) aging(ctx context.Context, in *agingIn) (Aging, error) {
	scope, err := in.scope()
	if err != nil {
		return Aging{}, err
	}
	buckets, err := in.parse()
	if err != nil {
		return Aging{}, err
	}
	found, err := h.Reports.Receivables().Aging(ctx, scope, buckets)
	if err != nil {
		return Aging{}, err
	}
	out := Aging{AsOf: dateOf(found.On), Basis: basisOf(found.Basis), Sections: []AgingSection{}, aging: found}
	for _, s := range found.Sections {
		out.Sections = append(out.Sections, AgingSection{
			Currency: string(s.Currency), Receivable: rangeOf(s.Receivable, s.Currency), Owed: rangesOf(s.Owed, s.Currency),
			Cash: rangesOf(s.Unapplied.Cash, s.Currency), Credits: rangesOf(s.Unapplied.Credits, s.Currency),
		})
	}
	return out, nil
}

func rangeOf(a figures.Aged, cur money.Currency) AgingRange {
	return AgingRange{Range: a.Bucket, Documents: a.Count, Open: amountOf(a.Open, cur), Disputed: amountOf(a.Disputed, cur)}
}

func rangesOf(list []figures.Aged, cur money.Currency) []AgingRange {
	out := make([]AgingRange, len(list))
	for i, a := range list {
		out[i] = rangeOf(a, cur)
	}
	return out
}

// RowPaging is Paging for the rows behind a figure, which a spreadsheet wants more of at once.
type RowPaging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"10000" default:"50"`
	Cursor string `query:"cursor" doc:"next_cursor of the page before"`
}

// AgingCustomers is a page of the customers behind an aging.
type AgingCustomers struct {
	Items      []AgingCustomer `json:"items"`
	NextCursor string          `json:"next_cursor,omitempty"`
	buckets    figures.Buckets
	rows       []reports.AgingCustomer
}

func (a AgingCustomers) table() sheet.Table { return reports.CustomersTable(a.buckets, a.rows) }

// AgingCustomer is what one customer owes in one currency.
type AgingCustomer struct {
	Account   string           `json:"account"`
	Name      string           `json:"name"`
	Open      Money            `json:"open"`
	Disputed  Money            `json:"disputed"`
	Unapplied Money            `json:"unapplied"`
	ByAge     map[string]Money `json:"by_age" doc:"by the name of the range"`
}

type agingCustomersIn struct {
	Receivables
	Ranges
	RowPaging
	Section string `query:"section" doc:"currency of the section; all without it"`
}

func (h *handlers) agingCustomers(ctx context.Context, in *agingCustomersIn) (AgingCustomers, error) {
	scope, err := in.scope()
	if err != nil {
		return AgingCustomers{}, err
	}
	buckets, err := in.parse()
	if err != nil {
		return AgingCustomers{}, err
	}
	page, err := h.Reports.Receivables().AgingCustomers(ctx, scope, buckets, reports.CustomerRows{
		Section: money.Currency(in.Section), After: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return AgingCustomers{}, err
	}
	out := AgingCustomers{Items: []AgingCustomer{}, NextCursor: page.Next, buckets: buckets, rows: page.Rows}
	for _, r := range page.Rows {
		one := AgingCustomer{
			Account: r.Account, Name: r.Name, Open: amountOf(r.Open, r.Currency), Disputed: amountOf(r.Disputed, r.Currency),
			Unapplied: amountOf(r.Unapplied, r.Currency), ByAge: map[string]Money{},
		}
		for i, part := range r.ByAge {
			one.ByAge[buckets.Name(i)] = amountOf(part, r.Currency)
		}
		out.Items = append(out.Items, one)
	}
	return out, nil
}

// AgingItems is a page of the documents behind an aging.
type AgingItems struct {
	Items      []AgingItem `json:"items"`
	NextCursor string      `json:"next_cursor,omitempty"`
	buckets    figures.Buckets
	rows       []reports.AgingItem
}

func (a AgingItems) table() sheet.Table { return reports.ItemsTable(a.buckets, a.rows) }

// AgingItem is one document behind an aging.
type AgingItem struct {
	Number   string `json:"number"`
	Kind     string `json:"kind"`
	Side     string `json:"side" enum:"owed,unapplied_cash,unapplied_credit"`
	Customer string `json:"customer" doc:"account number"`
	Entity   string `json:"entity"`
	Dated    string `json:"dated"`
	DueOn    string `json:"due_on"`
	Days     int    `json:"days" doc:"past the due date, or since an unapplied amount came"`
	Range    string `json:"range"`
	Open     Money  `json:"open"`
	Disputed Money  `json:"disputed"`
}

type agingItemsIn struct {
	Receivables
	Ranges
	RowPaging
	Section  string `query:"section" doc:"currency of the section; all without it"`
	Side     string `query:"side" enum:"owed,unapplied_cash,unapplied_credit"`
	Range    string `query:"range" doc:"only one range, by its name" example:"31-60"`
	Customer string `query:"customer" doc:"account number"`
	Disputed bool   `query:"disputed" doc:"only those with something in dispute"`
}

func (h *handlers) agingItems(ctx context.Context, in *agingItemsIn) (AgingItems, error) {
	scope, err := in.scope()
	if err != nil {
		return AgingItems{}, err
	}
	buckets, err := in.parse()
	if err != nil {
		return AgingItems{}, err
	}
	page, err := h.Reports.Receivables().AgingItems(ctx, scope, buckets, reports.ItemRows{
		Section: money.Currency(in.Section), Side: figures.ItemKind(in.Side), Bucket: in.Range, Account: in.Customer, Disputed: in.Disputed,
		After: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return AgingItems{}, err
	}
	out := AgingItems{Items: []AgingItem{}, NextCursor: page.Next, buckets: buckets, rows: page.Rows}
	for _, r := range page.Rows {
		out.Items = append(out.Items, AgingItem{
			Number: r.Number, Kind: r.Kind, Side: string(r.Side), Customer: r.Account, Entity: r.EntityCode, Dated: dateOf(r.OpenedOn), DueOn: dateOf(r.DueOn),
			Days: r.Days, Range: buckets.Name(r.Bucket), Open: amountOf(r.Open, r.Currency), Disputed: amountOf(r.Disputed, r.Currency),
		})
	}
	return out, nil
}
