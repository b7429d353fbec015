//go:build browser

package browsertest_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestMarksReachTheCustomer are set by keys and buttons, shown before they are sent, and stand in the customer's mail.
func TestMarksReachTheCustomer(t *testing.T) {
	t.Parallel()
	number := mailFrom(t, openBill(t, false, 30))
	w := shared.window(t, "marks")
	w.signIn(mara, "/cases/"+number)
	const field = "#composer textarea"
	stands := func(text string) {
		t.Helper()
		w.until(text+" in the composer", one(field)+`.value === `+js(text))
	}
	w.click(field)
	w.keys("b", chromedp.ModifierCtrl)
	w.write("Ports 3 and 4")
	stands("**Ports 3 and 4**")
	value[bool](w, one(field)+`.setSelectionRange(99, 99) ?? true`)
	w.write(" are ")
	w.keys("i", chromedp.ModifierCtrl)
	w.write("live")
	stands("**Ports 3 and 4** are _live_")
	value[bool](w, one(field)+`.setSelectionRange(99, 99) ?? true`)
	w.write(", see ")
	w.keys("k", chromedp.ModifierCtrl)
	stands("**Ports 3 and 4** are _live_, see [](https://)")
	w.write("our page")
	stands("**Ports 3 and 4** are _live_, see [our page](https://)")
	w.fill(field, "**Ports 3 and 4** are _live_:\none")
	w.click("#composer [data-mark=list]")
	stands("**Ports 3 and 4** are _live_:\n- one")
	w.write("\n- two\nTotal\n- 5.00 EUR")
	w.click("#composer [data-shows]")
	w.until("the preview", `!!document.querySelector('#composer-shown strong') && document.querySelectorAll('#composer-shown li').length === 2`)
	w.barriers("a preview")
	w.bothWays("case-marks")
	w.onPhone()
	w.bothWays("case-marks-phone")
	w.atDesk()
	w.click("#composer [data-send]")
	w.until("it in the conversation", `!!document.querySelector('#thread .mg-rich strong')`)
	w.until("an empty preview", `document.querySelector('#composer-shown').textContent === ''`)
	html := listen(t).wait(t, `select o.html_body from outgoing_messages o join cases c on c.id = o.case_id where c.number = $1 and o.kind = 'reply'`, number)
	for _, part := range []string{"<strong>Ports 3 and 4</strong> are <em>live</em>:", "<li>two</li>", "- 5.00 EUR"} {
		if !strings.Contains(html, part) {
			t.Errorf("%q is not in %s", part, html)
		}
	}
}
