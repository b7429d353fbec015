//go:build browser

package browsertest_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"makegood/internal/db"
)

// choices are things in the demo that are worth looking at.
type choices struct {
	Case, Contested        string // with a request under way; with a dispute that nobody decided
	Account, Invoice, Memo string
	Request                int64  // waits for the supervisor
	Several                string // small ones that wait for a senior, as the address has them
	Held, Quarantined      int64
	Unknown                string // a case of somebody nobody knows
	Mailbox                int64
	Contract               string
	Settled                string // by somebody, and nobody has reviewed it
}

func places(t *testing.T) choices {
	t.Helper()
	return found[choices](t, `
		with under_way as (
			select c.id, c.number, c.customer_id from cases c join legal_entities e on e.id = c.entity_id
			where e.code = 'DE' and c.credit_state = 'pending' and c.disputed > 0
			order by (select count(*) from case_messages m where m.case_id = c.id) desc, c.id desc limit 1
		), posted as (
			select m.number, i.number as invoice from credit_memos m join invoices i on i.id = m.invoice_id join legal_entities e on e.id = m.entity_id
			where e.code = 'DE' order by (select count(*) from invoice_lines l where l.invoice_id = i.id) desc, m.id desc limit 1
		)
		select u.number as case, a.account, p.invoice, p.number as memo,
			(select c.number from cases c join legal_entities e on e.id = c.entity_id
				where e.code = 'DE' and c.status = 'open' and c.credit_state = 'none' and c.disputed > 0 order by c.disputed desc, c.id limit 1) as contested,
			(select s.credit_request_id from credit_steps s join credit_step_candidates k on k.step_id = s.id join users w on w.id = k.user_id
				join credit_requests r on r.id = s.credit_request_id
				where s.state = 'open' and r.state = 'pending' and w.email = $1 order by r.total desc limit 1) as request,
			(select string_agg('id=' || few.id, '&') from (select s.credit_request_id as id from credit_steps s join credit_step_candidates k on k.step_id = s.id
				join users w on w.id = k.user_id join credit_requests r on r.id = s.credit_request_id
				where s.state = 'open' and r.state = 'pending' and w.email = $2 and r.authority_amount <= 500 order by 1 limit 3) few) as several,
			(select number from cases where customer_id is null and status in ('new', 'open') order by id desc limit 1) as unknown,
			(select c.number from contracts c join legal_entities e on e.id = c.entity_id where e.code = 'DE' order by c.id limit 1) as contract,
			(select number from cases c where status = 'resolved' and assignee_id is not null and not exists (select from quality_reviews v where v.case_id = c.id)
				and not exists (select from users u where (u.id = c.assignee_id or u.id in (select actor_id from audit_log a where a.stream = 'case:' || c.id))
					and 'supervisor' = any (u.roles)) order by c.id desc limit 1) as settled,
			(select id from mailboxes order by id limit 1) as mailbox,
			(select id from inbound_messages where fate = 'held' and fate_reason = 'intake.unverified_sender' order by id limit 1) as held,
			(select id from inbound_messages where fate = 'quarantined' order by id limit 1) as quarantined
		from under_way u join customers a on a.id = u.customer_id cross join posted p`, katrin, jonas)
}

// found reads the one row that a query gives.
func found[T any](t *testing.T, query string, args ...any) T {
	t.Helper()
	rows, err := shared.db.Query(t.Context(), query, args...)
	must(t, err)
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[T])
	must(t, err)
	return v
}

// bill is an invoice nobody has complained about yet, with a contact of the customer.
type bill struct {
	Number, Account, Email, Line string
}

// openBill chooses an invoice that is wholly open, in the agents' legal entity, whose first line is over an amount, and
// that no case is about. The customer, a German-speaking one or not, got no credit lately that would count with a new one.
func openBill(t *testing.T, german bool, over int) bill {
	t.Helper()
	return openBillOf(t, german, over, 1, 99)
}

// given are the bills that a test has: no two tests work on one.
var given struct {
	sync.Mutex
	numbers []string
}

// openBillOf is openBill among invoices with so many lines.
func openBillOf(t *testing.T, german bool, over, from, to int) bill {
	t.Helper()
	given.Lock()
	defer given.Unlock()
	b := found[bill](t, `
		select i.number, c.account, l.description as line,
			(select email from contacts where customer_id = c.id and bounced_at is null order by id limit 1) as email
		from invoices i join customers c on c.id = i.customer_id join legal_entities e on e.id = i.entity_id
			join open_items o on o.kind = 'invoice' and o.document_id = i.id
			join invoice_lines l on l.invoice_id = i.id and l.line_no = 1
		where e.code = 'DE' and i.currency = 'EUR' and c.kind = 'direct' and o.open = o.original and (c.language = 'de') = $1 and l.net > $2
			and not exists (select 1 from case_invoices k where k.invoice_id = i.id)
			and i.number <> all(coalesce($5::text[], '{}'))
			and (select count(*) from invoice_lines n where n.invoice_id = i.id) between $3 and $4
			and not exists (select 1 from credit_requests r where r.family_id = c.family_id and r.created_at > now() - interval '40 days')
		order by i.issued_on desc, i.id desc limit 1`, german, over, from, to, given.numbers)
	given.numbers = append(given.numbers, b.Number)
	return b
}

// news hears of changes in the database.
type news struct{ conn *pgx.Conn }

func listen(t *testing.T) news {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), shared.demo.Info.DatabaseURL)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	_, err = conn.Exec(t.Context(), "listen "+db.Channel)
	must(t, err)
	return news{conn}
}

// wait gives what a query finds, as soon as it finds something.
func (n news) wait(t *testing.T, query string, args ...any) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		var got string
		err := n.conn.QueryRow(ctx, query, args...).Scan(&got)
		if err == nil {
			return got
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			t.Fatal(err)
		}
		if _, err := n.conn.WaitForNotification(ctx); err != nil {
			t.Fatalf("waited in vain for news: %v", err)
		}
	}
}
