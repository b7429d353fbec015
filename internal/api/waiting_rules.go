package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases/awaiting"
)

// WaitingRulesBody say when customers who do not answer are reminded, and when their cases are closed.
type WaitingRulesBody struct {
	RemindDays []int `json:"remind_days" doc:"days after our question, ascending, at most three; none: nobody is reminded" maxItems:"3" nullable:"false"`
	CloseDays  int   `json:"close_days"  doc:"days after our question, after the last reminder, up to 365; 0: no case is closed for want of an answer"`
	Version    int   `json:"version"     doc:"as it was read, 0 when nothing was set yet; a stale one is refused with 409"`
}

// WaitingRules are those of one legal entity.
type WaitingRules struct {
	Entity      string     `json:"entity" doc:"its code"`
	Name        string     `json:"name"`
	ActiveSince *time.Time `json:"active_since,omitempty" doc:"what was asked before is left alone"`
	WaitingRulesBody
}

type setWaitingRulesIn struct {
	Signed
	Entity string `path:"entity" example:"DE"`
	Body   WaitingRulesBody
}

type waitingRulesOut struct{ Body WaitingRules }

// waitingRules are about cases that wait for their customer.
func (h *handlers) waitingRules(api huma.API) {
	add(h, api, operation[Signed, listOut[WaitingRules]]{at(http.MethodGet, "/waiting-rules", "list-waiting-rules", "When customers who do not answer are reminded and their cases closed", "cases"), h.listWaitingRules})
	add(h, api, operation[setWaitingRulesIn, waitingRulesOut]{at(http.MethodPut, "/waiting-rules/{entity}", "set-waiting-rules", "Say when a legal entity reminds customers who do not answer and closes their cases", "cases"), h.setWaitingRules})
}

func waitingRulesOf(r awaiting.Rules) WaitingRules {
	return WaitingRules{Entity: r.Entity, Name: r.EntityName, ActiveSince: r.ActiveSince, WaitingRulesBody: WaitingRulesBody{
		RemindDays: r.RemindDays, CloseDays: r.CloseDays, Version: r.Version,
	}}
}

func (h *handlers) listWaitingRules(ctx context.Context, in *Signed) (*listOut[WaitingRules], error) {
	found, err := h.Awaiting.Rules(ctx, in.by)
	out := &listOut[WaitingRules]{Body: list[WaitingRules]{Items: []WaitingRules{}}}
	for _, r := range found {
		out.Body.Items = append(out.Body.Items, waitingRulesOf(r))
	}
	return out, err
}

func (h *handlers) setWaitingRules(ctx context.Context, in *setWaitingRulesIn) (*waitingRulesOut, error) {
	kept, err := h.Awaiting.SetRules(ctx, awaiting.RulesInput{By: in.by, Entity: in.Entity, RemindDays: in.Body.RemindDays, CloseDays: in.Body.CloseDays, Version: in.Body.Version})
	return &waitingRulesOut{Body: waitingRulesOf(kept)}, err
}
