package truetype

import (
	"encoding/binary"
	"slices"
)

// Flags of a part of a composite glyph (OpenType specification, table glyf).
const (
	argsAreWords  = 0x0001
	haveScale     = 0x0008
	moreParts     = 0x0020
	haveXYScale   = 0x0040
	haveTwoByTwo  = 0x0080
	haveHints     = 0x0100
	glyphHeader   = 10
	partHeader    = 4
	endOfSegments = 0xFFFF
)

// Subset makes a font file with only the glyphs of chars (and what they are composed of). Characters the
// font lacks are left out. Hinting programs are dropped: documents are scaled, not fitted to a pixel grid.
// The same characters, in any order, give the same bytes. Checksums are zero, as PDF writers set their own.
func (f *Face) Subset(chars []rune) []byte {
	chars = slices.Compact(slices.Sorted(slices.Values(chars)))
	s := subset{face: f, renumbered: map[int]int{0: 0}, order: []int{0}}
	var segments []byte
	mapped := chars[:0:0]
	for _, char := range chars {
		if glyph, ok := f.Glyph(char); ok {
			s.number(glyph)
			mapped = append(mapped, char)
		}
	}
	segments = s.characterMap(mapped)
	glyf, loca, hmtx := s.outlines()
	count := len(s.order)
	return assemble(map[string][]byte{
		"OS/2": f.tables["OS/2"],
		"cmap": segments,
		"glyf": glyf,
		"head": patched(f.tables["head"], 50, 1),
		"hhea": patched(f.tables["hhea"], 34, count),
		"hmtx": hmtx,
		"loca": loca,
		"maxp": patched(f.tables["maxp"], 4, count),
		"name": {0, 0, 0, 0, 0, 6},
		"post": patched(append([]byte(nil), f.tables["post"][:32]...), 0, 3),
	})
}

// subset numbers glyphs anew in the order they are met; glyph 0 stays the one for missing characters.
type subset struct {
	face       *Face
	renumbered map[int]int
	order      []int
}

func (s *subset) number(glyph int) int {
	if n, known := s.renumbered[glyph]; known {
		return n
	}
	n := len(s.order)
	s.renumbered[glyph] = n
	s.order = append(s.order, glyph)
	return n
}

// outlines writes the glyphs. The list grows while it is walked, as composites name their parts.
func (s *subset) outlines() (glyf, loca, hmtx []byte) {
	for i := 0; i < len(s.order); i++ {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, s.unhinted(s.face.outline(s.order[i]))...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		metric := s.face.metric(s.order[i])
		hmtx = append(hmtx, metric[:]...)
	}
	return glyf, binary.BigEndian.AppendUint32(loca, uint32(len(glyf))), hmtx
}

// unhinted copies a glyph without its hinting instructions, and with its parts renumbered.
func (s *subset) unhinted(outline []byte) []byte {
	if len(outline) < glyphHeader {
		return nil
	}
	contours := int(int16(u16(outline, 0)))
	if contours < 0 {
		return s.composite(outline)
	}
	at := glyphHeader + 2*contours
	if at+2 > len(outline) {
		return nil
	}
	hints := u16(outline, at)
	out := append([]byte(nil), outline[:at]...)
	out = append(out, 0, 0)
	return append(out, outline[min(at+2+hints, len(outline)):]...)
}

func (s *subset) composite(outline []byte) []byte {
	out := append([]byte(nil), outline...)
	for at := glyphHeader; at+partHeader <= len(out); {
		flags := u16(out, at)
		binary.BigEndian.PutUint16(out[at:], uint16(flags&^haveHints))
		binary.BigEndian.PutUint16(out[at+2:], uint16(s.number(u16(out, at+2))))
		at += partHeader + partSize(flags)
		if flags&moreParts == 0 {
			return out[:min(at, len(out))]
		}
	}
	return nil
}

// partSize is how many bytes of placement follow a part's header.
func partSize(flags int) int {
	size := 2
	if flags&argsAreWords != 0 {
		size = 4
	}
	switch {
	case flags&haveScale != 0:
		size += 2
	case flags&haveXYScale != 0:
		size += 4
	case flags&haveTwoByTwo != 0:
		size += 8
	}
	return size
}

// characterMap writes a format 4 map with one segment per character.
func (s *subset) characterMap(chars []rune) []byte {
	n := len(chars) + 1
	var ends, starts, deltas []byte
	for _, char := range chars {
		glyph, _ := s.face.Glyph(char)
		ends = binary.BigEndian.AppendUint16(ends, uint16(char))
		starts = binary.BigEndian.AppendUint16(starts, uint16(char))
		deltas = binary.BigEndian.AppendUint16(deltas, uint16(s.renumbered[glyph]-int(char)))
	}
	power, log := searchSteps(n)
	out := words(nil, 0, 1, 3, 1, 0, 12) // one table: platform 3, encoding 1, at offset 12
	out = words(out, 4, 16+8*n, 0, 2*n, 2*power, log, 2*(n-power))
	out = words(append(out, ends...), endOfSegments, 0)
	out = words(append(out, starts...), endOfSegments)
	out = words(append(out, deltas...), 1)
	return append(out, make([]byte, 2*n)...)
}

// assemble puts tables into a file, in the order of their names.
func assemble(tables map[string][]byte) []byte {
	names := make([]string, 0, len(tables))
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)
	n := len(names)
	power, log := searchSteps(n)
	out := words(nil, 1, 0, n, 16*power, log, 16*(n-power))
	at := 12 + 16*n
	for _, name := range names {
		out = append(out, name...)
		out = binary.BigEndian.AppendUint32(out, 0)
		out = binary.BigEndian.AppendUint32(out, uint32(at))
		out = binary.BigEndian.AppendUint32(out, uint32(len(tables[name])))
		at += (len(tables[name]) + 3) &^ 3
	}
	for _, name := range names {
		out = append(out, tables[name]...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out
}

// searchSteps is the largest power of two not above n, and its exponent: hints for readers that bisect.
func searchSteps(n int) (power, log int) {
	for power = 1; power*2 <= n; power *= 2 {
		log++
	}
	return power, log
}

func words(out []byte, values ...int) []byte {
	for _, v := range values {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	return out
}

// patched is a copy of table with one word replaced.
func patched(table []byte, at, value int) []byte {
	out := append([]byte(nil), table...)
	binary.BigEndian.PutUint16(out[at:], uint16(value))
	return out
}
