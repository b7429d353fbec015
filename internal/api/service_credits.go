package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/internal/errs"
)

// ServiceCredit is a computation sheet: what is owed for a service and month, and how that was worked out.
type ServiceCredit struct {
	ID         int64           `json:"id"`
	Contract   string          `json:"contract"`
	Service    string          `json:"service"`
	Month      string          `json:"month" example:"2026-04"`
	Proposed   Money           `json:"proposed" doc:"owed less what was given"`
	SHA256     string          `json:"sha256" doc:"over the sheet's canonical JSON: members by name, no spaces"`
	ComputedAt time.Time       `json:"computed_at"`
	Sheet      json.RawMessage `json:"sheet" doc:"every input and step"`
}

// OwedCredit is a service credit that nobody has claimed.
type OwedCredit struct {
	Contract string          `json:"contract"`
	Customer string          `json:"customer" doc:"account number"`
	Service  string          `json:"service"`
	Month    string          `json:"month" example:"2026-04"`
	Proposed Money           `json:"proposed"`
	ClaimBy  string          `json:"claim_by,omitempty" doc:"without it, there is no window"`
	DaysLeft *int            `json:"days_left,omitempty"`
	Sheet    json.RawMessage `json:"sheet" doc:"as it would be kept now"`
}

// ServiceCreditRef names a kept sheet.
type ServiceCreditRef struct {
	Signed
	ID int64 `path:"id"`
}

type serviceCreditOut struct{ Body ServiceCredit }

type owedListIn struct {
	Signed
	Customer string `query:"customer" doc:"account number"`
	Contract string `query:"contract" doc:"contract number"`
	Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type computeIn struct {
	Signed
	Body struct {
		Contract string `json:"contract" doc:"contract number"`
		Service  string `json:"service"`
		Month    string `json:"month" example:"2026-04"`
	}
}

func (h *handlers) serviceCredits(api huma.API) {
	const tag = "contracts"
	add(h, api, operation[owedListIn, listOut[OwedCredit]]{at(http.MethodGet, "/service-credits/owed", "list-owed-credits", "Service credits owed and not claimed, the fewest days left first", tag), h.listOwed})
	add(h, api, operation[ServiceCreditRef, serviceCreditOut]{at(http.MethodGet, "/service-credits/{id}", "get-service-credit", "Read a computation sheet", tag), h.getServiceCredit})
	add(h, api, operation[computeIn, serviceCreditOut]{created("/service-credits", "compute-service-credit", "Work out a service's credit for a month and keep the sheet", tag), h.computeCredit})
}

func (h *handlers) listOwed(ctx context.Context, in *owedListIn) (*listOut[OwedCredit], error) {
	f := billing.OwedFilter{By: in.by, EntityIDs: entitiesOf(in.Signed), Limit: in.Limit}
	if in.Customer != "" {
		c, err := h.customer(ctx, &CustomerRef{Signed: in.Signed, Account: in.Customer})
		if err != nil {
			return nil, err
		}
		f.CustomerID = c.ID
	}
	if in.Contract != "" {
		d, err := h.contract(ctx, in.Signed, in.Contract)
		if err != nil {
			return nil, err
		}
		f.Contract = d.ID
	}
	owed, err := h.Billing.ServiceCreditsOwed(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &listOut[OwedCredit]{Body: list[OwedCredit]{Items: []OwedCredit{}}}
	for _, o := range owed {
		sheet, err := o.Sheet.Canonical()
		if err != nil {
			return nil, err
		}
		one := OwedCredit{
			Contract: o.Contract.Number, Customer: o.Customer.Account, Service: o.Service, Month: monthOf(o.Month), Proposed: moneyOf(o.Proposed()),
			ClaimBy: dayOrNone(o.ClaimBy), Sheet: sheet,
		}
		if !o.ClaimBy.IsZero() {
			one.DaysLeft = &o.DaysLeft
		}
		out.Body.Items = append(out.Body.Items, one)
	}
	return out, nil
}

func monthOf(t time.Time) string { return t.Format("2006-01") }

func (h *handlers) computeCredit(ctx context.Context, in *computeIn) (*serviceCreditOut, error) {
	month, err := time.Parse("2006-01", in.Body.Month)
	if err != nil {
		return nil, errs.InvalidField("month", "error.not_a_date", "text", in.Body.Month)
	}
	kept, err := h.Billing.ComputeServiceCredit(ctx, billing.ComputeInput{By: in.by, Contract: in.Body.Contract, Service: in.Body.Service, Month: month})
	if err != nil {
		return nil, err
	}
	return h.getServiceCredit(ctx, &ServiceCreditRef{Signed: in.Signed, ID: int64(kept.ID)})
}

func (h *handlers) getServiceCredit(ctx context.Context, in *ServiceCreditRef) (*serviceCreditOut, error) {
	kept, err := h.Billing.SheetByID(ctx, h.Reports.Reader(), billing.SheetID(in.ID))
	if err != nil {
		return nil, err
	}
	read, err := kept.Read()
	if err != nil {
		return nil, err
	}
	if _, err := h.contract(ctx, in.Signed, read.Contract); err != nil {
		return nil, err
	}
	return &serviceCreditOut{Body: ServiceCredit{
		ID: int64(kept.ID), Contract: read.Contract, Service: read.Service, Month: monthOf(kept.Month), Proposed: moneyOf(kept.Proposed()),
		SHA256: hexOf(kept.SHA256), ComputedAt: kept.ComputedAt, Sheet: kept.Sheet,
	}}, nil
}
