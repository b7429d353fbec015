package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"makegood/internal/audit"
	"makegood/internal/db"
)

// number is how people call a case; the table has the same rule.
func (id ID) number() string { return fmt.Sprintf("MG-%06d", id) }

// ids are taken before the rows they name are written, so that all rows are written in one go.
type ids struct {
	Cases    []ID
	Messages []MessageID
	Disputes []DisputeID
}

func takeIDs(ctx context.Context, tx *db.Tx, cases, messages, disputes int) (ids, error) {
	taken, err := db.One[ids](ctx, tx, `select
		array(select nextval((select pg_get_serial_sequence('cases', 'id')::regclass)) from generate_series(1, $1)) as cases,
		array(select nextval((select pg_get_serial_sequence('case_messages', 'id')::regclass)) from generate_series(1, $2)) as messages,
		array(select nextval((select pg_get_serial_sequence('dispute_lines', 'id')::regclass)) from generate_series(1, $3)) as disputes`, cases, messages, disputes)
	if err != nil {
		return taken, fmt.Errorf("take ids: %w", err)
	}
	return taken, nil
}

func takeClockIDs(ctx context.Context, tx *db.Tx, n int) ([]ClockID, error) {
	if n == 0 {
		return nil, nil
	}
	taken, err := db.Values[ClockID](ctx, tx, `select nextval((select pg_get_serial_sequence('case_clocks', 'id')::regclass)) from generate_series(1, $1)`, n)
	if err != nil {
		return nil, fmt.Errorf("take ids of clocks: %w", err)
	}
	return taken, nil
}

// write puts everything of the new cases into the database in one round trip, each table in one statement.
func (all openings) write(ctx context.Context) error {
	batch := &pgx.Batch{}
	var rows openedRows
	var events []audit.Event
	for _, o := range all.list {
		if err := rows.add(o); err != nil {
			return err
		}
		events = append(events, o.events...)
	}
	rows.queue(batch)
	all.queueDealing(batch)
	if err := all.queueAnswers(ctx, batch); err != nil {
		return err
	}
	if err := audit.QueueTx(batch, all.tx, events...); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if err := all.tx.Batch(ctx, batch); err != nil {
		return fmt.Errorf("write cases: %w", err)
	}
	return nil
}

// openedRows are the rows of new cases, table by table.
type openedRows struct {
	cases, participants, invoices, warnings, tags, messages, attachments, disputes, clocks, references [][]any
}

func (r *openedRows) add(o *opening) error {
	c, now := o.c, o.tx.Now()
	r.cases = append(r.cases, []any{
		c.ID, c.Type, c.Subject, c.Status, c.WaitingOn, c.Priority, c.PriorityReason, c.Topic, c.Language, c.CustomerID, c.ContactID, c.EntityID, c.TeamID,
		c.AssigneeID, c.Disputed, string(c.DisputedCurrency), c.RiskBase, c.Snippet, c.PolicyID, string(c.NextClock), c.NextDueAt, c.ClockPaused, c.Breached,
		c.OpenedAt, c.LastCustomerAt, c.UnansweredSince, c.ResolvedAt, c.ClosedAt, c.FollowsID, c.Version,
	})
	for _, p := range oncePerAddress(o.in.Participants) {
		r.participants = append(r.participants, []any{c.ID, p.Address, p.Name, p.ContactID, p.Accepted, now, p.AcceptedAt})
	}
	for _, l := range surest(o.in.Invoices) {
		r.invoices = append(r.invoices, []any{c.ID, l.InvoiceID, l.Evidence, min(max(l.Confidence, 0), 100), now})
	}
	for _, w := range o.in.Warnings {
		params, err := json.Marshal(w.Params)
		if err != nil {
			return fmt.Errorf("write warning %s: %w", w.Key, err)
		}
		if w.Params == nil {
			params = []byte("{}")
		}
		r.warnings = append(r.warnings, []any{c.ID, w.Key, string(params), now})
	}
	tags := slices.Sorted(slices.Values(o.in.Tags))
	for _, tag := range slices.Compact(tags) {
		r.tags = append(r.tags, []any{c.ID, tag, now})
	}
	for _, m := range o.messages {
		r.addMessage(m)
	}
	if b := o.in.Brought; b != nil {
		r.references = append(r.references, []any{c.ID, b.System, b.Number, b.ExternalID, b.Import, now})
	}
	for _, d := range o.lines {
		r.disputes = append(r.disputes, []any{
			d.ID, d.CaseID, d.InvoiceID, d.InvoiceLineID, string(d.Currency), d.Contested, d.ReasonCode, d.Claim, d.Status, d.OpenedAt, d.OpenedBy,
		})
	}
	for _, k := range o.clocks.clocks {
		r.clocks = append(r.clocks, []any{
			k.ID, k.CaseID, k.Kind, k.Instance, k.Revision, k.SubjectID, k.PolicyID, k.CalendarID, k.Priority, k.StartedAt, k.TargetSeconds, k.DueAt,
			k.PausedSince, k.UsedSeconds, k.Outcome, k.EndedAt, k.BreachedAt, k.Warned, k.Rung, k.Version,
		})
	}
	return nil
}

func (r *openedRows) addMessage(m Message) {
	r.messages = append(r.messages, []any{
		m.ID, m.CaseID, m.Kind, m.AuthorKind, m.AuthorID, m.AuthorName, m.AuthorAddress, m.Recipients, m.Subject, m.Body, m.FullBody, m.Language,
		m.Trust, m.Machine, m.InboundMessageID, m.OutgoingMessageID, m.At, m.Formatted,
	})
	for i, a := range m.Attachments {
		r.attachments = append(r.attachments, []any{m.ID, i, a.Filename, a.MediaType, a.Size, a.SHA256, a.Inline, a.ContentID})
	}
}

func (r *openedRows) queue(batch *pgx.Batch) {
	for _, t := range []struct {
		name, columns string
		rows          [][]any
	}{
		{"cases", `id bigint, type text, subject text, status text, waiting_on text, priority text, priority_reason text, topic text, language text,
			customer_id bigint, contact_id bigint, entity_id bigint, team_id bigint, assignee_id bigint, disputed numeric, disputed_currency text,
			risk_base numeric, snippet text, policy_id bigint, next_clock text, next_due_at timestamptz, clock_paused boolean, breached boolean,
			opened_at timestamptz, last_customer_at timestamptz, unanswered_since timestamptz, resolved_at timestamptz, closed_at timestamptz,
			follows_id bigint, version integer`, r.cases},
		{"case_participants", `case_id bigint, address text, name text, contact_id bigint, accepted boolean, added_at timestamptz, accepted_at timestamptz`, r.participants},
		{"case_invoices", `case_id bigint, invoice_id bigint, evidence text, confidence integer, linked_at timestamptz`, r.invoices},
		{"case_warnings", `case_id bigint, key text, params jsonb, at timestamptz`, r.warnings},
		{"case_tags", `case_id bigint, tag text, added_at timestamptz`, r.tags},
		{"case_messages", `id bigint, case_id bigint, kind text, author_kind text, author_id bigint, author_name text, author_address text,
			recipients text[], subject text, body text, full_body text, language text, trust text, machine boolean, inbound_message_id bigint,
			outgoing_message_id bigint, at timestamptz, formatted boolean`, r.messages},
		{"case_attachments", `case_message_id bigint, position integer, filename text, media_type text, size bigint, sha256 bytea, inline boolean,
			content_id text`, r.attachments},
		{"dispute_lines", `id bigint, case_id bigint, invoice_id bigint, invoice_line_id bigint, currency text, contested numeric, reason_code text,
			claim text, status text, opened_at timestamptz, opened_by bigint`, r.disputes},
		{"case_clocks", `id bigint, case_id bigint, kind text, instance integer, revision integer, subject_id bigint, policy_id bigint,
			calendar_id bigint, priority text, started_at timestamptz, target_seconds bigint, due_at timestamptz, paused_since timestamptz,
			used_seconds bigint, outcome text, ended_at timestamptz, breached_at timestamptz, warned text, rung integer, version integer`, r.clocks},
		{"case_references", `case_id bigint, system text, number text, external_id text, import_id bigint, brought_at timestamptz`, r.references},
	} {
		columns := strings.Split(t.columns, ",")
		for n := range columns {
			columns[n] = strings.TrimSpace(columns[n])
		}
		db.QueueRows(batch, db.Table{Name: t.name, Columns: columns}, t.rows)
	}
}

// oncePerAddress keeps one participant for each address: accepted if one of them is, never the reverse.
func oncePerAddress(list []Participant) []Participant {
	var out []Participant
	for _, p := range list {
		p.Address = strings.ToLower(p.Address)
		at := slices.IndexFunc(out, func(o Participant) bool { return o.Address == p.Address })
		if at < 0 {
			out = append(out, p)
			continue
		}
		out[at].Accepted = out[at].Accepted || p.Accepted
		if out[at].ContactID == nil {
			out[at].ContactID = p.ContactID
		}
	}
	return out
}

// surest keeps one link for each invoice, the one with the strongest evidence.
func surest(list []LinkedInvoice) []LinkedInvoice {
	var out []LinkedInvoice
	for _, l := range list {
		at := slices.IndexFunc(out, func(o LinkedInvoice) bool { return o.InvoiceID == l.InvoiceID })
		switch {
		case at < 0:
			out = append(out, l)
		case l.Confidence > out[at].Confidence:
			out[at] = l
		}
	}
	return out
}
