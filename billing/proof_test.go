package billing_test

import (
	"slices"
	"testing"
	"time"

	"makegood/billing"
	"makegood/billing/ledger"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs/jobstest"
)

func (c *counter) proves(whole bool) billing.Proof {
	c.t.Helper()
	p, err := c.billing.Prove(c.t.Context(), whole, access.SystemActor("test"))
	c.must(err)
	return p
}

func broken(p billing.Proof) []string {
	var names []string
	for _, point := range p.Points {
		if point.Faults > 0 {
			names = append(names, point.Name)
		}
	}
	slices.Sort(names)
	return names
}

// Each day proves what came since the last proof that held; what was tampered with before it is found by the whole proof.
func TestADailyProofCoversWhatCameSince(t *testing.T) {
	t.Parallel()
	c := open(t)
	old := c.overdue("100")
	c.on("2026-05-13")
	if first := c.proves(false); !first.OK || !first.Whole || first.ProvenEntry == 0 || first.ProvenEvent == 0 {
		t.Fatalf("the first proof %+v", first)
	}
	fresh := c.overdue("50")
	_, err := c.billing.RecordPayment(t.Context(), c.pay("EUR", "20", "2026-05-13", billing.Allocate{InvoiceID: fresh.ID, Amount: d("20")}))
	c.must(err)
	c.carried(credit(billing.BillingError, fresh.ID, billing.AdjustLine{InvoiceLineID: fresh.Lines[0].ID, Amount: d("10")}))
	c.on("2026-05-14")
	second := c.proves(false)
	if !second.OK || second.Whole || second.ProvenEntry <= 1 {
		t.Fatalf("the second proof %+v", second)
	}
	if chain := second.Points[0]; chain.Name != billing.ChainPoint || chain.Rows == 0 {
		t.Errorf("of the chain %+v", chain)
	}
	c.overdue("70")
	dbtest.AsOwner(t, c.db, `update open_items set open = open - 1 where document_id = `+number(old.ID)+` and kind = 'invoice'`)
	c.on("2026-05-15")
	if third := c.proves(false); !third.OK || third.Whole {
		t.Errorf("what came since is sound, and found %v", broken(third))
	}
	if whole := c.proves(true); whole.OK || !slices.Contains(broken(whole), "open_item_is_the_ledger") {
		t.Errorf("the whole proof found %v", broken(whole))
	}
	last := c.overdue("80")
	dbtest.AsOwner(t, c.db, `update open_items set open = open - 1 where document_id = `+number(last.ID)+` and kind = 'invoice'`)
	if narrow := c.proves(false); narrow.OK || narrow.Whole || !slices.Contains(broken(narrow), "open_item_adds_up") {
		t.Errorf("after the last proof that held: whole %v, found %v", narrow.Whole, broken(narrow))
	}
	c.on("2026-05-23")
	if p := c.proves(false); !p.Whole {
		t.Error("after a week the whole is proven again")
	}
	list, err := c.billing.Proofs(t.Context(), 10, controller())
	c.must(err)
	if len(list) != 6 || list[0].ID < list[1].ID || list[0].OK {
		t.Errorf("%d proofs kept: %+v", len(list), list)
	}
}

func number(id billing.InvoiceID) string { return decimalOf(int64(id)) }

// What somebody tampered with since the last proof is found by the daily one alone.
func TestADailyProofFindsTampering(t *testing.T) {
	t.Parallel()
	for name, tamper := range map[string]struct{ statement, finds string }{
		"posting":         {`update postings set amount = amount + 1 where entry_id = (select max(id) from journal_entries) and account = 'receivable'`, "entry_balances"},
		"number gone":     {`delete from invoices where id = (select max(id) from invoices)`, "numbers_have_no_gaps"},
		"number not used": {`update document_sequences set last_no = last_no + 1 where document_kind = 'invoice'`, "numbers_have_no_gaps"},
		"event altered":   {`update audit_log set data = '{"amount": "1"}' where id = (select max(id) from audit_log)`, billing.ChainPoint},
		"event gone":      {`delete from audit_log where id = (select max(id) from audit_log)`, billing.ChainPoint},
		"month altered":   {`update account_month_sums set amount = amount + 1 where account = 'receivable'`, "account_month_is_the_ledger"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t)
			c.overdue("100")
			c.on("2026-05-13")
			if p := c.proves(false); !p.OK {
				t.Fatalf("found %v", broken(p))
			}
			c.overdue("50")
			_, err := ledger.TakeMonths(t.Context(), c.db, day("2026-05-13"))
			c.must(err)
			dbtest.AsOwner(t, c.db, tamper.statement)
			c.on("2026-05-14")
			if p := c.proves(false); p.Whole || !slices.Contains(broken(p), tamper.finds) {
				t.Errorf("whole %v, found %v, want %s", p.Whole, broken(p), tamper.finds)
			}
		})
	}
}

// The job runs once a day whoever starts it how often, and asks for the controllers to be told.
func TestTheDailyProofIsAJob(t *testing.T) {
	t.Parallel()
	c := open(t)
	i := c.overdue("100")
	work := func() {
		c.do(func(tx *db.Tx) error { return tx.Enqueue(t.Context(), billing.ProveBooks{}) })
		c.do(func(tx *db.Tx) error { return tx.Enqueue(t.Context(), billing.ProveBooks{}) })
		jobstest.Drain(t, c.db, c.jobs, c.clock, c.clock.Now().Add(time.Minute))
	}
	work()
	c.clock.Set(c.clock.Now().Add(time.Hour))
	work()
	list, err := c.billing.Proofs(t.Context(), 10, controller())
	c.must(err)
	if len(list) != 1 || !list[0].OK {
		t.Fatalf("proofs %+v", list)
	}
	dbtest.AsOwner(t, c.db, `update open_items set open = open - 1 where document_id = `+number(i.ID)+` and kind = 'invoice'`)
	c.on("2026-05-25")
	c.proves(false)
	told, err := db.Value[int](t.Context(), c.db, `select count(*)::int from river_job where kind = 'billing.books_do_not_agree'`)
	c.must(err)
	if told != 1 {
		t.Errorf("%d times told", told)
	}
	for _, role := range []access.Role{access.Agent, access.Auditor} {
		if _, err := c.billing.Prove(t.Context(), false, access.Actor{Kind: access.Person, UserID: 9, Roles: []access.Role{role}}); err == nil {
			t.Errorf("%s may ask for a proof", role)
		}
	}
}
