package casefile_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/internal/access"
)

func TestQueueGroupsByUrgency(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	r.clock.Set(at("2026-11-12 12:30")) // first response is due at 13:00
	late := r.inquiry("Late already", "2026-11-11 09:00")
	r.inquiry("Plenty of time", "2026-11-12 12:29")
	page := r.get(r.mara, "/", false)
	page.has(t, http.StatusOK, "All open", "Breached", "Due within 60 minutes", "Today", c.Number, "1,094.80", "Late already", "0:30", "−9:30",
		"/queue/"+late.Number+"/claim", `data-live="queue"`)
	if strings.Index(page.body, "Late already") > strings.Index(page.body, c.Number+`"`) {
		t.Fatal("the case that is over its deadline does not come first")
	}
	r.get(r.mara, "/?view=breached", true).has(t, http.StatusOK, "Late already", `hx-target="#qu-views"`, `hx-target="#mg-sub"`, `id="mg-sub"`)
	r.get(r.mara, "/?view=all_open&q=plenty", true).has(t, http.StatusOK, "Plenty of time")
	r.get(r.mara, "/?view=waiting_customer", false).has(t, http.StatusOK, "No case waits for a customer.")
}

func TestQueueClaims(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	claimed := r.post(r.mara, "/queue/"+c.Number+"/claim", url.Values{}, true)
	claimed.has(t, http.StatusNoContent)
	if !strings.Contains(claimed.header.Get("HX-Trigger"), c.Number+" is yours.") {
		t.Fatalf("said %q", claimed.header.Get("HX-Trigger"))
	}
	r.post(r.jonas, "/queue/"+c.Number+"/claim", url.Values{}, true).has(t, http.StatusConflict, "Mara Lindqvist")
	other := r.inquiry("One more", "2026-11-12 10:00")
	r.post(r.mara, "/queue/claim", url.Values{"case": {c.Number, other.Number}}, false).has(t, http.StatusSeeOther)
	r.get(r.mara, "/", false).has(t, http.StatusOK, "My queue", "One more")
	r.post(r.auditor, "/queue/claim", url.Values{"case": {c.Number}}, false).has(t, http.StatusForbidden)
}

// Ticked cases are given to somebody as they stood on the screen: what a colleague did since is not undone unseen.
func TestQueueAssignsWhatWasSeen(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	other := r.inquiry("One more", "2026-11-12 10:00")
	ticks := []string{c.Number + ":" + version(c), other.Number + ":" + version(other)}
	r.get(r.jonas, "/?view=all_open", false).has(t, http.StatusOK, `name="case" value="`+ticks[0]+`"`, `name="case" value="`+ticks[1]+`"`)
	r.get(r.jonas, "/queue/preview/"+c.Number, true).has(t, http.StatusOK, `name="case" value="`+ticks[0]+`"`)
	_, err := r.cases.Claim(t.Context(), cases.On{By: r.mara, ID: c.ID})
	r.must(err)
	assign := func(want string, ticks ...string) {
		t.Helper()
		said := r.post(r.jonas, "/queue/assign", url.Values{"case": ticks, "assignee": {strconv.FormatInt(r.jonas.UserID, 10)}}, true)
		said.has(t, http.StatusNoContent)
		if got := said.header.Get("HX-Trigger"); !strings.Contains(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
	}
	assign("1 of 2 assigned. Mara Lindqvist changed "+c.Number+" in the meantime; Mara Lindqvist has it now.", ticks...)
	with := func(id cases.ID) int64 {
		now, err := r.cases.CaseByID(t.Context(), r.db, id, r.jonas)
		r.must(err)
		if now.AssigneeID == nil {
			return 0
		}
		return *now.AssigneeID
	}
	if with(c.ID) != r.mara.UserID || with(other.ID) != r.jonas.UserID {
		t.Errorf("%d and %d", with(c.ID), with(other.ID))
	}
	now, err := r.cases.CaseByID(t.Context(), r.db, c.ID, r.mara)
	r.must(err)
	now, err = r.cases.Assign(t.Context(), cases.AssignInput{On: cases.On{By: r.mara, ID: c.ID, Version: now.Version}})
	r.must(err)
	assign("0 of 1 assigned. Mara Lindqvist changed "+c.Number+" in the meantime; nobody has it now.", ticks[0])
	assign("0 of 1 assigned.", c.Number) // a tick that does not say what was seen
	assign("1 of 1 assigned.", c.Number+":"+version(now))
	if with(c.ID) != r.jonas.UserID {
		t.Errorf("with %d", with(c.ID))
	}
}

func TestQueueGoesOnWithoutScript(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.clock.Set(at("2026-11-12 11:00"))
	for n := range 60 {
		r.inquiry(fmt.Sprintf("Question %02d", n), "2026-11-12 10:00")
	}
	first := r.get(r.mara, "/?view=all_open", false)
	first.has(t, http.StatusOK, "Question 49", "More cases")
	if strings.Contains(first.body, "Question 50") {
		t.Fatal("the page is longer than a page")
	}
	_, next, _ := strings.Cut(first.body, `class="btn btn-sm" href="/?after=`)
	next, _, _ = strings.Cut(next, `"`)
	r.get(r.mara, "/?after="+strings.ReplaceAll(next, "&amp;", "&"), false).has(t, http.StatusOK, "Question 50", "Question 59")
	more := r.get(r.mara, "/queue/more?after="+strings.ReplaceAll(next, "&amp;", "&")+"&under=Today", true)
	more.has(t, http.StatusOK, "Question 59")
	if strings.Contains(more.body, "qu-g ") {
		t.Fatal("the heading is said twice")
	}
	r.get(r.mara, "/?view=all_open&loaded=1&loaded=1", true).has(t, http.StatusOK, "Question 59")
}

func TestPreviewShowsWhatToDoNext(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	r.get(r.mara, "/queue/preview/"+c.Number, true).has(t, http.StatusOK, `name="sel" value="`+c.Number+`"`, "5 · Egress traffic", "1,094.80", "First response", "Claim")
	r.get(r.mara, "/queue/preview/"+c.Number, false).has(t, http.StatusSeeOther)
}

// inquiry opens a plain question at a time.
func (r *room) inquiry(subject, when string) cases.Case {
	r.t.Helper()
	return r.open(cases.OpenInput{
		Type: cases.Inquiry, Subject: subject, Source: "mail", CustomerID: &r.customer, By: access.SystemActor("intake"), ReceivedAt: at(when),
		Message: &cases.InboundMessage{AuthorName: "Sabine Köhler", AuthorAddress: "s.koehler@brueckner.example", Body: subject, Language: "en"},
	})
}
