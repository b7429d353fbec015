package document

import "strings"

// catalogue is a language's words and formats. Placeholders stand in braces.
type catalogue struct {
	title, continued, page string

	number, date, original, originalDate, supply, account, customerTaxID, caseNumber string

	introOne, introMany, ref, comma, and, reason string

	description, quantity, unitPrice, rate, net string

	taxSummary, taxName, taxable, tax, gross, total, rounding, homeTax string
	categories                                                         map[string]string
	reverseChargeNote                                                  string

	settlement string
	buckets    map[Bucket]string
	openAfter  string

	taxID     string
	honorific string // after a company's name in the address

	dateFormat    string // Go layout
	decimalPoint  string
	grouping      string
	percent       string // with {n}
	currencyAfter bool
}

// catalogueOf gives a language's catalogue; the seller's country decides what a document is called in law.
func catalogueOf(language Language, country string) (catalogue, bool) {
	switch language {
	case English:
		return english(), true
	case German:
		return german(), true
	case Chinese:
		return chinese(), true
	case Japanese:
		return japanese(country), true
	case Portuguese:
		return portuguese(), true
	}
	return catalogue{}, false
}

// fill replaces {name} by value for each pair.
func fill(template string, pairs ...string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		template = strings.ReplaceAll(template, "{"+pairs[i]+"}", pairs[i+1])
	}
	return template
}

func english() catalogue {
	return catalogue{
		title: "Credit memo", continued: "{title} {number}, continued", page: "Page {page} of {pages}",
		number: "Credit memo no.", date: "Date", original: "Original invoice", originalDate: "Invoice date",
		supply: "Service period", account: "Customer no.", customerTaxID: "Your VAT ID", caseNumber: "Case",
		introOne: "This credit memo corrects invoice {list}.", introMany: "This credit memo corrects invoices {list}.",
		ref: "{number} of {date}", comma: ", ", and: " and ", reason: "Reason",
		description: "Description", quantity: "Quantity", unitPrice: "Unit price", rate: "{tax}", net: "Net ({currency})",
		taxSummary: "Tax summary ({currency})", taxName: "VAT", taxable: "Net", tax: "Tax", gross: "Gross", total: "Total credit",
		rounding: "Rounding, as on the invoice",
		homeTax:  "{tax} in {currency}: {amount} (rate {rate}, {source}, {date})",
		categories: map[string]string{
			Standard: "{tax} {rate}", ZeroRated: "{tax} zero rated", Exempt: "Exempt from tax", ReverseCharge: "Reverse charge",
			IntraCommunity: "Intra-Community supply", Export: "Export", OutOfScope: "Not subject to tax",
		},
		reverseChargeNote: "Reverse charge: the customer is liable for the tax.",
		settlement:        "How this credit settles",
		buckets: map[Bucket]string{
			ReducesInvoice: "Reduces invoice {ref}", CustomerBalance: "Credit on your account, set against coming invoices",
			Refunded: "Refund to you {ref}", SettledOutside: "Settled outside this account {ref}",
		},
		openAfter: "Still open on it: {amount}", taxID: "VAT ID",
		dateFormat: "2 January 2006", decimalPoint: ".", grouping: ",", percent: "{n}%",
	}
}

// german says Rechnungskorrektur: since 2013 "Gutschrift" on a document means self-billing
// (§ 14 Abs. 2 Satz 2 and Abs. 4 Nr. 10 UStG). The mention for reverse charge is § 14a Abs. 5 UStG's.
func german() catalogue {
	return catalogue{
		title: "Rechnungskorrektur", continued: "{title} {number}, Fortsetzung", page: "Seite {page} von {pages}",
		number: "Beleg-Nr.", date: "Datum", original: "Ursprüngliche Rechnung", originalDate: "Rechnungsdatum",
		supply: "Leistungszeitraum", account: "Kunden-Nr.", customerTaxID: "Ihre USt-IdNr.", caseNumber: "Vorgang",
		introOne: "Dieser Beleg berichtigt die Rechnung {list}.", introMany: "Dieser Beleg berichtigt die Rechnungen {list}.",
		ref: "{number} vom {date}", comma: ", ", and: " und ", reason: "Grund",
		description: "Beschreibung", quantity: "Menge", unitPrice: "Einzelpreis", rate: "{tax}", net: "Netto ({currency})",
		taxSummary: "Steuer im Überblick ({currency})", taxName: "USt", taxable: "Netto", tax: "Steuer", gross: "Brutto", total: "Gutgeschriebener Betrag",
		rounding: "Rundung wie in der Rechnung",
		homeTax:  "{tax} in {currency}: {amount} (Kurs {rate}, {source}, {date})",
		categories: map[string]string{
			Standard: "{tax} {rate}", ZeroRated: "{tax} Nullsatz", Exempt: "Steuerfrei", ReverseCharge: "Reverse-Charge",
			IntraCommunity: "Innergemeinschaftliche Lieferung", Export: "Ausfuhr", OutOfScope: "Nicht steuerbar",
		},
		reverseChargeNote: "Steuerschuldnerschaft des Leistungsempfängers.",
		settlement:        "So wird der Betrag verrechnet",
		buckets: map[Bucket]string{
			ReducesInvoice: "Mindert die Rechnung {ref}", CustomerBalance: "Guthaben auf Ihrem Kundenkonto für künftige Rechnungen",
			Refunded: "Erstattung an Sie {ref}", SettledOutside: "Außerhalb dieses Kontos ausgeglichen {ref}",
		},
		openAfter: "Danach noch offen: {amount}", taxID: "USt-IdNr.",
		dateFormat: "02.01.2006", decimalPoint: ",", grouping: ".", percent: "{n} %", currencyAfter: true,
	}
}

// portuguese uses the mention of art. 36 no. 13 CIVA for reverse charge.
func portuguese() catalogue {
	return catalogue{
		title: "Nota de crédito", continued: "{title} {number}, continuação", page: "Página {page} de {pages}",
		number: "Nota de crédito n.º", date: "Data", original: "Fatura original", originalDate: "Data da fatura",
		supply: "Período do serviço", account: "Cliente n.º", customerTaxID: "O seu n.º de IVA", caseNumber: "Processo",
		introOne: "Esta nota de crédito retifica a fatura {list}.", introMany: "Esta nota de crédito retifica as faturas {list}.",
		ref: "{number} de {date}", comma: ", ", and: " e ", reason: "Motivo",
		description: "Descrição", quantity: "Quantidade", unitPrice: "Preço unitário", rate: "{tax}", net: "Líquido ({currency})",
		taxSummary: "Resumo do imposto ({currency})", taxName: "IVA", taxable: "Líquido", tax: "Imposto", gross: "Total", total: "Total creditado",
		rounding: "Arredondamento, como na fatura",
		homeTax:  "{tax} em {currency}: {amount} (câmbio {rate}, {source}, {date})",
		categories: map[string]string{
			Standard: "{tax} {rate}", ZeroRated: "{tax} taxa zero", Exempt: "Isento", ReverseCharge: "Autoliquidação",
			IntraCommunity: "Transmissão intracomunitária", Export: "Exportação", OutOfScope: "Não sujeito",
		},
		reverseChargeNote: "IVA – autoliquidação.",
		settlement:        "Como este crédito é aplicado",
		buckets: map[Bucket]string{
			ReducesInvoice: "Reduz a fatura {ref}", CustomerBalance: "Saldo na sua conta, a deduzir em próximas faturas",
			Refunded: "Reembolso {ref}", SettledOutside: "Regularizado fora desta conta {ref}",
		},
		openAfter: "Ainda em aberto: {amount}", taxID: "N.º de IVA",
		dateFormat: "02/01/2006", decimalPoint: ",", grouping: ".", percent: "{n}%", currencyAfter: true,
	}
}
