package billing

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
)

// PromiseNews tells those who keep cases, and through them collections, of a promise: that its day is near, or that it was
// broken. Whoever works it looks whether that still holds; it may come twice.
type PromiseNews struct {
	ID     PromiseID `json:"id"`
	Broken bool      `json:"broken,omitempty"`
}

// Kind names the job.
func (PromiseNews) Kind() string { return "billing.promise_news" }

// reminderHour is the hour of the entity's day at which collections hear of a promise that is near.
const reminderHour = 8

// remindOf has collections told before the day of a promise whose customer asked for it. Where that morning has passed
// already, whoever writes the promise down knows of it and nobody is told.
func (s *Service) remindOf(ctx context.Context, tx *db.Tx, p Promise, entity Entity) error {
	if !p.Remind {
		return nil
	}
	policy, err := s.CollectionPolicy(ctx, tx, p.EntityID)
	if err != nil || policy.PromiseReminderDays == 0 {
		return err
	}
	at := entity.startOf(p.PromisedOn.AddDate(0, 0, -policy.PromiseReminderDays)).Add(reminderHour * time.Hour)
	if !at.After(tx.Now()) {
		return nil
	}
	return tx.EnqueueAt(ctx, PromiseNews{ID: p.ID}, at)
}

// brokenLately is how many days a broken promise counts as news.
const brokenLately = 14

// BrokenLately counts the promises of the last two weeks at an entity that were broken, for whoever may read its books.
func (s *Service) BrokenLately(ctx context.Context, entity EntityID, by Actor) (int, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{EntityID: int64(entity)}); err != nil {
		return 0, err
	}
	n, err := db.Value[int](ctx, s.db, `select count(*) from payment_promises where entity_id = $1 and state = 'broken' and promised_on >= $2`,
		entity, Date(s.db.Now()).AddDate(0, 0, -brokenLately))
	if err != nil {
		return 0, fmt.Errorf("count broken promises: %w", err)
	}
	return n, nil
}
