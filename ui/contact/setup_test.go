package contact_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"regexp"
	"testing"

	"github.com/wneessen/go-mail"

	mailroom "makegood/cases/intake"
	"makegood/inbox"
	"makegood/inbox/send"
	"makegood/internal/dbtest"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/web"
	"makegood/ui/contact"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// counter is the room with the contact form.
type counter struct {
	*screentest.Room
	t      *testing.T
	origin string // from where the visitor comes
}

func open(t *testing.T) *counter {
	t.Helper()
	c := &counter{Room: screentest.Open(t), t: t, origin: "198.51.100.7:4711"}
	in := mailroom.New(c.DB, c.Inbox, c.Cases, c.Billing, slog.New(slog.DiscardHandler), mailroom.Options{PublicURL: "https://desk.ostwind.example"})
	send.New(c.Inbox, relay{}, slog.New(slog.DiscardHandler)).Register(c.Registry)
	s := contact.New(c.Desk, in, c.Billing)
	c.Echo.Use(web.CustomerLanguage(true))
	c.Echo.GET("/contact", s.Form)
	c.Echo.POST("/contact", s.Send)
	c.Echo.GET("/contact/sent", s.Sent)
	c.Echo.GET("/contact/proof", s.Proof)
	c.Echo.POST("/contact/proof", s.Prove)
	c.Echo.GET("/brand/:entity", s.Brand)
	return c
}

// relay is a mail server that takes everything.
type relay struct{}

func (relay) Send(context.Context, *mail.Msg) (send.Outcome, error) { return send.Accepted, nil }
func (relay) RepeatHeader() string                                  { return "" }

type upload struct {
	name, mediaType string
	content         []byte
}

// send fills in the form as a browser without script does.
func (c *counter) send(fields map[string]string, files ...upload) *httptest.ResponseRecorder {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		c.Must(form.WriteField(name, value))
	}
	for _, f := range files {
		part, err := form.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf(`form-data; name="files"; filename="%s"`, f.name)}, "Content-Type": {f.mediaType},
		})
		c.Must(err)
		_, err = part.Write(f.content)
		c.Must(err)
	}
	c.Must(form.Close())
	return c.visit(http.MethodPost, "/contact", form.FormDataContentType(), &body)
}

func (c *counter) get(path string) *httptest.ResponseRecorder {
	return c.visit(http.MethodGet, path, "", &bytes.Buffer{})
}

func (c *counter) prove(token string) *httptest.ResponseRecorder {
	return c.visit(http.MethodPost, "/contact/proof", "application/x-www-form-urlencoded", bytes.NewBufferString(url.Values{"t": {token}}.Encode()))
}

func (c *counter) visit(method, path, mediaType string, body *bytes.Buffer) *httptest.ResponseRecorder {
	c.t.Helper()
	request := httptest.NewRequestWithContext(c.t.Context(), method, path, body)
	request.RemoteAddr = c.origin
	request.Header.Set("Content-Type", mediaType)
	recorder := httptest.NewRecorder()
	c.Echo.ServeHTTP(recorder, request)
	return recorder
}

func (c *counter) settled() { jobstest.DrainNow(c.t, c.DB, c.Registry, c.Clock) }

func (c *counter) messages() []inbox.Inbound {
	c.t.Helper()
	list, err := c.Inbox.Messages(c.t.Context(), inbox.Filter{})
	c.Must(err)
	return list
}

// letters are our mails of a kind, the newest first.
func (c *counter) letters(kind string) []inbox.OutgoingMessage {
	c.t.Helper()
	list, err := c.Inbox.Outgoing(c.t.Context(), inbox.OutgoingFilter{})
	c.Must(err)
	var out []inbox.OutgoingMessage
	for _, m := range list {
		if m.Kind == kind {
			out = append(out, m)
		}
	}
	return out
}

func (c *counter) token() string {
	c.t.Helper()
	found := regexp.MustCompile(`https://desk\.ostwind\.example/contact/proof\?t=(\w+)`).FindStringSubmatch(c.letters("contact_proof")[0].TextBody)
	if found == nil {
		c.t.Fatal("the letter has no link")
	}
	return found[1]
}

func (c *counter) wrote(text string) map[string]string {
	return map[string]string{
		"name": "Ada Lumen", "email": "Ada@lumen.example", "invoice": c.Company.LumenBill.Number, "text": text, "form": "f" + text,
	}
}
