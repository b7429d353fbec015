package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"makegood/internal/dbtest"
)

// TestAnchors has somebody with full power over the database write a whole chain anew, so that it proves again: only the
// heads kept outside know.
func TestAnchors(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	on := []string{"--database-url", d.Pool().Config().ConnString(), "--secret-key", key}
	heads := filepath.Join(t.TempDir(), "heads.jsonl")
	anchored := func(code int, says string) {
		t.Helper()
		if got := command(t, append([]string{"verify", "--anchor", heads}, on...)...); got.code != code || !strings.Contains(got.out, says) {
			t.Errorf("wanted exit %d and %q: %+v", code, says, got)
		}
	}
	user := func(name string) {
		t.Helper()
		args := append([]string{"user", "add", name + "@ostwind.example", "--name", name, "--role", "agent"}, on...)
		if got := command(t, args...); got.code != 0 {
			t.Fatalf("%+v", got)
		}
	}
	lines := func() []string { return strings.SplitAfter(content(t, heads), "\n") }
	user("mara")
	anchored(0, "heads kept outside (0)")
	anchored(0, "heads kept outside (1)")
	if got := len(lines()); got != 2 { // one line, and nothing after its end
		t.Errorf("nothing happened in between, yet the file has %d lines", got-1)
	}
	user("nora")
	anchored(0, "heads kept outside (1)")
	whole := lines()

	for file, says := range map[string]string{
		whole[1]:                              "line 1 of " + heads + ": does not follow the line before it",
		whole[0] + whole[1][:len(whole[1])/2]: "line 2 of " + heads + ": not a whole line of anchors",
		strings.Replace(whole[0], `"seq":`, `"seq":7`, 1):   "is not what it was on",
		strings.Replace(whole[0], "admin", "elsewhere", 1):  "stream elsewhere",
		strings.Replace(whole[0], "{", "[", 1) + whole[1]:   "line 1 of " + heads + ": not a whole line",
		whole[0] + strings.Replace(whole[1], "20", "21", 1): "", // a last line is proven by its heads, whenever it says they were taken
	} {
		rewrite(t, heads, file)
		anchored(map[bool]int{true: 1}[says != ""], says)
	}

	rewrite(t, heads, whole[0]+whole[1])
	dbtest.AsOwner(t, d,
		`create temp table kept as select * from audit_log where stream = 'admin' order by seq`,
		`delete from audit_log where stream = 'admin'`, `delete from audit_heads where stream = 'admin'`,
		`set session_replication_role = origin`,
		`insert into audit_log (stream, seq, at, actor_kind, actor_id, actor_name, what, request_id, data, prev_hash, hash)
			select stream, 0, at, actor_kind, actor_id, 'somebody else', what, request_id, data, '\x', '\x' from kept order by seq`)
	verified(t, on, 0)
	anchored(1, "stream admin, row 1 is not what it was on")
	if strings.Join(lines(), "") != whole[0]+whole[1] {
		t.Error("heads of a chain that does not hold were appended")
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func rewrite(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
