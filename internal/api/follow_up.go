package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases"
)

type followUpIn struct {
	OnCase
	Body struct {
		At   time.Time `json:"at"             doc:"when the case comes back, at most a year ahead"`
		Note string    `json:"note,omitempty" maxLength:"500"`
	}
}

func (h *handlers) followUps(api huma.API) {
	const tag = "cases"
	add(h, api, operation[followUpIn, caseOut]{at(http.MethodPost, "/cases/{number}/follow-up", "follow-up", "Put a case off to a moment", tag), h.followUp})
	add(h, api, operation[OnCase, caseOut]{at(http.MethodPost, "/cases/{number}/follow-up/end", "end-follow-up", "End a follow-up", tag), h.endFollowUp})
}

func (h *handlers) followUp(ctx context.Context, in *followUpIn) (*caseOut, error) {
	on, _, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	_, err = h.Cases.FollowUp(ctx, cases.FollowUpInput{On: on, At: in.Body.At, Note: in.Body.Note})
	return h.then(ctx, in.OnCase, err)
}

func (h *handlers) endFollowUp(ctx context.Context, in *OnCase) (*caseOut, error) {
	on, _, err := h.on(ctx, *in)
	if err != nil {
		return nil, err
	}
	_, err = h.Cases.EndFollowUp(ctx, on)
	return h.then(ctx, *in, err)
}
