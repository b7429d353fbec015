package dunning

import (
	"time"

	"github.com/shopspring/decimal"
)

// Asked is what a customer is asked to pay by the end of a day, in one currency: Open = Disputed + NotDue + Due.
type Asked struct {
	Open      decimal.Decimal
	Disputed  decimal.Decimal
	NotDue    decimal.Decimal // undisputed, and due on a later day
	Due       decimal.Decimal // undisputed, and due on the day or before
	Unapplied decimal.Decimal // money and credits of the customer that no invoice has taken
}

// Undisputed is what may be paid, due or not.
func (a Asked) Undisputed() decimal.Decimal { return a.NotDue.Add(a.Due) }

// Deducted is what of the unapplied money and credits lowers what is to be paid now: never more than is due.
func (a Asked) Deducted() decimal.Decimal { return within(a.Unapplied, a.Due) }

// Now is the amount to pay now: what is due and not in dispute, less what is unapplied; never below zero. What is in
// dispute or not due yet is never asked for, and a credit that is larger stays with the customer.
func (a Asked) Now() decimal.Decimal { return a.Due.Sub(a.Deducted()) }

// Ask adds up a customer's open invoices of one currency for a day. What is collectible of each is what Divide says;
// promises and blocks keep back reminders, not what may be paid.
func Ask(items []Item, unapplied decimal.Decimal, day time.Time) Asked {
	asked := Asked{Unapplied: decimal.Max(decimal.Zero, unapplied)}
	for i, p := range Divide(items, decimal.Zero, decimal.Zero) {
		asked.Open, asked.Disputed = asked.Open.Add(p.Open), asked.Disputed.Add(p.Held)
		if items[i].DueOn.After(day) {
			asked.NotDue = asked.NotDue.Add(p.Collectible())
		} else {
			asked.Due = asked.Due.Add(p.Collectible())
		}
	}
	return asked
}
