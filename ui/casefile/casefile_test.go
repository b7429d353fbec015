package casefile_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/people"
)

func version(c cases.Case) string { return strconv.Itoa(c.Version) }

// disputed is a room in which a customer contests three lines, on Thursday at eleven.
func disputed(t *testing.T) (*room, billing.InvoiceDetail, cases.Case) {
	t.Helper()
	r := setup(t)
	i := r.invoice()
	r.clock.Set(at("2026-11-12 09:00"))
	c := r.dispute(i)
	r.clock.Set(at("2026-11-12 11:00"))
	return r, i, c
}

func TestPageShowsTheWholeCase(t *testing.T) {
	t.Parallel()
	r, i, c := disputed(t)
	r.get(r.mara, "/cases/"+c.Number, false).has(t, http.StatusOK,
		"<!doctype html>", c.Number, "three positions we cannot accept", "Sabine Köhler",
		"&lt;b&gt;Three positions&lt;/b&gt;", // a customer's text is text
		i.Number, "PO 4500781223", "Managed Kubernetes", "499.80", "840.00 left", "1,094.80",
		"First response", "2:00", "Resolution", "Why ",
		"Brückner &amp; Söhne Logistik GmbH", "100482", "K. Neumann", "3 disputed amounts",
		"to Sabine Köhler · from billing@nordwall.example", `data-live="case:`,
	)
	part := r.get(r.mara, "/cases/"+c.Number, true)
	part.has(t, http.StatusOK, `id="case"`)
	if strings.Contains(part.body, "<html") {
		t.Fatal("the part holds a whole page")
	}
	r.get(r.mara, "/cases/MG-009999", false).has(t, http.StatusNotFound)
}

func TestCreditRequestIsDrawnWithItsChain(t *testing.T) {
	t.Parallel()
	r, i, c := disputed(t)
	lines, err := r.cases.Disputes(t.Context(), r.db, c.ID)
	r.must(err)
	request, err := r.credits.Submit(t.Context(), credits.ProposeInput{
		By: r.mara, CaseID: &c.ID, Kind: billing.BillingError, InvoiceID: i.ID, ReasonCode: "not_installed", Explanation: "Two ports were not live.",
		Lines:    []credits.ProposeLine{{InvoiceLineID: i.Lines[2].ID, Net: d("420"), DisputeLineID: &lines[0].ID}},
		Evidence: []credits.NewEvidence{{Kind: credits.Document, Label: "Install protocol"}},
	})
	r.must(err)
	r.get(r.mara, "/cases/"+c.Number, false).has(t, http.StatusOK,
		request.Number, "Pending, L2 senior", "499.80", "line 3", "Install protocol", "Jonas Brandt", "is above the limit of",
		"Waiting on approver", request.Number+" is not posted yet", "420.00 left")
	_, err = r.credits.AskBack(t.Context(), credits.DecideInput{By: r.jonas, ID: request.ID, Comment: "Which ports?"})
	r.must(err)
	r.get(r.mara, "/cases/"+c.Number, false).has(t, http.StatusOK, request.Number, "Asked back", request.Number+" is not posted yet", `href="#`+request.Number+`"`)
}

func TestReaderMayNotWork(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	page := r.get(r.auditor, "/cases/"+c.Number, false)
	page.has(t, http.StatusOK, c.Number)
	if strings.Contains(page.body, "mg-comp") || strings.Contains(page.body, `action="/cases/`+c.Number+`/assign"`) {
		t.Fatal("somebody who only reads is offered work")
	}
	r.post(r.auditor, "/cases/"+c.Number+"/claim", url.Values{}, false).has(t, http.StatusForbidden)
}

func TestForeignEntityIsNotThere(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	user, err := r.people.AddUser(t.Context(), people.NewUser{
		Email: "ola@nordwall.example", Name: "Ola Nordmann", Password: password, Roles: []access.Role{access.Agent}, EntityIDs: []int64{4711},
		By: access.SystemActor("test"),
	})
	r.must(err)
	for _, path := range []string{"", "/messages/1", "/messages/1/raw", "/messages/1/files/0"} {
		r.get(user.Actor(), "/cases/"+c.Number+path, false).has(t, http.StatusNotFound)
	}
	r.post(user.Actor(), "/cases/"+c.Number+"/claim", url.Values{}, false).has(t, http.StatusNotFound)
}

func TestReplyPromisesOnlyWhatIsApproved(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	form := url.Values{"kind": {"reply"}, "body": {"We will credit you 844.90 EUR."}, "version": {version(c)}}
	stopped := r.post(r.mara, "/cases/"+c.Number+"/messages", form, true)
	stopped.has(t, http.StatusConflict, "844.90 EUR is neither approved nor posted", "We will credit you 844.90 EUR.")
	if stopped.header.Get("HX-Retarget") != "#case" {
		t.Fatal("the refusal is not shown in place")
	}
	r.post(r.mara, "/cases/"+c.Number+"/messages", form, false).has(t, http.StatusConflict, "<!doctype html>", "neither approved nor posted", "We will credit you 844.90 EUR.")

	form.Set("body", "Thank you, we look into it.")
	sent := r.post(r.mara, "/cases/"+c.Number+"/messages", form, true)
	sent.has(t, http.StatusOK, "Thank you, we look into it.", "leaves ")
	_, undo, _ := strings.Cut(sent.header.Get("HX-Trigger"), `"undo":"`)
	undo, _, _ = strings.Cut(undo, `"`)
	r.post(r.mara, "/cases/"+c.Number+"/draft", url.Values{"kind": {"reply"}, "body": {"And one more thing."}}, true).has(t, http.StatusOK, "Draft saved")
	back := r.post(r.mara, undo, url.Values{}, true)
	back.has(t, http.StatusOK, "took a reply back", "Draft saved", "Thank you, we look into it.\n\nAnd one more thing.</textarea>")
}

// A reply and a note are begun apart: the last is open, the other comes with its tab.
func TestEachKindHasItsDraft(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	draft := func(kind, body string) {
		r.clock.Add(time.Minute)
		r.post(r.mara, "/cases/"+c.Number+"/draft", url.Values{"kind": {kind}, "body": {body}}, true).has(t, http.StatusOK, "Draft saved")
	}
	draft("reply", "Dear Sabine,")
	draft("note", "Ask metering.")
	r.get(r.mara, "/cases/"+c.Number, false).has(t, http.StatusOK, `value="note" checked data-begun="Ask metering."`, ">Ask metering.</textarea>", `data-begun="Dear Sabine,"`)

	boss := r.person("Petra Sommer", access.Supervisor)
	m, err := r.cases.SaveMacro(t.Context(), cases.SaveMacroInput{By: boss, Shared: true, Name: "Thanks", Kind: cases.PublicReply, Body: "Thank you."})
	r.must(err)
	form := url.Values{"at": {"macro"}, "macro": {strconv.FormatInt(int64(m.ID), 10)}, "kind": {"note"}, "body": {"Ask metering today."}}
	r.post(r.mara, "/cases/"+c.Number+"/macros", form, true).has(t, http.StatusOK, ">Dear Sabine,\n\nThank you.</textarea>")
	r.get(r.mara, "/cases/"+c.Number, false).has(t, http.StatusOK, `data-begun="Ask metering today."`, "data-begun=\"Dear Sabine,\n\nThank you.\"")
}

func TestNoteStaysInside(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	form := url.Values{"kind": {"note"}, "body": {"Metering answers by three."}}
	r.post(r.mara, "/cases/"+c.Number+"/messages", form, true).has(t, http.StatusOK, "Metering answers by three.", "Internal note")
	n, err := db.Value[int](t.Context(), r.db, `select count(*) from outgoing_messages`)
	r.must(err)
	if n != 0 {
		t.Fatalf("%d mails were queued for a note", n)
	}
}

func TestStaleFormShowsBothWaysOn(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	_, err := r.cases.Assign(t.Context(), cases.AssignInput{On: cases.On{By: r.jonas, ID: c.ID, Version: c.Version}, AssigneeID: &r.jonas.UserID})
	r.must(err)
	form := url.Values{"at": {"waiting"}, "waiting_on": {"customer"}, "version": {version(c)}}
	refused := r.post(r.mara, "/cases/"+c.Number+"/waiting", form, true)
	refused.has(t, http.StatusConflict, "Jonas Brandt", "<li>Jonas Brandt claimed the case, ", `name="seen" value="`+strconv.Itoa(c.Version+1)+`"`, "Go ahead with the same button", `id="case"`)
	if refused.header.Get("HX-Retarget") != "#waiting-error" {
		t.Fatalf("shown at %q", refused.header.Get("HX-Retarget"))
	}
	form.Set("seen", strconv.Itoa(c.Version+1)) // what the page behind shows by now
	r.post(r.mara, "/cases/"+c.Number+"/waiting", form, true).has(t, http.StatusOK, "Waiting on customer")
}

func TestResolveSaysWhatStandsInTheWay(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	form := url.Values{"at": {"resolve"}, "version": {version(c)}}
	r.post(r.mara, "/cases/"+c.Number+"/resolve", form, true).has(t, http.StatusConflict, "mg-note")
	lines, err := r.cases.Disputes(t.Context(), r.db, c.ID)
	r.must(err)
	for n, line := range lines {
		decide := url.Values{"verdict": {"reject"}, "explanation": {"The protocol shows all four ports live."}, "version": {strconv.Itoa(c.Version + n)}}
		r.post(r.mara, "/cases/"+c.Number+"/disputes/"+strconv.FormatInt(int64(line.ID), 10)+"/decide", decide, true).has(t, http.StatusOK, "Rejected")
	}
	form = url.Values{"at": {"resolve"}, "version": {strconv.Itoa(c.Version + len(lines))}, "root_cause": {"1"}, "resolution": {"Explained."}}
	r.post(r.mara, "/cases/"+c.Number+"/resolve", form, true).has(t, http.StatusOK, "Resolved", "Reopen")
}

func TestLinesAreDisputedFromTheInvoice(t *testing.T) {
	t.Parallel()
	r, i, c := disputed(t)
	line := func(n int) string { return strconv.FormatInt(int64(i.Lines[n-1].ID), 10) }
	path := "/cases/" + c.Number + "/dispute"
	asked := r.get(r.mara, path+"?invoice="+i.Number+"&line="+line(3)+"&line="+line(6), true)
	asked.has(t, http.StatusOK, "Line 6: Onboarding install", "714.00", "Usage wrong")
	if strings.Contains(asked.body, "Line 3") {
		t.Fatal("a line in dispute already is asked for again")
	}
	form := url.Values{"invoice": {i.Number}, "line": {line(6)}, "contested." + line(6): {"9.999,00"}, "reason": {"usage_wrong"}, "version": {version(c)}, "at": {"claim-1"}}
	r.post(r.mara, path, form, true).has(t, http.StatusUnprocessableEntity, "714.00")
	form.Set("contested."+line(6), "100,50")
	r.post(r.mara, path, form, true).has(t, http.StatusOK, "100.50")
	form.Set("version", strconv.Itoa(c.Version+1))
	form.Set("line", line(1))
	form.Set("contested."+line(1), "10")
	r.post(r.mara, path, form, false).has(t, http.StatusSeeOther)
}

func TestMailIsHandedOverAsItCame(t *testing.T) {
	t.Parallel()
	r := setup(t)
	raw := "From: Anna <anna@brueckner.example>\r\nTo: billing@nordwall.example\r\nSubject: Hello\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee attached.\r\n--b\r\n" +
		"Content-Type: text/html\r\nContent-Disposition: attachment; filename=\"bill.html\"\r\n\r\n<script>alert(1)</script>\r\n--b--\r\n"
	inbound, err := r.mail.Ingest(t.Context(), []byte(raw), inbox.SourceFile)
	r.must(err)
	id := int64(inbound)
	c := r.open(cases.OpenInput{
		Type: cases.Inquiry, Subject: "Hello", Source: "mail", CustomerID: &r.customer, By: access.SystemActor("intake"),
		Message: &cases.InboundMessage{
			InboundID: &id, AuthorName: "Anna", AuthorAddress: "anna@brueckner.example", Body: "See attached.",
			Attachments: []cases.Attachment{{Filename: "bill.html", MediaType: "text/html", Size: 25, SHA256: sum("<script>alert(1)</script>")}},
		},
	})
	base := "/cases/" + c.Number + "/messages/1"
	mail := r.get(r.mara, base+"/raw", false)
	mail.has(t, http.StatusOK)
	if mail.body != raw || mail.header.Get("Content-Disposition") != `attachment; filename=`+c.Number+`-1.eml` {
		t.Fatalf("got %q as %q", mail.body, mail.header.Get("Content-Disposition"))
	}
	file := r.get(r.mara, base+"/files/0", false)
	file.has(t, http.StatusOK, "<script>alert(1)</script>")
	if !strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment") || file.header.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(file.header.Get("Content-Security-Policy"), "sandbox") {
		t.Fatalf("a stranger's file could run as ours: %v", file.header)
	}
	taken, err := db.Values[string](t.Context(), r.db, `select data->>'filename' from audit_log where stream = 'inbox' and what = 'message.downloaded' and actor_id = $1 order by seq`, r.mara.UserID)
	r.must(err)
	if !slices.Equal(taken, []string{c.Number + "-1.eml", "bill.html"}) {
		t.Errorf("on record are %q", taken)
	}
	dbtest.AsOwner(t, r.db, `update inbound_raw set content = convert_to(replace(convert_from(content, 'UTF8'), 'See', 'Pay'), 'UTF8')`)
	for _, path := range []string{"/raw", "/files/0"} {
		if got := r.get(r.mara, base+path, false); got.status != http.StatusInternalServerError || strings.Contains(got.body, "alert(1)") || strings.Contains(got.body, "Pay attached") {
			t.Errorf("%s hands over what did not come: %d %q", path, got.status, got.body)
		}
	}
}
