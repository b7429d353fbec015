package importer_test

import (
	"testing"

	"makegood/billing/importer"
)

func preset(name string, kind importer.Kind) importer.Options {
	o := mapped(kind)
	o.Mapping.Preset = name
	return o
}

func TestNetSuite(t *testing.T) {
	t.Parallel()
	got := read(t, "Internal ID,Document Number,Type,Date,Due Date/Receive By,Name,Currency,Amount,Amount (Foreign Currency),Amount Remaining (Foreign Currency),Created From,Status\n"+
		"11,INV1001,Invoice,1/15/2026,2/14/2026,C100 Nordwind,USD,91.00,\"1,100.00\",600.00,Sales Order #SO1,Open\n"+
		"12,CM22,Credit Memo,1/20/2026,,C100 Nordwind,USD,-8.00,-100.00,0.00,Invoice #INV1001,Fully Applied\n"+
		"13,PYMT9,Payment,1/21/2026,,C100 Nordwind,USD,400.00,400.00,,,Deposited\n", preset("netsuite", importer.Invoices)).clean(t)
	if len(got.records) != 2 || got.sum.Left != 1 {
		t.Fatalf("%+v %+v", got.records, got.rejected)
	}
	in, n := got.records[0].Invoice, got.records[1].CreditNote
	same(t, "invoice", []any{in.Total, *in.Standing.Open, in.IssuedOn}, []any{dec("1100"), dec("600"), day("2026-01-15")})
	same(t, "credit memo", []any{n.Total, n.Invoice}, []any{dec("100"), "INV1001"})
}

func TestOracle(t *testing.T) {
	t.Parallel()
	got := read(t, "Business Unit,Transaction Number,Transaction Class,Transaction Date,Bill-to Customer Name,Bill-to Customer Account Number,Entered Currency,Transaction Line Number,Transaction Line Description,Transaction Line Quantity,Unit Selling Price,Transaction Line Amount,Tax Amount,Purchase Order\n"+
		"DE01,10077,Invoice,15-JAN-2026,Nordwind,4711,EUR,1,Seats,4,25.00,100.00,19.00,4500017\n"+
		"DE01,10077,Invoice,15-JAN-2026,Nordwind,4711,EUR,2,Setup,1,50.00,50.00,9.50,4500017\n"+
		"DE01,10078,Credit Memo,16-JAN-2026,Nordwind,4711,EUR,1,Seats,-1,25.00,-25.00,-4.75,\n", preset("oracle", importer.Invoices)).clean(t)
	in, n := got.records[0].Invoice, got.records[1].CreditNote
	same(t, "invoice", []any{in.Total, in.Customer, in.Entity, in.PurchaseOrder, in.Lines[1].No, in.Taxes}, []any{dec("178.5"), "4711", "DE01", "4500017", 2, []importer.Tax{{Category: "S", Rate: dec("19"), Net: dec("150"), Tax: dec("28.5")}}})
	same(t, "credit memo", []any{n.Total, n.Lines[0].Quantity}, []any{dec("29.75"), dec("1")})
}

func TestSalesforce(t *testing.T) {
	t.Parallel()
	got := read(t, "Id,Name,blng__Account__c,blng__InvoiceDate__c,blng__DueDate__c,blng__InvoiceStatus__c,blng__TotalAmount__c,blng__TaxAmount__c,blng__TotalAmountWithTax__c,blng__Balance__c,CurrencyIsoCode\n"+
		"a1,INV-0000001,0015,2026-01-05,2026-02-04,Posted,100.0,19.0,119.0,119.0,EUR\na2,INV-0000002,0015,2026-01-05,,Draft,1.0,,1.0,1.0,EUR\n", preset("salesforce", importer.Invoices)).clean(t)
	if len(got.records) != 1 || got.sum.Left != 1 {
		t.Fatalf("%+v", got.rejected)
	}
	in := got.records[0].Invoice
	same(t, "invoice", []any{in.Number, in.Customer, in.Net, in.Tax, in.Total, *in.Standing.Open}, []any{"INV-0000001", "0015", dec("100"), dec("19"), dec("119"), dec("119")})
}

const awsHead = "billing_event_id,from_account_id,to_account_id,action,transaction_type,parent_billing_event_id,disbursement_billing_event_id,amount,currency,balance_impacting,invoice_date,invoice_id,bank_trace_id\n"

func TestAWSMarketplace(t *testing.T) {
	t.Parallel()
	got := read(t, awsHead+
		"be1,buyer1,me,INVOICED,SELLER_REV_SHARE,,,100.00,USD,1,2026-01-02T00:00:00Z,INV-A,\n"+
		"be2,me,aws,INVOICED,AWS_REV_SHARE,,,-3.00,USD,1,2026-01-02T00:00:00Z,INV-A,\n"+
		"be3,buyer2,me,INVOICED,SELLER_REV_SHARE,,,50.00,USD,1,2026-01-03T00:00:00Z,INV-B,\n"+
		"be4,me,buyer2,INVOICED,SELLER_REV_SHARE_REFUND,,,-20.00,USD,1,2026-01-04T00:00:00Z,INV-B,\n"+
		"be5,aws,me,INVOICED,DISBURSEMENT,be1,be9,-100.00,USD,1,2026-02-05T00:00:00Z,INV-A,\n"+
		"be6,aws,me,INVOICED,DISBURSEMENT,be2,be9,3.00,USD,1,2026-02-05T00:00:00Z,INV-A,\n"+
		"be7,aws,me,INVOICED,DISBURSEMENT,be3,be9,-50.00,USD,1,2026-02-05T00:00:00Z,INV-B,\n"+
		"be8,aws,me,INVOICED,DISBURSEMENT,be4,be9,20.00,USD,1,2026-02-05T00:00:00Z,INV-B,\n"+
		"be9,aws,me,DISBURSED,DISBURSEMENT,,,127.00,USD,0,2026-02-05T00:00:00Z,,TRACE7\n", preset("aws-marketplace", importer.Payments)).clean(t)
	if len(got.records) != 1 || got.sum.Left != 4 {
		t.Fatalf("%+v %+v", got.sum, got.rejected)
	}
	p := got.records[0].Payment
	same(t, "payment", []any{p.Number, p.Amount, p.Fee, p.Applied, p.BankReference, p.Method, p.ReceivedOn}, []any{
		"be9", dec("130"), dec("3"), []importer.Applied{{Invoice: "INV-A", Amount: dec("100")}, {Invoice: "INV-B", Amount: dec("30")}}, "TRACE7", "aws_marketplace", day("2026-02-05"),
	})

	got = read(t, awsHead+
		"be5,aws,me,INVOICED,DISBURSEMENT,be1,be9,-100.00,USD,1,2026-02-05T00:00:00Z,INV-A,\n"+
		"be9,aws,me,DISBURSED,DISBURSEMENT,,,97.00,USD,0,2026-02-05T00:00:00Z,,TRACE7\n"+
		"be6,aws,me,INVOICED,DISBURSEMENT,be2,be10,3.00,USD,1,2026-02-05T00:00:00Z,INV-A,\n", preset("aws-marketplace", importer.Payments))
	keys := map[string]string{}
	for _, r := range got.rejected {
		keys[r.Key] = r.Params["difference"]
	}
	if _, unknown := keys["billing.import.parent_missing"]; len(got.records) != 0 || keys["billing.import.sum_differs"] != "-3" || !unknown {
		t.Errorf("rejected %+v", got.rejected)
	}
}

func TestEBANX(t *testing.T) {
	t.Parallel()
	got := read(t, "MERCHANT,PAYMENT HASH,MERCHANT PAYMENT CODE,TRANSACTION TYPE,STATUS,SETTLEMENT DATE,CURRENCY,GROSS AMOUNT,FEE AMOUNT,CUSTOMER NAME,SETTLEMENT CODE\n"+
		"Northwind,54154bb1,DE-2026-00001,PAYMENT,CO,2026-01-05,USD,100.00,4.20,Zulu SA,SET-BR-1\n"+
		"Northwind,54154bb2,DE-2026-00002,REFUND,CO,2026-01-05,USD,-10.00,0,Zulu SA,SET-BR-1\n"+
		"Northwind,54154bb3,DE-2026-00003,PAYMENT,CA,2026-01-05,USD,10.00,0,Zulu SA,SET-BR-1\n", preset("ebanx", importer.Payments)).clean(t)
	if len(got.records) != 1 || got.sum.Left != 2 {
		t.Fatalf("%+v", got.rejected)
	}
	p := got.records[0].Payment
	same(t, "payment", []any{p.Number, p.Amount, p.Fee, p.Applied[0].Invoice, p.Method}, []any{"54154bb1", dec("100"), dec("4.2"), "DE-2026-00001", "ebanx"})
}

func TestTesorioAndOpenBalances(t *testing.T) {
	t.Parallel()
	got := read(t, "invoice_id,invoice_number,customer_id,customer_name,currency,date_created,date_due,amount,amount_remaining,po_number\n"+
		"991,N1,C1,Zulu,USD,2026-01-05,2026-02-04,100.00,40.00,45\n", preset("tesorio", importer.OpenBalances)).clean(t)
	b := got.records[0].Balance
	same(t, "tesorio", []any{b.Number, b.Customer, b.Original, b.Open}, []any{"N1", "C1", dec("100"), dec("40")})
	if got := read(t, "customer,number,date,currency,open\nC1,N1,2026-01-05,EUR,12\n", preset("open-balances", importer.OpenBalances)).clean(t); len(got.records) != 1 {
		t.Errorf("%+v", got.rejected)
	}
	if len(importer.Presets()) != 8 {
		t.Errorf("presets %+v", importer.Presets())
	}
}

func TestExamine(t *testing.T) {
	t.Parallel()
	content := "Open items\nInvoice No;Customer;Date;Amount;Colour\nN1;C1;01/05/2026;1.234,50;red\nN2;C1;02/05/2026;7,00;blue\n"
	o := importer.Options{Kind: importer.Invoices}
	e, err := importer.Examine(reader(content), o)
	if err != nil {
		t.Fatal(err)
	}
	if e.Mapping.Columns[importer.FieldTotal] != "Amount" || e.Mapping.DecimalMark != "," || e.Layout.Separator != ';' || len(e.Sample) != 2 ||
		len(e.Missing) != 1 || e.Missing[0].Name != "columns.currency" || len(e.Uncertain) != 1 || e.Uncertain[0] != importer.FieldIssuedOn {
		t.Errorf("examination %+v", e)
	}
	// What a person adds is all that is missing; the mapping is kept as it is and reads the file.
	e.Mapping.DateOrder = importer.MonthFirst
	e.Mapping.Defaults = map[importer.Field]string{importer.FieldCurrency: "EUR"}
	e.Mapping.Only = true
	o.Mapping = e.Mapping
	got := read(t, content, o).clean(t)
	same(t, "read", []any{got.invoices()[0].Total, got.invoices()[1].IssuedOn}, []any{dec("1234.5"), day("2026-02-05")})
}
