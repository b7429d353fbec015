package credits_test

import (
	"fmt"
	"slices"
	"testing"

	"makegood/billing"
	"makegood/credits/authority/policy"
)

// Who holds a level is decided for by the next above it. What only a rule of the policy asks for, and what only the holder of a level asks for, is looked at beside the plainest request.
func TestCoverageOfRulesAndOfWhoAsks(t *testing.T) {
	t.Parallel()
	k := setup(t)
	most := d("100")
	uncovered := func() []string {
		t.Helper()
		found, err := k.credits.Coverage(t.Context(), k.control)
		k.must(err)
		var list []string
		for _, u := range found.Uncovered {
			if u.Kind == billing.BillingError && u.EntityID == int64(k.entity) {
				list = append(list, fmt.Sprintf("%s|%s|%s", u.Over, u.Rule, u.Requester))
			}
		}
		return list
	}
	k.run(`insert into legal_entities (code, name, base_currency, country, tax_id, address, support_address, support_name, time_zone, language, bank_details)
		values ('US', 'Northlight Inc.', 'USD', 'US', '1', 'x', 'us@nordlicht.example', 'Billing', 'UTC', 'en', 'x')`)
	k.policyOf(policy.Policy{Rules: []policy.Rule{
		{Name: "Singapore", When: policy.When{Regions: []string{"SG"}, Over: &most}, Then: policy.Then{Step: &policy.Step{Role: "director"}}},
		{Name: "Other books", When: policy.When{Entities: []string{"US"}}, Then: policy.Then{Step: &policy.Step{Role: "auditor"}}},
	}})
	if got := uncovered(); len(got) != 0 {
		t.Fatalf("with everybody there: %v", got)
	}
	k.run(`update users set active = false where id = any ($1)`, []int64{k.director.UserID, k.finance.UserID})
	if got, want := uncovered(), []string{"50000||", "100|Singapore|", "0||Ines Kroll"}; !slices.Equal(got, want) {
		t.Errorf("without directors: %v, want %v", got, want)
	}
}
