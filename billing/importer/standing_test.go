package importer_test

import (
	"testing"

	"makegood/billing/importer"
)

// For an import void documents and repeated ones are none; for comparing they are, since the other system has them.
func TestAFileAsItStands(t *testing.T) {
	t.Parallel()
	const file = "number,type,customer,date,currency,total,status\nI-1,Invoice,K-1,2026-01-05,EUR,5.00,Open\nI-1,Invoice,K-1,2026-01-05,EUR,5.00,Open\n" +
		"I-2,Invoice,K-1,2026-01-05,EUR,6.00,Voided\nI-3,Invoice,K-1,2026-01-05,EUR,7.00,Draft\nC-1,Credit Memo,K-1,2026-01-05,EUR,8.00,Fully Applied\n"
	got := read(t, file, importer.Options{Kind: importer.Invoices})
	if len(got.records) != 2 || got.sum.Rejected != 1 || got.sum.Left != 2 {
		t.Errorf("for an import: %d records, %+v", len(got.records), got.sum)
	}
	got = read(t, file, importer.Options{Kind: importer.Invoices, AsItStands: true})
	if len(got.records) != 4 || got.sum.Rejected != 0 || got.sum.Left != 1 || !importer.Voided(got.records[2].Invoice.Standing.Status) {
		t.Errorf("as it stands: %d records, %+v", len(got.records), got.sum)
	}
	note := got.records[3]
	if note.CreditNote == nil || note.CreditNote.Status != "Fully Applied" {
		t.Fatalf("credit memo %+v", note)
	}
	before, err := note.ContentHash()
	if err != nil {
		t.Fatal(err)
	}
	note.CreditNote.Status = "Open"
	if after, err := note.ContentHash(); err != nil || after != before {
		t.Errorf("how a credit memo stands is part of its content: %v", err)
	}
}
