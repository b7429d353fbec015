package policy_test

import (
	"slices"
	"testing"

	"makegood/credits/authority/policy"
)

func TestADifferenceNamesWhatChanges(t *testing.T) {
	t.Parallel()
	from, to := policy.Demo(), policy.Demo()
	if got := policy.Diff(from, to); len(got) != 0 {
		t.Errorf("the same differs: %v", got)
	}
	over := dec("5")
	to.CoolingDays = 7
	to.Windows = to.Windows[1:]
	to.Rules = slices.Clone(to.Rules)
	to.Rules[0], to.Rules[1] = to.Rules[1], to.Rules[0]
	to.Rules[2].When.Over = &over
	to.Rules = append(to.Rules[:4], policy.Rule{Name: "new", Then: policy.Then{Mode: "direct"}}, to.Rules[5])
	want := []string{
		"~ cooling_days: 14 → 7", "- window “one contract in a quarter”", "- rule “old invoice”", "~ rule “partner account”", "+ rule “new”",
		"~ order of rules: change of tax, closed period, partner account, money out of a large credit, each level up",
	}
	if got := policy.Diff(from, to); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
