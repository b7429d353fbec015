package billing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/ledger"
	"makegood/internal/db"
	"makegood/internal/money"
)

// lockedInvoice is an invoice whose open item this transaction has locked.
type lockedInvoice struct {
	Invoice
	Open decimal.Decimal
	Held decimal.Decimal
}

// LockInvoiceTx locks an invoice for everything that credits, pays or holds it, until the transaction ends. A caller
// that prepares an adjustment and reserves it does so under this lock, or is refused when somebody came between.
func (s *Service) LockInvoiceTx(ctx context.Context, tx *db.Tx, id InvoiceID) error {
	_, err := lockInvoice(ctx, tx, id)
	return err
}

func lockInvoice(ctx context.Context, tx *db.Tx, id InvoiceID) (lockedInvoice, error) {
	locked, err := lockInvoices(ctx, tx, []InvoiceID{id})
	return locked[id], err
}

// lockInvoices locks in the order of ids, so that two transactions never wait in a circle.
func lockInvoices(ctx context.Context, tx *db.Tx, ids []InvoiceID) (map[InvoiceID]lockedInvoice, error) {
	list, err := db.List[lockedInvoice](ctx, tx, `select i.*, o.open, o.held
		from open_items o join invoices i on i.id = o.document_id
		where o.kind = 'invoice' and o.document_id = any ($1) order by o.document_id for update of o`, ids)
	if err != nil {
		return nil, fmt.Errorf("lock invoices: %w", err)
	}
	locked := make(map[InvoiceID]lockedInvoice, len(list))
	for _, i := range list {
		locked[i.ID] = i
	}
	for _, id := range ids {
		if _, there := locked[id]; !there {
			return nil, ErrNoInvoice
		}
	}
	return locked, nil
}

// source is what gets applied to invoices: a payment or a credit memo with what is left of it.
type source struct {
	Kind       AllocationSource
	ID         int64
	Number     string
	Entity     Entity
	CustomerID CustomerID
	Currency   money.Currency
	Rate       decimal.Decimal
	Open       decimal.Decimal
	BookedOn   time.Time
	CaseID     *int64
	RequestID  *int64
	By         Actor
}

// apply uses up part of the source on an invoice and gives the entry for it: Dr unapplied at the source's rate, Cr
// receivable at the invoice's, the difference realised. Amounts in base currency are those of what was open before
// less what is open after, so that no cent of rounding stays behind on a document that is settled.
func (from *source) apply(to *lockedInvoice, allocation int64, amount decimal.Decimal) ledger.Draft {
	base := from.Entity.BaseCurrency
	unapplied := baseOfPart(from.Open, amount, from.Rate, base)
	receivable := baseOfPart(to.Open, amount, to.FxRate, base).Neg()
	from.Open, to.Open = from.Open.Sub(amount), to.Open.Sub(amount)
	draft := ledger.Draft{
		EntityID: int64(from.Entity.ID), BookedOn: from.BookedOn, DocumentKind: ledger.Allocation, DocumentID: allocation,
		DocumentNumber: from.Number, CustomerID: int64(from.CustomerID), Currency: from.Currency, BaseCurrency: base,
		Rate: from.Rate, CaseID: from.CaseID, CreditRequestID: from.RequestID, By: from.By,
		Lines: []ledger.Line{
			{Account: ledger.Unapplied, CustomerID: new(int64(from.CustomerID)), Amount: amount, Base: &unapplied},
			{Account: ledger.Receivable, CustomerID: new(int64(to.CustomerID)), InvoiceID: new(int64(to.ID)), Amount: amount.Neg(), Base: &receivable},
		},
	}
	if !from.Rate.Equal(to.FxRate) {
		draft.Difference = ledger.FxDifference
	}
	return draft
}

// baseOfPart is the base value of all that is open less that of what stays open.
func baseOfPart(open, part, rate decimal.Decimal, base money.Currency) decimal.Decimal {
	digits := base.Digits()
	return open.Mul(rate).Round(digits).Sub(open.Sub(part).Mul(rate).Round(digits))
}

func invoiceIDs(list []Allocate) []InvoiceID {
	ids := make([]InvoiceID, len(list))
	for i, a := range list {
		ids[i] = a.InvoiceID
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
