package ubl_test

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/billing/document/ubl"
	"makegood/internal/money"
)

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func dec(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func some(text string) decimal.NullDecimal {
	return decimal.NullDecimal{Decimal: dec(text), Valid: true}
}

func eur(text string) money.Amount { return money.MustParse(text, "EUR") }

// german is a seller in Hamburg and a buyer in Stuttgart, at 19 and 7 per cent.
func german() document.CreditMemo {
	return document.CreditMemo{
		Language: document.German, Currency: "EUR", Number: "CM-DE-2026-00403", Date: day("2026-11-12"),
		Originals:  []document.InvoiceRef{{Number: "DE-2026-01877", Date: day("2026-10-31")}},
		SupplyFrom: day("2026-10-01"), SupplyTo: day("2026-10-31"), CaseNumber: "MG-004182",
		Reason: "Der Speicherplatz wurde für Oktober zweimal berechnet; die zweite Berechnung nehmen wir zurück.",
		Entity: document.Entity{
			Name: "Nordlicht Cloud GmbH", Address: []string{"Hafenstraße 12", "20457 Hamburg", "Deutschland"}, Country: "DE",
			TaxIDs: []document.TaxID{{Number: "DE318842071"}, {Label: "Steuernummer", Number: "22/714/00915"}},
			Bank:   []string{"Elbkontor Bank", "IBAN DE75 5121 0800 1245 1261 99", "BIC ELBKDEHHXXX"},
		},
		Customer: document.Customer{
			Name: "Brücke & Söhne Maschinenbau AG", Contact: "Buchhaltung, Frau Jana Öztürk",
			Address: []string{"Werkstraße 4–8", "70469 Stuttgart", "Deutschland"}, Account: "C-10482", TaxID: document.TaxID{Number: "DE811223344"},
		},
		Lines: []document.Line{
			{Description: "Objektspeicher Standard, Region Frankfurt", Detail: "Rechnungszeile 3", Quantity: some("12400"), Unit: "GB", UnitPrice: some("0.0525"), Net: eur("651.00"), Category: "S", TaxRate: dec("19")},
			{Description: "Handbuch „Betrieb“, gedruckt", Detail: "Rechnungszeile 7", Quantity: some("2"), Unit: "St.", UnitPrice: some("32.89"), Net: eur("65.78"), Category: "S", TaxRate: dec("7")},
		},
		Taxes: []document.TaxGroup{
			{Category: "S", Rate: dec("19"), Net: eur("651.00"), Tax: eur("123.69")},
			{Category: "S", Rate: dec("7"), Net: eur("65.78"), Tax: eur("4.60")},
		},
		Net: eur("716.78"), Tax: eur("128.29"), Total: eur("845.07"),
		Settlements: []document.Settlement{
			{Bucket: document.ReducesInvoice, Reference: "DE-2026-01877", Amount: eur("645.07")},
			{Bucket: document.CustomerBalance, Amount: eur("200.00")},
		},
	}
}

func inGermany() ubl.Details {
	return ubl.Details{
		Seller: ubl.PartyDetails{Country: "DE", Contact: ubl.Contact{Name: "Rechnungsstelle", Phone: "+49 40 5550 1234", Email: "billing@nordlicht.example"}},
		Buyer:  ubl.PartyDetails{Country: "DE"},
	}
}

// abroad is the German seller's memo to a buyer elsewhere, with one line of a category that bears no tax.
func abroad(category, country, taxID string, address ...string) (document.CreditMemo, ubl.Details) {
	m, d := german(), inGermany()
	m.Language, m.Customer.TaxID.Number, m.Customer.Address = document.English, taxID, address
	m.Lines = m.Lines[:1]
	m.Lines[0].Category, m.Lines[0].TaxRate = category, decimal.Zero
	m.Taxes = []document.TaxGroup{{Category: category, Net: eur("651.00"), Tax: eur("0")}}
	m.Net, m.Tax, m.Total, m.Settlements = eur("651.00"), eur("0"), eur("651.00"), nil
	m.Settlements = []document.Settlement{{Bucket: document.Refunded, Amount: eur("651.00")}}
	d.Buyer.Country = country
	return m, d
}

// scaled turns the German memo into another currency with one line of 100.00 at a rate.
func in(cur money.Currency, net, tax, total string, rate string) document.CreditMemo {
	m := german()
	m.Language, m.Currency = document.English, cur
	m.Lines = []document.Line{{Description: "Premium support, October", Quantity: some("3"), Unit: "months", Net: money.MustParse(net, cur), Category: "S", TaxRate: dec(rate)}}
	m.Taxes = []document.TaxGroup{{Category: "S", Rate: dec(rate), Net: money.MustParse(net, cur), Tax: money.MustParse(tax, cur)}}
	m.Net, m.Tax, m.Total = money.MustParse(net, cur), money.MustParse(tax, cur), money.MustParse(total, cur)
	m.Settlements = []document.Settlement{{Bucket: document.CustomerBalance, Amount: m.Total}}
	return m
}

func singapore(m document.CreditMemo) (document.CreditMemo, ubl.Details) {
	m.Number, m.Originals = "CM-SG-2026-00017", []document.InvoiceRef{{Number: "SG-2026-00310", Date: day("2026-10-31")}}
	m.Entity = document.Entity{
		Name: "Straits Metering Pte. Ltd.", Address: []string{"21 Harbourlight Walk #08-02", "Singapore 000021"}, Country: "SG",
		TaxIDs: []document.TaxID{{Label: "GST Reg. No.", Number: "M9-0012345-6"}}, Bank: []string{"Straits Sample Bank, account 000-00000-0, SWIFT XXXXSGSG"},
	}
	m.Customer = document.Customer{
		Name: "Angsana Dental Pte. Ltd.", Address: []string{"4 Orchard Close", "Singapore"}, Account: "C-30112",
		TaxID: document.TaxID{Label: "UEN", Number: "201512345N"},
	}
	m.TaxName = "GST"
	return m, ubl.Details{
		Seller: ubl.PartyDetails{Country: "SG", Endpoint: ubl.Identifier{Scheme: "0195", Value: "SGUEN199900001A"}},
		Buyer:  ubl.PartyDetails{Country: "SG"},
	}
}

// invoiced is the German memo as an invoice, half paid.
func invoiced() document.Invoice {
	m := german()
	return document.Invoice{
		Language: m.Language, Currency: m.Currency, Number: "DE-2026-02101", Date: day("2026-11-12"), SupplyFrom: m.SupplyFrom, SupplyTo: m.SupplyTo,
		Order: "PO 4500017733", Entity: m.Entity, Customer: m.Customer, Lines: m.Lines, Taxes: m.Taxes, Net: m.Net, Tax: m.Tax, Total: m.Total,
		Settled: []document.Part{{Kind: document.PaymentKind, Number: "PAY-2026-00791", Date: day("2026-11-12"), Amount: eur("400.07")}},
		Open:    eur("445.00"), Payment: document.Payment{Due: day("2026-12-12"), Terms: "Zahlbar innerhalb von 30 Tagen."},
	}
}

// discounted has lists, own discounts, document discounts over two groups, a free line and cash rounding.
func discounted() document.Invoice {
	v := invoiced()
	v.Lines = []document.Line{
		{Description: "Rechenzeit", Quantity: some("40"), Unit: "Stunden", UnitPrice: some("25"), OwnDiscount: eur("100"), List: eur("900"), Discount: eur("45"), Net: eur("855"), Category: "S", TaxRate: dec("19")},
		{Description: "Handbuch", Quantity: some("1"), UnitPrice: some("100"), List: eur("100"), Discount: eur("5"), Net: eur("95"), Category: "S", TaxRate: dec("7")},
		{Description: "Einrichtung", List: eur("0"), Net: eur("0"), Category: "E"},
	}
	v.Discounts = []document.Discount{{Label: "WILLKOMMEN-26", Amount: eur("30")}, {Amount: eur("20")}}
	v.Taxes = []document.TaxGroup{
		{Category: "S", Rate: dec("19"), Net: eur("855"), Tax: eur("162.45")},
		{Category: "S", Rate: dec("7"), Net: eur("95"), Tax: eur("6.65")},
		{Category: "E", Net: eur("0"), Tax: eur("0"), Note: "Steuerfrei nach § 4 UStG"},
	}
	v.Net, v.Tax, v.Rounding, v.Total = eur("950"), eur("169.10"), eur("0.40"), eur("1119.50")
	v.Settled, v.Open = nil, eur("1119.50")
	return v
}

// inclusive has prices that include tax, with a document discount.
func inclusive() document.CreditMemo {
	m := german()
	m.PricesIncludeTax = true
	m.Lines = []document.Line{
		{Description: "Lizenz", Quantity: some("3"), Unit: "Monate", UnitPrice: some("40"), List: eur("120"), Discount: eur("12"), Net: eur("90.76"), Category: "S", TaxRate: dec("19")},
		{Description: "Handbuch", Quantity: some("1"), UnitPrice: some("10.99"), List: eur("10.99"), Discount: eur("0"), Net: eur("10.27"), Category: "S", TaxRate: dec("7")},
	}
	m.Discounts = []document.Discount{{Label: "WILLKOMMEN-26", Amount: eur("12")}}
	m.Taxes = []document.TaxGroup{
		{Category: "S", Rate: dec("19"), Net: eur("90.76"), Tax: eur("17.24")},
		{Category: "S", Rate: dec("7"), Net: eur("10.27"), Tax: eur("0.72")},
	}
	m.Net, m.Tax, m.Total = eur("101.03"), eur("17.96"), eur("118.99")
	m.Settlements = []document.Settlement{{Bucket: document.CustomerBalance, Amount: m.Total}}
	return m
}

// twoTaxes has a local tax beside VAT on its line.
func twoTaxes() document.CreditMemo {
	m := german()
	m.Lines = m.Lines[:1]
	m.Lines[0].MoreRates = []decimal.Decimal{dec("2")}
	m.Taxes = []document.TaxGroup{
		{Category: "S", Rate: dec("19"), Net: eur("651.00"), Tax: eur("123.69")},
		{Category: "S", Rate: dec("2"), Net: eur("651.00"), Tax: eur("13.02"), Code: "CITY", Name: "Kurtaxe"},
	}
	m.Net, m.Tax, m.Total = eur("651.00"), eur("136.71"), eur("787.71")
	m.Settlements = []document.Settlement{{Bucket: document.CustomerBalance, Amount: m.Total}}
	return m
}
