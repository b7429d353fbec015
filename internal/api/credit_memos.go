package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
)

// CreditMemo is a posted credit memo.
type CreditMemo struct {
	Number        string     `json:"number"`
	Customer      string     `json:"customer" doc:"account number"`
	Invoice       string     `json:"invoice" doc:"the original invoice"`
	Kind          string     `json:"kind"`
	Reason        string     `json:"reason_code"`
	IssuedOn      string     `json:"issued_on"`
	Net           Money      `json:"net"`
	Tax           Money      `json:"tax"`
	Total         Money      `json:"total"`
	ToInvoice     Money      `json:"to_invoice" doc:"what lowered the invoice"`
	ToBalance     Money      `json:"to_balance" doc:"what stays as the customer's credit"`
	CreditRequest int64      `json:"credit_request_id"`
	Lines         []MemoLine `json:"lines,omitempty"`
}

// MemoLine is a line of a credit memo.
type MemoLine struct {
	InvoiceLine int64  `json:"invoice_line_id"`
	Description string `json:"description"`
	Net         Money  `json:"net"`
	TaxRate     string `json:"tax_rate"`
	Tax         Money  `json:"tax"`
}

// MemoRef names a credit memo.
type MemoRef struct {
	Signed
	Number string `path:"number" doc:"number; with .pdf behind it the document itself"`
}

type memoOut struct{ Body CreditMemo }

type memoListIn struct {
	Signed
	Paging
	Customer string `query:"customer" doc:"account number"`
	Invoice  string `query:"invoice" doc:"number"`
	Kind     string `query:"kind"`
	Query    string `query:"q"`
}

func (h *handlers) creditMemos(api huma.API) {
	add(h, api, operation[memoListIn, listOut[CreditMemo]]{at(http.MethodGet, "/credit-memos", "list-credit-memos", "List credit memos, newest first", "credit memos"), h.listMemos})
	add(h, api, operation[MemoRef, huma.StreamResponse]{at(http.MethodGet, "/credit-memos/{number}.pdf", "credit-memo-pdf", "The document the customer got", "credit memos"), h.memoPDF})
	add(h, api, operation[MemoRef, memoOut]{at(http.MethodGet, "/credit-memos/{number}", "get-credit-memo", "Read a credit memo", "credit memos"), h.getMemo})
}

func memoOf(m billing.CreditMemo, account, invoice string) CreditMemo {
	return CreditMemo{
		Number: m.Number, Customer: account, Invoice: invoice, Kind: string(m.Kind), Reason: m.ReasonCode, IssuedOn: dateOf(m.IssuedOn),
		Net: moneyOf(m.Amount(m.Net)), Tax: moneyOf(m.Amount(m.Tax)), Total: moneyOf(m.Amount(m.Total)), ToInvoice: moneyOf(m.Amount(m.ToInvoice)),
		ToBalance: moneyOf(m.Amount(m.ToBalance)), CreditRequest: m.CreditRequestID,
	}
}

func (h *handlers) listMemos(ctx context.Context, in *memoListIn) (*listOut[CreditMemo], error) {
	if err := books(in.Signed, 0); err != nil {
		return nil, err
	}
	f := billing.MemoFilter{Kind: billing.Kind(in.Kind), Query: in.Query, EntityIDs: entitiesOf(in.Signed), After: in.Cursor, Limit: in.Limit}
	if in.Customer != "" {
		c, err := h.customer(ctx, &CustomerRef{Signed: in.Signed, Account: in.Customer})
		if err != nil {
			return nil, err
		}
		f.CustomerID = c.ID
	}
	if in.Invoice != "" {
		invoice, err := h.Billing.InvoiceByNumber(ctx, h.Reports.Reader(), in.Invoice)
		if err != nil {
			return nil, err
		}
		f.InvoiceID = invoice.ID
	}
	found, err := h.Billing.Memos(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &listOut[CreditMemo]{Body: list[CreditMemo]{Items: []CreditMemo{}, NextCursor: found.Next}}
	for _, row := range found.Rows {
		out.Body.Items = append(out.Body.Items, memoOf(row.CreditMemo, row.Account, row.InvoiceNumber))
	}
	return out, nil
}

func (h *handlers) memo(ctx context.Context, in *MemoRef) (billing.MemoDetail, error) {
	m, err := h.Billing.MemoByNumber(ctx, h.Reports.Reader(), in.Number)
	if err != nil {
		return m, err
	}
	return m, books(in.Signed, m.EntityID)
}

func (h *handlers) getMemo(ctx context.Context, in *MemoRef) (*memoOut, error) {
	m, err := h.memo(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &memoOut{Body: memoOf(m.CreditMemo, m.Customer.Account, m.Invoice.Number)}
	for _, l := range m.Lines {
		out.Body.Lines = append(out.Body.Lines, MemoLine{
			InvoiceLine: int64(l.InvoiceLineID), Description: l.Description, Net: moneyOf(m.Amount(l.Net)), TaxRate: l.TaxRate.String(), Tax: moneyOf(m.Amount(l.TaxShare)),
		})
	}
	return out, nil
}

func (h *handlers) memoPDF(ctx context.Context, in *MemoRef) (*huma.StreamResponse, error) {
	in.Number = strings.TrimSuffix(in.Number, ".pdf")
	m, err := h.memo(ctx, in)
	if err != nil {
		return nil, err
	}
	document, err := h.Billing.RenderMemo(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", document.MediaType)
		ctx.SetHeader("Content-Disposition", `attachment; filename="`+m.Number+`.pdf"`)
		_, _ = ctx.BodyWriter().Write(document.Content)
	}}, nil
}
