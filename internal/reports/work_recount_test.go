package reports_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/reports"
)

// The reports of cases, counted again slowly from the raw events: the audit rows of each case, the messages as they stand,
// and the credit tables. Nothing here knows the statements of the reports.

// rawEvent is an audit row of a case.
type rawEvent struct {
	ID      int64
	CaseID  int64
	At      time.Time
	ActorID int64
	What    string
	Data    rawData
}

type rawData struct {
	From      string  `json:"from"`
	To        string  `json:"to"`
	WaitingOn string  `json:"waiting_on"`
	Message   int64   `json:"message"`
	Messages  []int64 `json:"messages"`
	With      int64   `json:"with"`
	Into      int64   `json:"into"`
	Machine   bool    `json:"machine"`
	Priority  string  `json:"priority"`
	Policy    int64   `json:"policy"`
	Step      int64   `json:"step"`
	Request   int64   `json:"request"`
	Score     int     `json:"score"`
	Undoes    bool    `json:"undoes"`
}

// rawCase is what a case is now.
type rawCase struct {
	ID                                                            int64
	Topic, Type, Priority, Policy, Team, Entity                   string
	Customer, Account, Tier, Country, Cause, CauseName, AgentName string
	TeamID, AgentID, AgentTeamID                                  int64
	AgentTeam, Number                                             string
	Reasons                                                       []string
	events                                                        []rawEvent
	moves                                                         []rawEvent
}

// counted is a row of a fact as counted here, with everything one can narrow or group by.
type counted struct {
	at                                                                                               time.Time
	seconds                                                                                          *int64
	good                                                                                             *bool
	amount                                                                                           decimal.Decimal
	part, agent, team, policy, tier, topic, kind, priority, entity, country, account, cause, decider string
	level                                                                                            string
	agentID, teamID                                                                                  int64
	reasons                                                                                          []string
	score                                                                                            *decimal.Decimal
}

type slowly struct {
	t        testing.TB
	db       *db.DB
	now      time.Time
	cases    map[int64]*rawCase
	users    map[int64]rawUser
	requests []rawRequest
	steps    []rawStep
	clocks   []counted
	where    map[int64]int64 // message → case it stands in now
}

type rawUser struct {
	ID     int64
	Name   string
	TeamID int64
	Team   string
}

type rawRequest struct {
	ID, CaseID, CustomerID, InvoiceID, RequesterID, EntityID            int64
	State, Kind, AuthorityKind, Reason, Decider, Account, Tier, Country string
	Entity, Cause                                                       string
	Amount                                                              decimal.Decimal
	SubmittedAt, ApprovedAt                                             *time.Time
}

type rawStep struct {
	ID, RequestID       int64
	Version             int
	Rule                string
	Params              map[string]string
	ClimbedAt           *time.Time
	State, Level, By    string
	OpenedAt, DecidedAt *time.Time
}

func startRecount(t testing.TB, w *months) *slowly {
	t.Helper()
	k := &slowly{t: t, db: w.r.DB, now: w.r.Clock.Now(), cases: map[int64]*rawCase{}, users: map[int64]rawUser{}, where: map[int64]int64{}}
	for _, u := range list[rawUser](k, `select u.id, u.name, coalesce(t.id, 0) as team_id, coalesce(t.name, '') as team from users u left join teams t on t.id = u.team_id`) {
		k.users[u.ID] = u
	}
	for _, c := range list[rawCase](k, `select c.id, c.number, c.topic, c.type, c.priority, coalesce(p.name, '') as policy, coalesce(t.name, '') as team, coalesce(t.id, 0) as team_id,
			coalesce(e.code, '') as entity, coalesce(k.name, '') as customer, coalesce(k.account, '') as account, coalesce(k.tier, '') as tier, coalesce(k.country, '') as country,
			coalesce(z.code, '') as cause, coalesce(c.assignee_id, 0) as agent_id,
			array(select distinct reason_code from dispute_lines d where d.case_id = c.id) as reasons
		from cases c left join sla_policies p on p.id = c.policy_id left join teams t on t.id = c.team_id left join legal_entities e on e.id = c.entity_id
		left join customers k on k.id = c.customer_id left join root_causes z on z.id = c.root_cause_id`) {
		k.cases[c.ID] = &c
	}
	for _, e := range list[rawEvent](k, `select id, substring(stream from 6)::bigint as case_id, at, actor_id, what, data from audit_log where stream like 'case:%' and what <> 'case.assigned' order by stream, seq`) {
		c := k.cases[e.CaseID]
		c.events = append(c.events, e)
	}
	for _, c := range k.cases {
		c.settle()
		k.derive(c)
	}
	for _, m := range list[struct{ ID, CaseID int64 }](k, `select id, case_id from case_messages`) {
		k.where[m.ID] = m.CaseID
	}
	k.requests = list[rawRequest](k, `select r.id, coalesce(r.case_id, 0) as case_id, coalesce(r.customer_id, 0) as customer_id, coalesce(r.invoice_id, 0) as invoice_id, r.requester_id,
			r.entity_id, r.state, r.kind, r.authority_kind, r.reason_code as reason, r.authority_amount as amount, r.submitted_at, r.approved_at, e.code as entity,
			coalesce(k.account, '') as account, coalesce(k.tier, '') as tier, coalesce(k.country, '') as country, coalesce(z.code, '') as cause
		from credit_requests r join legal_entities e on e.id = r.entity_id left join customers k on k.id = r.customer_id left join root_causes z on z.id = r.root_cause_id order by r.id`)
	k.steps = list[rawStep](k, `select s.id, s.credit_request_id as request_id, s.content_version as version, s.rule_key as rule, s.rule_params as params, s.climbed_at, s.state, s.level_name as level, s.opened_at, s.decided_at,
		coalesce((select name from users u join credit_decisions d on d.user_id = u.id where d.step_id = s.id order by d.id desc limit 1), '') as by from credit_steps s order by s.id`)
	return k
}

func list[T any](k *slowly, query string, args ...any) []T {
	k.t.Helper()
	rows, err := db.List[T](k.t.Context(), k.db, query, args...)
	if err != nil {
		k.t.Fatalf("%v in %s", err, query)
	}
	return rows
}

// settle leaves out what a reply brought that was taken back, and that the case was resolved where that was undone.
func (c *rawCase) settle() {
	undone := map[int64]bool{}
	for _, e := range c.events {
		if e.What == "reply.undone" {
			undone[e.Data.Message] = true
		}
	}
	c.events = slices.DeleteFunc(c.events, func(e rawEvent) bool {
		return e.What == "reply.sent" && undone[e.Data.Message] || e.What == "status.changed" && undone[e.Data.With]
	})
	never := map[int64]bool{}
	for n, e := range c.events {
		if e.What != "status.changed" || !e.Data.Undoes {
			continue
		}
		never[e.ID] = true
		for i := n - 1; i >= 0 && e.Data.To == "open"; i-- {
			if c.events[i].What == "status.changed" && c.events[i].Data.To == "resolved" {
				never[c.events[i].ID] = true
				break
			}
		}
	}
	c.events = slices.DeleteFunc(c.events, func(e rawEvent) bool { return never[e.ID] })
	for _, e := range c.events {
		if e.What == "status.changed" {
			c.moves = append(c.moves, e)
		}
	}
}

func (c *rawCase) opened() time.Time { return c.events[0].At }

// stood is the status at a moment (excluded).
func (c *rawCase) stood(at time.Time) string {
	status, before := "", ""
	for _, e := range c.events {
		if !e.At.Before(at) {
			continue
		}
		switch e.What {
		case "case.opened":
			status = "new"
		case "status.changed":
			status = e.Data.To
		case "case.merged":
			status, before = "closed", e.Data.From
		case "case.unmerged":
			status = before
		}
	}
	return status
}

// row is a row about a case, by whoever it is with or did it.
func (k *slowly) row(c *rawCase, at time.Time, who int64) counted {
	if who == 0 {
		who = c.AgentID
	}
	u := k.users[who]
	r := counted{
		at: at, agent: u.Name, agentID: u.ID, team: c.Team, teamID: c.TeamID, policy: c.Policy, tier: c.Tier, topic: c.Topic, kind: c.Type, priority: c.Priority, entity: c.Entity,
		country: c.Country, account: c.Account, cause: c.Cause, reasons: c.Reasons,
	}
	if r.teamID == 0 {
		r.team, r.teamID = u.Team, u.TeamID
	}
	return r
}

func (r counted) took(from, to time.Time) counted {
	s := int64(to.Sub(from) / time.Second)
	r.seconds = &s
	return r
}

func (r counted) judged(good bool) counted {
	r.good = &good
	return r
}

func (r counted) of(part string) counted {
	r.part = part
	return r
}

// rows counts a fact in a period, all of it.
func (k *slowly) rows(f reports.Fact, from, to time.Time) []counted {
	var all []counted
	switch f {
	case reports.Opened, reports.Resolutions, reports.Reopenings, reports.Waits:
		for _, c := range k.cases {
			all = append(all, k.moved(c, f)...)
		}
	case reports.Backlog:
		for _, c := range k.cases {
			if status := c.stood(to); status == "new" || status == "open" || status == "waiting" {
				all = append(all, k.row(c, c.opened(), 0).took(c.opened(), earlier(to, k.now)))
			}
		}
		return all
	case reports.Answered, reports.Replies, reports.Received:
		all = k.said(f)
	case reports.ClockResults:
		all = k.clocks
	case reports.Surveyed, reports.Scored:
		for _, c := range k.cases {
			all = append(all, k.surveyed(c, f)...)
		}
	case reports.Reviewed, reports.Judged:
		all = k.reviewed(f)
	default:
		return k.credits(f, from, to)
	}
	return slices.DeleteFunc(slices.Clone(all), func(r counted) bool { return r.at.Before(from) || !r.at.Before(to) })
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (k *slowly) moved(c *rawCase, f reports.Fact) []counted {
	if f == reports.Opened {
		return []counted{k.row(c, c.opened(), 0)}
	}
	var list []counted
	for i, m := range c.moves {
		switch {
		case f == reports.Resolutions && m.Data.To == "resolved":
			again := slices.ContainsFunc(c.moves[i:], func(l rawEvent) bool {
				return l.Data.To == "open" && (l.Data.From == "resolved" || l.Data.From == "closed")
			})
			list = append(list, k.row(c, m.At, m.ActorID).took(c.opened(), m.At).judged(k.answersBefore(c, m.At) == 1 && !again))
		case f == reports.Reopenings && m.Data.To == "open" && (m.Data.From == "resolved" || m.Data.From == "closed"):
			list = append(list, k.row(c, m.At, 0))
		case f == reports.Waits && m.Data.To == "waiting":
			over := k.now
			for _, e := range c.events {
				if e.ID > m.ID && (e.What == "status.changed" || e.What == "case.merged") {
					over = e.At
					break
				}
			}
			list = append(list, k.row(c, m.At, 0).took(m.At, over).of(m.Data.WaitingOn))
		}
	}
	return list
}

// line is one message of a conversation, wherever it was written.
type line struct {
	id, by int64
	ours   bool
	at     time.Time
}

// conversation are the messages that stand in a case now: answers of people and what people wrote to us.
func (k *slowly) conversation(id int64) []line {
	var lines []line
	for _, c := range k.cases {
		for _, e := range c.events {
			if k.where[e.Data.Message] != id || e.Data.Message == 0 {
				continue
			}
			if e.What == "reply.sent" || e.What == "message.received" && !e.Data.Machine {
				lines = append(lines, line{id: e.Data.Message, by: e.ActorID, ours: e.What == "reply.sent", at: e.At})
			}
		}
	}
	slices.SortFunc(lines, func(a, b line) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id)) })
	// A case that another is joined to is told again of its last message, so that it is answered in time there.
	seen := map[int64]bool{}
	return slices.DeleteFunc(lines, func(l line) bool {
		again := seen[l.id]
		seen[l.id] = true
		return again
	})
}

func (k *slowly) answersBefore(c *rawCase, at time.Time) int {
	n := 0
	for _, l := range k.conversation(c.ID) {
		if l.ours && !l.at.After(at) {
			n++
		}
	}
	return n
}

func (k *slowly) said(f reports.Fact) []counted {
	var list []counted
	for id, c := range k.cases {
		var waiting *time.Time
		answered := false
		for _, l := range k.conversation(id) {
			if !l.ours {
				if f == reports.Received {
					list = append(list, k.row(c, l.at, 0))
				}
				if waiting == nil {
					waiting = &l.at
				}
				continue
			}
			if r := k.row(c, l.at, l.by); f == reports.Answered && !answered {
				list = append(list, r.took(c.opened(), l.at))
			} else if f == reports.Replies && waiting != nil {
				list = append(list, r.took(*waiting, l.at))
			} else if f == reports.Replies {
				list = append(list, r)
			}
			waiting, answered = nil, true
		}
	}
	return list
}
