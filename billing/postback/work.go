package postback

import (
	"context"
	"errors"
	"fmt"

	"makegood/billing"
	"makegood/billing/gateway"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// Work issues or voids one memo. However often and by however many workers it is called, the other system has one note: one
// worker at a time is at it, every attempt carries the same key, and the note is looked for before it is sent. It returns
// an error for what will be better later; a refusal is kept for people to see.
func (s *Service) Work(ctx context.Context, job billing.PostBack) error {
	p, mine, err := s.claim(ctx, job)
	if err != nil || !mine {
		return err
	}
	o, failure := s.ask(ctx, p)
	if failure != nil {
		s.logger.WarnContext(ctx, "memo not posted back", "memo_id", int64(p.CreditMemoID), "action", string(p.Action), "attempt", p.Attempts, "error", failure.Error())
	}
	after := learnt(p, o, failure)
	// What was learnt is kept even when the process is told to stop.
	if err := s.settle(context.WithoutCancel(ctx), after); err != nil {
		return err
	}
	switch {
	case failure == nil:
		return nil
	case !jobs.Refused(failure):
		return failure
	case after.State == billing.ThereUnknown:
		return errs.Wrap(failure, ErrInDoubt.Kind, ErrInDoubt.Key) // for the job to come again
	}
	return nil
}

// ask talks to the other system. No transaction is open meanwhile.
func (s *Service) ask(ctx context.Context, p billing.GatewayPosting) (gateway.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	there, err := s.open(ctx, p.EntityID)
	if err != nil {
		return gateway.Outcome{}, err
	}
	if p.Action == billing.VoidThere {
		t, err := taking(ctx, s.db, p)
		if err != nil {
			return gateway.Outcome{}, err
		}
		return there.Void(ctx, t)
	}
	n, err := s.note(ctx, p)
	if err != nil {
		return gateway.Outcome{}, err
	}
	return there.Issue(ctx, n)
}

// claimQuery takes a lease. Where another's has run out, that worker died on the way: what it sent may be there.
const claimQuery = `update gateway_postings set attempts = attempts + 1, tried_at = $3, leased_until = $4,
		state = case when leased_until is null then state else 'unknown' end
	where credit_memo_id = $1 and action = $2 and state in ('waiting', 'unknown') and (leased_until is null or leased_until <= $3)
		and (action = 'issue' or exists (select from gateway_postings i where i.credit_memo_id = $1 and i.action = 'issue' and (i.state = 'issued' or i.state = 'by_hand' and i.external_id <> '')))
	returning *`

// claim takes what is to be done for this worker alone; false when there is nothing to do now. While another worker has it,
// the job comes back when that one's time is over, for it may have died. A voiding waits for its issue, which calls it.
func (s *Service) claim(ctx context.Context, job billing.PostBack) (billing.GatewayPosting, bool, error) {
	var p billing.GatewayPosting
	mine := false
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		mine = false
		if job.Action == billing.VoidThere {
			if err := needlessTx(ctx, tx, job.Memo); err != nil {
				return err
			}
		}
		list, err := db.List[billing.GatewayPosting](ctx, tx, claimQuery, job.Memo, job.Action, tx.Now(), tx.Now().Add(lease))
		if err != nil {
			return fmt.Errorf("claim memo to post back: %w", err)
		}
		if len(list) == 1 {
			p, mine = list[0], true
			return nil
		}
		if p, err = posting(ctx, tx, job); err != nil {
			return err
		}
		if p.LeasedUntil != nil && p.LeasedUntil.After(tx.Now()) {
			return tx.EnqueueAt(ctx, job, *p.LeasedUntil)
		}
		return nil
	})
	return p, mine, err
}

// posting reads what is asked of the other system about a memo; ErrNothingThere when nothing is.
func posting(ctx context.Context, r db.Reader, job billing.PostBack) (billing.GatewayPosting, error) {
	p, err := db.One[billing.GatewayPosting](ctx, r, `select * from gateway_postings where credit_memo_id = $1 and action = $2`, job.Memo, job.Action)
	if errors.Is(err, db.ErrNoRow) {
		return p, ErrNothingThere
	}
	if err != nil {
		return p, fmt.Errorf("read memo to post back: %w", err)
	}
	return p, nil
}
