package reading

import (
	"context"
	"fmt"

	"makegood/billing"
	"makegood/internal/db"
)

// bring has what was read imported by the door that every file takes. Where a process died on the way, what it had staged is dropped
// and staged anew.
func (s *Service) bring(ctx context.Context, job Bring) error {
	run, err := s.run(ctx, job.Reading)
	if err != nil || run.State != Read {
		return err
	}
	if err = s.imported(ctx, run); err == nil || !refused(err) && !run.stuck(s.db.Now()) {
		return err
	}
	s.logger.WarnContext(ctx, "reading not imported", "reading", int64(run.ID), "error", err.Error())
	return s.end(context.WithoutCancel(ctx), run, Failed, said(err, false))
}

func (s *Service) imported(ctx context.Context, run Run) error {
	if run.BatchID != nil {
		return s.finish(ctx, run, *run.BatchID)
	}
	if run.Objects == 0 {
		return s.end(ctx, run, Done, "")
	}
	in := billing.NewImport{EntityID: run.EntityID, System: run.System, Kind: billing.StripeFile, Filename: run.file(), MaxBytes: most, By: run.actor()}
	if err := s.dropStaged(ctx, run, in); err != nil {
		return err
	}
	batch, err := s.billing.StageImport(ctx, in, &pages{ctx: ctx, db: s.db, run: run})
	if err != nil {
		return err
	}
	if err := s.db.Do(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update live_readings set batch_id = $2 where id = $1 and batch_id is null`, run.ID, batch.ID)
		return err
	}); err != nil {
		return fmt.Errorf("keep import: %w", err)
	}
	return s.finish(ctx, run, batch.ID)
}

// finish starts an import that has anything new, or drops it, and ends the reading. One that was started before is none of nothing new,
// however little of it is still to come.
func (s *Service) finish(ctx context.Context, run Run, id billing.ImportID) error {
	batch, err := s.billing.Import(ctx, run.actor(), id)
	if err != nil {
		return err
	}
	dropped := batch.State == billing.ImportDiscarded
	if batch.State == billing.ImportPlanned {
		anything, err := s.anythingNew(ctx, run, id)
		if err != nil {
			return err
		}
		if dropped = !anything; dropped {
			err = s.billing.DiscardImport(ctx, id, run.actor())
		} else {
			err = s.billing.StartImport(ctx, id, run.actor())
		}
		if err != nil {
			return err
		}
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if dropped {
			if _, err := tx.Exec(ctx, `update live_readings set batch_id = null where id = $1`, run.ID); err != nil {
				return fmt.Errorf("let import go: %w", err)
			}
		}
		return endTx(ctx, tx, run, Done, "")
	})
}

// anythingNew tells whether an import says anything that the account's import before it did not: what is to come in, and what was not
// taken unless the same was not taken then, for the same reason.
func (s *Service) anythingNew(ctx context.Context, run Run, id billing.ImportID) (bool, error) {
	found, err := db.Value[bool](ctx, s.db, `with before as (select r.kind, r.external_id, r.content_hash, r.raw::text as raw, r.reasons -> 0 ->> 'key' as key from import_rows r
			where r.state in ('rejected', 'failed', 'conflict') and r.batch_id = (select l.batch_id from live_readings l
				where l.entity_id = $2 and l.system = $3 and l.state = 'done' and l.batch_id is not null and l.id < $4 order by l.id desc limit 1))
		select exists (select from import_rows r where r.batch_id = $1 and (r.state in ('new', 'waiting') or r.state in ('rejected', 'failed', 'conflict')
			and not exists (select from before b where b.external_id = r.external_id and b.kind = r.kind and b.key = r.reasons -> 0 ->> 'key'
				and b.content_hash = r.content_hash and (r.content_hash <> '' or b.raw = r.raw::text))))`, id, run.EntityID, run.System, run.ID)
	if err != nil {
		return false, fmt.Errorf("look for anything new: %w", err)
	}
	return found, nil
}
