package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/money"
)

type previewIn struct {
	Signed
	Body Proposal
}

type previewOut struct{ Body CreditPreview }

// RequestRef names a credit request.
type RequestRef struct {
	Signed
	ID string `path:"id" doc:"id or number"`
}

type requestOut struct{ Body CreditRequest }

type requestListIn struct {
	Signed
	Paging
	State    string `query:"state"`
	Customer string `query:"customer" doc:"account number"`
	Case     string `query:"case" doc:"case number"`
	Query    string `query:"q"`
	Waiting  bool   `query:"waiting" doc:"only those waiting for the caller's decision"`
}

type createRequestIn struct {
	Signed
	Key  string `header:"Idempotency-Key"`
	Body struct {
		Proposal
		Submit bool `json:"submit,omitempty" doc:"submit at once instead of keeping a draft"`
	}
}

type decideIn struct {
	RequestRef
	Body struct {
		Comment string `json:"comment,omitempty" maxLength:"5000"`
		Digest  string `json:"digest,omitempty" pattern:"^[0-9a-f]{64}$" doc:"of the content that was read; a decision is refused when it is another by now"`
		Version int    `json:"version,omitempty" doc:"of the content that was read, notes and where a refund goes included; a decision is refused when it is another by now"`
	} `required:"false"`
}

func (h *handlers) creditRequests(api huma.API) {
	add(h, api, operation[previewIn, previewOut]{at(http.MethodPost, "/credit-requests/preview", "preview-credit", "Amounts, chain and reasons without saving", "credit requests"), h.previewCredit})
	add(h, api, operation[requestListIn, listOut[CreditRequest]]{at(http.MethodGet, "/credit-requests", "list-credit-requests", "List credit requests, newest first", "credit requests"), h.listRequests})
	add(h, api, operation[createRequestIn, requestOut]{created("/credit-requests", "create-credit-request", "Draft a request for an adjustment of any kind, or submit it at once", "credit requests"), h.createRequest})
	add(h, api, operation[RequestRef, requestOut]{at(http.MethodGet, "/credit-requests/{id}", "get-credit-request", "Read a credit request with its chain", "credit requests"), h.getRequest})
	add(h, api, operation[RequestRef, requestOut]{at(http.MethodPost, "/credit-requests/{id}/submit", "submit-credit-request", "Submit a draft: reserve the amounts and start the chain", "credit requests"), h.submitRequest})
	add(h, api, operation[decideIn, requestOut]{at(http.MethodPost, "/credit-requests/{id}/approve", "approve-credit-request", "Approve the open step", "credit requests"), h.approveRequest})
	add(h, api, operation[decideIn, requestOut]{at(http.MethodPost, "/credit-requests/{id}/reject", "reject-credit-request", "Reject, with the reason as comment", "credit requests"), h.rejectRequest})
	add(h, api, operation[decideIn, requestOut]{at(http.MethodPost, "/credit-requests/{id}/withdraw", "withdraw-credit-request", "Withdraw a request", "credit requests"), h.withdrawRequest})
	add(h, api, operation[delegateIn, delegateOut]{created("/credit-requests/delegate", "delegate", "Let somebody decide in the caller's place for a time", "credit requests"), h.delegate})
	add(h, api, operation[RequestRef, requestOut]{at(http.MethodPost, "/credit-requests/{id}/retry", "retry-credit-request", "Post again what could not be posted", "credit requests"), h.retryRequest})
}

func (h *handlers) previewCredit(ctx context.Context, in *previewIn) (*previewOut, error) {
	input, err := h.propose(ctx, in.Signed, in.Body)
	if err != nil {
		return nil, err
	}
	p, err := h.Credits.Preview(ctx, input)
	if err != nil {
		return nil, named(in.Body.charges(err))
	}
	a := p.Adjustment
	content, err := h.contentOf(ctx, a)
	if err != nil {
		return nil, err
	}
	limits := func(value decimal.Decimal) Money { return moneyOf(money.Of(value, billing.AuthorityCurrency)) }
	out := &previewOut{Body: CreditPreview{
		Content: content, AuthorityKind: string(p.AuthorityKind), Net: moneyOf(a.SumOf(a.Net)), Tax: moneyOf(a.SumOf(a.Tax)), Total: moneyOf(a.SumOf(a.Total)), ToInvoice: moneyOf(a.SumOf(a.ToInvoice)),
		ToBalance: moneyOf(a.SumOf(a.ToBalance)), InvoiceOpen: moneyOf(a.SumOf(p.InvoiceOpen.Now)), InvoiceOpenThen: moneyOf(a.SumOf(p.InvoiceOpen.After)),
		AuthorityAmount: limits(p.AuthorityAmount), WindowAmount: limits(p.Window.Counted()), OwnLimit: p.Chain.OwnLimit, Chain: h.chainOf(p.Chain),
		Warnings: h.notices(p.Warnings),
	}}
	if a.CustomerID != 0 {
		before, after := balanceOf(p.Before), balanceOf(p.After)
		out.Body.Before, out.Body.After = &before, &after
	}
	for _, r := range p.Evidence {
		out.Body.Evidence = append(out.Body.Evidence, requiredOf(r))
	}
	return out, nil
}

func (h *handlers) listRequests(ctx context.Context, in *requestListIn) (*listOut[CreditRequest], error) {
	if in.Waiting {
		return h.listWaiting(ctx, in)
	}
	f := credits.ListFilter{Query: in.Query, After: in.Cursor, Limit: in.Limit}
	if in.State != "" {
		f.States = []credits.State{credits.State(in.State)}
	}
	if in.Customer != "" {
		c, err := h.customer(ctx, &CustomerRef{Signed: in.Signed, Account: in.Customer})
		if err != nil {
			return nil, err
		}
		f.CustomerID = c.ID
	}
	if in.Case != "" {
		c, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), in.Case, in.by)
		if err != nil {
			return nil, err
		}
		f.CaseID = int64(c.ID)
	}
	found, err := h.Credits.List(ctx, f, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[CreditRequest]{Body: list[CreditRequest]{Items: []CreditRequest{}, NextCursor: found.Next}}
	for _, row := range found.Rows {
		out.Body.Items = append(out.Body.Items, h.requestOf(row))
	}
	return out, nil
}

func (h *handlers) listWaiting(ctx context.Context, in *requestListIn) (*listOut[CreditRequest], error) {
	found, err := h.Credits.Waiting(ctx, in.by, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &listOut[CreditRequest]{Body: list[CreditRequest]{Items: []CreditRequest{}, NextCursor: found.Next}}
	for _, item := range found.Rows {
		out.Body.Items = append(out.Body.Items, h.requestOf(item.Row))
	}
	return out, nil
}

// find reads a request by id or number.
func (h *handlers) find(ctx context.Context, in RequestRef) (credits.Detail, error) {
	if strings.HasPrefix(strings.ToUpper(in.ID), "CR-") {
		return h.Credits.RequestByNumber(ctx, h.Reports.Reader(), strings.ToUpper(in.ID), in.by)
	}
	id, err := strconv.ParseInt(in.ID, 10, 64)
	if err != nil {
		return credits.Detail{}, credits.ErrNoRequest
	}
	return h.Credits.Request(ctx, h.Reports.Reader(), credits.ID(id), in.by)
}

func (h *handlers) getRequest(ctx context.Context, in *RequestRef) (*requestOut, error) {
	d, err := h.find(ctx, *in)
	if err != nil {
		return nil, err
	}
	out := &requestOut{Body: h.requestOf(d.Row)}
	out.Body.Chain, out.Body.Digest = h.stepsOf(d.Steps), hexOf(d.Sealed())
	out.Body.Evidence = evidenceOf(d.Evidence)
	h.lifeOf(&out.Body, d)
	out.Body.Warnings = h.raisedOf(d.Raised)
	if d.Content == nil {
		return out, nil
	}
	content, err := h.contentOf(ctx, *d.Content)
	out.Body.Content = &content
	return out, err
}

func (h *handlers) createRequest(ctx context.Context, in *createRequestIn) (*requestOut, error) {
	input, err := h.propose(ctx, in.Signed, in.Body.Proposal)
	if err != nil {
		return nil, err
	}
	if in.Key != "" {
		input.IdempotencyKey = "api:" + strconv.FormatInt(in.by.UserID, 10) + ":" + in.Key
	}
	make := h.Credits.CreateDraft
	if in.Body.Submit {
		make = h.Credits.Submit
	}
	request, err := make(ctx, input)
	return h.after(ctx, in.Signed, request, in.Body.charges(err))
}

// after answers with the request as it is after a change.
func (h *handlers) after(ctx context.Context, s Signed, request credits.Request, err error) (*requestOut, error) {
	if err != nil {
		return nil, named(err)
	}
	return h.getRequest(ctx, &RequestRef{Signed: s, ID: strconv.FormatInt(int64(request.ID), 10)})
}

func (h *handlers) submitRequest(ctx context.Context, in *RequestRef) (*requestOut, error) {
	d, err := h.find(ctx, *in)
	if err != nil {
		return nil, err
	}
	request, err := h.Credits.SubmitDraft(ctx, d.ID, in.by)
	return h.after(ctx, in.Signed, request, err)
}

func (h *handlers) approveRequest(ctx context.Context, in *decideIn) (*requestOut, error) {
	d, err := h.find(ctx, in.RequestRef)
	if err != nil {
		return nil, err
	}
	digest, err := digestOf(in.Body.Digest)
	if err != nil {
		return nil, err
	}
	request, err := h.Credits.Approve(ctx, credits.DecideInput{By: in.by, ID: d.ID, Comment: in.Body.Comment, Digest: digest, ContentVersion: in.Body.Version})
	return h.after(ctx, in.Signed, request, err)
}

func (h *handlers) rejectRequest(ctx context.Context, in *decideIn) (*requestOut, error) {
	d, err := h.find(ctx, in.RequestRef)
	if err != nil {
		return nil, err
	}
	digest, err := digestOf(in.Body.Digest)
	if err != nil {
		return nil, err
	}
	request, err := h.Credits.Reject(ctx, credits.DecideInput{By: in.by, ID: d.ID, Comment: in.Body.Comment, Digest: digest, ContentVersion: in.Body.Version})
	return h.after(ctx, in.Signed, request, err)
}

func (h *handlers) withdrawRequest(ctx context.Context, in *decideIn) (*requestOut, error) {
	d, err := h.find(ctx, in.RequestRef)
	if err != nil {
		return nil, err
	}
	request, err := h.Credits.Withdraw(ctx, credits.WithdrawInput{By: in.by, ID: d.ID, Comment: in.Body.Comment})
	return h.after(ctx, in.Signed, request, err)
}

func (h *handlers) retryRequest(ctx context.Context, in *RequestRef) (*requestOut, error) {
	d, err := h.find(ctx, *in)
	if err != nil {
		return nil, err
	}
	request, err := h.Credits.Retry(ctx, in.by, d.ID)
	return h.after(ctx, in.Signed, request, err)
}
