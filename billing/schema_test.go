package billing_test

import (
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"makegood/billing"
	"makegood/billing/ledger"
	"makegood/internal/db"
)

// Every struct that stands for a table has exactly the table's columns.
func TestStructsAreTheSchema(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for table, model := range map[string]any{
		"legal_entities": billing.Entity{}, "customers": billing.Customer{}, "contacts": billing.Contact{},
		"invoices": billing.Invoice{}, "invoice_lines": billing.InvoiceLine{}, "invoice_taxes": billing.InvoiceTax{},
		"payments": billing.Payment{}, "credit_memos": billing.CreditMemo{}, "credit_memo_lines": billing.CreditMemoLine{},
		"credit_memo_taxes": billing.CreditMemoTax{}, "allocations": billing.Allocation{}, "open_items": billing.OpenItem{},
		"holds": billing.Hold{}, "stored_documents": billing.StoredDocument{}, "journal_entries": ledger.Entry{},
		"contracts": billing.Contract{}, "contract_services": billing.ContractService{}, "contract_exclusions": billing.ContractExclusion{},
		"incidents": billing.Incident{}, "service_credit_sheets": billing.CreditSheet{},
		"payment_promises": billing.Promise{}, "book_proofs": billing.Proof{}, "dunning_blocks": billing.Block{},
		"import_uploads": billing.ImportUpload{}, "gateway_postings": billing.GatewayPosting{}, "statements": billing.KeptStatement{},
	} {
		statement := &gorm.Statement{DB: s.db.Gorm(t.Context())}
		s.must(statement.Parse(model))
		fields := columnsOf(statement.Schema)
		columns, err := db.Values[string](t.Context(), s.db, `select column_name::text from information_schema.columns where table_name = $1 order by 1`, table)
		s.must(err)
		slices.Sort(columns)
		if !slices.Equal(fields, columns) {
			t.Errorf("%s\n struct %s\n table  %s", table, strings.Join(fields, " "), strings.Join(columns, " "))
		}
	}
}

func columnsOf(s *schema.Schema) []string {
	columns := slices.Clone(s.DBNames)
	slices.Sort(columns)
	return columns
}
