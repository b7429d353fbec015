package awaiting

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/db"
)

// Look finds cases whose customer has not answered.
type Look struct{}

// Kind names the job.
func (Look) Kind() string { return "awaiting.look" }

const (
	perPage = 200
	// mostPages bounds one run; the next takes up the rest.
	mostPages = 5
	// shortest is the least time after which anybody is reminded.
	shortest = 24 * time.Hour
)

// waits are the cases $1 now that something is to be done about: our last word is a question, no credit is on its way, nobody has put the
// case off, and no mail of the customer lies undecided. What was told of or closed once is left
// alone until we ask anew; so is what another helpdesk asked in a case that was brought from it.
const waits = ` from cases c join legal_entities e on e.id = c.entity_id left join waiting_rules r on r.entity_id = c.entity_id
	left join case_awaits a on a.case_id = c.id and a.since = c.last_reply_at
	where c.status = 'waiting' and c.waiting_on = 'customer' and c.unanswered_since is null and c.merged_into is null
		and not exists (select from case_references f where f.case_id = c.id and f.brought_at >= c.last_reply_at)
		and c.credit_state not in ('pending', 'approved') and (c.follow_up_at is null or c.follow_up_at <= $1)
		and (r.active_since is null or c.last_reply_at >= r.active_since) and coalesce(a.told, '') = '' and a.closed_at is null
		and coalesce(a.next_at, c.last_reply_at + make_interval(days => coalesce((` + remind + `)[1], nullif(` + closing + `, 0)))) <= $1
		and (coalesce(a.reminded, 0) < cardinality(` + remind + `) or ` + closing + ` > 0) `

const (
	remind  = `coalesce(r.remind_days, ` + usualRemind + `)`
	closing = `coalesce(r.close_days, ` + usualClose + `)`
)

// found is a case on a page of them.
type found struct {
	ID          cases.ID
	LastReplyAt time.Time
}

// look works what is due, each case in a transaction of its own: one that cannot be worked keeps no other waiting.
func (s *Service) look(ctx context.Context, _ Look) error {
	now, last := s.DB.Now(), found{}
	for range mostPages {
		page, err := db.List[found](ctx, s.DB, `select c.id, c.last_reply_at`+waits+`and c.last_reply_at <= $2 and (c.last_reply_at, c.id) > ($3, $4)
			order by c.last_reply_at, c.id limit $5`, now, now.Add(-shortest), last.LastReplyAt, last.ID, perPage)
		if err != nil {
			return fmt.Errorf("find unanswered cases: %w", err)
		}
		for _, c := range page {
			if err := s.DB.Do(ctx, func(tx *db.Tx) error { return s.lookTx(ctx, tx, c.ID) }); err != nil {
				s.logger.ErrorContext(ctx, "look after unanswered case", "case", c.ID, "error", err)
			}
		}
		if len(page) < perPage {
			return nil
		}
		last = page[len(page)-1]
	}
	return nil
}

// unanswered is a case to be worked: what we asked, of whom, and what was done about it.
type unanswered struct {
	ID         cases.ID
	Number     string
	Subject    string
	EntityID   billing.EntityID
	AssigneeID *int64
	TeamID     *int64
	Since      time.Time
	Reminded   int
	RemindDays []int
	CloseDays  int
	Address    string // "" when nobody takes part any more
	Name       string
	Language   string
	InReplyTo  string
	Question   string
	Lost       bool // our question did not arrive, or mail to the address comes back
	Undecided  bool // mail of theirs waits for somebody's decision
}

// lookTx looks at one case under its lock, as it is now. Where mail of the customer is still being read, or their address has got its hourly
// share of automatic mail, nothing is noted and a later run looks again.
func (s *Service) lookTx(ctx context.Context, tx *db.Tx, id cases.ID) error {
	if _, err := db.Value[cases.ID](ctx, tx, `select id from cases where id = $1 for update`, id); err != nil {
		return fmt.Errorf("lock case: %w", err)
	}
	c, err := read(ctx, tx, id)
	if errors.Is(err, db.ErrNoRow) {
		return nil // answered, moved on, or done by another run
	}
	if err != nil || c.Undecided {
		return err
	}
	switch {
	case c.Address == "":
		return s.tellTx(ctx, tx, c, "nobody")
	case c.Lost:
		return s.tellTx(ctx, tx, c, "address")
	}
	got, err := s.Inbox.AutomaticTo(ctx, tx, tx.Now(), []string{c.Address})
	if err != nil || got[c.Address].Full() {
		return err
	}
	if c.Reminded < len(c.RemindDays) {
		return s.remindTx(ctx, tx, c)
	}
	return s.closeTx(ctx, tx, c)
}

// read reads a case that is still due. Asked is whoever our last reply went to, else the person who wrote last, else the first who takes part.
func read(ctx context.Context, tx *db.Tx, id cases.ID) (unanswered, error) {
	c, err := db.One[unanswered](ctx, tx, `select c.id, c.number, c.subject, c.entity_id, c.assignee_id, c.team_id, c.last_reply_at as since,
			coalesce(a.reminded, 0) as reminded, `+remind+` as remind_days, `+closing+` as close_days,
			coalesce(p.address, '') as address, coalesce(p.name, '') as name,
			coalesce(nullif(ct.language, ''), nullif(c.language, ''), nullif(k.language, ''), e.language) as language,
			coalesce(last.message_id, '') as in_reply_to, coalesce(q.body, '') as question,
			coalesce(o.state in ('bounced', 'failed', 'stopped', 'unknown'), false)
				or exists (select from dead_addresses d where d.address = p.address and d.released_at is null) as lost,
			exists (select from inbound_messages m where lower(m.sender) = p.address and m.stored_at >= c.last_reply_at
				and m.fate in ('pending', 'held', 'quarantined')) as undecided
		from (select c.id as case_id`+waits+`and c.id = $2) due
		join cases c on c.id = due.case_id join legal_entities e on e.id = c.entity_id left join waiting_rules r on r.entity_id = c.entity_id
		left join case_awaits a on a.case_id = c.id and a.since = c.last_reply_at
		left join customers k on k.id = c.customer_id
		left join lateral (select m.body, m.recipients, m.outgoing_message_id from case_messages m where m.case_id = c.id and m.kind = 'reply'
			order by m.at desc, m.id desc limit 1) q on true
		left join outgoing_messages o on o.id = q.outgoing_message_id
		left join lateral (select m.author_address from case_messages m where m.case_id = c.id and m.kind = 'inbound' and not m.machine
			order by m.at desc, m.id desc limit 1) wrote on true
		left join lateral (select p.address, p.name, p.contact_id from case_participants p where p.case_id = c.id and p.accepted
			order by p.address is not distinct from lower(q.recipients[1]) desc, p.address is not distinct from lower(wrote.author_address) desc, p.address limit 1) p on true
		left join contacts ct on ct.id = p.contact_id
		left join lateral (select m.message_id from inbound_messages m where m.case_id = c.id and m.message_id <> '' and m.fate in ('new_case', 'attached')
			order by m.id desc limit 1) last on true`, tx.Now(), id)
	if err != nil && !errors.Is(err, db.ErrNoRow) {
		return c, fmt.Errorf("read unanswered case: %w", err)
	}
	return c, err
}
