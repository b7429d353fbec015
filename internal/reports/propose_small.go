package reports

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/money"
)

// SmallQuery says whose small balances are looked at, and what is small. Entity "" is the first that the actor sees, Currency
// "" its base currency.
type SmallQuery struct {
	Entity      string // code
	Currency    money.Currency
	Threshold   decimal.Decimal
	DaysOverdue int
}

// SmallBalances is what a small-balance write-off starts from: what is small by the filter.
type SmallBalances struct {
	billing.SmallBalances
	Filter   billing.SmallBalanceFilter
	Entities []billing.Entity // that the actor sees
}

// ForSmallBalances reads the basis for giving small balances of an entity up in one write-off. Where the query is refused the
// basis has what there is to choose from.
func (d *CreditDesk) ForSmallBalances(ctx context.Context, q SmallQuery, by access.Actor) (ProposeBasis, error) {
	var b ProposeBasis
	if err := access.Can(by, access.Propose, access.Object{}); err != nil {
		return b, err
	}
	entity, seen, err := d.entityOf(ctx, q.Entity, by)
	if err != nil {
		return b, err
	}
	if q.Currency == "" {
		q.Currency = entity.BaseCurrency
	}
	if err := d.words(ctx, &b); err != nil {
		return b, err
	}
	b.Small = &SmallBalances{
		Filter:   billing.SmallBalanceFilter{EntityID: entity.ID, Currency: q.Currency, Threshold: q.Threshold, DaysOverdue: q.DaysOverdue},
		Entities: seen,
	}
	b.Small.Entity = entity
	list, err := d.billing.SmallBalances(ctx, b.Small.Filter, by)
	if err != nil {
		return b, err
	}
	b.Small.SmallBalances = list
	return b, nil
}

// entityOf finds the entity of a code among those the actor sees; ErrNoEntity where there is none.
func (d *CreditDesk) entityOf(ctx context.Context, code string, by access.Actor) (billing.Entity, []billing.Entity, error) {
	seen, err := d.billing.Entities(ctx)
	if err != nil {
		return billing.Entity{}, nil, err
	}
	seen = slices.DeleteFunc(seen, func(e billing.Entity) bool { return !by.SeesEntity(int64(e.ID)) })
	at := slices.IndexFunc(seen, func(e billing.Entity) bool { return code == "" || e.Code == code })
	if at < 0 {
		return billing.Entity{}, nil, billing.ErrNoEntity
	}
	return seen[at], seen, nil
}
