package intake_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/cases"
	"makegood/cases/intake"
	"makegood/inbox"
)

// TestPast: mail that is brought in from the past is shown in its cases at its own time, and sets nothing going.
func TestPast(t *testing.T) {
	t.Parallel()
	d := setup(t)
	past := func(p post, date string) inbox.Inbound {
		t.Helper()
		m, err := d.intake.IngestPast(t.Context(), p.rawOn(date))
		d.must(err)
		return m
	}
	asked := past(post{
		from: anna, subject: "Rechnung " + d.astersInvoice.Number, id: "1@aster.example",
		text: "Guten Tag,\r\n\r\ndie Position ist doppelt berechnet, bitte schreiben Sie uns 119,00 EUR gut.",
	}, "Tue, 3 Mar 2026 10:00:00 +0100")
	d.want(asked, inbox.NewCase, intake.ReasonOpened)
	c := d.caseOf(asked)
	when := time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)
	if c.Status != cases.StatusClosed || !c.OpenedAt.Equal(when) || c.ClosedAt == nil || !c.ClosedAt.Equal(when) || c.UnansweredSince != nil || c.PolicyID != nil {
		t.Errorf("opened %+v", c)
	}
	if n := d.count(`case_clocks`) + d.count(`dispute_lines`) + d.count(`holds`) + d.count(`outgoing_messages`); n != 0 || !c.Disputed.Equal(decimal.Zero) {
		t.Errorf("the past set %d things going", n)
	}
	if d.count(`case_invoices where case_id = $1`, c.ID) != 1 {
		t.Error("its invoice is not linked")
	}

	answer := past(post{from: ours, to: anna, subject: "Re: Rechnung", id: "2@nordlicht.example", text: "We have credited it.", headers: []string{"In-Reply-To: <1@aster.example>"}}, "Wed, 4 Mar 2026 10:00:00 +0100")
	d.want(answer, inbox.Attached, intake.ReasonOurAnswer)
	thanks := past(post{from: anna, subject: "Re: Rechnung", id: "3@aster.example", text: "Thank you.", headers: []string{"In-Reply-To: <2@nordlicht.example>"}}, "Thu, 5 Mar 2026 10:00:00 +0100")
	d.want(thanks, inbox.Attached, intake.ReasonJoined)
	for name, m := range map[string]inbox.Inbound{
		"to others": past(post{from: ours, to: "bank@elsewhere.example", subject: "Fwd: Rechnung", id: "4@nordlicht.example", text: "What do you say?", headers: []string{"In-Reply-To: <1@aster.example>"}}, "Wed, 4 Mar 2026 09:00:00 +0100"),
		"that came": past(post{from: ours, to: anna, subject: "Re: Rechnung", id: "5@nordlicht.example", text: "We owe you 1,000,000.", headers: []string{"In-Reply-To: <1@aster.example>", "Return-Path: <" + mallory + ">"}}, "Wed, 4 Mar 2026 09:00:00 +0100"),
		"of nobody": past(post{from: ours, to: anna, subject: "News", id: "6@nordlicht.example", text: "News."}, "Wed, 4 Mar 2026 09:00:00 +0100"),
	} {
		if d.want(m, inbox.Ignored, intake.ReasonOwnMail); m.CaseID != nil {
			t.Errorf("mail of ours %s is with case %d", name, *m.CaseID)
		}
	}
	again := past(post{from: ours, to: anna, subject: "Re: Rechnung", id: "2@nordlicht.example", text: "We have credited it.", headers: []string{"In-Reply-To: <1@aster.example>"}}, "Wed, 4 Mar 2026 10:00:00 +0100")
	d.want(again, inbox.Duplicate, intake.ReasonSameBytes)

	messages, err := d.cases.Messages(t.Context(), d.db, c.ID)
	d.must(err)
	var kinds []cases.MessageKind
	for n, m := range messages {
		kinds = append(kinds, m.Kind)
		if !m.At.Equal(when.AddDate(0, 0, n)) {
			t.Errorf("message %d is of %s", n, m.At)
		}
	}
	if len(kinds) != 3 || kinds[0] != cases.Inbound || kinds[1] != cases.PublicReply || kinds[2] != cases.Inbound {
		t.Errorf("the conversation is %v", kinds)
	}
	if now := d.caseOf(asked); now.Status != cases.StatusClosed || now.Version != c.Version {
		t.Errorf("the case moved: %+v", now)
	}
	faults, err := d.cases.Verify(t.Context())
	d.must(err)
	if len(faults) != 0 {
		t.Errorf("verify finds %v", faults)
	}

	live := d.deliver(post{from: anna, subject: "Re: Rechnung", id: "7@aster.example", text: "It is wrong again.", headers: []string{"In-Reply-To: <2@nordlicht.example>"}})
	d.want(live, inbox.NewCase, intake.ReasonFollows)
	if next := d.caseOf(live); next.Status != cases.StatusNew || next.FollowsID == nil || *next.FollowsID != c.ID {
		t.Errorf("what comes today opened %+v", next)
	}
	late := past(post{from: anna, subject: "Later", id: "8@aster.example", text: "A mail of tomorrow."}, "Tue, 3 Mar 2027 10:00:00 +0100")
	if c := d.caseOf(late); c.OpenedAt.After(d.clock.Now()) {
		t.Errorf("opened in the future, at %s", c.OpenedAt)
	}
}
