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
// at commit, and refuses one whose period is closed. One whose month was soft-closed since its writer looked fails as what
// passes by itself does, so that the transaction runs again.
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

// Queue adds the statement that posts entries to a batch, for callers that send other rows in the same round trip. It is
// one statement however many entries there are.
func Queue(batch *pgx.Batch, at time.Time, drafts ...Draft) error {
	var c columns
	for i, d := range drafts {
		lines, err := d.settle()
		if err != nil {
			return err
		}
		c.add(int64(i+1), d, lines)
	}
	if len(drafts) > 0 {
		c.queue(batch, at)
	}
	return nil
}

// columns are entries and their postings turned on their side, for one insert.
type columns struct {
	entity, document, customer, actor   []int64
	kind, number, currency, actorKind   []string
	booked, dated                       []time.Time
	caseID, request, reverses           []*int64
	soft                                []bool
	entry                               []int64
	account                             []string
	lineCustomer, lineInvoice, lineItem []*int64
	lineKind                            []*string
	amount, base                        []decimal.Decimal
}

func (c *columns) add(entry int64, d Draft, lines []settled) {
	c.entity, c.document, c.customer = append(c.entity, d.EntityID), append(c.document, d.DocumentID), append(c.customer, d.CustomerID)
	c.kind, c.number, c.currency = append(c.kind, string(d.DocumentKind)), append(c.number, d.DocumentNumber), append(c.currency, string(d.Currency))
	c.actorKind, c.actor = append(c.actorKind, string(d.By.Kind)), append(c.actor, d.By.UserID)
	c.booked, c.dated, c.soft = append(c.booked, d.BookedOn), append(c.dated, d.DatedOn), append(c.soft, d.Soft)
	c.caseID, c.request, c.reverses = append(c.caseID, d.CaseID), append(c.request, d.CreditRequestID), append(c.reverses, (*int64)(d.ReversesID))
	for _, l := range lines {
		c.entry, c.account = append(c.entry, entry), append(c.account, string(l.Account))
		c.lineCustomer, c.lineInvoice = append(c.lineCustomer, l.CustomerID), append(c.lineInvoice, l.InvoiceID)
		c.amount, c.base = append(c.amount, l.Amount), append(c.base, l.base)
		var kind *string
		var item *int64
		if l.Item.ID != 0 {
			kind, item = &l.Item.Kind, &l.Item.ID
		}
		c.lineKind, c.lineItem = append(c.lineKind, kind), append(c.lineItem, item)
	}
}

func (c *columns) queue(batch *pgx.Batch, at time.Time) {
	batch.Queue(`with head as (
			select nextval((select pg_get_serial_sequence('journal_entries', 'id')::regclass)) as id, u.*
			from unnest($1::bigint[], $2::date[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::bigint[], $9::bigint[],
				$10::text[], $11::bigint[], $12::bigint[], $13::date[], $23::boolean[]) with ordinality as u(entity_id, booked_on, document_kind, document_id,
				document_number, customer_id, currency, case_id, credit_request_id, actor_kind, actor_id, reverses_id, dated_on, soft, place)
		), entry as (
			insert into journal_entries (id, entity_id, booked_on, document_kind, document_id, document_number, customer_id, currency,
				case_id, credit_request_id, actor_kind, actor_id, reverses_id, posted_at, dated_on, soft)
			select id, entity_id, booked_on, document_kind, document_id, document_number, customer_id, currency,
				case_id, credit_request_id, actor_kind, actor_id, reverses_id, $14, dated_on, soft from head)
		insert into postings (entry_id, entity_id, account, customer_id, invoice_id, currency, amount, base_amount, item_kind, item_id,
			booked_on, dated_on, posted_on)
		select head.id, head.entity_id, l.account, l.customer_id, l.invoice_id, head.currency, l.amount, l.base, l.item_kind, l.item_id,
			head.booked_on, head.dated_on, ($14::timestamptz at time zone 'UTC')::date
		from unnest($15::bigint[], $16::text[], $17::bigint[], $18::bigint[], $19::numeric[], $20::numeric[], $21::text[], $22::bigint[])
			with ordinality as l(entry, account, customer_id, invoice_id, amount, base, item_kind, item_id, place)
		join head on head.place = l.entry order by l.place`,
		c.entity, c.booked, c.kind, c.document, c.number, c.customer, c.currency, c.caseID, c.request,
		c.actorKind, c.actor, c.reverses, c.dated, at,
		c.entry, c.account, c.lineCustomer, c.lineInvoice, c.amount, c.base, c.lineKind, c.lineItem, c.soft)
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
