package document

import "strconv"

type rgb struct{ r, g, b uint8 }

// Ink and greys of the printed page; the last three are for small print, rules and shades.
func ink() rgb       { return rgb{28, 32, 38} }
func quiet() rgb     { return rgb{98, 106, 117} }
func hairline() rgb  { return rgb{212, 216, 222} }
func houseBlue() rgb { return rgb{36, 72, 118} }

// brandOf reads #RRGGBB; anything else is the house blue.
func brandOf(text string) rgb {
	if len(text) != 7 || text[0] != '#' {
		return houseBlue()
	}
	n, err := strconv.ParseUint(text[1:], 16, 24)
	if err != nil {
		return houseBlue()
	}
	return rgb{uint8(n >> 16), uint8(n >> 8), uint8(n)}
}

// readable is the colour where it is dark enough for text on white, ink where it is not.
func (c rgb) readable() rgb {
	if 299*int(c.r)+587*int(c.g)+114*int(c.b) > 150_000 {
		return ink()
	}
	return c
}

// tint is the colour thinned with white to the given per cent.
func (c rgb) tint(percent int) rgb {
	thin := func(v uint8) uint8 { return uint8(255 - (255-int(v))*percent/100) }
	return rgb{thin(c.r), thin(c.g), thin(c.b)}
}
