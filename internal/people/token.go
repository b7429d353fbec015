package people

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// tokenPrefix lets secret scanners recognise a token that leaked.
const tokenPrefix = "mgd_"

// NewToken is what CreateToken needs. Kind is "person", "assistant" (may draft and propose, never decide) or "system".
type NewToken struct {
	UserID    int64
	Name      string
	Kind      string
	Scopes    []string
	ExpiresAt *time.Time
	By        access.Actor
}

// CreateToken makes an API token for a user and returns it. It is shown this once; only its hash is kept. The
// token's secret has 260 random bits, so a plain fast hash of it is safe.
func (s *Service) CreateToken(ctx context.Context, in NewToken) (string, error) {
	if in.By.UserID != in.UserID {
		if err := access.Can(in.By, access.Administer, access.Object{}); err != nil {
			return "", err
		}
	}
	if in.Name == "" {
		return "", errs.InvalidField("name", "error.required")
	}
	token := tokenPrefix + rand.Text() + rand.Text()
	err := s.db.Do(ctx, func(tx *db.Tx) error { return s.KeepTokenTx(ctx, tx, in, token) })
	if err != nil {
		return "", err
	}
	return token, nil
}

// KeepTokenTx stores the hash of a token chosen by the caller.
func (s *Service) KeepTokenTx(ctx context.Context, tx *db.Tx, in NewToken, token string) error {
	if in.Scopes == nil {
		in.Scopes = []string{}
	}
	id, err := db.Value[int64](ctx, tx, `insert into api_tokens (token_hash, user_id, name, kind, scopes, created_at, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7) returning id`, hashOf(token), in.UserID, in.Name, orElse(in.Kind, "person"), in.Scopes, tx.Now(), in.ExpiresAt)
	if err != nil {
		return err
	}
	return audit.RecordTx(ctx, tx, audit.Event{
		Stream: audit.Admin, By: in.By, What: "token.created",
		Data: map[string]any{"token": id, "user": in.UserID, "scopes": in.Scopes},
	})
}

type tokenOwner struct {
	User
	Kind      string
	Scopes    []string
	StepUpDue bool
}

// Bearer answers who acts with an API token. Unknown, expired and revoked tokens and deactivated people give
// access.ErrSignIn.
func (s *Service) Bearer(ctx context.Context, token string) (access.Actor, error) {
	found, err := db.One[tokenOwner](ctx, s.db, `select u.*, t.kind, t.scopes, not r.tokens_decide as step_up_due
		from api_tokens t join users u on u.id = t.user_id cross join sign_in_rules r
		where t.token_hash = $1 and t.revoked_at is null and (t.expires_at is null or t.expires_at > $2) and u.active`, hashOf(token), s.db.Now())
	if errors.Is(err, db.ErrNoRow) {
		return access.Actor{}, access.ErrSignIn
	}
	if err != nil {
		return access.Actor{}, err
	}
	actor := found.Actor()
	actor.Scopes, actor.StepUpDue = found.Scopes, found.StepUpDue
	actor.Assistant = found.Kind == "assistant"
	return actor, nil
}
