package quality

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
)

// Waiting is a case that was drawn and that nobody has reviewed.
type Waiting struct {
	CaseID     cases.ID
	Number     string
	Subject    string
	AgentID    int64
	AgentName  string
	Team       string
	Week       time.Time
	ResolvedAt time.Time
	Mine       bool // the reader's own: somebody else reviews it
}

// Queue lists what was drawn and waits, the earliest week first, from after a case on. Somebody's own cases stand in it for others to review.
func (s *Service) Queue(ctx context.Context, by access.Actor, after cases.ID, limit int) ([]Waiting, error) {
	if err := access.Can(by, access.ReadQuality, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[Waiting](ctx, s.DB, `select d.case_id, c.number, c.subject, d.agent_id, u.name as agent_name, t.name as team, d.week, d.resolved_at, d.agent_id = $1 as mine
		from quality_draws d join cases c on c.id = d.case_id join users u on u.id = d.agent_id join teams t on t.id = d.team_id
		where d.sampled and not exists (select from quality_reviews v where v.case_id = d.case_id) and c.merged_into is null
			and (cardinality($2::bigint[]) = 0 or d.entity_id is null or d.entity_id = any ($2))
			and ($3::bigint = 0 or (d.week, d.case_id) > (select w.week, w.case_id from quality_draws w where w.case_id = $3))
		order by d.week, d.case_id limit $4`, by.UserID, by.SeenEntities(), after, pageOf(limit))
	if err != nil {
		return nil, fmt.Errorf("list cases to review: %w", err)
	}
	return list, nil
}

const reviewColumns = `select v.id, v.case_id, c.number, c.subject, v.agent_id, a.name as agent_name, v.reviewer_id, r.name as reviewer_name, v.entity_id, v.card, v.score, v.note,
		coalesce(d.sampled, false) as sampled, v.reviewed_at, v.acknowledged_at, v.reply
	from quality_reviews v join cases c on c.id = v.case_id join users a on a.id = v.agent_id join users r on r.id = v.reviewer_id
	left join quality_draws d on d.case_id = v.case_id `

// Reviews lists reviews, the latest first, from before one on: with mine those of the reader's own work, which everybody may read, else
// all that the reader sees.
func (s *Service) Reviews(ctx context.Context, by access.Actor, mine bool, before ReviewID, limit int) ([]Review, error) {
	right := access.ReadQuality
	if mine {
		right = access.ReadCases
	}
	if err := access.Can(by, right, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[Review](ctx, s.DB, reviewColumns+`where (not $1::boolean or v.agent_id = $2) and ($1::boolean or cardinality($3::bigint[]) = 0 or v.entity_id is null or v.entity_id = any ($3))
		and ($4::bigint = 0 or v.id < $4) order by v.id desc limit $5`, mine, by.UserID, by.SeenEntities(), before, pageOf(limit))
	if err != nil {
		return nil, fmt.Errorf("list reviews: %w", err)
	}
	return list, nil
}

// ReviewByID reads one with its scores, for the agent it is about and for whoever reads the quality of work. ErrNoReview for others.
func (s *Service) ReviewByID(ctx context.Context, id ReviewID, by access.Actor) (Review, error) {
	v, err := readReview(ctx, s.DB, id, by)
	if err != nil {
		return v, err
	}
	v.Scores, err = db.List[Score](ctx, s.DB, `select code, name, scale, weight, value from quality_scores where review_id = $1 order by position`, id)
	if err != nil {
		return v, fmt.Errorf("read scores: %w", err)
	}
	return v, nil
}

func readReview(ctx context.Context, r db.Reader, id ReviewID, by access.Actor) (Review, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return Review{}, err
	}
	v, err := db.One[Review](ctx, r, reviewColumns+`where v.id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return Review{}, ErrNoReview
	}
	if err != nil {
		return Review{}, fmt.Errorf("read review: %w", err)
	}
	sees := v.EntityID == nil || by.SeesEntity(int64(*v.EntityID))
	if v.AgentID != by.UserID && (!access.May(by, access.ReadQuality) || !sees) {
		return Review{}, ErrNoReview
	}
	return v, nil
}
