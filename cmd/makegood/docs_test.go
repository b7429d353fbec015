package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A command of ours stands in a text at the beginning of a line of a fenced block, or in backquotes.
var (
	fenced   = regexp.MustCompile("(?ms)^```[a-z]*\n(.*?)^```$")
	quoted   = regexp.MustCompile("`(?:[A-Z_]+=[^ `]* )*makegood ([^`]+)`")
	link     = regexp.MustCompile(`\]\(([^)#]+)(?:#[^)]*)?\)`)
	variable = regexp.MustCompile(`^[A-Z_]+=\S+$`)
	word     = regexp.MustCompile(`"[^"]*"|\S+`)
	optional = regexp.MustCompile(`\[[^]]*\]`)
	opened   = regexp.MustCompile(`^[A-Z]{2,}(-[a-z]+-[A-Z]+)?…?$`)
)

// Every command in the docs is one that the program's own command line understands, and every link leads somewhere.
func TestDocsTellTrueCommands(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, path := range append(files, "../../README.md", "../../deploy/README.md", "../../deploy/ha/README.md") {
		text := read(t, path)
		for _, args := range commandsIn(text) {
			commands++
			understands(t, path, args)
		}
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(found[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), found[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", path, found[1])
			}
		}
	}
	if commands < 30 {
		t.Errorf("only %d commands found", commands)
	}
}

// Every command that the program has stands in the README's table.
func TestEveryCommandIsTold(t *testing.T) {
	t.Parallel()
	var c cli
	var out bytes.Buffer
	parser, err := newParser(t.Context(), &c, streams{&out, &out})
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `makegood ([a-z]+).*$").FindAllStringSubmatch(read(t, "../../README.md"), -1)
	leaves := parser.Model.Leaves(true)
	if len(rows) < 20 || len(leaves) < 30 {
		t.Fatalf("%d rows, %d commands", len(rows), len(leaves))
	}
	for _, leaf := range leaves {
		path := strings.Fields(leaf.Path())
		told := false
		for _, row := range rows {
			told = told || row[1] == path[0] && regexp.MustCompile("\\b"+path[len(path)-1]+"\\b").MatchString(row[0])
		}
		if !told {
			t.Errorf("the README does not tell of makegood %s", strings.Join(path, " "))
		}
	}
}

// understands fails the test unless the command is one of the program's, its flags too. What only names a command may leave out
// what has to be said with it.
func understands(t *testing.T, where string, args []string) {
	t.Helper()
	var c cli
	var out bytes.Buffer
	parser, err := newParser(t.Context(), &c, streams{&out, &out})
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	if err != nil && !strings.HasPrefix(err.Error(), `expected "<`) && !strings.HasPrefix(err.Error(), "missing flags") && !strings.HasPrefix(err.Error(), "expected one of") {
		t.Errorf("%s: makegood %s: %v", where, strings.Join(args, " "), err)
	}
}

// commandsIn are the words of each command line of ours in a text. Where one leaves something open, as FILE or [--past], that is
// filled in or left out.
func commandsIn(text string) [][]string {
	var lines []string
	for _, block := range fenced.FindAllStringSubmatch(text, -1) {
		lines = append(lines, strings.Split(block[1], "\n")...)
	}
	text = fenced.ReplaceAllString(text, "")
	for _, found := range quoted.FindAllStringSubmatch(text, -1) {
		lines = append(lines, "makegood "+strings.Join(strings.Fields(found[1]), " "))
	}
	var commands [][]string
	for _, line := range lines {
		words := word.FindAllString(optional.ReplaceAllString(line, ""), -1)
		for len(words) > 0 && variable.MatchString(words[0]) {
			words = words[1:]
		}
		if len(words) < 2 || words[0] != "makegood" {
			continue
		}
		for i := range words {
			words[i] = strings.Trim(words[i], `"'`)
			if opened.MatchString(words[i]) {
				words[i] = "docs_test.go" // a file that is there
			}
			if words[i] == "N" {
				words[i] = "1"
			}
		}
		commands = append(commands, words[1:])
	}
	return commands
}
