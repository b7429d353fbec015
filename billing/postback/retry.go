package postback

import (
	"context"
	"fmt"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
)

// Retry has a memo asked for once more, by somebody who reconciles: what was refused, when its reason is gone, and what
// waits, at once. It refuses with ErrSettled what the other system has done, and the issue of a memo that was taken back
// after it was refused. The key stays the same.
func (s *Service) Retry(ctx context.Context, number string, action billing.GatewayAction, by access.Actor) error {
	if err := access.Can(by, access.Reconcile, access.Object{}); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		memo, err := s.billing.MemoByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		if err := access.Can(by, access.Reconcile, access.Object{EntityID: int64(memo.EntityID)}); err != nil {
			return err
		}
		job := billing.PostBack{Memo: memo.ID, Action: action}
		if _, err := posting(ctx, tx, job); err != nil {
			return err
		}
		list, err := db.List[billing.GatewayPosting](ctx, tx, retryQuery, memo.ID, action)
		if err != nil {
			return fmt.Errorf("retry memo elsewhere: %w", err)
		}
		if len(list) == 0 {
			return ErrSettled
		}
		if err := recordTx(ctx, tx, list[0], "credit_memo.retried_elsewhere", by); err != nil {
			return err
		}
		return tx.Enqueue(ctx, job)
	})
}

// retryQuery keeps what was answered last until there is another answer. A memo taken back is not issued any more once it
// was refused; its voiding is.
const retryQuery = `update gateway_postings p set state = case when state = 'refused' then 'waiting' else state end, settled_at = null
	where credit_memo_id = $1 and action = $2 and (state in ('waiting', 'unknown') or state = 'refused' and (action = 'void'
		or not exists (select from gateway_postings v where v.credit_memo_id = $1 and v.action = 'void')))
	returning *`
