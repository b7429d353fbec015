package web_test

import (
	"bytes"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/telemetry"
	"makegood/internal/throttle"
	"makegood/internal/web"
)

// counted says how much of a body was read.
type counted struct {
	io.Reader
	read int
}

// Read reads on.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += n
	return n, err
}

// gate is a server that asks who somebody is as the program does.
type gate struct {
	*echo.Echo

	failed error
	from   string
}

func openGate(admit func(echo.Context) error) *gate {
	g := &gate{from: "192.0.2.1"}
	g.Echo = web.New(web.Options{
		Logger: slog.New(slog.DiscardHandler), Metrics: telemetry.NewMetrics(), Admit: admit,
		Fail: func(_ echo.Context, _ int, err error) { g.failed = err },
	})
	return g
}

// as mounts a page for whoever somebody is.
func (g *gate) as(who access.Actor, page string, right access.Action, answer echo.HandlerFunc) {
	know := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error { web.SetActor(c, who); return next(c) }
	}
	g.POST(page, answer, know, web.CheckForm, web.Need(right))
}

// send posts a text and a file, and tells how much of it was read.
func (g *gate) send(t *testing.T, path string, size int) (read int, err error) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "scan.pdf")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(bytes.Repeat([]byte("x"), size))
	_ = form.WriteField("text", "Typed with care")
	_ = form.Close()
	sent := &counted{Reader: &body}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, sent)
	request.ContentLength = -1 // nothing is said of how long it is
	request.RemoteAddr = g.from + ":4711"
	request.Header.Set("Content-Type", form.FormDataContentType())
	g.failed = nil
	g.ServeHTTP(httptest.NewRecorder(), request)
	return sent.read, g.failed
}

// What somebody sends of whom nobody knows who they are is not kept in memory: short forms are, and files only of those who are signed in.
func TestFilesOfNobodyAreNotRead(t *testing.T) {
	t.Parallel()
	const large = 5 << 20
	fine := func(c echo.Context) error { return c.String(http.StatusOK, c.FormValue("text")) }
	agent := access.Actor{Kind: access.Person, UserID: 1, Roles: access.Roles()}
	customer := access.Actor{Kind: access.Customer, Address: "ada@lumen.example"}
	for name, c := range map[string]struct {
		who   access.Actor
		page  string
		right access.Action
		path  string
		kind  errs.Kind // of the refusal
		whole bool      // it is read
	}{
		"a file of nobody":              {access.Actor{}, "/imports", access.RecordPayment, "/imports", errs.Unauthenticated, false},
		"a file of somebody":            {agent, "/imports", access.RecordPayment, "/imports", "", true},
		"a certificate of nobody":       {access.Actor{}, "/customers/:account/exemptions", access.KeepCustomers, "/customers/1/exemptions", errs.Unauthenticated, false},
		"nobody at the portal":          {access.Actor{}, "/portal/requests/:number/messages", access.UsePortal, "/portal/requests/1/messages", errs.Unauthenticated, false},
		"a customer at the portal":      {customer, "/portal/requests/:number/messages", access.UsePortal, "/portal/requests/1/messages", "", true},
		"a page that takes no files":    {agent, "/settings/users", access.Administer, "/settings/users", errs.TooLarge, false},
		"a page that nobody signs into": {access.Actor{}, "/login", access.UsePortal, "/login", errs.TooLarge, false},
	} {
		g := openGate(nil)
		g.as(c.who, c.page, c.right, fine)
		read, err := g.send(t, c.path, large)
		if (err != nil || c.kind != "") && errs.KindOf(err) != c.kind || c.whole != (read > large) || !c.whole && read > 2<<20 {
			t.Errorf("%s: %v, %d bytes were read", name, err, read)
		}
	}
}

// Files of customers lie in memory while their form is worked on, so few forms have theirs there at once, and fewer of one address. Another
// keeps what was typed, and is to be sent again.
func TestFewFormsWithFilesAtOnce(t *testing.T) {
	t.Parallel()
	g := openGate(nil)
	inside := 0
	var deepest func() // sends the next form while one is worked on
	var refused []error
	g.as(access.Actor{Kind: access.Customer, Address: "ada@lumen.example"}, "/portal/requests/:number/messages", access.UsePortal, func(c echo.Context) error {
		_, err := web.Uploads(c, "file", 3, 20_000_000)
		if c.FormValue("text") != "Typed with care" || !web.SentFiles(c) {
			t.Error("what was typed is lost")
		}
		if err != nil {
			refused = append(refused, err)
			return nil
		}
		inside++
		deepest()
		return nil
	})
	send := func(from string) {
		g.from = from
		_, _ = g.send(t, "/portal/requests/1/messages", 1000)
	}
	deepest = func() { send("192.0.2.1") }
	send("192.0.2.1")
	if inside != 3 || len(refused) != 1 || errs.KindOf(refused[0]) != errs.TooMany {
		t.Fatalf("%d at once from one address, refused %v", inside, refused)
	}
	inside, refused = 0, nil
	deepest = func() { send("192.0.2." + string(rune('1'+inside))) }
	send("192.0.2.1")
	if inside != 8 || len(refused) != 1 {
		t.Fatalf("%d at once, refused %v", inside, refused)
	}
	inside, refused = 0, nil
	deepest = func() {}
	send("192.0.2.1")
	if inside != 1 || len(refused) != 0 {
		t.Errorf("once they are answered: %v", refused)
	}
}

// Who sends too many contact forms is refused before any of the next is read.
func TestTooManyContactFormsAreNotRead(t *testing.T) {
	t.Parallel()
	asked := ""
	g := openGate(func(c echo.Context) error { asked = c.RealIP(); return throttle.ErrTooMany })
	g.POST("/contact", func(echo.Context) error { t.Error("it was let in"); return nil }, web.CheckForm)
	read, err := g.send(t, "/contact", 5<<20)
	if errs.KindOf(err) != errs.TooMany || read != 0 || asked != "192.0.2.1" {
		t.Errorf("%v, %d bytes were read", err, read)
	}
}
