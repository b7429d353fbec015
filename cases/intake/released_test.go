package intake_test

import (
	"testing"

	"makegood/cases"
	"makegood/cases/intake"
	"makegood/inbox"
)

// TestAReleasedMailIsTreatedAsOneThatJoins: what it says of further invoices and readers counts, and a case that was joined to another leads there.
func TestAReleasedMailIsTreatedAsOneThatJoins(t *testing.T) {
	t.Parallel()
	d := setup(t)
	main := d.caseOf(d.deliver(post{from: anna, subject: "Question", id: "1@aster.example", text: "When is it due?"}))
	c := d.caseOf(d.deliver(post{from: anna, subject: "Another", id: "2@aster.example", text: "And the other?"}))
	held := d.deliver(post{
		from: "carl@aster.example", subject: "Re: Another", id: "3@aster.example", text: "It is " + d.astersInvoice.Number + ", not " + d.borealisInvoice.Number + ".",
		headers: []string{"In-Reply-To: <2@aster.example>", "Cc: dora@aster.example"},
	})
	d.want(held, inbox.Held, intake.ReasonUnverified)
	_, err := d.cases.Join(t.Context(), cases.JoinInput{On: cases.On{By: agent(), ID: c.ID, Version: c.Version}, Into: main.ID})
	d.must(err)
	d.must(d.intake.ReleaseToCase(t.Context(), intake.ReleaseInput{By: agent(), ID: held.ID, CaseID: c.ID}))
	held = d.message(held.ID)
	d.want(held, inbox.Attached, intake.ReasonReleasedToCase)
	if d.caseOf(held).ID != main.ID {
		t.Errorf("it is with %s", d.caseOf(held).Number)
	}
	if d.count(`case_invoices where case_id = $1 and invoice_id = $2`, main.ID, d.astersInvoice.ID) != 1 || d.count(`case_invoices where case_id = $1`, main.ID) != 1 {
		t.Error("the invoice it names is not linked, or another's is")
	}
	if !d.warned(main, intake.WarnForeignInvoice) {
		t.Error("nobody is warned of an invoice of others")
	}
	if d.count(`case_participants where case_id = $1 and address = 'dora@aster.example' and not accepted`, main.ID) != 1 ||
		d.count(`case_participants where case_id = $1 and address = 'carl@aster.example' and accepted`, main.ID) != 1 {
		t.Error("who wrote, and who was in copy, is not noted")
	}
}
