package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCasesImport(t *testing.T) {
	t.Parallel()
	on := books(t)
	run := func(args ...string) (typed, casesBrought) {
		t.Helper()
		got := command(t, append(append([]string{"cases", "import"}, args...), on...)...)
		var report casesBrought
		if got.out != "" {
			if err := json.Unmarshal([]byte(got.out), &report); err != nil {
				t.Fatalf("%+v: %v", got, err)
			}
		}
		return got, report
	}
	at := filepath.Join("..", "..", "cases", "helpdesk", "testdata")
	salesforce := []string{"--from", "salesforce", filepath.Join(at, "salesforce", "Case.csv"), filepath.Join(at, "salesforce", "EmailMessage.csv")}

	got, report := run(append(salesforce, "--dry-run")...)
	if got.code != 1 || !report.DryRun || report.Counts.Open != 3 || report.Counts.Closed != 1 || report.Counts.Brought != 0 || len(report.Rejected) != 3 {
		t.Errorf("looked at: %+v", got)
	}
	rejected := filepath.Join(t.TempDir(), "rejected.csv")
	got, report = run(append(salesforce, "--rejected", rejected)...)
	if got.code != 1 || report.Counts.Brought != 4 || report.Import == 0 || report.System != "salesforce" || !strings.Contains(got.err, "makegood: 4 of 4 cases") {
		t.Errorf("brought in: %+v", got)
	}
	if r := report.Rejected[0]; r.File != "Case.csv" || r.Row != 6 || r.Number != "00001030" || r.Reason != "It does not say when it was opened." {
		t.Errorf("rejected %+v", r)
	}
	content, err := os.ReadFile(rejected)
	if err != nil || strings.Count(string(content), "\n") != 4 {
		t.Errorf("%v: %s", err, content)
	}
	if got, report = run(salesforce...); report.Counts.Known != 4 || report.Counts.Brought != 0 {
		t.Errorf("again: %+v", got)
	}
	if got, report = run("--from", "intercom", filepath.Join(at, "intercom", "lines.jsonl"), "--all-or-nothing"); got.code != 1 || report.Counts.Brought != 0 || len(report.Rejected) != 1 {
		t.Errorf("all or nothing: %+v", got)
	}
	if got, _ = run("--from", "intercom", filepath.Join(at, "salesforce", "Case.csv")); got.code != 1 || !strings.Contains(got.err, "Case.csv is no JSON from value 2 on.") {
		t.Errorf("the wrong files: %+v", got)
	}
	if got := command(t, "cases", "import", "--from", "dragons", rejected); got.code != 2 {
		t.Errorf("dragons: %+v", got)
	}
	verify := command(t, append([]string{"verify"}, on...)...)
	if verify.code != 0 {
		t.Errorf("afterwards: %+v", verify)
	}
}
