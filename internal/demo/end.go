package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"

	"makegood/credits"
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
	if err := f.compare(ctx); err != nil {
		return err
	}
	if err := f.budgets(ctx); err != nil {
		return err
	}
	return f.DB.Do(ctx, func(tx *db.Tx) error {
		_, err := f.Inbox.MarkSentTx(ctx, tx, f.now)
		return err
	})
}

// budgets gives each team what it may give away this month and the next two.
func (f *filler) budgets(ctx context.Context) error {
	teams, err := f.Credits.Budgets(ctx, f.now, f.admin)
	if err != nil {
		return err
	}
	this := time.Date(f.now.Year(), f.now.Month(), 1, 0, 0, 0, 0, time.UTC)
	for _, team := range teams {
		for ahead := range 3 {
			if _, err := f.Credits.SetBudget(ctx, credits.SetBudget{
				TeamID: team.TeamID, Month: this.AddDate(0, ahead, 0), Amount: decimal.NewFromInt(5000), By: f.admin,
			}); err != nil {
				return fmt.Errorf("set budget of %s: %w", team.TeamName, err)
			}
		}
	}
	return nil
}
