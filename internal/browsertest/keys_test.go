//go:build browser

package browsertest_test

import (
	"fmt"
	"net/smtp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestKeyboardOnly is an agent's day without a mouse: sign in, choose, claim, answer, note, give back, find.
func TestKeyboardOnly(t *testing.T) {
	t.Parallel()
	b := openBillOf(t, true, 60, 1, 1) // each further line is three more stops of the Tab key
	number := mailFrom(t, b)
	w := shared.window(t, "keys")
	w.open("/login?next=" + strings.ReplaceAll("/?view=unassigned", "?", "%3F"))
	w.until("the cursor in the first field", focused("#f-email"))
	w.write(tobias)
	w.keys(kb.Tab)
	w.write(shared.password(t, tobias))
	w.keys(kb.Enter)
	w.until("the queue", `location.pathname === '/' && `+shown("#qu-list [data-row]"))
	w.settle()

	w.chooseByKey(number)
	before := w.pressed
	w.answerByKey()
	w.giveBackByKey(number)
	w.resolveByKey()
	// Claim, answer, note, propose, resolve: what is pressed beside what is written.
	if took := w.pressed - before; took > mainFlowKeys {
		t.Errorf("the main flow takes %d keys, was %d", took, mainFlowKeys)
	} else {
		t.Logf("the main flow takes %d keys", took)
	}
	w.macroByKey("price list", "Price list and contract of ")
	w.findByKey(number)
}

// macroByKey finds a macro, looks at what it brought and sends it.
func (w *window) macroByKey(name, writes string) {
	w.t.Helper()
	w.keys("m")
	w.until("the macros", shown("#macro[open]")+" && "+shown("#macro-list button"))
	w.until("the cursor in their search", focused("#macro-q"))
	w.write(name)
	w.keys(kb.Enter)
	w.until("the text in the composer", `document.querySelector('#compose textarea').value.startsWith(`+js(writes)+`)`)
	w.until("the cursor behind it", focused("#compose textarea"))
	w.keys(kb.Enter, chromedp.ModifierCtrl)
	w.says("#thread", writes)
	w.says("#thread", "checked")
	w.keys(kb.Escape)
	w.until("the cursor out of the composer", "!"+focused("#compose textarea"))
}

// mainFlowKeys is what the main flow may take from a case that is open on the screen; the invoice of a mail is linked by itself.
const mainFlowKeys = 24

// resolveByKey ends the case once the credit has posted.
func (w *window) resolveByKey() {
	w.t.Helper()
	w.settle()
	w.keys("e")
	w.until("the dialog", shown("#resolve[open]"))
	w.until("the cursor in it", focused("#resolve textarea")+" || "+focused("#resolve select"))
	if value[bool](w, focused("#resolve select")) {
		w.keys(kb.ArrowDown)
	}
	w.keys(kb.Enter, chromedp.ModifierCtrl)
	w.says(".cs-props", "Resolved")
}

// mailFrom writes as a customer's own mail program would and waits for the case.
func mailFrom(t *testing.T, b bill) string {
	t.Helper()
	news := listen(t)
	subject := "Frage zu " + b.Number
	raw := fmt.Sprintf("From: <%s>\r\nTo: <billing@nordwall.example>\r\nSubject: %s\r\nMessage-ID: <%s.keys@%s>\r\n\r\nBitte pruefen Sie Position 1 der Rechnung %[4]s.\r\n",
		b.Email, subject, b.Account, b.Number)
	must(t, smtp.SendMail(shared.demo.Info.SMTP, nil, b.Email, []string{"billing@nordwall.example"}, []byte(raw)))
	return news.wait(t, `select number from cases where subject = $1`, subject)
}

// chooseByKey walks the list, finds one case in it and opens that.
func (w *window) chooseByKey(number string) {
	w.t.Helper()
	const chosen = `document.querySelector('[data-row][aria-selected=true]')?.id`
	w.keys("j")
	w.until("a chosen row", chosen+" !== undefined")
	first := value[string](w, chosen)
	w.keys("j")
	w.until("the next row", fmt.Sprintf("%s !== %s", chosen, js(first)))
	w.until("the preview of the row", fmt.Sprintf("document.querySelector('#preview [name=sel]')?.value.endsWith(%s.replace(/\\D/g, ''))", chosen))
	second := value[string](w, chosen)
	w.keys("k")
	// A case that comes in or grows urgent meanwhile may stand between them by now.
	w.until("the row before", fmt.Sprintf("(rows => rows[rows.indexOf(%s) - 1] === %s)([...document.querySelectorAll('[data-row]')].map(r => r.id))", js(second), chosen))

	w.keys("/")
	w.until("the cursor in the search", focused("#qu-q"))
	w.write(number)
	w.until("one row only", `document.querySelectorAll('#qu-list [data-row]').length === 1`)
	w.settle()
	w.keys(kb.Escape)
	w.until("the cursor out of the search", "!"+focused("#qu-q"))
	w.keys("j")
	w.until("the found row to be chosen", chosen+" !== undefined")
	w.keys(kb.Enter)
	w.until("the case", fmt.Sprintf("location.pathname === '/cases/%s' && %s", number, shown("#thread")))
	w.settle()
}

// answerByKey claims the case, replies and notes.
func (w *window) answerByKey() {
	w.t.Helper()
	w.keys("c")
	w.says(".cs-props", "Tobias Reuter")
	for _, words := range [][2]string{{"r", "I am looking at position 1."}, {"n", "Position 1 was keyed by hand."}} {
		key, text := words[0], words[1]
		w.until("the composer to be empty", `document.querySelector('#compose textarea').value === ''`)
		w.keys(key)
		w.until("the cursor in the composer", focused("#compose textarea"))
		w.write(text)
		w.keys(kb.Enter, chromedp.ModifierCtrl)
		w.says("#thread", text)
		w.keys(kb.Escape)
		w.until("the cursor out of the composer", "!"+focused("#compose textarea"))
	}
}

// giveBackByKey proposes what an agent may give alone, so that it posts at once.
func (w *window) giveBackByKey(number string) {
	w.t.Helper()
	w.settle()
	w.keys("p")
	w.until("the form", shown("#pr"))
	w.settle()
	w.tabTo("#pr input[name=line]")
	w.keys(" ")
	w.tabTo("#pr input[name^='net.']")
	w.write("40.00")
	w.says("#pr-live .pr-sum", "40.00")
	w.tabTo("#pr select[name=reason_code]")
	w.keys(kb.ArrowDown)
	w.tabTo("#pr textarea[name=explanation]")
	w.write("Keyed by hand, with the price of last year.")
	w.says("#pr-live", "within your own limit")
	w.until("the form to be complete", shown("#pr-foot [data-send]:not([aria-disabled=true])"))
	w.settle()
	w.keys(kb.Enter, chromedp.ModifierCtrl)
	w.until("the case again", fmt.Sprintf("location.pathname === '/cases/%s' && %s", number, shown(".cs-cr")))
	w.says(".cs-cr", "Posted")
}

// findByKey goes to the queue, opens the sheet of shortcuts and jumps back to the case through the palette.
func (w *window) findByKey(number string) {
	w.t.Helper()
	w.keys("gq")
	w.until("the queue", `location.pathname === '/'`)
	w.settle()
	w.keys("?")
	w.until("the sheet of shortcuts", shown("#keys[open]"))
	w.keys(kb.Escape)
	w.until("the sheet to close", "!"+shown("#keys[open]"))
	w.keys("k", chromedp.ModifierCtrl)
	w.until("the palette", focused("#cmd-q"))
	w.write(number)
	w.until("the case in the palette", fmt.Sprintf("document.querySelector('#cmd-results [role=option][aria-selected=true]')?.innerText.includes(%s)", js(number)))
	w.picture("palette-light")
	w.keys(kb.Enter)
	w.until("the case", fmt.Sprintf("location.pathname === '/cases/%s'", number))
}

// tabTo presses Tab until an element has the focus.
func (w *window) tabTo(selector string) {
	w.t.Helper()
	for range 80 {
		if value[bool](w, focused(selector)) {
			return
		}
		w.keys(kb.Tab)
	}
	w.fail("Tab does not reach %s", selector)
}

func focused(selector string) string {
	return "!!document.activeElement?.matches(" + js(selector) + ")"
}
