package credits_test

import (
	"errors"
	"testing"
	"time"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/credits"
)

// The same outage is credited once: whoever proposes it a second time is refused, until the first request is withdrawn.
func TestAnIncidentIsCreditedOnce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	since := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := k.billing.CreateContract(t.Context(), billing.NewContract{
		By: k.control, EntityID: k.entity, CustomerID: k.customer, Number: "K-7",
		Terms: commitment.Terms{
			Currency: "EUR", Zone: "Europe/Berlin", From: since, Combination: commitment.Cumulative, FeeBase: commitment.FeeProRata, ClaimDays: 60, ClaimFrom: commitment.FromMonthEnd,
		},
		Services: []commitment.Service{{
			Name: "Rack 4", Product: "compute", Fees: []commitment.Fee{{From: since, Amount: d("20000")}},
			Commitments: []commitment.Commitment{{
				Ref: "4.1", Metric: commitment.Availability, Target: d("99.9"), Digits: 3, Formula: commitment.TierPercent,
				Tiers: []commitment.Tier{{Below: d("99.9"), Percent: d("5")}},
			}},
		}},
	})
	k.must(err)
	c, err := k.billing.ContractByNumber(t.Context(), k.db, "K-7")
	k.must(err)
	service, err := c.Service("Rack 4")
	k.must(err)
	_, err = k.billing.RecordIncident(t.Context(), billing.NewIncident{
		By: k.control, EntityID: k.entity, Source: "monitor", Reference: "out-1", Title: "Power lost", Kind: commitment.Outage,
		From: time.Date(2026, 4, 10, 8, 0, 0, 0, time.UTC), Until: time.Date(2026, 4, 10, 10, 0, 0, 0, time.UTC), Services: []billing.ContractServiceID{service.ID},
	})
	k.must(err)
	sheet, err := k.billing.ComputeServiceCredit(t.Context(), billing.ComputeInput{By: k.control, Contract: "K-7", Service: "Rack 4", Month: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)})
	k.must(err)
	equal(t, "two hours in April", "1000", sheet.Amount)
	in := k.proposal(k.invoice(k.customer, "2000"), "1000")
	id := int64(sheet.ID)
	in.Kind = billing.SLACredit
	in.Evidence = []credits.NewEvidence{{Kind: credits.Calculation, Label: "Sheet for April", SheetID: &id, SHA256: make([]byte, 32)}}
	if _, err := k.credits.Submit(t.Context(), in); problem(err) != "evidence.0.sha256 credits.evidence.other_sheet" {
		t.Errorf("with another sheet's hash: %v", err)
	}
	in.Evidence[0].SHA256 = sheet.SHA256
	first := k.submit(in)
	again := in
	other := k.proposal(k.invoice(k.customer, "2000"), "1000")
	again.InvoiceID, again.Lines = other.InvoiceID, other.Lines
	if _, err := k.credits.Submit(t.Context(), again); !errors.Is(err, billing.ErrIncidentCredited) && !errors.Is(err, billing.ErrSheetStale) {
		t.Errorf("a second time: %v", err)
	}
	_, err = k.credits.Withdraw(t.Context(), credits.WithdrawInput{By: k.agent, ID: first.ID, Comment: "wrong invoice"})
	k.must(err)
	k.submit(again)
	k.sound()
}
