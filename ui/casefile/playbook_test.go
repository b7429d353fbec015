package casefile_test

import (
	"net/http"
	"testing"

	"makegood/cases"
	"makegood/internal/access"
)

// The playbook of what is claimed stands beside the case as safe HTML: unfolded while a line is left to decide, folded then.
func TestPlaybookOnScreen(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	lead := r.mara
	lead.Roles = []access.Role{access.Supervisor}
	for _, in := range []cases.PlaybookInput{
		{By: lead, Reason: "not_installed", PlaybookText: cases.PlaybookText{Checks: "1. The **protocol**\n2. <b onclick=x>The order</b>", Offers: "[Terms](/contracts)"}},
		{By: lead, CaseType: cases.Dispute, PlaybookText: cases.PlaybookText{Asks: "Which lines?"}},
	} {
		_, err := r.cases.SavePlaybook(t.Context(), in)
		r.must(err)
	}
	page := r.get(r.mara, "/cases/"+c.Number, false)
	page.has(t, http.StatusOK, "<strong>protocol</strong>", `<a href="/contracts">Terms</a>`, "What to offer", "<details open><summary>Not installed</summary>", "<details><summary>Every dispute</summary>", "Which lines?")
	page.lacks(t, "onclick", "Which evidence")
	lines, err := r.cases.Disputes(t.Context(), r.db, c.ID)
	r.must(err)
	for _, line := range lines {
		now, err := r.cases.CaseByID(t.Context(), r.db, c.ID, r.mara)
		r.must(err)
		_, err = r.cases.DecideDispute(t.Context(), cases.DecideDisputeInput{On: cases.On{By: r.mara, ID: c.ID, Version: now.Version}, DisputeID: line.ID, Explanation: "As agreed."})
		r.must(err)
	}
	r.get(r.mara, "/cases/"+c.Number, false).has(t, http.StatusOK, "<details><summary>Not installed</summary>")
}
