package billing_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// listedCase is a line of docs/money-cases.md.
type listedCase struct{ name, test, file string }

func listedCases(t *testing.T) []listedCase {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "money-cases.md"))
	if err != nil {
		t.Fatal(err)
	}
	var list []listedCase
	for _, m := range regexp.MustCompile("(?m)^\\| (.+?) \\| `(Test\\w+)` in `([^`]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		list = append(list, listedCase{m[1], m[2], m[3]})
	}
	return list
}

// Every case and complaint that is listed has the test that it names, and no case of ours is left out of the list.
func TestEveryMoneyCaseIsListedWithItsTest(t *testing.T) {
	t.Parallel()
	list := listedCases(t)
	if len(list) != 27 {
		t.Errorf("%d cases and complaints are listed", len(list))
	}
	files := map[string]string{}
	for _, c := range list {
		if _, known := files[c.file]; !known {
			source, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(c.file)))
			if err != nil {
				t.Fatal(err)
			}
			files[c.file] = string(source)
		}
		if !strings.Contains(files[c.file], "\nfunc "+c.test+"(t *testing.T) {") {
			t.Errorf("%s: there is no %s in %s", c.name, c.test, c.file)
		}
	}
	for file, source := range files {
		for _, m := range regexp.MustCompile(`(?m)^func (Test(?:[LK][0-9]+|Complaint[0-9]+)\w+)\(`).FindAllStringSubmatch(source, -1) {
			if !slices.ContainsFunc(list, func(c listedCase) bool { return c.test == m[1] }) {
				t.Errorf("%s of %s is not in the list", m[1], file)
			}
		}
	}
}

// Where the collection that the cases were taken from is at hand, each of its cases and complaints is listed.
func TestEveryCollectedMoneyCaseIsListed(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("MAKEGOOD_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "shared")
	}
	collected, err := os.ReadFile(filepath.Join(shared, "corpus", "money", "README.md"))
	if err != nil {
		t.Logf("the collection is not here: %v", err)
		collected = []byte("| L1 | x | y |\n| K9 | x | y |\n\nComplaints of other products' users that must not be possible here: a correction that cannot be undone; deadlocks from numbering drafts.\n")
	}
	list := listedCases(t)
	ids := regexp.MustCompile(`(?m)^\| ([A-Z][0-9]+) \|`).FindAllStringSubmatch(string(collected), -1)
	if len(ids) < 2 {
		t.Fatal("the collection has another form")
	}
	for _, id := range ids {
		if !slices.ContainsFunc(list, func(c listedCase) bool {
			return strings.HasPrefix(c.test, "Test"+id[1]) && strings.HasPrefix(c.name, id[1]+" ")
		}) {
			t.Errorf("case %s has no test", id[1])
		}
	}
	_, complaints, found := strings.Cut(strings.Join(strings.Fields(string(collected)), " "), "must not be possible here: ")
	if !found {
		t.Fatal("the collection names no complaints")
	}
	for complaint := range strings.SplitSeq(strings.TrimSuffix(strings.TrimSpace(complaints), "."), "; ") {
		if !slices.ContainsFunc(list, func(c listedCase) bool { return c.name == complaint }) {
			t.Errorf("no test for: %s", complaint)
		}
	}
}
