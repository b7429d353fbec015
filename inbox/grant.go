package inbox

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// NewGrant is what an authorisation server gave for a mailbox. Without a refresh token the client signs in for itself (client
// credentials), as services do that were given a mailbox by an administrator.
type NewGrant struct {
	TokenURL     string
	ClientID     string
	ClientSecret string
	Scope        string
	RefreshToken string
	EndsAt       *time.Time // when secret or consent end and a person must renew them, if that is known
}

// Grant is a mailbox's right to sign in by OAuth 2.0, with its secrets opened.
type Grant struct {
	NewGrant

	AccessToken string
	AccessUntil time.Time // the zero time when there is no access token
}

// Usable tells whether the access token will do for a while yet.
func (g Grant) Usable(now time.Time) bool {
	return g.AccessToken != "" && g.AccessUntil.Sub(now) > RefreshAhead
}

const (
	// RefreshAhead is how long before its end an access token is renewed: long enough for an authorisation server that is
	// away to come back, or for a person to act, while the old token still signs in.
	RefreshAhead = 10 * time.Minute
	// EndsSoon is how long before the end of a grant the alarm is raised.
	EndsSoon = 14 * 24 * time.Hour
)

// bare tells whether there is no secret in it.
func (g NewGrant) bare() bool { return g.ClientSecret == "" && g.RefreshToken == "" }

func (g NewGrant) check() []errs.Field {
	var wrong []errs.Field
	if u, err := url.Parse(g.TokenURL); err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "127.0.0.1") {
		wrong = append(wrong, errs.Field{Name: "token_url", Key: "inbox.bad_token_url"})
	}
	if g.ClientID == "" {
		wrong = append(wrong, errs.Field{Name: "client_id", Key: "error.required"})
	}
	return wrong
}

// setGrantTx keeps what a mailbox needs to sign in by OAuth 2.0, or forgets it when the mailbox has a password. Of a grant that is anew no
// secret of before is left.
func (s *Service) setGrantTx(ctx context.Context, tx *db.Tx, id MailboxID, in NewMailbox, anew bool) error {
	if in.Auth == Password || anew {
		if _, err := tx.Exec(ctx, `delete from mailbox_grants where mailbox_id = $1`, id); err != nil {
			return fmt.Errorf("forget grant: %w", err)
		}
	}
	if in.Auth == Password {
		return nil
	}
	g := in.Grant
	var refresh, secret []byte
	if g.RefreshToken != "" {
		refresh = s.keys.Seal(g.RefreshToken)
	}
	if g.ClientSecret != "" {
		secret = s.keys.Seal(g.ClientSecret)
	}
	_, err := tx.Exec(ctx, `insert into mailbox_grants as g (mailbox_id, token_url, client_id, client_secret_sealed, scope, refresh_token_sealed, ends_at)
		values ($1, $2, $3, coalesce($4::bytea, $8::bytea), $5, $6::bytea, $7)
		on conflict (mailbox_id) do update set token_url = $2, client_id = $3, client_secret_sealed = coalesce($4::bytea, g.client_secret_sealed), scope = $5,
			refresh_token_sealed = coalesce($6::bytea, g.refresh_token_sealed), ends_at = $7, access_token_sealed = null, access_until = null, error = ''`,
		id, g.TokenURL, g.ClientID, secret, g.Scope, refresh, g.EndsAt, s.keys.Seal(""))
	if err != nil {
		return fmt.Errorf("keep grant: %w", err)
	}
	return nil
}

type grantRow struct {
	TokenURL           string `db:"token_url"`
	ClientID           string
	ClientSecretSealed []byte
	Scope              string
	RefreshTokenSealed []byte
	AccessTokenSealed  []byte
	AccessUntil        *time.Time
	EndsAt             *time.Time
}

// GrantOf opens a mailbox's grant; ErrNoGrant when it has none.
func (s *Service) GrantOf(ctx context.Context, id MailboxID) (Grant, error) {
	row, err := db.One[grantRow](ctx, s.db, `select token_url, client_id, client_secret_sealed, scope, refresh_token_sealed, access_token_sealed,
		access_until, ends_at from mailbox_grants where mailbox_id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return Grant{}, ErrNoGrant
	}
	if err != nil {
		return Grant{}, fmt.Errorf("read grant: %w", err)
	}
	g := Grant{NewGrant: NewGrant{TokenURL: row.TokenURL, ClientID: row.ClientID, Scope: row.Scope, EndsAt: row.EndsAt}}
	for _, secret := range []struct {
		to     *string
		sealed []byte
	}{{&g.ClientSecret, row.ClientSecretSealed}, {&g.RefreshToken, row.RefreshTokenSealed}, {&g.AccessToken, row.AccessTokenSealed}} {
		if secret.sealed == nil {
			continue
		}
		if *secret.to, err = s.keys.Open(secret.sealed); err != nil {
			return Grant{}, fmt.Errorf("open grant: %w", err)
		}
	}
	if row.AccessUntil != nil {
		g.AccessUntil = *row.AccessUntil
	}
	return g, nil
}

// KeepAccess stores a fresh access token, and the refresh token in case it was exchanged for another. It ends the alarm,
// unless the grant itself ends soon.
func (s *Service) KeepAccess(ctx context.Context, id MailboxID, g Grant) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		var refresh []byte
		if g.RefreshToken != "" {
			refresh = s.keys.Seal(g.RefreshToken)
		}
		if _, err := tx.Exec(ctx, `update mailbox_grants set access_token_sealed = $2, access_until = $3, refresh_token_sealed = coalesce($4, refresh_token_sealed),
			refreshed_at = $5, error = '' where mailbox_id = $1`, id, s.keys.Seal(g.AccessToken), g.AccessUntil, refresh, tx.Now()); err != nil {
			return fmt.Errorf("keep access token: %w", err)
		}
		alarm := ""
		if g.EndsAt != nil && g.EndsAt.Sub(tx.Now()) < EndsSoon {
			alarm = "its consent or client secret ends on " + g.EndsAt.Format(time.DateOnly) + " and must be renewed"
		}
		return s.alarmTx(ctx, tx, id, alarm)
	})
}

// AccessRefused records that a token could not be renewed: the mailbox will fail when the old one has ended.
func (s *Service) AccessRefused(ctx context.Context, id MailboxID, until time.Time, cause error) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `update mailbox_grants set error = $2, error_at = $3 where mailbox_id = $1`, id, cause.Error(), tx.Now()); err != nil {
			return fmt.Errorf("record refused token: %w", err)
		}
		alarm := "its sign-in cannot be renewed: " + cause.Error()
		if until.After(tx.Now()) {
			alarm = "its sign-in ends at " + until.Format("15:04 UTC") + " and cannot be renewed: " + cause.Error()
		}
		return s.alarmTx(ctx, tx, id, alarm)
	})
}

// ForgetAccess drops an access token that the mail server does not take, so that the next attempt asks for another.
func (s *Service) ForgetAccess(ctx context.Context, id MailboxID) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update mailbox_grants set access_token_sealed = null, access_until = null where mailbox_id = $1`, id)
		return err
	})
}

func (s *Service) alarmTx(ctx context.Context, tx *db.Tx, id MailboxID, alarm string) error {
	n, err := tx.Exec(ctx, `update mailboxes set alarm = $2 where id = $1 and alarm <> $2`, id, alarm)
	if err != nil {
		return fmt.Errorf("set alarm of mailbox: %w", err)
	}
	if n > 0 {
		tx.Publish("board", "intake")
	}
	return nil
}

// Now is the present moment of the database's clock, by which tokens and leases are judged.
func (s *Service) Now() time.Time { return s.db.Now() }
