package i18n

import (
	"bytes"
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What the desk's screens say is written where it is said, in English: T and F mark it, and the mark is a plain string, so
// that builders of screens need to know no language and may join, keep and pass on what they say like any other text. The
// language is known when the page is written: Page and Said put the sentences of that language in the place of the marks.
// A mark begins with a NUL, which no text from the database can hold, so nothing that a customer wrote is taken for one.
const (
	open       = "\x00("
	openLower  = "\x00["
	openUpper  = "\x00{"
	place      = "\x00|"
	filledWith = "\x00="
	meaning    = "\x00:"
	closed     = "\x00)"
)

// T marks English words as ours to be said in the reader's language.
func T(english string) string { return open + english + closed }

// In is T for English words that mean something else elsewhere: sense tells which meaning is meant here. English shows the
// words alone; the languages have a sentence of their own for "Claim [contract]".
func In(sense, english string) string { return open + english + meaning + sense + closed }

// F is T for a sentence with {places}; pairs are names and what stands there in turn, itself marked or not. A place keeps
// its name in each language, where it may stand elsewhere.
func F(english string, pairs ...any) string { return Mark(english, pairs...) }

// Mark is what F does, for what composes sentences that stand elsewhere.
func Mark(english string, pairs ...any) string {
	var b strings.Builder
	b.WriteString(open + english)
	for i := 0; i+1 < len(pairs); i += 2 {
		b.WriteString(place + fmt.Sprint(pairs[i]) + filledWith + fmt.Sprint(pairs[i+1]))
	}
	b.WriteString(closed)
	return b.String()
}

// N is F in the form that a number decides: one for 1, other for the rest, as in each language we speak that has forms.
func N(n int, one, other string, pairs ...any) string {
	if n == 1 {
		return Mark(one, pairs...)
	}
	return Mark(other, pairs...)
}

// Lower writes words in the middle of a sentence: small in English, left alone by languages that keep their capitals.
func Lower(marked string) string {
	if rest, ok := strings.CutPrefix(marked, open); ok {
		return openLower + rest
	}
	return strings.ToLower(marked)
}

// Upper begins words with a capital.
func Upper(marked string) string {
	if rest, ok := strings.CutPrefix(marked, open); ok {
		return openUpper + rest
	}
	return firstUpper(marked)
}

// Offered are the languages that the desk's screens can be read in: each says everything.
func Offered() []string { return []string{Fallback, "de", "zh-Hans", "ja", "pt"} }

// Page is a page of HTML in the reader's language.
func (c *Catalogue) Page(lang string, page []byte) []byte {
	if bytes.IndexByte(page, 0) < 0 {
		return page
	}
	s := speaker{screens: c.said(lang), lang: lang, html: true}
	return []byte(s.text(string(page)))
}

// Said is marked text in the reader's language, for what is no HTML.
func (c *Catalogue) Said(lang, text string) string {
	return speaker{screens: c.said(lang), lang: lang}.text(text)
}

func (c *Catalogue) said(lang string) map[string]string {
	if c == nil {
		return nil
	}
	return c.screens[lang]
}

// English is marked text in English, for files that other programs read.
func English(text string) string { return speaker{lang: Fallback}.text(text) }

type speaker struct {
	screens map[string]string // English to the reader's language
	lang    string
	html    bool // texts stand escaped
}

// text gives text with every mark said; half of a mark is left out.
func (s speaker) text(text string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(text, 0)
		if at < 0 || at+2 > len(text) {
			b.WriteString(strings.ReplaceAll(text, "\x00", ""))
			return b.String()
		}
		b.WriteString(text[:at])
		opens, rest := text[at:at+2], text[at+2:]
		end := -1
		if begins(opens) {
			end = endOf(rest)
		}
		if end < 0 {
			text = rest
			continue
		}
		b.WriteString(s.mark(opens, rest[:end]))
		text = rest[end+2:]
	}
}

func begins(sign string) bool { return sign == open || sign == openLower || sign == openUpper }

// endOf is where the mark that text begins in is closed, past those inside it.
func endOf(text string) int {
	depth := 0
	for i := 0; i+1 < len(text); i++ {
		switch sign := text[i : i+2]; {
		case sign[0] != 0:
		case begins(sign):
			depth++
		case sign == closed && depth == 0:
			return i
		case sign == closed:
			depth--
		}
	}
	return -1
}

// mark says what stands inside one mark.
func (s speaker) mark(opens, inside string) string {
	parts := split(inside)
	sentence := s.sentence(parts[0])
	switch {
	case opens == openUpper:
		sentence = firstUpper(sentence)
	case opens == openLower && s.lang == "pt":
		sentence = firstLower(sentence)
	case opens == openLower && len(s.screens) == 0:
		sentence = strings.ToLower(sentence)
	}
	if len(parts) == 1 {
		return sentence
	}
	fill := make([]string, 0, 2*len(parts))
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(part, filledWith)
		fill = append(fill, "{"+name+"}", s.text(value))
	}
	return strings.NewReplacer(fill...).Replace(sentence)
}

// split parts a mark at its places, not at those of marks inside it.
func split(inside string) []string {
	var parts []string
	depth, from := 0, 0
	for i := 0; i+1 < len(inside); i++ {
		switch sign := inside[i : i+2]; {
		case sign[0] != 0:
		case begins(sign):
			depth++
		case sign == closed:
			depth--
		case sign == place && depth == 0:
			parts = append(parts, inside[from:i])
			from = i + 2
		}
	}
	return append(parts, inside[from:])
}

// sentence is the English in the reader's language; itself where there is none.
func (s speaker) sentence(english string) string {
	english, sense, _ := strings.Cut(english, meaning)
	if len(s.screens) == 0 {
		return english
	}
	if sense != "" {
		return s.inSense(english, sense)
	}
	if !s.html {
		if said, ok := s.screens[english]; ok {
			return said
		}
		return english
	}
	if said, ok := s.screens[html.UnescapeString(english)]; ok {
		return html.EscapeString(said)
	}
	return english
}

// inSense is the English in the reader's language where it means what sense says.
func (s speaker) inSense(english, sense string) string {
	plain := english
	if s.html {
		plain = html.UnescapeString(english)
	}
	said, ok := s.screens[plain+" ["+sense+"]"]
	switch {
	case !ok:
		return english
	case s.html:
		return html.EscapeString(said)
	}
	return said
}

func firstUpper(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[n:]
}

func firstLower(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToLower(r)) + text[n:]
}
