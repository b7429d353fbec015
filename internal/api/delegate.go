package api

import (
	"context"
	"time"

	"makegood/billing"
	"makegood/credits"
)

type delegateIn struct {
	Signed
	Body struct {
		To    int64     `json:"to" doc:"user id"`
		From  time.Time `json:"from"`
		Until time.Time `json:"until"`
		Max   string    `json:"max_amount,omitempty" doc:"in the currency of the limits"`
		Kinds []string  `json:"kinds,omitempty" maxItems:"20" doc:"every kind without it"`
		At    []int64   `json:"entity_ids,omitempty" maxItems:"500" doc:"everywhere without it"`
		Note  string    `json:"note,omitempty" maxLength:"500"`
	}
}

type delegateOut struct {
	Body struct {
		ID int64 `json:"id"`
	}
}

func (h *handlers) delegate(ctx context.Context, in *delegateIn) (*delegateOut, error) {
	input := credits.DelegateInput{By: in.by, To: in.Body.To, From: in.Body.From, Until: in.Body.Until, EntityIDs: in.Body.At, Note: in.Body.Note}
	for _, k := range in.Body.Kinds {
		input.Kinds = append(input.Kinds, billing.Kind(k))
	}
	if in.Body.Max != "" {
		limit, err := decimalOf("max_amount", in.Body.Max)
		if err != nil {
			return nil, err
		}
		input.MaxAmount = &limit
	}
	d, err := h.Credits.Delegate(ctx, input)
	if err != nil {
		return nil, err
	}
	out := &delegateOut{}
	out.Body.ID = d.ID
	return out, nil
}
