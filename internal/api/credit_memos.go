package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/web"
)

// CreditMemo is a posted credit memo.
type CreditMemo struct {
	Number        string      `json:"number"`
	Customer      string      `json:"customer" doc:"account number"`
	Invoice       string      `json:"invoice" doc:"the original invoice"`
	Kind          string      `json:"kind"`
	Reason        string      `json:"reason_code"`
	IssuedOn      string      `json:"issued_on"`
	Net           Money       `json:"net"`
	Tax           Money       `json:"tax"`
	Total         Money       `json:"total"`
	ToInvoice     Money       `json:"to_invoice" doc:"what lowered the invoice"`
	ToBalance     Money       `json:"to_balance" doc:"what stays as the customer's credit"`
	ToRefund      Money       `json:"to_refund" doc:"what was paid back"`
	Outside       Money       `json:"settled_outside" doc:"what was settled another way"`
	Rounding      Money       `json:"rounding" doc:"cash rounding mirrored from the invoice"`
	Origin        string      `json:"origin" enum:"issued,imported"`
	CreditRequest *int64      `json:"credit_request_id,omitempty"`
	RebilledAs    string      `json:"rebilled_as,omitempty" doc:"number of the invoice that replaces what a rebill credited"`
	Lines         []MemoLine  `json:"lines,omitempty"`
	Elsewhere     []Elsewhere `json:"elsewhere,omitempty" doc:"where its entity issues in another system too: the issue, then the voiding"`
}

// MemoLine is a line of a credit memo.
type MemoLine struct {
	InvoiceLine *int64 `json:"invoice_line_id,omitempty" doc:"none for a credit on account"`
	Description string `json:"description"`
	Net         Money  `json:"net"`
	TaxRate     string `json:"tax_rate"`
	Tax         Money  `json:"tax"`
}

// MemoRef names a credit memo.
type MemoRef struct {
	Signed
	Number string `path:"number"`
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
	add(h, api, operation[MemoRef, memoOut]{at(http.MethodGet, "/credit-memos/{number}", "get-credit-memo", "Read a credit memo", "credit memos"), h.getMemo})
	describePDF(api)
}

// describePDF puts the addresses of papers into the description of the API. The router takes /credit-memos/X.pdf for the
// credit memo "X.pdf", so it is answered by documents.
func describePDF(api huma.API) {
	for _, p := range []struct{ path, id, what, tag string }{
		{"/invoices/{number}.pdf", "invoice-pdf", "The invoice of a rebill, as the customer got it", "invoices"},
		{"/invoices/{number}.xml", "invoice-xml", "Its electronic form, UBL 2.1 for Peppol", "invoices"},
		{"/credit-memos/{number}.pdf", "credit-memo-pdf", "The document the customer got", "credit memos"},
		{"/credit-memos/{number}.xml", "credit-memo-xml", "Its electronic form, UBL 2.1 for Peppol", "credit memos"},
		{"/debit-memos/{number}.pdf", "debit-memo-pdf", "The document the customer got", "debit memos"},
		{"/debit-memos/{number}.xml", "debit-memo-xml", "Its electronic form, UBL 2.1 for Peppol", "debit memos"},
		{"/refunds/{number}.pdf", "refund-pdf", "The refund advice", "refunds"},
	} {
		mediaType := billing.PDF
		if strings.HasSuffix(p.path, ".xml") {
			mediaType = billing.XML
		}
		op := at(http.MethodGet, p.path, p.id, p.what, p.tag)
		op.Parameters = []*huma.Param{{Name: "number", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}}
		op.Responses = map[string]*huma.Response{"200": {
			Description: "OK", Content: map[string]*huma.MediaType{mediaType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}}
		api.OpenAPI().AddOperation(&op)
	}
}

// papered are the resources whose documents have papers, by the kind of document.
func papered(path string) (billing.DocumentKind, bool) {
	switch path {
	case "/api/v1/credit-memos/:number":
		return billing.MemoDoc, true
	case "/api/v1/invoices/:number":
		return billing.InvoiceDoc, true
	case "/api/v1/debit-memos/:number":
		return billing.DebitDoc, true
	case "/api/v1/refunds/:number":
		return billing.RefundDoc, true
	}
	return "", false
}

// documents answers requests for a document's number with .pdf behind it, or .xml for its electronic form.
func (h *handlers) documents(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		number, isPDF := strings.CutSuffix(c.Param("number"), ".pdf")
		number, isXML := strings.CutSuffix(number, ".xml")
		kind, hasPaper := papered(c.Path())
		if !isPDF && !isXML || !hasPaper {
			return next(c)
		}
		ctx := c.Request().Context()
		found, err := h.paperOf(ctx, &MemoRef{Signed: Signed{by: web.Actor(c)}, Number: number}, kind)
		if err != nil {
			return err
		}
		render := h.Billing.Render
		if isXML {
			render = h.Billing.RenderXML
		}
		document, err := render(ctx, found)
		if err != nil {
			return err
		}
		c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="`+document.Filename+`"`)
		return c.Blob(http.StatusOK, document.MediaType, document.Content)
	}
}

// paperOf finds a document of a kind that the caller may see.
func (h *handlers) paperOf(ctx context.Context, in *MemoRef, kind billing.DocumentKind) (billing.DocumentRef, error) {
	if kind == billing.MemoDoc { // imported ones too
		m, err := h.memo(ctx, in)
		return billing.DocumentRef{Kind: kind, ID: int64(m.ID)}, err
	}
	found, err := h.Billing.PaperedByNumber(ctx, h.Reports.Reader(), in.Number)
	isInvoice := kind == billing.InvoiceDoc && found.Kind == billing.DebitDoc // a debit memo is read as an invoice too
	if err == nil && found.Kind != kind && !isInvoice {
		err = billing.ErrNoAdjustment
	}
	if err != nil {
		return billing.DocumentRef{}, err
	}
	return found.DocumentRef, books(in.Signed, found.EntityID)
}

func memoOf(m billing.CreditMemo, account, invoice string) CreditMemo {
	return CreditMemo{
		Number: m.Number, Customer: account, Invoice: invoice, Kind: string(m.Kind), Reason: m.ReasonCode, IssuedOn: dateOf(m.IssuedOn),
		Net: moneyOf(m.Amount(m.Net)), Tax: moneyOf(m.Amount(m.Tax)), Total: moneyOf(m.Amount(m.Total)), ToInvoice: moneyOf(m.Amount(m.ToInvoice)),
		ToBalance: moneyOf(m.Amount(m.ToBalance)), ToRefund: moneyOf(m.Amount(m.ToRefund)), Outside: moneyOf(m.Amount(m.SettledOutside)),
		Rounding: moneyOf(m.Amount(m.Rounding)), Origin: string(m.Origin), CreditRequest: m.CreditRequestID,
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
	out.Body.RebilledAs = m.RebilledAs
	for _, l := range m.Lines {
		out.Body.Lines = append(out.Body.Lines, MemoLine{
			InvoiceLine: (*int64)(l.InvoiceLineID), Description: l.Description, Net: moneyOf(m.Amount(l.Net)), TaxRate: l.TaxRate.String(), Tax: moneyOf(m.Amount(l.TaxShare)),
		})
	}
	for _, p := range m.Elsewhere {
		out.Body.Elsewhere = append(out.Body.Elsewhere, h.elsewhereOf(p, m.CreditMemo))
	}
	return out, nil
}
