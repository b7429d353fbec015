package document_test

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/internal/money"
)

// Each kind of paper is made out of a credit memo, with its parties, language and currency.

func debitMemo(m document.CreditMemo) document.DebitMemo {
	return document.DebitMemo{
		Language: m.Language, Currency: m.Currency, Number: "DM-2026-00031", Date: m.Date, Originals: m.Originals[:1],
		SupplyFrom: day("2026-10-01"), SupplyTo: day("2026-10-31"), Order: "PO 4500017733", CaseNumber: m.CaseNumber, Reason: m.Reason,
		Entity: m.Entity, Customer: m.Customer, Lines: m.Lines, TaxName: m.TaxName, Taxes: m.Taxes,
		Net: m.Net, Tax: m.Tax, Total: m.Total, HomeTax: m.HomeTax,
		Payment: document.Payment{Due: day("2026-12-12")},
	}
}

// discounted is an invoice over two tax groups with a discount on one line, document discounts, cash rounding, a payment
// and a credit on it, and tax withheld; each amount is in hundreds of the currency's units where it has no decimals.
func discounted(m document.CreditMemo) document.Invoice {
	cur := m.Currency
	of := func(text string) money.Amount { return money.Of(scaled(text, cur), cur) }
	v := document.Invoice{
		Language: m.Language, Currency: cur, Number: "INV-2026-02101", Date: m.Date,
		Replaces:   []document.InvoiceRef{m.Originals[0]},
		CreditedBy: []document.InvoiceRef{{Number: m.Number, Date: m.Date}},
		SupplyFrom: day("2026-10-01"), SupplyTo: day("2026-10-31"), Order: "PO 4500017733", CaseNumber: m.CaseNumber, Reason: m.Reason,
		Entity: m.Entity, Customer: m.Customer,
		Lines: []document.Line{
			{
				Description: m.Lines[0].Description, Detail: m.Lines[0].Detail, Quantity: some("40"), Unit: m.Lines[0].Unit, UnitPrice: decimal.NullDecimal{Decimal: scaled("25", cur), Valid: true},
				OwnDiscount: of("100"), List: of("900"), Discount: of("45"), Net: of("855"), Category: "S", TaxRate: dec("20"),
			},
			{
				Description: m.Lines[len(m.Lines)-1].Description, Quantity: some("1"), UnitPrice: decimal.NullDecimal{Decimal: scaled("100", cur), Valid: true},
				List: of("100"), Discount: of("5"), Net: of("95"), Category: "S", TaxRate: dec("10"),
			},
			{Description: "Setup · 設定", List: of("0"), Net: of("0"), Category: "E"},
		},
		Discounts: []document.Discount{{Label: "WELCOME-26", Amount: of("30")}, {Amount: of("20")}},
		Taxes: []document.TaxGroup{
			{Category: "S", Rate: dec("20"), Net: of("855"), Tax: of("171")},
			{Category: "S", Rate: dec("10"), Net: of("95"), Tax: of("9.5")},
			{Category: "E", Net: of("0"), Tax: of("0")},
		},
		Net: of("950"), Tax: of("180.5"), Rounding: of("0.5"), Total: of("1131"),
		Settled: []document.Part{
			{Kind: document.PaymentKind, Number: "PAY-2026-00791", Date: day("2026-11-02"), Amount: of("400")},
			{Kind: document.CreditMemoKind, Number: "CM-2026-00388", Date: day("2026-11-05"), Amount: of("31")},
		},
		Open: of("700"), Withholding: of("95"),
		Payment: document.Payment{Due: day("2026-12-12"), Reference: "RF18 5390 0754 7034"},
	}
	return v
}

// scaled turns units of two decimals into the currency's own.
func scaled(text string, cur money.Currency) decimal.Decimal {
	if cur == "VND" {
		return dec(text).Mul(dec("1000000")) // large figures, for the width of columns
	}
	if cur.Digits() == 0 {
		return dec(text).Mul(dec("100"))
	}
	return dec(text)
}

// plain is an invoice with nothing but what every invoice has.
func plain(m document.CreditMemo) document.Invoice {
	return document.Invoice{
		Language: m.Language, Currency: m.Currency, Number: "INV-2026-02100", Date: m.Date, SupplyFrom: day("2026-10-01"), SupplyTo: day("2026-10-31"),
		Entity: m.Entity, Customer: m.Customer, Lines: m.Lines, Taxes: m.Taxes, Net: m.Net, Tax: m.Tax, Total: m.Total, HomeTax: m.HomeTax,
		Open: m.Total, Payment: document.Payment{Due: day("2026-12-12")},
	}
}

// inclusive is the discounted invoice with prices that include tax.
func inclusive(m document.CreditMemo) document.Invoice {
	cur := m.Currency
	of := func(text string) money.Amount { return money.Of(scaled(text, cur), cur) }
	v := plain(m)
	v.Lines = []document.Line{
		{
			Description: m.Lines[0].Description, Quantity: some("3"), Unit: m.Lines[0].Unit, UnitPrice: decimal.NullDecimal{Decimal: scaled("40", cur), Valid: true},
			List: of("120"), Discount: of("12"), Net: of("90"), Category: "S", TaxRate: dec("20"),
		},
		{Description: m.Lines[0].Description, List: of("11"), Discount: of("0"), Net: of("10"), Category: "S", TaxRate: dec("10")},
	}
	v.PricesIncludeTax, v.Discounts = true, []document.Discount{{Label: "WELCOME-26", Amount: of("12")}}
	v.Taxes = []document.TaxGroup{
		{Category: "S", Rate: dec("20"), Net: of("90"), Tax: of("18")}, {Category: "S", Rate: dec("10"), Net: of("10"), Tax: of("1")},
	}
	v.Net, v.Tax, v.Total, v.Open, v.HomeTax = of("100"), of("19"), of("119"), of("119"), nil
	return v
}

// onAccount is a credit that corrects no invoice.
func onAccount(m document.CreditMemo) document.CreditMemo {
	m.Originals, m.OnAccount = nil, true
	m.SupplyFrom, m.SupplyTo = time.Time{}, time.Time{}
	m.Settlements = []document.Settlement{{Bucket: document.CustomerBalance, Amount: m.Total}}
	return m
}

// creditedDiscount is a memo on an invoice with prices including tax and a document discount.
func creditedDiscount(m document.CreditMemo) document.CreditMemo {
	v := inclusive(m)
	m.Lines, m.Discounts, m.PricesIncludeTax, m.Taxes, m.HomeTax = v.Lines, nil, true, v.Taxes, nil
	m.Net, m.Tax, m.Total = v.Net, v.Tax, v.Total
	m.Settlements = []document.Settlement{{Bucket: document.ReducesInvoice, Reference: "INV-2026-02100", Amount: m.Total, OpenAfter: new(money.Zero(m.Currency))}}
	return m
}

func reversal(m document.CreditMemo) document.Reversal {
	v := document.Reversal{Number: "RV-2026-00012", Date: day("2026-11-20"), CaseNumber: m.CaseNumber, Reason: m.Reason, Memo: m}
	for _, part := range m.Settlements {
		if part.Bucket == document.ReducesInvoice {
			after, _ := part.OpenAfter.Add(part.Amount)
			part.OpenAfter = &after
		}
		v.Settlements = append(v.Settlements, part)
	}
	return v
}

func refund(m document.CreditMemo) document.RefundAdvice {
	cur := m.Currency
	of := func(text string) money.Amount { return money.Of(scaled(text, cur), cur) }
	return document.RefundAdvice{
		Language: m.Language, Currency: cur, Number: "RF-2026-00017", Date: m.Date, CaseNumber: m.CaseNumber, Reason: m.Reason,
		Entity: m.Entity, Customer: m.Customer,
		Sources: []document.Part{
			{Kind: document.PaymentKind, Number: "PAY-2026-00791", Date: day("2026-10-02"), Amount: of("1200")},
			{Kind: document.CreditMemoKind, Number: m.Number, Date: m.Date, Amount: of("34.5")},
		},
		Amount: of("1234.5"), Destination: "DE02 •••• •••• •••• 7890", PaidOn: day("2026-11-14"), Reference: "RF-2026-00017 " + m.CaseNumber, Balance: new(of("15.75")),
	}
}

// statement is a short account in two currencies: in the first a credit balance to begin with, something overdue,
// something disputed and something not due, and a payment not applied; in the second nothing was booked.
func statement(m document.CreditMemo) document.Statement {
	cur, other := m.Currency, money.Currency("GBP")
	of := func(text string) money.Amount { return money.Of(scaled(text, cur), cur) }
	return document.Statement{
		Language: m.Language, Date: day("2026-11-03"), From: day("2026-08-01"), To: day("2026-10-31"), Entity: m.Entity, Customer: m.Customer,
		Accounts: []document.Account{
			{
				Currency: cur, Opening: of("-120"), Closing: of("11955.5"),
				Entries: []document.Entry{
					{Date: day("2026-08-03"), Kind: document.InvoiceKind, Number: "INV-2026-01500", Due: day("2026-09-02"), Debit: of("4100")},
					{Date: day("2026-09-02"), Kind: document.PaymentKind, Number: "PAY-2026-00651", Credit: of("3000")},
					{Date: day("2026-09-03"), Kind: document.InvoiceKind, Number: "INV-2026-01702", Due: day("2026-10-03"), Debit: of("9800.5")},
					{Date: day("2026-09-10"), Kind: document.CreditMemoKind, Number: m.Number, Concerns: "INV-2026-01500", Credit: of("275")},
					{Date: day("2026-09-21"), Kind: document.RefundKind, Number: "RF-2026-00017", Concerns: "CM-2025-00017", Debit: of("120")},
					{Date: day("2026-10-05"), Kind: document.InvoiceKind, Number: "INV-2026-01877", Due: day("2026-11-04"), Debit: of("4130")},
					{Date: day("2026-10-06"), Kind: document.PaymentKind, Number: "PAY-2026-00702", Credit: of("2900")},
					{Date: day("2026-10-30"), Kind: document.DebitMemoKind, Number: "DM-2026-00031", Concerns: "INV-2026-01702", Due: day("2026-10-31"), Debit: of("100")},
				},
				Open: []document.OpenItem{
					{Kind: document.InvoiceKind, Number: "INV-2026-01500", Date: day("2026-08-03"), Due: day("2026-09-02"), Open: of("825")},
					{Kind: document.InvoiceKind, Number: "INV-2026-01702", Date: day("2026-09-03"), Due: day("2026-10-03"), Open: of("9800.5"), Disputed: of("2400.5")},
					{Kind: document.InvoiceKind, Number: "INV-2026-01877", Date: day("2026-10-05"), Due: day("2026-11-04"), Open: of("4130")},
					{Kind: document.DebitMemoKind, Number: "DM-2026-00031", Date: day("2026-10-30"), Due: day("2026-10-31"), Open: of("100")},
				},
				Credits: []document.Credit{{Kind: document.PaymentKind, Number: "PAY-2026-00702", Date: day("2026-10-06"), Amount: of("2900"), Available: of("2900")}},
			},
			{
				Currency: other, Closing: money.MustParse("310.00", other), Opening: money.MustParse("310.00", other),
				Open: []document.OpenItem{{Kind: document.InvoiceKind, Number: "INV-2025-00912", Date: day("2026-05-15"), Due: day("2026-06-14"), Open: money.MustParse("310.00", other)}},
			},
		},
	}
}

// longStatement has so many invoices, each half paid, all of them still open.
func longStatement(m document.CreditMemo, documents int) document.Statement {
	s := statement(m)
	s.From, s.To = day("2026-01-01"), day("2026-12-31")
	s.Accounts = s.Accounts[:1]
	a := &s.Accounts[0]
	a.Opening, a.Entries, a.Open, a.Credits = money.Amount{}, nil, nil, nil
	amount, half := money.Of(scaled("1234.50", m.Currency), m.Currency), money.Of(scaled("617.25", m.Currency), m.Currency)
	balance := money.Zero(m.Currency)
	for i := range documents {
		on := s.From.AddDate(0, 0, i*360/documents)
		e := document.Entry{Date: on, Kind: document.InvoiceKind, Number: fmt.Sprintf("INV-2026-%05d", i/2+1), Due: on.AddDate(0, 0, 30), Debit: amount}
		if i%2 == 1 {
			e = document.Entry{Date: on, Kind: document.PaymentKind, Number: fmt.Sprintf("PAY-2026-%05d", i/2+1), Concerns: fmt.Sprintf("INV-2026-%05d", i/2+1), Credit: half}
			a.Open = append(a.Open, document.OpenItem{Kind: document.InvoiceKind, Number: e.Concerns, Date: on, Due: on.AddDate(0, 0, 30), Open: half})
			balance, _ = balance.Add(half)
		}
		a.Entries = append(a.Entries, e)
	}
	a.Closing = balance
	return s
}
