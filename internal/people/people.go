// Package people keeps the users of the desk, their teams, their sessions and their API tokens.
package people

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/secrets"
)

// User is somebody who works at the desk.
type User struct {
	ID           int64
	Email        string
	Name         string
	PasswordHash string
	Roles        []string
	TeamID       *int64
	EntityIDs    []int64
	Language     string
	TimeZone     string
	Active       bool
	Away         bool
	CreatedAt    time.Time
	Version      int
}

// Errors of this package.
var (
	ErrNoUser      = errs.New(errs.NotFound, "people.no_such_user")
	ErrEmailTaken  = errs.New(errs.Conflict, "people.email_taken")
	ErrWrongSignIn = errs.New(errs.Unauthenticated, "people.wrong_sign_in")
	ErrTooManyTry  = errs.New(errs.TooMany, "people.too_many_tries")
)

// Service is the door to users, sessions and tokens.
type Service struct {
	db     *db.DB
	logger *slog.Logger
	hash   argon2id.Params
	nobody string
	keys   secrets.Keys
	site   site
	single *single
	moved  []func(context.Context, *db.Tx) error
	named  []func(context.Context, *db.Tx, int64) error
}

// Cost is what hashing a password takes. A hash keeps its own, so that a change holds for new passwords only.
type Cost struct {
	MemoryKiB, Passes uint32
}

// New makes the service with the product's cost: OWASP's second recommendation for Argon2id, 19 MiB and two passes.
func New(d *db.DB, logger *slog.Logger) (*Service, error) {
	return NewWithCost(d, logger, Cost{})
}

// NewWithCost makes the service with another cost of hashing; the zero cost means the product's.
func NewWithCost(d *db.DB, logger *slog.Logger, cost Cost) (*Service, error) {
	return Open(d, logger, Options{Cost: cost})
}

// Options are what else the service works with.
type Options struct {
	Cost      Cost         // of hashing a password; zero means the product's
	Keys      secrets.Keys // seal the secrets of second factors and make links; without them there are neither
	PublicURL string       // where people sign in: passkeys are bound to it
	Provider  Provider     // of single sign-on
}

// Open makes the service. It computes one throw-away hash, so that a sign-in with an unknown address takes as long as one with
// a wrong password.
func Open(d *db.DB, logger *slog.Logger, o Options) (*Service, error) {
	cost := o.Cost
	if cost == (Cost{}) {
		cost = Cost{MemoryKiB: 19 * 1024, Passes: 2}
	}
	params := argon2id.Params{Memory: cost.MemoryKiB, Iterations: cost.Passes, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	nobody, err := argon2id.CreateHash("nobody", &params)
	if err != nil {
		return nil, fmt.Errorf("prepare password hashing: %w", err)
	}
	s := &Service{db: d, logger: logger, hash: params, nobody: nobody, keys: o.Keys, single: &single{Provider: o.Provider, turn: make(chan struct{}, 1)}}
	s.site, err = newSite(o.PublicURL)
	return s, err
}

// NewUser is what AddUser needs. Email is kept in lower case.
type NewUser struct {
	Email, Name, Password string
	Roles                 []access.Role
	TeamID                *int64
	EntityIDs             []int64
	Language, TimeZone    string
	By                    access.Actor
}

// AddUser adds somebody, for the operator's command line; on screen it takes two people (Propose). It refuses an address in use, an
// ill-formed one and a password under ten characters.
func (s *Service) AddUser(ctx context.Context, in NewUser) (User, error) {
	if in.By.Kind != access.System {
		return User{}, access.ErrForbidden
	}
	if err := in.check(); err != nil {
		return User{}, err
	}
	hash, err := argon2id.CreateHash(in.Password, &s.hash)
	if err != nil {
		return User{}, fmt.Errorf("hash password: %w", err)
	}
	var user User
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		if user, err = insertUser(ctx, tx, in, hash); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{
			Stream: audit.Admin, By: in.By, What: "user.added",
			Data: map[string]any{"user": user.ID, "roles": user.Roles},
		})
	})
	return user, err
}

func insertUser(ctx context.Context, tx *db.Tx, in NewUser, hash string) (User, error) {
	roles := make([]string, len(in.Roles))
	for i, r := range in.Roles {
		roles[i] = string(r)
	}
	if in.EntityIDs == nil {
		in.EntityIDs = []int64{}
	}
	user, err := db.One[User](ctx, tx, `insert into users (email, name, password_hash, roles, team_id, entity_ids, language, time_zone, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning *`,
		strings.ToLower(in.Email), in.Name, hash, roles, in.TeamID, in.EntityIDs, orElse(in.Language, "en"), orElse(in.TimeZone, "UTC"), tx.Now())
	if db.Violates(err, "users_email_key") {
		return User{}, ErrEmailTaken
	}
	return user, err
}

func (in NewUser) check() error {
	var wrong []errs.Field
	if _, err := mail.ParseAddress(in.Email); err != nil {
		wrong = append(wrong, errs.Field{Name: "email", Key: "people.email_invalid"})
	}
	if strings.TrimSpace(in.Name) == "" {
		wrong = append(wrong, errs.Field{Name: "name", Key: "error.required"})
	}
	if len(in.Password) < 10 {
		wrong = append(wrong, errs.Field{Name: "password", Key: "people.password_short"})
	}
	if len(in.Roles) == 0 {
		wrong = append(wrong, errs.Field{Name: "roles", Key: "error.required"})
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Actor is the user as somebody who acts.
func (u User) Actor() access.Actor {
	a := access.Actor{Kind: access.Person, UserID: u.ID, Name: u.Name, EntityIDs: u.EntityIDs}
	for _, r := range u.Roles {
		a.Roles = append(a.Roles, access.Role(r))
	}
	if u.TeamID != nil {
		a.TeamID = *u.TeamID
	}
	return a
}

// User reads one user; ErrNoUser when there is none.
func (s *Service) User(ctx context.Context, id int64) (User, error) {
	return oneUser(ctx, s.db, `select * from users where id = $1`, id)
}

// UserByEmail reads one user by address; ErrNoUser when there is none.
func (s *Service) UserByEmail(ctx context.Context, email string) (User, error) {
	return oneUser(ctx, s.db, `select * from users where email = lower($1)`, email)
}

// ErrShutOut is somebody who was a user here.
var ErrShutOut = errs.New(errs.Forbidden, "people.shut_out")

// WhoActs reads the user of an address in whose name something is to be done: ErrShutOut of somebody who may not come in any more.
func (s *Service) WhoActs(ctx context.Context, email string) (User, error) {
	user, err := s.UserByEmail(ctx, email)
	if err == nil && !user.Active {
		return User{}, errs.New(ErrShutOut.Kind, ErrShutOut.Key, "email", user.Email)
	}
	return user, err
}

func oneUser(ctx context.Context, r db.Reader, query string, args ...any) (User, error) {
	user, err := db.One[User](ctx, r, query, args...)
	if errors.Is(err, db.ErrNoRow) {
		return User{}, ErrNoUser
	}
	return user, err
}

// Users lists everybody active, by name.
func (s *Service) Users(ctx context.Context) ([]User, error) {
	return db.List[User](ctx, s.db, `select * from users where active order by name, id`)
}
