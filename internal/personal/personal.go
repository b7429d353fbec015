// Package personal is whose data is erased: the addresses and names that each owner of tables takes out of its own.
package personal

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Gone stands where something personal stood.
const Gone = "[erased]"

// Person is somebody outside, as they are known: by addresses in lower case, and by names. Erasure is the number of what two people agreed on.
type Person struct {
	Erasure   int64
	Addresses []string
	Names     []string
}

// shortest is how long a part of a name is at least that is taken out of texts by itself: shorter ones are too often something else.
const shortest = 4

// Sure is a pattern of PostgreSQL, of whatever case, for what can only be this person: an address, a whole name.
func (p Person) Sure() string {
	var list []string
	for _, word := range slices.Concat(p.Addresses, p.Names) {
		if word = strings.TrimSpace(word); utf8.RuneCountInString(word) > 1 {
			list = append(list, bounded(word))
		}
	}
	return strings.Join(list, "|")
}

// Likely is a pattern for the parts of their names, as they are written.
func (p Person) Likely() string {
	var list []string
	for _, name := range p.Names {
		for _, word := range strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == '.' }) {
			if utf8.RuneCountInString(word) >= shortest {
				list = append(list, bounded(word))
			}
		}
	}
	return strings.Join(list, "|")
}

// bounded is a word for itself, where its ends are letters that PostgreSQL knows the edges of.
func bounded(word string) string {
	quoted := regexp.QuoteMeta(word)
	if first := word[0]; first < utf8.RuneSelf && (unicode.IsLetter(rune(first)) || unicode.IsDigit(rune(first))) {
		quoted = `\m` + quoted
	}
	if last := word[len(word)-1]; last < utf8.RuneSelf && (unicode.IsLetter(rune(last)) || unicode.IsDigit(rune(last))) {
		quoted += `\M`
	}
	return quoted
}

// Counts is what was erased, by kind.
type Counts map[string]int

// Add counts n more of a kind.
func (c Counts) Add(kind string, n int64) {
	if n > 0 {
		c[kind] += int(n)
	}
}
