package intake_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"makegood/cases"
	mailroom "makegood/cases/intake"
	"makegood/inbox"
	"makegood/inbox/scan"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/web"
	"makegood/ui/intake"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const receiver = "mx.ostwind.example"

// office is the room with a mailbox whose mail is handled.
type office struct {
	*screentest.Room

	t      *testing.T
	intake *mailroom.Intake
	box    inbox.MailboxID
	uid    int64
}

func open(t *testing.T) *office {
	t.Helper()
	return openWith(t, nil)
}

// openWith is open where a virus scanner looks at the mail.
func openWith(t *testing.T, scanner scan.Scanner) *office {
	t.Helper()
	o := &office{Room: screentest.Open(t), t: t}
	trusted := []string{receiver}
	o.intake = mailroom.New(o.DB, o.Inbox, o.Cases, o.Billing, slog.New(slog.DiscardHandler), mailroom.Options{TrustedReceivers: trusted, Scanner: scanner})
	o.Must(o.DB.Do(t.Context(), func(tx *db.Tx) error {
		m, err := o.Inbox.AddMailboxTx(t.Context(), tx, inbox.NewMailbox{
			Address: "billing@ostwind.example", IMAPAddress: "imap.ostwind.example:993", Security: "tls", Username: "billing", Password: "secret",
		})
		o.box = m.ID
		return err
	}))
	s := intake.New(o.Desk, intake.Services{
		Inbox: o.Inbox, Intake: o.intake, Cases: o.Cases, Billing: o.Billing, Reports: o.Reports, TrustedReceivers: trusted,
	})
	read, work := web.Need(access.ReadIntake), web.Need(access.WorkIntake)
	o.Echo.GET("/intake", s.Page, read)
	o.Echo.GET("/intake/list", s.List, read)
	o.Echo.GET("/intake/health", s.Health, read)
	o.Echo.GET("/intake/out/:id", s.Sent, read)
	o.Echo.GET("/intake/out/:id/preview", s.SentPreview, read)
	o.Echo.POST("/intake/out/:id/settle", s.Settle, work)
	o.Echo.POST("/intake/out/:id/resend", s.Resend, work)
	o.Echo.GET("/intake/:id", s.Page, read)
	o.Echo.GET("/intake/:id/preview", s.Preview, read)
	o.Echo.GET("/intake/:id/notice", s.Notice, read)
	o.Echo.GET("/intake/:id/eml", s.Raw, read)
	o.Echo.GET("/intake/:id/files/:n", s.File, read)
	o.Echo.POST("/intake/:id/release", s.Release, work)
	o.Echo.POST("/intake/:id/open", s.Open, work)
	o.Echo.POST("/intake/:id/retry", s.Retry, work)
	o.Echo.POST("/intake/:id/discard", s.Discard, work)
	return o
}

// arrive lets a mail come in by IMAP and be handled.
func (o *office) arrive(lines ...string) inbox.Inbound {
	o.t.Helper()
	o.uid++
	var id inbox.InboundID
	o.Must(o.DB.Do(o.t.Context(), func(tx *db.Tx) error {
		var err error
		id, _, err = o.Inbox.StoreTx(o.t.Context(), tx, inbox.Arrived{
			Source: inbox.SourceIMAP, MailboxID: &o.box, UIDValidity: new(int64(1)), UID: new(o.uid), Raw: []byte(strings.Join(lines, "\r\n")),
		})
		return err
	}))
	o.Must(o.intake.Handle(o.t.Context(), inbox.MessageArrived{ID: id}))
	return o.message(id)
}

func (o *office) message(id inbox.InboundID) inbox.Inbound {
	o.t.Helper()
	m, err := o.Inbox.Message(o.t.Context(), o.DB, id)
	o.Must(err)
	return m
}

// held is a case, and an answer in it by somebody who does not take part.
func (o *office) held() (cases.Case, inbox.Inbound) {
	o.t.Helper()
	first := o.arrive("From: Ada Lumen <ada@lumen.example>", "To: billing@ostwind.example", "Subject: Invoice "+o.Company.LumenBill.Number+" is wrong",
		"Message-ID: <1@lumen.example>", "", "We did not order line 2.")
	c, err := o.Cases.CaseByID(o.t.Context(), o.DB, cases.ID(*first.CaseID), access.SystemActor("test"))
	o.Must(err)
	m := o.arrive("Authentication-Results: "+receiver+"; dmarc=pass header.from=pruef-nord.example", "From: Karl Neumann <k.neumann@pruef-nord.example>",
		"To: billing@ostwind.example", "Subject: AW: Invoice <b>October</b>", "Message-ID: <2@pruef-nord.example>", "In-Reply-To: <1@lumen.example>",
		"MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=x", "", "--x", "Content-Type: text/plain", "", "Please send us the <protocol>.",
		"--x", "Content-Type: text/html", "Content-Disposition: attachment; filename=\"list.html\"", "", "<script>alert(1)</script>", "--x--")
	if m.Fate != inbox.Held {
		o.t.Fatalf("fate %s (%s), want held", m.Fate, m.FateReason)
	}
	return c, m
}

func path(m inbox.Inbound, rest string) string {
	return "/intake/" + strconv.FormatInt(int64(m.ID), 10) + rest
}

func has(t *testing.T, a screentest.Answer, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(a.Text, want) {
			t.Errorf("answer (%d) lacks %q: %s", a.Status, want, a.Text)
		}
	}
}

func TestHeldMailSaysWhyItWaits(t *testing.T) {
	t.Parallel()
	o := open(t)
	c, m := o.held()
	page := o.As(access.Agent).Get("/intake")
	has(t, page, "All 1", "Held 1", "Unverified sender", "Karl Neumann <k.neumann@pruef-nord.example>", "AW: Invoice <b>October</b>", "2 messages in 30 days",
		o.Desk.Catalogue.Fill("en", m.FateReason, m.FateParams), "Nothing of a case has been sent to them",
		"Answers a mail to us "+c.Number, "DMARC pass pruef-nord.example", "Not a participant was never part of "+c.Number,
		"No contact, no customer the domain pruef-nord.example is not known to us", "Please send us the <protocol>.", "list.html",
		"Where it would go", "Lumen Optik GmbH", "Ada Lumen takes part", "Accept and add to "+c.Number, "billing@ostwind.example", "Fates, 30 days 2")
	if strings.Contains(page.HTML, "<b>October") || strings.Contains(page.HTML, "<protocol>") {
		t.Error("what a stranger wrote is markup on our page")
	}
	if !strings.Contains(page.HTML, `data-live="intake"`) {
		t.Error("the list does not follow news")
	}
}

// An answer whose mail program dropped every reference is found by the address it went to, and the screen says so.
func TestHeldMailFoundByItsAddressSaysWhyItWaits(t *testing.T) {
	t.Parallel()
	o := open(t)
	c, _ := o.held()
	var id inbox.OutgoingID
	o.Must(o.DB.Do(t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), `update mailboxes set tagged_replies = true where id = $1`, o.box); err != nil {
			return err
		}
		var err error
		id, err = o.Inbox.QueueTx(t.Context(), tx, inbox.Outgoing{
			Key: "by address", CaseID: new(int64(c.ID)), Kind: "reply", FromAddress: "billing@ostwind.example", ToAddress: "ada@lumen.example", Subject: "Your invoice", Text: "Which line?",
		})
		return err
	}))
	sent, claimed, err := o.Inbox.Claim(t.Context(), id)
	o.Must(err)
	if !claimed || sent.ReplyTo == "" {
		t.Fatalf("the mail asks for no answer at an address of its case: %+v", sent)
	}
	m := o.arrive("From: Karl Neumann <k.neumann@pruef-nord.example>", "To: "+sent.ReplyTo, "Subject: Answer", "Message-ID: <9@pruef-nord.example>", "", "Line 2.")
	if m.Fate != inbox.Held {
		t.Fatalf("fate %s (%s), want held", m.Fate, m.FateReason)
	}
	answer := o.As(access.Agent).Get(path(m, ""))
	has(t, answer, "Reply token valid", c.Number+", issued to ada@lumen.example", "Not a participant")
	if strings.Contains(answer.Text, "No reference") {
		t.Error("the screen says that it answers nothing")
	}
}

func TestPartsAndDownloads(t *testing.T) {
	t.Parallel()
	o := open(t)
	_, m := o.held()
	agent := o.As(access.Agent)
	for _, part := range []string{"/intake/list", "/intake/health", path(m, "/preview"), path(m, "/notice")} {
		if a := agent.HTMX().Get(part); a.Status != http.StatusOK || strings.Contains(a.HTML, "<html") {
			t.Errorf("%s: status %d, %s", part, a.Status, a.Text)
		}
	}
	for file, want := range map[string]string{path(m, "/eml"): "In-Reply-To: <1@lumen.example>", path(m, "/files/0"): "<script>"} {
		a := agent.Get(file)
		if !strings.Contains(a.HTML, want) || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") ||
			a.Header.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("%s: %d %v %q", file, a.Status, a.Header, a.HTML)
		}
	}
	if a := agent.Get(path(m, "/files/7")); a.Status != http.StatusNotFound {
		t.Errorf("a file that is not there: status %d", a.Status)
	}
	taken, err := db.Values[string](t.Context(), o.DB, `select coalesce(data->>'file', 'whole') from audit_log where stream = 'inbox' and what = 'message.downloaded' order by 1`)
	o.Must(err)
	if !slices.Equal(taken, []string{"0", "whole"}) {
		t.Errorf("on record: %q", taken)
	}
	has(t, agent.Get("/intake?tab=recent&fate=new_case"), "Recent: New case", "Ada Lumen")
	has(t, agent.Get("/intake?tab=outgoing"), "ada@lumen.example", "Queued", "Message-ID")
}

func TestRelease(t *testing.T) {
	t.Parallel()
	o := open(t)
	c, m := o.held()
	agent := o.As(access.Agent).HTMX()
	wrong := agent.Post(path(m, "/release"), url.Values{"case": {"MG-999999"}})
	has(t, wrong, "There is no case with this number")
	if wrong.Status != http.StatusUnprocessableEntity || wrong.Header.Get("HX-Retarget") != "#ik-actions" {
		t.Errorf("status %d, headers %v", wrong.Status, wrong.Header)
	}
	has(t, agent.Post(path(m, "/release"), url.Values{"case": {c.Number}}), "Added to "+c.Number, "Nothing waits")
	if m = o.message(m.ID); m.Fate != inbox.Attached || m.CaseID == nil || *m.CaseID != int64(c.ID) {
		t.Errorf("released to %+v", m)
	}
	has(t, o.As(access.Agent).Get(path(m, "?tab=recent")), "Added to a case.", "Where it went", "Open "+c.Number)
	if again := agent.Post(path(m, "/open"), nil); again.Status != http.StatusConflict {
		t.Errorf("released twice: status %d", again.Status)
	}
}

func TestOpenRetryDiscard(t *testing.T) {
	t.Parallel()
	o := open(t)
	_, m := o.held()
	agent := o.As(access.Agent)
	has(t, agent.HTMX().Post(path(m, "/retry"), nil), "Held:")
	if m = o.message(m.ID); m.Fate != inbox.Held {
		t.Errorf("after the retry: %s", m.Fate)
	}
	empty := agent.Post(path(m, "/discard"), url.Values{"reason": {" "}})
	has(t, empty, "This is needed.", "Discard the mail")
	if empty.Status != http.StatusUnprocessableEntity {
		t.Errorf("no reason: status %d", empty.Status)
	}
	if a := agent.Post(path(m, "/discard"), url.Values{"reason": {"Advertising"}}); a.Status != http.StatusSeeOther || a.Header.Get("Location") != "/intake" {
		t.Errorf("discard: %d %v", a.Status, a.Header)
	}
	if m = o.message(m.ID); m.Fate != inbox.Ignored || m.FateParams["reason"] != "Advertising" {
		t.Errorf("discarded: %+v", m)
	}
	other := o.arrive("From: Finn Ferro <finn@ferro.example>", "To: billing@ostwind.example", "In-Reply-To: <1@lumen.example>", "Message-ID: <3@ferro.example>", "", "Me too.")
	has(t, agent.Get("/intake"), "Known contact Finn Ferro, Ferro Werke AG")
	has(t, agent.HTMX().Post(path(other, "/open"), nil), "Opened as MG-")
	if other = o.message(other.ID); other.Fate != inbox.NewCase {
		t.Errorf("opened: %+v", other)
	}
}

func TestRights(t *testing.T) {
	t.Parallel()
	o := open(t)
	c, m := o.held()
	if a := o.As(access.Controller).Get("/intake"); a.Status != http.StatusForbidden {
		t.Errorf("controller: status %d", a.Status)
	}
	auditor := o.As(access.Auditor)
	has(t, auditor.Get("/intake"), "You may look.")
	if a := auditor.Post(path(m, "/release"), url.Values{"case": {c.Number}}); a.Status != http.StatusForbidden {
		t.Errorf("auditor releases: status %d", a.Status)
	}
}
