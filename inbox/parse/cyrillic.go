package parse

import (
	"strings"
	"unicode/utf8"
)

// cyrillic recognises the Cyrillic charsets by their letters: in a text that is nothing but high bytes, most are the
// commonest letters of Russian in one charset and rare ones, or none, in the others. It gives "" when not sure.
func cyrillic(b []byte) string {
	high, run, longest := 0, 0, 0
	for _, c := range b {
		switch {
		case c < 0x80:
			run = 0
			continue
		case c < 0xa0: // no letter in these charsets
			return ""
		}
		high++
		run++
		longest = max(longest, run)
	}
	if high < 4 || longest < 3 || longest > 24 {
		return "" // East Asian text has no blanks
	}
	best, most := "", 0
	for _, name := range []string{"windows-1251", "koi8-r", "iso-8859-5"} {
		if n := commonLetters(b, name); n > most {
			best, most = name, n
		}
	}
	if most*100 < high*65 {
		return ""
	}
	return best
}

// commonLetters counts the letters that make up two thirds of any Russian text, and takes off what is none.
func commonLetters(b []byte, charset string) int {
	text, err := findEncoding(charset).NewDecoder().Bytes(b)
	if err != nil {
		return 0
	}
	n := 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		if strings.ContainsRune("оеаинтсрвлкОЕАИНТСРВЛК", r) {
			n++
		}
	}
	return n
}
