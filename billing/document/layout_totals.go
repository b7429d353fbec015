package document

import "makegood/internal/money"

// Right edges of the tax summary's columns; its labels begin at summaryLeft.
const (
	summaryLeft = 84.0
	netEdge     = 141.0
	taxEdge     = 164.0
)

// taxSummary is the tax per category and rate, with the sums. It stays on one page.
func (l *memoLayout) taxSummary() {
	m, w := l.memo, l.words
	l.need(float64(min(len(m.Taxes), 20)+2)*5.4 + 22) // and the total with it
	head := headStyle()
	l.text(summaryLeft, l.y, fill(w.taxSummary, "currency", string(m.Currency)), head)
	l.figures(head, w.taxable, w.tax, w.gross)
	l.rule(summaryLeft, l.y+1.9, right-summaryLeft, 0.12, hairline())
	l.y += 6
	for _, group := range m.Taxes {
		l.need(5.2)
		l.fit(summaryLeft, l.y, netEdge-summaryLeft-24, l.categoryText(group), l.style(9))
		l.figures(l.style(9), w.plainAmount(group.Net), w.plainAmount(group.Tax), w.plainAmount(l.sum(group.Net, group.Tax)))
		l.y += 5.2
	}
	if len(m.Taxes) != 1 {
		l.rule(summaryLeft, l.y-3.7, right-summaryLeft, 0.12, hairline())
		l.y += 0.6
		l.figures(l.bold(9), w.plainAmount(m.Net), w.plainAmount(m.Tax), w.plainAmount(l.sum(m.Net, m.Tax)))
		l.y += 5.2
	}
	if !m.Rounding.IsZero() {
		l.fit(summaryLeft, l.y, 70, w.rounding, l.style(9))
		l.right(right, l.y, w.plainAmount(m.Rounding), l.style(9))
		l.y += 5.2
	}
}

func (l *memoLayout) figures(s style, net, tax, gross string) {
	l.right(netEdge, l.y, net, s)
	l.right(taxEdge, l.y, tax, s)
	l.right(right, l.y, gross, s)
}

// sum adds amounts that Validate has found to be of one currency.
func (l *memoLayout) sum(amounts ...money.Amount) money.Amount {
	total, _ := money.Sum(l.memo.Currency, amounts...)
	return total
}

func (l *memoLayout) categoryText(group TaxGroup) string {
	template, known := l.words.categories[group.Category]
	if !known {
		template = l.words.categories[Standard]
	}
	return fill(template, "tax", l.words.taxName, "rate", l.words.percentage(group.Rate))
}

// total is the one figure that must be found at a glance, with the notes that belong to its tax below.
func (l *memoLayout) total() {
	const high = 11.0
	top := l.y - 2.2
	l.box(summaryLeft-3, top, right-summaryLeft+3, high, l.brand.tint(9))
	l.box(summaryLeft-3, top, 0.9, high, l.brand)
	l.text(summaryLeft+1, top+7, l.words.total, l.bold(10.5))
	l.right(right-2, top+7.2, l.words.amount(l.memo.Total), l.bold(13))
	l.y = top + high + 6
	for _, note := range l.taxNotes() {
		l.paragraph(note, l.small(8))
	}
}

// taxNotes are the mentions the law asks for: the ground of an exemption or reverse charge (art. 226 nos. 11
// and 11a) and the tax in the currency of the country where it is due (art. 230).
func (l *memoLayout) taxNotes() []string {
	var notes []string
	for _, group := range l.memo.Taxes {
		switch {
		case group.Note != "":
			notes = append(notes, group.Note)
		case group.Category == ReverseCharge:
			notes = append(notes, l.words.reverseChargeNote)
		}
	}
	if home := l.memo.HomeTax; home != nil {
		notes = append(notes, fill(l.words.homeTax, "tax", l.words.taxName, "currency", string(home.Tax.Currency()),
			"amount", l.words.plainAmount(home.Tax), "rate", l.words.count(home.Rate), "source", home.Source,
			"date", l.words.day(home.Date)))
	}
	return notes
}

// settlement says where the money goes: a sentence and an amount for each bucket.
func (l *memoLayout) settlement() {
	if len(l.memo.Settlements) == 0 {
		return
	}
	l.y += 3
	l.need(float64(len(l.memo.Settlements))*10 + 8)
	l.text(left, l.y, l.words.settlement, l.accent(9))
	l.rule(left, l.y+2, textWidth, 0.12, hairline())
	l.y += 7
	for _, part := range l.memo.Settlements {
		l.need(10)
		l.right(right, l.y, l.words.amount(part.Amount), l.style(9.5))
		for i, text := range l.faces.wrap(fill(l.words.buckets[part.Bucket], "ref", part.Reference), l.style(9.5), 125) {
			l.y += float64(min(i, 1)) * 4.9
			l.text(left, l.y, text, l.style(9.5))
		}
		if part.OpenAfter != nil {
			l.y += 4.3
			l.text(left, l.y, fill(l.words.openAfter, "amount", l.words.amount(*part.OpenAfter)), l.small(8.5))
		}
		l.y += 5.8
	}
}
