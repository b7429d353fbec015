package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/cases"
)

// CaseRef names a case.
type CaseRef struct {
	Signed
	Number string `path:"number" example:"MG-000123"`
}

type caseOut struct {
	ETag string `header:"ETag"`
	Body Case
}

type caseListIn struct {
	Signed
	Paging
	Status   string `query:"status" doc:"new, open, waiting, resolved or closed"`
	Assignee int64  `query:"assignee" doc:"user id"`
	Team     int64  `query:"team" doc:"team id"`
	Customer string `query:"customer" doc:"account number"`
	Invoice  string `query:"invoice" doc:"invoice number"`
	Type     string `query:"type"`
	Breached bool   `query:"breached"`
	Query    string `query:"q" doc:"number, customer, subject or invoice"`
}

func (h *handlers) cases(api huma.API) {
	add(h, api, operation[caseListIn, listOut[Case]]{at(http.MethodGet, "/cases", "list-cases", "List cases, newest first", "cases"), h.listCases})
	add(h, api, operation[openCaseIn, caseOut]{created("/cases", "open-case", "Open a case", "cases"), h.openCase})
	add(h, api, operation[CaseRef, caseOut]{at(http.MethodGet, "/cases/{number}", "get-case", "Read a case with what is tied to it", "cases"), h.getCase})
	add(h, api, operation[patchCaseIn, caseOut]{at(http.MethodPatch, "/cases/{number}", "patch-case", "Change priority, customer, linked invoices, subject, language, who takes part, or tags", "cases"), h.patchCase})
	add(h, api, operation[CaseRef, listOut[Message]]{at(http.MethodGet, "/cases/{number}/messages", "list-messages", "Read the conversation", "cases"), h.caseMessages})
	add(h, api, operation[FileRef, huma.StreamResponse]{at(http.MethodGet, "/cases/{number}/messages/{id}/files/{position}", "get-case-file", "Read a file of a message", "cases"), h.caseFile})
	reply, note := created("/cases/{number}/messages", "reply", "Reply to the customer", "cases"), created("/cases/{number}/notes", "add-note", "Add an internal note", "cases")
	reply.MaxBodyBytes, note.MaxBodyBytes = mostFiles, mostFiles
	add(h, api, operation[replyIn, caseOut]{reply, h.reply})
	add(h, api, operation[noteIn, caseOut]{note, h.note})
	add(h, api, operation[CaseRef, listOut[Dispute]]{at(http.MethodGet, "/cases/{number}/disputes", "list-disputes", "Read the dispute lines", "cases"), h.caseDisputes})
	add(h, api, operation[disputeIn, disputeOut]{created("/cases/{number}/disputes", "add-dispute", "Contest an invoice or one of its lines", "cases"), h.addDispute})
	add(h, api, operation[decideDisputeIn, caseOut]{at(http.MethodPost, "/cases/{number}/disputes/{id}/decision", "decide-dispute", "Decide a dispute line without a credit", "cases"), h.decideDispute})
	add(h, api, operation[statusIn, caseOut]{at(http.MethodPost, "/cases/{number}/status", "set-status", "Move a case to another status", "cases"), h.setStatus})
	add(h, api, operation[assignIn, caseOut]{at(http.MethodPost, "/cases/{number}/assign", "assign", "Give a case to somebody, a team or nobody", "cases"), h.assign})
	add(h, api, operation[joinIn, caseOut]{at(http.MethodPost, "/cases/{number}/join", "join", "Join a case to another about the same matter", "cases"), h.join})
	add(h, api, operation[OnCase, caseOut]{at(http.MethodPost, "/cases/{number}/unjoin", "unjoin", "Take a joined case out again", "cases"), h.unjoin})
	add(h, api, operation[splitIn, caseOut]{created("/cases/{number}/split", "split", "Give messages a case of their own, which is the answer", "cases"), h.split})
	add(h, api, operation[CaseRef, listOut[CaseClock]]{at(http.MethodGet, "/cases/{number}/clocks", "list-clocks", "Read the clocks", "cases"), h.caseClocks})
	add(h, api, operation[CaseRef, listOut[Mail]]{at(http.MethodGet, "/cases/{number}/mails", "list-mails", "Read how the mails of a case fared on their way out, newest first", "cases"), h.caseMails})
	add(h, api, operation[mailReasonIn, listOut[Mail]]{at(http.MethodPost, "/cases/{number}/mails/{id}/resend", "resend-mail", "Send once more a mail in the state unknown, saying why", "cases"), h.resendMail})
	add(h, api, operation[mailReasonIn, listOut[Mail]]{at(http.MethodPost, "/cases/{number}/mails/{id}/release", "release-mail", "Let a mail go that was stopped because its reader's address is dead, saying why", "cases"), h.releaseMail})
	add(h, api, operation[MailRef, listOut[Mail]]{at(http.MethodPost, "/cases/{number}/mails/{id}/cancel", "cancel-mail", "Take back a mail that is still queued or stopped", "cases"), h.cancelMail})
	add(h, api, operation[timelineIn, listOut[Event]]{at(http.MethodGet, "/cases/{number}/timeline", "timeline", "Read everything that happened, oldest first", "cases"), h.timeline})
}

func (h *handlers) listCases(ctx context.Context, in *caseListIn) (*listOut[Case], error) {
	f := cases.Filter{
		AssigneeID: in.Assignee, TeamID: in.Team, Type: cases.Type(in.Type), Breached: in.Breached, Query: in.Query,
		Sort: cases.SortNewest, After: in.Cursor, Limit: in.Limit,
	}
	if in.Status != "" {
		f.Status = []cases.Status{cases.Status(in.Status)}
	}
	if in.Customer != "" {
		customer, err := h.Billing.CustomerByAccount(ctx, h.Reports.Reader(), in.Customer)
		if err != nil {
			return nil, err
		}
		f.CustomerID = customer.ID
	}
	if in.Invoice != "" {
		invoice, err := h.Billing.InvoiceByNumber(ctx, h.Reports.Reader(), in.Invoice)
		if err != nil {
			return nil, err
		}
		f.InvoiceID = invoice.ID
	}
	found, err := h.Cases.Queue(ctx, f, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[Case]{Body: list[Case]{Items: []Case{}, NextCursor: found.Next}}
	for _, row := range found.Rows {
		out.Body.Items = append(out.Body.Items, rowOf(row))
	}
	return out, nil
}

func (h *handlers) getCase(ctx context.Context, in *CaseRef) (*caseOut, error) {
	c, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), in.Number, in.by)
	if err != nil {
		return nil, err
	}
	body, err := h.caseOf(ctx, c, in.by)
	if err != nil {
		return nil, err
	}
	return &caseOut{ETag: etag(c.Version), Body: *body}, nil
}

func (h *handlers) again(ctx context.Context, in CaseRef) (*caseOut, error) {
	return h.getCase(ctx, &in)
}

func (h *handlers) caseMessages(ctx context.Context, in *CaseRef) (*listOut[Message], error) {
	c, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), in.Number, in.by)
	if err != nil {
		return nil, err
	}
	rows, err := h.Cases.Messages(ctx, h.Reports.Reader(), c.ID)
	return &listOut[Message]{Body: list[Message]{Items: messagesOf(rows)}}, err
}

func (h *handlers) caseDisputes(ctx context.Context, in *CaseRef) (*listOut[Dispute], error) {
	c, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), in.Number, in.by)
	if err != nil {
		return nil, err
	}
	disputes, err := h.disputesOf(ctx, c.ID)
	return &listOut[Dispute]{Body: list[Dispute]{Items: disputes}}, err
}

func (h *handlers) caseClocks(ctx context.Context, in *CaseRef) (*listOut[CaseClock], error) {
	c, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), in.Number, in.by)
	if err != nil {
		return nil, err
	}
	views, err := h.Cases.Clocks(ctx, h.Reports.Reader(), c.ID)
	if err != nil {
		return nil, err
	}
	clocks, err := explainedClocks(views)
	return &listOut[CaseClock]{Body: list[CaseClock]{Items: clocks}}, err
}

type timelineIn struct {
	CaseRef
	After int64 `query:"after" doc:"sequence number of the last event seen"`
	Limit int   `query:"limit" minimum:"1" maximum:"500" default:"200"`
}

func (h *handlers) timeline(ctx context.Context, in *timelineIn) (*listOut[Event], error) {
	c, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), in.Number, in.by)
	if err != nil {
		return nil, err
	}
	rows, err := h.Cases.Timeline(ctx, h.Reports.Reader(), c.ID, in.After, in.Limit)
	return &listOut[Event]{Body: list[Event]{Items: eventsOf(rows)}}, err
}

type openCaseIn struct {
	Signed
	Body struct {
		Type     string   `json:"type" enum:"inquiry,dispute,concession,cancellation,refund,remittance"`
		Subject  string   `json:"subject" minLength:"1" maxLength:"500"`
		Customer string   `json:"customer,omitempty" doc:"account number"`
		Contact  string   `json:"contact,omitempty" doc:"mail address of one of the customer's contacts; answers go there"`
		Message  string   `json:"message,omitempty" maxLength:"100000" doc:"what the customer said"`
		Language string   `json:"language,omitempty"`
		Invoices []string `json:"invoices,omitempty" maxItems:"50" doc:"invoice numbers of this customer"`
	}
}

func (h *handlers) openCase(ctx context.Context, in *openCaseIn) (*caseOut, error) {
	input, err := h.openInput(ctx, in)
	if err != nil {
		return nil, err
	}
	c, err := h.Cases.Open(ctx, input)
	if err != nil {
		return nil, err
	}
	return h.again(ctx, CaseRef{Signed: in.Signed, Number: c.Number})
}

func (h *handlers) openInput(ctx context.Context, in *openCaseIn) (cases.OpenInput, error) {
	b := in.Body
	input := cases.OpenInput{Type: cases.Type(b.Type), Subject: b.Subject, Language: b.Language, Source: "api", By: in.by}
	var customer *billing.Customer
	if b.Customer != "" {
		found, err := h.Billing.CustomerByAccount(ctx, h.Reports.Reader(), b.Customer)
		if err != nil {
			return input, err
		}
		customer = &found
		input.CustomerID, input.EntityID = &found.ID, &found.EntityID
	}
	if b.Contact != "" {
		contact, owner, err := h.Billing.ContactByAddress(ctx, h.Reports.Reader(), b.Contact)
		if err != nil {
			return input, err
		}
		if customer == nil || owner.ID != customer.ID {
			return input, billing.ErrNoContact
		}
		input.ContactID = &contact.ID
		input.Participants = []cases.Participant{{Address: contact.Email, Name: contact.Name, ContactID: &contact.ID, Accepted: true}}
	}
	for n, number := range b.Invoices {
		invoice, err := h.invoiceID(ctx, fmt.Sprintf("invoices[%d]", n), number)
		if err != nil {
			return input, err
		}
		input.Invoices = append(input.Invoices, cases.LinkedInvoice{InvoiceID: invoice.ID, Evidence: "named by the caller", Confidence: 100})
	}
	if b.Message != "" {
		input.Message = &cases.InboundMessage{AuthorName: b.Contact, AuthorAddress: b.Contact, Subject: b.Subject, Body: b.Message, Language: b.Language}
	}
	return input, nil
}
