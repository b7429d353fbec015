package reading

import (
	"context"
	"fmt"
	"io"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
)

// file is what the import of a reading is called. It is the reading's own, so that what was staged of it is found again.
func (r Run) file() string { return fmt.Sprintf("%s-reading-%d.jsonl", r.System, r.ID) }

// actor is for whom a reading is worked: the system, on behalf of who asked for it, who therefore does not sign its credits.
func (r Run) actor() access.Actor {
	if r.StartedBy == 0 {
		return access.SystemActor("reading.go_on")
	}
	return access.Actor{Kind: access.System, UserID: r.StartedBy, Name: r.StartedName}
}

// dropStaged drops what a process staged of a reading that died before it could say so.
func (s *Service) dropStaged(ctx context.Context, run Run, in billing.NewImport) error {
	ids, err := db.Values[billing.ImportID](ctx, s.db, `select id from import_batches where entity_id = $1 and system = $2 and filename = $3
		and state in ('reading', 'planned', 'failed')`, in.EntityID, in.System, in.Filename)
	if err != nil {
		return fmt.Errorf("look for what was staged: %w", err)
	}
	for _, id := range ids {
		if err := s.billing.DiscardImport(ctx, id, run.actor()); err != nil {
			return err
		}
	}
	return nil
}

// pages gives the pages of a reading one after the other, so that never more than one is in memory.
type pages struct {
	ctx   context.Context //nolint:containedctx // a reader has no other way to be told
	db    *db.DB
	run   Run
	place int
	rest  string
}

// Read fills p.
func (r *pages) Read(p []byte) (int, error) {
	for r.rest == "" {
		if r.place == r.run.Pages {
			return 0, io.EOF
		}
		content, err := db.Value[string](r.ctx, r.db, `select content from live_pages where reading_id = $1 and place = $2`, r.run.ID, r.place)
		if err != nil {
			return 0, fmt.Errorf("read page: %w", err)
		}
		r.rest, r.place = content, r.place+1
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
