package app

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// What the start read of the program's file is given back, and the program goes on as before.
func TestPagesOfTheProgramsFileAreGivenBack(t *testing.T) {
	if runtime.GOOS != "linux" {
		dropFilePages()
		return
	}
	before := filePages(t)
	dropFilePages()
	if after := filePages(t); after >= before {
		t.Errorf("%d kB of files before and %d after", before, after)
	}
}

// filePages is how much of files this process has in memory, in kB.
func filePages(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if name, rest, ok := strings.Cut(line, ":"); ok && name == "RssFile" {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("the system does not say")
	return 0
}
