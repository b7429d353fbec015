package main

import (
	"strings"
	"testing"

	"makegood/internal/dbtest"
)

// TestSettingsAreCarriedAsAFile sets up a company by a file: what one person may change is changed, what takes a second one is proposed,
// what is wrong is refused by itself, and a file written by export changes nothing.
func TestSettingsAreCarriedAsAFile(t *testing.T) {
	t.Parallel()
	at := []string{"--database-url", dbtest.URL(t), "--secret-key", key}
	run := func(args ...string) typed { return command(t, append(append([]string{"config"}, args...), at...)...) }
	if got := command(t, append([]string{"user", "add", "ada@ostwind.example", "--name", "Ada", "--role", "admin"}, at...)...); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	wanted := file(t, "wanted.yaml", `
entities:
  - code: DE
    name: Ostwind Netz GmbH
    base_currency: EUR
    country: DE
    time_zone: Europe/Berlin
    language: de
    sender: {address: billing@ostwind.example}
teams:
  - name: Billing
    lead: Carl@ostwind.example
  - name: Tax
    lead: ada@ostwind.example
people:
  - email: Carl@ostwind.example
    name: Carl
    roles: [controller]
    team: Billing
    entities: [DE]
  - email: nora@ostwind.example
    name: Nora
    roles: [agent]
    entities: [FR]
  - email: otto@ostwind.example
    name: Otto
    roles: [agent]
    team: Collections
calendars:
  - name: Berlin
    zone: Europe/Berlin
    weekly: {mon: ["09:00-18:00"], tue: ["09:00-18:00"]}
service_levels:
  - position: 1
    for: {tiers: [gold], entities: [DE]}
    promise:
      name: Gold
      calendar: Berlin
      targets:
        first_response: {P1: 1h, P2: 2h, P3: 4h, P4: 8h}
        resolution: {P1: 8h, P2: 16h, P3: 24h, P4: 40h}
authority_policy:
  cooling_days: 7
authority_levels:
  - rank: 1
    name: Seniors
    signatures: 1
    limits: [{kind: billing_error, max: 1000, own: 25, entity: DE}]
authority_holders:
  - level: Seniors
    person: ada@ostwind.example
  - level: Seniors
    role: senior
    team: Billing
    regions: [DE]
    teams: [Tax]
mailboxes:
  - address: billing@ostwind.example
    entity: DE
    server: mail.ostwind.example:993
    security: tls
    username: billing
    password_from: MAKEGOOD_TEST_NO_SUCH_PASSWORD
`)
	plan := run("apply", wanted, "--dry-run")
	for _, line := range []string{
		"entities: DE is new", "  + name: Ostwind Netz GmbH", "teams: Billing is new", "  + lead: carl@ostwind.example", "people: carl@ostwind.example is new", "calendars: Berlin is new", "service_levels: Gold is new",
		"  ~ cooling_days: 14 → 7", "authority_levels: Seniors is new", "  + limits.0.max: 1000", "authority_holders: Seniors, ada@ostwind.example is new",
		"authority_holders: Seniors, role senior, team Billing is new", "  + regions.0: DE", "  + teams.0: Tax",
		"mailboxes: billing@ostwind.example is new",
	} {
		if plan.code != 0 || !strings.Contains(plan.out, line+"\n") {
			t.Errorf("the difference lacks %q: %+v", line, plan)
		}
	}
	if again := run("apply", wanted, "--dry-run"); again.out != plan.out {
		t.Errorf("a dry run changed something: %s", again.out)
	}
	if got := run("apply", wanted); got.code == 0 || !strings.Contains(got.err, "--as") {
		t.Errorf("nobody changes it: %+v", got)
	}
	done := run("apply", wanted, "--as", "ada@ostwind.example", "--comment", "The company begins")
	for _, line := range []string{
		"entities: DE: added", "teams: Billing: added without its lead: carl@ostwind.example is not here yet", "teams: Tax: added\n",
		"people: otto@ostwind.example: refused: Some fields need another look. team: There is no team called Collections.", "people: carl@ostwind.example: proposed as ", "people: nora@ostwind.example: refused: Some fields need another look. entities: There is no legal entity FR.",
		"calendars: Berlin: saved as version 1", "service_levels: Gold: kept as a draft", "authority_policy: policy: proposed as ",
		"authority_levels: Seniors: proposed as ", "authority_holders: Seniors, ada@ostwind.example: refused: Some fields need another look. level: There is no level of authority called Seniors.",
		"mailboxes: billing@ostwind.example: refused: Some fields need another look. password_from: The environment has no MAKEGOOD_TEST_NO_SUCH_PASSWORD",
	} {
		if done.code != 1 || !strings.Contains(done.out, line) {
			t.Errorf("what became of it lacks %q: %+v", line, done)
		}
	}
	now := run("export")
	if now.code != 0 || !strings.Contains(now.out, "code: DE") || !strings.Contains(now.out, "name: Berlin") || strings.Contains(now.out, "password") ||
		!strings.Contains(now.out, "teams:\n  - name: Billing\n  - name: Tax\n    lead: ada@ostwind.example\n") {
		t.Errorf("export: %+v", now)
	}
	if got := run("apply", file(t, "same.yaml", now.out), "--dry-run"); got.out != "nothing differs\n" {
		t.Errorf("what was exported differs from itself: %+v", got)
	}
	moved := file(t, "moved.yaml", strings.Replace(now.out, "Ostwind Netz GmbH", "Ostwind Netz SE", 1))
	if got := run("apply", moved, "--as", "ada@ostwind.example", "--comment", "Another form"); got.code != 0 || !strings.Contains(got.out, "~ name: Ostwind Netz GmbH → Ostwind Netz SE") ||
		!strings.Contains(got.out, "entities: DE: changed") {
		t.Errorf("a change: %+v", got)
	}
	teams := file(t, "teams.yaml", "teams:\n  - {name: Billing, lead: Ada@ostwind.example}\n  - {name: Tax, lead: nobody@ostwind.example}\n")
	if got := run("apply", teams, "--as", "ada@ostwind.example", "--comment", "Who leads"); got.code != 1 || !strings.Contains(got.out, "+ lead: ada@ostwind.example") ||
		!strings.Contains(got.out, "teams: Billing: changed") || !strings.Contains(got.out, "teams: Tax: refused: Some fields need another look. lead: Nobody with the address nobody@ostwind.example is here yet.") {
		t.Errorf("leads: %+v", got)
	}
	if got := run("apply", file(t, "wrong.yaml", "entitys: []\n"), "--dry-run"); got.code != 1 || !strings.Contains(got.err, "line 1") {
		t.Errorf("a word it does not know: %+v", got)
	}
}

// What customers are asked and what is reviewed is carried: an entity and a team that nothing was said of are in no file, a criterion without a code keeps
// the one that its name has.
func TestSurveysAndReviewsAreCarried(t *testing.T) {
	t.Parallel()
	at := []string{"--database-url", dbtest.URL(t), "--secret-key", key}
	run := func(args ...string) typed { return command(t, append(append([]string{"config"}, args...), at...)...) }
	if got := command(t, append([]string{"user", "add", "ada@ostwind.example", "--name", "Ada", "--role", "admin"}, at...)...); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	const base = `
entities:
  - {code: DE, name: Ostwind Netz GmbH, base_currency: EUR, country: DE, time_zone: Europe/Berlin, language: de, sender: {address: billing@ostwind.example}}
  - {code: FR, name: Ostwind France SAS, base_currency: EUR, country: FR, time_zone: Europe/Paris, language: fr, sender: {address: facturation@ostwind.example}}
teams: [{name: Billing}, {name: Tax}]
`
	const asked = `unanswered: [{entity: DE, remind_days: [5, 10], close_days: 20}]
surveys: [{entity: DE, active: true, wait_hours: 48, answer_days: 10, quiet_days: 60}]
statements: [{entity: DE, active: true, on_day: 5}]
review_card:
  - {name: Right amount, hint: As the contract says, scale: yes_no, weight: 3}
  - {name: Tone, scale: five, weight: 1}
review_samples: [{team: Billing, kind: share, amount: 10}]
`
	apply := func(name, text string) typed {
		t.Helper()
		return run("apply", file(t, name, text), "--as", "ada@ostwind.example", "--comment", "How we ask and look")
	}
	if got := apply("all.yaml", base+asked); got.code != 0 || !strings.Contains(got.out, "surveys: DE: changed") || !strings.Contains(got.out, "review_card: card: changed") ||
		!strings.Contains(got.out, "review_samples: Billing: changed") || !strings.Contains(got.out, "statements: DE: changed") {
		t.Errorf("%+v", got)
	}
	now := run("export")
	for _, want := range []string{"wait_hours: 48", "remind_days: [5, 10]", "on_day: 5", "code: right_amount", "scale: five", "kind: share"} {
		if !strings.Contains(now.out, want) {
			t.Errorf("the file lacks %q:\n%s", want, now.out)
		}
	}
	if strings.Contains(now.out, "entity: FR") || strings.Contains(now.out, "team: Tax") {
		t.Errorf("it says what nobody set:\n%s", now.out)
	}
	for name, text := range map[string]string{"same.yaml": now.out, "nameless.yaml": asked} {
		if got := run("apply", file(t, name, text), "--dry-run"); got.out != "nothing differs\n" {
			t.Errorf("%s: %s", name, got.out)
		}
	}
	if got := apply("other.yaml", strings.NewReplacer("48", "24", "on_day: 5", "on_day: 31", "weight: 1}", "weight: 2}", "amount: 10", "amount: 20").Replace(asked)); got.code != 0 ||
		!strings.Contains(got.out, "~ wait_hours: 48 → 24") || !strings.Contains(got.out, "~ 1.weight: 1 → 2") || !strings.Contains(got.out, "~ amount: 10 → 20") || !strings.Contains(got.out, "~ on_day: 5 → 31") {
		t.Errorf("%+v", got)
	}
	if got := apply("wrong.yaml", "surveys: [{entity: DE, active: true, wait_hours: 0, answer_days: 10, quiet_days: 60}]\nreview_samples: [{team: Nobody, kind: share, amount: 5}]\n"); got.code != 1 ||
		!strings.Contains(got.out, "surveys: DE: refused: ") || !strings.Contains(got.out, "There is no team called Nobody") {
		t.Errorf("%+v", got)
	}
}

// What waits for a second person is not proposed again by the same file.
func TestWhatWaitsIsNotProposedAgain(t *testing.T) {
	t.Parallel()
	at := []string{"--database-url", dbtest.URL(t), "--secret-key", key}
	if got := command(t, append([]string{"user", "add", "ada@ostwind.example", "--name", "Ada", "--role", "admin"}, at...)...); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	wanted := file(t, "wanted.yaml", `
people: [{email: nora@ostwind.example, name: Nora, roles: [agent]}, {email: ada@ostwind.example, name: Ada Admin, roles: [admin]}]
authority_policy: {cooling_days: 7}
authority_levels: [{rank: 1, name: Seniors, signatures: 1, limits: [{kind: billing_error, max: 1000}]}]
`)
	apply := func() typed {
		t.Helper()
		return command(t, append([]string{"config", "apply", wanted, "--as", "ada@ostwind.example", "--comment", "The company begins"}, at...)...)
	}
	first, again := apply(), apply()
	for _, what := range []string{"people: nora@ostwind.example: ", "people: ada@ostwind.example: ", "authority_policy: policy: ", "authority_levels: Seniors: "} {
		_, number, ok := strings.Cut(first.out, what+"proposed as ")
		number, _, _ = strings.Cut(number, ";")
		if !ok || !strings.Contains(again.out, what+"waits as "+number+" already; somebody else confirms it") {
			t.Errorf("%s: first %s then %s", what, first.out, again.out)
		}
	}
}

// Whom a level is given to is carried as it was given: people by their address, roles and teams by name.
func TestRolesThatHoldLevelsAreCarried(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	at := []string{"--database-url", d.Pool().Config().ConnString(), "--secret-key", key}
	run := func(args ...string) typed { return command(t, append(append([]string{"config"}, args...), at...)...) }
	if got := command(t, append([]string{"user", "add", "ada@ostwind.example", "--name", "Ada", "--role", "admin"}, at...)...); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	dbtest.AsOwner(t, d, `insert into teams (name) values ('Tax')`, `insert into authority_levels (rank, name) values (1, 'Seniors')`,
		`insert into authority_level_versions (level_id, version, limits, valid_from) select id, 1, '[]', '2026-01-01' from authority_levels`,
		`insert into authority_holders (level_id, role, team_id, regions, team_ids, valid_from) select l.id, 'senior', t.id, '{DE}', array[t.id], '2026-01-01' from authority_levels l, teams t`,
		`insert into concession_budget_series (team_id, from_month, amount, set_at, set_by) select id, '2026-01-01', 500, '2026-01-01', 1 from teams`)
	now := run("export")
	const holder = "  - level: Seniors\n    role: senior\n    team: Tax\n    regions: [DE]\n    teams: [Tax]\n"
	if !strings.Contains(now.out, holder) || !strings.Contains(now.out, "    each_month: \"500\"\n") {
		t.Fatalf("export: %+v", now)
	}
	if got := run("apply", file(t, "same.yaml", now.out), "--dry-run"); got.out != "nothing differs\n" {
		t.Errorf("what was exported differs from itself: %+v", got)
	}
	moved := file(t, "moved.yaml", strings.Replace(now.out, holder, "  - {level: Seniors, team: Tax}\n  - {level: Seniors, role: senior, team: Legal}\n", 1))
	got := run("apply", moved, "--as", "ada@ostwind.example", "--comment", "As decided")
	if !strings.Contains(got.out, "authority_holders: Seniors, team Tax: proposed as ") ||
		!strings.Contains(got.out, "authority_holders: Seniors, role senior, team Legal: refused: Some fields need another look. team: There is no team called Legal.") {
		t.Errorf("apply: %+v", got)
	}
}
