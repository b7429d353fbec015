package api

import (
	"context"
	"slices"

	"makegood/cases"
)

// CaseAmends is what is put right about a case. Each field that is given is done, in this order.
type CaseAmends struct {
	Subject           *string     `json:"subject,omitempty" minLength:"1" maxLength:"500"`
	Language          *string     `json:"language,omitempty" doc:"in which replies and letters are written" example:"de"`
	UnlinkInvoice     string      `json:"unlink_invoice,omitempty" doc:"number of an invoice that is linked wrongly; one with a dispute line stays"`
	AddParticipant    *AlsoWrites `json:"add_participant,omitempty"`
	EndParticipant    string      `json:"end_participant,omitempty" doc:"address of somebody who is to take part no more"`
	AcceptParticipant string      `json:"accept_participant,omitempty" doc:"address of somebody in copy who is to take part"`
	AddTags           []string    `json:"add_tags,omitempty" maxItems:"20"`
	RemoveTags        []string    `json:"remove_tags,omitempty" maxItems:"20"`
}

// AlsoWrites is somebody who is to take part in a case.
type AlsoWrites struct {
	Address string `json:"address"`
	Name    string `json:"name,omitempty" maxLength:"200"`
}

// amend does what was given, each on the version that the one before left.
func (h *handlers) amend(ctx context.Context, on *cases.On, a CaseAmends) error {
	for _, step := range h.amendments(on, a) {
		c, err := step(ctx)
		if err != nil {
			return err
		}
		on.Version = c.Version
	}
	return nil
}

func (h *handlers) amendments(on *cases.On, a CaseAmends) []func(context.Context) (cases.Case, error) {
	type step = func(context.Context) (cases.Case, error)
	var steps []step
	also := func(asked bool, s step) {
		if asked {
			steps = append(steps, s)
		}
	}
	also(a.Subject != nil || a.Language != nil, func(ctx context.Context) (cases.Case, error) {
		return h.Cases.Amend(ctx, cases.AmendInput{On: *on, Subject: a.Subject, Language: a.Language})
	})
	also(a.UnlinkInvoice != "", func(ctx context.Context) (cases.Case, error) {
		invoice, err := h.invoiceID(ctx, "unlink_invoice", a.UnlinkInvoice)
		if err != nil {
			return cases.Case{}, err
		}
		return h.Cases.UnlinkInvoice(ctx, cases.LinkInvoiceInput{On: *on, InvoiceID: invoice.ID})
	})
	also(a.AddParticipant != nil, func(ctx context.Context) (cases.Case, error) {
		return h.Cases.AddParticipant(ctx, cases.AddParticipantInput{On: *on, Address: a.AddParticipant.Address, Name: a.AddParticipant.Name})
	})
	also(a.EndParticipant != "", func(ctx context.Context) (cases.Case, error) {
		return h.Cases.EndParticipant(ctx, cases.ParticipantInput{On: *on, Address: a.EndParticipant})
	})
	also(a.AcceptParticipant != "", func(ctx context.Context) (cases.Case, error) {
		return h.Cases.AcceptParticipant(ctx, cases.ParticipantInput{On: *on, Address: a.AcceptParticipant})
	})
	for n, tag := range slices.Concat(a.AddTags, a.RemoveTags) {
		also(true, func(ctx context.Context) (cases.Case, error) {
			return h.Cases.Tag(ctx, cases.TagInput{On: *on, Tag: tag, Off: n >= len(a.AddTags)})
		})
	}
	return steps
}
