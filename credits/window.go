package credits

import (
	"context"
	"fmt"

	"makegood/billing"
	"makegood/internal/db"
)

// countingStates are those in which money is given or promised: what the window counts.
const countingStates = `('pending', 'approved', 'posted', 'failed')`

// window sums what counts together with a request of a family on an invoice, without the request itself.
func window(ctx context.Context, r db.Reader, family billing.CustomerID, invoice billing.InvoiceID, except ID) (Window, error) {
	w, err := db.One[Window](ctx, r, `select
			(select coalesce(sum(authority_amount), 0) from credit_requests
				where family_id = $1 and submitted_at > $3 and id <> $4 and state in `+countingStates+`) as family,
			(select coalesce(sum(authority_amount), 0) from credit_requests
				where invoice_id = $2 and id <> $4 and state in `+countingStates+`) as invoice`,
		family, invoice, r.Now().AddDate(0, 0, -WindowDays), except)
	if err != nil {
		return Window{}, fmt.Errorf("sum window: %w", err)
	}
	return w, nil
}

// lockFamilyTx makes requests of one customer family wait for one another, so that each sees what the others ask for.
// It is taken after the invoice. It does not stand in the way of rows that only refer to the customer.
func lockFamilyTx(ctx context.Context, tx *db.Tx, family billing.CustomerID) error {
	if _, err := tx.Exec(ctx, `select id from customers where id = $1 for no key update`, family); err != nil {
		return fmt.Errorf("lock customer family: %w", err)
	}
	return nil
}
