package credits

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"makegood/billing"
	"makegood/credits/authority"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/people"
)

// Delegate lets somebody decide in the actor's place for a time, at the earliest from now on. They get no more than the actor's
// own levels, and never the actor's own requests. What waits for the actor is opened to them at once.
func (s *Service) Delegate(ctx context.Context, in DelegateInput) (Delegation, error) {
	if err := access.Can(in.By, access.Decide, access.Object{}); err != nil {
		return Delegation{}, err
	}
	if err := access.Proven(in.By); err != nil {
		return Delegation{}, err
	}
	if now := s.db.Now(); in.From.Before(now) {
		in.From = now // nobody decided in somebody's place before it was said
	}
	known, err := s.narrowings(ctx)
	if err != nil {
		return Delegation{}, err
	}
	if err := in.check(known.Entities); err != nil {
		return Delegation{}, err
	}
	standIn, err := s.people.User(ctx, in.To)
	if errors.Is(err, people.ErrNoUser) || err == nil && (!standIn.Active || !mayStandIn(standIn)) {
		return Delegation{}, errs.InvalidField("to", "credits.unknown_person")
	}
	if err != nil {
		return Delegation{}, fmt.Errorf("look for stand-in: %w", err)
	}
	var out Delegation
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		out, err = db.One[Delegation](ctx, tx, `with d as (insert into delegations (from_id, to_id, from_at, until_at, max_amount, created_at, kinds, entity_ids, note)
				values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning *)
			select d.id, d.from_id, f.name as from_name, d.to_id, t.name as to_name, t.active as to_active, t.away as to_away,
				t.entity_ids as to_sees, d.from_at, d.until_at, d.max_amount, d.kinds, d.entity_ids, d.note
			from d join users f on f.id = d.from_id join users t on t.id = d.to_id`,
			in.By.UserID, in.To, in.From, in.Until, in.MaxAmount, tx.Now(), kindsOrNone(in.Kinds), orNone(in.EntityIDs), trimmed(in.Note))
		if db.Violates(err, "delegations_overlap") {
			return errs.InvalidField("from", "credits.delegation_overlaps")
		}
		if err != nil {
			return fmt.Errorf("delegate: %w", err)
		}
		tx.Publish("approvals", userTopic(in.To))
		if err := lookAgainTx(ctx, tx); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{
			Stream: audit.Admin, By: in.By, What: "delegation.given",
			Data: map[string]any{"delegation": out.ID, "to": in.To, "from": in.From, "until": in.Until, "kinds": in.Kinds, "entities": in.EntityIDs, "note": out.Note},
		})
	})
	return out, err
}

func (in DelegateInput) check(entities []int64) error {
	var wrong []errs.Field
	if in.To == in.By.UserID {
		wrong = append(wrong, errs.Field{Name: "to", Key: "credits.delegate_to_self"})
	}
	if !in.Until.After(in.From) {
		wrong = append(wrong, errs.Field{Name: "until", Key: "credits.delegation_ends_first"})
	}
	if in.MaxAmount != nil && (!in.MaxAmount.IsPositive() || !in.MaxAmount.Equal(in.MaxAmount.Round(billing.AuthorityCurrency.Digits()))) {
		wrong = append(wrong, errs.Field{Name: "max_amount", Key: "billing.bad_amount"})
	}
	for _, k := range in.Kinds {
		if !slices.Contains(authority.Kinds(), authority.Kind(k)) {
			wrong = append(wrong, errs.Field{Name: "kinds", Key: "authority.unknown_kind", Params: errs.Params{"kind": string(k)}})
		}
	}
	for _, id := range in.EntityIDs {
		if !slices.Contains(entities, id) {
			wrong = append(wrong, errs.Field{Name: "entity_ids", Key: "billing.no_entity"})
		}
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// mayStandIn refuses a person who could never decide anything, by their roles.
func mayStandIn(u people.User) bool {
	return mayDecide(Holder{UserID: u.ID, Roles: u.Roles})
}

func kindsOrNone(list []billing.Kind) []billing.Kind {
	if list == nil {
		return []billing.Kind{}
	}
	return list
}

// lookAgainTx has open chains and what nobody could decide looked at again, since who may decide is another now.
func lookAgainTx(ctx context.Context, tx *db.Tx) error {
	if err := tx.EnqueueOnce(ctx, Sweep{}); err != nil {
		return err
	}
	return tx.EnqueueOnce(ctx, CheckCoverage{})
}

// Revoke ends a delegation the actor gave, or for who manages authority anybody's. What was opened by it is closed to the
// stand-in at once. A signature that is underway comes before it, and stands, whichever of the two began first.
func (s *Service) Revoke(ctx context.Context, by access.Actor, id int64) error {
	anybodys := access.May(by, access.ManageAuthority)
	if err := access.Can(by, access.Decide, access.Object{}); err != nil && !anybodys {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `select u.id from delegations d join users u on u.id in (d.from_id, d.to_id) where d.id = $1 order by u.id for no key update of u`, id); err != nil {
			return fmt.Errorf("wait for who signs: %w", err) // see lockPersonTx
		}
		n, err := tx.Exec(ctx, `update delegations d set revoked_by = $2, revoked_at = greatest($3, (select max(c.decided_at) + interval '1 microsecond' from credit_decisions c
				where c.user_id = d.to_id and c.on_behalf_of = d.from_id and c.decided_at >= d.from_at))
			where d.id = $1 and (d.from_id = $2 or $4) and d.revoked_at is null and d.until_at > $3`, id, by.UserID, tx.Now(), anybodys)
		if err != nil {
			return fmt.Errorf("revoke delegation: %w", err)
		}
		if n == 0 {
			return ErrNoDelegation
		}
		tx.Publish("approvals")
		if err := lookAgainTx(ctx, tx); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "delegation.revoked", Data: map[string]any{"delegation": id}})
	})
}
