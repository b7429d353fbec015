package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// PostTx posts entries, all in one round trip. It refuses an entry that does not balance; the database checks again
// at commit, and refuses one whose period is closed.
func PostTx(ctx context.Context, tx *db.Tx, drafts ...Draft) error {
	var batch pgx.Batch
	if err := Queue(&batch, tx.Now(), drafts...); err != nil {
		return err
	}
	if err := tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("post entries: %w", err)
	}
	return nil
}

// Queue adds the statements that post entries to a batch, for callers that send other rows in the same round trip.
func Queue(batch *pgx.Batch, at time.Time, drafts ...Draft) error {
	for _, d := range drafts {
		lines, err := d.settle()
		if err != nil {
			return err
		}
		queueEntry(batch, at, d, lines)
	}
	return nil
}

func queueEntry(batch *pgx.Batch, at time.Time, d Draft, lines []settled) {
	n := len(lines)
	accounts, customers, invoices := make([]string, n), make([]*int64, n), make([]*int64, n)
	amounts, bases := make([]decimal.Decimal, n), make([]decimal.Decimal, n)
	kinds, items := make([]*string, n), make([]*int64, n)
	for i, l := range lines {
		accounts[i], customers[i], invoices[i] = string(l.Account), l.CustomerID, l.InvoiceID
		amounts[i], bases[i] = l.Amount, l.base
		if l.Item.ID != 0 {
			kinds[i], items[i] = &l.Item.Kind, &l.Item.ID
		}
	}
	batch.Queue(`with entry as (
			insert into journal_entries (entity_id, booked_on, document_kind, document_id, document_number, customer_id, currency,
				case_id, credit_request_id, actor_kind, actor_id, reverses_id, posted_at, dated_on)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id)
		insert into postings (entry_id, entity_id, account, customer_id, invoice_id, currency, amount, base_amount, item_kind, item_id,
			booked_on, dated_on, posted_on)
		select entry.id, $1, l.account, l.customer_id, l.invoice_id, $7, l.amount, l.base, l.item_kind, l.item_id,
			$2, $14, ($13::timestamptz at time zone 'UTC')::date
		from entry, unnest($15::text[], $16::bigint[], $17::bigint[], $18::numeric[], $19::numeric[], $20::text[], $21::bigint[])
			with ordinality as l(account, customer_id, invoice_id, amount, base, item_kind, item_id, place) order by l.place`,
		d.EntityID, d.BookedOn, d.DocumentKind, d.DocumentID, d.DocumentNumber, d.CustomerID, d.Currency,
		d.CaseID, d.CreditRequestID, string(d.By.Kind), d.By.UserID, d.ReversesID, at, d.DatedOn,
		accounts, customers, invoices, amounts, bases, kinds, items)
}

type settled struct {
	Line
	base decimal.Decimal
}

// settle works out base amounts, drops lines of nothing, and books what is left over in base currency on the
// difference account, so that the entry balances in both.
func (d Draft) settle() ([]settled, error) {
	sum, baseSum := decimal.Zero, decimal.Zero
	lines := make([]settled, 0, len(d.Lines)+1)
	for _, l := range d.Lines {
		base := l.Amount.Mul(d.Rate).Round(d.BaseCurrency.Digits())
		if l.Base != nil {
			base = *l.Base
		}
		if l.Amount.IsZero() && base.IsZero() {
			continue
		}
		sum, baseSum = sum.Add(l.Amount), baseSum.Add(base)
		lines = append(lines, settled{l, base})
	}
	if !sum.IsZero() || len(lines) < 2 {
		return nil, errs.New(ErrUnbalanced.Kind, ErrUnbalanced.Key,
			"document", d.DocumentNumber, "difference", sum.String()+" "+string(d.Currency))
	}
	if !baseSum.IsZero() {
		account := d.Difference
		if account == "" {
			account = Rounding
		}
		lines = append(lines, settled{Line{Account: account}, baseSum.Neg()})
	}
	return lines, nil
}
