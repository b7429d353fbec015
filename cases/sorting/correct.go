package sorting

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// CorrectInput says what a case is about: another topic than it has, or, to confirm it, the same.
type CorrectInput struct {
	cases.On
	Topic string
	// Type is the type of case; "" means the one that goes with the topic.
	Type cases.Type
}

// Correct gives a case the topic a person says, with the type that goes with it, and keeps that as evidence for the next
// training.
func (s *Service) Correct(ctx context.Context, in CorrectInput) (cases.Case, error) {
	if err := access.Can(in.By, access.WorkCases, access.Object{}); err != nil {
		return cases.Case{}, err
	}
	topics, err := s.Topics(ctx)
	if err != nil {
		return cases.Case{}, err
	}
	if !known(topics, in.Topic) {
		return cases.Case{}, errs.InvalidField("topic", "sorting.unknown_topic")
	}
	if in.Type == "" {
		in.Type = TypeOf(topics, in.Topic)
	}
	var c cases.Case
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		sorted, err := s.cases.SortTx(ctx, tx, cases.SortInput{On: in.On, Topic: in.Topic, Type: in.Type})
		if err != nil {
			return err
		}
		c = sorted.Case
		_, err = tx.Exec(ctx, `insert into sorting_evidence (case_id, topic, was, decided_by, confidence, at, user_id, user_name)
			select $1, $2, $3, coalesce(s.decided_by, ''), coalesce(s.confidence, 0), $4, $5, $6 from (select 1) x
			left join sortings s on s.case_id = $1`, in.ID, in.Topic, sorted.Was, tx.Now(), in.By.UserID, in.By.Name)
		if err != nil {
			return fmt.Errorf("keep evidence: %w", err)
		}
		return nil
	})
	return c, err
}

func known(list []Topic, code string) bool {
	for _, t := range list {
		if t.Code == code {
			return true
		}
	}
	return false
}

// Said is what a person said a case is about.
type Said struct {
	ID         int64
	CaseID     cases.ID
	Topic      string
	Was        string
	DecidedBy  DecidedBy
	Confidence float64
	At         time.Time
	UserID     int64
	UserName   string
}

// LastSaid reads what was said last about a case; nil when nobody said anything.
func (s *Service) LastSaid(ctx context.Context, r db.Reader, id cases.ID) (*Said, error) {
	v, err := db.One[Said](ctx, r, `select id, case_id, topic, was, decided_by, confidence::float8 as confidence, at, user_id, user_name
		from sorting_evidence where case_id = $1 order by id desc limit 1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return nil, nil //nolint:nilnil // most cases are sorted right
	}
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	return &v, nil
}
