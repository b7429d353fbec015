package credits_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/credits/authority"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

func (k *desk) askBack(id credits.ID, by access.Actor, question string) credits.Request {
	k.t.Helper()
	req, err := k.credits.AskBack(k.t.Context(), credits.DecideInput{By: by, ID: id, Comment: question})
	k.must(err)
	return req
}

// told counts what somebody was told by a key.
func (k *desk) told(by access.Actor, key string) int {
	k.t.Helper()
	list, err := k.cases.Notices(k.t.Context(), by.UserID, false, 100)
	k.must(err)
	n := 0
	for _, notice := range list {
		if notice.Key == key {
			n++
		}
	}
	return n
}

// change proposes other nets on the lines of a request's invoice.
func (k *desk) change(id credits.ID, invoice billing.InvoiceDetail, nets ...string) (credits.Request, error) {
	in := k.proposal(invoice, nets...)
	in.Evidence = nil
	return k.credits.Change(k.t.Context(), credits.ChangeInput{ID: id, Proposal: in, Comment: "You are right."})
}

func TestAskBackKeepsTheReservationAndGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "5000")
	req := k.submit(k.proposal(invoice, "2000"))
	k.approve(req.ID, k.senior)
	if _, err := k.credits.AskBack(t.Context(), credits.DecideInput{By: k.lead, ID: req.ID}); !hasField(err, "comment") {
		t.Errorf("without a question: %v", err)
	}
	if _, err := k.credits.AskBack(t.Context(), credits.DecideInput{By: k.second, ID: req.ID, Comment: "Why?"}); !errors.Is(err, authority.ErrNotCandidate) {
		t.Errorf("somebody who could not decide asked back: %v", err)
	}
	req = k.askBack(req.ID, k.lead, "Where is the contract page?")
	if req.State != credits.Returned || req.ReturnedUntil == nil || !req.ReturnedUntil.Equal(k.clock.Now().Add(5*24*time.Hour)) {
		t.Fatalf("%s until %v", req.State, req.ReturnedUntil)
	}
	equal(t, "reserved", "2000", k.detail(invoice.ID).Lines[0].Reserved)
	expectWaiting(t, k, k.lead, 0)
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.lead, ID: req.ID}); errs.KindOf(err) != errs.Conflict {
		t.Errorf("decided while it is with the requester: %v", err)
	}
	if _, err := k.credits.Answer(t.Context(), credits.AnswerInput{By: k.second, ID: req.ID, Answer: "Here."}); !errors.Is(err, credits.ErrNotYours) {
		t.Errorf("somebody else answered: %v", err)
	}
	req, err := k.credits.Answer(t.Context(), credits.AnswerInput{
		By: k.agent, ID: req.ID, Answer: "It is page 3.", Evidence: []credits.NewEvidence{{Kind: credits.Document, Label: "Contract, page 3"}},
	})
	k.must(err)
	got := k.read(req.ID)
	if req.State != credits.Pending || got.ContentVersion != 1 || got.Steps[0].State != credits.StepApproved || got.Steps[1].State != credits.StepOpen {
		t.Fatalf("%s %+v", req.State, got.Steps)
	}
	if q := got.Questions; len(q) != 1 || q[0].AskedByName != "Katrin Vogel" || q[0].Answer != "It is page 3." || q[0].AnsweredAt == nil || len(got.Evidence) != 2 {
		t.Errorf("%+v", q)
	}
	k.approve(req.ID, k.lead) // asking was no decision
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted {
		t.Errorf("%s %s", got.State, got.Failure)
	}
	k.sound()
	expectEvents(t, k, audit.Books(int64(k.entity)), "credit.pending", "credit_step.approved", "credit.returned", "credit.pending", "credit_step.approved", "credit.approved", "credit.posted")
}

func TestChangeVoidsWhatWasSigned(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "5000", "900")
	req := k.submit(k.proposal(invoice, "2000"))
	k.approve(req.ID, k.senior)
	before := k.read(req.ID)
	k.askBack(req.ID, k.lead, "Only one line?")
	req, err := k.change(req.ID, invoice, "1500", "900")
	k.must(err)
	got := k.read(req.ID)
	if got.State != credits.Pending || got.ContentVersion != 2 || slices.Equal(got.Digest, before.Digest) {
		t.Fatalf("%s version %d", got.State, got.ContentVersion)
	}
	equal(t, "first line", "1500", k.detail(invoice.ID).Lines[0].Reserved)
	equal(t, "second line", "900", k.detail(invoice.ID).Lines[1].Reserved)
	var changed []string
	for _, d := range got.Differences() {
		changed = append(changed, d.Description+": "+d.Before.String()+" → "+d.After.String())
	}
	if want := []string{"Compute, part 1: 2000 → 1500", "Compute, part 2: 0 → 900"}; !slices.Equal(changed, want) {
		t.Errorf("difference %v", changed)
	}
	if e := got.Earlier; len(e) != 1 || !e[0].Total.Equal(d("2380")) || e[0].Why != "changed" || e[0].ReplacedByName != "Mara Lindqvist" || e[0].Comment != "You are right." {
		t.Errorf("%+v", e)
	}
	if got.Questions[0].AnsweredAt == nil {
		t.Error("the question is still open")
	}
	// Both sign again: what they signed was another content.
	_, err = k.credits.Approve(t.Context(), credits.DecideInput{By: k.lead, ID: req.ID})
	if !errors.Is(err, authority.ErrNotCandidate) {
		t.Errorf("the chain did not start again: %v", err)
	}
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.senior, ID: req.ID, Digest: before.Digest}); !errors.Is(err, credits.ErrChanged) {
		t.Errorf("signed what is not there any more: %v", err)
	}
	k.approve(req.ID, k.senior, k.lead)
	k.work()
	after := k.read(req.ID)
	memo, err := k.billing.MemoByNumber(t.Context(), k.db, after.MemoNumber)
	k.must(err)
	equal(t, "memo", "2856", memo.Total)
	equal(t, "reserved", "0", k.detail(invoice.ID).Lines[0].Reserved)
	k.sound()
}

func TestChangeRefusals(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "5000")
	req := k.submit(k.proposal(invoice, "2000"))
	if _, err := k.change(req.ID, invoice, "2000"); !errors.Is(err, credits.ErrNothingChanged) {
		t.Errorf("nothing changed: %v", err)
	}
	in := k.proposal(invoice, "1000")
	in.By = k.second
	if _, err := k.credits.Change(t.Context(), credits.ChangeInput{ID: req.ID, Proposal: in}); !errors.Is(err, credits.ErrNotYours) {
		t.Errorf("somebody else's: %v", err)
	}
	in.By = k.agent
	if _, err := k.credits.Change(t.Context(), credits.ChangeInput{ID: req.ID, Proposal: in, ContentVersion: 7}); !errors.Is(err, credits.ErrChanged) {
		t.Errorf("another version: %v", err)
	}
	equal(t, "still reserved", "2000", k.detail(invoice.ID).Lines[0].Reserved)
	if n := value[int](t, k.db, `select count(*) from credit_request_versions`); n != 0 {
		t.Errorf("%d versions were kept of what was refused", n)
	}
	k.approve(req.ID, k.senior, k.lead)
	if _, err := k.change(req.ID, invoice, "1000"); !errors.Is(err, credits.ErrNotChangeable) {
		t.Errorf("after approval: %v", err)
	}
	k.work()
	k.sound()
}

func TestApproveLessIsAChangeByTheApprover(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "5000", "3000")
	req := k.submit(k.proposal(invoice, "2000", "1000"))
	k.approve(req.ID, k.senior)
	less := credits.LessInput{
		DecideInput: credits.DecideInput{By: k.lead, ID: req.ID, Comment: "Only half of March was down."},
		Lines:       []credits.ProposeLine{{InvoiceLineID: invoice.Lines[0].ID, Net: d("2500")}},
	}
	if _, err := k.credits.ApproveLess(t.Context(), less); !hasField(err, "lines.0.net") {
		t.Errorf("more than was asked for: %v", err)
	}
	less.Lines = []credits.ProposeLine{{InvoiceLineID: invoice.Lines[0].ID, Net: d("2000")}, {InvoiceLineID: invoice.Lines[1].ID, Net: d("1000")}}
	if _, err := k.credits.ApproveLess(t.Context(), less); !errors.Is(err, credits.ErrNothingChanged) {
		t.Errorf("not less: %v", err)
	}
	less.Lines = []credits.ProposeLine{{InvoiceLineID: invoice.Lines[0].ID, Net: d("1200")}}
	req, err := k.credits.ApproveLess(t.Context(), less)
	k.must(err)
	got := k.read(req.ID)
	if got.State != credits.Pending || got.ContentVersion != 2 || !got.Total.Equal(d("1428")) || got.RequesterID != k.agent.UserID || got.Earlier[0].Why != "less" {
		t.Fatalf("%s version %d over %s", got.State, got.ContentVersion, got.Total)
	}
	equal(t, "no longer reserved", "0", k.detail(invoice.ID).Lines[1].Reserved)
	// 1,428 would be L3's to decide; its one holder changed it, so it goes up.
	if levels := levelsOf(k.read(req.ID)); !slices.Equal(levels[len(levels)-2:], []string{"L2 senior", "L4 controller"}) {
		t.Errorf("chain %v", levels)
	}
	k.approve(req.ID, k.senior)
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.lead, ID: req.ID}); err == nil {
		t.Error("who changed it signed it")
	}
	step, _ := k.read(req.ID).Open()
	err = k.db.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into credit_decisions (credit_request_id, content_version, step_id, user_id, decision, digest, decided_at)
			values ($1, 2, $2, $3, 'approve', '\x00', now())`, req.ID, step.ID, k.lead.UserID)
		return err
	})
	if !db.Violates(err, "no_decision_on_own_request") {
		t.Errorf("the database let it pass: %v", err)
	}
	k.approve(req.ID, k.control)
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted {
		t.Errorf("%s %s", got.State, got.Failure)
	}
	k.sound()
}

func TestLessThanTheOwnLimitStillNeedsSomebody(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "5000")
	req := k.submit(k.proposal(invoice, "500"))
	req, err := k.credits.ApproveLess(t.Context(), credits.LessInput{
		DecideInput: credits.DecideInput{By: k.senior, ID: req.ID, Comment: "No more than the fee."},
		Lines:       []credits.ProposeLine{{InvoiceLineID: invoice.Lines[0].ID, Net: d("20")}},
	})
	k.must(err)
	if req.State != credits.Pending || req.OwnLimit {
		t.Errorf("%s, own limit %t", req.State, req.OwnLimit)
	}
	if levels := levelsOf(k.read(req.ID)); levels[len(levels)-1] != "L3 supervisor" {
		t.Errorf("chain %v", levels)
	}
}

// hasField tells whether an error names a field of the input.
func hasField(err error, name string) bool {
	e, ok := errors.AsType[*errs.Error](err)
	return ok && slices.ContainsFunc(e.Fields, func(f errs.Field) bool { return f.Name == name })
}

// The case of a request that was asked back is the agent's again, and may not be closed meanwhile.
func TestAskBackGivesTheCaseBack(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "5000")
	c, lines := k.dispute(invoice, "5000")
	in := k.proposal(invoice, "2000")
	in.CaseID, in.Lines[0].DisputeLineID = &c.ID, &lines[0].ID
	req := k.submit(in)
	k.askBack(req.ID, k.senior, "Both ports?")
	after, err := k.cases.CaseByID(t.Context(), k.db, c.ID, k.control)
	k.must(err)
	if after.Status != cases.StatusOpen || after.CreditState != cases.CreditPending {
		t.Errorf("%s, waits on %q, credit %s", after.Status, after.WaitingOn, after.CreditState)
	}
	if n := value[int](t, k.db, `select count(*) from notices where user_id = $1 and key = 'notice.credit_asked_back'`, k.agent.UserID); n != 1 {
		t.Errorf("%d notices", n)
	}
	_, err = k.credits.Answer(t.Context(), credits.AnswerInput{By: k.agent, ID: req.ID, Answer: "Both."})
	k.must(err)
	if after, err = k.cases.CaseByID(t.Context(), k.db, c.ID, k.control); err != nil || after.WaitingOn != cases.OnApprover {
		t.Errorf("%s, waits on %q: %v", after.Status, after.WaitingOn, err)
	}
	step, _ := k.read(req.ID).Open()
	if step.DueAt == nil {
		t.Fatal("no clock runs for the step that opened again")
	}
	changed := k.proposal(invoice, "1500")
	changed.Lines[0].DisputeLineID, changed.Evidence = &lines[0].ID, nil
	_, err = k.credits.Change(t.Context(), credits.ChangeInput{ID: req.ID, Proposal: changed})
	k.must(err)
	k.approve(req.ID, k.senior, k.lead)
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted {
		t.Errorf("%s %s", got.State, got.Failure)
	}
	k.sound()
}

// What the digest is not over changes a request too: where a refund goes, the root cause, the note. What was signed is void.
func TestAChangeBesideTheAmounts(t *testing.T) {
	t.Parallel()
	k := setup(t)
	paid := k.pay(k.customer, "100")
	in := k.ask(billing.RefundOut)
	in.Destination = "DE•• 4711"
	in.Items = []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(paid.ID), Amount: d("60")}}
	req := k.submit(in)
	change := credits.ChangeInput{ID: req.ID, Proposal: in, Comment: "Another account"}
	change.Proposal.Evidence = nil
	if _, err := k.credits.Change(t.Context(), change); !errors.Is(err, credits.ErrNothingChanged) {
		t.Errorf("nothing changed: %v", err)
	}
	cause := value[int64](t, k.db, `select id from root_causes`)
	for what, set := range map[string]func(*credits.ProposeInput){
		"destination": func(p *credits.ProposeInput) { p.Destination = "DE•• 4712" },
		"way":         func(p *credits.ProposeInput) { p.Method = "check" },
		"root cause":  func(p *credits.ProposeInput) { p.RootCauseID = &cause },
		"note":        func(p *credits.ProposeInput) { p.CustomerNote = "Sorry for the wait." },
	} {
		set(&change.Proposal)
		if _, err := k.credits.Change(t.Context(), change); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	got := k.read(req.ID)
	if got.ContentVersion != 5 || got.Content.Destination != "DE•• 4712" || got.Content.Method != "check" || !slices.Equal(got.Digest, req.Digest) {
		t.Fatalf("version %d to %s", got.ContentVersion, got.Content.Destination)
	}
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.lead, ID: req.ID, Digest: req.Digest, ContentVersion: 1}); !errors.Is(err, credits.ErrChanged) {
		t.Errorf("signed another destination: %v", err)
	}
	k.approve(req.ID, k.lead)
	k.work()
	if to := value[string](t, k.db, `select destination || ' ' || method from refunds`); to != "DE•• 4712 check" {
		t.Errorf("paid to %s", to)
	}
	k.sound()
}
