package credits_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// said is what a rule says of a proposal; nil when it keeps silent.
func (k *desk) said(in credits.ProposeInput, rule credits.WarningRule) *credits.Warning {
	k.t.Helper()
	view, err := k.credits.Preview(k.t.Context(), in)
	k.must(err)
	for i, w := range view.Warnings {
		if w.Rule == rule {
			return &view.Warnings[i]
		}
	}
	return nil
}

func (k *desk) speaks(in credits.ProposeInput, rule credits.WarningRule, behind ...string) credits.Warning {
	k.t.Helper()
	w := k.said(in, rule)
	if w == nil {
		k.t.Fatalf("%s keeps silent", rule)
	}
	var rows []string
	for _, row := range w.Behind {
		rows = append(rows, row.Number)
	}
	if !slices.Equal(rows, behind) {
		k.t.Errorf("%s shows %v, want %v", rule, rows, behind)
	}
	return *w
}

func (k *desk) silent(in credits.ProposeInput, rule credits.WarningRule, why string) {
	k.t.Helper()
	if w := k.said(in, rule); w != nil {
		k.t.Errorf("%s speaks though %s: %v %+v", rule, why, w.Params, w.Behind)
	}
}

func (k *desk) thresholds(w policy.Warnings) {
	k.do(func(tx *db.Tx) error { return k.credits.SeedPolicyTx(k.t.Context(), tx, policy.Policy{Warnings: w}) })
}

func (k *desk) posted(in credits.ProposeInput, by ...access.Actor) credits.Request {
	k.t.Helper()
	req := k.submit(in)
	k.approve(req.ID, by...)
	k.work()
	return req
}

func TestALineCreditedBefore(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "4000", "3000")
	first := k.posted(k.proposal(invoice, "400"), k.senior)
	w := k.speaks(k.proposal(invoice, "70"), credits.LineCreditedBefore, first.Number)
	if row := w.Behind[0]; row.Document == "" || row.Text != "Compute, part 1" || row.Who != "Mara Lindqvist" {
		t.Errorf("row %+v", row)
	}
	equal(t, "of the line", "476", w.Behind[0].Amount)
	other := k.proposal(invoice, "70")
	other.Lines[0].InvoiceLineID = invoice.Lines[1].ID
	k.silent(other, credits.LineCreditedBefore, "it is another line")
	back := k.submit(k.taking(first))
	k.approve(back.ID, k.senior)
	k.work()
	k.silent(k.proposal(invoice, "70"), credits.LineCreditedBefore, "it was taken back")
}

// taking is the proposal of a reversal.
func (k *desk) taking(req credits.Request) credits.ProposeInput {
	d := k.read(req.ID)
	return credits.ProposeInput{
		By: k.agent, Kind: billing.Reverse, ReasonCode: "wrong_price", Explanation: "It was right after all.",
		Reverses: billing.DocumentRef{Kind: d.DocumentKind, ID: *d.DocumentID}, Evidence: []credits.NewEvidence{{Kind: credits.Document, Label: "Contract"}},
	}
}

func TestTheSameAmountForACustomer(t *testing.T) {
	t.Parallel()
	k := setup(t)
	first := k.submit(k.proposal(k.invoice(k.customer, "4000"), "300"))
	k.speaks(k.proposal(k.invoice(k.customer, "4000"), "300"), credits.SameAmount, first.Number)
	k.silent(k.proposal(k.invoice(k.customer, "4000"), "300.01"), credits.SameAmount, "it is a cent more")
	k.silent(k.proposal(k.invoice(k.client, "4000"), "300"), credits.SameAmount, "it is another customer")
	k.clock.Set(k.clock.Now().AddDate(0, 0, 90).Add(time.Hour))
	k.rate()
	k.silent(k.proposal(k.invoice(k.customer, "4000"), "300"), credits.SameAmount, "it was more than 90 days ago")
}

// rate records a rate of the day, which old ones are not used after.
func (k *desk) rate() {
	k.run(`insert into fx_rates (base, quote, on_date, rate, source) values ('EUR', 'USD', $1, 1.25, 'ECB')`, k.clock.Now())
}

func TestSeveralJustBelowALimit(t *testing.T) {
	t.Parallel()
	k := setup(t)
	near := func(customer billing.CustomerID) credits.ProposeInput {
		return k.proposal(k.invoice(customer, "4000"), "800")
	} // 952 of 1,000
	k.silent(near(k.customer), credits.JustBelowLimit, "it is the first")
	first := k.submit(near(k.customer))
	k.speaks(near(k.client), credits.JustBelowLimit, first.Number) // another family, the same requester
	other := near(k.customer)
	other.By = k.second
	k.speaks(other, credits.JustBelowLimit, first.Number) // another requester, the same family
	other = near(k.client)
	other.By = k.second
	k.silent(other, credits.JustBelowLimit, "neither the requester nor the family asked before")
	k.silent(k.proposal(k.invoice(k.client, "4000"), "700"), credits.JustBelowLimit, "833.00 is not just below")
}

func TestMuchToOneCustomer(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.thresholds(policy.Warnings{CustomerCount: 2, CustomerSum: d("1000")})
	one := func(net string) credits.ProposeInput { return k.proposal(k.invoice(k.customer, "4000"), net) }
	first := k.submit(one("200")) // 238
	k.silent(one("201"), credits.MuchToOneCustomer, "two are the norm")
	w := k.speaks(one("700"), credits.MuchToOneCustomer, first.Number) // 238 + 833
	if w.Params["sum"] != "1071.00 EUR" || w.Params["most_sum"] != "1000.00 EUR" {
		t.Errorf("says %v", w.Params)
	}
	second := k.submit(one("201"))
	k.speaks(one("10"), credits.MuchToOneCustomer, second.Number, first.Number)
	other := one("10")
	other.By = k.second
	k.silent(other, credits.MuchToOneCustomer, "somebody else asks")
	k.silent(k.proposal(k.invoice(k.client, "4000"), "10"), credits.MuchToOneCustomer, "it is another customer")
}

func TestACustomerOfOnesOwn(t *testing.T) {
	t.Parallel()
	k := setup(t)
	dbtest.AsOwner(t, k.db, fmt.Sprintf(`update customers set created_by = %d where id = %d`, k.agent.UserID, k.customer))
	in := k.proposal(k.invoice(k.customer, "4000"), "300")
	k.speaks(in, credits.OwnCustomer, "C-1")
	in.By = k.second
	k.silent(in, credits.OwnCustomer, "somebody else entered it")
	k.silent(k.proposal(k.invoice(k.client, "4000"), "300"), credits.OwnCustomer, "nobody is known to have entered it")
}

func TestARoundSumWithoutEvidence(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.thresholds(policy.Warnings{RoundStep: 119})
	in := k.proposal(k.invoice(k.customer, "4000"), "100")
	k.silent(in, credits.RoundSum, "there is evidence")
	in.Evidence = nil
	k.speaks(in, credits.RoundSum)
	in.Lines[0].Net = d("100.01")
	k.silent(in, credits.RoundSum, "119.01 is not round")
}

func TestAlwaysTheSamePair(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.thresholds(policy.Warnings{PairCount: 3, PairPercent: 75})
	var numbers []string
	for n := range 3 {
		in := k.proposal(k.invoice(k.customer, "4000"), "300")
		k.silent(in, credits.SamePair, fmt.Sprintf("only %d were signed", n))
		req := k.submit(in)
		k.approve(req.ID, k.senior)
		numbers = append([]string{req.Number}, numbers...)
	}
	in := k.proposal(k.invoice(k.customer, "4000"), "100")
	w := k.speaks(in, credits.SamePair, numbers...)
	if w.Params["approver"] != "Jonas Brandt" || w.Params["count"] != "3" || w.Params["of"] != "3" {
		t.Errorf("says %v", w.Params)
	}
	other := in
	other.By = k.second
	k.silent(other, credits.SamePair, "it is the first of somebody else")
	high := k.proposal(k.invoice(k.client, "400000"), "60000") // the senior is asked, and others
	if w := k.said(high, credits.SamePair); w == nil || w.Params["approver"] != "Jonas Brandt" {
		t.Errorf("with others: %+v", w)
	}
	dbtest.AsOwner(t, k.db, `update credit_decisions set user_id = (select id from users where name = 'Katrin Vogel') where id = (select max(id) from credit_decisions)`)
	k.silent(in, credits.SamePair, "two of three are less than 75 percent")
}

// It is 09:30 in Berlin; twelve hours later nobody works there. What is signed then is kept too.
func TestOutsideWorkingHours(t *testing.T) {
	t.Parallel()
	k := setup(t)
	in := k.proposal(k.invoice(k.customer, "4000"), "300")
	k.silent(in, credits.OutsideHours, "it is half past nine in Berlin")
	req := k.submit(in)
	k.clock.Set(time.Date(2026, 5, 12, 19, 30, 0, 0, time.UTC))
	w := k.speaks(k.proposal(k.invoice(k.customer, "4000"), "70"), credits.OutsideHours)
	if w.Params["at"] != "Tuesday 21:30" {
		t.Errorf("says %v", w.Params)
	}
	k.approve(req.ID, k.senior)
	raised := k.read(req.ID).Raised
	if len(raised) != 1 || raised[0].Key != "credits.warning.signed_outside_hours" || raised[0].Stage != "signed" || raised[0].Params["name"] != "Jonas Brandt" {
		t.Errorf("signed at night: %+v", raised)
	}
}

// What approvers saw stays with the request, row by row, whatever becomes of the rows; a change has its own.
func TestWarningsAreKeptAsTheyWereSeen(t *testing.T) {
	t.Parallel()
	k := setup(t)
	first := k.submit(k.proposal(k.invoice(k.customer, "4000"), "300"))
	second := k.submit(k.proposal(k.invoice(k.customer, "4000"), "300"))
	_, err := k.credits.Withdraw(t.Context(), credits.WithdrawInput{By: k.agent, ID: first.ID})
	k.must(err)
	raised := k.read(second.ID).Raised
	if len(raised) != 1 || raised[0].Rule != credits.SameAmount || len(raised[0].Behind) != 1 || raised[0].Behind[0].Number != first.Number {
		t.Fatalf("kept %+v", raised)
	}
	equal(t, "of the row", "357", raised[0].Behind[0].Amount)
	for _, statement := range []string{`update credit_warnings set params = '{}'`, `delete from credit_warnings`, `update credit_warnings set behind = '[]'`} {
		if err := k.db.Do(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), statement); return err }); err == nil {
			t.Errorf("the database took %q", statement)
		}
	}
	changed := *k.read(second.ID).Proposal
	changed.By, changed.Lines[0].Net = k.agent, d("200")
	_, err = k.credits.Change(t.Context(), credits.ChangeInput{ID: second.ID, Proposal: changed, Comment: "Less."})
	k.must(err)
	if now := k.read(second.ID).Raised; len(now) != 0 {
		t.Errorf("of the change: %+v", now)
	}
	if n := value[int](t, k.db, `select count(*)::int from credit_warnings where content_version = 1`); n != 1 {
		t.Errorf("%d warnings of the first version", n)
	}
}

// More rows than are kept are counted.
func TestRowsBehindAreBounded(t *testing.T) {
	t.Parallel()
	k := setup(t)
	const asked = 22
	for range asked {
		in := k.proposal(k.invoice(k.customer, "4000"), "1")
		in.By = k.second
		k.submit(in)
	}
	w := k.said(k.proposal(k.invoice(k.customer, "4000"), "1"), credits.SameAmount)
	if w == nil || len(w.Behind) != 20 || w.More != asked-20 || w.Params["count"] != "22" {
		t.Errorf("%+v", w)
	}
}
