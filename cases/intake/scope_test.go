package intake_test

import (
	"errors"
	"testing"

	"makegood/cases/intake"
	"makegood/cases/sorting/rules"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
)

// TestScope: people of one legal entity see nothing of another's mail: not in lists, not in counts, not one by one.
func TestScope(t *testing.T) {
	t.Parallel()
	d := setup(t)
	opened := d.deliver(post{from: anna, subject: "Question", id: "1@aster.example", text: "When is it due?"})
	held := d.deliver(post{from: mallory, subject: "Re: Question", id: "2@evil.example", text: "And?", headers: []string{"In-Reply-To: " + d.acknowledgements(d.caseOf(opened))[0]}})
	machine := d.deliver(post{from: "robot@shop.example", subject: "Order", id: "3@shop.example", text: "Shipped.", headers: []string{"Auto-Submitted: auto-generated"}})
	nobodys, err := d.intake.Ingest(t.Context(), post{from: "robot@shop.example", subject: "Order 2", id: "4@shop.example", text: "Shipped.", headers: []string{"Auto-Submitted: auto-generated"}}.raw(), inbox.SourceFile)
	d.must(err)
	d.do(func(tx *db.Tx) error {
		for key, from := range map[string]string{"code": ours, "of nobody": "else@nordlicht.example"} {
			if _, err := d.inbox.QueueTx(t.Context(), tx, inbox.Outgoing{Key: key, Kind: "code", FromAddress: from, ToAddress: anna, Subject: "Code"}); err != nil {
				return err
			}
		}
		return nil
	})
	here := agent()
	here.EntityIDs = []int64{value[int64](t, d.db, `select id from legal_entities`)}
	elsewhere := agent()
	elsewhere.EntityIDs = []int64{here.EntityIDs[0] + 1}

	for _, c := range []struct {
		by            access.Actor
		in, out, held int
	}{{agent(), 4, 3, 1}, {here, 4, 3, 1}, {elsewhere, 1, 1, 0}} {
		in, err := d.inbox.Messages(t.Context(), inbox.Filter{Scope: inbox.Scope(c.by)})
		d.must(err)
		out, err := d.inbox.Outgoing(t.Context(), inbox.OutgoingFilter{Scope: inbox.Scope(c.by)})
		d.must(err)
		counts, err := d.inbox.FateCounts(t.Context(), inbox.Scope(c.by))
		d.must(err)
		health, err := d.inbox.OutgoingHealth(t.Context(), inbox.Scope(c.by))
		d.must(err)
		if len(in) != c.in || len(out) != c.out || counts[inbox.Held] != c.held || health.Queued != c.out {
			t.Errorf("entities %v see %d messages, %d of ours, counts %v, %d queued", c.by.EntityIDs, len(in), len(out), counts, health.Queued)
		}
	}
	d.addRule(rules.Rule{Name: "All", When: subject(rules.Contains, "o"), Then: rules.Result{Tags: []string{"all"}}})
	for _, c := range []struct {
		by    access.Actor
		tried int
	}{{agent(), 4}, {here, 4}, {elsewhere, 1}} {
		trial, err := d.sorts().Try(t.Context(), c.by, rules.Rule{Name: "Any", When: subject(rules.Contains, "o"), Then: rules.Result{Tags: []string{"any"}}})
		d.must(err)
		tried, counts, err := d.sorts().Counts(t.Context(), c.by)
		d.must(err)
		if trial.Tried != c.tried || len(trial.Matches) != c.tried || tried != c.tried || len(counts) != 1 {
			t.Errorf("entities %v try a rule on %d messages, are shown %d, count %d: %v", c.by.EntityIDs, trial.Tried, len(trial.Matches), tried, counts)
		}
	}
	for name, m := range map[string]inbox.Inbound{"of a case": opened, "held for a case": held, "of a mailbox": machine} {
		if _, err := d.inbox.Readable(t.Context(), d.db, m.ID, elsewhere); !errors.Is(err, inbox.ErrNoMessage) {
			t.Errorf("a message %s is read elsewhere: %v", name, err)
		}
		if _, err := d.inbox.Readable(t.Context(), d.db, m.ID, here); err != nil {
			t.Errorf("a message %s: %v", name, err)
		}
	}
	if _, err := d.inbox.Readable(t.Context(), d.db, nobodys.ID, elsewhere); err != nil {
		t.Errorf("nobody's message: %v", err)
	}
	if err := d.intake.Discard(t.Context(), intake.DiscardInput{By: elsewhere, ID: held.ID, Reason: "Not ours"}); !errors.Is(err, inbox.ErrNoMessage) {
		t.Errorf("decided elsewhere: %v", err)
	}
	if d.message(held.ID).Fate != inbox.Held {
		t.Error("it was decided all the same")
	}
}
