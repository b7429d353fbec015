package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
)

// Invoice is an invoice as the API shows it.
type Invoice struct {
	Number        string        `json:"number"`
	Customer      string        `json:"customer" doc:"account number"`
	EntityID      int64         `json:"entity_id"`
	IssuedOn      string        `json:"issued_on"`
	DueOn         string        `json:"due_on"`
	ServiceFrom   string        `json:"service_from"`
	ServiceTo     string        `json:"service_to"`
	PurchaseOrder string        `json:"purchase_order,omitempty"`
	Net           Money         `json:"net"`
	Tax           Money         `json:"tax"`
	Rounding      Money         `json:"rounding" doc:"cash rounding, up or down"`
	Total         Money         `json:"total" doc:"net, tax and rounding"`
	Withholding   Money         `json:"withholding" doc:"what the customer is to withhold for the tax authority; noted, part of the total"`
	Open          Money         `json:"open"`
	Disputed      Money         `json:"disputed"`
	Lines         []InvoiceLine `json:"lines,omitempty"`

	PricesIncludeTax bool              `json:"prices_include_tax,omitempty"`
	Discounts        []InvoiceDiscount `json:"discounts,omitempty" doc:"on the document, in its price basis; already taken off the lines"`
	Taxes            []InvoiceTax      `json:"taxes,omitempty" doc:"where tax belongs: each once, on the sum of its lines"`
	CreditMemos      []string          `json:"credit_memos,omitempty"`
	Corrections      []Correction      `json:"corrections,omitempty" doc:"what it corrects and what corrected it, in the order of posting"`
}

// Correction is a document in the history of an invoice.
type Correction struct {
	Link   string `json:"link" enum:"replaces,charges_more_on,replaced_by,charged_by,credited_by,written_off_by,refunded_by,moved_by,taken_back_by"`
	Kind   string `json:"kind" doc:"of the document"`
	Number string `json:"number"`
	On     string `json:"on"`
	Amount Money  `json:"amount" doc:"of the document, or of its part on this invoice"`
	About  string `json:"about,omitempty" doc:"the document that a refund or transfer comes out of or that a reversal takes back, where it is not this invoice"`
}

// InvoiceLine is a line of an invoice, with what may still be credited on it.
type InvoiceLine struct {
	ID          int64  `json:"id"`
	LineNo      int    `json:"line_no"`
	Product     string `json:"product"`
	Description string `json:"description"`
	Quantity    string `json:"quantity"`
	UnitPrice   string `json:"unit_price"`
	List        Money  `json:"list" doc:"quantity × unit price in the price basis of the invoice, before document discounts"`
	Discount    Money  `json:"discount" doc:"its share of a document discount"`
	Charge      bool   `json:"charge,omitempty" doc:"for the document as a whole, such as freight"`
	Net         Money  `json:"net"`
	TaxCategory string `json:"tax_category"`
	TaxRate     string `json:"tax_rate" doc:"per cent"`
	Credited    Money  `json:"credited_net"`
	Reserved    Money  `json:"reserved_net"`
	Remaining   Money  `json:"remaining_net"`
}

// InvoiceDiscount is a discount on an invoice as a whole, or on some of its lines.
type InvoiceDiscount struct {
	Label  string `json:"label"`
	Amount Money  `json:"amount"`
}

// InvoiceTax is the tax of an invoice for one code, category and rate.
type InvoiceTax struct {
	Code     string `json:"code,omitempty" doc:"of a further tax on the same lines, such as a city's"`
	Category string `json:"category"`
	Rate     string `json:"rate" doc:"per cent"`
	Net      Money  `json:"net"`
	Tax      Money  `json:"tax"`
}

// InvoiceRef names an invoice.
type InvoiceRef struct {
	Signed
	Number string `path:"number"`
}

type invoiceOut struct{ Body Invoice }

type invoiceListIn struct {
	Signed
	Paging
	Customer string `query:"customer" doc:"account number"`
	Query    string `query:"q"`
	Open     bool   `query:"open" doc:"only those with something open"`
	Overdue  bool   `query:"overdue"`
}

func (h *handlers) invoices(api huma.API) {
	add(h, api, operation[invoiceListIn, listOut[Invoice]]{at(http.MethodGet, "/invoices", "list-invoices", "List invoices, newest first", "invoices"), h.listInvoices})
	add(h, api, operation[InvoiceRef, invoiceOut]{at(http.MethodGet, "/invoices/{number}", "get-invoice", "Read an invoice with its lines", "invoices"), h.getInvoice})
	add(h, api, operation[issueIn, invoiceOut]{created("/invoices", "issue-invoice", "Issue an invoice", "invoices"), h.issueInvoice})
}

func invoiceOf(i billing.Invoice, account string) Invoice {
	return Invoice{
		Number: i.Number, Customer: account, EntityID: int64(i.EntityID), IssuedOn: dateOf(i.IssuedOn), DueOn: dateOf(i.DueOn),
		ServiceFrom: dateOf(i.ServiceFrom), ServiceTo: dateOf(i.ServiceTo), PurchaseOrder: i.PurchaseOrder,
		Net: moneyOf(i.Amount(i.Net)), Tax: moneyOf(i.Amount(i.Tax)), Total: moneyOf(i.Amount(i.Total)),
		Rounding: moneyOf(i.Amount(i.Rounding)), Withholding: moneyOf(i.Amount(i.Withholding)), PricesIncludeTax: i.PricesIncludeTax,
	}
}

func (h *handlers) listInvoices(ctx context.Context, in *invoiceListIn) (*listOut[Invoice], error) {
	if err := books(in.Signed, 0); err != nil {
		return nil, err
	}
	f := billing.InvoiceFilter{Query: in.Query, OpenOnly: in.Open, Overdue: in.Overdue, EntityIDs: entitiesOf(in.Signed), After: in.Cursor, Limit: in.Limit}
	if in.Customer != "" {
		c, err := h.customer(ctx, &CustomerRef{Signed: in.Signed, Account: in.Customer})
		if err != nil {
			return nil, err
		}
		f.CustomerID = c.ID
	}
	found, err := h.Billing.Invoices(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &listOut[Invoice]{Body: list[Invoice]{Items: []Invoice{}, NextCursor: found.Next}}
	for _, row := range found.Rows {
		one := invoiceOf(row.Invoice, row.Account)
		one.Open, one.Disputed = moneyOf(row.Amount(row.Open)), moneyOf(row.Amount(row.Held))
		out.Body.Items = append(out.Body.Items, one)
	}
	return out, nil
}

func (h *handlers) getInvoice(ctx context.Context, in *InvoiceRef) (*invoiceOut, error) {
	r := h.Reports.Reader()
	found, err := h.Billing.InvoiceByNumber(ctx, r, in.Number)
	if err != nil {
		return nil, err
	}
	if err := books(in.Signed, found.EntityID); err != nil {
		return nil, err
	}
	d, err := h.Billing.InvoiceDetail(ctx, r, found.ID)
	if err != nil {
		return nil, err
	}
	out := &invoiceOut{Body: invoiceOf(d.Invoice, d.Customer.Account)}
	out.Body.Open, out.Body.Disputed = moneyOf(d.Amount(d.Open.Open)), moneyOf(d.Amount(d.Open.Disputed()))
	out.Body.parts(d)
	for _, m := range d.Memos {
		out.Body.CreditMemos = append(out.Body.CreditMemos, m.Number)
	}
	corrections, err := h.Billing.Corrections(ctx, r, d.ID)
	for _, c := range corrections {
		out.Body.Corrections = append(out.Body.Corrections, Correction{
			Link: string(c.Link), Kind: c.Kind, Number: c.Number, On: dateOf(c.On), Amount: moneyOf(d.Amount(c.Amount)), About: c.About,
		})
	}
	return out, err
}

// parts are the lines, document discounts and taxes of an invoice.
func (i *Invoice) parts(d billing.InvoiceDetail) {
	for _, l := range d.Lines {
		i.Lines = append(i.Lines, InvoiceLine{
			ID: int64(l.ID), LineNo: l.LineNo, Product: l.Product, Description: l.Description, Quantity: l.Quantity.String(), UnitPrice: l.UnitPrice.String(),
			Net: moneyOf(d.Amount(l.Net)), TaxCategory: l.TaxCategory, TaxRate: l.TaxRate.String(), Credited: moneyOf(d.Amount(l.Credited)),
			List: moneyOf(d.Amount(l.List)), Discount: moneyOf(d.Amount(l.Discount)), Charge: l.Charge,
			Reserved: moneyOf(d.Amount(l.Reserved)), Remaining: moneyOf(d.Amount(l.Remaining)),
		})
	}
	for _, x := range d.Discounts {
		i.Discounts = append(i.Discounts, InvoiceDiscount{Label: x.Label, Amount: moneyOf(d.Amount(x.Amount))})
	}
	for _, t := range d.Taxes {
		i.Taxes = append(i.Taxes, InvoiceTax{Code: t.Code, Category: t.Category, Rate: t.Rate.String(), Net: moneyOf(d.Amount(t.Net)), Tax: moneyOf(d.Amount(t.Tax))})
	}
}
