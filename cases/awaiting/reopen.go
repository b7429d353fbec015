package awaiting

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/throttle"
)

// Closed is a case that was closed for want of an answer, as the page of its link shows it.
type Closed struct {
	ID      cases.ID
	Number  string
	Subject string
	Entity  billing.Entity
	Until   time.Time // the link holds
	Open    bool      // somebody has opened it again already
}

// closed is what is kept of it.
type closed struct {
	CaseID      cases.ID
	Number      string
	Subject     string
	EntityID    billing.EntityID
	Status      cases.Status
	ReopenUntil time.Time
	Name        string
	Address     string
}

// ByLink reads what a mailed link opens again, and opens nothing: programs that scan mail open every link. ErrGone when it does not hold.
func (s *Service) ByLink(ctx context.Context, token string) (Closed, error) {
	c, err := s.byToken(ctx, s.DB, token)
	if err != nil {
		return Closed{}, err
	}
	return s.shown(ctx, s.DB, c)
}

func (s *Service) shown(ctx context.Context, r db.Reader, c closed) (Closed, error) {
	entity, err := s.Billing.EntityByID(ctx, r, c.EntityID)
	if err != nil {
		return Closed{}, fmt.Errorf("read entity: %w", err)
	}
	return Closed{ID: c.CaseID, Number: c.Number, Subject: c.Subject, Entity: entity, Until: c.ReopenUntil, Open: c.Status.Active()}, nil
}

// byToken is the case of a link that holds. One whose letter was erased holds no more: nobody could be answered, and the case, open again,
// would stand in the way of whatever of them is still to be erased.
func (s *Service) byToken(ctx context.Context, r db.Reader, token string) (closed, error) {
	name, _, _ := strings.Cut(token, ".")
	id, err := strconv.ParseInt(name, 10, 64)
	if err != nil || strconv.FormatInt(id, 10) != name {
		return closed{}, ErrGone
	}
	c, err := db.One[closed](ctx, r, `select c.id as case_id, c.number, c.subject, c.entity_id, c.status, a.reopen_until, coalesce(m.to_name, '') as name,
			coalesce(m.to_address, '') as address
		from case_awaits a join cases c on c.id = a.case_id left join outgoing_messages m on m.id = a.mail_id
		where a.case_id = $1 and a.reopen_until > $2 and c.merged_into is null
			and not exists (select from erased_rows e where e.kind = 'outgoing' and e.row_id = a.mail_id)`, id, r.Now())
	if errors.Is(err, db.ErrNoRow) {
		return closed{}, ErrGone
	}
	if err != nil {
		return closed{}, fmt.Errorf("read closed case: %w", err)
	}
	if !s.holds(token, c.ReopenUntil) {
		return closed{}, ErrGone
	}
	return c, nil
}

// ReopenInput is a link that was pressed. Origin is from where, for the bound on tries.
type ReopenInput struct {
	Token  string
	Origin string
}

// Reopen opens the case again, in the customer's name; one that is open already stays as it is. ErrGone when the link does not hold,
// throttle.ErrTooMany for whoever tries too often.
func (s *Service) Reopen(ctx context.Context, in ReopenInput) (Closed, error) {
	var out Closed
	if err := throttle.Take(ctx, s.DB, throttle.Limit{Subject: "reopen:ip:" + in.Origin, Max: 60, Per: time.Hour}); err != nil {
		return out, err
	}
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		c, err := s.byToken(ctx, tx, in.Token)
		if err != nil {
			return err
		}
		by := access.Actor{Kind: access.Customer, Name: c.Name, Address: c.Address}
		if by.Name == "" {
			by.Name = c.Address
		}
		now, err := s.Cases.TakeUpAgainTx(ctx, tx, c.CaseID, by)
		if err != nil {
			return err
		}
		// An erasure that came between has ended by now: it takes the lock of the case that we have.
		if c, err = s.byToken(ctx, tx, in.Token); err != nil {
			return err
		}
		c.Status = now.Status
		if _, err := tx.Exec(ctx, `update case_awaits set reopened_at = coalesce(reopened_at, $2) where case_id = $1`, c.CaseID, tx.Now()); err != nil {
			return fmt.Errorf("note reopening: %w", err)
		}
		out, err = s.shown(ctx, tx, c)
		return err
	})
	return out, err
}
