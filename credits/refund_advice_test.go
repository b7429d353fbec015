package credits_test

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/internal/db"
)

// The advice of what a credit pays back is made and kept with the memo, as that of a refund of its own is, and the letter brings both.
func TestTheLetterBringsTheRefundAdviceOfACredit(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "100")
	k.pay(k.customer, "119", billing.Allocate{InvoiceID: invoice.ID, Amount: d("119")})
	c, lines := k.dispute(invoice, "59.50")
	in := k.caseProposal(c, lines, invoice, "50")
	in.Refund = d("59.50")
	got := k.through(in)
	mail := k.letter("credit_posted")
	files, err := db.Values[string](t.Context(), k.db, `select filename from outgoing_attachments where outgoing_message_id = $1 order by position`, mail.ID)
	k.must(err)
	number := value[string](t, k.db, `select number from refunds where credit_request_id = $1`, got.ID)
	if want := []string{got.DocumentNumber + ".pdf", number + ".pdf"}; !slices.Equal(files, want) || mail.AwaitsAttachment {
		t.Errorf("the letter brings %v, want %v", files, want)
	}
	kept, err := db.One[billing.StoredDocument](t.Context(), k.db, `select d.* from stored_documents d join refunds f on f.id = d.document_id
		where d.document_kind = 'refund' and f.credit_request_id = $1`, got.ID)
	k.must(err)
	if sum := sha256.Sum256(kept.Content); !bytes.Equal(sum[:], kept.SHA256) || kept.MediaType != billing.PDF || !strings.HasPrefix(kept.Filename, "RF-DE-2026-") {
		t.Errorf("kept %s %s with the hash %x", kept.Filename, kept.MediaType, kept.SHA256)
	}
}

// Of a credit on an invoice that is paid, the letter says that it stays on the account.
func TestTheLetterSaysWhatStaysOnTheAccount(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "100")
	k.pay(k.customer, "100", billing.Allocate{InvoiceID: invoice.ID, Amount: d("100")})
	c, lines := k.dispute(invoice, "59.50")
	k.through(k.caseProposal(c, lines, invoice, "50"))
	// 119 billed, 100 paid, 59.50 credited: 19 settle the rest, 40.50 stay.
	if mail := k.letter("credit_posted"); !strings.Contains(mail.TextBody, "Davon bleiben 40,50\u00a0EUR auf Ihrem Konto") {
		t.Errorf("the letter does not say where the money is:\n%s", mail.TextBody)
	}
}
