package casefile_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/internal/db"
)

// No form of the case overwrites what somebody else changed since it was shown: each is refused with the other's change and
// nothing of it is done.
func TestNoFormOverwritesAnother(t *testing.T) {
	t.Parallel()
	r, i, c := disputed(t)
	lines, err := r.cases.Disputes(t.Context(), r.db, c.ID)
	r.must(err)
	other := r.open(cases.OpenInput{Type: cases.Inquiry, Subject: "The same", Source: "agent", CustomerID: &r.customer, By: r.jonas})
	_, err = r.cases.SetPriority(t.Context(), cases.PriorityInput{On: cases.On{By: r.jonas, ID: c.ID, Version: c.Version}, Priority: cases.P1, Reason: "The board asked"})
	r.must(err)
	all := func() string {
		state, err := db.Value[string](t.Context(), r.db, `select md5(string_agg(x::text, '' order by x::text)) from (
			select c::text as x from cases c where id = $1 union all select d::text from dispute_lines d where case_id = $1
			union all select m::text from case_messages m where case_id = $1 union all select l::text from case_invoices l where case_id = $1) parts`, c.ID)
		r.must(err)
		return state
	}
	before := all()
	for path, form := range map[string]url.Values{
		"/assign":        {"at": {"assign"}, "assignee": {strconv.FormatInt(r.mara.UserID, 10)}},
		"/waiting":       {"at": {"waiting"}, "waiting_on": {"upstream"}},
		"/resolve":       {"at": {"resolve"}, "resolution": {"Explained."}, "root_cause": {"1"}},
		"/priority":      {"at": {"priority"}, "priority": {"P4"}, "reason": {"It can wait"}},
		"/topic":         {"at": {"topic"}, "topic": {"usage_wrong"}},
		"/link-invoice":  {"at": {"link-invoice"}, "invoice": {i.Number}},
		"/link-customer": {"at": {"link-customer"}, "account": {"100482"}},
		"/join":          {"at": {"join"}, "into": {other.Number}},
		"/dispute":       {"at": {"claim-1"}, "invoice": {i.Number}, "line": {strconv.FormatInt(int64(i.Lines[0].ID), 10)}, "contested." + strconv.FormatInt(int64(i.Lines[0].ID), 10): {"10"}, "reason": {"usage_wrong"}},
		"/disputes/" + strconv.FormatInt(int64(lines[0].ID), 10) + "/decide": {"at": {"decide-1"}, "verdict": {"reject"}, "explanation": {"No."}},
		"/participants/accept": {"at": {"accept"}, "address": {"anna@brueckner.example"}},
	} {
		form.Set("version", version(c))
		refused := r.post(r.mara, "/cases/"+c.Number+path, form, true)
		refused.has(t, http.StatusConflict, "Jonas Brandt set the priority from P3 to P1: The board asked")
		if all() != before {
			t.Fatalf("%s changed the case all the same", path)
		}
	}
	reply := r.post(r.mara, "/cases/"+c.Number+"/messages", url.Values{"kind": {"reply"}, "body": {"We look into it."}, "version": {version(c)}}, true)
	reply.has(t, http.StatusConflict, "Jonas Brandt", "We look into it.")
	if all() != before {
		t.Fatal("a stale reply was sent")
	}
}

// A case is joined from its menu with its dispute lines only when that is ticked, undone, and messages are split off.
func TestJoinAndSplitOnScreen(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	other := r.open(cases.OpenInput{Type: cases.Inquiry, Subject: "The same matter", Source: "agent", CustomerID: &r.customer, By: r.jonas})
	r.get(r.mara, "/cases/"+c.Number, false).has(t, http.StatusOK, "Join to another case", `<option value="`+other.Number+`">The same matter`, "3 dispute lines go along, 1,094.80", "mail to "+c.Number+" arrives there")
	form := url.Values{"at": {"join"}, "into": {strings.ToLower(other.Number)}, "version": {version(c)}}
	r.post(r.mara, "/cases/"+c.Number+"/join", form, true).has(t, http.StatusConflict, "They go along only when you say so.")
	form.Set("disputes", "on")
	joined := r.post(r.mara, "/cases/"+c.Number+"/join", form, true)
	joined.has(t, http.StatusOK, "Joined to", other.Number)
	if !strings.Contains(joined.header.Get("HX-Trigger"), "/cases/"+c.Number+"/unjoin") {
		t.Error("no way back is offered")
	}
	r.get(r.mara, "/cases/"+other.Number, false).has(t, http.StatusOK, "Three positions", "You joined "+c.Number+" to this case")
	r.post(r.mara, "/cases/"+c.Number+"/unjoin", url.Values{}, true).has(t, http.StatusOK, "three positions we cannot accept", "1,094.80")

	r.do(func(tx *db.Tx) error {
		_, err := r.cases.ReceiveTx(t.Context(), tx, c.ID, cases.InboundMessage{AuthorName: "Anna", AuthorAddress: "anna@brueckner.example", Body: "And where is our refund?"})
		return err
	})
	now, err := r.cases.CaseByID(t.Context(), r.db, c.ID, r.mara)
	r.must(err)
	aside, err := db.Value[int64](t.Context(), r.db, `select max(id) from case_messages where kind = 'inbound'`)
	r.must(err)
	r.get(r.mara, "/cases/"+c.Number, false).has(t, http.StatusOK, "Split messages off", "And where is our refund?", `name="message" value="`+strconv.FormatInt(aside, 10)+`"`)
	split := url.Values{"at": {"split"}, "version": {version(now)}, "subject": {"Refund"}, "type": {"refund"}}
	r.post(r.mara, "/cases/"+c.Number+"/split", split, true).has(t, http.StatusUnprocessableEntity, "Choose messages of the customer")
	split.Set("message", strconv.FormatInt(aside, 10))
	r.post(r.mara, "/cases/"+c.Number+"/split", split, true).has(t, http.StatusOK, "You split messages off as MG-000003")
	r.get(r.mara, "/cases/MG-000003", false).has(t, http.StatusOK, "And where is our refund?", "You split this case off "+c.Number)
}
