package inbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"makegood/internal/db"
)

const (
	defaultLimit = 50
	maxLimit     = 500
)

// Filter narrows a list of messages; the zero value of a field does not narrow. After is the id of the last row of the
// page before.
type Filter struct {
	Fates     []FateKind
	CaseID    *int64
	MailboxID MailboxID
	Query     string  // part of the subject, or of the sender's name or address
	Scope     []int64 // legal entities; empty means all
	After     InboundID
	Limit     int // 0 means 50, at most 500
}

// Messages lists the messages that came, newest first. A page shorter than the limit is the last.
func (s *Service) Messages(ctx context.Context, f Filter) ([]Inbound, error) {
	var c conditions
	if len(f.Fates) > 0 {
		c.add("m.fate = any (?)", f.Fates)
	}
	if f.CaseID != nil {
		c.add("m.case_id = ?", *f.CaseID)
	}
	if f.MailboxID != 0 {
		c.add("m.mailbox_id = ?", f.MailboxID)
	}
	if f.Query != "" {
		c.add("(m.subject ilike ? or m.sender ilike ? or m.sender_name ilike ?)", contains(f.Query))
	}
	if f.After != 0 {
		c.add("m.id < ?", f.After)
	}
	c.within(inboundScope, f.Scope)
	list, err := db.List[Inbound](ctx, s.db, fmt.Sprintf(`select m.* from inbound_messages m%s order by m.id desc limit %d`, c.where(), limitOf(f.Limit)), c.args...)
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	return list, nil
}

// fatesCounted is how far back the fates that are no work any more are counted.
const fatesCounted = 30 * 24 * time.Hour

type fateCount struct {
	Fate  FateKind
	Count int
}

// FateCounts counts the messages of each fate, of the legal entities in scope (empty means all): those pending, held or quarantined all,
// the others of the last 30 days. A fate nobody has is not in the map.
func (s *Service) FateCounts(ctx context.Context, scope []int64) (map[FateKind]int, error) {
	work, done := conditions{}, conditions{}
	work.parts = append(work.parts, `m.fate in ('pending', 'held', 'quarantined')`)
	work.within(inboundScope, scope)
	done.args = work.args
	done.add(`m.stored_at >= ? and m.fate not in ('pending', 'held', 'quarantined')`, s.db.Now().Add(-fatesCounted))
	done.within(inboundScope, scope)
	rows, err := db.List[fateCount](ctx, s.db, `select m.fate, count(*) from inbound_messages m`+work.where()+` group by m.fate
		union all select m.fate, count(*) from inbound_messages m`+done.where()+` group by m.fate`, done.args...)
	if err != nil {
		return nil, fmt.Errorf("count fates: %w", err)
	}
	counts := make(map[FateKind]int, len(rows))
	for _, r := range rows {
		counts[r.Fate] = r.Count
	}
	return counts, nil
}

// PendingSince lists messages stored before a moment that have no fate yet, the oldest first: their job was lost or
// cannot get through.
func (s *Service) PendingSince(ctx context.Context, before time.Time, limit int) ([]InboundID, error) {
	ids, err := db.Values[InboundID](ctx, s.db, `select id from inbound_messages where fate = 'pending' and stored_at < $1 order by id limit $2`, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list pending messages: %w", err)
	}
	return ids, nil
}

// conditions gathers the parts of a where clause with their arguments.
type conditions struct {
	parts []string
	args  []any
}

// add takes a condition with one or more "?", all of which stand for the same argument.
func (c *conditions) add(condition string, arg any) {
	c.args = append(c.args, arg)
	c.parts = append(c.parts, strings.ReplaceAll(condition, "?", fmt.Sprintf("$%d", len(c.args))))
}

func (c *conditions) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return " where " + strings.Join(c.parts, " and ")
}

// contains makes a pattern for "somewhere in it, in any case".
func contains(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.TrimSpace(text)) + "%"
}

func limitOf(limit int) int {
	if limit <= 0 {
		return defaultLimit
	}
	return min(limit, maxLimit)
}
