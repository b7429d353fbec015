package billing

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// EntityChange is what a legal entity is to be. Version is the entity's as the form was filled in.
type EntityChange struct {
	By      access.Actor
	Entity  string // code
	Version int
	EntityFacts
}

// SetEntity changes what a legal entity is and how it keeps its books, for a controller or an administrator who has proven
// themselves. Once something is posted its base currency, country and fiscal month stand, and a change of them says why.
// Bad input names the field; ErrEntityChanged when somebody else was quicker.
func (s *Service) SetEntity(ctx context.Context, in EntityChange) (Entity, error) {
	if err := mayKeepEntity(in.By, 0); err != nil {
		return Entity{}, err
	}
	facts, wrong := in.EntityFacts.checked()
	if len(wrong) > 0 {
		return Entity{}, errs.InvalidFields(wrong...)
	}
	var e Entity
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		was, err := lockEntity(ctx, tx, in.Entity, in.Version, in.By)
		if err != nil {
			return err
		}
		if e = was; facts == was.Facts() {
			return nil
		}
		if err := stands(ctx, tx, was, facts); err != nil {
			return err
		}
		if e, err = facts.store(ctx, tx, was.ID); err != nil {
			return err
		}
		before, after := differing(was.Facts().values(), e.Facts().values())
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(e.ID)), By: in.By, What: "entity.changed", Data: map[string]any{
			"entity": e.Code, "before": before, "after": after,
		}})
	})
	return e, err
}

// lockEntity locks an entity as the form saw it.
func lockEntity(ctx context.Context, tx *db.Tx, code string, version int, by access.Actor) (Entity, error) {
	e, err := db.One[Entity](ctx, tx, `select * from legal_entities where code = $1 for update`, code)
	if e, err = found(e, err, ErrNoEntity, "read entity"); err != nil {
		return e, err
	}
	if err := mayKeepEntity(by, e.ID); err != nil {
		return e, err
	}
	if e.Version != version {
		return e, ErrEntityChanged
	}
	return e, nil
}

// stands refuses, with the reason, to change what documents and entries rest on. The database holds the same.
func stands(ctx context.Context, r db.Reader, was Entity, to EntityFacts) error {
	var fixed []errs.Field
	if to.BaseCurrency != was.BaseCurrency {
		fixed = append(fixed, errs.Field{Name: "base_currency", Key: "billing.fixed_base_currency", Params: errs.Params{"was": string(was.BaseCurrency)}})
	}
	if to.Country != was.Country {
		fixed = append(fixed, errs.Field{Name: "country", Key: "billing.fixed_country", Params: errs.Params{"was": was.Country}})
	}
	if to.FiscalMonth != was.FiscalMonth {
		fixed = append(fixed, errs.Field{Name: "fiscal_month", Key: "billing.fixed_fiscal_month", Params: errs.Params{"was": time.Month(was.FiscalMonth).String()}})
	}
	if len(fixed) == 0 {
		return nil
	}
	posted, err := hasPosted(ctx, r, was.ID)
	if err != nil || !posted {
		return err
	}
	return errs.InvalidFields(fixed...)
}

func (f EntityFacts) store(ctx context.Context, tx *db.Tx, id EntityID) (Entity, error) {
	e, err := db.One[Entity](ctx, tx, `update legal_entities set name = $2, base_currency = $3, country = $4, fiscal_month = $5, tax_id = $6, address = $7,
			phone = $8, bank_details = $9, brand_color = $10, time_zone = $11, language = $12, endpoint_scheme = $13, endpoint_id = $14,
			write_off_tax_relief = $15, memo_period_policy = $16, version = version + 1 where id = $1 returning *`,
		id, f.Name, f.BaseCurrency, f.Country, f.FiscalMonth, f.TaxID, f.Address, f.Phone, f.BankDetails, f.BrandColor, f.TimeZone, f.Language,
		f.EndpointScheme, f.EndpointID, f.WriteOffTaxRelief, f.MemoPeriodPolicy)
	if err != nil {
		return e, fmt.Errorf("change entity: %w", err)
	}
	return e, nil
}

// differing leaves only what is not the same on both sides.
func differing(before, after map[string]any) (was, is map[string]any) {
	was, is = map[string]any{}, map[string]any{}
	for name, value := range after {
		if before[name] != value {
			was[name], is[name] = before[name], value
		}
	}
	return was, is
}
