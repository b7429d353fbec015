package dbtest

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"makegood/internal/db"
)

// Requester and Decider are the people of Decided.
const (
	Requester int64 = 11
	Decider   int64 = 12
)

// Decided writes the credit request that an adjustment of this digest belongs to, asked for by Requester and approved by
// Decider: for tests below the package that keeps requests. The database takes no approval of what nobody decided.
func Decided(ctx context.Context, tx *db.Tx, request int64, digest []byte) error {
	var batch pgx.Batch
	batch.Queue(`insert into users (id, email, name, created_at) select u, 'person' || u || '@nordlicht.example', 'Person ' || u, $1
		from unnest($2::bigint[]) u on conflict do nothing`, tx.Now(), []int64{Requester, Decider})
	batch.Queue(`insert into reason_codes (code, name, position) values ('decided', 'Decided', 99) on conflict do nothing`)
	batch.Queue(`insert into credit_requests (id, kind, authority_kind, customer_id, family_id, entity_id, currency, reason_code, net, tax, total, authority_amount, authority_rate,
			state, digest, requester_id, created_at, submitted_at, approved_at)
		select $1, 'billing_error', 'billing_error', id, family_id, entity_id, 'EUR', 'decided', 1, 0, 1, 1, 1, 'posted', $2, $3, $4, $4, $4
		from customers order by id limit 1`,
		request, digest, Requester, tx.Now())
	batch.Queue(`with step as (insert into credit_steps (credit_request_id, content_version, position, level_name, rule_key, role, state)
			values ($1, 1, 1, 'Controller', 'authority.step.sufficient', 'controller', 'approved') returning id)
		insert into credit_decisions (credit_request_id, content_version, step_id, user_id, decision, digest, decided_at)
		select $1, 1, id, $2, 'approve', $3, $4 from step`, request, Decider, digest, tx.Now())
	if err := tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("decide request: %w", err)
	}
	return nil
}
