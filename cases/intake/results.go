package intake

import (
	"strings"
	"unicode"
)

// results is an Authentication-Results field taken apart (RFC 8601): the words of each part between semicolons, the receiver's name in the first.
type results struct {
	parts [][]string
	// broken: a comment or a quoted string in it has no end, so nobody can say what the receiver wrote and what the sender.
	broken bool
}

// readResults takes a field apart. What a sender may put into one, his own address above all, stands in quotes: there it makes no part, no
// word and no result, whatever it says. A comment counts as a blank.
func readResults(field string) results {
	s := scanner{field: results{parts: [][]string{nil}}}
	for _, r := range field {
		s.read(r)
	}
	s.endWord()
	s.field.broken = s.quoted || s.depth > 0
	return s.field
}

// scanner reads a field rune by rune.
type scanner struct {
	field   results
	word    strings.Builder
	depth   int // of comments
	quoted  bool
	escaped bool
}

func (s *scanner) read(r rune) {
	switch {
	case s.escaped:
		s.escaped = false
		s.keep(r)
	case r == '\\' && (s.quoted || s.depth > 0):
		s.escaped = true
	case r == '"' && s.depth == 0:
		s.quoted = !s.quoted
	case s.quoted:
		s.keep(r)
	case r == '(':
		s.endWord()
		s.depth++
	case r == ')' && s.depth > 0:
		s.depth--
	case s.depth > 0:
	case r == ';':
		s.endWord()
		s.field.parts = append(s.field.parts, nil)
	case unicode.IsSpace(r):
		s.endWord()
	default:
		s.word.WriteRune(r)
	}
}

// keep adds a rune of a quoted string to the word, as itself only where it can be part of a host's name.
func (s *scanner) keep(r rune) {
	if s.depth > 0 {
		return
	}
	if r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		r = '_'
	}
	s.word.WriteRune(r)
}

func (s *scanner) endWord() {
	if s.word.Len() == 0 {
		return
	}
	last := &s.field.parts[len(s.field.parts)-1]
	*last = append(*last, s.word.String())
	s.word.Reset()
}

// receiver is who wrote the field, "" when it does not say.
func (r results) receiver() string {
	if len(r.parts[0]) == 0 {
		return ""
	}
	return r.parts[0][0]
}

// finding is a method's result with the domains it is about, as a field says it once.
type finding struct {
	result string
	about  []string // header.from, without a mailbox before it
}

// of lists what the field says of a method, in its order.
func (r results) of(method string) []finding {
	var list []finding
	for _, words := range r.parts[1:] {
		pairs := paired(words)
		if len(pairs) == 0 || pairs[0][1] == "" {
			continue
		}
		if name, _, _ := strings.Cut(pairs[0][0], "/"); name != method { // "dmarc/1=pass" names the method's version
			continue
		}
		f := finding{result: pairs[0][1]}
		for _, p := range pairs[1:] {
			if p[0] == "header.from" {
				f.about = append(f.about, p[1][strings.LastIndexByte(p[1], '@')+1:])
			}
		}
		list = append(list, f)
	}
	return list
}

// paired joins the words of a part to names and values in lower case, wherever the blanks stand: "dmarc=fail", "dmarc = fail".
func paired(words []string) (pairs [][2]string) {
	for n := 0; n < len(words); n++ {
		name, value, ok := strings.Cut(strings.ToLower(words[n]), "=")
		if !ok && n+1 < len(words) && strings.HasPrefix(words[n+1], "=") {
			n++
			value, ok = strings.ToLower(words[n][1:]), true
		}
		if ok && value == "" && n+1 < len(words) && !strings.Contains(words[n+1], "=") { // else it is empty, as an empty return path is
			n++
			value = strings.ToLower(words[n])
		}
		pairs = append(pairs, [2]string{name, value})
	}
	return pairs
}
