package sorting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"makegood/cases"
	"makegood/cases/sorting/classify"
	"makegood/cases/sorting/rules"
	"makegood/internal/db"
)

func ruleSet(ctx context.Context, r db.Reader, version int64) (RuleSet, error) {
	if version == 0 {
		return RuleSet{Rules: []rules.Rule{}}, nil
	}
	set, err := db.One[RuleSet](ctx, r, `select * from sorting_rule_sets where version = $1`, version)
	if errors.Is(err, db.ErrNoRow) {
		return set, ErrNoRule
	}
	if err != nil {
		return set, fmt.Errorf("read rules: %w", err)
	}
	return set, nil
}

func stateOf(ctx context.Context, r db.Reader, version int64) (State, error) {
	if version == 0 {
		return State{Threshold: Threshold}, nil
	}
	state, err := db.One[State](ctx, r, `select version, model_id, threshold::float8 as threshold, change, changed_at, changed_by, changed_name
		from sorting_states where version = $1`, version)
	if err != nil {
		return state, fmt.Errorf("read state of sorting: %w", err)
	}
	return state, nil
}

func newestState(ctx context.Context, r db.Reader) (State, error) {
	version, err := db.Value[int64](ctx, r, `select coalesce(max(version), 0) from sorting_states`)
	if err != nil {
		return State{}, fmt.Errorf("read state of sorting: %w", err)
	}
	return stateOf(ctx, r, version)
}

func (s *Service) model(ctx context.Context, r db.Reader, id int64) (*classify.Model, error) {
	kept, err := db.One[struct {
		Content []byte
		SHA256  []byte `db:"sha256"`
	}](ctx, r, `select content, sha256 from sorting_models where id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return nil, ErrNoModel
	}
	if err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	m, err := classify.Decode(kept.Content, kept.SHA256)
	if err != nil { // one of another release: mail is sorted without it until the next training
		s.logger.WarnContext(ctx, "model cannot be read", "model", id, "error", err.Error())
		return nil, nil //nolint:nilnil // no model
	}
	return m, nil
}

const sortingColumns = `id, inbound_message_id, case_id, decided_by, topic, type, guess, confidence::float8 as confidence, words, others, rule_set,
	rule_id, rule_name, model_id, sorted_at`

// KeepTx keeps how a message was sorted. One that is sorted again, such as a held message let into a case, is kept as sorted
// now.
func (s *Service) KeepTx(ctx context.Context, tx *db.Tx, v Sorting) error {
	conflict := "inbound_message_id"
	if v.InboundMessageID == nil {
		conflict = "case_id"
	}
	return keep(ctx, tx, conflict, []Sorting{v})
}

// KeepAllTx is KeepTx for several messages at once.
func (s *Service) KeepAllTx(ctx context.Context, tx *db.Tx, list []Sorting) error {
	return keep(ctx, tx, "inbound_message_id", list)
}

func keep(ctx context.Context, tx *db.Tx, conflict string, list []Sorting) error {
	columns := make([][]any, 13)
	for _, v := range list {
		words, err := json.Marshal(v.Words)
		if err != nil {
			return fmt.Errorf("keep sorting: %w", err)
		}
		others, err := json.Marshal(v.Others)
		if err != nil {
			return fmt.Errorf("keep sorting: %w", err)
		}
		for n, value := range []any{
			v.InboundMessageID, v.CaseID, string(v.DecidedBy), v.Topic, string(v.Type), v.Guess, v.Confidence, string(words), string(others), v.RuleSet, v.RuleID,
			v.RuleName, v.ModelID,
		} {
			columns[n] = append(columns[n], value)
		}
	}
	args := []any{tx.Now()}
	for _, column := range columns {
		args = append(args, column)
	}
	_, err := tx.Exec(ctx, `insert into sortings (inbound_message_id, case_id, decided_by, topic, type, guess, confidence, words, others, rule_set,
			rule_id, rule_name, model_id, sorted_at)
		select u.inbound, u.case_id, u.decided_by, u.topic, u.type, u.guess, u.confidence, array(select jsonb_array_elements_text(u.words)), u.others, u.rule_set,
			u.rule_id, u.rule_name, u.model_id, $1
		from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[], $9::jsonb[], $10::jsonb[], $11::bigint[],
			$12::bigint[], $13::text[], $14::bigint[])
			u (inbound, case_id, decided_by, topic, type, guess, confidence, words, others, rule_set, rule_id, rule_name, model_id)
		on conflict (`+conflict+`) do update set case_id = excluded.case_id, decided_by = excluded.decided_by, topic = excluded.topic,
			type = excluded.type, guess = excluded.guess, confidence = excluded.confidence, words = excluded.words, others = excluded.others,
			rule_set = excluded.rule_set, rule_id = excluded.rule_id, rule_name = excluded.rule_name, model_id = excluded.model_id,
			sorted_at = excluded.sorted_at`, args...)
	if err != nil {
		return fmt.Errorf("keep sorting: %w", err)
	}
	return nil
}

// OfCase reads how the message that opened a case was sorted; nil when a person opened it.
func (s *Service) OfCase(ctx context.Context, r db.Reader, id cases.ID) (*Sorting, error) {
	return one(ctx, r, `select `+sortingColumns+` from sortings where case_id = $1`, int64(id))
}

// OfMessage reads how a message was sorted; nil when it was not, such as an answer in a case.
func (s *Service) OfMessage(ctx context.Context, r db.Reader, inbound int64) (*Sorting, error) {
	return one(ctx, r, `select `+sortingColumns+` from sortings where inbound_message_id = $1`, inbound)
}

func one(ctx context.Context, r db.Reader, query string, id int64) (*Sorting, error) {
	v, err := db.One[Sorting](ctx, r, query, id)
	if errors.Is(err, db.ErrNoRow) {
		return nil, nil //nolint:nilnil // not every case was sorted
	}
	if err != nil {
		return nil, fmt.Errorf("read sorting: %w", err)
	}
	return &v, nil
}
