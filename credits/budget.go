package credits

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// Budget is how much goodwill a team may give in a month and how much of it is used, in billing.AuthorityCurrency and with
// tax, as limits are. Given counts what is posted and not taken back, Pending what waits to be decided or posted.
type Budget struct {
	TeamID    int64
	TeamName  string
	Month     time.Time
	Set       bool // false: the team has no budget that month
	Amount    decimal.Decimal
	Given     decimal.Decimal
	Pending   decimal.Decimal
	Requests  int
	Version   int // of the month's own figure; 0 for none
	SetAt     *time.Time
	SetByName string
	EachFrom  *time.Time // it is the figure of each month from that one on; nil: the month's own
	// Each is the figure of each month that begins with this one, EachVersion its version, also one that says there is none; nil and 0 where
	// none begins here.
	Each        *decimal.Decimal
	EachVersion int
}

// Used is what of it is given or asked for.
func (b Budget) Used() decimal.Decimal { return b.Given.Add(b.Pending) }

// Left is what may still be asked for without one level more; below zero when more was given.
func (b Budget) Left() decimal.Decimal { return b.Amount.Sub(b.Used()) }

// Over tells whether a further amount goes over it.
func (b Budget) Over(more decimal.Decimal) bool {
	return b.Set && b.Used().Add(more).GreaterThan(b.Amount)
}

// ErrBudgetChanged is returned when a budget was changed by somebody else meanwhile, ErrNoTeam for a team there is not.
var (
	ErrBudgetChanged = errs.New(errs.Conflict, "credits.budget_changed")
	ErrNoTeam        = errs.New(errs.NotFound, "credits.no_team")
)

// SetBudget sets a team's budget of a month; the zero Month is this one. With Each it is that of every month from this one on, until another
// such begins, and a month's own figure goes before it; with Ends there is none from this one on. Version is that of the figure it replaces
// (Budget.Version, with Each or Ends Budget.EachVersion), 0 for none.
type SetBudget struct {
	TeamID  int64
	Month   time.Time
	Amount  decimal.Decimal
	Each    bool
	Ends    bool
	Version int
	By      access.Actor
}

// SetBudget changes how much goodwill a team may give in a month, or in each month, for a controller or a director. Requests under way keep
// the chain they have. A retired team gets no new one, but may have what repeats ended.
func (s *Service) SetBudget(ctx context.Context, in SetBudget) (Budget, error) {
	if err := access.Can(in.By, access.ManageBudgets, access.Object{}); err != nil {
		return Budget{}, err
	}
	if err := access.Proven(in.By); err != nil {
		return Budget{}, err
	}
	if in.Amount.IsNegative() || !in.Amount.Equal(in.Amount.Round(billing.AuthorityCurrency.Digits())) {
		return Budget{}, errs.InvalidField("amount", "billing.bad_amount")
	}
	month := monthOf(in.Month)
	if in.Month.IsZero() {
		month = monthOf(s.db.Now())
	}
	var set Budget
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := db.Value[int64](ctx, tx, `select t.id from teams t where t.id = $1
			and (t.retired_at is null or $3 or exists (select from concession_budgets b where b.team_id = t.id and b.month = $2))`, in.TeamID, month, in.Ends); errors.Is(err, db.ErrNoRow) {
			return ErrNoTeam
		} else if err != nil {
			return err
		}
		var err error
		set, err = in.setTx(ctx, tx, month)
		return err
	})
	return set, err
}

func (in SetBudget) setTx(ctx context.Context, tx *db.Tx, month time.Time) (Budget, error) {
	if err := lockBudgetTx(ctx, tx, in.TeamID, month); err != nil {
		return Budget{}, err
	}
	before, err := readBudget(ctx, tx, in.TeamID, month, 0)
	if err != nil {
		return before, err
	}
	each := in.Each || in.Ends
	if each && before.EachVersion != in.Version || !each && before.Version != in.Version {
		return before, ErrBudgetChanged
	}
	statement := `insert into concession_budgets as b (team_id, month, amount, set_at, set_by, set_by_name) values ($1, $2, $3, $4, $5, $6)
		on conflict (team_id, month) do update`
	amount := &in.Amount
	if each {
		statement = `insert into concession_budget_series as b (team_id, from_month, amount, set_at, set_by, set_by_name) values ($1, $2, $3, $4, $5, $6)
			on conflict (team_id, from_month) do update`
	}
	if in.Ends {
		amount = nil
	}
	if _, err := tx.Exec(ctx, statement+` set amount = excluded.amount, version = b.version + 1, set_at = excluded.set_at, set_by = excluded.set_by,
			set_by_name = excluded.set_by_name`, in.TeamID, month, amount, tx.Now(), in.By.UserID, in.By.Name); err != nil {
		return before, fmt.Errorf("set budget: %w", err)
	}
	set, err := readBudget(ctx, tx, in.TeamID, month, 0)
	if err != nil {
		return set, err
	}
	return set, audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: "concession_budget.changed", Data: map[string]any{
		"team": set.TeamName, "month": month.Format("2006-01"), "before": before.Amount.String(), "had_one": before.Set,
		"after": in.Amount.String(), "currency": billing.AuthorityCurrency, "each_month": in.Each, "ends": in.Ends,
	}})
}

// EachMonth is what a team may give in each month from one on; a nil Amount is that it has none from then on.
type EachMonth struct {
	TeamID    int64
	TeamName  string
	FromMonth time.Time
	Amount    *decimal.Decimal
	Version   int
}

// EachMonths lists what teams may give in each month: what repeats now, and what begins later, by team and month.
func (s *Service) EachMonths(ctx context.Context, by access.Actor) ([]EachMonth, error) {
	if err := access.Can(by, access.ReadCredits, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[EachMonth](ctx, s.db, `select s.team_id, t.name as team_name, s.from_month, s.amount, s.version from concession_budget_series s join teams t on t.id = s.team_id
		where s.from_month >= coalesce((select max(n.from_month) from concession_budget_series n where n.team_id = s.team_id and n.from_month <= $1), s.from_month)
		order by t.name, t.id, s.from_month`, monthOf(s.db.Now()))
	if err != nil {
		return nil, fmt.Errorf("list budgets of each month: %w", err)
	}
	return list, nil
}

// Budgets lists every team in use, and a retired one that has one, with its budget of a month and what of it is used, by name.
func (s *Service) Budgets(ctx context.Context, month time.Time, by access.Actor) ([]Budget, error) {
	if err := access.Can(by, access.ReadCredits, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[Budget](ctx, s.db, budgetOf+` and (t.retired_at is null or b.team_id is not null) order by t.name, t.id`, monthOf(month), 0, 0)
	if err != nil {
		return nil, fmt.Errorf("list budgets: %w", err)
	}
	return list, nil
}

// budgetOf reads budgets of the month $1, of one team ($2) or all, without what the request $3 uses of it.
const budgetOf = `select t.id as team_id, t.name as team_name, $1::date as month, b.team_id is not null as set, coalesce(b.amount, 0) as amount,
		coalesce(u.given, 0) as given, coalesce(u.pending, 0) as pending, coalesce(u.requests, 0) as requests,
		coalesce(b.version, 0) as version, b.set_at, coalesce(b.set_by_name, '') as set_by_name,
		b.each_from, s.amount as each, coalesce(s.version, 0) as each_version
	from teams t left join concession_budgets_between($1::date, $1::date) b on b.team_id = t.id
	left join concession_budget_series s on s.team_id = t.id and s.from_month = $1
	left join lateral (select sum(x.amount) filter (where r.state = 'posted') as given, sum(x.amount) filter (where r.state <> 'posted') as pending,
			count(*)::int as requests
		from concession_budget_uses x join credit_requests r on r.id = x.credit_request_id
		where x.team_id = t.id and x.month = $1 and r.id <> $3 and r.state in ` + countingStates + `
			and not exists (select from reversals v where v.document_kind = r.document_kind and v.document_id = r.document_id)) u on true
	where ($2::bigint = 0 or t.id = $2)`

func readBudget(ctx context.Context, r db.Reader, team int64, month time.Time, except ID) (Budget, error) {
	list, err := db.List[Budget](ctx, r, budgetOf, month, team, except)
	if err != nil {
		return Budget{}, fmt.Errorf("read budget: %w", err)
	}
	if len(list) == 0 {
		return Budget{}, nil
	}
	return list[0], nil
}

// lockBudgetTx makes submissions against one budget wait for one another, of a month's own or of what repeats. It is taken after the families.
func lockBudgetTx(ctx context.Context, tx *db.Tx, team int64, month time.Time) error {
	own, err := db.Values[int64](ctx, tx, `select team_id from concession_budgets where team_id = $1 and month = $2 for update`, team, month)
	if err == nil && len(own) == 0 {
		_, err = tx.Exec(ctx, `select from concession_budget_series where team_id = $1 and from_month <= $2 order by from_month desc limit 1 for update`, team, month)
	}
	if err != nil {
		return fmt.Errorf("lock budget: %w", err)
	}
	return nil
}

// readBudget finds the budget that a concession would use: of the requester's team, this month. Inside a submission it is
// locked until that commits.
func (p *proposal) readBudget(ctx context.Context, r db.Reader, id ID) error {
	if p.in.Kind != billing.Concession || p.requester() == 0 {
		return nil
	}
	teams, err := db.Values[int64](ctx, r, `select team_id from users where id = $1 and team_id is not null`, p.requester())
	if err != nil {
		return fmt.Errorf("find team: %w", err)
	}
	if len(teams) == 0 {
		return nil
	}
	month := monthOf(r.Now())
	if tx, writing := r.(*db.Tx); writing {
		if err := lockBudgetTx(ctx, tx, teams[0], month); err != nil {
			return err
		}
	}
	p.budget, err = readBudget(ctx, r, teams[0], month, id)
	return err
}

// overBudget warns where the team's budget does not reach, so that one level more decides.
func (p *proposal) overBudget() []Warning {
	if !p.budget.Over(p.amount) {
		return nil
	}
	show := func(d decimal.Decimal) string { return money.Of(d, billing.AuthorityCurrency).String() }
	used := warning(BudgetUsedUp, []Behind{{
		Kind: BehindBudget, ID: p.budget.TeamID, Number: p.budget.Month.Format("2006-01"), Text: p.budget.TeamName, Amount: p.budget.Used(), Currency: billing.AuthorityCurrency,
	}}, "team", p.budget.TeamName, "month", p.budget.Month.Format("2006-01"),
		"used", show(p.budget.Used()), "budget", show(p.budget.Amount), "amount", show(p.amount))
	if p.budget.EachFrom != nil {
		used.Key += "_each"
		used.Params["since"] = p.budget.EachFrom.Format("2006-01")
	}
	return []Warning{used}
}

// useBudgetTx notes in which team's month a concession counts from now on.
func (p *proposal) useBudgetTx(ctx context.Context, tx *db.Tx, id ID) error {
	if p.budget.TeamID == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `insert into concession_budget_uses (credit_request_id, team_id, month, amount) values ($1, $2, $3, $4)
		on conflict (credit_request_id) do update set team_id = excluded.team_id, month = excluded.month, amount = excluded.amount`,
		id, p.budget.TeamID, p.budget.Month, p.amount)
	if err != nil {
		return fmt.Errorf("use budget: %w", err)
	}
	return nil
}

func monthOf(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC) }
