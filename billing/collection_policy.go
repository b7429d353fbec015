package billing

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// CollectionPolicy is how an entity reminds: from how many days overdue each level applies, ascending, and the late fee in
// percent a year, simple interest.
type CollectionPolicy struct {
	EntityID       EntityID
	LevelDays      []int
	LateFeePercent decimal.Decimal
	Version        int
}

// CollectionPolicy reads an entity's policy; without one, reminders after 1, 15, 30 and 45 days and no late fee.
func (s *Service) CollectionPolicy(ctx context.Context, r db.Reader, entity EntityID) (CollectionPolicy, error) {
	p, err := db.One[CollectionPolicy](ctx, r, `select entity_id, level_days, late_fee_percent, version from collection_policies where entity_id = $1`, entity)
	if errors.Is(err, db.ErrNoRow) {
		return CollectionPolicy{EntityID: entity, LevelDays: []int{1, 15, 30, 45}}, nil
	}
	if err != nil {
		return p, fmt.Errorf("read collection policy: %w", err)
	}
	return p, nil
}

// SetCollectionPolicy changes an entity's policy: one to nine ascending levels from day 1 on, and 0 to 100 percent.
func (s *Service) SetCollectionPolicy(ctx context.Context, in CollectionPolicy, by Actor) error {
	if err := access.Can(by, access.ManagePeriods, access.Object{EntityID: int64(in.EntityID)}); err != nil {
		return err
	}
	ascending := slices.IsSorted(in.LevelDays) && len(slices.Compact(slices.Clone(in.LevelDays))) == len(in.LevelDays)
	if len(in.LevelDays) == 0 || len(in.LevelDays) > 9 || in.LevelDays[0] < 1 || !ascending {
		return errs.InvalidField("level_days", "billing.bad_levels")
	}
	if in.LateFeePercent.IsNegative() || in.LateFeePercent.GreaterThan(decimal.NewFromInt(100)) || finer(in.LateFeePercent, 4) {
		return errs.InvalidField("late_fee_percent", "billing.bad_percent")
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		before, err := s.CollectionPolicy(ctx, tx, in.EntityID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into collection_policies as p (entity_id, level_days, late_fee_percent) values ($1, $2, $3)
			on conflict (entity_id) do update set level_days = excluded.level_days, late_fee_percent = excluded.late_fee_percent, version = p.version + 1`,
			in.EntityID, in.LevelDays, in.LateFeePercent); err != nil {
			return fmt.Errorf("set collection policy: %w", err)
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(in.EntityID)), By: by, What: "collection_policy.changed", Data: map[string]any{
			"levels_before": before.LevelDays, "levels": in.LevelDays,
			"late_fee_before": before.LateFeePercent.String(), "late_fee": in.LateFeePercent.String(),
		}})
	})
}

// EntityPolicy is a legal entity with the policy it reminds by.
type EntityPolicy struct {
	Entity
	CollectionPolicy
}

// CollectionPolicies lists how the legal entities in an actor's scope remind, by code.
func (s *Service) CollectionPolicies(ctx context.Context, by Actor) ([]EntityPolicy, error) {
	if err := access.Can(by, access.ReadBooks, access.Object{}); err != nil {
		return nil, err
	}
	entities, err := s.Entities(ctx)
	if err != nil {
		return nil, err
	}
	var list []EntityPolicy
	for _, e := range entities {
		if !by.SeesEntity(int64(e.ID)) {
			continue
		}
		p, err := s.CollectionPolicy(ctx, s.db, e.ID)
		if err != nil {
			return nil, err
		}
		list = append(list, EntityPolicy{e, p})
	}
	return list, nil
}
