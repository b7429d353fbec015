package credits

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"makegood/cases"
	"makegood/credits/authority"
	"makegood/credits/authority/policy"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// atOnce is how many requests one sweep ends; the next one goes on.
const atOnce = 200

// expireAll ends the requests that waited longer than their policy lets them, to be decided or, when posting failed, to be put right, and gives back what they reserved. One that cannot be
// ended keeps nobody else's waiting.
func (s *Service) expireAll(ctx context.Context) error {
	over, err := db.Values[ID](ctx, s.db, `select id from credit_requests where state in ('pending', 'returned') and expires_at <= $1
		or state = 'returned' and returned_until <= $1 or state = 'failed' and approved_at + (expires_at - submitted_at) <= $1 order by id limit $2`, s.db.Now(), atOnce)
	if err != nil {
		return fmt.Errorf("look for expired requests: %w", err)
	}
	var failed error
	for _, id := range over {
		if err := s.expire(ctx, id); err != nil {
			failed = errors.Join(failed, fmt.Errorf("expire request %d: %w", id, err))
		}
	}
	return failed
}

func (s *Service) expire(ctx context.Context, id ID) error {
	by := access.SystemActor("credits.expire")
	return s.db.Do(ctx, func(tx *db.Tx) error {
		req, err := s.lockTx(ctx, tx, id, by, access.Decide)
		if err != nil || !req.overdue(tx.Now()) {
			return err
		}
		steps, err := currentSteps(ctx, tx, req)
		if err != nil {
			return err
		}
		if err := s.voidTx(ctx, tx, req, steps, by); err != nil {
			return err
		}
		data := map[string]any{"was": req.State}
		if err := s.endTx(ctx, tx, &req, Expired); err != nil {
			return err
		}
		if err := s.tellTx(ctx, tx, req, "notice.credit_expired", req.RequesterID); err != nil {
			return err
		}
		return s.markTx(ctx, tx, req, cases.CreditExpired, by, data)
	})
}

// overdue tells whether a request ends by itself at a moment.
func (r Request) overdue(now time.Time) bool {
	past := func(t *time.Time) bool { return t != nil && !t.After(now) }
	switch r.State {
	case Pending:
		return past(r.ExpiresAt)
	case Returned:
		return past(r.ExpiresAt) || past(r.ReturnedUntil)
	case Failed:
		return r.lapsed(now)
	case Draft, Approved, Posted, Rejected, Withdrawn, Expired:
	}
	return false
}

// deadlines reminds of the open steps of a request that are late, and lets climb what nobody decided in time.
func (s *Service) deadlines(ctx context.Context, ro roster, req Request, steps []Step) error {
	rules, now := ro.deadlines(ro.factsOf(req).PolicyVersion), s.db.Now()
	for _, step := range steps {
		switch {
		case step.State != StepOpen || step.OpenedAt == nil || step.DueAt == nil || !rules.RemindAt(*step.OpenedAt, *step.DueAt).Before(now):
		case step.RemindedAt == nil:
			if err := s.remind(ctx, req.ID, step.ID, rules); err != nil {
				return err
			}
		case step.ClimbedAt == nil && rules.ClimbAt(*step.OpenedAt, *step.DueAt).Before(now) && ro.climbs(req, steps, step, now):
			if err := s.climb(ctx, req.ID, step.ID, rules); err != nil {
				return err
			}
		}
	}
	return nil
}

// lateStepTx locks a request and gives its step if that is open and late by a measure.
func (s *Service) lateStepTx(ctx context.Context, tx *db.Tx, id ID, step StepID, by access.Actor, late func(opened, due time.Time) time.Time) (Request, []Step, int, error) {
	req, err := s.lockTx(ctx, tx, id, by, access.Decide)
	if err != nil || req.State != Pending {
		return req, nil, -1, err
	}
	steps, err := currentSteps(ctx, tx, req)
	if err != nil {
		return req, nil, -1, err
	}
	at := slices.IndexFunc(steps, func(s Step) bool {
		return s.ID == step && s.State == StepOpen && s.OpenedAt != nil && s.DueAt != nil && late(*s.OpenedAt, *s.DueAt).Before(tx.Now())
	})
	return req, steps, at, nil
}

// remind tells those who may decide a step that it is late.
func (s *Service) remind(ctx context.Context, id ID, step StepID, rules policy.Deadlines) error {
	by := access.SystemActor("credits.deadlines")
	return s.db.Do(ctx, func(tx *db.Tx) error {
		req, steps, at, err := s.lateStepTx(ctx, tx, id, step, by, rules.RemindAt)
		if err != nil || at < 0 || steps[at].RemindedAt != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update credit_steps set reminded_at = $2 where id = $1`, step, tx.Now()); err != nil {
			return fmt.Errorf("remind: %w", err)
		}
		if err := s.tellTx(ctx, tx, req, "notice.credit_still_waits", steps[at].users()...); err != nil {
			return err
		}
		tx.Publish(req.topics()...)
		return audit.RecordTx(ctx, tx, audit.Event{Stream: req.stream(), By: by, What: "credit_step.reminded", Data: map[string]any{
			"request": req.ID, "number": req.Number, "step": step, "level": steps[at].LevelName,
		}})
	})
}

func (s Step) users() []int64 {
	users := make([]int64, len(s.Candidates))
	for i, c := range s.Candidates {
		users[i] = c.UserID
	}
	return users
}

// climb takes a step from those who let it lie and has the next higher level decide, as if they were not there. Where that
// would leave nobody, the step stays with them.
func (s *Service) climb(ctx context.Context, id ID, step StepID, rules policy.Deadlines) error {
	by := access.SystemActor("credits.deadlines")
	return s.db.Do(ctx, func(tx *db.Tx) error {
		req, steps, at, err := s.lateStepTx(ctx, tx, id, step, by, rules.ClimbAt)
		if err != nil || at < 0 || steps[at].ClimbedAt != nil {
			return err
		}
		ro, err := s.readRoster(ctx, tx, id)
		if err != nil || !ro.climbs(req, steps, steps[at], tx.Now()) {
			return err
		}
		if _, err := tx.Exec(ctx, `update credit_steps set climbed_at = $2 where id = $1`, step, tx.Now()); err != nil {
			return fmt.Errorf("climb: %w", err)
		}
		if err := s.tellTx(ctx, tx, req, "notice.credit_went_up", append(steps[at].users(), req.RequesterID)...); err != nil {
			return err
		}
		if err := audit.RecordTx(ctx, tx, audit.Event{Stream: req.stream(), By: by, What: "credit_step.climbed", Data: map[string]any{
			"request": req.ID, "number": req.Number, "step": step, "level": steps[at].LevelName,
		}}); err != nil {
			return err
		}
		_, _, err = s.rerouteTx(ctx, tx, ro, req, by)
		return err
	})
}

// climbs tells whether somebody is left to decide when a step is taken from its people.
func (ro roster) climbs(req Request, steps []Step, late Step, now time.Time) bool {
	tried := slices.Clone(steps)
	for i := range tried {
		if tried[i].ID == late.ID {
			tried[i].ClimbedAt = &now
		}
	}
	stored, asked := ro.redrawn(req, steps)
	stored, asked = ro.upward(stored, asked, steps)
	drawn, err := ro.passing(tried).without(req, tried, stored.PolicyVersion, now).chain(stored.PolicyVersion, stored.Facts, asked, now)
	if err != nil || drawn.Orphan {
		return false
	}
	// A way up that asks the same people again would change nothing.
	return !slices.ContainsFunc(drawn.Steps, late.asks)
}

// passing is the roster without those who let a step of this request lie until it climbed.
func (ro roster) passing(steps []Step) roster {
	holders := slices.Clone(ro.holders)
	for _, step := range steps {
		if step.ClimbedAt == nil {
			continue
		}
		for i, h := range holders {
			if step.asksFor(h) {
				holders[i].Away = true
			}
		}
	}
	ro.holders = holders
	ro.delegations = slices.DeleteFunc(slices.Clone(ro.delegations), func(d Delegation) bool { return ro.climbedFrom(steps, d.FromID) })
	return ro
}

// climbedFrom tells whether somebody's step was taken from them: then it is not handed to their stand-in either.
func (ro roster) climbedFrom(steps []Step, user int64) bool {
	return slices.ContainsFunc(steps, func(s Step) bool {
		return s.ClimbedAt != nil && slices.ContainsFunc(ro.holders, func(h Holder) bool { return h.UserID == user && s.asksFor(h) })
	})
}

// asksFor tells whether a step is for a holder: by the role they have, or the level they hold.
func (s Step) asksFor(h Holder) bool {
	return s.Role != "" && slices.Contains(h.Roles, s.Role) || s.Role == "" && h.LevelID == s.LevelID
}

// drawn draws the chain of a stored request anew. Whoever let a step climb is passed over, unless nobody else is left.
func (ro roster) drawn(req Request, steps []Step, stored storedFacts, asked authority.Request, now time.Time) (policy.Outcome, error) {
	draw := func(ro roster) (policy.Outcome, error) {
		return ro.without(req, steps, stored.PolicyVersion, now).chain(stored.PolicyVersion, stored.Facts, asked, now)
	}
	if !slices.ContainsFunc(steps, func(s Step) bool { return s.ClimbedAt != nil }) {
		return draw(ro)
	}
	outcome, err := draw(ro.passing(steps))
	if err != nil || !outcome.Orphan {
		return outcome, err
	}
	return draw(ro)
}
