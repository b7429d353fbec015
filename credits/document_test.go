package credits_test

import (
	"testing"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/errs"
)

func TestLetterWaitsForWhatItsDocumentLacks(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.run(`update legal_entities set bank_details = ''`)
	invoice := k.invoice(k.customer, "1000")
	c, _ := k.dispute(invoice, "119")
	in := k.ask(billing.Debit)
	in.CaseID, in.InvoiceID, in.Bill = &c.ID, invoice.ID, bill("200")
	req := k.submit(in)
	k.approve(req.ID, k.senior)
	k.must(k.credits.Post(t.Context(), credits.PostRequest{ID: req.ID}))
	debit := k.read(req.ID)
	render := credits.RenderDocument{
		Document: billing.DocumentRef{Kind: debit.DocumentKind, ID: *debit.DocumentID, Number: debit.DocumentNumber}, Key: k.letter("debit_posted").Key,
	}
	if err := k.credits.Render(t.Context(), render); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("it is not tried again: %v", err)
	}
	warnings, err := k.cases.Warnings(t.Context(), k.db, c.ID)
	k.must(err)
	if len(warnings) != 1 || warnings[0].Key != "credits.document_not_made" || !k.letter("debit_posted").AwaitsAttachment {
		t.Errorf("%+v", warnings)
	}
	k.run(`update legal_entities set bank_details = 'Musterbank, IBAN DE00 0000'`)
	k.must(k.credits.Render(t.Context(), render))
	if k.letter("debit_posted").AwaitsAttachment {
		t.Error("the letter still waits")
	}
}
