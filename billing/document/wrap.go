package document

import (
	"strings"
	"unicode"
)

// What must not begin or end a line in Chinese and Japanese typesetting (JIS X 4051, the common part).
const (
	noLineStart = "、。，．・：；？！）」』】〕〉》”’ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ％…"
	noLineEnd   = "（「『【〔〈《“‘"
)

// wrap cleans text and breaks it into lines no wider than width: at spaces, between Chinese or Japanese
// characters where the rules allow, and inside a word only when it alone is too wide. Line breaks in the
// text are kept.
func (f *faces) wrap(text string, s style, width float64) []string {
	var lines []string
	for paragraph := range strings.Lines(strings.TrimSpace(text)) {
		lines = append(lines, f.wrapLine([]rune(f.clean(paragraph)), s, width)...)
	}
	return lines
}

func (f *faces) wrapLine(text []rune, s style, width float64) []string {
	var lines []string
	for {
		n := f.fitting(text, s, width)
		lines = append(lines, strings.TrimRight(string(text[:n]), " "))
		text = trimLeft(text[n:])
		if len(text) == 0 {
			return lines
		}
	}
}

// fitting is how many characters go on the next line; at least one.
func (f *faces) fitting(text []rune, s style, width float64) int {
	used, brk := 0.0, 0
	for i, char := range text {
		if i > 0 && canBreak(text[i-1], char) {
			brk = i
		}
		_, w := f.measure(char, s)
		used += w
		if used > width && char != ' ' && i > 0 {
			if brk > 0 {
				return brk
			}
			return i
		}
	}
	return len(text)
}

func canBreak(before, after rune) bool {
	if before == ' ' {
		return after != ' '
	}
	if !wide(before) && !wide(after) {
		return false
	}
	return after != ' ' && !strings.ContainsRune(noLineStart, after) && !strings.ContainsRune(noLineEnd, before)
}

// wide tells the scripts that are written without spaces between words.
func wide(char rune) bool {
	return unicode.In(char, unicode.Han, unicode.Hiragana, unicode.Katakana) ||
		(char >= 0x3000 && char <= 0x303F) || (char >= 0xFF00 && char <= 0xFF60)
}

func trimLeft(text []rune) []rune {
	for len(text) > 0 && text[0] == ' ' {
		text = text[1:]
	}
	return text
}
