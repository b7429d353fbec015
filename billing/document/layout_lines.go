package document

// column is a right-aligned column of the lines table; x is its right edge.
type column struct {
	x    float64
	head string
	cell func(Line) string
}

// columns are the figures a memo has, from right to left; those no line uses are left out.
func (l *memoLayout) columns() (figures []column, descriptionWidth float64) {
	w, m := l.words, l.memo
	var hasQuantity, hasPrice bool
	for _, line := range m.Lines {
		hasQuantity = hasQuantity || line.Quantity.Valid
		hasPrice = hasPrice || line.UnitPrice.Valid
	}
	x := right
	add := func(head string, cell func(Line) string) {
		figures = append(figures, column{x, head, cell})
		x -= l.columnWidth(head, cell)
	}
	add(fill(w.net, "currency", string(m.Currency)), func(line Line) string { return w.plainAmount(line.Net) })
	add(fill(w.rate, "tax", w.taxName), l.rateText)
	if hasPrice {
		add(w.unitPrice, func(line Line) string {
			if !line.UnitPrice.Valid {
				return ""
			}
			return w.price(line.UnitPrice.Decimal, m.Currency)
		})
	}
	if hasQuantity {
		add(w.quantity, func(line Line) string {
			if !line.Quantity.Valid {
				return ""
			}
			return w.count(line.Quantity.Decimal) + noBreakSpace + line.Unit
		})
	}
	return figures, x - left
}

// columnWidth is what the widest figure of a column takes, with the gap to its neighbour.
func (l *memoLayout) columnWidth(head string, cell func(Line) string) float64 {
	const gap = 7.0
	widest := l.faces.width(l.faces.clean(head), headStyle())
	for _, line := range l.memo.Lines {
		widest = max(widest, l.faces.width(l.faces.clean(cell(line)), l.style(9.5)))
	}
	return widest + gap
}

func headStyle() style { return style{size: 8, bold: true, color: quiet()} }

// rateText shows a rate only where tax is charged: elsewhere the summary says why there is none.
func (l *memoLayout) rateText(line Line) string {
	if line.Category == Standard || line.Category == "" || line.TaxRate.IsPositive() {
		return l.words.percentage(line.TaxRate)
	}
	return "–"
}

// linesTable sets the credited lines; its header is repeated on each page it runs over.
func (l *memoLayout) linesTable() {
	figures, width := l.columns()
	for i, line := range l.memo.Lines {
		row := l.tableRow(line, width)
		high := min(row[len(row)-1].below, keepTogether) + rowTop + rowBottom
		if i == 0 {
			l.need(high + 2.5) // never a header without a line below it
			l.tableHead(figures)
		} else if l.need(high) {
			l.tableHead(figures)
		}
		l.setRow(line, figures, row)
	}
	l.rule(left, l.y-0.15, textWidth, 0.3, l.brand)
	l.y += 9
}

func (l *memoLayout) tableHead(figures []column) {
	head := headStyle()
	l.text(left, l.y, l.words.description, head)
	for _, c := range figures {
		l.right(c.x, l.y, c.head, head)
	}
	l.rule(left, l.y+2.2, textWidth, 0.3, l.brand)
	l.y += 2.5
}

// Space between a row's upper rule and its first baseline, and below its last; a row higher than
// keepTogether may break across pages.
const (
	rowTop       = 5.6
	rowBottom    = 2.4
	keepTogether = 40.0
)

// rowText is one line of a row's text; below is how far it stands under the row's first line.
type rowText struct {
	text  string
	style style
	below float64
}

// tableRow breaks a line's texts to the width of their column.
func (l *memoLayout) tableRow(line Line, width float64) []rowText {
	var out []rowText
	below := 0.0
	add := func(text string, s style, advance float64) {
		for _, part := range l.faces.wrap(text, s, width) {
			if len(out) > 0 {
				below += advance
			}
			out = append(out, rowText{part, s, below})
		}
	}
	add(line.Description, l.style(9.5), 4.9)
	add(line.Detail, l.small(8), 4.1)
	if len(out) == 0 {
		out = []rowText{{}}
	}
	return out
}

// setRow sets a row and the hairline below it, running over to the next page where it must.
func (l *memoLayout) setRow(line Line, figures []column, row []rowText) {
	l.y += rowTop
	for _, c := range figures {
		l.right(c.x, l.y, c.cell(line), l.style(9.5))
	}
	first := 0.0
	for _, part := range row {
		if l.y+part.below-first > bodyBottom {
			l.followPage()
			l.tableHead(figures)
			l.y += rowTop
			first = part.below
		}
		l.text(left, l.y+part.below-first, part.text, part.style)
	}
	l.y += row[len(row)-1].below - first + rowBottom
	l.rule(left, l.y-0.12, textWidth, 0.12, hairline())
}
