package billing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Period is a month of an entity's books. Of one nobody has moved yet, all but the first three fields are zero.
type Period struct {
	EntityID      EntityID
	Month         time.Time
	State         PeriodState
	Version       int
	ChangedAt     time.Time
	ChangedBy     int64
	ChangedByName string
	Reason        string
	Reopening     *Reopening `db:"-"` // asked for and not yet confirmed
	Reopened      bool       `db:"-"` // it was closed before
}

// PeriodMove asks for a month to be moved. Month is any day of it. Version is the state the person looked at; 0 takes it
// as it is. Reason is needed where a rule is overridden or undone.
type PeriodMove struct {
	EntityID EntityID
	Month    time.Time
	Version  int
	Reason   string
	By       Actor
}

// moving is a month on its way, alone until the transaction ends: no entry enters it meanwhile.
type moving struct {
	s      *Service
	tx     *db.Tx
	in     PeriodMove
	entity Entity
	period Period
	events []audit.Event
}

// movePeriod does work on a locked month and gives what became of it. It takes the month's key first, then the entity's
// books for the audit event.
func (s *Service) movePeriod(ctx context.Context, right access.Action, in PeriodMove, work func(m *moving) error) (Period, error) {
	in.Month = firstOfMonth(in.Month)
	if err := access.Can(in.By, right, access.Object{EntityID: int64(in.EntityID)}); err != nil {
		return Period{}, err
	}
	var after Period
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		m := moving{s: s, tx: tx, in: in}
		if err := m.lock(ctx); err != nil {
			return err
		}
		if err := work(&m); err != nil {
			return err
		}
		tx.Publish("periods")
		after = m.period
		return audit.RecordTx(ctx, tx, m.events...)
	})
	return after, err
}

func (m *moving) lock(ctx context.Context) error {
	var err error
	if m.entity, err = m.s.EntityByID(ctx, m.tx, m.in.EntityID); err != nil {
		return err
	}
	if _, err := m.tx.Exec(ctx, `select pg_advisory_xact_lock(period_key($1, $2))`, m.in.EntityID, m.in.Month); err != nil {
		return fmt.Errorf("lock period: %w", err)
	}
	if m.period, err = readPeriod(ctx, m.tx, m.in.EntityID, m.in.Month); err != nil {
		return err
	}
	if m.in.Version != 0 && m.in.Version != m.period.Version {
		return errs.New(ErrPeriodChanged.Kind, ErrPeriodChanged.Key,
			"month", monthOf(m.in.Month), "state", string(m.period.State), "by", m.period.ChangedByName)
	}
	return nil
}

// to moves the month on and lines up the event.
func (m *moving) to(ctx context.Context, state PeriodState, reopening *int64, what string, data map[string]any) error {
	before := m.period.State
	statement := `insert into periods (entity_id, month, state, changed_at, changed_by, changed_by_name, reason, reopening_id)
		values ($1, $2, $3, $4, $5, $6, $7, $8) returning ` + periodColumns
	if m.period.Version > 0 {
		statement = `update periods set state = $3, version = version + 1, changed_at = $4, changed_by = $5, changed_by_name = $6, reason = $7,
			reopening_id = $8 where entity_id = $1 and month = $2 returning ` + periodColumns
	}
	moved, err := db.One[Period](ctx, m.tx, statement,
		m.in.EntityID, m.in.Month, state, m.tx.Now(), m.in.By.UserID, m.in.By.Name, m.in.Reason, reopening)
	if err != nil {
		return fmt.Errorf("move period: %w", err)
	}
	m.period = moved
	m.note(what, data)
	m.events[len(m.events)-1].Data["from"], m.events[len(m.events)-1].Data["to"] = before, state
	return nil
}

func (m *moving) note(what string, data map[string]any) {
	if data == nil {
		data = map[string]any{}
	}
	data["month"] = monthOf(m.in.Month)
	if m.in.Reason != "" {
		data["reason"] = m.in.Reason
	}
	m.events = append(m.events, audit.Event{Stream: audit.Books(int64(m.in.EntityID)), By: m.in.By, What: what, Data: data})
}

func (m *moving) illegal(to PeriodState) error {
	return errs.New(ErrPeriodMove.Kind, ErrPeriodMove.Key, "month", monthOf(m.in.Month), "from", string(m.period.State), "to", string(to))
}

// isOver refuses a month that has not ended at the entity: what is still to come has nowhere else to go.
func (m *moving) isOver() error {
	if m.entity.Day(m.tx.Now()).Before(m.in.Month.AddDate(0, 1, 0)) {
		return errs.New(ErrPeriodNotOver.Kind, ErrPeriodNotOver.Key, "month", monthOf(m.in.Month))
	}
	return nil
}

const periodColumns = `entity_id, month, state, version, changed_at, changed_by, changed_by_name, reason`

func readPeriod(ctx context.Context, r db.Reader, entity EntityID, month time.Time) (Period, error) {
	p, err := db.One[Period](ctx, r, `select `+periodColumns+` from periods where entity_id = $1 and month = $2`, entity, month)
	if errors.Is(err, db.ErrNoRow) {
		return Period{EntityID: entity, Month: month, State: PeriodOpen}, nil
	}
	if err != nil {
		return p, fmt.Errorf("read period: %w", err)
	}
	return p, nil
}

func monthOf(day time.Time) string { return day.Format("2006-01") }
