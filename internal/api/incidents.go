package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/internal/errs"
)

// Incident is something that went wrong with services of contracts.
type Incident struct {
	ID        int64             `json:"id,omitempty" readOnly:"true"`
	Source    string            `json:"source" minLength:"1" doc:"where it is known from"`
	Reference string            `json:"reference" minLength:"1" doc:"its name there: sent again, it is the same incident"`
	Title     string            `json:"title" minLength:"1"`
	Kind      string            `json:"kind" enum:"outage,delivery,response" default:"outage"`
	From      time.Time         `json:"from"`
	Until     *time.Time        `json:"until,omitempty" doc:"without it, not over"`
	Cause     string            `json:"cause,omitempty" enum:"maintenance,customer,force_majeure,dates" doc:"why it was not our fault"`
	Services  []IncidentService `json:"services" minItems:"1" maxItems:"500"`
}

// IncidentService names a service of a contract.
type IncidentService struct {
	Contract string `json:"contract"`
	Service  string `json:"service"`
}

type incidentOut struct{ Body Incident }

type incidentListIn struct {
	Signed
	Paging
	Contract string `query:"contract" doc:"contract number"`
	Query    string `query:"q" doc:"part of the title or the reference"`
}

type newIncidentIn struct {
	Signed
	Body Incident
}

func (h *handlers) incidents(api huma.API) {
	const tag = "contracts"
	add(h, api, operation[incidentListIn, listOut[Incident]]{at(http.MethodGet, "/incidents", "list-incidents", "List incidents, newest first", tag), h.listIncidents})
	add(h, api, operation[newIncidentIn, incidentOut]{created("/incidents", "record-incident", "Record an incident, or the end of one", tag), h.recordIncident})
}

func incidentOf(r billing.IncidentRow) Incident {
	i := Incident{
		ID: int64(r.ID), Source: r.Source, Reference: r.Reference, Title: r.Title, Kind: string(r.Kind), From: r.FromAt, Until: r.UntilAt, Cause: string(r.Cause),
		Services: []IncidentService{},
	}
	for _, s := range r.Services {
		i.Services = append(i.Services, IncidentService{Contract: s.Contract, Service: s.Service})
	}
	return i
}

func (h *handlers) listIncidents(ctx context.Context, in *incidentListIn) (*listOut[Incident], error) {
	if err := books(in.Signed, 0); err != nil {
		return nil, err
	}
	f := billing.IncidentFilter{Query: in.Query, EntityIDs: entitiesOf(in.Signed), After: in.Cursor, Limit: in.Limit}
	if in.Contract != "" {
		d, err := h.contract(ctx, in.Signed, in.Contract)
		if err != nil {
			return nil, err
		}
		f.ContractID = d.ID
	}
	found, err := h.Billing.Incidents(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &listOut[Incident]{Body: list[Incident]{Items: []Incident{}, NextCursor: found.Next}}
	for _, row := range found.Rows {
		out.Body.Items = append(out.Body.Items, incidentOf(row))
	}
	return out, nil
}

func (h *handlers) recordIncident(ctx context.Context, in *newIncidentIn) (*incidentOut, error) {
	b := in.Body
	n := billing.NewIncident{
		By: in.by, Source: b.Source, Reference: b.Reference, Title: b.Title, Kind: commitment.IncidentKind(b.Kind), From: b.From, Cause: commitment.ExclusionKind(b.Cause),
	}
	if b.Until != nil {
		n.Until = *b.Until
	}
	for i, s := range b.Services {
		d, err := h.contract(ctx, in.Signed, s.Contract)
		if err != nil {
			return nil, err
		}
		service, err := d.Service(s.Service)
		if err != nil {
			return nil, errs.InvalidField("services."+strconv.Itoa(i), errs.KeyOf(err))
		}
		n.EntityID, n.Services = d.EntityID, append(n.Services, service.ID)
	}
	i, err := h.Billing.RecordIncident(ctx, n)
	if err != nil {
		return nil, err
	}
	row, err := h.Billing.IncidentByID(ctx, h.Reports.Reader(), i.ID)
	if err != nil {
		return nil, err
	}
	return &incidentOut{Body: incidentOf(row)}, nil
}
