//go:build browser

package browsertest_test

import (
	"testing"
)

// TestManyCasesAtOnce tags all of a view: chosen at once, foreseen, done with a bar that moves by itself, and undone.
func TestManyCasesAtOnce(t *testing.T) {
	t.Parallel()
	w := shared.window(t, "many")
	w.signIn(mara, "/?view=waiting_customer") // which no other test works
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

// TestJoinAndSplit looks at the two dialogs that move a conversation, and takes both ways: joined to another case of the customer and out
// again with the toast's undo.
func TestJoinAndSplit(t *testing.T) {
	t.Parallel()
	pair := found[struct{ One, Two string }](t, `select min(a.number) as one, max(a.number) as two from cases a join legal_entities e on e.id = a.entity_id
		where e.code = 'DE' and a.status in ('new', 'open', 'waiting') and a.credit_state = 'none' and a.customer_id is not null
			and (select count(*) from case_messages m where m.case_id = a.id and m.kind = 'inbound') > 0
		group by a.customer_id having count(*) > 1 order by a.customer_id limit 1`)
	w := shared.window(t, "joiner")
	w.signIn(mara, "/cases/"+pair.Two)
	w.openDialog("join")
	w.fill("#join-into", pair.One)
	if value[bool](w, shown("#join input[name=disputes]")) {
		w.click("#join input[name=disputes]")
	}
	w.bothWays("join")
	w.barriers("joining")
	w.click("#join [data-send]")
	w.says(".cs-props", pair.One)
	w.click("#mg-toasts [data-undo]")
	w.says("#thread", "took the case out of "+pair.One)
	w.open("/cases/" + pair.One)
	w.says("#thread", "took "+pair.Two+" out of this case again")
	w.onPhone()
	w.open("/cases/" + pair.Two)
	w.openDialog("join")
	w.picture("join-phone-light")
}
