package credits_test

import (
	"errors"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/credits/authority"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// everybodyCanAct: of each pending request every open step names somebody who is there and neither asked for it nor changed it, or the
// request is on the list of orphans and nobody gets it through.
func (g *giving) everybodyCanAct() {
	g.t.Helper()
	found, err := g.credits.Coverage(g.t.Context(), g.control)
	g.must(err)
	here, err := db.Values[int64](g.t.Context(), g.db, `select id from users where active and not away`)
	g.must(err)
	g.orphans = map[credits.ID]bool{}
	for _, id := range g.ids(credits.Pending) {
		detail := g.read(id)
		if slices.ContainsFunc(found.Orphans, func(r credits.Row) bool { return r.ID == id }) {
			g.orphans[id] = true
			g.done["orphan"]++
			if req, err := g.credits.Approve(g.t.Context(), credits.DecideInput{By: g.anybody(), ID: id}); err == nil && req.State == credits.Approved {
				g.t.Errorf("%s is an orphan and was signed to its end", detail.Number)
			}
			continue
		}
		open := openOf(detail)
		if len(open) == 0 {
			g.t.Errorf("%s waits for nothing", detail.Number)
		}
		for _, step := range open {
			if !slices.ContainsFunc(step.Candidates, func(c credits.Candidate) bool {
				return slices.Contains(here, c.UserID) && c.UserID != detail.RequesterID && !slices.Contains(detail.EditorIDs, c.UserID)
			}) {
				g.t.Errorf("%s waits at %s for %+v, of whom nobody can act", detail.Number, step.LevelName, step.Candidates)
			}
		}
	}
}

// comeBack brings everybody back on the next day: what is underway is decided to its end by those whom it names.
func (g *giving) comeBack() {
	g.t.Helper()
	g.run(`update users set away = false`)
	for range 12 {
		g.clock.Add(25 * time.Hour) // what they signed today is over
		g.must(g.credits.SweepNow(g.t.Context()))
		g.work()
		for _, id := range g.ids(credits.Returned) {
			by := g.who(g.read(id).RequesterID)
			_, err := g.credits.Answer(g.t.Context(), credits.AnswerInput{By: by, ID: id, Answer: "So much was wrong."})
			g.must(err)
		}
		for _, id := range g.ids(credits.Pending) {
			g.signOnce(id)
		}
		g.work()
	}
	found, err := g.credits.Coverage(g.t.Context(), g.control)
	g.must(err)
	for _, id := range g.ids(credits.Pending, credits.Returned, credits.Approved) {
		if !slices.ContainsFunc(found.Orphans, func(r credits.Row) bool { return r.ID == id }) {
			g.t.Errorf("%s is stuck", g.read(id).Number)
		}
	}
}

// signOnce has the first person named sign. Who has signed enough for a day may be another one by then.
func (g *giving) signOnce(id credits.ID) {
	g.t.Helper()
	for _, step := range openOf(g.read(id)) {
		if len(step.Candidates) == 0 {
			continue
		}
		by := g.who(step.Candidates[0].UserID)
		if _, err := g.credits.Approve(g.t.Context(), credits.DecideInput{By: by, ID: id, StepID: step.ID}); err != nil &&
			!errors.Is(err, credits.ErrNobodyDecides) && errs.KindOf(err) != errs.Forbidden && errs.KindOf(err) != errs.Conflict {
			g.t.Fatal(err)
		}
		return
	}
}

// gift is something given away, as the tables have it.
type gift struct {
	ID          credits.ID
	Number      string
	FamilyID    int64
	RequesterID int64
	Kind        string
	Total       decimal.Decimal // in euros with tax
	At          time.Time
	OwnLimit    bool
	Ranks       []int // of the levels by which it was signed
	OwnRank     int   // of its requester's highest level
}

func (g *giving) gifts() []gift {
	g.t.Helper()
	list, err := db.List[gift](g.t.Context(), g.db, `select r.id, r.number, r.family_id, r.requester_id, r.kind, r.total, r.ended_at as at, r.own_limit,
			coalesce((select max(l.rank) from authority_holders h join authority_levels l on l.id = h.level_id where h.user_id = r.requester_id), 0) as own_rank,
			array(select l.rank from credit_decisions d join credit_steps s on s.id = d.step_id join authority_levels l on l.id = s.level_id
				where d.credit_request_id = r.id and d.content_version = r.content_version and d.decision = 'approve') as ranks
		from credit_requests r where r.state = 'posted' order by r.ended_at, r.id`)
	g.must(err)
	return list
}

// may is the most that one of those who decided a gift may give; nil is without limit.
func (x gift) may() *decimal.Decimal {
	if x.OwnLimit {
		own := limitOf(x.OwnRank, x.Kind).OwnLimit
		return &own
	}
	most := decimal.Zero
	for _, rank := range x.Ranks {
		limit := limitOf(rank, x.Kind)
		if limit.Max == nil {
			return nil
		}
		most = decimal.Max(most, *limit.Max)
	}
	return &most
}

// limitOf is what the demo company's level of a rank may of a kind.
func limitOf(rank int, kind string) authority.Limit {
	for _, level := range authority.DemoLevels() {
		for _, limit := range level.Limits {
			if level.Rank == rank && string(limit.Kind) == kind {
				return limit
			}
		}
	}
	zero := decimal.Zero
	return authority.Limit{Max: &zero}
}

// justGiven adds up, for every moment at which something was given, what the same family got in the thirty days before, and what the same
// person got through in the day before: no more than one of those who decided it may give.
func (g *giving) justGiven() {
	g.t.Helper()
	gifts := g.gifts()
	for _, c := range []struct {
		what  string
		of    func(gift) int64
		span  time.Duration
		times int64
	}{
		{"family", func(x gift) int64 { return x.FamilyID }, credits.WindowDays * 24 * time.Hour, 1},
		{"requester", func(x gift) int64 { return x.RequesterID }, 24 * time.Hour, g.policy.Windows[0].Times},
	} {
		for _, last := range gifts {
			sum, most, limited := decimal.Zero, decimal.Zero, true
			for _, x := range gifts {
				if c.of(x) != c.of(last) || x.At.After(last.At) || !x.At.After(last.At.Add(-c.span)) {
					continue
				}
				sum = sum.Add(x.Total)
				if may := x.may(); may == nil {
					limited = false
				} else {
					most = decimal.Max(most, *may)
				}
			}
			if limited && sum.GreaterThan(most.Mul(decimal.NewFromInt(c.times))) {
				g.t.Errorf("%s %d got %s up to %s, and none of its deciders may give more than %d times %s", c.what, c.of(last), sum, last.Number, c.times, most)
			}
		}
	}
	g.done["given"] = len(gifts)
}

// justSigned adds up, for every signature at a level, what the same person signed in the day before, or had signed in their place.
func (g *giving) justSigned() {
	g.t.Helper()
	type signature struct {
		UserID int64
		Number string
		Kind   billing.Kind
		Rank   int // 0 where a role signs
		Total  decimal.Decimal
		At     time.Time
	}
	list, err := db.List[signature](g.t.Context(), g.db, `select p.user_id, r.number, r.kind, coalesce(l.rank, 0) as rank, r.total, d.decided_at as at
		from credit_decisions d join credit_requests r on r.id = d.credit_request_id and r.content_version = d.content_version
		join credit_steps s on s.id = d.step_id left join authority_levels l on l.id = s.level_id
		cross join lateral (select d.user_id union select d.on_behalf_of where d.on_behalf_of is not null) p
		where d.decision = 'approve' and r.state in ('pending', 'returned', 'approved', 'posted', 'failed') order by d.id`)
	g.must(err)
	for i, last := range list {
		limit := limitOf(last.Rank, string(last.Kind))
		if last.Rank == 0 || limit.Max == nil {
			continue
		}
		sum := decimal.Zero
		for _, x := range list[:i+1] {
			if x.UserID == last.UserID && x.At.After(last.At.Add(-24*time.Hour)) {
				sum = sum.Add(x.Total)
			}
		}
		if most := limit.Max.Mul(decimal.NewFromInt(g.policy.Windows[1].Times)); sum.GreaterThan(most) {
			g.t.Errorf("person %d signed %s in a day with %s, and may sign %s at the level of rank %d", last.UserID, sum, last.Number, most, last.Rank)
		}
	}
}

// nobodyTwice: nobody decided two steps of one content, for somebody else neither, and nobody what they asked for or changed.
func (g *giving) nobodyTwice() {
	g.t.Helper()
	twice := value[int](g.t, g.db, `select count(*)::int from (select 1 from credit_decisions d
		cross join lateral (select d.user_id union all select d.on_behalf_of where d.on_behalf_of is not null) p
		group by d.credit_request_id, d.content_version, p.user_id having count(*) > 1) x`)
	own := value[int](g.t, g.db, `select count(*)::int from credit_decisions d join credit_requests r on r.id = d.credit_request_id
		where d.user_id = r.requester_id or d.on_behalf_of = r.requester_id
			or d.content_version = r.content_version and (d.user_id = any (r.editor_ids) or d.on_behalf_of = any (r.editor_ids))`)
	if twice+own > 0 {
		g.t.Errorf("%d decided twice, %d on their own", twice, own)
	}
}
