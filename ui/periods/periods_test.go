package periods_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/periods"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := periods.New(r.Desk, r.Billing, r.Reports.Closing(r.Billing))
	r.Echo.GET("/books/periods", s.Show, web.Need(access.ReadBooks))
	r.Echo.GET("/books/periods/grid", s.Grid, web.Need(access.ReadBooks))
	r.Echo.POST("/books/periods/:entity/:month/soft-close", s.SoftClose, web.Need(access.ManagePeriods))
	r.Echo.POST("/books/periods/:entity/:month/lift", s.Lift, web.Need(access.ManagePeriods))
	r.Echo.POST("/books/periods/:entity/:month/close", s.Close, web.Need(access.ManagePeriods))
	r.Echo.POST("/books/periods/:entity/:month/reopen", s.Reopen, web.Need(access.ManagePeriods))
	r.Echo.POST("/books/periods/:entity/:month/reopen/confirm", s.Confirm, web.Need(access.ConfirmReopen))
	r.Echo.POST("/books/periods/:entity/:month/reopen/withdraw", s.Withdraw, web.Need(access.ConfirmReopen))
	return r
}

func has(t *testing.T, a screentest.Answer, status int, wants ...string) {
	t.Helper()
	if a.Status != status {
		t.Errorf("status %d, want %d", a.Status, status)
	}
	for _, want := range wants {
		if !strings.Contains(a.Text, want) {
			t.Errorf("answer lacks %q: %s", want, a.Text)
		}
	}
}

func because(reason string) url.Values { return url.Values{"reason": {reason}} }

func TestAMonthIsClosedOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	controller, director, auditor := r.As(access.Controller), r.As(access.Director), r.As(access.Auditor)
	const april, page = "/books/periods/DE/2026-04/", "/books/periods?entity=DE&month=2026-04"
	has(t, controller.Get("/books/periods"), 200, "April 2026 Ostwind Netz GmbH", "Nothing blocks", "Soft-close", "May 2026 Open")
	has(t, controller.Get("/books/periods?entity=DE&month=2026-05"), 200, "May 2026 has not ended", "Debit memos and rebills without a stored document 0")
	if a := controller.Post(april+"soft-close", nil); a.Status != http.StatusSeeOther || a.Header.Get("Location") != page {
		t.Fatalf("soft-close: %d to %s", a.Status, a.Header.Get("Location"))
	}
	has(t, controller.Get(page), 200, "Soft-closed Carl Controller", "Close April 2026", "Lift the soft close")
	has(t, controller.Post(april+"close", url.Values{"version": {"7"}}), 409, "Nothing was changed. Carl Controller moved 2026-04 in the meantime; it is soft_closed now.")
	controller.Post(april+"close", url.Values{"version": {"1"}})
	has(t, auditor.Get(page), 200, "Closed Carl Controller", "What was done")
	if text := auditor.Get(page).Text; strings.Contains(text, "Ask to reopen") {
		t.Errorf("an auditor may reopen: %s", text)
	}
	has(t, controller.Post(april+"reopen", because(" ")), 422, "Ask to reopen", "This is needed.")
	controller.Post(april+"reopen", because("An invoice was forgotten"))
	has(t, controller.Get(page), 200, "Reopening asked", "Carl Controller asked to reopen", "You asked, so somebody else has to confirm it.")
	has(t, auditor.Get(page), 200, "A controller or a director has to confirm it.")
	has(t, controller.Post(april+"reopen/confirm", nil), 403)
	has(t, director.Get(page), 200, "Confirm as second person", "Turn down")
	r.Clock.Add(16 * time.Minute)
	if a := director.Post(april+"reopen/confirm", nil); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/prove?next=") {
		t.Errorf("confirmed without a fresh proof: %d to %q", a.Status, a.Header.Get("Location"))
	}
	director = r.As(access.Director)
	director.Post(april+"reopen/confirm", nil)
	has(t, director.HTMX().Get("/books/periods/grid"), 200, "April 2026 Reopened")
	has(t, director.Get(page), 200, "Reopened Carl Controller and Dora Director An invoice was forgotten")
}

func TestWhatBlocksIsShownAndOverridden(t *testing.T) {
	t.Parallel()
	r := open(t)
	dbtest.AsOwner(t, r.DB, `update document_sequences set last_no = last_no + 1`)
	controller := r.As(access.Controller)
	const april, page = "/books/periods/DE/2026-04/", "/books/periods?entity=DE&month=2026-04"
	controller.Post(april+"soft-close", nil)
	has(t, controller.Get(page), 200, "1 blocking", "Gaps in document numbers 1", "DE 2026 2 documents, last number 3", "Why it is closed although a point blocks")
	has(t, controller.Post(april+"close", nil), 409, "2026-04 cannot be closed yet: number gaps (1). Settle these first, or say why")
	controller.Post(april+"close", because("The number was burnt by a test"))
	has(t, controller.Get(page), 200, "Closed Carl Controller", "“The number was burnt by a test”")
}

func TestWhoSeesNoBooks(t *testing.T) {
	t.Parallel()
	r := open(t)
	dbtest.AsOwner(t, r.DB, `update users set entity_ids = '{999}' where email like 'auditor@%'`)
	has(t, r.As(access.Auditor).Get("/books/periods"), 200, "No books to show")
	has(t, r.As(access.Auditor).Get("/books/periods?entity=DE"), 200, "No books to show")
	has(t, r.As(access.Agent).Get("/books/periods?entity=XX"), 404)
	has(t, r.As(access.Agent).Post("/books/periods/DE/2026-04/soft-close", nil), 403)
}
