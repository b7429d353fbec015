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
	followTop   = 34.0 // first baseline of the body on a later page
	metaLeft    = 124.0
	windowTop   = 51.0
	bodyTop     = 106.0
	lineAdvance = 1.45 // line height as a multiple of the type size
)

// memoLayout places a credit memo on a canvas from top to bottom.
type memoLayout struct {
	*canvas
	words catalogue
	memo  CreditMemo
	brand rgb
	y     float64
}

func layoutMemo(c *canvas, words catalogue, m CreditMemo) {
	l := &memoLayout{canvas: c, words: words, memo: m, brand: brandOf(m.Entity.Brand)}
	if m.TaxName != "" {
		l.words.taxName = m.TaxName
	}
	l.firstPage()
	l.heading()
	l.linesTable()
	l.taxSummary()
	l.total()
	l.settlement()
	l.footers()
}

func (l *memoLayout) style(size float64) style { return style{size: size, color: ink()} }
func (l *memoLayout) bold(size float64) style  { return style{size: size, bold: true, color: ink()} }
func (l *memoLayout) small(size float64) style { return style{size: size, color: quiet()} }
func (l *memoLayout) accent(size float64) style {
	return style{size: size, bold: true, color: l.brand.readable()}
}

func height(s style) float64 { return s.size * mmPerPoint * lineAdvance }

// paragraph sets wrapped text from y on and moves y below it. It takes a new page where it must.
func (l *memoLayout) paragraph(text string, s style) {
	for _, line := range l.faces.wrap(text, s, textWidth) {
		l.need(height(s))
		l.text(left, l.y, line, s)
		l.y += height(s)
	}
}

// need starts a new page when less than h is left on this one, and tells whether it did.
func (l *memoLayout) need(h float64) bool {
	if l.y+h <= bodyBottom {
		return false
	}
	l.followPage()
	return true
}

func (l *memoLayout) newPage() {
	l.pages = append(l.pages, nil)
	l.box(0, 0, pageWidth, 2.4, l.brand)
}

// followPage is a later page: a short header that says whose and which document goes on.
func (l *memoLayout) followPage() {
	l.newPage()
	l.fit(left, 18, 80, l.memo.Entity.Name, l.accent(10))
	title := fill(l.words.continued, "title", l.words.title, "number", l.memo.Number)
	l.right(right, 18, title, l.small(8.5))
	l.rule(left, 21.5, textWidth, 0.15, hairline())
	l.y = followTop
}
