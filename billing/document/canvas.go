package document

// mark is one thing on a page: a text run, or a filled box where text is empty. Millimetres from the top
// left; a text's y is its baseline.
type mark struct {
	x, y, w, h float64
	text       string
	face       int
	style      style
}

// canvas collects what stands on each page, so that page counts and used characters are known before
// anything is written.
type canvas struct {
	faces *faces
	pages [][]mark
}

func (c *canvas) put(m mark) {
	last := len(c.pages) - 1
	c.pages[last] = append(c.pages[last], m)
}

// text sets a line from x to the right; its characters are cleaned first.
func (c *canvas) text(x, y float64, text string, s style) {
	for _, r := range c.faces.runs(c.faces.clean(text), s) {
		c.put(mark{x: x, y: y, text: r.text, face: r.face, style: s})
		x += r.width
	}
}

// right sets a line that ends at x.
func (c *canvas) right(x, y float64, text string, s style) {
	text = c.faces.clean(text)
	c.text(x-c.faces.width(text, s), y, text, s)
}

// fit sets a line from x in at most width, in a smaller size or at last cut with an ellipsis if it must.
func (c *canvas) fit(x, y, width float64, text string, s style) {
	text = c.faces.clean(text)
	least := s.size * 0.8
	for c.faces.width(text, s) > width && s.size > least {
		s.size -= 0.25
	}
	for runes := []rune(text); c.faces.width(text, s) > width && len(runes) > 1; {
		runes = runes[:len(runes)-1]
		text = string(runes) + "…"
	}
	c.text(x, y, text, s)
}

func (c *canvas) box(x, y, w, h float64, color rgb) {
	c.put(mark{x: x, y: y, w: w, h: h, style: style{color: color}})
}

// rule is a horizontal line of a thickness, its upper edge at y.
func (c *canvas) rule(x, y, w, thickness float64, color rgb) { c.box(x, y, w, thickness, color) }

// used are the characters a face has to hold.
func (c *canvas) used(face int) []rune {
	var out []rune
	for _, page := range c.pages {
		for _, m := range page {
			if m.text != "" && m.face == face {
				out = append(out, []rune(m.text)...)
			}
		}
	}
	return out
}
