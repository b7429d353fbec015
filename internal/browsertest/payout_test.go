//go:build browser

package browsertest_test

import (
	"fmt"
	"strings"
	"testing"
)

const olga = "olga.petrenko@nordwall.example"

// TestARefundOnItsWay keeps a refund as a draft, has it approved, and pays it out by somebody who neither asked for it nor signed it.
func TestARefundOnItsWay(t *testing.T) {
	t.Parallel()
	spare := found[struct{ Account string }](t, `select c.account from open_items o join customers c on c.id = o.customer_id join legal_entities e on e.id = o.entity_id
		where e.code = 'DE' and o.kind = 'payment' and o.open between 100 and 900 order by o.open, o.document_id limit 1`)
	agent := shared.window(t, "refunding agent")
	agent.signIn(mara, "/customers/"+spare.Account+"/refund")
	agent.until("the form", shown("#pr"))
	agent.settle()
	agent.choose("#pr select[name=reason_code]", value[string](agent, `document.querySelector('#pr select[name=reason_code]').options[1].value`))
	agent.click("#pr input[name=item]")
	agent.fill("#pr input[name=destination]", "DE•• 4711")
	agent.fill("#pr textarea[name=explanation]", "Paid twice by mistake.")
	agent.fill("#pr input[name=proof]", "Bank statement of Monday")
	agent.says("#pr-live", "The refund gets its number")
	agent.click("#pr-foot button[name=do][value=keep]")
	agent.says(".ap-bar", "nobody has been asked yet")
	agent.bothWays("draft")
	request := agent.address()
	request = request[strings.Index(request, "/approvals/"):]
	agent.click(".ap-bar [formaction$='/submit']")
	agent.says(".ap-bar", "It waits for")

	supervisor := shared.window(t, "refunding supervisor")
	supervisor.signIn(katrin, request)
	supervisor.approve()
	agent.within(patience, "the posted refund", `document.body.innerText.includes('Posted')`)
	number := found[struct{ Number string }](t, `select document_number as number from credit_requests where id = $1`, strings.TrimPrefix(request, "/approvals/")).Number

	cashier := shared.window(t, "cashier")
	cashier.signIn(olga, "/collections?entity=DE&show=refunds")
	row := fmt.Sprintf("form[action$='/refunds/%s/paid'] ", number)
	cashier.says(".co-list", number)
	cashier.bothWays("refund-to-pay")
	cashier.fill(row+"input[name=bank_reference]", "B-4711")
	day := "document.querySelector(" + js(row+"input[name=paid_on]") + ").value"
	today := value[string](cashier, day)
	value[string](cashier, day+" = '2999-01-01'")
	cashier.click(row + "button[type=submit]")
	cashier.says(".co-list", "Not a day to come")
	cashier.picture("refund-refused")
	for _, fault := range cashier.watch.seen() { // the browser tells of the refusal too
		if !strings.Contains(fault, "422") {
			t.Error(fault)
		}
	}
	value[string](cashier, day+" = "+js(today))
	cashier.click(row + "button[type=submit]")
	cashier.until("the list without it", fmt.Sprintf(`!document.body.innerText.includes(%s)`, js(number)))
}
