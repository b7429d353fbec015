package assignment_test

import (
	"testing"

	"makegood/cases/assignment"
)

func TestARuleIsForTheCasesItNames(t *testing.T) {
	t.Parallel()
	c := assignment.Case{Type: "dispute", Topic: "wrong_price", Language: "de", Account: "C-1", Tier: "gold", Country: "DE", Region: "DACH", Entity: 2}
	for name, one := range map[string]struct {
		match assignment.Match
		want  bool
	}{
		"nothing asked":      {assignment.Match{}, true},
		"all asked":          {assignment.Match{Types: []string{"refund", "dispute"}, Languages: []string{"DE"}, Countries: []string{"AT", "de"}, Entities: []int64{2}}, true},
		"another country":    {assignment.Match{Countries: []string{"FR"}, Languages: []string{"de"}}, false},
		"another entity":     {assignment.Match{Entities: []int64{1}}, false},
		"one of its topics":  {assignment.Match{Topics: []string{"wrong_price"}, Tiers: []string{"gold"}, Accounts: []string{"c-1"}, Regions: []string{"DACH"}}, true},
		"another customer's": {assignment.Match{Accounts: []string{"C-10"}}, false},
	} {
		if got := one.match.Holds(c); got != one.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if (assignment.Match{Tiers: []string{""}}).Holds(assignment.Case{}) {
		t.Error("what is not known met a condition")
	}
}

func TestWhoGetsACase(t *testing.T) {
	t.Parallel()
	one, two, three := assignment.Agent{ID: 1, Open: 5}, assignment.Agent{ID: 2, Open: 1, Languages: []string{"fr", "de"}}, assignment.Agent{ID: 3, Open: 1, Languages: []string{"de"}, Tiers: []string{"gold"}}
	full := assignment.Agent{ID: 4, Open: 2, Capacity: 2}
	all := []assignment.Agent{three, one, two, full}
	german := assignment.Case{Language: "de", Tier: "gold"}
	for name, tried := range map[string]struct {
		how    assignment.Method
		c      assignment.Case
		agents []assignment.Agent
		last   int64
		want   int64
	}{
		"the first turn":                {assignment.InTurn, german, all, 0, 1},
		"the next turn":                 {assignment.InTurn, german, all, 1, 2},
		"the round begins again":        {assignment.InTurn, german, all, 3, 1},
		"past somebody who is gone":     {assignment.InTurn, german, []assignment.Agent{one, three}, 2, 3},
		"the fewest":                    {assignment.ByLoad, german, all, 0, 2},
		"of as many, whose turn it is":  {assignment.ByLoad, german, all, 2, 3},
		"who is there for just this":    {assignment.BySkill, german, all, 0, 3},
		"who is there for the language": {assignment.BySkill, assignment.Case{Language: "fr", Tier: "gold"}, all, 0, 2},
		"who is there for anything":     {assignment.BySkill, assignment.Case{Language: "ja"}, all, 0, 1},
		"nobody has the skill":          {assignment.BySkill, assignment.Case{Language: "ja"}, []assignment.Agent{two, three}, 0, 0},
		"nobody has room":               {assignment.ByLoad, german, []assignment.Agent{full}, 0, 0},
	} {
		got, ok := assignment.Choose(tried.how, tried.c, tried.agents, tried.last)
		if got != tried.want || ok != (tried.want != 0) {
			t.Errorf("%s: %d %t, want %d", name, got, ok, tried.want)
		}
	}
}
