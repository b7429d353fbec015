package api

import (
	"context"
	"time"

	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/access"
)

// Mail is a mail of a case on its way out.
type Mail struct {
	ID        int64      `json:"id"`
	Kind      string     `json:"kind" example:"reply"`
	State     string     `json:"state" enum:"queued,sending,sent,bounced,failed,unknown,cancelled,stopped"`
	To        string     `json:"to"`
	Cc        []string   `json:"cc,omitempty"`
	Subject   string     `json:"subject"`
	MessageID string     `json:"message_id"`
	NotBefore time.Time  `json:"not_before"`
	Attempts  int        `json:"attempts"`
	SentAt    *time.Time `json:"sent_at,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	Steps     []MailStep `json:"steps" doc:"what happened, oldest first"`
}

// MailStep is something that happened to a mail.
type MailStep struct {
	At     time.Time `json:"at"`
	State  string    `json:"state"`
	Answer string    `json:"answer,omitempty" doc:"the words of the server, or why it could not be asked"`
	Reason string    `json:"reason,omitempty" doc:"why a person intervened"`
	By     string    `json:"by,omitempty"`
}

// MailRef names a mail of a case.
type MailRef struct {
	CaseRef
	ID int64 `path:"id"`
}

type mailReasonIn struct {
	MailRef
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"500"`
	}
}

func (h *handlers) caseMails(ctx context.Context, in *CaseRef) (*listOut[Mail], error) {
	c, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), in.Number, in.by)
	if err != nil {
		return nil, err
	}
	rows, err := h.Inbox.Outgoing(ctx, inbox.OutgoingFilter{CaseID: new(int64(c.ID)), Limit: 100})
	if err != nil {
		return nil, err
	}
	mails, err := h.withSteps(ctx, rows)
	if err != nil {
		return nil, err
	}
	return &listOut[Mail]{Body: list[Mail]{Items: mails}}, nil
}

// withSteps are mails with what happened to each.
func (h *handlers) withSteps(ctx context.Context, rows []inbox.OutgoingMessage) ([]Mail, error) {
	ids := make([]inbox.OutgoingID, len(rows))
	for i, m := range rows {
		ids[i] = m.ID
	}
	happened, err := h.Inbox.Steps(ctx, h.Reports.Reader(), ids)
	if err != nil {
		return nil, err
	}
	steps := map[inbox.OutgoingID][]MailStep{}
	for _, s := range happened {
		steps[s.OutgoingMessageID] = append(steps[s.OutgoingMessageID], MailStep{At: s.At, State: string(s.State), Answer: s.Answer, Reason: s.Reason, By: s.UserName})
	}
	out := make([]Mail, len(rows))
	for i, m := range rows {
		out[i] = Mail{
			ID: int64(m.ID), Kind: m.Kind, State: string(m.State), To: m.ToAddress, Cc: m.Cc, Subject: m.Subject, MessageID: m.MessageID, NotBefore: m.NotBefore,
			Attempts: m.Attempts, SentAt: m.SentAt, CreatedAt: m.CreatedAt, Steps: append([]MailStep{}, steps[m.ID]...),
		}
	}
	return out, nil
}

func (h *handlers) resendMail(ctx context.Context, in *mailReasonIn) (*listOut[Mail], error) {
	return h.onMail(ctx, &in.MailRef, in.Body.Reason, h.Cases.ResendMail)
}

func (h *handlers) releaseMail(ctx context.Context, in *mailReasonIn) (*listOut[Mail], error) {
	return h.onMail(ctx, &in.MailRef, in.Body.Reason, h.Cases.ReleaseMail)
}

func (h *handlers) cancelMail(ctx context.Context, in *MailRef) (*listOut[Mail], error) {
	return h.onMail(ctx, in, "", h.Cases.CancelMail)
}

// onMail does something about a mail of a case and answers with all of them as they are then.
func (h *handlers) onMail(ctx context.Context, in *MailRef, reason string, do func(context.Context, cases.MailInput) (cases.Case, error)) (*listOut[Mail], error) {
	if err := access.Can(in.by, access.WorkCases, access.Object{}); err != nil {
		return nil, err
	}
	c, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), in.Number, in.by)
	if err != nil {
		return nil, err
	}
	if _, err := do(ctx, cases.MailInput{By: in.by, ID: c.ID, Mail: inbox.OutgoingID(in.ID), Reason: reason}); err != nil {
		return nil, err
	}
	return h.caseMails(ctx, &in.CaseRef)
}
