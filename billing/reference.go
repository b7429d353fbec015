package billing

import (
	"strings"
	"unicode"
)

// ReferenceKey is a document number as people garble it, brought to one form for matching: capitals; spaces, dashes,
// dots, slashes and all other marks gone; O read as 0 and I or L as 1 inside a number; no leading zeros in any
// number, the one after a year included. "DE-2026-00042", "de 2026/42" and "DE2O2600042" share the key DE202642.
// Two different numbers may share a key: it finds candidates, it does not prove.
func ReferenceKey(number string) string {
	words := strings.FieldsFunc(strings.ToUpper(number), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	var key strings.Builder
	for i, word := range words {
		keyOfWord(&key, readDigits(word, i == 0))
	}
	return key.String()
}

// readDigits turns O, I and L into digits where they stand in a number: in a word of nothing else but digits and
// these letters, or between two digits. The letters a whole number begins with are its series ("IL-2026-1") and stay.
func readDigits(word string, first bool) string {
	digit := strings.IndexFunc(word, isDigit)
	if digit < 0 {
		return word
	}
	number := !strings.ContainsFunc(word, func(r rune) bool { return !isDigit(r) && !alike(r) })
	letters := []rune(word)
	for i, r := range letters {
		inNumber := number && (!first || i > digit)
		if alike(r) && (inNumber || (i > 0 && isDigit(letters[i-1]) && digitFollows(letters[i:]))) {
			letters[i] = asDigit(r)
		}
	}
	return string(letters)
}

// digitFollows tells whether the look-alikes at the start of rest end at a digit.
func digitFollows(rest []rune) bool {
	for _, r := range rest {
		if isDigit(r) {
			return true
		}
		if !alike(r) {
			return false
		}
	}
	return false
}

// keyOfWord writes a word with the leading zeros of each of its numbers left out.
func keyOfWord(key *strings.Builder, word string) {
	for word != "" {
		end := strings.IndexFunc(word, isDigit)
		if end < 0 {
			end = len(word)
		}
		key.WriteString(word[:end])
		word = word[end:]
		end = strings.IndexFunc(word, func(r rune) bool { return !isDigit(r) })
		if end < 0 {
			end = len(word)
		}
		keyOfNumber(key, word[:end])
		word = word[end:]
	}
}

// keyOfNumber splits off a year written together with the number that follows it.
func keyOfNumber(key *strings.Builder, digits string) {
	if digits == "" {
		return
	}
	if len(digits) > 4 && (strings.HasPrefix(digits, "19") || strings.HasPrefix(digits, "20")) {
		key.WriteString(digits[:4])
		digits = digits[4:]
	}
	if stripped := strings.TrimLeft(digits, "0"); stripped != "" {
		key.WriteString(stripped)
		return
	}
	key.WriteByte('0')
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func alike(r rune) bool { return r == 'O' || r == 'I' || r == 'L' }

func asDigit(r rune) rune {
	if r == 'O' {
		return '0'
	}
	return '1'
}
