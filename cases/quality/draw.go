package quality

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// Draw looks whether a week is over whose sample is to be drawn, and makes the seed of the present one.
type Draw struct{}

// Kind names the job.
func (Draw) Kind() string { return "quality.draw" }

const (
	seedBytes = 32
	week      = 7 * 24 * time.Hour
	parts     = 10_000 // a share of one percent is a hundred of them
)

// weekOf is the Monday (UTC) of a moment's week.
func weekOf(at time.Time) time.Time {
	at = at.UTC()
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}

// Drawn is the number of a case: the first four bytes of SHA-256 over the seed and the case's id in decimal digits. Whoever knows the seed
// can draw again; whoever does not can foresee nothing.
func Drawn(seed []byte, id cases.ID) int64 {
	head := sha256.Sum256(strconv.AppendInt(slices.Clone(seed), int64(id), 10))
	return int64(binary.BigEndian.Uint32(head[:4]))
}

func (s *Service) draw(ctx context.Context, _ Draw) error {
	present := weekOf(s.DB.Now())
	seed := make([]byte, seedBytes)
	if _, err := rand.Read(seed); err != nil {
		return fmt.Errorf("make a seed: %w", err)
	}
	var open []time.Time
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `insert into quality_weeks (week, seed, made_at) values ($1, $2, $3) on conflict do nothing`, present, seed, tx.Now()); err != nil {
			return fmt.Errorf("keep the week's seed: %w", err)
		}
		var err error
		open, err = db.Values[time.Time](ctx, tx, `select week from quality_weeks where drawn_at is null and week < $1 order by week`, present)
		if err != nil {
			return fmt.Errorf("find weeks to draw: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, one := range open {
		if err := s.DB.Do(ctx, func(tx *db.Tx) error { return drawTx(ctx, tx, one) }); err != nil {
			return fmt.Errorf("draw week %s: %w", one.Format(time.DateOnly), err)
		}
	}
	return nil
}

// candidate is a case that was settled in a week.
type candidate struct {
	CaseID     cases.ID
	AgentID    int64
	TeamID     int64
	EntityID   *billing.EntityID
	RuleID     int64
	Kind       Sampling
	Amount     int
	ResolvedAt time.Time
	draw       int64
	place      int
}

// settledBy is who answers for how a case c was settled: whoever resolved it last, else whom it is with.
const settledBy = `coalesce((select nullif(a.actor_id, 0) from audit_log a where a.stream = 'case:' || c.id and a.what = 'status.changed' and a.data->>'to' = 'resolved'
	order by a.seq desc limit 1), c.assignee_id)`

// drawTx draws a week as a whole: every case settled in it that still is, of the teams that have a rule. A case is drawn once, ever.
func drawTx(ctx context.Context, tx *db.Tx, of time.Time) error {
	seed, err := db.Value[[]byte](ctx, tx, `select seed from quality_weeks where week = $1 and drawn_at is null for update`, of)
	if errors.Is(err, db.ErrNoRow) {
		return nil // another copy was quicker
	}
	if err != nil {
		return fmt.Errorf("lock week: %w", err)
	}
	list, err := db.List[candidate](ctx, tx, `select c.id as case_id, u.id as agent_id, r.team_id, c.entity_id, r.id as rule_id, r.kind, r.amount, c.resolved_at
		from cases c join users u on u.id = `+settledBy+`
		join lateral (select * from quality_rules where team_id = coalesce(u.team_id, c.team_id) order by number desc limit 1) r on r.kind <> 'none'
		where c.status in ('resolved', 'closed') and c.merged_into is null and c.resolved_at >= $1 and c.resolved_at < $2
			and not exists (select from quality_draws d where d.case_id = c.id) and not exists (select from quality_reviews v where v.case_id = c.id)`, of, of.Add(week))
	if err != nil {
		return fmt.Errorf("find settled cases: %w", err)
	}
	number(list, seed)
	return keepTx(ctx, tx, of, list)
}

// number draws each case and finds its place among those of its agent.
func number(list []candidate, seed []byte) {
	for i := range list {
		list[i].draw = Drawn(seed, list[i].CaseID)
	}
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.AgentID, b.AgentID), cmp.Compare(a.draw, b.draw), cmp.Compare(a.CaseID, b.CaseID))
	})
	for i := range list {
		list[i].place = 1
		if i > 0 && list[i-1].AgentID == list[i].AgentID {
			list[i].place = list[i-1].place + 1
		}
	}
}

func (c candidate) sampled() bool {
	if c.Kind == Share {
		return c.draw%parts < int64(c.Amount)*parts/100
	}
	return c.place <= c.Amount
}

func keepTx(ctx context.Context, tx *db.Tx, of time.Time, list []candidate) error {
	rows, sampled := make([][]any, len(list)), 0
	for i, c := range list {
		rows[i] = []any{c.CaseID, of, c.AgentID, c.TeamID, c.EntityID, c.RuleID, c.Kind, c.Amount, c.draw, c.place, c.ResolvedAt, tx.Now()}
		if c.sampled() {
			sampled++
		}
	}
	if len(rows) > 0 {
		if err := tx.CopyFrom(ctx, "quality_draws", []string{
			"case_id", "week", "agent_id", "team_id", "entity_id", "rule_id", "kind", "amount", "draw", "place", "resolved_at", "drawn_at",
		}, rows); err != nil {
			return fmt.Errorf("keep draws: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, `update quality_weeks set drawn_at = $2 where week = $1`, of, tx.Now()); err != nil {
		return fmt.Errorf("close week: %w", err)
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: access.SystemActor("quality"), What: "quality.drawn", Data: map[string]any{
		"week": of.Format(time.DateOnly), "cases": len(list), "sampled": sampled,
	}})
}

// Week is how a week was drawn. Seed is told once it was, so that nobody can foresee a draw and everybody can repeat it.
type Week struct {
	Week       time.Time
	Commitment []byte // SHA-256 of the seed
	Seed       []byte // nil before it is drawn
	DrawnAt    *time.Time
	Draws      []OneDraw
}

// OneDraw is the draw of one case. Repeats tells that the seed gives the same again.
type OneDraw struct {
	CaseID    cases.ID
	Number    string
	AgentID   int64
	AgentName string
	Team      string
	Kind      Sampling
	Amount    int
	Draw      int64
	Place     int
	Sampled   bool
	Repeats   bool `db:"-"`
}

// Week reads the draws of a week, drawn into the sample or not, from after a case on, by the case's id. ErrNoWeek for one without a seed.
func (s *Service) Week(ctx context.Context, of time.Time, after cases.ID, limit int, by access.Actor) (Week, error) {
	var out Week
	if err := access.Can(by, access.ReadQuality, access.Object{}); err != nil {
		return out, err
	}
	out, err := db.One[Week](ctx, s.DB, `select week, commitment, case when drawn_at is not null then seed end as seed, drawn_at from quality_weeks where week = $1`, weekOf(of))
	if errors.Is(err, db.ErrNoRow) {
		return out, ErrNoWeek
	}
	if err != nil {
		return out, fmt.Errorf("read week: %w", err)
	}
	out.Draws, err = db.List[OneDraw](ctx, s.DB, `select d.case_id, c.number, d.agent_id, u.name as agent_name, t.name as team, d.kind, d.amount, d.draw, d.place, d.sampled
		from quality_draws d join cases c on c.id = d.case_id join users u on u.id = d.agent_id join teams t on t.id = d.team_id
		where d.week = $1 and d.case_id > $2 and (cardinality($3::bigint[]) = 0 or d.entity_id is null or d.entity_id = any ($3))
		order by d.case_id limit $4`, out.Week, after, by.SeenEntities(), pageOf(limit))
	if err != nil {
		return out, fmt.Errorf("list draws: %w", err)
	}
	for i, d := range out.Draws {
		right := d.Place <= d.Amount
		if d.Kind == Share {
			right = d.Draw%parts < int64(d.Amount)*parts/100
		}
		out.Draws[i].Repeats = out.Seed != nil && Drawn(out.Seed, d.CaseID) == d.Draw && right == d.Sampled
	}
	return out, nil
}

const (
	usualPage = 50
	mostPage  = 200
)

func pageOf(limit int) int {
	if limit <= 0 {
		return usualPage
	}
	return min(limit, mostPage)
}
