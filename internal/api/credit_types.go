package api

import (
	"time"

	"makegood/credits"
	"makegood/credits/authority"
	"makegood/internal/errs"
)

// NewEvidence says what supports a request.
type NewEvidence struct {
	Kind    string `json:"kind" enum:"customer_mail,contract_page,ticket,document,calculation,note"`
	Label   string `json:"label" minLength:"1" maxLength:"500"`
	Message *int64 `json:"message_id,omitempty" doc:"the message of the case that holds it"`
	Sheet   *int64 `json:"sheet_id,omitempty" doc:"of a calculation: the sheet it was made with; a service credit is of that sheet's customer and gives at most what it proposes"`
	File    *int64 `json:"attachment_id,omitempty" doc:"the file of the case it is"`
	SHA256  string `json:"sha256,omitempty" pattern:"^[0-9a-f]{64}$" doc:"hash of that sheet or of the document, in hex; needed with sheet_id"`
}

// Required is what the policy asks a proposal to bring, and whether it does.
type Required struct {
	Rule  string   `json:"rule" doc:"of the policy"`
	Needs []string `json:"needs" doc:"one of these suffices"`
	Met   bool     `json:"met"`
}

func requiredOf(r credits.Required) Required {
	out := Required{Rule: r.Rule, Met: r.Met, Needs: []string{}}
	for _, proof := range r.Needs {
		out.Needs = append(out.Needs, string(proof))
	}
	return out
}

// CreditPreview is what a proposal would do, without saving anything.
type CreditPreview struct {
	Content
	Net             Money          `json:"net"`
	Tax             Money          `json:"tax"`
	Total           Money          `json:"total" doc:"of a rebill what is given back"`
	ToInvoice       Money          `json:"to_invoice"`
	ToBalance       Money          `json:"to_balance"`
	InvoiceOpen     Money          `json:"invoice_open"`
	InvoiceOpenThen Money          `json:"invoice_open_after"`
	AuthorityKind   string         `json:"authority_kind" doc:"whose limits decide: of a reversal those of what is taken back"`
	AuthorityAmount Money          `json:"authority_amount" doc:"what is compared with limits, in their currency: the total, or of a rebill that bills more than it gives back the new invoice"`
	WindowAmount    Money          `json:"window_amount" doc:"what counts together with it over 30 days"`
	OwnLimit        bool           `json:"own_limit" doc:"within the requester's own limit: nobody else decides"`
	Chain           []ChainStep    `json:"chain"`
	Before          *Balance       `json:"position_before,omitempty" doc:"none for several customers"`
	After           *Balance       `json:"position_after,omitempty"`
	Warnings        []CreditNotice `json:"warnings,omitempty"`
	Evidence        []Required     `json:"evidence,omitempty" doc:"what the policy asks it to bring"`
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
	Version    int        `json:"version,omitempty" doc:"of the content it decides on"`
	PolicyRule string     `json:"policy_rule,omitempty" doc:"the rule of the policy that put it there"`
	ClimbedAt  *time.Time `json:"climbed_at,omitempty" doc:"when it went up because nobody decided in time"`
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

	Rule string      `json:"rule,omitempty" doc:"of a warning"`
	Rows []BehindRow `json:"rows,omitempty" doc:"of a warning: what made the rule speak, the latest first, as it stood; with a preview and a single request"`
	More int         `json:"more,omitempty" doc:"how many more there are"`
}

// CreditRequest is a request for an adjustment of any kind.
type CreditRequest struct {
	ID            int64          `json:"id"`
	Number        string         `json:"number"`
	State         string         `json:"state"`
	Kind          string         `json:"kind"`
	AuthorityKind string         `json:"authority_kind" doc:"whose limits decide: of a reversal those of what is taken back"`
	Case          string         `json:"case,omitempty"`
	Invoice       string         `json:"invoice,omitempty" doc:"what it concerns; none on account and for several"`
	Customer      string         `json:"customer,omitempty" doc:"account number; none for a batch over several customers"`
	Reason        string         `json:"reason_code"`
	ErrorBy       string         `json:"error_by,omitempty" doc:"the name of whose error it puts right: they sign nothing of it"`
	Explanation   string         `json:"explanation,omitempty"`
	CustomerNote  string         `json:"customer_note,omitempty"`
	Net           Money          `json:"net"`
	Tax           Money          `json:"tax"`
	Total         Money          `json:"total"`
	RequesterID   int64          `json:"requester_id"`
	Requester     string         `json:"requester"`
	SubmittedAt   *time.Time     `json:"submitted_at,omitempty"`
	ApprovedAt    *time.Time     `json:"approved_at,omitempty"`
	Memo          string         `json:"credit_memo,omitempty"`
	DocumentKind  string         `json:"document_kind,omitempty" enum:"credit_memo,debit_memo,refund,write_off,transfer,reversal"`
	Document      string         `json:"document,omitempty" doc:"number of what it became"`
	TakenBackBy   string         `json:"taken_back_by,omitempty" doc:"number of the reversal"`
	Failure       *CreditNotice  `json:"failure,omitempty"`
	Warnings      []CreditNotice `json:"warnings,omitempty"`
	Content       *Content       `json:"content,omitempty" doc:"as it was frozen: what is approved and posted"`
	Digest        string         `json:"digest,omitempty" doc:"SHA-256 over the content and the evidence it was submitted with, in hex: what approvers sign"`
	Chain         []ChainStep    `json:"chain,omitempty"`

	Version       int                 `json:"version" doc:"of the content; a change makes a new one"`
	ExpiresAt     *time.Time          `json:"expires_at,omitempty" doc:"when it ends unless it is decided"`
	ReturnedUntil *time.Time          `json:"returned_until,omitempty" doc:"asked back: when it ends unless it is answered"`
	Evidence      []EvidencePiece     `json:"evidence,omitempty"`
	Questions     []Question          `json:"questions,omitempty"`
	Earlier       []EarlierVersion    `json:"earlier,omitempty"`
	Differences   []RequestDifference `json:"differences,omitempty" doc:"to the version before, line by line"`
}

func (h *handlers) notice(code string, params errs.Params) CreditNotice {
	return CreditNotice{Code: code, Detail: h.Words.Fill("en", code, params)}
}

func (h *handlers) notices(warnings []credits.Warning) []CreditNotice {
	var list []CreditNotice
	for _, w := range warnings {
		notice := h.notice(w.Key, w.Params)
		notice.Rule, notice.Rows, notice.More = string(w.Rule), behindOf(w.Behind), w.More
		list = append(list, notice)
	}
	return list
}

func (h *handlers) chainOf(result authority.Result) []ChainStep {
	steps := []ChainStep{}
	for _, s := range result.Steps {
		step := ChainStep{
			Position: s.Position, Level: s.LevelName, Rule: s.Rule.Key, Why: h.Words.Fill("en", s.Rule.Key, s.Rule.Params), Needed: s.Needed, Approvers: []Approver{},
			PolicyRule: s.PolicyRule,
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
			State: string(s.State), Version: s.ContentVersion, PolicyRule: s.PolicyRule, ClimbedAt: s.ClimbedAt, Approvers: []Approver{}, OpenedAt: s.OpenedAt, DueAt: s.DueAt, FinishedAt: s.DecidedAt,
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
		ID: int64(row.ID), Number: row.Number, State: string(row.State), Kind: string(row.Kind), AuthorityKind: string(row.AuthorityKind),
		Case: row.CaseNumber, Invoice: row.InvoiceNumber, Customer: row.Account, Reason: row.ReasonCode, ErrorBy: row.ErrorBy, Explanation: row.Explanation, CustomerNote: row.CustomerNote,
		DocumentKind: string(row.DocumentKind), Document: row.DocumentNumber, TakenBackBy: row.TakenBackBy, Net: moneyOf(row.Amount(row.Net)), Tax: moneyOf(row.Amount(row.Tax)),
		Total: moneyOf(row.Amount(row.Total)), RequesterID: row.RequesterID, Requester: row.RequesterName, SubmittedAt: row.SubmittedAt,
		ApprovedAt: row.ApprovedAt, Memo: row.MemoNumber, Warnings: h.notices(row.Warnings),
		Version: row.ContentVersion, ExpiresAt: row.ExpiresAt, ReturnedUntil: row.ReturnedUntil,
	}
	if row.Failure != "" {
		failure := h.notice(row.Failure, row.FailureParams)
		r.Failure = &failure
	}
	return r
}
