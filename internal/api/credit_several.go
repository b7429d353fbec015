package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/credits"
	"makegood/internal/errs"
)

// SeveralItem is one of several requests as it was read.
type SeveralItem struct {
	ID      int64  `json:"id"`
	Version int    `json:"version" minimum:"1" doc:"of the content that was read; refused when it is another by now"`
	Digest  string `json:"digest" pattern:"^[0-9a-f]{64}$" doc:"of the request that was read; refused when it is another by now"`
}

// SeveralOutcome is what became of one of several.
type SeveralOutcome struct {
	ID      int64         `json:"id"`
	State   string        `json:"state,omitempty" doc:"of a request that was approved; pending where further steps decide"`
	Refused *CreditNotice `json:"refused,omitempty" doc:"why it was not approved"`
}

type severalIn struct {
	Signed
	Body struct {
		Items   []SeveralItem `json:"items" minItems:"1" maxItems:"50"`
		Comment string        `json:"comment,omitempty" maxLength:"5000" doc:"said to each"`
	}
}

func (h *handlers) creditSeveral(api huma.API) {
	add(h, api, operation[severalIn, listOut[SeveralOutcome]]{at(http.MethodPost, "/credit-requests/approve-several", "approve-several-credit-requests", "Approve several small requests at once, each by itself, up to the amount of the policy", "credit requests"), h.approveSeveral})
}

func (h *handlers) approveSeveral(ctx context.Context, in *severalIn) (*listOut[SeveralOutcome], error) {
	several := credits.SeveralInput{By: in.by, Comment: in.Body.Comment}
	for i, item := range in.Body.Items {
		digest, err := digestOf(item.Digest)
		if err != nil {
			return nil, errs.InvalidField(fmt.Sprintf("items.%d.digest", i), "error.required")
		}
		several.Items = append(several.Items, credits.DecideInput{ID: credits.ID(item.ID), Digest: digest, ContentVersion: item.Version})
	}
	outcomes, err := h.Credits.ApproveSeveral(ctx, several)
	if err != nil {
		return nil, err
	}
	out := &listOut[SeveralOutcome]{Body: list[SeveralOutcome]{Items: []SeveralOutcome{}}}
	for _, o := range outcomes {
		row := SeveralOutcome{ID: int64(o.ID), State: string(o.Request.State)}
		if why, ok := errors.AsType[*errs.Error](o.Err); ok {
			said := h.notice(why.Key, why.Params)
			row.State, row.Refused = "", &said
		} else if o.Err != nil {
			said := h.notice("error.internal", nil)
			row.State, row.Refused = "", &said
		}
		out.Body.Items = append(out.Body.Items, row)
	}
	return out, nil
}
