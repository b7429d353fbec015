package billing_test

import (
	"slices"
	"testing"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/internal/db"
)

// failures are why rows of a batch did not come in, by their ids in the source.
func (s *shop) failures(id billing.ImportID) map[string]string {
	s.t.Helper()
	keys := map[string]string{}
	for _, r := range s.rows(id) {
		if r.State == billing.RowFailed || r.State == billing.RowConflict {
			keys[r.ExternalID] = r.Reasons[0].Key
		}
	}
	return keys
}

// A customer has its account with one legal entity: a file of another's finds it no more than one that is not there, and tells nothing of it.
func TestAFileTakesNoCustomerOfAnotherEntity(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.bring(s.file(importer.Invoices), invoiceFile)
	s.bring(s.file(importer.Payments), "payment number,customer,currency,amount,payment date,invoice,applied amount\nZ-0,C-1,EUR,166.60,2026-03-20,NB-77,166.60\n")
	theirs := func(kind importer.Kind) billing.NewImport {
		in := s.file(kind)
		in.System = "southbooks"
		return in
	}
	s.do(func(tx *db.Tx) error { s.entity = s.addEntity(tx, "SG"); return nil })
	for _, c := range []struct {
		kind   importer.Kind
		file   string
		counts billing.ImportCounts
		why    map[string]string
	}{
		{
			importer.Invoices, "number,customer,currency,invoice date,invoice amount,tax rate\nS-1,C-1,EUR,2026-02-01,100,0\n",
			billing.ImportCounts{billing.RowFailed: 1},
			map[string]string{"S-1": "billing.import.unknown_customer"},
		},
		{
			importer.OpenBalances, "customer,number,type,currency,date,original amount,open amount\nC-1,S-2,Invoice,EUR,2025-11-05,100,40\nC-1,S-3,Payment,EUR,2025-11-06,-30,-20\n",
			billing.ImportCounts{billing.RowFailed: 2},
			map[string]string{"S-2": "billing.import.unknown_customer", "S-3": "billing.import.unknown_customer"},
		},
		{
			importer.Payments, "payment number,customer,currency,amount,payment date,invoice,applied amount\n" +
				"Z-1,C-1,EUR,5,2026-03-20,,\nZ-2,,EUR,5,2026-03-20,NB-77,5\n", // nothing is open on that one
			billing.ImportCounts{billing.RowFailed: 2}, map[string]string{"Z-1": "billing.import.unknown_customer", "Z-2": "billing.invoice_of_another"},
		},
		{
			importer.CreditNotes, noteFile,
			billing.ImportCounts{billing.RowFailed: 2},
			map[string]string{"NC-1": "billing.invoice_of_another", "NC-2": "billing.import.unknown_customer"},
		},
		{
			importer.Customers, "account,name,parent\nC-1,Customer C-1,\nC-2,Somebody Else,\nQ-1,Quartz,C-2\nQ-2,Quarz,\n",
			billing.ImportCounts{billing.RowDone: 1, billing.RowConflict: 2, billing.RowFailed: 1},
			map[string]string{"C-1": "billing.account_taken", "C-2": "billing.account_taken", "Q-1": "billing.import.unknown_customer"},
		},
	} {
		b := s.bring(theirs(c.kind), c.file)
		s.counted(b.ID, c.counts)
		keys := s.failures(b.ID)
		for id, why := range c.why {
			if keys[id] != why {
				t.Errorf("%s %s: %q, want %q", c.kind, id, keys[id], why)
			}
		}
	}
	if n := value[int](t, s.db, `select count(*) from open_items where entity_id = $1`, s.entity); n != 0 {
		t.Errorf("%d items of another's customers", n)
	}
}

// Behind every program the database takes no document of one legal entity for a customer of another's.
func TestTheDatabaseKeepsCustomersToTheirEntity(t *testing.T) {
	t.Parallel()
	s := setup(t)
	other := s.entity
	s.do(func(tx *db.Tx) error { other = s.addEntity(tx, "SG"); return nil })
	in := s.invoice("EUR", line("100", "19"))
	in.EntityID = other
	if _, err := s.billing.IssueInvoice(t.Context(), in); !db.Violates(err, "of_customers_entity") {
		t.Errorf("an invoice: %v", err)
	}
	pay := s.pay("EUR", "10", "2026-05-08")
	pay.EntityID = other
	if _, err := s.billing.RecordPayment(t.Context(), pay); !db.Violates(err, "of_customers_entity") {
		t.Errorf("a payment: %v", err)
	}
	_, err := s.carry(billing.AdjustmentInput{
		Kind: billing.Concession, EntityID: other, CustomerID: s.customer, ReasonCode: "overcharge",
		Lines: []billing.AdjustLine{{Description: "Goodwill", Amount: d("10"), Tax: billing.LineTax{Category: "Z"}}},
	})
	if !db.Violates(err, "of_customers_entity") {
		t.Errorf("a credit: %v", err)
	}
}

// A credit note goes on the invoice it names only where that is its customer's: a number may be another's in another system.
func TestACreditNoteIsOnItsCustomersInvoice(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.bring(s.file(importer.Invoices), "number,customer,sold to,currency,invoice date,invoice amount,tax rate\n1001,C-1,,EUR,2026-02-01,100,0\n1002,C-2,C-3,EUR,2026-02-01,100,0\n")
	in := s.file(importer.CreditNotes)
	in.System = "southbooks"
	b := s.bring(in, "credit note number,original invoice,customer,date,currency,amount,tax rate\n"+
		"NC-1,1001,C-2,2026-03-10,EUR,10,0\nNC-2,1001,C-9,2026-03-10,EUR,10,0\nNC-3,1001,C-1,2026-03-10,EUR,10,0\nNC-4,1002,C-3,2026-03-10,EUR,10,0\n")
	s.counted(b.ID, billing.ImportCounts{billing.RowWaiting: 2, billing.RowFailed: 2})
	if keys := s.failures(b.ID); keys["NC-1"] != "billing.invoice_of_another" || keys["NC-2"] != "billing.import.unknown_customer" {
		t.Errorf("refused as %v", keys)
	}
	s.must(s.billing.ApproveImport(t.Context(), b.ID, otherController()))
	s.run(b.ID)
	equal(t, "its own", "90", s.importedInvoice("1001").Open.Open)
	equal(t, "of what its customer bought", "90", s.importedInvoice("1002").Open.Open)
	s.sound()
}

// What a file says is in dispute is not reminded of: nothing here holds it before somebody opens a case. The row says so, planned and done.
func TestWhatIsInDisputeWhereItCameFromIsNotRemindedOf(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, c := range []struct {
		kind   importer.Kind
		file   string
		amount string
	}{
		{importer.OpenBalances, "customer,number,type,currency,date,due date,original amount,open amount,disputed amount\nC-1,OLD-1,Invoice,EUR,2025-11-05,2025-12-05,8000,8000,5000\n" +
			"C-1,OLD-2,Invoice,EUR,2025-11-05,2025-12-05,100,100,\n", "5000.00 EUR"},
		{importer.Invoices, "number,customer,currency,invoice date,due date,invoice amount,tax rate,disputed\nH-1,C-1,EUR,2026-02-01,2026-02-15,70,0,yes\n" +
			"H-2,C-1,EUR,2026-02-01,2026-02-15,80,0,no\n", "70.00 EUR"},
	} {
		planned := s.stage(s.file(c.kind), c.file)
		s.disputedNote(planned.ID, c.amount)
		s.must(s.billing.StartImport(t.Context(), planned.ID, controller()))
		s.run(planned.ID)
		s.counted(planned.ID, billing.ImportCounts{billing.RowDone: 2})
		s.disputedNote(planned.ID, c.amount)
	}
	list, err := s.billing.DunningList(t.Context(), billing.DunningQuery{EntityID: s.entity, Limit: 50, By: controller()})
	s.must(err)
	var numbers []string
	for _, row := range list.Rows {
		numbers = append(numbers, row.Number)
	}
	slices.Sort(numbers)
	if !slices.Equal(numbers, []string{"H-2", "OLD-2"}) {
		t.Errorf("reminded of %v", numbers)
	}
	if n := value[int](t, s.db, `select count(*) from dunning_blocks where invoice_id is not null and until_on = '2026-08-10' and made_by = 7 and reason like 'In dispute in northbooks: %'`); n != 2 {
		t.Errorf("%d blocks", n)
	}
}

// disputedNote checks that the first row alone says what is in dispute of it.
func (s *shop) disputedNote(id billing.ImportID, amount string) {
	s.t.Helper()
	for i, r := range s.rows(id) {
		if i == 0 != (len(r.Reasons) == 1 && r.Reasons[0].Key == "billing.import.disputed_there" && r.Reasons[0].Params["amount"] == amount) {
			s.t.Errorf("row %s is %s with %+v", r.ExternalID, r.State, r.Reasons)
		}
	}
}
