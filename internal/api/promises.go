package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
)

// Promise is what a customer said it would pay by a day.
type Promise struct {
	ID         int64     `json:"id"`
	Customer   string    `json:"customer" doc:"account number"`
	Invoice    string    `json:"invoice,omitempty" doc:"without it, over all the customer owes in the currency"`
	Amount     Money     `json:"amount"`
	On         string    `json:"on" doc:"the last day on which the money counts as paid in time"`
	PromisedBy string    `json:"promised_by"`
	Note       string    `json:"note,omitempty"`
	Remind     bool      `json:"remind,omitempty" doc:"the customer asked to be reminded before the day"`
	State      string    `json:"state" enum:"open,kept,broken,withdrawn"`
	Paid       *Money    `json:"paid,omitempty" doc:"what payments had settled of it when it was decided"`
	MadeAt     time.Time `json:"made_at"`
	MadeBy     string    `json:"made_by"`
	Decision   string    `json:"decision,omitempty"`
}

// PromiseRef names a promise.
type PromiseRef struct {
	Signed
	ID int64 `path:"id"`
}

type promiseOut struct{ Body Promise }

type promiseListIn struct {
	Signed
	Paging
	Customer string `query:"customer" doc:"account number"`
	Invoice  string `query:"invoice"`
	State    string `query:"state" enum:"open,kept,broken,withdrawn"`
}

type newPromiseIn struct {
	Signed
	Body struct {
		Invoice    string `json:"invoice,omitempty"`
		Customer   string `json:"customer,omitempty" doc:"account number; needed without an invoice"`
		Amount     Money  `json:"amount"`
		On         string `json:"on" example:"2026-05-20"`
		PromisedBy string `json:"promised_by"`
		Note       string `json:"note,omitempty"`
		Remind     bool   `json:"remind,omitempty" doc:"the customer asked to be reminded: collections hear of it before the day"`
	}
}

type withdrawPromiseIn struct {
	PromiseRef
	Body struct {
		Reason string `json:"reason"`
	}
}

func (h *handlers) promises(api huma.API) {
	const tag = "collections"
	add(h, api, operation[promiseListIn, listOut[Promise]]{at(http.MethodGet, "/promises", "list-promises", "List promises to pay, the latest day first", tag), h.listPromises})
	add(h, api, operation[PromiseRef, promiseOut]{at(http.MethodGet, "/promises/{id}", "get-promise", "Read a promise to pay", tag), h.getPromise})
	add(h, api, operation[newPromiseIn, promiseOut]{created("/promises", "make-promise", "Write down a promise to pay", tag), h.makePromise})
	add(h, api, operation[withdrawPromiseIn, promiseOut]{at(http.MethodPost, "/promises/{id}/withdraw", "withdraw-promise", "Take an open promise back", tag), h.withdrawPromise})
}

func promiseOf(r billing.PromiseRow) Promise {
	p := Promise{
		ID: int64(r.ID), Customer: r.Account, Invoice: r.InvoiceNumber, Amount: amountOf(r.Amount, r.Currency), On: dateOf(r.PromisedOn), PromisedBy: r.PromisedBy,
		Note: r.Note, Remind: r.Remind, State: string(r.State), MadeAt: r.MadeAt, MadeBy: r.MadeByName, Decision: r.Decision,
	}
	if r.State != billing.PromiseOpen {
		p.Paid = new(amountOf(r.Paid, r.Currency))
	}
	return p
}

// target finds the invoice and the customer that an input names, as far as the caller may see them.
func (h *handlers) target(ctx context.Context, s Signed, invoice, account string) (billing.InvoiceID, billing.CustomerID, error) {
	if invoice != "" {
		i, err := h.invoiceID(ctx, "invoice", invoice)
		if err != nil {
			return 0, 0, err
		}
		return i.ID, i.CustomerID, books(s, i.EntityID)
	}
	if account == "" {
		return 0, 0, nil
	}
	c, err := h.customer(ctx, &CustomerRef{Signed: s, Account: account})
	return 0, c.ID, err
}

func (h *handlers) listPromises(ctx context.Context, in *promiseListIn) (*listOut[Promise], error) {
	q := billing.PromiseQuery{State: billing.PromiseState(in.State), After: in.Cursor, Limit: in.Limit, By: in.by}
	var err error
	if q.InvoiceID, q.CustomerID, err = h.target(ctx, in.Signed, in.Invoice, in.Customer); err != nil {
		return nil, err
	}
	page, err := h.Billing.Promises(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &listOut[Promise]{Body: list[Promise]{Items: []Promise{}, NextCursor: page.Next}}
	for _, r := range page.Rows {
		out.Body.Items = append(out.Body.Items, promiseOf(r))
	}
	return out, nil
}

func (h *handlers) getPromise(ctx context.Context, in *PromiseRef) (*promiseOut, error) {
	p, err := h.Billing.PromiseByID(ctx, billing.PromiseID(in.ID), in.by)
	if err != nil {
		return nil, err
	}
	return &promiseOut{Body: promiseOf(p)}, nil
}

func (h *handlers) makePromise(ctx context.Context, in *newPromiseIn) (*promiseOut, error) {
	b := in.Body
	amount, err := b.Amount.parse("amount")
	if err != nil {
		return nil, err
	}
	n := billing.NewPromise{Currency: amount.Currency(), Amount: amount.Decimal(), PromisedBy: b.PromisedBy, Note: b.Note, Remind: b.Remind, By: in.by}
	if n.On, err = parseDate("on", b.On); err != nil {
		return nil, err
	}
	if n.InvoiceID, n.CustomerID, err = h.target(ctx, in.Signed, b.Invoice, b.Customer); err != nil {
		return nil, err
	}
	made, err := h.Billing.MakePromise(ctx, n)
	if err != nil {
		return nil, err
	}
	return h.getPromise(ctx, &PromiseRef{in.Signed, int64(made.ID)})
}

func (h *handlers) withdrawPromise(ctx context.Context, in *withdrawPromiseIn) (*promiseOut, error) {
	if _, err := h.Billing.WithdrawPromise(ctx, billing.PromiseID(in.ID), in.Body.Reason, in.by); err != nil {
		return nil, err
	}
	return h.getPromise(ctx, &in.PromiseRef)
}
