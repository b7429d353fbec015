package billing

import (
	"bytes"
	"context"
	"fmt"

	"makegood/internal/db"
)

type storedApproval struct {
	ID              int64
	CreditRequestID int64
	Digest          []byte
}

// RecordApprovalTx writes the sign-off without which the database refuses to post a credit request. It is written
// once: the same content again gives the one there is, other content is refused with ErrOtherApproval. The database
// refuses an approval by the requester alone.
func (s *Service) RecordApprovalTx(ctx context.Context, tx *db.Tx, in Approval) (int64, error) {
	deciders := in.DeciderIDs
	if deciders == nil {
		deciders = []int64{}
	}
	written, err := db.List[storedApproval](ctx, tx, `insert into adjustment_approvals
			(credit_request_id, digest, requester_id, decider_ids, own_limit, approved_at) values ($1, $2, $3, $4, $5, $6)
		on conflict (credit_request_id) do nothing returning id`,
		in.CreditRequestID, in.Digest, in.RequesterID, deciders, in.OwnLimit, tx.Now())
	if err != nil {
		return 0, fmt.Errorf("record approval: %w", err)
	}
	if len(written) == 1 {
		return written[0].ID, nil
	}
	earlier, err := db.One[storedApproval](ctx, tx, `select id, credit_request_id, digest from adjustment_approvals where credit_request_id = $1`, in.CreditRequestID)
	if err != nil {
		return 0, fmt.Errorf("read approval: %w", err)
	}
	if !bytes.Equal(earlier.Digest, in.Digest) {
		return 0, ErrOtherApproval
	}
	return earlier.ID, nil
}
