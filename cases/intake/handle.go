package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/inbox/scan"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// maxAttempts is how often a message may fail before it waits for a person.
const maxAttempts = 3

// Handle gives a stored message its fate. A message that has one is left alone, so running it twice is harmless. A
// message that keeps failing is quarantined instead of being lost with its job.
func (i *Intake) Handle(ctx context.Context, in inbox.MessageArrived) error {
	return i.handle(ctx, in, nil)
}

// errTooLong is why a message came to no end: not that the program was being stopped, nor that it is for others to answer.
var errTooLong = errs.New(errs.Internal, "intake.takes_too_long")

// handle is Handle for a message that may have been taken apart already; what is decided is asked anew under its lock. It has a time of
// its own, so that one that takes for ever keeps back no other and is counted as one that fails.
func (i *Intake) handle(ctx context.Context, in inbox.MessageArrived, ready *letter) error {
	own, cancel := context.WithTimeoutCause(ctx, i.options.Longest, errTooLong)
	defer cancel()
	l, err := i.settle(own, in.ID, ready)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, inbox.ErrNoMessage) || ctx.Err() != nil:
		return err // nothing wrong with the message
	case own.Err() != nil:
		return i.fail(ctx, in.ID, l, fmt.Errorf("%w: %w", errTooLong, err))
	case errors.Is(err, scan.ErrSlow):
		return i.fail(ctx, in.ID, l, err)
	case errs.KindOf(err) == errs.Unavailable:
		return i.waitForScanner(ctx, in.ID, err)
	}
	return i.fail(ctx, in.ID, l, err)
}

// settle decides about one message and carries it out, in one transaction.
func (i *Intake) settle(ctx context.Context, id inbox.InboundID, ready *letter) (l letter, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("handle message %d: %v", id, r)
		}
	}()
	if ready != nil {
		l = *ready
	} else if l, err = i.read(ctx, id); err != nil || l.Fate != inbox.Pending {
		return l, err
	}
	var fate inbox.FateKind
	err = i.db.Do(ctx, func(tx *db.Tx) error {
		fate = ""
		now, err := i.inbox.LockTx(ctx, tx, id)
		if err != nil || now.Fate != inbox.Pending {
			return err
		}
		if err := i.keepScanTx(ctx, tx, now, l); err != nil {
			return err
		}
		h := &handling{Intake: i, letter: l, tx: tx}
		facts, err := h.factsTx(ctx)
		if err != nil {
			return err
		}
		decision := Decide(facts)
		fate = decision.Fate
		return h.carryOutTx(ctx, decision, facts)
	})
	if err == nil && fate != "" {
		i.logger.InfoContext(ctx, "message handled", "message", int64(id), "fate", string(fate))
	}
	return l, err
}

// fail counts a failed attempt in a transaction of its own. The last one, or one that no repetition can mend, sends
// the message to quarantine, where a person sees it.
func (i *Intake) fail(ctx context.Context, id inbox.InboundID, l letter, cause error) error {
	quarantined := false
	err := i.db.Do(ctx, func(tx *db.Tx) error {
		m, err := i.inbox.LockTx(ctx, tx, id)
		if err != nil || m.Fate != inbox.Pending {
			return err
		}
		attempts, err := i.inbox.FailedTx(ctx, tx, id)
		if err != nil || attempts < maxAttempts && !jobs.Final(cause) {
			return err
		}
		quarantined = true
		reason := errs.KeyOf(cause)
		if reason == "" {
			reason = "error.internal"
		}
		return i.inbox.SettleTx(ctx, tx, id, inbox.Fate{
			Kind: inbox.Quarantined, Reason: ReasonFailed, Params: map[string]string{"error": reason}, Summary: l.summary(),
		})
	})
	if err != nil {
		return fmt.Errorf("count failed attempt: %w", errors.Join(err, cause))
	}
	if !quarantined {
		return fmt.Errorf("handle message: %w", errors.Join(errAttempt, cause))
	}
	i.logger.ErrorContext(ctx, "message quarantined", "message", int64(id), "error", cause.Error())
	return nil
}

// errAttempt makes a failure one that is tried again.
var errAttempt = errors.New("attempt failed")

const (
	sweepAfter = 10 * time.Minute
	sweepLimit = 100
)

// sweepPending handles the messages whose job was lost. Failures are counted on the message and seen there.
func (i *Intake) sweepPending(ctx context.Context, _ SweepPending) error {
	ids, err := i.inbox.PendingSince(ctx, i.db.Now().Add(-sweepAfter), sweepLimit)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := i.Handle(ctx, inbox.MessageArrived{ID: id}); err != nil {
			i.logger.WarnContext(ctx, "pending message not handled", "message", int64(id), "error", err.Error())
		}
	}
	return ctx.Err()
}

// Ingest stores a message that came from a file, the web or the API and handles it at once. It answers the message
// with its fate.
func (i *Intake) Ingest(ctx context.Context, raw []byte, source inbox.Source) (inbox.Inbound, error) {
	id, err := i.inbox.Ingest(ctx, raw, source)
	return i.ingested(ctx, id, err)
}

// IngestPast is Ingest for a message of the past from a file: whatever becomes of it, nobody is answered automatically.
func (i *Intake) IngestPast(ctx context.Context, raw []byte) (inbox.Inbound, error) {
	id, err := i.inbox.IngestPast(ctx, raw)
	return i.ingested(ctx, id, err)
}

// OurAddresses are those of our mailboxes, and those our legal entities write from.
func (i *Intake) OurAddresses(ctx context.Context) ([]string, error) {
	return i.inbox.OwnAddresses(ctx)
}

// SentBy tells whether one of some addresses wrote a message that lies in a file: what it answers should be brought in before it.
func (i *Intake) SentBy(addresses []string, raw []byte) bool {
	return slices.Contains(addresses, letter{msg: parse.Parse(raw, i.options.Parse)}.from().Address)
}

func (i *Intake) ingested(ctx context.Context, id inbox.InboundID, err error) (inbox.Inbound, error) {
	if err != nil {
		return inbox.Inbound{}, fmt.Errorf("store message: %w", err)
	}
	if err := i.Handle(ctx, inbox.MessageArrived{ID: id}); err != nil {
		return inbox.Inbound{}, err // stored: its job tries again
	}
	return i.inbox.Message(ctx, i.db, id)
}
