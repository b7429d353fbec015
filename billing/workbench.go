package billing

import (
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/money"
)

// Workbench is what is unapplied and what is open of a customer in one currency, the oldest first. Unapplied money that
// pending refunds and transfers keep as a whole is left out.
type Workbench struct {
	Sources  []UnappliedItem
	Invoices []OpenItem
}

// UnappliedItem is a payment, a credit memo or a transfer that is not used up, with what the bank wrote to a payment.
type UnappliedItem struct {
	OpenItem
	BankReference string
}

// Free is what of it may be applied: open, and not kept by a pending refund or transfer.
func (u UnappliedItem) Free() decimal.Decimal { return u.Open.Sub(u.Reserved) }

// Workbench reads what is unapplied and what is open of a customer, for whoever may read its books.
func (s *Service) Workbench(ctx context.Context, customer CustomerID, currency money.Currency, who Actor) (Workbench, error) {
	c, err := s.CustomerByID(ctx, s.db, customer)
	if err != nil {
		return Workbench{}, err
	}
	if err := access.Can(who, access.ReadBooks, access.Object{EntityID: int64(c.EntityID)}); err != nil {
		return Workbench{}, err
	}
	return readWorkbench(ctx, s.db, customer, currency)
}

func readWorkbench(ctx context.Context, r db.Reader, customer CustomerID, currency money.Currency) (Workbench, error) {
	var w Workbench
	var err error
	w.Sources, err = db.List[UnappliedItem](ctx, r, `select o.*, coalesce(p.bank_reference, '') as bank_reference from open_items o
		left join payments p on o.kind = 'payment' and p.id = o.document_id
		where o.customer_id = $1 and o.currency = $2 and o.kind <> 'invoice' and o.open > o.reserved order by o.opened_on, o.kind, o.document_id`, customer, currency)
	if err != nil {
		return w, fmt.Errorf("read unapplied items: %w", err)
	}
	type told struct {
		OpenItem
		Said decimal.Decimal
	}
	list, err := db.List[told](ctx, r, `select o.*, coalesce(t.amount, 0) as said from open_items o
		left join `+saidDisputed("b.customer_id = $1", "($3::timestamptz at time zone "+zoneOfBlock+")", zoneOfBlock)+` t on t.invoice_id = o.document_id
		where o.customer_id = $1 and o.currency = $2 and o.kind = 'invoice' and o.open > 0 order by o.due_on, o.document_id`, customer, currency, r.Now())
	if err != nil {
		return w, fmt.Errorf("read open invoices: %w", err)
	}
	for _, i := range list {
		i.SaidDisputed = i.Said
		w.Invoices = append(w.Invoices, i.OpenItem)
	}
	return w, nil
}

// Of is the same with nothing unapplied but one document's money; every invoice stays.
func (w Workbench) Of(number string) Workbench {
	w.Sources = slices.DeleteFunc(slices.Clone(w.Sources), func(u UnappliedItem) bool { return u.Number != number })
	return w
}

// Propose works out how what is unapplied could settle what is open. The workbench itself stays as it is.
func (w Workbench) Propose(by ApplyBy) []ApplyProposal {
	w.Sources, w.Invoices = slices.Clone(w.Sources), slices.Clone(w.Invoices)
	switch by {
	case ByRemittance:
		return w.byRemittance()
	case ByAmount:
		return w.byAmount()
	case ByOldest:
	}
	return w.byOldest()
}

// OpenCurrencies lists the currencies in which a customer owes or has something unapplied, in the order of their codes.
func (s *Service) OpenCurrencies(ctx context.Context, r db.Reader, customer CustomerID) ([]money.Currency, error) {
	list, err := db.Values[money.Currency](ctx, r, `select distinct currency from open_items where customer_id = $1 and open > 0 order by 1`, customer)
	if err != nil {
		return nil, fmt.Errorf("list currencies: %w", err)
	}
	return list, nil
}
