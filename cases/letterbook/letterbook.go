// Package letterbook keeps the letters a company writes in its own words: for each legal entity, kind of letter and language a row of
// versions, of which the last is in force. Where there is none, the letter is the one the program ships.
package letterbook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"makegood/billing"
	"makegood/cases/letters"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Refusals.
var (
	ErrNoLetter  = errs.New(errs.NotFound, "letters.no_letter")
	ErrNoVersion = errs.New(errs.NotFound, "letters.no_version")
	ErrChanged   = errs.New(errs.Conflict, "letters.changed")
)

// Place is one letter: of an entity (its code), a kind and a language.
type Place struct {
	Entity   string
	Kind     letters.Kind
	Language string
}

// Version is a letter in a company's own words, or, with Shipped, the return to the program's.
type Version struct {
	ID           int64
	EntityID     billing.EntityID
	Kind         letters.Kind
	Language     string
	Number       int
	Shipped      bool
	Subject      string
	Body         string
	RestoredFrom *int
	CreatedBy    int64
	CreatedName  string
	CreatedAt    time.Time
}

// Own is the wording of a version; nil for the program's words.
func (v Version) Own() *letters.Wording {
	if v.ID == 0 || v.Shipped {
		return nil
	}
	return &letters.Wording{ID: v.ID, Subject: v.Subject, Body: v.Body}
}

// Service keeps and reads wordings.
type Service struct{ db *db.DB }

// New makes the service.
func New(d *db.DB) *Service { return &Service{db: d} }

const inForce = `select distinct on (entity_id, kind, language) * from letter_versions `

// InForce are the versions in force at every place that ever had one, for an administrator.
func (s *Service) InForce(ctx context.Context, by access.Actor) ([]Version, error) {
	if err := access.Can(by, access.Administer, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[Version](ctx, s.db, inForce+`order by entity_id, kind, language, number desc`)
	if err != nil {
		return nil, fmt.Errorf("read letters: %w", err)
	}
	return slices.DeleteFunc(list, func(v Version) bool { return !by.SeesEntity(int64(v.EntityID)) }), nil
}

// historyShown is how many versions a history shows.
const historyShown = 100

// History are the versions of a letter, the latest, which is in force, first. It may be empty.
func (s *Service) History(ctx context.Context, by access.Actor, p Place) ([]Version, error) {
	e, err := entityOf(ctx, s.db, by, p)
	if err != nil {
		return nil, err
	}
	list, err := db.List[Version](ctx, s.db, `select * from letter_versions where entity_id = $1 and kind = $2 and language = $3
		order by number desc limit $4`, e.ID, p.Kind, p.Language, historyShown)
	if err != nil {
		return nil, fmt.Errorf("read versions: %w", err)
	}
	return list, nil
}

// entityOf checks that the place is one of ours and that the actor may change it.
func entityOf(ctx context.Context, r db.Reader, by access.Actor, p Place) (billing.Entity, error) {
	if err := access.Can(by, access.Administer, access.Object{}); err != nil {
		return billing.Entity{}, err
	}
	if !slices.Contains(letters.Kinds(), p.Kind) || !slices.Contains(letters.Languages(), p.Language) {
		return billing.Entity{}, ErrNoLetter
	}
	e, err := db.One[billing.Entity](ctx, r, `select * from legal_entities where code = $1`, p.Entity)
	if errors.Is(err, db.ErrNoRow) {
		return e, ErrNoLetter
	}
	if err != nil {
		return e, fmt.Errorf("read entity: %w", err)
	}
	return e, access.Can(by, access.Administer, access.Object{EntityID: int64(e.ID)})
}

// SaveInput is a letter in new words. Base is the number of the version it was begun from, 0 for none.
type SaveInput struct {
	By      access.Actor
	Place   Place
	Base    int
	Subject string
	Body    string
}

// Save puts new words in force for what is written from then on; what waits in the outbox leaves as it was written. Words that
// letters.Check refuses are refused with field, line and name. ErrChanged when somebody else was quicker.
func (s *Service) Save(ctx context.Context, in SaveInput) (Version, error) {
	w := clean(in.Subject, in.Body)
	if err := access.Can(in.By, access.Administer, access.Object{}); err != nil {
		return Version{}, err
	}
	if !slices.Contains(letters.Kinds(), in.Place.Kind) {
		return Version{}, ErrNoLetter
	}
	if err := letters.Check(in.Place.Kind, w); err != nil {
		return Version{}, err
	}
	return s.add(ctx, in.By, in.Place, in.Base, func(*db.Tx, billing.Entity) (Version, error) {
		return Version{Subject: w.Subject, Body: w.Body}, nil
	})
}

// RestoreInput goes back to the words of an earlier version; number 0 to the program's.
type RestoreInput struct {
	By     access.Actor
	Place  Place
	Base   int
	Number int
}

// Restore puts earlier words in force again, as a new version.
func (s *Service) Restore(ctx context.Context, in RestoreInput) (Version, error) {
	return s.add(ctx, in.By, in.Place, in.Base, func(tx *db.Tx, e billing.Entity) (Version, error) {
		if in.Number == 0 {
			return Version{Shipped: true}, nil
		}
		v, err := db.One[Version](ctx, tx, `select * from letter_versions where entity_id = $1 and kind = $2 and language = $3 and number = $4`,
			e.ID, in.Place.Kind, in.Place.Language, in.Number)
		if errors.Is(err, db.ErrNoRow) {
			return v, ErrNoVersion
		}
		if err != nil {
			return v, fmt.Errorf("read version: %w", err)
		}
		v.RestoredFrom = &in.Number
		if own := v.Own(); own != nil {
			err = letters.Check(in.Place.Kind, *own)
		}
		return v, err
	})
}

// add writes the next version and the audit of it. Two at once are told apart by the entity's lock and the number they began from.
func (s *Service) add(ctx context.Context, by access.Actor, p Place, base int, words func(*db.Tx, billing.Entity) (Version, error)) (Version, error) {
	var v Version
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		e, err := entityOf(ctx, tx, by, p)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `select 1 from legal_entities where id = $1 for no key update`, e.ID); err != nil {
			return fmt.Errorf("lock letters: %w", err)
		}
		last, err := db.Value[int](ctx, tx, `select coalesce(max(number), 0) from letter_versions where entity_id = $1 and kind = $2 and language = $3`, e.ID, p.Kind, p.Language)
		if err != nil {
			return fmt.Errorf("read version: %w", err)
		}
		if last != base {
			return ErrChanged
		}
		next, err := words(tx, e)
		if err != nil {
			return err
		}
		v, err = db.One[Version](ctx, tx, `insert into letter_versions (entity_id, kind, language, number, shipped, subject, body, restored_from, created_by, created_name, created_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning *`,
			e.ID, p.Kind, p.Language, last+1, next.Shipped, next.Subject, next.Body, next.RestoredFrom, by.UserID, by.Name, tx.Now())
		if err != nil {
			return fmt.Errorf("keep letter: %w", err)
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "letter.changed", Data: map[string]any{
			"entity": e.Code, "kind": p.Kind, "language": p.Language, "number": v.Number, "shipped": v.Shipped, "restored_from": v.RestoredFrom,
			"subject": v.Subject, "body": v.Body,
		}})
	})
	return v, err
}
