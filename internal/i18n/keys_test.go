package i18n_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"makegood/internal/i18n"
)

// TestEveryKeyHasASentence reads the program's own sources: every text that stands where a message key belongs, and every
// text that looks like one, must have an English sentence, or a person would be shown the key.
func TestEveryKeyHasASentence(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]token.Position{}
	files := token.NewFileSet()
	err = filepath.WalkDir(filepath.Join("..", ".."), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && len(entry.Name()) > 2):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for key, at := range keysIn(file) {
			used[key] = files.Position(at)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(used) < 200 {
		t.Errorf("found only %d keys; the reader of the sources has lost its way", len(used))
	}
	for key, at := range used {
		if !words.Has(i18n.Fallback, key) {
			t.Errorf("%s: no English sentence for %q", at, key)
		}
	}
}

// keyLike are texts that can only be message keys or names that resemble them; those are told apart by where they stand.
var keyLike = regexp.MustCompile(`^(case|cases|credit|credits|billing|ledger|commitment|intake|inbox|authority|clock|escalation|people|money|send|` +
	`secrets|idempotency|error|access|job|parse|ratefile|letters|document|warning|notice)(\.[a-z0-9_]+)+$`)

func keysIn(file *ast.File) map[string]token.Pos {
	keys, other := map[string]token.Pos{}, map[ast.Expr]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			must, never := arguments(n)
			for _, e := range never {
				other[e] = true
			}
			for _, e := range must {
				if text, ok := literal(e); ok {
					keys[text] = e.Pos()
				}
			}
		case *ast.KeyValueExpr:
			if name, ok := n.Key.(*ast.Ident); ok && slices.Contains([]string{"What", "Kind"}, name.Name) {
				other[n.Value] = true
			}
		case *ast.FuncDecl:
			if slices.Contains([]string{"Kind", "whatOf", "clockEvent"}, n.Name.Name) { // they name jobs and events
				return false
			}
		case *ast.ValueSpec:
			if typ, ok := n.Type.(*ast.Ident); ok && typ.Name == "Action" || strings.HasPrefix(n.Names[0].Name, "ev") {
				return false
			}
		case *ast.CaseClause:
			for _, e := range n.List {
				other[e] = true
			}
		case *ast.BinaryExpr: // compared with, or a part of something longer
			other[n.X], other[n.Y] = true, true
		case *ast.BasicLit:
			text, ok := literal(n)
			if ok && !other[n] && keyLike.MatchString(text) && !strings.HasSuffix(text, ".templ") {
				keys[text] = n.Pos()
			}
		}
		return true
	})
	return keys
}

// arguments tells which arguments of a call are message keys, and which only look like one.
func arguments(call *ast.CallExpr) (must, never []ast.Expr) {
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		if fun.Name == "actorOr" { // the second names a job
			return nil, argument(call, 1)
		}
	case *ast.SelectorExpr:
		pkg, _ := fun.X.(*ast.Ident)
		switch name := fun.Sel.Name; {
		case pkg != nil && pkg.Name == "errs" && name == "New":
			return argument(call, 1), nil
		case pkg != nil && pkg.Name == "errs" && name == "Wrap":
			return argument(call, 2), nil
		case pkg != nil && pkg.Name == "errs" && name == "InvalidField": // the field's name comes first
			return argument(call, 1), argument(call, 0)
		case name == "SystemActor", name == "note": // names of jobs and events
			return nil, argument(call, 0)
		}
	}
	return nil, nil
}

func argument(call *ast.CallExpr, i int) []ast.Expr {
	if i >= len(call.Args) {
		return nil
	}
	return call.Args[i : i+1]
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}
