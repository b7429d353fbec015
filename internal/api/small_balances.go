package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// SmallBalances says which rests of invoices are small.
type SmallBalances struct {
	Entity      string `json:"entity,omitempty" query:"entity" doc:"code; the first in scope without it"`
	Currency    string `json:"currency,omitempty" query:"currency" doc:"of the invoices; the entity's base currency without it"`
	Threshold   string `json:"threshold,omitempty" query:"threshold" default:"10" doc:"what may be open at most, in that currency"`
	DaysOverdue int    `json:"days_overdue,omitempty" query:"days_overdue" default:"90" minimum:"1" doc:"for how long at least"`
}

// SmallBalance is a small rest of an invoice.
type SmallBalance struct {
	Invoice      string `json:"invoice"`
	Customer     string `json:"customer"`
	CustomerName string `json:"customer_name"`
	DueOn        string `json:"due_on"`
	DaysOverdue  int    `json:"days_overdue"`
	Open         Money  `json:"open"`
	Unapplied    *Money `json:"unapplied,omitempty" doc:"what the customer has in the currency and did not use: better applied than given up"`
}

// SmallBalanceList is what one write-off would give up, the longest overdue first.
type SmallBalanceList struct {
	Entity string         `json:"entity"`
	Items  []SmallBalance `json:"items"`
	Total  Money          `json:"total"`
	More   bool           `json:"more" doc:"there are others; a further write-off takes them"`
}

type smallBalancesIn struct {
	Signed
	SmallBalances
}

type smallBalancesOut struct{ Body SmallBalanceList }

func (h *handlers) smallBalances(api huma.API) {
	add(h, api, operation[smallBalancesIn, smallBalancesOut]{at(http.MethodGet, "/small-balances", "list-small-balances", "What a small-balance write-off would give up: nothing disputed, promised or kept back", "collections"), h.listSmallBalances})
}

func (h *handlers) listSmallBalances(ctx context.Context, in *smallBalancesIn) (*smallBalancesOut, error) {
	list, currency, err := h.small(ctx, in.Signed, "", in.SmallBalances)
	if err != nil {
		return nil, err
	}
	out := &smallBalancesOut{Body: SmallBalanceList{Entity: list.Entity.Code, Items: []SmallBalance{}, More: list.More}}
	total := money.Zero(currency)
	for _, row := range list.Rows {
		open := money.Of(row.Open, currency)
		if total, err = total.Add(open); err != nil {
			return nil, err
		}
		item := SmallBalance{
			Invoice: row.Number, Customer: row.Account, CustomerName: row.CustomerName, DueOn: dateOf(row.DueOn), DaysOverdue: row.Overdue, Open: moneyOf(open),
		}
		if row.Unapplied.IsPositive() {
			unapplied := amountOf(row.Unapplied, currency)
			item.Unapplied = &unapplied
		}
		out.Body.Items = append(out.Body.Items, item)
	}
	out.Body.Total = moneyOf(total)
	return out, nil
}

// small reads what is small by a query whose fields stand under a prefix.
func (h *handlers) small(ctx context.Context, s Signed, prefix string, q SmallBalances) (billing.SmallBalances, money.Currency, error) {
	var none billing.SmallBalances
	if err := books(s, 0); err != nil {
		return none, "", err
	}
	entities, err := h.visibleEntities(ctx, s, q.Entity)
	if err != nil {
		return none, "", err
	}
	if len(entities) == 0 {
		return none, "", fieldOr(billing.ErrNoEntity, prefix+"entity", billing.ErrNoEntity)
	}
	currency := entities[0].BaseCurrency
	if q.Currency != "" {
		if currency, err = money.ParseCurrency(q.Currency); err != nil {
			return none, "", errs.InvalidField(prefix+"currency", errs.KeyOf(err), "currency", q.Currency)
		}
	}
	threshold, err := decimalOf(prefix+"threshold", q.Threshold)
	if err != nil {
		return none, "", err
	}
	list, err := h.Billing.SmallBalances(ctx, billing.SmallBalanceFilter{
		EntityID: entities[0].ID, Currency: currency, Threshold: threshold, DaysOverdue: q.DaysOverdue,
	}, s.by)
	return list, currency, err
}

// smallBalances are what a write-off gives up where it names no document but what is small.
func (b *builder) smallBalances(ctx context.Context, p Proposal) error {
	if p.SmallBalances == nil {
		return nil
	}
	if b.in.Kind != billing.WriteOff || len(p.Items) > 0 {
		return errs.InvalidField("small_balances", "credits.small_balances_alone")
	}
	list, currency, err := b.small(ctx, b.s, "small_balances.", *p.SmallBalances)
	if err != nil {
		return err
	}
	b.currency = currency
	for _, row := range list.Rows {
		if !row.Unapplied.IsPositive() && row.AskedBy == "" {
			b.in.Items = append(b.in.Items, billing.ItemPart{Kind: billing.InvoiceItem, ID: int64(row.InvoiceID), Amount: row.Open})
		}
	}
	if len(b.in.Items) == 0 {
		return errs.InvalidField("small_balances", "credits.no_small_balances")
	}
	return nil
}
