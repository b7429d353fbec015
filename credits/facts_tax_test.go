package credits_test

import (
	"slices"
	"testing"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority/policy"
)

// at gives the lines of a bill rates, "0" being goods that bear none.
func at(b *billing.Bill, rates ...string) *billing.Bill {
	for i, rate := range rates {
		b.Lines[i].TaxRate = d(rate)
		if rate == "0" {
			b.Lines[i].TaxCategory = "Z"
		}
	}
	return b
}

// A bill that is taxed otherwise than what it corrects, or whose tax somebody chose, is a change of tax: the step that the policy asks for then
// is there.
func TestABillTaxedOtherwiseChangesTax(t *testing.T) {
	t.Parallel()
	k := setup(t)
	yes := true
	k.policyOf(policy.Policy{Rules: []policy.Rule{{Name: "change of tax", When: policy.When{TaxChange: &yes}, Then: policy.Then{Step: &policy.Step{Role: "director"}}}}})
	none := func() billing.InvoiceID { return 0 }
	plain := func() billing.InvoiceID { return k.invoice(k.customer, "100").ID }
	mixed := func() billing.InvoiceID { return k.mixed("100", "50").ID }
	for name, c := range map[string]struct {
		kind    billing.Kind
		invoice func() billing.InvoiceID
		bill    *billing.Bill
		want    bool
	}{
		"charged more as before":          {billing.Debit, plain, bill("10"), false},
		"charged more under one of two":   {billing.Debit, mixed, at(bill("10"), "7"), false},
		"charged more without tax":        {billing.Debit, plain, at(bill("10"), "0"), true},
		"charged more under a lower rate": {billing.Debit, plain, at(bill("10", "5"), "19", "7"), true},
		"charged more under further tax":  {billing.Debit, plain, further(bill("10")), true},
		"charged on account":              {billing.Debit, none, bill("10"), true},
		"charged on account without tax":  {billing.Debit, none, at(bill("10"), "0"), false},
		"billed anew, cheaper":            {billing.Rebill, plain, bill("90"), false},
		"both billed anew, cheaper":       {billing.Rebill, mixed, at(bill("90", "50"), "19", "7"), false},
		"billed anew under another rate":  {billing.Rebill, plain, at(bill("100"), "7"), true},
		"billed anew all under one":       {billing.Rebill, mixed, at(bill("100", "50"), "7", "7"), true},
		"billed anew, part of it moved":   {billing.Rebill, mixed, at(bill("80", "20", "50"), "19", "7", "7"), true},
		"billed anew with a further tax":  {billing.Rebill, plain, further(bill("100")), true},
	} {
		in := k.ask(c.kind)
		in.InvoiceID, in.Bill = c.invoice(), c.bill
		if in.InvoiceID == 0 {
			in.CustomerID = k.customer
		}
		req := k.submit(in)
		if got := value[bool](t, k.db, `select coalesce((facts ->> 'tax_change')::boolean, false) from credit_request_facts where credit_request_id = $1`, req.ID); got != c.want {
			t.Errorf("%s: change of tax is %v", name, got)
		}
		steps := k.read(req.ID).Steps
		if got := slices.ContainsFunc(steps, func(s credits.Step) bool { return s.PolicyRule == "change of tax" }); got != c.want {
			t.Errorf("%s: the step of a change of tax is there: %v of %+v", name, got, steps)
		}
	}
}

// mixed is an invoice with a line of 19 % and one of 7 %.
func (k *desk) mixed(full, reduced string) billing.InvoiceDetail {
	k.t.Helper()
	lines := at(bill(full, reduced), "19", "7").Lines
	issued, err := k.billing.IssueInvoice(k.t.Context(), billing.NewInvoice{
		EntityID: k.entity, CustomerID: k.customer, Currency: "EUR", IssuedOn: k.detail(k.invoice(k.customer, "1").ID).IssuedOn, Lines: lines, By: k.control,
	})
	k.must(err)
	return k.detail(issued.ID)
}

// further has the first line of a bill bear a further tax of the same rate.
func further(b *billing.Bill) *billing.Bill {
	b.Lines[0].MoreTaxes = []billing.LineTax{{Code: "city", Category: "S", Rate: d("19")}}
	return b
}
