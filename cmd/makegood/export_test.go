package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// Evidence is written to a file that is not there yet, proves itself without a database, and does not when it was altered.
func TestExport(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	dbtest.AsOwner(t, d, `insert into legal_entities (code, name, base_currency, country, support_address, support_name, time_zone)
		values ('DE', 'Nordlicht Cloud GmbH', 'EUR', 'DE', 'billing@nordlicht.example', 'Billing', 'Europe/Berlin')`)
	dbtest.AsOwner(t, d, `insert into cases (type, subject, status, priority, opened_at) values ('inquiry', 'A question', 'open', 'P3', now())`)
	run := func(args ...string) typed {
		return command(t, append(append([]string{"export"}, args...), "--database-url", d.Pool().Config().ConnString(), "--secret-key", key)...)
	}
	dir := t.TempDir()
	for name, args := range map[string][]string{
		"case.zip": {"case", "MG-000001"}, "period.zip": {"period", "DE", "2026-05", "--seed", "owl"}, "audit.zip": {"audit", "--entity", "DE", "--from", "2026-05-01", "--to", "2026-05-31"},
	} {
		path := filepath.Join(dir, name)
		if got := run(append(args, "--out", path)...); got.code != 0 || !strings.Contains(got.out, "manifest SHA-256") {
			t.Fatalf("%s: %+v", name, got)
		}
		if got := run(append(args, "--out", path)...); got.code != 1 || !strings.Contains(got.err, "exists") {
			t.Errorf("%s over what is there: %+v", name, got)
		}
		if got := command(t, "export", "check", path); got.code != 0 || !strings.Contains(got.out, "files as they were") {
			t.Errorf("%s: %+v", name, got)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		content[100] ^= 1 // within the manifest
		if got := command(t, "export", "check", file(t, name, string(content))); got.code != 1 {
			t.Errorf("%s altered: %+v", name, got)
		}
	}
	for _, wrong := range [][]string{{"case", "MG-000002"}, {"period", "DE", "May"}, {"period", "XX", "2026-05"}, {"case", "MG-000001", "--as", "nobody@nordlicht.example"}} {
		if got := run(append(wrong, "--out", filepath.Join(dir, "none.zip"))...); got.code != 1 || got.err == "" {
			t.Errorf("%v: %+v", wrong, got)
		}
		if _, err := os.Stat(filepath.Join(dir, "none.zip")); !os.IsNotExist(err) {
			t.Errorf("%v left a file: %v", wrong, err)
		}
	}
	for what, heading := range map[string]string{"journal": "Entry,Booked on,", "memos": "External ID,Document Number,"} {
		path := filepath.Join(dir, what+".csv")
		if got := run(what, "DE", "2026-05", "--out", path); got.code != 0 || !strings.Contains(got.out, path) {
			t.Errorf("%s: %+v", what, got)
		}
		if content, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(content), heading) {
			t.Errorf("%s: %q %v", what, content, err)
		}
		for _, wrong := range [][]string{{what, "DE", "2026-05", "--out", path}, {what, "XX", "2026-05"}, {what, "DE", "May"}} {
			if got := run(wrong...); got.code != 1 || got.err == "" {
				t.Errorf("%v: %+v", wrong, got)
			}
		}
	}
	if got := run("case", "MG-000001", "--out", filepath.Join(dir, "no such folder", "case.zip")); got.code != 1 {
		t.Errorf("into a folder that is not there: %+v", got)
	}
	// One row for each of the three that were written, none for those that could not be.
	if n, err := db.Value[int](t.Context(), d, `select count(*) from audit_log where what = 'evidence.exported'`); err != nil || n != 3 {
		t.Errorf("%d exports are recorded: %v", n, err)
	}
}
