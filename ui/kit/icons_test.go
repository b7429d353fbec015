package kit_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"makegood/ui/kit"
)

// Every icon a screen names must be in icons.txt; a name that is not would draw nothing.
func TestIconsUsed(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`(?:kit\.)?\bIcon(?:With)?\("([a-z0-9-]+)"|\bIcon:\s*"([a-z0-9-]+)"|(?:Section|MenuLink)\("([a-z0-9-]+)"|NoticeBox\("[a-z]*", "([a-z0-9-]+)"`)
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		ours := strings.HasSuffix(path, ".templ") || (strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_templ.go"))
		if err != nil || entry.IsDir() || !ours {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range named.FindAllStringSubmatch(string(text), -1) {
			name := match[1] + match[2] + match[3] + match[4]
			if !kit.HasIcon(name) {
				t.Errorf("%s: no icon %q in ui/kit/icons.txt", path, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
