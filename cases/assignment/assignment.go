// Package assignment says who gets a case: which rule is for it, and whom of those the rule names its way of choosing gives it to.
package assignment

import (
	"cmp"
	"slices"
	"strings"
)

// Case is what rules look at. What is not known is empty, and meets no condition.
type Case struct {
	Type, Topic, Language          string
	Account, Tier, Country, Region string // of its customer
	SalesOwner                     string // who sells to it
	Entity                         int64
}

// Match says which cases a rule is for. Of each list that is not empty one value must be the case's; empty lists ask for nothing.
type Match struct {
	Types     []string `json:"types,omitempty"`
	Topics    []string `json:"topics,omitempty"`
	Languages []string `json:"languages,omitempty"`
	Accounts  []string `json:"accounts,omitempty"`
	Tiers     []string `json:"tiers,omitempty"`
	Countries []string `json:"countries,omitempty"`
	Regions   []string `json:"regions,omitempty"`
	// SalesOwners are territories by who sells to the customer.
	SalesOwners []string `json:"sales_owners,omitempty"`
	Entities    []int64  `json:"entities,omitempty"`
}

// Holds tells whether a case is meant. Upper and lower case are alike.
func (m Match) Holds(c Case) bool {
	return met(m.Types, c.Type) && met(m.Topics, c.Topic) && met(m.Languages, c.Language) && met(m.Accounts, c.Account) && met(m.Tiers, c.Tier) &&
		met(m.Countries, c.Country) && met(m.Regions, c.Region) && met(m.SalesOwners, c.SalesOwner) && (len(m.Entities) == 0 || slices.Contains(m.Entities, c.Entity))
}

func met(wanted []string, value string) bool {
	return len(wanted) == 0 || value != "" && names(wanted, value)
}

func names(list []string, value string) bool {
	return slices.ContainsFunc(list, func(one string) bool { return strings.EqualFold(one, value) })
}

// Method is how a rule chooses among those who may take a case.
type Method string

// The methods.
const (
	InTurn  Method = "in_turn"  // one after the other
	ByLoad  Method = "by_load"  // who has the fewest open cases
	BySkill Method = "by_skill" // who is there for just this sort of case; among several, who has the fewest
)

// Methods lists them.
func Methods() []Method { return []Method{InTurn, ByLoad, BySkill} }

// Agent is somebody who is there and may work the case.
type Agent struct {
	ID       int64
	Open     int // cases they have open
	Capacity int // how many they have at most; 0 means no limit

	// What they are there for; an empty list means all of the kind.
	Languages, Countries, Tiers, Topics []string
}

func (a Agent) free() bool { return a.Capacity == 0 || a.Open < a.Capacity }

// skill tells whether an agent is there for a case, and how many of their lists name it.
func (a Agent) skill(c Case) (fit bool, named int) {
	for _, one := range []struct {
		list  []string
		value string
	}{{a.Languages, c.Language}, {a.Countries, c.Country}, {a.Tiers, c.Tier}, {a.Topics, c.Topic}} {
		switch {
		case len(one.list) == 0:
		case one.value == "" || !names(one.list, one.value):
			return false, 0
		default:
			named++
		}
	}
	return true, named
}

// Choose says who gets a case; false when everybody has as many cases as they can have, or nobody has the skill. Last is who got the
// one before by the same rule, 0 when nobody did. The same question always has the same answer.
func Choose(how Method, c Case, agents []Agent, last int64) (int64, bool) {
	var list []candidate
	for _, a := range agents {
		fit, named := a.skill(c)
		if a.free() && (fit || how != BySkill) {
			list = append(list, candidate{a, named, a.ID <= last})
		}
	}
	if len(list) == 0 {
		return 0, false
	}
	slices.SortFunc(list, func(a, b candidate) int { return compare(how, a, b) })
	return list[0].ID, true
}

type candidate struct {
	Agent

	named  int
	passed bool // had a turn since whoever begins the round
}

func compare(how Method, a, b candidate) int {
	turn := cmp.Or(cmp.Compare(order(a.passed), order(b.passed)), cmp.Compare(a.ID, b.ID))
	switch how {
	case BySkill:
		return cmp.Or(cmp.Compare(b.named, a.named), cmp.Compare(a.Open, b.Open), turn)
	case ByLoad:
		return cmp.Or(cmp.Compare(a.Open, b.Open), turn)
	case InTurn:
	}
	return turn
}

func order(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
