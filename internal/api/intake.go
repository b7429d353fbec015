package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/access"
)

// IntakeMessage is a message that came, and its fate.
type IntakeMessage struct {
	ID        int64             `json:"id"`
	Source    string            `json:"source"`
	MessageID string            `json:"message_id,omitempty"`
	Sender    string            `json:"sender,omitempty"`
	Subject   string            `json:"subject,omitempty"`
	Kind      string            `json:"kind,omitempty"`
	Fate      string            `json:"fate"`
	Reason    string            `json:"reason,omitempty"`
	Params    map[string]string `json:"params,omitempty"`
	Case      *int64            `json:"case_id,omitempty"`
	Size      int64             `json:"size"`
	SHA256    string            `json:"sha256"`
	StoredAt  time.Time         `json:"stored_at"`
	FatedAt   *time.Time        `json:"fated_at,omitempty"`
}

type intakeListIn struct {
	Signed
	Paging
	Fate string `query:"fate" doc:"pending, new_case, attached, duplicate, held, quarantined, auto_reply, bounce or ignored"`
}

// IntakeRef names a message that came.
type IntakeRef struct {
	Signed
	ID int64 `path:"id"`
}

type intakeOut struct{ Body IntakeMessage }

func (h *handlers) intakeMessages(api huma.API) {
	add(h, api, operation[intakeListIn, listOut[IntakeMessage]]{at(http.MethodGet, "/intake/messages", "list-intake", "List messages by fate, newest first", "intake"), h.listIntake})
	add(h, api, operation[IntakeRef, intakeOut]{at(http.MethodGet, "/intake/messages/{id}", "get-intake", "Read what became of a message", "intake"), h.getIntake})
	add(h, api, operation[IntakeRef, huma.StreamResponse]{at(http.MethodGet, "/intake/messages/{id}/raw", "intake-raw", "The bytes as they came", "intake"), h.rawIntake})
	add(h, api, operation[IntakeRef, intakeOut]{at(http.MethodPost, "/intake/messages/{id}/retry", "retry-intake", "Handle a held or quarantined message again", "intake"), h.retryIntake})
	add(h, api, operation[releaseIn, intakeOut]{at(http.MethodPost, "/intake/messages/{id}/release", "release-intake", "Let a held message into a case, or open one from it", "intake"), h.releaseIntake})
	add(h, api, operation[discardIn, intakeOut]{at(http.MethodPost, "/intake/messages/{id}/discard", "discard-intake", "Put a message aside for good, with the reason", "intake"), h.discardIntake})
	h.outgoingMail(api)
}

func intakeOf(m inbox.Inbound) IntakeMessage {
	return IntakeMessage{
		ID: int64(m.ID), Source: string(m.Source), MessageID: m.MessageID, Sender: m.Sender, Subject: m.Subject, Kind: m.Kind, Fate: string(m.Fate),
		Reason: m.FateReason, Params: m.FateParams, Case: m.CaseID, Size: m.Size, SHA256: hexOf(m.SHA256), StoredAt: m.StoredAt, FatedAt: m.FatedAt,
	}
}

func (h *handlers) listIntake(ctx context.Context, in *intakeListIn) (*listOut[IntakeMessage], error) {
	if err := access.Can(in.by, access.ReadIntake, access.Object{}); err != nil {
		return nil, err
	}
	f := inbox.Filter{Limit: in.Limit, Scope: inbox.Scope(in.by)}
	if in.Fate != "" {
		f.Fates = []inbox.FateKind{inbox.FateKind(in.Fate)}
	}
	if in.Cursor != "" {
		after, err := strconv.ParseInt(in.Cursor, 10, 64)
		if err != nil {
			return nil, huma.Error422UnprocessableEntity("cursor")
		}
		f.After = inbox.InboundID(after)
	}
	rows, err := h.Inbox.Messages(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &listOut[IntakeMessage]{Body: list[IntakeMessage]{Items: []IntakeMessage{}}}
	for _, m := range rows {
		out.Body.Items = append(out.Body.Items, intakeOf(m))
	}
	if len(rows) == in.Limit && in.Limit > 0 {
		out.Body.NextCursor = strconv.FormatInt(int64(rows[len(rows)-1].ID), 10)
	}
	return out, nil
}

func (h *handlers) getIntake(ctx context.Context, in *IntakeRef) (*intakeOut, error) {
	if err := access.Can(in.by, access.ReadIntake, access.Object{}); err != nil {
		return nil, err
	}
	m, err := h.Inbox.Readable(ctx, h.Reports.Reader(), inbox.InboundID(in.ID), in.by)
	if err != nil {
		return nil, err
	}
	return &intakeOut{Body: intakeOf(m)}, nil
}

func (h *handlers) rawIntake(ctx context.Context, in *IntakeRef) (*huma.StreamResponse, error) {
	raw, err := h.Intake.Download(ctx, in.by, inbox.InboundID(in.ID))
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "message/rfc822")
		ctx.SetHeader("Content-Disposition", "attachment; filename=\"message-"+strconv.FormatInt(in.ID, 10)+".eml\"")
		_, _ = ctx.BodyWriter().Write(raw)
	}}, nil
}

func (h *handlers) retryIntake(ctx context.Context, in *IntakeRef) (*intakeOut, error) {
	m, err := h.Intake.Retry(ctx, inbox.InboundID(in.ID), in.by)
	if err != nil {
		return nil, err
	}
	return &intakeOut{Body: intakeOf(m)}, nil
}

type releaseIn struct {
	IntakeRef
	Body struct {
		Case  string `json:"case,omitempty" doc:"number of the case it belongs to; without it a new case is opened"`
		Apart bool   `json:"apart,omitempty" doc:"its sender takes no part in the case: the message is only filed"`
	}
}

func (h *handlers) releaseIntake(ctx context.Context, in *releaseIn) (*intakeOut, error) {
	release := intake.ReleaseInput{ID: inbox.InboundID(in.ID), By: in.by}
	if in.Body.Case == "" {
		if _, err := h.Intake.ReleaseAsNewCase(ctx, release); err != nil {
			return nil, err
		}
		return h.getIntake(ctx, &in.IntakeRef)
	}
	c, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), in.Body.Case, in.by)
	if err != nil {
		return nil, err
	}
	release.CaseID, release.Apart = c.ID, in.Body.Apart
	if err := h.Intake.ReleaseToCase(ctx, release); err != nil {
		return nil, err
	}
	return h.getIntake(ctx, &in.IntakeRef)
}

type discardIn struct {
	IntakeRef
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"500"`
	}
}

func (h *handlers) discardIntake(ctx context.Context, in *discardIn) (*intakeOut, error) {
	if err := h.Intake.Discard(ctx, intake.DiscardInput{ID: inbox.InboundID(in.ID), Reason: in.Body.Reason, By: in.by}); err != nil {
		return nil, err
	}
	return h.getIntake(ctx, &in.IntakeRef)
}
