package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"makegood/inbox"
	"makegood/internal/access"
)

// OutMail is a mail of ours on its way out, of a case or of none.
type OutMail struct {
	Mail

	Case *int64 `json:"case_id,omitempty"`
}

type outListIn struct {
	Signed
	Paging
	State string `query:"state" doc:"queued, sending, sent, bounced, failed, unknown, cancelled or stopped"`
}

// OutRef names a mail of ours.
type OutRef struct {
	Signed
	ID int64 `path:"id"`
}

type outSettleIn struct {
	OutRef
	Body struct {
		As     string `json:"as" enum:"arrived,given_up,otherwise" doc:"arrived: its reader has it, it counts as sent; given_up or otherwise: it is not needed, or was told by another way, and counts as taken back"`
		Reason string `json:"reason" minLength:"1" maxLength:"500"`
	}
}

type outResendIn struct {
	OutRef
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"500"`
	}
}

type outMailOut struct{ Body OutMail }

// outgoingMail are the operations on mail of ours that a person has to look at.
func (h *handlers) outgoingMail(api huma.API) {
	add(h, api, operation[outListIn, listOut[OutMail]]{at(http.MethodGet, "/intake/out", "list-outgoing", "List mail of ours by its state, newest first", "intake"), h.listOut})
	add(h, api, operation[outSettleIn, outMailOut]{at(http.MethodPost, "/intake/out/{id}/settle", "settle-outgoing", "End a mail that failed or may not have arrived, by the word of somebody who found out", "intake"), h.settleOut})
	add(h, api, operation[outResendIn, outMailOut]{at(http.MethodPost, "/intake/out/{id}/resend", "resend-outgoing", "Send a mail of no case once more that failed or may not have arrived", "intake"), h.resendOut})
}

func (h *handlers) listOut(ctx context.Context, in *outListIn) (*listOut[OutMail], error) {
	if err := access.Can(in.by, access.ReadIntake, access.Object{}); err != nil {
		return nil, err
	}
	f := inbox.OutgoingFilter{Limit: in.Limit, Scope: inbox.Scope(in.by)}
	if in.State != "" {
		f.States = []inbox.OutgoingState{inbox.OutgoingState(in.State)}
	}
	if in.Cursor != "" {
		after, err := strconv.ParseInt(in.Cursor, 10, 64)
		if err != nil {
			return nil, huma.Error422UnprocessableEntity("cursor")
		}
		f.After = inbox.OutgoingID(after)
	}
	rows, err := h.Inbox.Outgoing(ctx, f)
	if err != nil {
		return nil, err
	}
	mails, err := h.withSteps(ctx, rows)
	if err != nil {
		return nil, err
	}
	out := &listOut[OutMail]{Body: list[OutMail]{Items: []OutMail{}}}
	for n, m := range mails {
		out.Body.Items = append(out.Body.Items, OutMail{Mail: m, Case: rows[n].CaseID})
	}
	if len(rows) == in.Limit && in.Limit > 0 {
		out.Body.NextCursor = strconv.FormatInt(int64(rows[len(rows)-1].ID), 10)
	}
	return out, nil
}

func (h *handlers) settleOut(ctx context.Context, in *outSettleIn) (*outMailOut, error) {
	err := h.Intake.SettleMail(ctx, inbox.SettleInput{ID: inbox.OutgoingID(in.ID), As: inbox.Ending(in.Body.As), Reason: in.Body.Reason, By: in.by})
	if err != nil {
		return nil, err
	}
	return h.outMail(ctx, &in.OutRef)
}

func (h *handlers) resendOut(ctx context.Context, in *outResendIn) (*outMailOut, error) {
	err := h.Intake.ResendMail(ctx, inbox.ResendInput{ID: inbox.OutgoingID(in.ID), Reason: in.Body.Reason, By: in.by})
	if err != nil {
		return nil, err
	}
	return h.outMail(ctx, &in.OutRef)
}

// outMail is a mail as it is now.
func (h *handlers) outMail(ctx context.Context, in *OutRef) (*outMailOut, error) {
	m, err := h.Inbox.ReadableOutgoing(ctx, h.Reports.Reader(), inbox.OutgoingID(in.ID), in.by)
	if err != nil {
		return nil, err
	}
	mails, err := h.withSteps(ctx, []inbox.OutgoingMessage{m})
	if err != nil {
		return nil, err
	}
	return &outMailOut{Body: OutMail{Mail: mails[0], Case: m.CaseID}}, nil
}
