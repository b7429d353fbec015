package document

import (
	"time"

	"makegood/internal/money"
)

// letter is what every document shows around its content: whose it is, to whom, under which title, and its particulars.
type letter struct {
	language Language
	words    catalogue
	title    string
	number   string // beside the title and on later pages
	day      time.Time
	entity   Entity
	customer Customer
	facts    []fact
}

// fact is one of the particulars beside the address; one without a value is left out.
type fact struct{ label, value string }

// bill is what credit memos, debit memos, invoices and reversals have in common: lines, taxes and a total, with what
// comes before and after them.
type bill struct {
	letter
	currency money.Currency
	intro    string
	reason   string

	lines     []Line
	discounts []Discount
	inclusive bool
	taxes     []TaxGroup
	net       money.Amount
	tax       money.Amount
	rounding  money.Amount
	total     money.Amount
	homeTax   *HomeTax

	totalLabel    string
	roundingLabel string

	settlementHead string
	buckets        map[Bucket]string
	openAfter      string
	settlements    []Settlement

	asks        bool // for payment, as told by the fields below
	settled     []Part
	open        money.Amount
	withholding money.Amount
	payment     Payment
}

// Heading is what a credit memo is called on paper.
func (m CreditMemo) Heading() string { return m.bill().title }

// Heading is what a debit memo is called on paper.
func (m DebitMemo) Heading() string { return m.bill().title }

// WithholdingNote says what of a credit memo had been noted to be withheld, in its language; "" for nothing.
func (m CreditMemo) WithholdingNote() string { return m.bill().withholdingNote() }

// WithholdingNote says what of a debit memo is to be withheld, in its language; "" for nothing.
func (m DebitMemo) WithholdingNote() string { return m.bill().withholdingNote() }

// WithholdingNote says what of an invoice is to be withheld, in its language; "" for nothing.
func (v Invoice) WithholdingNote() string { return v.bill().withholdingNote() }

func (b bill) withholdingNote() string {
	if b.withholding.IsZero() {
		return ""
	}
	sentence := b.words.lines.withheldBack
	if b.asks {
		sentence = b.words.paying.withholding
	}
	return fill(sentence, "amount", b.words.amount(b.withholding))
}

func (m CreditMemo) content() content { return m.bill() }
func (m DebitMemo) content() content  { return m.bill() }
func (v Invoice) content() content    { return v.bill() }
func (r Reversal) content() content   { return r.bill() }

// particulars are the rows all bills have, in their order.
type particulars struct {
	numberLabel, number  string
	date, due            time.Time
	originals            []InvoiceRef
	supplyFrom, supplyTo time.Time
	customer             Customer
	order, caseNumber    string
}

func (p particulars) facts(w catalogue) []fact {
	list := []fact{{p.numberLabel, p.number}, {w.date, w.day(p.date)}, {w.due, w.day(p.due)}}
	if len(p.originals) == 1 {
		list = append(list, fact{w.original, p.originals[0].Number}, fact{w.originalDate, w.day(p.originals[0].Date)}, fact{w.originalStamp, p.originals[0].Stamp})
	}
	list = append(list, fact{w.supply, w.period(p.supplyFrom, p.supplyTo)}, fact{w.account, p.customer.Account})
	label := p.customer.TaxID.Label
	if label == "" {
		label = w.customerTaxID
	}
	return append(list, fact{label, p.customer.TaxID.Number}, fact{w.order, p.order}, fact{w.caseNumber, p.caseNumber})
}

// introduction says which documents a bill is about.
func (c catalogue) introduction(about billWords, refs []InvoiceRef) string {
	switch len(refs) {
	case 0:
		return about.intro
	case 1:
		return fill(about.introOne, "list", c.refs(refs))
	}
	return fill(about.introMany, "list", c.refs(refs))
}

// refs names invoices; of several each with its stamp, which a single one has among the particulars.
func (c catalogue) refs(refs []InvoiceRef) string {
	var list []string
	for _, ref := range refs {
		number := ref.Number
		if len(refs) > 1 && ref.Stamp != "" {
			number += " [" + ref.Stamp + "]"
		}
		list = append(list, fill(c.ref, "number", number, "date", c.day(ref.Date)))
	}
	return c.list(list)
}

// named gives the catalogue the document's own name of the tax.
func (c catalogue) named(tax string) catalogue {
	if tax != "" {
		c.taxName = tax
	}
	return c
}

func (m CreditMemo) bill() bill {
	w, _ := catalogueOf(m.Language, m.Entity.Country)
	w = w.named(m.TaxName)
	about := w.creditMemo
	if m.OnAccount {
		about = w.accountCredit
		if m.SupplyFrom.IsZero() && w.undatedMemo != "" {
			about.title = w.undatedMemo
		}
	}
	about.title = orElse(m.Title, about.title)
	return bill{
		letter: letter{
			language: m.Language, words: w, title: about.title, number: m.Number, day: m.Date, entity: m.Entity, customer: m.Customer,
			facts: particulars{
				numberLabel: about.number, number: m.Number, date: m.Date, originals: m.Originals, supplyFrom: m.SupplyFrom, supplyTo: m.SupplyTo,
				customer: m.Customer, caseNumber: m.CaseNumber,
			}.facts(w),
		},
		currency: m.Currency, intro: w.introduction(about, m.Originals), reason: m.Reason,
		lines: m.Lines, discounts: m.Discounts, inclusive: m.PricesIncludeTax, taxes: m.Taxes,
		net: m.Net, tax: m.Tax, rounding: m.Rounding, total: m.Total, homeTax: m.HomeTax,
		totalLabel: about.total, roundingLabel: w.lines.roundingBack,
		settlementHead: about.settlement, buckets: w.buckets, openAfter: w.openAfter, settlements: m.Settlements, withholding: m.Withholding,
	}
}

func (m DebitMemo) bill() bill {
	w, _ := catalogueOf(m.Language, m.Entity.Country)
	w = w.named(m.TaxName)
	return bill{
		letter: letter{
			language: m.Language, words: w, title: orElse(m.Title, w.debitMemo.title), number: m.Number, day: m.Date, entity: m.Entity, customer: m.Customer,
			facts: particulars{
				numberLabel: w.debitMemo.number, number: m.Number, date: m.Date, due: m.Payment.Due, originals: m.Originals,
				supplyFrom: m.SupplyFrom, supplyTo: m.SupplyTo, customer: m.Customer, order: m.Order, caseNumber: m.CaseNumber,
			}.facts(w),
		},
		currency: m.Currency, intro: w.introduction(w.debitMemo, m.Originals), reason: m.Reason,
		lines: m.Lines, discounts: m.Discounts, inclusive: m.PricesIncludeTax, taxes: m.Taxes,
		net: m.Net, tax: m.Tax, rounding: m.Rounding, total: m.Total, homeTax: m.HomeTax,
		totalLabel: w.debitMemo.total, roundingLabel: w.lines.rounding,
		asks: true, open: m.Total, withholding: m.Withholding, payment: m.Payment,
	}
}

func (v Invoice) bill() bill {
	w, _ := catalogueOf(v.Language, v.Entity.Country)
	w = w.named(v.TaxName)
	intro := w.introduction(w.invoice, v.Replaces)
	if len(v.CreditedBy) > 0 {
		intro += w.sentenceGap + fill(w.lines.replaced, "list", w.refs(v.CreditedBy))
	}
	return bill{
		letter: letter{
			language: v.Language, words: w, title: w.invoice.title, number: v.Number, day: v.Date, entity: v.Entity, customer: v.Customer,
			facts: particulars{
				numberLabel: w.invoice.number, number: v.Number, date: v.Date, due: v.Payment.Due, originals: v.Replaces,
				supplyFrom: v.SupplyFrom, supplyTo: v.SupplyTo, customer: v.Customer, order: v.Order, caseNumber: v.CaseNumber,
			}.facts(w),
		},
		currency: v.Currency, intro: intro, reason: v.Reason,
		lines: v.Lines, discounts: v.Discounts, inclusive: v.PricesIncludeTax, taxes: v.Taxes,
		net: v.Net, tax: v.Tax, rounding: v.Rounding, total: v.Total, homeTax: v.HomeTax,
		totalLabel: w.invoice.total, roundingLabel: w.lines.rounding,
		asks: true, settled: v.Settled, open: v.Open, withholding: v.Withholding, payment: v.Payment,
	}
}

func (r Reversal) bill() bill {
	b := r.Memo.bill()
	w, about := b.words, b.words.reversal
	if r.Memo.OnAccount && w.accountReversal.title != "" {
		about = w.accountReversal
	}
	memo := InvoiceRef{Number: r.Memo.Number, Date: r.Memo.Date}
	b.facts = append([]fact{{about.number, r.Number}, {w.date, w.day(r.Date)}, {b.title, memo.Number}},
		particulars{originals: r.Memo.Originals, supplyFrom: r.Memo.SupplyFrom, supplyTo: r.Memo.SupplyTo, customer: r.Memo.Customer, caseNumber: r.CaseNumber}.facts(w)...)
	b.title, b.number, b.day = about.title, r.Number, r.Date
	b.intro, b.reason = fill(about.introOne, "list", w.refs([]InvoiceRef{memo})), r.Reason
	b.totalLabel, b.settlementHead, b.buckets, b.openAfter = about.total, about.settlement, w.undone, w.openAgain
	b.settlements = r.Settlements
	if len(b.settlements) == 0 {
		for _, part := range r.Memo.Settlements {
			part.OpenAfter = nil
			b.settlements = append(b.settlements, part)
		}
	}
	return b
}
