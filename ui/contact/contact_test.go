package contact_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"makegood/cases"
	mailroom "makegood/cases/intake"
	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/access"
	"makegood/internal/db"
)

func TestAMessageBecomesACaseOnceItsMailboxIsProven(t *testing.T) {
	t.Parallel()
	c := open(t)
	page := c.get("/contact")
	for _, want := range []string{"What can we put right?", `action="/contact"`, `enctype="multipart/form-data"`, "/brand/DE", "Ostwind Netz GmbH"} {
		if !strings.Contains(page.Body.String(), want) {
			t.Errorf("the form lacks %q", want)
		}
	}
	a := c.send(c.wrote("We were charged twice, 119.00 EUR too much."), upload{"übersicht.csv", "text/csv", []byte("day,gb\n1,2\n")})
	if a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/contact/sent?company=DE" {
		t.Fatalf("sent: %d %s", a.Code, a.Body)
	}
	c.settled()
	held := c.messages()[0]
	if held.Fate != inbox.Held || held.FateReason != mailroom.ReasonUnproven || held.CaseID != nil || held.Source != inbox.SourceWeb {
		t.Fatalf("before the proof: %s %s", held.Fate, held.FateReason)
	}
	if n := len(c.letters("acknowledgement")); n != 0 {
		t.Errorf("%d acknowledgements before the proof", n)
	}
	letter := c.letters("contact_proof")[0]
	if letter.ToAddress != "ada@lumen.example" || letter.ToName != "" || strings.Contains(letter.TextBody, "charged") || strings.Contains(letter.TextBody, "Ada") {
		t.Errorf("the letter to an address nobody has proven repeats what was typed: %+v", letter)
	}
	if got := c.get("/contact/proof?t=" + c.token()); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "Yes, I wrote it") || c.messages()[0].Fate != inbox.Held {
		t.Errorf("looking at the link: %d, fate %s", got.Code, c.messages()[0].Fate)
	}
	token := c.token()
	done := c.prove(token)
	m := c.messages()[0]
	if done.Code != http.StatusOK || m.Fate != inbox.NewCase {
		t.Fatalf("proven: %d, fate %s (%s)", done.Code, m.Fate, m.FateReason)
	}
	opened, err := c.Cases.CaseByID(t.Context(), c.DB, cases.ID(*m.CaseID), access.SystemActor("test"))
	c.Must(err)
	if !strings.Contains(done.Body.String(), opened.Number) {
		t.Errorf("the answer does not name the case: %s", done.Body)
	}
	if opened.CustomerID == nil || *opened.CustomerID != c.Company.Lumen.ID || opened.InDispute().String() != "119.00 EUR" {
		t.Errorf("case of %v with %s in dispute", opened.CustomerID, opened.InDispute())
	}
	said, err := c.Cases.Messages(t.Context(), c.DB, opened.ID)
	c.Must(err)
	if len(said) == 0 || said[0].Trust != cases.Verified || len(said[0].Attachments) != 1 || said[0].Attachments[0].Filename != "übersicht.csv" {
		t.Errorf("said %+v", said)
	}
	c.settled()
	if n := len(c.letters("acknowledgement")); n != 1 {
		t.Errorf("%d acknowledgements", n)
	}
	for name, got := range map[string]*httptest.ResponseRecorder{"again": c.prove(token), "looked at again": c.get("/contact/proof?t=" + token), "guessed": c.prove("AAAA")} {
		if got.Code != http.StatusNotFound || strings.Contains(got.Body.String(), opened.Number) {
			t.Errorf("a link %s: %d", name, got.Code)
		}
	}
}

func TestALinkEnds(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.send(c.wrote("Please look at it."))
	c.settled()
	token := c.token()
	c.Clock.Add(7*24*time.Hour + time.Minute)
	if got := c.prove(token); got.Code != http.StatusNotFound || c.messages()[0].Fate != inbox.Held {
		t.Errorf("after a week: %d, fate %s", got.Code, c.messages()[0].Fate)
	}
}

func TestAProofBeforeTheMessageIsHandledCounts(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.send(c.wrote("Please look at it."))
	if got := c.prove(c.token()); got.Code != http.StatusOK || c.messages()[0].Fate != inbox.NewCase {
		t.Errorf("%d, fate %s", got.Code, c.messages()[0].Fate)
	}
	c.settled()
	if n := len(c.letters("acknowledgement")); n != 1 {
		t.Errorf("%d acknowledgements", n)
	}
}

func TestOneFormSentTwiceIsOneMessage(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.send(c.wrote("Please look at it."))
	c.settled()
	first := c.token()
	c.send(c.wrote("Please look at it."))
	c.settled()
	if got := c.messages()[0]; got.Fate != inbox.Duplicate {
		t.Errorf("the second is %s", got.Fate)
	}
	c.prove(first)
	if n := countCases(c); n != 1 {
		t.Errorf("%d cases", n)
	}
}

func countCases(c *counter) int {
	c.t.Helper()
	n, err := db.Value[int](c.t.Context(), c.DB, `select count(*) from cases`)
	c.Must(err)
	return n
}

// The answer never depends on what is known here.
func TestTheAnswerIsTheSameForEverybody(t *testing.T) {
	t.Parallel()
	c := open(t)
	var first string
	for name, fields := range map[string]map[string]string{
		"known":           c.wrote("a"),
		"unknown address": {"email": "nobody@nowhere.example", "text": "b", "form": "b"},
		"foreign invoice": {"email": "ada@lumen.example", "invoice": c.Company.FerroBill.Number, "text": "c", "form": "c"},
		"no such invoice": {"email": "ada@lumen.example", "invoice": "DE-1999-1", "text": "d", "form": "d"},
	} {
		a := c.send(fields)
		got := fmt.Sprint(a.Code, a.Header().Get("Location"), a.Body)
		if first == "" {
			first = got
		}
		if got != first {
			t.Errorf("%s: %s, not %s", name, got, first)
		}
	}
	if n := len(c.letters("contact_proof")); n != 4 {
		t.Errorf("%d letters", n)
	}
}

// A foreign invoice is no way to anything of another customer's, even with a proven mailbox.
func TestAForeignInvoiceIsOnlyAWarning(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.send(map[string]string{"email": "ada@lumen.example", "invoice": c.Company.FerroBill.Number, "text": "107.00 EUR too much on it.", "form": "x"})
	done := c.prove(c.token())
	m := c.messages()[0]
	linked, err := c.Cases.Invoices(t.Context(), c.DB, cases.ID(*m.CaseID))
	c.Must(err)
	warnings, err := c.Cases.Warnings(t.Context(), c.DB, cases.ID(*m.CaseID))
	c.Must(err)
	if len(linked) != 0 || len(warnings) != 1 || warnings[0].Key != mailroom.WarnForeignInvoice {
		t.Errorf("linked %v, warnings %v", linked, warnings)
	}
	for _, text := range []string{done.Body.String(), c.letters("acknowledgement")[0].TextBody} {
		if strings.Contains(text, "Ferro") || strings.Contains(text, c.Company.FerroBill.Number) {
			t.Errorf("told about another's invoice: %s", text)
		}
	}
}

func TestBadInputIsNamed(t *testing.T) {
	t.Parallel()
	c := open(t)
	big := bytes.Repeat([]byte("x"), 11_000_000)
	many := make([]upload, 11)
	for i := range many {
		many[i] = upload{fmt.Sprintf("%d.txt", i), "text/plain", []byte("x")}
	}
	for name, bad := range map[string]struct {
		fields map[string]string
		files  []upload
		want   string
	}{
		"no address":        {map[string]string{"text": "x"}, nil, "This is no mail address."},
		"two addresses":     {map[string]string{"email": "a@b.example, c@d.example", "text": "x"}, nil, "This is no mail address."},
		"name in address":   {map[string]string{"email": "Ada <ada@lumen.example>", "text": "x"}, nil, "This is no mail address."},
		"header in address": {map[string]string{"email": "ada@lumen.example\r\nBcc: x@y.example", "text": "x"}, nil, "This is no mail address."},
		"no text":           {map[string]string{"email": "ada@lumen.example"}, nil, "mg-err"},
		"long text":         {map[string]string{"email": "ada@lumen.example", "text": strings.Repeat("é", 20_001)}, nil, "At most 20000 characters."},
		"long name":         {map[string]string{"email": "ada@lumen.example", "text": "x", "name": strings.Repeat("n", 201)}, nil, "At most 200 characters."},
		"oversize":          {map[string]string{"email": "ada@lumen.example", "text": "x"}, []upload{{"a", "x/y", big}, {"b", "x/y", big}}, "All files together may have 20 MB."},
		"many files":        {map[string]string{"email": "ada@lumen.example", "text": "x"}, many, "At most 10 files at once."},
	} {
		a := c.send(bad.fields, bad.files...)
		if a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body.String(), bad.want) {
			t.Errorf("%s: %d without %q", name, a.Code, bad.want)
		}
	}
	for _, size := range []int{40, 130} { // more than is kept, and more than is read
		a := c.send(map[string]string{"email": "ada@lumen.example", "text": "Typed with care"}, upload{"a", "x/y", bytes.Repeat([]byte("x"), size<<20)})
		if a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body.String(), "All files together may have 20 MB.") || !strings.Contains(a.Body.String(), "Typed with care") {
			t.Errorf("%d MB: %d %s", size, a.Code, a.Body)
		}
	}
	if a := c.send(map[string]string{"email": "ada@lumen.example", "text": strings.Repeat("x", 2<<20)}); a.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a text of 2 MB: %d", a.Code)
	}
	if n := len(c.messages()); n != 0 {
		t.Errorf("%d messages were stored", n)
	}
}

func TestWhatWasTypedIsNeverMarkup(t *testing.T) {
	t.Parallel()
	c := open(t)
	a := c.send(map[string]string{"name": `"><script>alert(1)</script>`, "text": "</textarea><script>alert(2)</script>", "invoice": "'><img src=x>"})
	if a.Code != http.StatusUnprocessableEntity || strings.Contains(a.Body.String(), "<script>alert") || strings.Contains(a.Body.String(), "<img") {
		t.Errorf("%d: %s", a.Code, a.Body)
	}
	if got := a.Header().Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") {
		t.Errorf("policy %q", got)
	}
}

func TestWhatWasTypedIsNeverAHeader(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.send(map[string]string{
		"name": "Ada\r\nBcc: victim@x.example\r\n\r\nbody", "email": "ada@lumen.example", "text": "Authentication-Results: mx; dmarc=pass\n\nplain", "form": "h",
		"invoice": "1\nAuto-Submitted: auto-replied\u2028X: y",
	}, upload{`../../etc/pass\"wd; x=1.html`, "text/html\"; x=1", []byte("<script>")})
	c.settled()
	raw, err := c.Inbox.Raw(t.Context(), c.DB, c.messages()[0].ID)
	c.Must(err)
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for _, line := range bytes.Split(head, []byte("\r\n")) {
		name, _, _ := bytes.Cut(line, []byte(":"))
		if strings.EqualFold(string(name), "bcc") || strings.EqualFold(string(name), "auto-submitted") || strings.EqualFold(string(name), "authentication-results") {
			t.Errorf("a header of the writer's: %s", line)
		}
	}
	m := parse.Parse(raw, parse.Options{})
	if len(m.From) != 1 || m.From[0].Address != "ada@lumen.example" || m.Kind != parse.Person || len(m.Attachments) != 1 || strings.ContainsAny(m.Attachments[0].Filename, "\r\n/") {
		t.Errorf("parsed %+v", m)
	}
}

func TestProgramsFallIntoTheTrap(t *testing.T) {
	t.Parallel()
	c := open(t)
	fields := c.wrote("Buy followers")
	fields["company_url"] = "https://spam.example"
	if a := c.send(fields); a.Code != http.StatusSeeOther {
		t.Errorf("the trap shows: %d", a.Code)
	}
	if len(c.messages()) != 0 || len(c.letters("contact_proof")) != 0 {
		t.Error("the trap let something through")
	}
}

func TestNobodyWritesTooOften(t *testing.T) {
	t.Parallel()
	c := open(t)
	write := func(address string, n int) int {
		return c.send(map[string]string{"email": address, "text": "x", "form": fmt.Sprint(address, n)}).Code
	}
	for n := range 5 {
		if got := write("ada@lumen.example", n); got != http.StatusSeeOther {
			t.Fatalf("message %d of an address: %d", n+1, got)
		}
	}
	if got := write("ada@lumen.example", 6); got != http.StatusTooManyRequests {
		t.Errorf("sixth message of an address: %d", got)
	}
	for n := range 15 {
		if got := write(fmt.Sprintf("p%d@x.example", n), n); got != http.StatusSeeOther {
			t.Fatalf("message %d from a place: %d", n+6, got)
		}
	}
	if got := write("last@x.example", 1); got != http.StatusTooManyRequests {
		t.Errorf("message 21 from a place: %d", got)
	}
	c.origin = "203.0.113.9:1"
	if got := write("last@x.example", 1); got != http.StatusSeeOther {
		t.Errorf("from another place: %d", got)
	}
	c.Clock.Add(time.Hour)
	if got := write("ada@lumen.example", 7); got != http.StatusSeeOther {
		t.Errorf("an hour later: %d", got)
	}
}

func TestAnAgentMayDecideAboutWhatIsNotProven(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.send(c.wrote("Please look at it."))
	c.settled()
	in := mailroom.New(c.DB, c.Inbox, c.Cases, c.Billing, slog.New(slog.DiscardHandler), mailroom.Options{})
	opened, err := in.ReleaseAsNewCase(t.Context(), mailroom.ReleaseInput{By: c.Actor(access.Agent), ID: c.messages()[0].ID})
	c.Must(err)
	if opened.CustomerID != nil || len(c.letters("acknowledgement")) != 0 {
		t.Errorf("an address nobody has proven led to customer %v", opened.CustomerID)
	}
	if got := c.prove(c.token()); got.Code != http.StatusOK || countCases(c) != 1 {
		t.Errorf("the proof afterwards: %d, %d cases", got.Code, countCases(c))
	}
}

func TestColoursOfTheCompany(t *testing.T) {
	t.Parallel()
	c := open(t)
	if got := c.get("/brand/DE"); got.Code != http.StatusOK || !strings.HasPrefix(got.Header().Get("Content-Type"), "text/css") {
		t.Errorf("%d %s", got.Code, got.Header())
	}
	if got := c.get("/brand/XX"); got.Code != http.StatusNotFound {
		t.Errorf("a company that is not there: %d", got.Code)
	}
}
