package billing

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// maxHoldReason is how long a reason for a hold on further credit may be.
const maxHoldReason = 500

// CreditTerms are how much a customer may owe and whether it is sold anything more on credit. They stop no posting: what
// passes them is warned of. Version is the customer's as the form was filled in.
type CreditTerms struct {
	By      access.Actor
	Account string
	Version int
	Limit   *decimal.Decimal // in the customer's currency, zero or more; nil is none
	Hold    string           // why nothing more is sold on credit; "" for no hold
}

// SetCreditTerms changes a customer's limit and hold, for a controller. Bad input names the field; ErrCustomerChanged when
// somebody else was quicker.
func (s *Service) SetCreditTerms(ctx context.Context, in CreditTerms) (Customer, error) {
	if err := access.Can(in.By, access.KeepCustomers, access.Object{}); err != nil {
		return Customer{}, err
	}
	if in.Hold = strings.TrimSpace(in.Hold); utf8.RuneCountInString(in.Hold) > maxHoldReason {
		return Customer{}, errs.InvalidField("hold", "billing.long_hold")
	}
	var c Customer
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		was, err := db.One[Customer](ctx, tx, `select * from customers where account = $1 for update`, in.Account)
		if was, err = found(was, err, ErrNoCustomer, "read customer"); err != nil {
			return err
		}
		if err := access.Can(in.By, access.KeepCustomers, access.Object{EntityID: int64(was.EntityID)}); err != nil {
			return err
		}
		switch {
		case was.Version != in.Version:
			return ErrCustomerChanged
		case in.Limit != nil && (in.Limit.IsNegative() || finer(*in.Limit, was.Currency.Digits())):
			return errs.InvalidField("limit", "billing.bad_credit_limit")
		}
		c, err = db.One[Customer](ctx, tx, `update customers set credit_limit = $2, credit_hold = $3, version = version + 1 where id = $1 returning *`,
			was.ID, in.Limit, in.Hold)
		if err != nil {
			return fmt.Errorf("set credit terms: %w", err)
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Books(int64(was.EntityID)), By: in.By, What: "customer.credit_terms_set", Data: map[string]any{
			"account": c.Account, "currency": c.Currency, "limit_before": was.CreditLimit, "limit": c.CreditLimit, "hold_before": was.CreditHold, "hold": c.CreditHold,
		}})
	})
	return c, err
}

// Owed is what a customer owes in a currency, less what is unapplied: below zero when it has more with us.
func Owed(ctx context.Context, r db.Reader, customer CustomerID, currency money.Currency) (decimal.Decimal, error) {
	owed, err := db.Value[decimal.Decimal](ctx, r, `select coalesce(sum(case when kind = 'invoice' then open else -open end), 0) from open_items
		where customer_id = $1 and currency = $2 and open > 0`, customer, currency)
	if err != nil {
		return owed, fmt.Errorf("add up what is owed: %w", err)
	}
	return owed, nil
}

// OverLimit is by how much the customer owes more than it may, less what is unapplied; zero within the limit, and without one.
func (p Position) OverLimit() decimal.Decimal {
	if p.CreditLimit == nil {
		return decimal.Zero
	}
	return decimal.Max(decimal.Zero, p.Open.Sub(p.Unapplied).Sub(*p.CreditLimit))
}
