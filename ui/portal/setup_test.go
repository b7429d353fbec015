package portal_test

import (
	"bytes"
	"context"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/wneessen/go-mail"

	mailroom "makegood/cases/intake"
	door "makegood/cases/portal"
	"makegood/inbox"
	"makegood/inbox/scan"
	"makegood/inbox/send"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/secrets"
	"makegood/internal/web"
	"makegood/ui/portal"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// relay is a mail server that takes everything.
type relay struct{}

func (relay) Send(context.Context, *mail.Msg) (send.Outcome, error) { return send.Accepted, nil }
func (relay) RepeatHeader() string                                  { return "" }

// lobby is the room with the portal.
type lobby struct {
	*screentest.Room
	t *testing.T
}

func open(t *testing.T) *lobby {
	t.Helper()
	return openWith(t, nil)
}

// openWith is open where a virus scanner looks at what is handed in.
func openWith(t *testing.T, scanner scan.Scanner) *lobby {
	t.Helper()
	l := &lobby{Room: screentest.Open(t), t: t}
	quiet := slog.New(slog.DiscardHandler)
	keys, err := secrets.New("a key that only these tests use, long enough")
	l.Must(err)
	in := mailroom.New(l.DB, l.Inbox, l.Cases, l.Billing, quiet, mailroom.Options{Scanner: scanner})
	p := door.New(door.Services{DB: l.DB, Billing: l.Billing, Cases: l.Cases, Intake: in, Inbox: l.Inbox}, keys, "https://desk.ostwind.example", quiet)
	p.Register(l.Registry)
	send.New(l.Inbox, relay{}, quiet).Register(l.Registry)
	s := portal.New(l.Desk, p, false)
	public, need := l.Echo.Group("", s.Session, web.CheckForm), web.Need(access.UsePortal)
	public.GET("/portal/sign-in", s.SignInPage)
	public.POST("/portal/sign-in", s.AskForCode)
	public.GET("/portal/code", s.CodePage)
	public.POST("/portal/code", s.EnterCode)
	public.GET("/portal/link", s.LinkPage)
	public.POST("/portal/link", s.EnterByLink)
	public.POST("/portal/sign-out", s.SignOut)
	public.GET("/portal", s.Home, need)
	public.GET("/portal/invoices/:number", s.Invoice, need)
	public.POST("/portal/invoices/:number/dispute", s.Dispute, need)
	public.GET("/portal/requests", s.Requests, need)
	public.GET("/portal/requests/:number", s.Request, need)
	public.GET("/portal/requests/:number/messages/:id/files/:position", s.Attachment, need)
	public.POST("/portal/requests/:number/messages", s.Reply, need)
	public.POST("/portal/requests/:number/outcome", s.Answer, need)
	public.GET("/portal/balance", s.Balance, need)
	public.GET("/portal/credit-memos/:number/pdf", s.MemoPDF, need)
	public.GET("/portal/credit-memos/:number/xml", s.MemoXML, need)
	return l
}

// browser is a customer's, with its cookies and the secret of the forms it was shown.
type browser struct {
	*lobby
	cookies map[string]string
	csrf    string
}

func (l *lobby) browser() *browser { return &browser{lobby: l, cookies: map[string]string{}} }

func (b *browser) do(method, path, mediaType string, body *bytes.Buffer) *httptest.ResponseRecorder {
	b.t.Helper()
	request := httptest.NewRequestWithContext(b.t.Context(), method, path, body)
	request.Header.Set("Content-Type", mediaType)
	for name, value := range b.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	recorder := httptest.NewRecorder()
	b.Echo.ServeHTTP(recorder, request)
	answer := recorder.Result()
	defer func() { _ = answer.Body.Close() }()
	for _, c := range answer.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	if found := regexp.MustCompile(`name="csrf_token" value="(\w+)"`).FindStringSubmatch(recorder.Body.String()); found != nil {
		b.csrf = found[1]
	}
	return recorder
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	return b.do(http.MethodGet, path, "", &bytes.Buffer{})
}

func (b *browser) post(path string, fields url.Values) *httptest.ResponseRecorder {
	fields.Set("csrf_token", b.csrf)
	return b.do(http.MethodPost, path, "application/x-www-form-urlencoded", bytes.NewBufferString(fields.Encode()))
}

// upload posts a form with a file.
func (b *browser) upload(path string, fields url.Values, name string, content []byte) *httptest.ResponseRecorder {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	fields.Set("csrf_token", b.csrf)
	for key, values := range fields {
		for _, value := range values {
			b.Must(form.WriteField(key, value))
		}
	}
	part, err := form.CreateFormFile("files", name)
	b.Must(err)
	_, err = part.Write(content)
	b.Must(err)
	b.Must(form.Close())
	return b.do(http.MethodPost, path, form.FormDataContentType(), &body)
}

func (l *lobby) settled() { jobstest.DrainNow(l.t, l.DB, l.Registry, l.Clock) }

func (l *lobby) codes() []inbox.OutgoingMessage {
	l.t.Helper()
	l.settled()
	list, err := l.Inbox.Outgoing(l.t.Context(), inbox.OutgoingFilter{})
	l.Must(err)
	var out []inbox.OutgoingMessage
	for _, m := range list {
		if m.Kind == "portal_code" {
			out = append(out, m)
		}
	}
	return out
}

func (l *lobby) code() string {
	return regexp.MustCompile(`\d{4} \d{4}`).FindString(l.codes()[0].TextBody)
}

func (l *lobby) link() string {
	return regexp.MustCompile(`/portal/link\?t=([^&\s]+)`).FindStringSubmatch(l.codes()[0].TextBody)[1]
}

// as signs a customer in by a mailed code.
func (l *lobby) as(address string) *browser {
	l.t.Helper()
	b := l.browser()
	b.post("/portal/sign-in", url.Values{"email": {address}})
	if a := b.post("/portal/code", url.Values{"code": {l.code()}}); a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/portal" {
		l.t.Fatalf("%s cannot sign in: %d %s", address, a.Code, a.Body)
	}
	b.get("/portal/requests")
	b.get("/portal/invoices/" + url.PathEscape(l.Company.LumenBill.Number)) // has a form, with its secret
	return b
}

func shows(t *testing.T, a *httptest.ResponseRecorder, wants ...string) {
	t.Helper()
	text := strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ").Replace(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(a.Body.String(), " "))), " ")
	for _, want := range wants {
		if a.Code != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("the page (%d) lacks %q: %s", a.Code, want, text)
		}
	}
}
