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

// PromiseCounts is what collections of an entity have to look at: how many promises of the last two weeks were broken, and how
// many are near whose customers asked to be reminded.
type PromiseCounts struct{ Broken, Near int }

// PromiseCounts counts them, for whoever may read the entity's books.
func (s *Service) PromiseCounts(ctx context.Context, entity EntityID, by Actor) (PromiseCounts, error) {
	var n PromiseCounts
	if err := access.Can(by, access.ReadBooks, access.Object{EntityID: int64(entity)}); err != nil {
		return n, err
	}
	policy, err := s.CollectionPolicy(ctx, s.db, entity)
	if err != nil {
		return n, err
	}
	e, err := s.EntityByID(ctx, s.db, entity)
	if err != nil {
		return n, err
	}
	today := e.Day(s.db.Now())
	err = s.db.QueryRow(ctx, `select
			(select count(*) from payment_promises where entity_id = $1 and state = 'broken' and promised_on >= $2),
			(select count(*) from payment_promises where entity_id = $1 and state = 'open' and remind and promised_on <= $3)`,
		entity, today.AddDate(0, 0, -brokenLately), today.AddDate(0, 0, policy.PromiseReminderDays)).Scan(&n.Broken, &n.Near)
	if err != nil {
		return n, fmt.Errorf("count promises: %w", db.Explain(err))
	}
	if policy.PromiseReminderDays == 0 {
		n.Near = 0
	}
	return n, nil
}
