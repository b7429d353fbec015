package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/errs"
	"makegood/internal/money"
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
	Total         Money         `json:"total"`
	Open          Money         `json:"open"`
	Disputed      Money         `json:"disputed"`
	Lines         []InvoiceLine `json:"lines,omitempty"`
	CreditMemos   []string      `json:"credit_memos,omitempty"`
	Corrections   []Correction  `json:"corrections,omitempty" doc:"what it corrects and what corrected it, in the order of posting"`
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
	Net         Money  `json:"net"`
	TaxCategory string `json:"tax_category"`
	TaxRate     string `json:"tax_rate" doc:"per cent"`
	Credited    Money  `json:"credited_net"`
	Reserved    Money  `json:"reserved_net"`
	Remaining   Money  `json:"remaining_net"`
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
	out.Body.Open, out.Body.Disputed = moneyOf(d.Amount(d.Open.Open)), moneyOf(d.Amount(d.Open.Held))
	for _, l := range d.Lines {
		out.Body.Lines = append(out.Body.Lines, InvoiceLine{
			ID: int64(l.ID), LineNo: l.LineNo, Product: l.Product, Description: l.Description, Quantity: l.Quantity.String(), UnitPrice: l.UnitPrice.String(),
			Net: moneyOf(d.Amount(l.Net)), TaxCategory: l.TaxCategory, TaxRate: l.TaxRate.String(), Credited: moneyOf(d.Amount(l.Credited)),
			Reserved: moneyOf(d.Amount(l.Reserved)), Remaining: moneyOf(d.Amount(l.Remaining)),
		})
	}
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

type issueIn struct {
	Signed
	Body struct {
		Customer      string    `json:"customer" doc:"account number of the bill-to"`
		SoldTo        string    `json:"sold_to,omitempty" doc:"account number; the bill-to without it"`
		IssuedOn      string    `json:"issued_on,omitempty" doc:"today without it"`
		DueOn         string    `json:"due_on,omitempty" doc:"by the customer's terms without it"`
		ServiceFrom   string    `json:"service_from"`
		ServiceTo     string    `json:"service_to"`
		PurchaseOrder string    `json:"purchase_order,omitempty"`
		Lines         []NewLine `json:"lines" minItems:"1" maxItems:"500"`
	}
}

// NewLine is a line of an invoice to be issued.
type NewLine struct {
	Product     string `json:"product"`
	Description string `json:"description"`
	Quantity    string `json:"quantity"`
	UnitPrice   string `json:"unit_price"`
	TaxCategory string `json:"tax_category" doc:"UNCL 5305 code, e.g. S for standard"`
	TaxRate     string `json:"tax_rate" doc:"per cent"`
}

func (h *handlers) issueInvoice(ctx context.Context, in *issueIn) (*invoiceOut, error) {
	input, err := h.newInvoice(ctx, in)
	if err != nil {
		return nil, err
	}
	issued, err := h.Billing.IssueInvoice(ctx, input)
	if err != nil {
		return nil, err
	}
	return h.getInvoice(ctx, &InvoiceRef{Signed: in.Signed, Number: issued.Number})
}

func (h *handlers) newInvoice(ctx context.Context, in *issueIn) (billing.NewInvoice, error) {
	b := in.Body
	customer, err := h.customer(ctx, &CustomerRef{Signed: in.Signed, Account: b.Customer})
	if err != nil {
		return billing.NewInvoice{}, err
	}
	n := billing.NewInvoice{EntityID: customer.EntityID, CustomerID: customer.ID, SoldToID: customer.ID, Currency: customer.Currency, PurchaseOrder: b.PurchaseOrder, By: in.by}
	if b.SoldTo != "" {
		soldTo, err := h.customer(ctx, &CustomerRef{Signed: in.Signed, Account: b.SoldTo})
		if err != nil {
			return n, err
		}
		n.SoldToID = soldTo.ID
	}
	if n.IssuedOn, err = parseDate("issued_on", b.IssuedOn); err != nil {
		return n, err
	}
	if n.IssuedOn.IsZero() {
		n.IssuedOn = billing.Date(h.Reports.Reader().Now())
	}
	if n.DueOn, err = parseDate("due_on", b.DueOn); err != nil {
		return n, err
	}
	if n.DueOn.IsZero() {
		n.DueOn = n.IssuedOn.AddDate(0, 0, customer.TermsDays)
	}
	if n.ServiceFrom, err = parseDate("service_from", b.ServiceFrom); err != nil {
		return n, err
	}
	if n.ServiceTo, err = parseDate("service_to", b.ServiceTo); err != nil {
		return n, err
	}
	n.Lines, err = newLines(b.Lines)
	return n, err
}

func newLines(in []NewLine) ([]billing.NewLine, error) {
	lines := make([]billing.NewLine, 0, len(in))
	for _, l := range in {
		quantity, err1 := decimal.NewFromString(l.Quantity)
		price, err2 := decimal.NewFromString(l.UnitPrice)
		rate, err3 := decimal.NewFromString(l.TaxRate)
		if err1 != nil || err2 != nil || err3 != nil {
			return nil, errs.InvalidField("lines", money.ErrSyntax.Key, "text", l.Quantity+" × "+l.UnitPrice+", "+l.TaxRate+" %")
		}
		lines = append(lines, billing.NewLine{
			Product: l.Product, Description: l.Description, Quantity: quantity, UnitPrice: price, TaxCategory: l.TaxCategory, TaxRate: rate,
		})
	}
	return lines, nil
}
