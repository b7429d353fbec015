package api

import (
	"context"

	"github.com/shopspring/decimal"

	"makegood/billing"
)

// Content is a proposal worked out to the last cent: what is approved and posted. Which members are there depends on
// the kind.
type Content struct {
	Lines       []ContentLine `json:"lines,omitempty" doc:"what is given back, line by line"`
	Taxes       []ContentTax  `json:"taxes,omitempty"`
	Rounding    *Money        `json:"rounding,omitempty" doc:"cash rounding that goes with it"`
	ToRefund    *Money        `json:"to_refund,omitempty" doc:"part of a credit that is paid out"`
	Outside     *Money        `json:"settled_outside,omitempty" doc:"part of a credit that was settled another way"`
	Items       []ContentItem `json:"items,omitempty" doc:"refund, transfer: taken from these; write-off: given up on these invoices"`
	ToCustomer  string        `json:"to_customer,omitempty" doc:"of a transfer: account number"`
	Reverses    string        `json:"reverses,omitempty" doc:"number of what is taken back"`
	Bill        *ContentBill  `json:"bill,omitempty" doc:"what is charged"`
	Method      string        `json:"method,omitempty" doc:"how a refund is paid"`
	Destination string        `json:"destination,omitempty" doc:"where a refund goes, masked"`
}

// ContentLine is what is given back on one invoice line, or on account.
type ContentLine struct {
	InvoiceLine int64  `json:"invoice_line_id,omitempty" doc:"none on account"`
	Description string `json:"description"`
	Quantity    string `json:"quantity,omitempty"`
	Amount      Money  `json:"amount" doc:"in the price basis of the invoice: with tax where its prices include it"`
	Discount    Money  `json:"discount" doc:"share of the document discount that goes back with it"`
	Net         Money  `json:"net"`
	Tax         Money  `json:"tax"`
	TaxRate     string `json:"tax_rate" doc:"per cent"`
}

// ContentTax is one tax of what is given back or charged.
type ContentTax struct {
	Code     string `json:"code,omitempty"`
	Category string `json:"category"`
	Rate     string `json:"rate" doc:"per cent"`
	Net      Money  `json:"net"`
	Tax      Money  `json:"tax"`
}

// ContentItem is a part of an open document.
type ContentItem struct {
	Kind      string `json:"kind" enum:"invoice,payment,credit_memo,transfer"`
	Document  string `json:"document" doc:"its number"`
	Amount    Money  `json:"amount"`
	TaxRelief *Money `json:"tax_relief,omitempty" doc:"of a write-off: the tax that comes back"`
}

// ContentBill is what a debit memo or the new invoice of a rebill charges.
type ContentBill struct {
	DueOn string       `json:"due_on"`
	Lines []BilledLine `json:"lines"`
	Taxes []ContentTax `json:"taxes"`
	Net   Money        `json:"net"`
	Tax   Money        `json:"tax"`
	Total Money        `json:"total"`
}

// BilledLine is a line that is charged.
type BilledLine struct {
	Description string `json:"description"`
	Quantity    string `json:"quantity"`
	UnitPrice   string `json:"unit_price"`
	Net         Money  `json:"net"`
	TaxRate     string `json:"tax_rate" doc:"per cent"`
}

// contentOf writes an adjustment as the API shows it.
func (h *handlers) contentOf(ctx context.Context, a billing.Adjustment) (Content, error) {
	sum := func(d decimal.Decimal) Money { return moneyOf(a.SumOf(d)) }
	some := func(d decimal.Decimal) *Money {
		if d.IsZero() {
			return nil
		}
		m := sum(d)
		return &m
	}
	c := Content{
		Rounding: some(a.Rounding), ToRefund: some(a.ToRefund), Outside: some(a.SettledOutside), Reverses: a.Reverses.Number,
		Method: a.Method, Destination: a.Destination,
	}
	for _, l := range a.Lines {
		line := ContentLine{
			InvoiceLine: int64(l.InvoiceLineID), Description: l.Description, Amount: sum(l.Amount), Discount: sum(l.Discount), Net: sum(l.Net),
			Tax: sum(l.TaxShare), TaxRate: l.TaxRate.String(),
		}
		if l.Quantity != nil {
			line.Quantity = l.Quantity.String()
		}
		c.Lines = append(c.Lines, line)
	}
	for _, t := range a.Taxes {
		c.Taxes = append(c.Taxes, ContentTax{Code: t.Code, Category: t.Category, Rate: t.Rate.String(), Net: sum(t.Net), Tax: sum(t.Tax)})
	}
	for _, i := range a.Items {
		c.Items = append(c.Items, ContentItem{Kind: string(i.Kind), Document: i.Number, Amount: sum(i.Amount), TaxRelief: some(i.Tax)})
	}
	if a.Bill != nil {
		c.Bill = billedOf(a)
	}
	if a.ToCustomerID == 0 {
		return c, nil
	}
	to, err := h.Billing.CustomerByID(ctx, h.Reports.Reader(), a.ToCustomerID)
	c.ToCustomer = to.Account
	return c, err
}

func billedOf(a billing.Adjustment) *ContentBill {
	sum := func(d decimal.Decimal) Money { return moneyOf(a.SumOf(d)) }
	p := a.Billed
	b := &ContentBill{DueOn: dateOf(a.Bill.DueOn), Net: sum(p.Net), Tax: sum(p.Tax), Total: sum(p.Net.Add(p.Tax).Add(p.Rounding)), Lines: []BilledLine{}, Taxes: []ContentTax{}}
	for _, l := range p.Lines {
		b.Lines = append(b.Lines, BilledLine{
			Description: l.Description, Quantity: l.Quantity.String(), UnitPrice: l.UnitPrice.String(), Net: sum(l.Net), TaxRate: l.TaxRate.String(),
		})
	}
	for _, t := range p.Taxes {
		b.Taxes = append(b.Taxes, ContentTax{Code: t.Code, Category: t.Category, Rate: t.Rate.String(), Net: sum(t.Net), Tax: sum(t.Tax)})
	}
	return b
}
