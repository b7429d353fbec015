package cases

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// What stands against a run that is not what was shown, or is over.
var (
	ErrBulkChanged = errs.New(errs.Conflict, "bulk.changed_since_shown")
	ErrBulkOver    = errs.New(errs.Conflict, "bulk.is_over")
)

// digest names what a run would do to which cases: another case, another value or another version of the macro makes another.
func (in BulkInput) digest(ids []ID, macroVersion int) string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s\n%s\n%d\n", in.Action, in.Value, macroVersion)
	for _, id := range ids {
		_, _ = fmt.Fprintf(h, "%d\n", id)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// macroVersion is that of the macro a run uses; 0 for every other action.
func (in BulkInput) macroVersion(ctx context.Context, r db.Reader) (int, error) {
	if in.Action != BulkMacro {
		return 0, nil
	}
	m, err := usableMacro(ctx, r, MacroID(*numberOrNil(in.Value)), in.By)
	return m.Version, err
}

// StopBulk ends a run of the actor's own that is under way: what is done stays and can be undone, what is left is left as it is.
func (s *Service) StopBulk(ctx context.Context, id BulkID, by access.Actor) (BulkRun, error) {
	if _, err := s.Bulk(ctx, id, by); err != nil {
		return BulkRun{}, err
	}
	var run BulkRun
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		// The rows come first: the job holds that of the case it works on, and counts it then.
		left, err := tx.Exec(ctx, `update bulk_rows set state = 'refused', reason = 'bulk.stopped' where run_id = $1 and state = 'to_do'`, id)
		if err != nil {
			return fmt.Errorf("stop bulk: %w", err)
		}
		ended, err := tx.Exec(ctx, `update bulk_runs set finished_at = $2, refused = refused + $3 where id = $1 and finished_at is null`, id, tx.Now(), left)
		if err != nil {
			return fmt.Errorf("stop bulk: %w", err)
		}
		if ended == 0 {
			return ErrBulkOver
		}
		if run, err = bulkByID(ctx, tx, id, ``); err != nil {
			return err
		}
		tx.Publish(id.Topic())
		tx.Did(fmt.Sprintf("bulk.stopped %d", id))
		return s.holdReplies(ctx, tx, run, tx.Now().Add(BulkUndo))
	})
	return run, err
}
