package helpdesk

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
	"makegood/internal/sheet"
)

// filesKept is how long files that nobody went on with stay here.
const filesKept = 7 * 24 * time.Hour

// LargestGiven is how much may be given at once on screen; more is for the command line.
const LargestGiven = 40 << 20

// BringGiven is the job that brings in what was given on screen.
type BringGiven struct {
	ID ImportID `json:"id"`
}

// Kind names the job.
func (BringGiven) Kind() string { return "helpdesk.bring" }

// Unique says that files are brought in by one job.
func (BringGiven) Unique() bool { return true }

// Takes is how long it may: thousands of cases are read and opened.
func (BringGiven) Takes() time.Duration { return time.Hour }

var _ jobs.LongJob = BringGiven{}

// Given is a file as it was given on screen.
type Given struct {
	Name    string
	Content []byte
}

func filesOf(given []Given) []File {
	list := make([]File, len(given))
	for n, g := range given {
		list[n] = File{Name: g.Name, Content: bytes.NewReader(g.Content), Size: int64(len(g.Content))}
	}
	return list
}

// Give keeps files and tells what would become of them. Nothing is brought in before Start. Files that nobody went on with for a week go.
func (s *Service) Give(ctx context.Context, in Input, given []Given) (Import, error) {
	in = in.named()
	if err := in.may(); err != nil {
		return Import{}, err
	}
	size := 0
	for _, g := range given {
		size += len(g.Content)
	}
	if size == 0 {
		return Import{}, ErrNoFile
	}
	if size > LargestGiven {
		return Import{}, errs.New(ErrTooLarge.Kind, ErrTooLarge.Key, "file", given[0].Name)
	}
	files := filesOf(given)
	_, plan, err := s.plan(ctx, in, files)
	if err != nil {
		return Import{}, err
	}
	var imp Import
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		if err := forgetOld(ctx, tx); err != nil {
			return err
		}
		if imp, err = insertImport(ctx, tx, in, namesOf(files), Planned, plan.Counts); err != nil {
			return err
		}
		if err := keepFiles(ctx, tx, imp.ID, given); err != nil {
			return err
		}
		if err := keepRefusals(ctx, tx, imp.ID, plan.Refused); err != nil {
			return err
		}
		return record(ctx, tx, in.By, "case_import.given", imp)
	})
	return imp, err
}

func keepFiles(ctx context.Context, tx *db.Tx, id ImportID, given []Given) error {
	for n, g := range given {
		if _, err := tx.Exec(ctx, `insert into case_import_files (case_import_id, position, filename, content) values ($1, $2, $3, $4)`, id, n+1, line(g.Name), g.Content); err != nil {
			return fmt.Errorf("keep file: %w", err)
		}
	}
	return nil
}

// forgetOld lets go of what was given and never brought in.
func forgetOld(ctx context.Context, tx *db.Tx) error {
	old, err := db.Values[ImportID](ctx, tx, `update case_imports set state = 'discarded', touched_at = $1, finished_at = $1 where state = 'planned' and created_at < $2 returning id`,
		tx.Now(), tx.Now().Add(-filesKept))
	if err != nil {
		return fmt.Errorf("forget old files: %w", err)
	}
	for _, id := range old {
		if err := dropFiles(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// Start has what was given brought in by a job.
func (s *Service) Start(ctx context.Context, id ImportID, by access.Actor) error {
	return s.step(ctx, id, by, func(tx *db.Tx, imp Import) error {
		if imp.AllOrNothing && imp.Counts.Refused > 0 {
			return errs.New(ErrRejected.Kind, ErrRejected.Key, "rows", itoa(imp.Counts.Refused))
		}
		if err := setState(ctx, tx, id, Running); err != nil {
			return err
		}
		if err := record(ctx, tx, by, "case_import.started", imp); err != nil {
			return err
		}
		return tx.Enqueue(ctx, BringGiven{ID: id})
	})
}

// Discard drops what was given and not brought in.
func (s *Service) Discard(ctx context.Context, id ImportID, by access.Actor) error {
	return s.step(ctx, id, by, func(tx *db.Tx, imp Import) error {
		if err := setState(ctx, tx, id, Discarded); err != nil {
			return err
		}
		if err := dropFiles(ctx, tx, id); err != nil {
			return err
		}
		return record(ctx, tx, by, "case_import.discarded", imp)
	})
}

// step is a person's decision about what was given.
func (s *Service) step(ctx context.Context, id ImportID, by access.Actor, deed func(tx *db.Tx, imp Import) error) error {
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		imp, err := lockImport(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := access.Can(by, access.Administer, access.Object{EntityID: int64(imp.EntityID)}); err != nil {
			return err
		}
		if imp.State != Planned {
			return errs.New(ErrState.Kind, ErrState.Key, "state", string(imp.State))
		}
		return deed(tx, imp)
	})
}

// bringGiven may run again at any time: what has come in is passed over. Files that cannot be read any more, and a case that keeps the whole out,
// end it with the reason.
func (s *Service) bringGiven(ctx context.Context, job BringGiven) error {
	imp, err := oneImport(ctx, s.DB, job.ID, "")
	if err != nil || imp.State != Running {
		return err
	}
	given, err := db.List[Given](ctx, s.DB, `select filename as name, content from case_import_files where case_import_id = $1 order by position`, imp.ID)
	if err != nil {
		return fmt.Errorf("read files: %w", err)
	}
	x, err := s.read(ctx, imp.input(), filesOf(given))
	if err == nil {
		_, _, err = s.run(ctx, imp, access.Actor{Kind: access.System, Name: orName(imp.CreatedName)}, x, nil)
	}
	if why, ok := errors.AsType[*errs.Error](err); ok && !slices.Contains([]errs.Kind{errs.Internal, errs.Unavailable}, why.Kind) {
		return s.fail(ctx, imp, Failure{Key: why.Key, Params: why.Params})
	}
	return err
}

func orName(name string) string {
	if name == "" {
		return "helpdesk"
	}
	return name
}

func (s *Service) fail(ctx context.Context, imp Import, why Failure) error {
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		now, err := lockImport(ctx, tx, imp.ID)
		if err != nil || now.State != Running {
			return err
		}
		if now, err = endImport(ctx, tx, imp.ID, Failed, now.Counts, &why); err != nil {
			return err
		}
		if err := dropFiles(ctx, tx, imp.ID); err != nil {
			return err
		}
		tx.Publish(imp.ID.Topic())
		return record(ctx, tx, access.SystemActor("helpdesk"), "case_import.failed", now)
	})
}

// Import reads one, for whoever administers the desk.
func (s *Service) Import(ctx context.Context, by access.Actor, id ImportID) (Import, error) {
	imp, err := oneImport(ctx, s.DB, id, "")
	if err != nil {
		return imp, err
	}
	return imp, access.Can(by, access.Administer, access.Object{EntityID: int64(imp.EntityID)})
}

// Imports lists the newest first.
func (s *Service) Imports(ctx context.Context, by access.Actor, limit int) ([]Import, error) {
	if err := access.Can(by, access.Administer, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[Import](ctx, s.DB, `select `+importColumns+` from case_imports where cardinality($1::bigint[]) = 0 or entity_id = any ($1) order by id desc limit $2`,
		by.SeenEntities(), min(max(limit, 1), 200))
	if err != nil {
		return nil, fmt.Errorf("list imports: %w", err)
	}
	return list, nil
}

// Brought counts the cases that an import has brought so far.
func (s *Service) Brought(ctx context.Context, imp Import) (int, error) {
	return s.Cases.BroughtBy(ctx, s.DB, int64(imp.ID))
}

// Refusals lists what an import did not take, in the order of the files, from after a position on.
func (s *Service) Refusals(ctx context.Context, by access.Actor, id ImportID, after, limit int) ([]Refused, error) {
	if _, err := s.Import(ctx, by, id); err != nil {
		return nil, err
	}
	list, err := db.List[Refused](ctx, s.DB, `select position, file, row, number, key, params from case_import_refusals where case_import_id = $1 and position > $2 order by position limit $3`,
		id, after, min(max(limit, 1), 1000))
	if err != nil {
		return nil, fmt.Errorf("list refusals: %w", err)
	}
	return list, nil
}

// AllRefusals is Refusals from the first to the last.
func (s *Service) AllRefusals(ctx context.Context, by access.Actor, id ImportID) ([]Refusal, error) {
	var list []Refusal
	for after := 0; ; {
		page, err := s.Refusals(ctx, by, id, after, 1000)
		if err != nil || len(page) == 0 {
			return list, err
		}
		for _, r := range page {
			list, after = append(list, Refusal{File: r.File, Row: r.Row, Number: r.Number, Key: r.Key, Params: r.Params}), r.Position
		}
	}
}

// Say gives the sentence of a message key.
type Say func(key string, params errs.Params) string

// WriteRefused writes what was not taken as CSV, with the reasons in words.
func WriteRefused(w io.Writer, list []Refusal, say Say) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"file", "row", "number", "not taken because"}}
	for _, r := range list {
		rows = append(rows, []string{sheet.Harmless(r.File), strconv.Itoa(r.Row), sheet.Harmless(r.Number), sheet.Harmless(say(r.Key, r.Params))})
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write refusals: %w", err)
	}
	return nil
}
