package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/errs"
)

// SignedPair is who signed for whom in a period.
type SignedPair struct {
	RequesterID int64      `json:"requester_id"`
	Requester   string     `json:"requester"`
	ApproverID  int64      `json:"approver_id"`
	Approver    string     `json:"approver"`
	Requests    int        `json:"requests"`
	Before      int        `json:"before" doc:"in the same number of days before"`
	Signed      int        `json:"signed" doc:"requests of the requester that anybody signed"`
	Share       string     `json:"share" doc:"percent of those, one decimal"`
	Sum         Money      `json:"sum"`
	LastAt      *time.Time `json:"last_at,omitempty"`
}

// AssistantReport is what a person's assistant proposed in a period, and what became of it by now.
type AssistantReport struct {
	UserID    int64  `json:"user_id"`
	User      string `json:"user"`
	Submitted int    `json:"submitted" doc:"by the person, with or without the assistant"`
	Proposed  int    `json:"proposed"`
	Share     string `json:"share" doc:"percent of submitted, one decimal"`
	AsAsked   int    `json:"approved_as_proposed"`
	Less      int    `json:"approved_less"`
	Rejected  int    `json:"rejected"`
	Pending   int    `json:"pending"`
	Ended     int    `json:"ended" doc:"withdrawn or expired"`
	Reversed  int    `json:"reversed"`
	Success   string `json:"success" doc:"percent of what was decided that was approved as proposed and stands"`
	Sum       Money  `json:"sum" doc:"what stands"`
}

type controlIn struct {
	Signed
	From string `query:"from" example:"2026-03-01" doc:"90 days ago without it"`
	To   string `query:"to" example:"2026-05-31" doc:"today without it"`
}

func (h *handlers) controlReports(api huma.API) {
	const tag = "reviews"
	add(h, api, operation[controlIn, listOut[SignedPair]]{at(http.MethodGet, "/reports/pairs", "report-pairs", "Who signed for whom", tag), h.pairs})
	add(h, api, operation[controlIn, listOut[AssistantReport]]{at(http.MethodGet, "/reports/assistants", "report-assistants", "What assistants proposed, and what became of it", tag), h.assistants})
}

func (h *handlers) daysOf(in *controlIn) (credits.Days, error) {
	days := credits.LastDays(h.Reports.Reader().Now(), 90)
	var err error
	if in.From != "" {
		if days.From, err = time.Parse(time.DateOnly, in.From); err != nil {
			return days, errs.InvalidField("from", "error.not_a_date", "text", in.From)
		}
	}
	if in.To != "" {
		if days.To, err = time.Parse(time.DateOnly, in.To); err != nil {
			return days, errs.InvalidField("to", "error.not_a_date", "text", in.To)
		}
	}
	return days, nil
}

func (h *handlers) pairs(ctx context.Context, in *controlIn) (*listOut[SignedPair], error) {
	days, err := h.daysOf(in)
	if err != nil {
		return nil, err
	}
	found, err := h.Credits.Pairs(ctx, days, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[SignedPair]{Body: list[SignedPair]{Items: []SignedPair{}}}
	for _, p := range found {
		out.Body.Items = append(out.Body.Items, SignedPair{
			RequesterID: p.RequesterID, Requester: p.RequesterName, ApproverID: p.ApproverID, Approver: p.ApproverName, Requests: p.Count, Before: p.Before, Signed: p.Of,
			Share: p.Share().StringFixed(1), Sum: amountOf(p.Amount, billing.AuthorityCurrency), LastAt: p.LastAt,
		})
	}
	return out, nil
}

func (h *handlers) assistants(ctx context.Context, in *controlIn) (*listOut[AssistantReport], error) {
	days, err := h.daysOf(in)
	if err != nil {
		return nil, err
	}
	found, err := h.Credits.Assistants(ctx, days, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[AssistantReport]{Body: list[AssistantReport]{Items: []AssistantReport{}}}
	for _, a := range found {
		out.Body.Items = append(out.Body.Items, AssistantReport{
			UserID: a.UserID, User: a.UserName, Submitted: a.All, Proposed: a.Proposed, Share: a.Share().StringFixed(1), AsAsked: a.AsAsked, Less: a.Less, Rejected: a.Rejected,
			Pending: a.Pending, Ended: a.Ended, Reversed: a.Reversed, Success: a.Success().StringFixed(1), Sum: amountOf(a.Amount, billing.AuthorityCurrency),
		})
	}
	return out, nil
}
