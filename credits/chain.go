package credits

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"makegood/credits/authority"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// stepsOf reads the steps of requests with their candidates and decisions, in order.
func stepsOf(ctx context.Context, r db.Reader, ids ...ID) ([]Step, error) {
	steps, err := db.List[Step](ctx, r, `select s.id, s.credit_request_id, s.content_version, s.position, s.stage, coalesce(s.level_id, 0) as level_id,
			s.level_name, s.role, s.policy_rule, s.policy_version, s.rule_key, s.rule_params, s.needed, s.state, s.opened_at, s.decided_at,
			coalesce(c.due_at, s.due_at) as due_at, s.reminded_at, s.climbed_at
		from credit_steps s
		left join lateral (select due_at from case_clocks where kind = 'approval_step' and subject_id = s.id
			and case_id = (select case_id from credit_requests where id = s.credit_request_id)
			order by instance desc, revision desc limit 1) c on true
		where s.credit_request_id = any ($1) order by s.credit_request_id, s.content_version, s.position`, ids)
	if err != nil {
		return nil, fmt.Errorf("read steps: %w", err)
	}
	candidates, err := db.List[Candidate](ctx, r, `select c.step_id, c.user_id, u.name, c.on_behalf_of, coalesce(b.name, '') as on_behalf_of_name
		from credit_step_candidates c join credit_steps s on s.id = c.step_id join users u on u.id = c.user_id
		left join users b on b.id = c.on_behalf_of where s.credit_request_id = any ($1) order by c.step_id, c.on_behalf_of nulls first, u.name, u.id`, ids)
	if err != nil {
		return nil, fmt.Errorf("read candidates: %w", err)
	}
	decisions, err := db.List[Decision](ctx, r, `select d.*, u.name as user_name, coalesce(b.name, '') as on_behalf_of_name
		from credit_decisions d join users u on u.id = d.user_id left join users b on b.id = d.on_behalf_of
		where d.credit_request_id = any ($1) order by d.id`, ids)
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	at := make(map[StepID]*Step, len(steps))
	for i := range steps {
		at[steps[i].ID] = &steps[i]
	}
	for _, c := range candidates {
		if step := at[c.StepID]; step != nil { // it may be younger than the list of steps
			step.Candidates = append(step.Candidates, c)
		}
	}
	for _, d := range decisions {
		if step := at[d.StepID]; step != nil {
			step.Decisions = append(step.Decisions, d)
		}
	}
	return steps, nil
}

// stepsOfEach reads the steps of the present content of several requests, and their ids.
func stepsOfEach(ctx context.Context, r db.Reader, list []Request) (map[ID][]Step, []ID, error) {
	ids, version := make([]ID, len(list)), make(map[ID]int, len(list))
	for i, req := range list {
		ids[i], version[req.ID] = req.ID, req.ContentVersion
	}
	all, err := stepsOf(ctx, r, ids...)
	if err != nil {
		return nil, nil, err
	}
	steps := make(map[ID][]Step, len(list))
	for _, step := range all {
		if step.ContentVersion == version[step.CreditRequestID] {
			steps[step.CreditRequestID] = append(steps[step.CreditRequestID], step)
		}
	}
	return steps, ids, nil
}

// currentSteps are the steps of a request's present content.
func currentSteps(ctx context.Context, r db.Reader, req Request) ([]Step, error) {
	steps, err := stepsOf(ctx, r, req.ID)
	return ofVersion(steps, req.ContentVersion), err
}

func ofVersion(steps []Step, version int) []Step {
	return slices.DeleteFunc(steps, func(s Step) bool { return s.ContentVersion != version })
}

// undecided tells whether a step still waits for somebody, now or later.
func (s Step) undecided() bool { return s.State == StepOpen || s.State == StepWaiting }

// insertSteps adds steps to a chain, behind those that are there.
func insertSteps(ctx context.Context, tx *db.Tx, req Request, add []authority.Step, behind, policyVersion int) ([]Step, error) {
	steps := make([]Step, 0, len(add))
	for i, a := range add {
		step := Step{
			CreditRequestID: req.ID, ContentVersion: req.ContentVersion, Position: behind + i + 1, LevelID: a.LevelID, LevelName: a.LevelName,
			Role: a.Role, Stage: behind + a.Position, PolicyRule: a.PolicyRule, PolicyVersion: policyVersion,
			RuleKey: a.Rule.Key, RuleParams: a.Rule.Params, Needed: a.Needed, State: StepWaiting,
		}
		if step.LevelName == "" {
			step.LevelName = a.Role
		}
		if step.RuleParams == nil {
			step.RuleParams = errs.Params{}
		}
		var err error
		step.ID, err = db.Value[StepID](ctx, tx, `insert into credit_steps (credit_request_id, content_version, position, level_id, level_name,
				rule_key, rule_params, needed, state, role, stage, policy_rule, policy_version)
				values ($1, $2, $3, nullif($4::bigint, 0), $5, $6, $7, $8, $9, $10, $11, $12, $13) returning id`,
			step.CreditRequestID, step.ContentVersion, step.Position, max(step.LevelID, 0), step.LevelName,
			step.RuleKey, step.RuleParams, step.Needed, step.State, step.Role, step.Stage, step.PolicyRule, step.PolicyVersion)
		if err != nil {
			return nil, fmt.Errorf("insert step: %w", err)
		}
		if err := saveCandidates(ctx, tx, &step, a.Candidates); err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// saveCandidates replaces who may decide a step. Somebody who could do so in two rights is listed in the first.
func saveCandidates(ctx context.Context, tx *db.Tx, step *Step, list []authority.Candidate) error {
	step.Candidates = candidatesOf(step.ID, list)
	users, behalves := make([]int64, len(step.Candidates)), make([]*int64, len(step.Candidates))
	for i, c := range step.Candidates {
		users[i], behalves[i] = c.UserID, c.OnBehalfOf
	}
	if _, err := tx.Exec(ctx, `with gone as (delete from credit_step_candidates where step_id = $1 and not user_id = any ($2))
		insert into credit_step_candidates (step_id, user_id, on_behalf_of) select $1, u, b from unnest($2::bigint[], $3::bigint[]) as c(u, b)
		on conflict (step_id, user_id) do update set on_behalf_of = excluded.on_behalf_of`, step.ID, users, behalves); err != nil {
		return fmt.Errorf("save candidates: %w", err)
	}
	return nil
}

func candidatesOf(step StepID, list []authority.Candidate) []Candidate {
	var out []Candidate
	for _, c := range list {
		if slices.ContainsFunc(out, func(o Candidate) bool { return o.UserID == c.UserID }) {
			continue
		}
		one := Candidate{StepID: step, UserID: c.UserID, Name: c.Name}
		if c.OnBehalfOf != 0 {
			one.OnBehalfOf = &c.OnBehalfOf
		}
		out = append(out, one)
	}
	return out
}

// openFor is the open step that a person decides: of several at once the one they named, or that names them.
func openFor(steps []Step, in DecideInput) int {
	first := -1
	for i, step := range steps {
		if step.State != StepOpen {
			continue
		}
		if step.ID == in.StepID || in.StepID == 0 && step.names(in.By.UserID) {
			return i
		}
		if first < 0 {
			first = i
		}
	}
	return first
}

// openNextTx opens the first stage that waits, unless a step is open, and tells the candidates.
func (s *Service) openNextTx(ctx context.Context, tx *db.Tx, req Request, steps []Step, by access.Actor) error {
	for _, step := range steps {
		if step.State == StepOpen {
			return nil
		}
	}
	at := slices.IndexFunc(steps, func(step Step) bool { return step.State == StepWaiting })
	if at < 0 {
		return nil
	}
	for _, step := range steps {
		if step.State != StepWaiting || step.Stage != steps[at].Stage {
			continue
		}
		if err := s.openStepTx(ctx, tx, req, step, by); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) openStepTx(ctx context.Context, tx *db.Tx, req Request, step Step, by access.Actor) error {
	if err := s.startStepTx(ctx, tx, req, step); err != nil {
		return err
	}
	var users []int64
	for _, c := range step.Candidates {
		users = append(users, c.UserID)
		tx.Publish(userTopic(c.UserID))
	}
	if req.CaseID != nil {
		if err := s.cases.StepOpenedTx(ctx, tx, *req.CaseID, int64(step.ID), by); err != nil {
			return err
		}
	}
	return s.tellTx(ctx, tx, req, "notice.credit_waits_for_you", users...)
}

// startStepTx opens a step. The clock of a case says when it is due; without a case the policy does.
func (s *Service) startStepTx(ctx context.Context, tx *db.Tx, req Request, step Step) error {
	if err := setStep(ctx, tx, step.ID, StepOpen); err != nil || req.CaseID != nil {
		return err
	}
	rules, err := s.rulebook.open(ctx, tx, step.PolicyVersion)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update credit_steps set due_at = $2 where id = $1`, step.ID, tx.Now().Add(rules.Policy().Deadlines.StepFor())); err != nil {
		return fmt.Errorf("start step: %w", err)
	}
	return nil
}

// setStep moves a step. Opening and ending leave their time.
func setStep(ctx context.Context, tx *db.Tx, id StepID, state StepState) error {
	column := "decided_at"
	if state == StepOpen {
		column = "opened_at"
	}
	if _, err := tx.Exec(ctx, `update credit_steps set state = $2, `+column+` = $3 where id = $1`, id, state, tx.Now()); err != nil {
		return fmt.Errorf("move step %s: %w", strconv.FormatInt(int64(id), 10), err)
	}
	return nil
}

// voidTx ends every undecided step of a request that leaves the chain.
func (s *Service) voidTx(ctx context.Context, tx *db.Tx, req Request, steps []Step, by access.Actor) error {
	for _, step := range steps {
		if !step.undecided() {
			continue
		}
		if err := setStep(ctx, tx, step.ID, StepVoid); err != nil {
			return err
		}
		if step.State == StepOpen && req.CaseID != nil {
			if err := s.cases.StepVoidedTx(ctx, tx, *req.CaseID, int64(step.ID), by); err != nil {
				return err
			}
		}
	}
	return nil
}
