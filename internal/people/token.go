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

// usedEvery is how exactly the last use of a token is known: not a write per request.
const usedEvery = 5 * time.Minute

// tokenPrefix lets secret scanners recognise a token that leaked.
const tokenPrefix = "mgd_"

// NewToken is what CreateToken needs. Kind is "person", also where it is left out, or "assistant" (may draft and propose, never decide).
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
	if !tokenKind(orElse(in.Kind, "person")) {
		return "", errs.InvalidField("kind", "people.token_kind")
	}
	token := tokenPrefix + rand.Text() + rand.Text()
	err := s.db.Do(ctx, func(tx *db.Tx) error { return s.KeepTokenTx(ctx, tx, in, token) })
	if err != nil {
		return "", err
	}
	return token, nil
}

// tokenKind tells whether there is such a kind of token: those that are told apart where it is used.
func tokenKind(kind string) bool { return kind == "person" || kind == "assistant" }

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

// tokenDays is how long a token made on screen may be good for.
const tokenDays = 400

// ErrNoToken is also what somebody else's token is.
var ErrNoToken = errs.New(errs.NotFound, "people.no_such_token")

// IssueToken is CreateToken for somebody at the screen: with an end, with a fresh proof, and for no more than they may do themselves.
func (s *Service) IssueToken(ctx context.Context, in NewToken) (string, error) {
	if err := access.Proven(in.By); err != nil {
		return "", err
	}
	var wrong []errs.Field
	if now := s.db.Now(); in.ExpiresAt == nil || !in.ExpiresAt.After(now) || in.ExpiresAt.After(now.AddDate(0, 0, tokenDays).Add(time.Hour)) {
		wrong = append(wrong, errs.Field{Name: "expires", Key: "people.token_days"})
	}
	if !tokenKind(in.Kind) {
		wrong = append(wrong, errs.Field{Name: "kind", Key: "people.token_kind"})
	}
	for _, scope := range in.Scopes {
		if !access.May(in.By, access.Action(scope)) {
			wrong = append(wrong, errs.Field{Name: "scopes", Key: "people.token_scope", Params: errs.Params{"action": scope}})
			break
		}
	}
	if len(wrong) > 0 {
		return "", errs.InvalidFields(wrong...)
	}
	return s.CreateToken(ctx, in)
}

// TokenRow is a token as its owner sees it.
type TokenRow struct {
	ID         int64
	Name       string
	Kind       string
	Scopes     []string
	CreatedAt  time.Time
	ExpiresAt  *time.Time
	RevokedAt  *time.Time
	LastUsedAt *time.Time
	Owner      string
}

// Tokens lists one's own tokens, or with all everybody's for who administers people, the latest first; after is the last number of the
// page before. One more than RosterPage tells that there are more.
func (s *Service) Tokens(ctx context.Context, by access.Actor, all bool, after int64) ([]TokenRow, error) {
	if all {
		if err := access.Can(by, access.Administer, access.Object{}); err != nil {
			return nil, err
		}
	}
	return db.List[TokenRow](ctx, s.db, `select t.id, t.name, t.kind, t.scopes, t.created_at, t.expires_at, t.revoked_at, t.last_used_at, u.name as owner
		from api_tokens t join users u on u.id = t.user_id
		where ($1 or t.user_id = $2) and ($3 = 0 or t.id < $3) order by t.id desc limit $4`, all, by.UserID, after, RosterPage+1)
}

// RevokeToken ends a token at once: one's own, or anybody's for who administers people.
func (s *Service) RevokeToken(ctx context.Context, by access.Actor, id int64) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `update api_tokens set revoked_at = $2 where id = $1 and revoked_at is null and (user_id = $4 or $3 and exists (
			select from users u where u.id = user_id and (cardinality($5::bigint[]) = 0 or cardinality(u.entity_ids) > 0 and u.entity_ids <@ $5)))`,
			id, tx.Now(), access.May(by, access.Administer), by.UserID, by.SeenEntities())
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNoToken
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "token.revoked", Data: map[string]any{"token": id}})
	})
}

type tokenOwner struct {
	User
	TokenID   int64
	Kind      string
	Scopes    []string
	UsedAt    *time.Time
	StepUpDue bool
}

// Bearer answers who acts with an API token. Unknown, expired and revoked tokens and deactivated people give
// access.ErrSignIn.
func (s *Service) Bearer(ctx context.Context, token string) (access.Actor, error) {
	found, err := db.One[tokenOwner](ctx, s.db, `select u.*, t.id as token_id, t.kind, t.scopes, t.last_used_at as used_at, not r.tokens_decide as step_up_due
		from api_tokens t join users u on u.id = t.user_id cross join sign_in_rules r
		where t.token_hash = $1 and t.revoked_at is null and (t.expires_at is null or t.expires_at > $2) and u.active`, hashOf(token), s.db.Now())
	if errors.Is(err, db.ErrNoRow) {
		return access.Actor{}, access.ErrSignIn
	}
	if err != nil {
		return access.Actor{}, err
	}
	if now := s.db.Now(); found.UsedAt == nil || now.Sub(*found.UsedAt) > usedEvery {
		err = s.db.Do(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update api_tokens set last_used_at = $2 where id = $1`, found.TokenID, now)
			return err
		})
		if err != nil {
			return access.Actor{}, err
		}
	}
	actor := found.Actor()
	actor.Scopes, actor.StepUpDue = found.Scopes, found.StepUpDue
	actor.TokenID = found.TokenID
	actor.Assistant = found.Kind == "assistant"
	return actor, nil
}
