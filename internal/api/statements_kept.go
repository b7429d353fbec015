package api

import (
	"context"
	"encoding/hex"
	"time"

	"makegood/billing"
)

// KeptStatement is a statement of account that was handed out.
type KeptStatement struct {
	ID       int64     `json:"id"`
	From     string    `json:"from"`
	To       string    `json:"to"`
	KnownOn  string    `json:"known_on,omitempty" doc:"it tells what was known that evening"`
	MadeOn   string    `json:"made_on"`
	Language string    `json:"language"`
	Closing  Money     `json:"closing"`
	SHA256   string    `json:"sha256" doc:"of the file"`
	KeptAt   time.Time `json:"kept_at" doc:"when it was first handed out"`
	Copies   int       `json:"copies" doc:"how often it was handed out"`
	LastAt   time.Time `json:"last_at"`
	LastTo   string    `json:"last_to,omitempty" doc:"the person who got it last"`
	LastWay  string    `json:"last_way" enum:"screen,api,mail"`
}

type keptOut struct {
	Body struct {
		Items []KeptStatement `json:"items"`
	}
}

type keptRef struct {
	CustomerRef
	ID int64 `path:"id"`
}

func (h *handlers) keptStatements(ctx context.Context, in *CustomerRef) (*keptOut, error) {
	c, err := h.customer(ctx, in)
	if err != nil {
		return nil, err
	}
	const most = 200
	rows, err := h.Billing.KeptStatements(ctx, h.Reports.Reader(), c.ID, most)
	if err != nil {
		return nil, err
	}
	out := &keptOut{}
	out.Body.Items = make([]KeptStatement, len(rows))
	for i, r := range rows {
		k := KeptStatement{
			ID: int64(r.ID), From: dateOf(r.FromOn), To: dateOf(r.ToOn), MadeOn: dateOf(r.MadeOn), Language: r.Language, Closing: moneyOf(r.Balance()),
			SHA256: hex.EncodeToString(r.SHA256), KeptAt: r.KeptAt, Copies: r.Copies, LastAt: r.HandedAt, LastTo: r.HandedTo, LastWay: string(r.Way),
		}
		if r.KnownOn != nil {
			k.KnownOn = dateOf(*r.KnownOn)
		}
		out.Body.Items[i] = k
	}
	return out, nil
}

func (h *handlers) keptStatement(ctx context.Context, in *keptRef) (*statementPDFOut, error) {
	c, err := h.customer(ctx, &in.CustomerRef)
	if err != nil {
		return nil, err
	}
	doc, err := h.Billing.KeptStatementFile(ctx, h.Reports.Reader(), c.ID, billing.KeptStatementID(in.ID))
	if err != nil {
		return nil, err
	}
	return statementFile(doc.Filename, doc.SHA256, doc.Content), nil
}
