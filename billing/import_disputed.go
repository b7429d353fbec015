package billing

import (
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/importer"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// disputedDays is how long nobody is reminded of an invoice that is in dispute where it came from: time to look at it, and to open a case for
// what is still in dispute.
const disputedDays = 90

// disputedThere is what of a record is in dispute where it came from; zero for none.
func disputedThere(c *importer.Record) money.Amount {
	switch {
	case c == nil:
	case c.Balance != nil:
		return money.Of(c.Balance.Disputed, c.Balance.Currency)
	case c.Invoice != nil && c.Invoice.Standing.Disputed:
		if open := c.Invoice.Standing.Open; open != nil {
			return money.Of(*open, c.Invoice.Currency)
		}
		return money.Of(c.Invoice.Total, c.Invoice.Currency)
	}
	return money.Of(decimal.Zero, AuthorityCurrency)
}

// noteDisputed says at a row what comes of its dispute, once, and tells whether there is one.
func (k known) noteDisputed(row *ImportRow, today time.Time) bool {
	amount := disputedThere(row.Content)
	if !amount.IsPositive() {
		return false
	}
	const key = "billing.import.disputed_there"
	if !slices.ContainsFunc(row.Reasons, func(r ImportReason) bool { return r.Key == key }) {
		row.Reasons = append(row.Reasons, ImportReason{Row: firstRow(row.Rows), Field: string(importer.FieldDisputed), Key: key, Params: errs.Params{
			"amount": amount.String(), "system": row.System, "day": quietUntil(today).Format(time.DateOnly),
		}})
	}
	return true
}

// saidDisputed is what imported files said is in dispute of invoices, and what still counts of it at the end of a day in a time zone: amount by
// invoice_id, of the blocks b in a scope. It counts until the block is over or lifted, or a case holds anything of the invoice. The function
// said_disputed tells the same of one invoice.
func saidDisputed(scope, day, zone string) string {
	return `(select b.invoice_id, sum(b.disputed) as amount from dunning_blocks b where ` + scope + ` and b.disputed > 0 and b.from_on <= ` + day + `::date
		and b.until_on >= ` + day + `::date and (b.lifted_on is null or b.lifted_on > ` + day + `::date)
		and not exists (select from hold_changes c where c.invoice_id = b.invoice_id and c.at >= b.made_at
			and c.at < ((` + day + `::date + 1)::timestamp at time zone ` + zone + `)) group by 1)`
}

// zoneOfBlock is the time zone of the legal entity of a block b.
const zoneOfBlock = "(select n.time_zone from legal_entities n where n.id = b.entity_id)"

func quietUntil(today time.Time) time.Time { return today.AddDate(0, 0, disputedDays) }

// keepDisputed keeps reminders from an invoice that is in dispute where it came from, and has nobody asked for what is: there is no case here that
// would hold the amount.
func (k known) keepDisputed(ctx context.Context, tx *db.Tx, row *ImportRow, invoice Invoice) error {
	today, disputed := k.entity.Day(tx.Now()), disputedThere(row.Content)
	if !k.noteDisputed(row, today) {
		return nil
	}
	_, err := setBlockTx(ctx, tx, Block{
		EntityID: invoice.EntityID, CustomerID: invoice.CustomerID, InvoiceID: &invoice.ID, FromOn: today, UntilOn: quietUntil(today),
		Reason: "In dispute in " + row.System + ": " + disputed.String(), Disputed: new(disputed.Decimal()),
	}, k.batch.actor())
	return err
}
