// Package dunning works out what may be asked of a customer: how what is open on an invoice divides into what is disputed,
// promised, kept back and left to ask for, how far an open promise has been kept, which level of reminder is due, and what
// a late fee would come to. It knows no database and no day but those it is given.
package dunning

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Item is an open invoice as far as collecting goes, in its own currency.
type Item struct {
	InvoiceID int64
	DueOn     time.Time
	Open      decimal.Decimal
	Held      decimal.Decimal // disputed and not decided
	Promised  decimal.Decimal // what promises for this very invoice still leave to be paid
	KeptBack  bool            // a block covers it, or a hold or block on it ends today
}

// Parts divides what is open on an invoice: Open = Held + Promised + KeptBack + Covered + Dunnable, none of them below zero.
type Parts struct {
	Open     decimal.Decimal
	Held     decimal.Decimal // in dispute
	Promised decimal.Decimal // undisputed, and promised for a day that has not passed
	KeptBack decimal.Decimal // undisputed and not promised, but no reminder goes out for it
	Covered  decimal.Decimal // undisputed, and the customer's money or credit for it is here, only not applied
	Dunnable decimal.Decimal // what a reminder may ask for
}

// Collectible is the undisputed part: what the customer may be shown to pay, whatever is promised or kept back.
func (p Parts) Collectible() decimal.Decimal { return p.Open.Sub(p.Held) }

// Add sums the parts of two invoices of one currency.
func (p Parts) Add(o Parts) Parts {
	return Parts{
		p.Open.Add(o.Open), p.Held.Add(o.Held), p.Promised.Add(o.Promised), p.KeptBack.Add(o.KeptBack), p.Covered.Add(o.Covered), p.Dunnable.Add(o.Dunnable),
	}
}

// Divide divides a customer's open invoices of one currency, in the order given. Promises for one invoice lower that
// invoice alone; the sum the customer promised over all it owes then lowers the rest, the oldest due first, and so does
// what is unapplied of the customer: nobody is reminded of money that is here.
func Divide(items []Item, promised, unapplied decimal.Decimal) []Parts {
	parts := make([]Parts, len(items))
	for i, item := range items {
		open := decimal.Max(item.Open, decimal.Zero)
		held := within(item.Held, open)
		parts[i] = Parts{Open: open, Held: held, Promised: within(item.Promised, open.Sub(held))}
	}
	for _, i := range oldestFirst(items) {
		p := &parts[i]
		more := within(promised, p.Collectible().Sub(p.Promised))
		p.Promised, promised = p.Promised.Add(more), promised.Sub(more)
		rest := p.Collectible().Sub(p.Promised)
		if items[i].KeptBack {
			p.KeptBack = rest
			continue
		}
		p.Covered = within(unapplied, rest)
		p.Dunnable, unapplied = rest.Sub(p.Covered), unapplied.Sub(p.Covered)
	}
	return parts
}

// within is the value between nothing and a limit.
func within(value, limit decimal.Decimal) decimal.Decimal {
	return decimal.Max(decimal.Zero, decimal.Min(value, limit))
}

func oldestFirst(items []Item) []int {
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if c := items[a].DueOn.Compare(items[b].DueOn); c != 0 {
			return c
		}
		return int(items[a].InvoiceID - items[b].InvoiceID)
	})
	return order
}

// DaysOverdue counts the days since the due date; 0 while it is not past.
func DaysOverdue(dueOn, day time.Time) int {
	return max(0, int(day.Sub(dueOn)/(24*time.Hour)))
}

// Level is the level of reminder for so many days overdue, by the days from which each level applies, ascending; 0 is none.
func Level(levelDays []int, overdue int) int {
	level := 0
	for i, from := range levelDays {
		if overdue >= from {
			level = i + 1
		}
	}
	return level
}
