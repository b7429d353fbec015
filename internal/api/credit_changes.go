package api

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/errs"
)

// Question is what an approver asked the requester before deciding.
type Question struct {
	AskedBy    string     `json:"asked_by"`
	Question   string     `json:"question"`
	AskedAt    time.Time  `json:"asked_at"`
	Answer     string     `json:"answer,omitempty"`
	AnsweredBy string     `json:"answered_by,omitempty"`
	AnsweredAt *time.Time `json:"answered_at,omitempty" doc:"none while the question is open"`
}

// EarlierVersion is what a request asked for before it was changed.
type EarlierVersion struct {
	Version    int       `json:"version"`
	Kind       string    `json:"kind"`
	Reason     string    `json:"reason_code"`
	Total      Money     `json:"total"`
	Why        string    `json:"why" enum:"changed,less" doc:"changed by its requester, or lowered by an approver"`
	Comment    string    `json:"comment,omitempty"`
	ReplacedBy string    `json:"replaced_by"`
	ReplacedAt time.Time `json:"replaced_at"`
}

// RequestDifference is a line that is another than in the version before.
type RequestDifference struct {
	InvoiceLine int64  `json:"invoice_line_id,omitempty"`
	Description string `json:"description"`
	Before      Money  `json:"before"`
	After       Money  `json:"after"`
}

type askBackIn struct {
	RequestRef
	Body struct {
		Question string `json:"question" minLength:"1" maxLength:"5000"`
		Digest   string `json:"digest,omitempty" pattern:"^[0-9a-f]{64}$" doc:"of the content that was read; refused when it is another by now"`
		Version  int    `json:"version,omitempty" doc:"of the content that was read; refused when it is another by now"`
	}
}

type answerIn struct {
	RequestRef
	Body struct {
		Answer   string        `json:"answer" minLength:"1" maxLength:"5000"`
		Evidence []NewEvidence `json:"evidence,omitempty" maxItems:"50"`
	}
}

type changeIn struct {
	RequestRef
	Body struct {
		Proposal
		Version int    `json:"version,omitempty" doc:"of the content that was read; refused when it is another by now"`
		Comment string `json:"comment,omitempty" maxLength:"5000" doc:"what was changed and why; answers what was asked back"`
	}
}

// LessLine is what remains of a line.
type LessLine struct {
	InvoiceLine int64 `json:"invoice_line_id"`
	Amount      Money `json:"amount" doc:"in the price basis of the invoice"`
}

type lessIn struct {
	RequestRef
	Body struct {
		Comment string         `json:"comment" minLength:"1" maxLength:"5000"`
		Lines   []LessLine     `json:"lines,omitempty" maxItems:"500" doc:"of a credit: what remains of its lines; one left out is not given"`
		Items   []ProposalItem `json:"items,omitempty" maxItems:"500" doc:"of a refund, transfer or write-off: what remains of its documents"`
		Digest  string         `json:"digest,omitempty" pattern:"^[0-9a-f]{64}$" doc:"of the content that was read; refused when it is another by now"`
		Version int            `json:"version,omitempty" doc:"of the content that was read; refused when it is another by now"`
	}
}

func (h *handlers) creditChanges(api huma.API) {
	add(h, api, operation[askBackIn, requestOut]{at(http.MethodPost, "/credit-requests/{id}/ask-back", "ask-back-credit-request", "Give a request back to its requester with a question; it keeps what it reserved for a time", "credit requests"), h.askBack})
	add(h, api, operation[answerIn, requestOut]{at(http.MethodPost, "/credit-requests/{id}/answer", "answer-credit-request", "Answer what was asked back; the chain goes on where it was", "credit requests"), h.answerRequest})
	add(h, api, operation[changeIn, requestOut]{at(http.MethodPost, "/credit-requests/{id}/change", "change-credit-request", "Change a request that is not decided; decisions are void and the chain starts again", "credit requests"), h.changeRequest})
	add(h, api, operation[lessIn, requestOut]{at(http.MethodPost, "/credit-requests/{id}/approve-less", "approve-less-of-credit-request", "Give less than was asked for: a change by the approver, whose chain starts again without them", "credit requests"), h.approveLess})
}

func (h *handlers) askBack(ctx context.Context, in *askBackIn) (*requestOut, error) {
	d, err := h.find(ctx, in.RequestRef)
	if err != nil {
		return nil, err
	}
	digest, err := digestOf(in.Body.Digest)
	if err != nil {
		return nil, err
	}
	request, err := h.Credits.AskBack(ctx, credits.DecideInput{By: in.by, ID: d.ID, Comment: in.Body.Question, Digest: digest, ContentVersion: in.Body.Version})
	return h.after(ctx, in.Signed, request, err)
}

func digestOf(text string) ([]byte, error) {
	digest, err := hex.DecodeString(text)
	if err != nil {
		return nil, errs.InvalidField("digest", "error.required")
	}
	return digest, nil
}

func (h *handlers) answerRequest(ctx context.Context, in *answerIn) (*requestOut, error) {
	d, err := h.find(ctx, in.RequestRef)
	if err != nil {
		return nil, err
	}
	var brought credits.ProposeInput
	b := builder{handlers: h, s: in.Signed, in: &brought}
	if err := b.evidence(ctx, Proposal{Evidence: in.Body.Evidence}); err != nil {
		return nil, err
	}
	request, err := h.Credits.Answer(ctx, credits.AnswerInput{By: in.by, ID: d.ID, Answer: in.Body.Answer, Evidence: brought.Evidence})
	return h.after(ctx, in.Signed, request, err)
}

func (h *handlers) changeRequest(ctx context.Context, in *changeIn) (*requestOut, error) {
	d, err := h.find(ctx, in.RequestRef)
	if err != nil {
		return nil, err
	}
	input, err := h.propose(ctx, in.Signed, in.Body.Proposal)
	if err != nil {
		return nil, err
	}
	request, err := h.Credits.Change(ctx, credits.ChangeInput{ID: d.ID, Proposal: input, ContentVersion: in.Body.Version, Comment: in.Body.Comment})
	return h.after(ctx, in.Signed, request, in.Body.charges(err))
}

func (h *handlers) approveLess(ctx context.Context, in *lessIn) (*requestOut, error) {
	d, err := h.find(ctx, in.RequestRef)
	if err != nil {
		return nil, err
	}
	less := credits.LessInput{DecideInput: credits.DecideInput{By: in.by, ID: d.ID, Comment: in.Body.Comment, ContentVersion: in.Body.Version}}
	if less.Digest, err = digestOf(in.Body.Digest); err != nil {
		return nil, err
	}
	b := builder{handlers: h, s: in.Signed, in: &credits.ProposeInput{}, currency: d.Currency}
	for i, l := range in.Body.Lines {
		amount, err := b.amount(fmt.Sprintf("lines.%d.amount", i), &l.Amount)
		if err != nil {
			return nil, err
		}
		less.Lines = append(less.Lines, credits.ProposeLine{InvoiceLineID: billing.InvoiceLineID(l.InvoiceLine), Net: amount})
	}
	for i, item := range in.Body.Items {
		amount, err := b.amount(fmt.Sprintf("items.%d.amount", i), &item.Amount)
		if err != nil {
			return nil, err
		}
		less.Items = append(less.Items, partOf(d, item.Document, amount))
	}
	request, err := h.Credits.ApproveLess(ctx, less)
	return h.after(ctx, in.Signed, request, err)
}

// partOf names the document of a request that goes by a number; one it is not about is refused by credits.
func partOf(d credits.Detail, number string, amount decimal.Decimal) billing.ItemPart {
	if d.Content != nil {
		for _, part := range d.Content.Items {
			if part.Number == number {
				return billing.ItemPart{Kind: part.Kind, ID: part.ID, Amount: amount}
			}
		}
	}
	return billing.ItemPart{Amount: amount}
}

// lifeOf adds what was asked back and changed.
func (h *handlers) lifeOf(r *CreditRequest, d credits.Detail) {
	for _, q := range d.Questions {
		r.Questions = append(r.Questions, Question{AskedBy: q.AskedByName, Question: q.Question, AskedAt: q.AskedAt, Answer: q.Answer, AnsweredBy: q.AnsweredByName, AnsweredAt: q.AnsweredAt})
	}
	for _, e := range d.Earlier {
		r.Earlier = append(r.Earlier, EarlierVersion{
			Version: e.ContentVersion, Kind: string(e.Kind), Reason: e.ReasonCode, Total: moneyOf(d.Amount(e.Total)), Why: e.Why, Comment: e.Comment,
			ReplacedBy: e.ReplacedByName, ReplacedAt: e.ReplacedAt,
		})
	}
	for _, line := range d.Differences() {
		if line.Changed() {
			r.Differences = append(r.Differences, RequestDifference{
				InvoiceLine: int64(line.InvoiceLineID), Description: line.Description, Before: moneyOf(d.Amount(line.Before)), After: moneyOf(d.Amount(line.After)),
			})
		}
	}
}
