package i18n_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"makegood/internal/i18n"
)

// TestScreensSpeakEveryLanguage reads what the screens say from the program's own sources. A language that is offered has a
// sentence for each text; no language has one that nobody says any more, or one whose places differ from the English.
func TestScreensSpeakEveryLanguage(t *testing.T) {
	t.Parallel()
	said := saidByScreens(t)
	if len(said) < 100 {
		t.Fatalf("found only %d texts; the reader of the sources has lost its way", len(said))
	}
	for lang, sentences := range sentencesOfScreens(t) {
		for english, sentence := range sentences {
			switch at, there := said[english]; {
			case !there:
				t.Errorf("%s: nobody says %q any more", lang, english)
			case strings.TrimSpace(sentence) == "":
				t.Errorf("%s: %q (%s) is said with nothing", lang, english, at)
			case !slices.Equal(placesOf(sentence), placesOf(english)):
				t.Errorf("%s: %q (%s) fills in %v, in English %v", lang, english, at, placesOf(sentence), placesOf(english))
			}
		}
	}
	for _, lang := range i18n.Offered() {
		if lang == i18n.Fallback {
			continue
		}
		sentences := sentencesOfScreens(t)[lang]
		for english, at := range said {
			if sentences[english] == "" {
				t.Errorf("%s: no sentence for %q (%s)", lang, english, at)
			}
		}
	}
}

// placesOf are the places and elements of a sentence, each once.
func placesOf(sentence string) []string {
	found := regexp.MustCompile(`\{/?[a-z0-9_]+\}`).FindAllString(sentence, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// sentencesOfScreens are the files of each language; a text stands in one of them.
func sentencesOfScreens(t *testing.T) map[string]map[string]string {
	t.Helper()
	names, err := filepath.Glob("screens/*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for _, name := range names {
		lang := filepath.Base(filepath.Dir(name))
		if all[lang] == nil {
			all[lang] = map[string]string{}
		}
		for english, sentence := range sentencesOf(t, name) {
			if _, twice := all[lang][english]; twice {
				t.Errorf("%s: %q stands in another file too", name, english)
			}
			all[lang][english] = sentence
		}
	}
	return all
}

// saidByScreens are the English texts that i18n.T, F and N and kit.Rich are given, with a place where each is said.
func saidByScreens(t *testing.T) map[string]string {
	t.Helper()
	said, files := map[string]string{}, token.NewFileSet()
	err := filepath.WalkDir(filepath.Join("..", "..", "ui"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			for _, e := range texts(call) {
				at := files.Position(e.Pos()).String()
				if text, ok := literal(e); ok {
					said[text+senseOf(t, call, at)] = at
				} else {
					t.Errorf("%s: what is said must stand there itself, or no language has a sentence for it", at)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return said
}

func texts(call *ast.CallExpr) []ast.Expr {
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		if fun.Name == "Rich" {
			return argument(call, 0)
		}
	case *ast.SelectorExpr:
		pkg, _ := fun.X.(*ast.Ident)
		switch {
		case pkg == nil:
		case pkg.Name == "i18n" && (fun.Sel.Name == "T" || fun.Sel.Name == "F"), pkg.Name == "kit" && fun.Sel.Name == "Rich":
			return argument(call, 0)
		case pkg.Name == "i18n" && fun.Sel.Name == "In":
			return argument(call, 1)
		case pkg.Name == "i18n" && fun.Sel.Name == "N":
			return append(argument(call, 1), argument(call, 2)...)
		}
	}
	return nil
}

// senseOf is what a call of i18n.In adds to the words it is given: " [contract]".
func senseOf(t *testing.T, call *ast.CallExpr, at string) string {
	t.Helper()
	fun, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || fun.Sel.Name != "In" {
		return ""
	}
	sense, ok := literal(call.Args[0])
	if !ok || sense == "" {
		t.Errorf("%s: the sense must stand there itself, or no language has a sentence for it", at)
	}
	return " [" + sense + "]"
}
