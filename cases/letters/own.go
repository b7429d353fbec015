package letters

import (
	"fmt"
	htmltemplate "html/template"
	"maps"
	"regexp"
	"strings"
	texttemplate "text/template"

	"makegood/internal/marks"
)

// WriteIn is Write in a company's own wording. Without one, or with one that is no longer understood, the letter is the one we
// ship: the customer gets a letter in any case, and Version tells in which words.
func WriteIn(own *Wording, kind Kind, lang string, vars any) (Letter, error) {
	shipped, err := Write(kind, lang, vars)
	if err != nil || own == nil || Check(kind, *own) != nil {
		return shipped, err
	}
	v, _ := vars.(variables) // Write has seen that they are
	parts, err := shared()
	if err != nil {
		return Letter{}, fmt.Errorf("load letters: %w", err)
	}
	p := &page{words: parts.words[shipped.Lang], V: v, Frame: v.frame(), name: v.name(), Subject: shipped.Subject}
	values, err := p.values(v)
	if err != nil {
		return Letter{}, err
	}
	if strings.TrimSpace(own.Subject) != "" {
		heading, err := fill(own.Subject, values)
		if err != nil {
			return Letter{}, err
		}
		p.Subject = oneLine(heading)
	}
	text, err := fill(own.Body, values)
	if err != nil {
		return Letter{}, err
	}
	if text = block(text); kind != Reply { // what an agent wrote stays as it is
		text = gaps.ReplaceAllString(text, "\n\n")
	}
	list := paragraphs(text, values["link"])
	if r, ok := v.(ReplyVars); ok {
		if list, err = marked(own.Body, values, r.Body); err != nil {
			return Letter{}, err
		}
	}
	var html strings.Builder
	if err := parts.own.ExecuteTemplate(&html, "letter", ownPage{page: p, Paragraphs: list}); err != nil {
		return Letter{}, fmt.Errorf("write html of %s: %w", kind, err)
	}
	l := Letter{Subject: p.Subject, Text: text + "\n", HTML: html.String(), Lang: shipped.Lang}
	if own.ID != 0 {
		l.Version = &own.ID
	}
	return l, nil
}

// bodyPlace stands where the agent's text goes until the paragraphs around it are known: a character that means nothing.
const bodyPlace = "\uE000"

// marked are the paragraphs of an answer, in which the agent's text has its marks.
func marked(wording string, values map[string]string, body string) ([]paragraph, error) {
	around := maps.Clone(values)
	around["body"] = bodyPlace
	text, err := fill(wording, around)
	if err != nil {
		return nil, err
	}
	list := paragraphs(strings.ReplaceAll(block(text), bodyPlace, "\n\n"+bodyPlace+"\n\n"), "")
	for i, p := range list {
		if len(p.Rows) == 1 && p.Rows[0][0].Text == bodyPlace {
			list[i].Marked = markedHTML(body)
		}
	}
	return list, nil
}

// markedHTML is what an agent wrote, with its marks.
func markedHTML(text string) htmltemplate.HTML {
	const quote = `<blockquote style="margin:0 0 16px;padding-left:12px;border-left:3px solid #d5dbe1;color:#5b6770">`
	return htmltemplate.HTML(strings.ReplaceAll(marks.HTML(block(text)), "<blockquote>", quote)) //nolint:gosec // marks let nothing through but elements of text
}

var gaps = regexp.MustCompile(`\n[ \t]*\n(?:[ \t]*\n)+`)

// fill puts the values in the places of the variables. Nothing but the values can be reached: they are a map of strings, and
// Check has let nothing through but names and conditions.
func fill(text string, values map[string]string) (string, error) {
	text = alone.ReplaceAllString(strings.ReplaceAll(text, "\r\n", "\n"), "$1")
	t, err := texttemplate.New("wording").Option("missingkey=error").Parse(text)
	if err != nil {
		return "", fmt.Errorf("read wording: %w", err)
	}
	var b strings.Builder
	if err := t.Execute(&b, values); err != nil {
		return "", fmt.Errorf("fill wording: %w", err)
	}
	return b.String(), nil
}

// ownPage is what the HTML part of a wording shows.
type ownPage struct {
	*page

	Paragraphs []paragraph
}

type paragraph struct {
	Quote  bool
	Rows   [][]piece
	Marked htmltemplate.HTML // what an agent wrote, instead of Rows
}

// piece is text, or the link of the letter.
type piece struct {
	Text string
	Link bool
}

// paragraphs cuts a text at its empty lines. Lines marked as quoted are a quotation; the letter's own link, and no other text that
// looks like one, becomes a link.
func paragraphs(text, link string) []paragraph {
	var list []paragraph
	open := false
	for row := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(row) == "" {
			open = false
			continue
		}
		quoted, quote := strings.CutPrefix(row, "> ")
		if !open || list[len(list)-1].Quote != quote {
			list, open = append(list, paragraph{Quote: quote}), true
		}
		last := &list[len(list)-1]
		last.Rows = append(last.Rows, pieces(strings.TrimSpace(quoted), link))
	}
	return list
}

func pieces(row, link string) []piece {
	if link == "" {
		return []piece{{Text: row}}
	}
	var list []piece
	for {
		before, after, found := strings.Cut(row, link)
		if before != "" {
			list = append(list, piece{Text: before})
		}
		if !found {
			return list
		}
		list, row = append(list, piece{Text: link, Link: true}), after
	}
}

func loadOwn() (*htmltemplate.Template, error) {
	t, err := htmltemplate.New("own").Option("missingkey=error").ParseFS(files, "templates/layout.html.tmpl", "templates/own.html.tmpl")
	if err != nil {
		return nil, fmt.Errorf("parse html of own wordings: %w", err)
	}
	return t, nil
}
