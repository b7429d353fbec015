package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/internal/money"
)

// ContractRef names a contract.
type ContractRef struct {
	Signed
	Number string `path:"number"`
}

// Resolve takes a number with a slash as it was meant.
func (r *ContractRef) Resolve(ctx huma.Context) []error {
	asked := ctx.URL()
	if number, err := url.PathUnescape(r.Number); err == nil && asked.RawPath != "" {
		r.Number = number
	}
	return r.Signed.Resolve(ctx)
}

type contractOut struct{ Body Contract }

type contractListIn struct {
	Signed
	Paging
	Customer string `query:"customer" doc:"account number"`
	Query    string `query:"q" doc:"part of the number or the customer's name"`
}

type newContractIn struct {
	Signed
	Body Contract
}

type newExclusionIn struct {
	ContractRef
	Body Exclusion
}

func (h *handlers) contracts(api huma.API) {
	const tag = "contracts"
	add(h, api, operation[contractListIn, listOut[Contract]]{at(http.MethodGet, "/contracts", "list-contracts", "List contracts by number", tag), h.listContracts})
	add(h, api, operation[ContractRef, contractOut]{at(http.MethodGet, "/contracts/{number}", "get-contract", "Read a contract with its services and promises", tag), h.getContract})
	add(h, api, operation[newContractIn, contractOut]{created("/contracts", "create-contract", "Enter a contract", tag), h.createContract})
	add(h, api, operation[newExclusionIn, contractOut]{created("/contracts/{number}/exclusions", "record-exclusion", "Record a window in which time does not count", tag), h.recordExclusion})
}

func (h *handlers) listContracts(ctx context.Context, in *contractListIn) (*listOut[Contract], error) {
	if err := books(in.Signed, 0); err != nil {
		return nil, err
	}
	f := billing.ContractFilter{Query: in.Query, EntityIDs: entitiesOf(in.Signed), After: in.Cursor, Limit: in.Limit}
	if in.Customer != "" {
		c, err := h.customer(ctx, &CustomerRef{Signed: in.Signed, Account: in.Customer})
		if err != nil {
			return nil, err
		}
		f.CustomerID = c.ID
	}
	found, err := h.Billing.Contracts(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &listOut[Contract]{Body: list[Contract]{Items: []Contract{}, NextCursor: found.Next}}
	for _, row := range found.Rows {
		out.Body.Items = append(out.Body.Items, contractOf(row.Contract, row.Account))
	}
	return out, nil
}

// contract reads a contract that the caller may see.
func (h *handlers) contract(ctx context.Context, s Signed, number string) (billing.ContractDetail, error) {
	d, err := h.Billing.ContractByNumber(ctx, h.Reports.Reader(), number)
	if err != nil {
		return d, err
	}
	return d, books(s, d.EntityID)
}

func (h *handlers) getContract(ctx context.Context, in *ContractRef) (*contractOut, error) {
	d, err := h.contract(ctx, in.Signed, in.Number)
	if err != nil {
		return nil, err
	}
	out := &contractOut{Body: contractOf(d.Contract, d.Customer.Account)}
	names := map[billing.ContractServiceID]string{}
	for _, s := range d.Services {
		names[s.ID] = s.Name
		out.Body.Services = append(out.Body.Services, serviceOf(s, d.Currency))
	}
	for _, e := range d.Exclusions {
		one := Exclusion{Kind: string(e.Kind), From: e.FromAt, Until: e.UntilAt, Reason: e.Reason}
		if e.ServiceID != nil {
			one.Service = names[*e.ServiceID]
		}
		out.Body.Exclusions = append(out.Body.Exclusions, one)
	}
	return out, nil
}

func (h *handlers) createContract(ctx context.Context, in *newContractIn) (*contractOut, error) {
	customer, err := h.customer(ctx, &CustomerRef{Signed: in.Signed, Account: in.Body.Customer})
	if err != nil {
		return nil, err
	}
	cur, err := money.ParseCurrency(in.Body.Currency)
	if err != nil {
		return nil, err
	}
	r := contractReader{currency: cur}
	n := billing.NewContract{By: in.by, EntityID: customer.EntityID, CustomerID: customer.ID, Number: in.Body.Number, Terms: r.terms(in.Body)}
	for i, s := range in.Body.Services {
		n.Services = append(n.Services, r.service(i, s))
	}
	if r.err != nil {
		return nil, r.err
	}
	c, err := h.Billing.CreateContract(ctx, n)
	if err != nil {
		return nil, err
	}
	return h.getContract(ctx, &ContractRef{Signed: in.Signed, Number: c.Number})
}

func (h *handlers) recordExclusion(ctx context.Context, in *newExclusionIn) (*contractOut, error) {
	d, err := h.contract(ctx, in.Signed, in.Number)
	if err != nil {
		return nil, err
	}
	n := billing.NewExclusion{
		By: in.by, Contract: d.ID, Kind: commitment.ExclusionKind(in.Body.Kind), From: in.Body.From, Until: in.Body.Until, Reason: in.Body.Reason,
	}
	if in.Body.Service != "" {
		service, err := d.Service(in.Body.Service)
		if err != nil {
			return nil, err
		}
		n.ServiceID = service.ID
	}
	if _, err := h.Billing.RecordExclusion(ctx, n); err != nil {
		return nil, err
	}
	return h.getContract(ctx, &in.ContractRef)
}
