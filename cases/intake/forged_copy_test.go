package intake_test

import (
	"testing"

	"makegood/cases/intake"
	"makegood/inbox"
)

// TestAForgedCopySwallowsNothing: whoever sends a copy of a mail ahead of it, and fails the checks, does not keep it out.
func TestAForgedCopySwallowsNothing(t *testing.T) {
	t.Parallel()
	d := setup(t)
	c := d.caseOf(d.deliver(post{from: anna, subject: "Question", id: "1@aster.example", text: "When is it due?"}))
	answer := func(result string) inbox.Inbound {
		return d.deliver(post{from: anna, subject: "Re: Question", id: "2@aster.example", text: "Well?", headers: []string{"In-Reply-To: <1@aster.example>", dmarc(result)}})
	}
	forged := answer("fail")
	d.want(forged, inbox.Held, intake.ReasonUnverified)
	second := answer("fail")
	d.want(second, inbox.Duplicate, intake.ReasonSameBytes)
	proven := answer("pass")
	d.want(proven, inbox.Attached, intake.ReasonJoined)
	forged = d.message(forged.ID)
	d.want(forged, inbox.Duplicate, intake.ReasonSameMessage)
	if forged.OriginalID == nil || *forged.OriginalID != proven.ID || d.caseOf(forged).ID != c.ID || forged.Sender != anna {
		t.Errorf("the forged one is %+v", forged)
	}
	d.want(answer("none"), inbox.Duplicate, intake.ReasonSameMessage)
}
