package credits

import (
	"context"
	"fmt"
	"slices"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

func (s *Service) draftedTx(ctx context.Context, tx *db.Tx, req Request, by access.Actor) error {
	tx.Publish(req.topics()...)
	return audit.RecordTx(ctx, tx, audit.Event{
		Stream: req.stream(), By: by, What: "credit_request.drafted",
		Data: map[string]any{"request": req.ID, "number": req.Number},
	})
}

// SubmitDraft submits a draft of one's own, worked out anew against the books as they are now.
func (s *Service) SubmitDraft(ctx context.Context, id ID, by access.Actor) (Request, error) {
	var out Request
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		req, err := s.lockTx(ctx, tx, id, by, access.Propose)
		if err != nil {
			return err
		}
		if req.RequesterID != by.UserID {
			return ErrNotYours
		}
		if req.State != Draft {
			return errs.New(ErrNotADraft.Kind, ErrNotADraft.Key, "number", req.Number, "state", string(req.State))
		}
		in, err := req.input(ctx, tx, by)
		if err != nil {
			return err
		}
		p, err := s.lockBooksTx(ctx, tx, in)
		if err != nil {
			return err
		}
		out, err = s.placeTx(ctx, tx, p, req, Pending)
		return err
	})
	return out, err
}

// input is the proposal a stored request was made from.
func (r Request) input(ctx context.Context, tx *db.Tx, by access.Actor) (ProposeInput, error) {
	in := ProposeInput{
		By: by, CaseID: r.CaseID, Kind: r.Kind, InvoiceID: r.InvoiceID, ReasonCode: r.ReasonCode, RootCauseID: r.RootCauseID,
		Explanation: r.Explanation, CustomerNote: r.CustomerNote,
	}
	lines, err := linesOf(ctx, tx, r.ID)
	if err != nil {
		return in, err
	}
	for _, l := range lines {
		in.Lines = append(in.Lines, ProposeLine{InvoiceLineID: l.InvoiceLineID, Net: l.Amount, Quantity: l.Quantity, DisputeLineID: l.DisputeLineID})
	}
	evidence, err := evidenceOf(ctx, tx, r.ID)
	if err != nil {
		return in, err
	}
	for _, e := range evidence {
		in.Evidence = append(in.Evidence, NewEvidence{Kind: e.Kind, Label: e.Label, MessageID: e.CaseMessageID})
	}
	return in, nil
}

// refuseTaken refuses a dispute line for which another request is on its way: two credits cannot settle one line.
func (p *proposal) refuseTaken(ctx context.Context, tx *db.Tx, id ID) error {
	var wanted []int64
	for _, l := range p.in.Lines {
		if l.DisputeLineID != nil {
			wanted = append(wanted, int64(*l.DisputeLineID))
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	taken, err := db.List[struct {
		DisputeLineID cases.DisputeID
		Number        string
	}](ctx, tx, `select l.dispute_line_id, r.number from credit_requests r join credit_request_lines l on l.credit_request_id = r.id
		where r.case_id = $1 and r.id <> $2 and r.state in ('pending', 'approved', 'failed') and l.dispute_line_id = any ($3)`,
		p.in.CaseID, id, wanted)
	if err != nil {
		return fmt.Errorf("look for other requests: %w", err)
	}
	for _, other := range taken {
		at := slices.IndexFunc(p.in.Lines, func(l ProposeLine) bool { return l.DisputeLineID != nil && *l.DisputeLineID == other.DisputeLineID })
		return errs.InvalidField(fmt.Sprintf("lines.%d.dispute_line_id", at), "credits.dispute_taken", "request", other.Number)
	}
	return nil
}
