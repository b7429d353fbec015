package credits

import (
	"context"
	"fmt"
	"slices"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits/authority"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Approve signs the open step of a request. The last signature signs the whole request off and asks for its posting in
// the same transaction. It refuses the requester, whoever took part or decided already, whoever is not or no longer a
// candidate, a step that somebody else was faster with, and, with access.ErrStepUp, whoever has to prove themselves anew.
func (s *Service) Approve(ctx context.Context, in DecideInput) (Request, error) {
	return s.decide(ctx, in, Approve)
}

// Reject ends a request at its open step and gives back what it reserved. It needs a comment; the case goes on.
func (s *Service) Reject(ctx context.Context, in DecideInput) (Request, error) {
	if trimmed(in.Comment) == "" {
		return Request{}, errs.InvalidField("comment", "credits.reject_needs_comment")
	}
	return s.decide(ctx, in, Reject)
}

// atStep is a request under lock whose open step somebody may decide.
type atStep struct {
	req    Request
	roster roster
	steps  []Step // of the present content
	open   Step
	who    authority.Candidate
}

// atStepTx locks a request and finds the step that a person may decide, with the people who are there now. What they sign
// waits for what else they sign.
func (s *Service) atStepTx(ctx context.Context, tx *db.Tx, in DecideInput, signs bool) (atStep, error) {
	var at atStep
	var err error
	if at.req, err = s.lockTx(ctx, tx, in.ID, in.By, access.Decide); err != nil {
		return at, err
	}
	if err := at.req.mayBeDecided(in); err != nil {
		return at, err
	}
	if signs {
		if err := lockPersonTx(ctx, tx, in.By.UserID); err != nil {
			return at, err
		}
	}
	if at.roster, err = s.readRoster(ctx, tx, in.ID); err != nil {
		return at, err
	}
	steps, route, err := s.rerouteTx(ctx, tx, at.roster, at.req, in.By)
	if err != nil {
		return at, err
	}
	at.steps = steps
	at.open, at.who, err = acting(at.req, steps, route, in)
	return at, err
}

func (s *Service) decide(ctx context.Context, in DecideInput, verdict Verdict) (Request, error) {
	if err := access.Proven(in.By); err != nil {
		return Request{}, err
	}
	var req Request
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		at, err := s.atStepTx(ctx, tx, in, verdict == Approve)
		if err != nil {
			return err
		}
		req = at.req
		if verdict == Approve {
			if err := s.mayBeSignedTx(ctx, tx, req); err != nil {
				return err
			}
		}
		if err := insertDecision(ctx, tx, req, at.open.decision(in, at.who, verdict)); err != nil {
			return err
		}
		if verdict == Reject {
			return s.rejectTx(ctx, tx, &req, at.steps, at.open, in)
		}
		return s.approveTx(ctx, tx, at.roster, &req, at.open, in)
	})
	return req, err
}

// mayBeSignedTx refuses what is not what was submitted, and a rebill whose chain was drawn by what it gives back while it bills more, as all
// were before the bill counted.
func (s *Service) mayBeSignedTx(ctx context.Context, tx *db.Tx, req Request) error {
	if c := req.Content; c != nil && c.BillsMore() {
		billed := c.SumOf(c.BilledTotal())
		if req.AuthorityAmount.LessThan(billed.Convert(req.AuthorityRate, billing.AuthorityCurrency).Decimal()) {
			return errs.New(ErrBillNotCounted.Kind, ErrBillNotCounted.Key, "number", req.Number, "billed", billed.String(), "counted", req.AuthorityTotal().String())
		}
	}
	return s.sealedTx(ctx, tx, req)
}

// mayBeDecided refuses what has nothing to do with who is a candidate.
func (r Request) mayBeDecided(in DecideInput) error {
	switch {
	case in.By.UserID == r.RequesterID:
		return authority.ErrOwnRequest
	case r.State != Pending:
		return errs.New(ErrAlreadyDecided.Kind, ErrAlreadyDecided.Key, "number", r.Number, "state", string(r.State))
	case !r.read(in.Digest), in.ContentVersion != 0 && in.ContentVersion != r.ContentVersion:
		return errs.New(ErrChanged.Kind, ErrChanged.Key, "number", r.Number)
	}
	return in.tooMuch(r)
}

// acting finds the open step and in whose right the person decides it, with the people who are there now.
func acting(req Request, steps []Step, r route, in DecideInput) (Step, authority.Candidate, error) {
	taken := errs.New(ErrAlreadyDecided.Kind, ErrAlreadyDecided.Key, "number", req.Number, "state", string(req.State))
	at := openFor(steps, in)
	if at < 0 {
		return Step{}, authority.Candidate{}, ErrNobodyDecides
	}
	open := steps[at]
	if in.StepID != 0 && in.StepID != open.ID {
		return Step{}, authority.Candidate{}, taken
	}
	known := slices.IndexFunc(r.stored, func(s Step) bool { return s.ID == open.ID })
	if known < 0 {
		return Step{}, authority.Candidate{}, ErrNobodyDecides
	}
	if signed(steps, in.By.UserID) {
		return Step{}, authority.Candidate{}, errs.New(errs.Conflict, authority.ErrAlreadyDecided.Key)
	}
	who, err := authority.Acting(r.steps[known], in.By.UserID, decidedBy(steps), r.asked)
	if err != nil && wasCandidate(steps, in.By.UserID) && !open.names(in.By.UserID) {
		return Step{}, authority.Candidate{}, errs.Wrap(err, taken.Kind, taken.Key, "number", req.Number, "state", string(req.State))
	}
	return open, who, err
}

// wasCandidate tells whether a person could have signed a step that is signed by now: then they were only too late.
func wasCandidate(steps []Step, user int64) bool {
	return slices.ContainsFunc(steps, func(s Step) bool { return s.State == StepApproved && s.names(user) })
}

func signed(steps []Step, user int64) bool {
	return slices.ContainsFunc(steps, func(s Step) bool {
		return slices.ContainsFunc(s.Decisions, func(d Decision) bool { return d.UserID == user })
	})
}

func (s Step) names(user int64) bool {
	return slices.ContainsFunc(s.Candidates, func(c Candidate) bool { return c.UserID == user })
}

// decision is what a person says to a step, and in whose right.
func (s Step) decision(in DecideInput, who authority.Candidate, verdict Verdict) Decision {
	d := Decision{StepID: s.ID, UserID: in.By.UserID, Decision: verdict, Comment: trimmed(in.Comment)}
	if who.OnBehalfOf != 0 {
		d.OnBehalfOf = &who.OnBehalfOf
	}
	return d
}

func insertDecision(ctx context.Context, tx *db.Tx, req Request, d Decision) error {
	if _, err := tx.Exec(ctx, `insert into credit_decisions (credit_request_id, content_version, step_id, user_id, on_behalf_of, decision, comment,
			digest, decided_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		req.ID, req.ContentVersion, d.StepID, d.UserID, d.OnBehalfOf, d.Decision, d.Comment, req.Sealed(), tx.Now()); err != nil {
		return fmt.Errorf("record decision: %w", err)
	}
	return nil
}

// approveTx carries a signature out: the step, the next step, or the end of the chain.
func (s *Service) approveTx(ctx context.Context, tx *db.Tx, ro roster, req *Request, open Step, in DecideInput) error {
	done := len(open.Decisions)+1 >= open.Needed
	if done {
		if err := s.endStepTx(ctx, tx, *req, open, StepApproved, in.By); err != nil {
			return err
		}
	}
	tx.Publish(req.topics()...)
	event := audit.Event{Stream: req.stream(), By: in.By, What: "credit_step.approved", Data: map[string]any{
		"request": req.ID, "number": req.Number, "step": open.ID, "level": open.LevelName, "position": open.Position, "signatures": len(open.Decisions) + 1,
	}}
	if err := audit.RecordTx(ctx, tx, event); err != nil {
		return err
	}
	// Whoever signed is used up, which may leave the steps to come with fewer candidates.
	steps, _, err := s.rerouteTx(ctx, tx, ro, *req, in.By)
	if err != nil || !done {
		return err
	}
	if slices.ContainsFunc(steps, Step.undecided) {
		return s.openNextTx(ctx, tx, *req, steps, in.By)
	}
	if err := s.signedAtNightTx(ctx, tx, ro, *req, in.By); err != nil {
		return err
	}
	return s.approvedTx(ctx, tx, req, deciders(steps), in.By)
}

func deciders(steps []Step) []int64 {
	var list []int64
	for _, step := range steps {
		for _, d := range step.Decisions {
			list = append(list, d.UserID)
		}
	}
	return list
}

func (s *Service) endStepTx(ctx context.Context, tx *db.Tx, req Request, step Step, state StepState, by access.Actor) error {
	if err := setStep(ctx, tx, step.ID, state); err != nil {
		return err
	}
	if req.CaseID == nil {
		return nil
	}
	return s.cases.StepDecidedTx(ctx, tx, *req.CaseID, int64(step.ID), by)
}

func (s *Service) rejectTx(ctx context.Context, tx *db.Tx, req *Request, steps []Step, open Step, in DecideInput) error {
	if err := s.endStepTx(ctx, tx, *req, open, StepRejected, in.By); err != nil {
		return err
	}
	rest := slices.DeleteFunc(slices.Clone(steps), func(step Step) bool { return step.ID == open.ID })
	if err := s.voidTx(ctx, tx, *req, rest, in.By); err != nil {
		return err
	}
	if err := s.endTx(ctx, tx, req, Rejected); err != nil {
		return err
	}
	if err := s.tellTx(ctx, tx, *req, "notice.credit_rejected", req.RequesterID); err != nil {
		return err
	}
	return s.markTx(ctx, tx, *req, cases.CreditRejected, in.By, map[string]any{"step": open.ID, "level": open.LevelName})
}

// endTx gives back what a request reserved and ends it.
func (s *Service) endTx(ctx context.Context, tx *db.Tx, req *Request, state State) error {
	if err := s.billing.ReleaseIncidentCreditsTx(ctx, tx, int64(req.ID)); err != nil {
		return err
	}
	if err := s.billing.ReleaseReservationTx(ctx, tx, int64(req.ID)); err != nil {
		return err
	}
	now := tx.Now()
	req.State, req.EndedAt = state, &now
	return moveRequest(ctx, tx, req)
}
