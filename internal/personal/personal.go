// Package personal is whose data is erased: the addresses and names that each owner of tables takes out of its own.
package personal

import (
	"bytes"
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
	Typed     bool // somebody typed the names, so that their parts are meant too; else they go as a whole only
}

// shortest is how long a part of a name is at least that is taken out of texts by itself: shorter ones are too often something else.
const shortest = 4

// Sure is a pattern of PostgreSQL, of whatever case, for what can only be this person: an address, a whole name.
func (p Person) Sure() string {
	var list []string
	for _, address := range p.Addresses {
		list = append(list, `(?<![[:alnum:]._%+-])`+regexp.QuoteMeta(address)+`(?![[:alnum:]_-]|\.[[:alnum:]])`)
	}
	for _, name := range p.Names {
		if name = strings.TrimSpace(name); utf8.RuneCountInString(name) > 1 {
			list = append(list, bounded(name))
		}
	}
	return strings.Join(list, "|")
}

// In tells whether one of the addresses stands in the bytes of a mail, in whatever case and not as a part of another address: what Sure finds in texts.
func (p Person) In(raw []byte) bool {
	low := bytes.ToLower(raw)
	return slices.ContainsFunc(p.Addresses, func(address string) bool {
		for from := 0; address != ""; {
			at := bytes.Index(low[from:], []byte(address))
			if at < 0 {
				break
			}
			at += from
			if from = at + 1; begins(low[:at]) && ends(low[at+len(address):]) {
				return true
			}
		}
		return false
	})
}

// begins tells whether an address may begin after this.
func begins(before []byte) bool {
	r, _ := utf8.DecodeLastRune(before)
	return len(before) == 0 || !alnum(r) && !strings.ContainsRune("._%+-", r)
}

// ends tells whether an address may end before this: a point ends a sentence, too.
func ends(after []byte) bool {
	r, size := utf8.DecodeRune(after)
	if r == '.' {
		next, _ := utf8.DecodeRune(after[size:])
		return !alnum(next)
	}
	return !alnum(r) && r != '_' && r != '-'
}

func alnum(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// Likely is a pattern for the parts of names that somebody typed, as they are written: parts of others are too often ordinary words.
func (p Person) Likely() string {
	var list []string
	if !p.Typed {
		return ""
	}
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
