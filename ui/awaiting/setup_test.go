package awaiting_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"
	"github.com/wneessen/go-mail"

	"makegood/cases"
	"makegood/cases/awaiting"
	"makegood/inbox"
	"makegood/inbox/send"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/secrets"
	"makegood/internal/web"
	screens "makegood/ui/awaiting"
	"makegood/ui/casefile"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// counter is the room with cases that wait for their customers, and the job that looks after them.
type counter struct {
	*screentest.Room
	t     *testing.T
	waits *awaiting.Service
}

const (
	desk = "https://desk.ostwind.example"
	day  = 24 * time.Hour
	ada  = "ada@lumen.example"
)

func open(t *testing.T) *counter {
	t.Helper()
	c := &counter{Room: screentest.Open(t), t: t}
	keys, err := secrets.New("a key that only these tests use, long enough")
	c.Must(err)
	quiet := slog.New(slog.DiscardHandler)
	c.waits = awaiting.New(awaiting.Services{DB: c.DB, Billing: c.Billing, Cases: c.Cases, Inbox: c.Inbox}, keys, desk, quiet)
	c.waits.Register(c.Registry)
	send.New(c.Inbox, relay{}, quiet).Register(c.Registry)
	s := screens.New(c.Desk, c.waits, c.Billing)
	c.Echo.Use(web.CustomerLanguage(true))
	c.Echo.GET("/reopen", s.Page)
	c.Echo.POST("/reopen", s.Reopen)
	manage := web.Need(access.ManageClocks)
	c.Echo.GET("/settings/unanswered", s.Settings, manage)
	c.Echo.POST("/settings/unanswered/:entity", s.SetRules, manage)
	file := casefile.New(c.Desk, c.Reports.CaseFiles(c.Cases, c.Billing), c.Cases, nil)
	c.Echo.GET("/cases/:number", file.Show)
	return c
}

// relay is a mail server that takes everything.
type relay struct{}

func (relay) Send(context.Context, *mail.Msg) (send.Outcome, error) { return send.Accepted, nil }
func (relay) RepeatHeader() string                                  { return "" }

// asked is a case in which the agent has asked the customer something, and waits.
func (c *counter) asked() cases.Case {
	c.t.Helper()
	var opened cases.Case
	c.Must(c.DB.Do(c.t.Context(), func(tx *db.Tx) (err error) {
		opened, err = c.Cases.OpenTx(c.t.Context(), tx, cases.OpenInput{
			Type: cases.Inquiry, Subject: "Which order is this?", CustomerID: &c.Company.Lumen.ID, Source: "mail", Language: "en", By: access.SystemActor("test"),
			Participants: []cases.Participant{{Address: ada, Name: "Ada Lumen", Accepted: true}},
			Message:      &cases.InboundMessage{AuthorName: "Ada Lumen", AuthorAddress: ada, Body: "Please look", Language: "en", Trust: cases.Verified},
		})
		return err
	}))
	claimed, err := c.Cases.Claim(c.t.Context(), cases.On{By: c.Actor(access.Agent), ID: opened.ID, Version: opened.Version})
	c.Must(err)
	return c.ask(claimed)
}

func (c *counter) ask(about cases.Case) cases.Case {
	c.t.Helper()
	sent, err := c.Cases.Reply(c.t.Context(), cases.ReplyInput{
		On: cases.On{By: c.Actor(access.Agent), ID: about.ID, Version: about.Version}, Body: "Which order do you mean?", Then: cases.StatusWaiting, WaitingOn: cases.OnCustomer,
	})
	c.Must(err)
	return sent.Case
}

// contested adds an undecided dispute line.
func (c *counter) contested(about cases.Case) cases.Case {
	c.t.Helper()
	_, err := c.Cases.AddDispute(c.t.Context(), cases.AddDisputeInput{
		On:         cases.On{By: c.Actor(access.Agent), ID: about.ID, Version: about.Version},
		NewDispute: cases.NewDispute{InvoiceID: c.Company.LumenBill.ID, Contested: decimal.RequireFromString("10.00"), ReasonCode: "not_delivered"},
	})
	c.Must(err)
	return c.now(about)
}

func (c *counter) now(of cases.Case) cases.Case {
	c.t.Helper()
	now, err := c.Cases.CaseByID(c.t.Context(), c.DB, of.ID, c.Actor(access.Agent))
	c.Must(err)
	return now
}

// days lets time pass, a day at a time, and has every job that is due done, the look at cases twice.
func (c *counter) days(n int) {
	c.t.Helper()
	for range n {
		c.Clock.Add(day)
		c.look()
	}
}

func (c *counter) look() {
	c.t.Helper()
	for range 2 {
		c.Must(c.DB.Do(c.t.Context(), func(tx *db.Tx) error { return tx.Enqueue(c.t.Context(), awaiting.Look{}) }))
		jobstest.DrainNow(c.t, c.DB, c.Registry, c.Clock)
	}
}

func (c *counter) letters(kind string) []inbox.OutgoingMessage {
	c.t.Helper()
	list, err := db.List[inbox.OutgoingMessage](c.t.Context(), c.DB, `select * from outgoing_messages where kind = $1 order by id`, kind)
	c.Must(err)
	return list
}

// told are the keys of what the agent was told and has not read.
func (c *counter) told() string {
	c.t.Helper()
	list, err := c.Cases.Notices(c.t.Context(), c.Actor(access.Agent).UserID, true, 20)
	c.Must(err)
	var keys []string
	for _, n := range list {
		if strings.HasPrefix(n.Key, "notice.unanswered") || n.Key == "notice.taken_up_again" {
			keys = append(keys, strings.TrimPrefix(n.Key, "notice."))
		}
	}
	return strings.Join(keys, " ")
}

func (c *counter) rules(remind []int, closes int) {
	c.t.Helper()
	by := c.Actor(access.Supervisor)
	list, err := c.waits.Rules(c.t.Context(), by)
	c.Must(err)
	for _, r := range list {
		_, err := c.waits.SetRules(c.t.Context(), awaiting.RulesInput{By: by, Entity: r.Entity, RemindDays: remind, CloseDays: closes, Version: r.Version})
		c.Must(err)
	}
}

func (c *counter) link(m inbox.OutgoingMessage) string {
	c.t.Helper()
	found := regexp.MustCompile(`https://desk\.ostwind\.example(/reopen\?t=\S+)`).FindStringSubmatch(m.TextBody)
	if found == nil {
		c.t.Fatalf("the letter has no link: %s", m.TextBody)
	}
	return found[1]
}

func (c *counter) visit(method, path string, form url.Values) *httptest.ResponseRecorder {
	c.t.Helper()
	request := httptest.NewRequestWithContext(c.t.Context(), method, path, strings.NewReader(form.Encode()))
	if form != nil {
		request.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
	}
	recorder := httptest.NewRecorder()
	c.Echo.ServeHTTP(recorder, request)
	return recorder
}

func (c *counter) run(query string, args ...any) {
	c.t.Helper()
	_, err := c.DB.Pool().Exec(c.t.Context(), query, args...)
	c.Must(err)
}
