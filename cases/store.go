package cases

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"makegood/internal/db"
)

// caseColumns are all of cases but what only the database uses.
const caseColumns = `id, number, type, subject, status, waiting_on, priority, priority_reason, topic, language, customer_id, contact_id,
	entity_id, team_id, assignee_id, root_cause_id, resolution, credit_state, disputed, disputed_currency, risk_base, snippet, policy_id,
	next_clock, next_due_at, clock_paused, breached, opened_at, last_customer_at, last_reply_at, unanswered_since, resolved_at, closed_at,
	merged_into, follows_id, follow_up_at, follow_up_note, follow_up_due, undone_points, version`

func lockCase(ctx context.Context, tx *db.Tx, id ID) (Case, error) {
	return oneCase(ctx, tx, `where id = $1 for update`, id)
}

func oneCase(ctx context.Context, r db.Reader, where string, args ...any) (Case, error) {
	c, err := db.One[Case](ctx, r, `select `+caseColumns+` from cases `+where, args...)
	if errors.Is(err, db.ErrNoRow) {
		return Case{}, ErrNoCase
	}
	if err != nil {
		return Case{}, fmt.Errorf("read case: %w", err)
	}
	return c, nil
}

// queueUpdateCase writes every column that may change. The row is locked, so the version cannot have moved.
func queueUpdateCase(b *batch, c Case) { queueUpdateCases(b, []Case{c}) }

// queueUpdateCases writes everything about cases that can change.
func queueUpdateCases(b *batch, list []Case) {
	if len(list) == 0 {
		return
	}
	rows := make([][]any, len(list))
	for i, c := range list {
		rows[i] = []any{
			c.ID, c.Subject, c.Status, c.WaitingOn, c.Priority, c.PriorityReason, c.Topic,
			c.Language, c.CustomerID, c.ContactID, c.EntityID, c.TeamID, c.AssigneeID, c.RootCauseID,
			c.Resolution, c.CreditState, c.Disputed, c.DisputedCurrency, c.RiskBase, c.Snippet, c.PolicyID,
			c.NextClock, c.NextDueAt, c.ClockPaused, c.Breached, c.LastCustomerAt, c.LastReplyAt,
			c.UnansweredSince, c.ResolvedAt, c.ClosedAt, c.Version, c.Type, c.MergedInto,
			c.FollowUpAt, c.FollowUpNote, c.FollowUpDue,
		}
	}
	u := db.Table{Name: "cases", Columns: []string{
		"id bigint", "subject text", "status text", "waiting_on text", "priority text", "priority_reason text", "topic text",
		"language text", "customer_id bigint", "contact_id bigint", "entity_id bigint", "team_id bigint", "assignee_id bigint", "root_cause_id bigint",
		"resolution text", "credit_state text", "disputed numeric", "disputed_currency text", "risk_base numeric", "snippet text", "policy_id bigint",
		"next_clock text", "next_due_at timestamptz", "clock_paused boolean", "breached boolean", "last_customer_at timestamptz", "last_reply_at timestamptz",
		"unanswered_since timestamptz", "resolved_at timestamptz", "closed_at timestamptz", "version integer", "type text", "merged_into bigint",
		"follow_up_at timestamptz", "follow_up_note text", "follow_up_due boolean",
	}}.Unnest(rows)
	_, names, _ := strings.Cut(u.Names, ", ")
	_, values, _ := strings.Cut(u.Values, ", ")
	b.Queue(`update cases c set (`+names+`) = row(`+values+`) from `+u.From+` where c.id = u.id`, u.Args...).Exec(touched(len(list), ErrNoCase, "update case"))
}

// touched makes a queued statement fail that did not touch exactly so many rows.
func touched(n int, otherwise error, doing string) func(pgconn.CommandTag) error {
	return func(tag pgconn.CommandTag) error {
		if int(tag.RowsAffected()) != n {
			return fmt.Errorf("%s: %w", doing, otherwise)
		}
		return nil
	}
}

// queueParticipants, queueInvoices and queueWarnings put rows into a batch, one round trip for all of them.
func queueParticipants(batch *pgx.Batch, c Case, now any, list []Participant) {
	for _, p := range list {
		batch.Queue(`insert into case_participants (case_id, address, name, contact_id, accepted, added_at, accepted_at)
				values ($1, lower($2), $3, $4, $5, $6, case when $5 then $6::timestamptz end)
			on conflict (case_id, address) do update set accepted = case_participants.accepted or excluded.accepted,
				accepted_at = case when case_participants.accepted then case_participants.accepted_at else excluded.accepted_at end,
				contact_id = coalesce(case_participants.contact_id, excluded.contact_id)`,
			c.ID, p.Address, p.Name, p.ContactID, p.Accepted, now)
	}
}

func queueInvoices(batch *pgx.Batch, c Case, now any, list []LinkedInvoice) {
	for _, l := range list {
		batch.Queue(`insert into case_invoices (case_id, invoice_id, evidence, confidence, linked_at) values ($1, $2, $3, $4, $5)
			on conflict (case_id, invoice_id) do update set evidence = excluded.evidence, confidence = excluded.confidence
			where excluded.confidence > case_invoices.confidence`, c.ID, l.InvoiceID, l.Evidence, min(max(l.Confidence, 0), 100), now)
	}
}

func queueWarnings(batch *pgx.Batch, c Case, now any, list []Warning) {
	for _, w := range list {
		if w.Params == nil {
			w.Params = map[string]string{}
		}
		batch.Queue(`insert into case_warnings (case_id, key, params, at) values ($1, $2, $3, $4)`, c.ID, w.Key, w.Params, now)
	}
}

func insertMessage(ctx context.Context, tx *db.Tx, m Message) (MessageID, error) {
	if err := runBatch(ctx, tx, func(b *batch) { queueMessage(b, &m) }); err != nil {
		return 0, fmt.Errorf("insert message: %w", err)
	}
	id := m.ID
	if len(m.Attachments) == 0 {
		return id, nil
	}
	batch := &pgx.Batch{}
	for i, a := range m.Attachments {
		batch.Queue(`insert into case_attachments (case_message_id, position, filename, media_type, size, sha256, inline, content_id, blob)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, id, i, a.Filename, a.MediaType, a.Size, a.SHA256, a.Inline, a.ContentID, a.Blob)
	}
	return id, tx.Batch(ctx, batch)
}

// queueMessage adds a message without its attachments to a batch; it has its id once the batch has been sent.
func queueMessage(b *batch, m *Message) {
	if m.Recipients == nil {
		m.Recipients = []string{}
	}
	b.Queue(`insert into case_messages (case_id, kind, author_kind, author_id, author_name, author_address, recipients,
			subject, body, full_body, language, trust, machine, inbound_message_id, outgoing_message_id, at, formatted, apart)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) returning id`,
		m.CaseID, m.Kind, m.AuthorKind, m.AuthorID, m.AuthorName, m.AuthorAddress, m.Recipients,
		m.Subject, m.Body, m.FullBody, m.Language, m.Trust, m.Machine, m.InboundMessageID, m.OutgoingMessageID, m.At, m.Formatted, m.Apart,
	).QueryRow(func(row pgx.Row) error { return row.Scan(&m.ID) })
}

// queueLetters adds letters whose ids were taken before to their conversations.
func queueLetters(b *batch, list []Message) {
	rows := make([][]any, len(list))
	for i, m := range list {
		rows[i] = []any{m.ID, m.CaseID, m.Kind, m.AuthorKind, m.Recipients, m.Subject, m.Body, m.Language, m.OutgoingMessageID, m.At}
	}
	db.QueueRows(b, db.Table{Name: "case_messages", Columns: []string{
		"id bigint", "case_id bigint", "kind text", "author_kind text", "recipients text[]", "subject text", "body text", "language text",
		"outgoing_message_id bigint", "at timestamptz",
	}}, rows)
}

func setOutgoing(ctx context.Context, tx *db.Tx, id MessageID, outgoing int64) error {
	_, err := tx.Exec(ctx, `update case_messages set outgoing_message_id = $2 where id = $1`, id, outgoing)
	return err
}

const disputeColumns = `id, case_id, invoice_id, invoice_line_id, currency, contested, reason_code, claim, status, accepted, credited,
	explanation, credit_request_id, opened_at, opened_by, decided_at, decided_by, version`

func disputesOf(ctx context.Context, r db.Reader, id ID) ([]DisputeLine, error) {
	return db.List[DisputeLine](ctx, r, `select `+disputeColumns+` from dispute_lines where case_id = $1 order by id`, id)
}

func insertDispute(ctx context.Context, tx *db.Tx, d DisputeLine) (DisputeLine, error) {
	id, err := db.Value[DisputeID](ctx, tx, `insert into dispute_lines (case_id, invoice_id, invoice_line_id, currency, contested, reason_code, claim,
			status, opened_at, opened_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id`,
		d.CaseID, d.InvoiceID, d.InvoiceLineID, d.Currency, d.Contested, d.ReasonCode, d.Claim, d.Status, d.OpenedAt, d.OpenedBy)
	if err != nil {
		return d, fmt.Errorf("insert dispute line: %w", err)
	}
	d.ID, d.Version = id, 1
	return d, nil
}

func updateDispute(ctx context.Context, tx *db.Tx, d DisputeLine) error {
	return runBatch(ctx, tx, d.queueUpdate)
}

func (d DisputeLine) queueUpdate(b *batch) { queueUpdateDisputes(b, []DisputeLine{d}) }

// queueUpdateDisputes writes what was decided about lines. One that moved on since it was read makes the batch fail.
func queueUpdateDisputes(b *batch, list []DisputeLine) {
	if len(list) == 0 {
		return
	}
	rows := make([][]any, len(list))
	for i, d := range list {
		rows[i] = []any{d.ID, d.Version, d.Status, d.Accepted, d.Credited, d.Explanation, d.CreditRequestID, d.DecidedAt, d.DecidedBy}
	}
	u := db.Table{Name: "dispute_lines", Columns: []string{
		"id bigint", "version integer", "status text", "accepted numeric", "credited numeric", "explanation text", "credit_request_id bigint",
		"decided_at timestamptz", "decided_by bigint",
	}}.Unnest(rows)
	b.Queue(`update dispute_lines d set status = u.status, accepted = u.accepted, credited = u.credited, explanation = u.explanation,
			credit_request_id = u.credit_request_id, decided_at = u.decided_at, decided_by = u.decided_by, version = d.version + 1
		from `+u.From+` where d.id = u.id and d.version = u.version`, u.Args...).Exec(touched(len(list), ErrStaleVersion, "update dispute line"))
}

// batch is several statements in one round trip.
type batch = pgx.Batch

func runBatch(ctx context.Context, tx *db.Tx, fill func(b *batch)) error {
	b := &batch{}
	fill(b)
	return tx.Batch(ctx, b)
}
