package api

import (
	"context"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/errs"
)

// OnCase is part of every input that changes a case.
type OnCase struct {
	CaseRef
	IfMatch string `header:"If-Match" doc:"ETag of the case as it was read; a stale one is refused with 409"`
}

// on finds the case and the version the caller has seen.
func (h *handlers) on(ctx context.Context, in OnCase) (cases.On, cases.Case, error) {
	c, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), in.Number, in.by)
	if err != nil {
		return cases.On{}, cases.Case{}, err
	}
	version, err := versionFrom(in.IfMatch, c.Version)
	return cases.On{By: in.by, ID: c.ID, Version: version}, c, err
}

// then answers with the case as it is after a change.
func (h *handlers) then(ctx context.Context, in OnCase, err error) (*caseOut, error) {
	if err != nil {
		return nil, err
	}
	return h.again(ctx, in.CaseRef)
}

type patchCaseIn struct {
	OnCase
	Body struct {
		Priority *struct {
			Value  string `json:"value" enum:"P1,P2,P3,P4"`
			Reason string `json:"reason" minLength:"1"`
		} `json:"priority,omitempty"`
		Customer string `json:"customer,omitempty" doc:"account number, for a case without a customer"`
		Invoice  string `json:"invoice,omitempty" doc:"number of an invoice to link"`
		CaseAmends
	}
}

func (h *handlers) patchCase(ctx context.Context, in *patchCaseIn) (*caseOut, error) {
	if err := access.Can(in.by, access.WorkCases, access.Object{}); err != nil {
		return nil, err
	}
	on, c, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	if in.Body.Customer != "" {
		customer, err := h.Billing.CustomerByAccount(ctx, h.Reports.Reader(), in.Body.Customer)
		if err != nil {
			return nil, err
		}
		if c, err = h.Cases.LinkCustomer(ctx, cases.LinkCustomerInput{On: on, CustomerID: customer.ID}); err != nil {
			return nil, err
		}
		on.Version = c.Version
	}
	if in.Body.Invoice != "" {
		invoice, err := h.invoiceID(ctx, "invoice", in.Body.Invoice)
		if err != nil {
			return nil, err
		}
		if c, err = h.Cases.LinkInvoice(ctx, cases.LinkInvoiceInput{On: on, InvoiceID: invoice.ID}); err != nil {
			return nil, err
		}
		on.Version = c.Version
	}
	if err := h.amend(ctx, &on, in.Body.CaseAmends); err != nil {
		return nil, err
	}
	if p := in.Body.Priority; p != nil {
		_, err = h.Cases.SetPriority(ctx, cases.PriorityInput{On: on, Priority: cases.Priority(p.Value), Reason: p.Reason})
	}
	return h.then(ctx, in.OnCase, err)
}

type replyIn struct {
	OnCase
	Body struct {
		Text      string       `json:"text" minLength:"1" maxLength:"100000"`
		To        string       `json:"to,omitempty" doc:"a participant's address; the last writer's without it"`
		Cc        []string     `json:"cc,omitempty"`
		Then      string       `json:"then,omitempty" doc:"status afterwards"`
		WaitingOn string       `json:"waiting_on,omitempty"`
		Macro     int64        `json:"macro,omitempty" doc:"what it does is done with the reply"`
		Files     []FileToSend `json:"files,omitempty" maxItems:"20" doc:"that go with the mail: 18 MB together, no programs; the virus scanner looks at them"`
	}
}

func (h *handlers) reply(ctx context.Context, in *replyIn) (*caseOut, error) {
	on, _, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	_, err = h.Cases.Reply(ctx, cases.ReplyInput{
		On: on, Body: in.Body.Text, To: in.Body.To, Cc: in.Body.Cc, Then: cases.Status(in.Body.Then), WaitingOn: cases.WaitingOn(in.Body.WaitingOn),
		Macro: cases.MacroID(in.Body.Macro), Attach: filesToSend(in.Body.Files),
	})
	return h.then(ctx, in.OnCase, err)
}

type noteIn struct {
	OnCase
	Body struct {
		Text  string       `json:"text" minLength:"1" maxLength:"100000"`
		Macro int64        `json:"macro,omitempty" doc:"what it does is done with the note"`
		Files []FileToSend `json:"files,omitempty" maxItems:"20" doc:"that stay with the note, inside the house"`
	}
}

func (h *handlers) note(ctx context.Context, in *noteIn) (*caseOut, error) {
	on, _, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	_, err = h.Cases.AddNote(ctx, cases.NoteInput{On: on, Body: in.Body.Text, Macro: cases.MacroID(in.Body.Macro), Attach: filesToSend(in.Body.Files)})
	return h.then(ctx, in.OnCase, err)
}

type disputeIn struct {
	OnCase
	Body struct {
		Invoice   string `json:"invoice" doc:"number"`
		Line      *int64 `json:"invoice_line_id,omitempty" doc:"absent: the whole invoice"`
		Contested Money  `json:"contested" doc:"including tax"`
		Reason    string `json:"reason_code"`
		Claim     string `json:"claim,omitempty"`
	}
}

type disputeOut struct{ Body Dispute }

func (h *handlers) addDispute(ctx context.Context, in *disputeIn) (*disputeOut, error) {
	on, _, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	invoice, err := h.invoiceID(ctx, "invoice", in.Body.Invoice)
	if err != nil {
		return nil, err
	}
	contested, err := in.Body.Contested.parse("contested")
	if err != nil {
		return nil, err
	}
	if contested.Currency() != invoice.Currency {
		return nil, errs.InvalidField("contested.currency", "money.mixed_currencies", "one", string(contested.Currency()), "other", string(invoice.Currency))
	}
	line, err := h.Cases.AddDispute(ctx, cases.AddDisputeInput{On: on, NewDispute: cases.NewDispute{
		InvoiceID: invoice.ID, InvoiceLineID: (*billing.InvoiceLineID)(in.Body.Line), Contested: contested.Decimal(), ReasonCode: in.Body.Reason, Claim: in.Body.Claim,
	}})
	if err != nil {
		return nil, err
	}
	body, err := h.disputeOf(ctx, line)
	return &disputeOut{Body: body}, err
}

type decideDisputeIn struct {
	OnCase
	ID   int64 `path:"id"`
	Body struct {
		Accepted    string `json:"accepted,omitempty" doc:"amount accepted without a credit request; usually 0"`
		Withdrawn   bool   `json:"withdrawn,omitempty"`
		Explanation string `json:"explanation,omitempty" doc:"for the customer"`
	}
}

func (h *handlers) decideDispute(ctx context.Context, in *decideDisputeIn) (*caseOut, error) {
	on, _, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	accepted := decimal.Zero
	if in.Body.Accepted != "" {
		if accepted, err = decimal.NewFromString(in.Body.Accepted); err != nil {
			return nil, errs.InvalidField("accepted", "money.not_an_amount", "text", in.Body.Accepted)
		}
	}
	_, err = h.Cases.DecideDispute(ctx, cases.DecideDisputeInput{
		On: on, DisputeID: cases.DisputeID(in.ID), Accepted: accepted, Withdrawn: in.Body.Withdrawn, Explanation: in.Body.Explanation,
	})
	return h.then(ctx, in.OnCase, err)
}

type statusIn struct {
	OnCase
	Body struct {
		Status     string `json:"status" enum:"open,waiting,resolved,closed"`
		WaitingOn  string `json:"waiting_on,omitempty"`
		Resolution string `json:"resolution,omitempty"`
		RootCause  *int64 `json:"root_cause_id,omitempty"`
		Comment    string `json:"comment,omitempty"`
	}
}

func (h *handlers) setStatus(ctx context.Context, in *statusIn) (*caseOut, error) {
	on, _, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	b := in.Body
	_, err = h.Cases.SetStatus(ctx, cases.StatusInput{
		On: on, To: cases.Status(b.Status), WaitingOn: cases.WaitingOn(b.WaitingOn), Resolution: b.Resolution, RootCause: b.RootCause, Comment: b.Comment,
	})
	return h.then(ctx, in.OnCase, err)
}

type assignIn struct {
	OnCase
	Body struct {
		Assignee *int64 `json:"assignee_id,omitempty" doc:"without it nobody has the case"`
		Team     *int64 `json:"team_id,omitempty" doc:"without it the case stays with its team; 0 takes it from there"`
	}
}

func (h *handlers) assign(ctx context.Context, in *assignIn) (*caseOut, error) {
	on, _, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	_, err = h.Cases.Assign(ctx, cases.AssignInput{On: on, AssigneeID: in.Body.Assignee, TeamID: in.Body.Team})
	return h.then(ctx, in.OnCase, err)
}
