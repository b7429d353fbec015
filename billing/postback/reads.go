package postback

import (
	"context"
	"fmt"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/money"
)

// EntitySetting is where an entity's credit memos are issued besides. The key itself is never given back.
type EntitySetting struct {
	ID      billing.EntityID
	Code    string
	Name    string
	Gateway billing.GatewayKind
	Account string
	KeySet  *time.Time // when the key was given; nil without one
}

// Settings lists it for the entities of somebody who may read the books.
func (s *Service) Settings(ctx context.Context, by access.Actor) ([]EntitySetting, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[EntitySetting](ctx, s.db, `select e.id, e.code, e.name, e.gateway, e.gateway_account as account, k.set_at as key_set
		from legal_entities e left join gateway_secrets k on k.entity_id = e.id where cardinality($1::bigint[]) = 0 or e.id = any ($1) order by e.code`, scope(by))
	if err != nil {
		return nil, fmt.Errorf("list gateways: %w", err)
	}
	return list, nil
}

// OpenMatter is a memo that the other system has not, or has otherwise.
type OpenMatter struct {
	billing.GatewayPosting
	Number   string
	Customer string
	Currency money.Currency
}

// OpenMatters lists what waits, is unknown or was refused, and what was issued with another total, the oldest first, at
// most so many. A total that differs is closed when the note was voided there.
func (s *Service) OpenMatters(ctx context.Context, limit int, by access.Actor) ([]OpenMatter, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[OpenMatter](ctx, s.db, `select g.*, m.number, c.name as customer, m.currency
		from gateway_postings g join credit_memos m on m.id = g.credit_memo_id join customers c on c.id = m.customer_id
		where (g.state in ('waiting', 'refused', 'unknown') or g.difference <> 0 and not exists (select from gateway_postings v
			where v.credit_memo_id = g.credit_memo_id and v.action = 'void' and v.state = 'voided')) and (cardinality($1::bigint[]) = 0 or g.entity_id = any ($1))
		order by g.ordered_at, g.id limit $2`, scope(by), limit)
	if err != nil {
		return nil, fmt.Errorf("list open matters of gateways: %w", err)
	}
	return list, nil
}

func scope(by access.Actor) []int64 {
	if by.Kind != access.Person || by.EntityIDs == nil {
		return []int64{}
	}
	return by.EntityIDs
}
