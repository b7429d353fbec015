// Package truetype reads what embedding a TrueType font in a document needs: which glyph a character has,
// how wide it is, and a small font file with only the glyphs used. A Face is read once and never changes,
// so any number of documents can be set with it at the same time.
package truetype

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// ErrFormat is returned for a file that is no TrueType font with quadratic outlines and a Unicode character map.
var ErrFormat = errors.New("truetype: unusable font")

// Face is one TrueType font.
type Face struct {
	tables   map[string][]byte
	segments []segment
	metrics  int // glyphs with an advance of their own; later ones share the last
	glyphs   int
	em       int
	longLoca bool
}

// segment is a range of characters of the character map (format 4).
type segment struct {
	first, last uint16
	delta       uint16
	indices     []byte // glyph numbers, where the range has a list; nil where glyph = character + delta
}

// Parse reads a font. It keeps data, which must not be changed afterwards.
func Parse(data []byte) (*Face, error) {
	tables, err := directory(data)
	if err != nil {
		return nil, err
	}
	for name, size := range map[string]int{
		"head": 54, "hhea": 36, "maxp": 6, "hmtx": 4, "loca": 4, "glyf": 1, "cmap": 4, "OS/2": 78, "post": 32,
	} {
		if len(tables[name]) < size {
			return nil, fmt.Errorf("%w: table %s missing or short", ErrFormat, name)
		}
	}
	f := &Face{
		tables:   tables,
		metrics:  u16(tables["hhea"], 34),
		glyphs:   u16(tables["maxp"], 4),
		em:       u16(tables["head"], 18),
		longLoca: u16(tables["head"], 50) == 1,
	}
	if f.metrics == 0 || f.metrics > f.glyphs || f.metrics*4+(f.glyphs-f.metrics)*2 > len(tables["hmtx"]) || f.em == 0 {
		return nil, fmt.Errorf("%w: metrics", ErrFormat)
	}
	if f.segments, err = characterMap(tables["cmap"]); err != nil {
		return nil, err
	}
	return f, nil
}

func directory(data []byte) (map[string][]byte, error) {
	if len(data) < 12 || binary.BigEndian.Uint32(data) != 0x00010000 {
		return nil, fmt.Errorf("%w: no TrueType header", ErrFormat)
	}
	count := u16(data, 4)
	if len(data) < 12+16*count {
		return nil, fmt.Errorf("%w: table directory", ErrFormat)
	}
	tables := make(map[string][]byte, count)
	for i := range count {
		entry := data[12+16*i:]
		from, size := int(binary.BigEndian.Uint32(entry[8:])), int(binary.BigEndian.Uint32(entry[12:]))
		if from+size > len(data) {
			return nil, fmt.Errorf("%w: table beyond the end", ErrFormat)
		}
		tables[string(entry[:4])] = data[from : from+size : from+size]
	}
	return tables, nil
}

// characterMap finds the format 4 map for Unicode and reads its segments.
func characterMap(cmap []byte) ([]segment, error) {
	for i := range u16(cmap, 2) {
		if len(cmap) < 12+8*i {
			break
		}
		entry := cmap[4+8*i:]
		at := int(binary.BigEndian.Uint32(entry[4:]))
		unicode := u16(entry, 0) == 0 || (u16(entry, 0) == 3 && u16(entry, 2) == 1)
		if unicode && at+16 <= len(cmap) && u16(cmap, at) == 4 {
			return segmentsOf(cmap[at:])
		}
	}
	return nil, fmt.Errorf("%w: no Unicode character map", ErrFormat)
}

func segmentsOf(table []byte) ([]segment, error) {
	n := u16(table, 6) / 2
	ends, starts, deltas, offsets := 14, 16+2*n, 16+4*n, 16+6*n
	if len(table) < 16+8*n {
		return nil, fmt.Errorf("%w: character map", ErrFormat)
	}
	segments := make([]segment, n)
	for i := range n {
		s := segment{
			first: uint16(u16(table, starts+2*i)),
			last:  uint16(u16(table, ends+2*i)),
			delta: uint16(u16(table, deltas+2*i)),
		}
		if offset := u16(table, offsets+2*i); offset != 0 {
			s.indices = table[min(offsets+2*i+offset, len(table)):]
		}
		segments[i] = s
	}
	return segments, nil
}

// Glyph is the glyph of a character; false when the font has none. Only the basic plane is looked up.
func (f *Face) Glyph(char rune) (int, bool) {
	if char < 0 || char >= 0xFFFF {
		return 0, false
	}
	c := uint16(char)
	i, _ := slices.BinarySearchFunc(f.segments, c, func(s segment, c uint16) int { return int(s.last) - int(c) })
	if i == len(f.segments) || f.segments[i].first > c {
		return 0, false
	}
	s := f.segments[i]
	glyph := c + s.delta
	if s.indices != nil {
		at := 2 * int(c-s.first)
		if at+2 > len(s.indices) || u16(s.indices, at) == 0 {
			return 0, false
		}
		glyph = uint16(u16(s.indices, at)) + s.delta
	}
	return int(glyph), glyph != 0 && int(glyph) < f.glyphs
}

// Advance is the width of a glyph in thousandths of the type size.
func (f *Face) Advance(glyph int) int {
	return u16(f.tables["hmtx"], 4*min(glyph, f.metrics-1)) * 1000 / f.em
}

// outline is a glyph's data; empty for a blank one or one the file does not hold.
func (f *Face) outline(glyph int) []byte {
	from, to := f.location(glyph), f.location(glyph+1)
	if from >= to || to > len(f.tables["glyf"]) {
		return nil
	}
	return f.tables["glyf"][from:to]
}

func (f *Face) location(glyph int) int {
	loca := f.tables["loca"]
	if f.longLoca {
		if 4*glyph+4 > len(loca) {
			return 0
		}
		return int(binary.BigEndian.Uint32(loca[4*glyph:]))
	}
	if 2*glyph+2 > len(loca) {
		return 0
	}
	return 2 * u16(loca, 2*glyph)
}

// metric is the advance and left side bearing of a glyph, four bytes as they stand in the file.
func (f *Face) metric(glyph int) [4]byte {
	hmtx := f.tables["hmtx"]
	if glyph < f.metrics {
		return [4]byte(hmtx[4*glyph : 4*glyph+4])
	}
	bearing := 4*f.metrics + 2*(glyph-f.metrics)
	return [4]byte{hmtx[4*f.metrics-4], hmtx[4*f.metrics-3], hmtx[bearing], hmtx[bearing+1]}
}

func u16(data []byte, at int) int { return int(binary.BigEndian.Uint16(data[at:])) }
