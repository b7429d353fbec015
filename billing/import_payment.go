package billing

import (
	"context"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// payment makes an imported payment ready. One that names no customer is from whoever its invoices are to. What its
// invoices no longer have open stays unapplied.
func (k known) payment(row ImportRow) (NewPayment, error) {
	in := row.Content.Payment
	n := NewPayment{
		EntityID: k.batch.EntityID, Currency: in.Currency, Amount: in.Amount, ReceivedOn: in.ReceivedOn, Method: in.Method,
		BankReference: in.BankReference, IdempotencyKey: "import " + row.System + " " + row.ExternalID, By: k.batch.actor(),
	}
	if n.BankReference == "" {
		n.BankReference = in.Number
	}
	if in.Customer != "" {
		customer, err := k.customer(in.Customer)
		if err != nil {
			return n, err
		}
		n.CustomerID = customer.ID
	}
	for _, a := range in.Applied {
		invoice, err := k.invoice(a.Invoice, "")
		if err != nil {
			return n, err
		}
		if invoice.Currency != in.Currency {
			return n, errs.New(errs.Invalid, "money.mixed_currencies", "one", string(in.Currency), "other", string(invoice.Currency))
		}
		if n.CustomerID == 0 {
			n.CustomerID = invoice.CustomerID
		}
		if amount := decimal.Min(a.Amount, invoice.Open); invoice.ID != 0 && amount.IsPositive() {
			n.Allocate = append(n.Allocate, Allocate{InvoiceID: invoice.ID, Amount: amount})
		}
	}
	if in.Customer == "" && len(in.Applied) == 0 {
		return n, errs.New(ErrUnknownAccount.Kind, ErrUnknownAccount.Key, "account", "")
	}
	return n, nil
}

func (s *Service) bringPayment(ctx context.Context, tx *db.Tx, k known, row *ImportRow) error {
	in, err := k.payment(*row)
	if err != nil {
		return err
	}
	payment, err := s.RecordPaymentTx(ctx, tx, in)
	if err != nil {
		return err
	}
	row.became("payment", int64(payment.ID), payment.Number)
	return nil
}

// openingCredit makes what a customer had to its credit when books were taken over ready, as unapplied credit.
func (k known) openingCredit(row ImportRow) (NewPayment, error) {
	b := row.Content.Balance
	customer, err := k.customer(b.Customer)
	if err != nil {
		return NewPayment{}, err
	}
	return NewPayment{
		EntityID: k.batch.EntityID, CustomerID: customer.ID, Currency: b.Currency, Amount: b.Open.Neg(), ReceivedOn: b.IssuedOn,
		Method: MethodOpening, BankReference: b.Number, IdempotencyKey: "import " + row.System + " " + row.ExternalID, By: k.batch.actor(),
	}, nil
}
