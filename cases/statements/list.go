package statements

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/billing"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
)

// Row is a sending in a list, with how its mail fared.
type Row struct {
	Sending
	Account   string
	Name      string // of the customer
	UserName  string // "" where no person sent it
	ToAddress string
	State     inbox.OutgoingState // "" for who was left out
	NotBefore *time.Time
	SentAt    *time.Time
	Error     string // the server's words, where it did not arrive
}

// Waits tells whether the mail has not left yet.
func (r Row) Waits() bool { return r.State == inbox.Queued || r.State == inbox.Stopped }

const readRows = `select s.*, c.account, c.name, coalesce(u.name, '') as user_name, coalesce(m.to_address, '') as to_address, coalesce(m.state, '') as state, m.not_before, m.sent_at,
		coalesce(m.error, '') as error
	from statement_sendings s join customers c on c.id = s.customer_id left join users u on u.id = s.user_id left join outgoing_messages m on m.id = s.outgoing_message_id `

// Mailed lists the statements that were sent to a customer, or why not, the latest first.
func (s *Service) Mailed(ctx context.Context, r db.Reader, customer billing.CustomerID, limit int) ([]Row, error) {
	list, err := db.List[Row](ctx, r, readRows+`where s.customer_id = $1 order by s.id desc limit $2`, customer, limit)
	if err != nil {
		return nil, fmt.Errorf("list mailed statements: %w", err)
	}
	return list, nil
}

// Query asks for the round of a month: those left out alone, or all. After is the id of the last row of the page before.
type Query struct {
	By      access.Actor
	Entity  string    // its code
	Month   time.Time // any day of it; zero is this month
	LeftOut bool
	After   int64
	Limit   int // 0 means 50, at most 200
}

// Month is the round of a legal entity's month.
type Month struct {
	EntityID billing.EntityID
	Month    time.Time
	Sent     int
	LeftOut  map[LeftOut]int
	BeganAt  *time.Time // nil: there was none, or not yet
	EndedAt  *time.Time
	Rows     []Row
	Next     int64 // 0 on the last page
}

const (
	usualPage   = 50
	longestPage = 200
)

// Of reads a month's round, by id of what was sent, for whoever may read the books of the legal entity.
func (s *Service) Of(ctx context.Context, r db.Reader, q Query) (Month, error) {
	entity, err := s.entityOf(ctx, r, q.By, q.Entity, access.ReadBooks)
	if err != nil {
		return Month{}, err
	}
	if q.Month.IsZero() {
		q.Month = entity.Day(r.Now())
	}
	m := Month{EntityID: entity.ID, Month: billing.Date(q.Month).AddDate(0, 0, 1-q.Month.Day()), LeftOut: map[LeftOut]int{}}
	counts, err := db.List[struct {
		LeftOut LeftOut
		Count   int
	}](ctx, r, `select left_out, count(*)::int as count from statement_sendings where entity_id = $1 and month = $2 group by left_out`, entity.ID, m.Month)
	if err != nil {
		return m, fmt.Errorf("count statements of month: %w", err)
	}
	for _, c := range counts {
		if m.LeftOut[c.LeftOut] = c.Count; c.LeftOut == "" {
			m.Sent = c.Count
			delete(m.LeftOut, "")
		}
	}
	rounds, err := db.List[struct{ BeganAt, EndedAt *time.Time }](ctx, r, `select began_at, ended_at from statement_rounds where entity_id = $1 and month = $2`, entity.ID, m.Month)
	if err != nil {
		return m, fmt.Errorf("read round of statements: %w", err)
	}
	for _, one := range rounds {
		m.BeganAt, m.EndedAt = one.BeganAt, one.EndedAt
	}
	if q.Limit <= 0 {
		q.Limit = usualPage
	}
	q.Limit = min(q.Limit, longestPage)
	m.Rows, err = db.List[Row](ctx, r, readRows+`where s.entity_id = $1 and s.month = $2 and s.id > $3 and (not $4 or s.left_out <> '') order by s.id limit $5`,
		entity.ID, m.Month, q.After, q.LeftOut, q.Limit+1)
	if err != nil {
		return m, fmt.Errorf("list statements of month: %w", err)
	}
	if len(m.Rows) > q.Limit {
		m.Rows = m.Rows[:q.Limit]
		m.Next = m.Rows[q.Limit-1].ID
	}
	return m, nil
}

// MailedAs reads one statement that was mailed, as it fared, for whoever may send the customer statements; ErrNoSending when there is none.
func (s *Service) MailedAs(ctx context.Context, by access.Actor, account string, mail inbox.OutgoingID) (Row, error) {
	customer, err := s.customer(ctx, s.DB, by, account)
	if err != nil {
		return Row{}, err
	}
	row, err := db.One[Row](ctx, s.DB, readRows+`where s.customer_id = $1 and s.outgoing_message_id = $2`, customer.ID, mail)
	if errors.Is(err, db.ErrNoRow) {
		return Row{}, ErrNoSending
	}
	if err != nil {
		return Row{}, fmt.Errorf("read mailed statement: %w", err)
	}
	return row, nil
}
