package sorting_test

import (
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/screentest"
	"makegood/ui/sorting"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// open is the room with mail that can come in.
func open(t *testing.T) (*screentest.Room, *intake.Intake) {
	t.Helper()
	r := screentest.Open(t)
	i := intake.New(r.DB, r.Inbox, r.Cases, r.Billing, slog.New(slog.DiscardHandler), intake.Options{})
	s := sorting.New(r.Desk, i.Sorting(), r.People)
	read, manage := web.Need(access.ReadIntake), web.Need(access.ManageSorting)
	r.Echo.GET("/sorting", s.List, read)
	r.Echo.GET("/sorting/rules/new", s.New, read)
	r.Echo.GET("/sorting/rules/:id", s.Edit, read)
	r.Echo.POST("/sorting/rules", s.Save, manage)
	r.Echo.POST("/sorting/rules/try", s.Try, read)
	r.Echo.POST("/sorting/rules/:id/move", s.Move, manage)
	r.Echo.POST("/sorting/rules/:id/switch", s.Switch, manage)
	r.Echo.POST("/sorting/rules/:id/remove", s.Remove, manage)
	r.Echo.GET("/sorting/model", s.Model, read)
	r.Echo.POST("/sorting/model/train", s.Train, manage)
	r.Echo.POST("/sorting/model/threshold", s.Threshold, manage)
	r.Echo.POST("/sorting/model/:id/activate", s.Activate, manage)
	return r, i
}

func wants(t *testing.T, a screentest.Answer, status int, texts ...string) {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, want %d: %s", a.Status, status, a.Text)
	}
	for _, text := range texts {
		if !strings.Contains(a.Text, text) {
			t.Errorf("no %q in: %s", text, a.Text)
		}
	}
}

func TestRulesAreWrittenTriedAndOrdered(t *testing.T) {
	t.Parallel()
	r, i := open(t)
	for _, subject := range []string{"Annual audit", "Question", "audit of last year"} {
		raw := "From: ada@lumen.example\r\nTo: billing@ostwind.example\r\nSubject: " + subject + "\r\nMessage-ID: <" + strings.ReplaceAll(subject, " ", "") + "@lumen.example>\r\n\r\nHello " + subject
		_, err := i.Ingest(t.Context(), []byte(raw), inbox.SourceFile)
		r.Must(err)
	}
	boss := r.As(access.Supervisor)
	wants(t, boss.Get("/sorting"), 200, "No rules yet", "New rule")
	form := url.Values{"id": {"0"}, "version": {"0"}, "name": {"Audits"}, "active": {"on"}, "field.0": {"subject"}, "op.0": {"contains"}, "values.0": {"audit\r\nyear end"}, "tags": {"Audit, closing"}, "topic": {"general"}}
	wants(t, boss.HTMX().Post("/sorting/rules/try", form), 200, "Holds for 2 of the last 3 messages and decides 2 of them.", "Annual audit", "found: audit")
	wants(t, boss.Get("/sorting"), 200, "No rules yet") // a trial keeps nothing
	wants(t, boss.Post("/sorting/rules", form), 303)
	wants(t, boss.Get("/sorting"), 200, "Audits", "subject contains audit or year end", "#audit", "General question", "Added “Audits”")

	bad := url.Values{"id": {"0"}, "version": {"1"}, "name": {""}, "field.0": {"subject"}, "op.0": {"matches"}, "values.0": {"("}}
	wants(t, boss.Post("/sorting/rules", bad), 422, "This is not a regular expression.", "The rule says nothing about what follows")
	stale := url.Values{"id": {"0"}, "version": {"0"}, "name": {"Late"}, "tags": {"x"}}
	wants(t, boss.Post("/sorting/rules", stale), 409, "Somebody else has changed the rules meanwhile.")

	narrow := url.Values{"id": {"0"}, "version": {"1"}, "name": {"Annual"}, "active": {"on"}, "field.0": {"subject"}, "op.0": {"contains"}, "values.0": {"annual audit"}, "priority": {"P1"}}
	wants(t, boss.HTMX().Post("/sorting/rules/try", narrow), 200, "decides 0 of them. Earlier rules take the others.", "taken by “Audits”")
	wants(t, boss.Post("/sorting/rules", narrow), 303)
	wants(t, boss.Get("/sorting?counts=1"), 200, "Never decides: “Audits” always comes before it.", "Tried on the last 3 messages.")
	wants(t, boss.Post("/sorting/rules/2/move", url.Values{"version": {"2"}, "by": {"-1"}}), 303)
	after := boss.Get("/sorting")
	wants(t, after, 200, "Moved “Annual”")
	if strings.Contains(after.Text, "Never decides") {
		t.Error("the narrow rule is still said to be shadowed")
	}
	wants(t, boss.Get("/sorting/rules/2"), 200, "Keep the rule", "Remove the rule")
	wants(t, boss.Post("/sorting/rules/2/switch", url.Values{"version": {"2"}}), 409, "Nothing was changed.")
	wants(t, boss.Post("/sorting/rules/2/remove", url.Values{"version": {"3"}}), 303)
	wants(t, boss.Get("/sorting/rules/2"), 404)

	agent := r.As(access.Agent)
	look := agent.Get("/sorting")
	wants(t, look, 200, "Audits")
	if strings.Contains(look.Text, "New rule") {
		t.Error("an agent is offered a new rule")
	}
	wants(t, agent.Post("/sorting/rules", form), 403)
}

func TestWhatWasLearnedIsShown(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	boss := r.As(access.Supervisor)
	wants(t, boss.Get("/sorting/model"), 200, "Nothing was learned yet")
	wants(t, boss.Post("/sorting/model/train", nil), 303)
	r.Must(r.Registry.Work(t.Context(), "sorting.train", []byte(`{}`)))
	page := boss.Get("/sorting/model")
	wants(t, page, 200, "Model 1, examined on texts it had not learned", "Macro-F1", "Precision", "Taken for each other", "in force", "0 times somebody said")
	if strings.Count(page.HTML, `class="ok"`) < 20 || !strings.Contains(page.HTML, "taken for") {
		t.Error("the confusion table is not there")
	}
	wants(t, boss.Post("/sorting/model/threshold", url.Values{"version": {"1"}, "threshold": {"x"}}), 422, "This is not a number.")
	wants(t, boss.Post("/sorting/model/threshold", url.Values{"version": {"1"}, "threshold": {"140"}}), 422, "A confidence lies between 0 and 100 per cent.")
	wants(t, boss.Post("/sorting/model/threshold", url.Values{"version": {"1"}, "threshold": {"90 %"}}), 303)
	wants(t, boss.Post("/sorting/model/1/activate", url.Values{"version": {"1"}}), 409, "Nothing was changed.")
	if got := boss.Get("/sorting/model"); !strings.Contains(got.HTML, `value="90"`) {
		t.Error("the threshold was not kept")
	}
	wants(t, r.As(access.Agent).Post("/sorting/model/train", nil), 403)
}
