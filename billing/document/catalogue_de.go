package document

// german says Rechnungskorrektur: since 2013 "Gutschrift" on a document means self-billing
// (§ 14 Abs. 2 Satz 2 and Abs. 4 Nr. 10 UStG); what corrects no invoice is kaufmännische Gutschrift, the words the tax
// administration itself uses (BMF, 25 October 2013, IV D 2 – S 7280/12/10002). A seller who charges more writes a Nachbelastung; a
// Belastungsanzeige is in German trade what a customer sends to the seller. The mention for reverse charge is
// § 14a Abs. 5 UStG's.
func german() catalogue {
	return catalogue{
		continued: "{title} {number}, Fortsetzung", page: "Seite {page} von {pages}",
		date: "Datum", original: "Ursprüngliche Rechnung", originalDate: "Rechnungsdatum", originalStamp: "Behördlicher Schlüssel", supply: "Leistungszeitraum", account: "Kunden-Nr.",
		customerTaxID: "Ihre USt-IdNr.", caseNumber: "Vorgang", due: "Fällig am", order: "Ihre Bestellung",
		ref: "{number} vom {date}", comma: ", ", and: " und ", reason: "Grund", sentenceGap: " ",
		creditMemo: billWords{
			title: "Rechnungskorrektur", number: "Beleg-Nr.", total: "Gutgeschriebener Betrag", settlement: "So wird der Betrag verrechnet",
			introOne: "Dieser Beleg berichtigt die Rechnung {list}.", introMany: "Dieser Beleg berichtigt die Rechnungen {list}.",
		},
		accountCredit: billWords{
			title: "Kaufmännische Gutschrift", number: "Beleg-Nr.", total: "Gutgeschriebener Betrag", settlement: "So wird der Betrag verrechnet",
			intro: "Mit diesem Beleg schreiben wir Ihrem Kundenkonto einen Betrag gut. Er berichtigt keine einzelne Rechnung.",
		},
		debitMemo: billWords{
			title: "Nachbelastung", number: "Beleg-Nr.", total: "Nachbelasteter Betrag",
			intro:    "Mit diesem Beleg berechnen wir Ihnen die folgenden Beträge.",
			introOne: "Dieser Beleg ergänzt die Rechnung {list} um die folgenden Beträge.", introMany: "Dieser Beleg ergänzt die Rechnungen {list} um die folgenden Beträge.",
		},
		invoice: billWords{
			title: "Rechnung", number: "Rechnungs-Nr.", total: "Rechnungsbetrag",
			introOne: "Diese Rechnung ersetzt die Rechnung {list}.", introMany: "Diese Rechnung ersetzt die Rechnungen {list}.",
		},
		reversal: billWords{
			title: "Storno der Rechnungskorrektur", number: "Beleg-Nr.", total: "Wieder geschuldeter Betrag", settlement: "Was sich dadurch ändert",
			introOne: "Dieser Beleg nimmt die Rechnungskorrektur {list} zurück. Was mit ihr gutgeschrieben wurde, ist wieder geschuldet.",
		},
		accountReversal: billWords{
			title: "Storno der Gutschrift", number: "Beleg-Nr.", total: "Wieder geschuldeter Betrag", settlement: "Was sich dadurch ändert",
			introOne: "Dieser Beleg nimmt die kaufmännische Gutschrift {list} zurück. Was mit ihr gutgeschrieben wurde, ist wieder geschuldet.",
		},
		kinds: map[Kind]string{
			InvoiceKind: "Rechnung", DebitMemoKind: "Nachbelastung", CreditMemoKind: "Rechnungskorrektur", PaymentKind: "Zahlung", RefundKind: "Erstattung",
			WriteOffKind: "Ausbuchung", TransferKind: "Umbuchung", ChargebackKind: "Rückbelastung", ReversalKind: "Storno",
		},
		lines: lineWords{
			description: "Beschreibung", quantity: "Menge", unitPrice: "Einzelpreis", discount: "Rabatt", rate: "{tax}",
			net: "Netto ({currency})", amount: "Betrag ({currency})", grossAmount: "Inkl. {tax} ({currency})",
			linesTotal: "Summe der Zeilen", discountShare: "Anteil am Belegrabatt", charge: "Zuschlag auf den ganzen Beleg", afterDiscount: "Nach Abzug der Rabatte",
			taxSummary: "Steuer im Überblick ({currency})", taxable: "Netto", tax: "Steuer", gross: "Brutto", roundingBack: "Rundung wie in der Rechnung", rounding: "Rundung",
			homeTax: "{tax} in {currency}: {amount} (Kurs {rate}, {source}, {date})", homeTotal: "Gesamtbetrag in {currency}: {amount}", inclusive: "Die Preise der Zeilen enthalten die {tax}.",
			replaced:     "Die ersetzte Rechnung wurde mit der Rechnungskorrektur {list} zurückgenommen.",
			withheldBack: "Von dieser Gutschrift entfallen {amount} auf die Abzugsteuer, die zur Rechnung vermerkt war und nicht mehr einzubehalten ist.",
		},
		paying: payWords{
			heading: "So bezahlen Sie", by: "Bitte zahlen Sie {amount} bis zum {date}.", amountDue: "Zu zahlender Betrag", nothing: "Es ist nichts mehr zu zahlen.",
			withholding: "Vom zu zahlenden Betrag behalten Sie {amount} als Abzugsteuer für das Finanzamt ein.", reference: "Verwendungszweck: {reference}",
			online: "Oder zahlen Sie {amount} online:",
		},
		refund:    germanRefund(),
		statement: germanStatement(),
		taxName:   "USt",
		categories: map[string]string{
			Standard: "{tax} {rate}", ZeroRated: "{tax} Nullsatz", Exempt: "Steuerfrei", ReverseCharge: "Reverse-Charge",
			IntraCommunity: "Innergemeinschaftliche Lieferung", Export: "Ausfuhr", OutOfScope: "Nicht steuerbar",
		},
		reverseChargeNote: "Steuerschuldnerschaft des Leistungsempfängers.",
		buckets: map[Bucket]string{
			ReducesInvoice: "Mindert die Rechnung {ref}", CustomerBalance: "Guthaben auf Ihrem Kundenkonto für künftige Rechnungen",
			Refunded: "Erstattung an Sie {ref}", SettledOutside: "Außerhalb dieses Kontos ausgeglichen {ref}",
		},
		undone: map[Bucket]string{
			ReducesInvoice: "Wieder offen auf der Rechnung {ref}", CustomerBalance: "Vom Guthaben auf Ihrem Kundenkonto abgezogen",
			Refunded: "Erstattung zurückzuzahlen {ref}", SettledOutside: "Außerhalb dieses Kontos auszugleichen {ref}",
		},
		openAfter: "Danach noch offen: {amount}", openAgain: "Danach offen: {amount}", taxID: "USt-IdNr.",
		dateFormat: "02.01.2006", shortDate: "02.01.2006", decimalPoint: ",", grouping: ".", percent: "{n} %", currencyAfter: true,
	}
}

func germanRefund() refundWords {
	return refundWords{
		title: "Erstattungsanzeige", number: "Erstattungs-Nr.", intro: "Wir zahlen Ihnen {amount} zurück.",
		sources: "Was erstattet wird", document: "Beleg", amount: "Betrag ({currency})", total: "Erstattung",
		how: "So zahlen wir", method: "Zahlungsweg", destination: "An", day: "Zahlungstag", reference: "Verwendungszweck",
		balance: "Verbleibendes Guthaben auf Ihrem Kundenkonto",
		noTax:   "Diese Anzeige kündigt eine Zahlung an. Sie ist weder Rechnung noch Rechnungskorrektur und ändert keine Steuer.",
		methods: map[string]string{
			BankTransfer: "Überweisung", CardRefund: "Rückbuchung auf Ihre Karte", DirectCredit: "Rückgabe über das Lastschriftverfahren", Check: "Scheck",
		},
	}
}

func germanStatement() statementWords {
	return statementWords{
		title: "Kontoauszug", day: "Datum", period: "Zeitraum",
		intro:    "Dieser Auszug zeigt, was im Zeitraum auf Ihrem Kundenkonto gebucht wurde und was am {date} offen war.",
		knownOn:  "Er gibt wieder, was am Abend des {date} bekannt war.",
		currency: "Währung", opening: "Anfangssaldo", debits: "Soll", credits: "Haben", closing: "Endsaldo",
		inFavour: "Ein Saldo mit Minuszeichen ist ein Guthaben für Sie.",
		open:     "Offen am {date}", disputed: "Strittig, bis zur Entscheidung nicht zu zahlen", notYetDue: "Noch nicht fällig", payNow: "Bitte jetzt zahlen",
		deducted:   "Abzüglich noch nicht verrechneten Guthabens",
		nothingDue: "Derzeit ist nichts fällig", unused: "Noch nicht verrechnetes Guthaben, oben nicht abgezogen",
		movements: "Buchungen in {currency}", document: "Beleg", date: "Datum", due: "Fällig", debit: "Soll", credit: "Haben", balance: "Saldo",
		concerns: "zu {number}", carried: "Übertrag", brought: "Übertrag", none: "In diesem Zeitraum wurde nichts gebucht.",
		openItems: "Offene Posten in {currency}", issued: "Datum", overdue: "Tage\nüberfällig", openAmount: "Offen", disputedAmount: "Strittig",
		undisputed: "Unstrittig", total: "Summe",
		creditsHead: "Noch nicht verrechnetes Guthaben in {currency}", creditsNote: "Bitte teilen Sie uns mit, mit welchen Rechnungen wir es verrechnen sollen. Von den offenen Posten ist es nicht abgezogen.",
		original: "Betrag", available: "Verfügbar",
		aging: "Offene Posten in {currency} nach Tagen seit Fälligkeit, ohne Strittiges", ages: [ageGroups]string{"Nicht fällig", "1–30", "31–60", "61–90", "91–120", "Über 120"},
		agingDisputed: "Strittig", agingTotal: "Offen",
	}
}
