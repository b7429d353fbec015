package sorting

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"

	"makegood/cases/sorting/classify"
	"makegood/cases/sorting/starter"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

const (
	// maxLearned is how many decided cases a model learns from, the newest: what customers write changes, and training
	// must end within a job.
	maxLearned = 3000
	// worthLearning is how much new evidence starts a training by itself.
	worthLearning = 20
	trainingSeed  = 1
)

// taught is a decided case as an example.
type taught struct {
	CaseID   int64
	Topic    string
	Subject  string
	Body     string
	Evidence int64
}

// decided are cases of which a person decided what they are about, with their first message: what somebody said on the case
// counts most, then the one reason code of decided dispute lines, then a topic that stood until the case was resolved without
// the model having put it there. A model never learns from its own word.
const decided = `with said as (
		select distinct on (case_id) case_id, topic, id from sorting_evidence order by case_id, id desc),
	claimed as (
		select d.case_id, min(d.reason_code) as topic from dispute_lines d
		join cases c on c.id = d.case_id and c.status in ('resolved', 'closed')
		where d.status in ('accepted', 'partly_accepted', 'rejected') group by d.case_id having min(d.reason_code) = max(d.reason_code)),
	stood as (
		select c.id as case_id, c.topic from cases c join sortings s on s.case_id = c.id
		where c.status in ('resolved', 'closed') and c.topic <> '' and c.topic = s.topic and s.decided_by in ('rule', 'words')
			and c.assignee_id is not null),
	known as (
		select case_id, topic, 1 as rank, id as evidence from said
		union all select case_id, topic, 2, 0 from claimed
		union all select case_id, topic, 3, 0 from stood),
	best as (select distinct on (case_id) case_id, topic, evidence from known order by case_id, rank)
	select b.case_id, b.topic, m.subject, m.body, b.evidence from best b
	join lateral (select subject, body from case_messages where case_id = b.case_id and kind = 'inbound' and not machine order by at, id limit 1) m on true
	where m.subject || m.body <> '' order by b.case_id desc limit $1`

// lessons are the examples there are: the shipped ones, then the decided cases.
type lessons struct {
	examples         []classify.Example
	starter, learned int
	until            int64 // newest evidence
}

func (s *Service) lessons(ctx context.Context) (lessons, error) {
	var l lessons
	var err error
	if l.examples, err = starter.Examples(); err != nil {
		return l, err
	}
	l.starter = len(l.examples)
	list, err := db.List[taught](ctx, s.db, decided, maxLearned)
	if err != nil {
		return l, fmt.Errorf("read decided cases: %w", err)
	}
	for _, t := range list {
		l.examples = append(l.examples, classify.Example{
			Key: "c:" + strconv.FormatInt(t.CaseID, 10), Text: TextOf(t.Subject, t.Body), Class: t.Topic,
		})
		l.until = max(l.until, t.Evidence)
	}
	l.learned = len(list)
	return l, nil
}

// train learns a model, examines it, and has it decide if it is not worse than the one that does.
func (s *Service) train(ctx context.Context, in Train) error {
	l, err := s.lessons(ctx)
	if err != nil {
		return err
	}
	before, err := s.lastModel(ctx)
	if err != nil {
		return err
	}
	if before != nil && in.Wanted == 0 && l.learned-before.Learned < worthLearning && l.until-before.EvidenceUntil < worthLearning {
		return nil
	}
	m, results, err := classify.Learn(ctx, l.examples, classify.Options{Seed: trainingSeed})
	if err != nil {
		return fmt.Errorf("learn: %w", err)
	}
	return s.keep(ctx, in, l, m, results)
}

// Compared is the new model beside the one in force, on the examples both were examined on without having learned them.
type Compared struct {
	With     int64   `json:"with,omitempty"` // model; 0 when there was none
	Examples int     `json:"examples,omitempty"`
	New      float64 `json:"new,omitempty"`
	Old      float64 `json:"old,omitempty"`
}

func (s *Service) keep(ctx context.Context, in Train, l lessons, m *classify.Model, results []classify.Examined) error {
	content, sum, err := m.Encode()
	if err != nil {
		return err
	}
	heldOut := map[string]string{}
	for _, r := range results {
		heldOut[r.Key] = r.Guess
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		state, err := lockState(ctx, tx)
		if err != nil {
			return err
		}
		compared, better, err := compare(ctx, tx, state, results)
		if err != nil {
			return err
		}
		id, err := db.Value[int64](ctx, tx, `insert into sorting_models (content, sha256, starter, learned, evidence_until, report, held_out, compared, better,
				made_at, made_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id`,
			content, sum[:], l.starter, l.learned, l.until, classify.Summarise(results), heldOut, compared, better, tx.Now(), in.Wanted)
		if err != nil {
			return fmt.Errorf("keep model: %w", err)
		}
		by := access.SystemActor("sorting.train")
		tx.Publish("sorting")
		if err := audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "sorting_model.trained", Data: map[string]any{
			"model": id, "sha256": hex.EncodeToString(sum[:]), "starter": l.starter, "learned": l.learned, "better": better, "wanted_by": in.Wanted,
		}}); err != nil {
			return err
		}
		if !better {
			return nil
		}
		return s.changeState(ctx, tx, state, by, func(next *State) { next.ModelID, next.Change = &id, "activated" })
	})
}

// compare asks whether a model is not worse than the one in force. Without one, or without anything to compare by, it is not.
func compare(ctx context.Context, r db.Reader, state State, results []classify.Examined) (Compared, bool, error) {
	if state.ModelID == nil {
		return Compared{}, true, nil
	}
	old, err := db.Value[map[string]string](ctx, r, `select held_out from sorting_models where id = $1`, *state.ModelID)
	if err != nil {
		return Compared{}, false, fmt.Errorf("read examination: %w", err)
	}
	var fresh, before []classify.Examined
	for _, e := range results {
		guess, both := old[e.Key]
		if !both {
			continue
		}
		fresh = append(fresh, e)
		e.Guess = guess
		before = append(before, e)
	}
	c := Compared{
		With: *state.ModelID, Examples: len(fresh), New: classify.Summarise(fresh).MacroF1, Old: classify.Summarise(before).MacroF1,
	}
	return c, c.New >= c.Old, nil
}
