package cases_test

import (
	"testing"

	"makegood/cases"
	"makegood/cases/assignment"
	"makegood/internal/access"
)

// A territory is who sells to the customer: cases of those customers go to who the rule names, however the owner is written.
func TestTerritoriesBySalesOwner(t *testing.T) {
	t.Parallel()
	k := setup(t)
	rule := k.rule(cases.AssignmentRule{
		Position: 1, Name: "Vera's customers", Match: assignment.Match{SalesOwners: []string{" vera holt ", "", " vera holt "}}, UserIDs: []int64{k.second.UserID}, How: assignment.InTurn,
	})
	if got := rule.Match.SalesOwners; len(got) != 1 || got[0] != "vera holt" {
		t.Errorf("kept as %q", got)
	}
	nobodys := k.asked()
	k.handOut()
	k.isWith(nobodys, access.Actor{}) // no owner meets no condition
	_, err := k.db.Pool().Exec(t.Context(), `update customers set sales_owner = 'Vera Holt' where id = $1`, k.customer)
	k.must(err)
	hers := k.asked()
	k.handOut()
	k.isWith(hers, k.second)
	_, err = k.cases.SaveAssignmentRule(t.Context(), cases.AssignmentRule{Position: 2, Name: "Many", Match: assignment.Match{SalesOwners: many(301)}, How: assignment.InTurn}, k.supervisor)
	k.field(err, "sales_owners", "assignment.too_long")
}

func many(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = string(rune('a'+i%26)) + string(rune('a'+i/26))
	}
	return list
}
