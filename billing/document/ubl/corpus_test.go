package ubl_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"makegood/billing/document/ubl"
)

// TestReadsOthersDocuments reads whole documents of the standard's own examples where they are at hand, and wants their sums
// to come out as they stand (the standard does not ask that a line is its quantity times its price, so we do not here). Without them the documents of kinds_test.go are all there is.
func TestReadsOthersDocuments(t *testing.T) {
	t.Parallel()
	read := 0
	for _, file := range examples(t) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := ubl.Read(content)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		read++
		if doc.Number == "" || doc.Issued.IsZero() || doc.Seller.Name == "" || doc.Buyer.Name == "" || len(doc.Lines) == 0 || len(doc.Taxes) == 0 {
			t.Errorf("%s: %+v", filepath.Base(file), doc)
		}
		for _, field := range wrongFields(t, doc) {
			if strings.HasPrefix(field, "totals.") || strings.HasPrefix(field, "taxes[") && strings.HasSuffix(field, ".net") {
				t.Errorf("%s: %s does not add up", filepath.Base(file), field)
			}
		}
	}
	t.Logf("%d documents of others read", read)
}

func examples(t *testing.T) []string {
	t.Helper()
	shared := os.Getenv("MAKEGOOD_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "..", "shared")
	}
	var list []string
	for _, corpus := range []string{"einvoice-en16931", "einvoice-peppol", "einvoice-xrechnung"} {
		content, err := os.ReadFile(filepath.Join(shared, "corpus", corpus, "baseline.json"))
		if err != nil {
			t.Logf("%s is not here: %v", corpus, err)
			continue
		}
		var known map[string]struct{ Root string }
		if err := json.Unmarshal(content, &known); err != nil {
			t.Fatal(err)
		}
		for name, document := range known {
			if document.Root == "Invoice" || document.Root == "CreditNote" {
				list = append(list, filepath.Join(shared, "corpus", corpus, name))
			}
		}
	}
	return list
}
