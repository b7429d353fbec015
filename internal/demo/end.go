package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority/policy"
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
	if err := f.standIns(ctx); err != nil {
		return err
	}
	if err := f.macros(ctx); err != nil {
		return err
	}
	if err := f.assignment(ctx); err != nil {
		return err
	}
	if err := f.quality(ctx); err != nil {
		return err
	}
	if err := f.refundsAreChecked(ctx); err != nil {
		return err
	}
	return f.DB.Do(ctx, func(tx *db.Tx) error {
		rules := policy.Demo()
		rules.Windows = nil // the family's 30 days and the invoice are enough for a company this small
		if err := f.Credits.SeedPolicyTx(ctx, tx, rules); err != nil {
			return err
		}
		_, err := f.Inbox.MarkSentTx(ctx, tx, f.now)
		return err
	})
}

// standIns are who decides in whose place: the one controller for the other in some things, and a supervisor's holiday to come.
func (f *filler) standIns(ctx context.Context) error {
	most := decimal.NewFromInt(20_000)
	for _, in := range []credits.DelegateInput{
		{
			By: f.byEmail("daniel.okafor@nordwall.example").actor, To: f.byEmail("mei.chen@nordwall.example").ID, From: f.now, Until: f.now.AddDate(0, 0, 9),
			Kinds: []billing.Kind{billing.RefundOut, billing.TransferOver}, MaxAmount: &most, Note: "At the auditors' in the mornings",
		},
		{
			By: f.byEmail("katrin.vogel@nordwall.example").actor, To: f.byEmail("priya.raman@nordwall.example").ID,
			From: f.now.AddDate(0, 0, 12), Until: f.now.AddDate(0, 0, 19), Note: "Holiday",
		},
	} {
		if _, err := f.Credits.Delegate(ctx, in); err != nil {
			return fmt.Errorf("name a stand-in: %w", err)
		}
	}
	return nil
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
