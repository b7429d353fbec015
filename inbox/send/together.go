package send

import (
	"context"
	"errors"

	"makegood/inbox"
)

// sendAll sends mails that were queued together, one after the other. How one ended is written down in the transaction that claims the
// next, so that never more than one is in the hands of the server. When one has to be tried again, it and those behind it go alone.
func (w *Worker) sendAll(ctx context.Context, job inbox.SendMessages) error {
	var done *inbox.Settlement
	for n, id := range job.IDs {
		if ctx.Err() != nil {
			return errors.Join(w.settleLast(ctx, done), ctx.Err())
		}
		claimed, take, err := w.inbox.ClaimNext(ctx, done, id)
		switch done = nil; {
		case errors.Is(err, inbox.ErrNoMessage):
			continue
		case err != nil:
			return err
		case take:
			done, err = w.attempt(ctx, claimed)
		case !claimed.Paced: // a paced mail has a job of its own from the run that put it off
			err = w.notYet(claimed)
		}
		if err != nil {
			ctx := context.WithoutCancel(ctx)
			return errors.Join(w.settleLast(ctx, done), w.inbox.SendEach(ctx, job.IDs[n:]))
		}
	}
	return w.settleLast(ctx, done)
}

func (w *Worker) settleLast(ctx context.Context, done *inbox.Settlement) error {
	if done == nil {
		return nil
	}
	return w.settle(ctx, *done)
}
