package api

import (
	"context"
	"time"

	"makegood/cases"
)

// SimilarCase is a settled case that is like another.
type SimilarCase struct {
	Number     string    `json:"number"`
	Subject    string    `json:"subject"`
	Customer   string    `json:"customer,omitempty"`
	Resolution string    `json:"resolution,omitempty"`
	RootCause  string    `json:"root_cause,omitempty"`
	ResolvedAt time.Time `json:"resolved_at"`
	Accepted   int       `json:"accepted" doc:"dispute lines"`
	Partly     int       `json:"partly_accepted"`
	Rejected   int       `json:"rejected"`
	Withdrawn  int       `json:"withdrawn"`
	Credited   []Money   `json:"credited" doc:"posted and not taken back, each currency by itself"`
	Same       []string  `json:"same" enum:"invoice,customer,family,reason,topic" doc:"what both have"`
	Words      []string  `json:"words" doc:"that both have, the rarest first"`
}

func (h *handlers) similarCases(ctx context.Context, in *CaseRef) (*listOut[SimilarCase], error) {
	found, err := h.Reports.CaseFiles(h.Cases, h.Billing).Similar(ctx, in.Number, in.by)
	out := &listOut[SimilarCase]{Body: list[SimilarCase]{Items: []SimilarCase{}}}
	for _, c := range found {
		out.Body.Items = append(out.Body.Items, similarOf(c))
	}
	return out, err
}

func similarOf(c cases.SimilarCase) SimilarCase {
	out := SimilarCase{
		Number: c.Number, Subject: c.Subject, Customer: c.CustomerName, Resolution: c.Resolution, RootCause: c.RootCause, ResolvedAt: c.ResolvedAt,
		Accepted: c.Accepted, Partly: c.Partly, Rejected: c.Rejected, Withdrawn: c.Withdrawn, Credited: []Money{}, Same: []string{}, Words: append([]string{}, c.Words...),
	}
	for _, a := range c.Credited {
		out.Credited = append(out.Credited, moneyOf(a))
	}
	for _, why := range c.Why {
		out.Same = append(out.Same, string(why))
	}
	return out
}
