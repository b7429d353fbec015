package billing

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// GatewaySetting is where an entity's credit memos are issued besides. Sealed is the account's key, already sealed; nil
// keeps the one there is.
type GatewaySetting struct {
	By      access.Actor
	Entity  string // code
	Gateway GatewayKind
	Account string // the account's id there, such as acct_1Nv0FG; "" for builtin
	Sealed  []byte
}

// SetGateway changes where an entity's credit memos are issued besides, for an administrator. It holds for memos posted from
// then on. Another account needs its own key, and builtin drops the key; both are refused while a memo waits or was not answered, for
// only the account that was asked can tell whether it is there. The evidence says that a key was given, never which.
func (s *Service) SetGateway(ctx context.Context, in GatewaySetting) error {
	if err := access.Can(in.By, access.Administer, access.Object{}); err != nil {
		return err
	}
	in.Account = strings.TrimSpace(in.Account)
	if err := in.check(); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		e, err := db.One[Entity](ctx, tx, `select * from legal_entities where code = $1 for update`, in.Entity)
		if e, err = found(e, err, ErrNoEntity, "read entity"); err != nil {
			return err
		}
		if err := access.Can(in.By, access.Administer, access.Object{EntityID: int64(e.ID)}); err != nil {
			return err
		}
		if err := in.leaveTx(ctx, tx, e); err != nil {
			return err
		}
		if err := in.keepSecretTx(ctx, tx, e); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update legal_entities set gateway = $2, gateway_account = $3, version = version + 1 where id = $1`, e.ID, in.Gateway, in.Account); err != nil {
			return fmt.Errorf("set gateway: %w", err)
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: "entity.gateway_set", Data: map[string]any{
			"entity": e.Code, "gateway": in.Gateway, "gateway_before": e.Gateway, "account": in.Account, "account_before": e.GatewayAccount,
			"secret_given": in.Sealed != nil,
		}})
	})
}

func (in GatewaySetting) check() error {
	switch {
	case in.Gateway != BuiltinGateway && in.Gateway != StripeGateway:
		return errs.InvalidField("gateway", "error.required")
	case in.Gateway == StripeGateway && !strings.HasPrefix(in.Account, "acct_"):
		return errs.InvalidField("account", "billing.gateway.bad_account")
	case in.Gateway == BuiltinGateway && in.Account != "":
		return errs.InvalidField("account", "billing.gateway.no_account_wanted")
	}
	return nil
}

// leaveTx refuses to leave an account that has still to settle what it was asked for, or is to be.
func (in GatewaySetting) leaveTx(ctx context.Context, tx *db.Tx, e Entity) error {
	if in.Gateway == e.Gateway && in.Account == e.GatewayAccount {
		return nil
	}
	open, err := db.Value[int](ctx, tx, `select count(*) from gateway_postings where entity_id = $1 and state in ('waiting', 'unknown')`, e.ID)
	if err != nil {
		return fmt.Errorf("count what waits elsewhere: %w", err)
	}
	if open == 0 {
		return nil
	}
	field := "account"
	if in.Gateway != e.Gateway {
		field = "gateway"
	}
	return errs.InvalidField(field, "billing.gateway.unsettled", "count", strconv.Itoa(open))
}

// keepSecretTx keeps the key that was given, or sees that there is one of the same account.
func (in GatewaySetting) keepSecretTx(ctx context.Context, tx *db.Tx, e Entity) error {
	var err error
	switch {
	case in.Gateway == BuiltinGateway:
		_, err = tx.Exec(ctx, `delete from gateway_secrets where entity_id = $1`, e.ID)
	case in.Sealed != nil:
		_, err = tx.Exec(ctx, `insert into gateway_secrets (entity_id, sealed, set_at, set_by) values ($1, $2, $3, $4)
			on conflict (entity_id) do update set sealed = excluded.sealed, set_at = excluded.set_at, set_by = excluded.set_by`, e.ID, in.Sealed, tx.Now(), in.By.UserID)
	case e.GatewayAccount != in.Account:
		return errs.InvalidField("secret", "error.required")
	}
	if err != nil {
		return fmt.Errorf("keep key of gateway: %w", err)
	}
	return nil
}
