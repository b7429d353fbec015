//go:build browser

package browsertest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// quick is how soon a screen must show what changed elsewhere.
const quick = 2 * time.Second

// proposed is the net amount given back: more than an agent may, so two people must approve.
const proposed = "1040.00"

// TestMainFlow is the way of one dispute through everybody's browser: the customer complains, the agent answers, puts the
// line on hold and proposes a credit, the approvers sign, the memo posts, and the customer reads about it.
func TestMainFlow(t *testing.T) {
	t.Parallel()
	f := &flow{t: t, bill: openBill(t, false, 1100), agent: shared.window(t, "agent"), customer: shared.window(t, "customer"), supervisor: shared.window(t, "supervisor")}
	f.subject = "Line 1 of " + f.bill.Number + " is too high"
	f.supervisor.signIn(katrin, "/board")
	f.customer.signIn(sami, "/demo/mailbox")
	f.agent.signIn(mara, "/?view=unassigned")
	f.complain()
	f.answer()
	f.hold()
	before := f.open(f.agent)
	f.propose()
	f.approve()
	memo := f.readLetter()
	f.agent.open("/credit-memos/" + memo)
	total := amount(t, f.agent.text(".iv-open")).Neg()
	if after := f.open(f.agent); !before.Sub(after).Equal(total) || !total.IsPositive() {
		t.Errorf("the memo gives %s, but the invoice's open amount fell from %s to %s", total, before, after)
	}
	f.agent.picture("flow-settled-invoice")
}

type flow struct {
	t                           *testing.T
	bill                        bill
	subject, number             string // of the case
	agent, customer, supervisor *window
}

// complain writes as the customer; the case appears in the agent's queue and on the supervisor's board by itself.
func (f *flow) complain() {
	f.t.Helper()
	const arrived = `Number(document.querySelector('#bd-flow h2').innerText.match(/in (\d+)/)[1])`
	seen := value[int](f.supervisor, arrived)
	news := listen(f.t)

	f.customer.open("/demo/mailbox?as=" + f.bill.Email)
	f.customer.fill("#mb-subject", f.subject)
	f.customer.fill("#mb-text", fmt.Sprintf("Hello,\n\nwe agreed on less for %q in our contract. Please correct invoice %s.\n\nKind regards", f.bill.Line, f.bill.Number))
	f.customer.click("#mb-write [type=submit]")
	f.customer.says("#mg-toasts", "Delivered to")

	f.number = news.wait(f.t, `select number from cases where subject = $1`, f.subject)
	f.supervisor.within(quick, "the board to count the new case", fmt.Sprintf("%s > %d", arrived, seen))
	f.agent.within(quick, "the queue to show "+f.number, shown("#qu-list a[href='/cases/"+f.number+"']"))
	f.supervisor.picture("flow-board")
}

// answer opens the case from the queue, takes it and replies.
func (f *flow) answer() {
	f.t.Helper()
	f.agent.click("#qu-list a[href='/cases/" + f.number + "']")
	f.agent.says(".cs-money", f.bill.Number)
	f.agent.says("#thread", "we agreed on less")
	f.agent.says(".cs-about", "About")
	f.agent.picture("flow-case-about")
	f.agent.click("[data-key=c]")
	f.agent.says(".cs-props", "Mara Lindqvist")
	f.agent.fill("#compose textarea", "Thank you, I am comparing the line with your contract.")
	f.agent.click("#compose [data-send]")
	f.agent.says("#thread", "I am comparing the line")
}

// hold disputes the first line for the customer.
func (f *flow) hold() {
	f.t.Helper()
	f.agent.until("the line's box", shown(".cs-inv input[name=line]"))
	if !value[bool](f.agent, one(".cs-inv input[name=line]")+".checked") {
		f.agent.click(".cs-inv input[name=line]")
	}
	f.agent.click(".cs-act [formaction$='/dispute']")
	f.agent.choose(".cs-dispute select[name=reason]", "overcharge")
	f.agent.click(".cs-dispute [data-send]")
	f.agent.says(".cs-inv tr.dis", "Open")
	if left := value[string](f.agent, `document.querySelector('#compose textarea').value`); left != "" {
		f.t.Errorf("after the reply the composer says %q", left)
	}
	f.agent.picture("flow-case")
}

// propose asks for a credit above the agent's own limit; the preview follows what is typed and names who must agree.
func (f *flow) propose() {
	f.t.Helper()
	f.agent.open("/cases/" + f.number)
	f.agent.click("[data-key=p]")
	f.agent.until("the form", shown("#pr input[name^='net.']:not(:disabled)"))
	f.agent.fill("#pr input[name^='net.']", "50.00")
	f.agent.says("#pr-live", "within your own limit")
	f.agent.fill("#pr input[name^='net.']", proposed)
	f.agent.says("#pr-live .pr-sum", "1,040.00")
	f.agent.says("#pr-live", "L2 senior")
	f.agent.says("#pr-live", "L3 supervisor")
	for _, name := range []string{"Jonas Brandt", "Katrin Vogel"} {
		f.agent.says("#pr-live .mg-chain", name)
	}
	f.agent.fill("#pr textarea[name=explanation]", "The contract has the lower price since September.")
	f.agent.fill("#pr textarea[name=customer_note]", "We have taken the old price.")
	f.agent.picture("flow-propose")
	f.agent.click("#pr-foot [data-send]")
	f.agent.says(".cs-cr", "Pending")
}

// approve signs the request that the window shows, and says yes where the last signature is asked about.
func (w *window) approve() {
	w.t.Helper()
	w.click(".ap-yes")
	w.until("the decision", shown("#mg-confirm[open]")+" || "+shown("#mg-toasts [data-toast]"))
	if value[bool](w, shown("#mg-confirm[open]")) {
		w.click("#mg-confirm [value=yes]")
	}
	w.says("#mg-toasts", "approved")
}

// approve lets one person after the other sign, each in a browser of their own, until the memo is posted.
func (f *flow) approve() {
	f.t.Helper()
	signed := 0
	for ; ; signed++ {
		step := found[openStep](f.t, `select r.id as request, r.state,
			coalesce((select u.email from credit_steps s join credit_step_candidates k on k.step_id = s.id join users u on u.id = k.user_id
				where s.credit_request_id = r.id and s.state = 'open' order by u.id limit 1), '') as email
			from credit_requests r join cases c on c.id = r.case_id where c.number = $1`, f.number)
		if step.State != "pending" {
			break
		}
		w := shared.window(f.t, fmt.Sprintf("approver%d", signed+1))
		w.signIn(step.Email, fmt.Sprintf("/approvals/%d", step.Request))
		w.says(".ap-req", "The contract has the lower price")
		w.picture(fmt.Sprintf("flow-approve-%d", signed+1))
		w.approve()
	}
	if signed < 2 {
		f.t.Errorf("%d people had to approve, want two at least", signed)
	}
	f.agent.says(".cs-cr", "Posted")
}

type openStep struct {
	Request      int64
	State, Email string
}

// readLetter finds the answer in the customers' mailbox and gives the number of the memo that came with it.
func (f *flow) readLetter() string {
	f.t.Helper()
	memo := found[struct{ Number string }](f.t, `select m.number from credit_memos m join credit_requests r on r.memo_id = m.id
		join cases c on c.id = r.case_id where c.number = $1`, f.number).Number
	row := fmt.Sprintf(`[...document.querySelectorAll('#mb-list [data-row]')].find((r) => r.innerText.includes(%s))`, js(memo))
	f.customer.until("the letter with "+memo, "!!"+row)
	value[bool](f.customer, row+".querySelector('a').setAttribute('data-letter', '') ?? true")
	f.customer.click("[data-letter]")
	f.customer.says("#mb-mail", memo)
	pdf := "#mb-mail a[href*='/files/']"
	f.customer.says(pdf, ".pdf")
	if got := value[string](f.customer, `fetch(`+one(pdf)+`.href).then((r) => r.text()).then((t) => t.slice(0, 5))`); got != "%PDF-" {
		f.t.Errorf("the attachment begins with %q", got)
	}
	f.customer.picture("flow-mailbox")
	return memo
}

// open is the invoice's open amount as the screen says it.
func (f *flow) open(w *window) decimal.Decimal {
	f.t.Helper()
	w.open("/invoices/" + f.bill.Number)
	return amount(f.t, w.text(".iv-open"))
}

// amount reads "−1,240.00 EUR".
func amount(t *testing.T, text string) decimal.Decimal {
	t.Helper()
	number, _, _ := strings.Cut(strings.NewReplacer(",", "", "−", "-", "\u00a0", " ").Replace(text), " ")
	d, err := decimal.NewFromString(number)
	must(t, err)
	return d
}
