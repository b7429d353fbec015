package reports

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
)

// ChangeBasis is what the change of a request starts from: what is there as if the request reserved nothing, and the request.
type ChangeBasis struct {
	ProposeBasis
	Request credits.Detail
}

// Changeable tells whether a request is changed on the form it could have been proposed with: about one invoice, or about a
// customer's unapplied money, or what it is given or charged without an invoice; with a bill of which the form shows all.
func Changeable(r credits.Request) bool {
	return ofOneForm(r) && (r.Proposal == nil || shownWhole(r.Proposal.Bill))
}

// shownWhole tells whether a bill has no more than the form shows of it, which is all that the form would send again.
func shownWhole(b *billing.Bill) bool {
	if b == nil {
		return true
	}
	shown := billing.Bill{Lines: make([]billing.NewLine, len(b.Lines)), Rounding: b.Rounding}
	for i, l := range b.Lines {
		shown.Lines[i] = billing.NewLine{Description: l.Description, Quantity: l.Quantity, UnitPrice: l.UnitPrice, TaxCategory: l.TaxCategory, TaxRate: l.TaxRate}
	}
	return b.Rounding.IsZero() && reflect.DeepEqual(*b, shown)
}

func ofOneForm(r credits.Request) bool {
	switch r.Kind {
	case billing.RefundOut, billing.TransferOver, billing.Concession, billing.SLACredit, billing.Debit:
		return r.CustomerID != 0 // of an invoice's it is there too
	case billing.Reverse:
		return false
	case billing.BillingError, billing.Rebill, billing.WriteOff:
	}
	return r.InvoiceID != 0
}

// ForChange reads the basis for changing a request of the actor's own; credits.ErrNotChangeable when no form shows it, and
// credits.ErrShownInPart when one does not show all of it.
func (d *CreditDesk) ForChange(ctx context.Context, id credits.ID, by access.Actor) (ChangeBasis, error) {
	detail, err := d.credits.Request(ctx, d.db, id, by)
	if err != nil {
		return ChangeBasis{}, err
	}
	switch {
	case detail.Content == nil || detail.Proposal == nil || !ofOneForm(detail.Request):
		return ChangeBasis{}, credits.ErrNotChangeable
	case !Changeable(detail.Request):
		return ChangeBasis{Request: detail}, credits.ErrShownInPart
	}
	b := ChangeBasis{Request: detail}
	switch {
	case detail.InvoiceID == 0:
		b.ProposeBasis, err = d.ForCustomer(ctx, detail.Account, by)
	case detail.CaseNumber != "":
		b.ProposeBasis, err = d.ForCase(ctx, detail.CaseNumber, detail.InvoiceNumber, by)
		if errors.Is(err, billing.ErrNoInvoice) { // it was not of the case
			b.ProposeBasis, err = d.ForInvoice(ctx, detail.InvoiceNumber, by)
		}
	default:
		b.ProposeBasis, err = d.ForInvoice(ctx, detail.InvoiceNumber, by)
	}
	if err == nil && detail.InvoiceID == 0 && detail.Currency != b.Customer.Currency && len(detail.Content.Items) == 0 {
		return b, credits.ErrNotChangeable // the form is in the customer's own currency
	}
	b.free()
	return b, err
}

// free shows as there what the request itself reserves.
func (b *ChangeBasis) free() {
	id := int64(b.Request.ID)
	for i, l := range b.Invoice.Lines {
		for _, r := range b.Invoice.Reservations {
			if r.CreditRequestID == id && r.InvoiceLineID == l.ID {
				b.Invoice.Lines[i].Remaining = b.Invoice.Lines[i].Remaining.Add(r.Amount)
			}
		}
	}
	b.Invoice.Reservations = slices.DeleteFunc(b.Invoice.Reservations, func(r billing.Reservation) bool { return r.CreditRequestID == id })
	if b.Request.State == credits.Draft {
		return // it reserves nothing
	}
	for i, item := range b.Items {
		for _, part := range b.Request.Content.Items {
			if part.Kind == item.Kind && part.ID == item.DocumentID {
				b.Items[i].Reserved = item.Reserved.Sub(part.Amount)
			}
		}
	}
}
