package demo

import (
	"context"
	"fmt"
	"time"
)

// catchUpEvery is how far time may go on before breaches and closings of that time are worked; on the last day it is less.
const (
	catchUpEvery = 8 * time.Hour
	catchUpToday = 15 * time.Minute
)

// live lives through the past: what is on the agenda happens in order, and adds to the agenda.
func (f *filler) live(ctx context.Context) error {
	f.planInvoices()
	f.planCases()
	f.planOddities()
	f.planClosings()
	f.planCollecting()
	f.planContracts()
	for {
		e, more := f.agenda.next()
		if !more {
			return nil
		}
		if e.at.After(f.now) {
			continue // not yet
		}
		if err := f.catchUp(ctx, e.at); err != nil {
			return err
		}
		f.Clock.Set(e.at)
		if err := e.do(ctx); err != nil {
			return fmt.Errorf("at %s: %w", e.at.Format(time.RFC3339), err)
		}
	}
}

// catchUp works what timers would have worked.
func (f *filler) catchUp(ctx context.Context, at time.Time) error {
	every := catchUpEvery
	if f.now.Sub(at) < 24*time.Hour {
		every = catchUpToday
	}
	if at.Before(f.caughtUp) || at.Sub(f.caughtUp) < every {
		return nil
	}
	f.caughtUp = at
	f.Clock.Set(at)
	_, err := f.Cases.CatchUp(ctx)
	return err
}
