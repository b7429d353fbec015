//go:build browser

package browsertest_test

import (
	"fmt"
	"testing"
)

// TestKindsOnScreen proposes what is more than a credit on lines, up to the preview of each: all of an invoice with a part
// paid out, a rebill, a debit memo, a write-off, unapplied money paid out, and a memo taken back.
func TestKindsOnScreen(t *testing.T) {
	t.Parallel()
	b := openBill(t, false, 100)
	memo := found[struct{ Number, Account string }](t, `select m.number, c.account from credit_memos m join customers c on c.id = m.customer_id
		join legal_entities e on e.id = m.entity_id where e.code = 'DE' order by m.id desc limit 1`)
	spare := found[struct{ Account string }](t, `select c.account from open_items o join customers c on c.id = o.customer_id join legal_entities e on e.id = o.entity_id
		where e.code = 'DE' and o.kind = 'payment' and o.open > 0 order by o.open desc, o.document_id limit 1`)
	w := shared.window(t, "kinds")
	w.signIn(mara, "/invoices/"+b.Number+"/credit")
	w.until("the form", shown("#pr"))
	w.settle()
	w.choose("#pr select[name=reason_code]", value[string](w, `document.querySelector('#pr select[name=reason_code]').options[1].value`))

	w.click("#pr input[name=whole]")
	w.says("#pr-live .pr-bk", "Credit balance")
	w.bothWays("propose-whole")

	w.click("#pr input[value=debit]")
	w.until("the table of the bill", shown("#pr-bill")+" && !"+shown("#pr input[name=whole]"))
	for i, line := range [][2]string{{"Cross-connect FRA-3, October", "120.00"}, {"Set-up", "45.50"}} {
		w.fill(fmt.Sprintf("#pr-bill tr:nth-child(%d) input[name='bill.description']", i+1), line[0])
		w.fill(fmt.Sprintf("#pr-bill tr:nth-child(%d) input[name='bill.price']", i+1), line[1])
	}
	w.says("#pr-live .pr-sum", "165.50")
	w.until("a further row", `document.querySelectorAll('#pr-bill tr').length > 2`)
	w.bothWays("propose-debit")

	w.click("#pr input[value=rebill]")
	w.says("#pr-live .pr-sum", "New invoice")
	w.bothWays("propose-rebill")

	w.click("#pr input[value=write_off]")
	w.says("#pr-live", "bad debt")
	w.bothWays("propose-write-off")

	w.open("/customers/" + spare.Account + "/refund")
	w.choose("#pr select[name=reason_code]", value[string](w, `document.querySelector('#pr select[name=reason_code]').options[1].value`))
	w.click("#pr input[name=item]")
	w.says("#pr-live", "The refund gets its number")
	w.bothWays("propose-refund")

	w.open("/credit-memos/" + memo.Number)
	w.click("a[href$='/reversal']")
	w.until("the form", `location.pathname.endsWith('/reversal') && `+shown("#pr"))
	w.says("#pr-live", "is taken back")
	w.bothWays("propose-take-back")
}
