package billing

import (
	"context"
	"fmt"

	"makegood/billing/ledger"
	"makegood/internal/db"
)

// ChargebackRow is a chargeback of a payment with the number of the one that gave the money back, "" while it is gone.
type ChargebackRow struct {
	Chargeback
	WonBy string
}

// Chargebacks lists what the bank took of a payment, and what it gave back after all, in the order of posting, with the
// entries that were booked.
func (s *Service) Chargebacks(ctx context.Context, r db.Reader, payment PaymentID) ([]ChargebackRow, []ledger.Entry, error) {
	list, err := db.List[ChargebackRow](ctx, r, `select c.*, coalesce(w.number, '') as won_by from chargebacks c
		left join chargebacks w on w.reverses_id = c.id where c.payment_id = $1 order by c.id`, payment)
	if err != nil {
		return nil, nil, fmt.Errorf("list chargebacks: %w", err)
	}
	if len(list) == 0 {
		return nil, nil, nil
	}
	ids := make([]int64, len(list))
	for i, c := range list {
		ids[i] = int64(c.ID)
	}
	entries, err := ledger.Entries(ctx, r, ledger.Chargeback, ids...)
	return list, entries, err
}
