package credits

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"makegood/credits/authority"
	"makegood/credits/authority/policy"
	"makegood/internal/db"
)

const seedBytes = 32

// drawTx draws a request that was passed within an own limit, with the month's seed and the share of the policy that binds its
// requester. It stands beside the approval, so that nothing passes without its draw.
func (p *proposal) drawTx(ctx context.Context, tx *db.Tx, req Request) error {
	month := monthOf(tx.Now())
	seed, err := seedTx(ctx, tx, month)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into own_limit_draws (credit_request_id, month, percent, policy_version, draw, entity_id, requester_id, requester_rank, drawn_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, req.ID, month, p.roster.sampling(p.version).Percent(), p.version, policy.Draw(seed, int64(req.ID)),
		req.EntityID, req.RequesterID, p.roster.rankOf(p.authorityRequest()), tx.Now()); err != nil {
		return fmt.Errorf("draw %s: %w", req.Number, err)
	}
	return nil
}

// seedTx is the seed of a month, made by chance when the first request of it is drawn.
func seedTx(ctx context.Context, tx *db.Tx, month time.Time) ([]byte, error) {
	const read = `select seed from own_limit_seeds where month = $1`
	seed, err := db.Value[[]byte](ctx, tx, read, month)
	if err == nil {
		return seed, nil
	}
	if !errors.Is(err, db.ErrNoRow) {
		return nil, fmt.Errorf("read the month's seed: %w", err)
	}
	fresh := make([]byte, seedBytes)
	if _, err := rand.Read(fresh); err != nil {
		return nil, fmt.Errorf("make a seed: %w", err)
	}
	if _, err := tx.Exec(ctx, `insert into own_limit_seeds (month, seed, made_at) values ($1, $2, $3) on conflict do nothing`, month, fresh, tx.Now()); err != nil {
		return nil, fmt.Errorf("keep the month's seed: %w", err)
	}
	if seed, err = db.Value[[]byte](ctx, tx, read, month); err != nil { // somebody may have been faster
		return nil, fmt.Errorf("read the month's seed: %w", err)
	}
	return seed, nil
}

// sampling is the share that a version of the policy has drawn.
func (ro roster) sampling(version int) policy.Sampling {
	if rules := ro.rules[version]; rules != nil {
		return rules.Policy().Sampling
	}
	return policy.Sampling{}
}

// rankOf is the highest level the requester holds for what they ask; 0 for none.
func (ro roster) rankOf(asked authority.Request) int {
	rank := 0
	for _, h := range ro.holders {
		if h.UserID == asked.RequesterID && h.Covers(asked) {
			rank = max(rank, ro.rank(h.LevelID))
		}
	}
	return rank
}
