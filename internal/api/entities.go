package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/internal/money"
)

// EntityFacts are what a legal entity is and how it keeps its books.
type EntityFacts struct {
	Name           string `json:"name" minLength:"1" maxLength:"200"`
	BaseCurrency   string `json:"base_currency" doc:"in which the books add up; stands once something is posted" example:"EUR"`
	Country        string `json:"country" doc:"whose law its documents follow; stands once something is posted" example:"DE"`
	FiscalMonth    int    `json:"fiscal_month,omitempty" minimum:"1" maximum:"12" default:"1" doc:"in which the fiscal year begins; stands once something is posted"`
	TaxID          string `json:"tax_id,omitempty" maxLength:"50"`
	Address        string `json:"address,omitempty" maxLength:"500" doc:"several lines"`
	Phone          string `json:"phone,omitempty" maxLength:"50"`
	BankDetails    string `json:"bank_details,omitempty" maxLength:"500" doc:"where customers pay, as on statements"`
	BrandColor     string `json:"brand_color,omitempty" pattern:"^(#[0-9a-fA-F]{6})?$" doc:"of papers and pages for customers"`
	TimeZone       string `json:"time_zone" doc:"by which its days begin" example:"Europe/Berlin"`
	Language       string `json:"language" example:"de"`
	EndpointScheme string `json:"endpoint_scheme,omitempty" doc:"of the Electronic Address Scheme list; made from the tax number without it"`
	EndpointID     string `json:"endpoint_id,omitempty"`
	TaxRelief      bool   `json:"write_off_tax_relief,omitempty" doc:"the tax of what is written off comes back"`
	MemoPeriod     string `json:"memo_period_policy,omitempty" enum:"tax_point,memo_day" default:"tax_point" doc:"in which month a memo is booked: of its tax point, or of its day"`
}

func (f EntityFacts) facts() billing.EntityFacts {
	return billing.EntityFacts{
		Name: f.Name, BaseCurrency: money.Currency(f.BaseCurrency), Country: f.Country, FiscalMonth: f.FiscalMonth, TaxID: f.TaxID, Address: f.Address, Phone: f.Phone,
		BankDetails: f.BankDetails, BrandColor: f.BrandColor, TimeZone: f.TimeZone, Language: f.Language, EndpointScheme: f.EndpointScheme, EndpointID: f.EndpointID,
		WriteOffTaxRelief: f.TaxRelief, MemoPeriodPolicy: f.MemoPeriod,
	}
}

// LegalEntity is a company that issues invoices and keeps books of its own.
type LegalEntity struct {
	Code string `json:"code"`
	EntityFacts
	Version  int             `json:"version"`
	Posted   *bool           `json:"posted,omitempty" doc:"of one entity: whether something stands in its books"`
	Accounts []LedgerAccount `json:"accounts,omitempty" doc:"of one entity, by code"`
}

// LedgerAccount is what a role of the ledger is called in an entity's chart of accounts.
type LedgerAccount struct {
	Role string `json:"role"`
	Code string `json:"code" maxLength:"20"`
	Name string `json:"name" maxLength:"100"`
}

// EntityRef names a legal entity.
type EntityRef struct {
	Signed
	Entity string `path:"entity" doc:"code of the legal entity"`
}

type entitiesIn struct{ Signed }

type entityOut struct{ Body LegalEntity }

type newEntityIn struct {
	Signed
	Body struct {
		Code string `json:"code" pattern:"^[A-Z0-9]{2,8}$" doc:"document numbers begin with it; never changed"`
		EntityFacts
		SupportAddress string `json:"support_address" maxLength:"320" doc:"from which it writes to its customers"`
		SupportName    string `json:"support_name,omitempty" maxLength:"100" doc:"the entity's name without it"`
		Signature      string `json:"signature,omitempty" maxLength:"1000"`
	}
}

type setEntityIn struct {
	EntityRef
	Body struct {
		EntityFacts
		Version int `json:"version" doc:"as it was read; a stale one is refused with 409"`
	}
}

type setAccountsIn struct {
	EntityRef
	Body struct {
		Accounts []LedgerAccount `json:"accounts" maxItems:"50" doc:"roles that are not named stay"`
		Version  int             `json:"version" doc:"of the entity, as it was read"`
	}
}

// entities are the legal entities, and as whom each writes.
func (h *handlers) entities(api huma.API) {
	const tag = "entities"
	add(h, api, operation[entitiesIn, listOut[LegalEntity]]{at(http.MethodGet, "/entities", "list-entities", "List the legal entities that the caller may change", tag), h.listEntities})
	add(h, api, operation[newEntityIn, entityOut]{created("/entities", "add-entity", "Add a legal entity, with an account for every role of the ledger", tag), h.addEntity})
	add(h, api, operation[EntityRef, entityOut]{at(http.MethodGet, "/entities/{entity}", "get-entity", "Read a legal entity with its accounts", tag), h.getEntity})
	add(h, api, operation[setEntityIn, entityOut]{at(http.MethodPut, "/entities/{entity}", "set-entity", "Change what a legal entity is and how it keeps its books", tag), h.setEntity})
	add(h, api, operation[setAccountsIn, entityOut]{at(http.MethodPut, "/entities/{entity}/accounts", "set-accounts", "Change what accounts are called; entries stay on their roles", tag), h.setAccounts})
}

func entityOf(e billing.Entity) LegalEntity {
	return LegalEntity{Code: e.Code, Version: e.Version, EntityFacts: EntityFacts{
		Name: e.Name, BaseCurrency: string(e.BaseCurrency), Country: e.Country, FiscalMonth: e.FiscalMonth, TaxID: e.TaxID, Address: e.Address, Phone: e.Phone,
		BankDetails: e.BankDetails, BrandColor: e.BrandColor, TimeZone: e.TimeZone, Language: e.Language, EndpointScheme: e.EndpointScheme, EndpointID: e.EndpointID,
		TaxRelief: e.WriteOffTaxRelief, MemoPeriod: e.MemoPeriodPolicy,
	}}
}

func (h *handlers) listEntities(ctx context.Context, in *entitiesIn) (*listOut[LegalEntity], error) {
	entities, err := h.Billing.EntitiesToKeep(ctx, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[LegalEntity]{Body: list[LegalEntity]{Items: []LegalEntity{}}}
	for _, e := range entities {
		out.Body.Items = append(out.Body.Items, entityOf(e))
	}
	return out, nil
}

func (h *handlers) getEntity(ctx context.Context, in *EntityRef) (*entityOut, error) {
	e, err := h.Billing.EntityToKeep(ctx, in.Entity, in.by)
	if err != nil {
		return nil, err
	}
	out := &entityOut{Body: entityOf(e.Entity)}
	out.Body.Posted = &e.Posted
	for _, a := range e.Accounts {
		out.Body.Accounts = append(out.Body.Accounts, LedgerAccount(a))
	}
	return out, nil
}

func (h *handlers) addEntity(ctx context.Context, in *newEntityIn) (*entityOut, error) {
	e, err := h.Billing.AddEntity(ctx, billing.NewEntity{
		By: in.by, Code: in.Body.Code, EntityFacts: in.Body.facts(), SupportAddress: in.Body.SupportAddress, SupportName: in.Body.SupportName, Signature: in.Body.Signature,
	})
	if err != nil {
		return nil, err
	}
	return h.getEntity(ctx, &EntityRef{Signed: in.Signed, Entity: e.Code})
}

func (h *handlers) setEntity(ctx context.Context, in *setEntityIn) (*entityOut, error) {
	if _, err := h.Billing.SetEntity(ctx, billing.EntityChange{By: in.by, Entity: in.Entity, Version: in.Body.Version, EntityFacts: in.Body.facts()}); err != nil {
		return nil, err
	}
	return h.getEntity(ctx, &in.EntityRef)
}

func (h *handlers) setAccounts(ctx context.Context, in *setAccountsIn) (*entityOut, error) {
	change := billing.AccountsChange{By: in.by, Entity: in.Entity, Version: in.Body.Version}
	for _, a := range in.Body.Accounts {
		change.Accounts = append(change.Accounts, billing.EntityAccount(a))
	}
	if _, err := h.Billing.SetAccounts(ctx, change); err != nil {
		return nil, err
	}
	return h.getEntity(ctx, &in.EntityRef)
}
