package cases

import (
	"context"
	"errors"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// SaveMacro keeps a macro of the actor's own. To share one, or to change what somebody else shares, takes the right to give cases
// to others. In a folder a name is used once by each person: ErrSameMacro.
func (s *Service) SaveMacro(ctx context.Context, in SaveMacroInput) (Macro, error) {
	in.tidy()
	if err := in.check(); err != nil {
		return Macro{}, err
	}
	var kept Macro
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		if to := numberOrNil(in.Does.Assign); to != nil {
			if _, err := colleagueByID(ctx, tx, *to); err != nil {
				return err
			}
		}
		if in.ID == 0 {
			var err error
			if kept, err = addMacro(ctx, tx, in); err != nil {
				return err
			}
			return audit.RecordTx(ctx, tx, macroEvent(kept, "added", in.By))
		}
		if _, err := changeableMacro(ctx, tx, in.By, in.ID, in.Version); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update macros set shared = $2, folder = $3, name = $4, kind = $5, body = $6, does = $7, version = version + 1 where id = $1`,
			in.ID, in.Shared, in.Folder, in.Name, in.Kind, in.Body, in.Does); err != nil {
			return fmt.Errorf("change macro: %w", err)
		}
		var err error
		if kept, err = macroByID(ctx, tx, in.ID, ``); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, macroEvent(kept, "changed", in.By))
	})
	if db.Violates(err, "macros_own") {
		return Macro{}, errs.New(ErrSameMacro.Kind, ErrSameMacro.Key, "name", in.Name)
	}
	return kept, err
}

// RemoveMacro drops one as it is in the version given. What was written and done with it stays.
func (s *Service) RemoveMacro(ctx context.Context, id MacroID, version int, by access.Actor) error {
	if err := access.Can(by, access.WorkCases, access.Object{}); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		gone, err := changeableMacro(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from macros where id = $1`, id); err != nil {
			return fmt.Errorf("remove macro: %w", err)
		}
		return audit.RecordTx(ctx, tx, macroEvent(gone, "removed", by))
	})
}

// macroEvent keeps a macro as it became, or as it last was: shared ones write to customers and move cases.
func macroEvent(m Macro, verb string, by access.Actor) audit.Event {
	return audit.Event{Stream: audit.Admin, By: by, What: "macro." + verb, Data: map[string]any{
		"macro": m.ID, "owner": m.OwnerName, "shared": m.Shared, "folder": m.Folder, "name": m.Name, "kind": m.Kind, "text": m.Body, "does": m.Does,
	}}
}

// Macros lists the actor's own macros and those others share, by folder and name.
func (s *Service) Macros(ctx context.Context, by access.Actor) ([]Macro, error) {
	if err := access.Can(by, access.WorkCases, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[Macro](ctx, s.db, `select `+macroColumns+` from macros m join users u on u.id = m.owner_id
		where m.owner_id = $1 or m.shared order by lower(m.folder), lower(m.name), m.id limit $2`, by.UserID, shownMacros)
	if err != nil {
		return nil, fmt.Errorf("list macros: %w", err)
	}
	return list, nil
}

// MacroByID reads a macro that the actor may use: ErrNoMacro for another's own.
func (s *Service) MacroByID(ctx context.Context, id MacroID, by access.Actor) (Macro, error) {
	if err := access.Can(by, access.WorkCases, access.Object{}); err != nil {
		return Macro{}, err
	}
	return usableMacro(ctx, s.db, id, by)
}

func usableMacro(ctx context.Context, r db.Reader, id MacroID, by access.Actor) (Macro, error) {
	m, err := macroByID(ctx, r, id, ``)
	if err == nil && m.OwnerID != by.UserID && !m.Shared {
		return Macro{}, ErrNoMacro
	}
	return m, err
}

// changeableMacro locks and reads a macro that the actor may change: their own, or a shared one by whoever may share.
func changeableMacro(ctx context.Context, tx *db.Tx, by access.Actor, id MacroID, version int) (Macro, error) {
	m, err := macroByID(ctx, tx, id, `for update of m`)
	switch {
	case err != nil:
	case m.OwnerID != by.UserID && !m.Shared:
		err = ErrNoMacro
	case m.OwnerID != by.UserID && access.Can(by, access.AssignOthers, access.Object{}) != nil:
		err = errs.New(errs.Conflict, "macro.of_another", "name", m.Name, "owner", m.OwnerName)
	case m.Version != version:
		err = errs.New(errs.Conflict, "macro.changed_meanwhile", "name", m.Name)
	}
	return m, err
}

const macroColumns = `m.id, m.owner_id, u.name as owner_name, m.shared, m.folder, m.name, m.kind, m.body, m.does, m.created_at, m.version`

func macroByID(ctx context.Context, r db.Reader, id MacroID, lock string) (Macro, error) {
	m, err := db.One[Macro](ctx, r, `select `+macroColumns+` from macros m join users u on u.id = m.owner_id where m.id = $1 `+lock, id)
	if errors.Is(err, db.ErrNoRow) {
		return Macro{}, ErrNoMacro
	}
	if err != nil {
		return Macro{}, fmt.Errorf("read macro: %w", err)
	}
	return m, nil
}

func addMacro(ctx context.Context, tx *db.Tx, in SaveMacroInput) (Macro, error) {
	id, err := db.Value[MacroID](ctx, tx, `insert into macros (owner_id, shared, folder, name, kind, body, does, created_at)
		select $1, $2, $3, $4, $5, $6, $7, $8 where (select count(*) from macros where owner_id = $1) < $9 returning id`,
		in.By.UserID, in.Shared, in.Folder, in.Name, in.Kind, in.Body, in.Does, tx.Now(), maxMacros)
	if errors.Is(err, db.ErrNoRow) {
		return Macro{}, errs.New(errs.Conflict, "macro.too_many")
	}
	if err != nil {
		return Macro{}, fmt.Errorf("keep macro: %w", err)
	}
	return macroByID(ctx, tx, id, ``)
}
