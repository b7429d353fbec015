package billing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// GivenElsewhere is what the credits of an import give one customer of a family by one kind, in one currency and with tax. Before is
// what imports signed in the last days gave already; it is not in Waiting.
type GivenElsewhere struct {
	Family   CustomerID
	Name     string // of the customer at the top of the family
	Kind     Kind
	Tier     string
	Currency money.Currency
	Waiting  decimal.Decimal
	Before   decimal.Decimal
	PaidOut  bool // part of what waits was refunded or settled elsewhere
}

// ImportSigning tells how many people of the signer's authority it takes to sign the credits of an import, or why this person does not.
type ImportSigning func(ctx context.Context, tx *db.Tx, by Actor, batch ImportBatch, given []GivenElsewhere) (signatures int, err error)

// SignImportsBy has credits of imports signed only by whom ask lets. Until it is called nobody signs any.
func (s *Service) SignImportsBy(ask ImportSigning) { s.importSigning = ask }

// signedDays are those over which imported credits of one family count together, so that several small files give no more than one.
const signedDays = 30

// givenBy adds up what waits for a signature in a batch, with what imports gave the same families lately, whichever legal entity's. It locks the
// families, so that two files signed at the same moment count with one another.
func givenBy(ctx context.Context, r *db.Tx, batch ImportBatch, now time.Time) ([]GivenElsewhere, error) {
	if _, err := r.Exec(ctx, `select id from customers where id in (select c.family_id from import_rows r
			join customers c on c.id = (r.adjustment ->> 'CustomerID')::bigint or r.adjustment is null and c.account = r.content #>> '{open_balance,customer}'
			where r.batch_id = $1 and r.state = 'waiting') order by id for no key update`, batch.ID); err != nil {
		return nil, fmt.Errorf("lock families of imported credits: %w", err)
	}
	list, err := db.List[GivenElsewhere](ctx, r, `with wanted as (
			select r.id, r.batch_id, r.state = 'waiting' and r.batch_id = $1 as waits,
				coalesce(r.adjustment ->> 'Kind', 'billing_error') as kind,
				coalesce(r.adjustment ->> 'Currency', r.content #>> '{open_balance,currency}') as currency,
				coalesce((r.adjustment ->> 'Total')::numeric, -(r.content #>> '{open_balance,open}')::numeric) as total, c.family_id, c.tier,
				coalesce((r.adjustment ->> 'SettledOutside')::numeric, 0) + coalesce((r.adjustment ->> 'ToRefund')::numeric, 0) > 0 as paid_out
			from import_batches b join import_rows r on r.batch_id = b.id
			join customers c on c.id = (r.adjustment ->> 'CustomerID')::bigint or r.adjustment is null and c.account = r.content #>> '{open_balance,customer}'
			where b.id = $1 and r.state = 'waiting' or b.approved_at > $2 and b.id <> $1 and r.digest is not null and r.state in ('approved', 'done'))
		select w.family_id as family, f.name, w.kind, w.tier, w.currency, coalesce(sum(w.total) filter (where w.waits), 0) as waiting,
			coalesce(sum(w.total) filter (where not w.waits), 0) as before,
			coalesce(bool_or(w.paid_out) filter (where w.waits), false) as paid_out
		from wanted w join customers f on f.id = w.family_id where w.family_id in (select family_id from wanted where waits)
		group by 1, 2, 3, 4, 5 order by 2, 1, 3, 4, 5`, batch.ID, now.AddDate(0, 0, -signedDays))
	if err != nil {
		return nil, fmt.Errorf("add up imported credits: %w", err)
	}
	return list, nil
}

// signTx keeps a signature under a batch, and tells whether it is the last that its credits need.
func (s *Service) signTx(ctx context.Context, tx *db.Tx, batch ImportBatch, by Actor) (bool, error) {
	if slices.Contains(batch.Signers, by.UserID) {
		return false, ErrSignedImport
	}
	if s.importSigning == nil {
		return false, access.ErrForbidden
	}
	given, err := givenBy(ctx, tx, batch, tx.Now())
	if err != nil {
		return false, err
	}
	if len(given) == 0 {
		return false, ErrNothingToApprove
	}
	needed, err := s.importSigning(ctx, tx, by, batch, given)
	if err != nil {
		return false, err
	}
	if len(batch.Signers)+1 >= needed {
		return true, nil
	}
	if _, err := tx.Exec(ctx, `update import_batches set signers = signers || $2::bigint where id = $1`, batch.ID, by.UserID); err != nil {
		return false, fmt.Errorf("sign batch: %w", err)
	}
	tx.Publish(batch.ID.Topic())
	return false, audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(batch.EntityID)), By: by, What: "import.signed", Data: map[string]any{
		"import_id": batch.ID, "file": batch.Filename, "signature": len(batch.Signers) + 1, "needed": needed,
	}})
}

// ErrSignedImport refuses a second signature of the same person under one file.
var ErrSignedImport = errs.New(errs.Conflict, "billing.import.signed")
