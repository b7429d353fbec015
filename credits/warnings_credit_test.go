package credits_test

import (
	"testing"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
)

func TestChargingMoreThanTheLimitIsWarnedOf(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.invoice(k.customer, "1000") // 1,190.00 owed
	customer, err := k.billing.CustomerByID(t.Context(), k.db, k.customer)
	k.must(err)
	terms := func(limit, hold string) {
		in := billing.CreditTerms{By: access.Actor{Kind: access.Person, UserID: 1, Roles: []access.Role{access.Controller}}, Account: customer.Account, Version: customer.Version, Hold: hold}
		if limit != "" {
			in.Limit = new(d(limit))
		}
		customer, err = k.billing.SetCreditTerms(t.Context(), in)
		k.must(err)
	}
	debit := k.ask(billing.Debit)
	debit.CustomerID, debit.Currency = k.customer, "EUR"
	debit.Bill = bill("200", "100") // 357.00 more
	k.silent(debit, credits.OverCreditLimit, "there is no limit")
	terms("1547.00", "")
	k.silent(debit, credits.OverCreditLimit, "it is just within the limit")
	k.silent(debit, credits.OnCreditHold, "nothing is on hold")
	terms("1546.99", "Two promises were broken")
	w := k.speaks(debit, credits.OverCreditLimit, customer.Account)
	if w.Params["then"] != "1547.00 EUR" || w.Params["limit"] != "1546.99 EUR" {
		t.Errorf("%v", w.Params)
	}
	if w := k.speaks(debit, credits.OnCreditHold, customer.Account); w.Params["reason"] != "Two promises were broken" {
		t.Errorf("%v", w.Params)
	}
	terms("0", "Two promises were broken")
	k.silent(k.proposal(k.invoice(k.customer, "100"), "10"), credits.OnCreditHold, "a credit charges nothing")
	k.silent(k.proposal(k.invoice(k.customer, "100"), "10"), credits.OverCreditLimit, "a credit charges nothing")
}
