package ledger

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/db"
)

// Sums is what an account of a legal entity comes to before a day, per currency in the order of their codes: from what the
// months before it came to as far as that is kept, and from the postings of all others. What it costs does not grow with
// the years.
func Sums(ctx context.Context, r db.Reader, entityID int64, account Account, before time.Time) ([]Balance, error) {
	list, err := db.List[Balance](ctx, r, `select $2::text as account, currency, amount, base_amount from account_sums($1, $2, $3) order by currency`,
		entityID, string(account), before)
	if err != nil {
		return nil, fmt.Errorf("add up account: %w", err)
	}
	return list, nil
}

// TakeMonths adds up every month that has ended by a day and whose sums are not kept, and tells how many it added up. The
// database does the adding and lets nobody else write the sums; it has each month alone for as long as that takes.
func TakeMonths(ctx context.Context, d *db.DB, today time.Time) (int, error) {
	type month struct {
		EntityID int64
		Month    time.Time
	}
	missing, err := db.List[month](ctx, d, `select e.id as entity_id, m::date as month from legal_entities e
		cross join generate_series((select date_trunc('month', min(j.booked_on)::timestamp) from journal_entries j where j.entity_id = e.id),
			date_trunc('month', $1::date::timestamp) - interval '1 month', interval '1 month') m
		where not exists (select from account_months k where k.entity_id = e.id and k.month = m::date) order by e.id, m`, today)
	if err != nil {
		return 0, fmt.Errorf("find months to add up: %w", err)
	}
	taken := 0
	for _, m := range missing {
		err := d.Do(ctx, func(tx *db.Tx) error {
			ok, err := db.Value[bool](ctx, tx, `select take_account_month($1, $2, $3)`, m.EntityID, m.Month, today)
			if ok {
				taken++
			}
			return err
		})
		if err != nil {
			return taken, fmt.Errorf("add up %s: %w", m.Month.Format("2006-01"), err)
		}
	}
	return taken, nil
}
