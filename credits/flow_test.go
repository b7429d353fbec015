package credits_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"makegood/credits"
	"makegood/credits/authority"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

func TestChainPostsOneMemo(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "4000", "1000")
	req := k.submit(k.proposal(invoice, "1500", "500"))
	if req.State != credits.Pending || req.Number != "CR-000001" {
		t.Fatalf("%+v", req)
	}
	if got := levelsOf(k.read(req.ID)); !slices.Equal(got, []string{"L2 senior", "L3 supervisor"}) {
		t.Fatalf("chain %v", got)
	}
	equal(t, "reserved", "1500", k.detail(invoice.ID).Lines[0].Reserved)
	k.approve(req.ID, k.senior)
	if got := k.read(req.ID); got.State != credits.Pending || got.Steps[0].State != credits.StepApproved || got.Steps[1].State != credits.StepOpen {
		t.Fatalf("after the first signature: %+v", got.Steps)
	}
	if got := k.approve(req.ID, k.lead); got.State != credits.Approved {
		t.Fatalf("after the last signature: %s", got.State)
	}
	if n := value[int](t, k.db, `select count(*) from credit_memos`); n != 0 {
		t.Fatal("posted before its job ran")
	}
	k.work()
	got := k.read(req.ID)
	if got.State != credits.Posted || got.MemoNumber == "" {
		t.Fatalf("%s %q %s", got.State, got.MemoNumber, got.Failure)
	}
	memo, err := k.billing.MemoByNumber(t.Context(), k.db, got.MemoNumber)
	k.must(err)
	equal(t, "memo", "2380", memo.Total)
	if memo.Explanation != "We charged last year's price." {
		t.Errorf("the customer reads %q", memo.Explanation)
	}
	after := k.detail(invoice.ID)
	equal(t, "open", "3570", after.Open.Open)
	equal(t, "credited", "1500", after.Lines[0].Credited)
	equal(t, "reserved", "0", after.Lines[0].Reserved)
	if n := value[int](t, k.db, `select count(*) from stored_documents where document_kind = 'credit_memo'`); n != 1 {
		t.Errorf("%d documents", n)
	}
	k.sound()
	expectEvents(t, k, audit.Books(int64(k.entity)), "credit.pending", "credit_step.approved", "credit_step.approved", "credit.approved", "credit_memo.posted", "credit.posted")
}

func expectEvents(t *testing.T, k *desk, stream audit.Stream, want ...string) {
	t.Helper()
	rows, err := audit.Timeline(t.Context(), k.db, stream, 0, 1000)
	k.must(err)
	var got []string
	for _, row := range rows {
		if slices.Contains(want, row.What) {
			got = append(got, row.What)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}

func TestOwnRequest(t *testing.T) {
	t.Parallel()
	k := setup(t)
	in := k.proposal(k.invoice(k.customer, "4000"), "2000")
	in.By = k.lead
	req := k.submit(in)
	_, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.lead, ID: req.ID})
	if !errors.Is(err, authority.ErrOwnRequest) {
		t.Errorf("got %v", err)
	}
	step, _ := k.read(req.ID).Open()
	for name, values := range map[string][]any{
		"directly":           {req.ID, step.ID, k.lead.UserID, nil},
		"through a stand-in": {req.ID, step.ID, k.second.UserID, k.lead.UserID},
	} {
		err := k.db.Do(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `insert into credit_decisions (credit_request_id, content_version, step_id, user_id, on_behalf_of, decision, digest, decided_at)
				values ($1, 1, $2, $3, $4, 'approve', '\x00', now())`, values...)
			return err
		})
		if !db.Violates(err, "no_decision_on_own_request") {
			t.Errorf("%s: the database let it pass: %v", name, err)
		}
	}
}

// The database holds it, too: nobody is in two decisions of one version, and who may not sign and what the policy was asked stay with it.
func TestTheDatabaseLetsNobodySignTwice(t *testing.T) {
	t.Parallel()
	k := setup(t)
	req := k.submit(k.proposal(k.invoice(k.customer, "40000"), "20000"))
	k.approve(req.ID, k.senior)
	step, _ := k.read(req.ID).Open()
	decide := func(user int64, behalf any) error {
		return k.try(`insert into credit_decisions (credit_request_id, content_version, step_id, user_id, on_behalf_of, decision, digest, decided_at)
			values ($1, 1, $2, $3, $4, 'approve', '\x00', now())`, req.ID, step.ID, user, behalf)
	}
	if err := decide(k.second.UserID, k.senior.UserID); !db.Violates(err, "nobody_decides_twice") {
		t.Errorf("for who signed already: %v", err)
	}
	k.must(decide(k.second.UserID, k.lead.UserID))
	for name, c := range map[string][]any{
		"who was stood in for": {k.lead.UserID, nil}, "for them once more": {k.director.UserID, k.lead.UserID}, "for the stand-in": {k.director.UserID, k.second.UserID},
	} {
		if err := decide(c[0].(int64), c[1]); !db.Violates(err, "nobody_decides_twice") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for query, constraint := range map[string]string{
		`update credit_requests set editor_ids = '{7}'`:                                   "request_content_stands",
		`update credit_request_facts set facts = facts || '{"gross": "1", "barred": []}'`: "request_facts_stand",
		`update credit_request_facts set policy_version = policy_version`:                 "request_facts_stand",
	} {
		if err := k.try(query); !db.Violates(err, constraint) {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestOwnLimit(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "4000")
	req := k.submit(k.proposal(invoice, "50"))
	if req.State != credits.Approved || !req.OwnLimit {
		t.Fatalf("%+v", req)
	}
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted {
		t.Fatalf("%s %s", got.State, got.Failure)
	}
	if second := k.submit(k.proposal(invoice, "50")); second.State != credits.Pending {
		t.Error("two small ones together exceed the own limit")
	}
	assistant := k.proposal(k.invoice(k.partner, "100"), "10")
	assistant.By.Assistant = true
	if got := k.submit(assistant); got.State != credits.Pending {
		t.Error("an assistant passed on its owner's own limit")
	}
	k.sound()
}

func TestSplittingGainsNothing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	whole := k.submit(k.proposal(k.invoice(k.customer, "20000"), "10000"))
	want := levelsOf(k.read(whole.ID))
	var last credits.Request
	for range 4 { // partner and end customer are one family, on invoices of their own
		k.submit(k.proposal(k.invoice(k.partner, "5000"), "1250"))
		last = k.submit(k.proposal(k.invoice(k.client, "5000"), "1250"))
	}
	if got := levelsOf(k.read(last.ID)); !slices.Equal(got, want) {
		t.Errorf("in parts %v, at once %v", got, want)
	}
	k.clock.Add(31 * 24 * time.Hour)
	if got := levelsOf(k.read(k.submit(k.proposal(k.invoice(k.client, "5000"), "800")).ID)); !slices.Equal(got, want) {
		t.Errorf("a month later, while the parts still wait: %v", got)
	}
}

func TestSideBySideSplittingGainsNothing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var all sync.WaitGroup
	ids := make([]credits.ID, 8)
	for i := range ids {
		customer := k.partner
		if i%2 == 1 {
			customer = k.client
		}
		in := k.proposal(k.invoice(customer, "5000"), "800")
		all.Go(func() {
			req, err := k.credits.Submit(t.Context(), in)
			if err != nil {
				t.Error(err)
			}
			ids[i] = req.ID
		})
	}
	all.Wait()
	seniorOnly := 0
	for _, id := range ids {
		if len(levelsOf(k.read(id))) == 1 {
			seniorOnly++
		}
	}
	if seniorOnly != 1 {
		t.Errorf("%d of 8 requests of 952.00 passed with the senior alone, want 1", seniorOnly)
	}
}

func TestRejectionReleases(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000")
	req := k.submit(k.proposal(invoice, "1000"))
	if _, err := k.credits.Reject(t.Context(), credits.DecideInput{By: k.senior, ID: req.ID}); fieldOf(err) != "comment" {
		t.Errorf("rejected without a comment: %v", err)
	}
	got, err := k.credits.Reject(t.Context(), credits.DecideInput{By: k.senior, ID: req.ID, Comment: "Already credited in April."})
	k.must(err)
	if got.State != credits.Rejected {
		t.Errorf("%s", got.State)
	}
	equal(t, "remaining", "1000", k.detail(invoice.ID).Lines[0].Remaining)
	if again := k.submit(k.proposal(invoice, "1000")); again.State != credits.Pending {
		t.Error("the headroom did not come back")
	}
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.lead, ID: req.ID}); !errors.Is(err, credits.ErrAlreadyDecided) {
		t.Errorf("approved after a rejection: %v", err)
	}
	k.sound()
}

func TestWithdrawal(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000")
	req := k.submit(k.proposal(invoice, "1000"))
	if _, err := k.credits.Withdraw(t.Context(), credits.WithdrawInput{By: k.second, ID: req.ID}); !errors.Is(err, credits.ErrNotYours) {
		t.Errorf("another agent withdrew it: %v", err)
	}
	got, err := k.credits.Withdraw(t.Context(), credits.WithdrawInput{By: k.agent, ID: req.ID})
	k.must(err)
	if got.State != credits.Withdrawn {
		t.Errorf("%s", got.State)
	}
	equal(t, "remaining", "1000", k.detail(invoice.ID).Lines[0].Remaining)
}

func TestSameKeySameRequest(t *testing.T) {
	t.Parallel()
	k := setup(t)
	in := k.proposal(k.invoice(k.customer, "1000"), "200")
	in.IdempotencyKey = "form-17"
	var all sync.WaitGroup
	var ids [6]credits.ID
	for i := range ids {
		all.Go(func() {
			req, err := k.credits.Submit(t.Context(), in)
			if err != nil {
				t.Error(err)
			}
			ids[i] = req.ID
		})
	}
	all.Wait()
	if n := value[int](t, k.db, `select count(*) from credit_requests`); n != 1 || slices.Max(ids[:]) != slices.Min(ids[:]) {
		t.Errorf("%d requests, ids %v", n, ids)
	}
	in.Lines = []credits.ProposeLine{{InvoiceLineID: in.Lines[0].InvoiceLineID, Net: d("201")}}
	if _, err := k.credits.Submit(t.Context(), in); !errors.Is(err, credits.ErrKeyUsed) || errs.KindOf(err) != errs.Conflict {
		t.Errorf("other content under the same key: %v", err)
	}
	other := in
	in.Lines = []credits.ProposeLine{{InvoiceLineID: in.Lines[0].InvoiceLineID, Net: d("200")}}
	changed := in
	changed.Lines, changed.Evidence = []credits.ProposeLine{{InvoiceLineID: in.Lines[0].InvoiceLineID, Net: d("150")}}, nil
	_, err := k.credits.Change(t.Context(), credits.ChangeInput{ID: ids[0], Proposal: changed, Comment: "Less"})
	k.must(err)
	if again, err := k.credits.Submit(t.Context(), in); err != nil || again.ID != ids[0] || again.ContentVersion != 2 {
		t.Errorf("the same again, after it was changed: %+v, %v", again, err)
	}
	for _, in := range []credits.ProposeInput{other, changed} {
		if _, err := k.credits.Submit(t.Context(), in); !errors.Is(err, credits.ErrKeyUsed) {
			t.Errorf("what it was changed to, or other content: %v", err)
		}
	}
}

func TestDraft(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000")
	draft, err := k.credits.CreateDraft(t.Context(), k.proposal(invoice, "300"))
	k.must(err)
	equal(t, "a draft reserves", "0", k.detail(invoice.ID).Lines[0].Reserved)
	if _, err := k.credits.SubmitDraft(t.Context(), draft.ID, k.second); !errors.Is(err, credits.ErrNotYours) {
		t.Errorf("somebody else submitted it: %v", err)
	}
	req, err := k.credits.SubmitDraft(t.Context(), draft.ID, k.agent)
	k.must(err)
	if req.ID != draft.ID || req.State != credits.Pending {
		t.Errorf("%+v", req)
	}
	equal(t, "reserved", "300", k.detail(invoice.ID).Lines[0].Reserved)
	if _, err := k.credits.SubmitDraft(t.Context(), draft.ID, k.agent); !errors.Is(err, credits.ErrNotADraft) {
		t.Errorf("submitted twice: %v", err)
	}
	k.approve(req.ID, k.senior)
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted || len(got.Evidence) != 1 {
		t.Errorf("%s %s, %d pieces of evidence", got.State, got.Failure, len(got.Evidence))
	}
}

func TestADraftIsSubmittedWithWhatIsDifferent(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000")
	draft, err := k.credits.CreateDraft(t.Context(), k.proposal(invoice, "300"))
	k.must(err)
	in := k.proposal(invoice, "250")
	in.Explanation = "The list price was agreed for one seat less."
	other := in
	other.By = k.second
	if _, err := k.credits.Change(t.Context(), credits.ChangeInput{ID: draft.ID, Proposal: other}); !errors.Is(err, credits.ErrNotYours) {
		t.Errorf("somebody else submitted it: %v", err)
	}
	view, err := k.credits.PreviewChange(t.Context(), draft.ID, in)
	k.must(err)
	req, err := k.credits.Change(t.Context(), credits.ChangeInput{ID: draft.ID, Proposal: in, ContentVersion: draft.ContentVersion})
	k.must(err)
	if req.ID != draft.ID || req.State != credits.Pending || req.ContentVersion != 1 || req.Explanation != in.Explanation || !req.Total.Equal(view.Adjustment.Total) {
		t.Errorf("%+v", req)
	}
	equal(t, "reserved", "250", k.detail(invoice.ID).Lines[0].Reserved)
	k.approve(req.ID, k.senior)
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted || len(got.Evidence) != 1 {
		t.Errorf("%s %s, %d pieces of evidence", got.State, got.Failure, len(got.Evidence))
	}
}

func TestTamperedRequestIsNotPosted(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000")
	req := k.submit(k.proposal(invoice, "200"))
	k.approve(req.ID, k.senior)
	dbtest.AsOwner(t, k.db, `update credit_request_lines set net = 900`, `update credit_requests set net = 900, total = 900 + tax`)
	k.work()
	got := k.read(req.ID)
	if got.State != credits.Failed || got.Failure != "credits.digest_mismatch" {
		t.Fatalf("%s %q", got.State, got.Failure)
	}
	if n := value[int](t, k.db, `select count(*) from credit_memos`); n != 0 {
		t.Error("it was posted")
	}
	dbtest.AsOwner(t, k.db, `update credit_request_lines set net = 200`, `update credit_requests set net = 200, total = 200 + tax`)
	_, err := k.credits.Retry(t.Context(), k.agent, req.ID)
	k.must(err)
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted {
		t.Errorf("after putting it right: %s %q", got.State, got.Failure)
	}
	k.sound()
}

func TestScope(t *testing.T) {
	t.Parallel()
	k := setup(t)
	req := k.submit(k.proposal(k.invoice(k.customer, "1000"), "500"))
	elsewhere := k.senior
	elsewhere.EntityIDs = []int64{int64(k.entity) + 1}
	if _, err := k.credits.Request(t.Context(), k.db, req.ID, elsewhere); !errors.Is(err, credits.ErrNoRequest) {
		t.Errorf("read: %v", err)
	}
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: elsewhere, ID: req.ID}); !errors.Is(err, access.ErrOutOfScope) {
		t.Errorf("approved: %v", err)
	}
	assistant := k.senior
	assistant.Assistant = true
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: assistant, ID: req.ID}); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an assistant decided: %v", err)
	}
}
