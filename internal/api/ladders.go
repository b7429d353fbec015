package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases"
	"makegood/cases/escalation"
	"makegood/internal/errs"
)

// LadderStep is when somebody is told, and what else happens then.
type LadderStep struct {
	At            string   `json:"at"                       doc:"warn75 for a warning of the policy, or breach"`
	After         string   `json:"after,omitempty"          doc:"past the breach, such as 2h"`
	Notify        []string `json:"notify,omitempty"         doc:"assignee, lead, supervisor, manager; where nobody fills the place, the next one up"`
	Reassign      bool     `json:"reassign,omitempty"       doc:"the first of those told who may work the case gets it"`
	RaisePriority bool     `json:"raise_priority,omitempty"`
	Urgent        bool     `json:"urgent,omitempty"         doc:"in quiet hours too"`
}

// LadderAmount lets cases over an amount start higher.
type LadderAmount struct {
	Over   string `json:"over"   doc:"in EUR"`
	Higher int    `json:"higher" doc:"so many people further up"`
}

// LadderRule is who is told when a promise is not kept.
type LadderRule struct {
	Rungs          []LadderStep   `json:"rungs"                      maxItems:"20"`
	VIPHigher      int            `json:"vip_higher,omitempty"       doc:"platinum customers: so many people further up"`
	Amounts        []LadderAmount `json:"amounts,omitempty"          maxItems:"20"`
	HighImpactOver string         `json:"high_impact_over,omitempty" doc:"in EUR; a case over it goes straight to the owner as well"`
	OwnerID        int64          `json:"owner_id,omitempty"`
}

// PolicyLadder is the ladder of a version of a policy.
type PolicyLadder struct {
	LadderRule
	ID      int64  `json:"id"      doc:"of the version of the policy"`
	Policy  string `json:"policy"`
	Version int    `json:"version"`
}

type changeLadderIn struct {
	Signed
	ID   int64 `path:"id"`
	Body struct {
		LadderRule
		Comment string `json:"comment" doc:"why it is changed" maxLength:"1000"`
	}
}

type ladderOut struct{ Body PolicyLadder }

func (h *handlers) ladders(api huma.API) {
	add(h, api, operation[calendarsIn, listOut[PolicyLadder]]{at(http.MethodGet, "/ladders", "list-ladders", "List who is told when the clocks of which policy run out", "clocks"), h.listLadders})
	add(h, api, operation[changeLadderIn, ladderOut]{at(http.MethodPost, "/ladders/{id}", "change-ladder", "Give a policy another ladder: a new version with the same promises; one that is not the newest is refused with 409", "clocks"), h.changeLadder})
}

// ladderBody writes a ladder; both sides have the same names.
func ladderBody(p cases.Policy) (PolicyLadder, error) {
	out := PolicyLadder{ID: p.ID, Policy: p.Name, Version: p.Version}
	text, err := json.Marshal(p.Ladder)
	if err != nil {
		return out, fmt.Errorf("write ladder: %w", err)
	}
	if err := json.Unmarshal(text, &out.LadderRule); err != nil {
		return out, fmt.Errorf("write ladder: %w", err)
	}
	return out, nil
}

func (r LadderRule) ladder() (escalation.Ladder, error) {
	var read escalation.Ladder
	for _, a := range r.Amounts {
		if a.Over == "" {
			return read, errs.InvalidField("amounts", "error.not_a_number")
		}
	}
	var over *string
	if r.HighImpactOver != "" {
		over = &r.HighImpactOver
	}
	text, err := json.Marshal(struct {
		Rungs          []LadderStep   `json:"rungs"`
		VIPHigher      int            `json:"vip_higher"`
		Amounts        []LadderAmount `json:"amounts"`
		HighImpactOver *string        `json:"high_impact_over"`
		OwnerID        int64          `json:"owner_id"`
	}{r.Rungs, r.VIPHigher, r.Amounts, over, r.OwnerID})
	if err != nil {
		return read, fmt.Errorf("read ladder: %w", err)
	}
	if err := json.Unmarshal(text, &read); err != nil {
		if errs.KindOf(err) == errs.Invalid {
			return read, err
		}
		return read, errs.InvalidField("amounts", "error.not_a_number")
	}
	return read, nil
}

func (h *handlers) listLadders(ctx context.Context, in *calendarsIn) (*listOut[PolicyLadder], error) {
	found, err := h.Cases.Policies(ctx, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[PolicyLadder]{Body: list[PolicyLadder]{Items: []PolicyLadder{}}}
	for _, p := range found {
		one, err := ladderBody(p.Policy)
		if err != nil {
			return nil, err
		}
		out.Body.Items = append(out.Body.Items, one)
	}
	return out, nil
}

func (h *handlers) changeLadder(ctx context.Context, in *changeLadderIn) (*ladderOut, error) {
	ladder, err := in.Body.ladder()
	if err != nil {
		return nil, err
	}
	id, _, err := h.Cases.SaveLadder(ctx, cases.LadderInput{By: in.by, Policy: in.ID, Ladder: ladder, Comment: in.Body.Comment})
	if err != nil {
		return nil, err
	}
	p, _, err := h.Cases.Policy(ctx, in.by, id)
	if err != nil {
		return nil, err
	}
	body, err := ladderBody(p.Policy)
	return &ladderOut{Body: body}, err
}
