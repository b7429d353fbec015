package main

import (
	"strings"
	"testing"

	"makegood/internal/dbtest"
)

// A company that begins takes the starter set, changes it in a file, and applies it; a second time nothing is left to do.
func TestReasonsAreCarriedAsAFile(t *testing.T) {
	t.Parallel()
	at := []string{"--database-url", dbtest.URL(t), "--secret-key", key}
	run := func(args ...string) typed { return command(t, append(append([]string{"reasons"}, args...), at...)...) }
	if got := run("export"); got.code != 0 || got.out != "{}\n" {
		t.Errorf("nothing yet: %+v", got)
	}
	if got := run("starter", "--dry-run"); got.code != 0 || strings.Count(got.out, "added ") != 25 {
		t.Errorf("what would be added: %+v", got)
	}
	if got := run("starter"); got.code != 0 || !strings.Contains(got.out, "added reason overcharge\n") || !strings.Contains(got.out, "added root_cause meter_gap\n") {
		t.Errorf("%+v", got)
	}
	if got := run("starter"); got.code != 0 || got.out != "" {
		t.Errorf("again: %+v", got)
	}
	kept := run("export")
	if kept.code != 0 || !strings.Contains(kept.out, "de: Doppelt berechnet") {
		t.Fatalf("%+v", kept)
	}
	if got := run("apply", file(t, "same.yaml", kept.out)); got.code != 0 || got.out != "" {
		t.Errorf("the same: %+v", got)
	}
	other := file(t, "other.yaml", "reasons:\n  - {code: overcharge, name: Price, type: dispute, retired: true}\n  - {code: late_delivery, name: Late, type: dispute}\n")
	if got := run("apply", other); got.code != 0 || got.out != "retired reason overcharge\nadded reason late_delivery\n" {
		t.Errorf("%+v", got)
	}
	if got := run("apply", file(t, "bad.yaml", "reasons:\n  - {code: Über, name: A, type: dispute}\n  - {code: fine, name: B, type: dispute}\n")); got.code != 1 || !strings.Contains(got.err, "reasons.0.code") {
		t.Errorf("a bad code: %+v", got)
	}
	if got := run("apply", file(t, "slip.yaml", "reasons:\n  - {code: fine, title: B}\n")); got.code != 1 || !strings.Contains(got.err, "title") {
		t.Errorf("a slip of the pen: %+v", got)
	}
	if got := run("export"); strings.Contains(got.out, "fine") {
		t.Errorf("part of a refused file is kept: %s", got.out)
	}
}
