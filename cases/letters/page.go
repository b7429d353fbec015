package letters

import (
	htmltemplate "html/template"
	"strconv"
	"strings"
	"time"

	"makegood/internal/errs"
	"makegood/internal/money"
)

// page is what the templates see: the variables as V, and functions that write in the page's language.
type page struct {
	*words
	Frame
	V    any
	name string
	// Subject shadows the customer's own by the one of this letter.
	Subject string
}

// T is a sentence with its variables, on one line. An unknown sentence or an unfilled variable is an error.
func (p *page) T(key string, pairs ...string) (string, error) {
	sentence, ok := p.cut[key]
	if !ok {
		return "", errs.New(errs.Internal, "letters.no_sentence", "key", key, "lang", p.Lang)
	}
	if len(sentence) == 1 && !sentence[0].variable {
		return sentence[0].text, nil
	}
	var b strings.Builder
	for _, s := range sentence {
		if !s.variable {
			b.WriteString(s.text)
			continue
		}
		at := place(pairs, s.text)
		if at < 0 {
			return "", errs.New(errs.Internal, "letters.unfilled", "key", key, "name", "{"+s.text+"}", "lang", p.Lang)
		}
		b.WriteString(oneLine(pairs[at]))
	}
	return b.String(), nil
}

// join puts values into the places of a text; those of ours have no others.
func join(text []span, pairs ...string) string {
	var b strings.Builder
	for _, s := range text {
		if at := place(pairs, s.text); s.variable && at >= 0 {
			b.WriteString(pairs[at])
		} else {
			b.WriteString(s.text)
		}
	}
	return b.String()
}

// place is where the value of a variable stands among pairs of name and value; -1 when it does not.
func place(pairs []string, name string) int {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			return i + 1
		}
	}
	return -1
}

// Greeting addresses the reader by name where we know it.
func (p *page) Greeting() (string, error) {
	if oneLine(p.name) == "" {
		return p.T("greeting_plain")
	}
	return p.T("greeting", "name", p.name)
}

// Money writes an amount with its ISO code, which is never ambiguous: 1.240,00 EUR.
func (p *page) Money(a money.Amount) string {
	digits, sign := a.Plain(), ""
	if a.IsNegative() {
		digits, sign = digits[1:], "−"
	}
	whole, fraction, hasFraction := strings.Cut(digits, ".")
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(p.Thousands)
		}
		b.WriteRune(r)
	}
	if hasFraction {
		b.WriteString(p.Decimal + fraction)
	}
	return sign + b.String() + "\u00a0" + string(a.Currency())
}

// Day writes a date.
func (p *page) Day(t time.Time) string {
	return join(p.date, "day", strconv.Itoa(t.Day()), "month", p.Months[t.Month()-1], "year", strconv.Itoa(t.Year()))
}

// Moment writes a date with time and zone.
func (p *page) Moment(t time.Time) string {
	return join(p.dateTime, "date", p.Day(t), "time", t.Format("15:04"), "zone", "UTC"+t.Format("-07:00"))
}

// Size writes a number of bytes in megabytes with one decimal.
func (p *page) Size(bytes int64) string {
	tenths := (bytes + 50_000) / 100_000
	return strconv.FormatInt(tenths/10, 10) + p.Decimal + strconv.FormatInt(tenths%10, 10) + "\u00a0MB"
}

// Join lists several words.
func (p *page) Join(list []string) string { return strings.Join(list, p.List) }

// Outcome writes how a line was decided.
func (p *page) Outcome(o Outcome) (string, error) { return p.T("outcome." + string(o)) }

// Block is text of several lines, cleaned.
func (p *page) Block(text string) string { return block(text) }

// Lines splits a block, for HTML.
func (p *page) Lines(text string) []string { return strings.Split(block(text), "\n") }

// Marked is what an agent wrote, for HTML.
func (p *page) Marked(text string) htmltemplate.HTML { return markedHTML(text) }

// Quoted marks every line as quoted.
func (p *page) Quoted(text string) string {
	return "> " + strings.ReplaceAll(block(text), "\n", "\n> ")
}
