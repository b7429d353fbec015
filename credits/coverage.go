package credits

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits/authority"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Coverage is what nobody could decide as things are, before anybody runs into it.
type Coverage struct {
	Orphans   []Row       // pending requests that nobody who is there may decide
	Uncovered []Uncovered // amounts that nobody could approve
	Alone     []Alone     // levels that stand still when one person is away
}

// Empty tells that there is nothing to mend.
func (c Coverage) Empty() bool { return len(c.Orphans)+len(c.Uncovered)+len(c.Alone) == 0 }

// Uncovered says that in a legal entity nobody could approve what of a kind is over an amount in billing.AuthorityCurrency; zero
// is anything at all. Rule names the rule of the policy, or what a limit or a holder is narrowed by, where only such requests are meant;
// Requester the holder of a level, where only what they ask for is.
type Uncovered struct {
	Kind        billing.Kind
	EntityID    int64
	Entity      string
	Over        decimal.Decimal
	Rule        string
	RequesterID int64
	Requester   string
}

// Alone is a level with just as many people there as must sign, so that each of them is missed. Of nobody at all it is not said
// here: their amounts go up, or are uncovered.
type Alone struct {
	Level  string
	Entity string
	Place  string // for customers of which region, or for what which team asks; empty where it is anything
	People []string
}

// books is a legal entity as coverage looks at it, with the regions of its customers and the teams there are people in; team 0 is none.
type books struct {
	ID      int64
	Code    string
	Regions []string
	Teams   []crew
}

// crew is a team of people who ask.
type crew struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Coverage looks for pending requests nobody can decide, amounts nobody can approve, and holders without somebody in their place.
func (s *Service) Coverage(ctx context.Context, by access.Actor) (Coverage, error) {
	if err := access.Can(by, access.ReadCredits, access.Object{}); err != nil {
		return Coverage{}, err
	}
	return s.coverage(ctx, s.db, by.EntityIDs)
}

func (s *Service) coverage(ctx context.Context, r db.Reader, scope []int64) (Coverage, error) {
	var c Coverage
	pending, err := rows(ctx, r, `where r.state = 'pending' and (cardinality($1::bigint[]) = 0 or r.entity_id = any ($1)) order by r.submitted_at, r.id`, orNone(scope))
	if err != nil {
		return c, err
	}
	requests := make([]Request, len(pending))
	for i, row := range pending {
		requests[i] = row.Request
	}
	steps, ids, err := stepsOfEach(ctx, r, requests)
	if err != nil {
		return c, err
	}
	ro, err := s.readRoster(ctx, r, ids...)
	if err != nil {
		return c, err
	}
	if c.Orphans, err = ro.orphans(pending, steps, r.Now()); err != nil {
		return c, err
	}
	entities, err := db.List[books](ctx, r, `select e.id, e.code,
			array(select distinct coalesce(nullif(c.region, ''), c.country) from customers c where c.entity_id = e.id order by 1) as regions,
			coalesce((select jsonb_agg(distinct jsonb_build_object('id', coalesce(t.id, 0), 'name', coalesce(t.name, '')))
				from users u left join teams t on t.id = u.team_id where u.active), '[]') as teams
		from legal_entities e where cardinality($1::bigint[]) = 0 or e.id = any ($1) order by e.code`, orNone(scope))
	if err != nil {
		return c, fmt.Errorf("list legal entities: %w", err)
	}
	for _, entity := range entities {
		uncovered, err := ro.uncovered(entity, r.Now())
		if err != nil {
			return c, err
		}
		c.Uncovered = append(c.Uncovered, uncovered...)
		c.Alone = append(c.Alone, ro.alone(entity, r)...)
	}
	return c, nil
}

func (ro roster) orphans(pending []Row, steps map[ID][]Step, now time.Time) ([]Row, error) {
	var list []Row
	for _, row := range pending {
		route, err := ro.route(row.Request, steps[row.ID], now)
		if err != nil {
			return nil, fmt.Errorf("look at %s: %w", row.Number, err)
		}
		if route.orphan {
			list = append(list, row)
		}
	}
	return list, nil
}

// steps are the amounts of a kind at which limits end, lowest first, and one beyond the highest.
func (ro roster) steps(kind billing.Kind) []decimal.Decimal {
	list := ro.limitsOf(kind)
	slices.SortFunc(list, decimal.Decimal.Cmp)
	list = slices.CompactFunc(list, decimal.Decimal.Equal)
	cent := decimal.New(1, -billing.AuthorityCurrency.Digits())
	if len(list) == 0 {
		return []decimal.Decimal{cent}
	}
	return append(list, list[len(list)-1].Add(cent))
}

// alone lists the levels of which nobody may be missed, and for whom nobody stands in.
func (ro roster) alone(entity books, r db.Reader) []Alone {
	holders := ro.authorityHolders(entity.ID, r.Now())
	var list []Alone
	for _, level := range ro.levels {
		known := len(list)
		for _, p := range ro.origins(entity) {
			there, stood := ro.thereFor(level, holders, p.asked(entity.ID), r.Now())
			said := slices.ContainsFunc(list[known:], func(a Alone) bool { return slices.Equal(a.People, there) })
			if len(there) > 0 && len(there) <= level.Signatures && !stood && !said {
				list = append(list, Alone{Level: level.Name, Entity: strings.TrimSpace(entity.Code), Place: p.name, People: there})
			}
		}
	}
	return list
}

// thereFor lists who is there at a level for what is asked, each once, and tells whether somebody stands in for one of them.
func (ro roster) thereFor(level Level, holders []authority.Holder, asked authority.Request, now time.Time) (there []string, stood bool) {
	seen := map[int64]bool{}
	for _, h := range holders {
		if h.LevelID != level.ID || !h.Active || seen[h.UserID] || !h.Covers(asked) {
			continue
		}
		seen[h.UserID] = true
		there = append(there, h.UserName)
		stood = stood || ro.backed(h.UserID, level, asked.EntityID, now)
	}
	return there, stood
}

// backed tells whether everything that a level may decide in a legal entity could be decided now by those who stand in for a holder.
func (ro roster) backed(holder int64, level Level, entity int64, now time.Time) bool {
	return !slices.ContainsFunc(level.Limits, func(l Limit) bool {
		return (l.EntityID == 0 || l.EntityID == entity) && !slices.ContainsFunc(ro.delegations, func(d Delegation) bool {
			reaches := d.MaxAmount == nil || l.MaxAmount != nil && !l.MaxAmount.GreaterThan(*d.MaxAmount)
			return d.FromID == holder && reaches && d.covers(l.Kind, entity) && d.ToActive && !d.ToAway && inScope(d.ToSees, entity) && !d.FromAt.After(now)
		})
	})
}

// gaps names what is found, to tell whether it changed. Holders without backup are on screen, not news of the night.
func (c Coverage) gaps() []string {
	list := []string{}
	for _, row := range c.Orphans {
		list = append(list, row.Number)
	}
	for _, u := range c.Uncovered {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s over %s %s %s", u.Entity, u.Kind, u.Over, u.Rule, u.Requester)))
	}
	return list
}

// checkCoverage tells those who manage authority when something nobody could decide came up, or another than before.
func (s *Service) checkCoverage(ctx context.Context, _ CheckCoverage) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('authority coverage', 0))`); err != nil {
			return fmt.Errorf("check coverage: %w", err)
		}
		found, err := s.coverage(ctx, tx, nil)
		if err != nil {
			return err
		}
		gaps := found.gaps()
		last, err := db.Values[[]string](ctx, tx, `select gaps from authority_coverage order by id desc limit 1`)
		if err != nil {
			return fmt.Errorf("read last coverage: %w", err)
		}
		if len(last) == 1 && slices.Equal(last[0], gaps) || len(last) == 0 && len(gaps) == 0 {
			return nil
		}
		if _, err := tx.Exec(ctx, `insert into authority_coverage (checked_at, gaps) values ($1, $2)`, tx.Now(), gaps); err != nil {
			return fmt.Errorf("keep coverage: %w", err)
		}
		if len(gaps) == 0 {
			return nil
		}
		return s.tellManagersTx(ctx, tx, len(gaps))
	})
}

func (s *Service) tellManagersTx(ctx context.Context, tx *db.Tx, gaps int) error {
	users, err := db.Values[int64](ctx, tx, `select id from users where active and roles && array['controller','director','admin'] order by id`)
	if err != nil {
		return fmt.Errorf("find who manages authority: %w", err)
	}
	for _, user := range users {
		notice := cases.Notice{UserID: user, Key: "notice.authority_gaps", Params: errs.Params{"count": fmt.Sprint(gaps)}}
		if err := s.cases.NotifyTx(ctx, tx, notice); err != nil {
			return err
		}
	}
	return nil
}
