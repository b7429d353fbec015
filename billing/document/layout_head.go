package document

import "strings"

// firstPage sets everything above the title: the sender, the address field and the particulars.
func (l *memoLayout) firstPage() {
	l.newPage()
	l.fit(left, 24, textWidth, l.memo.Entity.Name, l.accent(16))
	for _, fold := range []float64{105, 210} {
		l.rule(4, fold, 4, 0.12, hairline())
	}
	l.addressField()
	l.particulars()
}

// addressField is the part that shows in an envelope's window, 85 mm wide.
func (l *memoLayout) addressField() {
	const width = 85.0
	sender := strings.Join(append([]string{l.memo.Entity.Name}, l.memo.Entity.Address...), " · ")
	l.fit(left, windowTop, width, sender, l.small(6.5))
	l.rule(left, windowTop+1.4, width, 0.12, hairline())
	to := l.memo.Customer
	name := to.Name
	if to.Contact == "" {
		name += l.words.honorific // a person named below carries their own
	}
	lines := append([]string{name, to.Contact}, to.Address...)
	size, rows := 10.0, l.addressRows(lines, 10, width)
	if len(rows) > 7 {
		size, rows = 8, l.addressRows(lines, 8, width)
	}
	y := windowTop + 8
	for _, row := range rows {
		l.text(left, y, row, l.style(size))
		y += size / 2
	}
}

// addressRows breaks what is too long for the window: a name is never cut.
func (l *memoLayout) addressRows(lines []string, size, width float64) (rows []string) {
	for _, line := range lines {
		rows = append(rows, l.faces.wrap(line, l.style(size), width)...)
	}
	return rows
}

// particulars is the block on the right that makes the document findable: numbers, dates, customer, case.
func (l *memoLayout) particulars() {
	m, w := l.memo, l.words
	y := windowTop
	row := func(label, value string) {
		if value == "" {
			return
		}
		s := l.style(9)
		for l.faces.width(l.faces.clean(value), s) > right-metaLeft-22 && s.size > 5 {
			s.size -= 0.25
		}
		room := right - metaLeft - l.faces.width(l.faces.clean(value), s) - 2
		l.fit(metaLeft, y, room, label, l.small(8))
		l.right(right, y, value, s)
		y += 5.2
	}
	row(w.number, m.Number)
	row(w.date, w.day(m.Date))
	if len(m.Originals) == 1 {
		row(w.original, m.Originals[0].Number)
		row(w.originalDate, w.day(m.Originals[0].Date))
	}
	if !m.SupplyFrom.IsZero() {
		row(w.supply, l.period())
	}
	row(w.account, m.Customer.Account)
	if m.Customer.TaxID.Number != "" {
		label := m.Customer.TaxID.Label
		if label == "" {
			label = w.customerTaxID
		}
		row(label, m.Customer.TaxID.Number)
	}
	row(w.caseNumber, m.CaseNumber)
}

func (l *memoLayout) period() string {
	from, to := l.words.day(l.memo.SupplyFrom), l.words.day(l.memo.SupplyTo)
	if to == "" || to == from {
		return from
	}
	return from + " – " + to
}

// heading is the title, the reference to the originals and the reason.
func (l *memoLayout) heading() {
	l.y = bodyTop
	title := style{size: 19, bold: true, color: ink()}
	l.text(left, l.y, l.words.title, title)
	l.fit(left+l.faces.width(l.words.title, title)+3, l.y, 70, l.memo.Number, style{size: 13, color: quiet()})
	l.y += 9
	l.paragraph(l.introduction(), l.style(9.5))
	if l.memo.Reason != "" {
		l.y += 2.5
		l.text(left, l.y, l.words.reason, l.accent(8))
		l.y += 5
		l.paragraph(l.memo.Reason, l.style(9.5))
	}
	l.y += 5
}

func (l *memoLayout) introduction() string {
	var refs []string
	for _, o := range l.memo.Originals {
		refs = append(refs, fill(l.words.ref, "number", o.Number, "date", l.words.day(o.Date)))
	}
	template := l.words.introOne
	if len(refs) > 1 {
		template = l.words.introMany
	}
	return fill(template, "list", l.words.list(refs))
}
