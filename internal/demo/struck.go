package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/credits"
)

// struck is the evidence of a service credit: the outage that took what the customer contests below what its contract promises, and
// the sheet that is computed of both. The same case has it once.
func (s *story) struck(ctx context.Context) ([]credits.NewEvidence, error) {
	owed := decimal.Zero
	for _, w := range s.lines {
		owed = owed.Add(w.net)
	}
	number := "SC-" + s.invoice.Number + "-" + fmt.Sprint(s.id)
	service := commitment.Service{
		Name: "Contested services", Product: "SLA", Fees: []commitment.Fee{{From: billing.Date(s.founded()), Amount: owed}},
		Commitments: []commitment.Commitment{{
			Ref: "Service schedule, 4", Metric: commitment.Availability, Target: figure("99.95"), Digits: 3, Formula: commitment.TierPercent,
			Tiers: []commitment.Tier{{Below: figure("99.95"), Percent: figure("100")}},
		}},
	}
	if _, err := s.Billing.CreateContract(ctx, billing.NewContract{
		By: s.controllerOf(s.customer.code), EntityID: s.invoice.EntityID, CustomerID: s.invoice.CustomerID, Number: number, Services: []commitment.Service{service},
		Terms: commitment.Terms{
			Currency: s.invoice.Currency, Zone: "UTC", From: billing.Date(s.founded()), Combination: commitment.Cumulative, FeeBase: commitment.FeeProRata,
			ClaimFrom: commitment.FromMonthEnd,
		},
	}); err != nil {
		return nil, fmt.Errorf("enter contract %s: %w", number, err)
	}
	made, err := s.Billing.ContractByNumber(ctx, s.DB, number)
	if err != nil {
		return nil, err
	}
	began := s.invoice.IssuedOn.AddDate(0, 0, 1-s.invoice.IssuedOn.Day()).Add(-40 * time.Hour) // of the month that was over by then
	incident := "INC of " + s.invoice.Number
	if _, err := s.Billing.RecordIncident(ctx, billing.NewIncident{
		By: s.agentOf(s.customer.code), EntityID: s.invoice.EntityID, Source: "operations", Reference: number, Title: incident, Kind: commitment.Outage,
		From: began, Until: began.Add(5 * time.Hour), Services: []billing.ContractServiceID{made.Services[0].ID},
	}); err != nil {
		return nil, fmt.Errorf("record outage of %s: %w", number, err)
	}
	sheet, err := s.Billing.ComputeServiceCredit(ctx, billing.ComputeInput{By: s.agentOf(s.customer.code), Contract: number, Service: service.Name, Month: began})
	if err != nil {
		return nil, fmt.Errorf("compute credit of %s: %w", number, err)
	}
	id := int64(sheet.ID)
	return []credits.NewEvidence{
		{Kind: credits.Calculation, Label: "Availability against 99.95 % committed, " + began.Format("January 2006"), SheetID: &id, SHA256: sheet.SHA256},
		{Kind: credits.Ticket, Label: "Incident " + s.invoice.Number + " of operations"},
	}, nil
}
