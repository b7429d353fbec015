package people

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/throttle"
)

const (
	triesPer    = 15 * time.Minute
	triesMax    = 10
	ticketLife  = 10 * time.Minute
	ticketTries = 5
	emailMax    = 320 // bytes, of RFC 3696's longest address
	// originMax is how many sign-ins one network address may try within triesPer, whoever it names: an office behind one
	// address is let in, a list of guessed addresses is not walked.
	originMax = 300
)

// Entry is how far a sign-in has come: a session, or a ticket for the second step.
type Entry struct {
	Token   string // of the session; shown once, only its hash is kept
	Session Session
	Ticket  string // for the second step, for ten minutes and five tries
	Enrol   bool   // the second step is to set a second factor up
}

// Enter proves a person by password. Somebody with a second factor, or with a role that needs one, gets a ticket for the second
// step; everybody else gets a session. The answer for an unknown address, a wrong password and a deactivated person is the same,
// and takes as long. After ten failures in a quarter of an hour it refuses to look.
func (s *Service) Enter(ctx context.Context, email, password string, from Browser) (Entry, error) {
	email = named(email)
	attempt, err := s.attempt(ctx, email, from)
	if err != nil {
		return Entry{}, err
	}
	user, err := s.UserByEmail(ctx, email)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return Entry{}, err
	}
	if !s.matches(user, password) {
		return Entry{}, ErrWrongSignIn
	}
	var entry Entry
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `update sign_in_attempts set ok = true where id = $1`, attempt); err != nil {
			return err
		}
		entry, err = s.goOnTx(ctx, tx, user, ByPassword, from)
		return err
	})
	return entry, err
}

// named is an address as it is looked for and noted: of a bounded length, and text that the database takes.
func named(email string) string {
	email = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(email)), "\x00", "")
	return strings.ToValidUTF8(email[:min(len(email), emailMax)], "")
}

// SignIn is Enter for people who need nothing but a password; others get ErrSecondStep.
func (s *Service) SignIn(ctx context.Context, email, password, userAgent string) (token string, session Session, err error) {
	entry, err := s.Enter(ctx, email, password, Browser{UserAgent: userAgent})
	if err == nil && entry.Ticket != "" {
		err = ErrSecondStep
	}
	return entry.Token, entry.Session, err
}

// attempt notes a try before it is looked at, as failed until it is found right: many at once do not pass together.
func (s *Service) attempt(ctx context.Context, email string, from Browser) (id int64, err error) {
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		err := knockTx(ctx, tx, "sign-in:ip:", from)
		if errors.Is(err, throttle.ErrTooMany) {
			return ErrTooManyTry
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1, hashtext($2))`, int32(attemptLock), email); err != nil {
			return err
		}
		failures, err := db.Value[int](ctx, tx, `select count(*) from (select ok from sign_in_attempts where email = $1 and at > $2
			order by at desc, id desc limit $3) a where not ok`, email, tx.Now().Add(-triesPer), triesMax)
		if err != nil {
			return err
		}
		if failures >= triesMax {
			return ErrTooManyTry
		}
		id, err = db.Value[int64](ctx, tx, `insert into sign_in_attempts (email, at, ok) values ($1, $2, false) returning id`, email, tx.Now())
		return err
	})
	return id, err
}

// knock counts one who begins a sign-in without a password, in a transaction that stays: nobody writes rows without end.
func (s *Service) knock(ctx context.Context, door string, from Browser) error {
	if from.Origin == "" {
		return nil
	}
	return s.db.Do(ctx, func(tx *db.Tx) error { return knockTx(ctx, tx, door, from) })
}

func knockTx(ctx context.Context, tx *db.Tx, door string, from Browser) error {
	if from.Origin == "" {
		return nil
	}
	return throttle.TakeTx(ctx, tx, throttle.Limit{Subject: door + from.Origin, Max: originMax, Per: triesPer})
}

// attemptLock keeps the advisory locks on addresses apart from other locks of the program.
const attemptLock = 0x646f_6f72

func (s *Service) matches(user User, password string) bool {
	hash := user.PasswordHash
	if hash == "" {
		hash = s.nobody
	}
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	return err == nil && match && user.ID != 0 && user.Active && user.PasswordHash != ""
}

// goOnTx opens a session for somebody who has done the first step, or gives a ticket for the second.
func (s *Service) goOnTx(ctx context.Context, tx *db.Tx, user User, proof Proof, from Browser) (Entry, error) {
	has, err := factorsOf(ctx, tx, user.ID)
	if err != nil {
		return Entry{}, err
	}
	rules, err := rulesOf(ctx, tx)
	if err != nil {
		return Entry{}, err
	}
	if enrol := rules.needsSecond(user); has.any() || enrol {
		return ticketTx(ctx, tx, user, !has.any(), from)
	}
	token := rand.Text() + rand.Text()
	session, err := openSessionTx(ctx, tx, user, token, proof, from)
	return Entry{Token: token, Session: session}, err
}

func ticketTx(ctx context.Context, tx *db.Tx, user User, enrol bool, from Browser) (Entry, error) {
	if enrol {
		if err := beginEnrolTx(ctx, tx, user); err != nil {
			return Entry{}, err
		}
	}
	from = from.trimmed()
	ticket := rand.Text()
	_, err := tx.Exec(ctx, `insert into sign_in_tickets (token_hash, user_id, enrol, user_agent, origin, created_at, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7)`, hashOf(ticket), user.ID, enrol, from.UserAgent, from.Origin, tx.Now(), tx.Now().Add(ticketLife))
	return Entry{Ticket: ticket, Enrol: enrol}, err
}

// beginEnrolTx forgets what an earlier sign-in has begun to set up: who did that knows the secret, and may be somebody who has but the
// password. The latest sign-in alone sets a second factor up.
func beginEnrolTx(ctx context.Context, tx *db.Tx, user User) error {
	for _, statement := range []string{
		`select 1 from users where id = $1 for no key update`, // two sign-ins at once, one after the other
		`delete from sign_in_tickets where user_id = $1 and enrol`, `delete from totp_factors where user_id = $1 and confirmed_at is null`,
	} {
		if _, err := tx.Exec(ctx, statement, user.ID); err != nil {
			return err
		}
	}
	return nil
}

// Rules are those of the door.
type Rules struct {
	SecondFactorRoles []string // people with one of these roles sign in with a second factor
	StepUpMinutes     int      // how long a proof is good for decisions about money and people; 0 is for the whole session
	TokensDecide      bool     // whether a person's API token may decide
	Version           int
}

func (r Rules) needsSecond(user User) bool {
	return slices.ContainsFunc(user.Roles, func(role string) bool { return slices.Contains(r.SecondFactorRoles, role) })
}

// Rules reads the rules of the door.
func (s *Service) Rules(ctx context.Context) (Rules, error) { return rulesOf(ctx, s.db) }

func rulesOf(ctx context.Context, r db.Reader) (Rules, error) {
	return db.One[Rules](ctx, r, `select second_factor_roles, step_up_minutes, tokens_decide, version from sign_in_rules`)
}

// factors are the second factors somebody has set up.
type factors struct {
	TOTP     bool `db:"totp"`
	Passkeys int
	Codes    int // recovery codes that are left
}

func (f factors) any() bool { return f.TOTP || f.Passkeys > 0 }

func factorsOf(ctx context.Context, r db.Reader, userID int64) (factors, error) {
	return db.One[factors](ctx, r, `select exists (select 1 from totp_factors where user_id = $1 and confirmed_at is not null) as totp,
		(select count(*) from passkeys where user_id = $1)::int as passkeys,
		(select count(*) from recovery_codes where user_id = $1 and used_at is null)::int as codes`, userID)
}

// ticket is a sign-in whose first step is done.
type ticket struct {
	UserID    int64
	Enrol     bool
	UserAgent string
	Origin    string
	Tries     int
}

func (t ticket) from() Browser { return Browser{UserAgent: t.UserAgent, Origin: t.Origin} }

// ticketOf reads a ticket that still holds, and whose it is; access.ErrSignIn when it does not.
func (s *Service) ticketOf(ctx context.Context, r db.Reader, token string) (ticket, User, error) {
	t, err := db.One[ticket](ctx, r, `select user_id, enrol, user_agent, origin, tries from sign_in_tickets
		where token_hash = $1 and expires_at > $2 and tries < $3`, hashOf(token), s.db.Now(), ticketTries)
	if errors.Is(err, db.ErrNoRow) {
		return ticket{}, User{}, access.ErrSignIn
	}
	if err != nil {
		return ticket{}, User{}, err
	}
	user, err := oneUser(ctx, r, `select * from users where id = $1 and active`, t.UserID)
	if errors.Is(err, ErrNoUser) {
		err = access.ErrSignIn
	}
	return t, user, err
}

// spendTx uses a ticket up: it opens one session. access.ErrSignIn when another was faster.
func spendTx(ctx context.Context, tx *db.Tx, token string) error {
	spent, err := tx.Exec(ctx, `delete from sign_in_tickets where token_hash = $1`, hashOf(token))
	if err == nil && spent == 0 {
		err = access.ErrSignIn
	}
	return err
}
