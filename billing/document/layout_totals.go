package document

import "makegood/internal/money"

// Right edges of the tax summary's columns; its labels begin at summaryLeft.
const (
	summaryLeft = 84.0
	netEdge     = 141.0
	taxEdge     = 164.0
)

// discounted tells whether document discounts come off the lines.
func (b bill) discounted() bool {
	for _, line := range b.lines {
		if !line.Discount.IsZero() {
			return true
		}
	}
	return false
}

// discounts leads from the sum of the lines to what is taxed: the document discounts by their names, or as one where
// they have none.
func (l *billLayout) discounts() {
	b, w := l.bill, l.words
	if !b.discounted() {
		return
	}
	list, off := money.Zero(b.currency), money.Zero(b.currency)
	for _, line := range b.lines {
		list, off = l.sum(list, line.List), l.sum(off, orNothing(line.Discount, b.currency))
	}
	rows := b.discounts
	if len(rows) == 0 {
		rows = []Discount{{Label: w.lines.discountShare, Amount: off}}
	}
	l.need(float64(min(len(rows), 10)+2)*5.2 + 3)
	l.sumRow(w.lines.linesTotal, w.plainAmount(list), l.style(9))
	for _, d := range rows {
		label := d.Label
		if label == "" {
			label = w.lines.discount
		}
		l.need(5.2)
		l.sumRow(label, w.plainAmount(d.Amount.Neg()), l.style(9))
	}
	l.rule(summaryLeft, l.y-3.7, right-summaryLeft, 0.12, hairline())
	l.y += 0.6
	l.sumRow(w.lines.afterDiscount, w.plainAmount(l.sum(list, off.Neg())), l.bold(9))
	l.y += 3.4
}

// taxSummary is the tax per category and rate, with the sums. It stays on one page.
func (l *billLayout) taxSummary() {
	b, w := l.bill, l.words
	l.need(float64(min(len(b.taxes), 20)+min(len(b.settled), 10)+2)*5.4 + 22) // and the total with it
	head := headStyle()
	l.fit(summaryLeft, l.y, netEdge-summaryLeft-l.faces.width(w.lines.taxable, head)-2, fill(w.lines.taxSummary, "currency", string(b.currency)), head)
	l.figures(head, w.lines.taxable, w.lines.tax, w.lines.gross)
	l.rule(summaryLeft, l.y+1.9, right-summaryLeft, 0.12, hairline())
	l.y += 6
	for _, group := range b.taxes {
		l.need(5.2)
		l.group(group)
	}
	if len(b.taxes) != 1 {
		l.rule(summaryLeft, l.y-3.7, right-summaryLeft, 0.12, hairline())
		l.y += 0.6
		l.figures(l.bold(9), w.plainAmount(b.net), w.plainAmount(b.tax), w.plainAmount(l.sum(b.net, b.tax)))
		l.y += 5.2
	}
	if !b.rounding.IsZero() {
		l.fit(summaryLeft, l.y, 70, b.roundingLabel, l.style(9))
		l.right(right, l.y, w.plainAmount(b.rounding), l.style(9))
		l.y += 5.2
	}
}

// group is one row of the summary. A further tax on a net that stands above already has no gross of its own.
func (l *billLayout) group(group TaxGroup) {
	w := l.words
	net, gross := w.plainAmount(group.Net), ""
	if group.Code == "" {
		gross = w.plainAmount(l.sum(group.Net, group.Tax))
	}
	room := netEdge - summaryLeft - l.faces.width(net, l.style(9)) - 3
	for i, line := range l.faces.wrap(l.categoryText(group), l.style(9), room) {
		l.y += float64(min(i, 1)) * 4.2
		l.text(summaryLeft, l.y, line, l.style(9))
		if i == 0 {
			l.figures(l.style(9), net, w.plainAmount(group.Tax), gross)
		}
	}
	l.y += 5.2
}

// figures sets the three amounts of a row, in a smaller size where they would meet.
func (l *billLayout) figures(s style, net, tax, gross string) {
	for s.size > 6 && (l.faces.width(gross, s) > right-taxEdge-2 || l.faces.width(tax, s) > taxEdge-netEdge-2) {
		s.size -= 0.25
	}
	l.right(netEdge, l.y, net, s)
	l.right(taxEdge, l.y, tax, s)
	l.right(right, l.y, gross, s)
}

// sum adds amounts that Validate has found to be of one currency.
func (l *billLayout) sum(amounts ...money.Amount) money.Amount {
	total, _ := money.Sum(l.bill.currency, amounts...)
	return total
}

func (l *billLayout) categoryText(group TaxGroup) string {
	template, known := l.words.categories[group.Category]
	if !known {
		template = l.words.categories[Standard]
	}
	name := l.words.taxName
	if group.Name != "" {
		name = group.Name
	}
	return fill(template, "tax", name, "rate", l.words.percentage(group.Rate))
}

// total leads to what is to be paid or is credited, with the notes that belong to the tax below.
func (l *billLayout) total() {
	b, w := l.bill, l.words
	label, amount := b.totalLabel, b.total
	if len(b.settled) > 0 {
		l.sumRow(b.totalLabel, w.plainAmount(b.total), l.bold(9))
		for _, part := range b.settled {
			l.need(5.2 + 14)
			named := fill(w.ref, "number", w.kinds[part.Kind]+" "+part.Number, "date", w.day(part.Date))
			l.sumRow(named, w.plainAmount(part.Amount.Neg()), l.style(9))
		}
		label, amount = w.paying.amountDue, b.open
	}
	l.totalBox(label, w.amount(amount))
	for _, note := range l.taxNotes() {
		l.paragraph(note, l.small(8))
	}
}

// taxNotes are the mentions the law asks for: the ground of an exemption or reverse charge (art. 226 nos. 11
// and 11a) and the tax in the currency of the country where it is due (art. 230).
func (l *billLayout) taxNotes() []string {
	var notes []string
	if l.bill.inclusive {
		notes = append(notes, fill(l.words.lines.inclusive, "tax", l.words.taxName))
	}
	for _, group := range l.bill.taxes {
		switch {
		case group.Note != "":
			notes = append(notes, group.Note)
		case group.Category == ReverseCharge:
			notes = append(notes, l.words.reverseChargeNote)
		}
	}
	if home := l.bill.homeTax; home != nil {
		notes = append(notes, fill(l.words.lines.homeTax, "tax", l.words.taxName, "currency", string(home.Tax.Currency()),
			"amount", l.words.plainAmount(home.Tax), "rate", l.words.count(home.Rate), "source", home.Source,
			"date", l.words.day(home.Date)), fill(l.words.lines.homeTotal, "currency", string(home.Tax.Currency()),
			"amount", l.words.plainAmount(l.bill.total.Convert(home.Rate, home.Tax.Currency()))))
	}
	if !l.bill.asks {
		if note := l.bill.withholdingNote(); note != "" {
			notes = append(notes, note)
		}
	}
	return notes
}

// settlement says where the money goes: a sentence and an amount for each bucket.
func (l *billLayout) settlement() {
	b := l.bill
	if len(b.settlements) == 0 {
		return
	}
	l.y += 3
	l.section(b.settlementHead, float64(len(b.settlements))*10)
	for _, part := range b.settlements {
		l.need(10)
		l.right(right, l.y, l.words.amount(part.Amount), l.style(9.5))
		for i, text := range l.faces.wrap(fill(b.buckets[part.Bucket], "ref", part.Reference), l.style(9.5), 125) {
			l.y += float64(min(i, 1)) * 4.9
			l.text(left, l.y, text, l.style(9.5))
		}
		if part.OpenAfter != nil {
			l.y += 4.3
			l.text(left, l.y, fill(b.openAfter, "amount", l.words.amount(*part.OpenAfter)), l.small(8.5))
		}
		l.y += 5.8
	}
}

// howToPay says what to pay until when and to which account.
func (l *billLayout) howToPay() {
	b, w := l.bill, l.words.paying
	if !b.asks {
		return
	}
	l.y += 3
	account := b.payment.Account
	if len(account) == 0 {
		account = b.entity.Bank
	}
	lines := len(account) + 2
	for _, there := range []bool{b.payment.Terms != "", !b.withholding.IsZero()} {
		if there {
			lines++
		}
	}
	l.section(w.heading, float64(lines)*4.8)
	toPay := b.open
	if !b.withholding.IsZero() {
		toPay = l.sum(b.open, b.withholding.Neg())
		l.paragraph(b.withholdingNote(), l.style(9.5))
	}
	if toPay.IsZero() {
		l.paragraph(w.nothing, l.style(9.5))
		return
	}
	l.paragraph(fill(w.by, "amount", l.words.amount(toPay), "date", unbroken(l.words.day(b.payment.Due))), l.bold(9.5))
	l.paragraph(b.payment.Terms, l.style(9.5))
	l.payTo(account, fill(w.reference, "reference", orElse(b.payment.Reference, b.number)))
}

// payTo sets the lines of an account and what to quote.
func (l *sheet) payTo(account []string, reference string) {
	l.y += 0.8
	for _, line := range account {
		l.paragraph(line, l.style(9))
	}
	l.paragraph(reference, l.style(9))
}
