package demo

import (
	"context"
	"fmt"

	"makegood/cases"
	"makegood/cases/assignment"
)

// assignment are rules of who gets a case, kept out of use so that the queue is there to claim from, and what each agent takes.
func (f *filler) assignment(ctx context.Context) error {
	id := func(name string) int64 { return f.byEmail(name + "@nordwall.example").ID }
	lead := f.byEmail("katrin.vogel@nordwall.example").actor
	for _, rule := range []cases.AssignmentRule{
		{
			Position: 10, Name: "Platinum", How: assignment.ByLoad, Match: assignment.Match{Tiers: []string{"platinum"}},
			UserIDs: []int64{id("jonas.brandt"), id("ines.duarte"), id("grace.lim")},
		},
		{
			Position: 20, Name: "Chinese and Japanese", How: assignment.BySkill, Match: assignment.Match{Languages: []string{"zh", "ja"}},
			UserIDs: []int64{id("wei.ling.tan"), id("haruka.mori")},
		},
		{Position: 90, Name: "Everything else", How: assignment.ByLoad},
	} {
		if _, err := f.Cases.SaveAssignmentRule(ctx, rule, lead); err != nil {
			return fmt.Errorf("keep rule %s: %w", rule.Name, err)
		}
	}
	for _, terms := range []cases.AgentTerms{
		{UserID: id("mara.lindqvist"), Capacity: 40},
		{UserID: id("tobias.reuter"), Capacity: 25, Languages: []string{"de", "en"}},
		{UserID: id("wei.ling.tan"), Capacity: 40, Languages: []string{"zh", "en"}},
		{UserID: id("haruka.mori"), Capacity: 40, Languages: []string{"ja", "en"}},
	} {
		if _, err := f.Cases.SetAgentTerms(ctx, terms, lead); err != nil {
			return fmt.Errorf("set terms: %w", err)
		}
	}
	return nil
}
