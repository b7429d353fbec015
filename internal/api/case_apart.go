package api

import (
	"context"

	"makegood/cases"
)

type joinIn struct {
	OnCase
	Body struct {
		Into         string `json:"into" doc:"number of the case that goes on" example:"MG-000122"`
		WithDisputes bool   `json:"with_disputes,omitempty" doc:"its dispute lines go along; without it a case that has some is refused"`
	}
}

func (h *handlers) join(ctx context.Context, in *joinIn) (*caseOut, error) {
	on, _, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	into, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), in.Body.Into, in.by)
	if err != nil {
		return nil, err
	}
	_, err = h.Cases.Join(ctx, cases.JoinInput{On: on, Into: into.ID, WithDisputes: in.Body.WithDisputes})
	return h.then(ctx, in.OnCase, err)
}

func (h *handlers) unjoin(ctx context.Context, in *OnCase) (*caseOut, error) {
	on, _, err := h.on(ctx, *in)
	if err != nil {
		return nil, err
	}
	_, err = h.Cases.Unjoin(ctx, on)
	return h.then(ctx, *in, err)
}

type splitIn struct {
	OnCase
	Body struct {
		Messages []int64 `json:"messages" minItems:"1" maxItems:"200" doc:"ids of messages that the customer wrote"`
		Subject  string  `json:"subject,omitempty" maxLength:"500" doc:"that of the case without it"`
		Type     string  `json:"type,omitempty" enum:"inquiry,dispute,concession,cancellation,refund,remittance" doc:"that of the case without it"`
	}
}

func (h *handlers) split(ctx context.Context, in *splitIn) (*caseOut, error) {
	on, _, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	input := cases.SplitInput{On: on, Subject: in.Body.Subject, Type: cases.Type(in.Body.Type)}
	for _, id := range in.Body.Messages {
		input.Messages = append(input.Messages, cases.MessageID(id))
	}
	opened, err := h.Cases.Split(ctx, input)
	if err != nil {
		return nil, err
	}
	return h.again(ctx, CaseRef{Signed: in.Signed, Number: opened.Number})
}
