package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
)

// Chargeback is money of a payment that the bank took back, or gave back after all.
type Chargeback struct {
	ID       int64  `json:"id"`
	Number   string `json:"number"`
	Payment  string `json:"payment"`
	Amount   Money  `json:"amount"`
	On       string `json:"on"`
	Reason   string `json:"reason,omitempty"`
	Reverses *int64 `json:"reverses,omitempty" doc:"the chargeback that was won"`
}

type chargebackOut struct{ Body Chargeback }

type chargeBackIn struct {
	Signed
	Key    string `header:"Idempotency-Key"`
	Number string `path:"number"`
	Body   struct {
		Amount *Money `json:"amount,omitempty" doc:"all that is left of the payment without it"`
		On     string `json:"on,omitempty" doc:"today without it"`
		Reason string `json:"reason,omitempty"`
	}
}

type wonIn struct {
	Signed
	Key  string `header:"Idempotency-Key"`
	ID   int64  `path:"id"`
	Body struct {
		On     string `json:"on,omitempty" doc:"today without it"`
		Reason string `json:"reason,omitempty"`
	}
}

func (h *handlers) chargebacks(api huma.API) {
	add(h, api, operation[chargeBackIn, chargebackOut]{created("/payments/{number}/chargeback", "charge-back", "Record that the bank took a payment back", "payments"), h.chargeBack})
	add(h, api, operation[wonIn, chargebackOut]{created("/chargebacks/{id}/won", "chargeback-won", "Record that the bank gave it back after all", "payments"), h.chargebackWon})
}

func chargebackOf(c billing.Chargeback, payment string) Chargeback {
	return Chargeback{
		ID: int64(c.ID), Number: c.Number, Payment: payment, Amount: amountOf(c.Amount, c.Currency), On: dateOf(c.ChargedOn), Reason: c.Reason,
		Reverses: (*int64)(c.ReversesID),
	}
}

func (h *handlers) chargeBack(ctx context.Context, in *chargeBackIn) (*chargebackOut, error) {
	p, err := h.Billing.PaymentByNumber(ctx, h.Reports.Reader(), in.Number)
	if err != nil {
		return nil, err
	}
	if err := books(in.Signed, p.EntityID); err != nil {
		return nil, err
	}
	n := billing.NewChargeback{By: in.by, PaymentID: p.ID, Reason: in.Body.Reason, IdempotencyKey: in.Key}
	if in.Body.Amount != nil {
		amount, err := in.Body.Amount.parse("amount")
		if err != nil {
			return nil, err
		}
		n.Amount = amount.Decimal()
	}
	if n.ChargedOn, err = parseDate("on", in.Body.On); err != nil {
		return nil, err
	}
	c, err := h.Billing.RecordChargeback(ctx, n)
	if err != nil {
		return nil, err
	}
	return &chargebackOut{Body: chargebackOf(c, p.Number)}, nil
}

func (h *handlers) chargebackWon(ctx context.Context, in *wonIn) (*chargebackOut, error) {
	won := billing.WonChargeback{By: in.by, ID: billing.ChargebackID(in.ID), Reason: in.Body.Reason}
	var err error
	if won.ReturnedOn, err = parseDate("on", in.Body.On); err != nil {
		return nil, err
	}
	c, err := h.Billing.RecordChargebackWon(ctx, won)
	if err != nil {
		return nil, err
	}
	return &chargebackOut{Body: chargebackOf(c, "")}, nil
}
