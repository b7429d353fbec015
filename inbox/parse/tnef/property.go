package tnef

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
)

// property is one MAPI property ([MS-OXPROPS]); of several values the first.
type property struct {
	id    uint16
	kind  uint16
	value []byte
}

const (
	propBody      = 0x1000
	propRTF       = 0x1009
	propHTML      = 0x1013
	propData      = 0x3701
	propLongName  = 0x3707
	propMediaType = 0x370e
	propContentID = 0x3712

	kindString = 0x1e
	kindWide   = 0x1f
	kindObject = 0x0d
	kindBinary = 0x102
	manyValues = 0x1000
	named      = 0x8000

	maxProperties = 2000
)

// properties reads a list; it ends where the bytes no longer make sense.
func properties(b []byte) []property {
	r := reader{b: b}
	count := min(int(r.u32()), maxProperties)
	var list []property
	for range count {
		p := property{kind: r.u16(), id: r.u16()}
		if p.id >= named {
			r.skipName()
		}
		p.value = r.values(p.kind)
		if r.failed {
			break
		}
		list = append(list, p)
	}
	return list
}

// text gives a string in the code page, or as UTF-8 if it was stored wide.
func (p property) text() (value []byte, utf8 bool) {
	if p.kind&^manyValues != kindWide {
		return trimZero(p.value), false
	}
	units := make([]uint16, len(p.value)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(p.value[2*i:])
	}
	return trimZero([]byte(string(utf16.Decode(units)))), true
}

func (p property) string() string {
	value, _ := p.text()
	return string(value)
}

// trimZero cuts at the first zero byte, where C strings end.
func trimZero(b []byte) []byte {
	b, _, _ = bytes.Cut(b, []byte{0})
	return b
}

// reader takes numbers and stretches off bytes and remembers when there were too few.
type reader struct {
	b      []byte
	failed bool
}

func (r *reader) take(n uint32) []byte {
	if r.failed || uint64(n) > uint64(len(r.b)) {
		r.failed = true
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) u16() uint16 {
	if b := r.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (r *reader) u32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// padded takes n bytes and what fills them up to a multiple of four.
func (r *reader) padded(n uint32) []byte {
	out := r.take(n)
	r.take(min((4-n%4)%4, uint32(len(r.b))))
	return out
}

func (r *reader) skipName() {
	r.take(16)
	if r.u32() == 0 {
		r.take(4)
		return
	}
	r.padded(r.u32())
}

func (r *reader) values(kind uint16) []byte {
	size, fixed := fixedSize(kind &^ manyValues)
	count := uint32(1)
	if !fixed || kind&manyValues != 0 {
		count = r.u32()
	}
	var first []byte
	for i := uint32(0); i < count && !r.failed; i++ {
		n := size
		if !fixed {
			n = r.u32()
		}
		if v := r.padded(n); i == 0 {
			first = v
		}
	}
	if kind == kindObject && len(first) >= 16 {
		return first[16:] // the interface's name comes first
	}
	return first
}

func fixedSize(kind uint16) (size uint32, fixed bool) {
	switch kind {
	case kindString, kindWide, kindObject, kindBinary:
		return 0, false
	case 0x02:
		return 2, true
	case 0x05, 0x06, 0x07, 0x14, 0x40:
		return 8, true
	case 0x48:
		return 16, true
	}
	return 4, true
}
