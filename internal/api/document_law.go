package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
)

type stampIn struct {
	InvoiceRef
	Body struct {
		Stamp string `json:"stamp" minLength:"1" maxLength:"200" doc:"Brazil: chave de acesso; Mexico: folio fiscal; Greece: mark"`
	}
}

type documentRulesIn struct {
	Signed
	Entity string `path:"entity" doc:"code of the legal entity"`
	Body   struct {
		Rules           string `json:"rules" maxLength:"20000" doc:"YAML of one regime, laid over the rules of the entity's country; empty for those alone"`
		ExemptionReason string `json:"exemption_reason" maxLength:"500" doc:"why nothing is charged where tax is exempt"`
	}
}

type nothingOut struct{}

// documentLaw are the facts and rules by which credit memos and debit memos are what the law asks.
func (h *handlers) documentLaw(api huma.API) {
	add(h, api, operation[stampIn, nothingOut]{at(http.MethodPost, "/invoices/{number}/stamp", "stamp-invoice", "Record what the tax authority gave an invoice", "invoices"), h.stamp})
	add(h, api, operation[documentRulesIn, nothingOut]{at(http.MethodPut, "/entities/{entity}/document-rules", "set-document-rules", "Replace an entity's own rules for its documents", "entities"), h.setDocumentRules})
}

func (h *handlers) stamp(ctx context.Context, in *stampIn) (*nothingOut, error) {
	return &nothingOut{}, h.Billing.RecordStamp(ctx, billing.StampInput{By: in.by, Invoice: in.Number, Stamp: in.Body.Stamp})
}

func (h *handlers) setDocumentRules(ctx context.Context, in *documentRulesIn) (*nothingOut, error) {
	return &nothingOut{}, h.Billing.SetDocumentRules(ctx, billing.DocumentRules{
		By: in.by, Entity: in.Entity, Rules: in.Body.Rules, ExemptionReason: in.Body.ExemptionReason,
	})
}
