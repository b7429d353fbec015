// Package screentest opens screens on a real database of an invented company, for tests that look at them as somebody
// signed in. It is not part of the program.
package screentest

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/document"
	"makegood/billing/postback"
	"makegood/billing/reading"
	"makegood/billing/reconciling"
	"makegood/cases"
	"makegood/cases/differences"
	"makegood/cases/intake"
	"makegood/credits"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/i18n"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/people"
	"makegood/internal/reports"
	"makegood/internal/scenario"
	"makegood/internal/secrets"
	"makegood/internal/telemetry"
	"makegood/internal/web"
	"makegood/ui/desk"
)

// Room is the company and the doors to it, with a server that screens are mounted on.
type Room struct {
	DB       *db.DB
	Clock    *jobstest.Clock
	Registry *jobs.Registry
	People   *people.Service
	Billing  *billing.Service

	Reconciling *reconciling.Service
	PostBack    *postback.Service
	Reading     *reading.Service
	Inbox       *inbox.Service
	Cases       *cases.Service
	Credits     *credits.Service
	Reports     *reports.Service
	Desk        *desk.Desk
	Company     scenario.Company
	Echo        *echo.Echo

	t testing.TB
}

// Open builds the company on the morning of 12 May 2026.
func Open(t testing.TB) *Room {
	t.Helper()
	clock := jobstest.NewClock(time.Date(2026, 5, 12, 7, 30, 0, 0, time.UTC))
	r := &Room{t: t, DB: dbtest.NewAt(t, clock.Now), Clock: clock, Registry: jobs.NewRegistry()}
	quiet := slog.New(slog.DiscardHandler)
	keys, err := secrets.New("a key that only these tests use, long enough")
	r.Must(err)
	renderer := document.New()
	words, err := i18n.Load()
	r.Must(err)
	r.Billing = billing.New(r.DB, renderer, quiet)
	r.Inbox = inbox.New(r.DB, keys, quiet, inbox.Options{Domain: "ostwind.example"})
	r.Cases = cases.New(r.DB, r.Billing, r.Inbox, quiet)
	r.People, err = people.Open(r.DB, quiet, people.Options{Cost: scenario.QuickPasswords(), Keys: keys, PublicURL: "https://desk.ostwind.example"})
	r.Must(err)
	r.Credits = credits.New(r.DB, r.Billing, r.Cases, r.Inbox, r.People, quiet)
	r.Reports = reports.New(r.DB)
	r.Reconciling = reconciling.New(r.DB, r.Billing)
	r.Reconciling.Register(r.Registry)
	r.PostBack = postback.New(r.DB, r.Billing, keys, "http://127.0.0.1:1", quiet) // nobody is there
	r.PostBack.Register(r.Registry)
	r.Reading = reading.New(r.DB, r.Billing, keys, reading.Options{Stripe: "http://127.0.0.1:1", Client: http.DefaultClient, Logger: quiet})
	differences.New(r.DB, r.Billing, r.Cases, r.Reconciling).Register(r.Registry)
	r.Cases.Register(r.Registry)
	r.Credits.Register(r.Registry)
	intake.New(r.DB, r.Inbox, r.Cases, r.Billing, quiet, intake.Options{}).Register(r.Registry)
	r.Company, err = scenario.Build(t.Context(), scenario.Services{
		DB: r.DB, People: r.People, Billing: r.Billing, Inbox: r.Inbox, Cases: r.Cases, Credits: r.Credits,
	}, scenario.Options{})
	r.Must(err)
	r.Desk = &desk.Desk{Catalogue: words, Logger: quiet, Clock: clock.Now, Badges: r.badges}
	r.Echo = web.New(web.Options{Logger: quiet, Metrics: telemetry.NewMetrics(), Fail: r.Desk.Fail})
	r.Echo.Use(web.Session(r.People), web.CheckForm)
	return r
}

func (r *Room) badges(ctx context.Context, by access.Actor) (desk.Badges, error) {
	counts, err := r.Reports.NavCounts(ctx, by)
	return desk.Badges(counts), err
}

// Must ends the test on an error.
func (r *Room) Must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// Actor is the company's person of a role.
func (r *Room) Actor(role access.Role) access.Actor { return r.Company.Actor(role) }

// Dispute opens a case in which a customer contests the first line of its invoice by an amount that includes tax.
func (r *Room) Dispute(contested string) cases.Case {
	r.t.Helper()
	detail, err := r.Billing.InvoiceDetail(r.t.Context(), r.DB, r.Company.LumenBill.ID)
	r.Must(err)
	line := detail.Lines[0].ID
	var opened cases.Case
	r.Must(r.DB.Do(r.t.Context(), func(tx *db.Tx) error {
		opened, err = r.Cases.OpenTx(r.t.Context(), tx, cases.OpenInput{
			Type: cases.Dispute, Subject: "The network was down half of April", CustomerID: &r.Company.Lumen.ID, ContactID: &r.Company.Ada.ID,
			Source: "mail", Language: "en", By: access.SystemActor("test"),
			Participants: []cases.Participant{{Address: "ada@lumen.example", Name: "Ada Lumen", Accepted: true}},
			Invoices:     []cases.LinkedInvoice{{InvoiceID: detail.ID, Evidence: "number in subject", Confidence: 100}},
			Disputes: []cases.NewDispute{{
				InvoiceID: detail.ID, InvoiceLineID: &line, Contested: decimal.RequireFromString(contested), ReasonCode: "not_delivered",
				Claim: "Only half of it was delivered",
			}},
			Message: &cases.InboundMessage{
				AuthorName: "Ada Lumen", AuthorAddress: "ada@lumen.example", Subject: "Invoice " + detail.Number,
				Body: "We cannot accept the first line.\n\nThe <network> was down half of April.", Language: "en", Trust: cases.Verified,
			},
		})
		return err
	}))
	return opened
}

// Visitor is somebody signed in, as a browser.
type Visitor struct {
	room   *Room
	cookie *http.Cookie
	csrf   string
	header map[string]string
}

// As signs the company's person of a role in.
func (r *Room) As(role access.Role) *Visitor {
	r.t.Helper()
	return r.AsUser(r.Company.Users[role].Email)
}

// AsUser signs somebody in by their address.
func (r *Room) AsUser(email string) *Visitor {
	r.t.Helper()
	token, session, err := r.People.SignIn(r.t.Context(), email, scenario.Password, "test")
	r.Must(err)
	return &Visitor{room: r, cookie: &http.Cookie{Name: "mg_session", Value: token}, csrf: session.CSRF, header: map[string]string{}}
}

// HTMX makes the requests that htmx makes for a part of a page.
func (v *Visitor) HTMX() *Visitor {
	w := *v
	w.header = map[string]string{"HX-Request": "true", "HX-Request-Type": "partial"}
	return &w
}

// Answer is what came back: the status, the text of the page without markup, and the raw page.
type Answer struct {
	Status int
	Text   string
	HTML   string
	Header http.Header
}

// Said is what the page that it sends to will say was done; "" for nothing.
func (a Answer) Said() string {
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		if c.Name == "mg_said" {
			text, _ := base64.RawURLEncoding.DecodeString(c.Value)
			return string(text)
		}
	}
	return ""
}

// Get asks for a page.
func (v *Visitor) Get(path string) Answer {
	return v.do(httptest.NewRequest(http.MethodGet, path, nil))
}

// Post sends a form, with the session's secret.
func (v *Visitor) Post(path string, form url.Values) Answer {
	if form == nil {
		form = url.Values{}
	}
	form.Set("csrf_token", v.csrf)
	request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	request.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
	return v.do(request)
}

// Send posts a body of another kind, such as a form with a file, with the session's secret in a header.
func (v *Visitor) Send(path, mediaType string, body io.Reader) Answer {
	request := httptest.NewRequest(http.MethodPost, path, body)
	request.Header.Set(echo.HeaderContentType, mediaType)
	request.Header.Set("X-CSRF-Token", v.csrf)
	return v.do(request)
}

// Give sends a form with a file, with the session's secret.
func (v *Visitor) Give(path string, form map[string]string, filename, content string) Answer {
	v.room.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	v.room.Must(w.WriteField("csrf_token", v.csrf))
	for name, value := range form {
		v.room.Must(w.WriteField(name, value))
	}
	part, err := w.CreateFormFile("file", filename)
	v.room.Must(err)
	_, err = part.Write([]byte(content))
	v.room.Must(err)
	v.room.Must(w.Close())
	return v.Send(path, w.FormDataContentType(), &body)
}

func (v *Visitor) do(request *http.Request) Answer {
	request = request.WithContext(v.room.t.Context())
	request.AddCookie(v.cookie)
	for name, value := range v.header {
		request.Header.Set(name, value)
	}
	recorder := httptest.NewRecorder()
	v.room.Echo.ServeHTTP(recorder, request)
	html := recorder.Body.String()
	return Answer{Status: recorder.Code, HTML: html, Text: plain(html), Header: recorder.Header()}
}

// plain is a page as somebody reads it: without markup, one space between words.
func plain(html string) string {
	text := regexp.MustCompile(`(?s)<(svg|script|style|head|dialog)\b.*?</(svg|script|style|head|dialog)>|<[^>]*>`).ReplaceAllString(html, " ")
	text = strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&lt;", "<", "&gt;", ">", "&amp;", "&", "\u00a0", " ").Replace(text)
	return strings.Join(strings.Fields(text), " ")
}
