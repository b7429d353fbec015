package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/cases/assignment"
	"makegood/internal/access"
	"makegood/internal/db"
)

// HandOut deals the cases that wait for somebody out by the rules of assignment, one after the other, so that each is dealt knowing
// what the one before it changed. It runs again and again: what it finds nobody for waits for the next time.
type HandOut struct{}

// Kind names the job.
func (HandOut) Kind() string { return "cases.hand_out" }

// Unique says that it waits once.
func (HandOut) Unique() bool { return true }

const (
	handOutEvery  = 15 * time.Second
	handedOutOnce = 200             // cases a run looks at
	tryAgainAfter = 5 * time.Minute // when nobody was found
)

func (s *Service) handOut(ctx context.Context, _ HandOut) error {
	if err := s.takeFromAway(ctx); err != nil {
		return err
	}
	waiting, err := db.Values[ID](ctx, s.db, `select case_id from cases_to_deal where tried_at is null or tried_at < $1
		order by tried_at nulls first, since, case_id limit $2`, s.db.Now().Add(-tryAgainAfter), handedOutOnce)
	if err != nil {
		return fmt.Errorf("find cases to deal: %w", err)
	}
	for _, id := range waiting {
		if err := s.dealOrPass(ctx, id); err != nil {
			return fmt.Errorf("deal case %d: %w", id, err)
		}
	}
	return nil
}

// dealOrPass deals one case. One that cannot be dealt waits for its next turn and holds up no other; what passes by itself ends the job,
// which is tried again.
func (s *Service) dealOrPass(ctx context.Context, id ID) error {
	err := s.deal(ctx, id)
	if err == nil || !passable(err) {
		return err
	}
	s.logger.ErrorContext(ctx, "deal case", "case", id, "error", err)
	return s.db.Do(ctx, func(tx *db.Tx) error { return triedToDeal(ctx, tx, id) })
}

func triedToDeal(ctx context.Context, tx *db.Tx, id ID) error {
	_, err := tx.Exec(ctx, `update cases_to_deal set tried_at = $2 where case_id = $1`, id, tx.Now())
	return err
}

// takeFromAway has the open cases of people who are away, or work here no more, dealt out. Until somebody is found for one it stays with
// whom it was. Who is away for a single day keeps theirs (covering.go).
func (s *Service) takeFromAway(ctx context.Context) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into cases_to_deal (case_id, since)
			select c.id, $1 from users u join cases c on c.assignee_id = u.id and c.status in ('new', 'open', 'waiting')
			where (not u.active or u.away and not `+backToday+`) and exists (select from assignment_rules where active)
				and not exists (select from cases_to_deal d where d.case_id = c.id) order by c.next_due_at, c.id limit $2
			on conflict (case_id) do nothing`, tx.Now(), handedOutOnce)
		if err != nil {
			return fmt.Errorf("take cases from who is away: %w", err)
		}
		return nil
	})
}

// queueDealing has new cases that nobody works on wait for the rules, if there are any.
func (all openings) queueDealing(b *pgx.Batch) {
	var ids []ID
	for _, o := range all.list {
		if o.c.AssigneeID == nil && o.c.Status.Active() && o.in.Brought == nil { // what is brought in thousands is given out by people
			ids = append(ids, o.c.ID)
		}
	}
	if len(ids) > 0 {
		b.Queue(`insert into cases_to_deal (case_id, since) select id, $2 from unnest($1::bigint[]) id
			where exists (select from assignment_rules where active)`, ids, all.tx.Now())
	}
}

// deal gives one case to whom the rules say. The rules are locked, so that cases are dealt one at a time over all copies of the program.
func (s *Service) deal(ctx context.Context, id ID) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		rules, err := db.List[AssignmentRule](ctx, tx, `select * from assignment_rules where active order by position, id for update`)
		if err != nil {
			return fmt.Errorf("read rules: %w", err)
		}
		_, err = s.changeTx(ctx, tx, id, access.SystemActor("assignment"), func(w *work) error {
			from, waits, err := w.waitsForSomebody(ctx)
			if err != nil {
				return err
			}
			if !waits || len(rules) == 0 {
				return w.dealt(ctx)
			}
			found, err := s.dealByRules(ctx, w, rules, from)
			if err != nil {
				return err
			}
			if found {
				return w.dealt(ctx)
			}
			return triedToDeal(ctx, tx, id)
		})
		return err
	})
}

// waitsForSomebody tells whether nobody who is there works on an active case, and the name of who is away.
func (w *work) waitsForSomebody(ctx context.Context) (from string, waits bool, err error) {
	switch {
	case !w.c.Status.Active():
		return "", false, nil
	case w.c.AssigneeID == nil:
		return "", true, nil
	}
	who, err := db.One[struct {
		Name string
		Away bool
	}](ctx, w.tx, `select u.name, not u.active or u.away and not `+backToday+` as away from users u where u.id = $2`, w.tx.Now(), *w.c.AssigneeID)
	if err != nil {
		return "", false, fmt.Errorf("read person: %w", err)
	}
	return who.Name, who.Away, nil
}

func (w *work) dealt(ctx context.Context) error {
	_, err := w.tx.Exec(ctx, `delete from cases_to_deal where case_id = $1`, w.c.ID)
	return err
}

// leavesDealing takes a case that is joined to another from those that wait for the rules, and tells whether it was among them.
func (w *work) leavesDealing(ctx context.Context) (bool, error) {
	n, err := w.tx.Exec(ctx, `delete from cases_to_deal where case_id = $1`, w.c.ID)
	if err != nil {
		return false, fmt.Errorf("take case from those to deal: %w", err)
	}
	return n > 0, nil
}

// waitsForDealing has a case wait for the rules again, if there are any.
func (w *work) waitsForDealing(ctx context.Context) error {
	if _, err := w.tx.Exec(ctx, `insert into cases_to_deal (case_id, since) select $1, $2 where exists (select from assignment_rules where active)
		on conflict (case_id) do nothing`, w.c.ID, w.tx.Now()); err != nil {
		return fmt.Errorf("let case be dealt: %w", err)
	}
	return nil
}

// dealByRules asks the rules in their order.
func (s *Service) dealByRules(ctx context.Context, w *work, rules []AssignmentRule, from string) (bool, error) {
	c, err := s.forRules(ctx, w)
	if err != nil {
		return false, err
	}
	for _, rule := range rules {
		if !rule.Match.Holds(c) {
			continue
		}
		agents, err := rule.agents(ctx, w)
		if err != nil {
			return false, err
		}
		to, ok := assignment.Choose(rule.How, c, agents, rule.LastUserID)
		if !ok {
			continue
		}
		if _, err := w.tx.Exec(ctx, `update assignment_rules set last_user_id = $2 where id = $1`, rule.ID, to); err != nil {
			return false, fmt.Errorf("remember whose turn it was: %w", err)
		}
		w.assign(&to, w.c.TeamID, "rule "+strconv.FormatInt(rule.ID, 10))
		n := Notice{UserID: to, CaseID: &w.c.ID, Key: "notice.dealt", Params: map[string]string{"number": w.c.Number, "rule": rule.Name}}
		if from != "" {
			n.Key, n.Params["from"] = "notice.handed_over", from
		}
		return true, insertNotice(ctx, w.tx, n)
	}
	return false, nil
}

// forRules is the case as rules see it.
func (s *Service) forRules(ctx context.Context, w *work) (assignment.Case, error) {
	c := assignment.Case{Type: string(w.c.Type), Topic: w.c.Topic, Language: w.c.Language, Entity: w.c.entity()}
	if w.c.CustomerID == nil {
		return c, nil
	}
	customer, err := s.billing.CustomerByID(ctx, w.tx, *w.c.CustomerID)
	if err != nil {
		return c, err
	}
	c.Account, c.Tier, c.Country, c.Region, c.SalesOwner = customer.Account, string(customer.Tier), customer.Country, customer.Region, customer.SalesOwner
	return c, nil
}

// agentRow is somebody a rule names, as far as dealing asks.
type agentRow struct {
	colleague

	Open, Capacity                      int
	Languages, Countries, Tiers, Topics []string
}

// agents are those a rule names who are there and may work the case. It never goes back to whom it is taken from.
func (rule AssignmentRule) agents(ctx context.Context, w *work) ([]assignment.Agent, error) {
	rows, err := db.List[agentRow](ctx, w.tx, `select u.id, u.name, u.roles, u.entity_ids, u.active, coalesce(t.capacity, 0) as capacity,
			coalesce(t.languages, '{}') as languages, coalesce(t.countries, '{}') as countries, coalesce(t.tiers, '{}') as tiers, coalesce(t.topics, '{}') as topics,
			(select count(*) from cases c where c.assignee_id = u.id and c.status in ('new', 'open', 'waiting')) as open
		from users u left join agent_terms t on t.user_id = u.id
		where u.active and not u.away and u.id is distinct from $3 and ($1::bigint is null or u.team_id = $1)
			and (u.id = any ($2) or cardinality($2::bigint[]) = 0 and u.roles && array['agent', 'senior'])
		order by u.id limit 500`, rule.TeamID, rule.UserIDs, w.c.AssigneeID)
	if err != nil {
		return nil, fmt.Errorf("read who is there: %w", err)
	}
	rows = slices.DeleteFunc(rows, func(a agentRow) bool { return a.canTake(w.c) != nil })
	list := make([]assignment.Agent, len(rows))
	for n, a := range rows {
		list[n] = assignment.Agent{
			ID: a.ID, Open: a.Open, Capacity: a.Capacity, Languages: a.Languages, Countries: a.Countries, Tiers: a.Tiers, Topics: a.Topics,
		}
	}
	return list, nil
}
