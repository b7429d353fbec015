package mailview_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"makegood/cases"
	mailroom "makegood/cases/intake"
	"makegood/inbox"
	"makegood/inbox/display"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/outside"
	"makegood/internal/scenario"
	"makegood/internal/secrets"
	"makegood/internal/web"
	"makegood/ui/mailview"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// table is a reader's desk with a mail on it, and the sender's web server.
type table struct {
	*screentest.Room
	t      *testing.T
	sender *httptest.Server
	asked  atomic.Int64
	path   string // of the mail in its case
	cookie string
}

func dot(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t *testing.T, body string) *table {
	t.Helper()
	d := &table{Room: screentest.Open(t), t: t}
	d.sender = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		d.asked.Add(1)
		_, _ = w.Write(dot(t))
	}))
	t.Cleanup(d.sender.Close)
	keys, err := secrets.New("a key that only these tests use, long enough")
	d.Must(err)
	s := mailview.New(d.Desk, mailview.Services{
		Files: d.Reports.CaseFiles(d.Cases, d.Billing), Inbox: d.Inbox, Reports: d.Reports, Keys: keys,
		Intake:  mailroom.New(d.DB, d.Inbox, d.Cases, d.Billing, slog.New(slog.DiscardHandler), mailroom.Options{}),
		Outside: outside.New(outside.Options{Also: []netip.AddrPort{netip.MustParseAddrPort(d.sender.Listener.Addr().String())}}),
	})
	d.Echo.GET("/cases/:number/messages/:id/mail", s.Frame, web.Need(access.ReadCases))
	d.Echo.GET("/intake/:id/mail", s.Waiting, web.Need(access.ReadIntake))
	d.Echo.GET("/mail-pictures/:token", s.Picture)

	in := mailroom.New(d.DB, d.Inbox, d.Cases, d.Billing, slog.New(slog.DiscardHandler), mailroom.Options{})
	m, err := in.Ingest(t.Context(), d.mail(body), inbox.SourceFile)
	d.Must(err)
	c, err := d.Cases.CaseByID(t.Context(), d.DB, cases.ID(*m.CaseID), access.SystemActor("test"))
	d.Must(err)
	messages, err := d.Cases.Messages(t.Context(), d.DB, c.ID)
	d.Must(err)
	if !messages[0].Formatted {
		t.Error("nobody knows that the mail has HTML")
	}
	d.path = fmt.Sprintf("/cases/%s/messages/%d/mail", c.Number, messages[0].ID)
	d.cookie, _, err = d.People.SignIn(t.Context(), d.Company.Users[access.Agent].Email, scenario.Password, "test")
	d.Must(err)
	return d
}

func (d *table) mail(body string) []byte {
	return []byte(strings.ReplaceAll(`From: Ada <ada@lumen.example>
To: billing@ostwind.example
Subject: See the picture
Message-ID: <1@lumen.example>
MIME-Version: 1.0
Content-Type: multipart/related; boundary=b

--b
Content-Type: text/html; charset=utf-8

`+strings.ReplaceAll(body, "SENDER", d.sender.URL)+`
--b
Content-Type: image/png
Content-ID: <logo@lumen>
Content-Disposition: inline; filename="logo.png"
Content-Transfer-Encoding: base64

`+base64.StdEncoding.EncodeToString(dot(d.t))+`
--b
Content-Type: image/png
Content-ID: <drawing@lumen>
Content-Disposition: inline; filename="drawing.png"

<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>
--b--
`, "\n", "\r\n"))
}

// get asks as the agent, or as nobody.
func (d *table) get(path string, signedIn bool) *httptest.ResponseRecorder {
	d.t.Helper()
	request := httptest.NewRequestWithContext(d.t.Context(), http.MethodGet, path, http.NoBody)
	if signedIn {
		request.AddCookie(&http.Cookie{Name: "mg_session", Value: d.cookie})
	}
	recorder := httptest.NewRecorder()
	d.Echo.ServeHTTP(recorder, request)
	return recorder
}

var picture = regexp.MustCompile(`src="(` + display.Prefix + `[^"]+)"`)

func (d *table) pictures(path string) []string {
	d.t.Helper()
	a := d.get(path, true)
	if a.Code != http.StatusOK {
		d.t.Fatalf("%s: %d %s", path, a.Code, a.Body)
	}
	var list []string
	for _, found := range picture.FindAllStringSubmatch(a.Body.String(), -1) {
		list = append(list, found[1])
	}
	return list
}

func TestTheFrameCanDoNothing(t *testing.T) {
	t.Parallel()
	d := open(t, `<p onclick="x()">Dear <b>team</b></p><script>alert(1)</script>`)
	a := d.get(d.path, true)
	if a.Code != http.StatusOK || !strings.Contains(a.Body.String(), "<p>Dear <b>team</b></p>") || strings.Contains(a.Body.String(), "alert") {
		t.Errorf("%d %s", a.Code, a.Body)
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": display.Policy(), "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
	} {
		if got := a.Header().Get(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if a := d.get(d.path, false); a.Code == http.StatusOK {
		t.Error("nobody reads it too")
	}
	if a := d.get(strings.Replace(d.path, "/messages/", "/messages/9", 1), true); a.Code != http.StatusNotFound {
		t.Errorf("another message: %d", a.Code)
	}
}

func TestInlinePicturesComeFromTheMail(t *testing.T) {
	t.Parallel()
	d := open(t, `<img src="cid:logo@lumen"><img src="cid:drawing@lumen">`)
	list := d.pictures(d.path)
	if len(list) != 2 {
		t.Fatalf("%v", list)
	}
	a := d.get(list[0], false) // a frame without an origin sends no cookies
	if a.Code != http.StatusOK || a.Header().Get("Content-Type") != "image/png" || !bytes.Equal(a.Body.Bytes(), dot(t)) {
		t.Errorf("%d %s", a.Code, a.Header())
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox", "Cross-Origin-Resource-Policy": "cross-origin"} {
		if got := a.Header().Get(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if a := d.get(list[1], false); a.Code != http.StatusNotFound {
		t.Errorf("a drawing with a script in a picture's name: %d %s", a.Code, a.Header())
	}
}

func TestPicturesFromElsewhereComeThroughUsWhenAskedFor(t *testing.T) {
	t.Parallel()
	d := open(t, `<p>x</p><img src="SENDER/open.png?who=ada">`)
	if list := d.pictures(d.path); len(list) != 0 || d.asked.Load() != 0 {
		t.Fatalf("%v loaded without being asked for", list)
	}
	list := d.pictures(d.path + "?pictures=1")
	if len(list) != 1 || d.asked.Load() != 0 {
		t.Fatalf("%v", list)
	}
	if a := d.get(list[0], false); a.Code != http.StatusOK || !bytes.Equal(a.Body.Bytes(), dot(t)) || d.asked.Load() != 1 {
		t.Errorf("%d %s, asked %d times", a.Code, a.Body, d.asked.Load())
	}
	token := strings.TrimPrefix(list[0], display.Prefix)
	text, tag, _ := strings.Cut(token, ".")
	inside := base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf("%d|0|0|0|http://127.0.0.1:1/", d.Clock.Now().Add(time.Minute).Unix())))
	for name, forged := range map[string]string{
		"no tag": text, "another tag": text + "." + strings.Repeat("a", 26), "another address": inside + "." + tag, "nothing": "x", "no text": "." + tag, "longer": text + "A." + tag,
	} {
		if a := d.get(display.Prefix+forged, true); a.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, a.Code)
		}
	}
	d.Clock.Add(time.Hour + time.Second)
	if a := d.get(list[0], true); a.Code != http.StatusNotFound || d.asked.Load() != 1 {
		t.Errorf("an hour later: %d", a.Code)
	}
}

func TestPicturesFromInsideAreRefused(t *testing.T) {
	t.Parallel()
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the server inside was asked") }))
	t.Cleanup(inner.Close)
	d := open(t, `<img src="`+inner.URL+`/x.png"><img src="http://169.254.169.254/latest/meta-data/"><img src="http://[::ffff:127.0.0.1]/x.png">`)
	list := d.pictures(d.path + "?pictures=1")
	if len(list) != 3 {
		t.Fatalf("%v", list)
	}
	for _, path := range list {
		if a := d.get(path, true); a.Code != http.StatusForbidden {
			t.Errorf("%d %s", a.Code, a.Body)
		}
	}
}

// held is a mail in quarantine.
func (d *table) held(body string) string {
	d.t.Helper()
	in := mailroom.New(d.DB, d.Inbox, d.Cases, d.Billing, slog.New(slog.DiscardHandler), mailroom.Options{})
	m, err := in.Ingest(d.t.Context(), bytes.Replace(d.mail(body), []byte("From: Ada <ada@lumen.example>"), []byte("From: undisclosed"), 1), inbox.SourceFile)
	d.Must(err)
	if m.Fate != inbox.Held {
		d.t.Fatalf("the mail is %s", m.Fate)
	}
	return fmt.Sprintf("/intake/%d/mail", m.ID)
}

// TestHeldMailIsShownAsSent like a mail of a case: cleaned, in a frame that can do nothing, with its own pictures.
func TestHeldMailIsShownAsSent(t *testing.T) {
	t.Parallel()
	d := open(t, "<p>x</p>")
	path := d.held(`<p onclick="x()">Pay <b>now</b></p><script>alert(1)</script><img src="cid:logo@lumen"><img src="SENDER/seen.png">`)
	a := d.get(path, true)
	if a.Code != http.StatusOK || !strings.Contains(a.Body.String(), "<p>Pay <b>now</b></p>") || strings.Contains(a.Body.String(), "alert") ||
		a.Header().Get("Content-Security-Policy") != display.Policy() {
		t.Errorf("%d %s %s", a.Code, a.Header(), a.Body)
	}
	if a := d.get(path, false); a.Code == http.StatusOK {
		t.Error("nobody reads it too")
	}
	list := d.pictures(path)
	if len(list) != 1 {
		t.Fatalf("%v", list)
	}
	if a := d.get(list[0], false); a.Code != http.StatusOK || !bytes.Equal(a.Body.Bytes(), dot(t)) {
		t.Errorf("%d %s", a.Code, a.Body)
	}
	if list := d.pictures(path + "?pictures=1"); len(list) != 2 || d.asked.Load() != 0 {
		t.Errorf("%v", list)
	}
	_, err := d.DB.Pool().Exec(t.Context(), `update inbound_messages set infected = 'Eicar' where fate = 'held'`)
	d.Must(err)
	if a := d.get(path, true); a.Code == http.StatusOK {
		t.Error("what a scanner found something in is shown")
	}
}

// TestPicturesAreReadOnce: the mail is read when it is shown; its pictures are then at hand, whatever becomes of its bytes.
func TestPicturesAreReadOnce(t *testing.T) {
	t.Parallel()
	d := open(t, strings.Repeat(`<img src="cid:logo@lumen">`, 20))
	list := d.pictures(d.path)
	if len(list) != 20 {
		t.Fatalf("%d pictures", len(list))
	}
	_, err := d.DB.Pool().Exec(t.Context(), `update case_messages set inbound_message_id = null`)
	d.Must(err)
	for _, path := range list {
		if a := d.get(path, false); a.Code != http.StatusOK {
			t.Fatalf("read again: %d %s", a.Code, a.Body)
		}
	}
}

// Mails without pictures take room too: those looked at long ago are forgotten.
func TestMailsWithoutPicturesAreForgotten(t *testing.T) {
	t.Parallel()
	const many = 66_000
	if kept := mailview.KeptOf(many); kept >= many || kept < many/2 {
		t.Errorf("%d of %d mails are kept", kept, many)
	}
}
