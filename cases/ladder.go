package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"makegood/cases/clock"
	"makegood/cases/escalation"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// LadderInput is who shall be told when the clocks of a policy run out. Policy is the version that was read.
type LadderInput struct {
	By      access.Actor
	Policy  int64
	Ladder  escalation.Ladder
	Comment string // why
}

// SaveLadder gives a policy another ladder, as a new version of the policy with the same promises, and tells its id. Open cases are put
// under it by a job; the steps that a clock has climbed stay climbed. ErrStaleSetting when the policy has another version since, ErrNoPolicy
// when there is none.
func (s *Service) SaveLadder(ctx context.Context, in LadderInput) (int64, ClockChange, error) {
	var id int64
	change, err := s.changeClocks(ctx, setting{by: in.By, what: LadderSetting, comment: in.Comment}, func(tx *db.Tx, now *setting) error {
		p, err := db.One[Policy](ctx, tx, `select `+policyColumns+` from sla_policies p where p.id = $1`, in.Policy)
		if errors.Is(err, db.ErrNoRow) {
			return ErrNoPolicy
		}
		if err != nil {
			return fmt.Errorf("read policy: %w", err)
		}
		if !p.Active {
			return ErrStaleSetting
		}
		if err := in.check(ctx, tx, p); err != nil {
			return err
		}
		p.Ladder = in.Ladder
		if id, err = s.SavePolicyTx(ctx, tx, p); err != nil {
			return err
		}
		now.name, now.version, now.moves = p.Name, p.Version+1, true
		now.data["name"], now.data["policy"], now.data["ladder"] = p.Name, id, in.Ladder
		return nil
	})
	return id, change, err
}

// check refuses a ladder that cannot be climbed, a step at a warning that the policy does not give, an owner who is not there, and what
// changes nothing.
func (in LadderInput) check(ctx context.Context, r db.Reader, p Policy) error {
	if err := in.Ladder.Check(); err != nil {
		return err
	}
	var wrong []errs.Field
	for i, rung := range in.Ladder.Rungs {
		if rung.At != escalation.Breach && !slices.Contains(warningsOf(p.Definition), rung.At) {
			wrong = append(wrong, errs.Field{Name: "rungs." + strconv.Itoa(i), Key: "escalation.no_such_warning"})
		}
	}
	if in.Ladder.OwnerID != 0 {
		there, err := db.Value[bool](ctx, r, `select exists (select from users where id = $1 and active)`, in.Ladder.OwnerID)
		if err != nil {
			return fmt.Errorf("find escalation owner: %w", err)
		}
		if !there {
			wrong = append(wrong, errs.Field{Name: "owner_id", Key: "case.no_such_person"})
		}
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	before, err := json.Marshal(p.Ladder)
	if err != nil {
		return fmt.Errorf("write ladder: %w", err)
	}
	after, err := json.Marshal(in.Ladder)
	if err != nil {
		return fmt.Errorf("write ladder: %w", err)
	}
	if string(before) == string(after) {
		return errs.New(errs.Invalid, "clock_setting.unchanged")
	}
	return nil
}

// warningsOf are the thresholds before the deadline that a policy's clocks announce.
func warningsOf(p clock.Policy) []escalation.Threshold {
	list := make([]escalation.Threshold, len(p.Warnings()))
	for n, percent := range p.Warnings() {
		list[n] = escalation.Threshold("warn" + strconv.Itoa(percent))
	}
	return list
}

// LadderSteps are the thresholds that the steps of a policy's ladder may stand at, in the order of time.
func LadderSteps(p clock.Policy) []escalation.Threshold {
	return append(warningsOf(p), escalation.Breach)
}
