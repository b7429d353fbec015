//go:build einvoice

package ubl_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"makegood/billing/document/ubl"
	"makegood/internal/einvoicetest"
)

// TestOfficialRules holds one document of each kind, and the memos of random invoices, against the schema, EN 16931 and
// Peppol BIS 3.
func TestOfficialRules(t *testing.T) {
	t.Parallel()
	rules, err := einvoicetest.FindRules()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	all := kinds()
	for i := range 60 {
		for part, memo := range rapid.Custom(randomCredits).Example(i) {
			if doc := ubl.CreditNote(memo.CreditMemo, memo.details); !beyondTheStandard(ubl.Check(doc)) {
				all[fmt.Sprintf("random-%d-%d", i, part)] = doc
			}
		}
	}
	for name, doc := range all {
		content, err := ubl.Write(doc)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := os.WriteFile(filepath.Join(folder, name+".xml"), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if len(all) < 100 {
		t.Errorf("only %d documents", len(all))
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
	if len(report) != len(all) {
		t.Errorf("%d documents looked at, of %d", len(report), len(all))
	}
}
