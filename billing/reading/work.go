package reading

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"makegood/billing"
	"makegood/billing/gateway"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// pagesAtOnce is how many pages a job reads before it makes room for others; pageWithin bounds one of them.
const (
	pagesAtOnce = 20
	pageWithin  = 60 * time.Second
)

// goOn reads on where a reading stands, and has what it read imported once all is here. It may be worked twice, and be cut at any
// moment: a page is kept together with the place after it, or not at all.
func (s *Service) goOn(ctx context.Context, job GoOn) error {
	run, err := s.run(ctx, job.Reading)
	if err != nil {
		return err
	}
	if run.State == Reading {
		if run.NotBefore != nil && run.NotBefore.After(s.db.Now()) {
			return s.db.Do(ctx, func(tx *db.Tx) error { return tx.EnqueueAt(ctx, job, *run.NotBefore) })
		}
		run, err = s.pages(ctx, run)
		switch {
		case errors.Is(err, errElsewhere):
			return nil
		case err != nil:
			return s.stopped(ctx, run, err)
		case run.State == Reading:
			return s.db.Do(ctx, func(tx *db.Tx) error { return tx.Enqueue(ctx, job) })
		}
	}
	if run.State == Read {
		return s.bring(ctx, run)
	}
	return nil
}

func (s *Service) run(ctx context.Context, id ID) (Run, error) {
	run, err := db.One[Run](ctx, s.db, `select * from live_readings where id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return run, ErrNoSource
	}
	if err != nil {
		return run, fmt.Errorf("read reading: %w", err)
	}
	return run, nil
}

// pages reads some pages. No transaction is open while the account is asked.
func (s *Service) pages(ctx context.Context, run Run) (Run, error) {
	there, err := s.open(ctx, run.EntityID)
	if err != nil {
		return run, err
	}
	for range pagesAtOnce {
		page, err := s.page(ctx, there, run)
		if err != nil {
			return run, err
		}
		if run, err = s.keep(ctx, run, page); err != nil || run.State != Reading {
			return run, err
		}
	}
	return run, nil
}

func (s *Service) page(ctx context.Context, there *gateway.Reader, run Run) (gateway.Page, error) {
	ctx, cancel := context.WithTimeout(ctx, pageWithin)
	defer cancel()
	q := gateway.PageQuery{Resource: gateway.Resources()[run.Resource], After: run.After}
	if run.Since != nil {
		q.Since = *run.Since
	}
	return there.Page(ctx, q)
}

// keep keeps a page and moves on. errElsewhere when another worker has kept one for this place.
func (s *Service) keep(ctx context.Context, run Run, page gateway.Page) (Run, error) {
	content, err := lines(page.Objects)
	if err != nil {
		return run, err
	}
	resource, after, state := run.Resource, page.Last, Reading
	if !page.More {
		resource, after = run.Resource+1, ""
	}
	if resource == len(gateway.Resources()) {
		resource, state = run.Resource, Read
	}
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		moved, err := db.List[Run](ctx, tx, `update live_readings set resource = $3, after = $4, state = $5, pages = pages + 1, objects = objects + $6, not_before = null, answer = ''
			where id = $1 and pages = $2 and state = 'reading' returning *`, run.ID, run.Pages, resource, after, state, len(page.Objects))
		if err != nil {
			return fmt.Errorf("keep place: %w", err)
		}
		if len(moved) == 0 {
			return errElsewhere
		}
		if _, err := tx.Exec(ctx, `insert into live_pages (reading_id, place, content) values ($1, $2, $3)`, run.ID, run.Pages, content); err != nil {
			return fmt.Errorf("keep page: %w", err)
		}
		run = moved[0]
		return nil
	})
	return run, err
}

// lines writes objects one a line, as an import reads them.
func lines(objects []json.RawMessage) (string, error) {
	var out strings.Builder
	for _, object := range objects {
		text, err := json.Marshal(object) // in one line, whatever line ends it came with
		if err != nil {
			return "", fmt.Errorf("write object: %w", err)
		}
		out.Write(text)
		out.WriteByte('\n')
	}
	return strings.ReplaceAll(out.String(), `\u0000`, `\ufffd`), nil // text of the database knows no such character
}

// stopped says what becomes of a reading that the account did not go on with: it waits as long as it was told, is given up where asking
// again cannot help, and else is tried again by the job.
func (s *Service) stopped(ctx context.Context, run Run, failure error) error {
	s.logger.WarnContext(ctx, "account not read on", "reading", int64(run.ID), "pages", run.Pages, "error", failure.Error())
	ctx = context.WithoutCancel(ctx) // what was learnt is kept even when the process is told to stop
	if limited, ok := errors.AsType[*gateway.LimitedError](failure); ok {
		return s.db.Do(ctx, func(tx *db.Tx) error {
			at := tx.Now().Add(limited.After)
			if _, err := tx.Exec(ctx, `update live_readings set not_before = $2, answer = $3 where id = $1 and state = 'reading'`, run.ID, at, errs.KeyOf(failure)); err != nil {
				return fmt.Errorf("keep when to go on: %w", err)
			}
			return tx.EnqueueAt(ctx, GoOn{Reading: run.ID}, at)
		})
	}
	final := final(failure)
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		if final {
			return endTx(ctx, tx, run.ID, Failed, errs.KeyOf(failure))
		}
		_, err := tx.Exec(ctx, `update live_readings set answer = $2 where id = $1 and state = 'reading'`, run.ID, errs.KeyOf(failure))
		return err
	})
	if err != nil || final {
		return err
	}
	return failure
}

// final tells a refusal from a fault that passes.
func final(err error) bool {
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict, errs.NotFound, errs.Forbidden, errs.TooLarge:
		return true
	case errs.Internal, errs.Unauthenticated, errs.TooMany, errs.Unavailable:
	}
	return false
}

// endTx ends a reading. Its pages are in the import by then, or of no use.
func endTx(ctx context.Context, tx *db.Tx, id ID, state State, answer string) error {
	if _, err := tx.Exec(ctx, `update live_readings set state = $2, answer = $3, finished_at = $4 where id = $1 and state in ('reading', 'read')`, id, state, answer, tx.Now()); err != nil {
		return fmt.Errorf("end reading: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from live_pages where reading_id = $1`, id); err != nil {
		return fmt.Errorf("let pages go: %w", err)
	}
	return nil
}

// bring has what was read imported by the door that every file takes. Where a process died on the way, what it had staged is dropped
// and staged anew.
func (s *Service) bring(ctx context.Context, run Run) error {
	if run.BatchID != nil {
		return s.finish(ctx, run, *run.BatchID)
	}
	if run.Objects == 0 {
		return s.db.Do(ctx, func(tx *db.Tx) error { return endTx(ctx, tx, run.ID, Done, "") })
	}
	in := billing.NewImport{EntityID: run.EntityID, System: run.System, Kind: billing.StripeFile, Filename: run.file(), By: run.actor()}
	if err := s.dropStaged(ctx, run, in); err != nil {
		return err
	}
	batch, err := s.billing.StageImport(ctx, in, &pages{ctx: ctx, db: s.db, run: run})
	if err != nil {
		if final(err) {
			return s.db.Do(ctx, func(tx *db.Tx) error { return endTx(ctx, tx, run.ID, Failed, errs.KeyOf(err)) })
		}
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
	counts, err := s.billing.ImportCounts(ctx, run.actor(), id)
	if err != nil {
		return err
	}
	nothing := counts[billing.RowNew]+counts[billing.RowConflict]+counts[billing.RowFailed]+counts[billing.RowRejected]+counts[billing.RowWaiting] == 0
	switch {
	case batch.State == billing.ImportPlanned && nothing:
		err = s.billing.DiscardImport(ctx, id, run.actor())
	case batch.State == billing.ImportPlanned:
		err = s.billing.StartImport(ctx, id, run.actor())
	}
	if err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if batch.State == billing.ImportDiscarded || nothing {
			if _, err := tx.Exec(ctx, `update live_readings set batch_id = null where id = $1`, run.ID); err != nil {
				return fmt.Errorf("let import go: %w", err)
			}
		}
		return endTx(ctx, tx, run.ID, Done, "")
	})
}
