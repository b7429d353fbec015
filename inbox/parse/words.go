package parse

import (
	"encoding/base64"
	"regexp"
	"strings"
)

// encodedWord is RFC 2047 as it is found in the wild: blanks inside Q text, missing padding, a language tag.
var encodedWord = regexp.MustCompile(`=\?([^?\s]{1,60})\?([BbQq])\?([^?]*(?:\?[^?=][^?]*)*)\?=`)

// words decodes the text of headers; hint is the charset of the body, used for raw 8-bit headers.
type words struct {
	hint    string
	defects defects
}

// decode turns a header value into text: encoded words wherever they stand, raw bytes by detection.
func (w words) decode(value string) string {
	value = unfold(value)
	found := encodedWord.FindAllStringSubmatchIndex(value, -1)
	if found == nil {
		return w.raw(value)
	}
	var out strings.Builder
	var pending []byte
	charset, at := "", 0
	flush := func() {
		if pending != nil {
			text, defect := decodeText(pending, charset)
			w.defects.add(defect)
			out.WriteString(text)
			pending = nil
		}
	}
	for _, m := range found {
		between, label := value[at:m[0]], wordCharset(value[m[2]:m[3]])
		joined := at > 0 && strings.TrimSpace(between) == ""
		if !joined || !strings.EqualFold(label, charset) {
			flush()
		}
		if !joined {
			out.WriteString(w.raw(between))
		}
		charset = label
		pending = append(pending, wordBytes(value[m[4]:m[5]], value[m[6]:m[7]])...)
		if pending == nil {
			pending = []byte{}
		}
		at = m[1]
	}
	flush()
	out.WriteString(w.raw(value[at:]))
	return clean(out.String())
}

func (w words) raw(s string) string {
	if isPlain(s) {
		return s
	}
	text, defect := decodeText([]byte(s), w.hint)
	w.defects.add("raw_8bit_header")
	w.defects.add(defect)
	return clean(text)
}

func wordCharset(label string) string {
	label, _, _ = strings.Cut(label, "*")
	return label
}

func wordBytes(encoding, text string) []byte {
	if encoding == "B" || encoding == "b" {
		return lenientBase64([]byte(text))
	}
	var out []byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '_':
			out = append(out, ' ')
		case c == '=' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]):
			out = append(out, unhex(text[i+1])<<4|unhex(text[i+2]))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out
}

// lenientBase64 decodes what can be decoded: foreign characters are skipped, padding in the middle ends a group.
func lenientBase64(src []byte) []byte {
	var out, group []byte
	flush := func() {
		if n := len(group) - len(group)%4; n != len(group) && len(group)%4 == 1 {
			group = group[:n]
		}
		buf := make([]byte, base64.RawStdEncoding.DecodedLen(len(group)))
		n, _ := base64.RawStdEncoding.Decode(buf, group)
		out = append(out, buf[:n]...)
		group = group[:0]
	}
	for _, c := range src {
		switch {
		case c == '=':
			flush()
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			group = append(group, c)
		}
	}
	flush()
	return out
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}

// isPlain says whether s is printable ASCII without escape sequences: nothing to decode.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] == 0x1b || s[i] == 0 {
			return false
		}
	}
	return true
}
