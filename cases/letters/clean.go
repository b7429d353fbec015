package letters

import (
	"regexp"
	"strings"
	"unicode"
)

// visible drops control characters and those that turn the direction of writing, with which a name could
// pretend to be something else. Line breaks and tabs stay.
func visible(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff, r == unicode.ReplacementChar:
		return -1
	}
	return r
}

var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")

func block(text string) string {
	if plain(text) {
		return strings.Trim(text, "\n\t ")
	}
	text = lineBreaks.Replace(text)
	return strings.Trim(strings.Map(visible, strings.ToValidUTF8(text, "")), "\n\t ")
}

// plain tells whether a text is of printable ASCII, line feeds and tabs alone, as most values are: there is nothing to drop.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' && c != '\n' && c != '\t' || c > '~' {
			return false
		}
	}
	return true
}

// oneLine keeps a value from adding lines to a header or a letter. The no-break space within amounts stays.
func oneLine(text string) string {
	if plain(text) && !strings.ContainsAny(text, "\n\t") && !strings.Contains(text, "  ") {
		return strings.Trim(text, " ")
	}
	space := func(r rune) bool { return unicode.IsSpace(r) && r != '\u00a0' }
	return strings.Join(strings.FieldsFunc(block(text), space), " ")
}

var (
	answerPrefix = regexp.MustCompile(`(?i)^((re|aw|antw|res|sv|回复|答复|返信)\s*(\[\d+\])?\s*[:：]\s*)+`)
	caseMark     = regexp.MustCompile(`\s*\[MG-\d+\]`)
)

const longestSubject = 160

// subject keeps the customer's words, marked as an answer and with the case number at the end, each once.
func subject(f Frame, none string) string {
	words := caseMark.ReplaceAllString(oneLine(f.Subject), "")
	words = strings.TrimSpace(answerPrefix.ReplaceAllString(strings.TrimSpace(words), ""))
	if words == "" {
		words = none
	}
	if runes := []rune(words); len(runes) > longestSubject {
		words = strings.TrimSpace(string(runes[:longestSubject])) + "…"
	}
	if f.CaseNumber == "" {
		return "Re: " + words
	}
	return "Re: " + words + " [" + oneLine(f.CaseNumber) + "]"
}
