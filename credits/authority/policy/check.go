package policy

import (
	"fmt"
	"slices"
	"strings"

	"makegood/credits/authority"
	"makegood/internal/errs"
)

// Known is what rules may name: the ranks of levels, and the codes there are. A nil list is not checked.
type Known struct {
	Ranks    []int
	Roles    []string
	Reasons  []string
	Causes   []string
	Entities []string
	Tiers    []string
	Teams    []string
	Regions  []string // beside countries, which are regions anywhere; those of customers, nil while no customer has one
}

// MostCooling is the longest that a change may not bind those who made it, in days.
const MostCooling = 90

// MostFormer is the longest that who worked for a customer does not sign for them, in days.
const MostFormer = 3650

const (
	mostRules   = 200
	mostWindows = 20
)

// check refuses what no evaluation could make sense of, field by field.
func (p Policy) check() []errs.Field {
	var wrong []errs.Field
	add := func(field, key string, pairs ...string) {
		wrong = append(wrong, fieldOf(field, key, pairs...))
	}
	if p.Basis != "" && p.Basis != Gross && p.Basis != Net {
		add("basis", "policy.unknown_basis", "basis", string(p.Basis))
	}
	if p.CoolingDays < 0 || p.CoolingDays > MostCooling {
		add("cooling_days", "policy.bad_cooling")
	}
	if p.FormerAgentDays < 0 || p.FormerAgentDays > MostFormer {
		add("former_agent_days", "policy.bad_former_agents")
	}
	p.Deadlines.check(add)
	p.Sampling.check(add)
	p.checkEvidence(add)
	p.Warnings.check(add)
	if p.SeveralUpTo != nil && p.SeveralUpTo.IsNegative() {
		add("several_up_to", "policy.bad_range")
	}
	if len(p.Rules) > mostRules {
		add("rules", "policy.too_many")
	}
	if len(p.Windows) > mostWindows {
		add("windows", "policy.too_many")
	}
	seen := map[string]bool{}
	for i, r := range p.Rules {
		at := fmt.Sprintf("rules.%d.", i)
		if r.Name = strings.TrimSpace(r.Name); r.Name == "" {
			add(at+"name", "error.required")
		} else if seen[r.Name] {
			add(at+"name", "policy.name_twice", "name", r.Name)
		}
		seen[r.Name] = true
		r.check(at, add)
	}
	for i, w := range p.Windows {
		w.check(fmt.Sprintf("windows.%d.", i), add)
	}
	return wrong
}

func (r Rule) check(at string, add func(field, key string, pairs ...string)) {
	r.When.check(at, authority.Kinds(), add)
	switch r.Then.Mode {
	case "", authority.Hierarchical, authority.Direct, authority.Parallel:
	default:
		add(at+"then.mode", "authority.unknown_mode", "mode", string(r.Then.Mode))
	}
	if r.Then.Mode == "" && r.Then.Step == nil {
		add(at+"then", "policy.does_nothing")
	}
	if !r.Then.Need.IsZero() && r.Then.Mode != authority.Parallel {
		add(at+"then.need", "policy.need_of_parallel")
	}
	if s := r.Then.Step; s != nil && (s.Level > 0) == (s.Role != "") {
		add(at+"then.step", "policy.level_or_role")
	}
}

func (w When) check(at string, kinds []authority.Kind, add func(field, key string, pairs ...string)) {
	for _, k := range w.Kinds {
		if !slices.Contains(kinds, k) {
			add(at+"when.kinds", "authority.unknown_kind", "kind", string(k))
		}
	}
	if w.Over != nil && w.Over.IsNegative() || w.Over != nil && w.UpTo != nil && !w.UpTo.GreaterThan(*w.Over) {
		add(at+"when.over", "policy.bad_range")
	}
	if w.OlderThan < 0 {
		add(at+"when.older_than_days", "policy.bad_range")
	}
}

func (w Window) check(at string, add func(field, key string, pairs ...string)) {
	if strings.TrimSpace(w.Name) == "" {
		add(at+"name", "error.required")
	}
	if !slices.Contains(Pers(), w.Per) {
		add(at+"per", "policy.unknown_per", "per", string(w.Per))
	}
	if !slices.Contains(Spans(), w.Over) {
		add(at+"over", "policy.unknown_span", "over", string(w.Over))
	}
	if w.Times < 0 || w.Times > 1000 {
		add(at+"times", "policy.bad_times")
	}
}

// Against names what the policy speaks of and nobody knows. It is asked when a policy is saved; a rule of one that is in
// force and whose level went away is caught by the chain, which then goes up.
func (p Policy) Against(known Known) []errs.Field {
	var wrong []errs.Field
	list := func(field string, named, all []string) {
		for _, name := range named {
			if all != nil && !slices.Contains(all, name) {
				wrong = append(wrong, fieldOf(field, "policy.unknown_name", "name", name))
			}
		}
	}
	for i, g := range p.Evidence {
		g.When.against(fmt.Sprintf("evidence.%d.when.", i), known, list)
		wrong = append(wrong, unknownWords(fmt.Sprintf("evidence.%d.if", i), g.If, known)...)
	}
	for i, r := range p.Rules {
		at := fmt.Sprintf("rules.%d.", i)
		r.When.against(at+"when.", known, list)
		wrong = append(wrong, unknownWords(at+"if", r.If, known)...)
		if s := r.Then.Step; s != nil && s.Role != "" {
			list(at+"then.step.role", []string{s.Role}, known.Roles)
		}
		if s := r.Then.Step; s != nil && s.Level > 0 && known.Ranks != nil && !slices.Contains(known.Ranks, s.Level) {
			wrong = append(wrong, fieldOf(at+"then.step.level", "policy.unknown_level", "level", fmt.Sprint(s.Level)))
		}
	}
	return wrong
}

func (w When) against(at string, known Known, list func(field string, named, all []string)) {
	list(at+"reasons", w.Reasons, known.Reasons)
	list(at+"root_causes", w.RootCauses, known.Causes)
	list(at+"entities", w.Entities, known.Entities)
	list(at+"tiers", w.Tiers, known.Tiers)
	list(at+"roles", w.Roles, known.Roles)
	list(at+"teams", w.Teams, known.Teams)
	for _, region := range w.Regions {
		if !IsCountry(region) {
			list(at+"regions", []string{region}, known.Regions)
		}
	}
}

func fieldOf(name, key string, pairs ...string) errs.Field {
	return errs.InvalidField(name, key, pairs...).Fields[0]
}
