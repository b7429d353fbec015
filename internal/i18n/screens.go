package i18n

import (
	"crypto/rand"
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What the desk's screens say is written where it is said, in English: T and F mark it, and the mark is a plain string, so
// that builders of screens need to know no language and may join, keep and pass on what they say like any other text. The
// language is known when the page is written: Page and Said put the sentences of that language in the place of the marks.
//
// A mark is written with signs. Each begins with a NUL, which the database keeps in no text and web refuses in what a browser
// sends, and goes on with what this process drew by lot, so that nobody can write one even where a NUL gets through. Signs are
// control characters from end to end: escaping, capitals and trimming leave them alone, and no page shows one.
const (
	opens byte = iota + 1
	opensLower
	opensUpper
	placed
	filled
	means
	closes
)

var lead = "\x00" + drawn() //nolint:gochecknoglobals // drawn once, never changed

// drawn is different in each process: 80 bits in control characters that are no white space.
func drawn() string {
	const signs = "\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10\x11\x12\x13\x14\x15"
	lot := make([]byte, 20)
	_, _ = rand.Read(lot) // never fails
	for i, b := range lot {
		lot[i] = signs[int(b)%len(signs)]
	}
	return string(lot)
}

// T marks English words as ours to be said in the reader's language.
func T(english string) string { return lead + string(opens) + english + lead + string(closes) }

// In is T for English words that mean something else elsewhere: sense tells which meaning is meant here. English shows the
// words alone; the languages have a sentence of their own for "Claim [contract]".
func In(sense, english string) string {
	return lead + string(opens) + sense + lead + string(means) + english + lead + string(closes)
}

// F is T for a sentence with {places}; pairs are names and what stands there in turn, itself marked or not. A place keeps
// its name in each language, where it may stand elsewhere.
func F(english string, pairs ...any) string { return Mark(english, pairs...) }

// Mark is what F does, for what composes sentences that stand elsewhere.
func Mark(english string, pairs ...any) string {
	var b strings.Builder
	b.WriteString(lead + string(opens) + english)
	for i := 0; i+1 < len(pairs); i += 2 {
		b.WriteString(lead + string(placed) + fmt.Sprint(pairs[i]) + lead + string(filled) + fmt.Sprint(pairs[i+1]))
	}
	b.WriteString(lead + string(closes))
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
	if rest, ok := strings.CutPrefix(marked, lead+string(opens)); ok {
		return lead + string(opensLower) + rest
	}
	return strings.ToLower(marked)
}

// Upper begins words with a capital.
func Upper(marked string) string {
	if rest, ok := strings.CutPrefix(marked, lead+string(opens)); ok {
		return lead + string(opensUpper) + rest
	}
	return firstUpper(marked)
}

// Offered are the languages that the desk's screens can be read in: each says everything.
func Offered() []string { return []string{Fallback, "de", "zh-Hans", "ja", "pt"} }

// Page is a page of HTML in the reader's language.
func (c *Catalogue) Page(lang string, page []byte) []byte {
	return speaker{screens: c.said(lang), lang: lang, html: true}.text(string(page))
}

// Said is marked text in the reader's language, for what is no HTML.
func (c *Catalogue) Said(lang, text string) string {
	return string(speaker{screens: c.said(lang), lang: lang}.text(text))
}

func (c *Catalogue) said(lang string) map[string]string {
	if c == nil {
		return nil
	}
	return c.screens[lang]
}

// English is marked text in English, for files that other programs read.
func English(text string) string { return string(speaker{lang: Fallback}.text(text)) }

type speaker struct {
	screens map[string]string // English to the reader's language
	lang    string
	html    bool // texts stand escaped
}

// mark is one that has begun and is not closed yet.
type mark struct {
	opens byte
	from  int   // where what stands in it begins
	cuts  []cut // the signs in it
}

// cut is where a sign stood between the parts of a mark.
type cut struct {
	sign byte
	at   int
}

// text gives text with every mark said, in one pass: what is open waits on a stack, and closing it puts its sentence in the place of
// what was written since. Where a mark is broken, what stands in it is text, the marks in it are said, and its signs are left out.
func (s speaker) text(text string) []byte {
	out := make([]byte, 0, len(text))
	var stack []mark
	for text != "" {
		plain := strings.IndexFunc(text, control)
		if plain < 0 {
			plain = len(text)
		}
		out, text = append(out, text[:plain]...), text[plain:]
		sign, size := signOf(text)
		text = text[size:]
		switch top := len(stack) - 1; {
		case sign == 0:
		case sign <= opensUpper:
			stack = append(stack, mark{opens: sign, from: len(out)})
		case top < 0: // it is part of no mark
		case sign < closes:
			stack[top].cuts = append(stack[top].cuts, cut{sign, len(out)})
		default:
			out = append(out[:stack[top].from], s.say(stack[top], string(out[stack[top].from:]))...)
			stack = stack[:top]
		}
	}
	return withoutNames(out, stack)
}

// signOf is the sign that text begins with, and its size; 0 where what looks like one is none, or half of one.
func signOf(text string) (sign byte, size int) {
	rest, ours := strings.CutPrefix(text, lead)
	switch {
	case text == "":
		return 0, 0
	case ours && rest != "" && rest[0] >= opens && rest[0] <= closes:
		return rest[0], len(lead) + 1
	}
	return 0, 1
}

// control tells the characters that signs are made of: no text of anybody's needs one.
func control(r rune) bool { return r < '\t' || r > '\r' && r < ' ' }

// withoutNames leaves out what broken marks say to nobody: their senses, and the names of their places.
func withoutNames(out []byte, broken []mark) []byte {
	kept, upTo := out[:0], 0
	for _, m := range broken {
		for n, c := range m.cuts {
			var from int
			switch {
			case c.sign == means && n == 0:
				from = m.from
			case c.sign == filled && n > 0 && m.cuts[n-1].sign == placed:
				from = m.cuts[n-1].at
			default:
				continue
			}
			kept, upTo = append(kept, out[upTo:from]...), c.at
		}
	}
	return append(kept, out[upTo:]...)
}

// say is what a mark says, given what was written in it: the words, their sense before them, and the places with what fills them.
func (s speaker) say(m mark, inside string) string {
	sense, from := "", 0
	if len(m.cuts) > 0 && m.cuts[0].sign == means {
		from = m.cuts[0].at - m.from
		sense, m.cuts = inside[:from], m.cuts[1:]
	}
	end, name := len(inside), ""
	var fill []string
	for n := range m.cuts {
		part := inside[m.cuts[n].at-m.from:]
		if n+1 < len(m.cuts) {
			part = part[:m.cuts[n+1].at-m.cuts[n].at]
		}
		if m.cuts[n].sign == placed {
			name = part
		} else {
			fill = append(fill, "{"+name+"}", part)
		}
	}
	if len(m.cuts) > 0 {
		end = m.cuts[0].at - m.from
	}
	return strings.NewReplacer(fill...).Replace(s.sized(m.opens, s.sentence(inside[from:end], sense)))
}

// sized begins a sentence as its mark wants it.
func (s speaker) sized(as byte, sentence string) string {
	switch {
	case as == opensUpper:
		return firstUpper(sentence)
	case as == opensLower && s.lang == "pt":
		return firstLower(sentence)
	case as == opensLower && len(s.screens) == 0:
		return strings.ToLower(sentence)
	}
	return sentence
}

// sentence is the English in the reader's language, in the sense it has there; itself where there is none.
func (s speaker) sentence(english, sense string) string {
	key := english
	if s.html {
		key = html.UnescapeString(key)
	}
	if sense != "" {
		key += " [" + sense + "]"
	}
	switch said, ok := s.screens[key]; {
	case !ok:
		return english
	case s.html:
		return html.EscapeString(said)
	default:
		return said
	}
}

func firstUpper(text string) string {
	if text == "" {
		return ""
	}
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[n:]
}

func firstLower(text string) string {
	if text == "" {
		return ""
	}
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToLower(r)) + text[n:]
}
