package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

const (
	flowLife = 10 * time.Minute
	askPause = 5 * time.Second // between two questions to a provider that does not answer
)

// What single sign-on is refused with.
var (
	ErrNoSSO       = errs.New(errs.NotFound, "people.no_single_sign_on")
	ErrSSOAway     = errs.New(errs.Unavailable, "people.provider_away")
	ErrSSORefused  = errs.New(errs.Invalid, "people.single_sign_on_refused")
	ErrSSOUnknown  = errs.New(errs.Invalid, "people.single_sign_on_unknown")
	ErrSSOSomebody = errs.New(errs.Conflict, "people.single_sign_on_taken")
)

// Provider is a company's own OpenID Connect provider. The zero Provider means that there is none.
type Provider struct {
	Issuer, ClientID, Secret string
	Name                     string       // on the button
	Client                   *http.Client // by which the provider is asked
}

// single is the provider as it was found out at the first use.
type single struct {
	Provider
	turn     chan struct{} // who holds its one place asks the provider
	found    *oidc.Provider
	askAfter time.Time
}

// ProviderName is what the button of single sign-on says; "" when there is none.
func (s *Service) ProviderName() string {
	if s.single.Issuer == "" {
		return ""
	}
	return orElse(s.single.Name, "single sign-on")
}

// provider finds the provider's addresses and keys out, once it answers. One at a time asks it: who has gone meanwhile does not stand in
// the others' way, and a provider that is away is not asked by each who waits.
func (s *Service) provider(ctx context.Context) (*oidc.Provider, oauth2.Config, error) {
	o := s.single
	if o.Issuer == "" {
		return nil, oauth2.Config{}, ErrNoSSO
	}
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return nil, oauth2.Config{}, errs.Wrap(ctx.Err(), ErrSSOAway.Kind, ErrSSOAway.Key)
	}
	if err := o.find(ctx, s.db.Now()); err != nil {
		return nil, oauth2.Config{}, errs.Wrap(err, ErrSSOAway.Kind, ErrSSOAway.Key)
	}
	return o.found, oauth2.Config{
		ClientID: o.ClientID, ClientSecret: o.Secret, Endpoint: o.found.Endpoint(), RedirectURL: s.site.public + "/login/oidc/callback", Scopes: []string{oidc.ScopeOpenID},
	}, nil
}

// find asks the provider, unless it is known or has just not answered.
func (o *single) find(ctx context.Context, now time.Time) error {
	if o.found != nil {
		return nil
	}
	if now.Before(o.askAfter) {
		return errors.New("the provider did not answer a moment ago")
	}
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, o.Client), o.Issuer)
	if err != nil {
		if ctx.Err() == nil {
			o.askAfter = now.Add(askPause)
		}
		return fmt.Errorf("ask provider: %w", err)
	}
	o.found = found
	return nil
}

// BeginSSO begins a sign-in at the provider, or, with somebody signed in, the connection of their account. The browser keeps the
// token; address is where it goes. throttle.ErrTooMany for a network address that begins too many sign-ins.
func (s *Service) BeginSSO(ctx context.Context, connect *access.Actor, next string, from Browser) (token, address string, err error) {
	var user *int64
	if connect == nil {
		if err := s.knock(ctx, "sso:ip:", from); err != nil {
			return "", "", err
		}
	} else {
		if err := access.Proven(*connect); err != nil {
			return "", "", err
		}
		user = &connect.UserID
	}
	_, config, err := s.provider(ctx)
	if err != nil {
		return "", "", err
	}
	token = rand.Text()
	state, nonce, verifier := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into oidc_flows (token_hash, user_id, state, nonce, verifier, next, expires_at) values ($1, $2, $3, $4, $5, $6, $7)`,
			hashOf(token), user, state, nonce, verifier, next, tx.Now().Add(flowLife))
		return err
	})
	return token, config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), err
}

// flow is a visit to the provider that has not come back yet.
type flow struct {
	UserID                       *int64
	State, Nonce, Verifier, Next string
}

// SSO is how a visit to the provider ended.
type SSO struct {
	Entry
	Connected bool
	Next      string
}

// FinishSSO takes what the provider sent back. A subject that nobody has connected is ErrSSOUnknown, whatever mail address comes with
// it. A sign-in at the provider is a first step, like a password: a second factor is asked for as ever. visitor is the session that
// connects an account; 0 for a sign-in.
func (s *Service) FinishSSO(ctx context.Context, token, state, code string, visitor int64, from Browser) (SSO, error) {
	f, err := s.takeFlow(ctx, token)
	if err != nil {
		return SSO{}, err
	}
	if subtle.ConstantTimeCompare([]byte(f.State), []byte(state)) != 1 || f.UserID != nil && *f.UserID != visitor {
		return SSO{}, ErrSSORefused
	}
	id, err := s.exchange(ctx, f, code)
	if err != nil {
		return SSO{}, err
	}
	done := SSO{Next: f.Next, Connected: f.UserID != nil}
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		if f.UserID != nil {
			return connectTx(ctx, tx, *f.UserID, id)
		}
		user, err := oneUser(ctx, tx, `select u.* from users u join oidc_identities i on i.user_id = u.id where i.issuer = $1 and i.subject = $2 and u.active`, id.Issuer, id.Subject)
		if errors.Is(err, ErrNoUser) {
			return ErrSSOUnknown
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update oidc_identities set last_used_at = $3 where issuer = $1 and subject = $2`, id.Issuer, id.Subject, tx.Now()); err != nil {
			return err
		}
		done.Entry, err = s.goOnTx(ctx, tx, user, ByOIDC, from)
		return err
	})
	return done, err
}

// takeFlow uses a visit up, whatever comes of it.
func (s *Service) takeFlow(ctx context.Context, token string) (f flow, err error) {
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		f, err = db.One[flow](ctx, tx, `delete from oidc_flows where token_hash = $1 and expires_at > $2 returning user_id, state, nonce, verifier, next`, hashOf(token), tx.Now())
		if errors.Is(err, db.ErrNoRow) {
			return ErrSSORefused
		}
		return err
	})
	return f, err
}

// exchange trades the code for the provider's word, and checks its signature, issuer, audience, time and nonce.
func (s *Service) exchange(ctx context.Context, f flow, code string) (*oidc.IDToken, error) {
	provider, config, err := s.provider(ctx)
	if err != nil {
		return nil, err
	}
	ctx = oidc.ClientContext(ctx, s.single.Client)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return nil, errs.Wrap(err, ErrSSORefused.Kind, ErrSSORefused.Key)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: config.ClientID, Now: s.db.Now}).Verify(ctx, raw)
	if err == nil && subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.Nonce)) != 1 {
		err = fmt.Errorf("another nonce")
	}
	if err == nil && id.Subject == "" {
		err = fmt.Errorf("no subject")
	}
	if err != nil {
		return nil, errs.Wrap(err, ErrSSORefused.Kind, ErrSSORefused.Key)
	}
	return id, nil
}

func connectTx(ctx context.Context, tx *db.Tx, userID int64, id *oidc.IDToken) error {
	user, err := oneUser(ctx, tx, `select * from users where id = $1 and active`, userID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into oidc_identities (issuer, subject, user_id, created_at) values ($1, $2, $3, $4)`, id.Issuer, id.Subject, userID, tx.Now())
	if db.Violates(err, "oidc_identities_pkey") || db.Violates(err, "oidc_identities_user") {
		return ErrSSOSomebody
	}
	if err != nil {
		return err
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: user.Actor(), What: "user.single_sign_on_connected", Data: map[string]any{"issuer": id.Issuer}})
}

// Connected tells whether somebody has connected their account with the provider.
func (s *Service) Connected(ctx context.Context, by access.Actor) (bool, error) {
	return db.Value[bool](ctx, s.db, `select exists (select 1 from oidc_identities where issuer = $1 and user_id = $2)`, s.single.Issuer, by.UserID)
}

// Disconnect ends the connection of one's own account with the provider.
func (s *Service) Disconnect(ctx context.Context, by access.Actor) error {
	if err := access.Proven(by); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `delete from oidc_identities where issuer = $1 and user_id = $2`, s.single.Issuer, by.UserID)
		if err != nil || n == 0 {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "user.single_sign_on_disconnected"})
	})
}
