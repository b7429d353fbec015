package credits_test

import (
	"errors"
	"testing"
	"time"

	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/errs"
)

// Mara has three requests signed, all by Jonas and one of them by Katrin too; Chen has one. Last month Jonas signed one for Mara.
func TestPairs(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.posted(k.proposal(k.invoice(k.customer, "4000"), "200"), k.senior)
	k.clock.Set(k.clock.Now().AddDate(0, 0, 31))
	k.rate()
	k.posted(k.proposal(k.invoice(k.customer, "4000"), "210"), k.senior)
	k.posted(k.proposal(k.invoice(k.client, "4000"), "220"), k.senior)
	k.posted(k.proposal(k.invoice(k.partner, "40000"), "2000"), k.senior, k.lead)
	other := k.proposal(k.invoice(k.customer, "4000"), "230")
	other.By = k.second
	k.approve(k.submit(other).ID, k.senior)
	days := credits.LastDays(k.clock.Now(), 30)
	pairs, err := k.credits.Pairs(t.Context(), days, k.control)
	k.must(err)
	type row struct {
		requester, approver string
		count, before, of   int
	}
	want := []row{{"Mara Lindqvist", "Jonas Brandt", 3, 1, 3}, {"Mara Lindqvist", "Katrin Vogel", 1, 0, 3}, {"Chen Wei", "Jonas Brandt", 1, 0, 1}}
	if len(pairs) != len(want) {
		t.Fatalf("pairs %+v", pairs)
	}
	for i, p := range pairs {
		if got := (row{p.RequesterName, p.ApproverName, p.Count, p.Before, p.Of}); got != want[i] {
			t.Errorf("%d: %+v, want %+v", i, got, want[i])
		}
	}
	equal(t, "of Mara and Jonas", "2891.7", pairs[0].Amount) // (210 + 220 + 2,000) × 1.19
	equal(t, "share of Katrin", "33.3", pairs[1].Share())
	list, err := k.credits.PairRequests(t.Context(), days, k.agent.UserID, k.lead.UserID, k.control)
	k.must(err)
	if len(list) != 1 || list[0].CustomerName != "Customer C-2" {
		t.Errorf("drill-down %+v", list)
	}
	if _, err := k.credits.Pairs(t.Context(), days, k.senior); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a senior: %v", err)
	}
	if _, err := k.credits.Pairs(t.Context(), credits.Days{From: days.To, To: days.From}, k.control); errs.KindOf(err) != errs.Invalid {
		t.Errorf("backwards: %v", err)
	}
}

// An assistant's five: one approved and taken back, one approved, one lowered, one rejected, one waiting; and one of its owner's own.
func TestAssistantsShareAndSuccess(t *testing.T) {
	t.Parallel()
	k := setup(t)
	robot := k.agent
	robot.Assistant = true
	ask := func(net string) credits.ProposeInput {
		in := k.proposal(k.invoice(k.customer, "4000"), net)
		in.By = robot
		return in
	}
	small := k.submit(ask("20"))
	if small.OwnLimit || small.State != credits.Pending || !small.ByAssistant {
		t.Errorf("an assistant passes its owner's own limit: %+v", small)
	}
	back := k.posted(ask("110"), k.senior)
	if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: func() access.Actor { s := k.senior; s.Assistant = true; return s }(), ID: small.ID}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("an assistant approves: %v", err)
	}
	taking := k.submit(k.taking(back))
	k.approve(taking.ID, k.senior)
	k.work()
	k.posted(ask("120"), k.senior)
	less := k.submit(ask("130"))
	_, err := k.credits.ApproveLess(t.Context(), credits.LessInput{
		DecideInput: credits.DecideInput{By: k.senior, ID: less.ID, Comment: "Half."},
		Lines:       []credits.ProposeLine{{InvoiceLineID: k.read(less.ID).Lines[0].InvoiceLineID, Net: d("65")}},
	})
	k.must(err)
	k.approve(less.ID, k.lead)
	no := k.submit(ask("140"))
	_, err = k.credits.Reject(t.Context(), credits.DecideInput{By: k.senior, ID: no.ID, Comment: "No."})
	k.must(err)
	shares, err := k.credits.Assistants(t.Context(), credits.LastDays(k.clock.Now().Add(24*time.Hour), 7), k.control)
	k.must(err)
	if len(shares) != 1 {
		t.Fatalf("shares %+v", shares)
	}
	got := shares[0]
	if got.UserName != "Mara Lindqvist" || got.All != 6 || got.Proposed != 5 || got.AsAsked != 2 || got.Less != 1 || got.Rejected != 1 || got.Pending != 1 || got.Ended != 0 || got.Reversed != 1 {
		t.Errorf("share %+v", got)
	}
	equal(t, "stands", "220.15", got.Amount) // (120 + 65) × 1.19
	equal(t, "share", "83.3", got.Share())
	equal(t, "success", "25", got.Success()) // one of four decided
	list, err := k.credits.AssistantRequests(t.Context(), credits.LastDays(k.clock.Now(), 7), k.agent.UserID, k.control)
	k.must(err)
	if len(list) != 5 {
		t.Errorf("%d requests", len(list))
	}
	k.work()
	taking = k.submit(k.taking(less)) // what was lowered was no success, so taking it back loses none
	k.approve(taking.ID, k.senior)
	k.work()
	shares, err = k.credits.Assistants(t.Context(), credits.LastDays(k.clock.Now().Add(24*time.Hour), 7), k.control)
	k.must(err)
	if shares[0].Reversed != 2 {
		t.Errorf("share %+v", shares[0])
	}
	equal(t, "success", "25", shares[0].Success())
}
