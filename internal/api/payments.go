package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/internal/errs"
)

// Payment is money received.
type Payment struct {
	Number        string `json:"number"`
	Customer      string `json:"customer" doc:"account number"`
	Amount        Money  `json:"amount"`
	Unapplied     Money  `json:"unapplied"`
	ReceivedOn    string `json:"received_on"`
	Method        string `json:"method"`
	BankReference string `json:"bank_reference,omitempty"`
}

// PaymentRef names a payment.
type PaymentRef struct {
	Signed
	Number string `path:"number"`
}

type paymentOut struct{ Body Payment }

type paymentListIn struct {
	Signed
	Paging
	Customer  string `query:"customer" doc:"account number"`
	Query     string `query:"q"`
	Unapplied bool   `query:"unapplied" doc:"only those with something unapplied"`
}

func (h *handlers) payments(api huma.API) {
	add(h, api, operation[paymentListIn, listOut[Payment]]{at(http.MethodGet, "/payments", "list-payments", "List payments, newest first", "payments"), h.listPayments})
	add(h, api, operation[PaymentRef, paymentOut]{at(http.MethodGet, "/payments/{number}", "get-payment", "Read a payment", "payments"), h.getPayment})
	add(h, api, operation[recordPaymentIn, paymentOut]{created("/payments", "record-payment", "Record a payment and apply it", "payments"), h.recordPayment})
}

func paymentOf(p billing.Payment, account string) Payment {
	return Payment{
		Number: p.Number, Customer: account, Amount: amountOf(p.Amount, p.Currency), ReceivedOn: dateOf(p.ReceivedOn), Method: p.Method, BankReference: p.BankReference,
	}
}

func (h *handlers) listPayments(ctx context.Context, in *paymentListIn) (*listOut[Payment], error) {
	if err := books(in.Signed, 0); err != nil {
		return nil, err
	}
	f := billing.PaymentFilter{Query: in.Query, Unapplied: in.Unapplied, EntityIDs: entitiesOf(in.Signed), After: in.Cursor, Limit: in.Limit}
	if in.Customer != "" {
		c, err := h.customer(ctx, &CustomerRef{Signed: in.Signed, Account: in.Customer})
		if err != nil {
			return nil, err
		}
		f.CustomerID = c.ID
	}
	found, err := h.Billing.Payments(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &listOut[Payment]{Body: list[Payment]{Items: []Payment{}, NextCursor: found.Next}}
	for _, row := range found.Rows {
		one := paymentOf(row.Payment, row.Account)
		one.Unapplied = amountOf(row.Open, row.Currency)
		out.Body.Items = append(out.Body.Items, one)
	}
	return out, nil
}

func (h *handlers) getPayment(ctx context.Context, in *PaymentRef) (*paymentOut, error) {
	p, err := h.Billing.PaymentByNumber(ctx, h.Reports.Reader(), in.Number)
	if err != nil {
		return nil, err
	}
	if err := books(in.Signed, p.EntityID); err != nil {
		return nil, err
	}
	out := &paymentOut{Body: paymentOf(p.Payment, p.Customer.Account)}
	out.Body.Unapplied = amountOf(p.Open, p.Currency)
	return out, nil
}

type recordPaymentIn struct {
	Signed
	Key  string `header:"Idempotency-Key"`
	Body struct {
		Customer      string `json:"customer" doc:"account number"`
		Amount        Money  `json:"amount"`
		ReceivedOn    string `json:"received_on,omitempty" doc:"today without it"`
		Method        string `json:"method,omitempty"`
		BankReference string `json:"bank_reference,omitempty"`
		Apply         []struct {
			Invoice string `json:"invoice"`
			Amount  Money  `json:"amount"`
		} `json:"apply,omitempty"`
	}
}

func (h *handlers) recordPayment(ctx context.Context, in *recordPaymentIn) (*paymentOut, error) {
	b := in.Body
	customer, err := h.customer(ctx, &CustomerRef{Signed: in.Signed, Account: b.Customer})
	if err != nil {
		return nil, err
	}
	amount, err := b.Amount.parse("amount")
	if err != nil {
		return nil, err
	}
	n := billing.NewPayment{
		EntityID: customer.EntityID, CustomerID: customer.ID, Currency: amount.Currency(), Amount: amount.Decimal(), Method: b.Method,
		BankReference: b.BankReference, IdempotencyKey: in.Key, By: in.by,
	}
	if n.ReceivedOn, err = parseDate("received_on", b.ReceivedOn); err != nil {
		return nil, err
	}
	if n.ReceivedOn.IsZero() {
		if n.ReceivedOn, err = h.Billing.TodayAt(ctx, h.Reports.Reader(), n.EntityID); err != nil {
			return nil, err
		}
	}
	for _, part := range b.Apply {
		invoice, err := h.invoiceID(ctx, "apply.invoice", part.Invoice)
		if err != nil {
			return nil, err
		}
		share, err := part.Amount.parse("apply.amount")
		if err != nil {
			return nil, err
		}
		if share.Currency() != amount.Currency() {
			return nil, errs.InvalidField("apply.amount", "money.mixed_currencies", "one", string(share.Currency()), "other", string(amount.Currency()))
		}
		n.Allocate = append(n.Allocate, billing.Allocate{InvoiceID: invoice.ID, Amount: share.Decimal()})
	}
	recorded, err := h.Billing.RecordPayment(ctx, n)
	if err != nil {
		return nil, err
	}
	return h.getPayment(ctx, &PaymentRef{Signed: in.Signed, Number: recorded.Number})
}
