package reading

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"makegood/billing/gateway"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// goOn reads on where a reading stands, and has what it read imported once all is here. It may be worked twice, and be cut at any
// moment: a page is kept together with the place after it, or not at all.
func (s *Service) goOn(ctx context.Context, job GoOn) error {
	run, err := s.run(ctx, job.Reading)
	if err != nil || run.State == Done || run.State == Failed {
		return err
	}
	if run.NotBefore != nil && run.NotBefore.After(s.db.Now()) {
		return s.db.Do(ctx, func(tx *db.Tx) error { return tx.EnqueueAt(ctx, job, *run.NotBefore) })
	}
	from := run.Pages
	if run.State == Reading {
		run, err = s.pages(ctx, run)
	}
	_, limited := errors.AsType[*gateway.LimitedError](err)
	switch {
	case errors.Is(err, errElsewhere):
		return nil
	case err != nil && (run.Pages == from || limited || refused(err)):
		return s.stopped(ctx, run, err)
	case err != nil:
		s.logger.WarnContext(ctx, "account read on later", "reading", int64(run.ID), "pages", run.Pages, "error", err.Error())
	}
	ctx = context.WithoutCancel(ctx) // it goes on even when the process is told to stop
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if run.State == Read {
			return tx.Enqueue(ctx, Bring(job))
		}
		return tx.Enqueue(ctx, job)
	})
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
	enough, cancel := context.WithTimeout(ctx, s.readFor)
	defer cancel()
	for {
		q := gateway.PageQuery{Resource: gateway.Resources()[run.Resource], After: run.After, Within: s.pageFor}
		if run.Since != nil {
			q.Since = *run.Since
		}
		page, err := there.Page(ctx, q)
		if err != nil {
			return run, err
		}
		if run, err = s.keep(ctx, run, page); err != nil || run.State != Reading || enough.Err() != nil {
			return run, err
		}
	}
}

// keep keeps a page and moves on. errElsewhere when another worker has kept one for this place, or another key was given meanwhile.
func (s *Service) keep(ctx context.Context, run Run, page gateway.Page) (Run, error) {
	content, err := lines(page.Objects)
	if err != nil {
		return run, err
	}
	if run.Bytes+int64(len(content)) > most {
		return run, errs.New(ErrTooMuch.Kind, ErrTooMuch.Key)
	}
	resource, after, state := run.Resource, page.Last, Reading
	if !page.More {
		resource, after = run.Resource+1, ""
	}
	if resource == len(gateway.Resources()) {
		resource, state = run.Resource, Read
	}
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		moved, err := db.List[Run](ctx, tx, `update live_readings set resource = $3, after = $4, state = $5, pages = pages + 1, objects = objects + $6, bytes = bytes + $7, moved_at = greatest($8, moved_at), not_before = null, answer = ''
			where id = $1 and pages = $2 and moved_at is not distinct from $9 and state = 'reading' returning *`,
			run.ID, run.Pages, resource, after, state, len(page.Objects), len(content), tx.Now(), run.MovedAt)
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

// stopped says what becomes of a reading that the account did not go on with: it waits as long as it was told, or is tried again by the
// job; where asking again cannot help, or did not for days, it is given up.
func (s *Service) stopped(ctx context.Context, run Run, failure error) error {
	s.logger.WarnContext(ctx, "account not read on", "reading", int64(run.ID), "pages", run.Pages, "error", failure.Error())
	ctx = context.WithoutCancel(ctx) // what was learnt is kept even when the process is told to stop
	if over := run.stuck(s.db.Now()); over || refused(failure) {
		return s.end(ctx, run, Failed, said(failure, over))
	}
	limited, waits := errors.AsType[*gateway.LimitedError](failure)
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var at *time.Time
		if waits {
			at = new(tx.Now().Add(limited.After))
		}
		n, err := tx.Exec(ctx, `update live_readings set not_before = $3, answer = $4 where id = $1 and pages = $2 and moved_at is not distinct from $5 and state = 'reading'`,
			run.ID, run.Pages, at, said(failure, false), run.MovedAt)
		if err != nil {
			return fmt.Errorf("keep what was answered: %w", err)
		}
		if n == 0 || at == nil { // somebody else goes on with it
			return nil
		}
		return tx.EnqueueAt(ctx, GoOn{Reading: run.ID}, *at)
	})
	if err != nil || waits {
		return err
	}
	return failure
}

// stuck tells whether a reading has not moved on for so long that it is given up.
func (r Run) stuck(now time.Time) bool {
	moved := r.StartedAt
	if r.MovedAt != nil {
		moved = *r.MovedAt
	}
	return now.Sub(moved) >= gaveUp
}

// said is the message key of a failure, which those who speak of issuing a document, or of trying again, do not fit.
func said(failure error, over bool) string {
	switch key := errs.KeyOf(failure); {
	case key == gateway.ErrRefused.Key:
		return "billing.reading.refused"
	case over && (key == gateway.ErrAway.Key || key == ErrKeyShut.Key):
		return "billing.reading.given_up"
	default:
		return key
	}
}

// refused tells a refusal from a fault that passes.
func refused(err error) bool {
	return err != nil && (jobs.Refused(err) || errs.KindOf(err) == errs.TooLarge)
}

func (s *Service) end(ctx context.Context, run Run, state State, answer string) error {
	return s.db.Do(ctx, func(tx *db.Tx) error { return endTx(ctx, tx, run, state, answer) })
}

// endTx ends a reading that stands where it was found. Its pages are in the import by then, or of no use.
func endTx(ctx context.Context, tx *db.Tx, run Run, state State, answer string) error {
	n, err := tx.Exec(ctx, `update live_readings set state = $4, answer = $5, finished_at = $6 where id = $1 and pages = $2 and moved_at is not distinct from $7 and state = $3`,
		run.ID, run.Pages, run.State, state, answer, tx.Now(), run.MovedAt)
	if err != nil {
		return fmt.Errorf("end reading: %w", err)
	}
	if n == 0 { // somebody else went on with it
		return nil
	}
	if _, err := tx.Exec(ctx, `delete from live_pages where reading_id = $1`, run.ID); err != nil {
		return fmt.Errorf("let pages go: %w", err)
	}
	return nil
}
