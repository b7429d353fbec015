package credits

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// reasonReplaced is why a version of a request was replaced.
type reasonReplaced string

const (
	wasChanged reasonReplaced = "changed" // by its requester
	givenLess  reasonReplaced = "less"    // by an approver
)

// amendment is a change of a request that has been submitted.
type amendment struct {
	why       reasonReplaced
	comment   string
	requester int64
	editors   []int64 // who changed its lines beside the requester, now included
	evidence  []NewEvidence
}

// ChangeInput puts another proposal in the place of what a request asks for; of its Evidence what is new. ContentVersion, when
// set, is the version the person saw.
type ChangeInput struct {
	ID             ID
	Proposal       ProposeInput
	ContentVersion int
	Comment        string
}

// LessInput decides the open step of a request by giving less. Lines are what remains of those it has, each with its lower
// amount in the price basis of the invoice, Items what remains of its open items; what is left out is not given at all.
type LessInput struct {
	DecideInput
	Lines []ProposeLine
	Items []billing.ItemPart
}

// Change changes a request of one's own. A draft is submitted with what is different. A pending or returned one is worked out and frozen anew, what was signed is void, and
// the chain starts again as for a new request; its approvers see the difference. Evidence stays. A change that leaves everything
// as it was is refused with ErrNothingChanged: a comment or more evidence needs none.
func (s *Service) Change(ctx context.Context, in ChangeInput) (Request, error) {
	in.Proposal.Explanation, in.Proposal.CustomerNote = trimmed(in.Proposal.Explanation), trimmed(in.Proposal.CustomerNote)
	if err := in.Proposal.check(); err != nil {
		return Request{}, err
	}
	var out Request
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		req, err := s.lockTx(ctx, tx, in.ID, in.Proposal.By, access.Propose)
		if err != nil {
			return err
		}
		if err := req.mayBeChanged(in); err != nil {
			return err
		}
		if req.State == Draft {
			out, err = s.submitRevisedTx(ctx, tx, req, in.Proposal)
			return err
		}
		steps, err := currentSteps(ctx, tx, req)
		if err != nil {
			return err
		}
		out, err = s.amendTx(ctx, tx, req, steps, in.Proposal, amendment{
			why: wasChanged, comment: trimmed(in.Comment), requester: req.RequesterID, editors: req.EditorIDs, evidence: in.Proposal.Evidence,
		})
		return err
	})
	return out, err
}

func (r Request) mayBeChanged(in ChangeInput) error {
	switch {
	case in.Proposal.By.UserID != r.RequesterID:
		return ErrNotYours
	case r.State != Pending && r.State != Returned && r.State != Draft:
		return errs.New(ErrNotChangeable.Kind, ErrNotChangeable.Key, "number", r.Number, "state", string(r.State))
	case in.ContentVersion != 0 && in.ContentVersion != r.ContentVersion:
		return errs.New(ErrChanged.Kind, ErrChanged.Key, "number", r.Number)
	}
	return nil
}

// ApproveLess changes a request to less than was asked for, by somebody who could decide its open step. That is a change of
// theirs: what was signed is void, the chain starts again, and they do not sign it any more. It needs a comment.
func (s *Service) ApproveLess(ctx context.Context, in LessInput) (Request, error) {
	if err := access.Proven(in.By); err != nil {
		return Request{}, err
	}
	if trimmed(in.Comment) == "" {
		return Request{}, errs.InvalidField("comment", "credits.less_needs_comment")
	}
	var out Request
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		at, err := s.atStepTx(ctx, tx, in.DecideInput, false)
		if err != nil {
			return err
		}
		less, err := at.req.inPart(in)
		if err != nil {
			return err
		}
		less.By = in.By
		out, err = s.amendTx(ctx, tx, at.req, at.steps, less, amendment{
			why: givenLess, comment: trimmed(in.Comment), requester: at.req.RequesterID, editors: with(at.req.EditorIDs, in.By.UserID),
		})
		if err != nil {
			return err
		}
		return s.tellTx(ctx, tx, out, "notice.credit_given_less", out.RequesterID)
	})
	return out, err
}

func with(ids []int64, id int64) []int64 {
	if slices.Contains(ids, id) {
		return ids
	}
	return append(slices.Clone(ids), id)
}

// amendTx puts a proposal in the place of a request's content, under its lock and with its present steps.
func (s *Service) amendTx(ctx context.Context, tx *db.Tx, req Request, steps []Step, in ProposeInput, a amendment) (Request, error) {
	if err := s.setAsideTx(ctx, tx, req, steps, in.By, a); err != nil {
		return Request{}, err
	}
	p, err := s.changedTx(ctx, tx, req, in, &a)
	if err != nil {
		return Request{}, err
	}
	if err := s.lockBooksTx(ctx, tx, &p); err != nil {
		return Request{}, err
	}
	before := req
	req.Kind, req.ReasonCode, req.RootCauseID, req.Explanation, req.CustomerNote = in.Kind, in.ReasonCode, in.RootCauseID, in.Explanation, in.CustomerNote
	req.Proposal, req.EditorIDs = &p.asked, a.editors
	req.ContentVersion++
	out, err := s.placeTx(ctx, tx, p, req, Pending)
	if err != nil {
		return Request{}, err
	}
	if bytes.Equal(out.Digest, before.Digest) {
		if same, err := in.beside().same(before.Proposal.beside()); err != nil || same {
			return Request{}, cmp.Or(err, error(ErrNothingChanged))
		}
	}
	return out, audit.RecordTx(ctx, tx, audit.Event{Stream: out.stream(), By: in.By, What: "credit_request.changed", Data: map[string]any{
		"request": out.ID, "number": out.Number, "why": a.why, "comment": a.comment, "version": out.ContentVersion,
		"before": before.Amount(before.Total).String(), "after": out.Amount(out.Total).String(),
	}})
}

// beside is what a proposal says that the digest of its content is not over.
func (in *ProposeInput) beside() *ProposeInput {
	if in == nil {
		return nil
	}
	return &ProposeInput{
		RootCauseID: in.RootCauseID, ErrorBy: in.ErrorBy, Explanation: in.Explanation, CustomerNote: in.CustomerNote, Bill: in.Bill, Method: in.Method,
		Destination: in.Destination, For: in.For,
	}
}

// changedTx begins the proposal of a change: of the same case, with the evidence there is and what is new of it.
func (s *Service) changedTx(ctx context.Context, tx *db.Tx, req Request, in ProposeInput, a *amendment) (proposal, error) {
	kept, err := evidenceOf(ctx, tx, req.ID)
	if err != nil {
		return proposal{}, err
	}
	there := asNew(kept)
	a.evidence = slices.DeleteFunc(slices.Clone(a.evidence), func(e NewEvidence) bool {
		return slices.ContainsFunc(there, func(k NewEvidence) bool {
			return k.Kind == e.Kind && k.same(e)
		})
	})
	in.CaseID, in.Evidence = req.CaseID, slices.Concat(there, a.evidence)
	p, err := s.start(ctx, tx, in)
	p.changes = a
	return p, err
}

// setAsideTx keeps a version that is replaced, voids what was decided on it, and gives back what it reserved.
func (s *Service) setAsideTx(ctx context.Context, tx *db.Tx, req Request, steps []Step, by access.Actor, a amendment) error {
	if _, err := tx.Exec(ctx, `insert into credit_request_versions (credit_request_id, content_version, kind, currency, reason_code, explanation, customer_note,
			net, tax, rounding, total, content, proposal, digest, submitted_at, why, comment, replaced_by, replaced_at)
		select id, content_version, kind, currency, reason_code, explanation, customer_note, net, tax, rounding, total, content, proposal, digest, submitted_at,
			$2, $3, $4, $5 from credit_requests where id = $1`, req.ID, a.why, a.comment, by.UserID, tx.Now()); err != nil {
		return fmt.Errorf("keep version: %w", err)
	}
	if err := s.voidTx(ctx, tx, req, steps, by); err != nil {
		return err
	}
	if err := closeQuestion(ctx, tx, req.ID, a.comment, by); err != nil {
		return err
	}
	if err := s.billing.ReleaseIncidentCreditsTx(ctx, tx, int64(req.ID)); err != nil {
		return err
	}
	if err := s.billing.ReleaseReservationTx(ctx, tx, int64(req.ID)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from concession_budget_uses where credit_request_id = $1`, req.ID); err != nil {
		return fmt.Errorf("give budget back: %w", err)
	}
	return nil
}

func asNew(list []Evidence) []NewEvidence {
	out := make([]NewEvidence, len(list))
	for i, e := range list {
		out[i] = NewEvidence{Kind: e.Kind, Label: e.Label, MessageID: e.CaseMessageID, SheetID: e.SheetID, SHA256: e.SHA256, AttachmentID: e.CaseAttachmentID}
	}
	return out
}

// same tells whether two pieces of one kind are the same thing: message, file, or what they say.
func (e NewEvidence) same(other NewEvidence) bool {
	switch {
	case other.MessageID != nil:
		return same(e.MessageID, other.MessageID)
	case other.AttachmentID != nil:
		return same(e.AttachmentID, other.AttachmentID)
	}
	return e.Label == other.Label && bytes.Equal(e.SHA256, other.SHA256)
}

// inPart is the proposal that gives less than the request. It refuses what gives more anywhere, nothing less, or nothing at
// all, and kinds that are all or nothing.
func (r Request) inPart(in LessInput) (ProposeInput, error) {
	if r.Proposal == nil || r.Content == nil {
		return ProposeInput{}, ErrChanged
	}
	less := *r.Proposal
	var err error
	switch r.Kind {
	case billing.BillingError, billing.Concession, billing.SLACredit:
		less.Whole, less.Refund, less.SettledOutside = false, decimal.Zero, decimal.Zero
		if r.Content.ToRefund.IsPositive() || r.Content.SettledOutside.IsPositive() {
			return less, errs.New(ErrNotInPart.Kind, ErrNotInPart.Key)
		}
		less.Lines, err = r.linesInPart(in.Lines)
	case billing.RefundOut, billing.TransferOver, billing.WriteOff:
		less.Items, err = r.itemsInPart(in.Items)
	case billing.Rebill, billing.Debit, billing.Reverse:
		return less, errs.New(ErrNotInPart.Kind, ErrNotInPart.Key)
	}
	return less, err
}

func (r Request) linesInPart(wanted []ProposeLine) ([]ProposeLine, error) {
	if len(wanted) == 0 {
		return nil, errs.InvalidField("lines", "credits.less_than_nothing")
	}
	out, smaller := make([]ProposeLine, 0, len(wanted)), len(wanted) < len(r.Content.Lines)
	for i, w := range wanted {
		at := slices.IndexFunc(r.Content.Lines, func(l billing.AdjustmentLine) bool { return l.InvoiceLineID == w.InvoiceLineID && l.InvoiceLineID != 0 })
		if at < 0 {
			return nil, errs.InvalidField(fmt.Sprintf("lines.%d.invoice_line_id", i), "credits.line_not_asked_for")
		}
		if !w.Net.IsPositive() || w.Net.GreaterThan(r.Content.Lines[at].Amount) {
			return nil, errs.InvalidField(fmt.Sprintf("lines.%d.net", i), "credits.more_than_asked_for", "asked", r.Amount(r.Content.Lines[at].Amount).String())
		}
		smaller = smaller || w.Net.LessThan(r.Content.Lines[at].Amount)
		line := ProposeLine{InvoiceLineID: w.InvoiceLineID, Net: w.Net}
		for _, was := range r.Proposal.Lines {
			if was.InvoiceLineID == w.InvoiceLineID {
				line.DisputeLineID = was.DisputeLineID
			}
		}
		out = append(out, line)
	}
	if !smaller {
		return nil, ErrNothingChanged
	}
	return out, nil
}

func (r Request) itemsInPart(wanted []billing.ItemPart) ([]billing.ItemPart, error) {
	if len(wanted) == 0 {
		return nil, errs.InvalidField("items", "credits.less_than_nothing")
	}
	smaller := len(wanted) < len(r.Content.Items)
	for i, w := range wanted {
		at := slices.IndexFunc(r.Content.Items, func(p billing.ItemPart) bool { return p.Kind == w.Kind && p.ID == w.ID })
		if at < 0 {
			return nil, errs.InvalidField(fmt.Sprintf("items.%d", i), "credits.line_not_asked_for")
		}
		if !w.Amount.IsPositive() || w.Amount.GreaterThan(r.Content.Items[at].Amount) {
			return nil, errs.InvalidField(fmt.Sprintf("items.%d", i), "credits.more_than_asked_for", "asked", r.Amount(r.Content.Items[at].Amount).String())
		}
		smaller = smaller || w.Amount.LessThan(r.Content.Items[at].Amount)
	}
	if !smaller {
		return nil, ErrNothingChanged
	}
	return wanted, nil
}
