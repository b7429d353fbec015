package marks

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a line begins with.
type kind int

const (
	words kind = iota
	blank
	quote
	bullet
	number
	further // goes on with the item above
)

type line struct {
	kind
	text string // behind the mark
	mark string // of an item: -, * or 3.
}

var (
	item    = regexp.MustCompile(`^([-*]|\d{1,3}\.) +(\S.*)$`)
	quoted  = regexp.MustCompile(`^>[ \t]*(.*)$`)
	begins  = regexp.MustCompile(`^(?:[-+*](?:\s|$)|\d+[.)](?:\s|$)|>)`)
	entity  = regexp.MustCompile(`&(#?\w+;)`)
	runs    = regexp.MustCompile(`\*+|_+`)
	toLink  = regexp.MustCompile(`\]\((https?://|mailto:)`)
	bracket = regexp.MustCompile(`!?\[|\]\(`)
)

// prepared writes a text so that a reader of Markdown takes nothing for a mark that is not meant as one. Lists are what has two items or more one
// below the other, numbered from one; what begins with a figure is no item and no quote, as it may be an amount with its sign.
func prepared(typed string) string {
	lines := read(strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(typed), "\n"))
	var out []string
	before := blank
	for _, l := range lines {
		listed := before == bullet || before == number || before == further
		if before == quote && l.kind != quote || listed && (l.kind == words || l.kind == quote) || l.kind == quote && before == words {
			out = append(out, "") // it does not go on with what stands above
		}
		out = append(out, l.write())
		before = l.kind
	}
	return strings.Join(out, "\n")
}

// read tells of each line what it is.
func read(rows []string) []line {
	lines := make([]line, len(rows))
	for i, row := range rows {
		lines[i] = line{kind: words, text: strings.TrimSpace(row)}
		if strings.TrimSpace(row) == "" {
			lines[i].kind = blank
		} else if m := quoted.FindStringSubmatch(row); m != nil && (mayBegin(m[1]) || i > 0 && lines[i-1].kind == quote) {
			lines[i] = line{kind: quote, text: m[1]}
		}
	}
	for from := 0; from < len(rows); from++ {
		from += list(lines[from:], rows[from:])
	}
	return lines
}

// list marks the items of a list that begins with the first of the rows, and gives how many rows it has beyond the first.
func list(lines []line, rows []string) int {
	first := item.FindStringSubmatch(rows[0])
	if first == nil || !mayBegin(first[2]) {
		return 0
	}
	found, end := []line{}, 0
	items := 0
	for i, row := range rows {
		m := item.FindStringSubmatch(row)
		switch {
		case m != nil && mayBegin(m[2]) && m[1] == following(first[1], items):
			found = append(found, line{kind: kindOf(m[1]), text: m[2], mark: m[1]})
			items, end = items+1, i
			continue
		case items > 0 && strings.HasPrefix(row, "  ") && strings.TrimSpace(row) != "":
			found = append(found, line{kind: further, text: strings.TrimSpace(row)})
			end = i
			continue
		}
		break
	}
	if items < 2 {
		return 0
	}
	copy(lines, found)
	return end
}

// following is the mark of the item after so many.
func following(first string, items int) string {
	if kindOf(first) == bullet {
		return first
	}
	return strconv.Itoa(items+1) + "."
}

func kindOf(mark string) kind {
	if mark == "-" || mark == "*" {
		return bullet
	}
	return number
}

// mayBegin tells whether an item may begin so: with a word, or with a mark before one.
func mayBegin(text string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, `*_[("'„“‚‘«»「『`))
	return unicode.IsLetter(r)
}

func (l line) write() string {
	switch l.kind {
	case blank:
		return ""
	case quote:
		return "> " + l.words()
	case bullet, number:
		return l.mark + " " + l.words()
	case further:
		return "   " + l.words()
	case words:
	}
	return l.words()
}

// words are the words of a line, in which only what is meant as one is a mark.
func (l line) words() string {
	text := strings.ReplaceAll(l.text, `\`, `\\`)
	text = entity.ReplaceAllString(text, `&amp;$1`)
	text = emphasis(text)
	links := toLink.FindAllStringIndex(text, -1)
	text = replaceAt(bracket, text, func(at []int) string {
		found := text[at[0]:at[1]]
		switch {
		case found == "![":
			return `!\[`
		case found == "](" && !contains(links, at[0]):
			return `]\(`
		}
		return found
	})
	return begins.ReplaceAllStringFunc(text, func(found string) string {
		at := strings.IndexAny(found, "-+*.)>")
		return found[:at] + `\` + found[at:]
	})
}

// emphasis leaves ** and _ that stand at the edge of a word, and takes every other asterisk and low line for itself.
func emphasis(text string) string {
	return replaceAt(runs, text, func(at []int) string {
		found := text[at[0]:at[1]]
		before, _ := utf8.DecodeLastRuneInString(text[:at[0]])
		after, _ := utf8.DecodeRuneInString(text[at[1]:])
		within := wordy(before) && wordy(after)
		if (found == "**" || found == "_") && !within {
			return found
		}
		return `\` + strings.Join(strings.Split(found, ""), `\`)
	})
}

func wordy(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func contains(spans [][]int, at int) bool {
	for _, s := range spans {
		if s[0] == at {
			return true
		}
	}
	return false
}

func replaceAt(pattern *regexp.Regexp, text string, with func(at []int) string) string {
	var b strings.Builder
	end := 0
	for _, at := range pattern.FindAllStringIndex(text, -1) {
		b.WriteString(text[end:at[0]])
		b.WriteString(with(at))
		end = at[1]
	}
	b.WriteString(text[end:])
	return b.String()
}
