package app

import (
	"context"
	"errors"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// sealedColumns are the places where something lies sealed. A test holds the list to the schema.
func sealedColumns() [][2]string {
	return [][2]string{
		{"mailboxes", "password_sealed"},
		{"mailbox_grants", "client_secret_sealed"},
		{"mailbox_grants", "refresh_token_sealed"},
		{"mailbox_grants", "access_token_sealed"},
		{"dkim_keys", "private_key_sealed"},
		{"gateway_secrets", "sealed"},
		{"live_sources", "sealed"},
		{"totp_factors", "secret"},
		{"webhook_endpoints", "secret_sealed"},
	}
}

// Rotated says what of a place was sealed anew.
type Rotated struct {
	Table, Column string
	Found, Anew   int
	Shut          int // opens with none of the keys
}

// RotateSecrets seals everything anew that lies sealed under an older key, while the program goes on. A value that somebody changes
// meanwhile is left as they set it. What no key opens is an error of its place in the end, and everything else is done all the same.
func (a *App) RotateSecrets(ctx context.Context) ([]Rotated, error) {
	var all []Rotated
	var shut []error
	for _, place := range sealedColumns() {
		r := Rotated{Table: place[0], Column: place[1]}
		sealed, err := db.Values[[]byte](ctx, a.DB, `select `+r.Column+` from `+r.Table+` where `+r.Column+` is not null`)
		if err != nil {
			return all, fmt.Errorf("read %s: %w", r.Table, err)
		}
		for _, old := range sealed {
			r.Found++
			anew, err := a.sealAnew(ctx, r, old)
			switch {
			case errs.KindOf(err) == errs.Invalid:
				if r.Shut++; r.Shut == 1 {
					shut = append(shut, err)
				}
			case err != nil:
				return all, err
			}
			if anew {
				r.Anew++
			}
		}
		all = append(all, r)
	}
	err := a.DB.Do(ctx, func(tx *db.Tx) error {
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: access.SystemActor("makegood secrets rotate"), What: "secrets.rotated", Data: map[string]any{"places": all}})
	})
	return all, errors.Join(append(shut, err)...)
}

func (a *App) sealAnew(ctx context.Context, r Rotated, old []byte) (bool, error) {
	if a.keys.Current(old) {
		return false, nil
	}
	text, err := a.keys.Open(old)
	if err != nil {
		return false, errs.Wrap(err, errs.Invalid, "secrets.cannot_rotate", "table", r.Table, "column", r.Column)
	}
	changed := false
	err = a.DB.Do(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `update `+r.Table+` set `+r.Column+` = $1 where `+r.Column+` = $2`, a.keys.Seal(text), old)
		changed = n > 0
		return err
	})
	return changed, err
}
