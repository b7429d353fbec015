package credits

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
)

// Submit sends a proposal to its approvers: it freezes and hashes the content, reserves it in the books, draws the
// chain and opens its first step, all or nothing. Within the requester's own limit it is approved at once. The same
// idempotency key with the same content gives the same request; with other content it is refused. It refuses, field by
// field, what billing or the evidence rules refuse, and a request that nobody could decide.
//
// It locks the case, the invoices and other open items, the customers' families and the requester, so requests of one family
// or one person see one another and cannot pass a limit side by side.
func (s *Service) Submit(ctx context.Context, in ProposeInput) (Request, error) {
	return s.propose(ctx, in, Pending)
}

// CreateDraft keeps a proposal without submitting it. It reserves nothing, and its figures are worked out anew when it
// is submitted.
func (s *Service) CreateDraft(ctx context.Context, in ProposeInput) (Request, error) {
	return s.propose(ctx, in, Draft)
}

func (s *Service) propose(ctx context.Context, in ProposeInput, state State) (Request, error) {
	if err := access.Can(in.By, access.Propose, access.Object{}); err != nil {
		return Request{}, err
	}
	if in.By.UserID == 0 {
		return Request{}, access.ErrSignIn // a request has a requester who answers for it
	}
	in.Explanation, in.CustomerNote = trimmed(in.Explanation), trimmed(in.CustomerNote)
	if err := in.check(); err != nil {
		return Request{}, err
	}
	var req Request
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		p, err := s.start(ctx, tx, in)
		if err != nil {
			return err
		}
		if p.in.CaseID != nil {
			if _, err := s.cases.LockTx(ctx, tx, *p.in.CaseID); err != nil {
				return err
			}
		}
		if err := s.lockBooksTx(ctx, tx, &p); err != nil {
			return err
		}
		known, err := before(ctx, tx, in, state)
		if err != nil {
			return err
		}
		if known != nil {
			req = *known
			return nil
		}
		fresh, err := p.newRequest(ctx, tx)
		if err != nil {
			return err
		}
		req, err = s.placeTx(ctx, tx, p, fresh, state)
		return err
	})
	return req, err
}

// lockBooksTx locks what the proposal is on, then the families and who asks, and begins it.
func (s *Service) lockBooksTx(ctx context.Context, tx *db.Tx, p *proposal) error {
	if err := s.billing.LockAdjustmentTx(ctx, tx, p.in.adjustment()); err != nil {
		return err
	}
	if err := s.begin(ctx, tx, p); err != nil {
		return err
	}
	if err := lockFamiliesTx(ctx, tx, p.concerned.Families()); err != nil {
		return err
	}
	return lockPersonTx(ctx, tx, p.requester())
}

// before finds the request that came with the same idempotency key. It refuses one of other content, and a draft where
// a submission is asked for.
func before(ctx context.Context, tx *db.Tx, in ProposeInput, state State) (*Request, error) {
	if in.IdempotencyKey == "" {
		return nil, nil //nolint:nilnil // without a key nothing came before
	}
	req, err := oneRequest(ctx, tx, `where idempotency_key = $1`, in.IdempotencyKey)
	if errors.Is(err, ErrNoRequest) {
		return nil, nil //nolint:nilnil // the key is new
	}
	if err != nil {
		return nil, err
	}
	first := req.Proposal
	if req.ContentVersion > 1 { // it was changed since
		if first, err = db.Value[*ProposeInput](ctx, tx, `select proposal from credit_request_versions where credit_request_id = $1 and content_version = 1`, req.ID); err != nil {
			return nil, fmt.Errorf("read first version: %w", err)
		}
	}
	same, err := in.same(first)
	if err != nil {
		return nil, err
	}
	if !same || req.RequesterID != in.By.UserID || req.State == Draft && state != Draft {
		return nil, ErrKeyUsed
	}
	return &req, nil
}

// same tells whether a stored proposal says what the input does.
func (in ProposeInput) same(as *ProposeInput) (bool, error) {
	if as == nil {
		return false, nil
	}
	stored, err := json.Marshal(as)
	if err != nil {
		return false, fmt.Errorf("write proposal: %w", err)
	}
	asked, err := json.Marshal(in)
	if err != nil {
		return false, fmt.Errorf("write proposal: %w", err)
	}
	return bytes.Equal(stored, asked), nil
}

func same[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// newRequest is the row of a proposal nobody has seen yet.
func (p *proposal) newRequest(ctx context.Context, tx *db.Tx) (Request, error) {
	id, err := nextID(ctx, tx)
	req := Request{
		ID: id, CaseID: p.in.CaseID, Kind: p.in.Kind, ReasonCode: p.in.ReasonCode, RootCauseID: p.in.RootCauseID,
		Explanation: p.in.Explanation, CustomerNote: p.in.CustomerNote, RequesterID: p.in.By.UserID, CreatedAt: tx.Now(), Proposal: &p.asked,
		ContentVersion: 1, ByAssistant: p.in.By.Assistant,
	}
	if p.in.IdempotencyKey != "" {
		req.IdempotencyKey = &p.in.IdempotencyKey
	}
	return req, err
}

// placeTx works a proposal out under its locks and stores it as a draft or submits it.
func (s *Service) placeTx(ctx context.Context, tx *db.Tx, p proposal, req Request, state State) (Request, error) {
	stored := req.Version > 0
	if err := s.work(ctx, tx, &p, req.ID); err != nil {
		return Request{}, err
	}
	if state != Draft {
		if err := p.refuse(); err != nil {
			return Request{}, err
		}
		if err := p.refuseTaken(ctx, tx, req.ID); err != nil {
			return Request{}, err
		}
	}
	a := p.adjustment
	req.CustomerID, req.FamilyID, req.EntityID, req.InvoiceID = a.CustomerID, p.family(), a.EntityID, p.invoice().ID
	req.Currency, req.AuthorityKind = a.Currency, p.authorityKind()
	req.Net, req.Tax, req.Rounding, req.Total, req.Content = a.Net, a.Tax, a.Rounding, a.Total, &a
	req.AuthorityAmount, req.AuthorityRate, req.WindowAmount = p.amount, p.rate, p.window.Counted()
	req.State, req.Warnings = state, p.warnings
	if state != Draft {
		now := tx.Now()
		ends := now.Add(p.deadlines().ExpireAfter())
		req.SubmittedAt, req.ExpiresAt, req.Digest = &now, &ends, a.Digest(int64(req.ID))
	}
	req, err := saveRequest(ctx, tx, req, p.parts(req.ID))
	if err != nil {
		return Request{}, err
	}
	if err := insertEvidence(ctx, tx, req.ID, p.newEvidence(stored), p.in.By); err != nil {
		return Request{}, err
	}
	if state == Draft {
		return req, s.draftedTx(ctx, tx, req, p.in.By)
	}
	if err := s.sealTx(ctx, tx, &req); err != nil {
		return Request{}, err
	}
	return s.submittedTx(ctx, tx, p, req)
}

// newEvidence is what of a proposal's evidence is not stored yet: of a draft what was found in its case since, such as the customer's
// mail, of a change also what it adds. What met a gate is what is sealed.
func (p *proposal) newEvidence(stored bool) []NewEvidence {
	found := p.evidence[len(p.in.Evidence):]
	switch {
	case !stored:
		return p.evidence
	case p.changes != nil:
		return slices.Concat(p.changes.evidence, found)
	}
	return found
}

// submittedTx reserves what was frozen and starts its chain.
func (s *Service) submittedTx(ctx context.Context, tx *db.Tx, p proposal, req Request) (Request, error) {
	if err := s.billing.ReserveTx(ctx, tx, int64(req.ID), p.adjustment); err != nil {
		return Request{}, err
	}
	if err := s.claimSheetsTx(ctx, tx, p, req); err != nil {
		return Request{}, err
	}
	if err := s.linkGoodwillTx(ctx, tx, p, req); err != nil {
		return Request{}, err
	}
	if err := p.useBudgetTx(ctx, tx, req.ID); err != nil {
		return Request{}, err
	}
	if err := p.saveFactsTx(ctx, tx, req.ID); err != nil {
		return Request{}, err
	}
	if err := keepWarningsTx(ctx, tx, req, p.version, atSubmission, p.warnings); err != nil {
		return Request{}, err
	}
	if p.chain.OwnLimit {
		req.OwnLimit = true
		if err := p.drawTx(ctx, tx, req); err != nil {
			return Request{}, err
		}
		return req, s.approvedTx(ctx, tx, &req, nil, p.in.By)
	}
	if err := s.markTx(ctx, tx, req, cases.CreditPending, p.in.By, map[string]any{"steps": len(p.chain.Steps), "version": req.ContentVersion}); err != nil {
		return Request{}, err
	}
	steps, err := insertSteps(ctx, tx, req, p.chain.Steps, 0, p.version)
	if err != nil {
		return Request{}, err
	}
	return req, s.openNextTx(ctx, tx, req, steps, p.in.By)
}

// approvedTx signs a request off and asks for its posting, in this very transaction.
func (s *Service) approvedTx(ctx context.Context, tx *db.Tx, req *Request, deciders []int64, by access.Actor) error {
	now := tx.Now()
	approval, err := s.billing.RecordApprovalTx(ctx, tx, billing.Approval{
		CreditRequestID: int64(req.ID), Digest: req.Digest, RequesterID: req.RequesterID, DeciderIDs: deciders, OwnLimit: req.OwnLimit,
	})
	if err != nil {
		return err
	}
	req.State, req.ApprovedAt, req.ApprovalID = Approved, &now, &approval
	if err := moveRequest(ctx, tx, req); err != nil {
		return err
	}
	if err := groundTx(ctx, tx, req.ID); err != nil {
		return err
	}
	if err := s.markTx(ctx, tx, *req, cases.CreditApproved, by, map[string]any{"own_limit": req.OwnLimit, "deciders": deciders}); err != nil {
		return err
	}
	return tx.Enqueue(ctx, PostRequest{ID: req.ID})
}
