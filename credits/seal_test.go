package credits_test

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/credits/authority/policy"
	"makegood/credits/proof"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// contested is a request over a customer's mail, a file of the case and a contract page, approved but not yet posted.
func (k *desk) contested() (credits.Request, int64) {
	k.t.Helper()
	invoice := k.invoice(k.customer, "1000", "500")
	c, lines := k.dispute(invoice, "595", "119")
	file := k.file(c.ID)
	mail := value[cases.MessageID](k.t, k.db, `select id from case_messages where case_id = $1 and kind = 'inbound' order by id limit 1`, c.ID)
	in := k.caseProposal(c, lines, invoice, "500", "50")
	in.Evidence = []credits.NewEvidence{
		{Kind: credits.CustomerMail, Label: "Wrong price", MessageID: &mail},
		{Kind: credits.Document, AttachmentID: &file},
		{Kind: credits.ContractPage, Label: "K-7, page 3"},
	}
	return k.submit(in), file
}

func (k *desk) file(c cases.ID) int64 {
	k.t.Helper()
	sum := sha256.Sum256([]byte("price list"))
	var id int64
	k.do(func(tx *db.Tx) error {
		id = value[int64](k.t, tx, `insert into case_attachments (case_message_id, position, filename, media_type, size, sha256)
			select id, 0, 'prices.pdf', 'application/pdf', 10, $2 from case_messages where case_id = $1 order by id limit 1 returning id`, c, sum[:])
		return nil
	})
	return id
}

// unproved are changes of what was submitted as evidence, and how each is put right again.
var unproved = []struct{ what, set, undo string }{
	{"the mail's text", `update case_messages set body = body || ' really', full_body = ''`, `update case_messages set body = left(body, -7)`},
	{"its sender", `update case_messages set author_address = 'x' || author_address`, `update case_messages set author_address = substr(author_address, 2)`},
	{"the file", `update case_attachments set sha256 = sha256('other')`, `update case_attachments set sha256 = sha256('price list')`},
	{"the contract page", `update credit_request_evidence set label = 'K-7, page 4' where kind = 'contract_page'`, `update credit_request_evidence set label = 'K-7, page 3' where kind = 'contract_page'`},
	{"its kind", `update credit_request_evidence set kind = 'ticket' where kind = 'contract_page'`, `update credit_request_evidence set kind = 'contract_page' where kind = 'ticket'`},
	{"which file", `update credit_request_evidence set case_attachment_id = null where kind = 'document'`, `update credit_request_evidence set case_attachment_id = (select min(id) from case_attachments) where kind = 'document'`},
}

// What was submitted as evidence is in what is signed: changed before a signature, nobody signs it; changed after the last one, it is
// not posted, but refused with the reason; put right, it is posted.
func TestEvidenceIsWhatItWasOrNothingIsPosted(t *testing.T) {
	t.Parallel()
	k := setup(t)
	req, _ := k.contested()
	if err := k.try(`update credit_request_evidence set label = 'other'`); err == nil {
		t.Error("the database lets evidence be changed")
	}
	if err := k.try(`update credit_request_seals set seal = seal`); err == nil {
		t.Error("the database lets a seal be changed")
	}
	for _, c := range unproved {
		dbtest.AsOwner(t, k.db, c.set)
		if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: k.senior, ID: req.ID}); problem(err) != "credits.evidence_changed" {
			t.Errorf("%s: signed all the same: %v", c.what, err)
		}
		dbtest.AsOwner(t, k.db, c.undo)
	}
	k.approve(req.ID, k.senior)
	if decided := value[[]byte](t, k.db, `select digest from credit_decisions`); !bytes.Equal(decided, k.read(req.ID).Sealed()) || bytes.Equal(decided, req.Digest) {
		t.Error("the senior did not sign the seal")
	}
	for _, c := range unproved {
		dbtest.AsOwner(t, k.db, c.set)
		k.must(k.credits.Post(t.Context(), credits.PostRequest{ID: req.ID}))
		if got := k.read(req.ID); got.State != credits.Failed || got.Failure != "credits.evidence_changed" || got.FailureParams["label"] == "" {
			t.Errorf("%s: %s %q %v", c.what, got.State, got.Failure, got.FailureParams)
		}
		dbtest.AsOwner(t, k.db, c.undo)
		if _, err := k.credits.Retry(t.Context(), k.agent, req.ID); err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
	}
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted {
		t.Errorf("put right: %s %s", got.State, got.Failure)
	}
	k.sound()
}

// What comes later is listed as later, is not sealed and voids nothing; a change of the request seals it, too.
func TestLaterEvidenceIsNotSealed(t *testing.T) {
	t.Parallel()
	k := setup(t)
	req, _ := k.contested()
	k.must(k.credits.AddEvidence(t.Context(), credits.EvidenceInput{By: k.agent, ID: req.ID, NewEvidence: credits.NewEvidence{Kind: credits.Ticket, Label: "T-9"}}))
	got := k.read(req.ID)
	if len(got.Evidence) != 4 || got.Evidence[0].Later || got.Evidence[2].Later || !got.Evidence[3].Later || !bytes.Equal(got.Seal, req.Seal) {
		t.Errorf("%+v", got.Evidence)
	}
	if got.Evidence[1].Label != "prices.pdf" {
		t.Errorf("the file is called %q", got.Evidence[1].Label)
	}
	in := *got.Proposal
	in.By, in.Lines = k.agent, in.Lines[:1]
	changed, err := k.credits.Change(t.Context(), credits.ChangeInput{ID: req.ID, Proposal: in})
	k.must(err)
	if again := k.read(req.ID); again.Evidence[3].Later || bytes.Equal(changed.Seal, req.Seal) {
		t.Error("the new version is sealed without what came later")
	}
	if n := value[int](t, k.db, `select count(*) from credit_request_seals`); n != 2 {
		t.Errorf("%d seals of two versions", n)
	}
	digest := value[[]byte](t, k.db, `select evidence_digest from credit_request_seals where content_version = 2`)
	if !bytes.Equal(changed.Seal, proof.Seal(changed.Digest, digest)) {
		t.Error("the seal is not over content and evidence")
	}
	k.approve(req.ID, k.senior)
	k.work()
	if got := k.read(req.ID); got.State != credits.Posted {
		t.Errorf("%s %s", got.State, got.Failure)
	}
}

// A gate over an amount is met by the parts of what is over it; so is a rule, and both say what was counted.
func TestPartsMeetTheGatesAndRulesOfTheWhole(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.do(func(tx *db.Tx) error { return k.credits.SeedPolicyTx(t.Context(), tx, policy.Demo()) })
	k.submit(k.proposal(k.invoice(k.partner, "5000"), "2500")) // 2,975.00
	in := k.proposal(k.invoice(k.client, "5000"), "2500")      // of the same family
	in.Evidence = []credits.NewEvidence{{Kind: credits.Ticket, Label: "INC-7"}}
	_, err := k.credits.Submit(t.Context(), in)
	if got, want := problem(err)+": "+remains(err, "list"), "evidence credits.evidence.missing: a contract page or a document (“a large mistake is in the contract”, with 2975.00 EUR given before)"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	in = k.proposal(k.invoice(k.partner, "5000"), "2500")
	in.Evidence = append(in.Evidence, credits.NewEvidence{Kind: credits.Document, Label: "Order form"})
	steps := k.read(k.submit(in).ID).Steps
	last := steps[len(steps)-1]
	if last.LevelName != "L4 controller" || last.PolicyRule != "partner account" || last.RuleKey != "authority.step.extra.by_sum" || last.RuleParams["total"] != "5950.00 EUR" {
		t.Errorf("of 2,975.00 twice the second ends at %s by %s %v", last.LevelName, last.RuleKey, last.RuleParams)
	}
}

// The policy asks by kind and amount; what is missing is named with the rule, and what points elsewhere is refused.
func TestSubmittingSaysExactlyWhatIsMissing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.do(func(tx *db.Tx) error { return k.credits.SeedPolicyTx(t.Context(), tx, policy.Demo()) })
	in := k.proposal(k.invoice(k.customer, "4000"), "1000")
	in.Kind, in.Evidence = billing.SLACredit, []credits.NewEvidence{{Kind: credits.Calculation, Label: "2 h of 720 h"}}
	_, err := k.credits.Submit(t.Context(), in)
	if got := problem(err) + ": " + remains(err, "list"); got != "evidence credits.evidence.missing: a calculation sheet (“a service credit is computed”); a ticket (“an outage has its ticket”)" {
		t.Errorf("%s", got)
	}
	view, err := k.credits.Preview(t.Context(), in)
	k.must(err)
	if len(view.Evidence) != 2 || view.Evidence[0].Met || view.Evidence[1].Met {
		t.Errorf("the checklist is %+v", view.Evidence)
	}
	sum := sha256.Sum256([]byte("sheet"))
	in.Evidence = []credits.NewEvidence{{Kind: credits.Calculation, Label: "sheet.xlsx", SHA256: sum[:]}, {Kind: credits.Ticket, Label: "INC-77"}}
	if _, err := k.credits.Submit(t.Context(), in); problem(err) != "evidence credits.evidence.missing" {
		t.Errorf("a file with a hash that anybody may send: %v", err)
	}
	k.outage()
	in.Evidence[0] = k.serviceCredit(k.sheet()).Evidence[0]
	k.submit(in)

	other := k.about(k.invoice(k.customer, "100"))
	file := k.file(other.ID)
	foreign := k.proposal(k.invoice(k.customer, "100"), "10")
	foreign.Evidence = []credits.NewEvidence{{Kind: credits.Document, AttachmentID: &file}}
	if _, err := k.credits.Submit(t.Context(), foreign); problem(err) != "evidence.0.attachment_id credits.evidence.other_case" {
		t.Errorf("a file of another case: %v", err)
	}
	ours := foreign
	note := value[cases.MessageID](t, k.db, `update case_messages set kind = 'note', author_kind = 'person' where case_id = $1 returning id`, other.ID)
	ours.CaseID, ours.Evidence = &other.ID, []credits.NewEvidence{{Kind: credits.CustomerMail, MessageID: &note}}
	if _, err := k.credits.Submit(t.Context(), ours); problem(err) != "evidence.0.message_id credits.evidence.not_customers" {
		t.Errorf("a note of ours as the customer's mail: %v", err)
	}
}

// The customer's mail that comes while a request is a draft meets its gate, and so is kept and sealed with it.
func TestAMailThatCameAfterTheDraftIsSealed(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "4000")
	c := k.about(invoice)
	k.run(`update case_messages set kind = 'note', author_kind = 'person' where case_id = $1`, c.ID)
	in := k.proposal(invoice, "200")
	in.CaseID, in.Evidence = &c.ID, nil
	draft, err := k.credits.CreateDraft(t.Context(), in)
	k.must(err)
	k.run(`update case_messages set kind = 'inbound', author_kind = 'customer' where case_id = $1`, c.ID)
	req, err := k.credits.SubmitDraft(t.Context(), draft.ID, k.agent)
	k.must(err)
	d, err := k.credits.Request(t.Context(), k.db, req.ID, k.lead)
	k.must(err)
	if len(d.Evidence) != 1 || d.Evidence[0].Kind != credits.CustomerMail || d.Evidence[0].Later {
		t.Errorf("evidence %+v", d.Evidence)
	}
}

// about is a case with a mail of its own.
func (k *desk) about(invoice billing.InvoiceDetail) cases.Case {
	k.t.Helper()
	c, err := k.cases.Open(k.t.Context(), cases.OpenInput{
		Type: cases.Dispute, Subject: "Another", CustomerID: &invoice.CustomerID, Source: "mail", By: k.agent,
		Message: &cases.InboundMessage{AuthorName: "Accounts", AuthorAddress: "ap@c-1.example", Subject: "Another", Body: "Please look."},
	})
	k.must(err)
	return c
}
