package reports

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// AuditQuery narrows the audit log. In is a case's number, the code of a legal entity for its books, "admin" or "inbox"; empty is everywhere.
// What is an event as recorded, "credit_memo.posted", or its first word with a point, "credit_memo.". Before is a moment to begin under.
// After is AuditPage.Next of the page before.
type AuditQuery struct {
	By        access.Actor
	In, What  string
	ActorName string
	Before    time.Time
	After     string
	Limit     int // at most; 50 without
}

// AuditEntry is a recorded event with the names of what it is about.
type AuditEntry struct {
	audit.Row
	CaseNumber string
	Entity     string // code, of books
}

// AuditPage is some of the log, the newest first. Where little matches, a page may hold few rows and still have a next one: each looks through
// so many rows and no more. Back is how far it looked.
type AuditPage struct {
	Rows []AuditEntry
	Next string
	Back time.Time
}

// lookedThrough is how many rows of the log one page looks through.
const lookedThrough = 20_000

var eventName = regexp.MustCompile(`^[a-z_]+\.[a-z_]*$`)

// AuditLog lists recorded events for those who may read them, of cases and books of legal entities in their scope; what is administered is not of an
// entity, and is for those who see all. A case or an entity that is not theirs looks as if it were not there.
func (s *Service) AuditLog(ctx context.Context, q AuditQuery) (AuditPage, error) {
	if err := access.Can(q.By, access.ReadAudit, access.Object{}); err != nil {
		return AuditPage{}, err
	}
	if q.Limit <= 0 {
		q.Limit = 50
	}
	if q.What != "" && !eventName.MatchString(q.What) {
		return AuditPage{}, errs.InvalidField("what", "audit.not_an_event", "text", q.What)
	}
	stream, err := s.auditStream(ctx, q)
	if err != nil {
		return AuditPage{}, err
	}
	from, err := s.auditFrom(ctx, q)
	if err != nil {
		return AuditPage{}, err
	}
	return s.auditRows(ctx, q, stream, from)
}

// auditStream is the chain that is asked for; "" is all.
func (s *Service) auditStream(ctx context.Context, q AuditQuery) (audit.Stream, error) {
	in := strings.TrimSpace(q.In)
	switch {
	case in == "":
		return "", nil
	case in == string(audit.Admin), in == string(audit.Inbox):
		if len(q.By.EntityIDs) > 0 {
			return "", access.ErrOutOfScope
		}
		return audit.Stream(in), nil
	}
	found, err := db.Values[string](ctx, s.db, `select 'case:' || id from cases where number = $1 and (cardinality($2::bigint[]) = 0 or entity_id is null or entity_id = any ($2))
		union all select 'books:' || id from legal_entities where code = $1 and (cardinality($2::bigint[]) = 0 or id = any ($2))`, strings.ToUpper(in), scopeOf(q.By))
	if err != nil {
		return "", fmt.Errorf("find chain: %w", err)
	}
	if len(found) == 0 {
		return "", errs.InvalidField("in", "audit.no_such_chain", "text", in)
	}
	return audit.Stream(found[0]), nil
}

// auditFrom is the place to begin under. A moment is looked up within a day before it, and else the log is searched from its end.
func (s *Service) auditFrom(ctx context.Context, q AuditQuery) (int64, error) {
	if q.After != "" {
		id, err := strconv.ParseInt(q.After, 10, 64)
		if err != nil || id < 1 {
			return 0, errs.InvalidField("cursor", "reports.bad_cursor")
		}
		return id, nil
	}
	if q.Before.IsZero() || q.In != "" {
		return 1<<63 - 1, nil
	}
	id, err := db.Value[int64](ctx, s.db, `select coalesce(max(id) + 1, $3) from audit_log where at >= $1 and at < $2`, q.Before.AddDate(0, 0, -1), q.Before, int64(1<<63-1))
	if err != nil {
		return 0, fmt.Errorf("find moment in audit log: %w", err)
	}
	return id, nil
}

func (s *Service) auditRows(ctx context.Context, q AuditQuery, stream audit.Stream, from int64) (AuditPage, error) {
	before := q.Before
	if before.IsZero() {
		before = s.db.Now().AddDate(1, 0, 0)
	}
	// A chain is read by the places in it, everything by the ids.
	place, narrowed := "id", "$2 = ''"
	if stream != "" {
		place, narrowed = "seq", "stream = $2"
	}
	found, err := db.List[auditFound](ctx, s.db, strings.NewReplacer("PLACE", place, "NARROWED", narrowed).Replace(`with looked as materialized (
			select id, stream, seq, at, actor_kind, actor_id, actor_name, what, request_id, data from audit_log
			where PLACE < $1 and NARROWED order by PLACE desc limit $3),
		matching as (select * from looked l where ($4 = '' or l.what = $4 or right($4, 1) = '.' and starts_with(l.what, $4))
				and ($5 = '' or position(lower($5) in lower(l.actor_name)) > 0) and l.at < $6
				and (cardinality($7::bigint[]) = 0 or l.stream = any (select 'books:' || b from unnest($7::bigint[]) as b) or starts_with(l.stream, 'case:')
					and exists (select from cases c where c.id = case when starts_with(l.stream, 'case:') then substring(l.stream from 6)::bigint end and (c.entity_id is null or c.entity_id = any ($7))))
			order by l.PLACE desc limit $8)
		select m.*, coalesce(c.number, '') as case_number, coalesce(e.code, '') as entity, k.last, k.back, k.looked
		from (select min(PLACE) as last, min(at) as back, count(*) as looked from looked) k left join matching m on true
		left join cases c on c.id = case when starts_with(m.stream, 'case:') then substring(m.stream from 6)::bigint end
		left join legal_entities e on e.id = case when starts_with(m.stream, 'books:') then substring(m.stream from 7)::bigint end
		order by m.PLACE desc`),
		from, string(stream), lookedThrough, q.What, strings.TrimSpace(q.ActorName), before, scopeOf(q.By), q.Limit+1)
	if err != nil {
		return AuditPage{}, fmt.Errorf("read audit log: %w", err)
	}
	page := auditPage(found, q.Limit, stream != "")
	data := make([]map[string]any, len(page.Rows))
	for i, row := range page.Rows {
		data[i] = row.Data
	}
	return page, audit.Reveal(ctx, s.db, data)
}

// auditFound is a row with what the page looked through; without an id there is none.
type auditFound struct {
	ID                         *int64
	Stream                     *string
	Seq                        *int64
	At                         *time.Time
	ActorKind                  *string
	ActorID                    *int64
	ActorName, What, RequestID *string
	Data                       map[string]any
	CaseNumber, Entity         string
	Last                       *int64
	Back                       *time.Time
	Looked                     int64
}

func auditPage(found []auditFound, limit int, chain bool) AuditPage {
	var p AuditPage
	for _, f := range found {
		if f.Back != nil {
			p.Back = *f.Back
		}
		if f.ID == nil {
			break
		}
		p.Rows = append(p.Rows, AuditEntry{CaseNumber: f.CaseNumber, Entity: f.Entity, Row: audit.Row{
			ID: *f.ID, Stream: *f.Stream, Seq: *f.Seq, At: *f.At, ActorKind: *f.ActorKind, ActorID: *f.ActorID, ActorName: *f.ActorName, What: *f.What,
			RequestID: *f.RequestID, Data: f.Data,
		}})
	}
	switch {
	case len(p.Rows) > limit:
		p.Rows = p.Rows[:limit]
		last := p.Rows[limit-1]
		p.Next, p.Back = strconv.FormatInt(last.ID, 10), last.At
		if chain {
			p.Next = strconv.FormatInt(last.Seq, 10)
		}
	case len(found) > 0 && found[0].Looked == lookedThrough && found[0].Last != nil:
		p.Next = strconv.FormatInt(*found[0].Last, 10)
	}
	return p
}
