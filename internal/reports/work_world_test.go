package reports_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/quality"
	"makegood/cases/survey"
	"makegood/credits"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
	"makegood/internal/secrets"
	"makegood/ui/screentest"
)

// months is a desk at work for weeks: cases of every kind are opened, answered, made to wait, resolved, opened again,
// joined and credited by chance, the same each time.
type months struct {
	t     testing.TB
	r     *screentest.Room
	dice  *rand.Rand
	other billing.EntityID
	teams []int64
	ids   []cases.ID
	asks  *survey.Service
	looks *quality.Service
}

func workedMonths(t testing.TB, days int) *months {
	t.Helper()
	w := &months{t: t, r: screentest.Open(t), dice: rand.New(rand.NewPCG(7, 11))}
	jobs.Handle(w.r.Registry, func(context.Context, inbox.SendMessage) error { return nil }) // mail is sent by others
	w.r.Must(w.r.DB.Do(t.Context(), func(tx *db.Tx) error {
		e, err := w.r.Billing.SeedEntityTx(t.Context(), tx, billing.Entity{
			Code: "JP", Name: "Ostwind KK", BaseCurrency: "JPY", Country: "JP", TaxID: "T7010401234567", Address: "Harbour 12", SupportAddress: "jp@ostwind.example",
			SupportName: "Billing", TimeZone: "Asia/Tokyo", Language: "en",
		})
		if err != nil {
			return err
		}
		w.other = e.ID
		w.teams, err = db.Values[int64](t.Context(), tx, `with made as (insert into teams (name) values ('Night') returning id) select id from made union all select id from teams order by 1`)
		return err
	}))
	w.asking()
	for day := range days {
		w.day(day)
	}
	return w
}

func (w *months) day(n int) {
	w.t.Helper()
	for range 2 + w.dice.IntN(2) {
		w.open()
	}
	for range 12 {
		w.r.Clock.Add(time.Duration(w.dice.IntN(110))*time.Minute + time.Duration(w.dice.IntN(60_000))*time.Millisecond)
		w.act(w.ids[len(w.ids)-1-w.dice.IntN(min(len(w.ids), 25))])
	}
	if n%9 == 4 {
		dice := rand.New(rand.NewPCG(uint64(n), 3))
		w.surveyed(dice)
		w.reviewed(dice)
	}
	if n%9 == 7 {
		w.inBulk(rand.New(rand.NewPCG(uint64(n), 5)))
	}
	w.r.Clock.Set(time.Date(2026, 5, 13+n, 6, 0, 0, 0, time.UTC))
}

// inBulk resolves some of the open cases at once, twice, and takes the first back.
func (w *months) inBulk(dice *rand.Rand) {
	w.t.Helper()
	ctx, boss := w.t.Context(), w.r.Actor(access.Supervisor)
	for try := range 2 {
		numbers, err := db.Values[string](ctx, w.r.DB, `select number from cases where status in ('new', 'open', 'waiting') order by id`)
		w.r.Must(err)
		numbers = slices.DeleteFunc(numbers, func(string) bool { return dice.IntN(2) > 0 })
		run, err := w.r.Cases.StartBulk(ctx, cases.BulkInput{By: boss, Numbers: numbers, Action: cases.BulkStatus, Value: "resolved"})
		w.r.Must(err)
		jobstest.DrainNow(w.t, w.r.DB, w.r.Registry, w.r.Clock)
		w.r.Clock.Add(5 * time.Minute)
		if try == 0 {
			_, err = w.r.Cases.UndoBulk(ctx, run.ID, boss)
			w.r.Must(err)
			jobstest.DrainNow(w.t, w.r.DB, w.r.Registry, w.r.Clock)
		}
	}
}

// asking has the customers of settled cases asked how it went, however often.
func (w *months) asking() {
	w.t.Helper()
	keys, err := secrets.New("a key that only these tests use, long enough")
	w.r.Must(err)
	w.asks = survey.New(survey.Services{DB: w.r.DB, Billing: w.r.Billing, Cases: w.r.Cases, Inbox: w.r.Inbox}, keys, "https://desk.ostwind.example", slog.New(slog.DiscardHandler))
	w.asks.Register(w.r.Registry)
	w.looks = quality.New(quality.Services{DB: w.r.DB, Cases: w.r.Cases}, slog.New(slog.DiscardHandler))
	_, err = w.looks.SaveCard(w.t.Context(), quality.CardInput{By: w.r.Actor(access.Supervisor), Criteria: []quality.Criterion{
		{Name: "Right", Scale: quality.YesNo, Weight: 30}, {Name: "Clear", Scale: quality.Five, Weight: 40}, {Name: "Quick", Scale: quality.Five, Weight: 50},
	}})
	w.r.Must(err)
	for _, entity := range []string{"DE", "JP"} {
		_, err := w.asks.SetRules(w.t.Context(), survey.RulesInput{By: w.r.Actor(access.Supervisor), Entity: entity, Active: true, WaitHours: 1, AnswerDays: 14})
		w.r.Must(err)
	}
}

// surveyed does what is due, asks whoever is to be asked, and answers some of the letters there are, also again.
func (w *months) surveyed(dice *rand.Rand) {
	w.t.Helper()
	w.r.Must(w.r.DB.Do(w.t.Context(), func(tx *db.Tx) error { return tx.Enqueue(w.t.Context(), survey.Ask{}) }))
	jobstest.DrainNow(w.t, w.r.DB, w.r.Registry, w.r.Clock)
	letters, err := db.Values[string](w.t.Context(), w.r.DB, `select text_body from outgoing_messages where kind = 'survey' order by id`)
	w.r.Must(err)
	for _, text := range letters {
		if dice.IntN(3) > 0 {
			continue
		}
		_, link, _ := strings.Cut(text, "/survey?t=")
		token, _, _ := strings.Cut(link, "&")
		if _, err := w.asks.Answer(w.t.Context(), survey.AnswerInput{Token: token, Score: 1 + dice.IntN(5)}); err != nil && !errors.Is(err, survey.ErrGone) {
			w.t.Fatal(err)
		}
	}
}

// reviewed has some of the settled cases reviewed, and some of the reviews read.
func (w *months) reviewed(dice *rand.Rand) {
	w.t.Helper()
	ctx, boss := w.t.Context(), w.r.Actor(access.Supervisor)
	numbers, err := db.Values[string](ctx, w.r.DB, `select number from cases where status in ('resolved', 'closed') and merged_into is null order by id`)
	w.r.Must(err)
	for _, number := range numbers {
		if dice.IntN(2) > 0 {
			continue
		}
		values := map[string]int{"right": dice.IntN(2), "clear": 1 + dice.IntN(5)}
		if dice.IntN(2) > 0 {
			values["quick"] = 1 + dice.IntN(5)
		}
		v, err := w.looks.Review(ctx, quality.ReviewInput{By: boss, Number: number, Card: 1, Values: values, Note: "Read this"})
		if errors.Is(err, quality.ErrReviewed) || errors.Is(err, quality.ErrOwnCase) || errors.Is(err, quality.ErrNotSettled) {
			continue
		}
		w.r.Must(err)
		if dice.IntN(2) > 0 {
			_, err = w.looks.Acknowledge(ctx, quality.AcknowledgeInput{By: access.Actor{Kind: access.Person, UserID: v.AgentID, Roles: []access.Role{access.Agent}}, ID: v.ID})
			w.r.Must(err)
		}
	}
}

func pick[T any](w *months, list ...T) T { return list[w.dice.IntN(len(list))] }

func (w *months) agent() access.Actor {
	return w.r.Actor(pick(w, access.Agent, access.Agent, access.Senior, access.Supervisor))
}

func (w *months) open() {
	w.t.Helper()
	in := cases.OpenInput{
		Type: pick(w, cases.Inquiry, cases.Inquiry, cases.Concession, cases.Dispute), Topic: pick(w, "", "price", "delivery"), Subject: "About a bill", Language: "en",
		Source: "mail", By: access.SystemActor("test"), Participants: []cases.Participant{{Address: "ada@lumen.example", Name: "Ada Lumen", Accepted: true}},
		Message: &cases.InboundMessage{AuthorName: "Ada Lumen", AuthorAddress: "ada@lumen.example", Body: "Please look", Language: "en", Trust: cases.Verified},
	}
	bill := w.r.Company.LumenBill.ID
	switch w.dice.IntN(8) {
	case 0: // nobody knows who wrote
	case 1:
		in.EntityID = &w.other
	case 2, 3:
		in.CustomerID, bill = &w.r.Company.Ferro.ID, w.r.Company.FerroBill.ID
	default:
		in.CustomerID = &w.r.Company.Lumen.ID
	}
	if in.CustomerID == nil && in.Type == cases.Dispute {
		in.Type = cases.Inquiry
	}
	if in.Type == cases.Dispute {
		for _, reason := range []string{"overcharge", "tax_wrong"}[:1+w.dice.IntN(2)] {
			in.Disputes = append(in.Disputes, cases.NewDispute{InvoiceID: bill, Contested: d("0.50"), ReasonCode: reason, Claim: "Wrong"})
		}
	}
	if w.dice.IntN(5) == 0 {
		in.TeamID = &w.teams[0]
	}
	w.r.Must(w.r.DB.Do(w.t.Context(), func(tx *db.Tx) error {
		c, err := w.r.Cases.OpenTx(w.t.Context(), tx, in)
		w.ids = append(w.ids, c.ID)
		return err
	}))
}

// act does one thing to a case; what a case refuses in its state is left undone.
func (w *months) act(id cases.ID) {
	w.t.Helper()
	ctx := w.t.Context()
	by := w.agent()
	c, err := w.r.Cases.CaseByID(ctx, w.r.DB, id, by)
	w.r.Must(err)
	on := cases.On{By: by, ID: id, Version: c.Version}
	switch w.dice.IntN(12) {
	case 0, 1:
		_, _ = w.r.Cases.Claim(ctx, cases.On{By: by, ID: id})
	case 2, 3, 4:
		w.answer(on)
	case 5:
		w.wrote(id)
	case 6:
		_, _ = w.r.Cases.SetStatus(ctx, cases.StatusInput{On: on, To: cases.StatusWaiting, WaitingOn: pick(w, cases.OnCustomer, cases.OnUpstream, cases.OnBilling)})
	case 7:
		_, _ = w.r.Cases.SetStatus(ctx, cases.StatusInput{On: on, To: cases.StatusOpen})
	case 8:
		w.settle(on)
	case 9:
		_, _ = w.r.Cases.SetPriority(ctx, cases.PriorityInput{On: on, Priority: pick(w, cases.P1, cases.P2, cases.P4), Reason: "They called"})
	case 10:
		w.credit(c, by)
	case 11:
		into := w.ids[len(w.ids)-1-w.dice.IntN(min(len(w.ids), 6))]
		if _, err := w.r.Cases.Join(ctx, cases.JoinInput{On: on, Into: into}); err == nil && w.dice.IntN(2) == 0 {
			w.r.Clock.Add(time.Hour)
			_, _ = w.r.Cases.Unjoin(ctx, cases.On{By: by, ID: id})
		}
	}
}

func (w *months) wrote(id cases.ID) {
	_ = w.r.DB.Do(w.t.Context(), func(tx *db.Tx) error {
		_, err := w.r.Cases.ReceiveTx(w.t.Context(), tx, id, cases.InboundMessage{
			AuthorName: "Ada Lumen", AuthorAddress: "ada@lumen.example", Body: "And?", Language: "en", Trust: cases.Verified, Machine: w.dice.IntN(6) == 0,
		})
		return err
	})
}

// answer replies, and takes some of it back at once.
func (w *months) answer(on cases.On) {
	in := cases.ReplyInput{On: on, Body: "We look into it.", To: "ada@lumen.example", Then: pick(w, "", cases.StatusWaiting, cases.StatusOpen, cases.StatusResolved)}
	if in.Then == cases.StatusWaiting {
		in.WaitingOn = cases.OnCustomer
	}
	sent, err := w.r.Cases.Reply(w.t.Context(), in)
	if err != nil || w.dice.IntN(4) > 0 {
		return
	}
	w.r.Clock.Add(3 * time.Second)
	_, err = w.r.Cases.UndoReply(w.t.Context(), cases.UndoReplyInput{By: on.By, ID: on.ID, MessageID: sent.MessageID})
	w.r.Must(err)
}

// settle decides what is contested and resolves the case.
func (w *months) settle(on cases.On) {
	ctx := w.t.Context()
	lines, err := db.Values[cases.DisputeID](ctx, w.r.DB, `select id from dispute_lines where case_id = $1 and status in ('open','under_review')`, on.ID)
	w.r.Must(err)
	for _, line := range lines {
		c, err := w.r.Cases.DecideDispute(ctx, cases.DecideDisputeInput{On: on, DisputeID: line, Explanation: "As agreed in the contract"})
		if err != nil {
			return // a credit is on its way
		}
		on.Version = c.Version
	}
	cause := w.r.Company.RootCauses["order_entry"]
	_, _ = w.r.Cases.SetStatus(ctx, cases.StatusInput{On: on, To: cases.StatusResolved, Resolution: "Settled", RootCause: &cause})
}

// credit asks for a little money, sometimes for just what a limit allows, and lets somebody decide.
func (w *months) credit(c cases.Case, by access.Actor) {
	ctx := w.t.Context()
	if c.CustomerID == nil || *c.CustomerID != w.r.Company.Lumen.ID {
		return
	}
	detail, err := w.r.Billing.InvoiceDetail(ctx, w.r.DB, w.r.Company.LumenBill.ID)
	w.r.Must(err)
	cause := w.r.Company.RootCauses["order_entry"]
	req, err := w.r.Credits.Submit(ctx, credits.ProposeInput{
		By: by, CaseID: &c.ID, Kind: pick(w, billing.Concession, billing.BillingError), InvoiceID: detail.ID, ReasonCode: pick(w, "overcharge", "not_delivered"), RootCauseID: &cause,
		Explanation: "Keyed wrongly", CustomerNote: "We are sorry.", Evidence: []credits.NewEvidence{{Kind: credits.Document, Label: "Order"}},
		Lines: []credits.ProposeLine{{InvoiceLineID: detail.Lines[0].ID, Net: d(pick(w, "2", "4", "20", "41", "80"))}},
	})
	if err != nil {
		return
	}
	w.r.Clock.Add(time.Duration(w.dice.IntN(300)) * time.Minute)
	for _, role := range []access.Role{access.Senior, access.Supervisor, access.Controller} {
		in := credits.DecideInput{By: w.r.Actor(role), ID: req.ID, Comment: "Seen"}
		if w.dice.IntN(4) == 0 {
			_, _ = w.r.Credits.Reject(ctx, in)
		} else {
			_, _ = w.r.Credits.Approve(ctx, in)
		}
	}
}

// override lets some of what was decided have gone another way: steps that climbed late or because nobody was there, stand-ins, and less
// approved than asked for.
func (w *months) override() {
	dbtest.AsOwner(w.t, w.r.DB,
		`update credit_steps set climbed_at = opened_at + interval '90 minutes' where id % 5 = 0 and opened_at is not null`,
		`update credit_steps set rule_key = 'authority.step.climbed', rule_params = '{"below": "L2 senior", "level": "L3 supervisor"}' where id % 5 = 1`,
		`update credit_steps set rule_key = 'authority.step.extra_climbed', rule_params = '{"from": "controller", "level": "L5 director"}' where id % 5 = 2`,
		`update credit_decisions d set on_behalf_of = (select u.id from users u where 'director' = any (u.roles) order by u.id limit 1) where d.id % 4 = 0`,
		`insert into credit_request_versions (credit_request_id, content_version, kind, currency, reason_code, explanation, customer_note, net, tax, rounding, total, content, digest,
				submitted_at, why, comment, replaced_by, replaced_at)
			select r.id, r.content_version, r.kind, r.currency, r.reason_code, r.explanation, r.customer_note, r.net, r.tax, r.rounding, r.total, r.content, r.digest,
				r.submitted_at, 'less', 'Half of it', (select u.id from users u where 'senior' = any (u.roles) order by u.id limit 1), r.submitted_at + interval '2 hours'
			from credit_requests r where r.id % 3 = 0 and r.submitted_at is not null and r.content is not null`,
	)
}

func (w *months) String() string { return fmt.Sprintf("%d cases", len(w.ids)) }
