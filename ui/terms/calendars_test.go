package terms_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/screentest"
	"makegood/ui/terms"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) *screentest.Room {
	t.Helper()
	r := screentest.Open(t)
	s := terms.New(r.Desk, r.Cases, r.Billing, r.Reports.CaseFiles(r.Cases, r.Billing))
	read, change := web.Need(access.ReadCases), web.Need(access.ManageClocks)
	r.Echo.GET("/settings/calendars", s.Calendars, read)
	r.Echo.GET("/settings/calendars/new", s.NewCalendar, change)
	r.Echo.POST("/settings/calendars", s.AddCalendar, change)
	r.Echo.GET("/settings/calendars/:id", s.Calendar, read)
	r.Echo.GET("/settings/calendars/:id/edit", s.EditCalendar, change)
	r.Echo.POST("/settings/calendars/:id", s.SaveCalendar, change)
	r.Echo.GET("/settings/sla", s.Policies, read)
	r.Echo.GET("/settings/sla/new", s.NewPolicy, change)
	r.Echo.GET("/settings/sla/policies/:id", s.Policy, read)
	r.Echo.POST("/settings/sla/drafts", s.DraftPolicy, change)
	r.Echo.GET("/settings/sla/drafts/:id", s.Draft, change)
	r.Echo.POST("/settings/sla/drafts/:id", s.PutInForce, change)
	r.Echo.GET("/settings/ladders", s.Ladders, read)
	r.Echo.GET("/settings/ladders/:id", s.Ladder, read)
	r.Echo.POST("/settings/ladders/:id", s.SaveLadder, change)
	return r
}

func has(t *testing.T, a screentest.Answer, status int, wants ...string) {
	t.Helper()
	if a.Status != status {
		t.Errorf("status %d, want %d: %s", a.Status, status, a.Text)
	}
	for _, want := range wants {
		if !strings.Contains(a.Text, want) && !strings.Contains(a.HTML, want) {
			t.Errorf("answer lacks %q: %s", want, a.Text)
		}
	}
}

// calendar is the form of a version of the company's calendar, which works around the clock.
func calendar(do string) url.Values {
	form := url.Values{"based_on": {"1"}, "zone": {"Europe/Berlin"}, "holidays": {""}, "comment": {"The office moves"}, "do": {do}, "from": {"2026"}, "to": {"2026"}}
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		form.Set(day, "00:00-24:00")
	}
	return form
}

func TestACalendarIsChangedOnScreen(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.Dispute("100")
	agent, supervisor := r.As(access.Agent), r.As(access.Supervisor)
	list := agent.Get("/settings/calendars")
	has(t, list, 200, "168 h a week", "Nobody has changed anything yet.")
	if strings.Contains(list.HTML, "/settings/calendars/new") {
		t.Error("an agent is offered a new calendar")
	}
	if a := agent.Get("/settings/calendars/1/edit"); a.Status != http.StatusForbidden {
		t.Errorf("an agent got %d", a.Status)
	}
	has(t, supervisor.Get("/settings/calendars/1/edit"), 200, `value="00:00-24:00"`, "Germany, Hamburg")
	public := calendar("public")
	public.Set("place", "DE-HH")
	has(t, supervisor.Post("/settings/calendars/1", public), 200, "10 days of 10 added to the list below", "2026-10-31 Reformationstag")
	form := calendar("preview")
	form.Set("mon", "22:00-06:00")
	form.Set("tue", "09:00-17:00")
	form.Set("holidays", r.Clock.Now().Format("2006-01-02")+" Outing")
	has(t, supervisor.Post("/settings/calendars/1", form), 200, "What would change", "No deadline moves. 1 open case is under it.")
	has(t, supervisor.Get("/settings/calendars/1"), 200, "Version 1", "No day of this year differs")
	form.Set("do", "save")
	saved := supervisor.Post("/settings/calendars/1", form)
	to := saved.Header.Get("Location")
	if saved.Status != http.StatusSeeOther || to == "/settings/calendars/1" {
		t.Fatalf("%d to %s: %s", saved.Status, to, saved.Text)
	}
	has(t, agent.Get(to), 200, "Version 2", "22:00-06:00", `class="night"`, "Outing", "nobody works", "Version 1,")
	has(t, agent.Get("/settings/calendars/1"), 200, "This version is out of use.")
	has(t, agent.Get("/settings/calendars"), 200, "The office moves", "0 of 1 open case looked at, 0 moved")
	has(t, supervisor.Post("/settings/calendars/1", form), 409, "Somebody else has changed it meanwhile.", "22:00-06:00")
}

func TestWhatTheFormOfACalendarRefuses(t *testing.T) {
	t.Parallel()
	r := open(t)
	supervisor := r.As(access.Supervisor)
	for says, change := range map[string][2]string{
		"9-5 are not working hours":              {"mon", "9-5"},
		"Line 1 is no day: someday":              {"holidays", "someday"},
		"Say why it is changed.":                 {"comment", ""},
		"Mars/Olympus is not a known time zone.": {"zone", "Mars/Olympus"},
	} {
		form := calendar("save")
		form.Set("tue", "09:00-17:00")
		form.Set(change[0], change[1])
		a := supervisor.Post("/settings/calendars/1", form)
		has(t, a, http.StatusUnprocessableEntity, says, "mg-err")
	}
	twice := calendar("save")
	twice.Set("holidays", "2026-01-01\n2026-01-01")
	has(t, supervisor.Post("/settings/calendars/1", twice), 422, "mg-err")
	form := map[string]string{}
	for name, values := range calendar("ical") {
		form[name] = values[0]
	}
	has(t, supervisor.Give("/settings/calendars/1", form, "x.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:soon\nEND:VEVENT\nEND:VCALENDAR\n"), 422, "Line 3: soon is no date or time.")
	good := "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260703T120000\nDTEND:20260704T000000\nSUMMARY:Party\nEND:VEVENT\nEND:VCALENDAR\n"
	has(t, supervisor.Give("/settings/calendars/1", form, "x.ics", good), 200, "1 day of 1 added", "2026-07-03 00:00-12:00 Party")
	fresh := calendar("save")
	fresh.Set("based_on", "0")
	fresh.Set("name", "Night shift")
	if a := supervisor.Post("/settings/calendars", fresh); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	has(t, supervisor.Get("/settings/calendars"), 200, "Night shift", "no policy in force")
}
