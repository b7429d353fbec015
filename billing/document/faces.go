package document

import (
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"makegood/billing/document/truetype"
)

//go:embed fonts/*.ttf.gz
var fontFiles embed.FS

// The faces of a document. One face covers Latin, Greek and Cyrillic in two weights; the other covers
// Chinese, Japanese and Korean in one, which is thickened where bold is asked for.
const (
	faceRegular = iota
	faceBold
	faceWide
	faceCount
)

// mmPerPoint turns a type size into the millimetres everything is placed in.
const mmPerPoint = 25.4 / 72

// geta is what Japanese printers set for a character they have no type for.
const geta = '〓'

// faces are the parsed fonts; nothing changes them.
type faces [faceCount]*truetype.Face

// loadFaces unpacks the fonts at the first document: five megabytes that a program which makes none never holds.
var loadFaces = sync.OnceValues(func() (*faces, error) {
	var out faces
	for i, name := range [faceCount]string{"NotoSans-Regular", "NotoSans-Bold", "DroidSansFallbackFull"} {
		data, err := unpack("fonts/" + name + ".ttf.gz")
		if err != nil {
			return nil, fmt.Errorf("font %s: %w", name, err)
		}
		if out[i], err = truetype.Parse(data); err != nil {
			return nil, fmt.Errorf("font %s: %w", name, err)
		}
	}
	return &out, nil
})

func unpack(name string) ([]byte, error) {
	packed, err := fontFiles.Open(name)
	if err != nil {
		return nil, err
	}
	defer packed.Close() //nolint:errcheck // embedded
	plain, err := gzip.NewReader(packed)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(plain)
}

// style is how a text is set. Size is in points.
type style struct {
	size  float64
	bold  bool
	color rgb
}

// run is a stretch of text in one face, with its width in millimetres.
type run struct {
	face  int
	text  string
	width float64
}

// runs cuts clean text where the face has to change.
func (f *faces) runs(text string, s style) []run {
	var out []run
	start, current, width := 0, -1, 0.0
	for i, char := range text {
		face, advance := f.measure(char, s)
		if face != current && current >= 0 {
			out = append(out, run{current, text[start:i], width})
			start, width = i, 0
		}
		current = face
		width += advance
	}
	if current >= 0 {
		out = append(out, run{current, text[start:], width})
	}
	return out
}

// measure picks the face of a character and gives its width in millimetres.
func (f *faces) measure(char rune, s style) (face int, width float64) {
	face = f.faceOf(char, s.bold)
	glyph, _ := f[face].Glyph(char)
	return face, float64(f[face].Advance(glyph)) / 1000 * s.size * mmPerPoint
}

func (f *faces) faceOf(char rune, bold bool) int {
	face := faceRegular
	if bold {
		face = faceBold
	}
	if _, known := f[face].Glyph(char); known {
		return face
	}
	return faceWide
}

func (f *faces) width(text string, s style) float64 {
	total := 0.0
	for _, char := range text {
		_, w := f.measure(char, s)
		total += w
	}
	return total
}

// clean makes one line of printable text: composed form, no control or invisible characters, and the geta
// mark for what no face can show.
func (f *faces) clean(text string) string {
	return strings.TrimSpace(strings.Map(func(char rune) rune {
		switch {
		case unicode.IsSpace(char) && char != '\u00a0' && char != '\u3000', unicode.IsControl(char):
			return ' '
		case unicode.In(char, unicode.Cf, unicode.Variation_Selector):
			return -1
		case char == '\u2212':
			return '–' // see minus
		}
		if _, known := f[f.faceOf(char, false)].Glyph(char); !known {
			return geta
		}
		return char
	}, norm.NFC.String(strings.ToValidUTF8(text, string(geta)))))
}
