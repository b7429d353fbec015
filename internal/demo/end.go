package demo

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"makegood/internal/db"
)

// end brings everything up to the present: what is late is known to be late, and what was written has been sent.
func (f *filler) end(ctx context.Context) error {
	f.Clock.Set(f.now)
	var group errgroup.Group
	group.SetLimit(connections)
	for _, memo := range f.memos {
		group.Go(func() error {
			if err := f.Credits.Render(ctx, memo); err != nil {
				return fmt.Errorf("make document of memo %s: %w", memo.Document.Number, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if _, err := f.Cases.CatchUp(ctx); err != nil {
		return err
	}
	if _, err := f.Billing.DecidePromises(ctx); err != nil {
		return err
	}
	return f.DB.Do(ctx, func(tx *db.Tx) error {
		_, err := f.Inbox.MarkSentTx(ctx, tx, f.now)
		return err
	})
}
