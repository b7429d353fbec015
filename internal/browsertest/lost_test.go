//go:build browser

package browsertest_test

import (
	"fmt"
	"testing"
)

// TestAPageCatchesUpWithALostConnection ends the one connection by which the program hears what changes. What changed meanwhile is told to
// nobody; the page says that it is not live, and shows it by itself once the program hears again.
func TestAPageCatchesUpWithALostConnection(t *testing.T) {
	t.Parallel()
	number := mailFrom(t, openBill(t, false, 30))
	w := shared.window(t, "who looks on")
	w.signIn(katrin, "/cases/"+number)
	set := func(subject string) {
		t.Helper()
		_, err := shared.db.Exec(t.Context(), `update cases set subject = $2 where number = $1`, number, subject)
		must(t, err)
	}
	const shows = `document.querySelector('#case h1').textContent.trim() === %s`

	set("Heard of at once")
	live := false
	for range 60 { // the page follows a moment after it was loaded
		_, err := shared.db.Exec(t.Context(), `select pg_notify('makegood_live', 'case:' || id) from cases where number = $1`, number)
		must(t, err)
		if live = value[bool](w, fmt.Sprintf(`new Promise((done) => setTimeout(() => done(`+shows+`), 500))`, js("Heard of at once"))); live {
			break
		}
	}
	if !live {
		w.fail("the page does not follow its case")
	}
	w.settle()

	w.until("an eye on the dot", `(() => {
		const dot = document.querySelector('[data-live-dot]');
		window.wasStale = false;
		new MutationObserver(() => { window.wasStale ||= dot.classList.contains('stale'); }).observe(dot, { attributes: true, attributeFilter: ['class'] });
		return !dot.classList.contains('stale');
	})()`)
	set("Missed by everybody")
	_, err := shared.db.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %here' and datname = current_database()`)
	must(t, err)
	w.until("what was missed", fmt.Sprintf(shows, js("Missed by everybody")))
	w.until("the dot to say that it was not live, and that it is", `window.wasStale && !document.querySelector('[data-live-dot]').classList.contains('stale')`)
}
