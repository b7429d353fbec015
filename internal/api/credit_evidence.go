package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/credits"
)

// EvidencePiece is a piece of evidence of a request.
type EvidencePiece struct {
	NewEvidence
	ID      int64     `json:"id"`
	AddedBy string    `json:"added_by"`
	AddedAt time.Time `json:"added_at"`
	Later   bool      `json:"later" doc:"it came when the request had been submitted: it is not part of what approvers sign"`
}

type addEvidenceIn struct {
	RequestRef
	Body NewEvidence
}

func (h *handlers) creditEvidence(api huma.API) {
	h.creditSeveral(api)
	add(h, api, operation[addEvidenceIn, requestOut]{at(http.MethodPost, "/credit-requests/{id}/evidence", "add-evidence", "Add evidence to a request that has not ended; it voids no decision and is listed as later", "credit requests"), h.addEvidence})
}

func (h *handlers) addEvidence(ctx context.Context, in *addEvidenceIn) (*requestOut, error) {
	d, err := h.find(ctx, in.RequestRef)
	if err != nil {
		return nil, err
	}
	brought := credits.ProposeInput{}
	b := builder{handlers: h, s: in.Signed, in: &brought}
	if err := b.evidence(ctx, Proposal{Evidence: []NewEvidence{in.Body}}); err != nil {
		return nil, err
	}
	err = h.Credits.AddEvidence(ctx, credits.EvidenceInput{By: in.by, ID: d.ID, NewEvidence: brought.Evidence[0]})
	return h.after(ctx, in.Signed, d.Request, err)
}

func evidenceOf(list []credits.Evidence) []EvidencePiece {
	var out []EvidencePiece
	for _, e := range list {
		piece := EvidencePiece{ID: e.ID, AddedBy: e.AddedByName, AddedAt: e.AddedAt, Later: e.Later}
		piece.NewEvidence = NewEvidence{
			Kind: string(e.Kind), Label: e.Label, Message: (*int64)(e.CaseMessageID), Sheet: e.SheetID, File: e.CaseAttachmentID, SHA256: hexOf(e.SHA256),
		}
		out = append(out, piece)
	}
	return out
}
