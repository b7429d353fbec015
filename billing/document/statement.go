package document

import (
	"time"

	"makegood/internal/money"
)

// Statement is a customer's account over a period: what was booked, and what is open at its end. Nothing in it is netted
// silently: disputed amounts and credits not yet used stand apart, and what they take off the amount to pay is written out.
type Statement struct {
	Language Language
	Date     time.Time // the day it is made
	From     time.Time // the first day of the period
	To       time.Time // the last; open items and credits are as of its end

	Entity   Entity
	Customer Customer
	KnownOn  time.Time // what was booked later does not count; zero when everything does
	Note     string    // in the customer's language; paragraphs by line breaks

	Accounts []Account // one per currency, in the order they are printed

	PayTo     []string // bank, account number, BIC; the entity's bank lines when empty
	Reference string   // what to quote when paying; the customer's account when empty
}

// Account is the part of a statement in one currency. Opening plus debits less credits is Closing, and Closing is what is
// open less the credits not yet used. A negative balance is in the customer's favour.
type Account struct {
	Currency money.Currency
	Opening  money.Amount // the zero Amount is none
	Entries  []Entry      // in the order of their dates
	Closing  money.Amount
	Open     []OpenItem
	Credits  []Credit
	PayLink  string // where what is to be paid now is paid; "" for none
}

// Entry is one document of the period: a debit or a credit, never both.
type Entry struct {
	Date     time.Time
	Kind     Kind
	Number   string
	Concerns string    // the number of what it refers to: the invoice a memo corrects, the refund's credit
	Due      time.Time // of an invoice or debit memo
	Debit    money.Amount
	Credit   money.Amount
}

// OpenItem is an invoice or debit memo with something left to pay at the end of the period.
type OpenItem struct {
	Kind     Kind
	Number   string
	Date     time.Time
	Due      time.Time
	Open     money.Amount // positive
	Disputed money.Amount // the part of Open that need not be paid until the dispute is decided
}

// Credit is a payment or credit that is not set against an invoice yet, in whole or in part.
type Credit struct {
	Kind      Kind
	Number    string
	Date      time.Time
	Amount    money.Amount // what it came to
	Available money.Amount // what of it is not used
}

// ageGroups are the groups of an aging: not due, 1–30, 31–60, 61–90, 91–120 and more than 120 days past due.
const ageGroups = 6

// ageGroup is the place of an item so many days past due.
func ageGroup(days int) int { return min(max((days+29)/30, 0), ageGroups-1) }

// daysPast is how many days lie between two days, 0 when the first is not before the second.
func daysPast(due, today time.Time) int {
	return max(int(dayOf(today).Sub(dayOf(due))/(24*time.Hour)), 0)
}

// running is an account after some of its entries.
type running struct{ debits, credits, balance money.Amount }

// figures are an account worked out. What is not disputed is either due by the end of the period, and to be paid now as far
// as no unused credit covers it, or not yet due; ages are of what is not disputed, where an item due on that very day counts as not overdue.
type figures struct {
	after     []running // after each entry, the first before any
	open      money.Amount
	disputed  money.Amount
	notYetDue money.Amount
	deducted  money.Amount // of the credits not yet used: as far as something is due
	payNow    money.Amount // what is due less what is deducted
	unused    money.Amount
	ages      [ageGroups]money.Amount
}

// figures works an account out. Amounts are of one currency, as Validate has found.
func (a Account) figures(today time.Time) figures {
	f := figures{open: money.Zero(a.Currency)}
	f.disputed, f.notYetDue, f.payNow, f.unused = f.open, f.open, f.open, f.open
	for i := range f.ages {
		f.ages[i] = f.open
	}
	now := running{f.open, f.open, orNothing(a.Opening, a.Currency)}
	f.after = append(f.after, now)
	for _, e := range a.Entries {
		debit, credit := orNothing(e.Debit, a.Currency), orNothing(e.Credit, a.Currency)
		now.debits, now.credits = plus(now.debits, debit), plus(now.credits, credit)
		now.balance = plus(now.balance, debit, credit.Neg())
		f.after = append(f.after, now)
	}
	for _, item := range a.Open {
		undisputed := item.undisputed()
		f.open, f.disputed = plus(f.open, item.Open), plus(f.disputed, item.Open, undisputed.Neg())
		age := &f.ages[ageGroup(daysPast(item.Due, today))]
		*age = plus(*age, undisputed)
		if dayOf(item.Due).After(dayOf(today)) {
			f.notYetDue = plus(f.notYetDue, undisputed)
		} else {
			f.payNow = plus(f.payNow, undisputed)
		}
	}
	for _, credit := range a.Credits {
		f.unused = plus(f.unused, credit.Available)
	}
	if f.deducted = f.unused; f.payNow.Decimal().LessThan(f.unused.Decimal()) {
		f.deducted = f.payNow
	}
	f.payNow = plus(f.payNow, f.deducted.Neg())
	return f
}

func (f figures) last() running { return f.after[len(f.after)-1] }

func (o OpenItem) undisputed() money.Amount {
	return plus(o.Open, orNothing(o.Disputed, o.Open.Currency()).Neg())
}

// plus adds amounts known to be of one currency.
func plus(first money.Amount, more ...money.Amount) money.Amount {
	for _, a := range more {
		first, _ = first.Add(a)
	}
	return first
}
