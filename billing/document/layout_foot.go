package document

import "strconv"

// footers sets each page's footer, once the number of pages is known: who the seller is and its tax ids on
// the left, the register in the middle, the bank on the right, and the page number above.
func (l *sheet) footers() {
	all := l.pages
	for i := range all {
		l.pages = all[:i+1] // marks go to the last page
		l.footer(i+1, len(all))
		all[i] = l.pages[i]
	}
	l.pages = all
}

func (l *sheet) footer(page, pages int) {
	label := fill(l.words.page, "page", strconv.Itoa(page), "pages", strconv.Itoa(pages))
	l.right(right, footerTop-3, label, l.small(7.5))
	l.rule(left, footerTop, textWidth, 0.12, hairline())
	const gap, columnWidth = 4.0, (textWidth - 8) / 3
	for i, lines := range [][]string{l.sellerLines(), l.entity.Legal, l.entity.Bank} {
		s := l.small(7)
		s.bold = i == 0 // the seller's name, alone
		y := footerTop + 4.6
		for _, line := range lines {
			for _, text := range l.faces.wrap(line, s, columnWidth) {
				if y < pageHeight-7.4 { // below it is the edge printers leave white; the address stands above, too
					l.text(left+float64(i)*(columnWidth+gap), y, text, s)
				}
				y += 3.3
			}
			s.bold = false
		}
	}
}

func (l *sheet) sellerLines() []string {
	lines := []string{l.entity.Name}
	for _, id := range l.entity.TaxIDs {
		label := id.Label
		if label == "" {
			label = l.words.taxID
		}
		lines = append(lines, label+" "+id.Number)
	}
	return append(lines, l.entity.Address...)
}
