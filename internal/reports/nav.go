package reports

import (
	"context"
	"fmt"

	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
)

// NavCounts are the figures on the navigation: what waits in each room for one person.
type NavCounts struct {
	Queue     int // open cases that are theirs and not put off
	Approvals int // requests that wait for their decision
	Board     int // open cases past a deadline
	Intake    int // messages held or quarantined
	Reviews   int // samples of own limits that they may look at
	Notices   int // what they were told and have not read, up to cases.UnreadMost
}

// NavCounts counts what waits for somebody, in one statement that reads open work only.
func (s *Service) NavCounts(ctx context.Context, by access.Actor) (NavCounts, error) {
	counts, err := db.One[NavCounts](ctx, s.db.Keyed(), `select
		(select count(*) from cases where assignee_id = $1 and status in ('new','open','waiting') and (follow_up_at is null or follow_up_due)
			and (cardinality($2::bigint[]) = 0 or entity_id is null or entity_id = any ($2))) as queue,
		(select count(*) from credit_requests r
			join credit_steps s on s.credit_request_id = r.id and s.content_version = r.content_version and s.state = 'open'
			where r.state = 'pending' and r.requester_id <> $1 and (cardinality($2::bigint[]) = 0 or r.entity_id = any ($2))
			and exists (select from users u where u.id = $1 and u.active and not u.away)
			and exists (select from credit_step_candidates c where c.step_id = s.id and c.user_id = $1)
			and not exists (select from credit_decisions d where d.credit_request_id = r.id
				and d.content_version = r.content_version and d.user_id = $1)) as approvals,
		(select count(*) from cases where status in ('new','open','waiting') and breached
			and (cardinality($2::bigint[]) = 0 or entity_id is null or entity_id = any ($2))) as board,
		(select count(*) from inbound_messages m where m.fate in ('held','quarantined') and (cardinality($2::bigint[]) = 0
			or (select e.id is null or e.id = any ($2) from (select `+inbox.InboundEntity+` as id) e))) as intake,
		(select count(*) from own_limit_draws d where $3 and d.sampled and d.verdict = '' and d.requester_id <> $1
			and (cardinality($2::bigint[]) = 0 or d.entity_id = any ($2))
			and exists (select from authority_held h join authority_levels l on l.id = h.level_id
				where h.user_id = $1 and h.valid_from <= $4 and h.valid_until > $4
					and holding_covers(h.entity_ids, h.regions, h.team_ids, d.entity_id, (select f.facts from credit_request_facts f where f.credit_request_id = d.credit_request_id))
					and (l.rank > d.requester_rank or l.rank = d.requester_rank and l.rank = (select max(rank) from authority_levels)))) as reviews,
		(select count(*) from (select from notices where user_id = $1 and read_at is null limit $5) unread) as notices`,
		by.UserID, scopeOf(by), access.May(by, access.Review), s.db.Now(), cases.UnreadMost)
	if err != nil {
		return NavCounts{}, fmt.Errorf("count for navigation: %w", err)
	}
	return counts, nil
}

// scopeOf lists the legal entities an actor may see; none means all.
func scopeOf(by access.Actor) []int64 {
	if by.EntityIDs == nil {
		return []int64{}
	}
	return by.EntityIDs
}
