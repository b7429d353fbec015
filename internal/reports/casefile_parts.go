package reports

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"makegood/billing"
	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// into queues a read whose rows fill list.
func into[T any](batch *pgx.Batch, list *[]T, query string, args ...any) {
	db.QueueList(batch, list, query, args...)
}

// scattered are the rows that belong under others.
type scattered struct {
	files    []MessageFile
	lines    []FileLine
	taxes    []FileTax
	steps    []FileStep
	evidence []FileEvidence

	mailSteps []inbox.OutgoingStep
}

// parts reads everything below the head in one round trip.
func (f *CaseFiles) parts(ctx context.Context, file *CaseFile, by access.Actor) error {
	var loose scattered
	batch := &pgx.Batch{}
	queueConversation(batch, file, &loose)
	queueMoney(batch, file, &loose)
	queueCredits(batch, file, &loose)
	queueDelivery(batch, file, &loose)
	queueFrame(batch, file, by)
	if err := f.db.KeyedBatch(ctx, batch); err != nil {
		return fmt.Errorf("read case file: %w", err)
	}
	slices.Reverse(file.Messages)
	slices.Reverse(file.Events)
	file.cut()
	loose.settle(file)
	loose.settleMails(file)
	return revealEvents(ctx, f.db, file.Events)
}

// revealEvents shows what events say of people.
func revealEvents(ctx context.Context, r db.Reader, events []audit.Row) error {
	data := make([]map[string]any, len(events))
	for i, e := range events {
		data[i] = e.Data
	}
	return audit.Reveal(ctx, r, data)
}

// fileMessages reads messages with what became of them on their way out.
const fileMessages = `select m.id, m.kind, m.author_kind, m.author_name, m.author_address, m.recipients, m.subject, m.body,
			m.full_body <> '' and m.full_body <> m.body as more, m.language, m.trust, m.machine, m.apart, m.formatted, m.inbound_message_id, m.outgoing_message_id,
			coalesce(o.state, '') as outgoing_state, coalesce(o.error, '') as outgoing_error, o.not_before, o.sent_at, m.at
		from case_messages m left join outgoing_messages o on o.id = m.outgoing_message_id`

// messageFiles reads the files of messages: those that came with a mail or lie with a note, and those that left with a mail of ours.
const (
	messageFiles = `select f.message_id, f.position, f.filename, f.media_type, f.size, f.inline from (
		select m.case_id, m.id as message_id, a.position, a.filename, a.media_type, a.size, a.inline from case_messages m join case_attachments a on a.case_message_id = m.id
		union all
		select m.case_id, m.id, o.position, o.filename, o.media_type, coalesce(o.size, octet_length(o.content)), false
			from case_messages m join outgoing_attachments o on o.outgoing_message_id = m.outgoing_message_id) f`
	filesInOrder = ` order by f.message_id, f.position`
)

func queueConversation(batch *pgx.Batch, file *CaseFile, loose *scattered) {
	into(batch, &file.Messages, fileMessages+` where m.case_id = $1 order by m.at desc, m.id desc limit $2`, file.ID, messagesShown+1)
	into(batch, &loose.files, messageFiles+` where f.case_id = $1`+filesInOrder, file.ID)
	into(batch, &file.Events, `select id, stream, seq, at, actor_kind, actor_id, actor_name, what, request_id, data
		from audit_log where stream = $1 order by seq desc limit $2`, string(audit.Case(int64(file.ID))), eventsShown+1)
}

func queueMoney(batch *pgx.Batch, file *CaseFile, loose *scattered) {
	into(batch, &file.Invoices, `select i.id, i.number, cu.name as customer_name, i.currency, i.issued_on, i.due_on, i.purchase_order, i.net, i.tax,
			i.total, o.open, o.held, coalesce(a.paid, 0) as paid, a.paid_on, coalesce(a.credited, 0) as credited, l.evidence, l.confidence
		from case_invoices l join invoices i on i.id = l.invoice_id join customers cu on cu.id = i.customer_id
		join open_items o on o.kind = 'invoice' and o.document_id = i.id
		left join lateral (select sum(amount) filter (where source_kind = 'payment') as paid,
				max(allocated_on) filter (where source_kind = 'payment') as paid_on,
				sum(amount) filter (where source_kind = 'credit_memo') as credited
			from allocations where invoice_id = i.id) a on true
		where l.case_id = $1 order by l.confidence desc, i.issued_on desc, i.id`, file.ID)
	into(batch, &loose.lines, `select n.id, n.invoice_id, n.line_no, n.description, n.quantity, n.unit_price, n.net, n.tax_rate, n.tax_share,
			b.amount, b.credited, b.reserved,
			coalesce((select sum(h.amount) from holds h where h.invoice_line_id = n.id and h.released_at is null), 0) as held
		from case_invoices l join invoice_lines n on n.invoice_id = l.invoice_id join invoice_line_balances b on b.invoice_line_id = n.id
		where l.case_id = $1 order by n.invoice_id, n.line_no`, file.ID)
	into(batch, &loose.taxes, `select t.invoice_id, t.category, t.rate, t.tax from case_invoices l join invoice_taxes t on t.invoice_id = l.invoice_id
		where l.case_id = $1 order by t.invoice_id, t.id`, file.ID)
	into(batch, &file.Disputes, `select d.*, r.name as reason_name, i.number as invoice_number, n.line_no, coalesce(n.description, '') as description,
			coalesce(u.name, '') as decider_name, coalesce(q.number, '') as request_number, coalesce(h.amount, 0) as kept,
			coalesce(h.paid, 0) as hold_paid, coalesce(h.credited, 0) as hold_credited, coalesce(h.written_off, 0) as hold_written_off
		from dispute_lines d left join holds h on h.dispute_line_id = d.id join reason_codes r on r.code = d.reason_code join invoices i on i.id = d.invoice_id
		left join invoice_lines n on n.id = d.invoice_line_id left join users u on u.id = d.decided_by
		left join credit_requests q on q.id = d.credit_request_id
		where d.case_id = $1 order by d.invoice_id, n.line_no nulls first, d.id`, file.ID)
}

func queueCredits(batch *pgx.Batch, file *CaseFile, loose *scattered) {
	into(batch, &file.Credits, `select q.id, q.number, q.kind, coalesce(i.number, '') as invoice_number, q.currency, q.net, q.tax, q.total, q.state, q.content_version,
			q.own_limit, r.name as reason_name, q.explanation, q.requester_id, u.name as requester_name, q.created_at, q.submitted_at,
			q.approved_at, q.ended_at, q.failure, q.failure_params, coalesce(m.number, '') as memo_number, m.posted_at, m.to_invoice, m.to_balance,
			q.document_kind, q.document_number, coalesce(v.number, '') as taken_back_by, coalesce(q.content -> 'Reverses' ->> 'number', '') as reverses,
			coalesce((select array_agg(n.line_no order by n.line_no) from credit_request_lines l join invoice_lines n on n.id = l.invoice_line_id
				where l.credit_request_id = q.id), '{}') as line_numbers
		from credit_requests q join reason_codes r on r.code = q.reason_code join users u on u.id = q.requester_id
		left join invoices i on i.id = q.invoice_id left join credit_memos m on m.id = q.memo_id
		left join reversals v on v.document_kind = q.document_kind and v.document_id = q.document_id
		where q.case_id = $1 order by q.id desc limit 20`, file.ID)
	into(batch, &loose.steps, `select s.id, s.credit_request_id, s.position, s.level_name, s.rule_key, s.rule_params, s.needed, s.state, s.opened_at,
			s.decided_at,
			coalesce((select array_agg(u.name order by u.name) from credit_step_candidates x join users u on u.id = x.user_id
				where x.step_id = s.id), '{}') as candidates,
			coalesce((select array_agg(u.name order by d.decided_at) from credit_decisions d join users u on u.id = d.user_id
				where d.step_id = s.id), '{}') as deciders,
			coalesce((select string_agg(d.comment, ' · ' order by d.decided_at) from credit_decisions d
				where d.step_id = s.id and d.comment <> ''), '') as comment
		from credit_requests q join credit_steps s on s.credit_request_id = q.id and s.content_version = q.content_version
		where q.case_id = $1 order by s.credit_request_id, s.position`, file.ID)
	into(batch, &loose.evidence, `select e.credit_request_id, e.label, e.case_message_id
		from credit_requests q join credit_request_evidence e on e.credit_request_id = q.id where q.case_id = $1 order by e.id`, file.ID)
}

func queueFrame(batch *pgx.Batch, file *CaseFile, by access.Actor) {
	into(batch, &file.Recipient, cases.RecipientQuery, file.ID)
	into(batch, &file.Participants, `select * from case_participants where case_id = $1 order by accepted desc, added_at, address`, file.ID)
	into(batch, &file.Warnings, `select * from case_warnings where case_id = $1 order by id desc limit 12`, file.ID)
	into(batch, &file.Watchers, cases.WatchersQuery, file.ID)
	into(batch, &file.Points, cases.PointsQuery, file.ID)
	into(batch, &file.Fields, cases.FieldsQuery, file.ID, string(file.Type))
	into(batch, &file.Playbooks, cases.PlaybooksQuery, file.ID, file.Type, file.Topic)
	into(batch, &file.Links, cases.LinksQuery, file.ID, by.SeenEntities())
	into(batch, &file.Sorting, `select id, decided_by, topic, type, guess, confidence::float8 as confidence, words, others, rule_set, rule_id, rule_name,
			model_id, sorted_at from sortings where case_id = $1`, file.ID)
	into(batch, &file.Survey, `select left_out, name, address, settled_at, expires_at, score, comment, answered_at, changed_at from case_surveys where case_id = $1`, file.ID)
	into(batch, &file.Said, `select id, topic, was, at, user_id, user_name from sorting_evidence where case_id = $1 order by id desc limit 1`, file.ID)
	batch.Queue(`select tag from case_tags where case_id = $1 order by tag`, file.ID).Query(func(rows pgx.Rows) error {
		var err error
		file.Tags, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	into(batch, &file.Drafts, `select * from drafts where case_id = $1 and user_id = $2 order by updated_at desc`, file.ID, by.UserID)
	into(batch, &file.DraftFiles, cases.DraftFilesQuery, file.ID, by.UserID)
	into(batch, &file.Reasons, `select * from reason_codes where active order by position, code`)
	into(batch, &file.RootCauses, `select * from root_causes where active order by name`)
	into(batch, &file.Colleagues, `select u.id, u.name, u.away, coalesce(t.name, '') as team, u.roles,
			(select count(*) from (select from cases c where c.assignee_id = u.id and c.status in ('new', 'open', 'waiting') limit 100) theirs) as open
		from users u left join teams t on t.id = u.team_id
		where u.active and u.roles && array['agent', 'senior', 'supervisor', 'controller']
			and (cardinality(u.entity_ids) = 0 or $1::bigint is null or $1 = any (u.entity_ids))
		order by u.name limit 200`, file.EntityID)
	into(batch, &file.Teams, `select id, name from teams order by name limit 200`)
	if file.CustomerID == nil {
		return
	}
	into(batch, &file.Others, `select number, subject, status from cases
		where customer_id = $1 and id <> $2 and status in ('new', 'open', 'waiting') order by opened_at desc limit 6`, *file.CustomerID, file.ID)
	batch.Queue(`select count(*) from (select 1 from cases where customer_id = $1 and id <> $2 and status in ('resolved', 'closed')
			and opened_at > $3 limit 1000) x`, *file.CustomerID, file.ID, file.ReadAt.AddDate(-1, 0, 0)).
		QueryRow(func(row pgx.Row) error { return row.Scan(&file.ClosedBefore) })
}

// settle puts the loose rows under what they belong to.
func (loose scattered) settle(file *CaseFile) {
	loose.settleFiles(file)
	lines, taxes := map[billing.InvoiceID][]FileLine{}, map[billing.InvoiceID][]FileTax{}
	for _, l := range loose.lines {
		lines[l.InvoiceID] = append(lines[l.InvoiceID], l)
	}
	for _, t := range loose.taxes {
		taxes[t.InvoiceID] = append(taxes[t.InvoiceID], t)
	}
	for i := range file.Invoices {
		id := file.Invoices[i].ID
		file.Invoices[i].Lines, file.Invoices[i].Taxes = lines[id], taxes[id]
	}
	for i := range file.Credits {
		c := &file.Credits[i]
		for _, s := range loose.steps {
			if s.CreditRequestID == c.ID {
				c.Steps = append(c.Steps, s)
			}
		}
		for _, e := range loose.evidence {
			if e.CreditRequestID == c.ID {
				c.Evidence = append(c.Evidence, e)
			}
		}
	}
}
