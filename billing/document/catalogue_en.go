package document

func english() catalogue {
	return catalogue{
		continued: "{title} {number}, continued", page: "Page {page} of {pages}",
		date: "Date", original: "Original invoice", originalDate: "Invoice date", originalStamp: "Authority’s key", supply: "Service period", account: "Customer no.",
		customerTaxID: "Your VAT ID", caseNumber: "Case", due: "Due date", order: "Your order",
		ref: "{number} of {date}", comma: ", ", and: " and ", reason: "Reason", sentenceGap: " ",
		creditMemo: billWords{
			title: "Credit memo", number: "Credit memo no.", total: "Total credit", settlement: "How this credit settles",
			introOne: "This credit memo corrects invoice {list}.", introMany: "This credit memo corrects invoices {list}.",
		},
		accountCredit: billWords{
			title: "Credit memo", number: "Credit memo no.", total: "Total credit", settlement: "How this credit settles",
			intro: "This credit memo gives you a credit on your account. It does not correct a single invoice.",
		},
		debitMemo: billWords{
			title: "Debit memo", number: "Debit memo no.", total: "Total charged",
			intro:    "This debit memo charges your account with what is listed below.",
			introOne: "This debit memo charges more for invoice {list}.", introMany: "This debit memo charges more for invoices {list}.",
		},
		invoice: billWords{
			title: "Invoice", number: "Invoice no.", total: "Invoice total",
			introOne: "This invoice replaces invoice {list}.", introMany: "This invoice replaces invoices {list}.",
		},
		reversal: billWords{
			title: "Reversal of credit memo", number: "Reversal no.", total: "Total owed again", settlement: "What this changes",
			introOne: "This document takes credit memo {list} back. What was credited by it is owed again.",
		},
		kinds: map[Kind]string{
			InvoiceKind: "Invoice", DebitMemoKind: "Debit memo", CreditMemoKind: "Credit memo", PaymentKind: "Payment", RefundKind: "Refund",
			WriteOffKind: "Write-off", TransferKind: "Transfer", ChargebackKind: "Chargeback", ReversalKind: "Reversal",
		},
		lines: lineWords{
			description: "Description", quantity: "Quantity", unitPrice: "Unit price", discount: "Discount", rate: "{tax}",
			net: "Net ({currency})", amount: "Amount ({currency})", grossAmount: "Incl. {tax} ({currency})",
			linesTotal: "Total of the lines", discountShare: "Share of the document discount", charge: "Charge on the whole document", afterDiscount: "After discount",
			taxSummary: "Tax summary ({currency})", taxable: "Net", tax: "Tax", gross: "Gross", roundingBack: "Rounding, as on the invoice", rounding: "Rounding",
			homeTax: "{tax} in {currency}: {amount} (rate {rate}, {source}, {date})", homeTotal: "Total in {currency}: {amount}", inclusive: "The prices of the lines include {tax}.",
			replaced:     "That invoice is taken back by credit memo {list}.",
			withheldBack: "Of this credit, {amount} is tax that you had to withhold for the tax authority on the invoice and do not have to any more.",
		},
		paying: payWords{
			heading: "How to pay", by: "Please pay {amount} by {date}.", amountDue: "Amount due", nothing: "Nothing is left to pay.",
			withholding: "Of the amount due, {amount} is tax that you withhold for the tax authority.", reference: "Payment reference: {reference}",
			online: "Or pay {amount} online:",
		},
		refund:    englishRefund(),
		statement: englishStatement(),
		taxName:   "VAT",
		categories: map[string]string{
			Standard: "{tax} {rate}", ZeroRated: "{tax} zero rated", Exempt: "Exempt from tax", ReverseCharge: "Reverse charge",
			IntraCommunity: "Intra-Community supply", Export: "Export", OutOfScope: "Not subject to tax",
		},
		reverseChargeNote: "Reverse charge: the customer is liable for the tax.",
		buckets: map[Bucket]string{
			ReducesInvoice: "Reduces invoice {ref}", CustomerBalance: "Credit on your account, set against coming invoices",
			Refunded: "Refund to you {ref}", SettledOutside: "Settled outside this account {ref}",
		},
		undone: map[Bucket]string{
			ReducesInvoice: "Owed again on invoice {ref}", CustomerBalance: "Taken off the credit on your account",
			Refunded: "Refund to be returned {ref}", SettledOutside: "To be settled outside this account {ref}",
		},
		openAfter: "Still open on it: {amount}", openAgain: "Open on it again: {amount}", taxID: "VAT ID",
		dateFormat: "2 January 2006", shortDate: "02 Jan 2006", decimalPoint: ".", grouping: ",", percent: "{n}%",
	}
}

func englishRefund() refundWords {
	return refundWords{
		title: "Refund advice", number: "Refund no.", intro: "We are paying {amount} back to you.",
		sources: "What is paid back", document: "Document", amount: "Amount ({currency})", total: "Refund",
		how: "How it is paid", method: "Way of payment", destination: "To", day: "Date of payment", reference: "Reference",
		balance: "Credit left on your account", noTax: "This advice announces a payment. It is neither an invoice nor a credit memo and changes no tax.",
		methods: map[string]string{
			BankTransfer: "Bank transfer", CardRefund: "Credited to your card", DirectCredit: "Credited to your account by direct debit scheme", Check: "Check",
		},
	}
}

func englishStatement() statementWords {
	return statementWords{
		title: "Statement of account", day: "Date", period: "Period",
		intro:    "This statement shows what was booked on your account in the period, and what was open on {date}.",
		knownOn:  "It is as it was known on the evening of {date}.",
		currency: "Currency", opening: "Opening balance", debits: "Debits", credits: "Credits", closing: "Closing balance",
		inFavour: "A balance with a minus sign is in your favour.",
		open:     "Open on {date}", disputed: "In dispute, need not be paid until decided", notYetDue: "Not yet due", payNow: "Please pay now",
		deducted:   "Less credits not yet used",
		nothingDue: "Nothing is due at present", unused: "Credits not yet used, not deducted above",
		movements: "Movements in {currency}", document: "Document", date: "Date", due: "Due", debit: "Debit", credit: "Credit", balance: "Balance",
		concerns: "for {number}", carried: "Carried forward", brought: "Brought forward", none: "Nothing was booked in this period.",
		openItems: "Open items in {currency}", issued: "Date", overdue: "Days\noverdue", openAmount: "Open", disputedAmount: "In dispute",
		undisputed: "Undisputed", total: "Total",
		creditsHead: "Credits not yet used in {currency}", creditsNote: "Tell us which invoices to set these against. They are not deducted from the open items.",
		original: "Amount", available: "Available",
		aging: "Open items in {currency} by days overdue, without what is in dispute", ages: [ageGroups]string{"Not due", "1–30", "31–60", "61–90", "91–120", "Over 120"},
		agingDisputed: "In dispute", agingTotal: "Open",
	}
}
