package api

import (
	"context"
	"strconv"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/credits/authority"
	"makegood/internal/errs"
)

// Proposal is what is asked to be given back.
type Proposal struct {
	Kind         string         `json:"kind" enum:"billing_error,concession,sla_credit"`
	Case         string         `json:"case,omitempty" doc:"case number"`
	Invoice      string         `json:"invoice" doc:"invoice number"`
	Reason       string         `json:"reason_code"`
	RootCause    *int64         `json:"root_cause_id,omitempty"`
	Explanation  string         `json:"explanation,omitempty" doc:"for approvers and auditors"`
	CustomerNote string         `json:"customer_note,omitempty" doc:"for the customer"`
	Lines        []ProposalLine `json:"lines" minItems:"1" maxItems:"500"`
	Evidence     []NewEvidence  `json:"evidence,omitempty" maxItems:"50"`
}

// ProposalLine is a part of an invoice line to be credited; the line is named by its id or its number on the invoice.
type ProposalLine struct {
	InvoiceLine int64  `json:"invoice_line_id,omitempty"`
	LineNo      int    `json:"line_no,omitempty"`
	Net         Money  `json:"net" doc:"without tax; the tax follows from the invoice"`
	Dispute     *int64 `json:"dispute_id,omitempty" doc:"the dispute line it settles"`
}

// NewEvidence says what supports a request.
type NewEvidence struct {
	Kind    string `json:"kind" enum:"customer_mail,document,calculation,note"`
	Label   string `json:"label" minLength:"1" maxLength:"500"`
	Message *int64 `json:"message_id,omitempty" doc:"the message of the case that holds it"`
}

// CreditPreview is what a proposal would do, without saving anything.
type CreditPreview struct {
	Net             Money          `json:"net"`
	Tax             Money          `json:"tax"`
	Total           Money          `json:"total"`
	ToInvoice       Money          `json:"to_invoice"`
	ToBalance       Money          `json:"to_balance"`
	InvoiceOpen     Money          `json:"invoice_open"`
	InvoiceOpenThen Money          `json:"invoice_open_after"`
	AuthorityAmount Money          `json:"authority_amount" doc:"the total in the currency of the limits"`
	WindowAmount    Money          `json:"window_amount" doc:"what counts together with it over 30 days"`
	OwnLimit        bool           `json:"own_limit" doc:"within the requester's own limit: nobody else decides"`
	Chain           []ChainStep    `json:"chain"`
	Before          Balance        `json:"position_before"`
	After           Balance        `json:"position_after"`
	Warnings        []CreditNotice `json:"warnings,omitempty"`
	EvidenceMissing []CreditNotice `json:"evidence_missing,omitempty"`
}

// ChainStep is one decision on the way, and why it is there.
type ChainStep struct {
	ID         int64      `json:"id,omitempty"`
	Position   int        `json:"position"`
	Level      string     `json:"level"`
	Rule       string     `json:"rule"`
	Why        string     `json:"why"`
	Needed     int        `json:"needed"`
	State      string     `json:"state,omitempty"`
	Approvers  []Approver `json:"approvers"`
	Decisions  []Decision `json:"decisions,omitempty"`
	OpenedAt   *time.Time `json:"opened_at,omitempty"`
	DueAt      *time.Time `json:"due_at,omitempty"`
	FinishedAt *time.Time `json:"decided_at,omitempty"`
}

// Approver is somebody who may decide a step.
type Approver struct {
	UserID     int64  `json:"user_id"`
	Name       string `json:"name"`
	OnBehalfOf int64  `json:"on_behalf_of,omitempty"`
}

// Decision is what somebody decided.
type Decision struct {
	UserID   int64     `json:"user_id"`
	Name     string    `json:"name"`
	Decision string    `json:"decision"`
	Comment  string    `json:"comment,omitempty"`
	At       time.Time `json:"decided_at"`
}

// CreditNotice is something requester and approver should know.
type CreditNotice struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// CreditRequest is a request for money to be given back.
type CreditRequest struct {
	ID          int64          `json:"id"`
	Number      string         `json:"number"`
	State       string         `json:"state"`
	Kind        string         `json:"kind"`
	Case        string         `json:"case,omitempty"`
	Invoice     string         `json:"invoice"`
	Customer    string         `json:"customer" doc:"account number"`
	Reason      string         `json:"reason_code"`
	Explanation string         `json:"explanation,omitempty"`
	Net         Money          `json:"net"`
	Tax         Money          `json:"tax"`
	Total       Money          `json:"total"`
	RequesterID int64          `json:"requester_id"`
	Requester   string         `json:"requester"`
	SubmittedAt *time.Time     `json:"submitted_at,omitempty"`
	ApprovedAt  *time.Time     `json:"approved_at,omitempty"`
	Memo        string         `json:"credit_memo,omitempty"`
	Failure     *CreditNotice  `json:"failure,omitempty"`
	Warnings    []CreditNotice `json:"warnings,omitempty"`
	Chain       []ChainStep    `json:"chain,omitempty"`
}

func (h *handlers) notice(code string, params errs.Params) CreditNotice {
	return CreditNotice{Code: code, Detail: h.Words.Fill("en", code, params)}
}

func (h *handlers) notices(warnings []credits.Warning) []CreditNotice {
	var list []CreditNotice
	for _, w := range warnings {
		list = append(list, h.notice(w.Key, w.Params))
	}
	return list
}

func (h *handlers) chainOf(result authority.Result) []ChainStep {
	steps := []ChainStep{}
	for _, s := range result.Steps {
		step := ChainStep{
			Position: s.Position, Level: s.LevelName, Rule: s.Rule.Key, Why: h.Words.Fill("en", s.Rule.Key, s.Rule.Params), Needed: s.Needed, Approvers: []Approver{},
		}
		for _, c := range s.Candidates {
			step.Approvers = append(step.Approvers, Approver{UserID: c.UserID, Name: c.Name, OnBehalfOf: c.OnBehalfOf})
		}
		steps = append(steps, step)
	}
	return steps
}

func (h *handlers) stepsOf(rows []credits.Step) []ChainStep {
	steps := []ChainStep{}
	for _, s := range rows {
		step := ChainStep{
			ID: int64(s.ID), Position: s.Position, Level: s.LevelName, Rule: s.RuleKey, Why: h.Words.Fill("en", s.RuleKey, s.RuleParams), Needed: s.Needed,
			State: string(s.State), Approvers: []Approver{}, OpenedAt: s.OpenedAt, DueAt: s.DueAt, FinishedAt: s.DecidedAt,
		}
		for _, c := range s.Candidates {
			approver := Approver{UserID: c.UserID, Name: c.Name}
			if c.OnBehalfOf != nil {
				approver.OnBehalfOf = *c.OnBehalfOf
			}
			step.Approvers = append(step.Approvers, approver)
		}
		for _, d := range s.Decisions {
			step.Decisions = append(step.Decisions, Decision{UserID: d.UserID, Name: d.UserName, Decision: string(d.Decision), Comment: d.Comment, At: d.DecidedAt})
		}
		steps = append(steps, step)
	}
	return steps
}

func (h *handlers) requestOf(row credits.Row) CreditRequest {
	r := CreditRequest{
		ID: int64(row.ID), Number: row.Number, State: string(row.State), Kind: string(row.Kind), Case: row.CaseNumber, Invoice: row.InvoiceNumber,
		Customer: row.Account, Reason: row.ReasonCode, Explanation: row.Explanation, Net: moneyOf(row.Amount(row.Net)), Tax: moneyOf(row.Amount(row.Tax)),
		Total: moneyOf(row.Amount(row.Total)), RequesterID: row.RequesterID, Requester: row.RequesterName, SubmittedAt: row.SubmittedAt,
		ApprovedAt: row.ApprovedAt, Memo: row.MemoNumber, Warnings: h.notices(row.Warnings),
	}
	if row.Failure != "" {
		failure := h.notice(row.Failure, row.FailureParams)
		r.Failure = &failure
	}
	return r
}

// propose turns what the caller sent into the domain's input; errors name the fields.
func (h *handlers) propose(ctx context.Context, s Signed, p Proposal) (credits.ProposeInput, error) {
	in := credits.ProposeInput{
		By: s.by, Kind: billing.Kind(p.Kind), ReasonCode: p.Reason, RootCauseID: p.RootCause, Explanation: p.Explanation, CustomerNote: p.CustomerNote,
	}
	r := h.Reports.Reader()
	if p.Case != "" {
		c, err := h.Cases.CaseByNumber(ctx, r, p.Case, s.by)
		if err != nil {
			return in, err
		}
		in.CaseID = &c.ID
	}
	invoice, err := h.invoiceID(ctx, "invoice", p.Invoice)
	if err != nil {
		return in, err
	}
	if err := books(s, invoice.EntityID); err != nil {
		return in, errs.InvalidField("invoice", "billing.no_invoice")
	}
	in.InvoiceID = invoice.ID
	detail, err := h.Billing.InvoiceDetail(ctx, r, invoice.ID)
	if err != nil {
		return in, err
	}
	for i, l := range p.Lines {
		line, err := proposeLine(detail, i, l)
		if err != nil {
			return in, err
		}
		in.Lines = append(in.Lines, line)
	}
	for _, e := range p.Evidence {
		in.Evidence = append(in.Evidence, credits.NewEvidence{Kind: credits.EvidenceKind(e.Kind), Label: e.Label, MessageID: (*cases.MessageID)(e.Message)})
	}
	return in, nil
}

func proposeLine(invoice billing.InvoiceDetail, i int, l ProposalLine) (credits.ProposeLine, error) {
	field := "lines." + strconv.Itoa(i)
	net, err := l.Net.parse(field + ".net")
	if err != nil {
		return credits.ProposeLine{}, err
	}
	if net.Currency() != invoice.Currency {
		return credits.ProposeLine{}, errs.InvalidField(field+".net.currency", "money.mixed_currencies", "one", string(net.Currency()), "other", string(invoice.Currency))
	}
	for _, line := range invoice.Lines {
		if int64(line.ID) == l.InvoiceLine || l.InvoiceLine == 0 && line.LineNo == l.LineNo {
			return credits.ProposeLine{InvoiceLineID: line.ID, Net: net.Decimal(), DisputeLineID: (*cases.DisputeID)(l.Dispute)}, nil
		}
	}
	return credits.ProposeLine{}, errs.InvalidField(field+".invoice_line_id", "billing.no_such_line")
}
