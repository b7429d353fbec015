package policy_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"makegood/credits/authority"
	"makegood/internal/i18n"
)

var update = flag.Bool("update", false, "write the table of situations into docs/authority.md")

const tableHead = "| # | situation | who decides | why |\n|---|---|---|---|\n"

func TestNamedSituations(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	list := situations()
	if len(list) < 40 {
		t.Errorf("only %d situations", len(list))
	}
	brought := evidenceSituations()
	rows := make([]string, len(list)+len(brought))
	for i, s := range list {
		t.Run(s.name, func(t *testing.T) { rows[i] = row(t, words, i+1, s) })
	}
	for i, s := range brought {
		n := len(list) + i
		t.Run(s.name, func(t *testing.T) { rows[n] = evidenceRow(t, words, n+1, s) })
	}
	path := filepath.Join("..", "..", "..", "docs", "authority.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), tableHead)
	if !found {
		t.Fatal("docs/authority.md has no table of situations")
	}
	_, after, _ := strings.Cut(rest, "\n\n")
	want := before + tableHead + strings.Join(rows, "\n") + "\n\n" + after
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(text) {
		t.Error("docs/authority.md does not show what the tests show; run this test with -update and read what changed")
	}
}

func row(t *testing.T, words *i18n.Catalogue, n int, s situation) string {
	t.Helper()
	at := newStage()
	s.set(at)
	out, err := compile(t, at.policy).Chain(at.facts, at.request, at.who)
	if err != nil {
		t.Fatal(err)
	}
	if got := short(out.Result); got != s.levels {
		t.Errorf("%s decide, want %s", got, s.levels)
	}
	if !slices.ContainsFunc(rulesOf(out.Result), func(r authority.Rule) bool { return r.Key == s.because }) {
		t.Errorf("none of its reasons is %s: %+v", s.because, rulesOf(out.Result))
	}
	return fmt.Sprintf("| %d | %s | %s | %s |", n, s.name, whoDecides(out.Result), why(words, out.Result, s.because))
}

// short writes a chain by the short names of its levels, roles in brackets.
func short(r authority.Result) string {
	switch {
	case r.OwnLimit:
		return "own limit"
	case r.Orphan:
		return "nobody"
	}
	var parts []string
	for _, s := range r.Steps {
		part, _, _ := strings.Cut(s.LevelName, " ")
		if s.Role != "" {
			part = "[" + s.Role + "]"
		}
		if s.Needed > 1 && s.LevelID != 6 {
			part += fmt.Sprintf("×%d", s.Needed)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

func rulesOf(r authority.Result) []authority.Rule {
	var list []authority.Rule
	for _, s := range r.Steps {
		list = append(append(list, s.Rule), s.Also...)
	}
	for _, s := range r.Skipped {
		list = append(list, s.Reason)
	}
	return list
}

func whoDecides(r authority.Result) string {
	switch {
	case r.OwnLimit:
		return "the requester alone; sampled afterwards"
	case r.Orphan:
		return "nobody: submitting is refused, and it stands on the list of gaps"
	}
	steps := make([]string, len(r.Steps))
	for i, s := range r.Steps {
		var names []string
		for _, c := range s.Candidates {
			name := c.Name
			if c.OnBehalfOf != 0 {
				name += " for " + nameOf(c.OnBehalfOf)
			}
			names = append(names, name)
		}
		join := " or "
		if s.Needed >= len(names) {
			join = " and "
		}
		label := s.LevelName
		if s.Role != "" {
			label = "a " + s.Role
		}
		steps[i] = label + ": " + strings.Join(names, join)
	}
	return strings.Join(steps, " → ")
}

func nameOf(user int64) string {
	for _, h := range demoHolders() {
		if h.UserID == user {
			return h.UserName
		}
	}
	return ""
}

// why says the reasons of the steps beyond "each level up", and the one the situation is about.
func why(words *i18n.Catalogue, r authority.Result, because string) string {
	var list []string
	add := func(rule authority.Rule) {
		text := words.Fill(i18n.Fallback, rule.Key, rule.Params)
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	for _, s := range r.Steps {
		for _, rule := range append([]authority.Rule{s.Rule}, s.Also...) {
			if rule.Key != "authority.step.each_level" || because == rule.Key {
				add(rule)
			}
		}
	}
	for _, s := range r.Skipped {
		if s.Reason.Key == because {
			add(s.Reason)
			break
		}
	}
	return strings.Join(list, " ")
}
