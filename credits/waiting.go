package credits

import (
	"context"
	"fmt"

	"makegood/internal/access"
	"makegood/internal/db"
)

// waitingFor selects the open steps one person may sign now: listed as a candidate, there, not the requester, and
// without a signature of theirs on the request.
const waitingFor = `credit_step_candidates w join credit_steps st on st.id = w.step_id and st.state = 'open'
	join credit_requests r on r.id = st.credit_request_id and r.state = 'pending' and r.content_version = st.content_version
	join users me on me.id = w.user_id and me.active and not me.away
	where w.user_id = $1 and r.requester_id <> $1 and (cardinality($2::bigint[]) = 0 or r.entity_id = any ($2))
	and not exists (select from credit_decisions d where d.credit_request_id = r.id and d.content_version = r.content_version and d.user_id = $1)`

// Waiting lists what waits for a person's decision, the oldest first, also where they stand in for somebody.
func (s *Service) Waiting(ctx context.Context, by access.Actor, after string, limit int) (Page[WaitingItem], error) {
	if err := access.Can(by, access.ReadCredits, access.Object{}); err != nil {
		return Page[WaitingItem]{}, err
	}
	from := readPlace(after)
	limit = limitOf(limit)
	list, err := db.List[WaitingItem](ctx, s.db, fmt.Sprintf(`with mine as (
			select r.id as request, st.id as step, w.on_behalf_of from %s and (r.submitted_at, r.id) > ($3, $4)
			order by r.submitted_at, r.id limit %d
		)
		select %s, st.id as step_id, st.level_name, st.rule_key, st.rule_params, st.needed, st.opened_at, mine.on_behalf_of,
			coalesce(b.name, '') as stands_in_for, n.step, n.steps, n.signed, n.evidence_count, cl.due_at as step_due_at,
			coalesce(cl.outcome = 'breached_open', false) as step_breached
		from mine join credit_requests r on r.id = mine.request join credit_steps st on st.id = mine.step%s
		left join users b on b.id = mine.on_behalf_of
		cross join lateral (select
			(select count(*) from credit_steps x where x.credit_request_id = r.id and x.content_version = r.content_version
				and x.state <> 'void' and x.position <= st.position) as step,
			(select count(*) from credit_steps x where x.credit_request_id = r.id and x.content_version = r.content_version and x.state <> 'void') as steps,
			(select count(*) from credit_decisions x where x.step_id = st.id) as signed,
			(select count(*) from credit_request_evidence x where x.credit_request_id = r.id) as evidence_count) n
		left join lateral (select due_at, outcome from case_clocks x where x.case_id = r.case_id and x.kind = 'approval_step'
			and x.subject_id = st.id order by instance desc, revision desc limit 1) cl on true
		order by r.submitted_at, r.id`, waitingFor, limit+1, rowColumns, rowJoins),
		by.UserID, orNone(by.EntityIDs), from.at, from.id)
	if err != nil {
		return Page[WaitingItem]{}, fmt.Errorf("list what waits: %w", err)
	}
	if len(list) <= limit {
		return Page[WaitingItem]{Rows: list}, nil
	}
	last := list[limit-1]
	return Page[WaitingItem]{Rows: list[:limit], Next: place{at: *last.SubmittedAt, id: int64(last.ID)}.String()}, nil
}

// WaitingCount counts what waits for a person's decision.
func (s *Service) WaitingCount(ctx context.Context, by access.Actor) (int, error) {
	n, err := db.Value[int](ctx, s.db, `select count(*) from `+waitingFor, by.UserID, orNone(by.EntityIDs))
	if err != nil {
		return 0, fmt.Errorf("count what waits: %w", err)
	}
	return n, nil
}
