package reports

import (
	"fmt"
	"strings"
)

// shape says where each column of a fact's rows comes from; what is left empty is null.
type shape struct {
	id, caseID, at, seconds, good, part, number   string
	who, decider, policy, priority                string
	entity, customer, cause, reason, amount, from string
	level, score, note                            string
}

// statement is the select of the rows: id, case_id, number, at, seconds, good, part, who, decider, policy_id, priority,
// entity_id, customer_id, cause_id, reason, amount, level, score, note.
func (s shape) statement() string {
	or := func(text, kind string) string {
		if text == "" {
			return "null::" + kind
		}
		return text
	}
	columns := []string{
		or(s.id, "bigint") + " as id", or(s.caseID, "bigint") + " as case_id", or(s.number, "text") + " as number", s.at + " as at",
		or(s.seconds, "bigint") + " as seconds", or(s.good, "boolean") + " as good", or(s.part, "text") + " as part", or(s.who, "bigint") + " as who",
		or(s.decider, "text") + " as decider", or(s.policy, "bigint") + " as policy_id", or(s.priority, "text") + " as priority",
		or(s.entity, "bigint") + " as entity_id", or(s.customer, "bigint") + " as customer_id", or(s.cause, "bigint") + " as cause_id",
		or(s.reason, "text") + " as reason", or(s.amount, "numeric") + " as amount",
		or(s.level, "text") + " as level",
		or(s.score, "numeric") + " as score", or(s.note, "text") + " as note",
	}
	return "select " + strings.Join(columns, ", ") + " from " + s.from
}

// since is whole seconds between two moments.
func since(begun, ended string) string {
	return fmt.Sprintf("floor(extract(epoch from (%s) - (%s)))::bigint", ended, begun)
}

const (
	active          = `('new','open','waiting')`
	periodOfRequest = `r.submitted_at >= $1 and r.submitted_at < $2 and r.state not in ('draft','withdrawn')` // of a credit request r
)

// moves are the changes of status a of the cases in a period that happened.
func moves() string {
	return `audit_log a join cases c on a.stream like 'case:%' and c.id = substring(a.stream from 6)::bigint
		where a.what = 'status.changed' and a.at >= $1 and a.at < $2 and ` + happened("a")
}

// happened leaves out of a case's events what never happened: changes of status that came with a reply that was taken back, and that a case was
// resolved where that was undone, with the undoing. It is the next change of status that undoes.
func happened(event string) string {
	return fmt.Sprintf(`not (coalesce(%[1]s.data->>'with', '0') <> '0' and exists (select from audit_log u
			where u.stream = %[1]s.stream and u.what = 'reply.undone' and u.data->>'message' = %[1]s.data->>'with'))
		and not (%[1]s.what = 'status.changed' and (%[1]s.data ? 'undoes' or %[1]s.data->>'to' = 'resolved' and coalesce((select u.data ? 'undoes' from audit_log u
			where u.stream = %[1]s.stream and u.what = 'status.changed' and u.seq > %[1]s.seq order by u.seq limit 1), false)))`, event)
}

// standsAt is the status of case c at the end of the period, by its last move before it: $2 the end, $3 now.
func standsAt() string {
	return `case when $2::timestamptz > $3::timestamptz then c.status else coalesce((
		select case a.what when 'case.opened' then 'new' when 'status.changed' then a.data->>'to' when 'case.merged' then 'closed' else
			coalesce((select m.data->>'from' from audit_log m where m.stream = a.stream and m.what = 'case.merged' and m.seq < a.seq order by m.seq desc limit 1), 'open') end
		from audit_log a where a.stream = 'case:' || c.id and a.at < $2 and a.what in ('case.opened','status.changed','case.merged','case.unmerged')
			and ` + happened("a") + ` order by a.seq desc limit 1), 'new') end`
}

// statement is the select of a fact's rows: $1 the beginning of the period, $2 its end (excluded), $3 the present moment.
func (f Fact) statement() string {
	switch f {
	case Opened:
		return shape{id: "c.id", caseID: "c.id", at: "c.opened_at", from: `cases c where c.opened_at >= $1 and c.opened_at < $2`}.statement()
	case Answered, Replies, Received:
		return f.messages()
	case Resolutions:
		return shape{
			id: "a.id", caseID: "c.id", at: "a.at", seconds: since("c.opened_at", "a.at"), who: "nullif(a.actor_id, 0)", part: "''",
			good: `((select count(*) from case_messages m where m.case_id = c.id and m.kind = 'reply' and m.author_kind = 'person' and m.at <= a.at) = 1
				and not exists (select from audit_log v where v.stream = a.stream and v.seq > a.seq and v.what = 'status.changed'
					and v.data->>'from' in ('resolved','closed') and v.data->>'to' = 'open'))`,
			from: moves() + ` and a.data->>'to' = 'resolved'`,
		}.statement()
	case Reopenings:
		return shape{id: "a.id", caseID: "c.id", at: "a.at", from: moves() + ` and a.data->>'to' = 'open' and a.data->>'from' in ('resolved','closed')`}.statement()
	case Waits:
		return f.waits()
	case ClockResults:
		return f.clocks()
	case Backlog:
		return shape{
			id: "c.id", caseID: "c.id", at: "c.opened_at", seconds: since("c.opened_at", "least($2, $3)"),
			from: `(select * from cases where status in ` + active + ` and opened_at < $2
				union all select * from cases where status in ('resolved','closed') and resolved_at >= $2 and opened_at < $2
				union all select * from cases where merged_into is not null and closed_at >= $2 and resolved_at is null and opened_at < $2) c
				where $1::timestamptz is not null and ` + standsAt() + ` in ` + active,
		}.statement()
	case StepsDecided, CreditsApproved, JustBelow, Repeated, Overrides:
		return f.credits()
	case Surveyed:
		return shape{
			id: "s.case_id", caseID: "s.case_id", at: "s.settled_at", who: "s.agent_id", good: "s.score is not null",
			from: `case_surveys s where s.left_out = '' and s.settled_at >= $1 and s.settled_at < $2`,
		}.statement()
	case Scored:
		return shape{
			id: "s.case_id", caseID: "s.case_id", at: "s.answered_at", who: "s.agent_id", good: "s.score >= 4", part: "s.score::text", score: "s.score::numeric", note: "s.comment",
			from: `case_surveys s where s.score is not null and s.answered_at >= $1 and s.answered_at < $2`,
		}.statement()
	case Reviewed:
		return shape{
			id: "v.id", caseID: "v.case_id", at: "v.reviewed_at", who: "v.agent_id", good: "v.acknowledged_at is not null", score: "v.score",
			from: `quality_reviews v where v.reviewed_at >= $1 and v.reviewed_at < $2`,
		}.statement()
	case Judged:
		return shape{
			id: "v.id", caseID: "v.case_id", at: "v.reviewed_at", who: "v.agent_id", part: "s.name", good: "s.value = case s.scale when 'yes_no' then 1 else 5 end",
			score: "case s.scale when 'yes_no' then s.value * 100.0 else (s.value - 1) * 25.0 end",
			from:  `quality_reviews v join quality_scores s on s.review_id = v.id where v.reviewed_at >= $1 and v.reviewed_at < $2 and s.value is not null`,
		}.statement()
	}
	return ""
}

func (f Fact) messages() string {
	const said = `case_messages m where m.at >= $1 and m.at < $2 and `
	const ours = said + `m.kind = 'reply' and m.author_kind = 'person'`
	const earlier = ` from case_messages b where b.case_id = m.case_id and b.kind = 'reply' and b.author_kind = 'person' and (b.at, b.id) < (m.at, m.id)`
	switch f {
	case Answered:
		return shape{
			id: "m.id", caseID: "m.case_id", at: "m.at", who: "m.author_id", seconds: since("(select o.opened_at from cases o where o.id = m.case_id)", "m.at"),
			from: ours + ` and not exists (select` + earlier + `)`,
		}.statement()
	case Replies:
		return shape{
			id: "m.id", caseID: "m.case_id", at: "m.at", who: "m.author_id",
			seconds: since(`(select min(i.at) from case_messages i where i.case_id = m.case_id and i.kind = 'inbound' and not i.machine and i.at <= m.at
				and i.at > coalesce((select max(b.at)`+earlier+`), '-infinity'))`, "m.at"),
			from: ours,
		}.statement()
	default:
		return shape{id: "m.id", caseID: "m.case_id", at: "m.at", from: said + `m.kind = 'inbound' and not m.machine`}.statement()
	}
}

func (f Fact) waits() string {
	over := `(select n.at from audit_log n where n.stream = a.stream and n.seq > a.seq and (n.what = 'case.merged' or n.what = 'status.changed'
			and ` + happened("n") + `) order by n.seq limit 1)`
	return shape{
		id: "a.id", caseID: "c.id", at: "a.at", part: "a.data->>'waiting_on'", seconds: since("a.at", "coalesce("+over+", $3)"),
		from: moves() + ` and a.data->>'to' = 'waiting'`,
	}.statement()
}

// clocks are the promises decided in the period, each once whatever its terms became: broken by the first revision whose deadline passed, under
// that one's terms, also where it was cancelled or met in time under others since; else kept. Where the terms changed at the very deadline, it is
// those before that were broken. How long a broken one took is known once it was met.
func (f Fact) clocks() string {
	const (
		revision = ` from case_clocks e where e.case_id = c.case_id and e.kind = c.kind and e.instance = c.instance and e.subject_id = c.subject_id`
		first    = ` and not exists (select` + revision + ` and e.revision < c.revision and e.breached_at is not null)`
		terms    = `(select e.policy_id, e.priority` + revision + ` and (e.revision = c.revision or e.revision < c.revision and e.started_at < e.ended_at
				and e.ended_at = c.breached_at and e.due_at = c.breached_at) order by e.revision limit 1)`
		used = `(select case when e.outcome in ('met','breached_met_late') then e.used_seconds end` + revision + ` order by e.revision desc limit 1)`
	)
	return shape{
		id: "k.id", caseID: "k.case_id", at: "k.decided_at", seconds: "k.used_seconds", good: "k.kept", part: "k.kind", policy: "k.policy_id", priority: "k.priority",
		from: `(select c.id, c.case_id, coalesce(c.breached_at, c.ended_at) as decided_at, ` + used + ` as used_seconds, c.breached_at is null as kept, c.kind, t.policy_id, t.priority
			from case_clocks c cross join lateral ` + terms + ` t where (c.breached_at is not null or c.outcome = 'met')
				and coalesce(c.breached_at, c.ended_at) >= $1 and coalesce(c.breached_at, c.ended_at) < $2` + first + `
			union all select c.id, c.case_id, c.due_at, null, false, c.kind, c.policy_id, c.priority
			from case_clocks c where c.outcome = 'running' and c.due_at >= $1 and c.due_at < $2 and c.due_at <= $3` + first + `) k`,
	}.statement()
}

func (f Fact) credits() string {
	request := shape{
		id: "r.id", caseID: "r.case_id", number: "r.number", entity: "r.entity_id", customer: "r.customer_id", cause: "r.root_cause_id", reason: "r.reason_code",
		amount: "r.authority_amount", who: "r.requester_id", at: "r.submitted_at", part: "r.kind",
	}
	switch f {
	case StepsDecided:
		request.id, request.at, request.seconds, request.part, request.good = "s.id", "s.decided_at", since("s.opened_at", "s.decided_at"), "s.level_name", "s.state = 'approved'"
		request.decider = `(select u.name from credit_decisions d join users u on u.id = d.user_id where d.step_id = s.id order by d.decided_at desc, d.id desc limit 1)`
		request.from = `credit_steps s join credit_requests r on r.id = s.credit_request_id
			where s.decided_at >= $1 and s.decided_at < $2 and s.state in ('approved','rejected') and s.opened_at is not null`
	case CreditsApproved:
		request.at, request.seconds = "r.approved_at", since("r.submitted_at", "r.approved_at")
		request.decider = `coalesce((select u.name from credit_decisions d join users u on u.id = d.user_id where d.credit_request_id = r.id and d.decision = 'approve'
			order by d.decided_at desc, d.id desc limit 1), (select u.name from users u where u.id = r.requester_id))`
		request.from = `credit_requests r where r.approved_at >= $1 and r.approved_at < $2`
	case JustBelow:
		request.part = "l.part"
		request.from = `credit_requests r left join customers k on k.id = r.customer_id cross join lateral (
				select case when n = 1 then v.name else v.name || ', own' end as part, m.amount
				from (select b.name, j.*  from authority_level_versions x join authority_levels b on b.id = x.level_id
						cross join lateral jsonb_to_recordset(x.limits) as j(kind text, max numeric, own numeric, reason text, entity bigint, tier text)
						where x.valid_from <= r.submitted_at and x.valid_until > r.submitted_at) v
					cross join lateral (values (1, v.max), (2, nullif(v.own, 0))) as m(n, amount)
				where v.kind = r.authority_kind and m.amount >= r.authority_amount and coalesce(v.reason, '') in ('', r.reason_code)
					and coalesce(v.entity, 0) in (0, r.entity_id) and coalesce(v.tier, '') in ('', coalesce(k.tier, ''))
				order by m.amount, n, v.name limit 1) l
			where ` + periodOfRequest + ` and r.authority_amount >= 0.9 * l.amount`
	case Overrides:
		request.id, request.at, request.seconds, request.part, request.level, request.decider = "o.id", "o.at", "o.seconds", "o.part", "o.level", "o.decider"
		request.from = overridden + ` o join credit_requests r on r.id = o.credit_request_id where true`
	default:
		request.part = "r.pattern"
		request.from = `(select q.*, w.pattern from (select r.*, count(*) over (partition by requester_id, customer_id) as asked, count(*) over (partition by invoice_id) as billed
				from credit_requests r where ` + periodOfRequest + `) q
			cross join lateral (values ('customer', q.customer_id is not null and q.asked >= 3), ('invoice', q.invoice_id is not null and q.billed >= 2)) as w(pattern, there) where w.there) r
			where true`
	}
	return request.statement()
}

// overridden are the rows of Overrides. A step that was drawn because nobody was there counts when its request, of that content, was submitted;
// where one of its steps was late before, it is that one that counts.
const overridden = `(
	select s.id, s.credit_request_id, s.climbed_at as at, floor(extract(epoch from s.climbed_at - s.opened_at))::bigint as seconds, 'late' as part, s.level_name as level, null::text as decider
		from credit_steps s where s.climbed_at >= $1 and s.climbed_at < $2
	union all select s.id, s.credit_request_id, n.at, null, 'nobody_there', coalesce(s.rule_params ->> 'below', s.rule_params ->> 'from', s.level_name), null
		from credit_steps s join credit_requests q on q.id = s.credit_request_id
		cross join lateral (select coalesce((select v.submitted_at from credit_request_versions v
			where v.credit_request_id = s.credit_request_id and v.content_version = s.content_version), q.submitted_at) as at) n
		where s.rule_key in ('authority.step.climbed', 'authority.step.extra_climbed') and n.at >= $1 and n.at < $2
			and not exists (select from credit_steps l where l.credit_request_id = s.credit_request_id and l.content_version = s.content_version and l.climbed_at is not null)
	union all select d.id, d.credit_request_id, d.decided_at, null, p.part, s.level_name, u.name
		from credit_decisions d join credit_steps s on s.id = d.step_id join users u on u.id = d.user_id join credit_requests q on q.id = d.credit_request_id
		cross join lateral (select 'through_a_stand_in' as part where d.on_behalf_of is not null
			union all select 'holds_a_higher_level' where exists (select from authority_held h join authority_levels o on o.id = h.level_id join authority_levels l on l.id = s.level_id
				where h.user_id = coalesce(d.on_behalf_of, d.user_id) and o.rank > l.rank and h.valid_from <= d.decided_at and h.valid_until > d.decided_at
					and holding_covers(h.entity_ids, h.regions, h.team_ids, q.entity_id, (select f.facts from credit_request_facts f where f.credit_request_id = q.id)))) p
		where d.decided_at >= $1 and d.decided_at < $2
	union all select v.credit_request_id, v.credit_request_id, v.replaced_at, null, 'less', coalesce((select s.level_name from credit_steps s join credit_step_candidates c on c.step_id = s.id
			where s.credit_request_id = v.credit_request_id and s.content_version = v.content_version and c.user_id = v.replaced_by order by s.position limit 1), ''), u.name
		from credit_request_versions v join users u on u.id = v.replaced_by where v.why = 'less' and v.replaced_at >= $1 and v.replaced_at < $2)`
