package api

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
)

// TaxExemption is why a customer is charged no tax.
type TaxExemption struct {
	ID          int64      `json:"id"`
	Certificate string     `json:"certificate"`
	Reason      string     `json:"reason"`
	ReasonCode  string     `json:"reason_code,omitempty" doc:"of the VATEX list (EN 16931, BT-121)"`
	ValidFrom   string     `json:"valid_from"`
	ValidTo     string     `json:"valid_to,omitempty" doc:"the last day"`
	Filename    string     `json:"filename"`
	SHA256      string     `json:"sha256" doc:"of the certificate's file"`
	AddedAt     time.Time  `json:"added_at"`
	EndedAt     *time.Time `json:"ended_at,omitempty" doc:"from then on no invoice names it"`
}

type exemptionOut struct{ Body TaxExemption }

type exemptionsOut struct {
	Body struct {
		Items []TaxExemption `json:"items"`
	}
}

type newExemptionIn struct {
	CustomerRef
	Body struct {
		Certificate string `json:"certificate" maxLength:"100"`
		Reason      string `json:"reason" maxLength:"500" doc:"as it stands on documents"`
		ReasonCode  string `json:"reason_code,omitempty" example:"VATEX-EU-132-1I"`
		ValidFrom   string `json:"valid_from"`
		ValidTo     string `json:"valid_to,omitempty" doc:"the last day; no end is known without it"`
		Filename    string `json:"filename" maxLength:"200"`
		Content     []byte `json:"content" doc:"the certificate as PDF, PNG or JPEG, in base64; 5 MB at most"`
	}
}

type exemptionRef struct {
	CustomerRef
	ID int64 `path:"id"`
}

func (h *handlers) exemptions(api huma.API) {
	add(h, api, operation[CustomerRef, exemptionsOut]{at(http.MethodGet, "/customers/{account}/exemptions", "list-exemptions", "List why a customer is charged no tax", "customers"), h.listExemptions})
	enter := created("/customers/{account}/exemptions", "add-exemption", "Enter an exemption from tax with its certificate", "customers")
	enter.MaxBodyBytes = 8 << 20 // a certificate in base64
	add(h, api, operation[newExemptionIn, exemptionOut]{enter, h.addExemption})
	add(h, api, operation[exemptionRef, exemptionsOut]{at(http.MethodPost, "/customers/{account}/exemptions/{id}/end", "end-exemption", "End an exemption from tax", "customers"), h.endExemption})
	add(h, api, operation[exemptionRef, statementPDFOut]{at(http.MethodGet, "/customers/{account}/exemptions/{id}/certificate", "exemption-certificate", "Read the certificate of an exemption", "customers"), h.exemptionFile})
}

func exemptionOf(e billing.Exemption) TaxExemption {
	out := TaxExemption{
		ID: int64(e.ID), Certificate: e.Certificate, Reason: e.Reason, ReasonCode: e.ReasonCode, ValidFrom: dateOf(e.ValidFrom), Filename: e.Filename,
		SHA256: hex.EncodeToString(e.SHA256), AddedAt: e.AddedAt, EndedAt: e.EndedAt,
	}
	if e.ValidTo != nil {
		out.ValidTo = dateOf(*e.ValidTo)
	}
	return out
}

func (h *handlers) listExemptions(ctx context.Context, in *CustomerRef) (*exemptionsOut, error) {
	c, err := h.customer(ctx, in)
	if err != nil {
		return nil, err
	}
	list, err := h.Billing.Exemptions(ctx, h.Reports.Reader(), c.ID)
	if err != nil {
		return nil, err
	}
	out := &exemptionsOut{}
	out.Body.Items = make([]TaxExemption, len(list))
	for i, e := range list {
		out.Body.Items[i] = exemptionOf(e)
	}
	return out, nil
}

func (h *handlers) addExemption(ctx context.Context, in *newExemptionIn) (*exemptionOut, error) {
	n := billing.NewExemption{
		By: in.by, Account: in.Account, Certificate: in.Body.Certificate, Reason: in.Body.Reason, ReasonCode: in.Body.ReasonCode, Filename: in.Body.Filename, Content: in.Body.Content,
	}
	var err error
	if n.ValidFrom, err = parseDate("valid_from", in.Body.ValidFrom); err != nil {
		return nil, err
	}
	if n.ValidTo, err = parseDate("valid_to", in.Body.ValidTo); err != nil {
		return nil, err
	}
	e, err := h.Billing.AddExemption(ctx, n)
	return &exemptionOut{Body: exemptionOf(e)}, err
}

func (h *handlers) endExemption(ctx context.Context, in *exemptionRef) (*exemptionsOut, error) {
	if err := h.Billing.EndExemption(ctx, in.by, in.Account, billing.ExemptionID(in.ID)); err != nil {
		return nil, err
	}
	return h.listExemptions(ctx, &in.CustomerRef)
}

func (h *handlers) exemptionFile(ctx context.Context, in *exemptionRef) (*statementPDFOut, error) {
	c, err := h.customer(ctx, &in.CustomerRef)
	if err != nil {
		return nil, err
	}
	e, content, err := h.Billing.ExemptionFile(ctx, h.Reports.Reader(), c.ID, billing.ExemptionID(in.ID))
	if err != nil {
		return nil, err
	}
	return &statementPDFOut{
		ContentType: e.MediaType, CacheControl: "private, no-store", ETag: `"` + hex.EncodeToString(e.SHA256) + `"`, Body: content,
		ContentDisposition: fmt.Sprintf("attachment; filename=%q", e.Filename),
	}, nil
}
