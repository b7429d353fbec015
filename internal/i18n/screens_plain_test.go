package i18n_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestScreensSayNothingUnmarked reads the pages as they are generated and the views they are drawn from: words that stand there without
// i18n.T or F would be read in English whatever language somebody chose. Codes, keys and examples are no words.
func TestScreensSayNothingUnmarked(t *testing.T) {
	t.Parallel()
	files, looked := token.NewFileSet(), 0
	err := filepath.WalkDir(filepath.Join("..", "..", "ui"), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !strings.HasSuffix(path, ".go"), strings.HasSuffix(path, "_test.go"), strings.Contains(path, "storybook"), elsewhere.MatchString(path):
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		looked++
		ast.Inspect(file, func(n ast.Node) bool {
			for _, text := range plainIn(n) {
				if isWords(text) {
					t.Errorf("%s: %q is said in English alone", files.Position(n.Pos()), text)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if looked < 100 {
		t.Errorf("looked at only %d files", looked)
	}
}

// elsewhere are the pages that customers read, which say what they say by keys; the English of the kit, which its own keys stand for; the questions
// a first card of quality is proposed with, which are kept as they were sent; what invented customers write; and what tests are made with.
var elsewhere = regexp.MustCompile(`ui/(portal|contact|surveys/survey|quality/settings\.go|kit/words\.go|demo/show\.go|screentest)`)

var (
	hidden     = regexp.MustCompile(`(?s)<(kbd|code|style|script|title)[^>]*>.*?</(kbd|code|style|script|title)>|<!doctype[^>]*>`)
	tag        = regexp.MustCompile(`^[^<>]*>|<[^>]*>?`)
	inTag      = regexp.MustCompile(`^[^<>]*[a-z-]+="[^<>]*$|^"[^<>]*$`)
	readAloud  = regexp.MustCompile(`(?:aria-label|title|placeholder|alt|data-confirm|data-confirm-yes)="([^"]*)"`)
	shownField = []string{"Text", "Label", "Title", "Hint", "LinkText", "ActionText", "Heading", "Placeholder", "Why"}
)

// plainIn are the texts that a node of the program's tree puts on a page as they stand.
func plainIn(n ast.Node) []string {
	switch n := n.(type) {
	case *ast.CallExpr:
		fun, ok := n.Fun.(*ast.SelectorExpr)
		if !ok || len(n.Args) != 3 {
			return nil
		}
		if pkg, ok := fun.X.(*ast.Ident); !ok || pkg.Name != "templruntime" || fun.Sel.Name != "WriteString" {
			return nil
		}
		markup, ok := literal(n.Args[2])
		if !ok {
			return nil
		}
		var list []string
		for _, found := range readAloud.FindAllStringSubmatch(markup, -1) {
			list = append(list, found[1])
		}
		if inTag.MatchString(markup) { // a piece between the values of two attributes
			return list
		}
		for _, text := range strings.Split(tag.ReplaceAllString(hidden.ReplaceAllString(markup, "\n"), "\n"), "\n") {
			list = append(list, html.UnescapeString(text))
		}
		return list
	case *ast.ReturnStmt:
		return proseIn(n.Results...)
	case *ast.BinaryExpr:
		if n.Op == token.ADD {
			return proseIn(n.X, n.Y)
		}
	case *ast.AssignStmt:
		return proseIn(n.Rhs...)
	case *ast.KeyValueExpr:
		if name, ok := n.Key.(*ast.Ident); ok && slices.Contains(shownField, name.Name) {
			if text, ok := literal(n.Value); ok {
				return []string{text}
			}
		}
	}
	return nil
}

// proseIn are those of some expressions that are written out and read like part of a sentence: codes, addresses and classes do not.
func proseIn(list ...ast.Expr) []string {
	var found []string
	for _, e := range list {
		if text, ok := literal(e); ok && readsLikeProse.MatchString(text) {
			found = append(found, text)
		}
	}
	return found
}

// readsLikeProse: a capital that begins a word, or words with spaces between or around them.
var readsLikeProse = regexp.MustCompile(`^[ ,;]*([A-Z][a-z]+|[a-z]+ |[a-z]+$)([a-z’' ,;]|[A-Z][a-z])*[.:…?]?[ ]*$`)

// isWords tells a text that somebody reads from a code, a name or a sign.
func isWords(text string) bool {
	text = strings.TrimSpace(text)
	if noWords.MatchString(text) {
		return false
	}
	letters := 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters > 2
}

// noWords are the names of things that are called so in every language, and examples of what a field holds.
var noWords = regexp.MustCompile(`^(Makegood|[A-Z0-9 -]+|[a-z0-9_.-]+|MG-\d+|Ctrl ↵|https://.*)$`)
