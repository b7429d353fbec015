//go:build browser

package browsertest_test

import "testing"

// TestWhoElseLooks has two people at one case: each sees the other come, write and go, beside the case and in the queue, without loading anything.
func TestWhoElseLooks(t *testing.T) {
	t.Parallel()
	number := mailFrom(t, openBill(t, false, 30))
	first, second := shared.window(t, "first who looks"), shared.window(t, "second who looks")
	first.signIn(katrin, "/cases/"+number)
	second.signIn(mara, "/cases/"+number)
	first.says("[data-here]", "Mara Lindqvist is looking at it")
	second.says("[data-here]", "Katrin Vogel is looking at it")
	second.fill("#composer textarea", "We look into it.")
	first.says("[data-here]", "Mara Lindqvist is writing")
	first.bothWays("somebody writes")

	first.open("/?view=every&q=" + number)
	row := "[id^=case-]:has(a[href='/cases/" + number + "'])"
	first.until("who is there in the row", "!!document.querySelector("+js(row+" .hr-row [data-on]")+")")
	second.until("the first to be gone", "document.querySelector('[data-here]').textContent.trim() === ''")

	second.open("/settings/notices")
	first.until("nobody in the row", "!document.querySelector("+js(row+" .hr-row [data-on]")+")")
	first.barriers("the queue with who is there")
}
