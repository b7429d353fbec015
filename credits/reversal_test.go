package credits_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/credits/authority"
	"makegood/internal/audit"
	"makegood/internal/dbtest"
)

// shape is what must be the same before a credit and after it was taken back.
type shape struct {
	open, held, remaining string
	status, second        cases.DisputeStatus
	disputed              string
	state                 cases.CreditState
	active                bool
}

func (k *desk) shapeOf(invoice billing.InvoiceID, c cases.ID) shape {
	k.t.Helper()
	detail := k.detail(invoice)
	lines, err := k.cases.Disputes(k.t.Context(), k.db, c)
	k.must(err)
	now := k.caseOf(c)
	return shape{
		open: detail.Open.Open.String(), held: detail.Open.Held.String(), remaining: detail.Lines[0].Remaining.String(),
		status: lines[0].Status, second: lines[1].Status, disputed: now.Disputed.String(), state: now.CreditState, active: now.Status.Active(),
	}
}

func TestReversalPutsDisputeAndHoldBack(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000", "500")
	c, lines := k.dispute(invoice, "595", "119")
	before := k.shapeOf(invoice.ID, c.ID)
	in := k.caseProposal(c, lines, invoice, "500", "50")
	credit := k.finish(k.submit(in))
	if got := k.caseOf(c.ID); got.Status != cases.StatusResolved {
		t.Fatalf("the settled case is %s", got.Status)
	}

	in = k.takeBack(credit)
	in.Explanation = " "
	if _, err := k.credits.Submit(t.Context(), in); problem(err) != "explanation credits.evidence.missing" {
		t.Errorf("without an explanation: %v", err)
	}
	in.Explanation = "It was the wrong invoice."
	req := k.submit(in)
	if req.CaseID == nil || *req.CaseID != c.ID || req.AuthorityKind != billing.BillingError {
		t.Errorf("a reversal belongs to the case of what it takes back: %+v", req)
	}
	if got, want := levelsOf(k.read(req.ID)), levelsOf(credit); !slices.Equal(got, want) {
		t.Errorf("the same authority: %v, for the credit %v", got, want)
	}
	if _, err := k.credits.Submit(t.Context(), in); problem(err) != "reverses credits.reversal_taken" {
		t.Errorf("a second request for the same document: %v", err)
	}
	back := k.finish(req)
	if after := k.shapeOf(invoice.ID, c.ID); after != before {
		t.Errorf("before the credit %+v, after it was taken back %+v", before, after)
	}
	if back.InvoiceID != invoice.ID || back.DocumentKind != billing.ReversalDoc || k.read(credit.ID).TakenBackBy != back.DocumentNumber {
		t.Errorf("%+v", back.Row)
	}
	if n := value[int](t, k.db, `select count(*) from stored_documents where document_kind = 'reversal'`); n != 1 {
		t.Errorf("%d papers of the reversal", n)
	}
	expectEvents(t, k, audit.Case(int64(c.ID)), "dispute.decided", "dispute.decided", "dispute.reopened", "dispute.reopened", "credit.reversed")
	faults, err := k.cases.Verify(t.Context())
	k.must(err)
	if len(faults) != 0 {
		t.Errorf("%+v", faults)
	}

	// Everything is possible again, and what was promised no more.
	equal(t, "what counts together", "0", k.windowOf(k.caseProposal(c, lines, invoice, "500", "50")))
	again := k.caseProposal(c, lines, invoice, "500", "50")
	k.finish(k.submit(again))
	if _, err := k.credits.Submit(t.Context(), k.takeBack(credit)); problem(err) != billing.ErrReversedBefore.Key {
		t.Errorf("taken back twice: %v", err)
	}
}

func TestReversalStaysInItsCase(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000", "500")
	c, lines := k.dispute(invoice, "119")
	credit := k.finish(k.submit(k.caseProposal(c, lines, invoice, "100")))
	other, _ := k.dispute(k.invoice(k.customer, "100"), "1.19")
	in := k.takeBack(credit)
	in.CaseID = &other.ID
	if _, err := k.credits.Submit(t.Context(), in); problem(err) != "case credits.taken_back_in_its_case" {
		t.Errorf("in another case: %v", err)
	}
}

func TestReversalOfADebitMemo(t *testing.T) {
	t.Parallel()
	k := setup(t)
	in := k.ask(billing.Debit)
	in.CustomerID, in.Bill = k.customer, bill("5000")
	debit := k.through(in)
	req := k.submit(k.takeBack(debit))
	if req.AuthorityKind != billing.Debit || !slices.Equal(levelsOf(k.read(req.ID)), levelsOf(debit)) {
		t.Errorf("limits of %s, %v", req.AuthorityKind, levelsOf(k.read(req.ID)))
	}
	k.finish(req)
	equal(t, "nothing is owed", "0", k.account(k.customer))
}

// A refund that a credit brought with it goes first, then the credit. The case stays settled until the credit goes too.
func TestRefundOfACreditIsTakenBack(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000", "500")
	k.pay(k.customer, "1785", billing.Allocate{InvoiceID: invoice.ID, Amount: d("1785")})
	c, lines := k.dispute(invoice, "595", "119")
	before := k.shapeOf(invoice.ID, c.ID)
	in := k.caseProposal(c, lines, invoice, "500", "100")
	in.Refund = d("300")
	credit := k.finish(k.submit(in))
	if _, err := k.credits.Submit(t.Context(), k.takeBack(credit)); problem(err) != billing.ErrReversalBlocked.Key {
		t.Errorf("while its refund stands: %v", err)
	}
	refund := k.ask(billing.Reverse)
	refund.Evidence, refund.Reverses = nil, billing.DocumentRef{Kind: billing.RefundDoc, ID: value[int64](t, k.db, `select id from refunds`)}
	k.through(refund)
	if got := k.caseOf(c.ID); got.CreditState != cases.CreditPosted || got.Status != cases.StatusResolved {
		t.Errorf("the credit still stands: %s, %s", got.CreditState, got.Status)
	}
	k.through(k.takeBack(credit))
	if after := k.shapeOf(invoice.ID, c.ID); after != before {
		t.Errorf("before the credit %+v, after it was taken back %+v", before, after)
	}
}

// What is written off is gross; the tax that comes back is a part of it.
func TestWriteOffWithTaxRelief(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.run(`update legal_entities set write_off_tax_relief = true`)
	invoice := k.invoice(k.customer, "100")
	in := k.ask(billing.WriteOff)
	in.Items = []billing.ItemPart{{Kind: billing.InvoiceItem, ID: int64(invoice.ID), Amount: d("59.50")}}
	given := k.through(in)
	equal(t, "tax", "9.50", given.Tax)
	equal(t, "total", "59.50", given.Total)
	equal(t, "open", "59.50", k.open(billing.InvoiceItem, int64(invoice.ID)))
	k.through(k.takeBack(given))
	equal(t, "open again", "119", k.open(billing.InvoiceItem, int64(invoice.ID)))
}

func TestEveryKindIsGuardedAlike(t *testing.T) {
	t.Parallel()
	for _, kind := range []billing.Kind{billing.Rebill, billing.Debit, billing.RefundOut, billing.WriteOff, billing.TransferOver, billing.Reverse} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			in := k.guarded(kind)
			in.By = k.lead
			req := k.submit(in)
			if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.lead, ID: req.ID}); !errors.Is(err, authority.ErrOwnRequest) {
				t.Errorf("own approval: %v", err)
			}
			k.approve(req.ID, k.control)
			content := value[string](t, k.db, `select content::text from credit_requests where id = $1`, req.ID)
			documents := k.documents()
			dbtest.AsOwner(t, k.db, `update credit_requests set content = jsonb_set(content, '{ReasonCode}', '"other"') where state = 'approved'`)
			k.work()
			if got := k.read(req.ID); got.State != credits.Failed || got.Failure != "credits.digest_mismatch" || k.documents() != documents {
				t.Fatalf("changed content: %s %s", got.State, got.Failure)
			}
			dbtest.AsOwner(t, k.db, fmt.Sprintf(`update credit_requests set content = '%s'::jsonb where id = %d`, strings.ReplaceAll(content, "'", "''"), req.ID))
			_, err := k.credits.Retry(t.Context(), k.lead, req.ID)
			k.must(err)
			for range 2 {
				k.must(k.credits.Post(t.Context(), credits.PostRequest{ID: req.ID}))
			}
			k.work()
			if got := k.read(req.ID); got.State != credits.Posted || k.documents() != documents+1 {
				t.Errorf("%s %s, %d new documents", got.State, got.Failure, k.documents()-documents)
			}
			k.sound()
		})
	}
}

// documents counts everything that can be posted.
func (k *desk) documents() int {
	k.t.Helper()
	return value[int](k.t, k.db, `select ((select count(*) from credit_memos) + (select count(*) from refunds) + (select count(*) from write_offs)
		+ (select count(*) from transfers) + (select count(*) from reversals) + (select count(*) from invoices where kind = 'debit_memo'))::int`)
}

// guarded is a proposal of a kind whose decision needs the controller alone once a supervisor asks for it.
func (k *desk) guarded(kind billing.Kind) credits.ProposeInput {
	k.t.Helper()
	in := k.ask(kind)
	switch kind {
	case billing.Rebill:
		in.InvoiceID, in.Bill = k.invoice(k.customer, "4000").ID, bill("3000")
	case billing.Debit:
		in.CustomerID, in.Bill = k.customer, bill("3000")
	case billing.WriteOff:
		invoice := k.invoice(k.customer, "4000")
		in.Items = []billing.ItemPart{{Kind: billing.InvoiceItem, ID: int64(invoice.ID), Amount: d("4000")}}
	case billing.RefundOut, billing.TransferOver:
		in.Items = []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(k.pay(k.partner, "3000").ID), Amount: d("3000")}}
		in.ToCustomerID = k.client
	case billing.Reverse:
		return k.takeBack(k.through(k.proposal(k.invoice(k.customer, "4000"), "3000")))
	case billing.BillingError, billing.Concession, billing.SLACredit:
		return k.proposal(k.invoice(k.customer, "4000"), "3000")
	}
	return in
}
