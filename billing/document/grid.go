package document

import "strings"

// gridColumn is a column of a list such as a statement's movements.
type gridColumn struct {
	head  string
	right bool // figures and days stand at its right edge
	wide  bool // takes what the others leave, and breaks its texts
	x, w  float64
}

// gridRow is a row of a list; detail is small print below the text of the wide column.
type gridRow struct {
	cells  []string
	detail string
	strong bool // a sum or a balance: bold on a tint
}

// grid is a list that may run over many pages. Its head is repeated on each of them; with carry, a balance is carried
// from page to page as bookkeepers do.
type grid struct {
	columns []gridColumn
	rows    []gridRow
	size    float64
	carried func(done int) gridRow // what stands at the foot of a page after so many rows
	brought func(done int) gridRow // and at the top of the next
}

const (
	gridGap    = 3.6
	gridTop    = 4.9 // from the rule above to the first baseline
	gridBottom = 2.1
	gridDetail = 3.5
)

func gridHead() style { return style{size: 7.5, bold: true, color: quiet()} }

// list sets a grid.
func (l *sheet) list(g grid) {
	l.measure(&g)
	texts := make([][]string, len(g.rows))
	for i, row := range g.rows {
		texts[i] = l.wideTexts(g, row)
	}
	foot := 0.0
	if g.carried != nil {
		foot = gridTop + gridBottom
	}
	l.gridHeader(g, l.rowHeight(g.rows[0], texts[0])+foot)
	for i, row := range g.rows {
		reserve := foot
		if i == len(g.rows)-1 {
			reserve = 0 // nothing is carried after the last row
		}
		if high := l.rowHeight(row, texts[i]); l.y+high+reserve > bodyBottom {
			if g.carried != nil {
				l.gridRow(g, g.carried(i), nil)
			}
			l.followPage()
			l.gridHeader(g, 0)
			if g.brought != nil {
				l.gridRow(g, g.brought(i), nil)
			}
		}
		l.gridRow(g, row, texts[i])
	}
	l.rule(left, l.y-0.15, textWidth, 0.3, l.brand)
	l.y += 9
}

// measure gives each column the room of its widest text and the wide one the rest; without a wide one the rest is
// shared. Everything gets smaller before the wide column gets too narrow for a document number.
func (l *sheet) measure(g *grid) {
	const least = 34.0
	for g.size = 8.5; ; g.size -= 0.5 {
		used, wide := float64(len(g.columns)-1)*gridGap, -1
		for i := range g.columns {
			c := &g.columns[i]
			c.w = 0
			if c.wide {
				wide = i
				continue
			}
			c.w = l.naturalWidth(g, i)
			used += c.w
		}
		rest := textWidth - used
		enough := 0.0
		if wide >= 0 {
			enough = least
		}
		if rest < enough && g.size > 5.5 {
			continue
		}
		if wide >= 0 {
			g.columns[wide].w = rest
		} else {
			g.spread(rest)
		}
		break
	}
	x := left
	for i := range g.columns {
		g.columns[i].x = x
		x += g.columns[i].w + gridGap
	}
}

func (g *grid) spread(rest float64) {
	for i := range g.columns {
		g.columns[i].w += rest / float64(len(g.columns))
	}
}

func (l *sheet) naturalWidth(g *grid, i int) float64 {
	width := 0.0
	for line := range strings.SplitSeq(g.columns[i].head, "\n") {
		width = max(width, l.faces.width(l.faces.clean(line), gridHead()))
	}
	for _, row := range g.rows {
		s := l.style(g.size)
		s.bold = row.strong
		width = max(width, l.faces.width(l.faces.clean(row.cells[i]), s))
	}
	return width
}

// wideTexts breaks a row's text for the wide column.
func (l *sheet) wideTexts(g grid, row gridRow) []string {
	for i, c := range g.columns {
		if c.wide && row.cells[i] != "" {
			s := l.style(g.size)
			s.bold = row.strong
			return l.faces.wrap(row.cells[i], s, c.w)
		}
	}
	return nil
}

func (l *sheet) rowHeight(row gridRow, texts []string) float64 {
	high := gridTop + gridBottom + float64(max(len(texts), 1)-1)*gridDetail
	if row.detail != "" {
		high += gridDetail
	}
	return high
}

// gridHeader sets the heads of the columns, their last lines beside each other, and keeps h millimetres with them.
func (l *sheet) gridHeader(g grid, h float64) {
	lines := 1
	for _, c := range g.columns {
		lines = max(lines, strings.Count(c.head, "\n")+1)
	}
	const advance = 3.3
	l.need(float64(lines)*advance + h)
	for _, c := range g.columns {
		parts := strings.Split(c.head, "\n")
		for i, part := range parts {
			l.cell(c, l.y+float64(lines-len(parts)+i)*advance, part, gridHead())
		}
	}
	l.y += float64(lines-1)*advance + 2.2
	l.rule(left, l.y, textWidth, 0.3, l.brand)
	l.y += 0.3
}

// gridRow sets one row with the hairline below it. The wide column's text comes broken, or nil to take it as it is.
func (l *sheet) gridRow(g grid, row gridRow, texts []string) {
	s := l.style(g.size)
	high := l.rowHeight(row, texts)
	if row.strong {
		s.bold = true
		l.box(left, l.y, textWidth, high-0.12, l.brand.tint(6))
	}
	base := l.y + gridTop
	for i, c := range g.columns {
		if c.wide && len(texts) > 0 {
			l.wideCell(c, base, texts, s)
		} else {
			l.cell(c, base, row.cells[i], s)
		}
		if c.wide && row.detail != "" {
			l.fit(c.x, base+float64(max(len(texts), 1))*gridDetail, c.w, row.detail, l.small(7))
		}
	}
	l.y += high
	l.rule(left, l.y-0.12, textWidth, 0.12, hairline())
}

func (l *sheet) wideCell(c gridColumn, y float64, texts []string, s style) {
	for i, text := range texts {
		l.text(c.x, y+float64(i)*gridDetail, text, s)
	}
}

func (l *sheet) cell(c gridColumn, y float64, text string, s style) {
	if c.right {
		l.right(c.x+c.w, y, text, s)
		return
	}
	l.text(c.x, y, text, s)
}
