package billing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing/dunning"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// CollectionPolicy is how an entity reminds: from how many days overdue each level applies, ascending, and the late fee in
// percent a year, simple interest. PromiseReminderDays is how many days before a promised day collections hear of a promise
// whose customer asked to be reminded, 0 for never. PaymentLink is where its customers pay.
type CollectionPolicy struct {
	EntityID            EntityID
	LevelDays           []int
	LateFeePercent      decimal.Decimal
	PromiseReminderDays int
	PaymentLink         dunning.PayLink
	Version             int
}

// CollectionPolicy reads an entity's policy; without one, reminders after 1, 15, 30 and 45 days, no late fee, and a word the day before a promise.
func (s *Service) CollectionPolicy(ctx context.Context, r db.Reader, entity EntityID) (CollectionPolicy, error) {
	p, err := db.One[CollectionPolicy](ctx, r, `select entity_id, level_days, late_fee_percent, promise_reminder_days, payment_link, version from collection_policies where entity_id = $1`, entity)
	if errors.Is(err, db.ErrNoRow) {
		return CollectionPolicy{EntityID: entity, LevelDays: []int{1, 15, 30, 45}, PromiseReminderDays: 1}, nil
	}
	if err != nil {
		return p, fmt.Errorf("read collection policy: %w", err)
	}
	return p, nil
}

// SetCollectionPolicy changes an entity's policy: one to nine ascending levels from day 1 on, 0 to 100 percent,
// and a word about a promise 0 to 30 days before. Promises that are written down keep what held then.
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
	if in.PromiseReminderDays < 0 || in.PromiseReminderDays > 30 {
		return errs.InvalidField("promise_reminder_days", "billing.bad_reminder_days")
	}
	in.PaymentLink = dunning.PayLink(strings.TrimSpace(string(in.PaymentLink)))
	if wrong := in.PaymentLink.Check(); wrong != nil {
		return wrongLink(wrong)
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		before, err := s.CollectionPolicy(ctx, tx, in.EntityID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into collection_policies as p (entity_id, level_days, late_fee_percent, promise_reminder_days, payment_link) values ($1, $2, $3, $4, $5)
			on conflict (entity_id) do update set level_days = excluded.level_days, late_fee_percent = excluded.late_fee_percent,
			promise_reminder_days = excluded.promise_reminder_days, payment_link = excluded.payment_link, version = p.version + 1`,
			in.EntityID, in.LevelDays, in.LateFeePercent, in.PromiseReminderDays, in.PaymentLink); err != nil {
			return fmt.Errorf("set collection policy: %w", err)
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(in.EntityID)), By: by, What: "collection_policy.changed", Data: map[string]any{
			"levels_before": before.LevelDays, "levels": in.LevelDays,
			"late_fee_before": before.LateFeePercent.String(), "late_fee": in.LateFeePercent.String(),
			"promise_reminder_before": before.PromiseReminderDays, "promise_reminder": in.PromiseReminderDays,
			"payment_link_before": before.PaymentLink, "payment_link": in.PaymentLink,
		}})
	})
}

// wrongLink says at the field what is wrong with a payment link.
func wrongLink(err error) error {
	var e *errs.Error
	if !errors.As(err, &e) {
		return err
	}
	return errs.InvalidFields(errs.Field{Name: "payment_link", Key: e.Key, Params: e.Params})
}

// PayLinkOf is where what is to be paid of an invoice, or with its customer's account as the reference of all it owes, is
// paid at an entity; "" where the entity has no link, or nothing is to be paid.
func (s *Service) PayLinkOf(ctx context.Context, r db.Reader, entity EntityID, pay dunning.Pay) (string, error) {
	if !pay.Amount.IsPositive() {
		return "", nil
	}
	policy, err := s.CollectionPolicy(ctx, r, entity)
	if err != nil {
		return "", err
	}
	return policy.PaymentLink.For(pay), nil
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
