package billing

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// EntityAccount is what a role of the ledger is called in an entity's chart of accounts.
type EntityAccount struct {
	Role string // receivable, revenue, tax …: what entries are booked on
	Code string
	Name string
}

// AccountsChange is what accounts are to be called. Roles that are not named stay. Version is the entity's as the form was
// filled in.
type AccountsChange struct {
	By       access.Actor
	Entity   string // code
	Version  int
	Accounts []EntityAccount
}

// Bounds of what an account is called.
const (
	maxAccountCode = 20
	maxAccountName = 100
)

// SetAccounts changes the codes and names of an entity's accounts, for a controller or an administrator who has proven
// themselves. Entries are booked on roles, so what is posted stays where it is and is shown and exported under the new
// codes; two roles may share one. Bad input names the field as accounts.ROLE.code; ErrEntityChanged when somebody else was quicker.
func (s *Service) SetAccounts(ctx context.Context, in AccountsChange) ([]EntityAccount, error) {
	if err := mayKeepEntity(in.By, 0); err != nil {
		return nil, err
	}
	var list []EntityAccount
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		e, err := lockEntity(ctx, tx, in.Entity, in.Version, in.By)
		if err != nil {
			return err
		}
		was, err := entityAccounts(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		changed, err := in.changed(was)
		if err != nil {
			return err
		}
		if len(changed) > 0 {
			if err := storeAccounts(ctx, tx, e.ID, changed); err != nil {
				return err
			}
			if err := in.recordTx(ctx, tx, e, was, changed); err != nil {
				return err
			}
		}
		list, err = entityAccounts(ctx, tx, e.ID)
		return err
	})
	return list, err
}

func entityAccounts(ctx context.Context, r db.Reader, id EntityID) ([]EntityAccount, error) {
	list, err := db.List[EntityAccount](ctx, r, `select role, code, name from ledger_accounts where entity_id = $1 order by code, role`, id)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return list, nil
}

// changed are the accounts that are to be called otherwise than they are.
func (in AccountsChange) changed(was []EntityAccount) ([]EntityAccount, error) {
	var changed []EntityAccount
	var wrong []errs.Field
	for _, a := range in.Accounts {
		a.Code, a.Name = strings.TrimSpace(a.Code), strings.TrimSpace(a.Name)
		field := "accounts." + a.Role
		at := slices.IndexFunc(was, func(known EntityAccount) bool { return known.Role == a.Role })
		switch {
		case at < 0:
			wrong = append(wrong, errs.Field{Name: field + ".role", Key: "billing.no_account_role"})
			continue
		case a.Code == "" || len(a.Code) > maxAccountCode || strings.ContainsAny(a.Code, "\n\t;,\""):
			wrong = append(wrong, errs.Field{Name: field + ".code", Key: "billing.bad_account_code", Params: errs.Params{"most": strconv.Itoa(maxAccountCode)}})
		case a.Name == "" || len([]rune(a.Name)) > maxAccountName || strings.Contains(a.Name, "\n"):
			wrong = append(wrong, errs.Field{Name: field + ".name", Key: "billing.long_particular", Params: errs.Params{"most": strconv.Itoa(maxAccountName)}})
		}
		if a != was[at] {
			changed = append(changed, a)
		}
	}
	if len(wrong) > 0 {
		return nil, errs.InvalidFields(wrong...)
	}
	return changed, nil
}

func storeAccounts(ctx context.Context, tx *db.Tx, id EntityID, list []EntityAccount) error {
	var batch pgx.Batch
	for _, a := range list {
		batch.Queue(`update ledger_accounts set code = $3, name = $4 where entity_id = $1 and role = $2`, id, a.Role, a.Code, a.Name)
	}
	batch.Queue(`update legal_entities set version = version + 1 where id = $1`, id)
	if err := tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("change accounts: %w", err)
	}
	return nil
}

func (in AccountsChange) recordTx(ctx context.Context, tx *db.Tx, e Entity, was, changed []EntityAccount) error {
	before, after := map[string]any{}, map[string]any{}
	for _, a := range changed {
		at := slices.IndexFunc(was, func(known EntityAccount) bool { return known.Role == a.Role })
		before[a.Role], after[a.Role] = was[at].Code+" "+was[at].Name, a.Code+" "+a.Name
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(e.ID)), By: in.By, What: "entity.accounts_changed", Data: map[string]any{
		"entity": e.Code, "before": before, "after": after,
	}})
}
