package postback

import (
	"context"
	"errors"
	"fmt"

	"makegood/billing"
	"makegood/billing/gateway"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// settle keeps what an attempt came to. One that lost its lease to a later attempt keeps nothing: that one finds the same. Where
// a person gave the note to another memo, that is for people to put right.
func (s *Service) settle(ctx context.Context, after billing.GatewayPosting) error {
	err := s.keep(ctx, after)
	if !db.Violates(err, oneMemoEach) {
		return err
	}
	after.State, after.ExternalID, after.ExternalNumber, after.Total, after.Difference = billing.ThereRefused, "", "", nil, nil
	after.Answer = "billing.gateway.note_taken"
	return s.keep(ctx, after)
}

func (s *Service) keep(ctx context.Context, after billing.GatewayPosting) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		list, err := db.List[billing.GatewayPosting](ctx, tx, settleQuery, after.ID, after.Attempts, after.State, after.ExternalID, after.ExternalNumber,
			after.Total, after.Difference, after.Answer, after.AnswerParams, tx.Now())
		if err != nil {
			return fmt.Errorf("keep what became of memo: %w", err)
		}
		if len(list) == 0 || list[0].SettledAt == nil {
			return nil
		}
		if err := followTx(ctx, tx, list[0]); err != nil {
			return err
		}
		return recordTx(ctx, tx, list[0], "credit_memo."+string(list[0].State)+"_elsewhere", access.SystemActor("billing.post_back"))
	})
}

const settleQuery = `update gateway_postings set state = $3, external_id = $4, external_number = $5, total = $6, difference = $7, answer = $8, answer_params = $9,
		leased_until = null, settled_at = case when $3 in ('issued', 'voided', 'refused') then $10::timestamptz end
	where id = $1 and attempts = $2 and state in ('waiting', 'unknown') returning *`

// learnt is a posting after an attempt. What was sent and not answered may be there: only an answer to the very request ends that. A
// refusal before it, such as of the lookup, may come of another account or key, and changes nothing of what is known.
func learnt(p billing.GatewayPosting, o gateway.Outcome, failure error) billing.GatewayPosting {
	p.Answer, p.AnswerParams = "", map[string]string{}
	switch {
	case failure == nil:
		p.State, p.ExternalID, p.ExternalNumber, p.Total, p.Difference = billing.ThereIssued, o.ID, o.Number, &o.Total, &o.Difference
		if p.Action == billing.VoidThere {
			p.State = billing.ThereVoided
		}
		return p
	case errors.Is(failure, gateway.ErrUnanswered):
		p.State = billing.ThereUnknown
	case jobs.Refused(failure) && (p.State != billing.ThereUnknown || gateway.Answered(failure)):
		p.State = billing.ThereRefused
	}
	p.Answer = "error.internal"
	if e, ok := errors.AsType[*errs.Error](failure); ok {
		p.Answer = e.Key
		if len(e.Fields) > 0 {
			p.Answer, e = e.Fields[0].Key, &errs.Error{Params: e.Fields[0].Params}
		}
		if e.Params != nil {
			p.AnswerParams = e.Params
		}
	}
	return p
}

// followTx does what an issue that was decided means for the voiding that waits for it.
func followTx(ctx context.Context, tx *db.Tx, p billing.GatewayPosting) error {
	switch {
	case p.Action == billing.VoidThere:
		return nil
	case p.State == billing.ThereRefused, p.State == billing.ThereByHand && p.ExternalID == "":
		return needlessTx(ctx, tx, p.CreditMemoID)
	}
	waits, err := db.Value[bool](ctx, tx, `select exists (select from gateway_postings where credit_memo_id = $1 and action = 'void' and state = 'waiting')`, p.CreditMemoID)
	if err != nil {
		return fmt.Errorf("look for voiding: %w", err)
	}
	if !waits {
		return nil
	}
	return tx.Enqueue(ctx, billing.PostBack{Memo: p.CreditMemoID, Action: billing.VoidThere})
}

// needlessTx ends the voiding of a memo that the other system never took.
func needlessTx(ctx context.Context, tx *db.Tx, memo billing.MemoID) error {
	_, err := tx.Exec(ctx, `update gateway_postings set state = 'needless', settled_at = $2 where credit_memo_id = $1 and action = 'void' and state = 'waiting'
		and exists (select from gateway_postings i where i.credit_memo_id = $1 and i.action = 'issue' and (i.state = 'refused' or i.state = 'by_hand' and i.external_id = ''))`, memo, tx.Now())
	if err != nil {
		return fmt.Errorf("end voiding: %w", err)
	}
	return nil
}

// recordTx tells the entity's books what became of a memo elsewhere.
func recordTx(ctx context.Context, tx *db.Tx, p billing.GatewayPosting, what string, by access.Actor) error {
	data := map[string]any{
		"memo_id": p.CreditMemoID, "gateway": p.Gateway, "key": p.Key, "state": p.State, "external_id": p.ExternalID, "external_number": p.ExternalNumber,
		"attempts": p.Attempts,
	}
	if p.Difference != nil {
		data["difference"] = p.Difference.String()
	}
	if p.Answer != "" {
		data["answer"], data["answer_params"] = p.Answer, p.AnswerParams
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(p.EntityID)), By: by, What: what, Data: data})
}
