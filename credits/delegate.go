package credits

import (
	"context"
	"errors"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/people"
)

// Delegate lets somebody decide in the actor's place for a time. They get no more than the actor's own levels, and never
// the actor's own requests. What waits for the actor is opened to them at once.
func (s *Service) Delegate(ctx context.Context, in DelegateInput) (Delegation, error) {
	if err := access.Can(in.By, access.Decide, access.Object{}); err != nil {
		return Delegation{}, err
	}
	if err := in.check(); err != nil {
		return Delegation{}, err
	}
	standIn, err := s.people.User(ctx, in.To)
	if errors.Is(err, people.ErrNoUser) || err == nil && !standIn.Active {
		return Delegation{}, errs.InvalidField("to", "credits.unknown_person")
	}
	if err != nil {
		return Delegation{}, fmt.Errorf("look for stand-in: %w", err)
	}
	var out Delegation
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		out, err = db.One[Delegation](ctx, tx, `with d as (insert into delegations (from_id, to_id, from_at, until_at, max_amount, created_at)
				values ($1, $2, $3, $4, $5, $6) returning *)
			select d.id, d.from_id, f.name as from_name, d.to_id, t.name as to_name, t.active as to_active, t.away as to_away,
				t.entity_ids as to_sees, d.from_at, d.until_at, d.max_amount
			from d join users f on f.id = d.from_id join users t on t.id = d.to_id`,
			in.By.UserID, in.To, in.From, in.Until, in.MaxAmount, tx.Now())
		if err != nil {
			return fmt.Errorf("delegate: %w", err)
		}
		tx.Publish("approvals", userTopic(in.To))
		if err := tx.Enqueue(ctx, Sweep{}); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{
			Stream: audit.Admin, By: in.By, What: "delegation.given",
			Data: map[string]any{"delegation": out.ID, "to": in.To, "from": in.From, "until": in.Until},
		})
	})
	return out, err
}

func (in DelegateInput) check() error {
	var wrong []errs.Field
	if in.To == in.By.UserID {
		wrong = append(wrong, errs.Field{Name: "to", Key: "credits.delegate_to_self"})
	}
	if !in.Until.After(in.From) {
		wrong = append(wrong, errs.Field{Name: "until", Key: "credits.delegation_ends_first"})
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// Revoke ends a delegation the actor gave. What was opened by it is closed to the stand-in at once.
func (s *Service) Revoke(ctx context.Context, by access.Actor, id int64) error {
	if err := access.Can(by, access.Decide, access.Object{}); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `update delegations set revoked_at = $3 where id = $1 and from_id = $2 and revoked_at is null`, id, by.UserID, tx.Now())
		if err != nil {
			return fmt.Errorf("revoke delegation: %w", err)
		}
		if n == 0 {
			return ErrNoDelegation
		}
		tx.Publish("approvals")
		if err := tx.Enqueue(ctx, Sweep{}); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "delegation.revoked", Data: map[string]any{"delegation": id}})
	})
}
