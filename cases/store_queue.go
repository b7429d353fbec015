package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/cases/filter"
	"makegood/internal/access"
	"makegood/internal/db"
)

// activeOnly is written out, so that PostgreSQL uses the indexes on active cases.
const activeOnly = `c.status in ('new', 'open', 'waiting')`

// Queue reads one page of cases the actor may see. Pages hold every case once as long as none changes; the order
// within one moment, or one amount, is that of the case numbers. By deadline or amount it sorts only what is open.
func (s *Service) Queue(ctx context.Context, f Filter, by access.Actor) (Page, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return Page{}, err
	}
	limit := 50
	if f.Limit > 0 {
		limit = min(f.Limit, 200)
	}
	if f.Sort == "" {
		f.Sort = f.View.sort()
	}
	from, err := readCursor(f.After, f.Sort)
	if err != nil {
		return Page{}, err
	}
	asked, err := s.asked(ctx, f, by)
	if err != nil {
		return Page{}, err
	}
	if err := f.Sort.among(asked.onlyOpen()); err != nil {
		return Page{}, err
	}
	rows, err := s.queueRows(ctx, asked, from, limit+1)
	if err != nil {
		return Page{}, fmt.Errorf("read queue: %w", err)
	}
	if len(rows) <= limit {
		return Page{Rows: rows, Bounded: asked.bounded()}, nil
	}
	return Page{Rows: rows[:limit], Next: cursorAfter(rows[limit-1], f.Sort), Bounded: asked.bounded()}, nil
}

func (v View) sort() Sort {
	switch v {
	case ViewAtRisk:
		return SortRisk
	case ViewResolved:
		return SortResolved
	case ViewAll:
		return SortNewest
	case ViewSnoozed:
		return SortNewest
	case ViewMine, ViewWatched, ViewCovering, ViewClosing, ViewAllOpen, ViewUnassigned, ViewTriage, ViewBreached, ViewDue60, ViewWaitingCustomer, ViewWaitingApprover, ViewFollowUps:
	}
	return SortDue
}

// queueRows reads the page in one query; sorted by deadline, what somebody wanted to see again now comes first and the cases
// without a deadline last, by queries of their own, so that each runs along its index.
func (s *Service) queueRows(ctx context.Context, a asked, from cursor, limit int) ([]QueueRow, error) {
	var rows []QueueRow
	for _, phase := range []duePhase{dueFollowUp, dueKnown} {
		if a.Sort != SortDue || from.phase != phase {
			continue
		}
		q := a.where()
		more, err := s.rowsOf(ctx, a, q, q.inPhase(from), limit-len(rows))
		if rows = append(rows, more...); err != nil || len(rows) == limit {
			return rows, err
		}
		if a.View == ViewFollowUps {
			return rows, nil // all of them are due
		}
		from = cursor{phase: phase.next()}
	}
	q := a.where()
	order := q.after(a.Sort, from)
	more, err := s.rowsOf(ctx, a, q, order, limit-len(rows))
	return append(rows, more...), err
}

// rowsOf reads a stretch of the list. Where an index has its order, PostgreSQL walks along it: left to itself it believes that two in ten
// thousand cases are open and have a deadline, where all that are open have one, gathers them all and sorts them.
func (s *Service) rowsOf(ctx context.Context, a asked, q *query, order string, limit int) ([]QueueRow, error) {
	if a.inOrder() {
		return db.List[QueueRow](ctx, s.db.Ordered(), q.page(order, limit), q.args...)
	}
	if own := []View{ViewWatched, ViewCovering}; slices.Contains(own, a.View) && a.found.words == "" && len(a.terms) == 0 {
		return db.List[QueueRow](ctx, s.db.Keyed(), q.page(order, limit), q.args...)
	}
	return db.List[QueueRow](ctx, s.db, q.page(order, limit), q.plannedAnew()...)
}

// inOrder tells whether the list comes along an index in its own order, and each case on the way is soon in it or open work. What names a
// few cases is found by its own index instead.
func (a asked) inOrder() bool {
	wordsOnTheWay := a.found.words == "" || a.found.common && !a.found.named()
	switch {
	case !wordsOnTheWay || a.CustomerID != 0 || a.InvoiceID != 0 || slices.ContainsFunc(a.terms, filter.Term.NamesFew):
		return false
	case slices.Contains([]View{ViewWatched, ViewCovering, ViewClosing, ViewSnoozed}, a.View):
		return false
	case a.onlyOpen():
		return a.Sort == SortDue || a.Sort == SortRisk || a.Sort == a.View.sort()
	}
	return a.Sort == a.View.sort() && len(a.terms) == 0 && a.AssigneeID == 0 && a.TeamID == 0 && len(a.Status) == 0 && a.Type == "" && !a.Breached
}

// inPhase adds where a page begins among the follow-ups that are due, or the cases with a deadline, and gives the order.
func (q *query) inPhase(from cursor) (order string) {
	column := `c.next_due_at`
	if from.phase == dueFollowUp {
		column = `c.follow_up_at`
		q.add(`c.follow_up_due`)
	} else {
		q.add(`not c.follow_up_due`)
	}
	q.add(column + ` is not null`)
	if from.set {
		q.add(`(`+column+`, c.id) > (?::timestamptz, ?::bigint)`, from.at, from.id)
	}
	return column + `, c.id`
}

// after adds where the page begins, and gives the order.
func (q *query) after(sort Sort, from cursor) (order string) {
	column, cast, direction := `c.opened_at`, `timestamptz`, ` desc`
	switch sort {
	case SortDue:
		q.add(`c.next_due_at is null and not c.follow_up_due`)
		if from.set {
			q.add(`c.id > ?`, from.id)
		}
		return `c.next_due_at, c.id` // all alike in the first: said so that the index by both serves
	case SortAge:
		direction = ``
	case SortRisk:
		column, cast = `c.risk_base`, `numeric`
	case SortResolved:
		column = `c.resolved_at`
		q.add(`c.resolved_at is not null`)
	case SortNewest:
	}
	if from.set {
		sign := `>`
		if direction != `` {
			sign = `<`
		}
		var value any = from.at
		if sort == SortRisk {
			value = from.amount
		}
		q.add(`(`+column+`, c.id) `+sign+` (?::`+cast+`, ?::bigint)`, value, from.id)
	}
	return column + direction + `, c.id` + direction
}

// query collects conditions and their arguments; a question mark stands for the next argument.
type query struct {
	conditions []string
	args       []any
}

func (q *query) add(condition string, args ...any) {
	var b strings.Builder
	for _, r := range condition {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		q.args = append(q.args, args[0])
		args = args[1:]
		b.WriteString("$" + strconv.Itoa(len(q.args)))
	}
	q.conditions = append(q.conditions, b.String())
}

func (q *query) text() string {
	if len(q.conditions) == 0 {
		return `true`
	}
	return strings.Join(q.conditions, ` and `)
}

// page is the statement that reads a stretch of the list.
func (q *query) page(order string, limit int) string {
	return `select c.id, c.number, c.type, c.subject, c.snippet, c.status, c.waiting_on, c.priority, c.language,
			c.customer_id, coalesce(cu.name, '') as customer_name, coalesce(cu.account, '') as customer_account, coalesce(cu.tier, '') as tier,
			c.entity_id, c.disputed, c.disputed_currency, c.risk_base, c.credit_state, c.assignee_id, coalesce(u.name, '') as assignee_name,
			c.next_clock, c.next_due_at, c.clock_paused, c.breached, c.opened_at, c.last_customer_at, c.last_reply_at, c.unanswered_since,
			c.resolved_at, c.follow_up_at, c.follow_up_due, c.version
		from cases c left join customers cu on cu.id = c.customer_id left join users u on u.id = c.assignee_id
		where ` + q.text() + ` order by ` + order + ` limit ` + strconv.Itoa(limit)
}

// plannedAnew has PostgreSQL plan for these very arguments: whether a word is rare or common decides the way.
func (q *query) plannedAnew() []any {
	return append([]any{pgx.QueryExecModeCacheDescribe}, q.args...)
}

// where turns what is asked for into conditions.
func (a asked) where() *query { return a.whereAfter(nil) }

// whereAfter is where with the arguments of a statement that it becomes a part of.
func (a asked) whereAfter(args []any) *query {
	q := &query{args: args}
	f := a.Filter
	q.scope(a.by)
	q.view(f.View, a)
	q.narrow(a)
	if f.AssigneeID != 0 {
		q.add(`c.assignee_id = ?`, f.AssigneeID)
	}
	if f.TeamID != 0 {
		q.add(`c.team_id = ?`, f.TeamID)
	}
	if len(f.Status) > 0 {
		q.add(`c.status = any(?)`, f.Status)
		if !slices.ContainsFunc(f.Status, func(s Status) bool { return !s.Active() }) {
			q.add(activeOnly)
		}
	}
	if f.CustomerID != 0 {
		q.add(`c.customer_id = ?`, f.CustomerID)
	}
	if f.InvoiceID != 0 {
		q.add(`c.id in (select case_id from case_invoices where invoice_id = ?)`, f.InvoiceID)
	}
	if f.Type != "" {
		q.add(`c.type = ?`, f.Type)
	}
	if f.Breached {
		q.add(`c.breached`)
	}
	return q
}

// scope leaves out what the actor may not see; a case without a legal entity is seen by all.
func (q *query) scope(by access.Actor) {
	if by.Kind != access.System && len(by.EntityIDs) > 0 {
		q.add(`(c.entity_id is null or c.entity_id = any(?))`, by.EntityIDs)
	}
}

func (q *query) view(v View, a asked) {
	by, now := a.by, a.now
	switch v {
	case ViewAll:
		return
	case ViewResolved:
		q.add(`c.status in ('resolved', 'closed') and c.merged_into is null`) // a joined case was not resolved: it goes on in another
		return
	case ViewMine:
		q.add(`c.assignee_id = ?`, by.UserID)
	case ViewWatched:
		q.add(`c.id in (select case_id from case_watchers where user_id = ?)`, by.UserID)
	case ViewCovering:
		q.covering(by, now)
	case ViewClosing:
		q.closing(a.closing)
	case ViewTriage:
		q.add(`c.customer_id is null`)
	case ViewUnassigned:
		q.add(`c.assignee_id is null`)
	case ViewBreached:
		q.add(`c.breached`)
	case ViewDue60:
		q.add(`c.next_due_at between ? and ?`, now, now.Add(time.Hour))
	case ViewWaitingCustomer:
		q.add(`c.status = 'waiting' and c.waiting_on = 'customer'`)
	case ViewWaitingApprover:
		q.add(`c.status = 'waiting' and c.waiting_on = 'approver'`)
	case ViewAtRisk:
		q.add(`c.risk_base > 0`)
	case ViewFollowUps:
		q.add(`c.follow_up_due and c.follow_up_at is not null`)
	case ViewSnoozed:
		q.add(`not c.follow_up_due and c.follow_up_at is not null`)
	case ViewAllOpen:
	}
	if v.leavesOutSnoozed() {
		q.add(`(c.follow_up_at is null or c.follow_up_due)`)
	}
	q.add(activeOnly)
}

// leavesOutSnoozed tells whether the view is without what was put off. A deadline is not put off, and what one watches is not either.
func (v View) leavesOutSnoozed() bool {
	return !slices.Contains([]View{ViewSnoozed, ViewBreached, ViewDue60, ViewWatched, ViewCovering, ViewClosing}, v)
}

// Counts counts the cases of each standing view that the actor may see, up to CountCap.
func (s *Service) Counts(ctx context.Context, by access.Actor) (map[View]int, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	a := asked{by: by, now: s.db.Now()}
	var err error
	if a.closing, err = s.closings(ctx, s.db, a.now); err != nil {
		return nil, err
	}
	all := &query{}
	var parts []string
	for _, v := range Views() {
		q := &query{args: all.args}
		q.scope(by)
		q.view(v, a)
		parts = append(parts, all.counting(q, `'`+string(v)+`'`))
	}
	list, err := db.List[struct {
		View View
		N    int
	}](ctx, s.db.Keyed(), strings.Join(parts, ` union all `), all.args...)
	if err != nil {
		return nil, fmt.Errorf("count queue: %w", err)
	}
	counts := make(map[View]int, len(list))
	for _, c := range list {
		counts[c.View] = c.N
	}
	return counts, nil
}

// counting is a statement that counts what meets the conditions under a name, up to CountCap.
func (q *query) counting(of *query, name string) string {
	q.args = of.args
	return fmt.Sprintf(`(select %s as view, (select count(*) from (select 1 from cases c where %s limit %d) counted) as n)`, name, of.text(), CountCap)
}
