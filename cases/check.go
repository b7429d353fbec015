package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"makegood/billing"
	"makegood/cases/escalation"
	"makegood/internal/db"
)

// checkClock works a timer, together with others that are due at the same time.
func (s *Service) checkClock(ctx context.Context, in CheckClock) error { return s.timers.do(ctx, in) }

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

// statesOf is how the ladders see the clocks of looks, in their order.
func statesOf(ctx context.Context, r db.Reader, list []*look) ([]escalation.State, error) {
	if len(list) == 0 {
		return nil, nil
	}
	around, err := placesOf(ctx, r, list)
	if err != nil {
		return nil, err
	}
	takers, err := takersOf(ctx, r, list, around)
	if err != nil {
		return nil, err
	}
	states := make([]escalation.State, len(list))
	for n, l := range list {
		p := around[n]
		states[n] = escalation.State{
			Threshold: escalation.Threshold(l.reached), RungReached: l.clock.Rung, Acknowledged: p.Acknowledged, Assignee: p.Assignee, TeamLead: p.Lead,
			Supervisors: p.Supervisors, Managers: p.Managers, Owner: p.Owner, MayWork: takers[n], Priority: escalation.Priority(l.c.Priority), VIP: p.Tier == billing.Platinum, Amount: l.c.RiskBase,
		}
		if level(l.reached) >= 0 {
			states[n].Threshold = escalation.Breach
			if l.first != nil {
				states[n].SinceBreach = l.tx.Now().Sub(*l.first)
			}
		}
	}
	return states, nil
}

// carryOut does what the ladder says. A change of priority re-times the clocks like any other, but the clocks it makes
// late do not escalate again on its account.
func (l *look) carryOut(actions []escalation.Action) {
	for _, a := range actions {
		switch a.Kind {
		case escalation.Notify:
			if a.To == 0 {
				continue // nobody is there; the board shows the case as breached
			}
			l.notices = append(l.notices, Notice{UserID: a.To, CaseID: &l.c.ID, Key: a.Reason, Urgent: a.Urgent, Params: map[string]string{
				"number": l.c.Number, "clock": string(l.clock.Kind), "threshold": l.reached,
				"clock_id": strconv.FormatInt(int64(l.clock.ID), 10), "rung": strconv.Itoa(a.Rung),
			}})
			l.tell(fmt.Sprintf("user:%d", a.To))
		case escalation.Reassign:
			l.assign(&a.To, l.c.TeamID, a.Reason)
			l.quiet = false
		case escalation.RaisePriority:
			l.escalated, l.quiet = true, false
			l.setPriority(Priority(a.Priority), a.Reason)
		}
	}
}

// takersOf are those of the people around each case who can be given it. Only ladders that give cases to somebody ask for them.
func takersOf(ctx context.Context, r db.Reader, list []*look, around []places) ([][]int64, error) {
	takers := make([][]int64, len(list))
	var ids []int64
	for n, l := range list {
		if l.t.ladder.Reassigns() {
			ids = append(ids, around[n].people()...)
		}
	}
	if len(ids) == 0 {
		return takers, nil
	}
	found, err := db.List[colleague](ctx, r, `select id, name, roles, entity_ids, active from users where id = any ($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("find who can be given a case: %w", err)
	}
	for n, l := range list {
		there := around[n].people()
		for _, c := range found {
			if slices.Contains(there, c.ID) && c.canTake(l.c) == nil {
				takers[n] = append(takers[n], c.ID)
			}
		}
	}
	return takers, nil
}

// places are the people around a case, those who are away left out, and whether one of them took notice of the clock's last rung.
type places struct {
	Assignee     int64
	Lead         int64
	Supervisors  []int64
	Managers     []int64
	Tier         billing.Tier
	Owner        int64 // of high-impact cases, as the ladder names them
	Acknowledged bool
}

func (p places) people() []int64 {
	return slices.Concat([]int64{p.Assignee, p.Lead, p.Owner}, p.Supervisors, p.Managers)
}

func placesOf(ctx context.Context, r db.Reader, list []*look) ([]places, error) {
	var entities, cases, subjects, owners []int64
	var assignees, teams, customers []*int64
	var kinds, rungs []string
	var instances []int
	for _, l := range list {
		entities, cases = append(entities, l.c.entity()), append(cases, int64(l.c.ID))
		assignees, teams, customers = append(assignees, l.c.AssigneeID), append(teams, l.c.TeamID), append(customers, (*int64)(l.c.CustomerID))
		kinds, instances, subjects = append(kinds, string(l.clock.Kind)), append(instances, l.clock.Instance), append(subjects, l.clock.SubjectID)
		rungs, owners = append(rungs, strconv.Itoa(l.clock.Rung)), append(owners, l.t.ladder.OwnerID)
	}
	found, err := db.List[places](ctx, r, placesQuery, entities, cases, assignees, teams, customers, kinds, instances, subjects, rungs, owners)
	if err != nil {
		return nil, fmt.Errorf("find who is told: %w", err)
	}
	return found, nil
}

// placesQuery asks for the notice of a rung by what names all revisions of its clock: the breach that raises the priority begins another one.
const placesQuery = `with here as materialized (select id, roles, team_id, entity_ids from users where active and not away),
		asked as materialized (select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::int[], $8::bigint[], $9::text[], $10::bigint[])
			with ordinality a (entity, case_id, assignee, team, customer, kind, instance, subject, rung, owner, n)),
		led as materialized (select e.entity, array_agg(h.id order by h.id) filter (where 'supervisor' = any(h.roles)) as supervisors,
				array_agg(h.id order by h.id) filter (where 'director' = any(h.roles)) as managers
			from (select distinct entity from asked) e left join here h on cardinality(h.entity_ids) = 0 or e.entity = 0 or e.entity = any(h.entity_ids) group by 1)
	select coalesce((select h.id from here h where h.id = a.assignee and (cardinality(h.entity_ids) = 0 or a.entity = 0 or a.entity = any(h.entity_ids))), 0) as assignee,
		coalesce((select h.id from teams t join here h on h.id = t.lead_id and (cardinality(h.entity_ids) = 0 or a.entity = 0 or a.entity = any(h.entity_ids))
			where t.id = coalesce(a.team, (select u.team_id from users u where u.id = a.assignee))), 0) as lead,
		coalesce((select h.id from here h where h.id = a.owner and (cardinality(h.entity_ids) = 0 or a.entity = 0 or a.entity = any(h.entity_ids))), 0) as owner,
		coalesce(led.supervisors, '{}') as supervisors, coalesce(led.managers, '{}') as managers,
		coalesce((select tier from customers where id = a.customer), '') as tier,
		exists (select from notices n join case_clocks k on k.id = (n.params->>'clock_id')::bigint
			where n.case_id = a.case_id and n.acknowledged_at is not null and n.params->>'rung' = a.rung
				and k.case_id = a.case_id and k.kind = a.kind and k.instance = a.instance and k.subject_id = a.subject) as acknowledged
	from asked a join led on led.entity = a.entity order by a.n`
