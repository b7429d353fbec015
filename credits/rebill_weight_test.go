package credits_test

import (
	"errors"
	"slices"
	"testing"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/dbtest"
)

// rebill asks for an invoice of 11.90 to be credited and billed anew with these nets.
func (k *desk) rebill(nets ...string) credits.ProposeInput {
	k.t.Helper()
	in := k.ask(billing.Rebill)
	in.InvoiceID, in.Bill = k.invoice(k.customer, "10").ID, bill(nets...)
	return in
}

// A small rest that is credited is no authority to bill any amount: the greater of the two is what is compared with limits, what counts with what
// else the family gets, and what taking it back is compared with.
func TestARebillIsDecidedByWhatItBills(t *testing.T) {
	t.Parallel()
	k := setup(t)
	want := levelsOf(k.read(k.submit(k.proposal(k.invoice(k.partner, "400000"), "400000")).ID))
	in := k.rebill("400000")
	view, err := k.credits.Preview(t.Context(), in)
	k.must(err)
	equal(t, "compared with limits", "476000", view.AuthorityAmount)
	req := k.submit(in)
	equal(t, "given back", "11.90", req.Total)
	equal(t, "kept as what was compared", "476000", req.AuthorityAmount)
	if got := levelsOf(k.read(req.ID)); !slices.Equal(got, want) || len(got) < 4 {
		t.Errorf("decided by %v, want %v", got, want)
	}
	equal(t, "it counts with what is given", "476000", k.windowOf(k.proposal(k.invoice(k.customer, "100"), "10")))
	rebill := k.finish(req)
	back := k.submit(k.takeBack(rebill))
	equal(t, "taking it back", "476000", back.AuthorityAmount)
	if got := levelsOf(k.read(back.ID)); !slices.Equal(got, want) {
		t.Errorf("taken back by %v, want %v", got, want)
	}
	k.finish(back)
}

// Where a policy looks at amounts without tax, it is the greater of those.
func TestARebillIsDecidedByTheGreaterNet(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.policyOf(policy.Policy{Basis: policy.Net})
	in := k.rebill("11.80")
	in.Bill.Lines[0].TaxRate, in.Bill.Lines[0].TaxCategory = d("0"), "Z"
	req := k.submit(in)
	equal(t, "with tax", "11.90", req.AuthorityAmount)
	for name, want := range map[string]string{"gross": "11.9", "net": "11.8", "tax": "1.9"} {
		if got := value[string](t, k.db, `select trim_scale((facts ->> $2)::numeric)::text from credit_request_facts where credit_request_id = $1`, req.ID, name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

// Nor does an own limit reach farther than what is billed.
func TestAnOwnLimitCoversWhatIsBilled(t *testing.T) {
	t.Parallel()
	k := setup(t)
	most := d("1000")
	k.changeLevel(2, upTo("1000", credits.Limit{Kind: billing.Rebill, MaxAmount: &most, OwnLimit: d("500")}), k.control, k.finance)
	for _, net := range []string{"5", "100000"} {
		in := k.rebill(net)
		in.By = k.senior
		if got := k.submit(in); got.OwnLimit != (net == "5") {
			t.Errorf("%s billed within an own limit of 500: %v", net, got.OwnLimit)
		}
	}
}

// A rebill that was submitted when the bill did not count is signed by nobody: its chain was drawn for less.
func TestARebillOfBeforeIsNotSigned(t *testing.T) {
	t.Parallel()
	k := setup(t)
	req := k.submit(k.rebill("100"))
	step, _ := k.read(req.ID).Open()
	dbtest.AsOwner(t, k.db, `update credit_requests set authority_amount = total`, `update credit_request_seals s set of_rows = credit_request_rows(r) from credit_requests r where r.id = s.credit_request_id`)
	_, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.decider(step), ID: req.ID})
	if !errors.Is(err, credits.ErrBillNotCounted) {
		t.Fatalf("signed: %v", err)
	}
	_, err = k.credits.Withdraw(t.Context(), credits.WithdrawInput{By: k.agent, ID: req.ID, Comment: "anew"})
	k.must(err)
	again := k.rebill("100")
	k.through(again)
}
