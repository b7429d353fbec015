package ubl_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"makegood/billing/document/ubl"
	"makegood/internal/money"
)

// TestReadsWhatItWrote writes every kind twice, reads it, and wants the same document: bytes and terms.
func TestReadsWhatItWrote(t *testing.T) {
	t.Parallel()
	for name, doc := range kinds() {
		content, err := ubl.Write(doc)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if again, _ := ubl.Write(kinds()[name]); !bytes.Equal(content, again) {
			t.Errorf("%s: other bytes from the same data", name)
		}
		read, err := ubl.Read(content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		doc.Booked, doc.PricesIncludeTax, doc.OnAccount = nil, false, false // not written
		if got, want := plain(reflect.ValueOf(read)), plain(reflect.ValueOf(doc)); got != want {
			t.Errorf("%s: read back other than written\n got %s\nwant %s", name, got, want)
		}
	}
}

// plain shows a document by its values: 19 and 19.00 are one rate, and no amount is one of nothing.
func plain(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case money.Amount:
		if x.IsZero() {
			return "0"
		}
		return x.String()
	case interface{ String() string }:
		return x.String()
	}
	var b strings.Builder
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			b.WriteString(v.Type().Field(i).Name + ":" + plain(v.Field(i)) + " ")
		}
	case reflect.Slice:
		for i := range v.Len() {
			b.WriteString("[" + plain(v.Index(i)) + "] ")
		}
	default:
		b.WriteString(v.String())
	}
	return b.String()
}

// TestNoEmptyElement holds PEPPOL-EN16931-R008 without the official rules at hand.
func TestNoEmptyElement(t *testing.T) {
	t.Parallel()
	for name, doc := range kinds() {
		content, err := ubl.Write(doc)
		if err != nil {
			t.Fatal(err)
		}
		decoder := xml.NewDecoder(bytes.NewReader(content))
		empty := ""
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			switch x := token.(type) {
			case xml.StartElement:
				empty = x.Name.Local
			case xml.CharData:
				if strings.TrimSpace(string(x)) != "" {
					empty = ""
				}
			case xml.EndElement:
				if empty == x.Name.Local {
					t.Errorf("%s: %s is empty", name, empty)
				}
				empty = ""
			}
		}
	}
}

// TestTermsOfTheStandard wants the figures in their places.
func TestTermsOfTheStandard(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		doc  func() ubl.Document
		want []string
	}{
		{"credit memo", credit, []string{
			`<CreditNote xmlns="urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"`, "<cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>",
			"<cbc:ID>DE-2026-01877</cbc:ID>\n      <cbc:IssueDate>2026-10-31</cbc:IssueDate>", `<cbc:EndpointID schemeID="9930">DE318842071</cbc:EndpointID>`,
			`<cbc:CreditedQuantity unitCode="E34">12400</cbc:CreditedQuantity>`, `<cbc:PriceAmount currencyID="EUR">0.0525</cbc:PriceAmount>`,
			`<cbc:PayableAmount currencyID="EUR">845.07</cbc:PayableAmount>`, "<cbc:StartDate>2026-10-01</cbc:StartDate>",
			"645.07 EUR mindern die Rechnung DE-2026-01877.", "<cbc:PaymentMeansCode>97</cbc:PaymentMeansCode>",
		}},
		{"invoice half paid", func() ubl.Document { return ubl.Invoiced(invoiced(), inGermany()) }, []string{
			"<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>", "<cbc:DueDate>2026-12-12</cbc:DueDate>", `<cbc:PrepaidAmount currencyID="EUR">400.07</cbc:PrepaidAmount>`,
			`<cbc:PayableAmount currencyID="EUR">445.00</cbc:PayableAmount>`, "<cbc:PaymentMeansCode>58</cbc:PaymentMeansCode>",
			"<cbc:ID>DE75512108001245126199</cbc:ID>", "<cac:OrderReference>\n    <cbc:ID>PO 4500017733</cbc:ID>",
		}},
		{"discounts over two groups, cash rounding", invoiceDiscount, []string{
			`<cbc:AllowanceTotalAmount currencyID="EUR">50.00</cbc:AllowanceTotalAmount>`, `<cbc:Amount currencyID="EUR">45.00</cbc:Amount>`,
			"<cbc:AllowanceChargeReason>WILLKOMMEN-26, Rabatt</cbc:AllowanceChargeReason>", `<cbc:PayableRoundingAmount currencyID="EUR">0.40</cbc:PayableRoundingAmount>`,
			`<cbc:LineExtensionAmount currencyID="EUR">900.00</cbc:LineExtensionAmount>`, `<cbc:TaxExclusiveAmount currencyID="EUR">950.00</cbc:TaxExclusiveAmount>`,
		}},
		{"prices with tax, said without", inclusiveCredit, []string{
			`<cbc:LineExtensionAmount currencyID="EUR">100.84</cbc:LineExtensionAmount>`, `<cbc:Amount currencyID="EUR">10.08</cbc:Amount>`,
			`<cbc:PriceAmount currencyID="EUR">33.6133333333</cbc:PriceAmount>`, `<cbc:TaxAmount currencyID="EUR">17.24</cbc:TaxAmount>`,
		}},
		{"a tax besides VAT is a charge", func() ubl.Document { return ubl.CreditNote(twoTaxes(), inGermany()) }, []string{
			"<cbc:ChargeIndicator>true</cbc:ChargeIndicator>\n    <cbc:AllowanceChargeReason>Kurtaxe</cbc:AllowanceChargeReason>",
			`<cbc:ChargeTotalAmount currencyID="EUR">13.02</cbc:ChargeTotalAmount>`, `<cbc:TaxExclusiveAmount currencyID="EUR">664.02</cbc:TaxExclusiveAmount>`,
			`<cbc:PayableAmount currencyID="EUR">787.71</cbc:PayableAmount>`,
		}},
		{"reverse charge", reverseCharge, []string{"<cbc:TaxExemptionReasonCode>VATEX-EU-AE</cbc:TaxExemptionReasonCode>", `schemeID="9944">NL859012345B01<`}},
		{"out of scope", outOfScope, []string{"<cbc:TaxExemptionReasonCode>VATEX-EU-O</cbc:TaxExemptionReasonCode>", "<cac:PartyIdentification>\n        <cbc:ID>DE318842071</cbc:ID>"}},
		{"Singapore", gst, []string{
			"<cbc:CompanyID>M9-0012345-6</cbc:CompanyID>\n        <cac:TaxScheme>\n          <cbc:ID>GST</cbc:ID>", `schemeID="0195">SGUEN201512345N<`, "<cbc:PostalZone>000021</cbc:PostalZone>",
		}},
		{"yen", yen, []string{`<cbc:PayableAmount currencyID="JPY">96382</cbc:PayableAmount>`, `schemeID="0221">T9810456723001<`}},
		{"three decimals", dinar, []string{`<cbc:PayableAmount currencyID="KWD">105.00</cbc:PayableAmount>`}},
		{"tax in home currency", homeTax, []string{"<cbc:TaxCurrencyCode>EUR</cbc:TaxCurrencyCode>", `<cbc:TaxAmount currencyID="EUR">223.94</cbc:TaxAmount>`}},
		{"debit memo", debit, []string{"<cbc:InvoiceTypeCode>383</cbc:InvoiceTypeCode>", "<cbc:ID>DE-2026-01877</cbc:ID>"}},
		{"rebill in Germany", rebill, []string{"<cbc:InvoiceTypeCode>384</cbc:InvoiceTypeCode>", "<cbc:ID>DE-2026-01877</cbc:ID>"}},
		{"rebill abroad", rebillAbroad, []string{"<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>", "<cbc:ID>DE-2026-01877</cbc:ID>"}},
		{"reversal", reversal, []string{"<cbc:InvoiceTypeCode>383</cbc:InvoiceTypeCode>", "<cbc:ID>CM-DE-2026-00403</cbc:ID>"}},
		{"several originals", several, []string{"<cbc:ID>DE-2026-01877</cbc:ID>", "<cbc:ID>DE-2026-01512</cbc:ID>"}},
		{"a line that takes away", minusLine, []string{`<cbc:CreditedQuantity unitCode="H87">-7</cbc:CreditedQuantity>`, `<cbc:LineExtensionAmount currencyID="EUR">-51.00</cbc:LineExtensionAmount>`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			content, err := ubl.Write(c.doc())
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(string(content), want) {
					t.Errorf("%q is not in\n%s", want, content)
				}
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		country string
		lines   []string
		want    ubl.Address
	}{
		{"DE", []string{"Hafenstraße 12", "20457 Hamburg", "Deutschland"}, ubl.Address{Street: "Hafenstraße 12", PostalCode: "20457", City: "Hamburg"}},
		{"DE", []string{"Hafenstraße 12", "Haus C", "2. Stock", "Rückgebäude", "D-20457 Hamburg", "Germany"}, ubl.Address{Street: "Hafenstraße 12", More: "Haus C", Further: "2. Stock, Rückgebäude", PostalCode: "20457", City: "Hamburg"}},
		{"PT", []string{"Rua das Gáveas, 31", "4050-290 Porto", "Portugal"}, ubl.Address{Street: "Rua das Gáveas, 31", PostalCode: "4050-290", City: "Porto"}},
		{"NL", []string{"Keizersgracht 881", "1017 DX Amsterdam", "Netherlands"}, ubl.Address{Street: "Keizersgracht 881", PostalCode: "1017 DX", City: "Amsterdam"}},
		{"IE", []string{"4 Quay Yard", "Cork T12 X7Y3", "Ireland"}, ubl.Address{Street: "4 Quay Yard", PostalCode: "T12 X7Y3", City: "Cork"}},
		{"GB", []string{"9 Mill Lane", "Leeds LS1"}, ubl.Address{Street: "9 Mill Lane", PostalCode: "LS1", City: "Leeds"}},
		{"SG", []string{"21 Harbourlight Walk #08-02", "Singapore 000021"}, ubl.Address{Street: "21 Harbourlight Walk #08-02", PostalCode: "000021", City: "Singapore"}},
		{"US", []string{"120 Mill Lane", "Columbus, OH"}, ubl.Address{Street: "120 Mill Lane", City: "Columbus, OH"}},
		{"CN", []string{"宁波市望江路88"}, ubl.Address{Street: "宁波市望江路88"}},
		{"JP", []string{"〒220-0012", "神奈川県横浜市西区", "みなとみらい9丁目"}, ubl.Address{PostalCode: "220-0012", Street: "神奈川県横浜市西区", More: "みなとみらい9丁目"}},
		{"US", []string{"4400 Orchard Close, Suite 1200", "Boise, ID"}, ubl.Address{Street: "4400 Orchard Close, Suite 1200", City: "Boise, ID"}},
		{"DE", nil, ubl.Address{}},
	} {
		c.want.Country = c.country
		if got := ubl.ReadAddress(c.lines, c.country); got != c.want {
			t.Errorf("%q: %+v, want %+v", c.lines, got, c.want)
		}
	}
}

// TestUnits wants codes of the trade's words, and none that only looks like one: GB is a gallon.
func TestUnits(t *testing.T) {
	t.Parallel()
	for unit, want := range map[string]string{
		"GB": "E34", "hours": "HUR", "Std.": "HUR", "Stunden": "HUR", "month": "MON", "Monate": "MON", "meses": "MON", "時間": "HUR",
		"St.": "H87", "tunnel": "C62", "": "C62", "kWh": "KWH", "seats": "SEAT",
	} {
		m, d := german(), inGermany()
		m.Lines[0].Unit, d.Units = unit, map[string]string{"seats": "SEAT"}
		if got := ubl.CreditNote(m, d).Lines[0].Unit; got != want {
			t.Errorf("%q is %s, want %s", unit, got, want)
		}
	}
}

func TestRefusesWhatIsNoDocument(t *testing.T) {
	t.Parallel()
	good, err := ubl.Write(credit())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"nothing":         "",
		"no XML":          "Number;Date\n1;2",
		"another root":    `<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>`,
		"no namespace":    `<CreditNote/>`,
		"cut off":         string(good[:len(good)-30]),
		"a word as date":  strings.Replace(string(good), "2026-11-12", "yesterday", 1),
		"a word as money": strings.Replace(string(good), "845.07</cbc:Payable", "much</cbc:Payable", 1),
	} {
		if _, err := ubl.Read([]byte(content)); !errors.Is(err, ubl.ErrUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
