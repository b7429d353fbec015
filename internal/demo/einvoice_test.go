//go:build einvoice

package demo_test

import (
	"os"
	"path/filepath"
	"testing"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/einvoicetest"
)

// Every credit memo of the demo's company passes the schema, EN 16931 and Peppol BIS 3.
func TestEveryMemoPassesTheOfficialRules(t *testing.T) {
	t.Parallel()
	rules, err := einvoicetest.FindRules()
	if err != nil {
		t.Fatal(err)
	}
	s, folder := filled(t), t.TempDir()
	memos, err := db.Values[int64](t.Context(), s.DB, `select id from credit_memos order by id`)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range memos {
		doc, err := s.Billing.RenderXML(t.Context(), billing.DocumentRef{Kind: billing.MemoDoc, ID: id})
		if err != nil {
			t.Errorf("memo %d: %v", id, err)
			continue
		}
		if err := os.WriteFile(filepath.Join(folder, doc.Filename), doc.Content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	report, err := rules.Validate(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range report.Invalid() {
		for _, failure := range report[name] {
			t.Errorf("%s: %s", name, failure)
		}
	}
	if len(report) != len(memos) || len(memos) < 20 {
		t.Errorf("%d of %d memos looked at", len(report), len(memos))
	}
}
