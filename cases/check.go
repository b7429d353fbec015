package cases

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"makegood/billing"
	"makegood/cases/clock"
	"makegood/cases/escalation"
	"makegood/internal/access"
	"makegood/internal/db"
)

// checkClock works a timer: it locks the case, sees whether the clock is still the one the timer was set for, derives
// it anew, and tells people what it has come to. Run twice, the second run finds nothing to do.
func (s *Service) checkClock(ctx context.Context, in CheckClock) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		id, err := db.Value[ID](ctx, tx, `select case_id from case_clocks where id = $1 and version = $2`, in.ClockID, in.Version)
		if errors.Is(err, db.ErrNoRow) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("find clock: %w", err)
		}
		_, err = s.changeTx(ctx, tx, id, access.SystemActor("clock"), func(w *work) error {
			w.quiet = true
			return s.lookAtClock(ctx, w, in)
		})
		return err
	})
}

// lookAtClock brings the case's clocks up to now and escalates the one that was asked for.
func (s *Service) lookAtClock(ctx context.Context, w *work, in CheckClock) error {
	before, err := clockByID(ctx, w.tx, in.ClockID)
	if err != nil || before.Version != in.Version || !before.Outcome.Open() {
		return err // moved on while we waited for the case
	}
	t, err := s.timing(ctx, w.tx, w.c)
	if err != nil {
		return err
	}
	t.checking = in.ClockID
	if err := s.storeClocks(ctx, w, t); err != nil {
		return err
	}
	w.c.cacheClocks(t.derived)
	for _, i := range t.derived {
		c, _, _ := t.rowFor(w.c.ID, i, false)
		if c.ID == in.ClockID && c.Outcome.Open() {
			return s.escalate(ctx, w, t, c, i)
		}
	}
	return nil
}

// escalate tells people how far a clock has come, once for each threshold, and does what the policy's ladder says.
func (s *Service) escalate(ctx context.Context, w *work, t timing, c Clock, i clock.Instance) error {
	first := t.firstBreach(c.lineage())
	reached := ""
	for _, m := range moments(i, t.ladder, first) {
		if !m.at.After(w.tx.Now()) {
			reached = m.name
		}
	}
	if reached == "" || level(reached) <= level(c.Warned) {
		return nil
	}
	state, err := s.escalationState(ctx, w, c, reached, first)
	if err != nil {
		return err
	}
	actions, rung := escalation.Next(t.ladder, state), escalation.Reached(t.ladder, state)
	if err := setTold(ctx, w.tx, c.ID, reached, rung); err != nil {
		return err
	}
	w.note(whatOf(c.Warned, reached), c.told(reached, rung, actions))
	return s.carryOut(ctx, w, c, reached, actions)
}

// whatOf names the event: the first time at or past the breach it is the breach.
func whatOf(told, reached string) string {
	switch {
	case level(reached) < 0:
		return "clock.warned"
	case level(told) < 0:
		return "clock.breached"
	}
	return "clock.escalated"
}

func (c Clock) told(reached string, rung int, actions []escalation.Action) map[string]any {
	data := c.eventData()
	data["threshold"], data["rung"] = reached, rung
	to := []int64{}
	for _, a := range actions {
		if a.Kind == escalation.Notify && a.To != 0 {
			to = append(to, a.To)
		}
	}
	data["told"] = to
	return data
}

func (s *Service) escalationState(ctx context.Context, w *work, c Clock, reached string, first *time.Time) (escalation.State, error) {
	state := escalation.State{
		Threshold: escalation.Threshold(reached), RungReached: c.Rung, Priority: escalation.Priority(w.c.Priority), Amount: w.c.RiskBase,
	}
	if level(reached) >= 0 {
		state.Threshold = escalation.Breach
		if first != nil {
			state.SinceBreach = w.tx.Now().Sub(*first)
		}
	}
	p, err := placesOf(ctx, w.tx, w.c)
	if err != nil {
		return state, err
	}
	state.Assignee, state.TeamLead, state.Supervisors, state.Managers = p.Assignee, p.Lead, p.Supervisors, p.Managers
	state.VIP = p.Tier == billing.Platinum
	if state.Acknowledged, err = acknowledged(ctx, w.tx, c); err != nil {
		return state, err
	}
	return state, nil
}

// carryOut does what the ladder says. A change of priority re-times the clocks like any other, but the clocks it makes
// late do not escalate again on its account.
func (s *Service) carryOut(ctx context.Context, w *work, c Clock, reached string, actions []escalation.Action) error {
	for _, a := range actions {
		switch a.Kind {
		case escalation.Notify:
			if a.To == 0 {
				continue // nobody is there; the board shows the case as breached
			}
			n := Notice{UserID: a.To, CaseID: &w.c.ID, Key: a.Reason, Params: map[string]string{
				"number": w.c.Number, "clock": string(c.Kind), "threshold": reached,
				"clock_id": strconv.FormatInt(int64(c.ID), 10), "rung": strconv.Itoa(a.Rung),
			}}
			if err := insertNotice(ctx, w.tx, n); err != nil {
				return err
			}
		case escalation.Reassign:
			w.assign(&a.To, w.c.TeamID, a.Reason)
			w.quiet = false
		case escalation.RaisePriority:
			w.escalated, w.quiet = true, false
			w.setPriority(Priority(a.Priority), a.Reason)
		}
	}
	return nil
}

// acknowledged tells whether somebody took notice of the last rung of a clock.
func acknowledged(ctx context.Context, r db.Reader, c Clock) (bool, error) {
	return db.Value[bool](ctx, r, `select exists (select 1 from notices where case_id = $1 and acknowledged_at is not null
		and params->>'clock_id' = $2 and params->>'rung' = $3)`, c.CaseID, strconv.FormatInt(int64(c.ID), 10), strconv.Itoa(c.Rung))
}

// places are the people around a case, those who are away left out.
type places struct {
	Assignee    int64
	Lead        int64
	Supervisors []int64
	Managers    []int64
	Tier        billing.Tier
}

func placesOf(ctx context.Context, r db.Reader, c Case) (places, error) {
	p, err := db.One[places](ctx, r, `with here as (
			select id, roles, team_id from users where active and not away and (cardinality(entity_ids) = 0 or $1 = 0 or $1 = any(entity_ids)))
		select coalesce((select id from here where id = $2), 0) as assignee,
			coalesce((select h.id from teams t join here h on h.id = t.lead_id
				where t.id = coalesce($3, (select team_id from users where id = $2))), 0) as lead,
			coalesce((select array_agg(id order by id) from here where 'supervisor' = any(roles)), '{}') as supervisors,
			coalesce((select array_agg(id order by id) from here where 'director' = any(roles)), '{}') as managers,
			coalesce((select tier from customers where id = $4), '') as tier`, c.entity(), c.AssigneeID, c.TeamID, c.CustomerID)
	if err != nil {
		return places{}, fmt.Errorf("find who is told: %w", err)
	}
	return p, nil
}

func setTold(ctx context.Context, tx *db.Tx, id ClockID, threshold string, rung int) error {
	if _, err := tx.Exec(ctx, `update case_clocks set warned = $2, rung = $3 where id = $1`, id, threshold, rung); err != nil {
		return fmt.Errorf("remember who was told: %w", err)
	}
	return nil
}

func clockByID(ctx context.Context, r db.Reader, id ClockID) (Clock, error) {
	c, err := db.One[Clock](ctx, r, `select `+clockColumns+` from case_clocks where id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return Clock{}, nil
	}
	return c, err
}
