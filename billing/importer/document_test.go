package importer_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"makegood/billing/importer"
	"makegood/internal/errs"
)

const lineHead = "Invoice No,Customer ID,Invoice Date,Due Date,Item,Description,Qty,Unit Price,Tax Rate,Total\n"

func eur() importer.Options { return mapped(importer.Invoices, "currency", "EUR") }

func TestInvoiceOfLines(t *testing.T) {
	t.Parallel()
	got := read(t, lineHead+
		"N1,C1,2026-01-05,2026-02-04,SEAT,Seats,3,10.01,19,83.19\n"+
		"N2,C2,2026-01-06,,DISK,Disks,2,5,0,10\n"+
		"N1,C1,2026-01-05,,SEAT,More seats,4,9.97,19,83.19\n", eur()).clean(t)
	in := got.invoices()
	if len(in) != 2 || in[0].Number != "N1" || len(in[0].Lines) != 2 || got.records[0].Rows[1] != 4 {
		t.Fatalf("read %+v", got.records)
	}
	same(t, "first", []any{in[0].Net, in[0].Tax, in[0].Total, in[0].Lines[1].Net, in[0].DueOn}, []any{dec("69.91"), dec("13.28"), dec("83.19"), dec("39.88"), day("2026-02-04")})
	same(t, "second", []any{in[1].Total, in[1].Taxes}, []any{dec("10"), []importer.Tax{{Category: "Z", Rate: dec("0"), Net: dec("10"), Tax: dec("0")}}})
	if raw := string(got.records[1].Raw); raw != `{"Customer ID":"C2","Description":"Disks","Invoice Date":"2026-01-06","Invoice No":"N2","Item":"DISK","Qty":"2","Tax Rate":"0","Total":"10","Unit Price":"5"}` {
		t.Errorf("the source is not kept: %s", raw)
	}
}

// TestSumsMustAgree: what the file says twice must say the same.
func TestSumsMustAgree(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ content, key, column, difference string }{
		"total":    {lineHead + "N1,C1,2026-01-05,,A,x,3,10.01,19,35.75\n", "billing.import.sum_differs", "Total", "0.01"},
		"net":      {"number,customer,date,net,tax,total\nN1,C1,2026-01-05,100,19,120\n", "billing.import.sum_differs", "total", "1"},
		"line":     {"number,customer,date,qty,unit price,line amount\nN1,C1,2026-01-05,3,10.00,30.02\n", "billing.import.line_differs", "line amount", "0.02"},
		"negative": {"number,customer,date,total\nN1,C1,2026-01-05,-5\n", "billing.import.negative_invoice", "total", ""},
		"open":     {"number,customer,date,total,open\nN1,C1,2026-01-05,5,6\n", "billing.import.open_over_total", "open", ""},
		"due":      {"number,customer,date,due date,total\nN1,C1,2026-01-05,2026-01-04,5\n", "billing.due_before_issue", "due date", ""},
		"settled":  {"number,customer,date,total,settled date\nN1,C1,2026-01-05,5,2026-01-04\n", "billing.import.settled_before_issue", "settled date", ""},
	} {
		got := read(t, c.content, eur())
		if len(got.records) != 0 || len(got.rejected) == 0 {
			t.Errorf("%s: read %+v", name, got.records)
			continue
		}
		if r := got.rejected[0]; r.Key != c.key || r.Column != c.column || r.Params["difference"] != c.difference || r.Row != 2 || r.Ref != "N1" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestPriceFinerThanItsAmount: where the amount of a line is given, a rounded price may miss it by as much as it was rounded.
func TestPriceFinerThanItsAmount(t *testing.T) {
	t.Parallel()
	got := read(t, "number,customer,date,qty,unit price,line amount\nN1,C1,2026-01-05,1000000,0.0000166667,16.67\nN2,C1,2026-01-05,3,3.3333,10\n", eur()).clean(t)
	same(t, "nets", []any{got.invoices()[0].Net, got.invoices()[1].Net}, []any{dec("16.67"), dec("10")})
}

func TestTaxInEveryWay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ content, net, tax, rate string }{
		"only a total":           {"number,customer,date,total\nN1,C1,2026-01-05,11.90\n", "11.9", "0", "0"},
		"net and total":          {"number,customer,date,net,total\nN1,C1,2026-01-05,10,11.90\n", "10", "1.9", "19"},
		"total and tax":          {"number,customer,date,total,vat\nN1,C1,2026-01-05,11.90,1.90\n", "10", "1.9", "19"},
		"total and rate":         {"number,customer,date,total,vat rate\nN1,C1,2026-01-05,11.90,19%\n", "10", "1.9", "19"},
		"prices with tax":        {"number,customer,date,qty,unit price,tax rate,tax inclusive\nN1,C1,2026-01-05,1,11.90,19,yes\n", "10", "1.9", "19"},
		"tax of each line":       {"number,customer,date,qty,unit price,tax amount\nN1,C1,2026-01-05,1,5,0.95\nN1,C1,2026-01-05,1,5,0.95\n", "10", "1.9", "19"},
		"rounded on the sum":     {"number,customer,date,qty,unit price,tax rate,total\nN1,C1,2026-01-05,1,0.03,19,0.07\nN1,C1,2026-01-05,1,0.03,19,0.07\n", "0.06", "0.01", "19"},
		"rounded line by line":   {"number,customer,date,qty,unit price,tax rate,total\nN1,C1,2026-01-05,1,0.03,19,0.08\nN1,C1,2026-01-05,1,0.03,19,0.08\n", "0.06", "0.02", "19"},
		"discount and its line":  {"number,customer,date,qty,unit price,discount,tax rate\nN1,C1,2026-01-05,2,6,2,19\n", "10", "1.9", "19"},
		"a tax that has no rate": {"number,customer,date,net,tax\nN1,C1,2026-01-05,10,0.88\n", "10", "0.88", "8.8"},
	} {
		got := read(t, c.content, eur()).clean(t)
		if len(got.invoices()) != 1 {
			continue
		}
		in := got.invoices()[0]
		same(t, name, []any{in.Net, in.Tax, in.Taxes[0].Rate}, []any{dec(c.net), dec(c.tax), dec(c.rate)})
	}
}

func TestOneBadLineSpoilsItsInvoice(t *testing.T) {
	t.Parallel()
	got := read(t, lineHead+"N1,C1,2026-01-05,,A,x,3,10,0,\nN1,C1,2026-01-05,,A,x,three,10,0,\nN2,C1,2026-01-05,,A,x,1,1,0,\nN1,C9,2026-01-05,,A,x,1,10,0,\n", eur())
	if len(got.records) != 1 || got.records[0].External != "N2" || got.sum.Rejected != 3 || got.sum.Rows != 4 {
		t.Fatalf("%+v %+v", got.sum, got.records)
	}
	keys := map[int]string{}
	for _, r := range got.rejected {
		keys[r.Row] = r.Key
	}
	if keys[2] != "billing.import.line_of_rejected" || keys[5] != "billing.import.header_differs" {
		t.Errorf("rejected %+v", got.rejected)
	}
}

func TestDuplicatesNameTheFirst(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content, key string
		held         int
	}{
		"invoice":   {"number,customer,date,total\nN1,C1,2026-01-05,5\nN2,C1,2026-01-05,5\nN1,C1,2026-01-05,5\n", "billing.import.duplicate", 0},
		"far apart": {"number,customer,date,qty,price\nN1,C1,2026-01-05,1,5\nN2,C1,2026-01-05,1,5\nN1,C1,2026-01-05,1,5\n", "billing.import.rows_apart", 1},
	} {
		o := eur()
		o.HeldRows = c.held
		got := read(t, c.content, o)
		if len(got.rejected) != 1 || got.rejected[0].Key != c.key || got.rejected[0].Params["first"] != "2" || got.rejected[0].Row != 4 || got.rejected[0].Ref != "N1" {
			t.Errorf("%s: %+v", name, got.rejected)
		}
	}
	got := read(t, "number,customer,date,line no,qty,price\nN1,C1,2026-01-05,1,1,5\nN1,C1,2026-01-05,1,1,5\n", eur())
	if len(got.records) != 0 || got.rejected[1].Key != "billing.import.duplicate_line" || got.rejected[1].Params["first"] != "2" {
		t.Errorf("a line twice: %+v", got.rejected)
	}
}

func TestCreditNotes(t *testing.T) {
	t.Parallel()
	o := eur()
	got := read(t, "number,type,customer,date,total,original invoice,reason\nN1,Invoice,C1,2026-01-05,50,,\nCM1,Credit Memo,C1,2026-01-09,(5.00),N1,wrong price\nJ1,Journal,C1,2026-01-09,1,,\nD1,Invoice,C1,2026-01-05,1,,\n", o).clean(t)
	if len(got.records) != 3 || got.records[1].CreditNote == nil || got.sum.Left != 1 {
		t.Fatalf("read %+v", got.records)
	}
	n := got.records[1].CreditNote
	same(t, "note", []any{n.Total, n.Invoice, n.Reason, n.Lines[0].Net}, []any{dec("5"), "N1", "wrong price", dec("5")})

	o.Mapping.NegativeIsCredit = true
	if got := read(t, "number,customer,date,total\nN1,C1,2026-01-05,-5\n", o).clean(t); got.records[0].CreditNote == nil {
		t.Errorf("below zero is a credit note where that is said: %+v", got.records[0])
	}

	got = read(t, "credit note number,invoice number,customer,date,currency,total,to invoice,to balance,settled outside\nG1,N1,C1,2026-01-05,EUR,10,6,3,1\nG2,N1,C1,2026-01-05,EUR,10,6,3,0\n", mapped(importer.CreditNotes))
	if len(got.records) != 1 || !got.records[0].CreditNote.Buckets || got.rejected[0].Params["difference"] != "1" {
		t.Errorf("buckets: %+v %+v", got.records, got.rejected)
	}
}

func TestWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	got := read(t, "Northwind Traders,,,,\nOpen invoices as of 31 January,,,,\n,,,,\nnumber,customer,date,total,status\nN1,C1,2026-01-05,5,open\nN2,C1,2026-01-05,5,Draft\nN3,C1,2026-01-05,5,voided\nTotal,,,15,\n", eur()).clean(t)
	if got.sum.Records != 1 || got.sum.Left != 3 || got.records[0].Rows[0] != 5 {
		t.Errorf("%+v %+v", got.sum, got.rejected)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content string
		change  func(*importer.Options)
		want    error
	}{
		"empty":        {"", nil, importer.ErrNoRows},
		"no header":    {"1,2,3\n", nil, importer.ErrNoHeader},
		"no kind":      {"number\n", func(o *importer.Options) { o.Kind = "dragons" }, importer.ErrUnknownKind},
		"no preset":    {"number\n", func(o *importer.Options) { o.Mapping.Preset = "sap" }, errs.New(errs.Invalid, "billing.import.unknown_preset")},
		"other preset": {"number\n", func(o *importer.Options) { o.Mapping.Preset = "ebanx" }, errs.New(errs.Invalid, "billing.import.preset_for_other")},
		"no zone":      {"number\n", func(o *importer.Options) { o.Mapping.Zone = "Mars" }, errs.New(errs.Invalid, "billing.import.unknown_zone")},
	} {
		o := eur()
		if c.change != nil {
			c.change(&o)
		}
		if _, err := tryRead(t, c.content, o); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for name, c := range map[string]struct {
		change func(*importer.Options)
		field  string
	}{
		"missing": {func(o *importer.Options) { o.Mapping.Defaults = nil }, "columns.currency"},
		"absent": {func(o *importer.Options) {
			o.Mapping.Columns = map[importer.Field]string{importer.FieldNumber: "Nummer"}
		}, "mapping"},
		"no order": {func(o *importer.Options) { o.Mapping.DateOrder = "whatever" }, "date_order"},
		"no mark":  {func(o *importer.Options) { o.Mapping.DecimalMark = "x" }, "decimal_mark"},
	} {
		o := eur()
		c.change(&o)
		_, err := tryRead(t, "number,customer,date,total\nN1,C1,2026-01-05,5\n", o)
		e, ok := errors.AsType[*errs.Error](err)
		if !ok || len(e.Fields) == 0 || e.Fields[0].Name != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestManyRows reads more documents than may be held at once; a stream, not a heap.
func TestManyRows(t *testing.T) {
	t.Parallel()
	const count = 20_000
	var b strings.Builder
	b.WriteString("number,customer,date,qty,price\n")
	for i := range count {
		b.WriteString("N" + strconv.Itoa(i/2) + ",C1,2026-01-05,1,5\n")
	}
	o, seen, told := eur(), 0, 0
	o.HeldRows = 10
	o.Progress = func(rows int) { told = rows }
	sum, err := importer.Read(t.Context(), strings.NewReader(b.String()), o, importer.Sink{
		Record: func(r importer.Record) error {
			if len(r.Rows) != 2 {
				t.Errorf("%s has rows %v", r.External, r.Rows)
			}
			seen++
			return nil
		},
		Reject: func(r importer.Rejection) error { return errors.New(r.Key) },
	})
	if err != nil || seen != count/2 || sum.Rows != count || told != count {
		t.Errorf("%d of %+v, told %d: %v", seen, sum, told, err)
	}
	stop := errors.New("stop")
	if _, err := importer.Read(t.Context(), strings.NewReader(b.String()), o, importer.Sink{Record: func(importer.Record) error { return stop }}); !errors.Is(err, stop) {
		t.Errorf("an error of the sink ends the reading: %v", err)
	}
}
