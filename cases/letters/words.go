package letters

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"regexp"
	"strings"
	"sync"
	texttemplate "text/template"

	"go.yaml.in/yaml/v3"
)

//go:embed words/*.yaml templates/*.tmpl
var files embed.FS

// Languages are those we write, the fallback first.
func Languages() []string { return []string{"en", "de", "zh-Hans", "ja", "pt"} }

// Language is the one we write for a reader's language tag. Readers of traditional Chinese get English rather
// than simplified characters.
func Language(tag string) string {
	parts := strings.Split(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(tag)), "_", "-"), "-")
	switch parts[0] {
	case "de", "ja", "pt":
		return parts[0]
	case "zh":
		for _, part := range parts[1:] {
			switch part {
			case "hans":
				return "zh-Hans"
			case "hant", "tw", "hk", "mo":
				return "en"
			}
		}
		return "zh-Hans"
	}
	return "en"
}

// words is one language: its sentences and its way to write numbers and dates.
type words struct {
	Lang      string            `yaml:"lang"`
	Thousands string            `yaml:"thousands"`
	Decimal   string            `yaml:"decimal"`
	List      string            `yaml:"list"`
	Date      string            `yaml:"date"`
	DateTime  string            `yaml:"date_time"`
	Months    []string          `yaml:"months"`
	Sentences map[string]string `yaml:"sentences"`
	cut       map[string][]span // the sentences, cut at their variables
	date      []span
	dateTime  []span
}

// span is a part of a sentence: words as they stand, or the name of a variable.
type span struct {
	text     string
	variable bool
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// spans cuts a sentence at its variables, once for all letters.
func spans(sentence string) []span {
	var list []span
	from := 0
	for _, at := range placeholder.FindAllStringIndex(sentence, -1) {
		if at[0] > from {
			list = append(list, span{text: sentence[from:at[0]]})
		}
		list, from = append(list, span{text: sentence[at[0]+1 : at[1]-1], variable: true}), at[1]
	}
	if from < len(sentence) || len(list) == 0 {
		list = append(list, span{text: sentence[from:]})
	}
	return list
}

type parts struct {
	words   map[string]*words
	text    map[Kind]*texttemplate.Template
	html    map[Kind]*htmltemplate.Template
	own     *htmltemplate.Template // the HTML part of a company's own wording
	clauses map[Kind][]clause
}

// shared is read once from the embedded files and never changes.
//

var shared = sync.OnceValues(load)

func load() (parts, error) {
	p := parts{words: map[string]*words{}, text: map[Kind]*texttemplate.Template{}, html: map[Kind]*htmltemplate.Template{}}
	for _, lang := range Languages() {
		content, err := files.ReadFile("words/" + lang + ".yaml")
		if err != nil {
			return parts{}, fmt.Errorf("read words: %w", err)
		}
		var w words
		if err := yaml.Unmarshal(content, &w); err != nil {
			return parts{}, fmt.Errorf("parse words of %s: %w", lang, err)
		}
		w.cut = make(map[string][]span, len(w.Sentences))
		for key, sentence := range w.Sentences {
			w.cut[key] = spans(sentence)
		}
		w.date, w.dateTime = spans(w.Date), spans(w.DateTime)
		p.words[lang] = &w
	}
	var err error
	if p.own, err = loadOwn(); err != nil {
		return parts{}, err
	}
	if p.clauses, err = loadClauses(); err != nil {
		return parts{}, err
	}
	for _, kind := range Kinds() {
		text := texttemplate.New(string(kind)).Option("missingkey=error")
		if p.text[kind], err = text.ParseFS(files, "templates/layout.txt.tmpl", "templates/"+string(kind)+".txt.tmpl"); err != nil {
			return parts{}, fmt.Errorf("parse text of %s: %w", kind, err)
		}
		html := htmltemplate.New(string(kind)).Option("missingkey=error")
		if p.html[kind], err = html.ParseFS(files, "templates/layout.html.tmpl", "templates/"+string(kind)+".html.tmpl"); err != nil {
			return parts{}, fmt.Errorf("parse html of %s: %w", kind, err)
		}
	}
	return p, nil
}
