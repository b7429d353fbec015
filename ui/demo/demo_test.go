package demo_test

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"makegood/inbox/parse"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/demo/postoffice"
	"makegood/internal/web"
	"makegood/ui/demo"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const support = "billing@ostwind.example"

type town struct {
	*screentest.Room

	t      *testing.T
	office *postoffice.Office
}

func open(t *testing.T) *town {
	t.Helper()
	r := &town{Room: screentest.Open(t), t: t}
	var err error
	r.office, err = postoffice.Start(t.Context(), postoffice.Config{
		Dir: filepath.Join(t.TempDir(), "mail"), SMTPAddr: "127.0.0.1:0", IMAPAddr: "127.0.0.1:0", Now: r.Clock.Now,
		Accounts: []postoffice.Account{
			{User: "support", Password: "p", Addresses: []string{support}}, {User: "customers", Password: "p", CatchAll: true},
		},
	})
	r.Must(err)
	t.Cleanup(func() { r.Must(r.office.Stop(t.Context())) })
	s := demo.New(r.Desk, r.office, r.Billing, r.Reports)
	read := web.Need(access.ReadCases)
	r.Echo.GET("/demo/mailbox", s.Page, read)
	r.Echo.GET("/demo/mailbox/list", s.List, read)
	r.Echo.GET("/demo/mailbox/write", s.WriteForm, read)
	r.Echo.GET("/demo/mailbox/:uid", s.Page, read)
	r.Echo.GET("/demo/mailbox/:uid/preview", s.Preview, read)
	r.Echo.GET("/demo/mailbox/:uid/eml", s.Raw, read)
	r.Echo.GET("/demo/mailbox/:uid/files/:n", s.File, read)
	r.Echo.POST("/demo/mailbox/write", s.Write, read)
	r.Echo.POST("/demo/mailbox/:uid/reply", s.Reply, read)
	r.Echo.GET("/demo/kit", s.Kit, read)
	return r
}

// got is the last mail of an account.
func (r *town) got(user string) parse.Message {
	r.t.Helper()
	list, err := r.office.Messages(user, 0, 0)
	r.Must(err)
	if len(list) == 0 {
		r.t.Fatalf("%s got nothing", user)
	}
	return parse.Parse(list[len(list)-1].Raw, parse.Options{})
}

func (r *town) letter(n int) {
	r.t.Helper()
	r.Must(r.office.Deliver(support, []string{"ada@lumen.example"}, []byte(strings.Join([]string{
		"From: Ostwind Billing <billing@ostwind.example>", "To: Ada Lumen <ada@lumen.example>", "Subject: Credit memo " + strconv.Itoa(n),
		"Message-ID: <c1.memo." + strconv.Itoa(n) + "@ostwind.example>", "References: <1@lumen.example>", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=x", "",
		"--x", "Content-Type: text/plain; charset=utf-8", "", "We credit 100.00 EUR.", "--x", "Content-Type: application/pdf",
		"Content-Disposition: attachment; filename=CM-1.pdf", "", "%PDF-1.7", "--x--",
	}, "\n"))))
}

func has(t *testing.T, a screentest.Answer, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(a.Text, want) {
			t.Errorf("answer (%d) lacks %q: %s", a.Status, want, a.Text)
		}
	}
}

func TestWriteAsACustomer(t *testing.T) {
	t.Parallel()
	r := open(t)
	agent := r.As(access.Agent)
	has(t, agent.Get("/demo/mailbox"), "invented", "No customer got a mail yet", "Ada Lumen", r.Company.LumenBill.Number)
	form := agent.HTMX().Get("/demo/mailbox/write?from=ada@lumen.example")
	has(t, form, "Ada Lumen, Lumen Optik GmbH", "on your invoice "+r.Company.LumenBill.Number, "1,785.00 EUR of it is still open")

	wrong := agent.HTMX().Post("/demo/mailbox/write", url.Values{"from": {"nobody"}, "to": {"a@b.example"}, "text": {""}})
	has(t, wrong, "This is no mail address.", "This is needed.")
	if wrong.Status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", wrong.Status)
	}
	sent := agent.HTMX().Post("/demo/mailbox/write", url.Values{
		"from": {"ada@lumen.example"}, "to": {support}, "subject": {"Rechnung für März\r\nBcc: x@y.example"}, "text": {"Grüße = 100 %\n.\nAda"}, "proof": {"fail"},
	})
	has(t, sent, "Delivered to "+support)
	m := r.got("support")
	if m.From[0].Name != "Ada Lumen" || m.Subject != "Rechnung für März Bcc: x@y.example" || strings.TrimSpace(m.Text) != "Grüße = 100 %\n.\nAda" ||
		!strings.Contains(m.Headers.AuthenticationResults[0], "dmarc=fail header.from=lumen.example") || !strings.HasSuffix(m.MessageID, "@lumen.example") {
		t.Errorf("delivered %+v", m)
	}
}

func TestReadAndAnswer(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.letter(1)
	agent := r.As(access.Agent)
	page := agent.Get("/demo/mailbox")
	has(t, page, "Ada Lumen <ada@lumen.example>", "Credit memo 1", "We credit 100.00 EUR.", "CM-1.pdf", "Send as Ada Lumen")
	if file := agent.Get("/demo/mailbox/1/files/0"); !strings.HasPrefix(file.HTML, "%PDF-1.7") || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("file: %d %v", file.Status, file.Header)
	}
	if quiet := agent.HTMX().Get("/demo/mailbox/list?seen=1"); quiet.Status != http.StatusNoContent {
		t.Errorf("nothing new: status %d", quiet.Status)
	}
	r.letter(2)
	has(t, agent.HTMX().Get("/demo/mailbox/list?seen=1"), "Credit memo 2", "Credit memo 1")

	if a := agent.Post("/demo/mailbox/1/reply", url.Values{"text": {" "}}); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("an empty answer: status %d", a.Status)
	}
	if a := agent.Post("/demo/mailbox/1/reply", url.Values{"text": {"Thank you."}}); a.Status != http.StatusSeeOther {
		t.Errorf("answer: status %d %s", a.Status, a.Text)
	}
	m := r.got("support")
	if m.From[0].Address != "ada@lumen.example" || m.Subject != "Re: Credit memo 1" || len(m.InReplyTo) != 1 || !strings.Contains(m.InReplyTo[0], "c1.memo.1@ostwind.example") ||
		len(m.References) != 2 || strings.TrimSpace(m.ReplyText) != "Thank you." || !strings.Contains(m.Text, "> We credit 100.00 EUR.") {
		t.Errorf("answered %+v", m)
	}
	if a := agent.Get("/demo/mailbox/9"); a.Status != http.StatusNotFound {
		t.Errorf("a mail that is not there: status %d", a.Status)
	}
}

func TestKit(t *testing.T) {
	t.Parallel()
	if page := open(t).As(access.Agent).Get("/demo/kit"); page.Status != http.StatusOK || !strings.Contains(page.HTML, "kt-main") {
		t.Errorf("status %d", page.Status)
	}
}
