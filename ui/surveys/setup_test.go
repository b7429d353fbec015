package surveys_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/wneessen/go-mail"

	"makegood/cases"
	"makegood/cases/survey"
	"makegood/inbox"
	"makegood/inbox/send"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/secrets"
	"makegood/internal/web"
	"makegood/ui/casefile"
	"makegood/ui/screentest"
	"makegood/ui/surveys"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// counter is the room with the page of surveys and the job that asks.
type counter struct {
	*screentest.Room
	t       *testing.T
	surveys *survey.Service
}

const home = "https://desk.ostwind.example"

func open(t *testing.T) *counter {
	t.Helper()
	c := &counter{Room: screentest.Open(t), t: t}
	keys, err := secrets.New("a key that only these tests use, long enough")
	c.Must(err)
	quiet := slog.New(slog.DiscardHandler)
	c.surveys = survey.New(survey.Services{DB: c.DB, Billing: c.Billing, Cases: c.Cases, Inbox: c.Inbox}, keys, home, quiet)
	c.surveys.Register(c.Registry)
	send.New(c.Inbox, relay{}, quiet).Register(c.Registry)
	s := surveys.New(c.Desk, c.surveys, c.Billing)
	c.Echo.Use(web.CustomerLanguage(true))
	c.Echo.GET("/survey", s.Ask)
	c.Echo.POST("/survey", s.Answer)
	manage := web.Need(access.ManageQuality)
	c.Echo.GET("/settings/surveys", s.Settings, manage)
	c.Echo.POST("/settings/surveys/:entity", s.SetRules, manage)
	file := casefile.New(c.Desk, c.Reports.CaseFiles(c.Cases, c.Billing), c.Cases, nil)
	c.Echo.GET("/cases/:number", file.Show)
	return c
}

// relay is a mail server that takes everything.
type relay struct{}

func (relay) Send(context.Context, *mail.Msg) (send.Outcome, error) { return send.Accepted, nil }
func (relay) RepeatHeader() string                                  { return "" }

// switchOn has the company DE ask after 24 hours, with links that hold 14 days, nobody again within 30.
func (c *counter) switchOn() survey.Rules {
	c.t.Helper()
	kept, err := c.surveys.SetRules(c.t.Context(), survey.RulesInput{By: c.Actor(access.Supervisor), Entity: "DE", Active: true, WaitHours: 24, AnswerDays: 14, QuietDays: 30})
	c.Must(err)
	return kept
}

// inquiry is a case in which somebody wrote, resolved by the agent.
func (c *counter) inquiry(address string, machine bool) cases.Case {
	c.t.Helper()
	opened := c.written(address, machine)
	return c.resolve(opened.ID)
}

func (c *counter) written(address string, machine bool) cases.Case {
	c.t.Helper()
	return c.opened(address, machine, false)
}

// brought is a case that mail of the past brought in as settled.
func (c *counter) brought(address string) cases.Case {
	c.t.Helper()
	return c.opened(address, false, true)
}

func (c *counter) opened(address string, machine, past bool) cases.Case {
	c.t.Helper()
	var opened cases.Case
	c.Must(c.DB.Do(c.t.Context(), func(tx *db.Tx) (err error) {
		opened, err = c.Cases.OpenTx(c.t.Context(), tx, cases.OpenInput{
			Type: cases.Inquiry, Subject: "Which order is this?", CustomerID: &c.Company.Lumen.ID, Source: "mail", Language: "de", By: access.SystemActor("test"), Past: past,
			Participants: []cases.Participant{{Address: address, Name: "Ada Lumen", Accepted: true}},
			Message:      &cases.InboundMessage{AuthorName: "Ada Lumen", AuthorAddress: address, Body: "Please look", Language: "de", Trust: cases.Verified, Machine: machine},
		})
		return err
	}))
	return opened
}

func (c *counter) resolve(id cases.ID) cases.Case {
	c.t.Helper()
	by := c.Actor(access.Agent)
	now, err := c.Cases.CaseByID(c.t.Context(), c.DB, id, by)
	c.Must(err)
	done, err := c.Cases.SetStatus(c.t.Context(), cases.StatusInput{On: cases.On{By: by, ID: id, Version: now.Version}, To: cases.StatusResolved, Resolution: "answered"})
	c.Must(err)
	return done
}

// later lets time pass, and has every job that is due done, twice.
func (c *counter) later(hours int) {
	c.t.Helper()
	c.Clock.Add(time.Duration(hours) * time.Hour)
	for range 2 {
		c.Must(c.DB.Do(c.t.Context(), func(tx *db.Tx) error { return tx.Enqueue(c.t.Context(), survey.Ask{}) }))
		jobstest.DrainNow(c.t, c.DB, c.Registry, c.Clock)
	}
}

func (c *counter) letters() []inbox.OutgoingMessage {
	c.t.Helper()
	list, err := db.List[inbox.OutgoingMessage](c.t.Context(), c.DB, `select * from outgoing_messages where kind = 'survey' order by id`)
	c.Must(err)
	return list
}

func (c *counter) link(m inbox.OutgoingMessage) string {
	c.t.Helper()
	found := regexp.MustCompile(`https://desk\.ostwind\.example(/survey\?t=\S+)`).FindStringSubmatch(m.TextBody)
	if found == nil {
		c.t.Fatalf("the letter has no link: %s", m.TextBody)
	}
	return found[1]
}

func token(link string) string {
	u, _ := url.Parse(link)
	return u.Query().Get("t")
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

func (c *counter) answer(token, score, comment string) *httptest.ResponseRecorder {
	return c.visit(http.MethodPost, "/survey", url.Values{"t": {token}, "score": {score}, "comment": {comment}})
}

func (c *counter) of(one cases.Case) survey.Survey {
	c.t.Helper()
	s, err := c.surveys.OfCase(c.t.Context(), c.DB, one.Number, c.Actor(access.Auditor))
	if errors.Is(err, survey.ErrNotAsked) {
		return survey.Survey{LeftOut: "not looked at"}
	}
	c.Must(err)
	return s
}

func (c *counter) refused(what, constraint string) {
	c.t.Helper()
	err := c.DB.Do(c.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(c.t.Context(), what)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), constraint) {
		c.t.Errorf("%s: %v, want %s", what, err, constraint)
	}
}
