package main

import (
	"strings"
	"testing"

	"makegood/internal/dbtest"
)

func TestPolicyIsCarriedAsAFile(t *testing.T) {
	t.Parallel()
	at := []string{"--database-url", dbtest.URL(t), "--secret-key", key}
	run := func(args ...string) typed { return command(t, append(append([]string{"policy"}, args...), at...)...) }
	now := run("export")
	if now.code != 0 || !strings.Contains(now.out, "cooling_days: 14") {
		t.Fatalf("export: %+v", now)
	}
	same := file(t, "same.yaml", now.out)
	if got := run("diff", same); got.code != 0 || got.out != "" {
		t.Errorf("the same differs: %+v", got)
	}
	other := file(t, "other.yaml", strings.Replace(now.out, "14", "7", 1))
	if got := run("diff", other); got.code != 1 || got.out != "~ cooling_days: 14 → 7\n" {
		t.Errorf("another: %+v", got)
	}
	if got := run("diff", file(t, "wrong.yaml", "rules:\n  - name: a\n    if: amonut > 5\n    then: {mode: direct}\n")); got.code != 1 || !strings.Contains(got.err, "unknown name amonut") {
		t.Errorf("a wrong one: %+v", got)
	}
	if got := run("apply", other, "--as", "nobody@ostwind.example", "--comment", "Shorter"); got.code != 1 {
		t.Errorf("somebody unknown proposes: %+v", got)
	}
	if got := command(t, append([]string{"user", "add", "cora@ostwind.example", "--name", "Cora", "--role", "controller"}, at...)...); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	if got := run("apply", other, "--as", "cora@ostwind.example", "--comment", "Shorter"); got.code != 0 || !strings.Contains(got.out, `"change":1`) {
		t.Errorf("apply: %+v", got)
	}
	if got := run("export"); got.out != now.out {
		t.Errorf("a proposal alone is in force: %+v", got)
	}
	if got := run("apply", same, "--as", "nobody@ostwind.example", "--comment", "Nothing"); got.code != 0 || got.out != "{\"change\":0,\"differences\":null}\n" {
		t.Errorf("nothing to change: %+v", got)
	}
}
