package table

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"makegood/internal/errs"
)

// sampleBytes is how much of a file is looked at before it is read.
const sampleBytes = 64 << 10

// decoderFor tells the charset of a file from its beginning: a byte order mark, else the zeros that UTF-16 is full of,
// else UTF-8 where the bytes are that, else Windows-1252, which is what Excel writes in the west. A named charset wins
// over all but the mark.
func decoderFor(sample []byte, named string) (string, transform.Transformer, error) {
	switch {
	case bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")):
		return "utf-8", unicode.UTF8BOM.NewDecoder(), nil
	case bytes.HasPrefix(sample, []byte("\xff\xfe")):
		return "utf-16le", utf16(unicode.LittleEndian, unicode.ExpectBOM), nil
	case bytes.HasPrefix(sample, []byte("\xfe\xff")):
		return "utf-16be", utf16(unicode.BigEndian, unicode.ExpectBOM), nil
	}
	if named != "" {
		enc, err := htmlindex.Get(named)
		if err != nil {
			return "", nil, errs.Wrap(err, ErrCharset.Kind, ErrCharset.Key, "charset", named)
		}
		return strings.ToLower(named), enc.NewDecoder(), nil
	}
	if even, odd := zeros(sample); even+odd > len(sample)/8 {
		if odd > even {
			return "utf-16le", utf16(unicode.LittleEndian, unicode.IgnoreBOM), nil
		}
		return "utf-16be", utf16(unicode.BigEndian, unicode.IgnoreBOM), nil
	}
	if isUTF8(sample) {
		return "utf-8", mending{}, nil
	}
	return "windows-1252", charmap.Windows1252.NewDecoder(), nil
}

func utf16(order unicode.Endianness, bom unicode.BOMPolicy) *encoding.Decoder {
	return unicode.UTF16(order, bom).NewDecoder()
}

func zeros(sample []byte) (even, odd int) {
	for i, b := range sample {
		switch {
		case b != 0:
		case i%2 == 0:
			even++
		default:
			odd++
		}
	}
	return even, odd
}

// isUTF8 forgives a character cut off by the end of the sample.
func isUTF8(sample []byte) bool {
	for cut := 0; cut < utf8.UTFMax && cut <= len(sample); cut++ {
		if utf8.Valid(sample[:len(sample)-cut]) {
			return true
		}
		if len(sample) < sampleBytes {
			return false
		}
	}
	return false
}

// mending passes UTF-8 on and reads each byte that is none as Windows-1252, for files that looked like UTF-8 at first.
type mending struct{ transform.NopResetter }

// Transform is that of a transform.Transformer.
func (mending) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		r, size := utf8.DecodeRune(src[nSrc:])
		if r == utf8.RuneError && size == 1 {
			if !atEOF && !utf8.FullRune(src[nSrc:]) {
				return nDst, nSrc, transform.ErrShortSrc
			}
			r = charmap.Windows1252.DecodeByte(src[nSrc])
		}
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}

// clean takes what no text may contain out of a cell: control characters other than tab and line feed, and space around it.
func clean(s string) string {
	if strings.ContainsFunc(s, unwanted) || !utf8.ValidString(s) {
		s = strings.Map(func(r rune) rune {
			if unwanted(r) {
				return -1
			}
			return r
		}, strings.ToValidUTF8(s, "\uFFFD"))
	}
	return strings.TrimSpace(s)
}

func unwanted(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '\uFEFF' || r >= 0x80 && r < 0xa0
}
