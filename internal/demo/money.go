package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/credits"
)

// proposal is what the agent thinks the customer should get.
func (s *story) proposal(ctx context.Context) (credits.ProposeInput, error) {
	disputes, err := s.Cases.Disputes(ctx, s.DB, s.id)
	if err != nil {
		return credits.ProposeInput{}, err
	}
	cause := s.causes[causeOf(s.topic)]
	in := credits.ProposeInput{
		By: s.agent.actor, CaseID: &s.id, Kind: billing.BillingError, InvoiceID: s.invoice.ID, ReasonCode: s.topic, RootCauseID: &cause,
		Explanation: s.why(),
	}
	switch s.topic {
	case "sla_credit":
		in.Kind = billing.SLACredit
		if in.Evidence, err = s.struck(ctx); err != nil {
			return credits.ProposeInput{}, err
		}
	case "goodwill":
		in.Kind, in.ReasonCode = billing.Concession, "sla_credit"
	default:
		in.Evidence = []credits.NewEvidence{{Kind: credits.Document, Label: "Order form and price list compared"}}
	}
	for _, w := range s.lines {
		line := credits.ProposeLine{InvoiceLineID: w.line.ID, Net: w.net}
		at := slices.IndexFunc(disputes, func(d cases.DisputeLine) bool { return d.InvoiceLineID == nil || *d.InvoiceLineID == w.line.ID })
		if at >= 0 {
			line.DisputeLineID = &disputes[at].ID
		}
		in.Lines = append(in.Lines, line)
	}
	return in, nil
}

func (s *story) why() string {
	return map[string]string{
		"overcharge":                 "Billed at the list price; the renewal kept the old one. Order form compared line by line.",
		"duplicate_charge":           "The order was entered twice in order management; the second entry has been removed.",
		"charged_after_cancellation": "Cancellation confirmed by customer success on time, the flag never reached billing.",
		"not_delivered":              "Provisioning confirms that activation has not taken place.",
		"usage_wrong":                "Metering exported the same day twice. Usage recounted from the raw events.",
		"contract_terms":             "Committed volume of the frame contract was not applied to this line.",
		"discount_missing":           "Annual discount is in the signed offer, missing in the contract record.",
		"sla_credit":                 "Incident confirmed by operations; credit as by the service schedule.",
		"tax_wrong":                  "Valid tax id on file since spring, the flag was not set.",
		"unknown_charge":             "Nobody ordered the line; it belongs to another account.",
		"goodwill":                   "Several unstable days, customer of many years, renewal is due next quarter. Agreed with the account manager.",
	}[s.topic]
}

// propose submits the request and lets the approvers decide.
func (s *story) propose(ctx context.Context) error {
	in, err := s.proposal(ctx)
	if err != nil {
		return err
	}
	req, err := s.Credits.Submit(ctx, in)
	if err != nil {
		return fmt.Errorf("propose %s: %w", s, err)
	}
	if req.State == credits.Approved {
		return s.postSoon(req.ID)
	}
	s.planDecision(req.ID, s.scene.signed)
	return nil
}

func (s *story) draft(ctx context.Context) error {
	in, err := s.proposal(ctx)
	if err != nil {
		return err
	}
	if _, err := s.Credits.CreateDraft(ctx, in); err != nil {
		return fmt.Errorf("draft %s: %w", s, err)
	}
	return nil
}

// planDecision lets the open step be decided: at the pace of the desk, or for a request that is still pending until as many
// have signed as the scene says.
func (s *story) planDecision(id credits.ID, left int) {
	at := s.later(s.Clock.Now(), s.target(clock.ApprovalStep), 5+s.rng.IntN(60))
	if s.scene.plot == onApprover {
		if left == 0 {
			return
		}
		at = s.Clock.Now().Add(time.Duration(12+s.rng.IntN(12)) * time.Minute)
	}
	s.agenda.at(at, func(ctx context.Context) error { return s.sign(ctx, id, left-1) })
}

// sign lets one of the candidates decide the open step.
func (s *story) sign(ctx context.Context, id credits.ID, left int) error {
	detail, err := s.Credits.Request(ctx, s.DB, id, s.admin)
	if err != nil {
		return err
	}
	step, open := detail.Open()
	if !open || len(step.Candidates) == 0 {
		return nil
	}
	who := s.byID(step.Candidates[s.rng.IntN(len(step.Candidates))].UserID)
	in := credits.DecideInput{By: who.actor, ID: id, StepID: step.ID}
	if s.scene.plot == turnedDown {
		in.Comment = "The renewal form shows this price. Please explain it to the customer instead."
		if _, err := s.Credits.Reject(ctx, in); err != nil {
			return err
		}
		s.agenda.at(s.later(s.Clock.Now(), 2*time.Hour, 20+s.rng.IntN(80)), s.refuse)
		return nil
	}
	req, err := s.Credits.Approve(ctx, in)
	if err != nil {
		return err
	}
	if req.State == credits.Approved {
		return s.postSoon(id)
	}
	s.planDecision(id, left)
	return nil
}

// postSoon posts the memo as the job would, and makes its document.
func (s *story) postSoon(id credits.ID) error {
	s.agenda.at(s.Clock.Now().Add(2*time.Second), func(ctx context.Context) error {
		if err := s.Credits.Post(ctx, credits.PostRequest{ID: id}); err != nil {
			return err
		}
		detail, err := s.Credits.Request(ctx, s.DB, id, s.admin)
		if err != nil {
			return err
		}
		if detail.State != credits.Posted {
			return fmt.Errorf("request %s of %s is %s: %s", detail.Number, s, detail.State, detail.Failure)
		}
		s.memos = append(s.memos, credits.RenderDocument{Document: billing.DocumentRef{Kind: detail.DocumentKind, ID: *detail.DocumentID, Number: detail.DocumentNumber}, Key: fmt.Sprintf("credit_posted:%d", id)})
		return s.close(ctx)
	})
	return nil
}

// close lets the agent resolve what the posting did not.
func (s *story) close(ctx context.Context) error {
	_, c, err := s.on(ctx)
	if err != nil {
		return err
	}
	if !c.Status.Active() {
		s.leave()
		return nil
	}
	s.agenda.at(s.later(s.Clock.Now(), time.Hour, 20+s.rng.IntN(80)), func(ctx context.Context) error {
		cause := s.causes[causeOf(s.topic)]
		err := s.reply(ctx, s.any(s.voice.posted), cases.ReplyInput{Then: cases.StatusResolved, Resolution: "credited", RootCause: &cause})
		s.leave()
		return err
	})
	return nil
}
