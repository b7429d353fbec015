package document

// Measures in millimetres. The address field and the fold marks stand where DIN 5008 form B has them, so
// that the sheet fits a window envelope.
const (
	pageWidth   = 210.0
	pageHeight  = 297.0
	left        = 25.0
	right       = 190.0
	textWidth   = right - left
	bodyBottom  = 258.0
	footerTop   = 268.0
	runningHead = 18.0 // baseline of the line that heads a later page
	followTop   = 34.0 // first baseline of the body on a later page
	metaLeft    = 124.0
	windowTop   = 51.0
	bodyTop     = 106.0
	lineAdvance = 1.45 // line height as a multiple of the type size
)

// sheet places a document on a canvas from top to bottom.
type sheet struct {
	*canvas
	letter
	brand rgb
	y     float64
}

func newSheet(c *canvas, of letter) *sheet {
	return &sheet{canvas: c, letter: of, brand: brandOf(of.entity.Brand)}
}

func (l *sheet) style(size float64) style { return style{size: size, color: ink()} }
func (l *sheet) bold(size float64) style  { return style{size: size, bold: true, color: ink()} }
func (l *sheet) small(size float64) style { return style{size: size, color: quiet()} }
func (l *sheet) accent(size float64) style {
	return style{size: size, bold: true, color: l.brand.readable()}
}

func height(s style) float64 { return s.size * mmPerPoint * lineAdvance }

// paragraph sets wrapped text from y on and moves y below it. It takes a new page where it must.
func (l *sheet) paragraph(text string, s style) {
	for _, line := range l.faces.wrap(text, s, textWidth) {
		l.need(height(s))
		l.text(left, l.y, line, s)
		l.y += height(s)
	}
}

// section is a heading with a hairline; it stays with the first h millimetres of what follows.
func (l *sheet) section(title string, h float64) {
	l.need(h + 8)
	l.text(left, l.y, title, l.accent(9))
	l.rule(left, l.y+2, textWidth, 0.12, hairline())
	l.y += 7
}

// need starts a new page when less than h is left on this one, and tells whether it did.
func (l *sheet) need(h float64) bool {
	if l.y+h <= bodyBottom {
		return false
	}
	l.followPage()
	return true
}

func (l *sheet) newPage() {
	l.pages = append(l.pages, nil)
	l.box(0, 0, pageWidth, 2.4, l.brand)
}

// followPage is a later page: a short header that says whose and which document goes on.
func (l *sheet) followPage() {
	l.newPage()
	title := fill(l.words.continued, "title", l.title, "number", l.number)
	room := textWidth - l.faces.width(l.faces.clean(title), l.small(8.5)) - 5
	l.fit(left, runningHead, room, l.entity.Name, l.accent(10))
	l.right(right, runningHead, title, l.small(8.5))
	l.rule(left, 21.5, textWidth, 0.15, hairline())
	l.y = followTop
}

// totalBox holds the one figure that must be found at a glance.
func (l *sheet) totalBox(label, amount string) {
	const high = 11.0
	top := l.y - 2.2
	l.box(summaryLeft-3, top, right-summaryLeft+3, high, l.brand.tint(9))
	l.box(summaryLeft-3, top, 0.9, high, l.brand)
	room := right - summaryLeft - 5 - l.faces.width(amount, l.bold(13))
	l.fit(summaryLeft+1, top+7, room, label, l.bold(10.5))
	l.right(right-2, top+7.2, amount, l.bold(13))
	l.y = top + high + 6
}

// sumRow is a label and an amount in the column of totals. A label too long for one line takes more.
func (l *sheet) sumRow(label, amount string, s style) {
	room := right - summaryLeft - l.faces.width(amount, s) - 4
	for i, line := range l.faces.wrap(label, s, room) {
		if i == 0 {
			l.right(right, l.y, amount, s)
		} else {
			l.y += 4.2
		}
		l.text(summaryLeft, l.y, line, s)
	}
	l.y += 5.2
}
