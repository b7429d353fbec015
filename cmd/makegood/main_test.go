package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// TestMain lets the test binary also be the program: commands that start copies of it start this file.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		main()
	}
	dbtest.Main(m)
}

// typed is what a command answered.
type typed struct {
	code     int
	out, err string
}

// command types a command line.
func command(t *testing.T, args ...string) typed {
	t.Helper()
	var out, errors bytes.Buffer
	code := run(t.Context(), args, streams{&out, &errors})
	return typed{code, out.String(), errors.String()}
}

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWrongWords(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"dance"}, {"sla"}, {"migrate", "sideways"}, {"sla", "explain", "--target", "4h"}, {"verify", "--loudly"}} {
		if got := command(t, args...); got.code != 2 || !strings.Contains(got.err, "makegood:") {
			t.Errorf("%v: %+v", args, got)
		}
	}
	for _, args := range [][]string{{"migrate", "status"}, {"verify"}, {"serve"}} {
		if got := command(t, args...); got.code != 1 || !strings.Contains(got.err, "MAKEGOOD_DATABASE_URL is not set") {
			t.Errorf("%v without a database: %+v", args, got)
		}
	}
}

const (
	singapore = "name: SG\nzone: Asia/Singapore\nweekly:\n" +
		"  mon: [\"09:00-18:00\"]\n  tue: [\"09:00-18:00\"]\n  wed: [\"09:00-18:00\"]\n  thu: [\"09:00-18:00\"]\n  fri: [\"09:00-18:00\"]\n"
	newYork = "name: NY\nzone: America/New_York\nweekly:\n  mon: [\"00:00-24:00\"]\n  tue: [\"00:00-24:00\"]\n  wed: [\"00:00-24:00\"]\n" +
		"  thu: [\"00:00-24:00\"]\n  fri: [\"00:00-24:00\"]\n  sat: [\"00:00-24:00\"]\n  sun: [\"00:00-24:00\"]\n"
)

func TestExplainedDeadlines(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		calendar, from, target string
		pauses                 []string
		due                    string
	}{
		"over the weekend":           {singapore, "2027-03-12T17:00", "4h", nil, "2027-03-15T12:00:00+08:00"},
		"waiting on Monday":          {singapore, "2027-03-12T17:00", "4h", []string{"2027-03-15T10:00/2027-03-15T11:30"}, "2027-03-15T13:30:00+08:00"},
		"waiting over the weekend":   {singapore, "2027-03-12T17:00", "4h", []string{"2027-03-12T17:30/2027-03-15T09:30"}, "2027-03-15T13:00:00+08:00"},
		"a night without one hour":   {newYork, "2027-03-13T20:00", "12h", nil, "2027-03-14T09:00:00-04:00"},
		"a night with one hour more": {newYork, "2027-11-06T20:00", "12h", nil, "2027-11-07T07:00:00-05:00"},
		"a start in another zone":    {singapore, "2027-03-12T09:00:00Z", "4h", nil, "2027-03-15T12:00:00+08:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := []string{"sla", "explain", "--calendar", file(t, "calendar.yaml", c.calendar), "--from", c.from, "--target", c.target}
			for _, pause := range c.pauses {
				args = append(args, "--pause", pause)
			}
			got := command(t, args...)
			var explained struct {
				Due     time.Time
				Counted []struct{ From, To time.Time }
			}
			if err := json.Unmarshal([]byte(got.out), &explained); err != nil || got.code != 0 {
				t.Fatalf("%+v %v", got, err)
			}
			want, err := time.Parse(time.RFC3339, c.due)
			if err != nil {
				t.Fatal(err)
			}
			if !explained.Due.Equal(want) {
				t.Errorf("due %s, want %s", explained.Due, want)
			}
			var counted time.Duration
			for _, i := range explained.Counted {
				counted += i.To.Sub(i.From)
			}
			if counted.String() != (4*time.Hour).String() && counted.String() != (12*time.Hour).String() {
				t.Errorf("%s counted in %+v", counted, explained.Counted)
			}
		})
	}
}

// Around the end of a month another target holds, for a clock that starts there; one that would be longer is refused.
func TestExplainedAtTheEndOfTheMonth(t *testing.T) {
	t.Parallel()
	explain := func(from, tight string) typed {
		return command(t, "sla", "explain", "--calendar", file(t, "calendar.yaml", singapore), "--from", from, "--target", "4h",
			"--month-end-target", tight, "--last-days", "3", "--first-days", "2")
	}
	var inside, outside struct {
		Due      time.Time
		MonthEnd *struct{ From, To time.Time } `json:"month_end"`
	}
	if got := explain("2027-03-30T10:00", "1h"); json.Unmarshal([]byte(got.out), &inside) != nil || inside.MonthEnd == nil || inside.Due.Format("2006-01-02T15:04") != "2027-03-30T11:00" ||
		inside.MonthEnd.From.Format(time.DateOnly) != "2027-03-29" || inside.MonthEnd.To.Format(time.DateOnly) != "2027-04-03" {
		t.Errorf("%+v", got)
	}
	if got := explain("2027-03-15T10:00", "1h"); json.Unmarshal([]byte(got.out), &outside) != nil || outside.MonthEnd != nil || outside.Due.Format("2006-01-02T15:04") != "2027-03-15T14:00" {
		t.Errorf("%+v", got)
	}
	if got := explain("2027-03-30T10:00", "5h"); got.code == 0 {
		t.Errorf("%+v", got)
	}
}

func TestExplainedToTheLastInterval(t *testing.T) {
	t.Parallel()
	got := command(t, "sla", "explain", "--all", "--calendar", file(t, "calendar.yaml", singapore), "--from", "2027-03-12T17:00", "--target", "4h",
		"--pause", "2027-03-15T10:00/2027-03-15T11:30")
	var explained struct {
		Due   time.Time
		Steps []struct {
			From, To time.Time
			Reason   string
		}
	}
	if err := json.Unmarshal([]byte(got.out), &explained); err != nil || got.code != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	var told []string
	for _, s := range explained.Steps {
		told = append(told, s.From.Format("Mon 15:04 ")+s.Reason)
	}
	want := "Fri 17:00 counted, Fri 18:00 outside_hours, Mon 09:00 counted, Mon 10:00 paused, Mon 11:30 counted"
	if strings.Join(told, ", ") != want || !explained.Steps[len(told)-1].To.Equal(explained.Due) {
		t.Errorf("told %s", strings.Join(told, ", "))
	}
}

func TestUnexplainedDeadlines(t *testing.T) {
	t.Parallel()
	good := file(t, "calendar.yaml", newYork)
	for name, args := range map[string][]string{
		"broken calendar": {"--calendar", file(t, "calendar.yaml", "zone: Mars/Olympus"), "--from", "2027-03-12T17:00", "--target", "4h"},
		"skipped hour":    {"--calendar", good, "--from", "2027-03-14T02:30", "--target", "4h"},
		"no duration":     {"--calendar", good, "--from", "2027-03-12T17:00", "--target", "soon"},
		"pause backwards": {"--calendar", good, "--from", "2027-03-12T17:00", "--target", "4h", "--pause", "2027-03-13T12:00/2027-03-13T11:00"},
	} {
		if got := command(t, append([]string{"sla", "explain"}, args...)...); got.code != 1 || got.out != "" || got.err == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestMailParsed(t *testing.T) {
	t.Parallel()
	path := file(t, "mail.eml", "From: Ada Lumen <ada@Lumen.Example>\r\nTo: billing@ostwind.example\r\nSubject: Invoice DE-2026-00001\r\n"+
		"Message-ID: <1@lumen.example>\r\nDate: Thu, 12 Nov 2026 09:30:00 +0100\r\n\r\nWe were charged 119.00 EUR too much.\r\n")
	got := command(t, "mail", "parse", path, file(t, "nothing.eml", "\x00\xff"))
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	if got.code != 0 || len(lines) != 2 {
		t.Fatalf("%+v", got)
	}
	want := []string{
		"attachments", "bounce", "cc", "date", "defects", "from", "html", "in_reply_to", "kind", "language", "message_id", "references",
		"refs", "reply_text", "reply_to", "subject", "text", "to",
	}
	for _, line := range lines {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if keys := slices.Sorted(maps.Keys(m)); !slices.Equal(keys, want) {
			t.Errorf("keys %v", keys)
		}
	}
	for _, part := range []string{`"message_id":"1@lumen.example"`, `"address":"ada@lumen.example"`, `"kind":"person"`, `"invoices":["DE-2026-00001"]`, `{"amount":"119.00","currency":"EUR"}`} {
		if !strings.Contains(lines[0], part) {
			t.Errorf("no %s in %s", part, lines[0])
		}
	}
	if got := command(t, "mail", "parse", filepath.Join(t.TempDir(), "missing.eml"), path); got.code != 1 || !strings.Contains(got.out, "lumen") {
		t.Errorf("a missing file: %+v", got)
	}
}

const key = "a secret key that only tests of the commands use"

func TestDatabaseCommands(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	url := d.Pool().Config().ConnString()
	status := command(t, "migrate", "status", "--database-url", dbtest.OwnerURL(t, d))
	if status.code != 0 || !strings.Contains(status.out, "0001_audit_and_people.sql") || strings.Contains(status.out, "pending") {
		t.Errorf("%+v", status)
	}
	if got := command(t, "migrate", "up", "--database-url", dbtest.OwnerURL(t, d)); got.code != 0 {
		t.Errorf("migrated again: %+v", got)
	}
	on := []string{"--database-url", url, "--secret-key", key}
	add := append([]string{"user", "add", "mara@ostwind.example", "--name", "Mara", "--role", "agent,senior"}, on...)
	if got := command(t, add...); got.code != 0 || !strings.Contains(got.out, "password: ") {
		t.Errorf("user: %+v", got)
	}
	if got := command(t, add...); got.code != 1 || strings.Contains(got.err, "people.email_taken") {
		t.Errorf("the same user again: %+v", got)
	}
	if got := command(t, append([]string{"token", "create", "mara@ostwind.example"}, on...)...); got.code != 0 || !strings.HasPrefix(got.out, "mgd_") {
		t.Errorf("token: %+v", got)
	}
	if got := command(t, append([]string{"token", "create", "mara@ostwind.example", "--kind", "system"}, on...)...); got.code != 2 {
		t.Errorf("a token of a kind that there is not: %+v", got)
	}
	nobodyGone(t, d, on)
	verified(t, on, 0)
	dbtest.AsOwner(t, d, `update audit_log set what = 'nothing.happened' where what = 'user.added'`)
	verified(t, on, 1)
}

// nobodyGone: no command acts as somebody who was shut out, lets them in, or gives them a token.
func nobodyGone(t *testing.T, d *db.DB, on []string) {
	t.Helper()
	dbtest.AsOwner(t, d, `insert into users (email, name, roles, active, created_at) values ('gone@ostwind.example', 'Gone', '{director,admin,controller}', false, now())`)
	dbtest.AsOwner(t, d, `insert into legal_entities (code, name, base_currency, country, support_address, support_name, time_zone)
		values ('DE', 'Nordlicht Cloud GmbH', 'EUR', 'DE', 'billing@nordlicht.example', 'Billing', 'Europe/Berlin')`)
	policy := command(t, append([]string{"policy", "export"}, on...)...).out
	rows := file(t, "p.csv", "payment number\n")
	for _, args := range [][]string{
		{"export", "person", "ada@lumen.example", "--out", filepath.Join(t.TempDir(), "a.zip")},
		{"config", "apply", file(t, "settings.yaml", "teams: []\n"), "--comment", "Why"},
		{"policy", "apply", file(t, "policy.yaml", strings.Replace(policy, "cooling_days: 14", "cooling_days: 7", 1)), "--comment", "Why"},
		{"import", "csv", "payments", rows},
		{"cases", "import", "--from", "salesforce", rows},
		{"reconcile", "--from", "2026-05-01", "--to", "2026-05-31", rows},
		{"user", "link", "gone@ostwind.example"},
		{"token", "create", "gone@ostwind.example"},
	} {
		if args[0] != "user" && args[0] != "token" {
			args = append(args, "--as", "gone@ostwind.example")
		}
		if got := command(t, append(args, on...)...); got.code != 1 || !strings.Contains(got.err, "gone@ostwind.example has no access here any more") {
			t.Errorf("%v: %+v", args, got)
		}
	}
}

func verified(t *testing.T, on []string, code int) {
	t.Helper()
	got := command(t, append([]string{"verify", "--json"}, on...)...)
	var report struct {
		OK     bool
		Checks []struct {
			Name, Fault string
			OK          bool
		}
	}
	if err := json.Unmarshal([]byte(got.out), &report); err != nil {
		t.Fatalf("%+v: %v", got, err)
	}
	broken := len(report.Checks) > 0 && strings.HasPrefix(report.Checks[0].Fault, "stream admin, row 1")
	if got.code != code || report.OK != (code == 0) || broken != (code == 1) || len(report.Checks) < 4 {
		t.Errorf("%+v", got)
	}
	plain := command(t, append([]string{"verify"}, on...)...)
	if plain.code != code || strings.Contains(plain.out, "BROKEN") != (code == 1) {
		t.Errorf("%+v", plain)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	if got := command(t, "health", "--url", "http://127.0.0.1:1"); got.code != 1 || !strings.Contains(got.err, "no server at") {
		t.Errorf("%+v", got)
	}
}

// TestEveryFlagIsAVariable too, also one that no setting names.
func TestEveryFlagIsAVariable(t *testing.T) {
	var c cli
	var out bytes.Buffer
	parser, err := newParser(t.Context(), &c, streams{&out, &out})
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range append([]*kong.Node{parser.Model.Node}, parser.Model.Leaves(false)...) {
		for _, flag := range command.Flags {
			if flag.Name != "help" && flag.Name != "version" && len(flag.Envs) == 0 {
				t.Errorf("%s: --%s has no variable", command.Path(), flag.Name)
			}
		}
	}
	t.Setenv("MAKEGOOD_ALL", "true")
	if _, err := parser.Parse([]string{"jobs", "retry"}); err != nil || !c.Jobs.Retry.All {
		t.Errorf("MAKEGOOD_ALL is not read: %v", err)
	}
}
