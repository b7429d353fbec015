package cases_test

import (
	"errors"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

func reasonOf(t *testing.T, k *desk, code string) cases.ReasonEntry {
	t.Helper()
	book, err := k.cases.ReasonBook(t.Context(), k.agent)
	k.must(err)
	for _, e := range book.Reasons {
		if e.Code == code {
			return e
		}
	}
	t.Fatalf("no reason %s", code)
	return cases.ReasonEntry{}
}

// A reason is added, worded for customers, changed as it was read, retired and taken up again; each change is in the audit log.
func TestReasonsAreKept(t *testing.T) {
	t.Parallel()
	k := setup(t)
	keep := func(e cases.ReasonEntry, isNew bool) ([]cases.ReasonChange, error) {
		return k.cases.KeepReasons(t.Context(), cases.KeepReasonsInput{By: k.supervisor, Book: cases.ReasonBook{Reasons: []cases.ReasonEntry{e}}, New: isNew})
	}
	late := cases.ReasonEntry{Code: "late_start", Name: " Billed  before the start ", Wordings: map[string]string{"de": "Zu früh berechnet", "ja": " "}}
	changes, err := keep(late, true)
	k.must(err)
	if len(changes) != 1 || changes[0] != (cases.ReasonChange{Of: "reason", Code: "late_start", What: "added"}) {
		t.Errorf("%+v", changes)
	}
	if _, err := keep(late, true); !errors.Is(err, cases.ErrReasonTaken) {
		t.Errorf("added twice: %v", err)
	}
	now := reasonOf(t, k, "late_start")
	if now.Name != "Billed before the start" || now.CaseType != cases.Dispute || now.Position != 2 || len(now.Wordings) != 1 || now.Version != 1 {
		t.Errorf("%+v", now)
	}
	listed, err := k.cases.Reasons(t.Context())
	k.must(err)
	for _, r := range listed {
		if r.Code == "late_start" && (r.In("de-AT") != "Zu früh berechnet" || r.In("ja") != "Billed before the start" || r.In("") != r.Name) {
			t.Errorf("customers read %q, %q, %q", r.In("de-AT"), r.In("ja"), r.In(""))
		}
	}
	changed := now
	changed.Name = "Billed too early"
	if changes, err = keep(changed, false); err != nil || len(changes) != 1 || changes[0].What != "changed" {
		t.Errorf("%+v %v", changes, err)
	}
	if _, err := keep(now, false); !errors.Is(err, cases.ErrReasonMoved) {
		t.Errorf("a stale form: %v", err)
	}
	changed.Version = 0
	if changes, err = keep(changed, false); err != nil || len(changes) != 0 {
		t.Errorf("what is so already: %+v %v", changes, err)
	}
	changed.Retired = true
	_, err = keep(changed, false)
	k.must(err)
	if listed, err = k.cases.Reasons(t.Context()); err != nil || len(listed) != 1 {
		t.Errorf("a retired one is offered: %+v %v", listed, err)
	}
	changed.Retired = false
	if changes, err = keep(changed, false); err != nil || changes[0].What != "taken_up" {
		t.Errorf("%+v %v", changes, err)
	}
	rows, err := audit.Timeline(t.Context(), k.db, audit.Admin, 0, 100)
	k.must(err)
	var said []string
	for _, row := range rows {
		if strings.HasPrefix(row.What, "reason.") {
			said = append(said, row.What)
		}
	}
	if got := strings.Join(said, " "); got != "reason.added reason.changed reason.retired reason.taken_up" {
		t.Errorf("the log says %s", got)
	}
}

// Who may, what is refused by the name of its field, and that a file with one wrong entry leaves nothing.
func TestReasonsRefused(t *testing.T) {
	t.Parallel()
	k := setup(t)
	good := cases.ReasonEntry{Code: "fine", Name: "Fine"}
	for _, by := range []access.Actor{k.agent, k.lead, k.controller} {
		if _, err := k.cases.KeepReasons(t.Context(), cases.KeepReasonsInput{By: by, Book: cases.ReasonBook{Reasons: []cases.ReasonEntry{good}}}); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("%s keeps reasons: %v", by.Name, err)
		}
	}
	for field, book := range map[string]cases.ReasonBook{
		"code":                {Reasons: []cases.ReasonEntry{{Code: "new", Name: "New"}}},
		"name":                {Reasons: []cases.ReasonEntry{{Code: "fine", Name: " "}}},
		"type":                {Reasons: []cases.ReasonEntry{{Code: "fine", Name: "Fine", CaseType: "quarrel"}}},
		"position":            {Reasons: []cases.ReasonEntry{{Code: "fine", Name: "Fine", Position: -1}}},
		"wordings.fr":         {Reasons: []cases.ReasonEntry{{Code: "fine", Name: "Fine", Wordings: map[string]string{"fr": "Bon"}}}},
		"wordings.de":         {Reasons: []cases.ReasonEntry{{Code: "fine", Name: "Fine", Wordings: map[string]string{"de": strings.Repeat("ü", 81)}}}},
		"owner":               {RootCauses: []cases.CauseEntry{{Code: "fine", Name: "Fine"}}},
		"reasons.1.code":      {Reasons: []cases.ReasonEntry{good, good}},
		"root_causes.0.owner": {Reasons: []cases.ReasonEntry{good}, RootCauses: []cases.CauseEntry{{Code: "fine", Name: "Fine"}}},
	} {
		_, err := k.cases.KeepReasons(t.Context(), cases.KeepReasonsInput{By: k.supervisor, Book: book})
		var wrong *errs.Error
		if !errors.As(err, &wrong) || len(wrong.Fields) != 1 || wrong.Fields[0].Name != field {
			t.Errorf("%s: %+v", field, err)
		}
	}
	if n := value[int](t, k.db, `select count(*)::int from reason_codes`); n != 1 {
		t.Errorf("%d reasons after refusals", n)
	}
}

// The starter set adds what is not there and touches nothing that is; customers of every language read a wording.
func TestStarterReasons(t *testing.T) {
	t.Parallel()
	k := setup(t)
	_, err := k.cases.KeepReasons(t.Context(), cases.KeepReasonsInput{By: k.supervisor, Book: cases.ReasonBook{Reasons: []cases.ReasonEntry{{Code: "overcharge", Name: "Ours"}}}})
	k.must(err)
	changes, err := k.cases.AddStarterReasons(t.Context(), k.supervisor, false)
	k.must(err)
	if len(changes) != 24 || reasonOf(t, k, "overcharge").Name != "Ours" {
		t.Errorf("%d changes, %+v", len(changes), reasonOf(t, k, "overcharge"))
	}
	book, err := k.cases.ReasonBook(t.Context(), k.agent)
	k.must(err)
	places := map[int]string{}
	for _, e := range book.Reasons {
		if places[e.Position] != "" {
			t.Errorf("%s and %s have one place", e.Code, places[e.Position])
		}
		places[e.Position] = e.Code
		if e.Code == "overcharge" || e.Code == "wrong_price" {
			continue
		}
		for _, language := range cases.ReasonLanguages() {
			if e.Wordings[language] == "" {
				t.Errorf("%s has no wording in %s", e.Code, language)
			}
		}
	}
	for language, want := range map[string]string{"de": "Steuer falsch oder Steuerbefreiung", "zh-CN": "税额有误或免税", "zh-TW": "Tax wrong or exemption", "fr": "Tax wrong or exemption", "": "Tax wrong or exemption"} {
		if got := value[string](t, k.db, `select wording_of(r, $1) from reason_codes r where code = 'tax_wrong'`, language); got != want {
			t.Errorf("in %q: %s", language, got)
		}
	}
}

// The database itself deletes no code and calls none otherwise.
func TestCodesStand(t *testing.T) {
	t.Parallel()
	k := setup(t)
	for _, statement := range []string{
		`delete from reason_codes`, `update reason_codes set code = 'other'`, `delete from root_causes`, `update root_causes set code = 'other'`,
	} {
		if _, err := k.db.Pool().Exec(t.Context(), statement); !db.Violates(err, "code_stands") {
			t.Errorf("%s: %v", statement, err)
		}
	}
}
