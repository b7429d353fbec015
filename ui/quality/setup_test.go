package quality_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/quality"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/web"
	screen "makegood/ui/quality"
	"makegood/ui/screentest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// room is the company with the pages of quality and the job that draws.
type room struct {
	*screentest.Room
	t       *testing.T
	quality *quality.Service
	team    int64
}

func open(t *testing.T) *room {
	t.Helper()
	r := &room{Room: screentest.Open(t), t: t}
	r.quality = quality.New(quality.Services{DB: r.DB, Cases: r.Cases}, slog.New(slog.DiscardHandler))
	r.quality.Register(r.Registry)
	s := screen.New(r.Desk, r.quality, r.Cases, r.Reports)
	reads, reviews, manages, anybody := web.Need(access.ReadQuality), web.Need(access.ReviewQuality), web.Need(access.ManageQuality), web.Need(access.ReadCases)
	r.Echo.GET("/quality", s.Queue, reads)
	r.Echo.GET("/quality/done", s.Done, reads)
	r.Echo.GET("/quality/weeks/:week", s.Week, reads)
	r.Echo.GET("/quality/pick", s.Pick, reviews)
	r.Echo.GET("/quality/cases/:number", s.Sheet, reviews)
	r.Echo.GET("/quality/mine", s.Mine, anybody)
	r.Echo.GET("/quality/reviews/:id", s.Show, reads)
	r.Echo.GET("/settings/quality", s.Settings, manages)
	r.Echo.POST("/quality/cases/:number", s.Review, reviews)
	r.Echo.POST("/quality/reviews/:id/acknowledge", s.Acknowledge, anybody)
	r.Echo.POST("/settings/quality/card", s.SaveCard, manages)
	r.Echo.POST("/settings/quality/teams/:id", s.SetRule, manages)
	r.Must(r.DB.Do(t.Context(), func(tx *db.Tx) (err error) {
		if r.team, err = db.Value[int64](t.Context(), tx, `insert into teams (name) values ('Desk') returning id`); err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `update users set team_id = $1`, r.team)
		return err
	}))
	return r
}

// card puts one in force: met or not with weight 20, and one to five with weights 20 and 60.
func (r *room) card() quality.Card {
	r.t.Helper()
	card, err := r.quality.SaveCard(r.t.Context(), quality.CardInput{By: r.Actor(access.Supervisor), Criteria: []quality.Criterion{
		{Name: "The right invoice", Scale: quality.YesNo, Weight: 20}, {Name: "Clear", Scale: quality.Five, Weight: 20}, {Name: "Kept informed", Scale: quality.Five, Weight: 60},
	}})
	r.Must(err)
	return card
}

func (r *room) rule(kind quality.Sampling, amount int) {
	r.t.Helper()
	_, err := r.quality.SetRule(r.t.Context(), quality.RuleInput{By: r.Actor(access.Supervisor), TeamID: r.team, Kind: kind, Amount: amount})
	r.Must(err)
}

// settled are cases that somebody resolved now.
func (r *room) settled(n int, by access.Actor) []cases.Case {
	r.t.Helper()
	var list []cases.Case
	for range n {
		var opened cases.Case
		r.Must(r.DB.Do(r.t.Context(), func(tx *db.Tx) (err error) {
			opened, err = r.Cases.OpenTx(r.t.Context(), tx, cases.OpenInput{
				Type: cases.Inquiry, Subject: "Which order is this?", CustomerID: &r.Company.Lumen.ID, Source: "mail", Language: "en", By: access.SystemActor("test"),
				Participants: []cases.Participant{{Address: "ada@lumen.example", Name: "Ada Lumen", Accepted: true}},
				Message:      &cases.InboundMessage{AuthorName: "Ada Lumen", AuthorAddress: "ada@lumen.example", Body: "Please look at <this>", Language: "en", Trust: cases.Verified},
			})
			return err
		}))
		done, err := r.Cases.SetStatus(r.t.Context(), cases.StatusInput{On: cases.On{By: by, ID: opened.ID, Version: opened.Version}, To: cases.StatusResolved, Resolution: "answered"})
		r.Must(err)
		list = append(list, done)
	}
	return list
}

// weekLater has the week drawn, twice.
func (r *room) weekLater() {
	r.t.Helper()
	r.drawn()
	r.Clock.Add(7 * 24 * time.Hour)
	r.drawn()
	r.drawn()
}

func (r *room) drawn() {
	r.t.Helper()
	r.Must(r.DB.Do(r.t.Context(), func(tx *db.Tx) error { return tx.Enqueue(r.t.Context(), quality.Draw{}) }))
	jobstest.DrainNow(r.t, r.DB, r.Registry, r.Clock)
}

func (r *room) refused(what, sentence string) {
	r.t.Helper()
	err := r.DB.Do(r.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(r.t.Context(), what)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), sentence) {
		r.t.Errorf("%s: %v, want %q", what, err, sentence)
	}
}
