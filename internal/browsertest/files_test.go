//go:build browser

package browsertest_test

import (
	"fmt"
	"strings"
	"testing"
)

// brings is an event with a file, as the system gives it to a page when somebody drops or pastes one.
const brings = `((e) => {
	const files = new DataTransfer();
	files.items.add(new File([%s], %s, { type: 'text/plain' }));
	if (%[3]s === 'drop') e.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: files }));
	else if (%[3]s === 'paste') e.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: files }));
	else { const input = document.querySelector('#composer [type=file]'); input.files = files.files; input.dispatchEvent(new Event('change', { bubbles: true })); }
	return true;
})(document.querySelector('#composer textarea'))`

// bring gives the composer a file in one of the ways there are.
func (w *window) bring(how, name, content string) {
	w.t.Helper()
	value[bool](w, fmt.Sprintf(brings, js(content), js(name), js(how)))
	w.until(name+" beside the text", fmt.Sprintf(`[...document.querySelectorAll('#composer-files .mg-file')].some((f) => f.innerText.includes(%s))`, js(name)))
}

// TestAFileReachesTheCustomer is added in each of the ways, survives that the page is left, is sent, and comes with the customer's mail and in
// their portal.
func TestAFileReachesTheCustomer(t *testing.T) {
	t.Parallel()
	b := openBill(t, false, 30)
	number := mailFrom(t, b)
	w := shared.window(t, "files")
	w.signIn(mara, "/cases/"+number)
	const field, note = "#composer textarea", "#composer label:has([value=note])"
	w.bring("drop", "price-list.txt", "Fibre 100: 30 EUR")
	w.bring("paste", "pasted.txt", "Not this one")
	w.bring("choose", "annex.txt", "Annex B")
	w.click("#composer [aria-label='Remove pasted.txt']")
	w.until("it to be gone", `!document.querySelector("#composer [aria-label='Remove pasted.txt']")`)
	w.open("/cases/" + number)
	w.says("#composer-files", "price-list.txt")
	w.says("#composer-files", "annex.txt")
	w.barriers("a reply with files")
	w.bothWays("case-files")
	w.onPhone()
	w.bothWays("case-files-phone")
	w.atDesk()
	w.click(note)
	w.until("no file of the reply beside the note", `![...document.querySelectorAll('#composer-files .mg-file')].some((f) => f.checkVisibility())`)
	w.bring("choose", "inside.txt", "Our margin")
	w.fill(field, "Look at the margin.")
	w.click("#composer [data-send]")
	w.says("#thread [data-kind=note]", "inside.txt")
	w.click("#composer label:has([value=reply])")
	w.fill(field, "Here are the prices.")
	w.click("#composer [data-send]")
	w.says("#thread", "Here are the prices.")
	w.says("#thread", "price-list.txt")

	news := listen(t)
	news.wait(t, `select o.state from outgoing_messages o join cases c on c.id = o.case_id where c.number = $1 and o.kind = 'reply' and o.state = 'sent'`, number)
	w.open("/demo/mailbox")
	row := fmt.Sprintf(`[...document.querySelectorAll('#mb-list [data-row]')].find((r) => r.innerText.includes('Here are the prices.') || r.innerText.includes(%s))`, js(b.Number))
	w.until("the answer", "!!"+row)
	value[bool](w, row+".querySelector('a').setAttribute('data-letter', '') ?? true")
	w.click("[data-letter]")
	w.says("#mb-mail", "price-list.txt")
	w.says("#mb-mail", "annex.txt")
	if got := value[string](w, `fetch(`+one("#mb-mail a[href*='/files/']")+`.href).then((r) => r.text())`); got != "Fibre 100: 30 EUR" {
		t.Errorf("the file says %q", got)
	}
	w.enterPortal(b.Email)
	w.open("/portal/requests/" + number)
	w.says(".po-talk", "price-list.txt")
	if got := w.text(".po-talk"); got == "" || containsAny(got, "inside.txt", "Look at the margin") {
		t.Errorf("the portal shows %s", got)
	}
	if got := value[string](w, `fetch(`+one(".po-talk .mg-file")+`.href).then((r) => r.text())`); got != "Fibre 100: 30 EUR" {
		t.Errorf("in the portal the file says %q", got)
	}
}

func containsAny(text string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
