//go:build browser

package browsertest_test

import "testing"

// TestAReplyAndANoteAreBegunApart changes between the two: each has its own text, also after the page was left at once.
func TestAReplyAndANoteAreBegunApart(t *testing.T) {
	t.Parallel()
	number := mailFrom(t, openBill(t, false, 30))
	w := shared.window(t, "drafts")
	w.signIn(mara, "/cases/"+number)
	const field, reply, note, saved = "#composer textarea", "#composer label:has([value=reply])", "#composer label:has([value=note])", `document.querySelector('#composer-saved')`
	stands := func(text string) {
		t.Helper()
		w.until(text+" in the composer", one(field)+`.value === `+js(text))
	}
	w.fill(field, "Dear Sabine,")
	w.click(note)
	stands("Dear Sabine,") // nothing was begun as a note: it was meant to be one
	w.until("the reply to be kept", saved+`.textContent !== ''`)
	w.fill(field, "Ask metering.")
	value[bool](w, `(`+saved+`.textContent = '', true)`)
	w.click(reply)
	stands("Dear Sabine,")
	w.until("the note to be kept", saved+`.textContent !== ''`)
	w.click(note)
	stands("Ask metering.")

	w.open("/cases/" + number)
	w.click(reply)
	stands("Dear Sabine,")
	w.click(note)
	stands("Ask metering.")
	w.click(reply)
	w.click("#composer [data-send]")
	w.says("#thread", "Dear Sabine,")
	stands("Ask metering.")
}
