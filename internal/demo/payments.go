package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
)

// habit is how a customer pays: how many days after the due date at most, and how often not at all.
type habit struct{ late, spread, never int }

func habitOf(c *customer) habit {
	switch int(c.ID) % 10 {
	case 0:
		return habit{late: 25, spread: 30, never: 18} // a slow payer
	case 1, 2, 3:
		return habit{late: 4, spread: 12, never: 4}
	}
	return habit{late: -6, spread: 7, never: 2}
}

// due is an amount somebody will transfer: for these invoices, unless they are in dispute by then.
type due struct {
	customer *customer
	invoices []*invoice
}

// planPayments notes when fresh invoices will be paid: one transfer for all that a customer got that day.
func (f *filler) planPayments(made []billing.Invoice) {
	byCustomer := map[billing.CustomerID][]*invoice{}
	var order []billing.CustomerID
	for _, i := range made {
		if len(byCustomer[i.CustomerID]) == 0 {
			order = append(order, i.CustomerID)
		}
		byCustomer[i.CustomerID] = append(byCustomer[i.CustomerID], f.byCustomer(i.CustomerID).invoice(i.ID))
	}
	for _, id := range order {
		d := due{f.byCustomer(id), byCustomer[id]}
		h := habitOf(d.customer)
		recent := d.invoices[0].IssuedOn.After(f.now.AddDate(0, -6, 0))
		if f.rng.IntN(100) < h.never && (recent || f.rng.IntN(5) == 0) {
			continue // not paid; of the older ones most have been by now
		}
		day := d.invoices[0].DueOn.AddDate(0, 0, h.late+f.rng.IntN(h.spread))
		if day.Before(f.now.AddDate(0, -4, 0)) && len(d.customer.waiting) < int(id)%3 {
			d.customer.waiting = append(d.customer.waiting, d.invoices...) // paid together with the next ones
			continue
		}
		d.invoices = append(d.customer.waiting, d.invoices...)
		d.customer.waiting = nil
		f.expect(day, d)
	}
}

func (c *customer) invoice(id billing.InvoiceID) *invoice {
	at := len(c.invoices) - 1
	for c.invoices[at].ID != id {
		at--
	}
	return c.invoices[at]
}

// expect notes a transfer for a day; the bank tells of all transfers of a day at once.
func (f *filler) expect(day time.Time, d due) {
	at := f.bankDay(day).Add(13 * time.Hour)
	if at.After(f.now) {
		return
	}
	if len(f.transfers[at]) == 0 {
		f.agenda.at(at, func(ctx context.Context) error { return f.statement(ctx, at) })
	}
	f.transfers[at] = append(f.transfers[at], d)
}

// statement records what came in on a day. The books of the legal entities have nothing to do with one another.
func (f *filler) statement(ctx context.Context, at time.Time) error {
	byEntity := map[billing.EntityID][]billing.NewPayment{}
	for _, d := range f.transfers[at] {
		if in, ok := f.payment(d); ok {
			byEntity[in.EntityID] = append(byEntity[in.EntityID], in)
		}
	}
	delete(f.transfers, at)
	var group errgroup.Group
	for _, list := range byEntity {
		group.Go(func() error { return f.receive(ctx, list...) })
	}
	return group.Wait()
}

func (f *filler) bankDay(day time.Time) time.Time {
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	return billing.Date(day)
}

// payment is a transfer for the invoices that are not in dispute: mostly in full, now and then short, too much, or
// without saying what for.
func (f *filler) payment(d due) (billing.NewPayment, bool) {
	in := f.transfer(d.customer)
	kind := f.rng.IntN(100)
	for _, i := range d.invoices {
		if i.contested || i.paid {
			continue
		}
		amount := i.Total
		if kind < 4 && len(in.Allocate) == 0 {
			amount = amount.Mul(decimal.New(int64(40+f.rng.IntN(50)), -2)).Round(2)
		}
		i.paid = true
		in.Allocate = append(in.Allocate, billing.Allocate{InvoiceID: i.ID, Amount: amount})
		in.Amount = in.Amount.Add(amount)
		in.BankReference += " " + i.Number
	}
	if len(in.Allocate) == 0 {
		return in, false
	}
	switch kind {
	case 98: // paid in advance, too
		in.Amount = in.Amount.Add(decimal.NewFromInt(int64(50 * (1 + f.rng.IntN(20)))))
	case 99: // nobody could tell for what
		in.Allocate, in.BankReference = nil, d.customer.Name
	}
	return in, true
}

func (f *filler) transfer(c *customer) billing.NewPayment {
	return billing.NewPayment{
		EntityID: c.EntityID, CustomerID: c.ID, Currency: c.Currency, ReceivedOn: f.entities[c.code].Day(f.Clock.Now()),
		Method: "bank_transfer", BankReference: fmt.Sprintf("TRF %08d", f.rng.IntN(100_000_000)), By: access.SystemActor("bank statement"),
	}
}

func (f *filler) receive(ctx context.Context, list ...billing.NewPayment) error {
	return f.DB.Do(ctx, func(tx *db.Tx) error {
		for _, in := range list {
			if _, err := f.Billing.RecordPaymentTx(ctx, tx, in); err != nil {
				return err
			}
		}
		return nil
	})
}

// payRest pays what is still open on an invoice after its dispute has ended.
func (f *filler) payRest(ctx context.Context, c *customer, i *invoice) error {
	detail, err := f.Billing.InvoiceDetail(ctx, f.DB, i.ID)
	if err != nil || !detail.Open.Collectible().IsPositive() || detail.Open.Held.IsPositive() {
		return err
	}
	i.paid = true
	in := f.transfer(c)
	in.Amount, in.BankReference = detail.Open.Open, in.BankReference+" "+i.Number
	in.Allocate = []billing.Allocate{{InvoiceID: i.ID, Amount: detail.Open.Open}}
	return f.receive(ctx, in)
}
