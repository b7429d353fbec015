package reports

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"

	"makegood/billing/figures"
	"makegood/internal/db"
)

// factRows joins a fact's rows with their cases and narrows them. A column of the fact itself stands before the case's.
const factRows = `, rows as (
	select f.id, f.at, f.seconds, f.good, coalesce(f.part, '') as part, coalesce(f.amount, 0) as amount, f.score, coalesce(f.note, '') as note, f.case_id, f.reason, coalesce(f.decider, '') as decider, coalesce(f.level, '') as level,
		coalesce(f.number, c.number) as number, coalesce(c.number, '') as case_number, coalesce(c.subject, '') as subject, coalesce(c.status, '') as status,
		coalesce(c.topic, '') as topic, coalesce(c.type, '') as type, coalesce(f.priority, c.priority, '') as priority,
		coalesce(u.id, 0) as agent_id, coalesce(u.name, '') as agent, coalesce(t.id, 0) as team_id, coalesce(t.name, '') as team,
		coalesce(p.name, '') as policy, coalesce(k.account, '') as account, coalesce(k.name, '') as customer, coalesce(k.tier, '') as tier,
		coalesce(k.country, '') as country, coalesce(e.code, '') as entity, coalesce(z.code, '') as cause, coalesce(z.name, '') as cause_name
	from fact f left join cases c on c.id = f.case_id
	left join customers k on k.id = coalesce(f.customer_id, c.customer_id) left join legal_entities e on e.id = coalesce(f.entity_id, c.entity_id)
	left join users u on u.id = coalesce(f.who, c.assignee_id) left join teams t on t.id = coalesce(c.team_id, u.team_id)
	left join sla_policies p on p.id = coalesce(f.policy_id, c.policy_id) left join root_causes z on z.id = coalesce(f.cause_id, c.root_cause_id)
	where (cardinality($4::bigint[]) = 0 or coalesce(f.entity_id, c.entity_id) = any ($4) or ($5::boolean and coalesce(f.entity_id, c.entity_id) is null))
		and ($6::bigint = 0 or t.id = $6) and ($7::bigint = 0 or u.id = $7) and ($8::text = '' or k.tier = $8) and ($9::text = '' or c.topic = $9)
		and ($10::text = '' or c.type = $10) and ($11::text = '' or coalesce(f.priority, c.priority) = $11) and ($12::text = '' or p.name = $12)
		and ($13::text = '' or f.reason = $13 or (f.reason is null and exists (select from dispute_lines d where d.case_id = f.case_id and d.reason_code = $13)))
		and ($14::text = '' or z.code = $14) and ($15::text = '' or k.account = $15) and ($16::text = '' or f.part = $16)
		and $1::timestamptz is not null and $2::timestamptz is not null and $3::timestamptz is not null)`

// claims tells a row once for each reason: its own, or those of its case's dispute lines.
const claims = ` left join lateral (select r.reason as code where r.reason is not null
		union select d.reason_code from dispute_lines d where r.reason is null and d.case_id = r.case_id) q on true`

// columns are the key and the name of a way, and what must be joined for it.
func (w Way) columns() (key, name, join string) {
	switch w {
	case ByPart:
		return "r.part", "r.part", ""
	case ByAgent:
		return "r.agent_id::text", "r.agent", ""
	case ByTeam:
		return "r.team_id::text", "r.team", ""
	case ByEntity, ByTier, ByTopic, ByType, ByPriority, ByPolicy, ByCountry:
		return "r." + string(w), "r." + string(w), ""
	case ByDecider, ByLevel:
		column := map[Way]string{ByDecider: "r.decider", ByLevel: "r.level"}[w]
		return column, column, ""
	case ByCustomer:
		return "r.account", "r.customer", ""
	case ByClaim:
		return "coalesce(q.code, '')", "coalesce((select x.name from reason_codes x where x.code = q.code), '')", claims
	case ByCause:
		return "r.cause", "r.cause_name", ""
	case ByDay, ByWeek, ByMonth:
		day := "to_char(date_trunc('" + string(w) + "', r.at at time zone 'UTC'), 'YYYY-MM-DD')"
		return day, day, ""
	case ByAll:
	}
	return "''", "''", ""
}

func (p stretch) args(now time.Time, more ...any) []any {
	f := p.WorkFilter
	return append([]any{
		pgx.QueryExecModeCacheDescribe, p.from, p.to, now, p.entities, p.homeless, f.Team, f.Agent, f.Tier, f.Topic, f.Type, f.Priority, f.Policy, f.Reason, f.Cause, f.Account, f.Part,
	}, more...)
}

// groups counts a fact's rows by one way.
func (w *Work) groups(ctx context.Context, p stretch, f Fact, way Way) ([]Group, error) {
	key, name, join := way.columns()
	// A middle between two whole seconds is rounded as a decimal: the sum of binary fractions may stand a hair below the half.
	list, err := db.List[Group](ctx, w.db, `with fact as (`+f.statement()+`)`+factRows+`
		select `+key+` as key, max(`+name+`) as name, count(*) as count, count(*) filter (where good) as good, count(good) as good_of, count(seconds) as timed,
			round(round((percentile_cont(0.5) within group (order by seconds))::numeric, 3))::bigint as median,
			round(round((percentile_cont(0.9) within group (order by seconds))::numeric, 3))::bigint as p90,
			coalesce(sum(seconds), 0)::bigint as total, coalesce(sum(amount), 0) as amount, count(score) as scored, round(avg(score), 2) as mean
		from rows r`+join+` group by 1 order by count(*) desc, 1`, p.args(w.db.Now())...)
	if err != nil {
		return nil, fmt.Errorf("count %s: %w", f, err)
	}
	return list, nil
}

// Report counts a fact's rows by one way, for somebody who may read reports; the period beside the one before it.
func (w *Work) Report(ctx context.Context, s WorkScope, f Fact, way Way) (FactReport, error) {
	if err := f.check(way, s.By); err != nil {
		return FactReport{}, err
	}
	p, err := w.settle(ctx, s)
	if err != nil {
		return FactReport{}, err
	}
	out := FactReport{Fact: f, Way: way, From: p.from, On: p.On, BeforeFrom: p.before().from, BeforeOn: p.before().On}
	var all, allBefore, now, then []Group
	group, inner := errgroup.WithContext(ctx)
	read := func(into *[]Group, p stretch, way Way) {
		group.Go(func() (err error) { *into, err = w.groups(inner, p, f, way); return err })
	}
	read(&all, p, ByAll)
	read(&allBefore, p.before(), ByAll)
	if way != ByAll {
		read(&now, p, way)
		read(&then, p.before(), way)
	}
	if err := group.Wait(); err != nil {
		return out, err
	}
	out.All = GroupPair{only(all), only(allBefore)}
	out.Groups = pair(now, then, way)
	return out, nil
}

func only(list []Group) Group {
	if len(list) == 0 {
		return Group{Amount: decimal.Zero}
	}
	return list[0]
}

// pair puts the groups of two periods side by side. Days, weeks and months differ between them, so theirs stand alone.
func pair(now, before []Group, way Way) []GroupPair {
	then := map[string]Group{}
	dated := way == ByDay || way == ByWeek || way == ByMonth
	if !dated {
		for _, g := range before {
			then[g.Key] = g
		}
	}
	list := make([]GroupPair, 0, len(now))
	for _, g := range now {
		list = append(list, GroupPair{g, then[g.Key]})
		delete(then, g.Key)
	}
	for _, g := range before { // what there was before only
		if _, left := then[g.Key]; left {
			list = append(list, GroupPair{Group{Key: g.Key, Name: g.Name}, g})
		}
	}
	if dated {
		slices.SortFunc(list, func(a, b GroupPair) int {
			return strings.Compare(a.Now.Key, b.Now.Key)
		})
	}
	return list
}

// Overview counts every fact, the period beside the one before.
func (w *Work) Overview(ctx context.Context, s WorkScope) ([]FactReport, error) {
	facts := FactsFor(s.By)
	reports := make([]FactReport, len(facts))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for i, f := range facts {
		group.Go(func() (err error) { reports[i], err = w.Report(inner, s, f, ByAll); return err })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return reports, nil
}

// WorkRow is one row of a fact.
type WorkRow struct {
	ID         int64
	At         time.Time
	Number     string // of the case, or of the credit request
	CaseNumber string // empty for a request without one
	Subject    string
	Status     string
	Customer   string
	Account    string
	Entity     string
	Agent      string
	Team       string
	Priority   string
	Part       string
	Seconds    *int64
	Good       *bool
	Amount     decimal.Decimal
	Score      figures.Figure // of a survey's answer
	Note       string         // what was said beside it
}

// WorkRows asks for the rows of a fact: with Key those of one group of a way, from a cursor on.
type WorkRows struct {
	Fact  Fact
	Way   Way
	Key   *string
	After string
	Limit int
}

// Rows lists what a report counts, the earliest first, a page at a time. All rows of all pages give its count again.
func (w *Work) Rows(ctx context.Context, s WorkScope, f WorkRows) (AgingPage[WorkRow], error) {
	var page AgingPage[WorkRow]
	if err := f.Fact.check(f.Way, s.By); err != nil {
		return page, err
	}
	p, err := w.settle(ctx, s)
	if err != nil {
		return page, err
	}
	at, id, part, err := workCursor(f.After)
	if err != nil {
		return page, err
	}
	limit, wanted, way := pageSize(f.Limit), "", ByAll // a way that tells a case once for each reason would list it as often
	if f.Key != nil {
		wanted, way = *f.Key, f.Way
	}
	key, _, join := way.columns()
	page.Rows, err = db.List[WorkRow](ctx, w.db, `with fact as (`+f.Fact.statement()+`)`+factRows+`
		select r.id, r.at, r.number, r.case_number, r.subject, r.status, r.customer, r.account, r.entity, r.agent, r.team, r.priority, r.part, r.seconds, r.good, r.amount, r.score, r.note
		from rows r`+join+` where (not $17::boolean or `+key+` = $18::text) and (not $19::boolean or (r.at, r.id, r.part) > ($20::timestamptz, $21::bigint, $22::text))
		order by r.at, r.id, r.part limit $23`,
		p.args(w.db.Now(), f.Key != nil, wanted, f.After != "", at, id, part, limit+1)...)
	if err != nil {
		return page, fmt.Errorf("list rows of %s: %w", f.Fact, err)
	}
	if len(page.Rows) > limit {
		page.Rows = page.Rows[:limit]
		last := page.Rows[limit-1]
		page.Next = cursor{last.At.UTC().Format(time.RFC3339Nano), strconv.FormatInt(last.ID, 10), last.Part}.String()
	}
	return page, nil
}

func workCursor(text string) (at time.Time, id int64, part string, err error) {
	if text == "" {
		return time.Time{}, 0, "", nil
	}
	moment, rest, _ := strings.Cut(text, "~")
	number, part, _ := strings.Cut(rest, "~")
	if at, err = time.Parse(time.RFC3339Nano, moment); err != nil {
		return at, 0, "", badCursor()
	}
	if id, err = strconv.ParseInt(number, 10, 64); err != nil {
		return at, 0, "", badCursor()
	}
	return at, id, part, nil
}
