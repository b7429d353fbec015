package reading

import (
	"context"
	"fmt"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/errs"
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

// finish starts an import that has anything new, or drops it, and ends the reading.
func (s *Service) finish(ctx context.Context, run Run, id billing.ImportID) error {
	batch, err := s.billing.Import(ctx, run.actor(), id)
	if err != nil {
		return err
	}
	dropped := batch.State == billing.ImportDiscarded
	if !dropped {
		if dropped, err = s.begun(ctx, run, batch); err != nil {
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

// begun starts an import, or drops it and says so: where nothing in it is new, and where all that might be failed before and has failed
// again. That is found out here, by bringing it in: why it failed may be gone.
func (s *Service) begun(ctx context.Context, run Run, batch billing.ImportBatch) (dropped bool, err error) {
	for tried := false; ; tried = true {
		found, err := s.look(ctx, run, batch.ID)
		if err != nil {
			return false, err
		}
		if found == nothingNew {
			err := s.billing.DiscardImport(ctx, batch.ID, run.actor())
			if errs.KeyOf(err) == billing.ErrImportState.Key { // somebody decided on it meanwhile
				return false, nil
			}
			return err == nil, err
		}
		if batch.State == billing.ImportPlanned {
			if err := s.billing.StartImport(ctx, batch.ID, run.actor()); err != nil {
				return false, err
			}
			batch.State = billing.ImportRunning
		}
		if found == somethingNew || tried {
			return false, nil
		}
		if err := s.billing.RunImport(ctx, batch.ID); err != nil {
			return false, err
		}
	}
}

// What an import says that the account's import before it did not: nothing; nothing unless what failed then comes in now; something.
const (
	nothingNew = iota
	failedBefore
	somethingNew
)

// look tells what is new in an import: what came in or is to, and what was not taken unless the same was not taken before, for the same
// reason. Of what failed before and was not tried again nobody knows yet.
func (s *Service) look(ctx context.Context, run Run, id billing.ImportID) (int, error) {
	found, err := db.Value[int](ctx, s.db, `with before as (select r.kind, r.external_id, r.content_hash, r.raw::text as raw, r.reasons -> 0 ->> 'key' as key from import_rows r
			where r.state in ('rejected', 'failed', 'conflict') and r.batch_id = (select l.batch_id from live_readings l
				where l.entity_id = $2 and l.system = $3 and l.state = 'done' and l.batch_id is not null and l.id < $4 order by l.id desc limit 1))
		select coalesce(max(case when b.kind is null then $7::int when r.state = 'new' then $6::int else $5::int end), $5::int)
		from import_rows r left join before b on b.external_id = r.external_id and b.kind = r.kind and b.content_hash = r.content_hash and (r.content_hash <> '' or b.raw = r.raw::text)
			and (r.state = 'new' or r.state in ('rejected', 'failed', 'conflict') and b.key = r.reasons -> 0 ->> 'key')
		where r.batch_id = $1 and r.state in ('new', 'waiting', 'approved', 'done', 'rejected', 'failed', 'conflict')`, id, run.EntityID, run.System, run.ID, nothingNew, failedBefore, somethingNew)
	if err != nil {
		return 0, fmt.Errorf("look for anything new: %w", err)
	}
	return found, nil
}
