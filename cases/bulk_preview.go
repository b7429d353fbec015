package cases

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// BulkRefusal is one case that a run would leave as it is, and why: a message key with its Params.
type BulkRefusal struct {
	Number string
	Reason string
	Params map[string]string
}

// bulkRefusalsShown is how many refusals a preview names; the others are only counted.
const bulkRefusalsShown = 50

// foresee tells which cases the run would refuse at this moment, without touching one: the rules of the run itself, asked of what
// was read at once.
func (s *Service) foresee(ctx context.Context, in BulkInput, ids []ID) (refused int, first []BulkRefusal, err error) {
	list, err := db.List[Case](ctx, s.db, `select `+caseColumns+` from cases where id = any ($1) order by id desc`, ids)
	if err != nil {
		return 0, nil, fmt.Errorf("read cases of bulk: %w", err)
	}
	rule, err := s.bulkRule(ctx, in, ids)
	if err != nil {
		return 0, nil, err
	}
	for _, c := range list {
		err := access.Can(in.By, access.WorkCases, access.Object{EntityID: c.entity()})
		if err == nil {
			err = rule(c)
		}
		why := (*errs.Error)(nil)
		if !errors.As(err, &why) {
			continue
		}
		refused++
		if len(first) < bulkRefusalsShown {
			reason := firstOf(why)
			first = append(first, BulkRefusal{Number: c.Number, Reason: reason.Key, Params: reason.Params})
		}
	}
	return refused, first, nil
}

// bulkRule is what stands against the action for one case; nil when nothing does.
func (s *Service) bulkRule(ctx context.Context, in BulkInput, ids []ID) (func(c Case) error, error) {
	switch in.Action {
	case BulkAssign:
		return s.assignRule(ctx, in)
	case BulkStatus:
		return s.moveRule(ctx, in.Value, ids)
	case BulkRootCause:
		known, err := knownCause(ctx, s.db, numberOrNil(in.Value))
		if err != nil {
			return nil, err
		}
		return func(Case) error { return onlyIf(!known, errs.InvalidField("value", "bulk.bad_value")) }, nil
	case BulkMacro:
		return s.macroRule(ctx, in, ids)
	case BulkTag, BulkUntag:
	}
	return func(Case) error { return nil }, nil
}

func (s *Service) assignRule(ctx context.Context, in BulkInput) (func(c Case) error, error) {
	give, err := s.giveRule(ctx, in.By, numberOrNil(in.Value))
	if err != nil {
		return nil, err
	}
	return func(c Case) error {
		if !c.Status.Active() {
			return errs.New(ErrClosed.Kind, ErrClosed.Key, "number", c.Number)
		}
		return give(c)
	}, nil
}

// giveRule is what stands against giving one case to somebody, or to nobody.
func (s *Service) giveRule(ctx context.Context, by access.Actor, to *int64) (func(c Case) error, error) {
	var who *colleague
	if to != nil {
		found, err := colleagueByID(ctx, s.db, *to)
		if err != nil {
			return nil, err
		}
		who = &found
	}
	return func(c Case) error {
		if same(c.AssigneeID, to) {
			return nil
		}
		if err := mayGive(c, by, to); err != nil || who == nil {
			return err
		}
		return who.canTake(c)
	}, nil
}

// moveRule is what stands against a status for one case.
func (s *Service) moveRule(ctx context.Context, value string, ids []ID) (func(c Case) error, error) {
	to, on, _ := statusOf(value)
	lines, undone, unsaid := map[ID][]DisputeLine{}, map[ID]string{}, map[ID]string{}
	if to == StatusResolved {
		var err error
		if undone, err = undoneOf(ctx, s.db, ids); err != nil {
			return nil, err
		}
		if unsaid, err = unsaidOf(ctx, s.db, ids); err != nil {
			return nil, err
		}
		list, err := db.List[DisputeLine](ctx, s.db, `select `+disputeColumns+` from dispute_lines where case_id = any ($1) order by id`, ids)
		if err != nil {
			return nil, fmt.Errorf("read dispute lines of bulk: %w", err)
		}
		for _, d := range list {
			lines[d.CaseID] = append(lines[d.CaseID], d)
		}
	}
	return func(c Case) error {
		if to == c.Status && on == c.WaitingOn {
			return nil
		}
		if err := checkMove(c, to, on); err != nil || to != StatusResolved {
			return err
		}
		return cmp.Or(mayResolve(c, lines[c.ID], undone[c.ID]), allSaid(c, unsaid[c.ID]))
	}, nil
}

// BulkRuns lists the actor's own runs, the latest first.
func (s *Service) BulkRuns(ctx context.Context, by access.Actor, limit int) ([]BulkRun, error) {
	if err := access.Can(by, access.WorkCases, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[BulkRun](ctx, s.db, `select `+bulkColumns+` from bulk_runs where owner_id = $1 order by id desc limit $2`, by.UserID, limit)
	if err != nil {
		return nil, fmt.Errorf("list bulk runs: %w", err)
	}
	return list, nil
}
