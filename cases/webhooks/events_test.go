package webhooks_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/webhooks"
	"makegood/credits"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/jobs"
	"makegood/migrations"
)

// delivered is a delivery as the other system reads it.
type delivered struct {
	Type string
	Data struct {
		Case  string
		Event map[string]any
	}
}

// delivered works what is due and gives what was told, by type.
func (h *house) delivered() map[string]delivered {
	h.t.Helper()
	h.work(time.Second)
	h.mu.Lock()
	defer h.mu.Unlock()
	list := map[string]delivered{}
	for _, body := range h.bodies {
		var d delivered
		h.Must(json.Unmarshal([]byte(body), &d))
		list[d.Type] = d
	}
	return list
}

const inner = "between you and me"

// ask asks for a credit of the invoice's first line, for a case or none.
func (h *house) ask(of *cases.Case, net string) credits.Request {
	h.t.Helper()
	detail, err := h.Billing.InvoiceDetail(h.t.Context(), h.DB, h.Company.LumenBill.ID)
	h.Must(err)
	in := credits.ProposeInput{
		By: h.Actor(access.Agent), Kind: billing.BillingError, InvoiceID: detail.ID, ReasonCode: "not_delivered", Explanation: inner, CustomerNote: "Sorry",
		Evidence: []credits.NewEvidence{{Kind: credits.Document, Label: "Monitoring"}},
		Lines:    []credits.ProposeLine{{InvoiceLineID: detail.Lines[0].ID, Net: decimal.RequireFromString(net)}},
	}
	if of != nil {
		in.CaseID = &of.ID
	}
	request, err := h.Credits.Submit(h.t.Context(), in)
	h.Must(err)
	return request
}

// Credit requests are told by their own name whether they belong to a case or not, and memos as the books post them.
func TestCreditsAreToldByTheirName(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]func(h *house) *cases.Case{
		"of a case": func(h *house) *cases.Case { return new(h.Dispute("59.50")) },
		"of none":   func(*house) *cases.Case { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			jobs.Handle(h.Registry, func(ctx context.Context, _ inbox.SendMessage) error { return ctx.Err() })
			h.add("credit_request.*", "credit_memo.posted")
			c := of(h)
			request, number := h.ask(c, "50"), ""
			if c != nil {
				number = c.Number
			}
			told := h.delivered()
			for _, kind := range []string{"credit_request.approved", "credit_request.posted", "credit_memo.posted"} {
				d, ok := told[kind]
				if !ok || d.Data.Case != number || d.Data.Event["total"] != "59.5" || d.Data.Event["currency"] != "EUR" {
					t.Errorf("%s: %+v", kind, d)
				}
			}
			if memo := told["credit_memo.posted"].Data.Event; memo["credit_request_id"] != float64(request.ID) || !strings.Contains(memo["number"].(string), "CM") {
				t.Errorf("%+v", memo)
			}
			for kind := range told {
				if !strings.HasPrefix(kind, "credit_request.") && kind != "credit_memo.posted" {
					t.Errorf("told of %s", kind)
				}
			}
		})
	}
}

// What people of the house write to one another, and who they are, stays there.
func TestWhatIsInternalIsNotTold(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.add("case.*", "dispute.*", "credit_request.*", "credit_memo.*", "sla.*")
	agent := h.Actor(access.Agent)
	c, into := h.Dispute("59.50"), h.open()
	on := func(id cases.ID) cases.On {
		now, err := h.Cases.CaseByID(t.Context(), h.DB, id, agent)
		h.Must(err)
		return cases.On{By: agent, ID: id, Version: now.Version}
	}
	_, err := h.Cases.SetStatus(t.Context(), cases.StatusInput{On: on(c.ID), To: cases.StatusWaiting, WaitingOn: cases.OnUpstream, Comment: inner})
	h.Must(err)
	_, err = h.Cases.SetPriority(t.Context(), cases.PriorityInput{On: on(into.ID), Priority: cases.P1, Reason: inner})
	h.Must(err)
	_, err = h.Cases.LinkCustomer(t.Context(), cases.LinkCustomerInput{On: on(into.ID), CustomerID: h.Company.Lumen.ID})
	h.Must(err)
	other := h.Dispute("11.90")
	_, err = h.Cases.Join(t.Context(), cases.JoinInput{On: on(other.ID), Into: into.ID, WithDisputes: true})
	h.Must(err)
	request := h.ask(&c, "500")
	_, err = h.Credits.Withdraw(t.Context(), credits.WithdrawInput{By: agent, ID: request.ID, Comment: inner})
	h.Must(err)
	told := h.delivered()
	for _, kind := range []string{"case.opened", "case.status_changed", "case.priority_changed", "case.merged", "case.joined", "dispute.opened", "credit_request.pending", "credit_request.withdrawn"} {
		if _, ok := told[kind]; !ok {
			t.Errorf("%s was not told", kind)
		}
	}
	if moved := told["case.merged"].Data; moved.Event["number"] != into.Number || moved.Case != other.Number {
		t.Errorf("%+v", moved)
	}
	for _, body := range h.bodies {
		for _, text := range []string{inner, agent.Name, "Monitoring", "half of April"} {
			if strings.Contains(body, text) {
				t.Errorf("%q leaves the house: %s", text, body)
			}
		}
	}
}

// Every family is one that endpoints may ask for, and nothing else of the log is told.
func TestFamiliesOfEvents(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for inner, outer := range map[string]string{
		"case.opened": "case.opened", "status.changed": "case.status_changed", "message.received": "case.message_received", "reply.sent": "case.reply_sent",
		"clock.breached": "sla.breached", "dispute.decided": "dispute.decided", "credit.posted": "credit_request.posted", "credit_step.approved": "credit_request.step_approved",
		"credit_request.rerouted": "credit_request.rerouted", "credit_memo.posted": "credit_memo.posted", "credit_memo.imported": "", "note.added": "", "hold.placed": "",
		"invoice.issued": "", "webhook.added": "", "user.changed": "",
	} {
		told, err := db.Value[string](t.Context(), h.DB, `select coalesce(webhook_kind($1), '')`, inner)
		h.Must(err)
		if told != outer {
			t.Errorf("%s is told as %q, want %q", inner, told, outer)
		}
		if family, _, _ := strings.Cut(told, "."); told != "" && !slices.Contains(webhooks.Families(), family) {
			t.Errorf("nobody can ask for %s", told)
		}
	}
}

// Who was told of credits before they had their name is told of credit requests.
func TestOlderEndpointsGoOnBeingTold(t *testing.T) {
	t.Parallel()
	h := setup(t)
	dbtest.AsOwner(t, h.DB, `insert into webhook_endpoints (url, events, secret_sealed, created_at) values
		('https://one.example', '{case.*,credit.*}', '\x00', now()), ('https://two.example', '{credit.posted}', '\x00', now()), ('https://three.example', '{sla.*}', '\x00', now())`)
	step, err := migrations.FS.ReadFile("0069_webhook_events.sql")
	h.Must(err)
	statements := strings.Split(string(step), "-- +goose StatementEnd")
	dbtest.AsOwner(t, h.DB, statements[len(statements)-1])
	got, err := db.Values[string](t.Context(), h.DB, `select version || ' ' || array_to_string(events, ' ') from webhook_endpoints order by id`)
	h.Must(err)
	if want := []string{"2 case.* credit_request.*", "2 credit_request.posted", "1 sla.*"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
