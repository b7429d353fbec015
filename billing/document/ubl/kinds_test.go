package ubl_test

import (
	"makegood/billing/document"
	"makegood/billing/document/ubl"
	"makegood/internal/money"
)

// kinds is one document of every kind that must pass the official rules.
func kinds() map[string]ubl.Document {
	all := map[string]ubl.Document{
		"credit":           ubl.CreditNote(german(), inGermany()),
		"credit-inclusive": ubl.CreditNote(inclusive(), inGermany()),
		"credit-two-taxes": ubl.CreditNote(twoTaxes(), inGermany()),
		"invoice":          ubl.Invoiced(invoiced(), inGermany()),
		"invoice-discount": ubl.Invoiced(discounted(), inGermany()),
	}
	for name, make := range map[string]func() ubl.Document{
		"credit-reverse-charge": reverseCharge, "credit-intra-community": intraCommunity, "credit-export": export, "credit-exempt": exempted,
		"credit-zero-rated": zeroRated, "credit-out-of-scope": outOfScope, "credit-several-originals": several, "credit-on-account": onAccount,
		"credit-cumulative": cumulative, "credit-minus-line": minusLine, "credit-rounding": rounded, "credit-yen": yen, "credit-dinar": dinar,
		"credit-gst": gst, "credit-gst-export": gstExport, "credit-usd-home-tax": homeTax, "debit": debit, "rebill-german": rebill,
		"rebill-abroad": rebillAbroad, "reversal": reversal, "credit-all-terms": allTerms,
	} {
		all[name] = make()
	}
	return all
}

func reverseCharge() ubl.Document {
	return ubl.CreditNote(abroad(document.ReverseCharge, "NL", "NL859012345B01", "Keizersgracht 881", "1017 DX Amsterdam", "Netherlands"))
}

func intraCommunity() ubl.Document {
	return ubl.CreditNote(abroad(document.IntraCommunity, "AT", "ATU 71234567", "Lerchenweg 3", "8010 Graz", "Österreich"))
}

func export() ubl.Document {
	m, d := abroad(document.Export, "US", "", "120 Mill Lane", "Columbus, OH 43004", "United States")
	d.Buyer.Endpoint = ubl.Identifier{Scheme: "9959", Value: "12-3456789"}
	return ubl.CreditNote(m, d)
}

func exempted() ubl.Document {
	m, d := german(), inGermany()
	m.Lines[1].Category, m.Lines[1].TaxRate = document.Exempt, dec("0")
	m.Taxes[1] = document.TaxGroup{Category: document.Exempt, Net: eur("65.78"), Tax: eur("0")}
	m.Tax, m.Total, m.Settlements = eur("123.69"), eur("840.47"), nil
	d.Exemptions = map[string]ubl.Exemption{document.Exempt: {Reason: "Schulungsleistung nach § 4 Nr. 21 UStG", Code: "VATEX-EU-132-1I"}}
	d.Payment.Terms = "Wird mit der nächsten Rechnung verrechnet."
	return ubl.CreditNote(m, d)
}

func zeroRated() ubl.Document {
	return ubl.CreditNote(abroad(document.ZeroRated, "IE", "IE 4471289KH", "4 Quay Yard", "Cork T12 X7Y3", "Ireland"))
}

func outOfScope() ubl.Document {
	return ubl.CreditNote(abroad(document.OutOfScope, "GB", "GB 318842071", "9 Mill Lane", "Leeds LS1", "United Kingdom"))
}

func several() ubl.Document {
	m := german()
	m.Originals = append(m.Originals, document.InvoiceRef{Number: "DE-2026-01512", Date: day("2026-09-30")})
	return ubl.CreditNote(m, inGermany())
}

func onAccount() ubl.Document {
	m := german()
	m.Originals, m.OnAccount = nil, true
	return ubl.CreditNote(m, inGermany())
}

// cumulative credits the second of two halves, whose tax is a cent less than its own rate says.
func cumulative() ubl.Document {
	m, d := german(), inGermany()
	m.Lines = m.Lines[:1]
	m.Lines[0].Net, m.Lines[0].Quantity, m.Lines[0].UnitPrice = eur("0.50"), some("3"), some("0.166666")
	m.Taxes = []document.TaxGroup{{Category: "S", Rate: dec("19"), Net: eur("0.50"), Tax: eur("0.09")}}
	m.Net, m.Tax, m.Total = eur("0.50"), eur("0.09"), eur("0.59")
	m.Settlements = []document.Settlement{{Bucket: document.Refunded, Amount: eur("0.59")}}
	d.Booked = []ubl.Booked{{
		Category: "S", Rate: dec("19.00"), Net: eur("0.50"), Tax: eur("0.09"),
		Original: &ubl.Original{Net: eur("1.00"), Tax: eur("0.19"), CreditedNet: eur("0.50"), CreditedTax: eur("0.10")},
	}}
	return ubl.CreditNote(m, d)
}

// minusLine takes a discount that was wrongly given back off the credit.
func minusLine() ubl.Document {
	m := german()
	m.Lines[1].Net, m.Lines[1].Quantity, m.Lines[1].UnitPrice = eur("-51.00"), some("7"), some("7.2857")
	m.Lines[1].TaxRate = dec("19")
	m.Taxes = []document.TaxGroup{{Category: "S", Rate: dec("19"), Net: eur("600.00"), Tax: eur("114.00")}}
	m.Net, m.Tax, m.Total, m.Settlements = eur("600.00"), eur("114.00"), eur("714.00"), nil
	m.Settlements = []document.Settlement{{Bucket: document.SettledOutside, Amount: eur("714.00")}}
	return ubl.CreditNote(m, inGermany())
}

func rounded() ubl.Document {
	m := german()
	m.Rounding, m.Total = eur("-0.02"), eur("845.05")
	m.Settlements = []document.Settlement{{Bucket: document.Refunded, Amount: m.Total}}
	return ubl.CreditNote(m, inGermany())
}

func yen() ubl.Document {
	m := in("JPY", "87620", "8762", "96382", "10")
	m.Language = document.Japanese
	m.Entity = document.Entity{
		Name: "あけぼのデータ株式会社", Address: []string{"〒220-0012", "神奈川県横浜市西区みなとみらい9丁目4番1号"}, Country: "JP",
		TaxIDs: []document.TaxID{{Number: "T9810456723001"}}, Bank: []string{"みなと海運銀行 本店営業部", "普通 0123456"},
	}
	m.Customer = document.Customer{Name: "有限会社髙橋製作所", Contact: "経理部 渡邉様", Address: []string{"〒541-0041", "大阪府大阪市中央区北浜8丁目2番7号", "北浜テラス 12階"}, Account: "C-30055"}
	return ubl.CreditNote(m, ubl.Details{
		Seller: ubl.PartyDetails{Country: "JP"},
		Buyer:  ubl.PartyDetails{Country: "JP", Endpoint: ubl.Identifier{Scheme: "0188", Value: "7120001056729"}},
	})
}

// dinar has three decimals of which the last is nothing, so that EN 16931 can say it.
func dinar() ubl.Document {
	return ubl.CreditNote(in("KWD", "100.000", "5.000", "105.000", "5"), inGermany())
}

func gst() ubl.Document {
	return ubl.CreditNote(singapore(in("SGD", "1000.05", "90.00", "1090.05", "9")))
}

// gstExport is a Singapore seller's "export outside the EU", which there is a zero-rated supply.
func gstExport() ubl.Document {
	m, _ := abroad(document.Export, "AU", "", "12 Quayside", "Hobart TAS")
	m, d := singapore(m)
	m.Customer.TaxID, m.Customer.Address = document.TaxID{}, []string{"12 Quayside", "Hobart TAS", "Australia"}
	d.Buyer = ubl.PartyDetails{Country: "AU", Endpoint: ubl.Identifier{Scheme: "0151", Value: "51824753556"}}
	return ubl.CreditNote(m, d)
}

func homeTax() ubl.Document {
	m := in("USD", "1280.00", "243.20", "1523.20", "19")
	m.HomeTax = &document.HomeTax{Tax: eur("223.94"), Rate: dec("0.92080"), Source: "ECB", Date: day("2026-10-30")}
	return ubl.CreditNote(m, inGermany())
}

func debit() ubl.Document {
	m := german()
	return ubl.DebitNote(document.DebitMemo{
		Language: m.Language, Currency: m.Currency, Number: "DM-DE-2026-00031", Date: m.Date, Originals: m.Originals, Order: "PO 4500017733",
		SupplyFrom: m.SupplyFrom, SupplyTo: m.SupplyTo, Reason: "Nachberechnung", Entity: m.Entity, Customer: m.Customer,
		Lines: m.Lines, Taxes: m.Taxes, Net: m.Net, Tax: m.Tax, Total: m.Total, Payment: document.Payment{Due: day("2026-12-12")},
	}, inGermany())
}

func rebill() ubl.Document {
	v := discounted()
	v.Replaces = []document.InvoiceRef{{Number: "DE-2026-01877", Date: day("2026-10-31")}}
	return ubl.Invoiced(v, inGermany())
}

func rebillAbroad() ubl.Document {
	v, d := discounted(), inGermany()
	v.Replaces = []document.InvoiceRef{{Number: "DE-2026-01877", Date: day("2026-10-31")}}
	v.Customer.Address, v.Customer.TaxID.Number, d.Buyer.Country = []string{"Lerchenweg 3", "8010 Graz", "Österreich"}, "ATU71234567", "AT"
	return ubl.Invoiced(v, d)
}

func reversal() ubl.Document {
	return ubl.Undone(document.Reversal{Number: "RV-DE-2026-00012", Date: day("2026-11-20"), Reason: "Irrtümlich gutgeschrieben.", Memo: german()}, inGermany())
}

// allTerms says everything a document can.
func allTerms() ubl.Document {
	m, d := german(), inGermany()
	d.BuyerReference, d.Order, d.Contract, d.AccountingCost, d.TaxPoint = "04011000-12345-67", "PO 4500017733", "V-2024-118", "4711", day("2026-10-31")
	d.Seller.LegalID, d.Seller.Trading, d.Seller.LegalForm = ubl.Identifier{Value: "HRB 151234"}, "Nordlicht", "Amtsgericht Hamburg"
	d.Seller.ID = ubl.Identifier{Scheme: "0088", Value: "4012345000009"}
	d.Seller.Endpoint, d.Buyer.Endpoint = ubl.Identifier{Scheme: "0088", Value: "4012345000009"}, ubl.Identifier{Scheme: "0204", Value: "04011000-12345-67"}
	d.Buyer.Address = &ubl.Address{Street: "Werkstraße 4–8", More: "Tor 3", Further: "Halle B", City: "Stuttgart", PostalCode: "70469", Region: "BW"}
	d.Buyer.Contact = ubl.Contact{Name: "Jana Öztürk", Phone: "+49 711 555 0199", Email: "jana.oeztuerk@bruecke.example"}
	d.Delivery = ubl.Delivery{Date: day("2026-10-31"), Address: ubl.Address{Street: "Werkstraße 4–8", City: "Stuttgart", PostalCode: "70469", Country: "DE"}}
	d.Payment = ubl.Payment{Means: "30", Reference: "RF18539007547034", Account: "DE75512108001245126199", AccountName: "Brücke & Söhne", Bank: "ELBKDEHHXXX", Terms: "Erstattung binnen 7 Tagen."}
	doc := ubl.CreditNote(m, d)
	doc.Due = day("2026-11-19")
	doc.Lines[0].Note, doc.Lines[0].AccountingCost, doc.Lines[0].OrderLine, doc.Lines[0].Period = "Zähler A-17", "4712", "3", ubl.Period{From: day("2026-10-01"), To: day("2026-10-15")}
	charge := ubl.Adjustment{Charge: true, Amount: money.MustParse("65.10", "EUR"), Base: eur("651.00"), Percent: some("10"), Reason: "Rückgabegebühr"}
	allowance := charge
	allowance.Charge, allowance.Reason, allowance.ReasonCode = false, "Kulanz", "95"
	doc.Lines[0].Adjustments = []ubl.Adjustment{charge, allowance}
	return doc
}
