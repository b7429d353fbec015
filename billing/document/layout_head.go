package document

import (
	"slices"
	"strings"
)

// firstPage sets everything above the title: the sender, the address field and the particulars.
func (l *sheet) firstPage() {
	l.newPage()
	l.letterhead()
	for _, fold := range []float64{105, 210} {
		l.rule(4, fold, 4, 0.12, hairline())
	}
	l.addressField()
	l.particulars()
}

// letterhead is the seller's name, in lines of a smaller size where one is too short for it.
func (l *sheet) letterhead() {
	const least = 12.8
	name := l.faces.clean(l.entity.Name)
	if l.faces.width(name, l.accent(least)) <= textWidth {
		l.fit(left, 24, textWidth, name, l.accent(16))
		return
	}
	for i, line := range l.faces.wrap(name, l.accent(least), textWidth) {
		l.text(left, 20+float64(i)*height(l.accent(least)), line, l.accent(least))
	}
}

// addressField is the part that shows in an envelope's window, 85 mm wide.
func (l *sheet) addressField() {
	const width = 85.0
	sender := strings.Join(append([]string{l.entity.Name}, l.entity.Address...), " · ")
	l.fit(left, windowTop, width, sender, l.small(6.5))
	l.rule(left, windowTop+1.4, width, 0.12, hairline())
	to := l.customer
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
func (l *sheet) addressRows(lines []string, size, width float64) (rows []string) {
	for _, line := range lines {
		rows = append(rows, l.faces.wrap(line, l.style(size), width)...)
	}
	return rows
}

// particulars is the block on the right that makes the document findable: numbers, dates, customer, case.
func (l *sheet) particulars() {
	const above = 46.0 // the title
	facts := slices.DeleteFunc(slices.Clone(l.facts), func(f fact) bool { return f.value == "" })
	y, advance := windowTop, min(5.2, above/float64(max(len(facts), 1)))
	for _, f := range facts {
		s := l.style(9)
		most := right - metaLeft - max(20, l.faces.width(f.label, l.small(8*0.8))) - 2 // labels get smaller to fit, too
		for l.faces.width(l.faces.clean(f.value), s) > most && s.size > 5 {
			s.size -= 0.25
		}
		room := right - metaLeft - l.faces.width(l.faces.clean(f.value), s) - 2
		l.fit(metaLeft, y, room, f.label, l.small(8))
		l.right(right, y, f.value, s)
		y += advance
	}
}

// heading is the title with the number, what the document is about, and the reason for it.
func (l *sheet) heading(intro, reason string) {
	l.y = bodyTop
	title := style{size: 19, bold: true, color: ink()}
	l.text(left, l.y, l.title, title)
	beside := left + l.faces.width(l.title, title) + 3
	l.fit(beside, l.y, min(70, right-beside), l.number, style{size: 13, color: quiet()})
	l.y += 9
	l.paragraph(intro, l.style(9.5))
	if reason != "" {
		if intro != "" {
			l.y += 2.5
		}
		l.text(left, l.y, l.words.reason, l.accent(8))
		l.y += 5
		l.paragraph(reason, l.style(9.5))
	}
	l.y += 5
}
