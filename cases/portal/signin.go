package portal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"makegood/cases/letterbook"
	"makegood/cases/letters"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/throttle"
)

const (
	codeLife  = 15 * time.Minute
	triesMax  = 5 // guesses at one code: a chance of one in twenty million
	codeSpace = 100_000_000
)

// SignInID names one asked-for code.
type SignInID int64

type signIn struct {
	ID         SignInID
	TicketHash []byte
	Address    string
	CreatedAt  time.Time
	ExpiresAt  time.Time
	Tries      int
	UsedAt     *time.Time
}

// SendCode asks for a code to be mailed, if the address is anybody's we know.
type SendCode struct {
	ID SignInID `json:"id"`
}

// Kind names the job.
func (SendCode) Kind() string { return "portal.send_code" }

// AskForCode begins a sign-in and answers the ticket that the browser keeps: a code is good only together with it. What
// happens here does not depend on whether the address is known, so neither the answer nor its time tells; a job finds out
// and writes the letter. throttle.ErrTooMany for whoever asks too often, known or not.
func (s *Service) AskForCode(ctx context.Context, address, origin string) (ticket string, err error) {
	address = strings.ToLower(strings.TrimSpace(address))
	if a, err := mail.ParseAddress(address); err != nil || a.Address != address || len(address) > 200 {
		return "", errs.InvalidField("email", "intake.bad_address")
	}
	ticket = rand.Text()
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		err := throttle.TakeTx(ctx, tx,
			throttle.Limit{Subject: "portal:ip:" + origin, Max: 30, Per: time.Hour},
			throttle.Limit{Subject: "portal:address:" + address, Max: 5, Per: time.Hour})
		if err != nil {
			return err
		}
		id, err := db.Value[SignInID](ctx, tx, `insert into portal_sign_ins (ticket_hash, address, created_at, expires_at)
			values ($1, $2, $3, $4) returning id`, hashOf(ticket), address, tx.Now(), tx.Now().Add(codeLife))
		if err != nil {
			return fmt.Errorf("begin sign-in: %w", err)
		}
		return tx.Enqueue(ctx, SendCode{ID: id})
	})
	return ticket, err
}

// sendCode writes the letter with the code and the link, to addresses we know. The key of the letter makes it one letter,
// however often the job runs.
func (s *Service) sendCode(ctx context.Context, in SendCode) error {
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		row, err := db.One[signIn](ctx, tx, `select * from portal_sign_ins where id = $1 and expires_at > $2 and used_at is null`, in.ID, tx.Now())
		if errors.Is(err, db.ErrNoRow) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read sign-in: %w", err)
		}
		v, known, err := s.visitor(ctx, tx, row.Address)
		if err != nil || !known {
			return err
		}
		return s.writeCodeTx(ctx, tx, v, row)
	})
}

func (s *Service) writeCodeTx(ctx context.Context, tx *db.Tx, v Visitor, row signIn) error {
	zone := v.Entity.Zone()
	signature := v.Entity.Signature
	if signature == "" {
		signature = v.Entity.Name
	}
	vars := letters.PortalCodeVars{
		Frame: letters.Frame{Entity: v.Entity.Name, Signature: signature}, Code: spaced(s.code(row)),
		URL: s.publicURL + "/portal/link?t=" + s.link(row) + "&company=" + url.QueryEscape(v.Entity.Code), EndsAt: row.ExpiresAt.In(zone),
	}
	if v.Contact != nil {
		vars.Name = v.Contact.Name
	}
	written, err := letterbook.Write(ctx, tx, v.Entity.ID, letters.PortalCode, v.Language, vars)
	if err != nil {
		return fmt.Errorf("write letter: %w", err)
	}
	_, err = s.Inbox.QueueTx(ctx, tx, inbox.Outgoing{
		Key: fmt.Sprintf("portal_code:%d", row.ID), Kind: string(letters.PortalCode), Automatic: true, FromAddress: v.Entity.SupportAddress,
		FromName: v.Entity.SupportName, ToAddress: v.Address, Subject: written.Subject, Text: written.Text, HTML: written.HTML, Language: written.Lang, LetterVersionID: written.Version,
	})
	return err
}

// code is the eight digits of a sign-in. They follow from the row and the secret key, so that the database alone lets
// nobody in, and the job that mails them finds them again.
func (s *Service) code(row signIn) string {
	sum := sha256.Sum256([]byte(s.keys.Sign("portal-code", row.text(), string(row.TicketHash))))
	return fmt.Sprintf("%08d", binary.BigEndian.Uint64(sum[:8])%codeSpace)
}

// link is the token of a sign-in's link: the row's name and a signature of 130 bits.
func (s *Service) link(row signIn) string {
	return row.text() + "." + s.keys.Sign("portal-link", row.text(), string(row.TicketHash))
}

func (row signIn) text() string { return strconv.FormatInt(int64(row.ID), 10) }

func spaced(code string) string { return code[:4] + " " + code[4:] }

// SignInByCode opens a session with a code and the ticket of the browser that asked for it. A wrong code, one that was used,
// has expired or was guessed at too often, and an address nobody has all give ErrWrongCode.
func (s *Service) SignInByCode(ctx context.Context, ticket, code, userAgent string) (token string, err error) {
	code = strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(code)
	return s.signIn(ctx, userAgent, func(tx *db.Tx) (signIn, error) {
		row, err := db.One[signIn](ctx, tx, `update portal_sign_ins set tries = tries + 1
			where ticket_hash = $1 and expires_at > $2 and used_at is null and tries < $3 returning *`, hashOf(ticket), tx.Now(), triesMax)
		if err != nil {
			return row, err
		}
		given, want := sha256.Sum256([]byte(code)), sha256.Sum256([]byte(s.code(row)))
		if given != want {
			return row, ErrWrongCode
		}
		return row, nil
	})
}

// SignInByLink opens a session with the token of a mailed link, once. Nobody guesses its signature, so no try is counted and none is
// locked out by what others send; it is looked at before the row is touched.
func (s *Service) SignInByLink(ctx context.Context, link, userAgent string) (token string, err error) {
	name, tag, _ := strings.Cut(link, ".")
	id, err := strconv.ParseInt(name, 10, 64)
	if err != nil {
		return "", ErrWrongCode
	}
	return s.signIn(ctx, userAgent, func(tx *db.Tx) (signIn, error) {
		row, err := db.One[signIn](ctx, tx, `select * from portal_sign_ins where id = $1`, SignInID(id))
		if err != nil {
			return row, err
		}
		if !s.keys.Verify(tag, "portal-link", row.text(), string(row.TicketHash)) {
			return row, ErrWrongCode
		}
		return db.One[signIn](ctx, tx, `select * from portal_sign_ins where id = $1 and expires_at > $2 and used_at is null for update`, row.ID, tx.Now())
	})
}

// signIn opens the session of what prove finds. What prove writes stays also when it was wrong.
func (s *Service) signIn(ctx context.Context, userAgent string, prove func(tx *db.Tx) (signIn, error)) (string, error) {
	token := rand.Text() + rand.Text()
	opened := false
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		opened = false
		row, err := prove(tx)
		if errors.Is(err, db.ErrNoRow) || errors.Is(err, ErrWrongCode) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("try sign-in: %w", err)
		}
		v, known, err := s.visitor(ctx, tx, row.Address)
		if err != nil || !known {
			return err
		}
		opened = true
		return openSessionTx(ctx, tx, v, row.ID, token, userAgent)
	})
	if err == nil && !opened {
		err = ErrWrongCode
	}
	return token, err
}

func openSessionTx(ctx context.Context, tx *db.Tx, v Visitor, id SignInID, token, userAgent string) error {
	if _, err := tx.Exec(ctx, `update portal_sign_ins set used_at = $2 where id = $1`, id, tx.Now()); err != nil {
		return fmt.Errorf("use code: %w", err)
	}
	agent := strings.ToValidUTF8(userAgent, "")
	if len(agent) > 300 {
		agent = strings.ToValidUTF8(agent[:300], "")
	}
	_, err := tx.Exec(ctx, `insert into portal_sessions (token_hash, address, csrf, user_agent, created_at, seen_at, expires_at)
		values ($1, $2, $3, $4, $5, $5, $6)`, hashOf(token), v.Address, rand.Text(), agent, tx.Now(), tx.Now().Add(sessionLife))
	if err != nil {
		return fmt.Errorf("open session: %w", err)
	}
	data := map[string]any{}
	if v.Contact != nil {
		data["contact"], data["customer"] = v.Contact.ID, v.Customer.ID
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: access.Actor{Kind: access.Customer, Name: v.Name}, What: "customer.signed_in", Data: data})
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
