package billing

import (
	"context"
	"fmt"

	"makegood/internal/db"
)

// plannedAtOnce is how many rows are looked at together.
const plannedAtOnce = 500

// planImport finds out what each record of a batch would become, without a lock on anything in the books: the same as
// before, in conflict with it, or refused with the reason. What is left new is brought in later, looked at again.
func (s *Service) planImport(ctx context.Context, id ImportID) error {
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		batch, err := lockImport(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := compareEarlier(ctx, tx, id, nil); err != nil {
			return err
		}
		if err := explainRefunds(ctx, tx, id); err != nil {
			return err
		}
		entity, err := s.EntityByID(ctx, tx, batch.EntityID)
		if err != nil {
			return err
		}
		if err := s.planRows(ctx, tx, batch, entity); err != nil {
			return err
		}
		return setImportState(ctx, tx, id, ImportPlanned)
	})
	if err != nil {
		return fmt.Errorf("plan import: %w", err)
	}
	return nil
}

// compareEarlier finds the rows of a batch that came in by another before: with the same content they are unchanged, else
// in conflict. Rows nil means all that are new.
func compareEarlier(ctx context.Context, tx *db.Tx, id ImportID, rows []ImportRowID) error {
	if _, err := tx.Exec(ctx, `update import_rows r set state = case when e.content_hash = r.content_hash then 'unchanged' else 'conflict' end,
			document_kind = e.document_kind, document_id = e.document_id, document_number = e.document_number,
			reasons = case when e.content_hash = r.content_hash then r.reasons
				else jsonb_build_array(jsonb_build_object('key', 'billing.import.came_differently', 'row', r.rows[1], 'params',
					jsonb_build_object('file', b.filename))) end
		from import_rows e join import_batches b on b.id = e.batch_id
		where r.batch_id = $1 and r.state = 'new' and ($2::bigint[] is null or r.id = any ($2)) and e.system = r.system and e.kind = r.kind
			and e.external_id = r.external_id and e.batch_id <> r.batch_id and e.state in ('waiting', 'approved', 'done')`, id, rows); err != nil {
		return fmt.Errorf("compare with earlier imports: %w", err)
	}
	return nil
}

// explainRefunds tells refunds that a credit note counts already from those that none does. Money that went back without
// a credit needs somebody's authority, which a file does not have: such a row is refused with the reason, never dropped.
func explainRefunds(ctx context.Context, tx *db.Tx, id ImportID) error {
	if _, err := tx.Exec(ctx, `with batch as (select id, system from import_batches where id = $1),
			noted as (select jsonb_array_elements_text(n.content #> '{credit_note,refunds}') as refund from import_rows n, batch b
				where n.system = b.system and n.kind = 'credit_notes' and (n.batch_id = b.id and n.state = 'new' or n.state in ('waiting', 'approved', 'done')))
		update import_rows r set state = case when e.noted then 'left' else 'failed' end, reasons = jsonb_build_array(jsonb_build_object('row', r.rows[1],
				'key', case when e.noted then 'billing.import.counted_by_note' else 'billing.import.refund_unexplained' end,
				'params', jsonb_build_object('amount', r.content #>> '{refund,amount}', 'currency', r.content #>> '{refund,currency}',
					'payment', coalesce(r.content #>> '{refund,payment}', ''))))
		from (select f.id, f.external_id in (select refund from noted) as noted from import_rows f
			where f.batch_id = $1 and f.kind = 'refunds' and f.state = 'left' and f.content is not null) e
		where r.id = e.id`, id); err != nil {
		return fmt.Errorf("explain refunds: %w", err)
	}
	return nil
}

func (s *Service) planRows(ctx context.Context, tx *db.Tx, batch ImportBatch, entity Entity) error {
	for after := int64(0); ; {
		rows, err := db.List[ImportRow](ctx, tx, `select `+importRowColumns+` from import_rows
			where batch_id = $1 and state = 'new' and position > $2 order by position limit $3`, batch.ID, after, plannedAtOnce)
		if err != nil {
			return fmt.Errorf("read rows: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		after = rows[len(rows)-1].Position
		k, err := lookUp(ctx, tx, batch, entity, rows, true)
		if err != nil {
			return err
		}
		for _, row := range rows {
			err := k.check(ctx, s, tx, &row)
			switch {
			case err != nil:
				row.fail(err)
			case row.State == RowNew && !k.noteDisputed(&row, entity.Day(tx.Now())):
				continue
			}
			if err := setRow(ctx, tx, row); err != nil {
				return err
			}
		}
	}
}

// fail notes why the books do not take a row. What is here with other content is a conflict.
func (r *ImportRow) fail(err error) {
	reason := reasonFor(err)
	reason.Row = firstRow(r.Rows)
	r.State, r.Reasons = RowFailed, []ImportReason{reason}
	switch reason.Key {
	case ErrHereDifferently.Key, ErrNumberTaken.Key, ErrNumberOurs.Key, ErrAccountTaken.Key:
		r.State = RowConflict
	}
}

// check looks at a record as far as that can be done before the records that come ahead of it are in.
func (k known) check(ctx context.Context, s *Service, r db.Reader, row *ImportRow) error {
	c := row.Content
	switch {
	case c.Customer != nil:
		return k.checkCustomer(row)
	case c.Rate != nil:
		return checkRate(ctx, r, row)
	case c.Invoice != nil:
		order, err := k.invoiceOrder(*row)
		if err != nil {
			return err
		}
		return k.checkRateFor(ctx, s, r, order)
	case c.Balance != nil:
		_, err := k.balanceOrder(*row)
		return err
	case c.Payment != nil:
		_, err := k.payment(*row)
		return err
	case c.CreditNote != nil:
		return k.checkNote(*row)
	}
	return ErrNotBroughtIn
}

// checkRateFor asks for the exchange rate an invoice needs, which is the commonest thing to be missing.
func (k known) checkRateFor(ctx context.Context, s *Service, r db.Reader, order invoiceOrder) error {
	if order.Currency == k.entity.BaseCurrency {
		return nil
	}
	coming, err := db.Value[bool](ctx, r, `select exists (select from import_rows where batch_id = $1 and kind = 'rates' and state = 'new')`, k.batch.ID)
	if err != nil || coming {
		return err
	}
	_, _, err = s.Rate(ctx, r, order.Currency, k.entity.BaseCurrency, order.IssuedOn)
	return err
}
