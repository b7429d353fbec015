package billing_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

func otherController() access.Actor {
	return access.Actor{Kind: access.Person, UserID: 8, Name: "Olu Adeyemi", Roles: []access.Role{access.Controller}}
}

// file is a CSV file to bring in.
func (s *shop) file(kind importer.Kind) billing.NewImport {
	return billing.NewImport{EntityID: s.entity, System: "northbooks", Kind: kind, Filename: string(kind) + ".csv", By: controller()}
}

func (s *shop) stage(in billing.NewImport, content string) billing.ImportBatch {
	s.t.Helper()
	b, err := s.billing.StageImport(s.t.Context(), in, strings.NewReader(content))
	s.must(err)
	return b
}

// bring reads a file and brings it in, to where it waits or is done.
func (s *shop) bring(in billing.NewImport, content string) billing.ImportBatch {
	s.t.Helper()
	b := s.stage(in, content)
	s.must(s.billing.StartImport(s.t.Context(), b.ID, controller()))
	return s.run(b.ID)
}

func (s *shop) run(id billing.ImportID) billing.ImportBatch {
	s.t.Helper()
	s.must(s.billing.RunImport(s.t.Context(), id))
	b, err := s.billing.Import(s.t.Context(), controller(), id)
	s.must(err)
	return b
}

func (s *shop) rows(id billing.ImportID) []billing.ImportRow {
	s.t.Helper()
	page, err := s.billing.ImportRows(s.t.Context(), controller(), id, billing.ImportRowFilter{Limit: 500})
	s.must(err)
	return page.Rows
}

// counted checks how many rows stand where, and shows why when it is otherwise.
func (s *shop) counted(id billing.ImportID, want billing.ImportCounts) {
	s.t.Helper()
	have, err := s.billing.ImportCounts(s.t.Context(), controller(), id)
	s.must(err)
	same := len(have) == len(want)
	for state, n := range want {
		same = same && have[state] == n
	}
	if same {
		return
	}
	s.t.Errorf("rows %v, want %v", have, want)
	for _, r := range s.rows(id) {
		s.t.Logf("row %v %s %s: %s %+v", r.Rows, r.Kind, r.ExternalID, r.State, r.Reasons)
	}
}

func (s *shop) importedInvoice(number string) billing.InvoiceDetail {
	s.t.Helper()
	return s.detail(value[billing.InvoiceID](s.t, s.db, `select id from invoices where number = $1`, number))
}

const invoiceFile = "number,customer,date,due date,currency,product,description,qty,unit price,discount,tax rate,po\n" +
	"NB-77,C-1,2026-03-05,2026-04-04,EUR,SEAT,Seats,4,25.00,10.00,19,PO 9\n" +
	"NB-77,C-1,2026-03-05,2026-04-04,EUR,DISK,Disks,1,50.00,,19,PO 9\n" +
	"NB-78,C-3,2026-03-06,,USD,SEAT,Seats,2,10.00,,0,\n"

func TestImportedInvoicesKeepTheirNumbersAndFigures(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := s.bring(s.file(importer.Invoices), invoiceFile)
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 2})
	if b.State != billing.ImportDone || b.DoneRows != 2 || b.RowsRead != 3 || b.FinishedAt == nil || len(b.SHA256) != 32 {
		t.Errorf("batch %+v", b)
	}
	in := s.importedInvoice("NB-77")
	if in.Origin != billing.Imported || in.SequenceNo != nil || in.PurchaseOrder != "PO 9" || in.ExternalSystem != "northbooks" || !in.IssuedOn.Equal(day("2026-03-05")) {
		t.Errorf("invoice %+v", in.Invoice)
	}
	equal(t, "net", "140", in.Net)
	equal(t, "tax", "26.60", in.Tax)
	equal(t, "discount", "10", in.Discount)
	equal(t, "first line", "90", in.Lines[0].Net)
	equal(t, "its list amount", "100", in.Lines[0].List)
	equal(t, "open", "166.60", in.Open.Open)
	s.sound()

	// What came in elsewhere is credited here like any other, to the last cent.
	memo := s.give(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: in.ID, ReasonCode: "wrong_price", Whole: true})
	equal(t, "credited in full", "166.60", memo.Total)
	s.sound()
}

func TestTheSameFileAgainChangesNothing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.bring(s.file(importer.Invoices), invoiceFile)
	again := s.bring(s.file(importer.Invoices), invoiceFile)
	s.counted(again.ID, billing.ImportCounts{billing.RowUnchanged: 2})
	other := s.bring(s.file(importer.Invoices), strings.ReplaceAll(invoiceFile, "2,10.00", "3,10.00"))
	s.counted(other.ID, billing.ImportCounts{billing.RowUnchanged: 1, billing.RowConflict: 1})
	for _, r := range s.rows(other.ID) {
		if r.State == billing.RowConflict && (r.Reasons[0].Key != "billing.import.came_differently" || r.Reasons[0].Params["file"] != "invoices.csv" || r.DocumentNumber != "NB-78") {
			t.Errorf("conflict %+v", r)
		}
	}
	elsewhere := s.file(importer.Invoices)
	elsewhere.System = "southbooks" // another system's invoice, but a number is there once
	b := s.bring(elsewhere, invoiceFile)
	s.counted(b.ID, billing.ImportCounts{billing.RowConflict: 2})
	if n := value[int](t, s.db, `select count(*) from invoices`); n != 2 {
		t.Errorf("%d invoices", n)
	}
}

// TestImportRunsAsAJob: starting a batch leaves a job that brings it in, and bringing it in twice does nothing more.
func TestImportRunsAsAJob(t *testing.T) {
	t.Parallel()
	s := setup(t)
	registry := jobs.NewRegistry()
	s.billing.RegisterImports(registry)
	b := s.stage(s.file(importer.Invoices), invoiceFile)
	s.must(s.billing.StartImport(t.Context(), b.ID, controller()))
	args := value[[]byte](t, s.db, `select args from river_job where kind = 'billing.bring_in'`)
	for range 2 {
		s.must(registry.Work(t.Context(), "billing.bring_in", args))
		s.counted(b.ID, billing.ImportCounts{billing.RowDone: 2})
	}
	if err := s.billing.StartImport(t.Context(), b.ID, controller()); !errors.Is(err, billing.ErrImportState) {
		t.Errorf("started twice: %v", err)
	}
}

// TestTwoBatchesOfOneFile: both were planned before either came in; what is there once comes in once.
func TestTwoBatchesOfOneFile(t *testing.T) {
	t.Parallel()
	s := setup(t)
	first, second := s.stage(s.file(importer.Invoices), invoiceFile), s.stage(s.file(importer.Invoices), invoiceFile)
	for _, b := range []billing.ImportBatch{first, second} {
		s.must(s.billing.StartImport(t.Context(), b.ID, controller()))
	}
	s.run(first.ID)
	s.run(second.ID)
	s.counted(first.ID, billing.ImportCounts{billing.RowDone: 2})
	s.counted(second.ID, billing.ImportCounts{billing.RowUnchanged: 2})
}

func TestPlanBringsNothingIn(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := s.stage(s.file(importer.Invoices), invoiceFile+
		"NB-79,C-9,2026-03-06,,EUR,X,x,1,1,,0,\n"+ // nobody is known by this account
		"NB-80,C-1,2026-03-06,,GBP,X,x,1,1,,0,\n"+ // no rate
		"NB-81,C-1,31.02.2026,,EUR,X,x,1,1,,0,\n")
	if b.State != billing.ImportPlanned {
		t.Errorf("state %s", b.State)
	}
	s.counted(b.ID, billing.ImportCounts{billing.RowNew: 2, billing.RowFailed: 2, billing.RowRejected: 1})
	if n := value[int](t, s.db, `select count(*) from invoices`); n != 0 {
		t.Errorf("%d invoices came in by the plan", n)
	}
	keys := map[string]string{}
	for _, r := range s.rows(b.ID) {
		if len(r.Reasons) > 0 {
			keys[r.Reasons[0].Key] = r.ExternalID
		}
	}
	if keys["billing.import.unknown_customer"] != "NB-79" || keys["billing.no_rate"] != "NB-80" || keys["billing.import.no_such_day"] != "NB-81" {
		t.Errorf("reasons %v", keys)
	}
	var out bytes.Buffer
	s.must(s.billing.WriteRejectedRows(t.Context(), controller(), b.ID, &out, func(key string, _ errs.Params) string { return "<" + key + ">" }))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 || lines[0] != "row,rejected because,number,customer,date,due date,currency,product,description,qty,unit price,discount,tax rate,po" ||
		lines[1] != "5,<billing.import.unknown_customer>,NB-79,C-9,2026-03-06,,EUR,X,x,1,1,,0," || !strings.HasPrefix(lines[3], "7,date: <billing.import.no_such_day>") {
		t.Errorf("rejected rows:\n%s", out.String())
	}
	s.must(s.billing.DiscardImport(t.Context(), b.ID, controller()))
	if n := value[int](t, s.db, `select count(*) from import_rows`); n != 0 {
		t.Errorf("%d rows stay behind", n)
	}
}

func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	whole := s.file(importer.Invoices)
	whole.AllOrNothing = true
	b := s.stage(whole, invoiceFile+"NB-79,C-9,2026-03-06,,EUR,X,x,1,1,,0,\n")
	if err := s.billing.StartImport(t.Context(), b.ID, controller()); !errors.Is(err, billing.ErrImportRejected) {
		t.Errorf("a file with a bad row starts: %v", err)
	}

	// A row that turns bad after the plan keeps the others out too.
	b = s.stage(whole, invoiceFile)
	s.must(s.billing.StartImport(t.Context(), b.ID, controller()))
	dbtest.AsOwner(t, s.db, `delete from fx_rates where quote = 'USD'`)
	b = s.run(b.ID)
	if b.State != billing.ImportFailed || b.Failure == nil || b.Failure.Key != "billing.no_rate" {
		t.Errorf("batch %+v, failure %+v", b, b.Failure)
	}
	if n := value[int](t, s.db, `select count(*) from invoices`); n != 0 {
		t.Errorf("%d invoices came in", n)
	}

	per := s.bring(s.file(importer.Invoices), invoiceFile)
	s.counted(per.ID, billing.ImportCounts{billing.RowDone: 1, billing.RowFailed: 1})
}

func TestCustomersAndRates(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := s.bring(s.file(importer.Customers), "account,name,parent,country,language,terms,email,tier\n"+
		"Q-2,Quartz Retail,Q-1,,,,,\n"+ // its partner comes further down
		"Q-1,Quartz Group,,jp,ja-JP,Net 14,AP@quartz.example,Gold\n"+
		"C-1,Customer C-1,,,,,,\nC-2,Somebody Else,,,,,,\nQ-3,Lost,Nowhere,,,,,\nQ-4,Odd,,Narnia,,,,\n")
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 2, billing.RowUnchanged: 1, billing.RowConflict: 1, billing.RowFailed: 2})
	group, err := s.billing.CustomerByAccount(t.Context(), s.db, "Q-1")
	s.must(err)
	retail, err := s.billing.CustomerByAccount(t.Context(), s.db, "Q-2")
	s.must(err)
	if group.Country != "JP" || group.Language != "ja" || group.TermsDays != 14 || group.Tier != billing.Gold || group.EmailDomains[0] != "quartz.example" ||
		retail.Kind != billing.EndCustomer || *retail.ParentID != group.ID || retail.FamilyID != group.ID || retail.Country != "DE" {
		t.Errorf("customers %+v %+v", group, retail)
	}
	people, err := s.billing.Contacts(t.Context(), s.db, group.ID)
	s.must(err)
	if len(people) != 1 || people[0].Email != "ap@quartz.example" {
		t.Errorf("contacts %+v", people)
	}

	r := s.bring(s.file(importer.Rates), "from,to,date,rate,source\nEUR,GBP,2026-01-01,0.85,ECB\nEUR,USD,2026-01-01,1.1,ECB\nEUR,JPY,2026-01-01,161,ECB\n")
	s.counted(r.ID, billing.ImportCounts{billing.RowDone: 1, billing.RowUnchanged: 1, billing.RowConflict: 1})
}

// A figure with more digits than its column holds keeps its own row out, by name, and no other.
func TestAFigureThatDoesNotFitKeepsItsRowOut(t *testing.T) {
	t.Parallel()
	s := setup(t)
	r := s.bring(s.file(importer.Rates), "from,to,date,rate,source\nEUR,JPY,2026-01-02,99999999999,ECB\nEUR,JPY,2026-01-03,161,ECB\n")
	s.counted(r.ID, billing.ImportCounts{billing.RowDone: 1, billing.RowFailed: 1})
	if said := value[string](t, s.db, `select reasons->0->>'key' from import_rows where batch_id = $1 and state = 'failed'`, r.ID); said != "billing.import.row_unfit" {
		t.Errorf("it says %q", said)
	}
}

func TestPayments(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.bring(s.file(importer.Invoices), invoiceFile)
	const payments = "payment number,customer,currency,amount,payment date,invoice,applied amount\n" +
		"Z-1,C-1,EUR,200.00,2026-03-20,NB-77,166.60\n" + // the rest stays unapplied
		"Z-2,,USD,5.00,2026-03-20,NB-78,5.00\n" + // from whoever the invoice is to
		"Z-3,C-1,EUR,5.00,2026-03-20,NB-99,5.00\n"
	b := s.bring(s.file(importer.Payments), payments)
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 2, billing.RowFailed: 1})
	equal(t, "paid in full", "0", s.importedInvoice("NB-77").Open.Open)
	equal(t, "paid in part", "15", s.importedInvoice("NB-78").Open.Open)
	equal(t, "unapplied", "33.40", value[decimal.Decimal](t, s.db, `select open from open_items where kind = 'payment' and open > 0`))
	again := s.bring(s.file(importer.Payments), payments)
	s.counted(again.ID, billing.ImportCounts{billing.RowUnchanged: 2, billing.RowFailed: 1})
	s.sound()
}

func TestInvoicesWithTheirSettlement(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := s.bring(s.file(importer.Invoices), "number,customer,currency,invoice date,invoice amount,settled date\nH-1,C-1,EUR,2026-02-01,55.94,2026-02-14\nH-2,C-1,EUR,2026-02-01,10,\n")
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 3})
	equal(t, "settled", "0", s.importedInvoice("H-1").Open.Open)
	equal(t, "open", "10", s.importedInvoice("H-2").Open.Open)
	s.sound()
}

func TestRightsOfImports(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.file(importer.Invoices)
	in.By = access.Actor{Kind: access.Person, UserID: 5, Roles: []access.Role{access.Agent}}
	if _, err := s.billing.StageImport(t.Context(), in, strings.NewReader(invoiceFile)); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("an agent brings invoices in: %v", err)
	}
	b := s.stage(s.file(importer.Invoices), invoiceFile)
	if err := s.billing.StartImport(t.Context(), b.ID, in.By); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("an agent starts an import: %v", err)
	}
	if err := s.billing.ApproveImport(t.Context(), b.ID, otherController()); !errors.Is(err, billing.ErrImportState) {
		t.Errorf("there is nothing to approve yet: %v", err)
	}
	if _, err := s.billing.Import(t.Context(), controller(), 999); !errors.Is(err, billing.ErrNoImport) {
		t.Errorf("no such batch: %v", err)
	}
}

func TestUnreadableFiles(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b, err := s.billing.StageImport(t.Context(), s.file(importer.Invoices), strings.NewReader("what,is,this\n1,2,3\n"))
	if !errors.Is(err, importer.ErrNoHeader) {
		t.Errorf("a file without columns we know: %v", err)
	}
	if b, err = s.billing.Import(t.Context(), controller(), b.ID); err != nil || b.State != billing.ImportFailed || b.Failure.Key != "billing.import.no_header" {
		t.Errorf("batch %+v, failure %+v: %v", b, b.Failure, err)
	}
}

func TestMappingIsRemembered(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.file(importer.Invoices)
	in.Remember = true
	in.Options.Mapping = importer.Mapping{
		Columns: map[importer.Field]string{importer.FieldNumber: "Ref", importer.FieldTotal: "Sum"}, DateOrder: importer.MonthFirst,
		Defaults: map[importer.Field]string{importer.FieldCurrency: "EUR"},
	}
	b := s.bring(in, "Ref,Customer,Date,Sum\nM-1,C-1,02/03/2026,10\n")
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 1})
	b = s.bring(s.file(importer.Invoices), "Ref,Customer,Date,Sum\nM-2,C-1,03/04/2026,10\n")
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 1})
	if on := s.importedInvoice("M-2").IssuedOn; !on.Equal(day("2026-03-04")) {
		t.Errorf("read as %s", on)
	}
}
