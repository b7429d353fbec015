// Package bookstest is the company that tests of the packages below billing have in common: its books, its customers and who keeps them.
package bookstest

import (
	"context"
	"testing"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// Administrator keeps the settings.
func Administrator() access.Actor {
	return access.Actor{Kind: access.Person, UserID: 1, Name: "Ole Brandt", Roles: []access.Role{access.Admin}}
}

// Controller keeps the books.
func Controller() access.Actor {
	return access.Actor{Kind: access.Person, UserID: 7, Name: "Ines Kroll", Roles: []access.Role{access.Controller}}
}

// Must ends the test where something went wrong that the test is not about.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Value is the one value that a query gives.
func Value[T any](t testing.TB, r db.Reader, query string, args ...any) T {
	t.Helper()
	v, err := db.Value[T](t.Context(), r, query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// Company makes DE, the legal entity, with its accounts.
func Company(t testing.TB, tx *db.Tx) billing.EntityID {
	t.Helper()
	id := Value[billing.EntityID](t, tx, `insert into legal_entities (code, name, base_currency, country, tax_id, address, support_address, support_name, time_zone)
		values ('DE', 'Nordlicht Cloud GmbH', 'EUR', 'DE', 'DE318842071', 'Hafenstraße 12', 'billing@nordlicht.example', 'Billing', 'Europe/Berlin') returning id`)
	_, err := tx.Exec(t.Context(), `insert into ledger_accounts (entity_id, role, code, name) select $1, r, r, r from unnest(array['receivable','revenue','tax','cash',
		'unapplied','concessions','service_credits','bad_debt','fx_difference','rounding','cash_clearing','withholding','opening_balance']) r`, id)
	Must(t, err)
	return id
}

// Customer makes a customer of a company, billed in euros.
func Customer(t testing.TB, tx *db.Tx, company billing.EntityID, account, name string) billing.CustomerID {
	t.Helper()
	return Value[billing.CustomerID](t, tx, `with new as (select nextval(pg_get_serial_sequence('customers', 'id')) as id)
		insert into customers (id, account, name, kind, family_id, tier, country, address, language, entity_id, currency, created_at)
		select id, $1, $2, 'direct', id, 'gold', 'DE', 'Kaiweg 3, 20457 Hamburg', 'de', $3, 'EUR', $4 from new returning id`, account, name, company, tx.Now())
}

// Approved prepares and reserves an adjustment, and has it approved: what is left is to post it.
func Approved(ctx context.Context, tx *db.Tx, s *billing.Service, request int64, in billing.AdjustmentInput) (billing.PostAdjustment, error) {
	a, err := s.PrepareAdjustment(ctx, tx, in)
	if err != nil {
		return billing.PostAdjustment{}, err
	}
	if err := s.ReserveTx(ctx, tx, request, a); err != nil {
		return billing.PostAdjustment{}, err
	}
	if err := dbtest.Decided(ctx, tx, request, a.Digest(request)); err != nil {
		return billing.PostAdjustment{}, err
	}
	approval, err := s.RecordApprovalTx(ctx, tx, billing.Approval{
		CreditRequestID: request, Digest: a.Digest(request), RequesterID: dbtest.Requester, DeciderIDs: []int64{dbtest.Decider},
	})
	return billing.PostAdjustment{CreditRequestID: request, ApprovalID: approval, Adjustment: a, Explanation: "Wrong price.", By: Controller()}, err
}

// Post posts an adjustment that it has approved.
func Post(ctx context.Context, d *db.DB, s *billing.Service, request int64, in billing.AdjustmentInput) (billing.Posted, error) {
	var posted billing.Posted
	err := d.Do(ctx, func(tx *db.Tx) error {
		approved, err := Approved(ctx, tx, s, request, in)
		if err == nil {
			posted, err = s.PostAdjustmentTx(ctx, tx, approved)
		}
		return err
	})
	return posted, err
}
