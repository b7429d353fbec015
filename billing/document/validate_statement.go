package document

import (
	"fmt"
	"time"

	"makegood/internal/money"
)

// Validate tells whether the statement names whose account it is and over which period, and whether each account adds
// up: movements to the closing balance, and open items less unused credits to the same.
func (s Statement) Validate() error {
	if err := checkLanguage(s.Language, s.Entity.Country); err != nil {
		return err
	}
	if err := refuseMissing(
		need{"date", !s.Date.IsZero()}, need{"from", !s.From.IsZero()}, need{"to", !s.To.IsZero()},
		need{"entity.name", s.Entity.Name != ""}, need{"customer.name", s.Customer.Name != ""}, need{"accounts", len(s.Accounts) > 0},
	); err != nil {
		return err
	}
	if dayOf(s.To).Before(dayOf(s.From)) {
		return contradiction("to")
	}
	seen := map[money.Currency]bool{}
	for i, a := range s.Accounts {
		at := fmt.Sprintf("accounts[%d]", i)
		switch {
		case a.Currency == "":
			return incomplete(at + ".currency")
		case seen[a.Currency]:
			return contradiction(at + ".currency")
		}
		seen[a.Currency] = true
		if err := s.checkAccount(at, a); err != nil {
			return err
		}
	}
	return nil
}

func (s Statement) checkAccount(at string, a Account) error {
	words, _ := catalogueOf(s.Language, s.Entity.Country)
	before := s.From
	for i, e := range a.Entries {
		if err := e.check(fmt.Sprintf("%s.entries[%d]", at, i), words); err != nil {
			return err
		}
		if dayOf(e.Date).Before(dayOf(before)) || dayOf(e.Date).After(dayOf(s.To)) {
			return contradiction(fmt.Sprintf("%s.entries[%d].date", at, i))
		}
		before = e.Date
	}
	for i, item := range a.Open {
		if err := item.check(fmt.Sprintf("%s.open[%d]", at, i), words, s.To); err != nil {
			return err
		}
	}
	for i, c := range a.Credits {
		if err := c.check(fmt.Sprintf("%s.credits[%d]", at, i), words, s.To); err != nil {
			return err
		}
	}
	return a.checkSums(at)
}

func (e Entry) check(at string, words catalogue) error {
	if err := refuseMissing(need{at + ".date", !e.Date.IsZero()}, need{at + ".kind", words.kinds[e.Kind] != ""}, need{at + ".number", e.Number != ""}); err != nil {
		return err
	}
	if !given(e.Debit) && !given(e.Credit) {
		return incomplete(at + ".debit")
	}
	if e.Debit.IsNegative() || e.Credit.IsNegative() || (!e.Debit.IsZero() && !e.Credit.IsZero()) {
		return contradiction(at + ".debit")
	}
	return nil
}

func (o OpenItem) check(at string, words catalogue, today time.Time) error {
	if err := refuseMissing(
		need{at + ".number", o.Number != ""}, need{at + ".kind", words.kinds[o.Kind] != ""},
		need{at + ".date", !o.Date.IsZero()}, need{at + ".due", !o.Due.IsZero()},
	); err != nil {
		return err
	}
	if !o.Open.IsPositive() {
		return contradiction(at + ".open")
	}
	if dayOf(o.Date).After(dayOf(today)) {
		return contradiction(at + ".date")
	}
	disputed := orNothing(o.Disputed, o.Open.Currency())
	if cmp, err := disputed.Cmp(o.Open); err != nil || cmp > 0 || disputed.IsNegative() {
		return contradiction(at + ".disputed")
	}
	return nil
}

func (c Credit) check(at string, words catalogue, today time.Time) error {
	if err := refuseMissing(
		need{at + ".number", c.Number != ""}, need{at + ".kind", words.kinds[c.Kind] != ""}, need{at + ".date", !c.Date.IsZero()},
	); err != nil {
		return err
	}
	if dayOf(c.Date).After(dayOf(today)) {
		return contradiction(at + ".date")
	}
	if cmp, err := c.Available.Cmp(c.Amount); err != nil || cmp > 0 || !c.Available.IsPositive() {
		return contradiction(at + ".available")
	}
	return nil
}

func (a Account) checkSums(at string) error {
	moved := []money.Amount{orNothing(a.Opening, a.Currency)}
	for _, e := range a.Entries {
		moved = append(moved, orNothing(e.Debit, a.Currency), orNothing(e.Credit, a.Currency).Neg())
	}
	var standing []money.Amount
	for _, item := range a.Open {
		standing = append(standing, item.Open)
	}
	for _, c := range a.Credits {
		standing = append(standing, c.Available.Neg())
	}
	return checkSums("statement, "+at, a.Currency, sum{at + ".closing", moved, a.Closing}, sum{at + ".open", standing, a.Closing})
}
