// Package raced shortens what gains nothing from the race detector. Under it a program runs five to ten times slower; random
// histories that go one step after another are the same as without it, so fewer of them are run. What runs at once keeps
// its full size.
package raced

import (
	"flag"
	"os"
	"testing"
)

// share is the part of the runs that stays under the race detector.
const share = 8

// Runs is how often a sequential random test repeats itself: as asked, and an eighth of it under the race detector, at least once.
func Runs(asked int) int {
	if !Detector {
		return asked
	}
	return max(1, asked/share)
}

// Shorten lowers the number of runs of every property in this test program under the race detector. A number given on the
// command line still counts, because flags are read afterwards.
func Shorten() {
	if checks := flag.Lookup("rapid.checks"); Detector && checks != nil {
		_ = checks.Value.Set("12")
	}
}

// Main is the TestMain of a package without a database that has long properties.
func Main(m *testing.M) {
	Shorten()
	os.Exit(m.Run())
}
