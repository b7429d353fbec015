package billing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Reopening is somebody's wish to open a closed month again. It takes a second person, always: the database too refuses
// to reopen without one.
type Reopening struct {
	ID              int64
	EntityID        EntityID
	Month           time.Time
	Reason          string
	RequestedBy     int64
	RequestedByName string
	RequestedAt     time.Time
}

const reopeningColumns = `id, entity_id, month, reason, requested_by, requested_by_name, requested_at`

// RequestReopen asks for a closed month to be opened again, for a reason. It needs ConfirmReopen by another person. While
// one request waits, asking again gives that one. A month that is not closed is refused with ErrPeriodMove.
func (s *Service) RequestReopen(ctx context.Context, in PeriodMove) (Period, error) {
	return s.movePeriod(ctx, access.ManagePeriods, in, func(m *moving) error {
		if m.period.State != PeriodClosed {
			return m.illegal(PeriodOpen)
		}
		if err := somebody(in.By); err != nil {
			return err
		}
		if err := access.Proven(in.By); err != nil {
			return err
		}
		if strings.TrimSpace(in.Reason) == "" {
			return errs.InvalidField("reason", "error.required")
		}
		var err error
		if m.period.Reopening, err = pendingReopening(ctx, m.tx, m.in); err != nil || m.period.Reopening != nil {
			return err
		}
		asked, err := db.One[Reopening](ctx, m.tx, `insert into period_reopenings (entity_id, month, reason, requested_by, requested_by_name, requested_at)
			values ($1, $2, $3, $4, $5, $6) returning `+reopeningColumns,
			m.in.EntityID, m.in.Month, strings.TrimSpace(in.Reason), in.By.UserID, in.By.Name, m.tx.Now())
		if err != nil {
			return fmt.Errorf("ask to reopen: %w", err)
		}
		m.period.Reopening = &asked
		m.note("period.reopening_requested", map[string]any{"reopening_id": asked.ID})
		return nil
	})
}

// ConfirmReopen is the second person's yes: it opens the month. ErrSecondPerson for whoever asked, ErrNoReopening when
// nobody did. Confirmed again after it has opened the month, it changes nothing.
func (s *Service) ConfirmReopen(ctx context.Context, in PeriodMove) (Period, error) {
	return s.movePeriod(ctx, access.ConfirmReopen, in, func(m *moving) error {
		if err := somebody(in.By); err != nil {
			return err
		}
		if err := access.Proven(in.By); err != nil {
			return err
		}
		asked, err := pendingReopening(ctx, m.tx, m.in)
		if err != nil {
			return err
		}
		if asked == nil {
			return m.confirmedBefore(ctx)
		}
		if asked.RequestedBy == in.By.UserID {
			return ErrSecondPerson
		}
		if _, err := m.tx.Exec(ctx, `update period_reopenings set confirmed_by = $2, confirmed_by_name = $3, confirmed_at = $4 where id = $1`,
			asked.ID, in.By.UserID, in.By.Name, m.tx.Now()); err != nil {
			return fmt.Errorf("confirm reopening: %w", err)
		}
		m.in.Reason = asked.Reason
		return m.to(ctx, PeriodOpen, &asked.ID, "period.reopened", map[string]any{
			"reopening_id": asked.ID, "requested_by": asked.RequestedBy, "confirmed_by": in.By.UserID,
		})
	})
}

// confirmedBefore tells whether the month stands open because this very person confirmed it.
func (m *moving) confirmedBefore(ctx context.Context) error {
	mine, err := db.Value[bool](ctx, m.tx, `select exists (select from periods p join period_reopenings r on r.id = p.reopening_id
		where p.entity_id = $1 and p.month = $2 and p.state = 'open' and r.confirmed_by = $3)`, m.in.EntityID, m.in.Month, m.in.By.UserID)
	if err != nil {
		return fmt.Errorf("look for confirmed reopening: %w", err)
	}
	if !mine {
		return ErrNoReopening
	}
	return nil
}

// WithdrawReopen takes a request to reopen back, or turns it down. ErrNoReopening when none waits.
func (s *Service) WithdrawReopen(ctx context.Context, in PeriodMove) (Period, error) {
	return s.movePeriod(ctx, access.ConfirmReopen, in, func(m *moving) error {
		if err := somebody(in.By); err != nil {
			return err
		}
		asked, err := pendingReopening(ctx, m.tx, m.in)
		if err != nil {
			return err
		}
		if asked == nil {
			return ErrNoReopening
		}
		if _, err := m.tx.Exec(ctx, `update period_reopenings set withdrawn_by = $2, withdrawn_by_name = $3, withdrawn_at = $4 where id = $1`,
			asked.ID, in.By.UserID, in.By.Name, m.tx.Now()); err != nil {
			return fmt.Errorf("withdraw reopening: %w", err)
		}
		m.note("period.reopening_withdrawn", map[string]any{"reopening_id": asked.ID})
		return nil
	})
}

// somebody refuses the program itself where the rule asks for persons.
func somebody(by Actor) error {
	if by.Kind != access.Person || by.UserID == 0 {
		return access.ErrSignIn
	}
	return nil
}

func pendingReopening(ctx context.Context, r db.Reader, in PeriodMove) (*Reopening, error) {
	asked, err := db.One[Reopening](ctx, r, `select `+reopeningColumns+` from period_reopenings
		where entity_id = $1 and month = $2 and confirmed_at is null and withdrawn_at is null`, in.EntityID, in.Month)
	if errors.Is(err, db.ErrNoRow) {
		return nil, nil //nolint:nilnil // "none" is an answer here, not a failure
	}
	if err != nil {
		return nil, fmt.Errorf("read reopening: %w", err)
	}
	return &asked, nil
}
