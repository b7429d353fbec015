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
	Open          decimal.Decimal
	Held          decimal.Decimal
	BaseOpen      decimal.Decimal
	RoundingGiven decimal.Decimal

	spoken decimal.Decimal // of Open, by memos being posted together
}

const lockInvoicesQuery = `select i.*, o.open, o.held, o.base_open, o.rounding_given
	from open_items o join invoices i on i.id = o.document_id
	where o.kind = 'invoice' and o.document_id = any ($1) order by o.document_id for update of o`

// lockInvoices locks in the order of ids, so that two transactions never wait in a circle.
func lockInvoices(ctx context.Context, tx *db.Tx, ids []InvoiceID) (map[InvoiceID]lockedInvoice, error) {
	list, err := db.List[lockedInvoice](ctx, tx, lockInvoicesQuery, ids)
	if err != nil {
		return nil, fmt.Errorf("lock invoices: %w", err)
	}
	return allLocked(list, ids)
}

// allLocked are the locked invoices by id; ErrNoInvoice when one that was asked for is not among them.
func allLocked(list []lockedInvoice, ids []InvoiceID) (map[InvoiceID]lockedInvoice, error) {
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

// source is what gets applied to invoices: a payment, a credit memo or a transfer with what is left of it. Base is what
// Open is worth in base currency.
type source struct {
	Kind       AllocationSource
	ID         int64
	Number     string
	Entity     Entity
	CustomerID CustomerID
	Currency   money.Currency
	Rate       decimal.Decimal
	Open       decimal.Decimal
	Base       decimal.Decimal
	Booked     booking
	DatedOn    time.Time
	PostedAt   time.Time
	CaseID     *int64
	RequestID  *int64
	By         Actor
}

func (from source) item() ledger.Item { return ledger.Item{Kind: string(from.Kind), ID: from.ID} }

// lastDay is the latest day, by any date, on which what is booked now moves an item.
func (from source) lastDay() time.Time { return lastOf(from.Booked.Day, from.DatedOn, from.PostedAt) }

// application is a part of a source that settles an invoice: the entry for it, and what it takes off either side.
type application struct {
	entry          ledger.Draft
	fromBase, base decimal.Decimal
}

// apply uses up part of the source on an invoice and gives the entry for it: Dr unapplied at the source's rate, Cr
// receivable at the invoice's, the difference realised. The part that settles a document takes all that is left of it in
// base currency, so that no cent of rounding stays behind.
func (from *source) apply(to *lockedInvoice, allocation int64, amount decimal.Decimal) application {
	digits := from.Entity.BaseCurrency.Digits()
	unapplied := baseOfPart(from.Open, from.Base, amount, from.Rate, digits)
	receivable := baseOfPart(to.Open, to.BaseOpen, amount, to.FxRate, digits)
	from.Open, from.Base = from.Open.Sub(amount), from.Base.Sub(unapplied)
	to.Open, to.BaseOpen = to.Open.Sub(amount), to.BaseOpen.Sub(receivable)
	draft := ledger.Draft{
		EntityID: int64(from.Entity.ID), BookedOn: from.Booked.Day, Soft: from.Booked.Soft, DatedOn: from.settles(*to), DocumentKind: ledger.Allocation, DocumentID: allocation,
		DocumentNumber: from.Number, CustomerID: int64(from.CustomerID), Currency: from.Currency, BaseCurrency: from.Entity.BaseCurrency,
		Rate: from.Rate, CaseID: from.CaseID, CreditRequestID: from.RequestID, By: from.By,
		Lines: []ledger.Line{
			{Account: ledger.Unapplied, CustomerID: new(int64(from.CustomerID)), Item: from.item(), Amount: amount, Base: &unapplied},
			{
				Account: ledger.Receivable, CustomerID: new(int64(to.CustomerID)), InvoiceID: new(int64(to.ID)), Item: ledger.InvoiceItem(int64(to.ID)),
				Amount: amount.Neg(), Base: new(receivable.Neg()),
			},
		},
	}
	if !from.Rate.Equal(to.FxRate) {
		draft.Difference = ledger.FxDifference
	}
	return application{entry: draft, fromBase: unapplied, base: receivable}
}

// settles is the day an invoice is settled on: not before it was issued, however early the money came.
func (from source) settles(to lockedInvoice) time.Time {
	if to.IssuedOn.After(from.DatedOn) {
		return to.IssuedOn
	}
	return from.DatedOn
}

// baseOfPart is the base value of a part: all that is left when the part is all that is open.
func baseOfPart(open, base, part, rate decimal.Decimal, digits int32) decimal.Decimal {
	if part.Equal(open) {
		return base
	}
	return part.Mul(rate).Round(digits)
}

func invoiceIDs(list []Allocate) []InvoiceID {
	ids := make([]InvoiceID, len(list))
	for i, a := range list {
		ids[i] = a.InvoiceID
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
