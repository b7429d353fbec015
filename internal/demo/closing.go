package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/access"
)

// planClosings notes how each month is closed after its end: soft-closed on the 4th, closed on the 9th. The last month is
// left to whoever tries the demo.
func (f *filler) planClosings() {
	last := time.Date(f.now.Year(), f.now.Month()-1, 1, 0, 0, 0, 0, time.UTC)
	begin := f.founded()
	for month := time.Date(begin.Year(), begin.Month(), 1, 0, 0, 0, 0, time.UTC); !month.After(last); month = month.AddDate(0, 1, 0) {
		after := month.AddDate(0, 1, 0)
		f.agenda.at(after.Add(3*24*time.Hour+8*time.Hour), func(ctx context.Context) error { return f.closeBooks(ctx, month, f.Billing.SoftClose) })
		if month.Before(last) {
			f.agenda.at(after.Add(8*24*time.Hour+14*time.Hour), func(ctx context.Context) error { return f.closeBooks(ctx, month, f.Billing.Close) })
		}
	}
}

// closeBooks moves a month of every entity on. Where something blocks the close, the controller says why it is closed.
func (f *filler) closeBooks(ctx context.Context, month time.Time, move func(context.Context, billing.PeriodMove) (billing.Period, error)) error {
	for code, entity := range f.entities {
		in := billing.PeriodMove{EntityID: entity.ID, Month: month, By: f.controllerOf(code)}
		points, err := f.Billing.PeriodPoints(ctx, f.DB, entity.ID, month)
		if err != nil {
			return err
		}
		if len(points) > 0 {
			in.Reason = "What is left is accrued and comes with next month"
		}
		if _, err := move(ctx, in); err != nil {
			return fmt.Errorf("move %s of %s: %w", month.Format("2006-01"), code, err)
		}
	}
	return nil
}

func (f *filler) controllerOf(code string) access.Actor {
	if code == codeSG {
		return f.byEmail("mei.chen@nordwall.example").actor
	}
	return f.byEmail("daniel.okafor@nordwall.example").actor
}

// planCollecting notes what customers promised in the last weeks, and where reminders are kept back.
func (f *filler) planCollecting() {
	day := 24 * time.Hour
	f.agenda.at(f.now.Add(-24*day), func(ctx context.Context) error {
		by := f.controllerOf(codeDE)
		return f.Billing.SetCollectionPolicy(ctx, billing.CollectionPolicy{
			EntityID: f.entities[codeDE].ID, LevelDays: []int{1, 15, 30, 60}, LateFeePercent: decimal.New(912, -2), PromiseReminderDays: 1,
		}, by)
	})
	for i, p := range []struct {
		ago, until time.Duration
		note       string
	}{
		{20 * day, -12 * day, "Their payment run is on Thursdays"},
		{16 * day, -9 * day, "Waits for the release of their purchasing"},
		{6 * day, 4 * day, "Their bookkeeper is back on Monday"},
		{4 * day, 9 * day, "New bank account, first transfer in a week"},
		{2 * day, 12 * day, ""},
	} {
		f.agenda.at(f.now.Add(-p.ago), func(ctx context.Context) error { return f.promised(ctx, 3*i, f.now.Add(p.until), p.note) })
	}
	f.agenda.at(f.now.Add(-5*day), func(ctx context.Context) error {
		return f.quiet(ctx, 20, f.now.Add(10*day), "The customer's board decides on the contract on the 3rd")
	})
	f.agenda.at(f.now.Add(-3*day), func(ctx context.Context) error {
		return f.quiet(ctx, 25, f.now.Add(3*day), "A copy of the invoice was asked for and sent")
	})
}

// overdue is an invoice on the dunning list, by its place there; false when the list is shorter.
func (f *filler) overdue(ctx context.Context, place int) (billing.Collectible, bool, error) {
	list, err := f.Billing.DunningList(ctx, billing.DunningQuery{EntityID: f.entities[codeDE].ID, Limit: 200, By: f.collector()})
	if err != nil || place >= len(list.Rows) {
		return billing.Collectible{}, false, err
	}
	return list.Rows[place], true, nil
}

func (f *filler) collector() access.Actor { return f.first(access.Collections).actor }

// promised writes down that half of an overdue invoice is promised, or all of a small one.
func (f *filler) promised(ctx context.Context, place int, on time.Time, note string) error {
	c, found, err := f.overdue(ctx, place)
	if err != nil || !found {
		return err
	}
	amount := c.Dunnable
	if amount.GreaterThan(decimal.NewFromInt(20_000)) {
		amount = amount.DivRound(decimal.NewFromInt(2), c.Currency.Digits())
	}
	contacts, err := f.Billing.Contacts(ctx, f.DB, c.CustomerID)
	if err != nil || len(contacts) == 0 {
		return err
	}
	_, err = f.Billing.MakePromise(ctx, billing.NewPromise{InvoiceID: c.InvoiceID, Amount: amount, On: on, PromisedBy: contacts[0].Name, Note: note, Remind: note != "", By: f.collector()})
	return err
}

// quiet keeps reminders for an overdue invoice back.
func (f *filler) quiet(ctx context.Context, place int, until time.Time, reason string) error {
	c, found, err := f.overdue(ctx, place)
	if err != nil || !found {
		return err
	}
	_, err = f.Billing.BlockDunning(ctx, billing.NewBlock{InvoiceID: c.InvoiceID, Until: until, Reason: reason, By: f.collector()})
	return err
}
