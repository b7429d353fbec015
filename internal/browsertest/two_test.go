//go:build browser

package browsertest_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestTwoAgentsOneCase has two people fill in the same case at the same time. Whoever sends second is told what the first changed,
// keeps what they typed, and goes on only by sending again: for every field of the case.
func TestTwoAgentsOneCase(t *testing.T) {
	t.Parallel()
	number := mailFrom(t, openBill(t, false, 30))
	first, second := shared.window(t, "first of two"), shared.window(t, "second of two")
	first.signIn(katrin, "/cases/"+number)
	second.signIn(mara, "/cases/"+number)
	priorities := []string{"P1", "P2"}
	changes := 0
	elsewhere := func() { // the first changes something while the second types
		priority := priorities[changes%2]
		changes++
		first.until("what the second sees", `document.querySelector('#seen').value === `+js(value[string](second, `document.querySelector('#seen').value`)))
		first.openDialog("priority")
		first.choose("#priority-to", priority)
		first.fill("#priority-reason", fmt.Sprintf("Change %d", changes))
		first.click("#priority [data-send]")
		first.until("the change of the first", "!"+shown("#priority[open]"))
		second.says("#thread", fmt.Sprintf("Change %d", changes)) // the page behind follows
	}
	for _, field := range []struct {
		dialog string
		fill   func()
		kept   string // what must still stand in the form
		after  func()
	}{
		{
			"priority", func() { second.choose("#priority-to", "P4"); second.fill("#priority-reason", "It can wait") },
			one("#priority-reason") + `.value === 'It can wait' && ` + one("#priority-to") + `.value === 'P4'`, func() { second.says("#thread", "It can wait") },
		},
		{
			"assign", func() {
				second.choose("#assign-to", value[string](second, `document.querySelector('#assign-to option:nth-child(2)').value`))
			},
			one("#assign-to") + `.selectedIndex === 1`, func() { second.says(".cs-props", "Mara Lindqvist") },
		},
		{
			"waiting", func() {
				second.click("#waiting-on input[value=upstream]")
				second.fill("#waiting-comment", "the meter export")
			},
			one("#waiting-comment") + `.value === 'the meter export'`, func() { second.says("#thread", "the meter export") },
		},
		{
			"topic", func() { second.choose("#topic-to", "tax_wrong") },
			one("#topic-to") + `.value === 'tax_wrong'`, func() { second.says(".cs-about", "Tax") },
		},
		{
			"resolve", func() { second.fill("#resolve-text", "Explained on the phone") },
			one("#resolve-text") + `.value === 'Explained on the phone'`, nil,
		},
	} {
		second.openDialog(field.dialog)
		field.fill()
		elsewhere()
		second.click("#" + field.dialog + " [data-send]")
		second.says("#"+field.dialog+"-error", "Katrin Vogel changed "+number)
		second.says("#"+field.dialog+"-error", fmt.Sprintf("Change %d", changes))
		if !value[bool](second, field.kept) {
			t.Errorf("%s: what was typed is gone", field.dialog)
		}
		if field.after == nil {
			second.bothWays("two-agents")
			second.barriers("a refused form")
			continue
		}
		second.click("#" + field.dialog + " [data-send]")
		second.until(field.dialog+" to close", "!"+shown("#"+field.dialog+"[open]"))
		field.after()
	}
	for _, fault := range second.watch.seen() { // the browser tells of each refusal too
		if !strings.Contains(fault, "409 (Conflict)") {
			t.Error(fault)
		}
	}
}

// openDialog presses the button that opens a dialog, in a menu or not.
func (w *window) openDialog(id string) {
	w.t.Helper()
	w.settle()
	w.until("the way to "+id, fmt.Sprintf(`!!document.querySelector('[data-open=%s]')`, id))
	value[bool](w, fmt.Sprintf(`(document.querySelector('[data-open=%s]').click(), true)`, id))
	w.until(id+" to open", shown("#"+id+"[open]"))
}
