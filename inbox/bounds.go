package inbox

import (
	"context"
	"errors"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Bounds is how much may leave. What is more is delayed, or, of acknowledgements, held; nothing is lost.
type Bounds struct {
	SenderPerHour    int // mails of one sender address that leave at once and then evenly; 0: no bound
	RecipientPerHour int // the same for one reader
	AcksPerHour      int // automatic mails an address gets within an hour before acknowledgements to it are held
	EchoesPerDay     int // acknowledgements an address gets within a day for mail that answers automatic mail of ours
	Version          int
}

// Bounds reads the bounds that hold.
func (s *Service) Bounds(ctx context.Context, r db.Reader) (Bounds, error) {
	b, err := db.One[Bounds](ctx, r, `select sender_per_hour, recipient_per_hour, acks_per_hour, echoes_per_day, version from mail_bounds`)
	if err != nil {
		return Bounds{}, fmt.Errorf("read bounds of mail: %w", err)
	}
	return b, nil
}

// CurrentBounds reads the bounds outside a transaction.
func (s *Service) CurrentBounds(ctx context.Context) (Bounds, error) { return s.Bounds(ctx, s.db) }

// SetBounds changes the bounds, for an administrator of all legal entities. Bad input names the field; ErrBoundsChanged when somebody else was quicker.
func (s *Service) SetBounds(ctx context.Context, by access.Actor, in Bounds) (Bounds, error) {
	if err := administers(by, nil); err != nil {
		return Bounds{}, err
	}
	for _, f := range []struct {
		name            string
		value, from, to int
	}{
		{"sender_per_hour", in.SenderPerHour, 0, 1_000_000},
		{"recipient_per_hour", in.RecipientPerHour, 0, 10_000},
		{"acks_per_hour", in.AcksPerHour, 1, 1000},
		{"echoes_per_day", in.EchoesPerDay, 0, 100},
	} {
		if f.value < f.from || f.value > f.to {
			return Bounds{}, errs.InvalidField(f.name, "inbox.bad_bound", "min", fmt.Sprint(f.from), "max", fmt.Sprint(f.to))
		}
	}
	var b Bounds
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		b, err = db.One[Bounds](ctx, tx, `update mail_bounds set sender_per_hour = $2, recipient_per_hour = $3, acks_per_hour = $4, echoes_per_day = $5,
				version = version + 1
			where version = $1 returning sender_per_hour, recipient_per_hour, acks_per_hour, echoes_per_day, version`,
			in.Version, in.SenderPerHour, in.RecipientPerHour, in.AcksPerHour, in.EchoesPerDay)
		if errors.Is(err, db.ErrNoRow) {
			return ErrBoundsChanged
		}
		if err != nil {
			return fmt.Errorf("set bounds of mail: %w", err)
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "mail.bounds_set", Data: map[string]any{
			"sender_per_hour": b.SenderPerHour, "recipient_per_hour": b.RecipientPerHour, "acks_per_hour": b.AcksPerHour, "echoes_per_day": b.EchoesPerDay,
		}})
	})
	return b, err
}
