package people

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

const (
	ceremonyLife = 5 * time.Minute
	passkeysMax  = 20 // of one person
)

// What passkeys are refused with.
var (
	ErrNoPasskeys   = errs.New(errs.Unavailable, "people.no_passkeys_here")
	ErrWrongPasskey = errs.New(errs.Invalid, "people.wrong_passkey")
	ErrManyPasskeys = errs.New(errs.Conflict, "people.many_passkeys")
)

// Passkey is a key on somebody's device, by which they sign in.
type Passkey struct {
	ID           int64
	UserID       int64
	CredentialID []byte
	Name         string
	CreatedAt    time.Time
	LastUsedAt   *time.Time
}

// purpose is what a passkey is asked for.
type purpose string

const (
	toRegister purpose = "register"
	toSignIn   purpose = "sign_in"
	toFinish   purpose = "second_step"
	toProve    purpose = "prove"
)

// Ceremony is a question to a browser's passkeys: Options go to the browser, Token comes back with the answer, once and within five
// minutes.
type Ceremony struct {
	Token   string `json:"token"`
	Options any    `json:"options"`
}

// PasskeyHost is the name passkeys are bound to; "" when the installation's address has none, and then there are no passkeys.
func (s *Service) PasskeyHost() string { return s.site.host }

func (s *Service) party() (*webauthn.WebAuthn, error) {
	if s.site.host == "" {
		return nil, ErrNoPasskeys
	}
	party, err := webauthn.New(&webauthn.Config{RPID: s.site.host, RPDisplayName: "Makegood", RPOrigins: []string{s.site.origin}})
	if err != nil {
		return nil, fmt.Errorf("prepare passkeys: %w", err)
	}
	return party, nil
}

// keyholder is a user as the library sees one.
type keyholder struct {
	user        User
	credentials []webauthn.Credential
}

// WebAuthnID is the number of the user, which tells nobody anything.
func (k keyholder) WebAuthnID() []byte { return []byte(strconv.FormatInt(k.user.ID, 10)) }

// WebAuthnName is shown where a key is chosen.
func (k keyholder) WebAuthnName() string { return k.user.Email }

// WebAuthnDisplayName is shown where a key is chosen.
func (k keyholder) WebAuthnDisplayName() string { return k.user.Name }

// WebAuthnCredentials are the keys the user has.
func (k keyholder) WebAuthnCredentials() []webauthn.Credential { return k.credentials }

func holderOf(ctx context.Context, r db.Reader, user User) (keyholder, error) {
	rows, err := db.Values[[]byte](ctx, r, `select credential::text::bytea from passkeys where user_id = $1 order by id`, user.ID)
	if err != nil {
		return keyholder{}, err
	}
	k := keyholder{user: user}
	for _, row := range rows {
		var c webauthn.Credential
		if err := json.Unmarshal(row, &c); err != nil {
			return keyholder{}, fmt.Errorf("read passkey: %w", err)
		}
		k.credentials = append(k.credentials, c)
	}
	return k, nil
}

// BeginPasskey asks the browser of somebody signed in to make a passkey.
func (s *Service) BeginPasskey(ctx context.Context, by access.Actor) (Ceremony, error) {
	if err := access.Proven(by); err != nil {
		return Ceremony{}, err
	}
	party, err := s.party()
	if err != nil {
		return Ceremony{}, err
	}
	user, err := s.User(ctx, by.UserID)
	if err != nil {
		return Ceremony{}, err
	}
	holder, err := holderOf(ctx, s.db, user)
	if err != nil {
		return Ceremony{}, err
	}
	if len(holder.credentials) >= passkeysMax {
		return Ceremony{}, ErrManyPasskeys
	}
	options, data, err := party.BeginRegistration(holder, webauthn.WithResidentKeyRequirement(protocol.ResidentKeyRequirementRequired),
		webauthn.WithConveyancePreference(protocol.PreferNoAttestation),
		webauthn.WithExclusions(webauthn.Credentials(holder.credentials).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.keepCeremony(ctx, toRegister, &user.ID, options.Response, data)
}

// AddPasskey keeps the passkey a browser has made. Recovery codes are asked for apart (NewRecovery).
func (s *Service) AddPasskey(ctx context.Context, by access.Actor, token, name string, answer []byte) error {
	if err := access.Proven(by); err != nil {
		return err
	}
	party, err := s.party()
	if err != nil {
		return err
	}
	if name = strings.TrimSpace(name); name == "" || len(name) > 60 {
		return errs.InvalidField("name", "people.passkey_name")
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return errs.Wrap(err, ErrWrongPasskey.Kind, ErrWrongPasskey.Key)
	}
	user, err := s.User(ctx, by.UserID)
	if err != nil {
		return err
	}
	data, err := s.takeCeremony(ctx, toRegister, &user.ID, token)
	if err != nil {
		return err
	}
	made, err := party.CreateCredential(keyholder{user: user}, data, parsed)
	if err != nil {
		return errs.Wrap(err, ErrWrongPasskey.Kind, ErrWrongPasskey.Key)
	}
	return s.db.Do(ctx, func(tx *db.Tx) error { return keepPasskeyTx(ctx, tx, user, name, made) })
}

func keepPasskeyTx(ctx context.Context, tx *db.Tx, user User, name string, made *webauthn.Credential) error {
	made.Attestation = webauthn.CredentialAttestation{} // who made the device is not asked and not kept
	raw, err := json.Marshal(made)
	if err != nil {
		return fmt.Errorf("keep passkey: %w", err)
	}
	_, err = tx.Exec(ctx, `insert into passkeys (user_id, credential_id, credential, name, created_at) values ($1, $2, $3, $4, $5)`, user.ID, made.ID, string(raw), name, tx.Now())
	if db.Violates(err, "passkeys_credential_id_key") {
		return ErrWrongPasskey
	}
	if err != nil {
		return err
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: user.Actor(), What: "user.passkey_added"})
}

// RemovePasskey forgets one of somebody's passkeys, as RemoveTOTP does with the authenticator app.
func (s *Service) RemovePasskey(ctx context.Context, by access.Actor, userID, id int64) error {
	return s.removeFactor(ctx, by, userID, "user.passkey_removed", `delete from passkeys where user_id = $1 and id = $2`, userID, id)
}

// BeginPasskeySignIn asks a browser for any passkey of this site. Nobody is named, so nobody is told apart. throttle.ErrTooMany for a
// network address that asks too often.
func (s *Service) BeginPasskeySignIn(ctx context.Context, from Browser) (Ceremony, error) {
	party, err := s.party()
	if err != nil {
		return Ceremony{}, err
	}
	if err := s.knock(ctx, "passkey:ip:", from); err != nil {
		return Ceremony{}, err
	}
	options, data, err := party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.keepCeremony(ctx, toSignIn, nil, options.Response, data)
}

// EnterByPasskey opens a session for the owner of a passkey. The device has verified its owner too, so that this is both steps.
func (s *Service) EnterByPasskey(ctx context.Context, token string, answer []byte, from Browser) (Entry, error) {
	entry := Entry{Token: rand.Text() + rand.Text()}
	err := s.answered(ctx, toSignIn, nil, token, answer, func(tx *db.Tx, user User) error {
		var err error
		entry.Session, err = openSessionTx(ctx, tx, user, entry.Token, ByPasskey, from)
		return err
	})
	if err != nil {
		return Entry{}, err
	}
	return entry, nil
}

// BeginPasskeyFinish asks for a passkey as second step.
func (s *Service) BeginPasskeyFinish(ctx context.Context, ticket string) (Ceremony, error) {
	_, user, err := s.ticketOf(ctx, s.db, ticket)
	if err != nil {
		return Ceremony{}, err
	}
	return s.askFor(ctx, toFinish, user)
}

// FinishByPasskey does the second step with a passkey.
func (s *Service) FinishByPasskey(ctx context.Context, ticket, token string, answer []byte) (Entry, error) {
	t, user, err := s.tryTicket(ctx, ticket)
	if err != nil {
		return Entry{}, err
	}
	entry := Entry{Token: rand.Text() + rand.Text()}
	err = s.answered(ctx, toFinish, &user.ID, token, answer, func(tx *db.Tx, user User) error {
		if err := spendTx(ctx, tx, ticket); err != nil {
			return err
		}
		entry.Session, err = openSessionTx(ctx, tx, user, entry.Token, ByPasskey, t.from())
		return err
	})
	if err != nil {
		return Entry{}, err
	}
	return entry, nil
}

// BeginProof asks somebody signed in for one of their passkeys.
func (s *Service) BeginProof(ctx context.Context, v Visit) (Ceremony, error) {
	return s.askFor(ctx, toProve, v.User)
}

// ProveByPasskey proves somebody signed in anew.
func (s *Service) ProveByPasskey(ctx context.Context, v Visit, token string, answer []byte) error {
	return s.answered(ctx, toProve, &v.ID, token, answer, func(tx *db.Tx, _ User) error { return provedTx(ctx, tx, v, ByPasskey) })
}

func (s *Service) askFor(ctx context.Context, to purpose, user User) (Ceremony, error) {
	party, err := s.party()
	if err != nil {
		return Ceremony{}, err
	}
	holder, err := holderOf(ctx, s.db, user)
	if err != nil {
		return Ceremony{}, err
	}
	if len(holder.credentials) == 0 {
		return Ceremony{}, ErrNoFactor
	}
	options, data, err := party.BeginLogin(holder)
	if err != nil {
		return Ceremony{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.keepCeremony(ctx, to, &user.ID, options.Response, data)
}

// answered checks a passkey's answer and does what it was asked for, in one transaction. ErrWrongPasskey for every answer that is
// not right, from a key that is not known or was copied, or comes too late.
func (s *Service) answered(ctx context.Context, to purpose, userID *int64, token string, answer []byte, do func(*db.Tx, User) error) error {
	party, err := s.party()
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return errs.Wrap(err, ErrWrongPasskey.Kind, ErrWrongPasskey.Key)
	}
	data, err := s.takeCeremony(ctx, to, userID, token)
	if err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		holder, err := ownerTx(ctx, tx, parsed.RawID, userID)
		if err != nil {
			return err
		}
		used, err := checked(party, holder, data, parsed)
		if err != nil {
			return err
		}
		raw, err := json.Marshal(used)
		if err != nil {
			return fmt.Errorf("keep passkey: %w", err)
		}
		if _, err := tx.Exec(ctx, `update passkeys set credential = $2, last_used_at = $3 where credential_id = $1`, used.ID, string(raw), tx.Now()); err != nil {
			return err
		}
		return do(tx, holder.user)
	})
}

// ownerTx finds whose passkey it is, and locks it; userID names whose it has to be, if anybody's in particular.
func ownerTx(ctx context.Context, tx *db.Tx, credentialID []byte, userID *int64) (keyholder, error) {
	user, err := oneUser(ctx, tx, `select u.* from users u join passkeys p on p.user_id = u.id
		where p.credential_id = $1 and u.active and ($2::bigint is null or u.id = $2) for update of p`, credentialID, userID)
	if errors.Is(err, ErrNoUser) {
		return keyholder{}, ErrWrongPasskey
	}
	if err != nil {
		return keyholder{}, err
	}
	return holderOf(ctx, tx, user)
}

func checked(party *webauthn.WebAuthn, holder keyholder, data webauthn.SessionData, parsed *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
	var used *webauthn.Credential
	var err error
	if len(data.UserID) > 0 {
		used, err = party.ValidateLogin(holder, data, parsed)
	} else {
		used, err = party.ValidateDiscoverableLogin(func(_, _ []byte) (webauthn.User, error) { return holder, nil }, data, parsed)
	}
	if err != nil {
		return nil, errs.Wrap(err, ErrWrongPasskey.Kind, ErrWrongPasskey.Key)
	}
	if used.Authenticator.CloneWarning {
		return nil, ErrWrongPasskey
	}
	return used, nil
}

func (s *Service) keepCeremony(ctx context.Context, to purpose, userID *int64, options any, data *webauthn.SessionData) (Ceremony, error) {
	raw, err := json.Marshal(data)
	if err != nil {
		return Ceremony{}, fmt.Errorf("keep question: %w", err)
	}
	token := rand.Text()
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `delete from passkey_ceremonies where expires_at < $1`, tx.Now()); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into passkey_ceremonies (token_hash, purpose, user_id, data, expires_at) values ($1, $2, $3, $4, $5)`,
			hashOf(token), to, userID, string(raw), tx.Now().Add(ceremonyLife))
		return err
	})
	return Ceremony{Token: token, Options: options}, err
}

// takeCeremony uses a question up, whatever the answer is worth.
func (s *Service) takeCeremony(ctx context.Context, to purpose, userID *int64, token string) (data webauthn.SessionData, err error) {
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		raw, err := db.Value[[]byte](ctx, tx, `delete from passkey_ceremonies where token_hash = $1 and purpose = $2 and user_id is not distinct from $3 and expires_at > $4
			returning data::text::bytea`, hashOf(token), to, userID, tx.Now())
		if errors.Is(err, db.ErrNoRow) {
			return ErrWrongPasskey
		}
		if err != nil {
			return err
		}
		return json.Unmarshal(raw, &data)
	})
	return data, err
}
