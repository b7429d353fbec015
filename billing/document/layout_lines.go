package document

import "makegood/internal/money"

// column is a right-aligned column of the lines table; x is its right edge.
type column struct {
	x    float64
	head string
	cell func(Line) string
}

// columns are the figures a bill has, from right to left; those no line uses are left out. The figures get smaller
// before they leave the description too little room.
func (l *billLayout) columns() (figures []column, descriptionWidth, size float64) {
	const least = 48.0
	for size = 9.5; ; size-- {
		figures, descriptionWidth = l.columnsAt(size)
		if descriptionWidth >= least || size < 7 {
			return figures, descriptionWidth, size
		}
	}
}

func (l *billLayout) columnsAt(size float64) (figures []column, descriptionWidth float64) {
	w, b := l.words, l.bill
	var hasQuantity, hasPrice, hasDiscount bool
	for _, line := range b.lines {
		hasQuantity = hasQuantity || line.Quantity.Valid
		hasPrice = hasPrice || line.UnitPrice.Valid
		hasDiscount = hasDiscount || !line.OwnDiscount.IsZero()
	}
	x := right
	add := func(head string, cell func(Line) string) {
		figures = append(figures, column{x, head, cell})
		x -= l.columnWidth(head, size, cell)
	}
	add(fill(l.amountHead(), "currency", string(b.currency), "tax", w.taxName), func(line Line) string { return w.plainAmount(amountOf(line)) })
	add(fill(w.lines.rate, "tax", w.taxName), l.rateText)
	if hasDiscount {
		add(w.lines.discount, func(line Line) string {
			if line.OwnDiscount.IsZero() {
				return ""
			}
			return w.plainAmount(line.OwnDiscount.Neg())
		})
	}
	if hasPrice {
		add(w.lines.unitPrice, l.priceText)
	}
	if hasQuantity {
		add(w.lines.quantity, l.quantityText)
	}
	return figures, x - left
}

// amountOf is what a line comes to as the table shows it.
func amountOf(line Line) money.Amount {
	if given(line.List) {
		return line.List
	}
	return line.Net
}

// amountHead names the column of amounts: net only where it is what the net of the document is the sum of.
func (l *billLayout) amountHead() string {
	switch {
	case l.bill.inclusive:
		return l.words.lines.grossAmount
	case l.bill.discounted():
		return l.words.lines.amount
	}
	return l.words.lines.net
}

func (l *billLayout) priceText(line Line) string {
	if !line.UnitPrice.Valid {
		return ""
	}
	return l.words.price(line.UnitPrice.Decimal, l.bill.currency)
}

func (l *billLayout) quantityText(line Line) string {
	if !line.Quantity.Valid {
		return ""
	}
	return l.words.count(line.Quantity.Decimal) + noBreakSpace + line.Unit
}

// columnWidth is what the widest figure of a column takes, with the gap to its neighbour.
func (l *billLayout) columnWidth(head string, size float64, cell func(Line) string) float64 {
	gap := size - 2.5
	widest := l.faces.width(l.faces.clean(head), headStyle())
	for _, line := range l.bill.lines {
		widest = max(widest, l.faces.width(l.faces.clean(cell(line)), l.style(size)))
	}
	return widest + gap
}

func headStyle() style { return style{size: 8, bold: true, color: quiet()} }

// rateText shows a rate only where tax is charged: elsewhere the summary says why there is none.
func (l *billLayout) rateText(line Line) string {
	text := "–"
	if line.Category == Standard || line.Category == "" || line.TaxRate.IsPositive() {
		text = l.words.percentage(line.TaxRate)
	}
	for _, rate := range line.MoreRates {
		text += " + " + l.words.percentage(rate)
	}
	return text
}

// lineTable is the lines table worked out for its document.
type lineTable struct {
	figures []column
	size    float64
}

// linesTable sets the lines; its header is repeated on each page it runs over.
func (l *billLayout) linesTable() {
	figures, width, size := l.columns()
	table := lineTable{figures, size}
	for i, line := range l.bill.lines {
		row := l.tableRow(line, width)
		high := min(row[len(row)-1].below, keepTogether) + rowTop + rowBottom
		if i == 0 {
			l.need(high + 2.5) // never a header without a line below it
			l.tableHead(figures)
		} else if l.need(high) {
			l.tableHead(figures)
		}
		l.setRow(line, table, row)
	}
	l.rule(left, l.y-0.15, textWidth, 0.3, l.brand)
	l.y += 9
}

func (l *billLayout) tableHead(figures []column) {
	head := headStyle()
	l.text(left, l.y, l.words.lines.description, head)
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
func (l *billLayout) tableRow(line Line, width float64) []rowText {
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
	if line.Charge {
		add(l.words.lines.charge, l.small(8), 4.1)
	}
	if len(out) == 0 {
		out = []rowText{{}}
	}
	return out
}

// setRow sets a row and the hairline below it, running over to the next page where it must.
func (l *billLayout) setRow(line Line, table lineTable, row []rowText) {
	l.y += rowTop
	for _, c := range table.figures {
		l.right(c.x, l.y, c.cell(line), l.style(table.size))
	}
	first := 0.0
	for _, part := range row {
		if l.y+part.below-first > bodyBottom {
			l.followPage()
			l.tableHead(table.figures)
			l.y += rowTop
			first = part.below
		}
		l.text(left, l.y+part.below-first, part.text, part.style)
	}
	l.y += row[len(row)-1].below - first + rowBottom
	l.rule(left, l.y-0.12, textWidth, 0.12, hairline())
}
