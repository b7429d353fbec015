package postback

import (
	"context"
	"fmt"
	"strings"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ByHand is what a person did about a memo that the other system has not: issued or voided it there themselves, under ID,
// or gave it up, without one. How is in their words and stands in the evidence.
type ByHand struct {
	By     access.Actor
	Memo   string
	Action billing.GatewayAction
	How    string
	ID     string // of the note there; "" when there is none
}

// SettleByHand ends what waits, is unknown or was refused; it is asked for no more. It refuses with ErrSettled what is
// decided already, with ErrUnderWay what a worker is at: its answer is worth more than what somebody saw before, and at the
// id a note that another memo has.
func (s *Service) SettleByHand(ctx context.Context, h ByHand) error {
	if err := access.Can(h.By, access.Reconcile, access.Object{}); err != nil {
		return err
	}
	if h.How = strings.TrimSpace(h.How); h.How == "" {
		return errs.InvalidField("how", "error.required")
	}
	h.ID = strings.TrimSpace(h.ID)
	return s.db.Do(ctx, func(tx *db.Tx) error {
		memo, err := s.billing.MemoByNumber(ctx, tx, h.Memo)
		if err != nil {
			return err
		}
		if err := access.Can(h.By, access.Reconcile, access.Object{EntityID: int64(memo.EntityID)}); err != nil {
			return err
		}
		p, err := posting(ctx, tx, billing.PostBack{Memo: memo.ID, Action: h.Action})
		if err != nil {
			return err
		}
		if p.LeasedUntil != nil && p.LeasedUntil.After(tx.Now()) {
			return ErrUnderWay
		}
		list, err := db.List[billing.GatewayPosting](ctx, tx, byHandQuery, memo.ID, h.Action, h.ID, h.By.Name, h.How, tx.Now())
		if db.Violates(err, oneMemoEach) {
			return errs.InvalidField("id", "billing.gateway.note_taken")
		}
		if err != nil {
			return fmt.Errorf("settle memo elsewhere by hand: %w", err)
		}
		if len(list) == 0 {
			return ErrSettled
		}
		if err := followTx(ctx, tx, list[0]); err != nil {
			return err
		}
		return recordTx(ctx, tx, list[0], "credit_memo.settled_elsewhere_by_hand", h.By)
	})
}

// oneMemoEach is the index by which a note of the other system belongs to one memo.
const oneMemoEach = "gateway_postings_one_memo_each"

const byHandQuery = `update gateway_postings set state = 'by_hand', external_id = $3, settled_by = $4, settled_how = $5, settled_at = $6, leased_until = null
	where credit_memo_id = $1 and action = $2 and state in ('waiting', 'unknown', 'refused') and (leased_until is null or leased_until <= $6) returning *`
