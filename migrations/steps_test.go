package migrations_test

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"makegood/migrations"
)

// free is the last step that need not keep to the rule: those up to it were written before anything was released, and run before anybody
// works.
const free = 99

// A step that runs while an older version serves keeps to docs/operating.md, "Upgrading without an interruption".
func TestStepsDisturbNobody(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil || len(names) < 40 {
		t.Fatalf("%d steps: %v", len(names), err)
	}
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Errorf("%s has no number", name)
		}
		if n <= free {
			continue
		}
		text, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, what := range disturbs(string(text)) {
			t.Errorf("%s %s", name, what)
		}
	}
}

// What the rule finds.
func TestWhatDisturbs(t *testing.T) {
	t.Parallel()
	const alone = "-- +goose NO TRANSACTION\n-- +goose Up\n"
	for text, want := range map[string]string{
		"-- +goose Up\n-- An index of it.\ncreate table things (id bigint primary key);\ncreate index things_id on things (id);\ncall grant_to_application();": "",
		alone + "create index concurrently cases_subject on cases (subject);":                                                                                  "",
		alone + "create unique index concurrently if not exists cases_subject on cases (subject);":                                                             "",
		"create index cases_subject on cases (subject);":                                                                                                       "locks cases for an index",
		"CREATE UNIQUE INDEX cases_subject\n\ton only cases (subject);":                                                                                        "locks cases for an index",
		"-- +goose Up\ncreate index concurrently cases_subject on cases (subject);":                                                                            "makes an index concurrently inside a transaction",
		alone + "create index concurrently a on cases (b); create index concurrently c on cases (d);":                                                          "does something else beside an index; does something else beside an index",
		"alter table cases add column note text not null default '', add column other int;":                                                                    "",
		"alter table cases add column note text not null;":                                                                                                     "adds a column that older versions do not fill",
		"alter table cases add column a numeric(20,4) not null;":                                                                                               "adds a column that older versions do not fill",
		"alter table cases add column a text, add column b text not null check (b <> '');":                                                                     "adds a column that older versions do not fill",
		"alter table cases add constraint short check (length(subject) < 100) not valid;":                                                                      "",
		"alter table cases validate constraint short;":                                                                                                         "",
		"alter table cases add constraint short check (length(subject) < 100);":                                                                                "checks every row of cases under a lock",
		"alter table cases add constraint short check (length(subject) < 100) not valid;\nalter table cases validate constraint short;":                        "validates a constraint in the step that adds it",
		"alter table cases add column a text; alter table customers add column a text;":                                                                        "touches cases and customers",
		"create trigger a before update on customers for each row execute function f(); alter table cases add column a text;":                                  "touches cases and customers",
		"alter table cases rename column subject to title;":                                                                                                    "renames",
		"alter table cases alter column subject type varchar(10);":                                                                                             "changes a type",
		"alter table cases alter column subject set not null;":                                                                                                 "reads every row for a column that must not be null",
		"-- alter table cases rename to x\nselect $$ alter table cases rename to x $$;":                                                                        "",
	} {
		if got := strings.Join(disturbs(text), "; "); got != want {
			t.Errorf("%s\n%q, want %q", text, got, want)
		}
	}
}

var (
	remarks    = regexp.MustCompile(`(?m)--.*$`)
	bodies     = regexp.MustCompile(`(?s)\$\$.*?\$\$`)
	madeTable  = regexp.MustCompile(`^create table (?:if not exists )?(\w+)`)
	madeIndex  = regexp.MustCompile(`^create (?:unique )?index (concurrently )?.*?\bon (?:only )?(\w+)`)
	changed    = regexp.MustCompile(`^alter table (?:if exists )?(?:only )?(\w+)`)
	triggered  = regexp.MustCompile(`^create (?:or replace )?(?:constraint )?trigger .*? on (\w+)`)
	defaulted  = regexp.MustCompile(`\b(default|generated)\b`)
	newType    = regexp.MustCompile(`alter column \w+ (set data )?type\b`)
	newNotNull = regexp.MustCompile(`alter column \w+ set not null`)
)

// disturbs tells what a step does that those at work would notice.
func disturbs(text string) []string {
	inTransaction := !strings.Contains(strings.ToLower(text), "+goose no transaction")
	text = bodies.ReplaceAllString(remarks.ReplaceAllString(strings.ToLower(text), ""), "''")
	var statements []string
	for statement := range strings.SplitSeq(text, ";") {
		if statement = strings.Join(strings.Fields(statement), " "); statement != "" {
			statements = append(statements, statement)
		}
	}
	own, touched := map[string]bool{}, map[string]bool{}
	var wrong []string
	for _, s := range statements {
		if m := madeTable.FindStringSubmatch(s); m != nil {
			own[m[1]] = true
		}
		table, what := onTable(s, inTransaction, len(statements))
		if table != "" && !own[table] {
			touched[table], wrong = true, append(wrong, what...)
		}
	}
	if strings.Contains(text, " validate constraint ") && strings.Contains(text, " add constraint ") {
		wrong = append(wrong, "validates a constraint in the step that adds it")
	}
	if len(touched) > 1 {
		wrong = append(wrong, "touches "+strings.Join(slices.Sorted(maps.Keys(touched)), " and "))
	}
	return wrong
}

// onTable is the table that a statement locks, and what those at work would notice of it.
func onTable(s string, inTransaction bool, statements int) (table string, wrong []string) {
	if m := madeIndex.FindStringSubmatch(s); m != nil {
		switch {
		case m[1] == "":
			wrong = append(wrong, "locks "+m[2]+" for an index")
		case inTransaction:
			wrong = append(wrong, "makes an index concurrently inside a transaction")
		case statements > 1:
			wrong = append(wrong, "does something else beside an index")
		}
		return m[2], wrong
	}
	if m := triggered.FindStringSubmatch(s); m != nil {
		return m[1], nil
	}
	m := changed.FindStringSubmatch(s)
	if m == nil {
		return "", nil
	}
	for _, column := range strings.Split(s, "add column ")[1:] {
		if strings.Contains(column, " not null") && !defaulted.MatchString(column) {
			wrong = append(wrong, "adds a column that older versions do not fill")
		}
	}
	for what, is := range map[string]bool{
		"checks every row of " + m[1] + " under a lock": strings.Contains(s, " add constraint ") && !strings.Contains(s, " not valid") && !strings.Contains(s, " using index "),
		"renames":        strings.Contains(s, " rename "),
		"changes a type": newType.MatchString(s),
		"reads every row for a column that must not be null": newNotNull.MatchString(s),
	} {
		if is {
			wrong = append(wrong, what)
		}
	}
	return m[1], wrong
}
