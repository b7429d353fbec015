package reports

import (
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
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

// SmallBalances is what a small-balance write-off starts from: what is small by the filter, and which of it another request
// gives up already.
type SmallBalances struct {
	billing.SmallBalances
	Filter   billing.SmallBalanceFilter
	Entities []billing.Entity             // that the actor sees
	Asked    map[billing.InvoiceID]string // number of the pending write-off that names the invoice
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
		Entities: seen, Asked: map[billing.InvoiceID]string{},
	}
	b.Small.Entity = entity
	list, err := d.billing.SmallBalances(ctx, b.Small.Filter, by)
	if err != nil {
		return b, err
	}
	b.Small.SmallBalances = list
	return b, d.asked(ctx, b.Small)
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

// asked notes which of the small balances a request that has not ended gives up.
func (d *CreditDesk) asked(ctx context.Context, list *SmallBalances) error {
	ids := make([]billing.InvoiceID, len(list.Rows))
	for i, row := range list.Rows {
		ids[i] = row.InvoiceID
	}
	found, err := db.List[struct {
		InvoiceID billing.InvoiceID
		Number    string
	}](ctx, d.db, `select x.invoice_id, r.number from credit_request_invoices x join credit_requests r on r.id = x.credit_request_id
		where x.invoice_id = any ($1) and r.kind = 'write_off' and r.state in ('pending', 'returned', 'approved', 'failed')`, ids)
	if err != nil {
		return fmt.Errorf("read pending write-offs: %w", err)
	}
	for _, a := range found {
		list.Asked[a.InvoiceID] = a.Number
	}
	return nil
}
