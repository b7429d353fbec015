package document

import (
	"slices"
	"strings"
)

// gridColumn is a column of a list such as a statement's movements.
type gridColumn struct {
	head  string
	right bool // figures and days stand at its right edge
	wide  bool // takes what the others leave, and breaks its texts
	x, w  float64
}

// gridRow is a row of a list; detail is small print beside the text of the wide column, or below where there is no room.
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
	beside  float64                // where details begin when they stand beside the texts, 0 when they stand below
	carried func(done int) gridRow // what stands at the foot of a page after so many rows
	brought func(done int) gridRow // and at the top of the next
}

const (
	gridGap    = 3.6
	gridTop    = 4.5 // from the rule above to the first baseline
	gridBottom = 1.9
	gridDetail = 3.5
)

// detailSize is the type size of details.
const detailSize = 7.5

func gridHead() style { return style{size: 7.5, bold: true, color: quiet()} }

// list sets a grid.
func (l *sheet) list(g grid) {
	l.measure(&g)
	foot := 0.0
	if g.carried != nil {
		foot = gridTop + gridBottom
	}
	for i, row := range g.rows {
		wide := l.wideText(g, row)
		reserve := foot
		if i == len(g.rows)-1 {
			reserve = 0 // nothing is carried after the last row
		}
		switch {
		case i == 0:
			l.gridHeader(g, wide.height()+reserve) // never a head without a row below it
		case l.y+wide.height()+reserve > bodyBottom:
			l.carry(g, i)
		}
		l.gridRow(g, row, wide)
	}
	l.rule(left, l.y-0.15, textWidth, 0.3, l.brand)
	l.y += 9
}

// carry goes on to the next page after so many rows.
func (l *sheet) carry(g grid, done int) {
	if g.carried != nil {
		row := g.carried(done)
		l.gridRow(g, row, l.wideText(g, row))
	}
	l.followPage()
	l.gridHeader(g, 0)
	if g.brought != nil {
		row := g.brought(done)
		l.gridRow(g, row, l.wideText(g, row))
	}
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
	g.beside = l.beside(g)
}

// beside is where the details begin beside the texts of the wide column, in line with each other; 0 when some would not
// have the room.
func (l *sheet) beside(g *grid) float64 {
	i := slices.IndexFunc(g.columns, func(c gridColumn) bool { return c.wide })
	if i < 0 {
		return 0
	}
	text, detail := 0.0, 0.0
	for _, row := range g.rows {
		s := l.style(g.size)
		s.bold = row.strong
		if row.detail != "" {
			text = max(text, l.faces.width(l.faces.clean(row.cells[i]), s))
			detail = max(detail, l.faces.width(l.faces.clean(row.detail), l.small(detailSize)))
		}
	}
	if text+gridGap+detail > g.columns[i].w {
		return 0
	}
	return g.columns[i].x + text + gridGap
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

// wideText is what a row has in the wide column, broken to its width: text, and details where they stand below it.
type wideText struct{ texts, details []string }

func (l *sheet) wideText(g grid, row gridRow) wideText {
	var out wideText
	for i, c := range g.columns {
		if !c.wide {
			continue
		}
		s := l.style(g.size)
		s.bold = row.strong
		out.texts = l.faces.wrap(row.cells[i], s, c.w)
		if g.beside == 0 {
			out.details = l.faces.wrap(row.detail, l.small(detailSize), c.w)
		}
	}
	return out
}

// height is what the row takes that has the text.
func (w wideText) height() float64 {
	return gridTop + gridBottom + float64(max(len(w.texts), 1)-1+len(w.details))*gridDetail
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

// gridRow sets one row with the hairline below it.
func (l *sheet) gridRow(g grid, row gridRow, wide wideText) {
	s := l.style(g.size)
	high := wide.height()
	if row.strong {
		s.bold = true
		l.box(left, l.y+0.15, textWidth, high-0.27, l.brand.tint(6)) // clear of the rule above
	}
	base := l.y + gridTop
	for i, c := range g.columns {
		if !c.wide {
			l.cell(c, base, row.cells[i], s)
			continue
		}
		if g.beside > 0 && row.detail != "" {
			l.text(g.beside, base, row.detail, l.small(detailSize))
		}
		l.wideCell(c, base, wide, s)
	}
	l.y += high
	l.rule(left, l.y-0.12, textWidth, 0.12, hairline())
}

func (l *sheet) wideCell(c gridColumn, y float64, wide wideText, s style) {
	for i, text := range wide.texts {
		l.text(c.x, y+float64(i)*gridDetail, text, s)
	}
	for i, text := range wide.details {
		l.text(c.x, y+float64(max(len(wide.texts), 1)+i)*gridDetail, text, l.small(detailSize))
	}
}

func (l *sheet) cell(c gridColumn, y float64, text string, s style) {
	if c.right {
		l.right(c.x+c.w, y, text, s)
		return
	}
	l.text(c.x, y, text, s)
}
