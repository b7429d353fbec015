package access_test

import (
	"slices"
	"testing"

	"makegood/internal/access"
)

// An assistant of somebody who may do everything reads, works on cases and proposes; of all actions there are, nothing else.
func TestWhatAnAssistantMayDo(t *testing.T) {
	t.Parallel()
	owner := access.Actor{Kind: access.Person, UserID: 1, Roles: access.Roles()}
	assistant := owner
	assistant.Assistant = true
	var may []access.Action
	for _, do := range access.Actions() {
		if !access.May(owner, do) {
			t.Errorf("its owner may not %s", do)
		}
		if access.May(assistant, do) {
			may = append(may, do)
		}
	}
	want := []access.Action{
		access.ReadCases, access.WorkCases, access.ReadBooks, access.ReadCredits, access.Propose, access.ReadReviews,
		access.ReadBoard, access.ReadReports, access.ReadIntake, access.ReadAudit, access.ReadPeople,
	}
	if !slices.Equal(may, want) {
		t.Errorf("an assistant may %v, want %v", may, want)
	}
}
