//go:build browser

package browsertest_test

import (
	"testing"
)

// TestManyCasesAtOnce tags all that are open: chosen by a filter, foreseen, done with a bar that moves by itself, and undone.
func TestManyCasesAtOnce(t *testing.T) {
	t.Parallel()
	w := shared.window(t, "many")
	w.signIn(mara, "/?view=all_open&q=is%3Aopen")
	w.click(".qu-all")
	w.until("the page", `location.pathname === '/queue/bulk'`)
	w.settle()
	w.fill("input[name=tag]", "handover")
	w.until("the action to follow its value", one("input[value=tag]")+`.checked`)
	w.says("#bulk-preview", "Tag as “handover”")
	w.settle()
	w.bothWays("bulk")
	w.barriers("many cases")
	w.click("#bulk-preview .btn-primary")
	w.click("#mg-confirm [value=yes]")
	w.until("the run", `location.pathname.startsWith('/queue/bulk/')`)
	w.until("the end of it", shown("#qu-run [data-key=z]"))
	if refused := value[bool](w, `document.querySelector('#qu-run').innerText.includes('Not changed')`); refused {
		t.Error("a tag was refused")
	}
	w.bothWays("bulk-run")
	w.barriers("a run")
	w.onPhone()
	w.bothWays("bulk-run-phone")
	w.atDesk()
	w.click("#qu-run [data-key=z]")
	w.click("#mg-confirm [value=yes]")
	w.says("#qu-run", "Undone")
	w.says("#qu-run .im-bar", "looked at again")
	w.until("all of it to be undone", one("#qu-run [role=progressbar]")+`.getAttribute('aria-valuenow') === '100'`)
}
