package importer_test

import (
	"testing"

	"makegood/billing/importer"
)

func TestCustomers(t *testing.T) {
	t.Parallel()
	got := read(t, "Kundennummer;Name;Kundenart;Land;Zahlungsziel;E-Mail-Adresse;Straße;PLZ;Ort;Währung\n"+
		"K1;Müller & Söhne;Direkt;DE;30 Tage;ap@mueller.example, b@mueller.example;Weg 1;20457;Hamburg;EUR\n"+
		"K2;Zulu;Franchise;DE;Net 14;;;;;\n"+
		"K3;Yankee;;;soon;;;;;\n"+
		"K4;Xray;;;;not an address;;;;\n"+
		"K1;Again;;;;;;;;\n"+
		"K5;;;;;;;;;\n", mapped(importer.Customers))
	if len(got.records) != 2 {
		t.Fatalf("%+v", got.rejected)
	}
	c := got.records[0].Customer
	if c.Account != "K1" || c.Kind != "direct" || *c.TermsDays != 30 || len(c.Emails) != 2 || c.Address != "Weg 1\n20457 Hamburg" || c.Currency != "EUR" {
		t.Errorf("customer %+v", c)
	}
	if n := got.records[1]; n.Customer.Kind != "" || len(n.Notes) != 1 || n.Notes[0].Got != "Franchise" || *n.Customer.TermsDays != 14 {
		t.Errorf("a kind we do not know: %+v", n)
	}
	keys := map[int]string{4: "billing.import.not_a_count", 5: "billing.import.not_an_address", 6: "billing.import.duplicate", 7: "error.required"}
	for _, r := range got.rejected {
		if keys[r.Row] != r.Key {
			t.Errorf("row %d: %s, want %s", r.Row, r.Key, keys[r.Row])
		}
	}
}

func TestPaymentsOfSeveralInvoices(t *testing.T) {
	t.Parallel()
	got := read(t, "payment number,customer,currency,amount,payment date,reference,invoice,applied amount\n"+
		"P1,C1,EUR,100,2026-01-05,REF,N1,60\nP1,,,,,,N2,30\nP2,C1,EUR,10,2026-01-05,,N1,11\n", mapped(importer.Payments))
	if len(got.records) != 1 {
		t.Fatalf("%+v", got.rejected)
	}
	p := got.records[0].Payment
	same(t, "payment", []any{p.Amount, p.BankReference, p.Applied}, []any{dec("100"), "REF", []importer.Applied{{Invoice: "N1", Amount: dec("60")}, {Invoice: "N2", Amount: dec("30")}}})
	if r := got.rejected[0]; r.Key != "billing.import.applied_over_payment" || r.Params["difference"] != "1" {
		t.Errorf("rejected %+v", r)
	}
}

func TestOpenBalances(t *testing.T) {
	t.Parallel()
	got := read(t, "customer,number,type,currency,date,due date,original amount,open amount,disputed\n"+
		"C1,N1,Invoice,EUR,2026-01-05,2026-02-04,100,40,yes\n"+
		"C1,N2,Invoice,EUR,2026-01-05,,100,40,12.50\n"+
		"C1,G1,Credit Memo,EUR,2026-01-05,,30,20,\n"+
		"C1,Z1,Payment,EUR,2026-01-05,,-30,-20,\n"+
		"C1,N3,Invoice,EUR,2026-01-05,,-30,-20,\n"+
		"C1,N4,Invoice,EUR,2026-01-05,,10,20,\n"+
		"C1,N5,Invoice,EUR,2026-01-05,,100,20,21\n"+
		"C1,N1,Invoice,EUR,2026-01-05,,100,40,\n", mapped(importer.OpenBalances))
	var have []any
	for _, r := range got.records {
		have = append(have, []any{r.Balance.Type, r.Balance.Original, r.Balance.Open, r.Balance.Disputed})
	}
	same(t, "balances", have, []any{
		[]any{"invoice", dec("100"), dec("40"), dec("40")},
		[]any{"invoice", dec("100"), dec("40"), dec("12.5")},
		[]any{"credit_note", dec("-30"), dec("-20"), dec("0")},
		[]any{"payment", dec("-30"), dec("-20"), dec("0")},
		[]any{"credit_note", dec("-30"), dec("-20"), dec("0")},
	})
	if len(got.rejected) != 3 || got.rejected[2].Key != "billing.import.duplicate" {
		t.Errorf("rejected %+v", got.rejected)
	}
}

func TestRatesAndGeneric(t *testing.T) {
	t.Parallel()
	got := read(t, "from,to,date,rate,source\nUSD,EUR,2026-01-05,0.8512345678,ECB\nUSD,EUR,2026-01-05,0.85,ECB\nUSD,USD,2026-01-05,1,ECB\nUSD,EUR,2026-01-06,0,ECB\nUSD,JPY,2026-01-06,150.123,Bank\n", mapped(importer.Rates))
	if len(got.records) != 2 || got.records[0].External != "USD EUR 2026-01-05 ECB" || !got.records[0].Rate.Rate.Equal(dec("0.8512345678")) || len(got.rejected) != 3 {
		t.Errorf("%+v %+v", got.records, got.rejected)
	}
	any := read(t, "Colour,Size\nred,\n,9\n", mapped(importer.Generic))
	if len(any.records) != 2 || any.records[0].Generic["Colour"] != "red" || any.records[1].External != "row 3" {
		t.Errorf("%+v", any.records)
	}
}

// TestHeadersOfManyLanguages finds the columns of an invoice file by their names alone.
func TestHeadersOfManyLanguages(t *testing.T) {
	t.Parallel()
	for _, head := range []string{
		"Invoice Number;Account Number;Currency Code;Invoice Date;Due Date;Amount Incl Tax",
		"Rechnungsnummer;Kundennr.;Währung;Rechnungsdatum;Fälligkeit;Bruttobetrag",
		"N° de facture;Code client;Devise;Date d’émission;Échéance;Total TTC",
		"Número de factura;Código de cliente;Moneda;Fecha de emisión;Vencimiento;Importe total",
		"Número da fatura;Código do cliente;Moeda;Data de emissão;Vencimento;Valor total",
		"Numero fattura;Codice cliente;Valuta;Data fattura;Scadenza;Totale",
		"Factuurnummer;Klantnummer;Valuta;Factuurdatum;Vervaldatum;Totaalbedrag",
		"請求書番号;顧客番号;通貨;請求日;支払期日;請求金額",
		"发票号码;客户编号;币种;发票日期;到期日;总金额",
		"number;customer;currency;issued_on;due_on;total",
	} {
		got := read(t, head+"\nR1;K1;EUR;2026-01-05;2026-02-04;11,90\n", importer.Options{Kind: importer.Invoices}).clean(t)
		if len(got.invoices()) != 1 || got.invoices()[0].Total.String() != "11.9" || got.invoices()[0].DueOn.IsZero() {
			t.Errorf("%s: %+v", head, got.records)
		}
	}
}
