package billing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// NewEntity is a legal entity to add: what it is, and as whom it writes to its customers.
type NewEntity struct {
	By   access.Actor
	Code string // two to eight capital letters and digits: begins its document numbers and is never changed
	EntityFacts
	SupportAddress string
	SupportName    string // "" means the entity's name
	Signature      string
}

var entityCode = regexp.MustCompile(`^[A-Z0-9]{2,8}$`)

// AddEntity adds a legal entity with an account for every role of the ledger, for a controller or an administrator who sees
// all entities and has proven themselves. Bad input names the field, a code that is taken too.
func (s *Service) AddEntity(ctx context.Context, in NewEntity) (Entity, error) {
	if err := mayKeepEntity(in.By, 0); err != nil {
		return Entity{}, err
	}
	if len(in.By.EntityIDs) > 0 {
		return Entity{}, ErrAllEntities
	}
	e, err := in.checked()
	if err != nil {
		return Entity{}, err
	}
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		if e, err = s.SeedEntityTx(ctx, tx, e); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(e.ID)), By: in.By, What: "entity.added", Data: map[string]any{
			"entity": e.Code, "facts": e.Facts().values(), "sender": e.SupportAddress,
		}})
	})
	if db.Violates(err, "legal_entities_code_key") {
		return Entity{}, errs.InvalidField("code", "billing.entity_code_taken", "code", in.Code)
	}
	return e, err
}

// mayKeepEntity asks for the right and a fresh proof: bank details say where customers pay.
func mayKeepEntity(by access.Actor, id EntityID) error {
	if err := access.Can(by, access.ManageEntities, access.Object{EntityID: int64(id)}); err != nil {
		return err
	}
	return access.Proven(by)
}

// checked is the entity to add, or all that is wrong with it.
func (in NewEntity) checked() (Entity, error) {
	facts, wrong := in.EntityFacts.checked()
	if !entityCode.MatchString(in.Code) {
		wrong = append(wrong, errs.Field{Name: "code", Key: "billing.bad_entity_code"})
	}
	sender := SenderInput{Address: in.SupportAddress, Name: in.SupportName, Signature: in.Signature}
	if sender.Name == "" {
		sender.Name = facts.Name
	}
	sender, err := sender.checked()
	if refused, ok := errors.AsType[*errs.Error](err); ok {
		for _, field := range refused.Fields {
			field.Name = cmp.Or(map[string]string{"address": "support_address", "name": "support_name"}[field.Name], field.Name)
			wrong = append(wrong, field)
		}
	}
	if len(wrong) > 0 {
		return Entity{}, errs.InvalidFields(wrong...)
	}
	e := facts.entity()
	e.Code, e.SupportAddress, e.SupportName, e.Signature = in.Code, sender.Address, sender.Name, sender.Signature
	return e, nil
}

// EntitiesToKeep lists the legal entities whose facts an actor may change, by code.
func (s *Service) EntitiesToKeep(ctx context.Context, by access.Actor) ([]Entity, error) {
	if err := access.Can(by, access.ManageEntities, access.Object{}); err != nil {
		return nil, err
	}
	list, err := s.Entities(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(e Entity) bool { return !by.SeesEntity(int64(e.ID)) }), nil
}

// EntityToKeep is a legal entity with its accounts, and whether something stands in its books already.
type EntityToKeep struct {
	Entity
	Accounts []EntityAccount
	Posted   bool
}

// EntityToKeep reads a legal entity whose facts an actor may change; ErrNoEntity when there is none.
func (s *Service) EntityToKeep(ctx context.Context, code string, by access.Actor) (EntityToKeep, error) {
	e, err := db.One[Entity](ctx, s.db, `select * from legal_entities where code = $1`, code)
	if e, err = found(e, err, ErrNoEntity, "read entity"); err != nil {
		return EntityToKeep{}, err
	}
	kept := EntityToKeep{Entity: e}
	if err := access.Can(by, access.ManageEntities, access.Object{EntityID: int64(e.ID)}); err != nil {
		return kept, err
	}
	if kept.Posted, err = hasPosted(ctx, s.db, e.ID); err != nil {
		return kept, err
	}
	kept.Accounts, err = entityAccounts(ctx, s.db, e.ID)
	return kept, err
}

func hasPosted(ctx context.Context, r db.Reader, id EntityID) (bool, error) {
	posted, err := db.Value[bool](ctx, r, `select exists (select from journal_entries where entity_id = $1) or exists (select from document_sequences where entity_id = $1)`, id)
	if err != nil {
		return false, fmt.Errorf("look for entries: %w", err)
	}
	return posted, nil
}
