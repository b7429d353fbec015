package people

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"image/png"
	"net/netip"
	"net/url"
	"strings"

	"github.com/pquerna/otp"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// site is where people sign in, as authenticators know it.
type site struct {
	name   string // shown beside codes and passkeys
	host   string // passkeys are bound to it; "" when there can be none
	origin string
	public string // links in letters begin with it
}

// newSite reads the public address. Passkeys need a name: for an address of this machine that is localhost, other numbers have none.
func newSite(public string) (site, error) {
	u, err := url.Parse(public)
	if err != nil {
		return site{}, fmt.Errorf("read public address: %w", err)
	}
	s := site{name: "Makegood", host: u.Hostname(), origin: u.Scheme + "://" + u.Host, public: strings.TrimSuffix(public, "/")}
	if address, err := netip.ParseAddr(u.Hostname()); err == nil {
		s.host = ""
		if address.IsLoopback() {
			s.host, s.origin = "localhost", u.Scheme+"://localhost:"+u.Port()
		}
	}
	if s.host != "" {
		s.name += " (" + s.host + ")"
	}
	return s, nil
}

// Step is what the second step of a sign-in asks for.
type Step struct {
	Name     string
	Enrol    bool
	App      Enrolment // to set up, with Enrol
	TOTP     bool
	Passkeys int
}

// Second tells what the second step asks for; access.ErrSignIn when the ticket holds no more. Who has to set up an authenticator
// app is shown one secret, however often the page is looked at.
func (s *Service) Second(ctx context.Context, ticket string) (Step, error) {
	t, user, err := s.ticketOf(ctx, s.db, ticket)
	if err != nil {
		return Step{}, err
	}
	has, err := factorsOf(ctx, s.db, user.ID)
	if err != nil {
		return Step{}, err
	}
	step := Step{Name: user.Name, Enrol: t.Enrol, TOTP: has.TOTP, Passkeys: has.Passkeys}
	if !t.Enrol {
		return step, nil
	}
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		// The ticket is held while a secret is kept: none is left behind by one that a later sign-in has ended.
		if _, err := db.Value[int64](ctx, tx, `select user_id from sign_in_tickets where token_hash = $1 for update`, hashOf(ticket)); err != nil {
			return endedTicket(err)
		}
		if step.App, err = s.pendingTOTP(ctx, tx, user); errors.Is(err, ErrNoFactor) {
			step.App, err = s.beginTx(ctx, tx, user)
		}
		return err
	})
	return step, err
}

func endedTicket(err error) error {
	if errors.Is(err, db.ErrNoRow) {
		return access.ErrSignIn
	}
	return err
}

// Finish does the second step with a code: of the authenticator app, or a recovery code; to set an app up, one that it shows, and then
// recovery codes come back. A wrong code gives ErrWrongCode and counts; after five the ticket is good no more.
func (s *Service) Finish(ctx context.Context, ticket, code string) (entry Entry, recovery []string, err error) {
	t, user, err := s.tryTicket(ctx, ticket)
	if err != nil {
		return Entry{}, nil, err
	}
	token := rand.Text() + rand.Text()
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		proof := ByTOTP
		if t.Enrol {
			recovery, err = s.confirmTx(ctx, tx, user, code)
		} else {
			proof, err = s.secondTx(ctx, tx, user, code)
		}
		if err != nil {
			return err
		}
		if err := spendTx(ctx, tx, ticket); err != nil {
			return err
		}
		entry.Token = token
		entry.Session, err = openSessionTx(ctx, tx, user, token, proof, t.from())
		return err
	})
	if err != nil {
		return Entry{}, nil, err
	}
	return entry, recovery, nil
}

// tryTicket counts a try with a ticket and at its owner's codes, in transactions that stay.
func (s *Service) tryTicket(ctx context.Context, token string) (ticket, User, error) {
	t, user, err := s.ticketOf(ctx, s.db, token)
	if err != nil {
		return ticket{}, User{}, err
	}
	if err := s.guess(ctx, user.ID); err != nil {
		return ticket{}, User{}, err
	}
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `update sign_in_tickets set tries = tries + 1 where token_hash = $1 and tries < $2`, hashOf(token), ticketTries)
		if err == nil && n == 0 {
			err = access.ErrSignIn
		}
		return err
	})
	return t, user, err
}

// Challenge is what somebody signed in is asked for, to prove themselves anew.
type Challenge struct {
	Password bool // they have no second factor
	TOTP     bool
	Passkeys int
}

// Challenge tells by what somebody proves themselves anew: by a second factor where they have one.
func (s *Service) Challenge(ctx context.Context, by access.Actor) (Challenge, error) {
	has, err := factorsOf(ctx, s.db, by.UserID)
	return Challenge{Password: !has.any(), TOTP: has.TOTP, Passkeys: has.Passkeys}, err
}

// Prove proves somebody signed in anew, by a code where they have a second factor, otherwise by their password. From then on the
// session is good for decisions again (access.Proven). A wrong one gives ErrWrongCode and counts.
func (s *Service) Prove(ctx context.Context, v Visit, secret string) error {
	if err := s.guess(ctx, v.ID); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		has, err := factorsOf(ctx, tx, v.ID)
		if err != nil {
			return err
		}
		proof := ByPassword
		switch {
		case has.any():
			proof, err = s.secondTx(ctx, tx, v.User, secret)
		case !s.matches(v.User, secret):
			err = ErrWrongCode
		}
		if err != nil {
			return err
		}
		return provedTx(ctx, tx, v, proof)
	})
}

// provedTx notes that somebody has just proven themselves.
func provedTx(ctx context.Context, tx *db.Tx, v Visit, proof Proof) error {
	n, err := tx.Exec(ctx, `update sessions set stepped_up_at = $2 where id = $1 and user_id = $3`, v.SessionID, tx.Now(), v.ID)
	if err != nil {
		return err
	}
	if n == 0 {
		return access.ErrSignIn
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: v.Actor(), What: "user.stepped_up", Data: map[string]any{"proof": string(proof)}})
}

// Factors are the second factors somebody has.
type Factors struct {
	TOTP     bool
	Passkeys []Passkey
	Codes    int // recovery codes left
	Needed   bool
}

// Factors lists somebody's second factors: one's own, or anybody's for who administers people.
func (s *Service) Factors(ctx context.Context, by access.Actor, userID int64) (Factors, error) {
	if err := selfOrAdmin(by, userID); err != nil {
		return Factors{}, err
	}
	user, err := s.User(ctx, userID)
	if err != nil {
		return Factors{}, err
	}
	has, err := factorsOf(ctx, s.db, userID)
	if err != nil {
		return Factors{}, err
	}
	rules, err := s.Rules(ctx)
	if err != nil {
		return Factors{}, err
	}
	list, err := db.List[Passkey](ctx, s.db, `select id, user_id, credential_id, name, created_at, last_used_at from passkeys where user_id = $1 order by id`, userID)
	return Factors{TOTP: has.TOTP, Passkeys: list, Codes: has.Codes, Needed: rules.needsSecond(user)}, err
}

func drawn(key *otp.Key) ([]byte, error) {
	image, err := key.Image(240, 240)
	if err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, image); err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	return b.Bytes(), nil
}

func b32(secret string) ([]byte, error) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	return raw, nil
}
