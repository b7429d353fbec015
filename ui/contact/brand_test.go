package contact

import (
	"regexp"
	"strings"
	"testing"
)

// TestBrandIsReadable with links written in it on white, and white on it, whatever colour a company has.
func TestBrandIsReadable(t *testing.T) {
	for colour, want := range map[string]string{"#0b5a7d": "#0b5a7d", "#ffd400": "", "#4a90e2": "", "#ffffff": "", "#000000": "#000000"} {
		sheet := brand(colour)
		accent := regexp.MustCompile(`--accent:(#[0-9a-f]{6});`).FindStringSubmatch(sheet)
		if accent == nil || want != "" && accent[1] != want || !strings.Contains(sheet, "--on-accent:#ffffff") {
			t.Errorf("%s gives %s", colour, sheet)
			continue
		}
		if darkened(accent[1]) != accent[1] {
			t.Errorf("%s gives %s, which is not dark enough", colour, accent[1])
		}
	}
	if sheet := brand("red;}"); sheet != "" {
		t.Errorf("no colour gives %q", sheet)
	}
}
