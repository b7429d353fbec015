package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/throttle"
)

const (
	codePeriod    = 30 // seconds a code of an authenticator app is shown, RFC 6238
	recoveryCodes = 10
	pendingLife   = 10 * time.Minute // of a secret that no code has confirmed
)

// What second factors are refused with.
var (
	ErrSecondStep = errs.New(errs.Unauthenticated, "people.second_step")
	ErrWrongCode  = errs.New(errs.Invalid, "people.wrong_code")
	ErrNoFactor   = errs.New(errs.Conflict, "people.no_such_factor")
	ErrHasTOTP    = errs.New(errs.Conflict, "people.has_totp")
	ErrNeedFactor = errs.New(errs.Conflict, "people.factor_needed")
	ErrNoKeys     = errs.New(errs.Unavailable, "people.no_keys")
)

// Enrolment is what an authenticator app takes over: by a picture, or typed in.
type Enrolment struct {
	Secret  string // base32, in groups of four
	Picture string // a QR code, as data: URI of a PNG
	URL     string // otpauth://totp/…
}

type totpFactor struct {
	UserID      int64
	Secret      []byte
	LastStep    int64
	CreatedAt   time.Time
	ConfirmedAt *time.Time
}

// BeginTOTP makes the secret for somebody's authenticator app. It counts from the first right code on (ConfirmTOTP); begun again
// before that, the earlier secret is forgotten. ErrHasTOTP when there is one that counts.
func (s *Service) BeginTOTP(ctx context.Context, by access.Actor) (Enrolment, error) {
	if err := access.Proven(by); err != nil {
		return Enrolment{}, err
	}
	user, err := s.User(ctx, by.UserID)
	if err != nil {
		return Enrolment{}, err
	}
	var begun Enrolment
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		begun, err = s.beginTx(ctx, tx, user)
		return err
	})
	return begun, err
}

func (s *Service) beginTx(ctx context.Context, tx *db.Tx, user User) (Enrolment, error) {
	if !s.keys.Usable() {
		return Enrolment{}, ErrNoKeys
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.site.name, AccountName: user.Email, Period: codePeriod, SecretSize: 20, Rand: rand.Reader})
	if err != nil {
		return Enrolment{}, fmt.Errorf("make secret: %w", err)
	}
	kept, err := tx.Exec(ctx, `insert into totp_factors (user_id, secret, created_at) values ($1, $2, $3)
		on conflict (user_id) do update set secret = excluded.secret, created_at = excluded.created_at, last_step = 0
		where totp_factors.confirmed_at is null`, user.ID, s.keys.Seal(key.Secret()), tx.Now())
	if err == nil && kept == 0 {
		err = ErrHasTOTP
	}
	if err != nil {
		return Enrolment{}, err
	}
	return shown(key)
}

// PendingTOTP shows again what BeginTOTP gave, for ten minutes and while it is not confirmed, to who has proven themselves lately;
// ErrNoFactor when nothing is pending.
func (s *Service) PendingTOTP(ctx context.Context, by access.Actor) (Enrolment, error) {
	if err := access.Proven(by); err != nil {
		return Enrolment{}, err
	}
	user, err := s.User(ctx, by.UserID)
	if err != nil {
		return Enrolment{}, err
	}
	return s.pendingTOTP(ctx, s.db, user)
}

func (s *Service) pendingTOTP(ctx context.Context, r db.Reader, user User) (Enrolment, error) {
	f, err := db.One[totpFactor](ctx, r, `select * from totp_factors where user_id = $1 and confirmed_at is null and created_at > $2`, user.ID, s.db.Now().Add(-pendingLife))
	if errors.Is(err, db.ErrNoRow) {
		return Enrolment{}, ErrNoFactor
	}
	if err != nil {
		return Enrolment{}, err
	}
	secret, err := s.keys.Open(f.Secret)
	if err != nil {
		return Enrolment{}, err
	}
	raw, err := b32(secret)
	if err != nil {
		return Enrolment{}, err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.site.name, AccountName: user.Email, Period: codePeriod, Secret: raw})
	if err != nil {
		return Enrolment{}, fmt.Errorf("show secret: %w", err)
	}
	return shown(key)
}

// ConfirmTOTP makes the authenticator app count, once it shows a right code, and gives ten fresh recovery codes. They are shown this
// once; only their hashes are kept. ErrWrongCode otherwise.
func (s *Service) ConfirmTOTP(ctx context.Context, by access.Actor, code string) (recovery []string, err error) {
	if err := access.Proven(by); err != nil {
		return nil, err
	}
	user, err := s.User(ctx, by.UserID)
	if err != nil {
		return nil, err
	}
	if err := s.guess(ctx, user.ID); err != nil {
		return nil, err
	}
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		recovery, err = s.confirmTx(ctx, tx, user, code)
		return err
	})
	return recovery, err
}

func (s *Service) confirmTx(ctx context.Context, tx *db.Tx, user User, code string) ([]string, error) {
	if err := s.codeTx(ctx, tx, user.ID, code, false); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `update totp_factors set confirmed_at = $2 where user_id = $1`, user.ID, tx.Now()); err != nil {
		return nil, err
	}
	if err := audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: user.Actor(), What: "user.totp_added"}); err != nil {
		return nil, err
	}
	return newRecoveryTx(ctx, tx, user)
}

// RemoveTOTP forgets somebody's authenticator app: one's own, or, when it is lost, anybody's by an admin, which ends their sessions too.
// One's own last factor stays while a role needs one (ErrNeedFactor).
func (s *Service) RemoveTOTP(ctx context.Context, by access.Actor, userID int64) error {
	return s.removeFactor(ctx, by, userID, "user.totp_removed", `delete from totp_factors where user_id = $1`, userID)
}

// ForgetFactors forgets every second factor of somebody who has lost them, and ends their sessions; by an admin, not for oneself.
func (s *Service) ForgetFactors(ctx context.Context, by access.Actor, userID int64) error {
	if err := mayManage(by); err != nil {
		return err
	}
	if by.UserID == userID {
		return ErrOwnChange
	}
	return s.removeFactor(ctx, by, userID, "user.factors_forgotten", `with app as (delete from totp_factors where user_id = $1 returning 1), keys as (delete from passkeys where user_id = $1 returning 1)
		select 1 from app union all select 1 from keys`, userID)
}

// removeFactor takes a second factor away. With the last one the recovery codes go.
func (s *Service) removeFactor(ctx context.Context, by access.Actor, userID int64, what, statement string, args ...any) error {
	if err := errors.Join(selfOrAdmin(by, userID), access.Proven(by)); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		user, err := oneUser(ctx, tx, `select * from users where id = $1 for update`, userID)
		if err != nil {
			return err
		}
		if err := reachesTx(ctx, tx, by, userID); err != nil {
			return err
		}
		gone, err := tx.Exec(ctx, statement, args...)
		if err != nil {
			return err
		}
		if gone == 0 {
			return ErrNoFactor
		}
		if err := afterRemovalTx(ctx, tx, by, user); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: what, Data: map[string]any{"user": userID}})
	})
}

func afterRemovalTx(ctx context.Context, tx *db.Tx, by access.Actor, user User) error {
	left, err := factorsOf(ctx, tx, user.ID)
	if err != nil {
		return err
	}
	rules, err := rulesOf(ctx, tx)
	if err != nil {
		return err
	}
	if !left.any() {
		if by.UserID == user.ID && rules.needsSecond(user) {
			return ErrNeedFactor
		}
		if _, err := tx.Exec(ctx, `delete from recovery_codes where user_id = $1`, user.ID); err != nil {
			return err
		}
	}
	if by.UserID == user.ID {
		return nil
	}
	_, err = tx.Exec(ctx, `delete from sessions where user_id = $1`, user.ID)
	return err
}

// NewRecovery replaces somebody's recovery codes; the earlier ones are good no more. ErrNoFactor for who has no second factor.
func (s *Service) NewRecovery(ctx context.Context, by access.Actor) (codes []string, err error) {
	if err := access.Proven(by); err != nil {
		return nil, err
	}
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		user, err := oneUser(ctx, tx, `select * from users where id = $1 for update`, by.UserID)
		if err != nil {
			return err
		}
		has, err := factorsOf(ctx, tx, user.ID)
		if err != nil {
			return err
		}
		if !has.any() {
			return ErrNoFactor
		}
		codes, err = newRecoveryTx(ctx, tx, user)
		return err
	})
	return codes, err
}

func newRecoveryTx(ctx context.Context, tx *db.Tx, user User) ([]string, error) {
	if _, err := tx.Exec(ctx, `delete from recovery_codes where user_id = $1`, user.ID); err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCodes)
	for i := range codes {
		plain := strings.ToLower(rand.Text()[:16]) // 80 bits: a plain fast hash of it is safe
		codes[i] = grouped(plain)
		if _, err := tx.Exec(ctx, `insert into recovery_codes (user_id, code_hash, created_at) values ($1, $2, $3)`, user.ID, hashOf(plain), tx.Now()); err != nil {
			return nil, err
		}
	}
	return codes, audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: user.Actor(), What: "user.recovery_codes_made"})
}

// guess counts one try at somebody's codes, in a transaction of its own.
func (s *Service) guess(ctx context.Context, userID int64) error {
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		return throttle.TakeTx(ctx, tx, throttle.Limit{Subject: fmt.Sprintf("second-step:%d", userID), Max: triesMax, Per: triesPer})
	})
	if errors.Is(err, throttle.ErrTooMany) {
		return ErrTooManyTry
	}
	return err
}

// codeTx checks a code of the authenticator app: the one shown now, the one before or the one after, and none that was used.
func (s *Service) codeTx(ctx context.Context, tx *db.Tx, userID int64, code string, confirmed bool) error {
	f, err := db.One[totpFactor](ctx, tx, `select * from totp_factors where user_id = $1 and (confirmed_at is not null) = $2
		and (confirmed_at is not null or created_at > $3) for update`, userID, confirmed, tx.Now().Add(-pendingLife))
	if errors.Is(err, db.ErrNoRow) {
		return ErrWrongCode
	}
	if err != nil {
		return err
	}
	secret, err := s.keys.Open(f.Secret)
	if err != nil {
		return err
	}
	code = squeezed(code)
	now := tx.Now().Unix() / codePeriod
	for step := now - 1; step <= now+1; step++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return fmt.Errorf("work out code: %w", err)
		}
		if step > f.LastStep && subtle.ConstantTimeCompare([]byte(code), []byte(want)) == 1 {
			_, err := tx.Exec(ctx, `update totp_factors set last_step = $2 where user_id = $1`, userID, step)
			return err
		}
	}
	return ErrWrongCode
}

// recoverTx uses a recovery code up.
func recoverTx(ctx context.Context, tx *db.Tx, user User, code string) error {
	used, err := tx.Exec(ctx, `update recovery_codes set used_at = $3 where user_id = $1 and code_hash = $2 and used_at is null`,
		user.ID, hashOf(strings.ToLower(squeezed(code))), tx.Now())
	if err != nil {
		return err
	}
	if used == 0 {
		return ErrWrongCode
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: user.Actor(), What: "user.recovery_code_used"})
}

// secondTx checks a code typed for a second step: one of the authenticator app, or a recovery code.
func (s *Service) secondTx(ctx context.Context, tx *db.Tx, user User, code string) (Proof, error) {
	if len(squeezed(code)) == 6 {
		return ByTOTP, s.codeTx(ctx, tx, user.ID, code, true)
	}
	return ByRecovery, recoverTx(ctx, tx, user, code)
}

func squeezed(code string) string {
	return strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(strings.TrimSpace(code))
}

func grouped(text string) string {
	var parts []string
	for ; len(text) > 4; text = text[4:] {
		parts = append(parts, text[:4])
	}
	return strings.Join(append(parts, text), "-")
}

func shown(key *otp.Key) (Enrolment, error) {
	picture, err := drawn(key)
	if err != nil {
		return Enrolment{}, err
	}
	return Enrolment{
		Secret: strings.ReplaceAll(grouped(key.Secret()), "-", " "), URL: key.URL(),
		Picture: "data:image/png;base64," + base64.StdEncoding.EncodeToString(picture),
	}, nil
}
