package reconciling

import (
	"context"
	"fmt"
	"strings"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ExplainInput says why a finding is no fault.
type ExplainInput struct {
	By      access.Actor
	Run     ID
	Finding FindingID
	Reason  string
}

// Explain notes why a finding needs nothing done. One that is explained with the same words stays as it is; one that is
// explained otherwise, or that a case was asked for, is refused with ErrResolved.
func (s *Service) Explain(ctx context.Context, in ExplainInput) (Finding, error) {
	reason := strings.TrimSpace(in.Reason)
	if reason == "" {
		return Finding{}, errs.InvalidField("reason", "error.required")
	}
	return s.resolve(ctx, in.By, in.Run, in.Finding, func(tx *db.Tx, f Finding) error {
		switch {
		case f.Resolution == Explained && f.Note == reason:
			return nil
		case f.settled():
			return ErrResolved
		}
		return s.step(ctx, tx, f, step{step: "explained", reason: reason, by: in.By}, "reconciliation.explained")
	})
}

// AskCase asks for a case about a finding: a job opens it (DifferenceFound). Asked twice it is one case; a finding that was
// explained is refused with ErrResolved.
func (s *Service) AskCase(ctx context.Context, by access.Actor, run ID, id FindingID) (Finding, error) {
	return s.resolve(ctx, by, run, id, func(tx *db.Tx, f Finding) error {
		switch {
		case f.Resolution == CaseAsked || f.Resolution == InCase:
			return nil
		case f.settled():
			return ErrResolved
		}
		if err := s.step(ctx, tx, f, step{step: "case_asked", by: by}, "reconciliation.case_asked"); err != nil {
			return err
		}
		return tx.Enqueue(ctx, DifferenceFound{Finding: f.ID})
	})
}

func (f Finding) settled() bool { return f.Resolution != Open && f.Resolution != Timing }

// resolve runs a decision about a finding of a run, one at a time for each finding.
func (s *Service) resolve(ctx context.Context, by access.Actor, run ID, id FindingID, decide func(*db.Tx, Finding) error) (Finding, error) {
	if err := access.Can(by, access.Reconcile, access.Object{}); err != nil {
		return Finding{}, err
	}
	var f Finding
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		if f, err = s.LockFindingTx(ctx, tx, id); err != nil {
			return err
		}
		if err := access.Can(by, access.Reconcile, access.Object{EntityID: int64(f.EntityID)}); err != nil {
			return err
		}
		if f.ReconciliationID != run {
			return ErrNoFinding
		}
		if err := decide(tx, f); err != nil {
			return err
		}
		f, err = s.FindingTx(ctx, tx, id)
		return err
	})
	return f, err
}

// LockFindingTx keeps a finding from being decided by anybody else until the transaction ends, and reads it. Findings are
// never changed, so it is their name that is locked and not their row.
func (s *Service) LockFindingTx(ctx context.Context, tx *db.Tx, id FindingID) (Finding, error) {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('reconciliation finding ' || $1::bigint, 0))`, id); err != nil {
		return Finding{}, fmt.Errorf("lock finding: %w", err)
	}
	return s.FindingTx(ctx, tx, id)
}

// AskedBy is who asked for the case of a finding.
func (s *Service) AskedBy(ctx context.Context, r db.Reader, id FindingID) (access.Actor, error) {
	type who struct {
		ByID   int64
		ByName string
	}
	w, err := db.One[who](ctx, r, `select by_id, by_name from reconciliation_resolutions where finding_id = $1 and step = 'case_asked'`, id)
	if err != nil {
		return access.Actor{}, fmt.Errorf("read who asked: %w", err)
	}
	if w.ByID == 0 {
		return access.SystemActor(w.ByName), nil
	}
	return access.Actor{Kind: access.Person, UserID: w.ByID, Name: w.ByName}, nil
}

// CaseOpenedTx notes the case that was opened about a finding, in the transaction that opens it.
func (s *Service) CaseOpenedTx(ctx context.Context, tx *db.Tx, f Finding, caseID int64, number string, by access.Actor) error {
	return s.step(ctx, tx, f, step{step: "case_opened", caseID: &caseID, number: number, by: by}, "reconciliation.case_opened")
}

// step is a decision about a finding.
type step struct {
	step   string
	reason string
	caseID *int64
	number string
	by     access.Actor
}

func (s *Service) step(ctx context.Context, tx *db.Tx, f Finding, d step, event string) error {
	_, err := tx.Exec(ctx, `insert into reconciliation_resolutions (finding_id, step, reason, case_id, case_number, by_id, by_name, at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`, f.ID, d.step, d.reason, d.caseID, d.number, d.by.UserID, d.by.Name, tx.Now())
	if err != nil {
		return fmt.Errorf("keep decision: %w", err)
	}
	tx.Publish(f.ReconciliationID.Topic())
	data := map[string]any{"reconciliation": f.ReconciliationID, "finding": f.ID, "class": f.Class, "number": f.Number}
	if d.reason != "" {
		data["reason"] = d.reason
	}
	if d.number != "" {
		data["case"] = d.number
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(f.EntityID)), By: d.by, What: event, Data: data})
}
