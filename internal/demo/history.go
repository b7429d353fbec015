package demo

import (
	"context"
	"fmt"
	"time"
)

// catchUpEvery is how far time may go on before breaches and closings of that time are worked.
const catchUpEvery = 6 * time.Hour

// live lives through the past: what is on the agenda happens in order, and adds to the agenda.
func (f *filler) live(ctx context.Context) error {
	f.planInvoices()
	f.planCases()
	f.planOddities()
	for {
		e, more := f.agenda.next()
		if !more {
			println("inv", tInv.Milliseconds(), "pay", tPay.Milliseconds(), "case", tCase.Milliseconds(), nCase)
			return nil
		}
		if e.at.After(f.now) {
			continue // not yet
		}
		if err := f.catchUp(ctx, e.at); err != nil {
			return err
		}
		f.Clock.Set(e.at)
		b := time.Now()
		err := e.do(ctx)
		if e.at.Hour() == 4 {
			tInv += time.Since(b)
		} else if e.at.Hour() == 13 {
			tPay += time.Since(b)
		} else {
			tCase += time.Since(b)
			nCase++
		}
		if err != nil {
			return fmt.Errorf("at %s: %w", e.at.Format(time.RFC3339), err)
		}
	}
}

// catchUp works what timers would have worked.
func (f *filler) catchUp(ctx context.Context, at time.Time) error {
	if f.caughtUp.IsZero() || at.Sub(f.caughtUp) < catchUpEvery {
		return nil
	}
	f.caughtUp = at
	f.Clock.Set(at)
	_, err := f.Cases.CatchUp(ctx)
	return err
}

var tInv, tPay, tCase time.Duration
var nCase int
