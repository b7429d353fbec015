package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases"
)

// PlaybookBody says how a claim is worked, in Markdown.
type PlaybookBody struct {
	Type     string `json:"type,omitempty" enum:",inquiry,dispute,concession,cancellation,refund,remittance" doc:"of the cases it is for; every type without it"`
	Reason   string `json:"reason,omitempty" doc:"the code of what is claimed; whatever is claimed without it"`
	Check    string `json:"check,omitempty" maxLength:"5000" doc:"what to check"`
	Ask      string `json:"ask,omitempty" maxLength:"5000" doc:"what to ask the customer for"`
	Evidence string `json:"evidence,omitempty" maxLength:"5000" doc:"what a credit needs"`
	Offer    string `json:"offer,omitempty" maxLength:"5000" doc:"what to offer"`
	Number   int    `json:"number" doc:"the version; when keeping, the one it was begun from, 0 for the first: a stale one is refused with 409"`
}

// Playbook is a version of how claims of a reason, or cases of a type, are worked.
type Playbook struct {
	PlaybookBody
	By string    `json:"by"`
	At time.Time `json:"at"`
}

type savePlaybookIn struct {
	Signed
	Body PlaybookBody
}

type playbookOut struct{ Body Playbook }

// playbooks are the operations of how claims are worked.
func (h *handlers) playbooks(api huma.API) {
	const tag = "cases"
	add(h, api, operation[Signed, listOut[Playbook]]{at(http.MethodGet, "/playbooks", "list-playbooks", "The playbooks in force", tag), h.listPlaybooks})
	add(h, api, operation[savePlaybookIn, playbookOut]{created("/playbooks", "save-playbook", "Put a new version of a playbook in force; without a word it ends", tag), h.savePlaybook})
	add(h, api, operation[CaseRef, listOut[Playbook]]{at(http.MethodGet, "/cases/{number}/playbooks", "get-case-playbooks", "The playbooks that stand beside a case", tag), h.casePlaybooks})
}

func playbookOf(p cases.Playbook) Playbook {
	return Playbook{PlaybookBody: PlaybookBody{
		Type: string(p.CaseType), Reason: p.Reason, Check: p.Checks, Ask: p.Asks, Evidence: p.Evidence, Offer: p.Offers, Number: p.Number,
	}, By: p.CreatedName, At: p.CreatedAt}
}

func playbookList(found []cases.Playbook) *listOut[Playbook] {
	out := &listOut[Playbook]{Body: list[Playbook]{Items: []Playbook{}}}
	for _, p := range found {
		out.Body.Items = append(out.Body.Items, playbookOf(p))
	}
	return out
}

func (h *handlers) listPlaybooks(ctx context.Context, in *Signed) (*listOut[Playbook], error) {
	found, err := h.Cases.Playbooks(ctx, in.by)
	return playbookList(found), err
}

func (h *handlers) savePlaybook(ctx context.Context, in *savePlaybookIn) (*playbookOut, error) {
	b := in.Body
	kept, err := h.Cases.SavePlaybook(ctx, cases.PlaybookInput{
		By: in.by, CaseType: cases.Type(b.Type), Reason: b.Reason, Base: b.Number,
		PlaybookText: cases.PlaybookText{Checks: b.Check, Asks: b.Ask, Evidence: b.Evidence, Offers: b.Offer},
	})
	return &playbookOut{Body: playbookOf(kept)}, err
}

func (h *handlers) casePlaybooks(ctx context.Context, in *CaseRef) (*listOut[Playbook], error) {
	c, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), in.Number, in.by)
	if err != nil {
		return nil, err
	}
	found, err := h.Cases.CasePlaybooks(ctx, h.Reports.Reader(), c)
	return playbookList(found), err
}
