package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/billing/postback"
	"makegood/internal/errs"
)

// Elsewhere is what became of a credit memo in another system.
type Elsewhere struct {
	Action     string     `json:"action" enum:"issue,void"`
	Gateway    string     `json:"gateway" enum:"stripe"`
	Key        string     `json:"key" doc:"idempotency key, the same at every attempt"`
	State      string     `json:"state" enum:"waiting,unknown,refused,issued,voided,needless,by_hand" doc:"unknown: sent and not answered, so it may be there; it is tried again"`
	ID         string     `json:"id,omitempty" doc:"its id there"`
	Number     string     `json:"number,omitempty" doc:"its number there"`
	Difference *Money     `json:"difference,omitempty" doc:"its total there less ours"`
	Answer     string     `json:"answer,omitempty" doc:"why the last attempt came to nothing"`
	Attempts   int        `json:"attempts"`
	TriedAt    *time.Time `json:"tried_at,omitempty"`
	SettledAt  *time.Time `json:"settled_at,omitempty"`
	SettledBy  string     `json:"settled_by,omitempty" doc:"who settled it by hand"`
	SettledHow string     `json:"settled_how,omitempty" doc:"and how, in their words"`
}

type gatewayIn struct {
	Signed
	Entity string `path:"entity" doc:"code of the legal entity"`
	Body   struct {
		Gateway string `json:"gateway" enum:"builtin,stripe" doc:"builtin: this ledger alone"`
		Account string `json:"account,omitempty" maxLength:"100" example:"acct_1Nv0FG" doc:"the account's id there"`
		Secret  string `json:"secret,omitempty" maxLength:"300" doc:"the account's secret key; empty keeps the one there is. It is never given back"`
	}
}

type retryElsewhereIn struct {
	Signed
	Number string `path:"number"`
	Action string `path:"action" enum:"issue,void"`
}

type settleElsewhereIn struct {
	Signed
	Number string `path:"number"`
	Action string `path:"action" enum:"issue,void"`
	Body   struct {
		How string `json:"how" minLength:"1" maxLength:"2000" doc:"what was done there, or why it is given up"`
		ID  string `json:"id,omitempty" maxLength:"200" doc:"of the note there; empty when nothing is there"`
	}
}

// elsewhere is the issuing of credit memos in another system.
func (h *handlers) elsewhere(api huma.API) {
	add(h, api, operation[gatewayIn, nothingOut]{at(http.MethodPut, "/entities/{entity}/gateway", "set-gateway", "Set where an entity's credit memos are issued besides", "entities"), h.setGateway})
	add(h, api, operation[retryElsewhereIn, nothingOut]{at(http.MethodPost, "/credit-memos/{number}/elsewhere/{action}/retry", "retry-elsewhere", "Ask the other system once more", "credit memos"), h.retryElsewhere})
	add(h, api, operation[settleElsewhereIn, nothingOut]{at(http.MethodPost, "/credit-memos/{number}/elsewhere/{action}/settle", "settle-elsewhere", "Say that a person settled it there, or gave it up", "credit memos"), h.settleElsewhere})
}

func (h *handlers) setGateway(ctx context.Context, in *gatewayIn) (*nothingOut, error) {
	return &nothingOut{}, h.PostBack.Set(ctx, postback.Setting{
		By: in.by, Entity: in.Entity, Gateway: billing.GatewayKind(in.Body.Gateway), Account: in.Body.Account, Secret: in.Body.Secret,
	})
}

func (h *handlers) retryElsewhere(ctx context.Context, in *retryElsewhereIn) (*nothingOut, error) {
	return &nothingOut{}, h.PostBack.Retry(ctx, in.Number, billing.GatewayAction(in.Action), in.by)
}

func (h *handlers) settleElsewhere(ctx context.Context, in *settleElsewhereIn) (*nothingOut, error) {
	return &nothingOut{}, h.PostBack.SettleByHand(ctx, postback.ByHand{
		By: in.by, Memo: in.Number, Action: billing.GatewayAction(in.Action), How: in.Body.How, ID: in.Body.ID,
	})
}

func (h *handlers) elsewhereOf(p billing.GatewayPosting, m billing.CreditMemo) Elsewhere {
	out := Elsewhere{
		Action: string(p.Action), Gateway: string(p.Gateway), Key: p.Key, State: string(p.State), ID: p.ExternalID, Number: p.ExternalNumber,
		Attempts: p.Attempts, TriedAt: p.TriedAt, SettledAt: p.SettledAt, SettledBy: p.SettledBy, SettledHow: p.SettledHow,
	}
	if p.Difference != nil {
		out.Difference = new(moneyOf(m.Amount(*p.Difference)))
	}
	if p.Answer != "" {
		out.Answer = h.Words.Fill("en", p.Answer, errs.Params(p.AnswerParams))
	}
	return out
}
