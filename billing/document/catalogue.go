package document

import "strings"

// catalogue is a language's words and formats. Placeholders stand in braces; a \n breaks a column's head.
type catalogue struct {
	continued, page string

	// the particulars beside the address
	date, original, originalDate, originalStamp, supply, account, customerTaxID, caseNumber, due, order string

	ref, comma, and, reason string
	sentenceGap             string // between two sentences

	creditMemo, accountCredit, debitMemo, invoice, reversal billWords
	accountReversal                                         billWords       // only where it is called otherwise
	kinds                                                   map[Kind]string // what documents are called in lists

	lines     lineWords
	paying    payWords
	refund    refundWords
	statement statementWords

	taxName           string
	categories        map[string]string
	reverseChargeNote string

	buckets   map[Bucket]string
	undone    map[Bucket]string // the same, where a credit memo is taken back
	openAfter string
	openAgain string

	taxID     string
	honorific string // after a company's name in the address

	undatedMemo string // title of a memo that names neither invoice nor period, where the law of the usual one asks for either

	dateFormat    string // Go layout
	shortDate     string // in tables
	decimalPoint  string
	grouping      string
	percent       string // with {n}
	currencyAfter bool
}

// billWords are what one kind of document with lines says of itself. Intro stands where it names no other document.
type billWords struct {
	title, number, intro, introOne, introMany, total, settlement string
}

// lineWords are the words of lines, taxes and totals.
type lineWords struct {
	description, quantity, unitPrice, discount, rate, net, amount, grossAmount string

	linesTotal, discountShare, charge, afterDiscount string

	taxSummary, taxable, tax, gross, roundingBack, rounding, homeTax, homeTotal, inclusive string

	withheldBack string // what of a credit had been withheld for the tax authority

	replaced string // the invoice replaced was taken back by a credit memo
}

// payWords tell how to pay what a document asks for.
type payWords struct {
	heading, by, amountDue, nothing, withholding, reference, online string
}

// refundWords are the words of a refund advice.
type refundWords struct {
	title, number, intro, sources, document, amount, total string

	how, method, destination, day, reference, balance, noTax string

	methods map[string]string
}

// statementWords are the words of a statement of account. Opening and closing carry their day.
type statementWords struct {
	title, day, period, intro, knownOn, currency, opening, debits, credits, closing, inFavour string

	open, disputed, notYetDue, deducted, payNow, nothingDue, unused string

	movements, document, date, due, debit, credit, balance, concerns, carried, brought, none string

	openItems, issued, overdue, openAmount, disputedAmount, undisputed, total string

	creditsHead, creditsNote, original, available string

	aging                     string
	ages                      [ageGroups]string
	agingDisputed, agingTotal string
}

// catalogueOf gives a language's catalogue; the seller's country decides what a document is called in law.
func catalogueOf(language Language, country string) (catalogue, bool) {
	switch language {
	case English:
		return english(), true
	case German:
		return german(), true
	case Chinese:
		return chinese(country), true
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
