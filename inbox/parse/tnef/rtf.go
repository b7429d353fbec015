package tnef

import "encoding/binary"

// dictionary is what every compressed text may refer to from its start ([MS-OXRTFCP] 2.1.2.1).
const dictionary = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript " +
	"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par " +
	"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

const (
	compressed   = 0x75465a4c
	uncompressed = 0x414c454d

	window = 4096
	maxRTF = 8 << 20
)

// decompress undoes the compression of RTF; nil when the bytes are something else.
func decompress(b []byte) []byte {
	if len(b) < 16 {
		return nil
	}
	switch binary.LittleEndian.Uint32(b[8:]) {
	case uncompressed:
		return b[16:]
	case compressed:
		return expand(b[16:])
	}
	return nil
}

func expand(b []byte) []byte {
	var ring [window]byte
	at := copy(ring[:], dictionary)
	var out []byte
	put := func(c byte) {
		out = append(out, c)
		ring[at] = c
		at = (at + 1) % window
	}
	for len(b) > 0 && len(out) < maxRTF {
		control := b[0]
		b = b[1:]
		for bit := 0; bit < 8 && len(b) > 0; bit++ {
			if control>>bit&1 == 0 {
				put(b[0])
				b = b[1:]
				continue
			}
			if len(b) < 2 {
				return out
			}
			reference := binary.BigEndian.Uint16(b)
			b = b[2:]
			from, length := int(reference>>4), int(reference&0xf)+2
			if from == at {
				return out // a reference to itself is the end
			}
			for range length {
				put(ring[from%window])
				from++
			}
		}
	}
	return out
}
