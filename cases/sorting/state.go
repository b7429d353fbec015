package sorting

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/cases/sorting/classify"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Model is a version of what was learned, with its examination. Better tells that it was not worse than the one before.
type Model struct {
	ID            int64
	SHA256        []byte `db:"sha256"`
	Size          int
	Starter       int
	Learned       int
	EvidenceUntil int64
	Report        classify.Report
	Compared      Compared
	Better        bool
	MadeAt        time.Time
	MadeBy        int64
	MadeByName    string
}

const modelColumns = `m.id, m.sha256, octet_length(m.content) as size, m.starter, m.learned, m.evidence_until, m.report, m.compared, m.better,
	m.made_at, m.made_by, coalesce((select u.name from users u where u.id = m.made_by), '') as made_by_name`

// Models lists the latest models, the newest first.
func (s *Service) Models(ctx context.Context, limit int) ([]Model, error) {
	list, err := db.List[Model](ctx, s.db, `select `+modelColumns+` from sorting_models m order by m.id desc limit $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("list models: %w", err)
	}
	return list, nil
}

// ModelByID reads a model; ErrNoModel when there is none.
func (s *Service) ModelByID(ctx context.Context, id int64) (Model, error) {
	m, err := db.One[Model](ctx, s.db, `select `+modelColumns+` from sorting_models m where m.id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return m, ErrNoModel
	}
	if err != nil {
		return m, fmt.Errorf("read model: %w", err)
	}
	return m, nil
}

func (s *Service) lastModel(ctx context.Context) (*Model, error) {
	list, err := s.Models(ctx, 1)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// State reads which model decides, from which confidence on.
func (s *Service) State(ctx context.Context) (State, error) { return newestState(ctx, s.db) }

// Evidence counts what people have said since the newest model learned.
func (s *Service) Evidence(ctx context.Context) (int, error) {
	n, err := db.Value[int](ctx, s.db, `select count(*) from (select 1 from sorting_evidence
		where id > coalesce((select evidence_until from sorting_models order by id desc limit 1), 0) limit 1000) x`)
	if err != nil {
		return 0, fmt.Errorf("count evidence: %w", err)
	}
	return n, nil
}

// Retrain has a model learned soon, whether or not there is anything new.
func (s *Service) Retrain(ctx context.Context, by access.Actor) error {
	if err := mayManage(by); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		if err := tx.Enqueue(ctx, Train{Wanted: by.UserID}); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "sorting_model.wanted", Data: map[string]any{}})
	})
}

// StateOn names the version of the state a change is based on, and who changes it.
type StateOn struct {
	By      access.Actor
	Version int64
}

// SetThreshold sets the confidence from which the model decides: 0 lets it always, 1 makes it suggest only.
func (s *Service) SetThreshold(ctx context.Context, on StateOn, threshold float64) error {
	if !(threshold >= 0 && threshold <= 1) {
		return errs.InvalidField("threshold", "sorting.threshold_range")
	}
	return s.command(ctx, on, func(next *State) { next.Threshold, next.Change = threshold, "threshold" })
}

// Activate has a kept model decide, also one that the training found worse.
func (s *Service) Activate(ctx context.Context, on StateOn, model int64) error {
	if err := mayManage(on.By); err != nil {
		return err
	}
	if _, err := s.ModelByID(ctx, model); err != nil {
		return err
	}
	return s.command(ctx, on, func(next *State) { next.ModelID, next.Change = &model, "activated" })
}

func (s *Service) command(ctx context.Context, on StateOn, change func(next *State)) error {
	if err := mayManage(on.By); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		state, err := lockState(ctx, tx)
		if err != nil {
			return err
		}
		if state.Version != on.Version {
			return ErrStaleState
		}
		return s.changeState(ctx, tx, state, on.By, change)
	})
}

// lockState reads the state; nobody else changes it before the commit.
func lockState(ctx context.Context, tx *db.Tx) (State, error) {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('sorting_states'))`); err != nil {
		return State{}, fmt.Errorf("wait for state of sorting: %w", err)
	}
	return newestState(ctx, tx)
}

// changeState writes the next version of a state that is locked.
func (s *Service) changeState(ctx context.Context, tx *db.Tx, was State, by access.Actor, change func(next *State)) error {
	next := was
	change(&next)
	if _, err := tx.Exec(ctx, `insert into sorting_states (version, model_id, threshold, change, changed_at, changed_by, changed_name)
		values ($1, $2, $3, $4, $5, $6, $7)`, was.Version+1, next.ModelID, next.Threshold, next.Change, tx.Now(), by.UserID, by.Name); err != nil {
		return fmt.Errorf("write state of sorting: %w", err)
	}
	tx.Publish("sorting")
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "sorting_state." + next.Change, Data: map[string]any{
		"version": was.Version + 1, "model": next.ModelID, "threshold": next.Threshold, "was_model": was.ModelID, "was_threshold": was.Threshold,
	}})
}
