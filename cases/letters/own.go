package letters

import (
	"fmt"
	htmltemplate "html/template"
	"regexp"
	"strings"
	texttemplate "text/template"
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
	var html strings.Builder
	if err := parts.own.ExecuteTemplate(&html, "letter", ownPage{page: p, Paragraphs: paragraphs(text, values["link"])}); err != nil {
		return Letter{}, fmt.Errorf("write html of %s: %w", kind, err)
	}
	l := Letter{Subject: p.Subject, Text: text + "\n", HTML: html.String(), Lang: shipped.Lang}
	if own.ID != 0 {
		l.Version = &own.ID
	}
	return l, nil
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
	Quote bool
	Rows  [][]piece
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
