package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/internal/errs"
)

// DebitMemo is a bill that charges more, on an invoice or on account.
type DebitMemo struct {
	Number        string       `json:"number"`
	Customer      string       `json:"customer" doc:"account number"`
	Invoice       string       `json:"invoice,omitempty" doc:"the invoice it charges more on"`
	Reason        string       `json:"reason_code"`
	IssuedOn      string       `json:"issued_on"`
	DueOn         string       `json:"due_on"`
	Net           Money        `json:"net"`
	Tax           Money        `json:"tax"`
	Total         Money        `json:"total"`
	Open          Money        `json:"open" doc:"what is still to pay"`
	CreditRequest *int64       `json:"credit_request_id,omitempty"`
	TakenBackBy   string       `json:"taken_back_by,omitempty" doc:"number of the reversal"`
	Lines         []BilledLine `json:"lines,omitempty"`
}

// Refund is money paid back out of unapplied cash or credit.
type Refund struct {
	Number        string        `json:"number"`
	Customer      string        `json:"customer" doc:"account number"`
	Amount        Money         `json:"amount"`
	RefundedOn    string        `json:"refunded_on"`
	Method        string        `json:"method"`
	Destination   string        `json:"destination,omitempty" doc:"masked"`
	Reason        string        `json:"reason_code"`
	CreditRequest int64         `json:"credit_request_id"`
	TakenBackBy   string        `json:"taken_back_by,omitempty" doc:"number of the reversal"`
	Items         []ContentItem `json:"items,omitempty" doc:"what it was paid out of"`
	Payout        *Payout       `json:"payout,omitempty" doc:"how it was paid, once somebody who neither asked for it nor signed it said so"`
}

// Payout is how a refund was paid.
type Payout struct {
	PaidOn        string `json:"paid_on" format:"date"`
	BankReference string `json:"bank_reference"`
	PaidBy        int64  `json:"paid_by" doc:"user id"`
}

type payoutIn struct {
	DocumentIn
	Body struct {
		PaidOn        string `json:"paid_on" format:"date" doc:"in the calendar of the legal entity"`
		BankReference string `json:"bank_reference" minLength:"1" maxLength:"100"`
	}
}

type payoutsDueIn struct {
	Signed
	Entity string `query:"entity" doc:"code of a legal entity; all that the caller sees without it"`
	Cursor string `query:"cursor" doc:"next_cursor of the page before"`
}

// WriteOff is what was given up as uncollectable, on one invoice or on many.
type WriteOff struct {
	Number        string         `json:"number"`
	Customer      string         `json:"customer,omitempty" doc:"account number; none for a batch over several customers"`
	Amount        Money          `json:"amount"`
	TaxRelief     Money          `json:"tax_relief" doc:"the part of it that is tax and comes back"`
	WrittenOffOn  string         `json:"written_off_on"`
	Reason        string         `json:"reason_code"`
	CreditRequest int64          `json:"credit_request_id"`
	TakenBackBy   string         `json:"taken_back_by,omitempty" doc:"number of the reversal"`
	Invoices      int            `json:"invoices" doc:"how many"`
	Lines         []WriteOffLine `json:"lines,omitempty"`
}

// WriteOffLine is what was given up on one invoice.
type WriteOffLine struct {
	Invoice   string `json:"invoice"`
	Customer  string `json:"customer" doc:"account number"`
	Amount    Money  `json:"amount"`
	TaxRelief Money  `json:"tax_relief"`
}

// DocumentIn names a document.
type DocumentIn struct {
	Signed
	Number string `path:"number"`
}

type documentListIn struct {
	Signed
	Paging
	Customer string `query:"customer" doc:"account number"`
	Query    string `query:"q" doc:"part of the number or of the customer's name"`
}

type debitMemoOut struct{ Body DebitMemo }

type refundOut struct{ Body Refund }

type writeOffOut struct{ Body WriteOff }

func (h *handlers) adjustments(api huma.API) {
	add(h, api, operation[documentListIn, listOut[DebitMemo]]{at(http.MethodGet, "/debit-memos", "list-debit-memos", "List debit memos, newest first", "debit memos"), h.listDebitMemos})
	add(h, api, operation[DocumentIn, debitMemoOut]{at(http.MethodGet, "/debit-memos/{number}", "get-debit-memo", "Read a debit memo with its lines", "debit memos"), h.getDebitMemo})
	add(h, api, operation[documentListIn, listOut[Refund]]{at(http.MethodGet, "/refunds", "list-refunds", "List refunds, newest first", "refunds"), h.listRefunds})
	add(h, api, operation[DocumentIn, refundOut]{at(http.MethodGet, "/refunds/{number}", "get-refund", "Read a refund with what it was paid out of", "refunds"), h.getRefund})
	add(h, api, operation[payoutsDueIn, listOut[Refund]]{at(http.MethodGet, "/refunds-to-pay", "list-refunds-to-pay", "List refunds that are posted and not paid out, the oldest first", "refunds"), h.payoutsDue})
	add(h, api, operation[payoutIn, refundOut]{at(http.MethodPost, "/refunds/{number}/paid-out", "pay-refund-out", "Say that a refund was paid out; not by whoever asked for it or signed it", "refunds"), h.paidOut})
	add(h, api, operation[documentListIn, listOut[WriteOff]]{at(http.MethodGet, "/write-offs", "list-write-offs", "List write-offs, newest first", "write-offs"), h.listWriteOffs})
	add(h, api, operation[DocumentIn, writeOffOut]{at(http.MethodGet, "/write-offs/{number}", "get-write-off", "Read a write-off with its invoices", "write-offs"), h.getWriteOff})
}

// listing turns the input of a list into what narrows it, within the caller's scope.
func (h *handlers) listing(ctx context.Context, in *documentListIn) (billing.Listing, error) {
	if err := books(in.Signed, 0); err != nil {
		return billing.Listing{}, err
	}
	l := billing.Listing{Query: in.Query, EntityIDs: entitiesOf(in.Signed), After: in.Cursor, Limit: in.Limit}
	if in.Customer == "" {
		return l, nil
	}
	c, err := h.customer(ctx, &CustomerRef{Signed: in.Signed, Account: in.Customer})
	l.CustomerID = c.ID
	return l, err
}

// pageOf writes a page of a list, row by row.
func pageOf[R, T any](page billing.Page[R], write func(R) T) *listOut[T] {
	out := &listOut[T]{Body: list[T]{Items: []T{}, NextCursor: page.Next}}
	for _, row := range page.Rows {
		out.Body.Items = append(out.Body.Items, write(row))
	}
	return out
}

func debitMemoOf(m billing.DebitMemoRow) DebitMemo {
	return DebitMemo{
		Number: m.Number, Customer: m.Account, Invoice: m.Corrects, Reason: m.ReasonCode, IssuedOn: dateOf(m.IssuedOn), DueOn: dateOf(m.DueOn),
		Net: moneyOf(m.Amount(m.Net)), Tax: moneyOf(m.Amount(m.Tax)), Total: moneyOf(m.Amount(m.Total)), Open: moneyOf(m.Amount(m.Open)),
		CreditRequest: m.CreditRequestID, TakenBackBy: m.TakenBackBy,
	}
}

func (h *handlers) listDebitMemos(ctx context.Context, in *documentListIn) (*listOut[DebitMemo], error) {
	l, err := h.listing(ctx, in)
	if err != nil {
		return nil, err
	}
	page, err := h.Billing.DebitMemos(ctx, l)
	return pageOf(page, debitMemoOf), err
}

func (h *handlers) getDebitMemo(ctx context.Context, in *DocumentIn) (*debitMemoOut, error) {
	m, err := h.Billing.DebitMemoByNumber(ctx, h.Reports.Reader(), in.Number)
	if err != nil {
		return nil, err
	}
	out := &debitMemoOut{Body: debitMemoOf(m.DebitMemoRow)}
	for _, l := range m.Lines {
		out.Body.Lines = append(out.Body.Lines, BilledLine{
			Description: l.Description, Quantity: l.Quantity.String(), UnitPrice: l.UnitPrice.String(), Net: moneyOf(m.Amount(l.Net)), TaxRate: l.TaxRate.String(),
		})
	}
	return out, books(in.Signed, m.EntityID)
}

func refundOf(f billing.RefundRow) Refund {
	return Refund{
		Number: f.Number, Customer: f.Account, Amount: amountOf(f.Amount, f.Currency), RefundedOn: dateOf(f.RefundedOn), Method: f.Method,
		Destination: f.Destination, Reason: f.ReasonCode, CreditRequest: f.CreditRequestID, TakenBackBy: f.TakenBackBy,
	}
}

func (h *handlers) listRefunds(ctx context.Context, in *documentListIn) (*listOut[Refund], error) {
	l, err := h.listing(ctx, in)
	if err != nil {
		return nil, err
	}
	page, err := h.Billing.Refunds(ctx, l)
	return pageOf(page, refundOf), err
}

func (h *handlers) getRefund(ctx context.Context, in *DocumentIn) (*refundOut, error) {
	f, err := h.Billing.RefundByNumber(ctx, h.Reports.Reader(), in.Number)
	if err != nil {
		return nil, err
	}
	out := &refundOut{Body: refundOf(f.RefundRow)}
	for _, s := range f.Sources {
		out.Body.Items = append(out.Body.Items, ContentItem{Kind: string(s.Kind), Document: s.Number, Amount: amountOf(s.Amount, f.Currency)})
	}
	if paid, err := h.Billing.PayoutOf(ctx, h.Reports.Reader(), f.ID); err != nil {
		return nil, err
	} else if paid != nil {
		out.Body.Payout = &Payout{PaidOn: dateOf(paid.PaidOn), BankReference: paid.BankReference, PaidBy: paid.PaidBy}
	}
	return out, books(in.Signed, f.EntityID)
}

func (h *handlers) payoutsDue(ctx context.Context, in *payoutsDueIn) (*listOut[Refund], error) {
	var entity billing.Entity
	var err error
	if in.Entity != "" {
		if entity, err = h.entity(ctx, in.Signed, in.Entity); err != nil {
			return nil, err
		}
	}
	after, _ := strconv.ParseInt(in.Cursor, 10, 64)
	due, err := h.Billing.PayoutsDue(ctx, in.by, entity.ID, billing.RefundID(after))
	if err != nil {
		return nil, err
	}
	out := &listOut[Refund]{Body: list[Refund]{Items: []Refund{}}}
	if len(due) > billing.PayoutPage {
		due = due[:billing.PayoutPage]
		out.Body.NextCursor = strconv.FormatInt(int64(due[len(due)-1].ID), 10)
	}
	for _, f := range due {
		out.Body.Items = append(out.Body.Items, refundOf(f))
	}
	return out, nil
}

func (h *handlers) paidOut(ctx context.Context, in *payoutIn) (*refundOut, error) {
	on, err := time.Parse(time.DateOnly, in.Body.PaidOn)
	if err != nil {
		return nil, errs.InvalidField("paid_on", "error.not_a_date", "text", in.Body.PaidOn)
	}
	if _, err := h.Billing.RecordPayout(ctx, billing.PayoutInput{By: in.by, Number: in.Number, PaidOn: on, BankReference: in.Body.BankReference}); err != nil {
		return nil, err
	}
	return h.getRefund(ctx, &in.DocumentIn)
}

func writeOffOf(w billing.WriteOffRow) WriteOff {
	return WriteOff{
		Number: w.Number, Customer: w.Account, Amount: amountOf(w.Amount, w.Currency), TaxRelief: amountOf(w.TaxRelief, w.Currency),
		WrittenOffOn: dateOf(w.WrittenOffOn), Reason: w.ReasonCode, CreditRequest: w.CreditRequestID, TakenBackBy: w.TakenBackBy, Invoices: w.Invoices,
	}
}

func (h *handlers) listWriteOffs(ctx context.Context, in *documentListIn) (*listOut[WriteOff], error) {
	l, err := h.listing(ctx, in)
	if err != nil {
		return nil, err
	}
	page, err := h.Billing.WriteOffs(ctx, l)
	return pageOf(page, writeOffOf), err
}

func (h *handlers) getWriteOff(ctx context.Context, in *DocumentIn) (*writeOffOut, error) {
	w, err := h.Billing.WriteOffByNumber(ctx, h.Reports.Reader(), in.Number)
	if err != nil {
		return nil, err
	}
	out := &writeOffOut{Body: writeOffOf(w.WriteOffRow)}
	for _, l := range w.Lines {
		out.Body.Lines = append(out.Body.Lines, WriteOffLine{
			Invoice: l.InvoiceNumber, Customer: l.Account, Amount: amountOf(l.Amount, w.Currency), TaxRelief: amountOf(l.TaxRelief, w.Currency),
		})
	}
	return out, books(in.Signed, w.EntityID)
}
