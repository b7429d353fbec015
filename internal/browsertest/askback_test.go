//go:build browser

package browsertest_test

import (
	"fmt"
	"testing"
)

// auditor reads everything and changes nothing.
const auditor = "ulrike.sander@nordwall.example"

// TestAskedBackOnTheWay is a credit that is asked back: the agent proposes, the senior asks, the agent changes it, the chain
// starts again with the difference shown, everybody in it approves on a phone, the customer gets the memo, and the auditor reads
// all of it and finds nothing to press.
func TestAskedBackOnTheWay(t *testing.T) {
	t.Parallel()
	f := &flow{t: t, bill: openBill(t, true, 1100), agent: shared.window(t, "asking agent"), customer: shared.window(t, "asking customer"), supervisor: shared.window(t, "asking supervisor")}
	f.subject = "Line 1 of " + f.bill.Number + " again"
	f.supervisor.signIn(katrin, "/board")
	f.customer.signIn(sami, "/demo/mailbox")
	f.agent.signIn(mara, "/?view=unassigned")
	f.complain()
	f.answer()
	f.hold()
	f.propose()

	senior := shared.window(t, "asking senior")
	step := f.waits()
	request := fmt.Sprintf("/approvals/%d", step.Request)
	senior.signIn(step.Email, request)
	senior.fill(".ap-say textarea[name=comment]", "Which price did we agree on?")
	senior.click(".ap-bar [formaction$='/ask-back']")
	senior.says("#mg-toasts", "went back with your question")
	senior.says(".ap-asked", "waits for an answer")
	senior.picture("asked-back")

	f.agent.open(request)
	f.agent.says(".ap-asked", "Which price did we agree on?")
	f.agent.open(request + "/change")
	f.agent.says("#pr", "asks:")
	f.agent.fill("#pr textarea[name=answer]", "The one of September; it is a little less.")
	f.agent.fill("#pr input[name^='net.']", changed)
	f.agent.says("#pr-foot", "start the chain again")
	f.agent.picture("asked-back-change")
	f.agent.click("#pr-foot [data-send]")
	f.agent.says(".ap-diff", "Changed since version 1")

	f.approveOnPhones(request)
	f.agent.open("/cases/" + f.number)
	f.agent.says(".cs-cr", "Posted")
	f.readLetter()
	f.audit(request)
}

// changed is what the agent asks for after the question.
const changed = "1030.00"

// waits is the open step of the case's request, with one of those who may decide it.
func (f *flow) waits() openStep {
	f.t.Helper()
	return found[openStep](f.t, `select r.id as request, r.state,
		coalesce((select u.email from credit_steps s join credit_step_candidates k on k.step_id = s.id join users u on u.id = k.user_id
			where s.credit_request_id = r.id and s.state = 'open' order by u.id limit 1), '') as email
		from credit_requests r join cases c on c.id = r.case_id where c.number = $1`, f.number)
}

func (f *flow) approveOnPhones(request string) {
	f.t.Helper()
	signed := 0
	for step := f.waits(); step.State == "pending"; step = f.waits() {
		signed++
		w := shared.window(f.t, fmt.Sprintf("phone%d", signed))
		w.signIn(step.Email, request)
		w.onPhone()
		w.open(request)
		w.says(".ap-diff", "Changed since version 1")
		w.says(".ap-diff", "1,030.00")
		w.picture(fmt.Sprintf("asked-back-phone-%d", signed))
		w.approve()
	}
	if signed < 2 {
		f.t.Errorf("%d people had to approve, want two at least", signed)
	}
}

// audit reads the request as the auditor: the question, both versions, who signed; and nothing to change it with. That no address lets
// an auditor change it either is held with all the rights.
func (f *flow) audit(request string) {
	f.t.Helper()
	w := shared.window(f.t, "auditor")
	w.signIn(auditor, request)
	w.says(".ap-asked", "Which price did we agree on?")
	w.says(".ap-diff", "Changed since version 1")
	w.says(".mg-chain", "L2 senior")
	w.says(".ap-req", "Posted")
	if n := value[int](w, `document.querySelectorAll('.ap-bar button, .ap-say textarea, .ap-part').length`); n != 0 {
		f.t.Errorf("the auditor finds %d things to press", n)
	}
	w.picture("asked-back-auditor")
}
