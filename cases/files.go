package cases

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// Files are several cases on one desk: locked in the order of their ids, with everything that a posted credit changes
// about them, so that they are changed with a few statements however many they are. They live as long as the transaction.
type Files struct {
	list []*file
}

// file is a case being changed, with what was read of it.
type file struct {
	work
	lines   []DisputeLine
	decided []DisputeID
	rows    []clockRow
	stored  []Clock
	credits map[int64]credit

	letters  []plannedLetter
	notices  []Notice
	warnings []Warning
}

// OpenFilesTx locks cases until the commit and reads them, all in one round trip. ErrNoCase when one is not there.
func (s *Service) OpenFilesTx(ctx context.Context, tx *db.Tx, ids []ID, by access.Actor) (*Files, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	files := &Files{}
	if len(ids) == 0 {
		return files, nil
	}
	streams := make([]string, len(ids))
	for i, id := range ids {
		streams[i] = string(audit.Case(int64(id)))
	}
	var found []Case
	var lines []DisputeLine
	var rows []clockRow
	var stored []Clock
	var credits []creditRow
	var batch pgx.Batch
	db.QueueList(&batch, &found, `select `+caseColumns+` from cases where id = any ($1) order by id for update`, ids)
	db.QueueList(&batch, &lines, `select `+disputeColumns+` from dispute_lines where case_id = any ($1) order by id`, ids)
	db.QueueList(&batch, &rows, clockRowsQuery, streams, clockEvents())
	db.QueueList(&batch, &stored, storedClocksQuery, ids)
	db.QueueList(&batch, &credits, creditRowsQuery, streams)
	if err := tx.Batch(ctx, &batch); err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	if len(found) != len(ids) {
		return nil, ErrNoCase
	}
	for _, c := range found {
		f := &file{work: work{tx: tx, c: c, was: c, by: by}}
		stream := string(audit.Case(int64(c.ID)))
		f.lines = slices.DeleteFunc(slices.Clone(lines), func(d DisputeLine) bool { return d.CaseID != c.ID })
		f.rows = slices.DeleteFunc(slices.Clone(rows), func(r clockRow) bool { return r.Stream != stream })
		f.stored = slices.DeleteFunc(slices.Clone(stored), func(k Clock) bool { return k.CaseID != c.ID })
		f.credits = lastWords(slices.DeleteFunc(slices.Clone(credits), func(r creditRow) bool { return r.Stream != stream }))
		files.list = append(files.list, f)
	}
	return files, nil
}

// IDs names the cases.
func (f *Files) IDs() []ID {
	ids := make([]ID, len(f.list))
	for i, one := range f.list {
		ids[i] = one.c.ID
	}
	return ids
}

// Disputes are the dispute lines of one of the cases.
func (f *Files) Disputes(id ID) []DisputeLine {
	if one := f.of(id); one != nil {
		return one.lines
	}
	return nil
}

func (f *Files) of(id ID) *file {
	at := slices.IndexFunc(f.list, func(one *file) bool { return one.c.ID == id })
	if at < 0 {
		return nil
	}
	return f.list[at]
}

// line is one of the case's dispute lines; nil when it is none of them.
func (f *file) line(id DisputeID) *DisputeLine {
	at := slices.IndexFunc(f.lines, func(d DisputeLine) bool { return d.ID == id })
	if at < 0 {
		return nil
	}
	return &f.lines[at]
}
