package erasure

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/personal"
)

// Hold keeps what is kept about a person, or about everybody who writes for a customer, from being erased.
type Hold struct {
	ID         int64
	Address    string
	CustomerID *int64
	Account    string
	Customer   string
	Reason     string
	SetBy      int64
	SetByName  string
	SetAt      time.Time
	LiftedBy   *int64
	LiftedName string
	LiftedAt   *time.Time
	LiftReason string
}

const holdRows = `select h.id, h.address, h.customer_id, coalesce(c.account, '') as account, coalesce(c.name, '') as customer, h.reason, h.set_by, u.name as set_by_name, h.set_at,
		h.lifted_by, coalesce(l.name, '') as lifted_name, h.lifted_at, h.lift_reason
	from legal_holds h join users u on u.id = h.set_by left join users l on l.id = h.lifted_by left join customers c on c.id = h.customer_id `

// Holds lists legal holds, those that stand before all others; at most 200.
func (s *Service) Holds(ctx context.Context, by access.Actor) ([]Hold, error) {
	if err := may(by); err != nil {
		return nil, err
	}
	list, err := db.List[Hold](ctx, s.DB, holdRows+`order by h.lifted_at is not null, h.id desc limit 200`)
	if err != nil {
		return nil, fmt.Errorf("list legal holds: %w", err)
	}
	return list, nil
}

// HoldInput sets a legal hold, on an address or on a customer by account.
type HoldInput struct {
	By      access.Actor
	Address string
	Account string
	Reason  string
}

// SetHold keeps a person, or everybody who writes for a customer, from being erased until it is lifted. One person may, for a reason.
func (s *Service) SetHold(ctx context.Context, in HoldInput) (Hold, error) {
	if err := may(in.By); err != nil {
		return Hold{}, err
	}
	in.Address, in.Account, in.Reason = strings.ToLower(strings.TrimSpace(in.Address)), strings.TrimSpace(in.Account), strings.TrimSpace(in.Reason)
	parsed, bad := mail.ParseAddress(in.Address)
	switch {
	case in.By.UserID == 0:
		return Hold{}, access.ErrSignIn
	case (in.Address == "") == (in.Account == ""):
		return Hold{}, errs.InvalidField("address", "erasure.hold_one")
	case in.Address != "" && (bad != nil || parsed.Address != in.Address):
		return Hold{}, errs.InvalidField("address", "erasure.bad_address", "address", in.Address)
	case in.Reason == "":
		return Hold{}, errs.InvalidField("reason", "error.required")
	case len([]rune(in.Reason)) > longestReason:
		return Hold{}, errs.InvalidField("reason", "erasure.long_reason")
	}
	var h Hold
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		if err := shortlyTx(ctx, tx); err != nil {
			return err
		}
		var customer *int64
		if in.Account != "" {
			c, err := s.Billing.CustomerByAccount(ctx, tx, in.Account)
			if errors.Is(err, billing.ErrNoCustomer) {
				return errs.InvalidField("account", "erasure.no_account", "account", in.Account)
			}
			if err != nil {
				return err
			}
			customer = new(int64(c.ID))
		}
		id, err := db.Value[int64](ctx, tx, `insert into legal_holds (address, customer_id, reason, set_by, set_at) values ($1, $2, $3, $4, $5) returning id`,
			in.Address, customer, in.Reason, in.By.UserID, tx.Now())
		if err != nil {
			return fmt.Errorf("keep legal hold: %w", err)
		}
		if h, err = holdByID(ctx, tx, id, ""); err != nil {
			return err
		}
		return h.recordTx(ctx, tx, in.By, "legal_hold.set")
	})
	return h, err
}

// LiftHold ends a legal hold, for a reason.
func (s *Service) LiftHold(ctx context.Context, by access.Actor, id int64, reason string) (Hold, error) {
	if err := may(by); err != nil {
		return Hold{}, err
	}
	reason = strings.TrimSpace(reason)
	switch {
	case by.UserID == 0:
		return Hold{}, access.ErrSignIn
	case reason == "":
		return Hold{}, errs.InvalidField("reason", "error.required")
	case len([]rune(reason)) > longestReason:
		return Hold{}, errs.InvalidField("reason", "erasure.long_reason")
	}
	var h Hold
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		was, err := holdByID(ctx, tx, id, "for update of h")
		if err != nil {
			return err
		}
		if was.LiftedAt != nil {
			return ErrLifted
		}
		if _, err := tx.Exec(ctx, `update legal_holds set lifted_by = $2, lifted_at = $3, lift_reason = $4 where id = $1`, id, by.UserID, tx.Now(), reason); err != nil {
			return fmt.Errorf("lift legal hold: %w", err)
		}
		if h, err = holdByID(ctx, tx, id, ""); err != nil {
			return err
		}
		return h.recordTx(ctx, tx, by, "legal_hold.lifted")
	})
	return h, err
}

func holdByID(ctx context.Context, r db.Reader, id int64, lock string) (Hold, error) {
	h, err := db.One[Hold](ctx, r, holdRows+`where h.id = $1 `+lock, id)
	if errors.Is(err, db.ErrNoRow) {
		return h, ErrNoHold
	}
	if err != nil {
		return h, fmt.Errorf("read legal hold: %w", err)
	}
	return h, nil
}

func (h Hold) recordTx(ctx context.Context, tx *db.Tx, by access.Actor, what string) error {
	data := map[string]any{"hold": h.ID, "customer": h.CustomerID}
	if h.Address != "" {
		data["address"] = audit.Personal{Address: h.Address, Said: h.Address}
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: what, Data: data})
}

// heldTx refuses with the reason of a legal hold that stands on an address, or on a customer whose contact has it or whose case is among theirs.
func heldTx(ctx context.Context, tx *db.Tx, addresses []string, list []cases.Case) error {
	customers := []int64{}
	for _, c := range list {
		if c.CustomerID != nil {
			customers = append(customers, int64(*c.CustomerID))
		}
	}
	reasons, err := db.Values[string](ctx, tx, `select reason from legal_holds where lifted_at is null and (address = any ($1) or customer_id = any ($2)
		or customer_id in (select customer_id from contacts where email = any ($1))) order by id limit 1`, addresses, customers)
	if err != nil {
		return fmt.Errorf("look for legal holds: %w", err)
	}
	if len(reasons) == 0 {
		return nil
	}
	return errs.New(ErrHeld.Kind, ErrHeld.Key, "reason", reasons[0])
}

// eraseHoldsTx takes a person out of legal holds that were lifted.
func eraseHoldsTx(ctx context.Context, tx *db.Tx, who personal.Person) error {
	if _, err := tx.Exec(ctx, `update legal_holds set address = erased_address($1, $2, address), reason = without_person(reason, $3, $4), lift_reason = without_person(lift_reason, $3, $4)
		where address = any ($2)`, who.Erasure, who.Addresses, who.Sure(), who.Likely()); err != nil {
		return fmt.Errorf("erase lifted holds: %w", err)
	}
	return nil
}
