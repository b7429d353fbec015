package cases

import (
	"context"
	"fmt"
	"strings"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// CaseByNumber reads a case that the actor may see; one they may not see does not exist for them.
func (s *Service) CaseByNumber(ctx context.Context, r db.Reader, number string, by access.Actor) (Case, error) {
	return readable(ctx, r, by, `where number = $1`, strings.ToUpper(strings.TrimSpace(number)))
}

// CaseToWrite reads a case by its number with whom is written to about it, as far as the actor may see it.
func (s *Service) CaseToWrite(ctx context.Context, number string, by access.Actor) (Case, []Participant, error) {
	c, err := s.CaseByNumber(ctx, s.db, number, by)
	if err != nil {
		return Case{}, nil, err
	}
	people, err := s.Participants(ctx, s.db, c.ID)
	return c, people, err
}

// CaseByID reads a case that the actor may see.
func (s *Service) CaseByID(ctx context.Context, r db.Reader, id ID, by access.Actor) (Case, error) {
	return readable(ctx, r, by, `where id = $1`, id)
}

func readable(ctx context.Context, r db.Reader, by access.Actor, where string, arg any) (Case, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return Case{}, err
	}
	c, err := oneCase(ctx, r, where, arg)
	if err != nil {
		return Case{}, err
	}
	if err := access.Can(by, access.ReadCases, access.Object{EntityID: c.entity()}); err != nil {
		return Case{}, ErrNoCase
	}
	return c, nil
}

// LockTx locks a case until the commit: what changes it together with records of its own begins here.
func (s *Service) LockTx(ctx context.Context, tx *db.Tx, id ID) (Case, error) {
	return lockCase(ctx, tx, id)
}

const messageColumns = `id, case_id, kind, author_kind, author_id, author_name, author_address, recipients, subject, body, full_body, language,
	trust, machine, apart, formatted, inbound_message_id, outgoing_message_id, at`

// Messages reads the conversation with its attachments, oldest first. The caller has asked for the case.
func (s *Service) Messages(ctx context.Context, r db.Reader, id ID) ([]Message, error) {
	list, err := db.List[Message](ctx, r, `select `+messageColumns+` from case_messages where case_id = $1 order by at, id`, id)
	if err != nil || len(list) == 0 {
		return list, err
	}
	files, err := db.List[Attachment](ctx, r, `select a.id, a.case_message_id, a.position, a.filename, a.media_type, a.size, a.sha256, a.inline, a.content_id, a.blob
			from case_attachments a join case_messages m on m.id = a.case_message_id where m.case_id = $1
		union all
		select 0, m.id, o.position, o.filename, o.media_type, o.size, o.blob, false, '', o.blob
			from case_messages m join outgoing_attachments o on o.outgoing_message_id = m.outgoing_message_id where m.case_id = $1 and m.kind = 'reply' and o.blob is not null
		order by 2, 3`, id)
	if err != nil {
		return nil, fmt.Errorf("read attachments: %w", err)
	}
	at := make(map[MessageID]int, len(list))
	for n, m := range list {
		at[m.ID] = n
	}
	for _, f := range files {
		m := &list[at[f.CaseMessageID]]
		m.Attachments = append(m.Attachments, f)
	}
	return list, nil
}

// Disputes reads the dispute lines of a case, oldest first.
func (s *Service) Disputes(ctx context.Context, r db.Reader, id ID) ([]DisputeLine, error) {
	return disputesOf(ctx, r, id)
}

// DisputeByID reads one dispute line.
func (s *Service) DisputeByID(ctx context.Context, r db.Reader, id DisputeID) (DisputeLine, error) {
	list, err := db.List[DisputeLine](ctx, r, `select `+disputeColumns+` from dispute_lines where id = $1`, id)
	if err == nil && len(list) == 0 {
		return DisputeLine{}, ErrNoDispute
	}
	if err != nil {
		return DisputeLine{}, fmt.Errorf("read dispute line: %w", err)
	}
	return list[0], nil
}

// Clocks reads the clocks of a case as stored, each with what the case's events give now: time used and left, pauses
// and, by Explain, why the deadline is what it is.
func (s *Service) Clocks(ctx context.Context, r db.Reader, id ID) ([]ClockView, error) {
	c, err := oneCase(ctx, r, `where id = $1`, id)
	if err != nil {
		return nil, err
	}
	t, err := s.timing(ctx, r, c)
	if err != nil {
		return nil, err
	}
	views := make([]ClockView, 0, len(t.derived))
	for _, i := range t.derived {
		row, _, _ := t.rowFor(id, i, false)
		views = append(views, ClockView{Clock: row, Derived: i})
	}
	return views, nil
}

// Participants reads who takes part, in the order they joined.
func (s *Service) Participants(ctx context.Context, r db.Reader, id ID) ([]Participant, error) {
	return db.List[Participant](ctx, r, `select * from case_participants
		where case_id = $1 order by added_at, accepted desc, address`, id)
}

// firstAccepted is whoever wrote first, or else whoever has taken part longest.
func firstAccepted(ctx context.Context, r db.Reader, id ID) (Participant, error) {
	return db.One[Participant](ctx, r, `select * from case_participants
		where case_id = $1 and accepted order by coalesce(address = (select author_address from case_messages
			where case_id = $1 and kind = 'inbound' order by at, id limit 1), false) desc, added_at, address limit 1`, id)
}

// Invoices reads the invoices a case is about, the surest first.
func (s *Service) Invoices(ctx context.Context, r db.Reader, id ID) ([]LinkedInvoice, error) {
	return db.List[LinkedInvoice](ctx, r, `select case_id, invoice_id, evidence, confidence, linked_at from case_invoices
		where case_id = $1 order by confidence desc, invoice_id`, id)
}

// Warnings reads what the agents of a case should know.
func (s *Service) Warnings(ctx context.Context, r db.Reader, id ID) ([]Warning, error) {
	return db.List[Warning](ctx, r, `select id, case_id, key, params, at from case_warnings where case_id = $1 order by id`, id)
}

// Drafts reads what a person has begun to write on a case.
func (s *Service) Drafts(ctx context.Context, r db.Reader, id ID, userID int64) ([]Draft, error) {
	return db.List[Draft](ctx, r, `select case_id, user_id, kind, body, updated_at from drafts where case_id = $1 and user_id = $2 order by kind`, id, userID)
}

// Timeline reads what happened to a case, at most limit events after the given sequence number.
func (s *Service) Timeline(ctx context.Context, r db.Reader, id ID, after int64, limit int) ([]audit.Row, error) {
	return audit.Timeline(ctx, r, audit.Case(int64(id)), after, limit)
}

// About names a customer and invoices.
type About struct {
	Customer billing.CustomerID
	Invoices []billing.InvoiceID
}

// OpenCasesAbout finds the customer's cases still open about one of the invoices, the latest first: a further mail may
// belong to one of them.
func (s *Service) OpenCasesAbout(ctx context.Context, r db.Reader, about About) ([]Case, error) {
	list, err := s.OpenCasesAboutEach(ctx, r, []About{about})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// OpenCasesAboutEach is OpenCasesAbout for several, in their order.
func (s *Service) OpenCasesAboutEach(ctx context.Context, r db.Reader, about []About) ([][]Case, error) {
	out := make([][]Case, len(about))
	var places []int
	var customers []billing.CustomerID
	var invoices []billing.InvoiceID
	for n, a := range about {
		for _, id := range a.Invoices {
			places, customers, invoices = append(places, n), append(customers, a.Customer), append(invoices, id)
		}
	}
	if len(places) == 0 {
		return out, nil
	}
	list, err := db.List[struct {
		Case

		Place int
	}](ctx, r, `select u.place, c.* from (select place, customer, array_agg(invoice) as invoices from unnest($1::int[], $2::bigint[], $3::bigint[]) w (place, customer, invoice) group by 1, 2) u
		cross join lateral (select `+caseColumns+` from cases where customer_id = u.customer and status in ('new', 'open', 'waiting')
			and id in (select case_id from case_invoices where invoice_id = any (u.invoices)) order by opened_at desc limit 20) c
		order by u.place, c.opened_at desc`, places, customers, invoices)
	if err != nil {
		return nil, fmt.Errorf("find open cases about invoices: %w", err)
	}
	for _, c := range list {
		out[c.Place] = append(out[c.Place], c.Case)
	}
	return out, nil
}

// Reasons lists the reason codes in use, in their order.
func (s *Service) Reasons(ctx context.Context) ([]Reason, error) {
	return db.List[Reason](ctx, s.db, `select code, name, case_type, position, active, wordings from reason_codes where active order by position`)
}

// RootCauses lists the root causes in use.
func (s *Service) RootCauses(ctx context.Context) ([]RootCause, error) {
	return db.List[RootCause](ctx, s.db, `select id, code, name, upstream_owner, active from root_causes where active order by name`)
}
