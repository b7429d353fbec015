package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// Allocation is a part of a payment, a credit memo or another source that settles an invoice.
type Allocation struct {
	ID          int64  `json:"id"`
	Source      string `json:"source" doc:"number of the payment, credit memo, transfer, write-off or reversal"`
	SourceKind  string `json:"source_kind"`
	Invoice     string `json:"invoice"`
	Amount      Money  `json:"amount" doc:"below zero for one that takes another back"`
	AllocatedOn string `json:"allocated_on"`
	Reverses    *int64 `json:"reverses,omitempty" doc:"the allocation this one takes back"`
	TakenBack   bool   `json:"taken_back"`
}

// ApplyPart says how much of what is unapplied settles an invoice.
type ApplyPart struct {
	Source  string `json:"source" doc:"number of a payment, credit memo or transfer"`
	Invoice string `json:"invoice"`
	Amount  Money  `json:"amount"`
}

// ApplyProposal is a proposed application.
type ApplyProposal struct {
	ApplyPart
	DueOn    string `json:"due_on"`
	Free     Money  `json:"unapplied"`
	Open     Money  `json:"open"`
	Disputed Money  `json:"disputed"`
	Why      string `json:"why" enum:"remittance,amount,oldest"`
}

type allocationListIn struct {
	Signed
	Paging
	Customer string `query:"customer" doc:"account number"`
	Invoice  string `query:"invoice" doc:"number"`
}

type allocationsOut struct {
	Body struct {
		Items []Allocation `json:"items"`
	}
}

type applyIn struct {
	Signed
	Key  string `header:"Idempotency-Key"`
	Body struct {
		Parts []ApplyPart `json:"parts" minItems:"1" maxItems:"200"`
	}
}

type takeBackIn struct {
	Signed
	Key  string `header:"Idempotency-Key"`
	ID   int64  `path:"id"`
	Body struct {
		Reason string `json:"reason"`
	}
}

type proposalIn struct {
	CustomerRef
	By       string `query:"by" enum:"remittance,amount,oldest" default:"oldest"`
	Currency string `query:"currency" doc:"the customer's own without it"`
}

type proposalsOut struct {
	Body struct {
		Items []ApplyProposal `json:"items"`
	}
}

func (h *handlers) allocations(api huma.API) {
	add(h, api, operation[allocationListIn, listOut[Allocation]]{at(http.MethodGet, "/allocations", "list-allocations", "List what was applied to what, newest first", "allocations"), h.listAllocations})
	add(h, api, operation[applyIn, allocationsOut]{created("/allocations", "apply", "Apply unapplied cash and credits to invoices, all or nothing", "allocations"), h.apply})
	add(h, api, operation[takeBackIn, nothing]{at(http.MethodPost, "/allocations/{id}/take-back", "take-back", "Take an application back", "allocations"), h.takeBack})
	add(h, api, operation[proposalIn, proposalsOut]{at(http.MethodGet, "/customers/{account}/apply-proposals", "apply-proposals", "How what is unapplied could settle what is open", "allocations"), h.proposals})
}

// nothing is the answer of what has been done and leaves nothing to say.
type nothing struct{}

func allocationOf(a billing.AllocationDetail) Allocation {
	return Allocation{
		ID: a.ID, Source: a.SourceNumber, SourceKind: string(a.SourceKind), Invoice: a.InvoiceNumber, Amount: amountOf(a.Amount, a.Currency),
		AllocatedOn: dateOf(a.AllocatedOn), Reverses: a.ReversesID, TakenBack: a.TakenBack,
	}
}

func (h *handlers) listAllocations(ctx context.Context, in *allocationListIn) (*listOut[Allocation], error) {
	if err := books(in.Signed, 0); err != nil {
		return nil, err
	}
	f := billing.AllocationFilter{EntityIDs: entitiesOf(in.Signed), After: in.Cursor, Limit: in.Limit}
	if in.Customer != "" {
		c, err := h.customer(ctx, &CustomerRef{Signed: in.Signed, Account: in.Customer})
		if err != nil {
			return nil, err
		}
		f.CustomerID = c.ID
	}
	if in.Invoice != "" {
		i, err := h.invoiceID(ctx, "invoice", in.Invoice)
		if err != nil {
			return nil, err
		}
		f.InvoiceID = i.ID
	}
	found, err := h.Billing.Allocations(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &listOut[Allocation]{Body: list[Allocation]{Items: []Allocation{}, NextCursor: found.Next}}
	for _, a := range found.Rows {
		out.Body.Items = append(out.Body.Items, allocationOf(a))
	}
	return out, nil
}

func (h *handlers) apply(ctx context.Context, in *applyIn) (*allocationsOut, error) {
	apply := billing.ApplyInput{By: in.by}
	for i, p := range in.Body.Parts {
		part, err := h.applyPart(ctx, fmt.Sprintf("parts.%d", i), p)
		if err != nil {
			return nil, err
		}
		apply.Parts = append(apply.Parts, part)
	}
	made, err := h.Billing.Apply(ctx, apply)
	if err != nil {
		return nil, err
	}
	out := &allocationsOut{}
	for i, a := range made {
		one := allocationOf(billing.AllocationDetail{Allocation: a, SourceNumber: in.Body.Parts[i].Source, InvoiceNumber: in.Body.Parts[i].Invoice})
		out.Body.Items = append(out.Body.Items, one)
	}
	return out, nil
}

func (h *handlers) applyPart(ctx context.Context, field string, p ApplyPart) (billing.ApplyPart, error) {
	amount, err := p.Amount.parse(field + ".amount")
	if err != nil {
		return billing.ApplyPart{}, err
	}
	invoice, err := h.invoiceID(ctx, field+".invoice", p.Invoice)
	if err != nil {
		return billing.ApplyPart{}, err
	}
	item, err := h.Billing.UnappliedByNumber(ctx, h.Reports.Reader(), strings.TrimSpace(p.Source))
	if err != nil {
		return billing.ApplyPart{}, errs.InvalidField(field+".source", errs.KeyOf(err))
	}
	if item.Currency != amount.Currency() {
		return billing.ApplyPart{}, errs.InvalidField(field+".amount", "money.mixed_currencies", "one", string(amount.Currency()), "other", string(item.Currency))
	}
	return billing.ApplyPart{Kind: item.Kind, ID: item.DocumentID, InvoiceID: invoice.ID, Amount: amount.Decimal()}, nil
}

func (h *handlers) takeBack(ctx context.Context, in *takeBackIn) (*nothing, error) {
	return &nothing{}, h.Billing.Unapply(ctx, billing.UnapplyInput{By: in.by, IDs: []int64{in.ID}, Reason: in.Body.Reason})
}

func (h *handlers) proposals(ctx context.Context, in *proposalIn) (*proposalsOut, error) {
	c, err := h.customer(ctx, &in.CustomerRef)
	if err != nil {
		return nil, err
	}
	currency := c.Currency
	if in.Currency != "" {
		if currency, err = money.ParseCurrency(in.Currency); err != nil {
			return nil, errs.InvalidField("currency", errs.KeyOf(err), "currency", in.Currency)
		}
	}
	found, err := h.Billing.ProposeApplications(ctx, c.ID, currency, billing.ApplyBy(in.By), in.by)
	if err != nil {
		return nil, err
	}
	out := &proposalsOut{}
	out.Body.Items = make([]ApplyProposal, 0, len(found))
	for _, p := range found {
		out.Body.Items = append(out.Body.Items, ApplyProposal{
			ApplyPart: ApplyPart{Source: p.Number, Invoice: p.InvoiceNumber, Amount: amountOf(p.Amount, currency)}, DueOn: dateOf(p.DueOn),
			Free: amountOf(p.Free, currency), Open: amountOf(p.Open, currency), Disputed: amountOf(p.Held, currency), Why: string(p.Why),
		})
	}
	return out, nil
}
