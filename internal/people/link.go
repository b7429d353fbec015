package people

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/throttle"
)

const (
	inviteLife = 72 * time.Hour
	resetLife  = time.Hour
)

// ErrLinkOver is what a link gives that was used, replaced by a newer one, has expired or never was.
var ErrLinkOver = errs.New(errs.NotFound, "people.link_over")

// Link is a letter with a link by which somebody chooses a password.
type Link struct {
	ID        int64
	Kind      string // invite or reset
	Address   string
	UserID    *int64
	Nonce     []byte
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    *time.Time
}

// SendLink asks for a link to be mailed, if its address is anybody's here.
type SendLink struct {
	ID int64 `json:"id"`
}

// Kind names the job.
func (SendLink) Kind() string { return "people.send_link" }

// AskReset asks for a letter with a link to choose a new password by. What happens here does not depend on whether the address is known,
// so neither the answer nor its time tells; a job finds out. throttle.ErrTooMany for whoever asks too often, known or not.
func (s *Service) AskReset(ctx context.Context, address string, from Browser) error {
	address = strings.ToLower(strings.TrimSpace(address))
	if a, err := mail.ParseAddress(address); err != nil || a.Address != address || len(address) > 200 {
		return errs.InvalidField("email", "people.email_invalid")
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		err := throttle.TakeTx(ctx, tx, throttle.Limit{Subject: "reset:ip:" + from.Origin, Max: 30, Per: time.Hour},
			throttle.Limit{Subject: "reset:address:" + address, Max: 5, Per: time.Hour})
		if err != nil {
			return err
		}
		return askLinkTx(ctx, tx, "reset", address, nil, resetLife)
	})
}

// SendReset has a letter with a link sent to somebody who cannot get in, by who administers people. Their second factors stay.
func (s *Service) SendReset(ctx context.Context, by access.Actor, userID int64) error {
	if err := mayManage(by); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		user, err := oneUser(ctx, tx, `select * from users where id = $1 and active`, userID)
		if err != nil {
			return err
		}
		if err := reaches(by, user.EntityIDs); err != nil && by.UserID != userID {
			return err
		}
		kind, life := "reset", resetLife
		if user.PasswordHash == "" {
			kind, life = "invite", inviteLife
		}
		if err := askLinkTx(ctx, tx, kind, user.Email, &user.ID, life); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "user.link_sent", Data: map[string]any{"user": userID, "kind": kind}})
	})
}

func askLinkTx(ctx context.Context, tx *db.Tx, kind, address string, userID *int64, life time.Duration) error {
	id, err := db.Value[int64](ctx, tx, `insert into person_links (kind, address, user_id, nonce, created_at, expires_at) values ($1, $2, $3, $4, $5, $6) returning id`,
		kind, address, userID, []byte(rand.Text()), tx.Now(), tx.Now().Add(life))
	if err != nil {
		return err
	}
	return tx.Enqueue(ctx, SendLink{ID: id})
}

// Letter is what is to be mailed to somebody of the desk. It is sent and not kept: whoever may read the desk's mail could use its link.
type Letter struct {
	Kind, Address, Name, Language string
	URL                           string
	EndsAt                        time.Time
}

// LetterOf is the letter of a link; ok is false when there is nobody to write to, or the link is over. An earlier link of the same
// person is good no more.
func (s *Service) LetterOf(ctx context.Context, id int64) (letter Letter, ok bool, err error) {
	if !s.keys.Usable() {
		return Letter{}, false, ErrNoKeys
	}
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		row, err := db.One[Link](ctx, tx, `select * from person_links where id = $1 and expires_at > $2 and used_at is null for update`, id, tx.Now())
		if errors.Is(err, db.ErrNoRow) {
			return nil
		}
		if err != nil {
			return err
		}
		user, err := oneUser(ctx, tx, `select * from users where email = $1 and active`, row.Address)
		if errors.Is(err, ErrNoUser) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update person_links set user_id = $2 where id = $1`, id, user.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update person_links set used_at = $3 where user_id = $2 and id < $1 and used_at is null`, id, user.ID, tx.Now()); err != nil {
			return err
		}
		letter = Letter{Kind: row.Kind, Address: user.Email, Name: user.Name, Language: user.Language, URL: s.site.public + "/login/choose?t=" + s.link(row), EndsAt: row.ExpiresAt}
		ok = true
		return nil
	})
	return letter, ok, err
}

// LinkFor makes a link at once, for the operator's command line: there is no letter.
func (s *Service) LinkFor(ctx context.Context, by access.Actor, email string) (string, error) {
	if by.Kind != access.System {
		return "", access.ErrForbidden
	}
	user, err := s.WhoActs(ctx, email)
	if err != nil {
		return "", err
	}
	var row Link
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		row, err = db.One[Link](ctx, tx, `insert into person_links (kind, address, user_id, nonce, created_at, expires_at) values ('reset', $1, $2, $3, $4, $5) returning *`,
			user.Email, user.ID, []byte(rand.Text()), tx.Now(), tx.Now().Add(resetLife))
		if err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "user.link_made", Data: map[string]any{"user": user.ID}})
	})
	if err != nil {
		return "", err
	}
	return s.site.public + "/login/choose?t=" + s.link(row), nil
}

func (s *Service) link(row Link) string {
	id := strconv.FormatInt(row.ID, 10)
	return id + "." + s.keys.Sign("person-link", id, row.Kind, string(row.Nonce))
}

// LinkHolds tells whose link it is; ErrLinkOver when it holds no more: it proves that somebody reads the mail of an address, so it is over
// when the person has another one. Looking at it does not use it up: mail scanners look too.
func (s *Service) LinkHolds(ctx context.Context, token string) (User, error) {
	_, user, err := s.linkOf(ctx, s.db, token)
	return user, err
}

func (s *Service) linkOf(ctx context.Context, r db.Reader, token string) (Link, User, error) {
	name, tag, _ := strings.Cut(token, ".")
	id, err := strconv.ParseInt(name, 10, 64)
	if err != nil || !s.keys.Usable() {
		return Link{}, User{}, ErrLinkOver
	}
	row, err := db.One[Link](ctx, r, `select * from person_links where id = $1 and expires_at > $2 and used_at is null and user_id is not null`, id, s.db.Now())
	if errors.Is(err, db.ErrNoRow) || err == nil && !s.keys.Verify(tag, "person-link", name, row.Kind, string(row.Nonce)) {
		return Link{}, User{}, ErrLinkOver
	}
	if err != nil {
		return Link{}, User{}, err
	}
	user, err := oneUser(ctx, r, `select * from users where id = $1 and active and email = $2`, *row.UserID, row.Address)
	if errors.Is(err, ErrNoUser) {
		err = ErrLinkOver
	}
	return row, user, err
}

// ChoosePassword sets a password by a mailed link, once, and ends every session of the person. It signs nobody in: whoever has a second
// factor still needs it.
func (s *Service) ChoosePassword(ctx context.Context, token, password string) error {
	row, user, err := s.linkOf(ctx, s.db, token)
	if err != nil {
		return err
	}
	if err := checkPassword(password, user.Email); err != nil {
		return err
	}
	hash, err := argon2id.CreateHash(password, &s.hash)
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		used, err := tx.Exec(ctx, `update person_links set used_at = $2 where id = $1 and used_at is null`, row.ID, tx.Now())
		if err != nil {
			return err
		}
		if used == 0 {
			return ErrLinkOver
		}
		return setPasswordTx(ctx, tx, Visit{User: user}, hash)
	})
}
