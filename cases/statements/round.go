package statements

import (
	"context"
	"fmt"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/jobs"
)

// Look asks whether a month's statements are due.
type Look struct{}

// Kind names the job.
func (Look) Kind() string { return "statements.look" }

// Round asks for the statements of a legal entity's month to the customers behind one of them. Where the round has come further, or is
// over, it does nothing.
type Round struct {
	EntityID billing.EntityID   `json:"entity_id"`
	Month    string             `json:"month"` // 2026-11
	After    billing.CustomerID `json:"after"`
}

// Kind names the job.
func (Round) Kind() string { return "statements.round" }

// Unique says that a part of a round needs one job.
func (Round) Unique() bool { return true }

// Takes is how long a part may take: each customer's papers are drawn in it.
func (Round) Takes() time.Duration { return 10 * time.Minute }

const (
	// atOnce is how many customers one job looks at; the next takes up the rest.
	atOnce = 100
	// tooLate is how long after its day a month's round still begins, such as when the program was away.
	tooLate = 7 * 24 * time.Hour
	// stalled is how long a round may stand before its job counts as lost.
	stalled = 30 * time.Minute
	// months is how many months are looked at: one's day may have passed while nothing ran.
	months = 2
)

// look begins the rounds that are due, and has those go on whose job is gone.
func (s *Service) look(ctx context.Context, _ Look) error {
	rules, err := db.List[Rule](ctx, s.DB, `select entity_id, active, on_day, since_on, version from statement_rules where active order by entity_id`)
	if err != nil {
		return fmt.Errorf("read rules of statements: %w", err)
	}
	for _, rule := range rules {
		entity, err := s.Billing.EntityByID(ctx, s.DB, rule.EntityID)
		if err != nil {
			return fmt.Errorf("read entity: %w", err)
		}
		today := entity.Day(s.DB.Now())
		first := today.AddDate(0, 0, 1-today.Day())
		for back := range months {
			month := first.AddDate(0, -back, 0)
			due := rule.dueOn(month)
			if today.Before(due) || today.Sub(due) > tooLate || rule.SinceOn != nil && due.Before(*rule.SinceOn) {
				continue
			}
			if err := s.begin(ctx, rule.EntityID, month); err != nil {
				return err
			}
		}
	}
	return s.goOn(ctx)
}

// begin begins a month's round, once.
func (s *Service) begin(ctx context.Context, entity billing.EntityID, month time.Time) error {
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `insert into statement_rounds (entity_id, month, began_at, moved_at) values ($1, $2, $3, $3) on conflict do nothing`, entity, month, tx.Now())
		if err != nil {
			return fmt.Errorf("begin round of statements: %w", err)
		}
		if n == 0 {
			return nil
		}
		return tx.Enqueue(ctx, Round{EntityID: entity, Month: month.Format("2006-01")})
	})
}

// goOn has rounds go on that stand still.
func (s *Service) goOn(ctx context.Context) error {
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		list, err := db.List[Round](ctx, tx, `select entity_id, to_char(month, 'YYYY-MM') as month, after_customer as after from statement_rounds
			where ended_at is null and moved_at < $1 order by moved_at limit $2`, tx.Now().Add(-stalled), atOnce)
		if err != nil {
			return fmt.Errorf("find rounds that stand still: %w", err)
		}
		for _, one := range list {
			if err := tx.Enqueue(ctx, one); err != nil {
				return err
			}
		}
		return nil
	})
}

// round sends a part of a month's statements. Each customer's is a transaction of its own, found again when the job runs twice.
func (s *Service) round(ctx context.Context, job Round) error {
	month, err := time.Parse("2006-01", job.Month)
	if err != nil {
		return fmt.Errorf("read month of round: %w", err)
	}
	stands, err := db.Value[bool](ctx, s.DB, `select exists (select from statement_rounds where entity_id = $1 and month = $2 and after_customer = $3 and ended_at is null)`,
		job.EntityID, month, job.After)
	if err != nil || !stands {
		return err
	}
	// Whoever is switched off meanwhile gets nothing more: neither a customer nor, with its rule, a legal entity.
	ids, err := db.Values[billing.CustomerID](ctx, s.DB, `select w.customer_id from statement_readers w join statement_rules r on r.entity_id = w.entity_id and r.active
		where w.entity_id = $1 and w.wanted and w.customer_id > $2 and exists (select from open_items o where o.customer_id = w.customer_id and o.open > 0)
		order by w.customer_id limit $3`, job.EntityID, job.After, atOnce)
	if err != nil {
		return fmt.Errorf("find who gets statements: %w", err)
	}
	for _, id := range ids {
		if err := s.toOne(ctx, id, month); err != nil {
			return err
		}
	}
	return s.move(ctx, job, month, ids)
}

// move writes down how far a round has come, and has it go on.
func (s *Service) move(ctx context.Context, job Round, month time.Time, done []billing.CustomerID) error {
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		next := job
		if len(done) > 0 {
			next.After = done[len(done)-1]
		}
		over := len(done) < atOnce
		n, err := tx.Exec(ctx, `update statement_rounds set after_customer = $4, moved_at = $5, ended_at = case when $6 then $5::timestamptz end
			where entity_id = $1 and month = $2 and after_customer = $3 and ended_at is null`, job.EntityID, month, job.After, next.After, tx.Now(), over)
		if err != nil {
			return fmt.Errorf("move round of statements: %w", err)
		}
		if n == 0 || over {
			return nil
		}
		return tx.Enqueue(ctx, next)
	})
}

// toOne sends a customer the statement of a month, or writes down why not.
func (s *Service) toOne(ctx context.Context, id billing.CustomerID, month time.Time) error {
	o := order{by: access.SystemActor("statements.round"), month: &month}
	had, err := db.Value[bool](ctx, s.DB, `select exists (select from statement_sendings where customer_id = $1 and month = $2)`, id, month)
	if err != nil || had {
		return err
	}
	customer, err := s.Billing.CustomerByID(ctx, s.DB, id)
	if err != nil {
		return fmt.Errorf("read customer: %w", err)
	}
	reader, err := s.ReaderOf(ctx, s.DB, id)
	if err != nil {
		return err
	}
	people, err := s.people(ctx, s.DB, id)
	if err != nil {
		return err
	}
	to, why := choose(people, wished(Input{}, reader))
	if why != "" {
		return s.leaveOut(ctx, customer, why, o)
	}
	p, err := s.periodOf(ctx, Input{}, customer)
	if err != nil {
		return err
	}
	p.from = p.to.AddDate(0, -1, 1-p.to.Day()) // the whole month before, and this one so far
	d, err := s.draft(ctx, customer, p, to)
	if err == nil {
		_, err = s.post(ctx, d, o)
	}
	if err != nil && jobs.Final(err) { // one whose statement cannot be made keeps nobody else from theirs
		s.logger.ErrorContext(ctx, "statement not drawn", "customer", int64(id), "error", err.Error())
		return s.leaveOut(ctx, customer, NotDrawn, o)
	}
	return err
}

// leaveOut writes down, once, why a customer gets no statement of a month.
func (s *Service) leaveOut(ctx context.Context, customer billing.Customer, why LeftOut, o order) error {
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		before, err := earlierTx(ctx, tx, customer.ID, o)
		if err != nil || before != nil {
			return err
		}
		_, err = keepTx(ctx, tx, customer, Sending{LeftOut: why}, o)
		return err
	})
}
