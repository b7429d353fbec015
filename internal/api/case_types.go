package api

import (
	"context"
	"strconv"
	"strings"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/errs"
	"makegood/internal/marks"
)

// Case is a case as the API shows it.
type Case struct {
	Number      string         `json:"number" example:"MG-000123"`
	Type        string         `json:"type"`
	Subject     string         `json:"subject"`
	Status      string         `json:"status"`
	WaitingOn   string         `json:"waiting_on,omitempty"`
	Priority    string         `json:"priority"`
	Language    string         `json:"language,omitempty"`
	Customer    string         `json:"customer,omitempty" doc:"account number; absent while the customer is unknown"`
	Entity      *int64         `json:"entity_id,omitempty"`
	Assignee    *int64         `json:"assignee_id,omitempty"`
	Team        *int64         `json:"team_id,omitempty"`
	CreditState string         `json:"credit_state"`
	Disputed    *Money         `json:"disputed,omitempty"`
	NextClock   string         `json:"next_clock,omitempty"`
	NextDueAt   *time.Time     `json:"next_due_at,omitempty"`
	Breached    bool           `json:"breached"`
	OpenedAt    time.Time      `json:"opened_at"`
	ResolvedAt  *time.Time     `json:"resolved_at,omitempty"`
	Resolution  string         `json:"resolution,omitempty"`
	FollowUpAt  *time.Time     `json:"follow_up_at,omitempty" doc:"when it comes back to the working views, or came back"`
	FollowUp    string         `json:"follow_up,omitempty" doc:"what for"`
	FollowUpDue bool           `json:"follow_up_due,omitempty" doc:"it came back, and nobody has dealt with it"`
	Version     int            `json:"version"`
	Invoices    []CaseInvoice  `json:"invoices,omitempty"`
	Disputes    []Dispute      `json:"disputes,omitempty"`
	Clocks      []CaseClock    `json:"clocks,omitempty"`
	Warnings    []CaseWarning  `json:"warnings,omitempty"`
	References  []CaseName     `json:"references,omitempty" doc:"what other systems called it, of a case that was brought from one"`
	Credits     []CreditOfCase `json:"credit_requests,omitempty"`
}

// CaseName is what another system called a case.
type CaseName struct {
	System string `json:"system"`
	Number string `json:"number"`
}

// CaseInvoice is an invoice tied to a case, and why.
type CaseInvoice struct {
	Number     string `json:"number"`
	Evidence   string `json:"evidence"`
	Confidence int    `json:"confidence"`
}

// Dispute is a dispute line.
type Dispute struct {
	ID          int64  `json:"id"`
	Invoice     string `json:"invoice"`
	Line        *int64 `json:"invoice_line_id,omitempty" doc:"absent when the whole invoice is contested"`
	Contested   Money  `json:"contested"`
	Accepted    Money  `json:"accepted"`
	Credited    Money  `json:"credited"`
	Reason      string `json:"reason_code"`
	Claim       string `json:"claim,omitempty"`
	Status      string `json:"status"`
	Explanation string `json:"explanation,omitempty"`
}

// CaseClock is one clock of a case.
type CaseClock struct {
	Kind          string     `json:"kind"`
	Instance      int        `json:"instance"`
	Outcome       string     `json:"outcome"`
	StartedAt     time.Time  `json:"started_at"`
	TargetSeconds int64      `json:"target_seconds"`
	UsedSeconds   int64      `json:"used_seconds"`
	DueAt         *time.Time `json:"due_at,omitempty"`
	PausedSince   *time.Time `json:"paused_since,omitempty"`
	EndedAt       *time.Time `json:"ended_at,omitempty"`
	BreachedAt    *time.Time `json:"breached_at,omitempty"`
	Revision      int        `json:"revision"`
	Priority      string     `json:"priority"`
	CarriedOver   int64      `json:"carried_over_seconds" doc:"used before the terms changed to those of this revision"`
	Calendar      string     `json:"calendar" doc:"whose hours are counted, with its zone"`
	// MonthEnd is the window around the end of a month that the clock began in, where its target is that of the window.
	MonthEnd *ClockWindow `json:"month_end,omitempty"`
	// Why is only told when clocks are asked for by themselves.
	Why []ClockStretch `json:"why,omitempty" doc:"every stretch from the start to the due moment, counted or not; while it stands still, as though it ran on from now"`
}

// ClockWindow is from one moment to another.
type ClockWindow struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// ClockStretch is a stretch of time on the way to a deadline.
type ClockStretch struct {
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Reason    string    `json:"reason" enum:"counted,outside_hours,holiday,paused"`
	Holiday   string    `json:"holiday,omitempty"`
	WaitingOn string    `json:"waiting_on,omitempty"`
}

// CaseWarning is something the agent should know.
type CaseWarning struct {
	Code   string    `json:"code"`
	Detail string    `json:"detail"`
	At     time.Time `json:"at"`
}

// CreditOfCase is a credit request of a case, in short.
type CreditOfCase struct {
	ID     int64  `json:"id"`
	Number string `json:"number"`
	State  string `json:"state"`
	Total  Money  `json:"total"`
	Memo   string `json:"credit_memo,omitempty"`
}

// Message is one entry of a conversation.
type Message struct {
	ID          int64        `json:"id"`
	Kind        string       `json:"kind" enum:"inbound,reply,note,letter"`
	Author      string       `json:"author"`
	Address     string       `json:"address,omitempty"`
	Subject     string       `json:"subject,omitempty"`
	Body        string       `json:"body"`
	HTML        string       `json:"html,omitempty" doc:"of replies and notes: the body with its marks, as safe HTML"`
	Language    string       `json:"language,omitempty"`
	Trust       string       `json:"trust,omitempty"`
	Machine     bool         `json:"machine"`
	Apart       bool         `json:"apart,omitempty" doc:"filed by a person; its sender takes no part in the case"`
	At          time.Time    `json:"at"`
	Attachments []Attachment `json:"attachments,omitempty"`
}

// Attachment is a file of a message.
type Attachment struct {
	Filename  string `json:"filename"`
	MediaType string `json:"media_type"`
	Size      int64  `json:"size"`
	Position  int    `json:"position" doc:"by which it is read"`
}

// Event is one row of a timeline.
type Event struct {
	Seq   int64          `json:"seq"`
	At    time.Time      `json:"at"`
	What  string         `json:"what"`
	Actor string         `json:"actor"`
	Data  map[string]any `json:"data,omitempty"`
}

func eventsOf(rows []audit.Row) []Event {
	events := make([]Event, 0, len(rows))
	for _, r := range rows {
		actor := r.ActorName
		if actor == "" { // the trail names no customer
			actor = r.ActorKind
		}
		events = append(events, Event{Seq: r.Seq, At: r.At, What: r.What, Actor: actor, Data: r.Data})
	}
	return events
}

func clocksOf(views []cases.ClockView) []CaseClock {
	clocks := make([]CaseClock, 0, len(views))
	for _, v := range views {
		clocks = append(clocks, CaseClock{
			Kind: string(v.Kind), Instance: v.Instance, Outcome: string(v.Derived.Outcome), StartedAt: v.StartedAt, TargetSeconds: v.TargetSeconds,
			UsedSeconds: int64(v.Derived.Used / time.Second), DueAt: v.DueAt, PausedSince: v.PausedSince, EndedAt: v.EndedAt,
			BreachedAt: v.BreachedAt, Revision: v.Revision, Priority: string(v.Priority), CarriedOver: int64(v.Derived.CarriedOver / time.Second),
			Calendar: v.Derived.Calendar().Calendar().Name + ", " + v.Derived.Calendar().Location().String(),
		})
		if w := v.Derived.MonthEnd; w != nil {
			clocks[len(clocks)-1].MonthEnd = &ClockWindow{From: w.From.UTC(), To: w.To.UTC()}
		}
	}
	return clocks
}

// explainedClocks tells of each clock also why its deadline is what it is.
func explainedClocks(views []cases.ClockView) ([]CaseClock, error) {
	clocks := clocksOf(views)
	for n, v := range views {
		e, err := v.Derived.Explain()
		if err != nil {
			return nil, err
		}
		for _, s := range e.Steps {
			clocks[n].Why = append(clocks[n].Why, ClockStretch{
				From: s.From, To: s.To, Reason: string(s.Reason), Holiday: s.Holiday, WaitingOn: string(s.On),
			})
		}
	}
	return clocks, nil
}

func messagesOf(rows []cases.Message) []Message {
	list := make([]Message, 0, len(rows))
	for _, m := range rows {
		message := Message{
			ID: int64(m.ID), Kind: string(m.Kind), Author: m.AuthorName, Address: m.AuthorAddress, Subject: m.Subject, Body: m.Body,
			Language: m.Language, Trust: string(m.Trust), Machine: m.Machine && !m.Apart, Apart: m.Apart, At: m.At,
		}
		if m.Formatted && (m.Kind == cases.PublicReply || m.Kind == cases.Note) {
			message.HTML = marks.HTML(m.Body)
		}
		for _, a := range m.Attachments {
			message.Attachments = append(message.Attachments, Attachment{Filename: a.Filename, MediaType: a.MediaType, Size: a.Size, Position: a.Position})
		}
		list = append(list, message)
	}
	return list
}

func (h *handlers) disputesOf(ctx context.Context, id cases.ID) ([]Dispute, error) {
	lines, err := h.Cases.Disputes(ctx, h.Reports.Reader(), id)
	if err != nil {
		return nil, err
	}
	list := make([]Dispute, 0, len(lines))
	for _, d := range lines {
		one, err := h.disputeOf(ctx, d)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

func (h *handlers) disputeOf(ctx context.Context, d cases.DisputeLine) (Dispute, error) {
	invoice, err := h.Billing.InvoiceByID(ctx, h.Reports.Reader(), d.InvoiceID)
	if err != nil {
		return Dispute{}, err
	}
	return Dispute{
		ID: int64(d.ID), Invoice: invoice.Number, Line: (*int64)(d.InvoiceLineID), Contested: moneyOf(d.Amount(d.Contested)), Accepted: moneyOf(d.Amount(d.Accepted)),
		Credited: moneyOf(d.Amount(d.Credited)), Reason: d.ReasonCode, Claim: d.Claim, Status: string(d.Status), Explanation: d.Explanation,
	}, nil
}

// caseOf is a case with everything tied to it.
func (h *handlers) caseOf(ctx context.Context, c cases.Case, by access.Actor) (*Case, error) {
	r := h.Reports.Reader()
	out := h.shortCase(c)
	if c.CustomerID != nil {
		customer, err := h.Billing.CustomerByID(ctx, r, *c.CustomerID)
		if err != nil {
			return nil, err
		}
		out.Customer = customer.Account
	}
	links, err := h.Cases.Invoices(ctx, r, c.ID)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		invoice, err := h.Billing.InvoiceByID(ctx, r, l.InvoiceID)
		if err != nil {
			return nil, err
		}
		out.Invoices = append(out.Invoices, CaseInvoice{Number: invoice.Number, Evidence: l.Evidence, Confidence: l.Confidence})
	}
	if out.Disputes, err = h.disputesOf(ctx, c.ID); err != nil {
		return nil, err
	}
	clocks, err := h.Cases.Clocks(ctx, r, c.ID)
	if err != nil {
		return nil, err
	}
	out.Clocks = clocksOf(clocks)
	if err := h.warn(ctx, c.ID, &out); err != nil {
		return nil, err
	}
	if access.May(by, access.ReadCredits) {
		requests, err := h.Credits.ByCase(ctx, r, c.ID)
		if err != nil {
			return nil, err
		}
		for _, q := range requests {
			out.Credits = append(out.Credits, CreditOfCase{ID: int64(q.ID), Number: q.Number, State: string(q.State), Total: moneyOf(q.Amount(q.Total)), Memo: q.MemoNumber})
		}
	}
	return &out, nil
}

func (h *handlers) warn(ctx context.Context, id cases.ID, out *Case) error {
	warnings, err := h.Cases.Warnings(ctx, h.Reports.Reader(), id)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		out.Warnings = append(out.Warnings, CaseWarning{Code: w.Key, Detail: h.Words.Fill("en", w.Key, w.Params), At: w.At})
	}
	references, err := h.Cases.References(ctx, h.Reports.Reader(), id)
	for _, ref := range references {
		out.References = append(out.References, CaseName{System: ref.System, Number: ref.Number})
	}
	return err
}

func (h *handlers) shortCase(c cases.Case) Case {
	out := Case{
		Number: c.Number, Type: string(c.Type), Subject: c.Subject, Status: string(c.Status), WaitingOn: string(c.WaitingOn), Priority: string(c.Priority),
		Language: c.Language, Entity: (*int64)(c.EntityID), Assignee: c.AssigneeID, Team: c.TeamID, CreditState: string(c.CreditState),
		NextClock: string(c.NextClock), NextDueAt: c.NextDueAt, Breached: c.Breached, OpenedAt: c.OpenedAt, ResolvedAt: c.ResolvedAt,
		FollowUpAt: c.FollowUpAt, FollowUp: c.FollowUpNote, FollowUpDue: c.FollowUpDue,
		Resolution: c.Resolution, Version: c.Version,
	}
	if c.Disputed.IsPositive() {
		amount := moneyOf(c.InDispute())
		out.Disputed = &amount
	}
	return out
}

func rowOf(r cases.QueueRow) Case {
	out := Case{
		Number: r.Number, Type: string(r.Type), Subject: r.Subject, Status: string(r.Status), WaitingOn: string(r.WaitingOn), Priority: string(r.Priority),
		Language: r.Language, Customer: r.CustomerAccount, Entity: (*int64)(r.EntityID), Assignee: r.AssigneeID, CreditState: string(r.CreditState),
		NextClock: string(r.NextClock), NextDueAt: r.NextDueAt, Breached: r.Breached, OpenedAt: r.OpenedAt, ResolvedAt: r.ResolvedAt, Version: r.Version,
		FollowUpAt: r.FollowUpAt, FollowUpDue: r.FollowUpDue,
	}
	if r.Disputed.IsPositive() {
		amount := moneyOf(r.InDispute())
		out.Disputed = &amount
	}
	return out
}

func etag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// versionFrom reads If-Match; without it the version just read is taken, so that the call needs only one request.
func versionFrom(ifMatch string, current int) (int, error) {
	if ifMatch == "" || ifMatch == "*" {
		return current, nil
	}
	version, err := strconv.Atoi(strings.Trim(strings.TrimPrefix(ifMatch, "W/"), `"`))
	if err != nil {
		return 0, errs.InvalidField("If-Match", "error.not_an_etag", "text", ifMatch)
	}
	return version, nil
}

func (h *handlers) invoiceID(ctx context.Context, field, number string) (billing.Invoice, error) {
	invoice, err := h.Billing.InvoiceByNumber(ctx, h.Reports.Reader(), number)
	if errs.KindOf(err) == errs.NotFound {
		return billing.Invoice{}, errs.InvalidField(field, "billing.no_invoice")
	}
	return invoice, err
}
