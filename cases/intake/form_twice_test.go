package intake_test

import (
	"log/slog"
	"regexp"
	"testing"

	"makegood/billing"
	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/db"
)

// TestAFormSentTwice: either of its two links proves it, whether the second delivery was handled before or not.
func TestAFormSentTwice(t *testing.T) {
	t.Parallel()
	for name, handled := range map[string]bool{"handled before": true, "not handled yet": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := setup(t)
			d.intake = intake.New(d.db, d.inbox, d.cases, d.billing, slog.New(slog.DiscardHandler), intake.Options{PublicURL: "https://money.nordlicht.example"})
			entity, err := d.billing.EntityByID(t.Context(), d.db, value[billing.EntityID](t, d.db, `select id from legal_entities`))
			d.must(err)
			form := intake.WebMessage{Entity: entity, Name: "Anna", Address: anna, Text: "When is it due?", Language: "en", Origin: "192.0.2.1", Form: "f1"}
			d.must(d.intake.ReceiveWeb(t.Context(), form))
			d.must(d.intake.ReceiveWeb(t.Context(), form))
			ids, err := db.Values[inbox.InboundID](t.Context(), d.db, `select inbound_message_id from web_messages order by 1`)
			d.must(err)
			letters, err := db.Values[string](t.Context(), d.db, `select text_body from outgoing_messages order by id`)
			d.must(err)
			link := regexp.MustCompile(`proof\?t=([A-Z2-7]+)`).FindStringSubmatch(letters[1])
			d.want(d.handle(ids[0]), inbox.Held, intake.ReasonUnproven)
			if handled && d.handle(ids[1]).Fate != inbox.Duplicate {
				t.Error("the form sent again is another message")
			}
			proven, err := d.intake.Prove(t.Context(), link[1])
			d.must(err)
			first := d.handle(ids[0])
			d.want(first, inbox.NewCase, intake.ReasonOpened)
			if d.message(ids[1]).Fate != inbox.Duplicate || d.count(`cases`) != 1 {
				t.Error("one form became two cases")
			}
			if handled && proven.Case != d.caseOf(first).Number {
				t.Errorf("they are told of case %q", proven.Case)
			}
		})
	}
}
