package casefile_test

import (
	"context"
	"crypto/sha256"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/document"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/cases/sorting"
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
	"makegood/ui/casefile"
	"makegood/ui/desk"
	"makegood/ui/queue"
	"makegood/ui/static"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func d(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func sum(text string) []byte {
	hash := sha256.Sum256([]byte(text))
	return hash[:]
}

func at(text string) time.Time {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	moment, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		panic(err)
	}
	return moment
}

// room is a desk with one disputed invoice, reached through the browser's way in.
type room struct {
	t       *testing.T
	db      *db.DB
	clock   *jobstest.Clock
	jobs    *jobs.Registry
	billing *billing.Service
	cases   *cases.Service
	credits *credits.Service
	people  *people.Service
	mail    *inbox.Service
	echo    *echo.Echo

	entity               billing.EntityID
	customer             billing.CustomerID
	mara, jonas, auditor access.Actor
	cookies              map[string]*http.Cookie
	secret               map[string]string
}

const password = "correct horse battery"

func setup(t *testing.T) *room {
	t.Helper()
	r := &room{t: t, clock: jobstest.NewClock(at("2026-11-09 09:00")), jobs: jobs.NewRegistry(), cookies: map[string]*http.Cookie{}, secret: map[string]string{}}
	r.db = dbtest.NewAt(t, r.clock.Now)
	quiet := slog.New(slog.DiscardHandler)
	renderer := document.New()
	keys, err := secrets.New("a key that only these tests use, long enough")
	r.must(err)
	r.mail = inbox.New(r.db, keys, quiet, inbox.Options{})
	r.people, err = people.NewWithCost(r.db, quiet, scenario.QuickPasswords())
	r.must(err)
	r.billing = billing.New(r.db, renderer, quiet)
	r.cases = cases.New(r.db, r.billing, r.mail, quiet)
	r.credits = credits.New(r.db, r.billing, r.cases, r.mail, r.people, quiet)
	r.cases.Register(r.jobs)
	r.credits.Register(r.jobs)
	jobs.Handle(r.jobs, func(context.Context, inbox.MessageArrived) error { return nil })
	jobs.Handle(r.jobs, func(context.Context, inbox.SendMessage) error { return nil })
	r.company()
	r.mount(quiet)
	return r
}

func (r *room) company() {
	ctx := r.t.Context()
	r.mara = r.person("Mara Lindqvist", access.Agent)
	r.jonas = r.person("Jonas Brandt", access.Senior)
	katrin := r.person("Katrin Vogel", access.Supervisor)
	r.auditor = r.person("Uwe Pohl", access.Auditor)
	r.do(func(tx *db.Tx) error {
		entity, err := r.billing.SeedEntityTx(ctx, tx, billing.Entity{
			Code: "DE", Name: "Nordwall Cloud GmbH", BaseCurrency: "EUR", Country: "DE", TaxID: "DE318842071", Address: "Hafenstraße 12\n20457 Hamburg",
			SupportAddress: "billing@nordwall.example", SupportName: "Nordwall Billing", Signature: "Your Nordwall team",
			TimeZone: "Europe/Berlin", Language: "en", FiscalMonth: 1,
		})
		r.must(err)
		r.entity = entity.ID
		r.customer = r.addCustomer(tx, "100482", "Brückner & Söhne Logistik GmbH", "gold")
		_, err = r.cases.SeedRootCausesTx(ctx, tx, []cases.RootCause{{Code: "activation", Name: "Activation keyed from order, not protocol", UpstreamOwner: "Provisioning"}})
		r.must(err)
		r.must(r.cases.SeedReasonsTx(ctx, tx, []cases.Reason{
			{Code: "not_installed", Name: "Not installed", CaseType: cases.Dispute}, {Code: "usage_wrong", Name: "Usage wrong", CaseType: cases.Dispute},
		}))
		r.policy(tx)
		return r.credits.SeedLevelsTx(ctx, tx, credits.DemoSeeds(map[int][]int64{1: {r.mara.UserID}, 2: {r.jonas.UserID}, 3: {katrin.UserID}}))
	})
}

func (r *room) addCustomer(tx *db.Tx, account, name, tier string) billing.CustomerID {
	id, err := db.Value[billing.CustomerID](r.t.Context(), tx, `with new as (select nextval(pg_get_serial_sequence('customers', 'id')) as id)
		insert into customers (id, account, name, kind, family_id, tier, country, language, entity_id, currency, created_at, address)
		select id, $1, $2, 'direct', id, $3, 'DE', 'en', $4, 'EUR', $5, 'Weg 1' from new returning id`, account, name, tier, r.entity, tx.Now())
	r.must(err)
	return id
}

func (r *room) policy(tx *db.Tx) {
	h := func(n int) map[clock.Priority]clock.Target {
		t := clock.Within(time.Duration(n) * time.Hour)
		return map[clock.Priority]clock.Target{clock.P1: t, clock.P2: t, clock.P3: t, clock.P4: t}
	}
	calendar := clock.Calendar{Name: "DE business hours", Zone: "Europe/Berlin", Weekly: map[time.Weekday][]clock.Span{}}
	for day := time.Monday; day <= time.Friday; day++ {
		calendar.Weekly[day] = []clock.Span{{From: 8 * 60, To: 18 * 60}}
	}
	calendarID, err := r.cases.SaveCalendarTx(r.t.Context(), tx, calendar)
	r.must(err)
	_, err = r.cases.SavePolicyTx(r.t.Context(), tx, cases.Policy{Name: "Standard", Position: 1, CalendarID: calendarID, Definition: clock.Policy{
		Name: "Standard", Calendar: calendar.Name, ReopenWithin: clock.WithinDays(7),
		Targets: map[clock.Kind]map[clock.Priority]clock.Target{
			clock.FirstResponse: h(4), clock.NextResponse: h(4), clock.Resolution: h(16), clock.ApprovalStep: h(4), clock.Posting: h(1),
		},
		Pauses: map[clock.Kind]clock.PauseRule{clock.Resolution: {On: []clock.WaitingOn{clock.OnCustomer}}},
	}})
	r.must(err)
}

func (r *room) person(name string, role access.Role) access.Actor {
	user, err := r.people.AddUser(r.t.Context(), people.NewUser{
		Email: strings.ToLower(strings.Fields(name)[0]) + "@nordwall.example", Name: name, Password: password, Roles: []access.Role{role},
		TimeZone: "Europe/Berlin", By: access.SystemActor("test"),
	})
	r.must(err)
	return user.Actor()
}

// signIn opens a session for somebody now; an older one may have run out.
func (r *room) signIn(who access.Actor) {
	r.t.Helper()
	email := strings.ToLower(strings.Fields(who.Name)[0]) + "@nordwall.example"
	token, session, err := r.people.SignIn(r.t.Context(), email, password, "test")
	r.must(err)
	r.cookies[who.Name] = &http.Cookie{Name: "mg_session", Value: token}
	r.secret[who.Name] = session.CSRF
}

func (r *room) mount(quiet *slog.Logger) {
	words, err := i18n.Load()
	r.must(err)
	shell := &desk.Desk{
		Catalogue: words, Logger: quiet, Clock: r.db.Now,
		Badges: func(context.Context, access.Actor) (desk.Badges, error) { return desk.Badges{}, nil },
	}
	r.echo = web.New(web.Options{Logger: quiet, Metrics: telemetry.NewMetrics(), Fail: shell.Fail})
	r.echo.GET("/static/*", echo.WrapHandler(static.Handler()))
	files := reports.New(r.db).CaseFiles(r.cases, r.billing)
	list, file := queue.New(shell, files, r.cases), casefile.New(shell, files, r.cases, sorting.New(r.db, r.cases, r.mail, r.billing, slog.New(slog.DiscardHandler)))
	g := r.echo.Group("", web.Session(r.people), web.CheckForm)
	read, work := web.Need(access.ReadCases), web.Need(access.WorkCases)
	g.GET("/", list.Show, read)
	g.GET("/queue/more", list.More, read)
	g.GET("/queue/preview/:number", file.Preview, read)
	g.POST("/queue/claim", list.ClaimChosen, work)
	g.POST("/queue/assign", list.AssignChosen, work)
	g.POST("/queue/:number/claim", list.Claim, work)
	g.GET("/cases/:number", file.Show, read)
	g.GET("/cases/:number/earlier", file.Earlier, read)
	g.GET("/cases/:number/messages/:id", file.Message, read)
	g.GET("/cases/:number/messages/:id/raw", file.Raw, read)
	g.GET("/cases/:number/messages/:id/files/:position", file.Attachment, read)
	g.GET("/cases/:number/dispute", file.ClaimForm, work)
	g.GET("/cases/:number/macros", file.Macros, work)
	g.GET("/cases/:number/invoices", file.Invoices, work)
	g.GET("/cases/:number/similar", file.Similar, read)
	for path, handler := range map[string]echo.HandlerFunc{
		"messages": file.Write, "messages/:id/undo": file.Undo, "draft": file.Draft, "draft/files": file.AddFiles, "draft/preview": file.Shown, "draft/files/:file/remove": file.RemoveFile, "claim": file.Claim, "checklist/:code": file.Tick, "fields": file.SetFields, "assign": file.Assign,
		"waiting": file.Wait, "resolve": file.Resolve, "reopen": file.Reopen, "priority": file.Priority, "link-invoice": file.LinkInvoice,
		"link-customer": file.LinkCustomer, "participants/accept": file.Accept, "dispute": file.AddDisputes, "disputes/:id/decide": file.Decide,
		"macros": file.Macro, "watch": file.Watch, "watch/end": file.Unwatch, "links": file.LinkCase, "links/end": file.UnlinkCase, "follow-up": file.FollowUp, "follow-up/end": file.EndFollowUp, "join": file.Join, "split": file.Split, "unjoin": file.Unjoin, "topic": file.SayTopic, "amend": file.Amend, "unlink-invoice": file.UnlinkInvoice, "tags": file.AddTag, "tags/end": file.EndTag, "participants": file.AddParticipant, "participants/end": file.EndParticipant,
		"mails/:mail/resend": file.Resend, "mails/:mail/cancel": file.CancelMail, "mails/:mail/release": file.Release,
	} {
		g.POST("/cases/:number/"+path, handler, work)
	}
}

func (r *room) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) do(work func(tx *db.Tx) error) {
	r.t.Helper()
	r.must(r.db.Do(r.t.Context(), work))
}

// invoice is one with six lines, most of it paid.
func (r *room) invoice() billing.InvoiceDetail {
	r.t.Helper()
	line := func(text, quantity, price string) billing.NewLine {
		return billing.NewLine{Product: "cloud", Description: text, Quantity: d(quantity), UnitPrice: d(price), TaxCategory: "S", TaxRate: d("19")}
	}
	r.clock.Set(at("2026-11-09 09:10"))
	var issued billing.Invoice
	r.do(func(tx *db.Tx) error {
		var err error
		issued, err = r.billing.IssueInvoiceTx(r.t.Context(), tx, billing.NewInvoice{
			EntityID: r.entity, CustomerID: r.customer, Currency: "EUR", IssuedOn: billing.Date(at("2026-10-31 00:00")), DueOn: billing.Date(at("2026-11-30 00:00")),
			PurchaseOrder: "4500781223", By: access.SystemActor("test"), Lines: []billing.NewLine{
				line("Managed Kubernetes", "12", "185.00"), line("Object storage", "48.25", "18.40"), line("Cross-connect FRA-2", "4", "210.00"),
				line("Premium support", "1", "1450.00"), line("Egress traffic", "31400", "0.021"), line("Onboarding install", "1", "600.00"),
			},
		})
		return err
	})
	detail, err := r.billing.InvoiceDetail(r.t.Context(), r.db, issued.ID)
	r.must(err)
	return detail
}

// dispute opens a case about lines 3, 4 and 5 of an invoice, as intake would.
func (r *room) dispute(i billing.InvoiceDetail) cases.Case {
	r.t.Helper()
	contest := func(line int, amount, reason string) cases.NewDispute {
		return cases.NewDispute{InvoiceID: i.ID, InvoiceLineID: &i.Lines[line-1].ID, Contested: d(amount), ReasonCode: reason}
	}
	return r.open(cases.OpenInput{
		Type: cases.Dispute, Subject: "Invoice " + i.Number + ", October: three positions we cannot accept", Source: "mail", Language: "en",
		CustomerID: &r.customer, By: access.SystemActor("intake"),
		Participants: []cases.Participant{
			{Address: "s.koehler@brueckner.example", Name: "Sabine Köhler", Accepted: true}, {Address: "k.neumann@pruef-nord.example", Name: "K. Neumann"},
		},
		Invoices: []cases.LinkedInvoice{{InvoiceID: i.ID, Evidence: "number in the subject", Confidence: 100}},
		Disputes: []cases.NewDispute{contest(3, "499.80", "not_installed"), contest(4, "345.10", "not_installed"), contest(5, "249.90", "usage_wrong")},
		Message: &cases.InboundMessage{
			AuthorName: "Sabine Köhler", AuthorAddress: "s.koehler@brueckner.example", Subject: "Invoice " + i.Number, Language: "en", Trust: cases.Verified,
			Body:     "Dear billing team,\n\nwe checked the invoice against our contract. <b>Three positions</b> cannot be right; please see lines 3, 4 and 5.",
			FullBody: "Dear billing team,\n\nwe checked the invoice against our contract. <b>Three positions</b> cannot be right; please see lines 3, 4 and 5.\n\n> an older mail",
		},
	})
}

func (r *room) open(in cases.OpenInput) cases.Case {
	r.t.Helper()
	var c cases.Case
	r.do(func(tx *db.Tx) error {
		var err error
		c, err = r.cases.OpenTx(r.t.Context(), tx, in)
		return err
	})
	return c
}

// answer is what a browser got.
type answer struct {
	status int
	header http.Header
	body   string
}

// get reads a page as somebody; with htmx only its part.
func (r *room) get(who access.Actor, path string, htmx bool) answer {
	r.t.Helper()
	return r.send(who, httptest.NewRequestWithContext(r.t.Context(), http.MethodGet, path, nil), htmx)
}

// post sends a form as somebody.
func (r *room) post(who access.Actor, path string, form url.Values, htmx bool) answer {
	r.t.Helper()
	req := httptest.NewRequestWithContext(r.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	req.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
	return r.send(who, req, htmx)
}

func (r *room) send(who access.Actor, req *http.Request, htmx bool) answer {
	r.t.Helper()
	if r.cookies[who.Name] == nil {
		r.signIn(who)
	}
	req.AddCookie(r.cookies[who.Name])
	req.Header.Set("X-CSRF-Token", r.secret[who.Name])
	if htmx {
		req.Header.Set("HX-Request", "true")
		req.Header.Set("HX-Request-Type", "partial")
	}
	w := httptest.NewRecorder()
	r.echo.ServeHTTP(w, req)
	body, err := io.ReadAll(w.Result().Body)
	r.must(err)
	return answer{status: w.Code, header: w.Header(), body: string(body)}
}

func (a answer) has(t *testing.T, status int, parts ...string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d\n%s", a.status, status, a.body)
	}
	for _, part := range parts {
		if !strings.Contains(a.body, part) {
			t.Fatalf("%q is not in\n%s", part, a.body)
		}
	}
}

func (a answer) lacks(t *testing.T, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(a.body, part) {
			t.Fatalf("%q is in\n%s", part, a.body)
		}
	}
}
